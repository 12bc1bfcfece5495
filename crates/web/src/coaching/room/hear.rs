//! The sound of what is heard in a session, for whoever is in the room.

use std::sync::Arc;

use axum::http::HeaderMap;
use hearback_access::{HearInSession, ObjectKind};
use hearback_domain::{CoachingSessionId, PieceId};

use super::{key, who};
use crate::{Visit, WebError, error::Result, extract::Path, objects::serve_extract_while_there};

/// `GET /sessions/{session}/sound/{piece}`: an extract, for as long as whoever asks is in the room. A guest is given
/// what is on; the two whose session it is, what they chose to hear, so that it plays at once.
pub(crate) async fn sound(
    visit: Visit,
    Path((session, piece)): Path<(CoachingSessionId, PieceId)>,
    headers: HeaderMap,
) -> Result {
    let (mut work, permit) = visit.permit::<HearInSession>(piece).await?;
    let (who, rooms) = (who(&visit)?, Arc::clone(&visit.app().rooms));
    let there = move || rooms.hears_extract(key(session), (who.user, who.session), piece);
    if !there() {
        work.commit().await?;
        return Err(WebError::conflict("this is heard together, while you are in the room"));
    }
    let clip = work.clip_of_piece(&permit, session).await?.ok_or(WebError::NotFound)?;
    let object = work.object(&permit, ObjectKind::Clip(clip)).await?;
    work.commit().await?;
    let object = object.ok_or(WebError::NotFound)?;
    serve_extract_while_there(&visit, permit, object, Arc::new(there), &headers).await
}
