//! The pages of whoever leads supervision.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::Supervise;
use hearback_domain::{
    Day, Role, SupervisionId, UserId,
    coaching::{Standing, standing},
    supervision::suggested,
};
use hearback_storage::{Person, SupervisionMeeting};

use super::{
    CHECK_IN, CHECK_OUT, MeetingLine, PhaseView, State,
    brought::views,
    called, clock, dome,
    focus::{LedFocus, led, led_state, time_of},
    line, names_of, phases,
};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Json, Path},
    page::{Page, day, html},
    when::When,
};

#[derive(Template)]
#[template(path = "supervision_lead_list.html")]
struct ListPage {
    page: Page,
    meetings: Vec<MeetingLine>,
    coaches: Vec<CoachView>,
    /// Whom no meeting has reached for six weeks, and who are invited to none (SUP-01).
    waiting: Vec<String>,
    /// From when to when the next one is suggested, once there was one.
    next: Option<(String, String)>,
    day: String,
    time: String,
}

struct CoachView {
    id: UserId,
    name: String,
    chosen: bool,
}

/// `GET /supervision/lead`.
pub(crate) async fn list(visit: Visit) -> Result {
    list_with(&visit, None).await
}

/// The same, with what was typed and could not be taken.
pub(super) async fn list_with(visit: &Visit, typed: Option<(Fields, FieldError)>) -> Result {
    let (mut work, permit) = visit.permit::<Supervise>(()).await?;
    let meetings = work.meetings_led(&permit).await?;
    let names = names_of(&mut *work, &meetings).await?;
    let coaches = work.people_with(Role::Coach).await?;
    let reached = work.last_supervised(&permit).await?;
    work.commit().await?;
    let now = visit.cx().now;
    let waits = |coach: &&Person| {
        let late = |last| standing(last, now) != Standing::InTime;
        reached.iter().any(|(id, last)| *id == coach.id && late(*last))
    };
    let waiting = coaches.iter().filter(waits).map(|coach| coach.name.clone()).collect();
    let last = meetings.first().map(|meeting| Day::of(meeting.planned_at));
    let next = last.map(suggested);
    // Without a suggestion nothing stands in the field: no date is anybody's rule.
    let day_typed = next.map(|(from, _)| from.to_string()).unwrap_or_default();
    let mut page = visit.page("Supervision");
    let (mut day_typed, mut time) = (day_typed, "14:00".to_owned());
    let before: Vec<UserId> = meetings
        .first()
        .map(|m| m.seats.iter().map(|seat| seat.coach).collect())
        .unwrap_or_default();
    let mut chosen: Vec<String> = before.iter().map(ToString::to_string).collect();
    let mut status = StatusCode::OK;
    if let Some((fields, error)) = typed {
        fields.get("day").clone_into(&mut day_typed);
        fields.get("time").clone_into(&mut time);
        chosen = fields.all("coach").map(ToOwned::to_owned).collect();
        page.errors.push(error);
        status = StatusCode::UNPROCESSABLE_ENTITY;
    }
    let me = visit.user()?;
    let body = html(&ListPage {
        page,
        meetings: meetings.iter().map(|m| line(m, who(m, &names), now)).collect(),
        coaches: coaches
            .into_iter()
            .filter(|coach| coach.id != me)
            .map(|coach| CoachView {
                chosen: chosen.contains(&coach.id.to_string()),
                id: coach.id,
                name: coach.name,
            })
            .collect(),
        waiting,
        next: next.map(|(from, till)| (day(from.starts()), day(till.starts()))),
        day: day_typed,
        time,
    })?;
    Ok((status, body).into_response())
}

fn who(meeting: &SupervisionMeeting, names: &super::Names) -> String {
    let who: Vec<_> = meeting.seats.iter().map(|seat| called(names, seat.coach)).collect();
    who.join(", ")
}

#[derive(Template)]
#[template(path = "supervision_lead.html")]
struct LeadPage {
    page: Page,
    meeting: SupervisionId,
    when: When,
    day: String,
    time: String,
    seats: Vec<SeatView>,
    state: State,
    running: bool,
    clock: String,
    phases: Vec<PhaseView>,
    check_in: &'static str,
    check_out: &'static str,
    focus: LedFocus,
    debrief: DebriefForm,
    /// Nobody was under the dome yet, and nothing was noted.
    untouched: bool,
}

