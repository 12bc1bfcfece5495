//! What others see of coaching: dates of those who said that it may be told, and figures about enough people (K-07).

use askama::Template;
use hearback_access::{SeeAttendance, SeeCoachingFigures};
use hearback_domain::coaching::{SMALLEST_GROUP, SessionState};

use crate::{
    Visit,
    error::Result,
    page::{Page, html},
    when::When,
};

#[derive(Template)]
#[template(path = "attendance.html")]
struct AttendancePage {
    page: Page,
    people: Vec<AttendingView>,
}

struct AttendingView {
    name: String,
    held: Vec<When>,
    planned: Vec<When>,
}

/// `GET /attendance`.
pub(crate) async fn show(visit: Visit) -> Result {
    let (mut work, permit) = visit.permit::<SeeAttendance>(()).await?;
    let people = work.attending(&permit).await?;
    work.commit().await?;
    let people = people.into_iter().map(|one| {
        let held = |state| matches!(state, SessionState::Held | SessionState::Live);
        let (held, planned): (Vec<_>, Vec<_>) =
            one.dates.into_iter().partition(|(_, state)| held(*state));
        let dates = |all: Vec<_>| all.into_iter().map(|(at, _)| When::of(at)).collect();
        AttendingView { name: one.name, held: dates(held), planned: dates(planned) }
    });
    html(&AttendancePage { page: visit.page("Attendance"), people: people.collect() })
}

#[derive(Template)]
#[template(path = "coaching_figures.html")]
struct FiguresPage {
    page: Page,
    people: Option<u64>,
    held: Option<u64>,
    smallest: u64,
}

/// `GET /coaching/figures`.
pub(crate) async fn figures(visit: Visit) -> Result {
    let (mut work, permit) = visit.permit::<SeeCoachingFigures>(()).await?;
    let figures = work.coaching_figures(&permit).await?;
    work.commit().await?;
    html(&FiguresPage {
        page: visit.page("Coaching in numbers"),
        people: figures.people,
        held: figures.held,
        smallest: SMALLEST_GROUP,
    })
}
