//! For how long things are kept, what ends soon, and what a sweep waits with.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{
    ManageRetention, SeeHoldings,
    audit::{Decision, event},
};
use hearback_domain::{
    KeyClass, Reference, Timestamp,
    retention::{Anchor, MOST_DAYS, Rules, notice},
};
use hearback_storage::{Holding, HoldingsPage, Paused, Show, SweepNotes};

use super::holdings::class;
use crate::{
    Visit,
    error::{FieldError, Result},
    extract::Fields,
    page::{Page, Said, day, day_and_time, html},
    sign_in::note,
};

/// How many endings are listed.
const MOST_LISTED: u32 = 200;

#[derive(Template)]
#[template(path = "retention.html")]
struct RetentionPage {
    page: Page,
    rules: Vec<RuleLine>,
    groups: Vec<Group>,
    swept: Option<String>,
    pause: Option<String>,
}

struct RuleLine {
    field: String,
    what: &'static str,
    after: &'static str,
    days: String,
}

/// What ends within so many days.
struct Group {
    title: &'static str,
    endings: Vec<Ending>,
}

struct Ending {
    reference: String,
    what: &'static str,
    until: String,
}

/// `GET /admin/retention`.
pub(crate) async fn show(visit: Visit) -> Result {
    let (mut work, permit) = visit.permit::<SeeHoldings>(()).await?;
    let rules = work.retention_rules(&permit).await?;
    let page = HoldingsPage { show: Show::Ending, between: None, skip: 0, limit: MOST_LISTED };
    let ending = work.holdings(&permit, &page).await?;
    let notes = work.sweep_seen(&permit).await?;
    work.commit().await?;
    let lines = rules.all().map(|(class, anchor, days)| rule(class, anchor, days.to_string()));
    view(&visit, lines.collect(), groups(&ending, permit.cx().now), &notes, Vec::new())
}

fn view(
    visit: &Visit,
    rules: Vec<RuleLine>,
    groups: Vec<Group>,
    notes: &SweepNotes,
    errors: Vec<FieldError>,
) -> Result {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("How long things are kept");
    page.errors = errors;
    let body = html(&RetentionPage {
        page,
        rules,
        groups,
        swept: notes.swept_at.map(day_and_time),
        pause: notes.paused.map(sentence),
    })?;
    Ok((status, body).into_response())
}

fn field(class: KeyClass, anchor: Anchor) -> String {
    format!("days.{class}.{anchor}")
}

fn rule(of: KeyClass, anchor: Anchor, days: String) -> RuleLine {
    RuleLine { field: field(of, anchor), what: class(of), after: anchor.title(), days }
}

/// Why destruction by time waits.
pub(super) fn sentence(paused: Paused) -> String {
    match paused {
        Paused::ClockJumped => "The clock of the machine was moved by more than ten minutes, or it was started \
             more than two days after anything that is known to have happened here. Please have somebody look at it before anything is destroyed by it."
            .to_owned(),
        Paused::ClockBehind => "The clock of the machine is behind what the audit log has. \
             Please have somebody look at it before anything is destroyed by it."
            .to_owned(),
        Paused::TooMany(due) => format!(
            "Of {due} recordings something has come to the end of its time at once, which is more \
             than was expected a day before. Please look through them."
        ),
    }
}

/// What ends soon, by how soon.
fn groups(ending: &[Holding], now: Timestamp) -> Vec<Group> {
    let titles = [
        (0, "Its time is over"),
        (1, "Within a day"),
        (7, "Within a week"),
        (30, "Within a month"),
    ];
    let endings = |days: u32| {
        let all = ending.iter().flat_map(|holding| holding.kept.iter().map(move |k| (holding, k)));
        let these = all.filter(|(_, k)| !k.gone && notice(k.until, now) == Some(days));
        let mut these: Vec<_> = these.collect();
        these.sort_by_key(|(holding, kept)| (kept.until, holding.recording, kept.class));
        let line = |(holding, kept): (&Holding, &hearback_storage::Kept)| Ending {
            reference: Reference::of(holding.recording).to_string(),
            what: class(kept.class),
            until: day(kept.until),
        };
        these.into_iter().map(line).collect::<Vec<_>>()
    };
    let groups = titles.map(|(days, title)| Group { title, endings: endings(days) });
    groups.into_iter().filter(|group| !group.endings.is_empty()).collect()
}

/// `POST /admin/retention`: `days.<class>.<moment>`, for those that change.
pub(crate) async fn set(visit: Visit, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<ManageRetention>(()).await?;
    let (mut work_rules, mut errors, mut changes) = (Rules::default(), Vec::new(), Vec::new());
    let known: Vec<_> = work_rules.all().collect();
    for (class, anchor, _) in known {
        let name = field(class, anchor);
        let typed = fields.get(&name).trim();
        if typed.is_empty() {
            continue;
        }
        let days: u32 = typed.parse().unwrap_or(0);
        match work_rules.set(class, anchor, days) {
            Ok(()) => changes.push((class, anchor, days)),
            Err(_) => {
                errors.push(FieldError::new(name, format!("Write a number from 1 to {MOST_DAYS}")));
            }
        }
    }
    if !errors.is_empty() {
        drop(work);
        let typed = |(class, anchor, days): (KeyClass, Anchor, u32)| {
            let typed = fields.get(&field(class, anchor));
            let typed = if typed.is_empty() { days.to_string() } else { typed.to_owned() };
            rule(class, anchor, typed)
        };
        let lines = Rules::default().all().map(typed).collect();
        return view(&visit, lines, Vec::new(), &SweepNotes::default(), errors);
    }
    work.set_retention_rules(&permit, &changes).await?;
    work.commit().await?;
    Ok(Said::Saved.at("/admin/retention"))
}

/// `POST /admin/retention/release`: the sweep goes on. One person's decision, and an entry of its own in the log.
pub(crate) async fn release(visit: Visit) -> Result {
    let (mut work, permit) = visit.permit::<ManageRetention>(()).await?;
    if work.release_sweep(&permit).await? {
        note(&mut *work, permit.cx(), event::RELEASE_SWEEP, Decision::Allowed).await?;
    }
    work.commit().await?;
    Ok(Said::Saved.at("/admin/retention"))
}
