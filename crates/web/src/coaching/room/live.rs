//! Beginning a session and ending it.

use axum::response::{IntoResponse as _, Redirect};
use hearback_access::{DecideSeries, LeadSession};
use hearback_domain::{CoachingSessionId, JoinCode};
use hearback_storage::{MeetingEnd, NotBegun};

use super::{key, series_of};
use crate::{
    Visit, WebError,
    error::Result,
    extract::{Fields, Path},
};

/// How often another code is made when one is in use: there are a hundred million.
const TRIES: usize = 8;

fn code() -> Result<JoinCode> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|e| WebError::internal(e.to_string()))?;
    Ok(JoinCode::from_random(u64::from_le_bytes(bytes)))
}

/// `POST /sessions/{session}/begin`.
pub(crate) async fn begin(visit: Visit, Path(id): Path<CoachingSessionId>) -> Result {
    let (mut work, permit) = visit.permit::<LeadSession>(id).await?;
    for _ in 0..TRIES {
        match work.begin_meeting(&permit, &code()?).await? {
            Ok(()) => {
                work.commit().await?;
                return Ok(to_room(id));
            }
            Err(NotBegun::CodeTaken) => {}
            Err(why) => {
                work.commit().await?;
                return Err(WebError::conflict(why.to_string()));
            }
        }
    }
    Err(WebError::conflict(NotBegun::CodeTaken.to_string()))
}

fn to_room(id: CoachingSessionId) -> axum::response::Response {
    Redirect::to(&format!("/sessions/{id}/room")).into_response()
}

/// What becomes of it.
fn how(fields: &Fields) -> MeetingEnd {
    if fields.get("do") == "postpone" { MeetingEnd::Postponed } else { MeetingEnd::Held }
}

fn not_live() -> WebError {
    WebError::conflict("this session is not going on, so there is nothing to end")
}

/// `POST /sessions/{session}/end`, with `do`: `end` or `postpone`: the coach ends it. Nobody is asked why.
pub(crate) async fn end(visit: Visit, Path(id): Path<CoachingSessionId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<LeadSession>(id).await?;
    let ended = work.end_meeting(&permit, how(&fields)).await?;
    work.commit().await?;
    over(&visit, id, ended)
}

/// `POST /sessions/{session}/stop`: the same by the practitioner.
pub(crate) async fn stop(
    visit: Visit,
    Path(id): Path<CoachingSessionId>,
    fields: Fields,
) -> Result {
    let series = series_of(&visit, id).await?;
    let (mut work, permit) = visit.permit::<DecideSeries>(series).await?;
    let ended = work.end_own_meeting(&permit, id, how(&fields)).await?;
    work.commit().await?;
    over(&visit, id, ended)
}

/// Everybody is out of the room before this is answered.
fn over(visit: &Visit, id: CoachingSessionId, ended: bool) -> Result {
    if !ended {
        return Err(not_live());
    }
    visit.app().rooms.close(key(id));
    Ok(to_room(id))
}
