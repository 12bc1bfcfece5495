//! What people read: the machine's words with what people changed of them.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::{Change, Corrections, Doubt, Speaker, Transcript, names, weave};
use crate::{Ms, Span};

/// What people read of a recording.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Reading {
    /// In order of time. A new one begins where the machine began one, and where somebody else speaks.
    pub segments: Vec<ReadSegment>,
    /// Everybody who speaks, by their letters.
    pub speakers: Vec<ReadSpeaker>,
}

/// A sentence or so of one speaker.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReadSegment {
    /// On the recording's clock.
    pub start_ms: u64,
    /// On the recording's clock; never before the start.
    pub end_ms: u64,
    /// Its words with a space between them.
    pub text: String,
    /// Who speaks, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speaker: Option<Speaker>,
    /// What people call them; none if they have only a letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Why a reader may doubt it: what no person has answered yet.
    pub doubts: Vec<Doubt>,
    /// The words one by one. There are none where somebody speaks and nothing is written.
    pub words: Vec<ReadWord>,
}

/// One word, with the punctuation that is written onto it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReadWord {
    /// On the recording's clock.
    pub start_ms: u64,
    /// On the recording's clock; never before the start.
    pub end_ms: u64,
    /// The word.
    pub text: String,
    /// How sure the machine was, 0 to 1; a person's words are 1.
    pub p: f32,
    /// Who wrote it.
    pub by: By,
    /// Who speaks, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speaker: Option<Speaker>,
    /// Whether it lies in a passage that is doubted, and nobody has listened.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub doubtful: bool,
    /// The stretch in which its sound is to be found: a person's words share the time of what they replaced.
    #[serde(skip)]
    pub(super) within: Span,
    /// The moment by which it belongs to a stretch: its middle, before a change beside it made it shorter.
    #[serde(skip)]
    pub(super) at: u64,
}

/// Who wrote a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The machine.
    Machine,
    /// A person.
    Person,
}

impl By {
    /// The word for it on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Person => "person",
        }
    }
}

impl Serialize for By {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Somebody who speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadSpeaker {
    /// Their letter.
    pub speaker: Speaker,
    /// What people call them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What is read of `transcript` with what people changed.
pub fn read(transcript: &Transcript, corrections: &Corrections) -> Reading {
    let mut reading = Reading::of_text(transcript, corrections);
    for (from, to) in corrections.names() {
        names::replace(&mut reading, from, to);
    }
    reading
}

impl Reading {
    /// What the machine wrote, as it would be read if nobody had changed anything.
    pub fn original(transcript: &Transcript) -> Self {
        read(transcript, &Corrections::default())
    }

    /// What is read before names are replaced.
    pub(super) fn of_text(transcript: &Transcript, corrections: &Corrections) -> Self {
        let mut woven = weave::weave(transcript, corrections);
        let names = who_speaks(&mut woven, corrections);
        let segments = segments(transcript, woven, &names);
        let mut speakers: Vec<Speaker> =
            segments.iter().filter_map(|segment| segment.speaker).collect();
        speakers.sort_unstable();
        speakers.dedup();
        let named = |speaker| ReadSpeaker { speaker, name: names.get(&speaker).cloned() };
        Self { segments, speakers: speakers.into_iter().map(named).collect() }
    }

    /// All words, in order of time.
    pub fn words(&self) -> impl Iterator<Item = &ReadWord> {
        self.segments.iter().flat_map(|segment| &segment.words)
    }

    /// What is read of a stretch: the words whose middle lies in it.
    pub fn text_in(&self, span: Span) -> String {
        joined(self.words().filter(|word| word.is_in(span)))
    }

    /// Why a reader may doubt something of this stretch: what nobody has answered. Any part of a word counts.
    pub fn doubts_in(&self, span: Span) -> Vec<Doubt> {
        let mut doubts: Vec<Doubt> = self
            .segments
            .iter()
            .filter(|segment| {
                let here = |word: &ReadWord| word.doubtful && word.within.overlaps(span);
                segment.words.iter().any(here)
                    || (segment.words.is_empty() && segment.span().overlaps(span))
            })
            .flat_map(|segment| segment.doubts.iter().copied())
            .collect();
        doubts.sort_unstable();
        doubts.dedup();
        doubts
    }

    /// The words of a stretch, if they may be quoted: nothing of it is in doubt.
    pub fn quote(&self, span: Span) -> Result<String, Vec<Doubt>> {
        let doubts = self.doubts_in(span);
        if doubts.is_empty() { Ok(self.text_in(span)) } else { Err(doubts) }
    }

