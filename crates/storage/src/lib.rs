//! What the service needs from a database, and nothing about any database.
//!
//! A [`Store`] hands out units of work. [`Work`] sees one consistent state of things and changes it; its changes are
//! visible to others only after [`Work::commit`]. A unit that is dropped has changed nothing.
//!
//! # Rules for every driver
//!
//! * A function that shows or changes content takes a [`hearback_access::Permit`]; who acts, on what and when follow
//!   from the permit and are not asked for again.
//! * Absence is `Ok(None)`; an error means that the database could not answer.
//! * Lists have a total order, written in the function's documentation.
//! * Every function here has a check in `conformance`, and both drivers run all of them.
//! * What is decided is decided in `domain`; SQL looks up, orders, and compares-and-sets.

use async_trait::async_trait;
use hearback_access::{AccessError, Action, Cx, Gate, GateError, Permit};

mod audit;
mod coding;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod job;
mod person;
mod playlist;
mod recording;
#[cfg(feature = "sql")]
pub mod sql;

pub use self::{
    audit::{AuditLog, Listen},
    coding::{Coding, EvidenceCode, NewCode, WholeScore},
    error::{Inconsistency, Result, StoreError},
    job::{FinishedJob, JobKind, JobState, JobStatus, Jobs, LeasedJob, NewJob, UnknownJob},
    person::{NewPerson, NewSession, People, Person, Session, SignInFailures, TokenHash},
    playlist::{
        ChangedClip, Clip, ClipToRender, NewClip, Playlist, PlaylistSummary, Playlists, RoomClip,
        RoomPlaylist,
    },
    recording::{
        Decoded, FileArrived, NewRecording, Recording, RecordingSummary, Recordings, Release,
        SoundDetails, TranscriptChange,
    },
};

/// An open database.
#[async_trait]
pub trait Store: Send + Sync {
    /// Begins a unit of work.
    async fn begin(&self) -> Result<Box<dyn Work>>;
}

/// A set of reads and changes that are made together or not at all.
#[async_trait]
pub trait Work: Gate + People + Recordings + Coding + Playlists + Jobs + AuditLog + Send {
    /// Makes the changes last.
    async fn commit(self: Box<Self>) -> Result<()>;

    /// This unit of work, for the functions that make permits.
    fn gate(&mut self) -> &mut (dyn Gate + '_);
}

/// Why there is no permit, or the database failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PermitError {
    /// No: to the person who asked, it looks as if there were nothing there.
    #[error("refused: {0}")]
    Refused(hearback_domain::policy::Refusal),
    /// The database could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<GateError> for PermitError {
    fn from(error: GateError) -> Self {
        Self::Store(error.into())
    }
}

/// Begins a unit of work and asks for a permit in it.
///
/// A refusal is committed to the audit log before it is returned. A permission is committed together with whatever
/// the caller then does: commit before any content leaves.
pub async fn permit<A: Action>(
    store: &dyn Store,
    cx: Cx,
    object: A::Object,
) -> Result<(Box<dyn Work>, Permit<A>), PermitError> {
    let mut work = store.begin().await?;
    match hearback_access::require::<A>(work.gate(), cx, object).await {
        Ok(permit) => Ok((work, permit)),
        Err(AccessError::Refused(why)) => {
            work.commit().await?;
            Err(PermitError::Refused(why))
        }
        Err(AccessError::Gate(error)) => Err(error.into()),
    }
}
