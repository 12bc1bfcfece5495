//! Rows about concerns, about who is kept apart, and about real names.

use hearback_access::seal::{FieldCipher, FieldKey};
use hearback_domain::{
    ConcernId, ConcernNoteId, GlassId, GrantId, IdentityKeyId, KeyClass, Note, PersonId, Pseudonym,
    Reason, RecordingId, Relation, SeriesId, Span, Timestamp, UserId,
    conflict::{Conflict, Part},
};
use uuid::Uuid;

use super::{
    inconsistent,
    sealed::{open_label, open_pseudonym, open_text, seal_text, unless_erased},
    span, time,
};
use crate::{
    Concern, ConcernNote, ConcernSummary, EndedConflict, Glass, HeardPerson, IdentityKey, KeptAway,
    PassageHeard, Result, SealedName, StoreError, WhatEnded,
};

/// A row of `concerns`, and whether the sound it is about is there.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ConcernRow {
    pub id: Uuid,
    pub recording: Uuid,
    pub practitioner: Uuid,
    pub raised_by: Uuid,
    pub hat: String,
    pub start_ms: i64,
    pub end_ms: i64,
    pub told: String,
    pub body: Vec<u8>,
    pub state: String,
    pub raised_at: i64,
    pub sound_is_there: bool,
}

impl ConcernRow {
    /// The concern, its words opened.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<Concern> {
        let body = open_text(cipher, CARE, "concerns", "body", self.id, &self.body)?;
        Ok(Concern {
            id: ConcernId::from_uuid(self.id),
            recording: RecordingId::from_uuid(self.recording),
            practitioner: UserId::from_uuid(self.practitioner),
            raised_by: UserId::from_uuid(self.raised_by),
            hat: self.hat.parse().map_err(inconsistent("concerns", "hat"))?,
            span: span("concerns", self.start_ms, self.end_ms)?,
            told: self.told.parse().map_err(inconsistent("concerns", "told"))?,
            state: self.state.parse().map_err(inconsistent("concerns", "state"))?,
            raised_at: time(self.raised_at),
            body: Note::new(&body).map_err(inconsistent("concerns", "body"))?,
            sound_is_there: self.sound_is_there,
        })
    }
}

/// The key under which everything about a concern lies: the installation's own. What was done for somebody's safety
/// outlives the recording in which it was heard (ETH-01).
const CARE: FieldKey = FieldKey::Installation;

/// Seals a text about a concern.
pub fn seal_care(
    cipher: &dyn FieldCipher,
    table: &'static str,
    column: &'static str,
    row: Uuid,
    text: &str,
) -> Result<Vec<u8>> {
    seal_text(cipher, CARE, table, column, row, text)
}

/// A passage as it is kept.
pub fn passage(start_ms: i64, end_ms: i64) -> Result<Span> {
    span("concerns", start_ms, end_ms)
}

/// A row of `concerns`, for a list.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ConcernSummaryRow {
    pub id: Uuid,
    pub practitioner: Uuid,
    pub raised_by: Uuid,
    pub hat: String,
    pub told: String,
    pub state: String,
    pub raised_at: i64,
}

impl TryFrom<ConcernSummaryRow> for ConcernSummary {
    type Error = StoreError;

    fn try_from(row: ConcernSummaryRow) -> Result<Self> {
        Ok(Self {
            id: ConcernId::from_uuid(row.id),
            practitioner: UserId::from_uuid(row.practitioner),
            raised_by: UserId::from_uuid(row.raised_by),
            hat: row.hat.parse().map_err(inconsistent("concerns", "hat"))?,
            told: row.told.parse().map_err(inconsistent("concerns", "told"))?,
            state: row.state.parse().map_err(inconsistent("concerns", "state"))?,
            raised_at: time(row.raised_at),
        })
    }
}

/// A row of `concern_notes`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ConcernNoteRow {
    pub id: Uuid,
    pub author: Uuid,
    pub hat: String,
    pub body: Vec<u8>,
    pub at: i64,
}

