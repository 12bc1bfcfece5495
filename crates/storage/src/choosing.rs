//! What is heard in a coaching session, the moments that are marked for it, and the thread from one recording to the
//! next (CM-05, K-04).

use async_trait::async_trait;
use hearback_access::{
    ChooseClips, Nominate, Permit, PrepareClip, SeeNominated, SeeSeries, SeeSession, WatchSession,
};
use hearback_domain::{
    ClipId, CoachingSessionId, Label, MarkId, Ms, NominationId, Note, PieceId, Pseudonym,
    RecordingId, SeriesId, Span, Timestamp, UserId,
    choosing::{MomentKind, NotAdded},
};

use crate::Result;

/// A moment that a practitioner marks on their own recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMoment {
    /// Its identifier.
    pub id: NominationId,
    /// Why it is marked.
    pub kind: MomentKind,
    /// Where.
    pub span: Span,
    /// What the practitioner wrote to it; may be empty.
    pub note: Note,
}

/// The same, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What was marked.
    pub moment: NewMoment,
    /// When.
    pub made_at: Timestamp,
}

/// An extract that is to be heard in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPiece {
    /// Its identifier.
    pub id: PieceId,
    /// Which extract.
    pub clip: ClipId,
    /// What it is called in the session.
    pub title: Label,
    /// An open question for the conversation; may be empty.
    pub question: Note,
}

/// What an extract is about, for those who hear it: no positions in the recording, no numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four things that are said of it one by one")]
pub struct Extract {
    /// Which.
    pub clip: ClipId,
    /// The recording that it is of.
    pub recording: RecordingId,
    /// The chosen name of the child, young person or family.
    pub pseudonym: Pseudonym,
    /// The version of the framework that its skill is of.
    pub framework_version: String,
    /// The skill's key.
    pub skill: String,
    /// The sub-category's key.
    pub sub: Option<String>,
    /// Whether the skill is named with it: not while the coder who marked it is still practising (REL-04).
    pub named: bool,
    /// What is heard in it that works.
    pub strength: Note,
    /// The question that came with it.
    pub question: Note,
    /// How long it is.
    pub length: Ms,
    /// Whether its words are to be shown with it.
    pub quoted: bool,
    /// Why the practitioner marked a moment in it, each reason once.
    pub marked: Vec<MomentKind>,
    /// Whether the coder heard it as an example of its skill.
    pub exemplar: bool,
    /// Whether its coder took it out of the playlist after it had been heard in a session of the series.
    pub removed: bool,
}

/// An extract in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its identifier.
    pub id: PieceId,
    /// Which extract.
    pub clip: ClipId,
    /// What is told of it; none while it cannot be heard by whoever asks: it is being changed, or somebody's yes does not
    /// hold just now.
    pub told: Option<ToldPiece>,
    /// Who added it.
    pub added_by: UserId,
    /// When the practitioner took it out. Nobody else is told of such a piece.
    pub vetoed_at: Option<Timestamp>,
    /// When it was heard together.
    pub heard_at: Option<Timestamp>,
}

/// What is told of an extract in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldPiece {
    /// What it is called here.
    pub title: Label,
    /// The open question for the conversation.
    pub question: Note,
    /// What it is about.
    pub extract: Extract,
}

/// A recording that a series walks along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadRecording {
    /// Which.
    pub id: RecordingId,
    /// The chosen name; none while nothing of it can be heard in the series.
    pub pseudonym: Option<Pseudonym>,
    /// The day of what was recorded (`2026-03-09`), if it was given.
    pub held_on: Option<String>,
    /// Its extracts that both may hear, as the playlist has them.
    pub extracts: Vec<Extract>,
}

/// Where an extract was put into a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hearing {
    /// The extract in the session.
    pub piece: PieceId,
    /// Which extract.
    pub clip: ClipId,
    /// In which session.
    pub session: CoachingSessionId,
    /// When that session is, or began.
    pub at: Timestamp,
    /// When it was heard together, if it was.
    pub heard_at: Option<Timestamp>,
    /// The moments that were marked in it while it was heard.
    pub marks: Vec<HeardMark>,
}

