//! Attempts to score a set of recordings as it was agreed, and whose codings count (REL-02, REL-04).

use async_trait::async_trait;
use hearback_access::{Code, Learn, Permit, SeeTraining};
use hearback_domain::{
    AttemptId, Rating, RecordingId, Timestamp, UserId,
    training::{Judgement, OwnTraining},
};

use crate::{LetIn, Result};

/// One answer of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedAnswer {
    /// Of which recording.
    pub recording: RecordingId,
    /// The item's key.
    pub item: String,
    /// What was answered; none if nothing was.
    pub answer: Option<Rating>,
    /// Whether it was near the agreed one; none if it was left out.
    pub near: Option<bool>,
}

/// An attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LearningAttempt {
    /// Its identifier.
    pub id: AttemptId,
    /// Counted from 1, for each person and version.
    pub number: u32,
    /// When it began.
    pub begun_at: Timestamp,
    /// When it was handed in, and what came of it.
    pub handed_in: Option<HandedIn>,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedIn {
    /// When.
    pub at: Timestamp,
    /// The figures, item by item.
    pub judgement: Judgement,
    /// Whether it was enough, as it was said then.
    pub reached: bool,
    /// The answers, of recordings that are still there; by recording, then item.
    pub answers: Vec<JudgedAnswer>,
}

/// Attempts, and what they come to.
#[async_trait]
pub trait Attempts {
    /// Somebody's attempts with a version, by number.
    async fn attempts(
        &mut self,
        permit: &Permit<SeeTraining>,
        version: &str,
        person: UserId,
    ) -> Result<Vec<LearningAttempt>>;

    /// Begins an attempt of the permit's person, who is let in to the recordings of the set; what they scored in the
    /// attempt before is cleared. False if they are no trainee of an open set, have reached it, or have begun one.
    async fn begin_attempt(
        &mut self,
        permit: &Permit<Learn>,
        version: &str,
        id: AttemptId,
        who: &[LetIn],
    ) -> Result<bool>;

    /// Hands in the attempt that the permit's person has begun; false if there is none. If it was enough, their codings
    /// with this version count from now on.
    async fn hand_in(
        &mut self,
        permit: &Permit<Learn>,
        version: &str,
        judgement: &Judgement,
        answers: &[JudgedAnswer],
    ) -> Result<bool>;

    /// What decides whether the coder's coding counts, once it has begun.
    async fn own_training(&mut self, permit: &Permit<Code>) -> Result<OwnTraining>;
}
