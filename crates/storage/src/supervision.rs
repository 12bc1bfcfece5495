//! Coaches supervised together (SUP-01).

use async_trait::async_trait;
use hearback_access::{AttendSupervision, Permit, Supervise};
use hearback_domain::{Note, SupervisionId, Timestamp, UserId, supervision::Dome};

use crate::Result;

/// Who is invited to a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupervisionSeat {
    /// A coach.
    pub coach: UserId,
    /// Whether they came. Nobody is chased.
    pub came: bool,
    /// Whether they were under the dome.
    pub volunteered: bool,
}

/// A meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupervisionMeeting {
    /// Its identifier.
    pub id: SupervisionId,
    /// Who leads it.
    pub supervisor: UserId,
    /// When it begins.
    pub planned_at: Timestamp,
    /// Where the exercise is, while there is one (SUP-03).
    pub dome: Option<Dome>,
    /// Who is invited, by id.
    pub seats: Vec<SupervisionSeat>,
}

/// What somebody who was under the dome takes away from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What.
    pub body: Note,
    /// When it was saved last.
    pub saved_at: Timestamp,
}

/// Meetings in which coaches are supervised together. A supervisor leads their own; a coach sees those that they are
/// invited to. No function here reads a recording, an extract or a sheet.
#[async_trait]
pub trait Supervision {
    /// Calls a meeting of its supervisor with these. Whoever of `coaches` does not coach is left out, and so is the
    /// supervisor.
    async fn call_meeting(
        &mut self,
        permit: &Permit<Supervise>,
        id: SupervisionId,
        planned_at: Timestamp,
        coaches: &[UserId],
    ) -> Result<()>;

    /// The meetings that the permit's person leads, latest first, ties by id.
    async fn meetings_led(&mut self, permit: &Permit<Supervise>)
    -> Result<Vec<SupervisionMeeting>>;

    /// One of them.
    async fn meeting_led(
        &mut self,
        permit: &Permit<Supervise>,
        id: SupervisionId,
    ) -> Result<Option<SupervisionMeeting>>;

    /// Moves one of them to another time; false if it is not theirs. What somebody brought who was under the dome there
    /// already does not come along: they bring it again, if they like.
    async fn move_meeting(
        &mut self,
        permit: &Permit<Supervise>,
        id: SupervisionId,
        planned_at: Timestamp,
    ) -> Result<bool>;

    /// Calls one of them off; false if it is not theirs, or something came of it: somebody was under the dome, or the
    /// supervisor noted something.
    async fn call_off_meeting(
        &mut self,
        permit: &Permit<Supervise>,
        id: SupervisionId,
    ) -> Result<bool>;

    /// Notes that somebody came, or that they did not; false if the meeting is not theirs or has no such seat.
    async fn note_came(
        &mut self,
        permit: &Permit<Supervise>,
        id: SupervisionId,
        coach: UserId,
        came: bool,
    ) -> Result<bool>;

    /// Puts the exercise where it is now; none ends it. False if the meeting is not theirs, or the volunteer has no
    /// seat.
    async fn set_dome(
        &mut self,
        permit: &Permit<Supervise>,
        id: SupervisionId,
        dome: Option<&Dome>,
    ) -> Result<bool>;

    /// Coaches who are invited to no meeting ahead, by id, each with when they were last supervised: here, by what they
    /// noted themselves, or when their certificate was looked at, whichever is the latest (SUP-06). The permit's person
    /// is left out.
    async fn last_supervised(
        &mut self,
        permit: &Permit<Supervise>,
    ) -> Result<Vec<(UserId, Timestamp)>>;

    /// The meetings that the permit's person is invited to, latest first, ties by id.
    async fn meetings_attended(
        &mut self,
        permit: &Permit<AttendSupervision>,
    ) -> Result<Vec<SupervisionMeeting>>;

    /// One of them.
    async fn meeting_attended(
        &mut self,
        permit: &Permit<AttendSupervision>,
        id: SupervisionId,
    ) -> Result<Option<SupervisionMeeting>>;

    /// What the permit's person noted for themselves after they were under the dome.
    async fn own_outcome(
        &mut self,
        permit: &Permit<AttendSupervision>,
        id: SupervisionId,
    ) -> Result<Option<Outcome>>;

    /// Keeps it; an empty one takes it away. False if they were not under the dome in this meeting.
    async fn keep_outcome(
        &mut self,
        permit: &Permit<AttendSupervision>,
        id: SupervisionId,
        body: &Note,
    ) -> Result<bool>;
}
