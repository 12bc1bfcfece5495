//! The only maker of permits.
//!
//! A [`Permit`] is the proof that somebody may do one thing to one object *now*. Its fields are private and it
//! cannot be copied or built outside this crate, so whatever takes one as an argument (sensitive storage functions,
//! the vault) cannot be reached without the question having been asked: [`require`] reads relations, consents and
//! state in one transaction, asks [`hearback_domain::policy::decide`], and writes the audit entry *before* it hands
//! the permit out.
//!
//! **Invariant:** only the storage drivers implement [`Gate`]; a test in `tests` checks it.
//!
//! This crate never decides anything itself, and never touches sound or text.

#![forbid(unsafe_code)]

mod action;
pub mod audit;
mod heard;
mod opens;
mod permit;
pub mod seal;

pub use self::{
    action::{
        Action, Agree, AgreeCodings, ApproveRedaction, ArrangeSessions, AssignSecond,
        AttendSupervision, Block, BringMoment, CheckProfile, ChooseClips, Code, CompareCodings,
        CorrectTranscript, DecideGlass, DecideSeries, DecideSharing, Decode, DecodeAgain, Erase,
        ExtendKeeping, HearBriefing, HearBrought, HearInSession, HearPassage, Hide, Hold,
        KeepProfile, KeepSheets, LeadSession, Learn, LinkIdentity, MakePlaylist, ManageForms,
        ManageFrameworks, ManageIdentityKey, ManagePeople, ManageProtocols, ManageRetention,
        ManageTraining, MeetInBriefing, MeetInSession, Nominate, Object, ObjectRef, PlayClip,
        PlayRecording, PrepareClip, PreviewClip, PutOnInBriefing, RaiseConcern, RaiseConcernOnClip,
        ReadAudit, ReadClip, ReadDebriefs, ReadTranscript, RecordConsent, RenderClip, RequestGlass,
        RevealIdentity, SeeAttendance, SeeBriefing, SeeCoaching, SeeCoachingFigures, SeeConcern,
        SeeConcerns, SeeConsent, SeeFrameworks, SeeGlass, SeeHoldings, SeeJobs, SeeListeners,
        SeeNominated, SeePlaylist, SeeProtocols, SeeRecording, SeeRedaction, SeeReliability,
        SeeSeries, SeeSession, SeeTraining, ShowAgain, Start, StartSeries, StopTranscribing,
        Supervise, TakeFileBack, TeachWith, Transcribe, TranscribeAgain, Upload, UseRatings,
        VetoClip, WatchSession, Withdraw, WriteBriefing, WriteConcern,
    },
    heard::{heard_in, heard_under_the_dome},
    opens::{ObjectKind, Opens, StoredObject, UnknownKind},
    permit::{AccessError, Cx, Gate, GateError, Listed, Permit, Subject, among, list, require},
};
