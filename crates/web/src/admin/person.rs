//! One person with an account: what they may be, and whether they are let in.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hearback_access::{ManagePeople, audit::event};
use hearback_domain::UserId;
use hearback_storage::Person;

use super::people::{RoleChoice, choices, note_person, roles_in};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, day, html},
};

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    page: Page,
    id: UserId,
    name: String,
    login: String,
    since: String,
    disabled: bool,
    /// This is the administrator's own account.
    own: bool,
    second_step: bool,
    sessions: usize,
    roles: Vec<RoleChoice>,
}

/// `GET /admin/people/{person}`.
pub(crate) async fn show(visit: Visit, Path(id): Path<UserId>) -> Result {
    view(&visit, id, Vec::new()).await
}

async fn view(visit: &Visit, id: UserId, errors: Vec<FieldError>) -> Result {
    let (mut work, permit) = visit.permit::<ManagePeople>(()).await?;
    let (app, now) = (visit.app(), permit.cx().now);
    let person = work.person(id).await?;
    let steps = work.second_steps(id).await?;
    let sessions = work.sessions_of(id, now, app.config.idle_since(now)).await?;
    work.commit().await?;
    let person = person.ok_or(WebError::NotFound)?;
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page(person.name.clone());
    page.errors = errors;
    let body = html(&PersonPage {
        page,
        id,
        login: person.login.to_string(),
        since: day(person.created_at),
        disabled: person.disabled,
        own: visit.user()? == id,
        second_step: steps.any(),
        sessions: sessions.len(),
        roles: choices(|role| person.roles.contains(&role)),
        name: person.name,
    })?;
    Ok((code, body).into_response())
}

fn at(id: UserId, said: Said) -> Response {
    said.at(&format!("/admin/people/{id}"))
}

/// An administrator cannot lock themselves out, by accident or otherwise: somebody else does that.
fn somebody_else(visit: &Visit, person: &Person) -> Result<(), WebError> {
    if visit.user()? == person.id {
        return Err(WebError::conflict(
            "this is your own account; another administrator can change that",
        ));
    }
    Ok(())
}

/// `POST /admin/people/{person}/roles`: `roles` (several).
pub(crate) async fn set_roles(visit: Visit, Path(id): Path<UserId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<ManagePeople>(()).await?;
    let person = work.person(id).await?.ok_or(WebError::NotFound)?;
    somebody_else(&visit, &person)?;
    let roles = match roles_in(&fields) {
        Ok(roles) => roles,
        Err(error) => {
            drop(work);
            return view(&visit, id, vec![error]).await;
        }
    };
    work.set_roles(id, &roles).await?;
    // Whoever is something else now may no longer be what they were to somebody (K-17).
    work.end_conflicts(permit.cx().now).await?;
    for role in roles.iter().filter(|role| !person.roles.contains(role)) {
        note_person(&mut *work, permit.cx(), event::give_role(*role), id).await?;
    }
    for role in person.roles.iter().filter(|role| !roles.contains(role)) {
        note_person(&mut *work, permit.cx(), event::take_role(*role), id).await?;
    }
    work.commit().await?;
    Ok(at(id, Said::RolesChanged))
}

/// `POST /admin/people/{person}/disable`.
pub(crate) async fn disable(visit: Visit, Path(id): Path<UserId>) -> Result {
    let (mut work, permit) = visit.permit::<ManagePeople>(()).await?;
    let person = work.person(id).await?.ok_or(WebError::NotFound)?;
    somebody_else(&visit, &person)?;
    work.set_disabled(id, Some(permit.cx().now)).await?;
    note_person(&mut *work, permit.cx(), event::DISABLE_PERSON, id).await?;
    work.commit().await?;
    Ok(at(id, Said::PersonDisabled))
}

/// `POST /admin/people/{person}/enable`.
pub(crate) async fn enable(visit: Visit, Path(id): Path<UserId>) -> Result {
    let (mut work, permit) = visit.permit::<ManagePeople>(()).await?;
    work.person(id).await?.ok_or(WebError::NotFound)?;
    work.set_disabled(id, None).await?;
    note_person(&mut *work, permit.cx(), event::ENABLE_PERSON, id).await?;
    work.commit().await?;
    Ok(at(id, Said::PersonEnabled))
}

/// `POST /admin/people/{person}/end-sessions`.
pub(crate) async fn end_sessions(visit: Visit, Path(id): Path<UserId>) -> Result {
    let (mut work, permit) = visit.permit::<ManagePeople>(()).await?;
    work.person(id).await?.ok_or(WebError::NotFound)?;
    work.end_sessions(id, None).await?;
    note_person(&mut *work, permit.cx(), event::END_THEIR_SESSIONS, id).await?;
    work.commit().await?;
    Ok(at(id, Said::SessionsEnded))
}

/// `POST /admin/people/{person}/reset-second-steps`: for somebody who lost their phone and their recovery codes. Their
/// passphrase is still asked for. Who they are at an identity provider is forgotten too: whoever found the phone may
/// have tied theirs.
pub(crate) async fn reset_second_steps(visit: Visit, Path(id): Path<UserId>) -> Result {
    let (mut work, permit) = visit.permit::<ManagePeople>(()).await?;
    let person = work.person(id).await?.ok_or(WebError::NotFound)?;
    somebody_else(&visit, &person)?;
    let steps = work.second_steps(id).await?;
    work.remove_totp(id).await?;
    for passkey in steps.passkeys {
        work.remove_passkey(id, passkey.id).await?;
    }
    work.set_recovery_codes(id, &[]).await?;
    for known in work.identities(id).await? {
        work.disconnect(id, &known.identity.issuer).await?;
    }
    work.end_sessions(id, None).await?;
    note_person(&mut *work, permit.cx(), event::RESET_SECOND_STEPS, id).await?;
    work.commit().await?;
    Ok(at(id, Said::FactorRemoved))
}
