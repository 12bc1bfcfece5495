//! Reading and changing, for the page's script: what is read, and one change after the other.

use std::sync::Arc;

use axum::response::IntoResponse as _;
use hearback_access::ReadTranscript;
use hearback_domain::{
    Ms, RecordingId, Span,
    transcript::{Change, CorrectionError, Reading},
};
use serde::Deserialize;

use super::{
    Kept, Places,
    kept::{About, Unchanged, change},
    view::{self, ReadingView},
};
use crate::{
    Visit,
    error::Result,
    extract::{Json, Path, Query, Sent},
};

/// A change, as the script sends it.
#[derive(Deserialize)]
pub(crate) struct Sending {
    change: Change,
}

/// `GET /recordings/{id}/corrections`, perhaps with `start_ms` and `end_ms`: what is read, and what stands in that stretch.
pub(crate) async fn show(
    visit: Visit,
    Path(id): Path<RecordingId>,
    Query(fields): Query,
) -> Result {
    let (mut work, permit) = visit.permit::<ReadTranscript>(id).await?;
    let places = Places::of(&mut *work, &permit).await?;
    let (work, about) = About::of(&visit, work, &permit, id).await?;
    work.commit().await?;
    let kept = places.read(visit.app(), &Arc::new(permit)).await?;
    let at = |name| fields.get(name).parse().ok().map(Ms::new);
    let asked = at("start_ms").zip(at("end_ms")).and_then(|(a, b)| Span::new(a, b).ok());
    Ok(Json(reading_view(&visit, &about, kept.as_ref(), asked)?).into_response())
}

/// `POST /recordings/{id}/corrections`: one change, made of what stood there for whoever made it. What is read then.
///
/// A change of words that are others by now is 409, and nothing is written over.
pub(crate) async fn add(
    visit: Visit,
    Path(id): Path<RecordingId>,
    Sent(sent): Sent<Sending>,
) -> Result {
    let make = sent.map(|Sending { change }| move |kept: &Kept| changes(kept, &change));
    let (kept, about) = change(&visit, id, make).await?;
    Ok(Json(reading_view(&visit, &about, Some(&kept), None)?).into_response())
}

/// The changes that what was sent amounts to.
///
/// What stands there now is always compared with what the person had before them: people change words, and so does a
/// machine that reads a recording again.
pub(super) fn changes(kept: &Kept, wanted: &Change) -> Result<Vec<Change>, Unchanged> {
    let reading = kept.reading();
    match wanted {
        Change::Text { start_ms, end_ms, was, text } => {
            let span = span(*start_ms, *end_ms)?;
            let there = unmoved(reading, span, was, text)?;
            if there == tidy(text) { Ok(Vec::new()) } else { Ok(reading.edited(span, text)) }
        }
        // Who has listened has listened to what they had before them.
        Change::Heard { start_ms, end_ms, was } => {
            unmoved(reading, span(*start_ms, *end_ms)?, was, was)?;
            Ok(vec![wanted.clone()])
        }
        Change::Undo { index } if kept.corrections.undone(*index) => Ok(Vec::new()),
        other => Ok(vec![other.clone()]),
    }
}

/// What stands there, if that is what the person had before them or what they want to have there.
fn unmoved(reading: &Reading, span: Span, was: &str, text: &str) -> Result<String, Unchanged> {
    let there = reading.text_in(span);
    if there == tidy(was) || there == tidy(text) { Ok(there) } else { Err(Unchanged::Moved) }
}

fn span(start_ms: u64, end_ms: u64) -> Result<Span, Unchanged> {
    Span::new(Ms::new(start_ms), Ms::new(end_ms))
        .map_err(|_| Unchanged::Wrong(CorrectionError::NoStretch))
}

/// One space between words, none around them.
pub(super) fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the page is given.
pub(super) fn reading_view(
    visit: &Visit,
    about: &About,
    kept: Option<&Kept>,
    asked: Option<Span>,
) -> Result<ReadingView> {
    let (status, again) = (about.recording.state.transcript.as_str(), about.again);
    let Some(kept) = kept else {
        return Ok(ReadingView { status, again, ..ReadingView::default() });
    };
    let reading = kept.reading();
    Ok(ReadingView {
        status,
        again,
        revision: kept.corrections.revision(),
        voices: view::voices(reading),
        next_voice: reading.next_speaker(),
        segments: view::segments(kept, reading, &about.set),
        // Who changed what is for those who may change it.
        history: if about.may_correct {
            view::history(kept, reading, &about.recording, visit.user()?)
        } else {
            Vec::new()
        },
        there: asked.map(|span| reading.text_in(span)),
    })
}
