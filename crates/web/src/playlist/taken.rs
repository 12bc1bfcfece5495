//! Moments that the practitioner marked, made into extracts by whoever prepares the playlist (K-04).

use axum::extract::State;
use hearback_access::{Code, SeeNominated};
use hearback_domain::{ClipId, NominationId, Note, PlaylistId, RecordingId};
use hearback_storage::NewClip;

use super::{
    edit::{here, making},
    show::view,
};
use crate::{
    App, Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    frameworks::framework_of_coding,
    page::Said,
};

/// `POST /recordings/{id}/moments/{moment}/extract`: `item`, the skill that is heard in it (`collaboration`,
/// `empathy.curiosity`); `note` and `question` may come with it. The extract is cut and approved like any other.
pub(crate) async fn take_over(
    visit: Visit,
    State(app): State<App>,
    Path((id, moment)): Path<(RecordingId, NominationId)>,
    fields: Fields,
) -> Result {
    let mut making = making(&visit, id).await?;
    let (work, nominated) = visit.also::<SeeNominated>(making.work, id).await?;
    let (mut work, coding) = visit.also::<Code>(work, id).await?;
    let all = work.moments(&nominated).await?;
    let wanted = all.iter().find(|one| one.moment.id == moment).ok_or(WebError::NotFound)?;
    let span = wanted.moment.span;
    let framework = framework_of_coding(&mut *work, &coding).await?;
    making.work = work;
    let (skill, sub) = match fields.get("item").split_once('.') {
        Some((skill, sub)) => (skill, Some(sub)),
        None => (fields.get("item"), None),
    };
    let item = framework.code(skill, sub).map_err(|_| {
        FieldError::new(format!("item-{moment}"), "choose the skill that is heard in it")
    });
    let fits = making.fits(span, None);
    let item = match (item, fits) {
        (Ok(item), Ok(())) => item,
        (item, fits) => {
            drop(making);
            let errors = item.err().into_iter().chain(fits.err()).collect();
            return view(&visit, id, errors).await;
        }
    };
    let clip = NewClip {
        id: ClipId::mint(&*app.ids),
        framework_version: framework.version,
        item,
        span,
        // Not what the practitioner wrote for themself: what is read out in the room is written for the room.
        note: Note::new(fields.get("note")).map_err(|e| WebError::bad(e.to_string()))?,
        question: Note::new(fields.get("question")).map_err(|e| WebError::bad(e.to_string()))?,
    };
    making.work.ensure_playlist(&making.permit, PlaylistId::mint(&*app.ids)).await?;
    making.work.add_clip(&making.permit, &clip).await?;
    making.cut(&app, id, clip.id).await?;
    Ok(Said::Saved.at(&here(id)))
}