impl ConcernNoteRow {
    /// The note, its words opened.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<ConcernNote> {
        let body = open_text(cipher, CARE, "concern_notes", "body", self.id, &self.body)?;
        Ok(ConcernNote {
            id: ConcernNoteId::from_uuid(self.id),
            author: UserId::from_uuid(self.author),
            hat: self.hat.parse().map_err(inconsistent("concern_notes", "hat"))?,
            body: Note::new(&body).map_err(inconsistent("concern_notes", "body"))?,
            at: time(self.at),
        })
    }
}

/// A row of `glass`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct GlassRow {
    pub id: Uuid,
    pub concern: Uuid,
    pub requested_by: Uuid,
    pub reason: Vec<u8>,
    pub requested_at: i64,
    pub decided_by: Option<Uuid>,
    pub allowed: Option<bool>,
    pub expires_at: Option<i64>,
    pub heard_at: Option<i64>,
}

impl GlassRow {
    /// The request, its reason opened.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<Glass> {
        Ok(Glass {
            id: GlassId::from_uuid(self.id),
            concern: ConcernId::from_uuid(self.concern),
            requested_by: UserId::from_uuid(self.requested_by),
            reason: reason(cipher, self.id, &self.reason)?,
            requested_at: time(self.requested_at),
            decided_by: self.decided_by.map(UserId::from_uuid),
            allowed: self.allowed,
            expires_at: self.expires_at.map(time),
            heard_at: self.heard_at.map(time),
        })
    }
}

fn reason(cipher: &dyn FieldCipher, id: Uuid, sealed: &[u8]) -> Result<Reason> {
    let text = open_text(cipher, CARE, "glass", "reason", id, sealed)?;
    Reason::new(&text).map_err(inconsistent("glass", "reason"))
}

/// A row of `glass` and its concern, for the practitioner.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct PassageHeardRow {
    pub id: Uuid,
    pub start_ms: i64,
    pub end_ms: i64,
    pub reason: Vec<u8>,
    pub heard_at: i64,
    pub seen_at: Option<i64>,
}

impl PassageHeardRow {
    /// What the practitioner is told, its reason opened.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<PassageHeard> {
        Ok(PassageHeard {
            glass: GlassId::from_uuid(self.id),
            span: span("concerns", self.start_ms, self.end_ms)?,
            reason: reason(cipher, self.id, &self.reason)?,
            heard_at: time(self.heard_at),
            seen_at: self.seen_at.map(time),
        })
    }
}

/// A row of `blocks`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct KeptAwayRow {
    pub person: Uuid,
    pub set_by: Uuid,
    pub set_at: i64,
}

impl From<KeptAwayRow> for KeptAway {
    fn from(row: KeptAwayRow) -> Self {
        Self {
            person: UserId::from_uuid(row.person),
            set_by: UserId::from_uuid(row.set_by),
            set_at: time(row.set_at),
        }
    }
}

/// A row of `grants`, while it stands, with the recording's owner.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct StandingRow {
    pub id: Uuid,
    pub recording: Uuid,
    pub owner: Uuid,
    pub person: Uuid,
    pub relation: String,
    /// What else that person is, or ever was, to the owner.
    pub part: String,
}

impl StandingRow {
    /// The permission, once it ended because of this conflict.
    pub fn ended(&self, conflict: Conflict, at: Timestamp) -> EndedConflict {
        EndedConflict {
            was: WhatEnded::Grant(
                GrantId::from_uuid(self.id),
                RecordingId::from_uuid(self.recording),
            ),
            practitioner: UserId::from_uuid(self.owner),
            person: UserId::from_uuid(self.person),
            wanted: conflict.wanted,
            stands: conflict.stands,
            at,
        }
    }
}

impl EndedConflict {
    /// Whether it is about the standing permission with this identifier.
    pub fn is_of(&self, grant: Uuid) -> bool {
        matches!(self.was, WhatEnded::Grant(id, _) if id.as_uuid() == grant)
    }
}

