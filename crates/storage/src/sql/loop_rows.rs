//! Rows about coding and playlists.

use hearback_access::seal::{FieldCipher, FieldKey};
use hearback_domain::{
    ClipId, CodeId, CodingId, KeyClass, Note, ObjectId, PlaylistId, ProtocolId, Rating,
    RecordingId, Score, UserId,
};
use uuid::Uuid;

use super::{
    inconsistent, open_text, seal_text, sealed::open_pseudonym, span, those_not_erased, time,
    unless_erased, unsigned,
};
use crate::{
    Clip, ClipToRender, CodingState, EvidenceCode, FinishedCoding, HeardStretch, PlaylistSummary,
    RoomClip, RoomPlaylist, StoreError, WholeScore,
};

/// A row of `codes`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct CodeRow {
    pub id: Uuid,
    pub framework_version: String,
    pub skill: String,
    pub sub: Option<String>,
    pub start_ms: i64,
    pub end_ms: i64,
    pub note: Vec<u8>,
    /// None: nothing was written.
    pub nonverbal: Option<Vec<u8>>,
    pub exemplar: bool,
    pub created_at: i64,
}

impl CodeRow {
    /// The code, of `recording`.
    pub fn open(
        self,
        cipher: &dyn FieldCipher,
        recording: RecordingId,
    ) -> Result<EvidenceCode, StoreError> {
        let key = FieldKey::Recording(recording, KeyClass::Coding);
        Ok(EvidenceCode {
            id: CodeId::from_uuid(self.id),
            framework_version: self.framework_version,
            skill: self.skill,
            sub: self.sub,
            span: span("codes", self.start_ms, self.end_ms)?,
            note: open_note(cipher, key, ("codes", "note"), self.id, &self.note)?,
            nonverbal: match &self.nonverbal {
                Some(sealed) => open_note(cipher, key, ("codes", "nonverbal"), self.id, sealed)?,
                None => Note::default(),
            },
            exemplar: self.exemplar,
            created_at: time(self.created_at),
        })
    }
}

/// Seals a code's note.
pub fn seal_code_note(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    code: CodeId,
    note: &Note,
) -> Result<Vec<u8>, StoreError> {
    let key = FieldKey::Recording(recording, KeyClass::Coding);
    seal_text(cipher, key, "codes", "note", code.as_uuid(), note.as_str())
}

/// Seals how a code sounded, if anything was written.
pub fn seal_code_nonverbal(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    code: CodeId,
    nonverbal: &Note,
) -> Result<Option<Vec<u8>>, StoreError> {
    if nonverbal.as_str().is_empty() {
        return Ok(None);
    }
    let key = FieldKey::Recording(recording, KeyClass::Coding);
    seal_text(cipher, key, "codes", "nonverbal", code.as_uuid(), nonverbal.as_str()).map(Some)
}

/// Seals what lies on a coder's desk. One coder has one on a recording.
pub fn seal_desk_draft(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    coder: UserId,
    text: &str,
) -> Result<Vec<u8>, StoreError> {
    let key = FieldKey::Recording(recording, KeyClass::Coding);
    seal_text(cipher, key, "desk_drafts", "body", coder.as_uuid(), text)
}

/// Opens what [`seal_desk_draft`] sealed; none if its key is destroyed.
pub fn open_desk_draft(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    coder: UserId,
    sealed: &[u8],
) -> Result<Option<String>, StoreError> {
    let key = FieldKey::Recording(recording, KeyClass::Coding);
    unless_erased(open_text(cipher, key, "desk_drafts", "body", coder.as_uuid(), sealed))
}

/// A row of `heard`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct HeardStretchRow {
    pub stretch: i64,
    pub ms: i64,
}

impl TryFrom<HeardStretchRow> for HeardStretch {
    type Error = StoreError;

    fn try_from(row: HeardStretchRow) -> Result<Self, StoreError> {
        Ok(Self {
            stretch: unsigned("heard", "stretch", row.stretch)?,
            ms: unsigned("heard", "ms", row.ms)?,
        })
    }
}

/// Seals an extract's note and its question.
pub fn seal_clip_words(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    clip: ClipId,
    note: &Note,
    question: &Note,
) -> Result<(Vec<u8>, Vec<u8>), StoreError> {
    let key = FieldKey::Recording(recording, KeyClass::Extracts);
    let seal = |column, text: &Note| {
        seal_text(cipher, key, "clips", column, clip.as_uuid(), text.as_str())
    };
    Ok((seal("note", note)?, seal("question", question)?))
}

fn open_note(
    cipher: &dyn FieldCipher,
    key: FieldKey,
    (table, column): (&'static str, &'static str),
    row: Uuid,
    sealed: &[u8],
) -> Result<Note, StoreError> {
    let text = open_text(cipher, key, table, column, row, sealed)?;
    Note::new(&text).map_err(inconsistent(table, column))
}

/// A row of `scores`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ScoreRow {
    pub framework_version: String,
    pub item: String,
    /// None: not codable.
    pub score: Option<i64>,
}

impl TryFrom<ScoreRow> for WholeScore {
    type Error = StoreError;

    fn try_from(row: ScoreRow) -> Result<Self, StoreError> {
        let rating = match row.score {
            None => Rating::NotCodable,
            Some(score) => {
                let score = unsigned("scores", "score", score)?;
                Rating::Scored(Score::new(score).map_err(inconsistent("scores", "score"))?)
            }
        };
        Ok(Self { framework_version: row.framework_version, item: row.item, rating })
    }
}

