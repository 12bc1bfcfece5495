//! Rows: sheets, logs and goals.

use hearback_access::seal::{FieldCipher, FieldKey};
use hearback_domain::{
    CoachingSessionId, GoalId, GoalText, PieceId, SeriesId, UserId,
    sheets::{Sheet, SheetKind},
};
use uuid::Uuid;

use super::{inconsistent, open_text, seal_text, time, unsigned};
use crate::{FormerLog, KeptGoal, KeptSheet, NewGoal, Result, SeriesPair, SheetSession};

/// Seals a sheet for its writer. Its kind is the column that it lies in: one of a session's sheets cannot stand in for
/// another.
pub fn seal_sheet(
    cipher: &dyn FieldCipher,
    session: CoachingSessionId,
    writer: UserId,
    kind: SheetKind,
    sheet: &Sheet,
) -> Result<Vec<u8>> {
    let key = FieldKey::Person(writer);
    seal_text(cipher, key, "sheets", kind.as_str(), session.as_uuid(), &sheet.to_json())
}

/// Seals a goal for its owner.
pub fn seal_goal(
    cipher: &dyn FieldCipher,
    owner: UserId,
    id: GoalId,
    text: &GoalText,
) -> Result<Vec<u8>> {
    seal_text(cipher, FieldKey::Person(owner), "goals", "body", id.as_uuid(), text.as_str())
}

/// The two whom a series is about.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct SeriesPairRow {
    pub practitioner: Uuid,
    pub coach: Option<Uuid>,
}

impl From<SeriesPairRow> for SeriesPair {
    fn from(row: SeriesPairRow) -> Self {
        Self {
            practitioner: UserId::from_uuid(row.practitioner),
            coach: row.coach.map(UserId::from_uuid),
        }
    }
}

/// The session that sheets are kept of.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct SheetSessionRow {
    pub series: Uuid,
    pub practitioner: Uuid,
    pub coach: Option<Uuid>,
    pub planned_at: i64,
    /// Whether whoever asks is one of the two now.
    pub present: bool,
    /// Whether it was held, or did not come about, while they coached.
    pub theirs: bool,
    /// Whether they wrote something of it.
    pub wrote: bool,
}

impl SheetSessionRow {
    /// As far as it is told to whoever asks.
    pub fn told(self) -> Option<SheetSession> {
        (self.present || self.theirs || self.wrote).then(|| SheetSession {
            series: SeriesId::from_uuid(self.series),
            pair: SeriesPairRow { practitioner: self.practitioner, coach: self.coach }.into(),
            planned_at: (self.present || self.theirs).then(|| time(self.planned_at)),
            before: !self.present,
        })
    }
}

/// A log of somebody who coached before.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct FormerLogRow {
    pub session: Uuid,
    pub planned_at: i64,
    pub theirs: bool,
    pub saved_at: i64,
}

impl From<FormerLogRow> for FormerLog {
    fn from(row: FormerLogRow) -> Self {
        Self {
            session: CoachingSessionId::from_uuid(row.session),
            planned_at: row.theirs.then(|| time(row.planned_at)),
            saved_at: time(row.saved_at),
        }
    }
}

/// A row of `sheets`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct SheetRow {
    pub session: Uuid,
    pub writer: Uuid,
    pub kind: String,
    pub body: Vec<u8>,
    pub revision: i64,
    pub saved_at: i64,
    pub shared_at: Option<i64>,
}

impl SheetRow {
    /// The sheet.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<KeptSheet> {
        let kind: SheetKind = self.kind.parse().map_err(inconsistent("sheets", "kind"))?;
        let key = FieldKey::Person(UserId::from_uuid(self.writer));
        let json = open_text(cipher, key, "sheets", kind.as_str(), self.session, &self.body)?;
        Ok(KeptSheet {
            writer: UserId::from_uuid(self.writer),
            sheet: Sheet::from_json(&json).map_err(inconsistent("sheets", "body"))?,
            revision: unsigned("sheets", "revision", self.revision)?,
            saved_at: time(self.saved_at),
            shared_at: self.shared_at.map(time),
        })
    }
}

/// A row of `goals`, with its owner.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct GoalRow {
    pub id: Uuid,
    pub owner: Uuid,
    pub session: Option<Uuid>,
    pub piece: Option<Uuid>,
    pub body: Vec<u8>,
    pub status: String,
    pub made_at: i64,
    pub changed_at: i64,
    pub shared_at: Option<i64>,
}

impl GoalRow {
    /// The goal.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<KeptGoal> {
        let key = FieldKey::Person(UserId::from_uuid(self.owner));
        let text = open_text(cipher, key, "goals", "body", self.id, &self.body)?;
        Ok(KeptGoal {
            goal: NewGoal {
                id: GoalId::from_uuid(self.id),
                text: GoalText::new(&text).map_err(inconsistent("goals", "body"))?,
                session: self.session.map(CoachingSessionId::from_uuid),
                piece: self.piece.map(PieceId::from_uuid),
            },
            status: self.status.parse().map_err(inconsistent("goals", "status"))?,
            made_at: time(self.made_at),
            changed_at: time(self.changed_at),
            shared_at: self.shared_at.map(time),
        })
    }
}
