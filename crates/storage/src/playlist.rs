//! Playlists: one for each recording, of extracts in order (CM-05).

use async_trait::async_trait;
use hearback_access::{
    DecideSharing, MakePlaylist, Permit, RenderClip, SeePlaylist, StoredObject, VetoClip,
};
use hearback_domain::{
    ClipId, ItemKey, Note, ObjectId, PlaylistId, Pseudonym, RecordingId, RedactionVersion, Span,
    Timestamp, UserId,
};

use crate::Result;

/// An extract to be added, at the end.
#[derive(Clone, Debug)]
pub struct NewClip {
    /// Its identifier.
    pub id: ClipId,
    /// The version of the framework.
    pub framework_version: String,
    /// The skill heard.
    pub item: ItemKey,
    /// Where.
    pub span: Span,
    /// The strengths note, read out with it.
    pub note: Note,
    /// The open question for the conversation.
    pub question: Note,
}

/// What may be changed about an extract.
#[derive(Clone, Debug)]
pub struct ChangedClip {
    /// Which.
    pub id: ClipId,
    /// Where. If this differs, the extract is cut anew and its approval is gone.
    pub span: Span,
    /// The strengths note.
    pub note: Note,
    /// The open question.
    pub question: Note,
}

/// An extract, as the one who prepares the playlist sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    /// Its identifier.
    pub id: ClipId,
    /// The version of the framework that its skill is of.
    pub framework_version: String,
    /// The skill's key.
    pub skill: String,
    /// The sub-category's key.
    pub sub: Option<String>,
    /// Where.
    pub span: Span,
    /// The strengths note.
    pub note: Note,
    /// The open question.
    pub question: Note,
    /// Its sound, once it has been cut: what somebody hears, and so what they approve.
    pub cut: Option<ObjectId>,
    /// Who listened and found nothing to hide, if somebody did (the tick without which it does not play).
    pub approved_by: Option<UserId>,
    /// Whether the practitioner would rather not have it played.
    pub vetoed: bool,
    /// Whether its words are to be shown with it.
    pub quoted: bool,
}

impl Clip {
    /// Whether its sound has been cut.
    pub const fn rendered(&self) -> bool {
        self.cut.is_some()
    }
}

/// What became of an extract that was taken out of its playlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClipRemoval {
    /// It is gone, and its sound is forgotten.
    Gone,
    /// It was heard in a coaching session: there it stays, and nowhere else.
    Kept,
}

/// A playlist, as the one who prepares it sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Playlist {
    /// Its identifier.
    pub id: PlaylistId,
    /// Its extracts, in order.
    pub clips: Vec<Clip>,
    /// Where extracts lie that were taken out of it and are kept where they were heard. They count among what may be
    /// heard of the recording: taking one out makes no room for more.
    pub kept: Vec<Span>,
    /// When it was agreed and so became visible in the room.
    pub agreed_at: Option<Timestamp>,
    /// Whether somebody listened to the whole recording as it is heard now, and found nothing left to hide. That stands
    /// for the approval of each extract.
    pub nothing_to_hide: bool,
}

/// An extract in the room: no positions in the recording, no numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomClip {
    /// Its identifier.
    pub id: ClipId,
    /// The version of the framework that its skill is of.
    pub framework_version: String,
    /// The skill's key.
    pub skill: String,
    /// The sub-category's key.
    pub sub: Option<String>,
    /// The strengths note.
    pub note: Note,
    /// The open question.
    pub question: Note,
    /// Whether its words are to be shown with it.
    pub quoted: bool,
    /// Its sound, in bytes of 16 kHz 16-bit mono WAV.
    pub bytes: u64,
}

/// A playlist in the room: only what is approved, cut under what is hidden now, and not vetoed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomPlaylist {
    /// Its identifier.
    pub id: PlaylistId,
    /// The chosen name of the child, young person or family.
    pub pseudonym: Pseudonym,
    /// Whose practice it is.
    pub practitioner: UserId,
    /// Whether skills are named with the extracts: not while the coder who marked them is still practising (REL-04).
    pub named: bool,
    /// Its extracts, in order.
    pub clips: Vec<RoomClip>,
}

