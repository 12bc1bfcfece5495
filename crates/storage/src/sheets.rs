//! Sheets, logs and goals.

use async_trait::async_trait;
use hearback_access::{DecideSeries, KeepSheets, Permit, SeeCoaching, SeeSeries};
use hearback_domain::{
    CoachingSessionId, GoalId, GoalText, PieceId, SeriesId, Timestamp, UserId,
    sheets::{GoalStatus, Sheet, SheetKind},
};

use crate::Result;

/// The session that sheets are kept of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SheetSession {
    /// Its series.
    pub series: SeriesId,
    /// Who is coached, and who coaches now.
    pub pair: SeriesPair,
    /// When it is, or was to be. To somebody who coached before: of a session of their time, and of no other.
    pub planned_at: Option<Timestamp>,
    /// Whether the permit's person coached in the series before, and does no more.
    pub before: bool,
}

/// A log that somebody wrote who coached in a series before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormerLog {
    /// Of which session.
    pub session: CoachingSessionId,
    /// When that was, or was to be, if they coached then.
    pub planned_at: Option<Timestamp>,
    /// When they saved it last.
    pub saved_at: Timestamp,
}

/// The two whom a series is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesPair {
    /// Who is coached.
    pub practitioner: UserId,
    /// Who coaches now.
    pub coach: Option<UserId>,
}

/// A sheet as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSheet {
    /// Who wrote it.
    pub writer: UserId,
    /// What is on it.
    pub sheet: Sheet,
    /// Goes up each time it is saved, and goes on where it was if it is taken away and written anew.
    pub revision: u64,
    /// When it was saved last.
    pub saved_at: Timestamp,
    /// Since when the one of the two of now who did not write it reads it; none: it is its writer's alone.
    pub shared_at: Option<Timestamp>,
}

/// What came of saving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saving {
    /// It is kept, as this revision.
    Kept(u64),
    /// It was saved meanwhile, in another tab: nothing was changed, and this is what lies there. None if it was taken
    /// away.
    Meanwhile(Option<KeptSheet>),
}

/// Something that a practitioner would like to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGoal {
    /// Its identifier.
    pub id: GoalId,
    /// What.
    pub text: GoalText,
    /// The session of the series in which it came up.
    pub session: Option<CoachingSessionId>,
    /// The extract that it came from, heard in a session of the series.
    pub piece: Option<PieceId>,
}

/// The same, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptGoal {
    /// What it is.
    pub goal: NewGoal,
    /// How it stands with it, as its owner says.
    pub status: GoalStatus,
    /// When it was written down.
    pub made_at: Timestamp,
    /// When it was changed last.
    pub changed_at: Timestamp,
    /// Since when the coach reads it; none: it is its owner's alone.
    pub shared_at: Option<Timestamp>,
}

/// Sheets, logs and goals. Whatever somebody writes is theirs alone until they share it with the other one of the two,
/// and theirs alone again when they take that back. It is shared with a person: whoever coaches next reads nothing that
/// was shared with somebody else, and whoever coached before reads nothing but what they wrote themself.
#[async_trait]
pub trait Sheets {
    /// The session that the permit is about. None to somebody who coached before, if they neither coached then nor wrote
    /// a log of it.
    async fn sheet_session(&mut self, permit: &Permit<KeepSheets>) -> Result<Option<SheetSession>>;

    /// The sheet of this kind that the permit's person wrote.
    async fn own_sheet(
        &mut self,
        permit: &Permit<KeepSheets>,
        kind: SheetKind,
    ) -> Result<Option<KeptSheet>>;

    /// Keeps it, if what lies there is still of `revision`; 0 if nothing lay there.
    async fn keep_sheet(
        &mut self,
        permit: &Permit<KeepSheets>,
        kind: SheetKind,
        revision: u64,
        sheet: &Sheet,
    ) -> Result<Saving>;

    /// Lets `with` read it from now on, who is the other one of the two now; none takes that back. False if there is no
    /// such sheet or no such other one.
    async fn share_sheet(
        &mut self,
        permit: &Permit<KeepSheets>,
        kind: SheetKind,
        with: Option<UserId>,
    ) -> Result<bool>;

    /// Takes the permit's person's own sheet away.
    async fn drop_sheet(&mut self, permit: &Permit<KeepSheets>, kind: SheetKind) -> Result<()>;

    /// The sheet of this kind that was shared with the permit's person, who is one of the two now.
    async fn shared_sheet(
        &mut self,
        permit: &Permit<KeepSheets>,
        kind: SheetKind,
    ) -> Result<Option<KeptSheet>>;

    /// The logs that the permit's person wrote in series in which they coached before, newest first, ties by session.
    async fn former_logs(&mut self, permit: &Permit<SeeCoaching>) -> Result<Vec<FormerLog>>;

    /// Who is coached in a series, and who coaches now.
    async fn series_pair(&mut self, permit: &Permit<SeeSeries>) -> Result<Option<SeriesPair>>;

    /// The goals of a series, oldest first, ties by id: all of them to their owner, to anybody else those that were
    /// shared with them.
    async fn goals(&mut self, permit: &Permit<SeeSeries>) -> Result<Vec<KeptGoal>>;

    /// Writes a goal down. False if the session or the extract belong to another series.
    async fn add_goal(&mut self, permit: &Permit<DecideSeries>, goal: &NewGoal) -> Result<bool>;

    /// Says it in other words; false if the series has no such goal.
    async fn change_goal(
        &mut self,
        permit: &Permit<DecideSeries>,
        id: GoalId,
        text: &GoalText,
    ) -> Result<bool>;

    /// Says how it stands with it; false if the series has no such goal.
    async fn set_goal_status(
        &mut self,
        permit: &Permit<DecideSeries>,
        id: GoalId,
        status: GoalStatus,
    ) -> Result<bool>;

    /// Lets the coach of the series read it from now on, or no longer; false if the series has no such goal, or no
    /// coach.
    async fn share_goal(
        &mut self,
        permit: &Permit<DecideSeries>,
        id: GoalId,
        shared: bool,
    ) -> Result<bool>;

    /// Takes it away.
    async fn drop_goal(&mut self, permit: &Permit<DecideSeries>, id: GoalId) -> Result<()>;
}
