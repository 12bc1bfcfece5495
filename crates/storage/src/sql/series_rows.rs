//! Rows: series of coaching sessions (CM-02). What belongs to a practitioner lies under that person's key, what a coach
//! says of themself under the coach's.

use hearback_access::seal::{FieldCipher, FieldKey};
use hearback_domain::{
    CoachingSessionId, Note, RecordingId, SeriesId, UserId,
    coaching::{AgreementBody, Candidate, Considered, Focus, MostSeries, Profile, SessionState},
    conflict::Part,
};
use uuid::Uuid;

use super::{
    HoursRows, SupervisedRow, inconsistent, open_person_name, open_text, relation, seal_text, time,
    unsigned,
};
use crate::{
    Attending, CoachProfile, CoachingAgreement, CoachingSession, Ended, PastCoach, Result, Series,
    StoreError,
};

const PROFILE: (&str, &str) = ("coach_profiles", "body");
const FOCUS: (&str, &str) = ("series", "focus");
const ENDING: (&str, &str) = ("series", "ending_note");
const CONSIDERED: (&str, &str) = ("series", "considered");
const AGREED: (&str, &str) = ("agreements", "body");
const PLACE: (&str, &str) = ("coaching_sessions", "place");

const fn person(id: Uuid) -> FieldKey {
    FieldKey::Person(UserId::from_uuid(id))
}

fn seal(
    cipher: &dyn FieldCipher,
    owner: UserId,
    (table, column): (&'static str, &'static str),
    row: Uuid,
    text: &str,
) -> Result<Vec<u8>> {
    seal_text(cipher, FieldKey::Person(owner), table, column, row, text)
}

fn open(
    cipher: &dyn FieldCipher,
    owner: Uuid,
    (table, column): (&'static str, &'static str),
    row: Uuid,
    sealed: &[u8],
) -> Result<String> {
    open_text(cipher, person(owner), table, column, row, sealed)
}

fn open_note(
    cipher: &dyn FieldCipher,
    owner: Uuid,
    place: (&'static str, &'static str),
    row: Uuid,
    sealed: &[u8],
) -> Result<Note> {
    let text = open(cipher, owner, place, row, sealed)?;
    Note::new(&text).map_err(inconsistent(place.0, place.1))
}

/// Seals what a coach says of themself.
pub fn seal_profile(cipher: &dyn FieldCipher, coach: UserId, profile: &Profile) -> Result<Vec<u8>> {
    seal(cipher, coach, PROFILE, coach.as_uuid(), &profile.to_json())
}

/// Opens it.
pub fn open_profile(cipher: &dyn FieldCipher, coach: UserId, sealed: &[u8]) -> Result<Profile> {
    let id = coach.as_uuid();
    Profile::parse(&open(cipher, id, PROFILE, id, sealed)?)
        .map_err(inconsistent(PROFILE.0, PROFILE.1))
}

/// Seals what a series is about.
pub fn seal_focus(
    cipher: &dyn FieldCipher,
    practitioner: UserId,
    series: SeriesId,
    focus: &Focus,
) -> Result<Vec<u8>> {
    seal(cipher, practitioner, FOCUS, series.as_uuid(), &focus.to_json())
}

/// Seals what a practitioner thought about before a series.
pub fn seal_considered(
    cipher: &dyn FieldCipher,
    practitioner: UserId,
    series: SeriesId,
    considered: &Considered,
) -> Result<Vec<u8>> {
    seal(cipher, practitioner, CONSIDERED, series.as_uuid(), &considered.to_json())
}

/// Opens it.
pub fn open_considered(
    cipher: &dyn FieldCipher,
    practitioner: UserId,
    series: SeriesId,
    sealed: &[u8],
) -> Result<Considered> {
    let json = open(cipher, practitioner.as_uuid(), CONSIDERED, series.as_uuid(), sealed)?;
    Considered::parse(&json).map_err(inconsistent(CONSIDERED.0, CONSIDERED.1))
}

/// Seals what may be told of a series when it has ended.
pub fn seal_ending(
    cipher: &dyn FieldCipher,
    practitioner: UserId,
    series: SeriesId,
    note: &Note,
) -> Result<Vec<u8>> {
    seal(cipher, practitioner, ENDING, series.as_uuid(), note.as_str())
}

/// Seals what the two agreed on.
pub fn seal_agreement(
    cipher: &dyn FieldCipher,
    practitioner: UserId,
    series: SeriesId,
    body: &AgreementBody,
) -> Result<Vec<u8>> {
    seal(cipher, practitioner, AGREED, series.as_uuid(), &body.to_json())
}

