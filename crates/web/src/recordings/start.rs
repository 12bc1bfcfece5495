//! Beginning a recording: the form, and its details without the file.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hearback_access::Start;
use hearback_domain::RecordingId;
use hearback_storage::NewRecording;
use serde::Serialize;

use super::details::Details;
use crate::{
    App, Visit, WebError,
    error::{FieldError, Result},
    extract::Json,
    page::{Page, html},
};

#[derive(Template)]
#[template(path = "recording_new.html")]
struct NewPage {
    page: Page,
    form: Details,
}

/// The answer to a new recording, and to its file.
#[derive(Serialize)]
pub(super) struct Made {
    pub(super) id: RecordingId,
}

/// `GET /recordings/new`.
pub(crate) async fn form(visit: Visit) -> Result {
    drop(visit.permit::<Start>(()).await?);
    html(&NewPage { page: visit.page("Add a recording"), form: Details::blank() })
}

/// The form once more, with what was typed and what is missing.
pub(super) fn again(visit: &Visit, form: Details, errors: Vec<FieldError>) -> Result {
    let mut page = visit.page("Add a recording");
    page.errors = errors;
    let body = html(&NewPage { page, form })?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response())
}

/// `POST /recordings`: the details, as JSON or as a form.
pub(crate) async fn create(visit: Visit, State(app): State<App>, request: Request) -> Result {
    // Nobody is told what a form lacks that is not theirs to send.
    drop(visit.permit::<Start>(()).await?);
    let details = Details::from_request(request).await?;
    let new = details.check(&*app.ids, app.clock.now()).map_err(WebError::Invalid)?;
    begin(&visit, &new).await?;
    let made: Response = Json(Made { id: new.id }).into_response();
    Ok((StatusCode::CREATED, made).into_response())
}

/// Begins a recording.
pub(super) async fn begin(visit: &Visit, new: &NewRecording) -> Result<()> {
    let (mut work, permit) = visit.permit::<Start>(()).await?;
    work.add_recording(&permit, new).await?;
    work.commit().await?;
    Ok(())
}
