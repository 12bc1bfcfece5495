//! Rows about protocols, and about several people's codings.

use hearback_access::seal::{FieldCipher, FieldKey};
use hearback_domain::{
    Label, Ms, ProtocolId, RecordingId, UserId,
    coding::{Candidate, Hand, Place, Twice},
    conflict::Part,
    protocol::Plan,
};
use uuid::Uuid;

use super::{CodingRow, inconsistent, open_text, seal_text, span, time, unsigned};
use crate::{CodingState, PlacedCode, Protocol, StoreError};

/// A row of `protocols`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ProtocolRow {
    pub id: Uuid,
    pub name: Vec<u8>,
    pub framework_version: String,
    pub minutes: Option<i64>,
    pub seed: i64,
    pub twice_percent: i64,
    pub blind_phase: bool,
    pub blind_practitioner: bool,
    pub drift_every: Option<i64>,
    pub made_at: i64,
    pub closed_at: Option<i64>,
}

impl ProtocolRow {
    /// The protocol.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<Protocol, StoreError> {
        let key = FieldKey::Installation;
        let name = open_text(cipher, key, "protocols", "name", self.id, &self.name)?;
        let minutes = self.minutes.map(|minutes| unsigned("protocols", "minutes", minutes));
        let drift = self.drift_every.map(|every| unsigned("protocols", "drift_every", every));
        Ok(Protocol {
            id: ProtocolId::from_uuid(self.id),
            plan: Plan {
                name: Label::new(&name).map_err(inconsistent("protocols", "name"))?,
                framework_version: self.framework_version,
                minutes: minutes.transpose()?,
                seed: unsigned("protocols", "seed", self.seed)?,
                twice_percent: unsigned("protocols", "twice_percent", self.twice_percent)?,
                blind_phase: self.blind_phase,
                blind_practitioner: self.blind_practitioner,
                drift_every: drift.transpose()?,
            },
            made_at: time(self.made_at),
            closed_at: self.closed_at.map(time),
        })
    }
}

/// Seals a protocol's name.
pub fn seal_protocol_name(
    cipher: &dyn FieldCipher,
    id: ProtocolId,
    name: &Label,
) -> Result<Vec<u8>, StoreError> {
    let key = FieldKey::Installation;
    seal_text(cipher, key, "protocols", "name", id.as_uuid(), name.as_str())
}

/// A row of `codings`, as a place in a protocol.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct PlaceRow {
    pub recording: Uuid,
    pub coder: Uuid,
    pub begun: bool,
    pub locked: bool,
}

impl From<PlaceRow> for Place<RecordingId> {
    fn from(row: PlaceRow) -> Self {
        Self {
            recording: RecordingId::from_uuid(row.recording),
            coder: UserId::from_uuid(row.coder),
            begun: row.begun,
            locked: row.locked,
        }
    }
}

/// Somebody who codes a recording, or began to.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct HandRow {
    pub coder: Uuid,
    pub locked: bool,
    pub working: bool,
}

impl From<HandRow> for Hand {
    fn from(row: HandRow) -> Self {
        Self { coder: UserId::from_uuid(row.coder), locked: row.locked, working: row.working }
    }
}

/// A row of `codings`, with whose it is.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct CodersRow {
    pub coder: Uuid,
    #[sqlx(flatten)]
    pub coding: CodingRow,
}

impl TryFrom<CodersRow> for (UserId, CodingState) {
    type Error = StoreError;

    fn try_from(row: CodersRow) -> Result<Self, StoreError> {
        Ok((UserId::from_uuid(row.coder), row.coding.try_into()?))
    }
}

/// A row of `codes`, without what was written.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct PlacedRow {
    pub skill: String,
    pub sub: Option<String>,
    pub start_ms: i64,
    pub end_ms: i64,
}

impl TryFrom<PlacedRow> for PlacedCode {
    type Error = StoreError;

    fn try_from(row: PlacedRow) -> Result<Self, StoreError> {
        let span = span("codes", row.start_ms, row.end_ms)?;
        Ok(Self { skill: row.skill, sub: row.sub, span })
    }
}

/// How long a recording is; nothing, before it was decoded.
pub fn duration_of(milliseconds: Option<i64>) -> Result<Ms, StoreError> {
    unsigned("recordings", "duration_ms", milliseconds.unwrap_or(0)).map(Ms::new)
}

/// Why a recording is coded twice, as it is kept.
pub fn twice(word: &str) -> Result<Twice, StoreError> {
    word.parse().map_err(inconsistent("codings", "twice"))
}

/// What is true of somebody who is to be the second coder.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
#[expect(clippy::struct_excessive_bools, reason = "what the query asks, one by one")]
pub struct CandidateRow {
    pub allowed: bool,
    pub twice: bool,
    pub taken: bool,
    pub researcher: bool,
    pub kept_away: bool,
    pub holds: bool,
    pub manages: bool,
}

impl CandidateRow {
    /// The same, with what they ever were to the practitioner, and whether they are the first coder.
    pub fn open(self, mut parts: Vec<Part>, first: bool) -> Candidate {
        parts.extend(self.holds.then_some(Part::Holds));
        parts.extend(self.manages.then_some(Part::Manages));
        Candidate {
            allowed: self.allowed,
            twice: self.twice,
            taken: self.taken,
            first,
            researcher: self.researcher,
            kept_away: self.kept_away,
            parts,
        }
    }
}
