//! The second step of signing in: a code of an authenticator app, or a recovery code.

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse as _, Redirect},
};
use hearback_access::audit::{Decision, event};
use hearback_domain::{Timestamp, UserId, policy::Refusal};
use hearback_storage::{Ceremony, CeremonyKind, NewCeremony, Person, Shown};

use crate::{
    App, Visit,
    account::codes,
    error::{FieldError, Result},
    extract::Fields,
    local::safe_next,
    page::{Page, html},
    session::{Cookie, Token},
    sign_in::{begin_session_in, note, wait_sentence},
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

/// The passphrase was right: asks for the second step.
pub(crate) async fn begin(visit: &Visit, person: &Person, next: &str) -> Result {
    let (app, now) = (visit.app(), visit.cx().now);
    let token = Token::random()?;
    let mut work = app.store.begin().await?;
    let ceremony = NewCeremony {
        token: token.hash(),
        kind: CeremonyKind::SecondStep,
        user: Some(person.id),
        state: next.to_owned(),
        expires_at: now.plus_seconds(SECONDS),
    };
    work.add_ceremony(&ceremony, now).await?;
    work.commit().await?;
    let mut response = Redirect::to("/sign-in/second").into_response();
    let cookie = token.cookie(Cookie::Step, app.config.secure())?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

async fn begun(visit: &Visit) -> Result<Option<(Person, Ceremony)>> {
    let Some(token) = visit.step_token() else { return Ok(None) };
    let mut work = visit.app().store.begin().await?;
    let now = visit.cx().now;
    let Some(ceremony) = work.ceremony(&token, CeremonyKind::SecondStep, now).await? else {
        return Ok(None);
    };
    let Some(user) = ceremony.user else { return Ok(None) };
    let person = work.person(user).await?.filter(|person| !person.disabled);
    Ok(person.map(|person| (person, ceremony)))
}

/// `GET /sign-in/second`.
pub(crate) async fn show(visit: Visit) -> Result {
    view(&visit, None).await
}

async fn view(visit: &Visit, error: Option<&str>) -> Result {
    let Some((person, ceremony)) = begun(visit).await? else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    let steps = visit.app().store.begin().await?.second_steps(person.id).await?;
    let mut page = visit.page("Your second step");
    page.errors.extend(error.map(|text| FieldError::new("code", text)));
    let code = if error.is_none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (app, passkeys) = (steps.app(), !steps.passkeys.is_empty());
    let body = html(&SecondStepPage { page, app, passkeys, next: ceremony.state })?;
    Ok((code, body).into_response())
}

/// `POST /sign-in/second`: `code`.
pub(crate) async fn finish(visit: Visit, fields: Fields) -> Result {
    let (app, cx) = (visit.app(), visit.cx());
    let (Some((person, _)), Some(token)) = (begun(&visit).await?, visit.step_token()) else {
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
    let Some(ceremony) = work.take_ceremony(&token, CeremonyKind::SecondStep, cx.now).await? else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    counter.clear(&mut *work).await?;
    work.commit().await?;
    let mut response = Redirect::to(safe_next(&ceremony.state)).into_response();
    begin_session_in(&visit, &person, Shown::TwoSteps, response.headers_mut()).await?;
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