/// Seals where a session is.
pub fn seal_place(
    cipher: &dyn FieldCipher,
    practitioner: UserId,
    session: CoachingSessionId,
    place: &Note,
) -> Result<Vec<u8>> {
    seal(cipher, practitioner, PLACE, session.as_uuid(), place.as_str())
}

/// A row of `coach_profiles`, with the person's name and how many series they coach now.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct CoachProfileRow {
    pub person: Uuid,
    pub name: Vec<u8>,
    pub body: Vec<u8>,
    pub taking_on: bool,
    pub most_series: i64,
    pub accredited_till: Option<i64>,
    pub changed_at: i64,
    pub present: i64,
    #[sqlx(flatten)]
    pub supervised: SupervisedRow,
}

impl CoachProfileRow {
    /// The coach, with what is known of hours.
    pub fn open(self, cipher: &dyn FieldCipher, hours: &HoursRows) -> Result<CoachProfile> {
        Ok(CoachProfile {
            person: UserId::from_uuid(self.person),
            name: open_person_name(cipher, self.person, &self.name)?,
            profile: open_profile(cipher, UserId::from_uuid(self.person), &self.body)?,
            taking_on: self.taking_on,
            most: most(self.most_series)?,
            present: unsigned("series", "coach", self.present)?,
            checked_until: self.accredited_till.map(time),
            changed_at: time(self.changed_at),
            supervised_at: self.supervised.last()?,
            hours: hours.of(self.person)?,
        })
    }

    /// All of them, by name: the database cannot sort what it cannot read.
    pub fn by_name(
        rows: Vec<Self>,
        cipher: &dyn FieldCipher,
        hours: &HoursRows,
    ) -> Result<Vec<CoachProfile>> {
        let mut all =
            rows.into_iter().map(|row| row.open(cipher, hours)).collect::<Result<Vec<_>>>()?;
        all.sort_by(|a, b| (&a.name, a.person).cmp(&(&b.name, b.person)));
        Ok(all)
    }
}

fn most(number: i64) -> Result<MostSeries> {
    let number = unsigned("coach_profiles", "most_series", number)?;
    MostSeries::new(number).map_err(inconsistent("coach_profiles", "most_series"))
}

/// What counts when somebody is chosen as coach.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct CandidateRow {
    pub taking_on: bool,
    pub most_series: i64,
    pub accredited_till: Option<i64>,
    pub present: i64,
    /// Whether they are the practitioner, or manage them.
    pub same: bool,
    pub manages: bool,
    #[sqlx(flatten)]
    pub supervised: SupervisedRow,
}

impl CandidateRow {
    /// The candidate, who ever had these relations to the practitioner.
    pub fn with(self, ever: &[String]) -> Result<Candidate> {
        let mut has = Vec::new();
        for word in ever {
            has.extend(Part::of(relation(word)?));
        }
        has.extend(self.same.then_some(Part::Holds));
        has.extend(self.manages.then_some(Part::Manages));
        Ok(Candidate {
            has,
            taking_on: self.taking_on,
            checked_until: self.accredited_till.map(time),
            supervised_at: self.supervised.last()?,
            most: most(self.most_series)?,
            present: unsigned("series", "coach", self.present)?,
        })
    }
}

/// A row of `series`, with the names of the two.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct SeriesRow {
    pub id: Uuid,
    pub practitioner: Uuid,
    pub practitioner_name: Vec<u8>,
    pub coach: Option<Uuid>,
    pub coach_name: Option<Vec<u8>>,
    pub focus: Vec<u8>,
    pub attendance: bool,
    pub started_at: i64,
    pub agreed_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub ending: Option<String>,
    pub ending_note: Option<Vec<u8>>,
}

impl SeriesRow {
    /// The series, which walks along these recordings.
    pub fn open(self, cipher: &dyn FieldCipher, recordings: Vec<Uuid>) -> Result<Series> {
        let focus = open(cipher, self.practitioner, FOCUS, self.id, &self.focus)?;
        let coach = match (self.coach, &self.coach_name) {
            (Some(id), Some(name)) => {
                Some((UserId::from_uuid(id), open_person_name(cipher, id, name)?))
            }
            _ => None,
        };
        let note = |sealed: &Vec<u8>| open_note(cipher, self.practitioner, ENDING, self.id, sealed);
        let ended = match (self.ended_at, &self.ending) {
            (Some(at), Some(how)) => Some(Ended {
                at: time(at),
                how: how.parse().map_err(inconsistent("series", "ending"))?,
                note: self.ending_note.as_ref().map(note).transpose()?,
            }),
            _ => None,
        };
        Ok(Series {
            id: SeriesId::from_uuid(self.id),
            practitioner: UserId::from_uuid(self.practitioner),
            practitioner_name: open_person_name(
                cipher,
                self.practitioner,
                &self.practitioner_name,
            )?,
            coach,
            focus: Focus::parse(&focus).map_err(inconsistent(FOCUS.0, FOCUS.1))?,
            attendance: self.attendance,
            started_at: time(self.started_at),
            agreed_at: self.agreed_at.map(time),
            ended,
            recordings: recordings.into_iter().map(RecordingId::from_uuid).collect(),
        })
    }
}

