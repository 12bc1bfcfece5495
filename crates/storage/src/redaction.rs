//! What is hidden of a recording from those who hear extracts of it.
//!
//! Whenever something is hidden, or heard again, the recording's set has another version. Extracts that lie there are
//! sealed in the same unit of work: their sound is forgotten, their ticks and the playlist's agreement are taken back,
//! and they have to be cut anew. The others sound the same as before, and go along with the new version. So an extract
//! with sound was always cut under the version that holds now.

use async_trait::async_trait;
use hearback_access::{ApproveRedaction, Hide, Opens, Permit, SeeRedaction, ShowAgain};
use hearback_domain::{
    ClipId, Hidden, HiddenId, HideWith, RedactionSet, RedactionVersion, Timestamp, UserId,
};

use crate::Result;

/// A hidden passage, as those see it who decide about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HiddenPassage {
    /// Its identifier.
    pub id: HiddenId,
    /// Where, and why.
    pub hidden: Hidden,
    /// Who hid it.
    pub hidden_by: UserId,
    /// Who asked for it to be heard again, if somebody did.
    pub show_asked_by: Option<UserId>,
}

/// What is hidden of a recording, and what was said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redaction {
    /// Which version of the set.
    pub version: RedactionVersion,
    /// What is heard in their place.
    pub with: HideWith,
    /// The passages, by where they begin, then by id.
    pub passages: Vec<HiddenPassage>,
    /// Who listened to this version and found nothing left to hide, and when.
    pub approved: Option<(UserId, Timestamp)>,
}

/// What is hidden.
#[async_trait]
pub trait Redactions {
    /// The recording's set.
    async fn redaction(&mut self, permit: &Permit<SeeRedaction>) -> Result<Option<Redaction>>;

    /// The set of the recording whose objects a permit opens, for whoever renders its sound or its words.
    async fn hidden_of(&mut self, permit: &dyn Opens) -> Result<Option<RedactionSet>>;

    /// Hides a passage. Gives the extracts that have to be cut anew, in order; none of them is vetoed.
    async fn hide(
        &mut self,
        permit: &Permit<Hide>,
        id: HiddenId,
        hidden: &Hidden,
    ) -> Result<Vec<ClipId>>;

    /// Has something else heard in the place of every hidden passage. Gives the extracts that have to be cut anew, in
    /// order; none, and no other version, if it is heard already.
    async fn hide_with(&mut self, permit: &Permit<Hide>, with: HideWith) -> Result<Vec<ClipId>>;

    /// Notes that the permit's person would have a passage heard again. False if the recording has none of that id, or
    /// somebody asked already.
    async fn ask_to_show(&mut self, permit: &Permit<ShowAgain>, id: HiddenId) -> Result<bool>;

    /// Takes such a request back, whoever made it. False if there is none.
    async fn keep_hidden(&mut self, permit: &Permit<ShowAgain>, id: HiddenId) -> Result<bool>;

    /// Has a passage heard again that somebody else asked for. Gives the extracts that have to be cut anew, in order;
    /// none if the recording has no such passage, or nobody but the permit's person asked.
    async fn show_again(
        &mut self,
        permit: &Permit<ShowAgain>,
        id: HiddenId,
    ) -> Result<Option<Vec<ClipId>>>;

    /// Notes that the permit's person listened to the recording as it is heard under `version`, and found nothing left
    /// to hide. False if that is not the version any more.
    async fn approve_redaction(
        &mut self,
        permit: &Permit<ApproveRedaction>,
        version: RedactionVersion,
    ) -> Result<bool>;
}
