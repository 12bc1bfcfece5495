//! Signing in, signing out, changing hats.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use hearback_access::{
    Cx, ObjectRef,
    audit::{Decision, NewEntry, event},
};
use hearback_domain::{Hat, Login, Role, SessionId, policy::Refusal};
use hearback_storage::{NewSession, Person, Shown, TokenHash, Work};

use crate::{
    App, Config, Visit, WebError,
    account::begin_in_turn,
    error::{FieldError, Result},
    extract::Fields,
    local::safe_next,
    oidc::Offer,
    page::{Page, Said, html},
    password, second_step,
    session::{Cookie, Token},
    throttle::in_words,
    tries::Counter,
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    page: Page,
    login: String,
    next: String,
    sso: Option<Offer>,
}

/// What became of a try.
enum Try {
    /// That is them; by this their tries are counted; this is the hash of what they gave.
    Right(Box<Person>, Counter, Option<String>),
    No,
    Wait(i64),
}

/// `GET /sign-in`.
pub(crate) async fn show(visit: Visit) -> Result {
    if visit.who().is_some() {
        return Ok(Redirect::to("/").into_response());
    }
    html(&SignInPage {
        page: visit.page("Sign in"),
        login: String::new(),
        next: next_of(&visit),
        sso: Offer::of(visit.app()),
    })
}

/// Where the address says to go on to.
pub(crate) fn next_of(visit: &Visit) -> String {
    let query = visit.query().unwrap_or_default();
    let next = query.split('&').find_map(|pair| pair.strip_prefix("next=")).unwrap_or_default();
    decode(next)
}

/// `POST /sign-in`: `login`, `passphrase`, `next`.
pub(crate) async fn sign_in(visit: Visit, fields: Fields) -> Result {
    let (login, passphrase) = (fields.get("login"), fields.get("passphrase"));
    let next = safe_next(fields.get("next"));
    match attempt(&visit, login, passphrase).await? {
        Try::Right(person, counter, hash) => {
            let mut work = visit.app().store.begin().await?;
            let more = work.second_steps(person.id).await?.any();
            counter.clear(&mut *work).await?;
            work.commit().await?;
            if more {
                return second_step::begin(&visit, &person, hash.as_deref(), next).await;
            }
            let mut response = Redirect::to(next).into_response();
            let (shown, headers) = (Shown::Passphrase, response.headers_mut());
            begin_session_after(&visit, &person, hash.as_deref(), shown, headers).await?;
            Ok(response)
        }
        Try::No => again(
            &visit,
            &fields,
            "That sign-in name and passphrase do not go together. Please try again.",
        ),
        Try::Wait(seconds) => again(&visit, &fields, &wait_sentence(seconds)),
    }
}

/// What to say to somebody who tried too often.
pub(crate) fn wait_sentence(seconds: i64) -> String {
    format!("That was a few tries in a row. Please wait {}, then try again.", in_words(seconds))
}

/// Each try counts as a failure until it has worked: tries that are made at the same time all count.
async fn attempt(visit: &Visit, login: &str, passphrase: &str) -> Result<Try> {
    let (app, cx) = (visit.app(), visit.cx());
    let login = Login::new(login).ok();
    let (mut known, mut counter) = (None, None);
    if let Some(login) = &login {
        let mut work = app.store.begin().await?;
        known = work.person_by_login(login).await?;
        drop(work);
        let user = known.as_ref().map(|(person, _)| person.id);
        counter = Some(Counter::of(visit, login, user).await?);
    }
    // Before the try is counted: being asked to come again is no failure.
    let place = password::place(counter.as_ref().is_some_and(Counter::is_known))?;
    if let Some(counter) = &counter
        && let Some(wait) = counter.count(app, cx.now).await?
    {
        return Ok(Try::Wait(wait));
    }
    let (person, hash) = known.unzip();
    let right = password::verify_in_turn(place, passphrase.to_owned(), hash.clone()).await?;
    match (person, counter) {
        (Some(person), Some(counter)) if right && !person.disabled => {
            Ok(Try::Right(Box::new(person), counter, hash))
        }
        _ => {
            let refused = Decision::Refused(Refusal::Absent);
            let mut work = app.store.begin().await?;
            note(&mut *work, cx, event::SIGN_IN_REFUSED, refused).await?;
            work.commit().await?;
            Ok(Try::No)
        }
    }
}

/// The most sessions that somebody has at once. The oldest ends when there would be more.
const MOST_SESSIONS: u32 = 3;

/// Whether somebody is still let in, and with the passphrase that was `verified`, if one was. Since then, somebody may
/// have decided otherwise.
pub(crate) async fn still_the_same(
    work: &mut dyn Work,
    person: &Person,
    verified: Option<&str>,
) -> Result<()> {
    if work.person(person.id).await?.is_none_or(|now| now.disabled) {
        return Err(WebError::NotFound);
    }
    if verified.is_some() && work.passphrase_of(person.id).await?.as_deref() != verified {
        return Err(WebError::SignedOut);
    }
    Ok(())
}

/// Begins a session for somebody who has shown who they are in another way than by passphrase.
pub(crate) async fn begin_session_in(
    visit: &Visit,
    person: &Person,
    shown: Shown,
    headers: &mut HeaderMap,
) -> Result<TokenHash> {
    begin_session_after(visit, person, None, shown, headers).await
}

