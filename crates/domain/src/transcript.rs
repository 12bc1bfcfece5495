//! What was said, when, and by whom: the machine's words, what people made of them, and what is read.
//!
//! Three things are kept side by side and never mixed: the [`Transcript`] as the machine wrote it, with the model's
//! name and hash; the [`Corrections`] of people, an append-only list that is anchored in time and not in text; and the
//! [`Reading`], which is worked out anew from the two whenever somebody reads. A machine that listens again changes the
//! first and touches nothing of the second.

mod captions;
mod correction;
mod doubt;
mod edit;
pub mod find;
mod fold;
mod hide;
mod letters;
mod names;
mod reading;
mod speaker;
#[cfg(test)]
mod tests;
pub mod turns;
mod weave;

use serde::{Deserialize, Serialize};

pub use self::{
    captions::{Captions, Form, MACHINE},
    correction::{
        Change, Correction, CorrectionError, Corrections, LONGEST_NAME, LONGEST_TEXT,
        MOST_CORRECTIONS,
    },
    doubt::Doubt,
    hide::BLANK,
    names::times_of,
    reading::{By, ReadSegment, ReadSpeaker, ReadWord, Reading, read},
    speaker::{NotASpeaker, Speaker},
};
use crate::{Ms, Span};

/// What stands in the place of a model's name where each voice has a channel of its own.
pub const CHANNELS: &str = "channels";

/// A recording's words as a machine wrote them. Serialises to the command line's JSON contract.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// The model that made it.
    pub model: String,
    /// SHA-256 of the model's file, in lower-case hex: the same name can come to stand for another file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_sha256: Option<String>,
    /// ISO 639-1 code of the language that it was read as.
    pub language: String,
    /// Length of the sound.
    pub duration_ms: u64,
    /// Only while it is being made: everything before this is final, and nothing after it is begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_ms: Option<u64>,
    /// The model by which voices were told apart, or [`CHANNELS`]; none if they were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speakers: Option<String>,
    /// In order of time; they do not overlap.
    pub segments: Vec<Segment>,
}

/// A sentence or so.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// On the recording's clock.
    pub start_ms: u64,
    /// On the recording's clock; never before the start.
    pub end_ms: u64,
    /// The words with their punctuation, without surrounding space.
    pub text: String,
    /// Who speaks most of it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<Speaker>,
    /// How sure the model is that this is not speech at all, 0 to 1.
    pub no_speech_prob: f32,
    /// Mean natural logarithm of the tokens' probabilities: 0 is certain, below −1 is doubtful.
    pub avg_logprob: f32,
    /// Why a reader may doubt this segment.
    pub doubts: Vec<Doubt>,
    /// The words one by one.
    pub words: Vec<Word>,
}

/// One word with the punctuation that is written onto it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// On the recording's clock.
    pub start_ms: u64,
    /// On the recording's clock; never before the start.
    pub end_ms: u64,
    /// The word, without surrounding space.
    pub text: String,
    /// Mean probability of its tokens, 0 to 1.
    pub p: f32,
    /// Who speaks, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<Speaker>,
}

impl Transcript {
    /// All words, in order of time.
    pub fn words(&self) -> impl Iterator<Item = &Word> {
        self.segments.iter().flat_map(|segment| &segment.words)
    }
}

impl Word {
    /// Where it lies; a word without a length stands for its first millisecond.
    pub fn span(&self) -> Span {
        Span::at_least_a_millisecond(Ms::new(self.start_ms), Ms::new(self.end_ms))
    }
}

impl Segment {
    /// Where it lies; one without a length stands for its first millisecond.
    pub fn span(&self) -> Span {
        Span::at_least_a_millisecond(Ms::new(self.start_ms), Ms::new(self.end_ms))
    }
}
