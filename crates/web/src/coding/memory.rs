//! What a coder has not saved yet, and what they heard: kept by the service, shown to nobody but them.

use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::Code;
use hearback_domain::{RecordingId, TransitionError};
use hearback_storage::HeardStretch;
use serde::{Deserialize, Serialize};

use super::recording;
use crate::{
    Visit, WebError,
    error::Result,
    extract::{Json, Path, Sent},
};

/// The most that one report may say of one stretch (ms): ten minutes, where the page reports every half a minute.
const MOST_MS: u64 = 600_000;

/// What lies on the desk: the page's own words. None: nothing.
#[derive(Deserialize, Serialize)]
pub(crate) struct Draft {
    text: Option<String>,
}

/// `GET /recordings/{id}/coding/draft`.
pub(crate) async fn draft(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (mut work, permit) = visit.permit::<Code>(id).await?;
    let text = work.on_desk(&permit).await?;
    work.commit().await?;
    Ok(Json(Draft { text }).into_response())
}

/// `PUT /recordings/{id}/coding/draft`. A draft is no coding: nothing begins with it.
pub(crate) async fn keep_draft(
    visit: Visit,
    Path(id): Path<RecordingId>,
    Sent(draft): Sent<Draft>,
) -> Result {
    let (mut work, permit) = visit.permit::<Code>(id).await?;
    if work.coding(&permit).await?.is_some_and(|coding| coding.finished.is_some()) {
        return Err(TransitionError::CodingFinished.into());
    }
    work.leave_on_desk(&permit, draft?.text.as_deref()).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What was listened to, by stretches of five seconds.
#[derive(Deserialize, Serialize)]
pub(crate) struct Heard {
    heard: Vec<Stretch>,
}

#[derive(Deserialize, Serialize)]
struct Stretch {
    stretch: u32,
    ms: u64,
}

/// `GET /recordings/{id}/coding/heard`.
pub(crate) async fn heard(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (mut work, permit) = visit.permit::<Code>(id).await?;
    let heard = work.heard_by_coder(&permit).await?;
    work.commit().await?;
    let heard = heard.into_iter().map(|h| Stretch { stretch: h.stretch, ms: h.ms }).collect();
    Ok(Json(Heard { heard }).into_response())
}

/// `POST /recordings/{id}/coding/heard`: more was listened to, also after the coding is finished.
pub(crate) async fn hear(
    visit: Visit,
    Path(id): Path<RecordingId>,
    Sent(report): Sent<Heard>,
) -> Result {
    let (work, permit) = visit.permit::<Code>(id).await?;
    let (mut work, recording) = recording(&visit, work, id).await?;
    let duration = recording.state.duration.ok_or(WebError::NotFound)?.get();
    let report = report?.heard;
    let stretches = duration.div_ceil(HeardStretch::MS);
    let possible =
        |one: &Stretch| u64::from(one.stretch) < stretches && (1..=MOST_MS).contains(&one.ms);
    if report.len() as u64 > stretches || !report.iter().all(possible) {
        return Err(WebError::invalid("heard", "that is more than there is to hear"));
    }
    let more: Vec<_> =
        report.iter().map(|one| HeardStretch { stretch: one.stretch, ms: one.ms }).collect();
    work.hear(&permit, &more).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
