//! What a practitioner would like to try, and how it stands with it: they alone say so.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{DecideSeries, SeeSeries};
use hearback_domain::{
    CoachingSessionId, GoalId, GoalText, PieceId, SeriesId,
    sheets::{GoalStatus, Writer},
};
use hearback_storage::{KeptGoal, NewGoal};

use super::{other, writer};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path, Query},
    page::{Page, Said, html},
    when::When,
};

#[derive(Template)]
#[template(path = "goals.html")]
struct GoalsPage {
    page: Page,
    series: SeriesId,
    coach: bool,
    /// What the other one of the two is called.
    other: Option<String>,
    goals: Vec<GoalView>,
    statuses: &'static [GoalStatus],
    /// What was typed, where it could not be kept.
    typed: String,
    /// Where the new one comes from.
    session: String,
    piece: String,
}

pub(super) struct GoalView {
    id: GoalId,
    pub(super) text: String,
    pub(super) status: GoalStatus,
    pub(super) since: When,
    session: Option<CoachingSessionId>,
    shared: bool,
}

/// `GET /series/{series}/goals`, with `session` and `piece` where a new one comes from them.
pub(crate) async fn show(
    visit: Visit,
    Path(series): Path<SeriesId>,
    Query(fields): Query,
) -> Result {
    view(&visit, series, &fields, None).await
}

async fn view(
    visit: &Visit,
    series: SeriesId,
    fields: &Fields,
    error: Option<FieldError>,
) -> Result {
    let (mut work, permit) = visit.permit::<SeeSeries>(series).await?;
    let writer = writer(visit)?;
    let pair = work.series_pair(&permit).await?.ok_or(WebError::NotFound)?;
    let other = other(&mut *work, pair, writer).await?;
    let goals = work.goals(&permit).await?;
    work.commit().await?;
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut page = visit.page("Goals");
    page.errors.extend(error);
    let body = html(&GoalsPage {
        page,
        series,
        coach: writer == Writer::Coach,
        other: other.map(|(_, name)| name),
        goals: goals.iter().map(goal_view).collect(),
        statuses: GoalStatus::ALL,
        typed: fields.get("text").to_owned(),
        session: origin::<CoachingSessionId>(fields, "session"),
        piece: origin::<PieceId>(fields, "piece"),
    })?;
    Ok((status, body).into_response())
}

pub(super) fn goal_view(kept: &KeptGoal) -> GoalView {
    GoalView {
        id: kept.goal.id,
        text: kept.goal.text.to_string(),
        status: kept.status,
        since: When::day_of(kept.changed_at),
        session: kept.goal.session,
        shared: kept.shared_at.is_some(),
    }
}

/// An id of the address, as it goes into the form; empty if it is none.
fn origin<T: std::str::FromStr + ToString>(fields: &Fields, name: &str) -> String {
    fields.get(name).parse::<T>().map(|id| id.to_string()).unwrap_or_default()
}

fn address(series: SeriesId) -> String {
    format!("/series/{series}/goals")
}

/// `POST /series/{series}/goals`: `text`; `session` and `piece` where it comes from them.
pub(crate) async fn add(visit: Visit, Path(series): Path<SeriesId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<DecideSeries>(series).await?;
    let text = match GoalText::new(&fields.get("text").replace("\r\n", "\n")) {
        Ok(text) => text,
        Err(error) => {
            drop(work);
            let error = FieldError::new("text", error.to_string());
            return view(&visit, series, &fields, Some(error)).await;
        }
    };
    let goal = NewGoal {
        id: GoalId::mint(&*visit.app().ids),
        text,
        session: fields.get("session").parse().ok(),
        piece: fields.get("piece").parse().ok(),
    };
    if !work.add_goal(&permit, &goal).await? {
        return Err(WebError::NotFound);
    }
    work.commit().await?;
    Ok(Said::Saved.near(&address(series), &format!("goal-{}", goal.id)))
}

/// `POST /series/{series}/goals/{goal}`: `status`; or `do`: `text` (with `text`), `share`, `keep` or `remove`.
pub(crate) async fn change(
    visit: Visit,
    Path((series, id)): Path<(SeriesId, GoalId)>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<DecideSeries>(series).await?;
    let said = if let Ok(status) = fields.get("status").parse::<GoalStatus>() {
        found(work.set_goal_status(&permit, id, status).await?)?;
        Said::Saved
    } else {
        match fields.get("do") {
            "text" => {
                let text = GoalText::new(&fields.get("text").replace("\r\n", "\n"));
                let text = text.map_err(|error| WebError::conflict(error.to_string()))?;
                found(work.change_goal(&permit, id, &text).await?)?;
                Said::Saved
            }
            "share" => {
                if !work.share_goal(&permit, id, true).await? {
                    let why = "there is nobody to share it with just now";
                    return Err(WebError::conflict(why));
                }
                Said::SharedWithOther
            }
            "keep" => {
                found(work.share_goal(&permit, id, false).await?)?;
                Said::KeptToMyself
            }
            "remove" => {
                work.drop_goal(&permit, id).await?;
                work.commit().await?;
                return Ok(Said::Removed.at(&address(series)));
            }
            _ => return Err(WebError::bad("we could not read what to change")),
        }
    };
    work.commit().await?;
    Ok(said.near(&address(series), &format!("goal-{id}")))
}

fn found(there: bool) -> Result<()> {
    if there { Ok(()) } else { Err(WebError::NotFound) }
}
