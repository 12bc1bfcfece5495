//! What recordings are coded for: frameworks, in versions (COD-10).

use async_trait::async_trait;
use hearback_access::{ManageFrameworks, Permit, SeeFrameworks};
use hearback_domain::{Framework, FrameworkId, Mapping, Timestamp};

use crate::Result;

/// A framework to be written.
#[derive(Clone, Debug)]
pub struct NewFramework {
    /// Its identifier.
    pub id: FrameworkId,
    /// What the names of its versions begin with: `miti`.
    pub short: String,
    /// What its first draft begins with.
    pub body: Framework,
}

/// A version of a framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameworkVersion {
    /// Of which framework.
    pub framework: FrameworkId,
    /// Counted from 1.
    pub number: u32,
    /// What it says. Its version is the name that codes and scores carry.
    pub body: Framework,
    /// A draft, or published.
    pub state: VersionState,
    /// Whether new codings take it.
    pub current: bool,
}

/// How far a version is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionState {
    /// It is being written.
    Draft {
        /// Counts how often it was saved.
        revision: u32,
    },
    /// It is published, and never changed.
    Published {
        /// When; none if it came with the service.
        at: Option<Timestamp>,
        /// The name of who published it; none if it came with the service.
        by: Option<String>,
        /// What changed, and why.
        notes: String,
        /// What became of the version before.
        mapping: Mapping,
    },
}

impl FrameworkVersion {
    /// How often it was saved, if it is a draft.
    pub const fn draft(&self) -> Option<u32> {
        match self.state {
            VersionState::Draft { revision } => Some(revision),
            VersionState::Published { .. } => None,
        }
    }
}

/// Frameworks. The first version of the one that comes with the service is there from the start, and is taken.
#[async_trait]
pub trait Frameworks {
    /// Every version of every framework, drafts too: the frameworks as they were added, ties by id; the newest version
    /// of each first.
    async fn frameworks(&mut self, permit: &Permit<SeeFrameworks>)
    -> Result<Vec<FrameworkVersion>>;

    /// A published version by its name, which says what codes and scores are about.
    async fn framework(&mut self, version: &str) -> Result<Option<Framework>>;

    /// The version that new codings take.
    async fn current_framework(&mut self) -> Result<Framework>;

    /// Adds a framework with its first draft. A short name that is taken is a conflict (`framework.short`).
    async fn add_framework(
        &mut self,
        permit: &Permit<ManageFrameworks>,
        new: &NewFramework,
    ) -> Result<()>;

    /// Begins a draft that says what the newest published version says; false if there is a draft, or no such
    /// framework.
    async fn begin_draft(
        &mut self,
        permit: &Permit<ManageFrameworks>,
        framework: FrameworkId,
    ) -> Result<bool>;

    /// The draft of a framework, if there is one.
    async fn draft(
        &mut self,
        permit: &Permit<ManageFrameworks>,
        framework: FrameworkId,
    ) -> Result<Option<FrameworkVersion>>;

    /// Saves the draft; false if it is not in this revision any more: somebody else saved it, dropped it or published
    /// it. The version that `body` names does not matter.
    async fn save_draft(
        &mut self,
        permit: &Permit<ManageFrameworks>,
        framework: FrameworkId,
        revision: u32,
        body: &Framework,
    ) -> Result<bool>;

    /// Drops the draft; false if it is not in this revision any more. A framework of which nothing was published goes.
    async fn drop_draft(
        &mut self,
        permit: &Permit<ManageFrameworks>,
        framework: FrameworkId,
        revision: u32,
    ) -> Result<bool>;

    /// Publishes the draft as it is in this revision, for good; false if it is in another one. Whether it can be
    /// published is for [`Framework::check`] to say, beforehand.
    async fn publish_framework(
        &mut self,
        permit: &Permit<ManageFrameworks>,
        framework: FrameworkId,
        revision: u32,
        notes: &str,
        mapping: &Mapping,
    ) -> Result<bool>;

    /// Has new codings take a published version; false if there is none of that number. What was begun keeps its own.
    async fn make_current(
        &mut self,
        permit: &Permit<ManageFrameworks>,
        framework: FrameworkId,
        number: u32,
    ) -> Result<bool>;
}
