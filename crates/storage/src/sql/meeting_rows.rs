//! Rows about coaching sessions while they are live.

use hearback_access::seal::{FieldCipher, FieldKey};
use hearback_domain::{
    JoinCode, KeyClass, Label, Note, PieceId, Pseudonym, RecordingId, SeriesId, Timestamp, UserId,
    coaching::{self, Focus, MOST_SESSIONS, SessionState, numbers},
};
use uuid::Uuid;

use super::{inconsistent, open_person_name, open_text, span, time, unless_erased};
use crate::{MeetingPiece, MeetingRoom, MeetingStage, NotBegun, Result, SessionGuest};

/// A row of `coaching_sessions`, with what its series says of itself.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct MeetingRow {
    pub id: Uuid,
    pub series: Uuid,
    pub practitioner: Uuid,
    pub coach: Option<Uuid>,
    pub focus: Vec<u8>,
    pub planned_at: i64,
    pub state: String,
    pub code: Option<String>,
    /// Whether both signed, and the series goes on.
    pub agreed: bool,
}

fn state(word: &str) -> Result<SessionState> {
    word.parse().map_err(inconsistent("coaching_sessions", "state"))
}

fn code(text: Option<&str>) -> Result<JoinCode> {
    JoinCode::parse(text.unwrap_or_default()).map_err(inconsistent("coaching_sessions", "code"))
}

impl MeetingRow {
    /// What the room shows; `all` are the sessions of the series, in the order of their times.
    pub fn open(
        self,
        cipher: &dyn FieldCipher,
        all: &[TimedRow],
        pieces: Vec<MeetingPiece>,
    ) -> Result<MeetingRoom> {
        let practitioner = UserId::from_uuid(self.practitioner);
        let stage = match state(&self.state)? {
            SessionState::Live => MeetingStage::Live { code: code(self.code.as_deref())? },
            SessionState::Held => MeetingStage::Over,
            SessionState::Missed => MeetingStage::Missed,
            SessionState::Planned if self.agreed => MeetingStage::Ahead,
            SessionState::Planned => MeetingStage::Unsigned,
            SessionState::Postponed => MeetingStage::PutOff,
        };
        let states: Vec<_> = all.iter().map(TimedRow::timed).collect::<Result<_>>()?;
        let at = all.iter().position(|one| one.id == self.id);
        Ok(MeetingRoom {
            series: SeriesId::from_uuid(self.series),
            practitioner,
            coach: self.coach.map(UserId::from_uuid),
            number: at.and_then(|at| numbers(&states).get(at).copied().flatten()),
            focus: focus(cipher, practitioner, self.series, &self.focus)?,
            planned_at: time(self.planned_at),
            stage,
            pieces,
        })
    }
}

/// The chosen name that a series is about; none if it was erased.
fn focus(
    cipher: &dyn FieldCipher,
    practitioner: UserId,
    series: Uuid,
    sealed: &[u8],
) -> Result<Option<Pseudonym>> {
    let key = FieldKey::Person(practitioner);
    let json = unless_erased(open_text(cipher, key, "series", "focus", series, sealed))?;
    let focus = json.map(|json| Focus::parse(&json)).transpose();
    Ok(focus.map_err(inconsistent::<coaching::Unreadable>("series", "focus"))?.map(|f| f.name))
}

/// A session in the order of its series.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct TimedRow {
    pub id: Uuid,
    pub planned_at: i64,
    pub state: String,
}

impl TimedRow {
    fn timed(&self) -> Result<(Timestamp, SessionState)> {
        Ok((time(self.planned_at), state(&self.state)?))
    }
}

/// What counts when a session is to begin.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ToBeginRow {
    pub state: String,
    /// How many of the series were held.
    pub held: i64,
    /// Another one of the series is live.
    pub another: bool,
    /// Some session that is live has the code.
    pub taken: bool,
}

impl ToBeginRow {
    /// Whether it may begin.
    pub fn check(&self) -> Result<Result<(), NotBegun>> {
        Ok(if !state(&self.state)?.may_become(SessionState::Live) {
            Err(NotBegun::NotAhead)
        } else if self.held >= i64::from(MOST_SESSIONS) {
            Err(NotBegun::AllHeld)
        } else if self.another {
            Err(NotBegun::AnotherLive)
        } else if self.taken {
            Err(NotBegun::CodeTaken)
        } else {
            Ok(())
        })
    }
}

/// A row of `session_clips`, for the room.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct MeetingPieceRow {
    pub id: Uuid,
    pub recording: Uuid,
    pub title: Vec<u8>,
    pub question: Vec<u8>,
    pub start_ms: i64,
    pub end_ms: i64,
}

impl MeetingPieceRow {
    /// The extract as it is shown.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<MeetingPiece> {
        const TABLE: &str = "session_clips";
        let key = FieldKey::Recording(RecordingId::from_uuid(self.recording), KeyClass::Extracts);
        let words = |column, sealed: &[u8]| open_text(cipher, key, TABLE, column, self.id, sealed);
        let (title, question) = (words("title", &self.title)?, words("question", &self.question)?);
        Ok(MeetingPiece {
            id: PieceId::from_uuid(self.id),
            title: Label::new(&title).map_err(inconsistent(TABLE, "title"))?,
            question: Note::new(&question).map_err(inconsistent(TABLE, "question"))?,
            length: span("clips", self.start_ms, self.end_ms)?.len(),
        })
    }
}

/// A row of `session_guests`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct GuestRow {
    pub guest: Uuid,
    pub name: Vec<u8>,
    pub invited_at: i64,
}

impl GuestRow {
    /// Who is invited.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<SessionGuest> {
        Ok(SessionGuest {
            guest: UserId::from_uuid(self.guest),
            name: open_person_name(cipher, self.guest, &self.name)?,
            invited_at: time(self.invited_at),
        })
    }
}
