//! What was said, when.

use serde::{Deserialize, Serialize};

/// A recording's words. Serialises to the command line's JSON contract.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// The model that made it.
    pub model: String,
    /// ISO 639-1 code of the language that it was read as.
    pub language: String,
    /// Length of the sound.
    pub duration_ms: u64,
    /// In order of time; they do not overlap.
    pub segments: Vec<Segment>,
}

/// A sentence or so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// On the recording's clock.
    pub start_ms: u64,
    /// On the recording's clock; never before the start.
    pub end_ms: u64,
    /// The words with their punctuation, without surrounding space.
    pub text: String,
    /// Who spoke, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    /// How sure the model is that this is not speech at all, 0 to 1.
    pub no_speech_prob: f32,
    /// Mean natural logarithm of the tokens' probabilities: 0 is certain, below −1 is doubtful.
    pub avg_logprob: f32,
    /// Why a reader may doubt this segment: `low_probability`, `perhaps_not_speech`.
    pub doubts: Vec<String>,
    /// The words one by one.
    pub words: Vec<Word>,
}

/// One word with the punctuation that is written onto it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// On the recording's clock.
    pub start_ms: u64,
    /// On the recording's clock; never before the start.
    pub end_ms: u64,
    /// The word, without surrounding space.
    pub text: String,
    /// Mean probability of its tokens, 0 to 1.
    pub p: f32,
}
