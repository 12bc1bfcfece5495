//! Rows about recordings and their objects.

use hearback_access::{ObjectKind, Opens, StoredObject, seal::FieldCipher};
use hearback_domain::{
    ClipId, Ms, ObjectId, Party, PartyConsent, PersonId, RecordingId, RecordingState, Relation,
    Sharing, TranscriptState, UnknownWord, UserId,
};
use uuid::Uuid;

use super::{
    hash, inconsistent, open_person_name, redaction_version, relation,
    sealed::{open_label, open_pseudonym},
    time, unsigned,
};
use crate::{Recording, RecordingSummary, SoundDetails, StoreError, WordsAt};

/// How far a recording is.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct StateRow {
    pub audio: String,
    pub transcript: String,
    pub sharing: String,
    pub shared_at: Option<i64>,
    pub duration_ms: Option<i64>,
}

impl TryFrom<StateRow> for RecordingState {
    type Error = StoreError;

    fn try_from(row: StateRow) -> Result<Self, StoreError> {
        let sharing = match (row.sharing.as_str(), row.shared_at) {
            ("private", None) => Sharing::Private,
            ("released", Some(at)) => Sharing::Released(time(at)),
            ("withheld", Some(at)) => Sharing::Withheld(time(at)),
            _ => return Err(inconsistent("recordings", "sharing")(UnknownWord)),
        };
        let duration = row.duration_ms.map(|ms| unsigned("recordings", "duration_ms", ms));
        Ok(Self {
            audio: row.audio.parse().map_err(inconsistent("recordings", "audio"))?,
            transcript: row.transcript.parse().map_err(inconsistent("recordings", "transcript"))?,
            sharing,
            duration: duration.transpose()?.map(Ms::new),
        })
    }
}

/// How far a transcript is.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct TranscriptRow {
    pub transcript: String,
    pub language: Option<String>,
    pub model: Option<String>,
}

impl TryFrom<TranscriptRow> for (TranscriptState, Option<String>, Option<String>) {
    type Error = StoreError;

    fn try_from(row: TranscriptRow) -> Result<Self, StoreError> {
        let state = row.transcript.parse().map_err(inconsistent("recordings", "transcript"))?;
        Ok((state, row.language, row.model))
    }
}

/// A row of `recordings` for a list.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct SummaryRow {
    pub id: Uuid,
    pub pseudonym: Vec<u8>,
    pub session_kind: String,
    pub held_on: Option<String>,
    #[sqlx(flatten)]
    pub state: StateRow,
    pub created_at: i64,
}

impl SummaryRow {
    /// The line of the list.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<RecordingSummary, StoreError> {
        Ok(RecordingSummary {
            id: RecordingId::from_uuid(self.id),
            pseudonym: open_pseudonym(cipher, self.id, &self.pseudonym)?,
            session_kind: self
                .session_kind
                .parse()
                .map_err(inconsistent("recordings", "session_kind"))?,
            held_on: self.held_on,
            state: self.state.try_into()?,
            created_at: time(self.created_at),
        })
    }
}

/// A row of `recordings`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct RecordingRow {
    #[sqlx(flatten)]
    pub summary: SummaryRow,
    pub owner: Uuid,
    pub phase: String,
    pub container: Option<String>,
    pub codec: Option<String>,
    pub channels: Option<i64>,
    pub sample_rate_hz: Option<i64>,
    pub remarks: Option<String>,
    pub verdict: Option<String>,
    pub language: Option<String>,
    pub model: Option<String>,
    pub listening: bool,
}

impl RecordingRow {
    /// The recording, with who is heard in the order given.
    pub fn open(
        self,
        cipher: &dyn FieldCipher,
        parties: Vec<PartyRow>,
        consents: Vec<ConsentRow>,
        consent_until: Option<i64>,
    ) -> Result<Recording, StoreError> {
        let recording = self.summary.id;
        let summary = self.summary.open(cipher)?;
        let details = match (self.container, self.codec, self.channels, self.sample_rate_hz) {
            (Some(container), Some(codec), Some(channels), Some(rate)) => Some(SoundDetails {
                container,
                codec,
                channels: unsigned("recordings", "channels", channels)?,
                sample_rate_hz: unsigned("recordings", "sample_rate_hz", rate)?,
                duration: summary.state.duration.unwrap_or_default(),
                remarks: self.remarks.unwrap_or_default(),
            }),
            _ => None,
        };
        let mut consents: Vec<PartyConsent> =
            consents.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
        consents.sort();
        Ok(Recording {
            id: summary.id,
            owner: UserId::from_uuid(self.owner),
            pseudonym: summary.pseudonym,
            session_kind: summary.session_kind,
            held_on: summary.held_on,
            phase: self.phase.parse().map_err(inconsistent("recordings", "phase"))?,
            state: summary.state,
            details,
            listening: self.listening,
            verdict: self.verdict,
            language: self.language,
            model: self.model,
            parties: parties
                .into_iter()
                .map(|party| party.open(cipher, recording))
                .collect::<Result<_, _>>()?,
            consents,
            consent_until: consent_until.map(time),
            created_at: summary.created_at,
        })
    }
}

