//! The sound of what is on, for whoever is in the room.

use std::sync::Arc;

use axum::http::HeaderMap;
use hearback_access::{HearBriefing, ObjectKind};
use hearback_domain::{RecordingId, sound};

use super::{key, who};
use crate::{
    Visit, WebError,
    error::Result,
    extract::{Path, Query},
    objects::serve_while_there,
    room::What,
};

/// `GET /recordings/{id}/briefing/audio`, with `piece`: what is on and not a sample more, as it is heard where
/// something is hidden; for as long as it is on, and the coder and whoever asks are in the room.
pub(crate) async fn audio(
    visit: Visit,
    Path(id): Path<RecordingId>,
    Query(fields): Query,
    headers: HeaderMap,
) -> Result {
    let (mut work, permit) = visit.permit::<HearBriefing>(id).await?;
    let (who, rooms) = (who(&visit)?, Arc::clone(&visit.app().rooms));
    let number = fields.get("piece").parse().unwrap_or_default();
    let hears = move || rooms.hears(key(id), who.user, who.session, number);
    let Some(piece) = hears() else {
        work.commit().await?;
        return Err(WebError::conflict("this is heard together, while you are both in the room"));
    };
    let object = work.object(&permit, ObjectKind::Normalised).await?;
    let set = work.hidden_of(&permit).await?;
    work.commit().await?;
    let (object, set) = (object.ok_or(WebError::NotFound)?, set.ok_or(WebError::NotFound)?);
    let What::Stretch(span) = piece.what else { return Err(WebError::NotFound) };
    let part = sound::bytes_of(span, object.bytes);
    let there = Arc::new(move || hears().is_some());
    serve_while_there(&visit, permit, (object, part), set, there, &headers).await
}
