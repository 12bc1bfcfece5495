//! An invitation: somebody chooses their own passphrase, and nobody else ever knows it.

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::IntoResponse as _,
};
use hearback_access::{
    Cx, ObjectRef,
    audit::{Decision, event},
};
use hearback_domain::{Hat, UserId};
use hearback_storage::{Invitation, NewPerson, StoreError};

use crate::{
    Visit, WebError,
    account::begin_in_turn,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, html},
    password,
    session::{Cookie, Token},
    sign_in::note_about,
};

#[derive(Template)]
#[template(path = "invite.html")]
struct InvitePage {
    page: Page,
    /// Where the form goes: the address of this page.
    action: String,
    name: String,
    login: String,
    shortest: usize,
}

#[derive(Template)]
#[template(path = "invite_over.html")]
struct OverPage {
    page: Page,
}

fn over(visit: &Visit) -> Result {
    let body = html(&OverPage { page: visit.page("This link has had its day") })?;
    Ok((StatusCode::GONE, body).into_response())
}

/// `GET /invite/{token}`.
pub(crate) async fn show(visit: Visit, Path(token): Path<String>) -> Result {
    let Some(token) = Token::read(&token) else { return over(&visit) };
    let mut work = visit.app().store.begin().await?;
    match work.invitation(&token.hash(), visit.cx().now).await? {
        Some(invitation) => view(&visit, &invitation, &token, None),
        None => over(&visit),
    }
}

fn view(
    visit: &Visit,
    invitation: &Invitation,
    token: &Token,
    error: Option<(&str, String)>,
) -> Result {
    let mut page = visit.page("Welcome to Hearback");
    let code = if error.is_none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.errors.extend(error.map(|(field, text)| FieldError::new(field, text)));
    let body = html(&InvitePage {
        page,
        action: format!("/invite/{}", token.as_str()),
        name: invitation.name.clone(),
        login: invitation.login.to_string(),
        shortest: password::SHORTEST,
    })?;
    Ok((code, body).into_response())
}

/// `POST /invite/{token}`: `passphrase`.
pub(crate) async fn accept(visit: Visit, Path(token): Path<String>, fields: Fields) -> Result {
    let (app, cx) = (visit.app(), visit.cx());
    let Some(token) = Token::read(&token) else { return over(&visit) };
    // Looked at before the hashing, so that only who was invited makes the machine work.
    let invitation = app.store.begin().await?.invitation(&token.hash(), cx.now).await?;
    let Some(invitation) = invitation else { return over(&visit) };
    let passphrase = fields.get("passphrase");
    let words = [invitation.login.as_str(), &invitation.name];
    if let Err(error) = password::check(passphrase, &words) {
        return view(&visit, &invitation, &token, Some(("passphrase", error.to_string())));
    }
    let password_hash = password::hash_in_turn(passphrase.to_owned()).await?;
    let mut work = begin_in_turn(app).await?;
    let Some(guest) = work.take_invitation(&token.hash(), cx.now).await? else {
        return over(&visit);
    };
    let role = *guest.roles.first().ok_or(WebError::NotFound)?;
    let person = NewPerson {
        id: UserId::mint(&*app.ids),
        login: guest.login,
        name: guest.name,
        password_hash,
        roles: guest.roles,
        created_at: cx.now,
    };
    match work.add_person(&person).await {
        Err(StoreError::Conflict { .. }) => {
            drop(work);
            let text =
                "Somebody else has this sign-in name by now. Please ask for another invitation.";
            return view(&visit, &invitation, &token, Some(("passphrase", text.to_owned())));
        }
        other => other?,
    }
    let browser = Token::random()?;
    work.add_device(&browser.hash(), person.id, cx.now).await?;
    let joined = Cx { user: Some(person.id), hat: Hat::Person(role), ..cx };
    let about = ObjectRef::Person(person.id);
    note_about(&mut *work, joined, event::ACCEPT_INVITATION, about, Decision::Allowed).await?;
    for role in &person.roles {
        note_about(&mut *work, joined, event::give_role(*role), about, Decision::Allowed).await?;
    }
    work.commit().await?;
    let mut response = Said::Welcome.at("/sign-in");
    let cookie = browser.cookie(Cookie::Device, app.config.secure())?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}
