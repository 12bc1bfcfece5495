//! What is held, for how long, and who stops its destruction: for the data protection officer. No content.

use async_trait::async_trait;
use hearback_access::{ExtendKeeping, Hold, ManageRetention, Permit, SeeHoldings, SeeRecording};
use hearback_domain::{
    JobId, KeyClass, PartyKind, PersonId, Phase, Purpose, Reason, RecordingId, RecordingState,
    Timestamp, UserId,
    retention::{Anchor, Pause, Rules},
    withdrawal::ErasureState,
};
use uuid::Uuid;

use crate::Result;

/// Which recordings to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// All of them.
    #[default]
    All,
    /// Those of which something ends within thirty days, or has ended.
    Ending,
    /// Those that somebody holds.
    Held,
    /// Those of which something is decided to be destroyed and is still there.
    Waiting,
}

/// A page of holdings.
#[derive(Clone, Copy, Debug)]
pub struct HoldingsPage {
    /// Which.
    pub show: Show,
    /// Only those whose identifier lies between these two, both included.
    pub between: Option<(RecordingId, RecordingId)>,
    /// How many to pass over.
    pub skip: u32,
    /// How many at the most.
    pub limit: u32,
}

/// Until when a class of a recording is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What.
    pub class: KeyClass,
    /// Until when.
    pub until: Timestamp,
    /// How often that was made longer.
    pub extended: u8,
    /// Whether it is destroyed already, or decided to be.
    pub gone: bool,
}

/// A hold that lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentHold {
    /// Why; words that say so once the recording's sound is destroyed, and this with it.
    pub reason: String,
    /// Since when.
    pub placed_at: Timestamp,
    /// When it is looked at again.
    pub review_by: Timestamp,
}

/// A recording, as the data protection officer sees it: no chosen names, nothing that anybody said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Which; people say its reference.
    pub recording: RecordingId,
    /// Whose practice it is.
    pub practitioner: UserId,
    /// Their name.
    pub name: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// The part of the programme.
    pub phase: Phase,
    /// How far it is.
    pub state: RecordingState,
    /// Who is heard, without names, in the order given.
    pub heard: Vec<(PersonId, PartyKind)>,
    /// What everybody's yes covers now.
    pub covers: Vec<Purpose>,
    /// Until when, by class.
    pub kept: Vec<Kept>,
    /// Whether somebody holds it.
    pub hold: Option<CurrentHold>,
    /// How far a destruction is that is not done.
    pub erasure: Option<ErasureState>,
}

/// How much there is, and was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Recordings.
    pub recordings: u64,
    /// Recordings that are no more.
    pub gone: u64,
    /// Codings that are no more, with their recording or without: figures made of them are revised.
    pub codings_gone: u64,
    /// Destructions that are decided and not done.
    pub waiting: u64,
}

/// What the sweep notes for the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepNotes {
    /// When the last one was, by the clock on the wall.
    pub swept_at: Option<Timestamp>,
    /// Of how many recordings something was to go, said a day ago.
    pub forecast: u64,
    /// When that was said.
    pub forecast_at: Option<Timestamp>,
    /// Of how many it went since.
    pub already: u64,
    /// Of how many a person said that it is all right.
    pub released: u64,
    /// Why it waits, if it does.
    pub paused: Option<Paused>,
}

/// Why a sweep waits, as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paused {
    /// The clock moved by itself, or may have while nobody could tell.
    ClockJumped,
    /// The clock is behind what has happened.
    ClockBehind,
    /// Of so many recordings something would go, and that is more than was expected.
    TooMany(u64),
}

impl From<Pause> for Paused {
    fn from(pause: Pause) -> Self {
        match pause {
            Pause::ClockJumped => Self::ClockJumped,
            Pause::ClockBehind => Self::ClockBehind,
            Pause::TooMany { due, .. } => Self::TooMany(due),
        }
    }
}

impl Paused {
    /// The word for storage, and the number.
    pub const fn parts(self) -> (&'static str, u64) {
        match self {
            Self::ClockJumped => ("clock_jumped", 0),
            Self::ClockBehind => ("clock_behind", 0),
            Self::TooMany(due) => ("too_many", due),
        }
    }

    /// From the stored word and number.
    pub fn parse(word: &str, due: u64) -> Option<Self> {
        match word {
            "clock_jumped" => Some(Self::ClockJumped),
            "clock_behind" => Some(Self::ClockBehind),
            "too_many" => Some(Self::TooMany(due)),
            _ => None,
        }
    }
}

/// A time to be made longer.
#[derive(Clone, Debug)]
pub struct NewExtension {
    /// Its identifier.
    pub id: Uuid,
    /// The class as it was looked at: if it is not like that any more, nothing changes.
    pub kept: Kept,
    /// The new end.
    pub until: Timestamp,
    /// Why.
    pub reason: Reason,
}

/// A hold to be placed.
#[derive(Clone, Debug)]
pub struct NewHold {
    /// Its identifier.
    pub id: Uuid,
    /// Why.
    pub reason: Reason,
    /// When it is looked at again.
    pub review_by: Timestamp,
}

/// What is held.
#[async_trait]
pub trait Keeping {
    /// Recordings, newest first, ties by id.
    async fn holdings(
        &mut self,
        permit: &Permit<SeeHoldings>,
        page: &HoldingsPage,
    ) -> Result<Vec<Holding>>;

    /// How much there is, and was.
    async fn totals(&mut self, permit: &Permit<SeeHoldings>) -> Result<Totals>;

    /// For how long things are kept.
    async fn retention_rules(&mut self, permit: &Permit<SeeHoldings>) -> Result<Rules>;

    /// What the sweep noted.
    async fn sweep_seen(&mut self, permit: &Permit<SeeHoldings>) -> Result<SweepNotes>;

    /// Changes rules, for the recordings that there are too; those whose time was made longer keep that. What would end
    /// sooner than it does ends in thirty days at the earliest, or when it does now.
    ///
    /// Whether it may is for `Rules::set` to say; the caller asks it first.
    async fn set_retention_rules(
        &mut self,
        permit: &Permit<ManageRetention>,
        rules: &[(KeyClass, Anchor, u32)],
    ) -> Result<()>;

    /// Lets a sweep that waits go on: as many recordings as it waits with, and with the clock as it is now. False if
    /// none waits.
    async fn release_sweep(&mut self, permit: &Permit<ManageRetention>) -> Result<bool>;

    /// Until when the recording's classes are kept, in the order of the classes.
    async fn kept(&mut self, permit: &Permit<ExtendKeeping>) -> Result<Vec<Kept>>;

    /// The same, for whoever may see the recording: its practitioner is told before anything of it ends.
    async fn kept_here(&mut self, permit: &Permit<SeeRecording>) -> Result<Vec<Kept>>;

    /// Makes the time of a class longer; false if it is not as the extension says it was, or is gone.
    ///
    /// Whether it may is for `retention::extend` to say; the caller asks it first.
    async fn extend_keeping(
        &mut self,
        permit: &Permit<ExtendKeeping>,
        new: &NewExtension,
    ) -> Result<bool>;

    /// Stops the destruction of a recording, also one that is decided; false if somebody holds it already, or its
    /// destruction has begun.
    async fn place_hold(&mut self, permit: &Permit<Hold>, new: &NewHold) -> Result<bool>;

    /// Lets destruction go on; false if nobody holds it. What was decided meanwhile is queued, as a job of this id.
    async fn lift_hold(&mut self, permit: &Permit<Hold>, job: JobId) -> Result<bool>;
}
