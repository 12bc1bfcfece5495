//! Series of coaching sessions (CM-02): what is agreed, when the two meet, and how it ends.

use async_trait::async_trait;
use hearback_access::{Agree, ArrangeSessions, DecideSeries, Permit, SeeSeries, StartSeries};
use hearback_domain::{
    CoachingSessionId, Note, RecordingId, SeriesId, Timestamp, UserId,
    coaching::{AgreementBody, Considered, Ending, Focus, NotCoach, NotPlanned, SessionState},
};

use crate::Result;

/// A series to be begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSeries {
    /// Its identifier.
    pub id: SeriesId,
    /// Who is asked to coach.
    pub coach: UserId,
    /// What it is about.
    pub focus: Focus,
    /// Whether others may be told that its practitioner receives coaching.
    pub attendance: bool,
    /// What its practitioner thought about before (CM-11).
    pub considered: Option<Considered>,
}

/// A series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Its identifier.
    pub id: SeriesId,
    /// Who is coached.
    pub practitioner: UserId,
    /// What they are called on screen.
    pub practitioner_name: String,
    /// Who coaches now, and what they are called; none while nobody is chosen.
    pub coach: Option<(UserId, String)>,
    /// What it is about.
    pub focus: Focus,
    /// Whether others may be told that its practitioner receives coaching.
    pub attendance: bool,
    /// When it was begun.
    pub started_at: Timestamp,
    /// Since when both have signed the agreement that holds.
    pub agreed_at: Option<Timestamp>,
    /// When and how it ended.
    pub ended: Option<Ended>,
    /// The recordings that it walks along, in the order in which they were added, ties by id.
    pub recordings: Vec<RecordingId>,
}

/// How a series ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// What its practitioner chose to be told.
    pub how: Ending,
    /// The note that they approved.
    pub note: Option<Note>,
}

/// Somebody who coaches in a series, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastCoach {
    /// Who.
    pub person: UserId,
    /// What they are called on screen.
    pub name: String,
    /// When they were asked.
    pub asked_at: Timestamp,
    /// Since when they coach in it no more.
    pub left_at: Option<Timestamp>,
    /// Whether that is because they became the practitioner's line manager (K-17).
    pub manages: bool,
}

/// What the two agreed on, in its newest version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoachingAgreement {
    /// Counted from 1. Each change is a new version, which both sign anew.
    pub version: u32,
    /// What they wrote.
    pub body: AgreementBody,
    /// Who wrote this version.
    pub written_by: UserId,
    /// When.
    pub written_at: Timestamp,
    /// When the practitioner signed it.
    pub practitioner_signed_at: Option<Timestamp>,
    /// Which coach signed it, and when.
    pub coach_signed: Option<(UserId, Timestamp)>,
}

/// A session of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoachingSession {
    /// Its identifier.
    pub id: CoachingSessionId,
    /// When it is to begin.
    pub planned_at: Timestamp,
    /// Where.
    pub place: Note,
    /// How far it is.
    pub state: SessionState,
    /// When it began.
    pub began_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
}

/// Series of coaching sessions (CM-02).
#[async_trait]
pub trait Coaching {
    /// Begins a series of the permit's person, unless something speaks against its coach.
    async fn begin_series(
        &mut self,
        permit: &Permit<StartSeries>,
        series: &NewSeries,
    ) -> Result<Result<(), NotCoach>>;

    /// A series.
    async fn series(&mut self, permit: &Permit<SeeSeries>) -> Result<Option<Series>>;

    /// What its practitioner thought about before they began it: for them alone (CM-11).
    async fn considered(&mut self, permit: &Permit<SeeSeries>) -> Result<Option<Considered>>;

    /// Its sessions by their times, ties by id.
    async fn coaching_sessions(
        &mut self,
        permit: &Permit<SeeSeries>,
    ) -> Result<Vec<CoachingSession>>;

    /// Its agreement, in the newest version.
    async fn agreement(&mut self, permit: &Permit<SeeSeries>) -> Result<Option<CoachingAgreement>>;

    /// Writes a new version of the agreement, which nobody has signed yet, in the place of version `read` (0 if there
    /// was none); its number. None if somebody wrote another one meanwhile, or a session is on.
    async fn write_agreement(
        &mut self,
        permit: &Permit<Agree>,
        read: u32,
        body: &AgreementBody,
    ) -> Result<Option<u32>>;

    /// Signs this version for the permit's person. When the practitioner and whoever coaches now have both signed it,
    /// it is agreed. False if it is not the newest.
    async fn sign_agreement(&mut self, permit: &Permit<Agree>, version: u32) -> Result<bool>;

    /// Gives one more session a time and a place.
    async fn plan_session(
        &mut self,
        permit: &Permit<ArrangeSessions>,
        id: CoachingSessionId,
        at: Timestamp,
        place: &Note,
    ) -> Result<Result<(), NotPlanned>>;

    /// Gives a session that is planned, or was put off, another time and place.
    async fn move_session(
        &mut self,
        permit: &Permit<ArrangeSessions>,
        id: CoachingSessionId,
        at: Timestamp,
        place: &Note,
    ) -> Result<Result<(), NotPlanned>>;

    /// Puts a planned session off. False if it is not planned.
    async fn postpone_session(
        &mut self,
        permit: &Permit<ArrangeSessions>,
        id: CoachingSessionId,
    ) -> Result<bool>;

    /// Notes that a planned session did not come about. False if it is not planned, or still to come.
    async fn miss_session(
        &mut self,
        permit: &Permit<ArrangeSessions>,
        id: CoachingSessionId,
    ) -> Result<bool>;

    /// Says what the series is about. False if it has ended.
    async fn set_focus(&mut self, permit: &Permit<DecideSeries>, focus: &Focus) -> Result<bool>;

    /// Walks along one more recording of one's own. False if it is not the practitioner's own, or the series has ended.
    async fn add_to_series(
        &mut self,
        permit: &Permit<DecideSeries>,
        recording: RecordingId,
    ) -> Result<bool>;

    /// Walks along it no more. What was chosen from it for sessions that are still to come stays chosen.
    async fn drop_from_series(
        &mut self,
        permit: &Permit<DecideSeries>,
        recording: RecordingId,
    ) -> Result<()>;

    /// Who coaches in it, and who did, in the order in which they were asked.
    async fn coach_history(&mut self, permit: &Permit<DecideSeries>) -> Result<Vec<PastCoach>>;

    /// Whether somebody whom its practitioner had invited could be there until the end of a session that was held (K-02).
    async fn had_guest(&mut self, permit: &Permit<DecideSeries>) -> Result<bool>;

    /// Chooses another coach, or nobody for now, unless something speaks against them. Whoever coached until now sees
    /// nothing of it from then on; the agreement is signed anew; a session that is on is over; all else stays.
    async fn change_coach(
        &mut self,
        permit: &Permit<DecideSeries>,
        coach: Option<UserId>,
    ) -> Result<Result<(), NotCoach>>;

    /// Says whether others may be told that the practitioner receives coaching. False if the series has ended.
    async fn set_attendance(
        &mut self,
        permit: &Permit<DecideSeries>,
        may_be_told: bool,
    ) -> Result<bool>;

    /// Ends the series. Sessions that were still to come are removed, unless somebody wrote something in one: that one
    /// counts as put off. A session that is on is over, and so are invitations. False if it has ended already.
    async fn end_series(
        &mut self,
        permit: &Permit<DecideSeries>,
        how: Ending,
        note: Option<&Note>,
    ) -> Result<bool>;
}
