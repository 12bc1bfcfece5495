//! Evidence codes and whole-recording scores. Blind: a permit shows its own coder's work and nobody else's.

use async_trait::async_trait;
use hearback_access::{Code, Permit};
use hearback_domain::{
    CodeId, CodingId, ItemKey, Note, ProtocolId, Rating, Span, Timestamp, coding::Standing,
};

use crate::Result;

/// A code to be made or changed. Who codes what follows from the permit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCode {
    /// Its identifier.
    pub id: CodeId,
    /// The version of the framework it is made with.
    pub framework_version: String,
    /// The skill or sub-category.
    pub item: ItemKey,
    /// Where.
    pub span: Span,
    /// The coder's note.
    pub note: Note,
    /// How it sounded, in the coder's words (COD-16).
    pub nonverbal: Note,
    /// Whether it is a fine example.
    pub exemplar: bool,
}

/// A timestamped evidence code (COD-06).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceCode {
    /// Its identifier.
    pub id: CodeId,
    /// The version of the framework it was made with.
    pub framework_version: String,
    /// The skill's key.
    pub skill: String,
    /// The sub-category's key.
    pub sub: Option<String>,
    /// Where.
    pub span: Span,
    /// The coder's note.
    pub note: Note,
    /// How it sounded, in the coder's words (COD-16).
    pub nonverbal: Note,
    /// Whether it is a fine example.
    pub exemplar: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A whole-recording score (COD-07).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeScore {
    /// The version of the framework.
    pub framework_version: String,
    /// The item's key.
    pub item: String,
    /// The answer.
    pub rating: Rating,
}

/// A coding to be begun. Who codes what follows from the permit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCoding {
    /// Its identifier.
    pub id: CodingId,
    /// The version of the framework it is made with, from its first code to its last score.
    pub framework_version: String,
    /// The part that is coded; none is the whole recording.
    pub part: Option<Span>,
}

/// How far one coder is with one recording, and what was fixed when they began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodingState {
    /// Its identifier.
    pub id: CodingId,
    /// The version of the framework it is made with, from its first code to its last score.
    pub framework_version: String,
    /// The part that is coded; none is the whole recording.
    pub part: Option<Span>,
    /// The protocol it belongs to, if it belongs to one.
    pub protocol: Option<ProtocolId>,
    /// When the coder first wrote something; none if it was assigned, and they have not.
    pub begun_at: Option<Timestamp>,
    /// When and how it was finished: from then on it is not changed.
    pub finished: Option<FinishedCoding>,
}

/// A coding that is finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinishedCoding {
    /// When.
    pub at: Timestamp,
    /// Whether the coder had briefed the practitioner's coach, on a recording from after the coaching (K-22).
    pub not_blind: bool,
    /// Whether the coder could see which part of the programme the recording belongs to.
    pub phase_visible: bool,
    /// Whether the coder was one whose codings count then (REL-04).
    pub standing: Standing,
}

/// One coder's work on one recording.
#[async_trait]
pub trait Coding {
    /// The codes, by start, end, id.
    async fn codes(&mut self, permit: &Permit<Code>) -> Result<Vec<EvidenceCode>>;

    /// Makes a code. The same id again changes nothing and is no error: the answer to the first may have been lost.
    async fn add_code(&mut self, permit: &Permit<Code>, code: &NewCode) -> Result<()>;

    /// Changes a code; false if the coder has none of that id here.
    async fn change_code(&mut self, permit: &Permit<Code>, code: &NewCode) -> Result<bool>;

    /// Removes a code; false if the coder has none of that id here.
    async fn remove_code(&mut self, permit: &Permit<Code>, id: CodeId) -> Result<bool>;

    /// The scores, by item.
    async fn scores(&mut self, permit: &Permit<Code>) -> Result<Vec<WholeScore>>;

    /// Sets a score, or with `None` takes it back.
    async fn set_score(
        &mut self,
        permit: &Permit<Code>,
        framework_version: &str,
        item: &ItemKey,
        rating: Option<Rating>,
    ) -> Result<()>;

    /// Whether the coder once agreed a playlist for a coach of this practitioner, on any recording (K-22).
    async fn briefed(&mut self, permit: &Permit<Code>) -> Result<bool>;

    /// What the coder was assigned or has begun here, if anything.
    async fn coding(&mut self, permit: &Permit<Code>) -> Result<Option<CodingState>>;

    /// Begins the coding, and gives it as it stands. What was begun before stays as it is; what was assigned begins
    /// with the version and the part it was assigned with. Codes and scores are written to what was begun.
    async fn begin_coding(&mut self, permit: &Permit<Code>, new: &NewCoding)
    -> Result<CodingState>;

    /// Finishes a coding that was begun: from then on it is not changed. Finishing twice keeps the first moment, and
    /// what was noted then: whether it is blind is for `domain::conflict` to say, and whether it counts for
    /// `domain::coding`.
    async fn finish_coding(
        &mut self,
        permit: &Permit<Code>,
        not_blind: bool,
        phase_visible: bool,
        standing: Standing,
    ) -> Result<()>;
}
