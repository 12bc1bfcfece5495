//! Who coaches, and what others see of coaching (ORG-12, K-07).

use async_trait::async_trait;
use hearback_access::{
    CheckProfile, KeepProfile, Permit, SeeAttendance, SeeCoaching, SeeCoachingFigures,
};
use hearback_domain::{
    Day, HoursId, Note, Timestamp, UserId,
    coaching::{HoursKind, MostSeries, Profile, SessionState, TimeSpent, hours::Total},
};

use crate::Result;

/// A coach, as those who look for one see them (ORG-12).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoachProfile {
    /// Who.
    pub person: UserId,
    /// What they are called on screen.
    pub name: String,
    /// What they say of themself.
    pub profile: Profile,
    /// Whether they take anybody on.
    pub taking_on: bool,
    /// How many series they coach at once.
    pub most: MostSeries,
    /// How many they coach now.
    pub present: u64,
    /// Until when their accreditation counts as looked at (CM-09); none if nobody has.
    pub checked_until: Option<Timestamp>,
    /// When they changed it last.
    pub changed_at: Timestamp,
    /// When they were last supervised, or their certificate was looked at, whichever is later (SUP-06).
    pub supervised_at: Timestamp,
    /// The hours that they noted.
    pub hours: CoachHours,
}

/// Hours of a coach.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CoachHours {
    /// What they noted, by kind.
    pub noted: Vec<Total>,
    /// For how many minutes sessions were held here in which they coached. None where that is not told: to others, if
    /// it would be about few people (K-07).
    pub held_here: Option<u64>,
}

/// Hours that a coach notes (CM-09, SUP-04).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedHours {
    /// Their identifier.
    pub id: HoursId,
    /// What they were spent on.
    pub kind: HoursKind,
    /// On which day.
    pub day: Day,
    /// How long it took.
    pub spent: TimeSpent,
    /// A short note of the coach's own; it may be empty.
    pub note: Note,
}

/// What a coach keeps of themself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptProfile {
    /// What they say.
    pub profile: Profile,
    /// Whether they take anybody on.
    pub taking_on: bool,
    /// How many series they coach at once.
    pub most: MostSeries,
}

/// Somebody who said that it may be told that they receive coaching, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attending {
    /// Who.
    pub person: UserId,
    /// What they are called on screen.
    pub name: String,
    /// When their sessions were, and when the planned ones are, earliest first.
    pub dates: Vec<(Timestamp, SessionState)>,
}

/// How many receive coaching. Each is told only where it is about enough people (K-07).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoachingFigures {
    /// How many people have a series that goes on.
    pub people: Option<u64>,
    /// How many sessions were held, ever.
    pub held: Option<u64>,
}

/// Who coaches, and what others see of coaching.
#[async_trait]
pub trait Coaches {
    /// What the permit's person keeps of themself as a coach.
    async fn own_profile(&mut self, permit: &Permit<KeepProfile>) -> Result<Option<CoachProfile>>;

    /// Keeps it. Another accreditation has to be looked at anew.
    async fn keep_profile(
        &mut self,
        permit: &Permit<KeepProfile>,
        profile: &KeptProfile,
    ) -> Result<()>;

    /// The hours that the permit's person noted, newest day first, ties by id.
    async fn own_hours(&mut self, permit: &Permit<KeepProfile>) -> Result<Vec<NotedHours>>;

    /// For how many minutes sessions were held here in which the permit's person coached.
    async fn held_here(&mut self, permit: &Permit<KeepProfile>) -> Result<u64>;

    /// Notes hours.
    async fn note_hours(&mut self, permit: &Permit<KeepProfile>, hours: &NotedHours) -> Result<()>;

    /// Takes hours away that the permit's person noted; false if they noted no such hours.
    async fn drop_hours(&mut self, permit: &Permit<KeepProfile>, id: HoursId) -> Result<bool>;

    /// Everybody with a profile who is a coach and let in, by name, ties by id.
    async fn coach_pool(&mut self, permit: &Permit<SeeCoaching>) -> Result<Vec<CoachProfile>>;

    /// Notes until when a coach's accreditation counts as looked at, or that it does not. From when it was looked at on,
    /// supervision is looked for (SUP-06). False without a profile, about oneself, or if the profile was changed after
    /// `seen`: nobody says that they looked at what they never saw.
    async fn check_profile(
        &mut self,
        permit: &Permit<CheckProfile>,
        coach: UserId,
        seen: Timestamp,
        until: Option<Timestamp>,
    ) -> Result<bool>;

    /// Who receives coaching and said that it may be told, by name, ties by id; and the dates of what was held and what
    /// is planned, in series that go on. Nothing else.
    async fn attending(&mut self, permit: &Permit<SeeAttendance>) -> Result<Vec<Attending>>;

    /// How many receive coaching.
    async fn coaching_figures(
        &mut self,
        permit: &Permit<SeeCoachingFigures>,
    ) -> Result<CoachingFigures>;
}
