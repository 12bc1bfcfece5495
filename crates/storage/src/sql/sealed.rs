//! Free text on its way into a database and out of it.
//!
//! The drivers hand over where a text stands; it leaves here sealed for that place, so that no text can be moved to
//! another row or column. Nothing sealed is compared, sorted or grouped by in SQL.

use std::string::FromUtf8Error;

use hearback_access::seal::{FieldCipher, FieldKey, Place, SealError};
use hearback_domain::{KeyClass, Label, PersonId, Pseudonym, RecordingId, TextError, UserId};
use uuid::Uuid;

use super::inconsistent;
use crate::{Inconsistency, Result, SealedTexts, StoreError};

/// What stands where a name was whose key is destroyed, while something else of the recording is still kept.
const ERASED_NAME: &str = "(name erased)";

/// Seals a text for `table.column` of the row whose own identifier is `row`.
///
/// [`StoreError::Erased`] if the key was destroyed: nothing is written under it any more.
pub fn seal_text(
    cipher: &dyn FieldCipher,
    key: FieldKey,
    table: &'static str,
    column: &'static str,
    row: Uuid,
    text: &str,
) -> Result<Vec<u8>> {
    cipher
        .seal(key, Place { table, column, row }, text.as_bytes())
        .map_err(|error| failed(table, column, error))
}

/// Opens what [`seal_text`] sealed for the same place.
///
/// [`StoreError::Erased`] if the key was destroyed: [`unless_erased`] turns that into absence.
pub fn open_text(
    cipher: &dyn FieldCipher,
    key: FieldKey,
    table: &'static str,
    column: &'static str,
    row: Uuid,
    sealed: &[u8],
) -> Result<String> {
    let plain = cipher
        .open(key, Place { table, column, row }, sealed)
        .map_err(|error| failed(table, column, error))?;
    String::from_utf8(plain).map_err(inconsistent::<FromUtf8Error>(table, column))
}

