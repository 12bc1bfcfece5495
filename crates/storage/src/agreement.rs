//! Several people's finished codings of one recording.

use async_trait::async_trait;
use hearback_access::{CompareCodings, Permit, SeeReliability, UseRatings};
use hearback_domain::{Ms, RecordingId, Span, UserId, coding::Hand};

use crate::{CodingState, EvidenceCode, Result, WholeScore};

/// One coder's finished coding, all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodersWork {
    /// Whose.
    pub coder: UserId,
    /// What it was made with, and when it was finished.
    pub coding: CodingState,
    /// Their codes, by start, end, id.
    pub codes: Vec<EvidenceCode>,
    /// Their scores, by item.
    pub scores: Vec<WholeScore>,
}

/// Where somebody put a code, without what they wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedCode {
    /// The skill's key.
    pub skill: String,
    /// The sub-category's key.
    pub sub: Option<String>,
    /// Where.
    pub span: Span,
}

/// One coder's finished coding, as far as figures are made from it: no words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatedWork {
    /// Whose.
    pub coder: UserId,
    /// What it was made with, and when it was finished.
    pub coding: CodingState,
    /// Where their codes are, by start, end, id.
    pub codes: Vec<PlacedCode>,
    /// Their scores, by item.
    pub scores: Vec<WholeScore>,
}

/// A recording's finished codings, as far as figures are made from them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rated {
    /// How long the recording is.
    pub duration: Ms,
    /// By coder; none at all while somebody who codes it has not finished.
    pub works: Vec<RatedWork>,
}

/// What several people did.
#[async_trait]
pub trait Agreement {
    /// Everybody who codes the recording, or began to, by id.
    async fn hands(&mut self, permit: &Permit<CompareCodings>) -> Result<Vec<Hand>>;

    /// The finished codings, by coder; none at all while somebody who codes it has not finished. Whether the permit's
    /// person may see them is for `domain::coding::may_compare` to say; the caller asks it first.
    async fn codings(&mut self, permit: &Permit<CompareCodings>) -> Result<Vec<CodersWork>>;

    /// The recordings that two people have finished coding and that nobody is still coding, by the time of the second
    /// finished one, ties by id.
    async fn rated(&mut self, permit: &Permit<SeeReliability>) -> Result<Vec<RecordingId>>;

    /// The finished codings of one of these.
    async fn ratings(&mut self, permit: &Permit<UseRatings>) -> Result<Rated>;
}
