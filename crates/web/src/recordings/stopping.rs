//! Stopping a machine that turns speech into text, and letting it go on.

use axum::extract::State;
use hearback_access::{StopTranscribing, TranscribeAgain};
use hearback_domain::{JobId, RecordingId};

use crate::{
    App, Visit, WebError,
    error::Result,
    extract::{Fields, Path},
    page::Said,
};

/// `POST /recordings/{id}/transcription/stop`, perhaps with `from=words`, the page to go back to. Whoever is at it
/// notices within some seconds.
pub(crate) async fn stop(visit: Visit, Path(id): Path<RecordingId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<StopTranscribing>(id).await?;
    let stopped = work.stop_transcribing(&permit).await?;
    work.commit().await?;
    // Who presses twice, or a moment too late, has nothing to mend.
    let said = if stopped { Said::Stopped } else { Said::NothingToStop };
    let page = if fields.get("from") == "words" { "/words" } else { "" };
    Ok(said.at(&format!("/recordings/{id}{page}")))
}

/// `POST /recordings/{id}/transcription/go-on`: from where it was stopped.
pub(crate) async fn go_on(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<RecordingId>,
) -> Result {
    let (mut work, permit) = visit.permit::<TranscribeAgain>(id).await?;
    if !work.transcribe_on(&permit, JobId::mint(&*app.ids)).await? {
        return Err(WebError::conflict("nobody stopped it, so there is nothing to go on with"));
    }
    work.commit().await?;
    app.wake.notify_one();
    Ok(Said::GoesOn.at(&format!("/recordings/{id}")))
}
