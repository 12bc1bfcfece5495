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
mod opens;
mod permit;
pub mod seal;

pub use self::{
    action::{
        Action, AgreeCodings, ApproveRedaction, AssignSecond, Block, Code, CompareCodings,
        CorrectTranscript, DecideGlass, DecideSharing, Decode, DecodeAgain, Erase, ExtendKeeping,
        HearBriefing, HearPassage, Hide, Hold, Learn, LinkIdentity, MakePlaylist, ManageForms,
        ManageFrameworks, ManageIdentityKey, ManagePeople, ManageProtocols, ManageRetention,
        ManageTraining, MeetInBriefing, Object, ObjectRef, PlayClip, PlayRecording, PreviewClip,
        PutOnInBriefing, RaiseConcern, RaiseConcernOnClip, ReadAudit, ReadClip, ReadTranscript,
        RecordConsent, RenderClip, RequestGlass, RevealIdentity, SeeBriefing, SeeConcern,
        SeeConcerns, SeeConsent, SeeFrameworks, SeeGlass, SeeHoldings, SeeJobs, SeeListeners,
        SeePlaylist, SeeProtocols, SeeRecording, SeeRedaction, SeeReliability, SeeTraining,
        ShowAgain, Start, StopTranscribing, TakeFileBack, TeachWith, Transcribe, TranscribeAgain,
        Upload, UseRatings, VetoClip, Withdraw, WriteBriefing, WriteConcern,
    },
    opens::{ObjectKind, Opens, StoredObject, UnknownKind},
    permit::{AccessError, Cx, Gate, GateError, Listed, Permit, Subject, among, list, require},
};
