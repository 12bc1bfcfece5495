//! Coming in, being there, what is on and how, moments that are marked, and going.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{HearInSession, LeadSession, MeetInSession, SeeSession, WatchSession, among};
use hearback_domain::{CoachingSessionId, MarkId, PieceId};
use hearback_storage::Work;
use serde::Deserialize;

use super::{is_not_for_guests, key, may, who};
use crate::{
    Visit, WebError,
    error::Result,
    extract::{Json, Path, Query, Sent},
    objects::still,
    room::{
        Order, Part, What as On,
        door::{Clock, Kept, Seated, gone, seat},
        stream::events,
    },
};

/// How far back one step goes (ms).
const BACK_MS: u64 = 5_000;

/// Of so many times that it is asked whether a coach may be in the room, once it is asked whether the list of what may
/// be heard is as it was: every two seconds or so. What is on, and what is put on, is asked about each time.
const LOOK_AT_LISTS: u32 = 3;

/// `POST /sessions/{session}/room/enter`: a seat, which is sat down on by opening the stream.
pub(crate) async fn enter(visit: Visit, Path(id): Path<CoachingSessionId>) -> Result {
    let (work, _permit) = visit.permit::<MeetInSession>(id).await?;
    work.commit().await?;
    let rooms = &visit.app().rooms;
    let seat = rooms.keep_free(key(id), who(&visit)?)?;
    Ok(Json(Kept { seat, now: rooms.now() }).into_response())
}

/// `GET /sessions/{session}/room/stream`, with `seat`: what happens in the room, for as long as one is in it.
pub(crate) async fn stream(
    visit: Visit,
    Path(id): Path<CoachingSessionId>,
    Query(fields): Query,
) -> Result {
    let (work, _permit) = visit.permit::<MeetInSession>(id).await?;
    work.commit().await?;
    let who = who(&visit)?;
    let seat = seat(fields.get("seat"))?;
    let presence = visit.app().rooms.sit_down(key(id), seat, who.user, who.session);
    let presence = presence.ok_or_else(gone)?;
    let part = who.part;
    if part == Part::Follows {
        let mut work = visit.app().store.begin().await?;
        take_off_what_may_not_be_heard(&mut *work, &visit, id, part).await?;
    }
    let lists = Arc::new(Lists::default());
    let ask = move || {
        let (visit, lists) = (visit.clone(), Arc::clone(&lists));
        async move {
            let (mut work, _permit) = still::<MeetInSession>(&visit, id).await?;
            // One of those in the room asks for everybody: while the coach is away, the practitioner.
            let rooms = &visit.app().rooms;
            if part == Part::Leads || (part == Part::Hosts && !rooms.is_led(key(id))) {
                take_off_what_may_not_be_heard(&mut *work, &visit, id, part).await?;
                if lists.is_due() {
                    lists.look(&visit, &mut *work, id).await?;
                }
            }
            Ok(())
        }
    };
    Ok(events(presence, ask))
}

/// What is on goes off when somebody in the room may not hear it, whatever they said yes to before.
async fn take_off_what_may_not_be_heard(
    work: &mut dyn Work,
    visit: &Visit,
    id: CoachingSessionId,
    part: Part,
) -> Result<()> {
    let rooms = &visit.app().rooms;
    let Some(piece) = rooms.extract_on(key(id)) else { return Ok(()) };
    let mine = among::<HearInSession>(work.gate(), visit.cx(), &[piece]).await?;
    match part {
        // Nobody is told why: that is a matter of those who are heard, and of the practitioner.
        Part::Leads | Part::Hosts if mine.is_empty() => rooms.take_off(key(id), piece),
        _ if mine.is_empty() || is_not_for_guests(work, visit, id, piece).await? => {
            rooms.keep_closed(key(id), piece);
        }
        _ => {}
    }
    Ok(())
}

/// Whether what may be heard has changed since it was last looked at: somebody heard took a yes back.
#[derive(Default)]
struct Lists {
    asked: AtomicU32,
    known: Mutex<Option<Vec<u8>>>,
}

impl Lists {
    fn is_due(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(LOOK_AT_LISTS)
    }

    /// Everybody in the room looks again if it has.
    async fn look(&self, visit: &Visit, work: &mut dyn Work, id: CoachingSessionId) -> Result<()> {
        let watch = among::<WatchSession>(work.gate(), visit.cx(), &[id]).await?;
        let Some(watch) = watch.first() else { return Ok(()) };
        let sign = work.session_sign(watch).await?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().is_some_and(|before| *before != sign) {
            visit.app().rooms.say(key(id));
        }
        *known = Some(sign);
        Ok(())
    }
}

