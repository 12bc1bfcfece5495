//! What people changed of what a machine wrote: a list that only grows.
//!
//! Each change is anchored in time and never in text, so that a machine that listens again, and divides the words
//! another way, keeps every one of them. Whatever was changed before stays in the list with who and when; taking a
//! change back is a change as well.

use serde::{Deserialize, Serialize};

use super::{Speaker, Transcript, read, reading::Reading};
use crate::{Ms, Span, Timestamp, UserId};

/// The longest text that takes the place of one stretch, in characters.
pub const LONGEST_TEXT: usize = 4_000;
/// The longest name, in characters.
pub const LONGEST_NAME: usize = 60;
/// The most changes of one transcript.
pub const MOST_CORRECTIONS: usize = 20_000;

/// One change, with who made it and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: UserId,
    /// What.
    #[serde(flatten)]
    pub change: Change,
}

/// What was changed. Stretches are on the recording's clock; a word belongs to one if its middle does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// Other words take the place of those of a stretch; none, if they are empty.
    Text {
        /// From here.
        start_ms: u64,
        /// Up to here.
        end_ms: u64,
        /// What was read there before.
        #[serde(default)]
        was: String,
        /// What is read there now.
        text: String,
    },
    /// Somebody else speaks in a stretch.
    Speaker {
        /// From here.
        start_ms: u64,
        /// Up to here.
        end_ms: u64,
        /// Who.
        speaker: Speaker,
    },
    /// A voice is called by a name; by its letter again, if that is empty.
    Rename {
        /// Which.
        speaker: Speaker,
        /// What to call it.
        name: String,
    },
    /// Two voices were one.
    Merge {
        /// The one that is no more.
        from: Speaker,
        /// The one that it was.
        into: Speaker,
    },
    /// A person has listened, and what is written there is what was said.
    ///
    /// It holds for the words that were read then: a machine that later writes something else there is doubted anew.
    Heard {
        /// From here.
        start_ms: u64,
        /// Up to here.
        end_ms: u64,
        /// What was read there.
        #[serde(default)]
        was: String,
    },
    /// A name is read as another one, wherever it is written.
    Pseudonym {
        /// The name.
        from: String,
        /// What is read in its place.
        to: String,
    },
    /// A change counts no more. One that undoes an undoing brings the change back.
    Undo {
        /// Which, by its place in the list, counted from zero.
        index: usize,
    },
}

impl Change {
    /// The stretch that it is about, if it is about one.
    pub fn span(&self) -> Option<Span> {
        match *self {
            Self::Text { start_ms, end_ms, .. }
            | Self::Speaker { start_ms, end_ms, .. }
            | Self::Heard { start_ms, end_ms, .. } => {
                Span::new(Ms::new(start_ms), Ms::new(end_ms)).ok()
            }
            Self::Rename { .. }
            | Self::Merge { .. }
            | Self::Pseudonym { .. }
            | Self::Undo { .. } => None,
        }
    }
}

/// Why a change was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CorrectionError {
    /// The stretch has no length, or reaches past the recording.
    #[error("that stretch is not part of the recording")]
    NoStretch,
    /// Too many characters.
    #[error("that text is too long; change it in shorter pieces")]
    TooLong,
    /// A name is empty.
    #[error("write the name that is to be found, and what is to be read in its place")]
    NoName,
    /// A character that does not belong into a text.
    #[error("the text has a character that cannot be used here")]
    Character,
    /// A voice cannot be merged with itself.
    #[error("choose two different speakers")]
    SameSpeaker,
    /// There is no such change.
    #[error("there is no such change to take back")]
    NoSuch,
    /// What is read there is not what the person had in front of them.
    #[error("somebody has changed these words meanwhile; look at the page again")]
    Changed,
    /// [`MOST_CORRECTIONS`] are there.
    #[error("there are as many changes as there is room for")]
    TooMany,
}

/// Everything that was changed of one transcript, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Corrections(Vec<Correction>);

