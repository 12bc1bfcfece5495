//! Rows about what coders agree, and what coder and coach prepare.

use hearback_access::seal::{FieldCipher, FieldKey};
use hearback_domain::{BriefingNoteId, CodeId, KeyClass, Note, RecordingId, UserId};
use uuid::Uuid;

use super::{inconsistent, open_text, seal_text, span, time};
use crate::{AgreedCode, BriefingNote, NewAgreedCode, NewProposal, Proposal, Result};

const fn coding(recording: RecordingId) -> FieldKey {
    FieldKey::Recording(recording, KeyClass::Coding)
}

const fn extracts(recording: RecordingId) -> FieldKey {
    FieldKey::Recording(recording, KeyClass::Extracts)
}

fn open(
    cipher: &dyn FieldCipher,
    key: FieldKey,
    (table, column): (&'static str, &'static str),
    row: Uuid,
    sealed: &[u8],
) -> Result<Note> {
    let text = open_text(cipher, key, table, column, row, sealed)?;
    Note::new(&text).map_err(inconsistent(table, column))
}

/// Seals what was said about a passage.
pub fn seal_agreed_note(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    code: CodeId,
    note: &Note,
) -> Result<Vec<u8>> {
    seal_text(cipher, coding(recording), "agreed_codes", "note", code.as_uuid(), note.as_str())
}

/// Seals a note of a briefing.
pub fn seal_briefing_note(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    id: BriefingNoteId,
    body: &Note,
) -> Result<Vec<u8>> {
    seal_text(cipher, extracts(recording), "briefing_notes", "body", id.as_uuid(), body.as_str())
}

/// Seals why a moment is proposed: the strength and the question.
pub fn seal_proposal(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    proposal: &NewProposal,
) -> Result<(Vec<u8>, Vec<u8>)> {
    let (key, row) = (extracts(recording), proposal.code.as_uuid());
    let strength = proposal.strength.as_str();
    let question = proposal.question.as_str();
    Ok((
        seal_text(cipher, key, "proposals", "strength", row, strength)?,
        seal_text(cipher, key, "proposals", "question", row, question)?,
    ))
}

/// A row of `agreed_codes`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct AgreedCodeRow {
    pub code: Uuid,
    pub framework_version: String,
    pub item: Option<String>,
    pub start_ms: i64,
    pub end_ms: i64,
    pub note: Vec<u8>,
    pub agreed_by: Uuid,
    pub agreed_at: i64,
}

impl AgreedCodeRow {
    /// What is agreed, of `recording`.
    pub fn open(self, cipher: &dyn FieldCipher, recording: RecordingId) -> Result<AgreedCode> {
        const NOTE: (&str, &str) = ("agreed_codes", "note");
        Ok(AgreedCode {
            agreed: NewAgreedCode {
                code: CodeId::from_uuid(self.code),
                framework_version: self.framework_version,
                item: self.item,
                span: span("agreed_codes", self.start_ms, self.end_ms)?,
                note: open(cipher, coding(recording), NOTE, self.code, &self.note)?,
            },
            by: UserId::from_uuid(self.agreed_by),
            at: time(self.agreed_at),
        })
    }
}

/// A row of `briefing_notes`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct BriefingNoteRow {
    pub id: Uuid,
    pub author: Uuid,
    pub body: Vec<u8>,
    pub written_at: i64,
}

impl BriefingNoteRow {
    /// The note, of `recording`.
    pub fn open(self, cipher: &dyn FieldCipher, recording: RecordingId) -> Result<BriefingNote> {
        const BODY: (&str, &str) = ("briefing_notes", "body");
        Ok(BriefingNote {
            id: BriefingNoteId::from_uuid(self.id),
            author: UserId::from_uuid(self.author),
            body: open(cipher, extracts(recording), BODY, self.id, &self.body)?,
            written_at: time(self.written_at),
        })
    }
}

/// A row of `proposals`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ProposalRow {
    pub code: Uuid,
    pub strength: Vec<u8>,
    pub question: Vec<u8>,
    pub proposed_by: Uuid,
    pub proposed_at: i64,
}

impl ProposalRow {
    /// The proposal, for `recording`.
    pub fn open(self, cipher: &dyn FieldCipher, recording: RecordingId) -> Result<Proposal> {
        let key = extracts(recording);
        let words = |column, sealed| open(cipher, key, ("proposals", column), self.code, sealed);
        Ok(Proposal {
            proposed: NewProposal {
                code: CodeId::from_uuid(self.code),
                strength: words("strength", &self.strength)?,
                question: words("question", &self.question)?,
            },
            by: UserId::from_uuid(self.proposed_by),
            at: time(self.proposed_at),
        })
    }
}

/// A row of `recordings`, for a briefing.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct BriefingRow {
    pub pseudonym: Vec<u8>,
    pub duration_ms: Option<i64>,
    /// Who codes it now, and who coaches.
    pub coder: Option<Uuid>,
    pub coach: Option<Uuid>,
}

/// Two ends of a stretch.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct EndsRow {
    pub start_ms: i64,
    pub end_ms: i64,
}

impl EndsRow {
    /// The stretch, of a row of `table`.
    pub fn span(&self, table: &'static str) -> Result<hearback_domain::Span> {
        span(table, self.start_ms, self.end_ms)
    }
}
