//! Beginning a recording: the form, and its details without the file.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::IntoResponse as _,
};
use hearback_access::Start;
use hearback_domain::{PersonId, RecordingId};
use hearback_storage::{ANY_LANGUAGE, NewRecording};
use serde::Serialize;

use super::details::Details;
use crate::{
    App, Visit, WebError,
    error::Result,
    extract::{Fields, Json},
    page::{Page, Said, html},
    words::{language_name, offered},
};

#[derive(Template)]
#[template(path = "recording_new.html")]
struct NewPage {
    page: Page,
    form: Details,
    /// What happens if nobody chooses.
    usual: String,
    /// To choose from; none where the model knows no other one.
    languages: Vec<Language>,
}

struct Language {
    code: &'static str,
    name: &'static str,
}

impl NewPage {
    fn new(page: Page, form: Details, app: &App) -> Self {
        let find_out = "Let the machine find out";
        let expected = app.config.language.as_deref();
        let mut languages: Vec<_> =
            offered(&app.languages).map(|(code, name)| Language { code, name }).collect();
        if languages.len() < 2 {
            languages.clear();
        } else if expected.is_some() {
            languages.insert(0, Language { code: ANY_LANGUAGE, name: find_out });
        }
        let usual = expected.map_or_else(
            || find_out.to_owned(),
            |code| format!("{}, as usual here", language_name(code)),
        );
        Self { page, form, usual, languages }
    }
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
    html(&NewPage::new(visit.page("Add a recording"), Details::blank(), visit.app()))
}

/// `POST /recordings/new`: the form. What comes next is to ask everybody.
pub(crate) async fn begin(visit: Visit, State(app): State<App>, fields: Fields) -> Result {
    // Nobody is told what a form lacks that is not theirs to send.
    drop(visit.permit::<Start>(()).await?);
    let form = Details::from_fields(&fields);
    match form.check(&*app.ids, app.clock.now(), &app.languages) {
        Ok(new) => {
            add(&visit, &new).await?;
            Ok(Said::Begun.at(&format!("/recordings/{}/people", new.id)))
        }
        Err(errors) if visit.wants_json() => Err(WebError::Invalid(errors)),
        Err(errors) => {
            let mut page = visit.page("Add a recording");
            page.errors = errors;
            let body = html(&NewPage::new(page, form, &app))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response())
        }
    }
}

/// `POST /recordings`: the details, as JSON or as a form.
pub(crate) async fn create(visit: Visit, State(app): State<App>, request: Request) -> Result {
    drop(visit.permit::<Start>(()).await?);
    let details = Details::from_request(request).await?;
    let new =
        details.check(&*app.ids, app.clock.now(), &app.languages).map_err(WebError::Invalid)?;
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
