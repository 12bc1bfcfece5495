//! Coming in, being there, starting and stopping what is on, and going.

use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{MeetInBriefing, PutOnInBriefing, SeeBriefing};
use hearback_domain::{CodeId, RecordingId, Span, check_playlist};
use hearback_storage::PutOn;
use serde::Deserialize;

use super::{key, who};
use crate::{
    Visit, WebError,
    error::Result,
    extract::{Json, Path, Query, Sent},
    objects::still,
    room::{
        Order, What as On,
        door::{Clock, Kept, Seated, gone, seat},
        stream::events,
    },
};

/// `POST /recordings/{id}/briefing/enter`: a seat, which is sat down on by opening the stream.
pub(crate) async fn enter(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (work, _permit) = visit.permit::<MeetInBriefing>(id).await?;
    work.commit().await?;
    let rooms = &visit.app().rooms;
    let seat = rooms.keep_free(key(id), who(&visit)?)?;
    Ok(Json(Kept { seat, now: rooms.now() }).into_response())
}

/// `GET /recordings/{id}/briefing/stream`, with `seat`: what happens in the room, for as long as one is in it.
pub(crate) async fn stream(
    visit: Visit,
    Path(id): Path<RecordingId>,
    Query(fields): Query,
) -> Result {
    let (work, _permit) = visit.permit::<SeeBriefing>(id).await?;
    work.commit().await?;
    let who = who(&visit)?;
    let seat = seat(fields.get("seat"))?;
    let presence = visit.app().rooms.sit_down(key(id), seat, who.user, who.session);
    let presence = presence.ok_or_else(gone)?;
    let ask = move || {
        let visit = visit.clone();
        async move { still::<SeeBriefing>(&visit, id).await.map(|_| ()) }
    };
    Ok(events(presence, ask))
}

/// `POST /recordings/{id}/briefing/beat`: one is still there; the room's clock.
pub(crate) async fn beat(
    visit: Visit,
    Path(id): Path<RecordingId>,
    Sent(sent): Sent<Seated>,
) -> Result {
    let (work, _permit) = visit.permit::<MeetInBriefing>(id).await?;
    drop(work);
    let (seat, who) = (seat(&sent?.seat)?, who(&visit)?);
    let now = visit.app().rooms.beat(key(id), seat, who.user, who.session).ok_or_else(gone)?;
    Ok(Json(Clock { now }).into_response())
}

/// `POST /recordings/{id}/briefing/leave`.
pub(crate) async fn leave(
    visit: Visit,
    Path(id): Path<RecordingId>,
    Sent(sent): Sent<Seated>,
) -> Result {
    let (work, _permit) = visit.permit::<MeetInBriefing>(id).await?;
    drop(work);
    let (seat, who) = (seat(&sent?.seat)?, who(&visit)?);
    visit.app().rooms.leave(key(id), seat, who.user, who.session);
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What somebody wants of what is on.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    seat: String,
    #[serde(rename = "do")]
    what: What,
    /// Where in the piece (ms), for `seek`.
    #[serde(default)]
    at: u64,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    Play,
    Pause,
    Seek,
}

/// `POST /recordings/{id}/briefing/play`: heard by everybody in step.
pub(crate) async fn play(
    visit: Visit,
    Path(id): Path<RecordingId>,
    Sent(sent): Sent<Wanted>,
) -> Result {
    let (work, _permit) = visit.permit::<MeetInBriefing>(id).await?;
    drop(work);
    let (sent, who) = (sent?, who(&visit)?);
    let order = match sent.what {
        What::Play => Order::Play,
        What::Pause => Order::Pause,
        What::Seek => Order::Seek(sent.at),
    };
    let seat = seat(&sent.seat)?;
    if !visit.app().rooms.order(key(id), seat, (who.user, who.session), order) {
        return Err(WebError::conflict("nothing is on just now"));
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Which of the coder's moments to put on.
#[derive(Deserialize)]
pub(crate) struct Chosen {
    seat: String,
    code: CodeId,
}

/// `POST /recordings/{id}/briefing/piece`: a moment is put on for everybody in the room.
pub(crate) async fn piece(
    visit: Visit,
    Path(id): Path<RecordingId>,
    Sent(sent): Sent<Chosen>,
) -> Result {
    let (work, permit) = visit.permit::<PutOnInBriefing>(id).await?;
    let (mut work, see) = visit.also::<SeeBriefing>(work, id).await?;
    let (sent, who) = (sent?, who(&visit)?);
    let seat = seat(&sent.seat)?;
    let briefing = work.briefing(&see).await?.ok_or(WebError::NotFound)?;
    let code = briefing.codes.iter().find(|code| code.id == sent.code);
    let span = code.ok_or(WebError::NotFound)?.span;
    check(&work.before_put_on(&permit).await?, span)?;
    let rooms = &visit.app().rooms;
    // What nobody follows is no briefing, and does not use up what may be heard.
    if rooms.is_followed(key(id)) {
        work.note_put_on(&permit, span).await?;
    }
    work.commit().await?;
    if !rooms.put_on(key(id), seat, (who.user, who.session), On::Stretch(span)) {
        return Err(gone());
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Whether a passage may be put on: short, nothing that the practitioner would rather not have played, and together
/// with what was put on before no more than extracts may be.
fn check(known: &PutOn, span: Span) -> Result<()> {
    if known.vetoed.iter().any(|vetoed| vetoed.overlaps(span)) {
        return Err(WebError::conflict(
            "the social worker would rather not have this passage played",
        ));
    }
    let all: Vec<Span> = known.before.iter().copied().chain([span]).collect();
    check_playlist(&all, known.duration).map_err(|error| WebError::conflict(error.to_string()))
}

#[cfg(test)]
mod tests {
    use hearback_domain::Ms;

    use super::*;

    fn span(from: u64, to: u64) -> Span {
        Span::new(Ms::from_seconds(from), Ms::from_seconds(to)).unwrap()
    }

    #[test]
    fn a_briefing_is_no_way_around_what_extracts_may_be() {
        let known = PutOn {
            duration: Ms::from_seconds(900),
            before: vec![span(0, 150), span(200, 300)],
            vetoed: vec![span(400, 410)],
        };
        assert!(check(&known, span(500, 550)).is_ok());
        assert!(check(&known, span(10, 120)).is_ok(), "what was heard is heard again");
        assert!(check(&known, span(405, 430)).is_err(), "taken out");
        assert!(check(&known, span(500, 551)).is_err(), "a third of it");
        assert!(check(&PutOn { before: vec![], ..known }, span(500, 681)).is_err(), "too long");
    }
}
