//! The recording as it is heard where something is hidden: its sound and its words, and nothing of what is under them.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::IntoResponse as _};
use hearback_access::{ObjectKind, PlayRecording, ReadTranscript};
use hearback_domain::{RecordingId, RedactionSet, transcript::Reading};

use crate::{
    App, Visit, WebError,
    error::Result,
    extract::{Fields, Json, Path, Query},
    objects::serve_as_heard,
    words::Places,
};

const CHANGED: &str =
    "something else is hidden by now; look at the page again and listen to it as it is now";

/// What is asked for is what holds: an answer is about one version.
fn current(set: Option<RedactionSet>, fields: &Fields) -> Result<RedactionSet> {
    let set = set.ok_or(WebError::NotFound)?;
    match fields.get("version") {
        "" => Ok(set),
        asked if asked == set.version.to_string() => Ok(set),
        _ => Err(WebError::conflict(CHANGED)),
    }
}

/// `GET /recordings/{id}/redaction/audio`, perhaps with `version`: the whole recording as it is heard, 16 kHz mono WAV.
pub(crate) async fn audio(
    visit: Visit,
    Path(id): Path<RecordingId>,
    Query(fields): Query,
    headers: HeaderMap,
) -> Result {
    let (mut work, permit) = visit.permit::<PlayRecording>(id).await?;
    let object = work.object(&permit, ObjectKind::Normalised).await?;
    let set = work.hidden_of(&permit).await?;
    work.commit().await?;
    let (object, set) = (object.ok_or(WebError::NotFound)?, current(set, &fields)?);
    serve_as_heard(&visit, permit, object, set, &headers).await
}

/// `GET /recordings/{id}/redaction/words`, perhaps with `version`: the words beside it.
pub(crate) async fn words(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<RecordingId>,
    Query(fields): Query,
) -> Result {
    let (mut work, permit) = visit.permit::<ReadTranscript>(id).await?;
    let places = Places::of(&mut *work, &permit).await?;
    let set = work.hidden_of(&permit).await?;
    work.commit().await?;
    let set = current(set, &fields)?;
    let kept = places.read(&app, &Arc::new(permit)).await?;
    let reading = kept.map_or_else(Reading::default, |kept| kept.into_reading().hiding(&set));
    Ok(Json(reading).into_response())
}
