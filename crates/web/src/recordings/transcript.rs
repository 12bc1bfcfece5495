//! The words, as far as they are, with what people corrected.

use std::sync::Arc;

use axum::response::IntoResponse as _;
use hearback_access::ReadTranscript;
use hearback_domain::{
    RecordingId,
    transcript::{ReadSegment, ReadWord, Reading},
};
use serde::Serialize;

use crate::{
    Visit, WebError,
    error::Result,
    extract::{Json, Path},
    words::{Kept, Places, voice_name},
};

#[derive(Serialize)]
struct TranscriptView {
    status: &'static str,
    language: Option<String>,
    model: Option<String>,
    segments: Vec<SegmentView>,
}

/// A sentence or so of one speaker.
#[derive(Serialize)]
struct SegmentView {
    start_ms: u64,
    end_ms: u64,
    text: String,
    /// What people call them.
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<String>,
    /// Why it is worth listening to; empty where nothing is in doubt, or somebody has listened.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubts: Vec<&'static str>,
    words: Vec<ReadWord>,
}

/// `GET /recordings/{id}/transcript`.
pub(crate) async fn show(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (mut work, permit) = visit.permit::<ReadTranscript>(id).await?;
    let state = work.transcript_state(&permit).await?;
    let places = Places::of(&mut *work, &permit).await?;
    work.commit().await?;
    let (state, language, model) = state.ok_or(WebError::NotFound)?;
    let kept = places.read(visit.app(), &Arc::new(permit)).await?;
    let segments = kept.map(Kept::into_reading).map(segments).unwrap_or_default();
    let status = state.as_str();
    Ok(Json(TranscriptView { status, language, model, segments }).into_response())
}

/// What is read, with the speakers by their names.
fn segments(reading: Reading) -> Vec<SegmentView> {
    let view = |segment: ReadSegment| SegmentView {
        start_ms: segment.start_ms,
        end_ms: segment.end_ms,
        text: segment.text,
        speaker: segment.speaker.map(|speaker| voice_name(speaker, segment.name.as_deref())),
        doubts: segment.doubts.iter().map(|doubt| doubt.sentence()).collect(),
        words: segment.words,
    };
    reading.segments.into_iter().map(view).collect()
}
