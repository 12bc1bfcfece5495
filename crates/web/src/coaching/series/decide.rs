//! What is the practitioner's alone: who coaches, what the series is about, which recordings it walks along, and what
//! others are told (CM-14).

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hearback_access::{DecideSeries, Permit, SeeCoaching};
use hearback_domain::{RecordingId, SeriesId, UserId};
use hearback_storage::{PastCoach, Work};

use super::{Whole, coaches::CoachView, page, typed};
use crate::{
    Visit, WebError,
    coaching::room::close,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, day, html},
};

#[derive(Template)]
#[template(path = "series_coach.html")]
struct CoachPage {
    page: Page,
    series: SeriesId,
    name: String,
    coach: Option<String>,
    coaches: Vec<CoachView>,
    history: Vec<PastView>,
    chosen: String,
}

struct PastView {
    name: String,
    from: String,
    until: Option<String>,
    /// Whether they became the practitioner's line manager.
    manages: bool,
}

impl From<PastCoach> for PastView {
    fn from(past: PastCoach) -> Self {
        Self {
            name: past.name,
            from: day(past.asked_at),
            until: past.left_at.map(day),
            manages: past.manages,
        }
    }
}

/// `GET /series/{series}/coach`.
pub(crate) async fn coach_form(visit: Visit, Path(series): Path<SeriesId>) -> Result {
    let (work, permit) = visit.permit::<DecideSeries>(series).await?;
    view(&visit, work, &permit, "", Vec::new()).await
}

async fn view(
    visit: &Visit,
    mut work: Box<dyn Work>,
    permit: &Permit<DecideSeries>,
    chosen: &str,
    errors: Vec<FieldError>,
) -> Result<Response> {
    let series = permit.object();
    let whole = Whole::beside(&mut *work, visit, series).await?;
    let (mut work, see) = visit.also::<SeeCoaching>(work, ()).await?;
    let mut coaches = CoachView::all(&mut *work, visit, &see).await?;
    coaches.retain(|one| whole.series.coach.as_ref().is_none_or(|(id, _)| *id != one.id));
    let history = work.coach_history(permit).await?;
    work.commit().await?;
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("Who coaches");
    page.errors = errors;
    let body = html(&CoachPage {
        page,
        series,
        name: whole.series.focus.name.to_string(),
        coach: whole.series.coach.map(|(_, name)| name),
        coaches,
        history: history.into_iter().map(Into::into).collect(),
        chosen: chosen.to_owned(),
    })?;
    Ok((code, body).into_response())
}

/// `POST /series/{series}/coach`: `coach`, or `nobody`.
pub(crate) async fn change_coach(
    visit: Visit,
    Path(series): Path<SeriesId>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<DecideSeries>(series).await?;
    let chosen = fields.get("coach");
    let coach = match (chosen, chosen.parse::<UserId>()) {
        ("nobody", _) => None,
        (_, Ok(coach)) => Some(coach),
        _ => {
            let error = FieldError::new("coach", "Choose who coaches, or nobody for now");
            return view(&visit, work, &permit, chosen, vec![error]).await;
        }
    };
    let live = work.live_meeting(series).await?;
    if let Err(why) = work.change_coach(&permit, coach).await? {
        let person = match coach {
            Some(coach) => work.person(coach).await?,
            None => None,
        };
        let name = person.map(|person| person.name).unwrap_or_default();
        let error = FieldError::new("coach", why.to_the_practitioner(&name));
        return view(&visit, work, &permit, chosen, vec![error]).await;
    }
    work.commit().await?;
    close(visit.app(), live);
    Ok(Said::CoachChanged.at(&format!("/series/{series}")))
}

/// What to say where a series has ended.
fn over() -> WebError {
    WebError::conflict("this series has ended; begin a new one whenever you are ready")
}

/// `POST /series/{series}/focus`: `name`, `skill`, `issue`.
pub(crate) async fn focus(visit: Visit, Path(series): Path<SeriesId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<DecideSeries>(series).await?;
    let framework = work.current_framework().await?;
    let focus = match typed::focus(&fields, &framework) {
        Ok(focus) => focus,
        Err(errors) => {
            work.commit().await?;
            return page::view(&visit, series, errors).await;
        }
    };
    if !work.set_focus(&permit, &focus).await? {
        return Err(over());
    }
    work.commit().await?;
    Ok(Said::Saved.at(&format!("/series/{series}")))
}

/// `POST /series/{series}/attendance`: `answer` is yes or no.
pub(crate) async fn attendance(
    visit: Visit,
    Path(series): Path<SeriesId>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<DecideSeries>(series).await?;
    let yes = match fields.get("answer") {
        "yes" => true,
        "no" => false,
        _ => return Err(WebError::bad("say yes or no to it being told that you receive coaching")),
    };
    if !work.set_attendance(&permit, yes).await? {
        return Err(over());
    }
    work.commit().await?;
    Ok(Said::Saved.at(&format!("/series/{series}")))
}

/// `POST /series/{series}/recordings`: `recording`, and `do`: `add` or `drop`.
pub(crate) async fn recordings(
    visit: Visit,
    Path(series): Path<SeriesId>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<DecideSeries>(series).await?;
    let Ok(recording) = fields.get("recording").parse::<RecordingId>() else {
        work.commit().await?;
        let error = FieldError::new("recording", "Choose one of your recordings");
        return page::view(&visit, series, vec![error]).await;
    };
    if fields.get("do") == "drop" {
        work.drop_from_series(&permit, recording).await?;
    } else if !work.add_to_series(&permit, recording).await? {
        return Err(WebError::NotFound);
    }
    work.commit().await?;
    Ok(Said::Saved.near(&format!("/series/{series}"), "recordings"))
}
