//! Who is to have nothing to do with a recording: a relative, a former partner, anybody (security, T31).

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{Block, Permit};
use hearback_domain::{RecordingId, Role, UserId, may_keep_away, may_let_back};
use hearback_storage::{Person, Work};

use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, day, html},
};

#[derive(Template)]
#[template(path = "keep_away.html")]
struct KeepAwayPage {
    page: Page,
    recording: RecordingId,
    mine: bool,
    kept: Vec<Kept>,
    people: Vec<Choice>,
}

struct Kept {
    id: UserId,
    name: String,
    when: String,
    by_me: bool,
    can_come_back: bool,
}

struct Choice {
    id: UserId,
    name: String,
}

/// `GET /recordings/{id}/keep-away`.
pub(crate) async fn show(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (work, permit) = visit.permit::<Block>(id).await?;
    view(&visit, work, &permit, Vec::new()).await
}

async fn view(
    visit: &Visit,
    mut work: Box<dyn Work>,
    permit: &Permit<Block>,
    errors: Vec<FieldError>,
) -> Result {
    let (me, hat) = (visit.user()?, permit.cx().hat);
    let owner = work.owner_of(permit).await?.ok_or(WebError::NotFound)?;
    let kept = work.kept_away(permit).await?;
    let people = work.people().await?;
    work.commit().await?;
    let called = |id: UserId| people.iter().find(|p| p.id == id).map(name).unwrap_or_default();
    let kept: Vec<_> = kept
        .iter()
        .map(|k| Kept {
            id: k.person,
            name: called(k.person),
            when: day(k.set_at),
            by_me: k.set_by == me,
            can_come_back: may_let_back(hat, k.set_by == me),
        })
        .collect();
    let choices = people
        .iter()
        .filter(|p| p.id != me && !kept.iter().any(|k| k.id == p.id))
        .filter(|p| may_keep_away(hat, p.id == owner, &p.roles).is_ok())
        .map(|p| Choice { id: p.id, name: name(p) })
        .collect();
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("People to keep away");
    page.errors = errors;
    let mine = visit.signed_in()?.role == Role::Practitioner;
    let recording = permit.object();
    let body = html(&KeepAwayPage { page, recording, mine, kept, people: choices })?;
    Ok((code, body).into_response())
}

/// Two people may have one name; nobody shares a sign-in name.
fn name(person: &Person) -> String {
    format!("{} ({})", person.name, person.login)
}

/// `POST /recordings/{id}/keep-away`: `person`.
pub(crate) async fn keep(visit: Visit, Path(id): Path<RecordingId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<Block>(id).await?;
    let owner = work.owner_of(&permit).await?.ok_or(WebError::NotFound)?;
    let person = match fields.get("person").parse() {
        Ok(person) => work.person(person).await?,
        Err(_) => None,
    };
    let problem = match &person {
        None => Some("Choose a person".to_owned()),
        Some(person) => may_keep_away(permit.cx().hat, person.id == owner, &person.roles)
            .err()
            .map(|error| error.to_string()),
    };
    if let Some(problem) = problem {
        return view(&visit, work, &permit, vec![FieldError::new("person", problem)]).await;
    }
    if let Some(person) = person {
        work.keep_away(&permit, person.id).await?;
    }
    work.commit().await?;
    Ok(Said::KeptAway.at(&format!("/recordings/{id}/keep-away")))
}

/// `POST /recordings/{id}/keep-away/remove`: `person`.
pub(crate) async fn let_back(visit: Visit, Path(id): Path<RecordingId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<Block>(id).await?;
    let person: UserId = fields.get("person").parse().map_err(|_| WebError::bad("unreadable"))?;
    let (me, hat) = (visit.user()?, permit.cx().hat);
    let kept = work.kept_away(&permit).await?;
    if kept.iter().any(|k| k.person == person && !may_let_back(hat, k.set_by == me)) {
        return Err(WebError::conflict(
            "the data protection officer decided this; please talk to them",
        ));
    }
    work.let_back(&permit, person).await?;
    work.commit().await?;
    Ok(Said::LetBack.at(&format!("/recordings/{id}/keep-away")))
}
