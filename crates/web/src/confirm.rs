//! Showing anew who one is, before something that matters. It counts for ten minutes.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect},
};
use hearback_access::audit::{Decision, event};
use hearback_domain::policy::Refusal;
use hearback_storage::{CeremonyKind, NewCeremony, Shown};

use crate::{
    Config, Visit, WebError,
    account::begin_in_turn,
    error::{FieldError, Result},
    extract::Fields,
    local::safe_next,
    page::{Page, Said, html},
    password,
    second_step::take_code,
    session::Token,
    sign_in::{next_of, note, wait_sentence},
    tries::Counter,
    visit::SignedIn,
};

/// For how long the page may be answered.
const SECONDS: i64 = 10 * 60;

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    page: Page,
    next: String,
    /// The page may be answered once.
    once: String,
    /// A code is asked for too.
    code: bool,
    passkeys: bool,
}

/// `GET /confirm?next=…`.
pub(crate) async fn show(visit: Visit) -> Result {
    let next = next_of(&visit);
    let who = visit.signed_in()?;
    // They have shown what they can: what is missing is a second step.
    if lacks_second_step(&visit, who) && who.is_fresh(visit.cx().now) && next != "/account" {
        return Ok(Said::SecondStepAsked.at("/account"));
    }
    view(&visit, next, None).await
}

fn lacks_second_step(visit: &Visit, who: &SignedIn) -> bool {
    visit.app().config.second_factor.is_asked_of(&who.person.roles)
        && !who.second_step
        && !who.shown.in_two_steps()
}

async fn view(visit: &Visit, next: String, error: Option<(&str, String)>) -> Result {
    let (app, who, now) = (visit.app(), visit.signed_in()?, visit.cx().now);
    let once = Token::random()?;
    let mut work = app.store.begin().await?;
    let steps = work.second_steps(who.person.id).await?;
    let ceremony = NewCeremony {
        token: once.hash(),
        kind: CeremonyKind::Confirm,
        user: Some(who.person.id),
        state: who.session.to_string(),
        expires_at: now.plus_seconds(SECONDS),
    };
    work.add_ceremony(&ceremony, now).await?;
    work.commit().await?;
    let mut page = visit.page("Confirm that it is you");
    let code = if error.is_none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.errors.extend(error.map(|(field, text)| FieldError::new(field, text)));
    let body = html(&ConfirmPage {
        page,
        next,
        once: once.as_str().to_owned(),
        code: steps.app(),
        passkeys: !steps.passkeys.is_empty(),
    })?;
    Ok((code, body).into_response())
}

/// `POST /confirm`: `once`, `passphrase`, `code`, `next`.
pub(crate) async fn confirm(visit: Visit, fields: Fields) -> Result {
    let (app, who, cx) = (visit.app(), visit.signed_in()?, visit.cx());
    let next = safe_next(fields.get("next")).to_owned();
    if !answers_our_page(&visit, who, fields.get("once")).await? {
        let text = "This page was answered already, or waited too long. Please try again.";
        return view(&visit, next, Some(("passphrase", text.to_owned()))).await;
    }
    let counter = Counter::of_confirming(who.person.id);
    let place = password::place(true)?;
    if let Some(wait) = counter.count(app, cx.now).await? {
        return view(&visit, next, Some(("passphrase", wait_sentence(wait)))).await;
    }
    let mut work = app.store.begin().await?;
    let hash = work.passphrase_of(who.person.id).await?;
    let steps = work.second_steps(who.person.id).await?;
    drop(work);
    if !password::verify_in_turn(place, fields.get("passphrase").to_owned(), hash).await? {
        refused(&visit).await?;
        let text = "That is not your passphrase. Please try again.".to_owned();
        return view(&visit, next, Some(("passphrase", text))).await;
    }
    if steps.any() && !take_code(app, who.person.id, fields.get("code"), cx.now).await? {
        refused(&visit).await?;
        let text = if steps.app() {
            "That code does not fit, or it was used already. Wait for the next one and try again."
        } else {
            "Please use your passkey, or one of your recovery codes."
        };
        return view(&visit, next, Some(("code", text.to_owned()))).await;
    }
    let shown = if steps.any() { Shown::TwoSteps } else { Shown::Passphrase };
    let mut work = begin_in_turn(app).await?;
    work.elevate_session(&who.token, Config::elevation_end(cx.now), shown).await?;
    counter.clear(&mut *work).await?;
    note(&mut *work, cx, event::CONFIRM, Decision::Allowed).await?;
    work.commit().await?;
    if !steps.any() && lacks_second_step(&visit, who) && next != "/account" {
        return Ok(Said::SecondStepAsked.at("/account"));
    }
    Ok(Redirect::to(&next).into_response())
}

/// Whether the answer is to a page that was shown in this session, and the first one: of many at once, one is.
async fn answers_our_page(visit: &Visit, who: &SignedIn, once: &str) -> Result<bool> {
    let Some(once) = Token::read(once) else { return Ok(false) };
    let mut work = visit.app().store.begin().await?;
    let now = visit.cx().now;
    let taken = work.take_ceremony(&once.hash(), CeremonyKind::Confirm, now).await?;
    work.commit().await?;
    Ok(taken.is_some_and(|c| c.user == Some(who.person.id) && c.state == who.session.to_string()))
}

async fn refused(visit: &Visit) -> Result<(), WebError> {
    let mut work = visit.app().store.begin().await?;
    let refused = Decision::Refused(Refusal::Strength);
    note(&mut *work, visit.cx(), event::CONFIRM, refused).await?;
    work.commit().await?;
    Ok(())
}
