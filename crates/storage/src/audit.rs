//! Reading the audit log.

use async_trait::async_trait;
use hearback_access::{
    Permit, ReadAudit, SeeListeners,
    audit::{AuditSeq, Entry, Head, Sealed},
};
use hearback_domain::{RecordingId, Timestamp, UserId};

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

/// Which entries somebody wants to see. What is not given does not narrow it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// About the recordings from this one to that, both of them too; see [`hearback_domain::Reference::span`].
    pub recordings: Option<(RecordingId, RecordingId)>,
    /// By this person.
    pub actor: Option<UserId>,
    /// This action's word.
    pub action: Option<String>,
    /// At this moment or later.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// Before this entry.
    pub before: Option<AuditSeq>,
}

/// The audit log. Appending is `Gate::append_audit`.
#[async_trait]
pub trait AuditLog {
    /// Up to `limit` entries after `after`, in order of their number.
    async fn audit_entries(&mut self, after: AuditSeq, limit: u32) -> Result<Vec<Entry>>;

    /// The head of the log.
    async fn audit_head(&mut self) -> Result<Head>;

    /// Up to where the log was last sealed.
    async fn audit_sealed(&mut self) -> Result<Option<Sealed>>;

    /// Notes that the log was sealed, unless it was already sealed further.
    async fn note_sealed(&mut self, sealed: &Sealed) -> Result<()>;

    /// Up to `limit` of the entries that somebody wants to see, newest first.
    async fn audit_page(
        &mut self,
        permit: &Permit<ReadAudit>,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<Vec<Entry>>;

    /// Who was allowed to hear or read something of this recording, other than its owner: newest first, at most 200.
    ///
    /// Each person, hat, action and half hour once: a player asks many times, and nobody is pushed off the list by
    /// that. The actions are `recording.play`, `transcript.read`, `clip.play`, `clip.preview`, `glass.hear` and
    /// `briefing.hear`.
    async fn listens(&mut self, permit: &Permit<SeeListeners>) -> Result<Vec<Listen>>;
}
