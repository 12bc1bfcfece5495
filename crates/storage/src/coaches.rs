//! Who coaches, and what others see of coaching (ORG-12, K-07).

use async_trait::async_trait;
use hearback_access::{
    CheckProfile, KeepProfile, Permit, SeeAttendance, SeeCoaching, SeeCoachingFigures,
};
use hearback_domain::{
    Timestamp, UserId,
    coaching::{MostSeries, Profile, SessionState},
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

    /// Everybody with a profile who is a coach and let in, by name, ties by id.
    async fn coach_pool(&mut self, permit: &Permit<SeeCoaching>) -> Result<Vec<CoachProfile>>;

    /// Notes until when a coach's accreditation counts as looked at, or that it does not; false without a profile.
    async fn check_profile(
        &mut self,
        permit: &Permit<CheckProfile>,
        coach: UserId,
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