/// A playlist in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaylistSummary {
    /// Its identifier.
    pub id: PlaylistId,
    /// The chosen name.
    pub pseudonym: Pseudonym,
    /// When it was agreed.
    pub agreed_at: Timestamp,
}

/// What the worker wants to know to cut an extract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClipToRender {
    /// The recording.
    pub recording: RecordingId,
    /// Where.
    pub span: Span,
    /// Whether it is there already.
    pub rendered: bool,
}

/// Playlists and extracts.
#[async_trait]
pub trait Playlists {
    /// The recording's playlist, if it has one.
    async fn playlist(&mut self, permit: &Permit<MakePlaylist>) -> Result<Option<Playlist>>;

    /// Makes the recording's playlist if there is none; its id in either case.
    async fn ensure_playlist(
        &mut self,
        permit: &Permit<MakePlaylist>,
        id: PlaylistId,
    ) -> Result<PlaylistId>;

    /// Adds an extract at the end of the recording's playlist, which has to be there. The playlist has to be agreed
    /// anew.
    async fn add_clip(&mut self, permit: &Permit<MakePlaylist>, clip: &NewClip) -> Result<()>;

    /// Changes an extract; false if the recording has none of that id, or it is vetoed and would get another span.
    ///
    /// Another span means: not rendered, not approved, its old sound forgotten, and the playlist not agreed.
    async fn change_clip(
        &mut self,
        permit: &Permit<MakePlaylist>,
        clip: &ChangedClip,
    ) -> Result<bool>;

    /// Moves an extract one place up (or down); false if the recording has none of that id, or it is at that end.
    async fn move_clip(
        &mut self,
        permit: &Permit<MakePlaylist>,
        id: ClipId,
        up: bool,
    ) -> Result<bool>;

    /// Removes an extract and forgets its sound; none if the recording has none of that id, or it is vetoed: a veto
    /// stays where its practitioner put it.
    ///
    /// One that was heard in a session is kept for those who heard it. It leaves the playlist and every session in which
    /// it was not heard, and whoever prepares the playlist has it no more. If something in it is hidden later it is cut
    /// anew, and plays again once somebody has listened to the whole recording.
    async fn remove_clip(
        &mut self,
        permit: &Permit<MakePlaylist>,
        id: ClipId,
    ) -> Result<Option<ClipRemoval>>;

    /// Notes that the permit's person listened to the extract as it was cut and found nothing to hide.
    ///
    /// `cut` is the sound that was heard. False if the recording has none of that id, or its sound is not that one.
    async fn approve_clip(
        &mut self,
        permit: &Permit<MakePlaylist>,
        id: ClipId,
        cut: ObjectId,
    ) -> Result<bool>;

    /// Agrees the playlist: from now on it is in the room.
    ///
    /// False if there is none, or it has no extract that is cut, approved (itself, or with the whole recording) and not
    /// vetoed.
    async fn agree_playlist(&mut self, permit: &Permit<MakePlaylist>) -> Result<bool>;

    /// The playlist in the room.
    async fn room_playlist(&mut self, permit: &Permit<SeePlaylist>)
    -> Result<Option<RoomPlaylist>>;

    /// The playlist for a list, if it is agreed. Which ones somebody may see, `hearback_access::list` tells.
    async fn playlist_summary(
        &mut self,
        permit: &Permit<SeePlaylist>,
    ) -> Result<Option<PlaylistSummary>>;

    /// Keeps an extract from being played; it stays so until the practitioner makes it otherwise.
    async fn veto_clip(&mut self, permit: &Permit<VetoClip>) -> Result<()>;

    /// The recording's extracts that are neither cut nor vetoed, in order; those too that are kept for who heard them.
    async fn uncut_clips(&mut self, permit: &Permit<DecideSharing>) -> Result<Vec<ClipId>>;

    /// What the worker wants to know.
    async fn clip_to_render(&mut self, permit: &Permit<RenderClip>)
    -> Result<Option<ClipToRender>>;

    /// Notes that the extract was cut, unless its span or what is hidden of its recording has changed since: true if
    /// this call did it.
    async fn set_rendered(
        &mut self,
        permit: &Permit<RenderClip>,
        span: Span,
        hidden: RedactionVersion,
        object: &StoredObject,
    ) -> Result<bool>;
}