/// A row of `series_coaches`, with the name.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct PastCoachRow {
    pub coach: Uuid,
    pub name: Vec<u8>,
    pub asked_at: i64,
    pub left_at: Option<i64>,
    pub manages: bool,
}

impl PastCoachRow {
    /// Who coached when.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<PastCoach> {
        Ok(PastCoach {
            person: UserId::from_uuid(self.coach),
            name: open_person_name(cipher, self.coach, &self.name)?,
            asked_at: time(self.asked_at),
            left_at: self.left_at.map(time),
            manages: self.manages,
        })
    }
}

/// A row of `agreements`, with whose series it is.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct AgreementRow {
    pub series: Uuid,
    pub practitioner: Uuid,
    pub version: i64,
    pub body: Vec<u8>,
    pub written_by: Uuid,
    pub written_at: i64,
    pub practitioner_signed_at: Option<i64>,
    pub coach: Option<Uuid>,
    pub coach_signed_at: Option<i64>,
}

impl AgreementRow {
    /// The agreement.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<CoachingAgreement> {
        let body = open(cipher, self.practitioner, AGREED, self.series, &self.body)?;
        let coach = self.coach.map(UserId::from_uuid);
        Ok(CoachingAgreement {
            version: unsigned("agreements", "version", self.version)?,
            body: AgreementBody::parse(&body).map_err(inconsistent(AGREED.0, AGREED.1))?,
            written_by: UserId::from_uuid(self.written_by),
            written_at: time(self.written_at),
            practitioner_signed_at: self.practitioner_signed_at.map(time),
            coach_signed: coach.zip(self.coach_signed_at.map(time)),
        })
    }
}

/// A row of `coaching_sessions`, with whose series it is of.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct CoachingSessionRow {
    pub id: Uuid,
    pub practitioner: Uuid,
    pub planned_at: i64,
    pub place: Vec<u8>,
    pub state: String,
    pub began_at: Option<i64>,
    pub ended_at: Option<i64>,
}

impl CoachingSessionRow {
    /// The session.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<CoachingSession> {
        Ok(CoachingSession {
            id: CoachingSessionId::from_uuid(self.id),
            planned_at: time(self.planned_at),
            place: open_note(cipher, self.practitioner, PLACE, self.id, &self.place)?,
            state: session_state(&self.state)?,
            began_at: self.began_at.map(time),
            ended_at: self.ended_at.map(time),
        })
    }
}

/// Reads how far a session is.
pub fn session_state(word: &str) -> Result<SessionState> {
    word.parse().map_err(inconsistent("coaching_sessions", "state"))
}

/// Whose series, and a session of it; no session for one that has none yet.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct AttendingRow {
    pub person: Uuid,
    pub name: Vec<u8>,
    pub planned_at: Option<i64>,
    pub state: Option<String>,
}

impl AttendingRow {
    /// Everybody, by name, from rows that are in the order of their sessions' times.
    pub fn by_name(rows: Vec<Self>, cipher: &dyn FieldCipher) -> Result<Vec<Attending>> {
        let mut all: Vec<Attending> = Vec::new();
        for row in rows {
            let person = UserId::from_uuid(row.person);
            let date = match (row.planned_at, &row.state) {
                (Some(at), Some(state)) => Some((time(at), session_state(state)?)),
                _ => None,
            };
            if let Some(one) = all.iter_mut().find(|one| one.person == person) {
                one.dates.extend(date);
            } else {
                let name = open_person_name(cipher, row.person, &row.name)?;
                all.push(Attending { person, name, dates: date.into_iter().collect() });
            }
        }
        all.sort_by(|a, b| (&a.name, a.person).cmp(&(&b.name, b.person)));
        Ok(all)
    }
}

/// A number of people or sessions.
pub fn how_many(number: i64) -> Result<u64, StoreError> {
    unsigned("series", "count", number)
}
