//! What coders agreed about the passages they marked, once everybody had finished.

use async_trait::async_trait;
use hearback_access::{AgreeCodings, CompareCodings, Permit};
use hearback_domain::{CodeId, Note, Span, Timestamp, UserId};

use crate::Result;

/// What is agreed about a passage. What each coder wrote stays as it is, and alone goes into figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAgreedCode {
    /// One of the marks of the passage, by which it is known.
    pub code: CodeId,
    /// The version of the framework.
    pub framework_version: String,
    /// The key of what is heard; none if the passage is not kept.
    pub item: Option<String>,
    /// Where.
    pub span: Span,
    /// What they said about it.
    pub note: Note,
}

/// The same, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreedCode {
    /// What is agreed.
    pub agreed: NewAgreedCode,
    /// Who wrote it down.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// What is agreed about passages. Whether somebody may see any of it is for `domain::coding::may_compare` to say; the
/// caller asks it first.
#[async_trait]
pub trait Passages {
    /// What was agreed, by where the passages begin and end, ties by id.
    async fn agreed_codes(&mut self, permit: &Permit<CompareCodings>) -> Result<Vec<AgreedCode>>;

    /// Agrees something in the place of what was agreed before.
    async fn agree_code(
        &mut self,
        permit: &Permit<AgreeCodings>,
        agreed: &NewAgreedCode,
    ) -> Result<()>;

    /// Takes it back that something was agreed.
    async fn open_again(&mut self, permit: &Permit<AgreeCodings>, code: CodeId) -> Result<()>;
}