struct SeatView {
    id: UserId,
    name: String,
    came: bool,
}

/// The supervisor's own note, and who may read it.
struct DebriefForm {
    text: String,
    saved: Option<When>,
    /// Whose eyes it is shared with, and since when.
    shared: Option<(String, When)>,
    researchers: Vec<Reader>,
}

struct Reader {
    id: UserId,
    name: String,
}

/// `GET /supervision/lead/{meeting}`.
pub(crate) async fn show(visit: Visit, Path(id): Path<SupervisionId>) -> Result {
    view(&visit, id, None).await
}

/// The same, with a note that was typed and could not be taken.
pub(super) async fn view(
    visit: &Visit,
    id: SupervisionId,
    typed: Option<(String, FieldError)>,
) -> Result {
    let (mut work, permit) = visit.permit::<Supervise>(()).await?;
    let meeting = work.meeting_led(&permit, id).await?.ok_or(WebError::NotFound)?;
    let names = names_of(&mut *work, std::slice::from_ref(&meeting)).await?;
    let brought = work.brought_to_led(&permit, id).await?;
    let brought = views(&mut *work, visit, &brought, &names).await?;
    let group = work.focus_led(&permit, id).await?;
    let debrief = work.debrief(&permit, id).await?;
    let researchers = work.people_with(Role::Researcher).await?;
    work.commit().await?;
    let state = State {
        dome: dome(meeting.dome.as_ref(), &names, visit.user()?, visit.cx().now),
        brought,
        focus: led_state(group.as_ref(), &names),
    };
    let seat = |seat: &hearback_storage::SupervisionSeat| SeatView {
        id: seat.coach,
        name: called(&names, seat.coach),
        came: seat.came,
    };
    let called = |reader: UserId| {
        let one = researchers.iter().find(|person| person.id == reader);
        one.map_or_else(|| "Somebody who has left".to_owned(), |person| person.name.clone())
    };
    let (noted, shared) = (debrief.is_some(), debrief.as_ref().and_then(|kept| kept.shared));
    let mut form = DebriefForm {
        text: debrief.as_ref().map(|kept| kept.body.to_string()).unwrap_or_default(),
        saved: debrief.as_ref().map(|kept| When::of(kept.saved_at)),
        shared: shared.map(|(reader, at)| (called(reader), When::of(at))),
        researchers: researchers
            .iter()
            .map(|person| Reader { id: person.id, name: person.name.clone() })
            .collect(),
    };
    let mut page = visit.page("Supervision");
    let mut status = StatusCode::OK;
    if let Some((text, error)) = typed {
        form.text = text;
        page.errors.push(error);
        status = StatusCode::UNPROCESSABLE_ENTITY;
    }
    let body = html(&LeadPage {
        page,
        meeting: id,
        when: When::of(meeting.planned_at),
        day: Day::of(meeting.planned_at).to_string(),
        time: time_of(meeting.planned_at),
        seats: meeting.seats.iter().map(seat).collect(),
        clock: clock(state.dome.as_ref().map_or(0, |dome| dome.left_ms)),
        running: state.dome.as_ref().is_some_and(|dome| dome.running),
        state,
        phases: phases(),
        check_in: CHECK_IN,
        check_out: CHECK_OUT,
        focus: led(group.as_ref(), meeting.planned_at, &names),
        debrief: form,
        untouched: !noted && !meeting.seats.iter().any(|seat| seat.volunteered),
    })?;
    Ok((status, body).into_response())
}

/// `GET /supervision/lead/{meeting}/dome`: where the exercise is, what is heard in it, and the recorder of the focus
/// group; for pages that are open and ask each second.
pub(crate) async fn follow(visit: Visit, Path(id): Path<SupervisionId>) -> Result {
    let (mut work, permit) = visit.look::<Supervise>(()).await?;
    let meeting = work.meeting_led(&permit, id).await?.ok_or(WebError::NotFound)?;
    let names = names_of(&mut *work, std::slice::from_ref(&meeting)).await?;
    let brought = work.brought_to_led(&permit, id).await?;
    let brought = views(&mut *work, &visit, &brought, &names).await?;
    let group = work.focus_led(&permit, id).await?;
    drop(work);
    let dome = dome(meeting.dome.as_ref(), &names, visit.user()?, visit.cx().now);
    let focus = led_state(group.as_ref(), &names);
    Ok(Json(State { dome, brought, focus }).into_response())
}