/// `POST /sessions/{session}/room/beat`: one is still there; the room's clock.
pub(crate) async fn beat(
    visit: Visit,
    Path(id): Path<CoachingSessionId>,
    Sent(sent): Sent<Seated>,
) -> Result {
    let (work, _permit) = visit.permit::<MeetInSession>(id).await?;
    drop(work);
    let (seat, who) = (seat(&sent?.seat)?, who(&visit)?);
    let now = visit.app().rooms.beat(key(id), seat, who.user, who.session).ok_or_else(gone)?;
    Ok(Json(Clock { now }).into_response())
}

/// `POST /sessions/{session}/room/leave`.
pub(crate) async fn leave(
    visit: Visit,
    Path(id): Path<CoachingSessionId>,
    Sent(sent): Sent<Seated>,
) -> Result {
    let (work, _permit) = visit.permit::<MeetInSession>(id).await?;
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
    /// Where in the extract (ms), for `seek`.
    #[serde(default)]
    at: u64,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    Play,
    Pause,
    Seek,
    Back,
    Loop,
    Once,
    Slower,
    AsItWas,
}

impl What {
    const fn order(self, at: u64) -> Order {
        match self {
            Self::Play => Order::Play,
            Self::Pause => Order::Pause,
            Self::Seek => Order::Seek(at),
            Self::Back => Order::Back(BACK_MS),
            Self::Loop => Order::Loop(true),
            Self::Once => Order::Loop(false),
            Self::Slower => Order::Slow(true),
            Self::AsItWas => Order::Slow(false),
        }
    }
}

/// `POST /sessions/{session}/room/play`: heard by everybody in step.
pub(crate) async fn play(
    visit: Visit,
    Path(id): Path<CoachingSessionId>,
    Sent(sent): Sent<Wanted>,
) -> Result {
    let (work, permit) = visit.permit::<MeetInSession>(id).await?;
    drop(work);
    let (sent, who) = (sent?, who(&visit)?);
    let (seat, order) = (seat(&sent.seat)?, sent.what.order(sent.at));
    if !may(who.part, order) {
        return Err(WebError::conflict("in this session the coach does that"));
    }
    let rooms = &visit.app().rooms;
    if !rooms.order(key(id), seat, (who.user, who.session), order) {
        return Err(WebError::conflict("nothing is on just now"));
    }
    if let Some(piece) = rooms.begun(key(id)) {
        let mut work = visit.app().store.begin().await?;
        work.note_heard(&permit, piece).await?;
        work.commit().await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Which extract to put on.
#[derive(Deserialize)]
pub(crate) struct Chosen {
    seat: String,
    piece: PieceId,
}

/// `POST /sessions/{session}/room/piece`: an extract is put on for everybody in the room.
pub(crate) async fn piece(
    visit: Visit,
    Path(id): Path<CoachingSessionId>,
    Sent(sent): Sent<Chosen>,
) -> Result {
    let (work, _permit) = visit.permit::<LeadSession>(id).await?;
    let (mut work, see) = visit.also::<SeeSession>(work, id).await?;
    let (sent, who) = (sent?, who(&visit)?);
    let seat = seat(&sent.seat)?;
    let room = work.meeting_room(&see).await?.ok_or(WebError::NotFound)?;
    let may = among::<HearInSession>(work.gate(), visit.cx(), &[sent.piece]).await?;
    let piece = room.pieces.iter().find(|piece| piece.id == sent.piece && !may.is_empty());
    let what = piece.map(|piece| On::Extract(piece.id, piece.length));
    let what = what.ok_or_else(|| {
        WebError::conflict("this extract is not in the list any more; choose another one")
    })?;
    if is_not_for_guests(&mut *work, &visit, id, sent.piece).await? {
        visit.app().rooms.keep_closed(key(id), sent.piece);
        return Err(WebError::conflict(
            "not everybody who is heard here said yes to a manager hearing it, so it stays closed while \
             one is in the room",
        ));
    }
    work.commit().await?;
    if !visit.app().rooms.put_on(key(id), seat, (who.user, who.session), what) {
        return Err(gone());
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /sessions/{session}/room/mark`: this moment of what is on. It has no words (CM-20).
pub(crate) async fn mark(
    visit: Visit,
    Path(id): Path<CoachingSessionId>,
    Sent(sent): Sent<Seated>,
) -> Result {
    let (mut work, permit) = visit.permit::<MeetInSession>(id).await?;
    let (seat, who) = (seat(&sent?.seat)?, who(&visit)?);
    let rooms = &visit.app().rooms;
    let place = rooms.place(key(id), seat, (who.user, who.session));
    let (piece, at) = place
        .filter(|_| who.part != Part::Follows)
        .ok_or_else(|| WebError::conflict("nothing is on that you could mark"))?;
    let mark = MarkId::mint(&*visit.app().ids);
    if !work.mark_moment(&permit, mark, piece, at).await? {
        return Err(WebError::conflict("this extract is not in the list any more"));
    }
    work.commit().await?;
    rooms.say(key(id));
    Ok(StatusCode::NO_CONTENT.into_response())
}