    /// A letter for somebody whom the machine did not tell apart: one that it never gives itself.
    pub fn next_speaker(&self) -> Option<Speaker> {
        let taken = |speaker: &Speaker| self.speakers.iter().any(|one| one.speaker == *speaker);
        (Speaker::MACHINE..).map_while(Speaker::new).find(|speaker| !taken(speaker))
    }
}

impl ReadWord {
    /// Where it lies; a word without a length stands for its first millisecond.
    pub fn span(&self) -> Span {
        Span::at_least_a_millisecond(Ms::new(self.start_ms), Ms::new(self.end_ms))
    }

    /// Whether its middle lies in a stretch.
    pub(super) fn is_in(&self, span: Span) -> bool {
        span.start().get() <= self.at && self.at < span.end().get()
    }
}

impl ReadSegment {
    /// Where it lies; one without a length stands for its first millisecond.
    pub fn span(&self) -> Span {
        Span::at_least_a_millisecond(Ms::new(self.start_ms), Ms::new(self.end_ms))
    }
}

/// Words with a space between them.
pub(super) fn joined<'a>(words: impl Iterator<Item = &'a ReadWord>) -> String {
    words.fold(String::new(), |mut text, word| {
        if !text.is_empty() && !word.text.is_empty() {
            text.push(' ');
        }
        text.push_str(&word.text);
        text
    })
}

/// Gives each word the speaker that people gave it; tells what the speakers are called.
fn who_speaks(woven: &mut weave::Woven, corrections: &Corrections) -> BTreeMap<Speaker, String> {
    let mut names = BTreeMap::new();
    for correction in corrections.effective() {
        match &correction.change {
            Change::Speaker { speaker, .. } => {
                let Some(span) = correction.change.span() else { continue };
                for (_, word) in woven.words.iter_mut().filter(|(_, word)| word.is_in(span)) {
                    word.speaker = Some(*speaker);
                }
            }
            Change::Merge { from, into } => {
                for (_, word) in &mut woven.words {
                    if word.speaker == Some(*from) {
                        word.speaker = Some(*into);
                    }
                }
                if let Some(name) = names.remove(from) {
                    names.entry(*into).or_insert(name);
                }
            }
            Change::Rename { speaker, name } if name.is_empty() => {
                names.remove(speaker);
            }
            Change::Rename { speaker, name } => {
                names.insert(*speaker, name.clone());
            }
            Change::Text { .. }
            | Change::Heard { .. }
            | Change::Pseudonym { .. }
            | Change::Undo { .. } => {}
        }
    }
    names
}

/// Puts words into segments: the machine's, divided where somebody else speaks. What has no words and is still in doubt
/// stands between them.
fn segments(
    transcript: &Transcript,
    woven: weave::Woven,
    names: &BTreeMap<Speaker, String>,
) -> Vec<ReadSegment> {
    let mut made: Vec<ReadSegment> = Vec::new();
    let mut last: Option<(usize, Option<Speaker>)> = None;
    for (index, word) in woven.words {
        let key = (index, word.speaker);
        let doubts = if word.doubtful { &*transcript.segments[index].doubts } else { &[] };
        match made.last_mut() {
            Some(segment) if last == Some(key) => {
                segment.end_ms = segment.end_ms.max(word.end_ms);
                if segment.doubts.is_empty() {
                    segment.doubts = doubts.to_vec();
                }
                segment.words.push(word);
            }
            _ => made.push(ReadSegment {
                start_ms: word.start_ms,
                end_ms: word.end_ms,
                text: String::new(),
                speaker: word.speaker,
                name: word.speaker.and_then(|speaker| names.get(&speaker).cloned()),
                doubts: doubts.to_vec(),
                words: vec![word],
            }),
        }
        last = Some(key);
    }
    for segment in &mut made {
        segment.text = joined(segment.words.iter());
    }
    for index in woven.unwritten {
        let silent = &transcript.segments[index];
        let after = made.iter().position(|segment| segment.start_ms > silent.start_ms);
        made.insert(
            after.unwrap_or(made.len()),
            ReadSegment {
                start_ms: silent.start_ms,
                end_ms: silent.end_ms.max(silent.start_ms),
                text: String::new(),
                speaker: silent.speaker,
                name: silent.speaker.and_then(|speaker| names.get(&speaker).cloned()),
                doubts: silent.doubts.clone(),
                words: Vec::new(),
            },
        );
    }
    made
}
