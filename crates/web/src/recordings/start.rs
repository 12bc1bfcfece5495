//! Beginning a recording: the form, and its details without the file.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::IntoResponse as _,
};
use hearback_access::Start;
use hearback_domain::{PersonId, RecordingId};
use hearback_storage::NewRecording;
use serde::Serialize;

use super::details::Details;
use crate::{
    App, Visit, WebError,
    error::Result,
    extract::{Fields, Json},
    page::{Page, Said, html},
};

#[derive(Template)]
#[template(path = "recording_new.html")]
struct NewPage {
    page: Page,
    form: Details,
}

/// The answer to a recording's file.
#[derive(Serialize)]
pub(super) struct Made {
    pub(super) id: RecordingId,
}

/// The answer to a new recording: its id, and everybody who is to be asked.
#[derive(Serialize)]
struct Begun<'a> {
    id: RecordingId,
    people: Vec<PersonMade<'a>>,
}

#[derive(Serialize)]
struct PersonMade<'a> {
    id: PersonId,
    kind: &'static str,
    label: &'a str,
}

/// `GET /recordings/new`.
pub(crate) async fn form(visit: Visit) -> Result {
    let (work, _permit) = visit.permit::<Start>(()).await?;
    work.commit().await?;
    html(&NewPage { page: visit.page("Add a recording"), form: Details::blank() })
}

/// `POST /recordings/new`: the form. What comes next is to ask everybody.
pub(crate) async fn begin(visit: Visit, State(app): State<App>, fields: Fields) -> Result {
    // Nobody is told what a form lacks that is not theirs to send.
    drop(visit.permit::<Start>(()).await?);
    let form = Details::from_fields(&fields);
    match form.check(&*app.ids, app.clock.now()) {
        Ok(new) => {
            add(&visit, &new).await?;
            Ok(Said::Begun.at(&format!("/recordings/{}/people", new.id)))
        }
        Err(errors) if visit.wants_json() => Err(WebError::Invalid(errors)),
        Err(errors) => {
            let mut page = visit.page("Add a recording");
            page.errors = errors;
            let body = html(&NewPage { page, form })?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response())
        }
    }
}

/// `POST /recordings`: the details, as JSON or as a form.
pub(crate) async fn create(visit: Visit, State(app): State<App>, request: Request) -> Result {
    drop(visit.permit::<Start>(()).await?);
    let details = Details::from_request(request).await?;
    let new = details.check(&*app.ids, app.clock.now()).map_err(WebError::Invalid)?;
    add(&visit, &new).await?;
    let people = new.parties.iter().map(|party| PersonMade {
        id: party.id,
        kind: party.kind.as_str(),
        label: party.label.as_str(),
    });
    let made = Begun { id: new.id, people: people.collect() };
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

async fn add(visit: &Visit, new: &NewRecording) -> Result<()> {
    let (mut work, permit) = visit.permit::<Start>(()).await?;
    work.add_recording(&permit, new).await?;
    work.commit().await?;
    Ok(())
}