/// A row of `codings`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct CodingRow {
    pub id: Uuid,
    pub framework_version: String,
    pub protocol: Option<Uuid>,
    pub part_start_ms: Option<i64>,
    pub part_end_ms: Option<i64>,
    pub begun_at: Option<i64>,
    pub locked_at: Option<i64>,
    pub not_blind: Option<bool>,
    pub phase_visible: Option<bool>,
    pub standing: Option<String>,
}

impl TryFrom<CodingRow> for CodingState {
    type Error = StoreError;

    fn try_from(row: CodingRow) -> Result<Self, StoreError> {
        let part = match (row.part_start_ms, row.part_end_ms) {
            (Some(start), Some(end)) => Some(span("codings", start, end)?),
            _ => None,
        };
        let noted = row.locked_at.zip(row.not_blind).zip(row.phase_visible).zip(row.standing);
        let finished = match noted {
            None => None,
            Some((((at, not_blind), phase_visible), standing)) => Some(FinishedCoding {
                at: time(at),
                not_blind,
                phase_visible,
                standing: standing.parse().map_err(inconsistent("codings", "standing"))?,
            }),
        };
        Ok(Self {
            id: CodingId::from_uuid(row.id),
            framework_version: row.framework_version,
            part,
            protocol: row.protocol.map(ProtocolId::from_uuid),
            begun_at: row.begun_at.map(time),
            finished,
        })
    }
}

/// A row of `clips`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ClipRow {
    pub id: Uuid,
    pub framework_version: String,
    pub skill: String,
    pub sub: Option<String>,
    pub start_ms: i64,
    pub end_ms: i64,
    pub note: Vec<u8>,
    pub question: Vec<u8>,
    /// The object of its sound.
    pub cut: Option<Uuid>,
    pub approved_by: Option<Uuid>,
    pub vetoed: bool,
    pub quoted: bool,
}

impl ClipRow {
    /// The extract, of `recording`.
    pub fn open(
        self,
        cipher: &dyn FieldCipher,
        recording: RecordingId,
    ) -> Result<Clip, StoreError> {
        let key = FieldKey::Recording(recording, KeyClass::Extracts);
        Ok(Clip {
            id: ClipId::from_uuid(self.id),
            framework_version: self.framework_version,
            skill: self.skill,
            sub: self.sub,
            span: span("clips", self.start_ms, self.end_ms)?,
            note: open_note(cipher, key, ("clips", "note"), self.id, &self.note)?,
            question: open_note(cipher, key, ("clips", "question"), self.id, &self.question)?,
            cut: self.cut.map(ObjectId::from_uuid),
            approved_by: self.approved_by.map(UserId::from_uuid),
            vetoed: self.vetoed,
            quoted: self.quoted,
        })
    }
}

/// A row of `clips`, for cutting.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ClipToRenderRow {
    pub recording: Uuid,
    pub start_ms: i64,
    pub end_ms: i64,
    pub rendered_at: Option<i64>,
}

impl TryFrom<ClipToRenderRow> for ClipToRender {
    type Error = StoreError;

    fn try_from(row: ClipToRenderRow) -> Result<Self, StoreError> {
        Ok(Self {
            recording: RecordingId::from_uuid(row.recording),
            span: span("clips", row.start_ms, row.end_ms)?,
            rendered: row.rendered_at.is_some(),
        })
    }
}

/// A row of `clips`, for the room.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct RoomClipRow {
    pub id: Uuid,
    pub framework_version: String,
    pub skill: String,
    pub sub: Option<String>,
    pub note: Vec<u8>,
    pub question: Vec<u8>,
    pub quoted: bool,
    pub bytes: i64,
}

impl RoomClipRow {
    fn open(self, cipher: &dyn FieldCipher, key: FieldKey) -> Result<RoomClip, StoreError> {
        Ok(RoomClip {
            id: ClipId::from_uuid(self.id),
            framework_version: self.framework_version,
            skill: self.skill,
            sub: self.sub,
            note: open_note(cipher, key, ("clips", "note"), self.id, &self.note)?,
            question: open_note(cipher, key, ("clips", "question"), self.id, &self.question)?,
            quoted: self.quoted,
            bytes: unsigned("objects", "bytes", self.bytes)?,
        })
    }
}

/// A row of `playlists`, for the room.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct RoomRow {
    pub id: Uuid,
    pub recording: Uuid,
    pub pseudonym: Vec<u8>,
    pub owner: Uuid,
    pub named: bool,
}

impl RoomRow {
    /// The playlist, with its extracts in order.
    pub fn open(
        self,
        cipher: &dyn FieldCipher,
        clips: Vec<RoomClipRow>,
    ) -> Result<RoomPlaylist, StoreError> {
        let recording = RecordingId::from_uuid(self.recording);
        let key = FieldKey::Recording(recording, KeyClass::Extracts);
        Ok(RoomPlaylist {
            id: PlaylistId::from_uuid(self.id),
            pseudonym: open_pseudonym(cipher, self.recording, &self.pseudonym)?,
            practitioner: UserId::from_uuid(self.owner),
            named: self.named,
            clips: those_not_erased(clips.into_iter().map(|clip| clip.open(cipher, key)))?,
        })
    }
}

/// A row of `playlists`, for a list.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct PlaylistSummaryRow {
    pub id: Uuid,
    pub recording: Uuid,
    pub pseudonym: Vec<u8>,
    pub agreed_at: i64,
}

impl PlaylistSummaryRow {
    /// The line of the list.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<PlaylistSummary, StoreError> {
        Ok(PlaylistSummary {
            id: PlaylistId::from_uuid(self.id),
            pseudonym: open_pseudonym(cipher, self.recording, &self.pseudonym)?,
            agreed_at: time(self.agreed_at),
        })
    }
}
