//! Bringing a moment of one's own recording to supervision (SUP-03): whoever coaches others and made the recording
//! decides it, from the page where they marked the moment.

use hearback_access::{BringMoment, Nominate, Permit, SeeRecording};
use hearback_domain::{
    BroughtId, Ms, NominationId, Purpose, RecordingId, Role, SupervisionId,
    supervision::{LONGEST_BROUGHT, NotBrought, ToBring},
};
use hearback_storage::{Recording, Work};

use super::moments::MomentView;
use crate::{
    Visit, WebError,
    error::{FieldError, Result, sentence},
    extract::{Fields, Path},
    page::Said,
    when::When,
};

/// What the page says of bringing moments, to somebody who coaches.
pub(super) struct BringingView {
    /// Why no moment can be brought, if that is so of all of them.
    pub(super) missing: Option<String>,
    /// The meetings to which they are invited, earliest first.
    pub(super) meetings: Vec<MeetingView>,
}

/// A meeting to which a moment can be brought.
pub(super) struct MeetingView {
    pub(super) id: SupervisionId,
    pub(super) when: When,
    brought: Option<NominationId>,
}

impl MomentView {
    /// Why this one cannot be brought although others can.
    pub(super) fn too_long(&self) -> Option<String> {
        let long = self.end_ms.saturating_sub(self.start_ms) > LONGEST_BROUGHT.get();
        long.then(|| sentence(&NotBrought::Long.to_string()))
    }
}

impl BringingView {
    /// Whether there is something to do about this one.
    pub(super) fn shows(&self, moment: &MomentView) -> bool {
        self.missing.is_none() && moment.too_long().is_none() && !self.meetings.is_empty()
            || self.meetings.iter().any(|meeting| meeting.has(moment))
    }
}

impl MeetingView {
    /// Whether it is this moment that they brought.
    pub(super) fn has(&self, moment: &MomentView) -> bool {
        self.brought == Some(moment.id)
    }

    /// Whether they brought another one, of this recording or not.
    pub(super) fn has_another(&self, moment: &MomentView) -> bool {
        self.brought.is_some_and(|brought| brought != moment.id)
    }
}

/// For whoever coaches; nothing for anybody else, who is not to wonder what supervision is.
pub(super) async fn bringing(
    visit: &Visit,
    work: &mut dyn Work,
    see: &Permit<SeeRecording>,
    recording: &Recording,
) -> Result<Option<BringingView>> {
    if !visit.signed_in()?.person.roles.contains(&Role::Coach) {
        return Ok(None);
    }
    let places = work.where_to_bring(see).await?;
    let any = ToBring {
        covered: recording.cover(Purpose::TeachingPlayback),
        listened: places.listened,
        invited: !places.meetings.is_empty(),
        another: false,
        length: Ms::ZERO,
    };
    let meetings = places.meetings.into_iter().map(|meeting| MeetingView {
        id: meeting.id,
        when: When::of(meeting.planned_at),
        brought: meeting.brought,
    });
    Ok(Some(BringingView {
        missing: any.check().err().map(|why| sentence(&why.to_string())),
        meetings: meetings.collect(),
    }))
}

fn meeting(fields: &Fields) -> Result<SupervisionId> {
    let meeting = fields.get("meeting").parse();
    meeting.map_err(|_| WebError::Invalid(vec![FieldError::new("", "choose a meeting")]))
}

fn back(id: RecordingId) -> String {
    format!("/recordings/{id}")
}

/// `POST /recordings/{id}/moments/{moment}/bring`: `meeting`. What was brought there before gives way to it.
pub(crate) async fn bring(
    visit: Visit,
    Path((id, moment)): Path<(RecordingId, NominationId)>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<BringMoment>(id).await?;
    let meeting = meeting(&fields)?;
    let brought = BroughtId::mint(&*visit.app().ids);
    match work.bring(&permit, brought, meeting, moment).await? {
        Ok(true) => work.commit().await?,
        Ok(false) => return Err(WebError::NotFound),
        Err(why) => return Err(WebError::conflict(why.to_string())),
    }
    Ok(Said::Saved.near(&back(id), "moments"))
}

/// `POST /recordings/{id}/moments/{moment}/bring/take-back`: `meeting`. It takes nobody else's yes to take something back.
pub(crate) async fn take_back(
    visit: Visit,
    Path((id, moment)): Path<(RecordingId, NominationId)>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<Nominate>(id).await?;
    let meeting = meeting(&fields)?;
    work.take_back_brought(&permit, meeting, moment).await?;
    work.commit().await?;
    Ok(Said::Removed.near(&back(id), "moments"))
}
