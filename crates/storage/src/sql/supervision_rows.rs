//! Rows: coaches supervised together (SUP-01).

use hearback_access::seal::{FieldCipher, FieldKey};
use hearback_domain::{
    BroughtId, Ms, NominationId, Note, SupervisionId, Timestamp, UserId,
    supervision::{Dome, FocusPart, Phase},
};
use uuid::Uuid;

use super::{SupervisedRow, inconsistent, open_text, seal_text, span, time, unsigned};
use crate::{
    Brought, Debrief, FocusGroup, Inconsistency, MeetingAhead, Outcome, Result, SharedDebrief,
    SupervisionMeeting, SupervisionSeat,
};

/// Seals what somebody who was under the dome notes for themselves.
pub fn seal_outcome(
    cipher: &dyn FieldCipher,
    meeting: SupervisionId,
    writer: UserId,
    body: &Note,
) -> Result<Vec<u8>> {
    let key = FieldKey::Person(writer);
    seal_text(cipher, key, "supervision_notes", "body", meeting.as_uuid(), body.as_str())
}

/// Seals what a supervisor notes after a meeting.
pub fn seal_debrief(
    cipher: &dyn FieldCipher,
    meeting: SupervisionId,
    supervisor: UserId,
    body: &Note,
) -> Result<Vec<u8>> {
    let key = FieldKey::Person(supervisor);
    seal_text(cipher, key, "supervision_debriefs", "body", meeting.as_uuid(), body.as_str())
}

/// There is no phase of that number.
#[derive(Debug, thiserror::Error)]
#[error("there is no phase {0}")]
struct NoSuchPhase(u8);

/// A row of `supervision_meetings`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct SupervisionRow {
    pub id: Uuid,
    pub supervisor: Uuid,
    pub planned_at: i64,
    pub volunteer: Option<Uuid>,
    pub phase: Option<i64>,
    pub left_ms: Option<i64>,
    pub since: Option<i64>,
}

impl SupervisionRow {
    /// The meeting, with those of `seats` that are its own.
    pub fn with(&self, seats: &[SupervisionSeatRow]) -> Result<SupervisionMeeting> {
        const TABLE: &str = "supervision_meetings";
        let dome = match (self.volunteer, self.phase, self.left_ms) {
            (Some(volunteer), Some(phase), Some(left)) => {
                let number: u8 = unsigned(TABLE, "phase", phase)?;
                let phase = Phase::from_number(number).ok_or_else(|| Inconsistency {
                    table: TABLE,
                    column: "phase",
                    source: Box::new(NoSuchPhase(number)),
                })?;
                Some(Dome {
                    volunteer: UserId::from_uuid(volunteer),
                    phase,
                    left: Ms::new(unsigned(TABLE, "left_ms", left)?),
                    since: self.since.map(time),
                })
            }
            _ => None,
        };
        Ok(SupervisionMeeting {
            id: SupervisionId::from_uuid(self.id),
            supervisor: UserId::from_uuid(self.supervisor),
            planned_at: time(self.planned_at),
            dome,
            seats: seats
                .iter()
                .filter(|seat| seat.meeting == self.id)
                .map(SupervisionSeatRow::seat)
                .collect(),
        })
    }
}

/// A row of `supervision_seats`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct SupervisionSeatRow {
    pub meeting: Uuid,
    pub coach: Uuid,
    pub came_at: Option<i64>,
    pub volunteered_at: Option<i64>,
}

impl SupervisionSeatRow {
    fn seat(&self) -> SupervisionSeat {
        SupervisionSeat {
            coach: UserId::from_uuid(self.coach),
            came: self.came_at.is_some(),
            volunteered: self.volunteered_at.is_some(),
        }
    }
}

/// A row of `supervision_notes`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct OutcomeRow {
    pub meeting: Uuid,
    pub writer: Uuid,
    pub body: Vec<u8>,
    pub saved_at: i64,
}

impl OutcomeRow {
    /// The note.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<Outcome> {
        let key = FieldKey::Person(UserId::from_uuid(self.writer));
        let text = open_text(cipher, key, "supervision_notes", "body", self.meeting, &self.body)?;
        Ok(Outcome {
            body: Note::new(&text).map_err(inconsistent("supervision_notes", "body"))?,
            saved_at: time(self.saved_at),
        })
    }
}