/// A row of `conflicts_ended`, or of `series_conflicts`: then `id` is the series, which has no recording.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct EndedConflictRow {
    pub id: Uuid,
    pub recording: Option<Uuid>,
    /// Whether a practitioner lets it be told that they receive coaching.
    pub told: bool,
    pub practitioner: Uuid,
    pub person: Uuid,
    pub wanted: String,
    pub stands: String,
    pub at: i64,
}

impl TryFrom<EndedConflictRow> for EndedConflict {
    type Error = StoreError;

    fn try_from(row: EndedConflictRow) -> Result<Self> {
        Ok(Self {
            was: match row.recording {
                Some(recording) => {
                    WhatEnded::Grant(GrantId::from_uuid(row.id), RecordingId::from_uuid(recording))
                }
                None => WhatEnded::Series { series: SeriesId::from_uuid(row.id), told: row.told },
            },
            practitioner: UserId::from_uuid(row.practitioner),
            person: UserId::from_uuid(row.person),
            wanted: row.wanted.parse().map_err(inconsistent("conflicts_ended", "wanted"))?,
            stands: row.stands.parse().map_err(inconsistent("conflicts_ended", "stands"))?,
            at: time(row.at),
        })
    }
}

/// What somebody is to a practitioner, as it is kept.
pub fn part(word: &str) -> Result<Part> {
    // A second coder is a coder, and so is who learns to code.
    let codes = [Relation::CodesSecond.as_str(), Relation::Learns.as_str()].contains(&word);
    let word = if codes { Part::Codes.as_str() } else { word };
    word.parse().map_err(inconsistent("grants", "relation"))
}

/// A row of `identity_keys`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct IdentityKeyRow {
    pub id: Uuid,
    pub public: Vec<u8>,
    pub locked: Vec<u8>,
    pub made_at: i64,
}

impl IdentityKeyRow {
    /// The key, still locked with its passphrase.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<IdentityKey> {
        let open = |column, sealed: &[u8]| {
            open_text(cipher, FieldKey::Installation, "identity_keys", column, self.id, sealed)
        };
        Ok(IdentityKey {
            id: IdentityKeyId::from_uuid(self.id),
            public: open("public", &self.public)?,
            locked: open("locked", &self.locked)?,
            made_at: time(self.made_at),
        })
    }
}

/// A row of `parties`, with when the name was noted.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct HeardPersonRow {
    pub recording: Uuid,
    pub person: Uuid,
    pub kind: String,
    pub label: Vec<u8>,
    pub linked_at: Option<i64>,
}

impl HeardPersonRow {
    /// The person, their label opened.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<HeardPerson> {
        Ok(HeardPerson {
            person: PersonId::from_uuid(self.person),
            kind: self.kind.parse().map_err(inconsistent("parties", "kind"))?,
            label: open_label(cipher, self.recording, self.person, &self.label)?,
            linked_at: self.linked_at.map(time),
        })
    }
}

/// A row of `identity_links`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct SealedNameRow {
    pub recording: Uuid,
    pub person: Uuid,
    pub key: Uuid,
    pub body: Vec<u8>,
}

impl SealedNameRow {
    /// The name, still sealed for its key.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<SealedName> {
        let recording = RecordingId::from_uuid(self.recording);
        let key = FieldKey::Recording(recording, KeyClass::Sound);
        let sealed = open_text(cipher, key, "identity_links", "body", self.person, &self.body);
        Ok(SealedName {
            recording,
            person: PersonId::from_uuid(self.person),
            key: IdentityKeyId::from_uuid(self.key),
            sealed: unless_erased(sealed)?,
        })
    }
}

/// A recording's chosen name, opened.
pub fn pseudonym(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    sealed: &[u8],
) -> Result<Pseudonym> {
    open_pseudonym(cipher, recording.as_uuid(), sealed)
}
