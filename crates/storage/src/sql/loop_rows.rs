//! Rows about coding and playlists.

use hearback_domain::{
    ClipId, CodeId, Note, ObjectId, PlaylistId, Pseudonym, Rating, RecordingId, Score, UserId,
};
use uuid::Uuid;

use super::{inconsistent, span, time, unsigned};
use crate::{
    Clip, ClipToRender, EvidenceCode, PlaylistSummary, RoomClip, RoomPlaylist, StoreError,
    WholeScore,
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
    pub note: String,
    pub exemplar: bool,
    pub created_at: i64,
}

impl TryFrom<CodeRow> for EvidenceCode {
    type Error = StoreError;

    fn try_from(row: CodeRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: CodeId::from_uuid(row.id),
            framework_version: row.framework_version,
            skill: row.skill,
            sub: row.sub,
            span: span("codes", row.start_ms, row.end_ms)?,
            note: Note::new(&row.note).map_err(inconsistent("codes", "note"))?,
            exemplar: row.exemplar,
            created_at: time(row.created_at),
        })
    }
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

/// A row of `clips`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ClipRow {
    pub id: Uuid,
    pub skill: String,
    pub sub: Option<String>,
    pub start_ms: i64,
    pub end_ms: i64,
    pub note: String,
    pub question: String,
    /// The object of its sound.
    pub cut: Option<Uuid>,
    pub approved_by: Option<Uuid>,
    pub vetoed: bool,
}

impl TryFrom<ClipRow> for Clip {
    type Error = StoreError;

    fn try_from(row: ClipRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: ClipId::from_uuid(row.id),
            skill: row.skill,
            sub: row.sub,
            span: span("clips", row.start_ms, row.end_ms)?,
            note: Note::new(&row.note).map_err(inconsistent("clips", "note"))?,
            question: Note::new(&row.question).map_err(inconsistent("clips", "question"))?,
            cut: row.cut.map(ObjectId::from_uuid),
            approved_by: row.approved_by.map(UserId::from_uuid),
            vetoed: row.vetoed,
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
    pub skill: String,
    pub sub: Option<String>,
    pub note: String,
    pub question: String,
    pub bytes: i64,
}

impl TryFrom<RoomClipRow> for RoomClip {
    type Error = StoreError;

    fn try_from(row: RoomClipRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: ClipId::from_uuid(row.id),
            skill: row.skill,
            sub: row.sub,
            note: Note::new(&row.note).map_err(inconsistent("clips", "note"))?,
            question: Note::new(&row.question).map_err(inconsistent("clips", "question"))?,
            bytes: unsigned("objects", "bytes", row.bytes)?,
        })
    }
}

/// A row of `playlists`, for the room.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct RoomRow {
    pub id: Uuid,
    pub pseudonym: String,
    pub owner: Uuid,
}

impl RoomRow {
    /// The playlist, with its extracts in order.
    pub fn with(self, clips: Vec<RoomClipRow>) -> Result<RoomPlaylist, StoreError> {
        Ok(RoomPlaylist {
            id: PlaylistId::from_uuid(self.id),
            pseudonym: Pseudonym::new(&self.pseudonym)
                .map_err(inconsistent("recordings", "pseudonym"))?,
            practitioner: UserId::from_uuid(self.owner),
            clips: clips.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
        })
    }
}

/// A row of `playlists`, for a list.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct PlaylistSummaryRow {
    pub id: Uuid,
    pub pseudonym: String,
    pub agreed_at: i64,
}

impl TryFrom<PlaylistSummaryRow> for PlaylistSummary {
    type Error = StoreError;

    fn try_from(row: PlaylistSummaryRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: PlaylistId::from_uuid(row.id),
            pseudonym: Pseudonym::new(&row.pseudonym)
                .map_err(inconsistent("recordings", "pseudonym"))?,
            agreed_at: time(row.agreed_at),
        })
    }
}
