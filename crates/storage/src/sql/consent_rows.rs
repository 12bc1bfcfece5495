//! Rows about consent.

use hearback_access::seal::{FieldCipher, FieldKey};
use hearback_domain::{
    AudioState, ConsentId, Day, KeyClass, PartyKind, PersonId, RecordingId,
    forms::{ConsentRecord, Form},
};
use uuid::Uuid;

use super::{inconsistent, open_person_name, open_text, seal_text, sealed::open_pseudonym, time};
use crate::{
    ConsentAnswer, Heard, KeptRecord, NewConsentRecord, PublishedForm, Result, StoreError,
    sql::PartyRow,
};

/// A row of `consent_forms`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct FormRow {
    pub body: String,
    pub published_at: i64,
    pub published_by: Option<Uuid>,
}

impl FormRow {
    /// The form.
    pub fn open(self) -> Result<PublishedForm> {
        let form = Form::parse(&self.body).map_err(inconsistent("consent_forms", "body"))?;
        let published_at = self.published_by.map(|_| time(self.published_at));
        Ok(PublishedForm { form, published_at })
    }

    /// Forms in the order of the kinds of people.
    pub fn in_order(rows: Vec<Self>) -> Result<Vec<PublishedForm>> {
        let mut forms = rows.into_iter().map(Self::open).collect::<Result<Vec<_>>>()?;
        forms.sort_by_key(|p| PartyKind::ALL.iter().position(|kind| *kind == p.form.kind));
        Ok(forms)
    }
}

/// A row of `consent_records`, with the name of who wrote it down.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ConsentRecordRow {
    pub id: Uuid,
    pub body: Vec<u8>,
    pub recorded_by: Uuid,
    pub name: Vec<u8>,
    pub recorded_at: i64,
    pub expires_at: i64,
}

impl ConsentRecordRow {
    /// What was written down about `recording`.
    pub fn open(self, cipher: &dyn FieldCipher, recording: RecordingId) -> Result<KeptRecord> {
        Ok(KeptRecord {
            id: ConsentId::from_uuid(self.id),
            record: record(cipher, recording, self.id, &self.body)?,
            recorded_by: open_person_name(cipher, self.recorded_by, &self.name)?,
            recorded_at: time(self.recorded_at),
            expires_at: time(self.expires_at),
        })
    }
}

fn record(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    id: Uuid,
    sealed: &[u8],
) -> Result<ConsentRecord> {
    let (table, column) = ("consent_records", "body");
    let text = open_text(cipher, key(recording), table, column, id, sealed)?;
    ConsentRecord::parse(&text).map_err(inconsistent(table, column))
}

/// A row of `consent_records`, for what is to be written down after it.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct DecidedRow {
    pub id: Uuid,
    pub body: Vec<u8>,
    pub recorded_at: i64,
}

/// Whether answers may take the place of all that the person said before: when they last took a yes back, and what was
/// written down.
///
/// What was decided before a yes was taken back does not bring it back, nor what was read before that; and the newest
/// decision stands. A tie goes to whoever took back.
pub fn nothing_newer(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    new: &NewConsentRecord,
    taken_back: Option<i64>,
    kept: &[DecidedRow],
) -> Result<()> {
    let decided_on = new.checked.record().decided_on;
    // Nobody knows when it was read: then only a later day is later.
    let read = new.read_at.unwrap_or_else(|| decided_on.starts());
    if taken_back.map(time).is_some_and(|at| Day::of(at) > decided_on || at >= read) {
        return Err(StoreError::Conflict { what: "consent.taken_back" });
    }
    for row in kept {
        let unread = new.read_at.is_some_and(|read| time(row.recorded_at) > read);
        if unread || record(cipher, recording, row.id, &row.body)?.decided_on > decided_on {
            return Err(StoreError::Conflict { what: "consent.newer" });
        }
    }
    Ok(())
}

/// Seals what was written down about somebody on `recording`.
pub fn seal_consent_record(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    id: ConsentId,
    record: &ConsentRecord,
) -> Result<Vec<u8>> {
    let (table, column) = ("consent_records", "body");
    seal_text(cipher, key(recording), table, column, id.as_uuid(), &record.to_json())
}

/// What people said lies under the key of the recording's own details.
const fn key(recording: RecordingId) -> FieldKey {
    FieldKey::Recording(recording, KeyClass::Sound)
}

/// A row of `consents`, whether or not it still holds.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct AnswerRow {
    pub person: Uuid,
    pub purpose: String,
    pub given: bool,
    pub expires_at: Option<i64>,
    pub withdrawn_at: Option<i64>,
}

impl AnswerRow {
    /// The answers of people who are listed in this order.
    pub fn in_order(rows: Vec<Self>) -> Result<Vec<ConsentAnswer>> {
        let mut answers = rows.into_iter().map(Self::open).collect::<Result<Vec<_>>>()?;
        let mut people: Vec<PersonId> = answers.iter().map(|a| a.person).collect();
        people.dedup();
        answers.sort_by_key(|a| (people.iter().position(|p| *p == a.person), a.purpose));
        Ok(answers)
    }

    fn open(self) -> Result<ConsentAnswer> {
        Ok(ConsentAnswer {
            person: PersonId::from_uuid(self.person),
            purpose: self.purpose.parse().map_err(inconsistent("consents", "purpose"))?,
            given: self.given,
            expires_at: self.expires_at.map(time),
            withdrawn_at: self.withdrawn_at.map(time),
        })
    }
}

/// What of `recordings` whoever looks after consent sees.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct HeardRow {
    pub id: Uuid,
    pub pseudonym: Vec<u8>,
    pub audio: String,
}

impl HeardRow {
    /// Who is heard, in the order given.
    pub fn open(self, cipher: &dyn FieldCipher, parties: Vec<PartyRow>) -> Result<Heard> {
        let parties = parties.into_iter().map(|party| party.open(cipher, self.id));
        let audio: AudioState = self.audio.parse().map_err(inconsistent("recordings", "audio"))?;
        Ok(Heard {
            pseudonym: open_pseudonym(cipher, self.id, &self.pseudonym)?,
            audio,
            parties: parties.collect::<Result<_>>()?,
        })
    }
}
