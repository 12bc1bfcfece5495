//! Beginning a series: the practitioner says what it is about, and chooses who coaches (CM-02, CM-14).

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hearback_access::{Permit, SeeCoaching, StartSeries};
use hearback_domain::{SeriesId, UserId};
use hearback_storage::{NewSeries, Work};

use super::{coaches::CoachView, typed};
use crate::{
    Visit,
    error::{FieldError, Result},
    extract::Fields,
    page::{Page, Said, html},
};

#[derive(Template)]
#[template(path = "series_new.html")]
struct NewPage {
    page: Page,
    name: String,
    issue: String,
    skill: String,
    skills: Vec<(String, String)>,
    coaches: Vec<CoachView>,
    chosen: String,
    attendance: bool,
}

/// `GET /coaching/new`.
pub(crate) async fn form(visit: Visit) -> Result {
    let (work, _permit) = visit.permit::<StartSeries>(()).await?;
    view(&visit, work, &Fields::default(), Vec::new()).await
}

async fn view(
    visit: &Visit,
    work: Box<dyn Work>,
    fields: &Fields,
    errors: Vec<FieldError>,
) -> Result<Response> {
    let (mut work, see) = visit.also::<SeeCoaching>(work, ()).await?;
    let coaches = CoachView::all(&mut *work, visit, &see).await?;
    let framework = work.current_framework().await?;
    work.commit().await?;
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("Begin a series");
    page.errors = errors;
    let body = html(&NewPage {
        page,
        name: fields.get("name").to_owned(),
        issue: fields.get("issue").to_owned(),
        skill: fields.get("skill").to_owned(),
        skills: framework.skills().map(|s| (s.key.clone(), s.name.clone())).collect(),
        coaches,
        chosen: fields.get("coach").to_owned(),
        attendance: fields.get("attendance") == "yes",
    })?;
    Ok((code, body).into_response())
}

/// `POST /coaching/new`: `name`, `skill`, `issue`, `coach`, and `attendance` if it may be told.
pub(crate) async fn begin(visit: Visit, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<StartSeries>(()).await?;
    let framework = work.current_framework().await?;
    let coach = fields.get("coach").parse::<UserId>();
    let mut errors = Vec::new();
    if coach.is_err() {
        errors.push(FieldError::new("coach", "Choose who coaches"));
    }
    let focus = typed::focus(&fields, &framework);
    let (coach, focus) = match (coach, focus) {
        (Ok(coach), Ok(focus)) => (coach, focus),
        (_, Err(more)) => {
            errors.splice(0..0, more);
            return view(&visit, work, &fields, errors).await;
        }
        (Err(_), _) => return view(&visit, work, &fields, errors).await,
    };
    let id = SeriesId::mint(&*visit.app().ids);
    let attendance = fields.get("attendance") == "yes";
    let series = NewSeries { id, coach, focus, attendance };
    if let Err(error) = start(&mut *work, &permit, &series).await? {
        return view(&visit, work, &fields, vec![error]).await;
    }
    work.commit().await?;
    Ok(Said::SeriesBegun.at(&format!("/series/{id}")))
}

async fn start(
    work: &mut dyn Work,
    permit: &Permit<StartSeries>,
    series: &NewSeries,
) -> Result<Result<(), FieldError>> {
    let Err(why) = work.begin_series(permit, series).await? else { return Ok(Ok(())) };
    let name = work.person(series.coach).await?.map(|person| person.name).unwrap_or_default();
    Ok(Err(FieldError::new("coach", why.to_the_practitioner(&name))))
}
