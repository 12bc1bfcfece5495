//! The page of a session's room, before it begins, while it is live and afterwards.

use std::collections::HashSet;

use askama::Template;
use hearback_access::{Cx, DecideSeries, HearInSession, LeadSession, Permit, SeeSession, among};
use hearback_domain::{CoachingSessionId, PieceId, Role, SeriesId, UserId};
use hearback_storage::{MeetingPiece, MeetingRoom, MeetingStage, Work};
use serde::Serialize;

use super::part;
use crate::{
    Visit, WebError,
    error::Result,
    extract::{Json, Path},
    page::{Page, html, page_data},
    room::Part,
    when::When,
};

#[derive(Template)]
#[template(path = "session_room.html")]
#[expect(clippy::struct_excessive_bools, reason = "what a page shows")]
struct RoomPage {
    page: Page,
    session: CoachingSessionId,
    series: SeriesId,
    title: String,
    /// The chosen name of the child, young person or family.
    focus: Option<String>,
    planned: When,
    coach: String,
    practitioner: String,
    leads: bool,
    hosts: bool,
    live: bool,
    over: bool,
    put_off: bool,
    missed: bool,
    /// It waits for two signatures.
    unsigned: bool,
    /// Whether the visitor can begin it.
    begins: bool,
    /// What people type to come in, in two halves.
    code: Option<(String, String)>,
    pieces: Vec<PieceView>,
    /// Something was chosen that a guest may not hear.
    kept: bool,
    guests: Vec<PersonChoice>,
    managers: Vec<PersonChoice>,
    page_data: String,
}

struct PersonChoice {
    id: UserId,
    name: String,
}

#[derive(Serialize)]
struct PieceView {
    id: PieceId,
    title: String,
    question: String,
    length_ms: u64,
}

impl From<&MeetingPiece> for PieceView {
    fn from(piece: &MeetingPiece) -> Self {
        Self {
            id: piece.id,
            title: piece.title.as_str().to_owned(),
            question: piece.question.as_str().to_owned(),
            length_ms: piece.length.get(),
        }
    }
}

#[derive(Serialize)]
struct Data<'a> {
    session: CoachingSessionId,
    part: Part,
    pieces: &'a [PieceView],
}

/// What may be heard.
#[derive(Serialize)]
struct Pieces {
    pieces: Vec<PieceView>,
    kept: bool,
}

impl Pieces {
    /// What this visitor may hear of what was chosen, and whether a guest may not hear some of it.
    async fn of(work: &mut dyn Work, visit: &Visit, room: &MeetingRoom) -> Result<Self> {
        let chosen: Vec<_> = room.pieces.iter().map(|piece| piece.id).collect();
        let may = among::<HearInSession>(work.gate(), visit.cx(), &chosen).await?;
        let may: HashSet<_> = may.iter().map(Permit::object).collect();
        // What is closed to the two as well is told to nobody.
        let kept = if part(visit.signed_in()?.role) == Part::Follows {
            let host = Cx::person(room.practitioner, Role::Practitioner, visit.cx().now);
            among::<HearInSession>(work.gate(), host, &chosen).await?.len() > may.len()
        } else {
            false
        };
        let pieces = room.pieces.iter().filter(|piece| may.contains(&piece.id));
        Ok(Self { pieces: pieces.map(PieceView::from).collect(), kept })
    }
}

/// `GET /sessions/{session}/room`.
pub(crate) async fn show(visit: Visit, Path(id): Path<CoachingSessionId>) -> Result {
    let (mut work, permit) = visit.permit::<SeeSession>(id).await?;
    let room = work.meeting_room(&permit).await?.ok_or(WebError::NotFound)?;
    let role = visit.signed_in()?.role;
    let (coach, practitioner) = (
        called(&mut *work, room.coach, "your coach").await?,
        called(&mut *work, Some(room.practitioner), "the social worker").await?,
    );
    let (guests, managers) = invited(&mut *work, &visit, id, &room).await?;
    let Pieces { pieces, kept } = Pieces::of(&mut *work, &visit, &room).await?;
    let leads = !among::<LeadSession>(work.gate(), visit.cx(), &[id]).await?.is_empty();
    work.commit().await?;
    let title = title(&room);
    html(&RoomPage {
        page: visit.page(title.clone()),
        session: id,
        series: room.series,
        title,
        focus: room.focus.as_ref().map(|name| name.as_str().to_owned()),
        planned: When::of(room.planned_at),
        coach,
        practitioner,
        leads: role == Role::Coach,
        hosts: role == Role::Practitioner,
        live: matches!(room.stage, MeetingStage::Live { .. }),
        over: room.stage == MeetingStage::Over,
        put_off: room.stage == MeetingStage::PutOff,
        missed: room.stage == MeetingStage::Missed,
        unsigned: room.stage == MeetingStage::Unsigned,
        begins: room.stage == MeetingStage::Ahead && leads,
        code: match room.stage {
            MeetingStage::Live { code } if part(role) != Part::Follows => Some(code.halves()),
            _ => None,
        },
        page_data: page_data(&Data { session: id, part: part(role), pieces: &pieces })?,
        pieces,
        kept,
        guests,
        managers,
    })
}

/// `GET /sessions/{session}/room/pieces`: what may be heard, for pages that are open.
pub(crate) async fn pieces(visit: Visit, Path(id): Path<CoachingSessionId>) -> Result {
    let (mut work, permit) = visit.permit::<SeeSession>(id).await?;
    let room = work.meeting_room(&permit).await?.ok_or(WebError::NotFound)?;
    let pieces = Pieces::of(&mut *work, &visit, &room).await?;
    work.commit().await?;
    Ok(axum::response::IntoResponse::into_response(Json(pieces)))
}

fn title(room: &MeetingRoom) -> String {
    let session = room.number.map_or_else(|| "Session".to_owned(), |n| format!("Session {n}"));
    match &room.focus {
        Some(name) => format!("{session}: {}", name.as_str()),
        None => session,
    }
}

async fn called(work: &mut dyn Work, who: Option<UserId>, else_: &str) -> Result<String> {
    let found = match who {
        Some(id) => work.person(id).await?,
        None => None,
    };
    Ok(found.map_or_else(|| else_.to_owned(), |person| person.name))
}

/// Who is invited, and who could be; for the practitioner alone.
async fn invited(
    work: &mut dyn Work,
    visit: &Visit,
    id: CoachingSessionId,
    room: &MeetingRoom,
) -> Result<(Vec<PersonChoice>, Vec<PersonChoice>)> {
    let mine = among::<DecideSeries>(work.gate(), visit.cx(), &[room.series]).await?;
    let Some(permit) = mine.first() else { return Ok((Vec::new(), Vec::new())) };
    let guests = work.session_guests(permit, id).await?;
    let apart = |user: UserId| {
        user == room.practitioner
            || Some(user) == room.coach
            || guests.iter().any(|guest| guest.guest == user)
    };
    let managers = work.people_with(Role::LineManager).await?;
    let managers = managers.into_iter().filter(|person| !apart(person.id));
    let managers = managers.map(|p| PersonChoice { id: p.id, name: p.name }).collect();
    let guests = guests.into_iter().map(|g| PersonChoice { id: g.guest, name: g.name }).collect();
    Ok((guests, managers))
}
