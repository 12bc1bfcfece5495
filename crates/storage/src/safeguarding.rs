//! Worries about somebody's safety, and who was allowed to hear the passage they are about (ETH-01, K-08).
//!
//! A log of its own: nothing here appears beside coaching, and nothing of it goes with the recording. When that is
//! erased, its sound is, and the passage with it; what was said about somebody's safety, and who did what about it,
//! stays, sealed under the installation's key and not the recording's. It names no family but by what somebody typed.

use async_trait::async_trait;
use hearback_access::{
    Cx, DecideGlass, HearPassage, Permit, RaiseConcern, RaiseConcernOnClip, RequestGlass,
    SeeConcern, SeeConcerns, SeeGlass, SeeRecording, WriteConcern,
};
use hearback_domain::{
    ConcernId, ConcernNoteId, ConcernState, GlassId, Hat, Note, Reason, RecordingId, Span,
    Timestamp, Told, UserId,
};

use crate::Result;

/// A concern to be raised. By whom, about what and when follow from the permit.
#[derive(Clone, Debug)]
pub struct NewConcern {
    /// Its identifier.
    pub id: ConcernId,
    /// Whether the person it is about knows.
    pub told: Told,
    /// What was heard, in the words of whoever raises it.
    pub body: Note,
}

/// A concern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concern {
    /// Its identifier.
    pub id: ConcernId,
    /// The recording it is about.
    pub recording: RecordingId,
    /// Whose practice that is.
    pub practitioner: UserId,
    /// Who raised it.
    pub raised_by: UserId,
    /// In which capacity.
    pub hat: Hat,
    /// The passage.
    pub span: Span,
    /// Whether the person it is about knows.
    pub told: Told,
    /// How far it is.
    pub state: ConcernState,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// What was heard.
    pub body: Note,
    /// Whether the sound it is about is still there; the recording's id leads nowhere otherwise.
    pub sound_is_there: bool,
}

/// A concern in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConcernSummary {
    /// Its identifier.
    pub id: ConcernId,
    /// Whose practice it is about.
    pub practitioner: UserId,
    /// Who raised it.
    pub raised_by: UserId,
    /// In which capacity.
    pub hat: Hat,
    /// Whether the person it is about knows.
    pub told: Told,
    /// How far it is.
    pub state: ConcernState,
    /// When it was raised.
    pub raised_at: Timestamp,
}

/// What was done about a concern. Added, never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcernNote {
    /// Its identifier.
    pub id: ConcernNoteId,
    /// Who wrote it.
    pub author: UserId,
    /// In which capacity.
    pub hat: Hat,
    /// What was done: who was told what, when.
    pub body: Note,
    /// When it was written.
    pub at: Timestamp,
}

/// Somebody's request to hear a passage, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glass {
    /// Its identifier.
    pub id: GlassId,
    /// The concern whose passage it is.
    pub concern: ConcernId,
    /// Who asked.
    pub requested_by: UserId,
    /// Why.
    pub reason: Reason,
    /// When.
    pub requested_at: Timestamp,
    /// Who decided, if somebody did. Never the one who asked.
    pub decided_by: Option<UserId>,
    /// What they decided.
    pub allowed: Option<bool>,
    /// Until when the passage may be heard, if it may.
    pub expires_at: Option<Timestamp>,
    /// When it was first heard.
    pub heard_at: Option<Timestamp>,
}

/// For the practitioner: that a passage of their recording was heard. Nobody can keep this from them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassageHeard {
    /// The request.
    pub glass: GlassId,
    /// Which passage.
    pub span: Span,
    /// Why, in the words of whoever heard it.
    pub reason: Reason,
    /// When it was first heard.
    pub heard_at: Timestamp,
    /// When the practitioner was first shown this.
    pub seen_at: Option<Timestamp>,
}

/// Concerns, and the passages they are about.
#[async_trait]
pub trait Safeguarding {
    /// Raises a concern about a passage of a recording. It is open.
    async fn raise_concern(
        &mut self,
        permit: &Permit<RaiseConcern>,
        span: Span,
        concern: &NewConcern,
    ) -> Result<()>;

    /// Raises a concern about an extract: its passage is the extract's. False if there is no such extract any more.
    async fn raise_concern_on_clip(
        &mut self,
        permit: &Permit<RaiseConcernOnClip>,
        concern: &NewConcern,
    ) -> Result<bool>;

    /// The concerns about a recording that the permit's person raised, newest first, ties by id.
    async fn concerns_raised(
        &mut self,
        permit: &Permit<RaiseConcern>,
    ) -> Result<Vec<ConcernSummary>>;

    /// All concerns: those that are not closed first, then newest first, ties by id.
    async fn concerns(&mut self, permit: &Permit<SeeConcerns>) -> Result<Vec<ConcernSummary>>;

    /// A concern.
    async fn concern(&mut self, permit: &Permit<SeeConcern>) -> Result<Option<Concern>>;

    /// What was done about it, in the order of time, ties by id.
    async fn concern_notes(&mut self, permit: &Permit<SeeConcern>) -> Result<Vec<ConcernNote>>;

    /// Adds to what was done about it.
    async fn add_concern_note(
        &mut self,
        permit: &Permit<WriteConcern>,
        id: ConcernNoteId,
        body: &Note,
    ) -> Result<()>;

    /// Notes whether the person it is about knows.
    async fn set_told(&mut self, permit: &Permit<WriteConcern>, told: Told) -> Result<()>;

    /// Takes a concern from one state to another; false if it is not in the first.
    async fn move_concern(
        &mut self,
        permit: &Permit<WriteConcern>,
        from: ConcernState,
        to: ConcernState,
    ) -> Result<bool>;

    /// Asks to hear the passage; false if the permit's person has asked already and nobody has answered yet.
    async fn request_glass(
        &mut self,
        permit: &Permit<RequestGlass>,
        id: GlassId,
        reason: &Reason,
    ) -> Result<bool>;

    /// Who asked to hear the passage, and what became of it: newest first, ties by id.
    async fn glass_of(&mut self, permit: &Permit<SeeConcern>) -> Result<Vec<Glass>>;

    /// Everybody who asked to hear any passage: those without an answer first, then newest first, ties by id; at most
    /// two hundred.
    async fn glass_requests(&mut self, permit: &Permit<SeeGlass>) -> Result<Vec<Glass>>;

    /// Allows a request, for an hour, or refuses it. Once, and never by the person who asked: true if this call did it.
    async fn decide_glass(
        &mut self,
        permit: &Permit<DecideGlass>,
        id: GlassId,
        allow: bool,
    ) -> Result<bool>;

    /// The passage that may be heard now. From here on the practitioner is told.
    async fn passage(&mut self, permit: &Permit<HearPassage>) -> Result<Option<Span>>;

    /// Which passages of their own recording somebody heard, newest first, ties by id; nothing for anybody but its
    /// practitioner.
    async fn passages_heard(&mut self, permit: &Permit<SeeRecording>) -> Result<Vec<PassageHeard>>;

    /// Notes that the practitioner was shown them.
    async fn passages_shown(&mut self, permit: &Permit<SeeRecording>) -> Result<()>;

    /// The passages that somebody heard of recordings of `cx`'s person that are no more, newest first, ties by id: at
    /// most 20, and for nobody but a practitioner. Notes that they were shown; each comes as it was before that.
    async fn tell_what_was_heard_of_gone(&mut self, cx: Cx) -> Result<Vec<PassageHeard>>;
}
