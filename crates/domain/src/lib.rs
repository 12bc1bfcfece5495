//! What Hearback is about, as types and pure rules.
//!
//! Ids, time, the practice skills framework and its scores, consent and its purposes, roles and the access
//! policy, the states of a recording, and the rules of a playlist.
//!
//! **Invariant:** no I/O, no clock, no randomness, no SQL. Whatever needs one of those gets it as an argument,
//! so that every rule here can be tested by calling it.
//!
//! Comments cite the source documents by item id (`REC-07`, `CM-05`, `K-04` …); `crates/README.md` explains the ids.

mod consent;
mod framework;
mod id;
mod person;
mod playlist;
pub mod policy;
mod recording;
mod score;
pub mod sound;
mod text;
mod time;

pub use self::{
    consent::{Consents, Party, PartyConsent, PartyKind, Purpose, UnknownPurpose},
    framework::{Area, Framework, Item, ItemKey, Skill, Sub, UnknownItem},
    id::{
        ClipId, CodeId, GrantId, IdSource, JobId, ObjectId, ParseIdError, PersonId, PlaylistId,
        RecordingId, SeededIds, UserId,
    },
    person::{Hat, Relation, Role, UnknownRole},
    playlist::{ClipRuleError, MAX_CLIP, check_clip, check_playlist, longest_playlist},
    recording::{
        AudioState, Phase, RecordingState, SessionKind, Sharing, TranscriptState, TransitionError,
        UnknownWord,
    },
    score::{Rating, Score, ScoreError},
    text::{Label, Login, Note, Pseudonym, TextError},
    time::{Clock, ManualClock, Ms, Span, SpanError, Timestamp},
};
