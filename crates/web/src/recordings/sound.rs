//! The sound of a whole recording, and its picture. Every range that is asked for is a question of its own.

use axum::http::HeaderMap;
use hearback_access::{ObjectKind, PlayRecording};
use hearback_domain::RecordingId;

use crate::{Visit, WebError, error::Result, extract::Path, objects::serve};

/// `GET /recordings/{id}/audio`: 16 kHz mono WAV.
pub(crate) async fn audio(visit: Visit, Path(id): Path<RecordingId>, headers: HeaderMap) -> Result {
    give(&visit, id, ObjectKind::Normalised, &headers, "audio/wav").await
}

/// `GET /recordings/{id}/listen`: the listening copy, Opus in MP4; not found until there is one.
pub(crate) async fn listen(
    visit: Visit,
    Path(id): Path<RecordingId>,
    headers: HeaderMap,
) -> Result {
    give(&visit, id, ObjectKind::Listening, &headers, "audio/mp4").await
}

/// `GET /recordings/{id}/peaks.dat`: the waveform's data.
pub(crate) async fn peaks(visit: Visit, Path(id): Path<RecordingId>, headers: HeaderMap) -> Result {
    give(&visit, id, ObjectKind::Peaks, &headers, "application/octet-stream").await
}

async fn give(
    visit: &Visit,
    id: RecordingId,
    kind: ObjectKind,
    headers: &HeaderMap,
    content_type: &'static str,
) -> Result {
    let (mut work, permit) = visit.permit::<PlayRecording>(id).await?;
    let object = work.object(&permit, kind).await?;
    work.commit().await?;
    serve(visit, permit, object.ok_or(WebError::NotFound)?, headers, content_type).await
}
