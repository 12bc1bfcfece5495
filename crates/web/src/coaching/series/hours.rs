//! Hours that a coach notes of their training, practice and supervision (CM-09, SUP-04).

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{KeepProfile, Permit};
use hearback_domain::{
    Day, HoursId,
    coaching::{
        HoursKind, TimeSpent,
        hours::{Total, in_words, may_note, totals},
    },
};
use hearback_storage::{NotedHours, Work};

use super::{note, standing::to_the_coach};
use crate::{
    Visit,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, html, written_day},
};

#[derive(Template)]
#[template(path = "coach_hours.html")]
struct HoursPage {
    page: Page,
    kinds: &'static [HoursKind],
    lines: Vec<TotalView>,
    /// What was held here.
    held: String,
    noted: Vec<HoursView>,
    /// About the next supervision; none before somebody looked at the certificate.
    supervision: Option<String>,
    typed: Typed,
}

struct TotalView {
    kind: HoursKind,
    /// What was noted; none if nothing was.
    noted: Option<String>,
}

struct HoursView {
    id: HoursId,
    kind: HoursKind,
    day: String,
    spent: String,
    note: String,
}

/// As it was typed.
struct Typed {
    kind: String,
    day: String,
    spent: String,
    note: String,
}

/// `GET /coaching/hours`.
pub(crate) async fn show(visit: Visit) -> Result {
    let (work, permit) = visit.permit::<KeepProfile>(()).await?;
    view(&visit, work, &permit, &Fields::default(), Vec::new()).await
}

async fn view(
    visit: &Visit,
    mut work: Box<dyn Work>,
    permit: &Permit<KeepProfile>,
    fields: &Fields,
    errors: Vec<FieldError>,
) -> Result {
    let noted = work.own_hours(permit).await?;
    let held = work.held_here(permit).await?;
    let own = work.own_profile(permit).await?.filter(|own| own.checked_until.is_some());
    work.commit().await?;
    let now = permit.cx().now;
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("Your hours");
    page.errors = errors;
    let added = totals(noted.iter().map(|one| (one.kind, one.spent)));
    let text = |name: &str| fields.get(name).to_owned();
    let body = html(&HoursPage {
        page,
        kinds: HoursKind::ALL,
        lines: HoursKind::ALL.iter().map(|kind| total_view(*kind, &added)).collect(),
        held: in_words(held),
        noted: noted.iter().map(hours_view).collect(),
        supervision: own.map(|own| to_the_coach(own.supervised_at, now)),
        typed: Typed {
            kind: text("kind"),
            day: text("day"),
            spent: text("spent"),
            note: text("note"),
        },
    })?;
    Ok((code, body).into_response())
}

fn total_view(kind: HoursKind, added: &[Total]) -> TotalView {
    let own = added.iter().find(|total| total.kind == kind);
    let noted = own.map(|total| {
        let time = in_words(total.minutes);
        // The course counts these by how often they were (SUP-04).
        match total.times {
            _ if !kind.is_supervision() => time,
            1 => format!("once, {time}"),
            2 => format!("twice, {time}"),
            many => format!("{many} times, {time}"),
        }
    });
    TotalView { kind, noted }
}

fn hours_view(hours: &NotedHours) -> HoursView {
    HoursView {
        id: hours.id,
        kind: hours.kind,
        day: written_day(&hours.day.to_string()),
        spent: hours.spent.to_string(),
        note: hours.note.to_string(),
    }
}

/// `POST /coaching/hours`: `kind`, `day`, `spent` (hours, as `1:30` or `1.5`) and `note`.
pub(crate) async fn add(visit: Visit, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<KeepProfile>(()).await?;
    let id = HoursId::mint(&*visit.app().ids);
    let hours = match read(id, &fields, &permit) {
        Ok(hours) => hours,
        Err(errors) => return view(&visit, work, &permit, &fields, errors).await,
    };
    work.note_hours(&permit, &hours).await?;
    work.commit().await?;
    Ok(Said::Saved.at("/coaching/hours"))
}

fn read(
    id: HoursId,
    fields: &Fields,
    permit: &Permit<KeepProfile>,
) -> Result<NotedHours, Vec<FieldError>> {
    let kind = fields.get("kind").parse::<HoursKind>();
    let kind = kind.map_err(|_| FieldError::new("kind", "Choose what the hours were spent on"));
    let day = fields.get("day").parse::<Day>().map_err(|error| error.to_string());
    let day = day.and_then(|day| {
        if may_note(day, permit.cx().now) {
            Ok(day)
        } else {
            Err("that day is still to come; note it when it has been".to_owned())
        }
    });
    let day = day.map_err(|text| FieldError::new("day", text));
    let spent = fields.get("spent").parse::<TimeSpent>();
    let spent = spent.map_err(|error| FieldError::new("spent", error.to_string()));
    let note = note(fields, "note").map_err(|error| FieldError::new("note", error.to_string()));
    match (kind, day, spent, note) {
        (Ok(kind), Ok(day), Ok(spent), Ok(note)) => Ok(NotedHours { id, kind, day, spent, note }),
        (kind, day, spent, note) => {
            let found = [kind.err(), day.err(), spent.err(), note.err()];
            Err(found.into_iter().flatten().collect())
        }
    }
}

/// `POST /coaching/hours/{hours}/remove`. Whoever takes out what is gone already finds it gone.
pub(crate) async fn remove(visit: Visit, Path(hours): Path<HoursId>) -> Result {
    let (mut work, permit) = visit.permit::<KeepProfile>(()).await?;
    work.drop_hours(&permit, hours).await?;
    work.commit().await?;
    Ok(Said::Removed.at("/coaching/hours"))
}