/// Begins a session for somebody who has shown who they are, by the passphrase of the hash `verified` if by any. The
/// cookies go into the headers of the answer; what comes back is the hash of the session's token. The token is new:
/// what a browser brought along before is worth nothing afterwards.
pub(crate) async fn begin_session_after(
    visit: &Visit,
    person: &Person,
    verified: Option<&str>,
    shown: Shown,
    headers: &mut HeaderMap,
) -> Result<TokenHash> {
    let (app, cx, secure) = (visit.app(), visit.cx(), visit.app().config.secure());
    let role = *person.roles.first().ok_or(WebError::NotFound)?;
    let token = Token::random()?;
    let mut work = begin_in_turn(app).await?;
    still_the_same(&mut *work, person, verified).await?;
    if let Some(before) = visit.who() {
        work.remove_session(&before.token).await?;
    }
    work.add_session(&NewSession {
        token: token.hash(),
        id: SessionId::mint(&*app.ids),
        user: person.id,
        role,
        created_at: cx.now,
        expires_at: app.config.session_end(cx.now),
        elevated_until: Some(Config::elevation_end(cx.now)),
        shown,
        device: visit.device(),
    })
    .await?;
    work.keep_newest_sessions(person.id, &token.hash(), MOST_SESSIONS).await?;
    let known = match visit.device_token() {
        Some(device) => work.device(&device, cx.now).await?.is_some_and(|d| d.user == person.id),
        None => false,
    };
    let mut device = None;
    if !known {
        let new = Token::random()?;
        work.add_device(&new.hash(), person.id, cx.now).await?;
        device = Some(new);
    }
    work.forget_limits(cx.now).await?;
    note(&mut *work, Cx::person(person.id, role, cx.now), event::SIGN_IN, Decision::Allowed)
        .await?;
    work.commit().await?;
    headers.append(header::SET_COOKIE, token.cookie(Cookie::Session, secure)?);
    if let Some(device) = device {
        headers.append(header::SET_COOKIE, device.cookie(Cookie::Device, secure)?);
    }
    Ok(token.hash())
}

fn again(visit: &Visit, fields: &Fields, text: &str) -> Result {
    let mut page = visit.page("Sign in");
    page.errors.push(FieldError::new("login", text));
    let next = safe_next(fields.get("next")).to_owned();
    let login = fields.get("login").chars().take(100).collect();
    let sso = Offer::of(visit.app());
    let body = html(&SignInPage { page, login, next, sso })?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response())
}

/// `POST /sign-out`. Also asks the browser to forget what it keeps of us.
pub(crate) async fn sign_out(visit: Visit, State(app): State<App>) -> Result {
    let mut work = begin_in_turn(&app).await?;
    work.remove_session(&visit.signed_in()?.token).await?;
    note(&mut *work, visit.cx(), event::SIGN_OUT, Decision::Allowed).await?;
    work.commit().await?;
    let mut response: Response = Said::SignedOut.at("/sign-in");
    let headers = response.headers_mut();
    let secure = app.config.secure();
    headers.append(header::SET_COOKIE, Cookie::Session.taken_back(secure)?);
    headers.append(header::SET_COOKIE, Cookie::Step.taken_back(secure)?);
    headers.insert(
        HeaderName::from_static("clear-site-data"),
        // The cookies are taken back one by one: that this browser is known outlasts the session.
        HeaderValue::from_static("\"cache\", \"storage\""),
    );
    Ok(response)
}

/// `POST /hat`: `hat`, one of the person's own roles.
pub(crate) async fn change_hat(visit: Visit, State(app): State<App>, fields: Fields) -> Result {
    let who = visit.signed_in()?;
    let role: Role = fields.get("hat").parse().map_err(|_| WebError::NotFound)?;
    if !who.person.roles.contains(&role) {
        return Err(WebError::NotFound);
    }
    let mut work = begin_in_turn(&app).await?;
    work.set_session_role(&who.token, role).await?;
    let cx = Cx { hat: Hat::Person(role), ..visit.cx() };
    note(&mut *work, cx, event::CHANGE_HAT, Decision::Allowed).await?;
    work.commit().await?;
    Ok(Redirect::to("/").into_response())
}

/// Writes to the log what somebody did without a permit.
pub(crate) async fn note(
    work: &mut dyn Work,
    cx: Cx,
    action: &'static str,
    decision: Decision,
) -> Result<()> {
    note_about(work, cx, action, ObjectRef::Installation, decision).await
}

/// The same, about an object.
pub(crate) async fn note_about(
    work: &mut dyn Work,
    cx: Cx,
    action: &'static str,
    object: ObjectRef,
    decision: Decision,
) -> Result<()> {
    let entry = NewEntry {
        at: cx.now,
        actor: cx.user,
        hat: cx.hat,
        action,
        object,
        recording: None,
        decision,
    };
    work.gate().append_audit(&entry).await?;
    Ok(())
}

/// A percent-encoded query value; only what survives [`safe_next`] matters, so nothing else is decoded with care.
fn decode(value: &str) -> String {
    let mut bytes = value.bytes();
    let mut out = Vec::with_capacity(value.len());
    while let Some(byte) = bytes.next() {
        let mut digit = || bytes.next().and_then(|b| char::from(b).to_digit(16));
        match byte {
            b'%' => match (digit(), digit()) {
                (Some(high), Some(low)) => out.extend(u8::try_from(high * 16 + low)),
                _ => return "/".to_owned(),
            },
            other => out.push(other),
        }
    }
    let text = String::from_utf8(out).unwrap_or_default();
    safe_next(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::decode;
    use crate::local::encode;

    #[test]
    fn an_address_survives_the_way_through_the_sign_in_page() {
        let here = "/recordings/0b/code?x=1&y=2";
        assert_eq!(decode(&encode(here)), here);
        assert_eq!(decode("%2F%2Fevil.example"), "/");
        assert_eq!(decode("/%"), "/");
    }
}
