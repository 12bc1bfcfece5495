//! What coaches brought of their own recordings, to be heard while they are under the dome (SUP-03).
//!
//! The others are told who brought something and how long it is: not what was recorded, and not what was written to it.

use axum::http::HeaderMap;
use hearback_access::{HearBrought, ObjectKind, among};
use hearback_domain::{BroughtId, UserId, sound, supervision::LONGEST_BROUGHT};
use hearback_storage::{Brought, Work};
use serde::Serialize;

use super::{Names, called};
use crate::{Visit, WebError, error::Result, extract::Path, objects::serve_part_as_heard};

/// Something that somebody brought.
#[derive(Serialize)]
pub(super) struct BroughtView {
    pub(super) id: BroughtId,
    /// Whose it is and how long, as a sentence.
    pub(super) text: String,
    /// Where it is heard, while whoever brought it is under the dome.
    pub(super) sound: Option<String>,
}

/// What of it the visitor is told now.
pub(super) async fn views(
    work: &mut dyn Work,
    visit: &Visit,
    brought: &[Brought],
    names: &Names,
) -> Result<Vec<BroughtView>> {
    let ids: Vec<_> = brought.iter().map(|one| one.id).collect();
    let open = among::<HearBrought>(work.gate(), visit.cx(), &ids).await?;
    let me = visit.user()?;
    let view = |one: &Brought| BroughtView {
        id: one.id,
        text: text(one, names, me),
        sound: open
            .iter()
            .any(|permit| permit.object() == one.id)
            .then(|| format!("/supervision/brought/{}/sound", one.id)),
    };
    Ok(brought.iter().map(view).collect())
}

fn text(brought: &Brought, names: &Names, visitor: UserId) -> String {
    let length = brought.length;
    if brought.by == visitor {
        format!("You have brought something to hear ({length}).")
    } else {
        format!("{} has brought something to hear ({length}).", called(names, brought.by))
    }
}

/// `GET /supervision/brought/{brought}/sound`: the moment and not a sample more, with what is hidden hidden. While it
/// is sent the question is asked again and again, so that it ends with the exercise.
pub(crate) async fn sound(visit: Visit, Path(id): Path<BroughtId>, headers: HeaderMap) -> Result {
    let (mut work, permit) = visit.permit::<HearBrought>(id).await?;
    let span = work.brought_span(&permit).await?;
    let object = work.object(&permit, ObjectKind::Normalised).await?;
    let set = work.hidden_of(&permit).await?;
    work.commit().await?;
    let span = span.filter(|span| span.len() <= LONGEST_BROUGHT).ok_or(WebError::NotFound)?;
    let (object, set) = (object.ok_or(WebError::NotFound)?, set.ok_or(WebError::NotFound)?);
    let part = sound::bytes_of(span, object.bytes);
    serve_part_as_heard(&visit, permit, (object, part), set, &headers).await
}
