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

use std::path::Path;

use async_trait::async_trait;
use hearback_access::{AccessError, Action, Cx, Gate, GateError, Permit};

mod account;
mod after_meeting;
mod agreement;
mod apart;
mod attempt;
mod audit;
mod briefing;
mod bringing;
mod choosing;
mod coaches;
mod coding;
#[cfg(feature = "conformance")]
pub mod conformance;
mod consenting;
mod copies;
mod desk;
mod door;
mod erasing;
mod error;
mod external;
mod framework;
mod job;
mod keeping;
mod log;
mod meeting;
mod passage;
mod person;
mod playlist;
mod protocol;
mod real_name;
mod recording;
mod redaction;
mod safeguarding;
mod series;
mod sheets;
#[cfg(feature = "sql")]
pub mod sql;
mod supervision;
mod training;
mod transcript;
mod withdrawal;

pub use self::{
    account::{Accounts, NewPasskey, OwnSession, Passkey, SecondSteps, Shown, Totp, UnknownShown},
    after_meeting::{AfterMeetings, Debrief, FocusGroup, SharedDebrief},
    agreement::{Agreement, CodersWork, PlacedCode, Rated, RatedWork},
    apart::{Apart, EndedConflict, KeptAway, WhatEnded},
    attempt::{Attempts, HandedIn, JudgedAnswer, LearningAttempt},
    audit::{AuditFilter, AuditLog, Listen},
    briefing::{Briefing, BriefingNote, Briefings, NewProposal, Proposal, PutOn},
    bringing::{Bringing, Brought, MeetingAhead, WhereToBring},
    choosing::{
        Choosing, Extract, HeardMark, Hearing, Moment, NewMoment, NewPiece, Piece, Thread,
        ThreadRecording, ToldPiece,
    },
    coaches::{
        Attending, CoachHours, CoachProfile, Coaches, CoachingFigures, KeptProfile, NotedHours,
    },
    coding::{Coding, CodingState, EvidenceCode, FinishedCoding, NewCode, NewCoding, WholeScore},
    consenting::{
        ConsentAnswer, Consenting, Heard, KeptRecord, NewConsentRecord, PublishedForm, Recorded,
    },
    copies::{Copies, SealedTexts},
    desk::{Desk, HeardStretch},
    door::{Ceremony, CeremonyKind, Device, Doors, Invitation, NewCeremony, NewInvitation},
    erasing::{Closed, Erasing, Erasure, Rows, SweepView},
    error::{Inconsistency, Result, StoreError},
    external::{Attempt, Connected, Errand, ExternalIdentity, Externals, NewAttempt, NewLink},
    framework::{FrameworkVersion, Frameworks, NewFramework, VersionState},
    job::{
        FinishedJob, JobKind, JobState, JobStatus, Jobs, LONGEST_PASSED_OVER, LeasedJob, NewJob,
        UnknownJob,
    },
    keeping::{
        CurrentHold, Holding, HoldingsPage, Keeping, Kept, NewExtension, NewHold, Paused, Show,
        SweepNotes, Totals,
    },
    log::{LogPages, verify_log},
    meeting::{
        MeetingEnd, MeetingPiece, MeetingRoom, MeetingStage, Meetings, NotBegun, NotInvited,
        SessionGuest,
    },
    passage::{AgreedCode, NewAgreedCode, Passages},
    person::{NewPerson, NewSession, People, Person, Session, SignInFailures, TokenHash},
    playlist::{
        ChangedClip, Clip, ClipRemoval, ClipToRender, NewClip, Playlist, PlaylistSummary,
        Playlists, RoomClip, RoomPlaylist,
    },
    protocol::{NewSecond, Protocol, Protocols},
    real_name::{HeardPerson, IdentityKey, NamesOf, NewIdentityKey, RealNames, SealedName},
    recording::{
        Decoded, FileArrived, NewRecording, Recording, RecordingSummary, Recordings, Release,
        SoundDetails, TranscriptChange,
    },
    redaction::{HiddenPassage, Redaction, Redactions},
    safeguarding::{
        Concern, ConcernNote, ConcernSummary, Glass, NewConcern, PassageHeard, Safeguarding,
    },
    series::{Coaching, CoachingAgreement, CoachingSession, Ended, NewSeries, PastCoach, Series},
    sheets::{FormerLog, KeptGoal, KeptSheet, NewGoal, Saving, SeriesPair, SheetSession, Sheets},
    supervision::{Outcome, Supervision, SupervisionMeeting, SupervisionSeat},
    training::{
        AgreedScore, FounderPlace, Learner, LetIn, Training, TrainingRecording, TrainingSet,
    },
    transcript::{ANY_LANGUAGE, NewCorrections, Transcripts, WantedTranscript, WordsAt},
    withdrawal::{IfTakenBack, NewWithdrawal, Receipt, TakenBack, Withdrawals, Withdrawn, Yeses},
};

/// An open database.
#[async_trait]
pub trait Store: Send + Sync {
    /// Begins a unit of work.
    async fn begin(&self) -> Result<Box<dyn Work>>;

    /// Writes a copy of the whole database to a file that is not there yet, while everybody else goes on; gives a unit
    /// of work that sees what is in the copy and changes nothing.
    async fn snapshot(&self, file: &Path) -> Result<Box<dyn Work>>;

    /// Gives back, as far as the database can, the room of what was deleted, so that its bytes do not lie about: after
    /// something was erased, and now and then. Nobody waits long for it: false if somebody was in its way, and then it
    /// is to be asked again later.
    async fn scrub(&self) -> Result<bool>;
}

/// A set of reads and changes that are made together or not at all.
#[async_trait]
pub trait Work:
    Gate
    + People
    + Externals
    + Accounts
    + Doors
    + Consenting
    + Recordings
    + Coding
    + Desk
    + Protocols
    + Agreement
    + Training
    + Attempts
    + Passages
    + Briefings
    + Bringing
    + Choosing
    + Coaches
    + Coaching
    + Meetings
    + Sheets
    + Supervision
    + AfterMeetings
    + Frameworks
    + Playlists
    + Redactions
    + Transcripts
    + Jobs
    + Safeguarding
    + Apart
    + RealNames
    + AuditLog
    + Copies
    + Withdrawals
    + Keeping
    + Erasing
    + Send
{
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
