//! The sound of single extracts, and the practitioner's veto.

use axum::http::HeaderMap;
use hearback_access::{Action, ObjectKind, Permit, PlayClip, PreviewClip, VetoClip};
use hearback_domain::ClipId;
use hearback_storage::Work;

use crate::{Visit, WebError, error::Result, extract::Path, objects::serve, page::Said};

/// `GET /clips/{id}/audio`: an extract in the room.
pub(crate) async fn audio(visit: Visit, Path(id): Path<ClipId>, headers: HeaderMap) -> Result {
    let (work, permit) = visit.permit::<PlayClip>(id).await?;
    give(&visit, work, permit, id, &headers).await
}

/// `GET /clips/{id}/preview`: an extract while it is prepared.
pub(crate) async fn preview(visit: Visit, Path(id): Path<ClipId>, headers: HeaderMap) -> Result {
    let (work, permit) = visit.permit::<PreviewClip>(id).await?;
    give(&visit, work, permit, id, &headers).await
}

async fn give<A: Action>(
    visit: &Visit,
    mut work: Box<dyn Work>,
    permit: Permit<A>,
    id: ClipId,
    headers: &HeaderMap,
) -> Result {
    let object = work.object(&permit, ObjectKind::Clip(id)).await?;
    work.commit().await?;
    serve(visit, permit, object.ok_or(WebError::NotFound)?, headers, "audio/wav").await
}

/// `POST /clips/{id}/veto`.
pub(crate) async fn veto(visit: Visit, Path(id): Path<ClipId>) -> Result {
    let (mut work, permit) = visit.permit::<VetoClip>(id).await?;
    work.veto_clip(&permit).await?;
    work.commit().await?;
    Ok(Said::Vetoed.at("/"))
}