/// What is erased is not there; every other error stays one.
pub fn unless_erased<T>(opened: Result<T>) -> Result<Option<T>> {
    match opened {
        Ok(value) => Ok(Some(value)),
        Err(StoreError::Erased) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A list without what is erased.
pub fn those_not_erased<T>(opened: impl Iterator<Item = Result<T>>) -> Result<Vec<T>> {
    opened.filter_map(|one| unless_erased(one).transpose()).collect()
}

fn failed(table: &'static str, column: &'static str, error: SealError) -> StoreError {
    match error {
        SealError::Destroyed => StoreError::Erased,
        SealError::Damaged => Inconsistency { table, column, source: Box::new(error) }.into(),
        SealError::Unavailable(source) => StoreError::Unavailable(source),
    }
}

/// A sealed text of any table.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct TextRow {
    /// The table and the column, with a dot between them.
    pub place: String,
    /// Whose key: the recording, or the person.
    pub owner: Uuid,
    pub row_id: Uuid,
    pub sealed: Vec<u8>,
}

impl TextRow {
    /// Opens all of them, and lets go of them.
    pub fn try_all(rows: &[Self], cipher: &dyn FieldCipher) -> Result<SealedTexts> {
        let mut texts = SealedTexts::default();
        for row in rows {
            match unless_erased(row.open(cipher))? {
                Some(_) => texts.opened += 1,
                None => texts.erased += 1,
            }
        }
        Ok(texts)
    }

    fn open(&self, cipher: &dyn FieldCipher) -> Result<Vec<u8>> {
        let of = |class| FieldKey::Recording(RecordingId::from_uuid(self.owner), class);
        let person = FieldKey::Person(UserId::from_uuid(self.owner));
        let (key, table, column) = match self.place.as_str() {
            "people.name" => (FieldKey::Person(UserId::from_uuid(self.owner)), "people", "name"),
            "totp.secret" => (FieldKey::Person(UserId::from_uuid(self.owner)), "totp", "secret"),
            "recordings.pseudonym" => (of(KeyClass::Sound), "recordings", "pseudonym"),
            "parties.label" => (of(KeyClass::Sound), "parties", "label"),
            "codes.note" => (of(KeyClass::Coding), "codes", "note"),
            "codes.nonverbal" => (of(KeyClass::Coding), "codes", "nonverbal"),
            "desk_drafts.body" => (of(KeyClass::Coding), "desk_drafts", "body"),
            "agreed_scores.note" => (of(KeyClass::Coding), "agreed_scores", "note"),
            "agreed_codes.note" => (of(KeyClass::Coding), "agreed_codes", "note"),
            "briefing_notes.body" => (of(KeyClass::Extracts), "briefing_notes", "body"),
            "sheets.session" => (person, "sheets", "session"),
            "sheets.thinking" => (person, "sheets", "thinking"),
            "sheets.take_away" => (person, "sheets", "take_away"),
            "goals.body" => (person, "goals", "body"),
            "supervision_debriefs.body" => (person, "supervision_debriefs", "body"),
            "supervision_notes.body" => (person, "supervision_notes", "body"),
            "coach_profiles.body" => (person, "coach_profiles", "body"),
            "coach_hours.note" => (person, "coach_hours", "note"),
            "series.considered" => (person, "series", "considered"),
            "series.focus" => (person, "series", "focus"),
            "series.ending_note" => (person, "series", "ending_note"),
            "agreements.body" => (person, "agreements", "body"),
            "coaching_sessions.place" => (person, "coaching_sessions", "place"),
            "proposals.strength" => (of(KeyClass::Extracts), "proposals", "strength"),
            "proposals.question" => (of(KeyClass::Extracts), "proposals", "question"),
            "clips.note" => (of(KeyClass::Extracts), "clips", "note"),
            "clips.question" => (of(KeyClass::Extracts), "clips", "question"),
            "session_clips.title" => (of(KeyClass::Extracts), "session_clips", "title"),
            "session_clips.question" => (of(KeyClass::Extracts), "session_clips", "question"),
            "nominations.note" => (of(KeyClass::Sound), "nominations", "note"),
            "consent_records.body" => (of(KeyClass::Sound), "consent_records", "body"),
            "concerns.body" => (FieldKey::Installation, "concerns", "body"),
            "concern_notes.body" => (FieldKey::Installation, "concern_notes", "body"),
            "glass.reason" => (FieldKey::Installation, "glass", "reason"),
            "identity_links.body" => (of(KeyClass::Sound), "identity_links", "body"),
            "identity_keys.public" => (FieldKey::Installation, "identity_keys", "public"),
            "identity_keys.locked" => (FieldKey::Installation, "identity_keys", "locked"),
            "protocols.name" => (FieldKey::Installation, "protocols", "name"),
            "holds.reason" => (of(KeyClass::Sound), "holds", "reason"),
            "extensions.reason" => (of(KeyClass::Sound), "extensions", "reason"),
            _ => return Err(super::misuse("a text of a place that nobody knows")),
        };
        let place = Place { table, column, row: self.row_id };
        cipher.open(key, place, &self.sealed).map_err(|error| failed(table, column, error))
    }
}

/// Seals what a person with an account is called.
pub fn seal_person_name(cipher: &dyn FieldCipher, person: UserId, name: &str) -> Result<Vec<u8>> {
    seal_text(cipher, FieldKey::Person(person), "people", "name", person.as_uuid(), name)
}

/// What a person with an account is called.
pub fn open_person_name(cipher: &dyn FieldCipher, person: Uuid, sealed: &[u8]) -> Result<String> {
    let key = FieldKey::Person(UserId::from_uuid(person));
    let name = unless_erased(open_text(cipher, key, "people", "name", person, sealed))?;
    Ok(name.unwrap_or_else(|| ERASED_NAME.to_owned()))
}

/// Seals a recording's chosen name.
pub fn seal_pseudonym(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    name: &Pseudonym,
) -> Result<Vec<u8>> {
    let row = recording.as_uuid();
    seal_text(cipher, details(row), "recordings", "pseudonym", row, name.as_str())
}

/// Seals what somebody who is heard is called.
pub fn seal_party_label(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    person: PersonId,
    label: &Label,
) -> Result<Vec<u8>> {
    let key = details(recording.as_uuid());
    seal_text(cipher, key, "parties", "label", person.as_uuid(), label.as_str())
}

/// A recording's chosen name.
pub(super) fn open_pseudonym(
    cipher: &dyn FieldCipher,
    recording: Uuid,
    sealed: &[u8],
) -> Result<Pseudonym> {
    let key = details(recording);
    let name = open_text(cipher, key, "recordings", "pseudonym", recording, sealed);
    named("recordings", "pseudonym", name, Pseudonym::new)
}

/// What somebody who is heard is called.
pub(super) fn open_label(
    cipher: &dyn FieldCipher,
    recording: Uuid,
    person: Uuid,
    sealed: &[u8],
) -> Result<Label> {
    let label = open_text(cipher, details(recording), "parties", "label", person, sealed);
    named("parties", "label", label, Label::new)
}

/// The key under which a recording's own details lie.
fn details(recording: Uuid) -> FieldKey {
    FieldKey::Recording(RecordingId::from_uuid(recording), KeyClass::Sound)
}

fn named<T>(
    table: &'static str,
    column: &'static str,
    opened: Result<String>,
    new: impl FnOnce(&str) -> Result<T, TextError>,
) -> Result<T> {
    let name = unless_erased(opened)?;
    new(name.as_deref().unwrap_or(ERASED_NAME)).map_err(inconsistent(table, column))
}
