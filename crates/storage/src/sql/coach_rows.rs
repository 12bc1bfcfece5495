//! Rows: hours that coaches note, and when they were last supervised. What a coach notes lies under that coach's key.

use hearback_access::seal::{FieldCipher, FieldKey};
use hearback_domain::{
    Day, HoursId, Note, Timestamp, UserId,
    coaching::{HoursKind, TimeSpent, hours::Total, told},
};
use uuid::Uuid;

use super::{inconsistent, open_text, seal_text, time, unsigned};
use crate::{CoachHours, NotedHours, Result};

/// Seals what a coach wrote beside hours.
pub fn seal_hours_note(
    cipher: &dyn FieldCipher,
    coach: UserId,
    id: HoursId,
    note: &Note,
) -> Result<Vec<u8>> {
    seal_text(cipher, FieldKey::Person(coach), "coach_hours", "note", id.as_uuid(), note.as_str())
}

fn kind(word: &str) -> Result<HoursKind> {
    word.parse().map_err(inconsistent("coach_hours", "kind"))
}

fn day(text: &str) -> Result<Day> {
    text.parse().map_err(inconsistent("coach_hours", "held_on"))
}

/// A row of `coach_hours`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct HoursRow {
    pub id: Uuid,
    pub coach: Uuid,
    pub kind: String,
    pub held_on: String,
    pub minutes: i64,
    pub note: Vec<u8>,
}

impl HoursRow {
    /// The hours.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<NotedHours> {
        let key = FieldKey::Person(UserId::from_uuid(self.coach));
        let note = open_text(cipher, key, "coach_hours", "note", self.id, &self.note)?;
        let minutes = unsigned("coach_hours", "minutes", self.minutes)?;
        Ok(NotedHours {
            id: HoursId::from_uuid(self.id),
            kind: kind(&self.kind)?,
            day: day(&self.held_on)?,
            spent: TimeSpent::minutes(minutes).map_err(inconsistent("coach_hours", "minutes"))?,
            note: Note::new(&note).map_err(inconsistent("coach_hours", "note"))?,
        })
    }
}

/// All hours of one kind that a coach noted.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct HoursTotalRow {
    pub coach: Uuid,
    pub kind: String,
    pub minutes: i64,
    pub times: i64,
}

/// How long sessions took in which somebody coached, and about how many people that is.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct HeldRow {
    pub coach: Uuid,
    pub micros: i64,
    pub people: i64,
}

impl HeldRow {
    /// In minutes that are over.
    pub fn minutes(&self) -> Result<u64> {
        let micros: u64 = unsigned("coaching_sessions", "ended_at", self.micros)?;
        Ok(micros / 60_000_000)
    }
}

/// What is known of the hours of coaches.
pub struct HoursRows {
    /// What each noted.
    pub noted: Vec<HoursTotalRow>,
    /// What each held here.
    pub held: Vec<HeldRow>,
}

impl HoursRows {
    /// Those of one coach, as others are told them (K-07).
    pub fn of(&self, coach: Uuid) -> Result<CoachHours> {
        // In the order of the kinds, which the database does not know.
        let mut noted = Vec::new();
        for row in self.noted.iter().filter(|row| row.coach == coach) {
            noted.push(Total {
                kind: kind(&row.kind)?,
                minutes: unsigned("coach_hours", "minutes", row.minutes)?,
                times: unsigned("coach_hours", "count", row.times)?,
            });
        }
        noted.sort_by_key(|total| total.kind);
        let held_here = match self.held.iter().find(|row| row.coach == coach) {
            Some(row) => told(unsigned("series", "count", row.people)?, row.minutes()?),
            None => None,
        };
        Ok(CoachHours { noted, held_here })
    }
}

/// When a coach was supervised, as the tables have it.
#[derive(sqlx::FromRow)]
pub struct SupervisedRow {
    /// When they last came to a meeting.
    pub came_at: Option<i64>,
    /// The last day of which they noted supervision.
    pub supervised_on: Option<String>,
    /// When their certificate was looked at, or else their profile was written.
    pub checked_at: i64,
}

impl SupervisedRow {
    /// The latest of it.
    pub fn last(&self) -> Result<Timestamp> {
        let noted = self.supervised_on.as_deref().map(day).transpose()?.map(Day::starts);
        let found = [self.came_at.map(time), noted].into_iter().flatten();
        Ok(found.fold(time(self.checked_at), Ord::max))
    }
}
