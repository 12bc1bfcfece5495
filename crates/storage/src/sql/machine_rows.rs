//! Rows about jobs and the audit log.

use hearback_access::{
    audit::{AuditSeq, Entry, Head, Link, Sealed},
    seal::FieldCipher,
};
use hearback_domain::{ClipId, JobId, RecordingId, UserId};
use uuid::Uuid;

use super::{hash, inconsistent, open_person_name, time, unsigned};
use crate::{JobKind, JobState, JobStatus, LeasedJob, Listen, StoreError};

fn kind(word: &str, recording: Uuid, clip: Option<Uuid>) -> Result<JobKind, StoreError> {
    JobKind::parse(word, RecordingId::from_uuid(recording), clip.map(ClipId::from_uuid))
        .map_err(inconsistent("jobs", "kind"))
}

/// A row of `jobs`, as a lease returns it.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct JobRow {
    pub id: Uuid,
    pub kind: String,
    pub recording: Uuid,
    pub clip: Option<Uuid>,
    pub token: i64,
    pub attempts: i64,
}

impl TryFrom<JobRow> for LeasedJob {
    type Error = StoreError;

    fn try_from(row: JobRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: JobId::from_uuid(row.id),
            kind: kind(&row.kind, row.recording, row.clip)?,
            token: row.token,
            attempt: unsigned("jobs", "attempts", row.attempts)?,
        })
    }
}

/// A row of `jobs`, as people see it.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct JobStatusRow {
    pub id: Uuid,
    pub kind: String,
    pub recording: Uuid,
    pub clip: Option<Uuid>,
    pub state: String,
    pub attempts: i64,
    pub progress: i64,
    pub reason: Option<String>,
    pub run_at: i64,
}

impl TryFrom<JobStatusRow> for JobStatus {
    type Error = StoreError;

    fn try_from(row: JobStatusRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: JobId::from_uuid(row.id),
            kind: kind(&row.kind, row.recording, row.clip)?,
            state: JobState::parse(&row.state).map_err(inconsistent("jobs", "state"))?,
            attempts: unsigned("jobs", "attempts", row.attempts)?,
            progress: unsigned("jobs", "progress", row.progress)?,
            reason: row.reason,
            run_at: time(row.run_at),
        })
    }
}

/// The row of `audit_head`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct HeadRow {
    pub seq: i64,
    pub link: Vec<u8>,
    pub frontier: Vec<u8>,
}

impl TryFrom<HeadRow> for Head {
    type Error = StoreError;

    fn try_from(row: HeadRow) -> Result<Self, StoreError> {
        let seq = AuditSeq(unsigned("audit_head", "seq", row.seq)?);
        let link = Link(hash("audit_head", "link", &row.link)?);
        Self::new(seq, link, &row.frontier).map_err(inconsistent("audit_head", "frontier"))
    }
}

/// What the row of `audit_head` says about sealing.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct SealedRow {
    pub sealed_seq: i64,
    pub sealed_at: i64,
}

impl TryFrom<SealedRow> for Sealed {
    type Error = StoreError;

    fn try_from(row: SealedRow) -> Result<Self, StoreError> {
        let seq = AuditSeq(unsigned("audit_head", "sealed_seq", row.sealed_seq)?);
        Ok(Self { seq, at: time(row.sealed_at) })
    }
}

/// A row of `audit`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct EntryRow {
    pub seq: i64,
    pub at: i64,
    pub actor: Option<Uuid>,
    pub hat: String,
    pub action: String,
    pub object_kind: String,
    pub object: Option<Uuid>,
    pub recording: Option<Uuid>,
    pub decision: String,
    pub link: Vec<u8>,
}

impl TryFrom<EntryRow> for Entry {
    type Error = StoreError;

    fn try_from(row: EntryRow) -> Result<Self, StoreError> {
        Ok(Self {
            seq: AuditSeq(unsigned("audit", "seq", row.seq)?),
            at: time(row.at),
            actor: row.actor,
            hat: row.hat,
            action: row.action,
            object_kind: row.object_kind,
            object: row.object,
            recording: row.recording,
            decision: row.decision,
            link: Link(hash("audit", "link", &row.link)?),
        })
    }
}

/// A row of `audit` about somebody who heard or read.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ListenRow {
    pub at: i64,
    pub actor: Option<Uuid>,
    pub name: Option<Vec<u8>>,
    pub hat: String,
    pub action: String,
}

impl ListenRow {
    /// What it says.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<Listen, StoreError> {
        let name = match (self.actor, self.name) {
            (Some(actor), Some(name)) => Some(open_person_name(cipher, actor, &name)?),
            _ => None,
        };
        Ok(Listen {
            at: time(self.at),
            who: self.actor.map(UserId::from_uuid),
            name,
            hat: self.hat,
            action: self.action,
        })
    }
}
