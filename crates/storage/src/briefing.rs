//! Briefings: a coder and a coach prepare a session together (CM-04).

use async_trait::async_trait;
use hearback_access::{Permit, PutOnInBriefing, SeeBriefing, WriteBriefing};
use hearback_domain::{BriefingNoteId, CodeId, Ms, Note, Pseudonym, Span, Timestamp, UserId};

use crate::{EvidenceCode, Result};

/// What a briefing is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Briefing {
    /// The chosen name of the child, young person or family.
    pub pseudonym: Pseudonym,
    /// How long the recording is, once that is known.
    pub duration: Option<Ms>,
    /// Who codes it now.
    pub coder: Option<UserId>,
    /// Who coaches on it now.
    pub coach: Option<UserId>,
    /// The coder's moments, by start, end, id.
    pub codes: Vec<EvidenceCode>,
}

/// Something that one of the two wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BriefingNote {
    /// Its identifier.
    pub id: BriefingNoteId,
    /// Who wrote it.
    pub author: UserId,
    /// What.
    pub body: Note,
    /// When.
    pub written_at: Timestamp,
}

/// A moment that is to become an extract, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProposal {
    /// Which of the coder's moments.
    pub code: CodeId,
    /// What is heard in it that works.
    pub strength: Note,
    /// An open question for the conversation.
    pub question: Note,
}

/// The same, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// What is proposed.
    pub proposed: NewProposal,
    /// Who proposed it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// What counts when a passage is to be put on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutOn {
    /// How long the recording is.
    pub duration: Ms,
    /// What was put on before, by start and end.
    pub before: Vec<Span>,
    /// What the practitioner would rather not have played, by start and end.
    pub vetoed: Vec<Span>,
}

/// Preparing together.
#[async_trait]
pub trait Briefings {
    /// What the briefing is about; none if nothing of it is left.
    async fn briefing(&mut self, permit: &Permit<SeeBriefing>) -> Result<Option<Briefing>>;

    /// What the two wrote, oldest first, ties by id.
    async fn briefing_notes(&mut self, permit: &Permit<SeeBriefing>) -> Result<Vec<BriefingNote>>;

    /// Keeps what the permit's person wrote.
    async fn add_briefing_note(
        &mut self,
        permit: &Permit<WriteBriefing>,
        id: BriefingNoteId,
        body: &Note,
    ) -> Result<()>;

    /// What is proposed, in the order that the two gave it. A moment that its coder removed is proposed no more.
    async fn proposals(&mut self, permit: &Permit<SeeBriefing>) -> Result<Vec<Proposal>>;

    /// Proposes a moment, at the end, or changes why it is proposed, where it stands; false if the recording's coder
    /// has no such moment.
    async fn propose(
        &mut self,
        permit: &Permit<WriteBriefing>,
        proposal: &NewProposal,
    ) -> Result<bool>;

    /// Moves a proposal up or down by one; at the end of the list, nothing happens.
    async fn move_proposal(
        &mut self,
        permit: &Permit<WriteBriefing>,
        code: CodeId,
        up: bool,
    ) -> Result<()>;

    /// Proposes a moment no more.
    async fn drop_proposal(&mut self, permit: &Permit<WriteBriefing>, code: CodeId) -> Result<()>;

    /// What counts when a passage is to be put on.
    async fn before_put_on(&mut self, permit: &Permit<PutOnInBriefing>) -> Result<PutOn>;

    /// Notes that a passage was put on for the coach. Whoever does that has briefed the practitioner's coach (K-22).
    async fn note_put_on(&mut self, permit: &Permit<PutOnInBriefing>, span: Span) -> Result<()>;
}
