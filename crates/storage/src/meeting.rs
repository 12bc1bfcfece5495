//! Coaching sessions while they are live: who meets, what is heard, who is invited (CM-05, CM-06, K-02).

use async_trait::async_trait;
use hearback_access::{
    DecideSeries, HearInSession, LeadSession, MeetInSession, Permit, SeeSession,
};
use hearback_domain::{
    ClipId, CoachingSessionId, JoinCode, Label, MarkId, Ms, Note, PieceId, Pseudonym, SeriesId,
    Timestamp, UserId,
};

use crate::Result;

/// Where a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeetingStage {
    /// It has not begun, and can.
    Ahead,
    /// It has not begun, and cannot before both have signed what they agree on.
    Unsigned,
    /// One of the two put it off: it can get another time.
    PutOff,
    /// People meet in it, or can.
    Live {
        /// What people type to come in.
        code: JoinCode,
    },
    /// It was held.
    Over,
    /// It did not come about.
    Missed,
}

/// An extract that is to be heard: no positions in the recording, no notes, no numbers (K-05).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeetingPiece {
    /// Its identifier.
    pub id: PieceId,
    /// What it is called.
    pub title: Label,
    /// The open question.
    pub question: Note,
    /// How long it is.
    pub length: Ms,
}

/// What the room of a session shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeetingRoom {
    /// The series it belongs to.
    pub series: SeriesId,
    /// Whose practice it is about.
    pub practitioner: UserId,
    /// Who coaches now.
    pub coach: Option<UserId>,
    /// Which session of the series it is; one that was put off has no number.
    pub number: Option<u8>,
    /// The chosen name of the child, young person or family; none where its key was destroyed.
    pub focus: Option<Pseudonym>,
    /// When it is to begin.
    pub planned_at: Timestamp,
    /// Where it is.
    pub stage: MeetingStage,
    /// What is to be heard, in order: what is shared, and not vetoed.
    pub pieces: Vec<MeetingPiece>,
}

/// Why a session was not begun. The texts are for the coach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotBegun {
    /// There were as many as a series has (CM-02).
    #[error(
        "this series has had its five sessions, and that is where it ends; you can both look back on it"
    )]
    AllHeld,
    /// Another session of the series is live.
    #[error(
        "another session of this series is going on; once that one has ended, this one can begin"
    )]
    AnotherLive,
    /// It was held, or is live, or did not come about.
    #[error("this session is not one that can begin; choose a time for a new one if you both like")]
    NotAhead,
    /// The code is in use: another one is to be made.
    #[error("please try again")]
    CodeTaken,
}

/// How a session that is live comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeetingEnd {
    /// It was held.
    Held,
    /// They meet another time. It does not count.
    Postponed,
}

/// Why nobody was invited. The texts are for the practitioner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotInvited {
    /// The session is over, or is none of this series.
    #[error("this session is over, so nobody can be invited to it")]
    Over,
    /// They are no manager with an account here, or they are one of the two.
    #[error("choose one of the managers in the list")]
    NotAManager,
}

/// Somebody who is invited to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionGuest {
    /// Who.
    pub guest: UserId,
    /// Their name.
    pub name: String,
    /// Since when.
    pub invited_at: Timestamp,
}

/// Sessions while they are live.
#[async_trait]
pub trait Meetings {
    /// The series that a session belongs to. Takes no permit: it is how a question about the series is asked, and says
    /// nothing by itself.
    async fn series_of_session(&mut self, session: CoachingSessionId) -> Result<Option<SeriesId>>;

    /// The session that is live under this code. Takes no permit: whether somebody may come in is asked of the session.
    async fn session_with_code(&mut self, code: &JoinCode) -> Result<Option<CoachingSessionId>>;

    /// The session of a series that is live. Takes no permit: it is how its room is closed when the series ends or
    /// another one coaches, and says nothing by itself.
    async fn live_meeting(&mut self, series: SeriesId) -> Result<Option<CoachingSessionId>>;

    /// Ends every session that was on for longer than any is, with every invitation to it: it was held until the last
    /// that was heard or marked in it. How many that were. Takes no permit: time ends them, nobody does.
    async fn end_forgotten_meetings(&mut self, now: Timestamp) -> Result<u64>;

    /// Begins a session under this code.
    async fn begin_meeting(
        &mut self,
        permit: &Permit<LeadSession>,
        code: &JoinCode,
    ) -> Result<Result<(), NotBegun>>;

    /// Ends it, with every invitation to it; false if it is not live.
    async fn end_meeting(&mut self, permit: &Permit<LeadSession>, how: MeetingEnd) -> Result<bool>;

    /// The same by the practitioner; false if it is not live, or is none of the series.
    async fn end_own_meeting(
        &mut self,
        permit: &Permit<DecideSeries>,
        session: CoachingSessionId,
        how: MeetingEnd,
    ) -> Result<bool>;

    /// Invites a manager to one session of the series (K-02). Whoever is invited already stays so.
    async fn invite_guest(
        &mut self,
        permit: &Permit<DecideSeries>,
        session: CoachingSessionId,
        guest: UserId,
    ) -> Result<Result<(), NotInvited>>;

    /// Takes an invitation back; false if there is none.
    async fn take_back_invitation(
        &mut self,
        permit: &Permit<DecideSeries>,
        session: CoachingSessionId,
        guest: UserId,
    ) -> Result<bool>;

    /// Who is invited to a session of the series, in the order of the invitations, ties by id.
    async fn session_guests(
        &mut self,
        permit: &Permit<DecideSeries>,
        session: CoachingSessionId,
    ) -> Result<Vec<SessionGuest>>;

    /// What the room shows; none if the session is not there.
    async fn meeting_room(&mut self, permit: &Permit<SeeSession>) -> Result<Option<MeetingRoom>>;

    /// Marks a moment of an extract, so far from its beginning; false if it is not one of this session, or not so long.
    async fn mark_moment(
        &mut self,
        permit: &Permit<MeetInSession>,
        mark: MarkId,
        piece: PieceId,
        at: Ms,
    ) -> Result<bool>;

    /// Notes that an extract was heard in the session; the first time counts.
    async fn note_heard(&mut self, permit: &Permit<MeetInSession>, piece: PieceId) -> Result<()>;

    /// The extract whose sound is heard as this piece, if it is one of this session.
    async fn clip_of_piece(
        &mut self,
        permit: &Permit<HearInSession>,
        session: CoachingSessionId,
    ) -> Result<Option<ClipId>>;
}
