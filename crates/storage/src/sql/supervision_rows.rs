//! Rows: coaches supervised together (SUP-01).

use hearback_access::seal::{FieldCipher, FieldKey};
use hearback_domain::{
    Ms, Note, SupervisionId, UserId,
    supervision::{Dome, Phase},
};
use uuid::Uuid;

use super::{inconsistent, open_text, seal_text, time, unsigned};
use crate::{Inconsistency, Outcome, Result, SupervisionMeeting, SupervisionSeat};

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
