//! The end of a series, which is in its practitioner's hands (CM-21).

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hearback_access::DecideSeries;
use hearback_domain::{
    CoachingSessionId, SeriesId,
    coaching::{Ending, SessionState},
};

use super::{Whole, note};
use crate::{
    Visit, WebError,
    coaching::room::close,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, html},
};

#[derive(Template)]
#[template(path = "series_end.html")]
struct EndPage {
    page: Page,
    series: SeriesId,
    name: String,
    endings: Vec<Ending>,
    how: String,
    note: String,
    /// The session to which somebody could still be invited; none where a guest came already.
    next: Option<CoachingSessionId>,
}

fn next(whole: &Whole) -> Option<CoachingSessionId> {
    let ahead = |state| matches!(state, SessionState::Planned | SessionState::Live);
    whole.sessions.iter().find(|session| ahead(session.state)).map(|session| session.id)
}

/// What can be chosen: that somebody came, once somebody did, or while there is a session to invite them to.
fn endings(whole: &Whole, had_guest: bool) -> Vec<Ending> {
    let guest = had_guest || next(whole).is_some();
    Ending::ALL.iter().copied().filter(|how| guest || *how != Ending::Guest).collect()
}

fn view(
    visit: &Visit,
    whole: &Whole,
    had_guest: bool,
    fields: &Fields,
    errors: Vec<FieldError>,
) -> Result<Response> {
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("End this series");
    page.errors = errors;
    let body = html(&EndPage {
        page,
        series: whole.series.id,
        name: whole.series.focus.name.to_string(),
        endings: endings(whole, had_guest),
        how: fields.get("how").to_owned(),
        note: fields.get("note").to_owned(),
        next: next(whole).filter(|_| !had_guest),
    })?;
    Ok((code, body).into_response())
}

/// `GET /series/{series}/end`.
pub(crate) async fn form(visit: Visit, Path(series): Path<SeriesId>) -> Result {
    let (mut work, permit) = visit.permit::<DecideSeries>(series).await?;
    let whole = Whole::beside(&mut *work, &visit, series).await?;
    let had_guest = work.had_guest(&permit).await?;
    work.commit().await?;
    view(&visit, &whole, had_guest, &Fields::default(), Vec::new())
}

/// `POST /series/{series}/end`: `how`, and `note` for a note. Whoever would like to invite somebody to a session that
/// is still to come does that first.
pub(crate) async fn end(visit: Visit, Path(series): Path<SeriesId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<DecideSeries>(series).await?;
    let whole = Whole::beside(&mut *work, &visit, series).await?;
    let had_guest = work.had_guest(&permit).await?;
    let how = fields.get("how").parse::<Ending>();
    let text = note(&fields, "note");
    let problem = match (&how, &text) {
        (Err(_), _) => Some(("how", "Choose one of these".to_owned())),
        (Ok(how), _) if !endings(&whole, had_guest).contains(how) => {
            let text =
                "Nobody was invited to a session. Plan one more for it, or choose another way";
            Some(("how", text.to_owned()))
        }
        (Ok(Ending::Note), Err(error)) => Some(("note", error.to_string())),
        (Ok(Ending::Note), Ok(text)) if text.as_str().is_empty() => {
            Some(("note", "Write what may be told, or choose to share nothing".to_owned()))
        }
        _ => None,
    };
    if let Some((field, text)) = problem {
        work.commit().await?;
        return view(&visit, &whole, had_guest, &fields, vec![FieldError::new(field, text)]);
    }
    let how = how.map_err(WebError::internal)?;
    if let (Ending::Guest, Some(session), false) = (how, next(&whole), had_guest) {
        work.commit().await?;
        return Ok(Said::GuestFirst.at(&format!("/sessions/{session}/room")));
    }
    let text = text.ok().filter(|_| how == Ending::Note);
    let live = work.live_meeting(series).await?;
    if !work.end_series(&permit, how, text.as_ref()).await? {
        return Err(WebError::conflict("this series has ended already"));
    }
    work.commit().await?;
    close(visit.app(), live);
    Ok(Said::SeriesEnded.at(&format!("/series/{series}")))
}
