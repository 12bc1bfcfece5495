//! What comes after a meeting in which coaches are supervised: the supervisor's note, which a researcher may be let
//! read (SUP-05), and a focus group (SUP-07).

use async_trait::async_trait;
use hearback_access::{AttendSupervision, Cx, Permit, ReadDebriefs, Supervise};
use hearback_domain::{Note, SupervisionId, Timestamp, UserId, supervision::FocusPart};

use crate::Result;

/// What a supervisor notes after a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debrief {
    /// What.
    pub body: Note,
    /// When it was saved last.
    pub saved_at: Timestamp,
    /// Who may read it, and since when; nobody else does.
    pub shared: Option<(UserId, Timestamp)>,
}

/// The same, for whoever was let read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedDebrief {
    /// Of which meeting.
    pub meeting: SupervisionId,
    /// When that began.
    pub planned_at: Timestamp,
    /// Who led it, and wrote this.
    pub supervisor: UserId,
    /// What.
    pub body: Note,
    /// When it was saved last.
    pub saved_at: Timestamp,
}

/// A focus group after a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FocusGroup {
    /// When it begins.
    pub begins_at: Timestamp,
    /// Whether the recorder in the room runs.
    pub recording: bool,
    /// What each said who said anything, by id.
    pub said: Vec<(UserId, FocusPart)>,
}

/// What comes after a meeting. A supervisor does this with their own meetings; a coach with those that they are invited
/// to.
#[async_trait]
pub trait AfterMeetings {
    /// The supervisor's own note.
    async fn debrief(
        &mut self,
        permit: &Permit<Supervise>,
        meeting: SupervisionId,
    ) -> Result<Option<Debrief>>;

    /// Keeps it; an empty one takes it away, from whoever was let read it too. Whoever was let read it reads what it
    /// says now. False if the meeting is not theirs.
    async fn keep_debrief(
        &mut self,
        permit: &Permit<Supervise>,
        meeting: SupervisionId,
        body: &Note,
    ) -> Result<bool>;

    /// Lets one researcher read it, in the place of another; with none, nobody. False if there is no such note, or they
    /// are no researcher.
    async fn share_debrief(
        &mut self,
        permit: &Permit<Supervise>,
        meeting: SupervisionId,
        with: Option<UserId>,
    ) -> Result<bool>;

    /// The notes that the permit's person was let read, of the latest meeting first, ties by id.
    async fn debriefs(&mut self, permit: &Permit<ReadDebriefs>) -> Result<Vec<SharedDebrief>>;

    /// Whether there are any, for a link on their first page; nothing of them is told.
    async fn has_debriefs(&mut self, cx: Cx) -> Result<bool>;

    /// The focus group after a meeting that the permit's person leads.
    async fn focus_led(
        &mut self,
        permit: &Permit<Supervise>,
        meeting: SupervisionId,
    ) -> Result<Option<FocusGroup>>;

    /// The same of a meeting to which they are invited: with their own answer, and nobody else's.
    async fn focus_attended(
        &mut self,
        permit: &Permit<AttendSupervision>,
        meeting: SupervisionId,
    ) -> Result<Option<FocusGroup>>;

    /// Adds a focus group, or moves it to another time. What was said to it stays. False if the meeting is not theirs.
    async fn plan_focus(
        &mut self,
        permit: &Permit<Supervise>,
        meeting: SupervisionId,
        begins_at: Timestamp,
    ) -> Result<bool>;

    /// Calls it off, with what was said to it; false if there is none, or the meeting is not theirs.
    async fn drop_focus(
        &mut self,
        permit: &Permit<Supervise>,
        meeting: SupervisionId,
    ) -> Result<bool>;

    /// Notes what the permit's person says to it, in the place of what they said before. The recorder is off from then
    /// on if that leaves it without everybody's yes. False if there is none, or they are not invited.
    async fn answer_focus(
        &mut self,
        permit: &Permit<AttendSupervision>,
        meeting: SupervisionId,
        said: FocusPart,
    ) -> Result<bool>;

    /// Notes that the recorder in the room runs, or does not. False if it may not run, there is no focus group, or the
    /// meeting is not theirs.
    async fn set_recorder(
        &mut self,
        permit: &Permit<Supervise>,
        meeting: SupervisionId,
        runs: bool,
    ) -> Result<bool>;
}
