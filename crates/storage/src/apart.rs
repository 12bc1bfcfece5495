//! Who is kept away from a recording, who is whose line manager, and what ends because of it (ETH-12, K-16, K-17).

use async_trait::async_trait;
use hearback_access::{Block, DecideSharing, ManagePeople, Permit, ReadAudit};
use hearback_domain::{GrantId, RecordingId, SeriesId, Timestamp, UserId, conflict::Part};

use crate::Result;

/// Somebody who is to have nothing to do with a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptAway {
    /// Who.
    pub person: UserId,
    /// Who decided it.
    pub set_by: UserId,
    /// When.
    pub set_at: Timestamp,
}

/// A standing permission, or a part in a series, that ended because one person would have been two things to one practitioner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedConflict {
    /// What it let them do.
    pub was: WhatEnded,
    /// Whose practice that is.
    pub practitioner: UserId,
    /// Who had it.
    pub person: UserId,
    /// What it made them.
    pub wanted: Part,
    /// What stood in the way.
    pub stands: Part,
    /// When it ended.
    pub at: Timestamp,
}

/// What somebody had, who would have been two things to one practitioner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhatEnded {
    /// A standing permission for a recording.
    Grant(GrantId, RecordingId),
    /// A part in a series, as its coach.
    Series {
        /// Which.
        series: SeriesId,
        /// Whether its practitioner lets it be told that they receive coaching.
        told: bool,
    },
}

/// Keeping people apart.
#[async_trait]
pub trait Apart {
    /// Who made the recording.
    async fn owner_of(&mut self, permit: &Permit<Block>) -> Result<Option<UserId>>;

    /// Who is kept away from it, in the order of time, ties by id.
    async fn kept_away(&mut self, permit: &Permit<Block>) -> Result<Vec<KeptAway>>;

    /// Keeps somebody away, from their next request on, and ends their standing permissions for this recording; false
    /// if they were kept away before. Whether it may be done is for `domain::may_keep_away` to say.
    async fn keep_away(&mut self, permit: &Permit<Block>, person: UserId) -> Result<bool>;

    /// Lets somebody back, without giving them anything; false if they were not kept away.
    async fn let_back(&mut self, permit: &Permit<Block>, person: UserId) -> Result<bool>;

    /// Whether somebody is kept away from the recording that is to be shared.
    async fn is_kept_away(
        &mut self,
        permit: &Permit<DecideSharing>,
        person: UserId,
    ) -> Result<bool>;

    /// Whether somebody is the line manager of the one whose recording this is.
    async fn manages(&mut self, permit: &Permit<DecideSharing>, person: UserId) -> Result<bool>;

    /// Everybody's line managers: practitioner and manager, in the order of their ids.
    async fn managers(&mut self, permit: &Permit<ManagePeople>) -> Result<Vec<(UserId, UserId)>>;

    /// Notes that somebody is a practitioner's line manager, or no longer is; false if nothing changed.
    async fn set_manager(
        &mut self,
        permit: &Permit<ManagePeople>,
        practitioner: UserId,
        manager: UserId,
        manages: bool,
    ) -> Result<bool>;

    /// Ends every standing permission that is now in conflict (see `domain::conflict`), and every part in a series, and
    /// says which. To be called whenever people's roles or managers changed, in the same unit: by an administrator, or
    /// by groups of an identity provider. It takes no permit because nobody decides it.
    async fn end_conflicts(&mut self, now: Timestamp) -> Result<Vec<EndedConflict>>;

    /// Which ones ended that way, newest first, ties by id; at most two hundred.
    async fn ended_conflicts(&mut self, permit: &Permit<ReadAudit>) -> Result<Vec<EndedConflict>>;
}
