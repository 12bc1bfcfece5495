//! The machine's words, as far as they are.

use axum::{extract::State, response::IntoResponse as _};
use hearback_access::{ObjectKind, ReadTranscript};
use hearback_domain::RecordingId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    App, Visit, WebError,
    error::Result,
    extract::{Json, Path},
    objects::read,
};

/// What lies in the vault. Only the segments are handed on as they are; the rest is said by the database.
#[derive(Deserialize)]
struct Stored {
    segments: Vec<Value>,
}

#[derive(Serialize)]
struct Transcript {
    status: &'static str,
    language: Option<String>,
    model: Option<String>,
    segments: Vec<Value>,
}

/// `GET /recordings/{id}/transcript`.
pub(crate) async fn show(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<RecordingId>,
) -> Result {
    let (mut work, permit) = visit.permit::<ReadTranscript>(id).await?;
    let state = work.transcript_state(&permit).await?;
    let object = work.object(&permit, ObjectKind::Transcript).await?;
    work.commit().await?;
    let (state, language, model) = state.ok_or(WebError::NotFound)?;
    let segments = match object {
        Some(object) => {
            let bytes = read(&app, permit, object).await?;
            serde_json::from_slice::<Stored>(&bytes).map_err(WebError::internal)?.segments
        }
        None => Vec::new(),
    };
    Ok(Json(Transcript { status: state.as_str(), language, model, segments }).into_response())
}