/// A moment that somebody marked while an extract was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeardMark {
    /// Its identifier.
    pub id: MarkId,
    /// How far into the extract.
    pub at: Ms,
    /// Who marked it.
    pub by: UserId,
}

/// What a series walks along, from one recording to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thread {
    /// Its recordings, in the order of their making.
    pub recordings: Vec<ThreadRecording>,
    /// Where the extracts of these were heard, or are to be heard, in the order of the sessions and within each in its
    /// order.
    pub hearings: Vec<Hearing>,
}

/// Choosing what is heard.
#[async_trait]
pub trait Choosing {
    /// Marks a moment of the permit's recording.
    async fn nominate(&mut self, permit: &Permit<Nominate>, moment: &NewMoment) -> Result<()>;

    /// Changes a moment; false if the recording has none of that id.
    async fn change_moment(
        &mut self,
        permit: &Permit<Nominate>,
        moment: &NewMoment,
    ) -> Result<bool>;

    /// Removes a moment; false if the recording has none of that id.
    async fn remove_moment(&mut self, permit: &Permit<Nominate>, id: NominationId) -> Result<bool>;

    /// The moments that the practitioner marked, by start, end, id.
    async fn moments(&mut self, permit: &Permit<SeeNominated>) -> Result<Vec<Moment>>;

    /// Whose session it is.
    async fn session_series(&mut self, permit: &Permit<SeeSession>) -> Result<Option<SeriesId>>;

    /// What is another one whenever a session's list is: its state, what is in it in which order under which words, and
    /// what of it can be heard, but for what time alone closes. One light question, for pages that look each second; it
    /// tells nothing, and can be compared and nothing else.
    async fn session_sign(&mut self, permit: &Permit<WatchSession>) -> Result<Vec<u8>>;

    /// What is heard in a session, in order. What the practitioner took out is there for them alone.
    async fn pieces(&mut self, permit: &Permit<SeeSession>) -> Result<Vec<Piece>>;

    /// What could be heard too: the extracts of the series' recordings that are shared, that whoever asks may hear, that
    /// their coder has not taken out, and that are not in the session, not even taken out. By recording, then as the
    /// playlist has them.
    async fn could_be_heard(&mut self, permit: &Permit<ChooseClips>) -> Result<Vec<Extract>>;

    /// Adds an extract at the end of what is heard; or why not.
    async fn add_piece(
        &mut self,
        permit: &Permit<ChooseClips>,
        piece: &NewPiece,
    ) -> Result<Result<(), NotAdded>>;

    /// Changes what an extract is called in the session, and the question; false if there is none of that id, or the
    /// session has been.
    async fn change_piece(
        &mut self,
        permit: &Permit<ChooseClips>,
        id: PieceId,
        title: &Label,
        question: &Note,
    ) -> Result<bool>;

    /// Moves an extract one place up (or down); at the end of the list, nothing happens. False if there is none of that
    /// id, or the session has been.
    async fn move_piece(
        &mut self,
        permit: &Permit<ChooseClips>,
        id: PieceId,
        up: bool,
    ) -> Result<bool>;

    /// Takes an extract out of the session, so that it can be added again; false if there is none of that id that
    /// whoever asks is told of, it was heard, or the session has been.
    async fn remove_piece(&mut self, permit: &Permit<ChooseClips>, id: PieceId) -> Result<bool>;

    /// The practitioner would rather not hear it, or would after all: false if it is not the practitioner who says so,
    /// there is none of that id, or it would come back to a list that is full. Nobody adds it again to this session, and
    /// nobody hears it there.
    async fn veto_piece(
        &mut self,
        permit: &Permit<ChooseClips>,
        id: PieceId,
        vetoed: bool,
    ) -> Result<bool>;

    /// Which extract the permit's piece is.
    async fn clip_to_prepare(&mut self, permit: &Permit<PrepareClip>) -> Result<Option<ClipId>>;

    /// What the series walks along.
    async fn thread(&mut self, permit: &Permit<SeeSeries>) -> Result<Thread>;
}
