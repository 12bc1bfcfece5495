//! Who is whose line manager: only so that nobody coaches or scores somebody they manage (ETH-12, K-16, K-17).

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{ManagePeople, Permit, ReadAudit};
use hearback_domain::{
    Role, UserId,
    conflict::{Part, conflict},
};
use hearback_storage::{EndedConflict, Person, WhatEnded, Work};

use crate::{
    Visit, WebError,
    error::{FieldError, Result, sentence},
    extract::Fields,
    page::{Page, Said, day, html},
};

#[derive(Template)]
#[template(path = "managers.html")]
struct ManagersPage {
    page: Page,
    pairs: Vec<Pair>,
    practitioners: Vec<Choice>,
    people: Vec<Choice>,
}

struct Pair {
    practitioner: Choice,
    manager: Choice,
}

#[derive(Clone)]
struct Choice {
    id: UserId,
    name: String,
}

impl From<&Person> for Choice {
    fn from(person: &Person) -> Self {
        Self { id: person.id, name: format!("{} ({})", person.name, person.login) }
    }
}

/// `GET /admin/managers`.
pub(crate) async fn show(visit: Visit) -> Result {
    let (work, permit) = visit.permit::<ManagePeople>(()).await?;
    view(&visit, work, &permit, Vec::new()).await
}

async fn view(
    visit: &Visit,
    mut work: Box<dyn Work>,
    permit: &Permit<ManagePeople>,
    errors: Vec<FieldError>,
) -> Result {
    let people = work.people().await?;
    let managers = work.managers(permit).await?;
    work.commit().await?;
    let choice = |id: UserId| people.iter().find(|p| p.id == id).map(Choice::from);
    let pairs = managers
        .into_iter()
        .filter_map(|(p, m)| Some(Pair { practitioner: choice(p)?, manager: choice(m)? }))
        .collect();
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("Line managers");
    page.errors = errors;
    let practitioners = people.iter().filter(|p| p.roles.contains(&Role::Practitioner));
    let body = html(&ManagersPage {
        page,
        pairs,
        practitioners: practitioners.map(Into::into).collect(),
        people: people.iter().map(Into::into).collect(),
    })?;
    Ok((code, body).into_response())
}

/// `POST /admin/managers`: `practitioner`, `manager`, and `remove` if they no longer are. What is now in conflict ends.
pub(crate) async fn change(visit: Visit, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<ManagePeople>(()).await?;
    let people = work.people().await?;
    let mut errors = Vec::new();
    let mut chosen = |field: &str, text: &str| {
        let id = fields.get(field).parse().ok();
        let found = id.and_then(|id: UserId| people.iter().find(|p| p.id == id));
        if found.is_none() {
            errors.push(FieldError::new(field, text));
        }
        found.map(|p| p.id)
    };
    let practitioner = chosen("practitioner", "Choose a social worker");
    let manager = chosen("manager", "Choose who their line manager is");
    let themself = practitioner.is_some() && practitioner == manager;
    if let Some(found) = conflict(Part::Manages, &[Part::Holds]).filter(|_| themself) {
        errors.push(FieldError::new("manager", found.why));
    }
    let (Some(practitioner), Some(manager), true) = (practitioner, manager, errors.is_empty())
    else {
        return view(&visit, work, &permit, errors).await;
    };
    let from_now_on = fields.get("remove") != "yes";
    work.set_manager(&permit, practitioner, manager, from_now_on).await?;
    work.end_conflicts(permit.cx().now).await?;
    work.commit().await?;
    Ok(Said::Saved.at("/admin/managers"))
}

#[derive(Template)]
#[template(path = "conflicts.html")]
struct ConflictsPage {
    page: Page,
    conflicts: Vec<Line>,
}

struct Line {
    when: String,
    person: String,
    /// Whom for; none if that is not told.
    practitioner: Option<String>,
    what: &'static str,
    why: String,
}

/// `GET /admin/conflicts`: what ended because of the rules, for the data protection officer.
pub(crate) async fn conflicts(visit: Visit) -> Result {
    let (mut work, permit) = visit.permit::<ReadAudit>(()).await?;
    let mut lines = Vec::new();
    for ended in work.ended_conflicts(&permit).await? {
        lines.push(line(&mut *work, &ended).await?);
    }
    work.commit().await?;
    html(&ConflictsPage { page: visit.page("What ended by itself"), conflicts: lines })
}

async fn line(work: &mut dyn Work, ended: &EndedConflict) -> Result<Line> {
    let found = conflict(ended.wanted, &[ended.stands])
        .ok_or_else(|| WebError::internal("a conflict that is none was kept"))?;
    let name = |person: Option<Person>| person.map_or_else(String::new, |p| p.name);
    // Of a series nobody is told, unless its practitioner said so (K-07).
    let told = !matches!(ended.was, WhatEnded::Series { told: false, .. });
    Ok(Line {
        when: day(ended.at),
        person: name(work.person(ended.person).await?),
        practitioner: if told { Some(name(work.person(ended.practitioner).await?)) } else { None },
        what: match ended.wanted {
            Part::Coaches if matches!(ended.was, WhatEnded::Series { .. }) => "Coach of a series",
            Part::Coaches => "Coach",
            _ => "Researcher",
        },
        why: sentence(found.why),
    })
}
