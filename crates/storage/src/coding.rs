//! Evidence codes and whole-recording scores. Blind: a permit shows its own coder's work and nobody else's.

use async_trait::async_trait;
use hearback_access::{Code, Permit};
use hearback_domain::{CodeId, ItemKey, Note, Rating, Span, Timestamp};

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

/// A coding that is finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinishedCoding {
    /// When.
    pub at: Timestamp,
    /// Whether the coder had briefed the practitioner's coach, on a recording from after the coaching (K-22).
    pub not_blind: bool,
    /// Whether the coder could see which part of the programme the recording belongs to.
    pub phase_visible: bool,
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

    /// When and how the coder finished, if they have.
    async fn coding_finished(&mut self, permit: &Permit<Code>) -> Result<Option<FinishedCoding>>;

    /// Finishes the coding: from then on it is not changed. Finishing twice keeps the first moment, and what was
    /// noted then: whether it is blind is for `domain::conflict` to say.
    async fn finish_coding(
        &mut self,
        permit: &Permit<Code>,
        not_blind: bool,
        phase_visible: bool,
    ) -> Result<()>;
}
