//! Reading the audit log.

use async_trait::async_trait;
use hearback_access::{
    Permit, SeeListeners,
    audit::{AuditSeq, Entry, Link},
};
use hearback_domain::{Timestamp, UserId};

use crate::Result;

/// That somebody heard or read something of a recording, within one half hour of the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// When last within the half hour.
    pub at: Timestamp,
    /// Who; none for the service itself.
    pub who: Option<UserId>,
    /// Their display name, as of now.
    pub name: Option<String>,
    /// In which capacity, as the audit log has it.
    pub hat: String,
    /// What, as the audit log has it.
    pub action: String,
}

/// The audit log. Appending is `Gate::append_audit`.
#[async_trait]
pub trait AuditLog {
    /// Up to `limit` entries after `after`, in order of their number.
    async fn audit_entries(&mut self, after: AuditSeq, limit: u32) -> Result<Vec<Entry>>;

    /// The number and link of the newest entry; entry 0 and the genesis link if there is none.
    async fn audit_head(&mut self) -> Result<(AuditSeq, Link)>;

    /// Who was allowed to hear or read something of this recording, other than its owner: newest first, at most 200.
    ///
    /// Each person, hat, action and half hour once: a player asks many times, and nobody is pushed off the list by that.
    /// The actions are `recording.play`, `transcript.read`, `clip.play` and `clip.preview`.
    async fn listens(&mut self, permit: &Permit<SeeListeners>) -> Result<Vec<Listen>>;
}
