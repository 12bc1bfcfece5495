//! Whole-recording scores (COD-07).

use std::fmt;

/// A score on the five-point scale.
///
/// **Invariant:** 1 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(u8);

/// A number that is not on the scale.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a score is a whole number from 1 to 5")]
pub struct ScoreError;

impl Score {
    /// A score from 1 to 5.
    pub const fn new(score: u8) -> Result<Self, ScoreError> {
        if score >= 1 && score <= 5 { Ok(Self(score)) } else { Err(ScoreError) }
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a coder says of one item of the framework on a whole recording.
///
/// "Not codable" is an answer, not a gap: it is never read as agreement or as a low score (REL-05).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rating {
    /// A score from 1 to 5.
    Scored(Score),
    /// The recording gives no ground for a score.
    NotCodable,
}
