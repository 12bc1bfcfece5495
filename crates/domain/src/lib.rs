//! What Hearback is about, as types and pure rules.
//!
//! Ids, time, the practice skills framework and its scores, consent and its purposes, roles and the access
//! policy, the states of a recording, and the rules of a playlist.
//!
//! **Invariant:** no I/O, no clock, no randomness, no SQL. Whatever needs one of those gets it as an argument,
//! so that every rule here can be tested by calling it.
//!
//! Comments cite the source documents by item id (`REC-07`, `CM-05`, `K-04` …); `crates/README.md` explains the ids.

pub mod choosing;
pub mod coaching;
pub mod coding;
mod concern;
pub mod conflict;
mod consent;
mod day;
pub mod forms;
pub mod framework;
mod id;
mod joining;
mod key_class;
pub mod passages;
mod person;
mod playlist;
pub mod policy;
pub mod protocol;
mod recording;
mod redaction;
mod reference;
pub mod retention;
mod score;
pub mod sheets;
pub mod sound;
pub mod supervision;
mod text;
mod time;
pub mod training;
pub mod transcript;
pub mod withdrawal;

pub use self::{
    concern::{
        ConcernState, GLASS_SECONDS, LONGEST_PASSAGE, NotKeptAway, PassageError, Told,
        check_passage, may_keep_away, may_let_back,
    },
    consent::{Consents, Party, PartyConsent, PartyKind, Purpose, UnknownPurpose},
    day::{Day, DayError},
    framework::{
        Area, BUILT_IN_FRAMEWORK, Framework, FrameworkError, Indicator, Item, ItemKey, Mapping,
        Measure, Skill, Sub, UnknownItem,
    },
    id::{
        AgreedId, AttemptId, BriefingNoteId, BroughtId, ClipId, CoachingSessionId, CodeId,
        CodingId, ConcernId, ConcernNoteId, ConsentId, ErasureId, FrameworkId, GlassId, GoalId,
        GrantId, HiddenId, HoursId, IdSource, IdentityKeyId, InvitationId, JobId, MarkId,
        NominationId, ObjectId, ParseIdError, PasskeyId, PersonId, PieceId, PlaylistId, ProtocolId,
        RecordingId, SeededIds, SeriesId, SessionId, SupervisionId, UserId, WithdrawalId,
    },
    joining::{JoinCode, NotACode},
    key_class::{KeyClass, UnknownKeyClass},
    person::{Clash, Hat, Relation, Role, UnknownRole},
    playlist::{ClipRuleError, MAX_CLIP, check_clip, check_playlist, longest_playlist},
    recording::{
        AudioState, Phase, RecordingState, SessionKind, Sharing, TranscriptState, TransitionError,
        UnknownWord,
    },
    redaction::{
        Hidden, HideError, HideReason, HideWith, MOST_HIDDEN, REACH, RedactionSet,
        RedactionVersion, StaysHidden, check_hidden, may_show_again, whole_words,
    },
    reference::Reference,
    score::{Rating, Score, ScoreError},
    text::{GoalText, Label, Login, Note, Pseudonym, RealName, Reason, TextError},
    time::{Clock, ManualClock, Ms, Span, SpanError, Timestamp},
};
