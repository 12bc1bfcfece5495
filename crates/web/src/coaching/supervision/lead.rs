//! What whoever leads supervision does: calling people together, noting who came, keeping time.

use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::Supervise;
use hearback_domain::{
    Day, SupervisionId, Timestamp, UserId,
    supervision::{Dome, Turn},
};

use super::lead_page::list_with;
pub(crate) use super::lead_page::{follow, list, show};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::Said,
};

/// The furthest that clocks on earth are from UTC, in minutes.
const MOST_AHEAD: i64 = 14 * 60;

/// Reads `day` and `time`; `zone` is how many minutes the typed time is ahead of UTC, which scripts fill in.
pub(super) fn when(fields: &Fields) -> std::result::Result<Timestamp, FieldError> {
    let day: Day = fields
        .get("day")
        .parse()
        .map_err(|_| FieldError::new("day", "choose a day for the meeting"))?;
    let time = fields.get("time");
    let (hours, minutes) = time.split_once(':').unwrap_or_default();
    let (hours, minutes) = (hours.parse::<u8>(), minutes.parse::<u8>());
    match (hours, minutes) {
        (Ok(hours), Ok(minutes)) if hours < 24 && minutes < 60 => {
            let ahead = fields.get("zone").parse().unwrap_or(0_i64).clamp(-MOST_AHEAD, MOST_AHEAD);
            let seconds = i64::from(hours) * 3_600 + (i64::from(minutes) - ahead) * 60;
            Ok(day.starts().plus_seconds(seconds))
        }
        _ => Err(FieldError::new("time", "write the time as in 14:30")),
    }
}

/// `POST /supervision/lead`: `day`, `time`, and a `coach` for each who is invited.
pub(crate) async fn call(visit: Visit, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<Supervise>(()).await?;
    let coaches: Vec<UserId> = fields.all("coach").filter_map(|id| id.parse().ok()).collect();
    let checked = when(&fields).and_then(|at| {
        if coaches.is_empty() {
            Err(FieldError::new("coach", "choose whom to invite"))
        } else {
            Ok(at)
        }
    });
    let at = match checked {
        Ok(at) => at,
        Err(error) => {
            drop(work);
            return list_with(&visit, Some((fields, error))).await;
        }
    };
    let id = SupervisionId::mint(&*visit.app().ids);
    work.call_meeting(&permit, id, at, &coaches).await?;
    work.commit().await?;
    Ok(Said::Saved.at(&address(id)))
}

pub(super) fn address(id: SupervisionId) -> String {
    format!("/supervision/lead/{id}")
}

/// `POST /supervision/lead/{meeting}`: `do`: `move` (with `day` and `time`), `came` or `away` (with `coach`), `off`.
pub(crate) async fn change(visit: Visit, Path(id): Path<SupervisionId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<Supervise>(()).await?;
    match fields.get("do") {
        "move" => {
            let at = when(&fields).map_err(|error| WebError::conflict(error.text))?;
            found(work.move_meeting(&permit, id, at).await?)?;
        }
        "off" => {
            if !work.call_off_meeting(&permit, id).await? {
                let why = "something came of this meeting already, so it stays on the list";
                return Err(WebError::conflict(why));
            }
            work.commit().await?;
            return Ok(Said::Removed.at("/supervision/lead"));
        }
        came => {
            let coach = fields.get("coach").parse().map_err(|_| WebError::NotFound)?;
            found(work.note_came(&permit, id, coach, came == "came").await?)?;
        }
    }
    work.commit().await?;
    Ok(Said::Saved.at(&address(id)))
}

pub(super) fn found(there: bool) -> Result<()> {
    if there { Ok(()) } else { Err(WebError::NotFound) }
}

/// `POST /supervision/lead/{meeting}/dome`: `do`: `begin` (with `volunteer`), `start`, `pause`, `longer`, `next`,
/// `back` or `end`; and the `phase` that the page showed, so that a button pressed twice goes on once.
pub(crate) async fn keep_time(
    visit: Visit,
    Path(id): Path<SupervisionId>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<Supervise>(()).await?;
    let meeting = work.meeting_led(&permit, id).await?.ok_or(WebError::NotFound)?;
    let turn = match fields.get("do") {
        "start" => Some(Turn::Start),
        "pause" => Some(Turn::Pause),
        "longer" => Some(Turn::Longer),
        "next" => Some(Turn::Next),
        "back" => Some(Turn::Back),
        _ => None,
    };
    let dome = match (fields.get("do"), turn, meeting.dome) {
        ("begin", _, None) => {
            let volunteer = fields
                .get("volunteer")
                .parse()
                .map_err(|_| WebError::conflict("choose who volunteers"))?;
            Some(Dome::begin(volunteer))
        }
        ("end", _, _) => None,
        (_, Some(turn), Some(dome)) => {
            let seen = fields.get("phase").parse::<u8>().ok();
            let same = seen.is_none_or(|seen| seen == dome.phase.number());
            Some(if same { dome.turned(turn, visit.cx().now) } else { dome })
        }
        (_, _, now) => now,
    };
    found(work.set_dome(&permit, id, dome.as_ref()).await?)?;
    work.commit().await?;
    if visit.wants_json() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(axum::response::Redirect::to(&format!("{}#dome", address(id))).into_response())
}
