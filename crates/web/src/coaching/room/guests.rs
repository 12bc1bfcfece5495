//! Whom the practitioner invites to one session, and how an invitation is taken back (K-02).

use axum::response::{IntoResponse as _, Redirect};
use hearback_access::DecideSeries;
use hearback_domain::{CoachingSessionId, UserId};

use super::{key, series_of};
use crate::{
    Visit, WebError,
    error::Result,
    extract::{Fields, Path},
};

/// `POST /sessions/{session}/guests`: `person`, a manager.
pub(crate) async fn invite(
    visit: Visit,
    Path(id): Path<CoachingSessionId>,
    fields: Fields,
) -> Result {
    let series = series_of(&visit, id).await?;
    let (mut work, permit) = visit.permit::<DecideSeries>(series).await?;
    let Ok(guest) = fields.get("person").parse::<UserId>() else {
        return Err(WebError::invalid("person", "choose one of the managers in the list"));
    };
    let invited = work.invite_guest(&permit, id, guest).await?;
    work.commit().await?;
    invited.map_err(|why| WebError::conflict(why.to_string()))?;
    Ok(back(id))
}

/// `POST /sessions/{session}/guests/{person}/end`: they are out of the room before this is answered.
pub(crate) async fn take_back(
    visit: Visit,
    Path((id, guest)): Path<(CoachingSessionId, UserId)>,
) -> Result {
    let series = series_of(&visit, id).await?;
    let (mut work, permit) = visit.permit::<DecideSeries>(series).await?;
    work.take_back_invitation(&permit, id, guest).await?;
    work.commit().await?;
    visit.app().rooms.turn_out(key(id), guest);
    Ok(back(id))
}

fn back(id: CoachingSessionId) -> axum::response::Response {
    Redirect::to(&format!("/sessions/{id}/room#guests")).into_response()
}
