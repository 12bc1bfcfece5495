//! A person's own account: how they sign in, their second steps, where they are signed in.

pub(crate) mod codes;
mod passphrase;
mod sessions;
mod steps;

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::audit::Decision;
use hearback_domain::{PasskeyId, SessionId};
use hearback_storage::{OwnSession, Passkey, Shown, Work};

pub(crate) use self::{
    passphrase::change as change_passphrase,
    sessions::{end_one, end_others},
    steps::{begin_app, confirm_app, new_codes, remove_app, remove_passkey, show_app},
};
use crate::{
    App, Visit,
    error::{FieldError, Result},
    oidc::{disconnect::Line, link::has_passphrase},
    page::{Page, day, day_and_time, html},
    password,
    sign_in::note,
};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    page: Page,
    name: String,
    login: String,
    /// They showed who they are just now: what is here can be changed.
    fresh: bool,
    /// A second step is asked of them, and they have none.
    asked: bool,
    app: bool,
    recovery_codes: u32,
    passkeys: Vec<PasskeyLine>,
    /// Who they are elsewhere.
    connected: Vec<Line>,
    sessions: Vec<SessionLine>,
    shortest: usize,
}

struct PasskeyLine {
    id: PasskeyId,
    name: String,
    since: String,
    used: String,
}

struct SessionLine {
    id: SessionId,
    device: String,
    role: &'static str,
    shown: &'static str,
    since: String,
    last: String,
    here: bool,
}

/// `GET /account`.
pub(crate) async fn show(visit: Visit) -> Result {
    view(&visit, Vec::new()).await
}

pub(crate) async fn view(visit: &Visit, errors: Vec<FieldError>) -> Result {
    let (app, who, now) = (visit.app(), visit.signed_in()?, visit.cx().now);
    let mut work = app.store.begin().await?;
    let steps = work.second_steps(who.person.id).await?;
    let sessions = work.sessions_of(who.person.id, now, app.config.idle_since(now)).await?;
    let connected = work.identities(who.person.id).await?;
    let removable = who.is_fresh(now) && has_passphrase(&mut *work, who.person.id).await?;
    drop(work);
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("Your account");
    page.errors = errors;
    let body = html(&AccountPage {
        page,
        name: who.person.name.clone(),
        login: who.person.login.to_string(),
        fresh: who.is_fresh(now),
        asked: app.config.second_factor.is_asked_of(&who.person.roles) && !steps.any(),
        app: steps.app(),
        recovery_codes: steps.recovery_codes,
        passkeys: steps.passkeys.iter().map(passkey_line).collect(),
        connected: connected.into_iter().map(|known| Line::of(known, removable)).collect(),
        sessions: sessions.iter().map(|s| session_line(s, who.session)).collect(),
        shortest: password::SHORTEST,
    })?;
    Ok((code, body).into_response())
}

fn passkey_line(passkey: &Passkey) -> PasskeyLine {
    PasskeyLine {
        id: passkey.id,
        name: passkey.name.clone(),
        since: day(passkey.created_at),
        used: passkey.last_used_at.map_or_else(|| "not yet".to_owned(), day_and_time),
    }
}

fn session_line(session: &OwnSession, here: SessionId) -> SessionLine {
    SessionLine {
        id: session.id,
        device: session.device.clone(),
        role: session.role.title(),
        shown: match session.shown {
            Shown::Passphrase => "with a passphrase",
            Shown::TwoSteps => "with a passphrase and a second step",
            Shown::Passkey => "with a passkey",
            Shown::SingleSignOn => "at your organisation’s sign-in",
            Shown::SingleSignOnTwoSteps => "at your organisation’s sign-in, in two steps",
        },
        since: day_and_time(session.created_at),
        last: day_and_time(session.last_seen_at),
        here: session.id == here,
    }
}

/// Begins a unit that writes to the log in the end. It takes its turn there first, as every permit does: two units
/// that change the same person and wait for each other's turn would wait for ever.
pub(crate) async fn begin_in_turn(app: &App) -> Result<Box<dyn Work>> {
    let mut work = app.store.begin().await?;
    work.gate().take_turn().await?;
    Ok(work)
}

/// Something about how this person signs in has changed: it is noted, and whoever else is signed in as them is not
/// any more.
pub(crate) async fn changed(visit: &Visit, work: &mut dyn Work, what: &'static str) -> Result<()> {
    let who = visit.signed_in()?;
    work.end_sessions(who.person.id, Some(&who.token)).await?;
    note(work, visit.cx(), what, Decision::Allowed).await
}