impl Corrections {
    /// From the vault's object.
    pub fn from_json(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json)
    }

    /// For the vault's object.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// How many there are: whoever writes says how many there were, and learns if there are more by now.
    pub const fn revision(&self) -> u64 {
        self.0.len() as u64
    }

    /// All of them, the oldest first, with those that were taken back.
    pub fn list(&self) -> &[Correction] {
        &self.0
    }

    /// Whether this change was taken back, and not brought back.
    pub fn undone(&self, index: usize) -> bool {
        self.counting().get(index) == Some(&false)
    }

    /// The changes that count, in order.
    pub(super) fn effective(&self) -> impl Iterator<Item = &Correction> {
        let counting = self.counting();
        self.0.iter().zip(counting).filter_map(|(correction, counts)| counts.then_some(correction))
    }

    /// Only the names that are read in the place of others, as far as they count: for what is read without the other
    /// changes, and is to name nobody either.
    #[must_use]
    pub fn only_names(&self) -> Self {
        let names = self.effective().filter(|one| matches!(one.change, Change::Pseudonym { .. }));
        Self(names.cloned().collect())
    }

    /// Which of them count. The newest undoing is looked at first: what it undoes may be an undoing.
    fn counting(&self) -> Vec<bool> {
        let mut counts = vec![true; self.0.len()];
        for (place, correction) in self.0.iter().enumerate().rev() {
            if let Change::Undo { index } = correction.change
                && index < place
                && counts[place]
            {
                counts[index] = false;
            }
        }
        counts
    }

    /// Takes one more change of what is read of `transcript`.
    ///
    /// What was read there before is noted with it. If the change says so already, it has to be true; and who has
    /// listened has to say what they read.
    pub fn add(
        &mut self,
        transcript: &Transcript,
        at: Timestamp,
        by: UserId,
        change: Change,
    ) -> Result<(), CorrectionError> {
        if self.0.len() >= MOST_CORRECTIONS {
            return Err(CorrectionError::TooMany);
        }
        let change = self.checked(transcript, change)?;
        self.0.push(Correction { at, by, change });
        Ok(())
    }

    fn checked(&self, transcript: &Transcript, change: Change) -> Result<Change, CorrectionError> {
        let here = |start_ms, end_ms| {
            let span = Span::new(Ms::new(start_ms), Ms::new(end_ms));
            let span = span.map_err(|_| CorrectionError::NoStretch)?;
            // The last word may end a little after the sound does.
            let room = Ms::new(transcript.duration_ms.saturating_add(1_000));
            if span.end() <= room { Ok(span) } else { Err(CorrectionError::NoStretch) }
        };
        let there = |span: Span| read(transcript, self).text_in(span);
        Ok(match change {
            Change::Text { start_ms, end_ms, was: claimed, text } => {
                let there = there(here(start_ms, end_ms)?);
                if !claimed.is_empty() && plain(&claimed) != plain(&there) {
                    return Err(CorrectionError::Changed);
                }
                Change::Text { start_ms, end_ms, was: there, text: tidy(&text, LONGEST_TEXT)? }
            }
            Change::Heard { start_ms, end_ms, was: claimed } => {
                let span = here(start_ms, end_ms)?;
                // Nobody answers for words that they do not name.
                if plain(&claimed) != plain(&there(span)) {
                    return Err(CorrectionError::Changed);
                }
                // Under the names of the sound: names that are changed later change nothing about what was heard.
                let was = Reading::of_text(transcript, self).text_in(span);
                Change::Heard { start_ms, end_ms, was }
            }
            Change::Speaker { start_ms, end_ms, speaker } => {
                here(start_ms, end_ms)?;
                Change::Speaker { start_ms, end_ms, speaker }
            }
            Change::Rename { speaker, name } => {
                Change::Rename { speaker, name: tidy(&name, LONGEST_NAME)? }
            }
            Change::Merge { from, into } if from == into => {
                return Err(CorrectionError::SameSpeaker);
            }
            Change::Merge { from, into } => Change::Merge { from, into },
            Change::Pseudonym { from, to } => {
                let (from, to) = (tidy(&from, LONGEST_NAME)?, tidy(&to, LONGEST_NAME)?);
                if !from.contains(char::is_alphanumeric) || to.is_empty() {
                    return Err(CorrectionError::NoName);
                }
                Change::Pseudonym { from, to }
            }
            Change::Undo { index } if index >= self.0.len() => {
                return Err(CorrectionError::NoSuch);
            }
            Change::Undo { index } => Change::Undo { index },
        })
    }
}

/// A text in one line, its words a space apart.
fn tidy(text: &str, most: usize) -> Result<String, CorrectionError> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > most {
        Err(CorrectionError::TooLong)
    } else if text.contains(char::is_control) {
        Err(CorrectionError::Character)
    } else {
        Ok(text)
    }
}

/// What is left of a text when it is compared: its letters and digits.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
