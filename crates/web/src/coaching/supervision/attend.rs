//! Supervision for a coach: the meetings they are invited to, the exercise as it goes on, and their own note.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::AttendSupervision;
use hearback_domain::{Note, SupervisionId};
use hearback_storage::Outcome;

use super::{
    CHECK_IN, CHECK_OUT, MeetingLine, PhaseView, State,
    brought::views,
    called, clock, dome,
    focus::{OwnFocus, followed, own},
    line, names_of, phases,
};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Json, Path},
    page::{Page, Said, html},
    when::When,
};

#[derive(Template)]
#[template(path = "supervision_list.html")]
struct ListPage {
    page: Page,
    meetings: Vec<MeetingLine>,
}

/// `GET /supervision`.
pub(crate) async fn list(visit: Visit) -> Result {
    let (mut work, permit) = visit.permit::<AttendSupervision>(()).await?;
    let meetings = work.meetings_attended(&permit).await?;
    let names = names_of(&mut *work, &meetings).await?;
    work.commit().await?;
    let now = visit.cx().now;
    let lines = meetings.iter().map(|m| line(m, called(&names, m.supervisor), now));
    html(&ListPage { meetings: lines.collect(), page: visit.page("Supervision") })
}

#[derive(Template)]
#[template(path = "supervision.html")]
struct MeetingPage {
    page: Page,
    meeting: SupervisionId,
    when: When,
    supervisor: String,
    others: Vec<String>,
    state: State,
    focus: Option<OwnFocus>,
    clock: String,
    phases: Vec<PhaseView>,
    check_in: &'static str,
    check_out: &'static str,
    /// Whether the visitor was under the dome: there is a note then, theirs alone.
    volunteered: bool,
    note: String,
    saved: Option<When>,
}

/// `GET /supervision/{meeting}`.
pub(crate) async fn show(visit: Visit, Path(id): Path<SupervisionId>) -> Result {
    view(&visit, id, None).await
}

async fn view(visit: &Visit, id: SupervisionId, typed: Option<(String, FieldError)>) -> Result {
    let (mut work, permit) = visit.permit::<AttendSupervision>(()).await?;
    let meeting = work.meeting_attended(&permit, id).await?.ok_or(WebError::NotFound)?;
    let outcome: Option<Outcome> = work.own_outcome(&permit, id).await?;
    let group = work.focus_attended(&permit, id).await?;
    let names = names_of(&mut *work, std::slice::from_ref(&meeting)).await?;
    let brought = work.brought_to_attended(&permit, id).await?;
    let brought = views(&mut *work, visit, &brought, &names).await?;
    work.commit().await?;
    let me = visit.user()?;
    let state = State {
        dome: dome(meeting.dome.as_ref(), &names, me, visit.cx().now),
        brought,
        focus: followed(group.as_ref()),
    };
    let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut page = visit.page("Supervision");
    let kept = outcome.as_ref().map(|kept| kept.body.to_string()).unwrap_or_default();
    let note = match typed {
        Some((text, error)) => {
            page.errors.push(error);
            text
        }
        None => kept,
    };
    let others = meeting.seats.iter().filter(|seat| seat.coach != me);
    let body = html(&MeetingPage {
        page,
        meeting: id,
        when: When::of(meeting.planned_at),
        supervisor: called(&names, meeting.supervisor),
        others: others.map(|seat| called(&names, seat.coach)).collect(),
        clock: clock(state.dome.as_ref().map_or(0, |dome| dome.left_ms)),
        state,
        focus: group.as_ref().map(|group| own(group, me)),
        phases: phases(),
        check_in: CHECK_IN,
        check_out: CHECK_OUT,
        volunteered: meeting.seats.iter().any(|seat| seat.coach == me && seat.volunteered),
        note,
        saved: outcome.map(|kept| When::of(kept.saved_at)),
    })?;
    Ok((status, body).into_response())
}

/// `GET /supervision/{meeting}/dome`: where the exercise is, what is heard in it, and the recorder of the focus group;
/// for pages that are open.
pub(crate) async fn follow(visit: Visit, Path(id): Path<SupervisionId>) -> Result {
    let (mut work, permit) = visit.look::<AttendSupervision>(()).await?;
    let meeting = work.meeting_attended(&permit, id).await?.ok_or(WebError::NotFound)?;
    let group = work.focus_attended(&permit, id).await?;
    let names = names_of(&mut *work, std::slice::from_ref(&meeting)).await?;
    let brought = work.brought_to_attended(&permit, id).await?;
    let brought = views(&mut *work, &visit, &brought, &names).await?;
    drop(work);
    let dome = dome(meeting.dome.as_ref(), &names, visit.user()?, visit.cx().now);
    Ok(Json(State { dome, brought, focus: followed(group.as_ref()) }).into_response())
}

/// `POST /supervision/{meeting}/note`: `note`, for oneself; an empty one takes it away.
pub(crate) async fn note(visit: Visit, Path(id): Path<SupervisionId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<AttendSupervision>(()).await?;
    let body = match Note::new(&fields.get("note").replace("\r\n", "\n")) {
        Ok(body) => body,
        Err(error) => {
            drop(work);
            let error = FieldError::new("note", error.to_string());
            if visit.wants_json() {
                return Err(WebError::Invalid(vec![error]));
            }
            return view(&visit, id, Some((fields.get("note").to_owned(), error))).await;
        }
    };
    work.meeting_attended(&permit, id).await?.ok_or(WebError::NotFound)?;
    if !work.keep_outcome(&permit, id, &body).await? {
        return Err(WebError::conflict("this note is for whoever was under the dome"));
    }
    work.commit().await?;
    if visit.wants_json() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Said::Saved.near(&format!("/supervision/{id}"), "note"))
}