/// A coach, and what is known of their supervision.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct LastSupervisedRow {
    pub coach: Uuid,
    #[sqlx(flatten)]
    pub supervised: SupervisedRow,
}

impl LastSupervisedRow {
    /// The coach, and the latest of it.
    pub fn last(self) -> Result<(UserId, Timestamp)> {
        Ok((UserId::from_uuid(self.coach), self.supervised.last()?))
    }
}

/// A meeting to which somebody is invited, with what they brought to it.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct MeetingAheadRow {
    pub id: Uuid,
    pub planned_at: i64,
    pub supervisor: Uuid,
    pub brought: Option<Uuid>,
}

impl From<MeetingAheadRow> for MeetingAhead {
    fn from(row: MeetingAheadRow) -> Self {
        Self {
            id: SupervisionId::from_uuid(row.id),
            planned_at: time(row.planned_at),
            supervisor: UserId::from_uuid(row.supervisor),
            brought: row.brought.map(NominationId::from_uuid),
        }
    }
}

/// A row of `brought_moments`, with the ends of its moment.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct BroughtRow {
    pub id: Uuid,
    pub brought_by: Uuid,
    pub start_ms: i64,
    pub end_ms: i64,
}

impl BroughtRow {
    /// What the others in the meeting are told of it.
    pub fn told(&self) -> Result<Brought> {
        Ok(Brought {
            id: BroughtId::from_uuid(self.id),
            by: UserId::from_uuid(self.brought_by),
            length: span("nominations", self.start_ms, self.end_ms)?.len(),
        })
    }
}

/// A row of `supervision_debriefs`, with its meeting.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct DebriefRow {
    pub meeting: Uuid,
    pub supervisor: Uuid,
    pub planned_at: i64,
    pub body: Vec<u8>,
    pub saved_at: i64,
    pub shared_with: Option<Uuid>,
    pub shared_at: Option<i64>,
}

impl DebriefRow {
    fn body(&self, cipher: &dyn FieldCipher) -> Result<Note> {
        const TABLE: &str = "supervision_debriefs";
        let key = FieldKey::Person(UserId::from_uuid(self.supervisor));
        let text = open_text(cipher, key, TABLE, "body", self.meeting, &self.body)?;
        Note::new(&text).map_err(inconsistent(TABLE, "body"))
    }

    /// The note, for whoever wrote it.
    pub fn own(&self, cipher: &dyn FieldCipher) -> Result<Debrief> {
        let shared = self.shared_with.zip(self.shared_at);
        Ok(Debrief {
            body: self.body(cipher)?,
            saved_at: time(self.saved_at),
            shared: shared.map(|(with, at)| (UserId::from_uuid(with), time(at))),
        })
    }

    /// The note, for whoever was let read it.
    pub fn shared(&self, cipher: &dyn FieldCipher) -> Result<SharedDebrief> {
        Ok(SharedDebrief {
            meeting: SupervisionId::from_uuid(self.meeting),
            planned_at: time(self.planned_at),
            supervisor: UserId::from_uuid(self.supervisor),
            body: self.body(cipher)?,
            saved_at: time(self.saved_at),
        })
    }
}

/// A row of `focus_groups`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct FocusRow {
    pub begins_at: i64,
    pub recording: bool,
}

impl FocusRow {
    /// The focus group, with what was said to it.
    pub fn with(&self, said: Vec<FocusSeatRow>) -> FocusGroup {
        FocusGroup {
            begins_at: time(self.begins_at),
            recording: self.recording,
            said: said.into_iter().map(FocusSeatRow::said).collect(),
        }
    }
}

/// A row of `focus_seats`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct FocusSeatRow {
    pub coach: Uuid,
    pub takes_part: bool,
    pub recorded: bool,
}

impl FocusSeatRow {
    /// Who said what.
    pub fn said(self) -> (UserId, FocusPart) {
        (UserId::from_uuid(self.coach), FocusPart::of(self.takes_part, self.recorded))
    }
}
