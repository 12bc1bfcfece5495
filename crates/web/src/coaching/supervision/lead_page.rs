//! The pages of whoever leads supervision.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::Supervise;
use hearback_domain::{Day, Role, SupervisionId, UserId, supervision::suggested};
use hearback_storage::SupervisionMeeting;

use super::{
    CHECK_IN, CHECK_OUT, DomeView, MeetingLine, PhaseView, called, clock, line, names_of, phases,
    state,
};
use crate::{
    Visit, WebError,
    coaching::series::When,
    error::{FieldError, Result},
    extract::{Fields, Json, Path},
    page::{Page, day, html},
};

#[derive(Template)]
#[template(path = "supervision_lead_list.html")]
struct ListPage {
    page: Page,
    meetings: Vec<MeetingLine>,
    coaches: Vec<CoachView>,
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
    work.commit().await?;
    let now = visit.cx().now;
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
    dome: Option<DomeView>,
    running: bool,
    clock: String,
    phases: Vec<PhaseView>,
    check_in: &'static str,
    check_out: &'static str,
    /// Nobody was under the dome yet.
    untouched: bool,
}

struct SeatView {
    id: UserId,
    name: String,
    came: bool,
}

/// `GET /supervision/lead/{meeting}`.
pub(crate) async fn show(visit: Visit, Path(id): Path<SupervisionId>) -> Result {
    let (mut work, permit) = visit.permit::<Supervise>(()).await?;
    let meeting = work.meeting_led(&permit, id).await?.ok_or(WebError::NotFound)?;
    let names = names_of(&mut *work, std::slice::from_ref(&meeting)).await?;
    work.commit().await?;
    let state = state(meeting.dome.as_ref(), &names, visit.user()?, visit.cx().now);
    let seat = |seat: &hearback_storage::SupervisionSeat| SeatView {
        id: seat.coach,
        name: called(&names, seat.coach),
        came: seat.came,
    };
    let seconds = meeting.planned_at.as_micros().div_euclid(1_000_000).rem_euclid(86_400);
    html(&LeadPage {
        page: visit.page("Supervision"),
        meeting: id,
        when: When::of(meeting.planned_at),
        day: Day::of(meeting.planned_at).to_string(),
        time: format!("{:02}:{:02}", seconds / 3_600, seconds / 60 % 60),
        seats: meeting.seats.iter().map(seat).collect(),
        clock: clock(state.dome.as_ref().map_or(0, |dome| dome.left_ms)),
        running: state.dome.as_ref().is_some_and(|dome| dome.running),
        dome: state.dome,
        phases: phases(),
        check_in: CHECK_IN,
        check_out: CHECK_OUT,
        untouched: !meeting.seats.iter().any(|seat| seat.volunteered),
    })
}

/// `GET /supervision/lead/{meeting}/dome`: where the exercise is, for pages that are open.
pub(crate) async fn follow(visit: Visit, Path(id): Path<SupervisionId>) -> Result {
    let (mut work, permit) = visit.permit::<Supervise>(()).await?;
    let meeting = work.meeting_led(&permit, id).await?.ok_or(WebError::NotFound)?;
    let names = names_of(&mut *work, std::slice::from_ref(&meeting)).await?;
    work.commit().await?;
    let state = state(meeting.dome.as_ref(), &names, visit.user()?, visit.cx().now);
    Ok(Json(state).into_response())
}