/// A row of `parties`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct PartyRow {
    pub person: Uuid,
    pub kind: String,
    pub label: Vec<u8>,
}

impl PartyRow {
    /// Who is heard on `recording`.
    pub fn open(self, cipher: &dyn FieldCipher, recording: Uuid) -> Result<Party, StoreError> {
        Ok(Party {
            id: PersonId::from_uuid(self.person),
            kind: self.kind.parse().map_err(inconsistent("parties", "kind"))?,
            label: open_label(cipher, recording, self.person, &self.label)?,
        })
    }
}

/// A row of `grants`, with the name of whom it was given to.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ChosenRow {
    pub relation: String,
    pub person: Uuid,
    pub name: Vec<u8>,
}

impl ChosenRow {
    /// Those chosen: the researcher first, ties by name.
    pub fn open(
        rows: Vec<Self>,
        cipher: &dyn FieldCipher,
    ) -> Result<Vec<(Relation, String)>, StoreError> {
        let mut chosen = Vec::with_capacity(rows.len());
        for row in rows {
            let name = open_person_name(cipher, row.person, &row.name)?;
            chosen.push((relation(&row.relation)?, name));
        }
        chosen.sort_by(|(a, a_name), (b, b_name)| a.cmp(b).then_with(|| a_name.cmp(b_name)));
        Ok(chosen)
    }
}

/// A row of `consents`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ConsentRow {
    pub person: Uuid,
    pub purpose: String,
    pub given: bool,
}

impl TryFrom<ConsentRow> for PartyConsent {
    type Error = StoreError;

    fn try_from(row: ConsentRow) -> Result<Self, StoreError> {
        Ok(Self {
            person: PersonId::from_uuid(row.person),
            purpose: row.purpose.parse().map_err(inconsistent("consents", "purpose"))?,
            given: row.given,
        })
    }
}

/// A row of `objects`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ObjectRow {
    pub id: Uuid,
    pub recording: Uuid,
    pub kind: String,
    pub clip: Option<Uuid>,
    pub bytes: i64,
    pub sha256: Vec<u8>,
}

/// A row of `objects`, and which set of what is hidden holds.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct WordsRow {
    #[sqlx(flatten)]
    pub object: ObjectRow,
    pub redaction: i64,
}

/// What one recording's words are made of, of what this permit opens: rows of it alone, the transcript first.
pub fn spoken_words_of(
    rows: Vec<WordsRow>,
    permit: &dyn Opens,
) -> Result<Option<WordsAt>, StoreError> {
    let mut words = None;
    for row in rows {
        let object = StoredObject::try_from(row.object)?;
        if !permit.reads(object.kind) {
            continue;
        }
        match (&mut words, object.kind) {
            (None, ObjectKind::Transcript) => {
                let hidden = redaction_version(row.redaction)?;
                words = Some(WordsAt { transcript: object, corrections: None, hidden });
            }
            (Some(words), _) => words.corrections = Some(object),
            (None, _) => {}
        }
    }
    Ok(words)
}

impl TryFrom<ObjectRow> for StoredObject {
    type Error = StoreError;

    fn try_from(row: ObjectRow) -> Result<Self, StoreError> {
        let kind = ObjectKind::parse(&row.kind, row.clip.map(ClipId::from_uuid));
        Ok(Self {
            id: ObjectId::from_uuid(row.id),
            recording: RecordingId::from_uuid(row.recording),
            kind: kind.map_err(inconsistent("objects", "kind"))?,
            bytes: unsigned("objects", "bytes", row.bytes)?,
            sha256: hash("objects", "sha256", &row.sha256)?,
        })
    }
}
