//! The second step of signing in: a code of an authenticator app, or a recovery code.
//!
//! The first was a passphrase, or signing in at an identity provider that asked for no more.

use askama::Template;
use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Redirect},
};
use hearback_access::audit::{Decision, event};
use hearback_domain::{Timestamp, UserId, policy::Refusal};
use hearback_storage::{CeremonyKind, ExternalIdentity, NewCeremony, Person, Shown};
use serde::{Deserialize, Serialize};

use crate::{
    App, Visit, WebError,
    account::{begin_in_turn, codes},
    error::{FieldError, Result},
    extract::Fields,
    local::safe_next,
    page::{Page, html},
    session::{Cookie, Token},
    sign_in::{begin_session_after, note, still_the_same, wait_sentence},
    tries::Counter,
};

/// For how long the second step may be made: five minutes.
const SECONDS: i64 = 5 * 60;

#[derive(Template)]
#[template(path = "second_step.html")]
struct SecondStepPage {
    page: Page,
    app: bool,
    passkeys: bool,
    next: String,
}

/// What the first step leaves for the second.
#[derive(Serialize, Deserialize)]
struct Left {
    next: String,
    provider: Option<AtProvider>,
}

/// Who somebody is at the identity provider where they made the first step, and in which session there.
#[derive(Serialize, Deserialize)]
pub(crate) struct AtProvider {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) sid: Option<String>,
}

/// The passphrase was right, `verified` being its hash: asks for the second step.
pub(crate) async fn begin(
    visit: &Visit,
    person: &Person,
    verified: Option<&str>,
    next: &str,
) -> Result {
    let mut response = Redirect::to("/sign-in/second").into_response();
    let left = Left { next: next.to_owned(), provider: None };
    begin_with(visit, person, verified, &left, response.headers_mut()).await?;
    Ok(response)
}

/// The same after the first step at a provider, into the headers of an answer of the caller's own that leads to
/// `/sign-in/second`.
pub(crate) async fn begin_in(
    visit: &Visit,
    person: &Person,
    next: &str,
    provider: Option<AtProvider>,
    headers: &mut HeaderMap,
) -> Result<()> {
    let left = Left { next: next.to_owned(), provider };
    begin_with(visit, person, None, &left, headers).await
}

async fn begin_with(
    visit: &Visit,
    person: &Person,
    verified: Option<&str>,
    left: &Left,
    headers: &mut HeaderMap,
) -> Result<()> {
    let (app, now) = (visit.app(), visit.cx().now);
    let token = Token::random()?;
    let mut work = begin_in_turn(app).await?;
    still_the_same(&mut *work, person, verified).await?;
    let ceremony = NewCeremony {
        token: token.hash(),
        kind: CeremonyKind::SecondStep,
        user: Some(person.id),
        state: serde_json::to_string(left).map_err(WebError::internal)?,
        expires_at: now.plus_seconds(SECONDS),
    };
    work.add_ceremony(&ceremony, now).await?;
    work.commit().await?;
    headers.append(header::SET_COOKIE, token.cookie(Cookie::Step, app.config.secure())?);
    Ok(())
}

async fn begun(visit: &Visit) -> Result<Option<(Person, Left)>> {
    let Some(token) = visit.step_token() else { return Ok(None) };
    let mut work = visit.app().store.begin().await?;
    let now = visit.cx().now;
    let Some(ceremony) = work.ceremony(&token, CeremonyKind::SecondStep, now).await? else {
        return Ok(None);
    };
    let Some(user) = ceremony.user else { return Ok(None) };
    let person = work.person(user).await?.filter(|person| !person.disabled);
    let left = serde_json::from_str(&ceremony.state).map_err(WebError::internal)?;
    Ok(person.map(|person| (person, left)))
}

/// `GET /sign-in/second`.
pub(crate) async fn show(visit: Visit) -> Result {
    view(&visit, None).await
}

async fn view(visit: &Visit, error: Option<&str>) -> Result {
    let Some((person, left)) = begun(visit).await? else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    let steps = visit.app().store.begin().await?.second_steps(person.id).await?;
    let mut page = visit.page("Your second step");
    page.errors.extend(error.map(|text| FieldError::new("code", text)));
    let code = if error.is_none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (app, passkeys) = (steps.app(), !steps.passkeys.is_empty());
    let body = html(&SecondStepPage { page, app, passkeys, next: left.next })?;
    Ok((code, body).into_response())
}

/// `POST /sign-in/second`: `code`.
pub(crate) async fn finish(visit: Visit, fields: Fields) -> Result {
    let (app, cx) = (visit.app(), visit.cx());
    let (Some((person, left)), Some(token)) = (begun(&visit).await?, visit.step_token()) else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    let counter = Counter::of(&visit, &person.login, Some(person.id)).await?.of_second_step();
    if let Some(wait) = counter.count(app, cx.now).await? {
        return view(&visit, Some(&wait_sentence(wait))).await;
    }
    if !take_code(app, person.id, fields.get("code"), cx.now).await? {
        let mut work = app.store.begin().await?;
        let refused = Decision::Refused(Refusal::Absent);
        note(&mut *work, cx, event::SIGN_IN_REFUSED, refused).await?;
        work.commit().await?;
        return view(
            &visit,
            Some("That code does not fit, or it was used already. Wait for the next one and try again."),
        )
        .await;
    }
    let mut work = app.store.begin().await?;
    if work.take_ceremony(&token, CeremonyKind::SecondStep, cx.now).await?.is_none() {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    // It is the one that was given: with another one, what was begun would have ended.
    let verified = work.passphrase_of(person.id).await?;
    counter.clear(&mut *work).await?;
    work.commit().await?;
    let mut response = Redirect::to(safe_next(&left.next)).into_response();
    let headers = response.headers_mut();
    let (shown, verified) = (Shown::TwoSteps, verified.as_deref());
    let session = begin_session_after(&visit, &person, verified, shown, headers).await?;
    if let Some(AtProvider { issuer, subject, sid }) = left.provider {
        let identity = ExternalIdentity { issuer, subject };
        let mut work = app.store.begin().await?;
        work.mark_external_session(&session, &identity, sid.as_deref()).await?;
        work.commit().await?;
    }
    let gone = Cookie::Step.taken_back(app.config.secure())?;
    response.headers_mut().append(header::SET_COOKIE, gone);
    Ok(response)
}

/// Takes a code of a person's app, or one of their recovery codes. Of the same code at the same moment, one is taken.
pub(crate) async fn take_code(
    app: &App,
    user: UserId,
    typed: &str,
    now: Timestamp,
) -> Result<bool> {
    if let Some(recovery) = codes::recovery(typed) {
        let mut work = app.store.begin().await?;
        let taken = work.use_recovery_code(user, &recovery, now).await?;
        work.commit().await?;
        return Ok(taken);
    }
    let steps = app.store.begin().await?.second_steps(user).await?;
    let Some(totp) = steps.totp.filter(|totp| totp.confirmed) else { return Ok(false) };
    let secret = codes::open(app, user, totp.secret).await?;
    let Some(step) = codes::step_of(&secret, typed, now) else { return Ok(false) };
    let mut work = app.store.begin().await?;
    let taken = work.use_totp(user, step).await?;
    work.commit().await?;
    Ok(taken)
}
