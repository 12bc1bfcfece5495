//! Sets of recordings that people learn to code with, who does, and what was agreed on them (REL-01).

use async_trait::async_trait;
use hearback_access::{
    AgreeCodings, DecideSharing, ManageTraining, Permit, SeeRecording, SeeTraining, TeachWith,
};
use hearback_domain::{
    AgreedId, CodingId, GrantId, ItemKey, Note, RecordingId, Timestamp, UserId,
    training::{Agreed, LearnsAs, Level, Reached, SetPlan},
};

use crate::{Result, WholeScore};

/// A set: one for each version of a framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingSet {
    /// The version.
    pub framework_version: String,
    /// What it is to be.
    pub plan: SetPlan,
    /// When it was made.
    pub made_at: Timestamp,
    /// Since when people learn with it: its recordings and its agreed scores stay as they were then.
    pub opened_at: Option<Timestamp>,
}

/// A recording of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrainingRecording {
    /// Which.
    pub recording: RecordingId,
    /// How much of the skills is heard on it.
    pub level: Level,
}

/// Somebody who was named for a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Learner {
    /// Who.
    pub person: UserId,
    /// What they are to it.
    pub part: LearnsAs,
    /// Since when their codings with this version count, and by what.
    pub reached: Option<(Reached, Timestamp)>,
}

/// How far one founder is with one recording of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FounderPlace {
    /// Which recording.
    pub recording: RecordingId,
    /// Who.
    pub person: UserId,
    /// They wrote something.
    pub begun: bool,
    /// They have finished.
    pub locked: bool,
}

/// Somebody who is let in to a recording of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LetIn {
    /// The recording.
    pub recording: RecordingId,
    /// Who.
    pub person: UserId,
    /// The identifier of their grant, which ends when the recording's coder's does.
    pub grant: GrantId,
    /// The identifier of their coding.
    pub coding: CodingId,
}

/// What was agreed on for one item of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreedScore {
    /// The item's key.
    pub item: String,
    /// What.
    pub agreed: Agreed,
    /// What they said about it.
    pub note: Note,
    /// Who wrote it down last.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// Sets, and what was agreed.
#[async_trait]
pub trait Training {
    /// Every set, by version.
    async fn training_sets(&mut self, permit: &Permit<SeeTraining>) -> Result<Vec<TrainingSet>>;

    /// Makes a set; false if this version has one. Its size is for [`SetPlan::check`] to say, beforehand.
    async fn make_training_set(
        &mut self,
        permit: &Permit<ManageTraining>,
        version: &str,
        plan: SetPlan,
    ) -> Result<bool>;

    /// Opens a set: it stays as it is, and the codings of its founders count from now on. False if it is open, or not
    /// there. Whether every score is agreed is for the caller to look at, with [`Training::answer_keys`].
    async fn open_training(
        &mut self,
        permit: &Permit<ManageTraining>,
        version: &str,
    ) -> Result<bool>;

    /// The recordings of a set, as they were added, ties by id.
    async fn training_recordings(
        &mut self,
        permit: &Permit<SeeTraining>,
        version: &str,
    ) -> Result<Vec<TrainingRecording>>;

    /// Whether the practitioner lets people practise on it.
    async fn teaching_allowed(&mut self, permit: &Permit<SeeRecording>) -> Result<bool>;

    /// The practitioner's word on that, of a recording that was released; false if it is not. A no ends every grant to
    /// learn on it, and takes it out of every set.
    async fn decide_teaching(&mut self, permit: &Permit<DecideSharing>, yes: bool) -> Result<bool>;

    /// Takes a recording into a set. False if there is no such set, or it is open, or the practitioner said no, or it
    /// is there already. Whether the set is full is for the caller to look at.
    async fn add_training_recording(
        &mut self,
        permit: &Permit<TeachWith>,
        version: &str,
        level: Level,
    ) -> Result<bool>;

    /// Takes a recording out of a set that is not open, and ends the grants to learn on it; false if there is nothing
    /// to take out. What was coded and agreed stays.
    async fn drop_training_recording(
        &mut self,
        permit: &Permit<TeachWith>,
        version: &str,
    ) -> Result<bool>;

    /// Whom of those who were named for a set this recording would shut out (ETH-12), by id.
    async fn shut_out(&mut self, permit: &Permit<TeachWith>, version: &str) -> Result<Vec<UserId>>;

    /// Everybody who was named for a set: founders first, then as they were named, ties by id.
    async fn learners(
        &mut self,
        permit: &Permit<SeeTraining>,
        version: &str,
    ) -> Result<Vec<Learner>>;

    /// Which recordings of a set somebody cannot learn on, by id: they are something else to the practitioner (ETH-12),
    /// or are kept away, or coded it in another way before.
    async fn closed_to(
        &mut self,
        permit: &Permit<ManageTraining>,
        version: &str,
        person: UserId,
        part: LearnsAs,
    ) -> Result<Vec<RecordingId>>;

    /// Names somebody for a set; false if they were named before, or there is no such set.
    async fn add_learner(
        &mut self,
        permit: &Permit<ManageTraining>,
        version: &str,
        person: UserId,
        part: LearnsAs,
    ) -> Result<bool>;

    /// Lets founders of a set in to its recordings, as far as they are not, for as long as the recording's coder: a grant,
    /// and a coding of the whole with this version. Says how many came in.
    async fn let_in(
        &mut self,
        permit: &Permit<ManageTraining>,
        version: &str,
        who: &[LetIn],
    ) -> Result<u64>;

    /// How far the founders of a set are with each of its recordings, by recording and person. Who may be told of
    /// which is for `domain::coding` to say.
    async fn founder_places(
        &mut self,
        permit: &Permit<SeeTraining>,
        version: &str,
    ) -> Result<Vec<FounderPlace>>;

    /// What each founder scored on a recording of a set, by id; none at all while one of them has not finished.
    async fn founders_scores(
        &mut self,
        permit: &Permit<AgreeCodings>,
        version: &str,
    ) -> Result<Vec<(UserId, Vec<WholeScore>)>>;

    /// What was agreed on a recording, by item. Who may see it is for the caller to look at: whoever learns on it may
    /// not, before they have reached it.
    async fn agreed(
        &mut self,
        permit: &Permit<AgreeCodings>,
        version: &str,
    ) -> Result<Vec<AgreedScore>>;

    /// Writes down what was agreed for one item, in the place of what was. False if people learn with it already: then
    /// it stays.
    async fn agree(
        &mut self,
        permit: &Permit<AgreeCodings>,
        id: AgreedId,
        version: &str,
        item: &ItemKey,
        agreed: Agreed,
        note: &Note,
    ) -> Result<bool>;

    /// What was agreed on the recordings of a set, to compare answers with: recording, item, score. For the service
    /// alone: nothing of it goes to whoever learns.
    async fn answer_keys(
        &mut self,
        permit: &Permit<SeeTraining>,
        version: &str,
    ) -> Result<Vec<(RecordingId, String, Agreed)>>;
}
