//! When the two meet: a time and a place, another time, put off, or not come about. Nobody is asked why (CM-18).

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hearback_access::ArrangeSessions;
use hearback_domain::{
    CoachingSessionId, SeriesId,
    coaching::{SessionState, next_number},
};
use hearback_storage::CoachingSession;

use super::{Whole, page, typed};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, html},
    when::When,
};

#[derive(Template)]
#[template(path = "session_plan.html")]
struct PlanPage {
    page: Page,
    series: SeriesId,
    name: String,
    /// The session that gets another time; none for a new one.
    session: Option<CoachingSessionId>,
    number: Option<u8>,
    /// When it was to be, for browsers.
    at: String,
    day: String,
    time: String,
    place: String,
}

fn view(
    visit: &Visit,
    whole: &Whole,
    session: Option<&CoachingSession>,
    sent: Option<&Fields>,
    errors: Vec<FieldError>,
) -> Result<Response> {
    let number = match session {
        None => next_number(&whole.states()),
        Some(one) => {
            let nth = whole.sessions.iter().position(|other| other.id == one.id);
            nth.and_then(|nth| whole.numbers()[nth])
        }
    };
    let agreed = whole.agreement.as_ref().map(|agreement| agreement.body.place.to_string());
    let when = session.map(|session| When::of(session.planned_at).iso).unwrap_or_default();
    let (day, time) = when.split_once('T').unwrap_or_default();
    let text =
        |name: &str, before: String| sent.map_or(before, |fields| fields.get(name).to_owned());
    let place = session.map(|session| session.place.to_string());
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page(if session.is_some() { "Another time" } else { "Plan a session" });
    page.errors = errors;
    let body = html(&PlanPage {
        page,
        series: whole.series.id,
        name: whole.series.focus.name.to_string(),
        session: session.map(|session| session.id),
        number,
        at: if sent.is_some() { String::new() } else { when.clone() },
        day: text("day", day.to_owned()),
        time: text("time", time.get(..5).unwrap_or_default().to_owned()),
        place: text("place", place.or(agreed).unwrap_or_default()),
    })?;
    Ok((code, body).into_response())
}

/// `GET /series/{series}/sessions/new`.
pub(crate) async fn form(visit: Visit, Path(series): Path<SeriesId>) -> Result {
    let (mut work, _permit) = visit.permit::<ArrangeSessions>(series).await?;
    let whole = Whole::beside(&mut *work, &visit, series).await?;
    work.commit().await?;
    view(&visit, &whole, None, None, Vec::new())
}

/// `POST /series/{series}/sessions`: `day`, `time`, `zone`, `place`.
pub(crate) async fn plan(visit: Visit, Path(series): Path<SeriesId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<ArrangeSessions>(series).await?;
    let whole = Whole::beside(&mut *work, &visit, series).await?;
    let typed = match typed::time_and_place(&fields, permit.cx().now) {
        Ok(typed) => typed,
        Err(errors) => {
            work.commit().await?;
            return view(&visit, &whole, None, Some(&fields), errors);
        }
    };
    let id = CoachingSessionId::mint(&*visit.app().ids);
    let planned = work.plan_session(&permit, id, typed.at, &typed.place).await?;
    work.commit().await?;
    match planned {
        Ok(()) => Ok(Said::SessionPlanned.at(&format!("/series/{series}"))),
        Err(why) => refuse(&visit, series, &why.to_string()).await,
    }
}

async fn refuse(visit: &Visit, series: SeriesId, why: &str) -> Result {
    page::view(visit, series, vec![FieldError::new("", why)]).await
}

fn session_of(whole: &Whole, id: CoachingSessionId) -> Result<&CoachingSession> {
    whole.sessions.iter().find(|session| session.id == id).ok_or(WebError::NotFound)
}

/// `GET /series/{series}/sessions/{session}/move`.
pub(crate) async fn move_form(
    visit: Visit,
    Path((series, id)): Path<(SeriesId, CoachingSessionId)>,
) -> Result {
    let (mut work, _permit) = visit.permit::<ArrangeSessions>(series).await?;
    let whole = Whole::beside(&mut *work, &visit, series).await?;
    work.commit().await?;
    view(&visit, &whole, Some(session_of(&whole, id)?), None, Vec::new())
}

/// `POST /series/{series}/sessions/{session}/move`: `day`, `time`, `zone`, `place`.
pub(crate) async fn shift(
    visit: Visit,
    Path((series, id)): Path<(SeriesId, CoachingSessionId)>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<ArrangeSessions>(series).await?;
    let whole = Whole::beside(&mut *work, &visit, series).await?;
    let typed = match typed::time_and_place(&fields, permit.cx().now) {
        Ok(typed) => typed,
        Err(errors) => {
            work.commit().await?;
            return view(&visit, &whole, Some(session_of(&whole, id)?), Some(&fields), errors);
        }
    };
    let moved = work.move_session(&permit, id, typed.at, &typed.place).await?;
    work.commit().await?;
    match moved {
        Ok(()) => Ok(Said::SessionMoved.at(&format!("/series/{series}"))),
        Err(why) => refuse(&visit, series, &why.to_string()).await,
    }
}

/// `POST /series/{series}/sessions/{session}/postpone`. Nobody is asked why.
pub(crate) async fn postpone(
    visit: Visit,
    Path((series, id)): Path<(SeriesId, CoachingSessionId)>,
) -> Result {
    let (mut work, permit) = visit.permit::<ArrangeSessions>(series).await?;
    let done = work.postpone_session(&permit, id).await?;
    work.commit().await?;
    if done {
        Ok(Said::SessionPutOff.at(&format!("/series/{series}")))
    } else {
        refuse(&visit, series, "it has no time just now that could be put off").await
    }
}

/// `POST /series/{series}/sessions/{session}/missed`.
pub(crate) async fn missed(
    visit: Visit,
    Path((series, id)): Path<(SeriesId, CoachingSessionId)>,
) -> Result {
    let (mut work, permit) = visit.permit::<ArrangeSessions>(series).await?;
    let whole = Whole::beside(&mut *work, &visit, series).await?;
    let state = session_of(&whole, id)?.state;
    let done = work.miss_session(&permit, id).await?;
    work.commit().await?;
    if done {
        return Ok(Said::SessionMissed.at(&format!("/series/{series}")));
    }
    let why = match state {
        SessionState::Planned => "it is still to come; put it off if it suits you better",
        SessionState::Live => "it is on just now; whoever leads it ends it there",
        SessionState::Held => "it was held, and stands among those that were",
        SessionState::Postponed => "it was put off, and has no time just now",
        SessionState::Missed => "that it did not come about is noted already",
    };
    refuse(&visit, series, why).await
}
