//! The sound of what was chosen, before the session and after it.

use axum::http::HeaderMap;
use hearback_access::{ObjectKind, PrepareClip};
use hearback_domain::{CoachingSessionId, PieceId};

use crate::{Visit, WebError, error::Result, extract::Path, objects::serve};

/// `GET /sessions/{session}/clips/{piece}/sound`: the extract, and not a sample more; it breaks off when the
/// practitioner takes it out.
pub(crate) async fn sound(
    visit: Visit,
    Path((_, piece)): Path<(CoachingSessionId, PieceId)>,
    headers: HeaderMap,
) -> Result {
    let (mut work, permit) = visit.permit::<PrepareClip>(piece).await?;
    let clip = work.clip_to_prepare(&permit).await?.ok_or(WebError::NotFound)?;
    let object = work.object(&permit, ObjectKind::Clip(clip)).await?;
    work.commit().await?;
    serve(&visit, permit, object.ok_or(WebError::NotFound)?, &headers, "audio/wav").await
}
