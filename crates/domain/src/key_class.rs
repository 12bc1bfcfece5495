//! What can be destroyed apart from the rest of a recording.

use crate::person::words;

/// The text names no class of keys.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no class of keys of that name")]
pub struct UnknownKeyClass;

words! {
    /// What one key of a recording opens. Each class has a key of its own, so that withdrawing one permission destroys
    /// what rested on it in every copy, and leaves the rest (ETH-04).
    KeyClass, UnknownKeyClass;
    /// The original, the decoded sound, its waveform; and who is heard, under which chosen names, with which consents.
    Sound = "sound",
    /// The transcript.
    Text = "text",
    /// The extracts, with their notes and questions.
    Extracts = "extracts",
    /// What coders wrote.
    Coding = "coding",
}
