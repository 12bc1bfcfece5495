//! Signing in, signing out, changing hats.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use hearback_access::{
    Cx, ObjectRef,
    audit::{Decision, NewEntry, event},
};
use hearback_domain::{Hat, Login, Role, policy::Refusal};
use hearback_storage::{NewSession, Person, Work};

use crate::{
    App, Visit, WebError,
    error::{FieldError, Result},
    extract::Fields,
    local::safe_next,
    page::{Page, Said, html},
    password,
    session::{Token, no_cookie},
    throttle::{in_words, seconds_left},
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    page: Page,
    login: String,
    next: String,
}

/// What became of a try.
enum Try {
    In(Box<Person>),
    No,
    Wait(i64),
}

/// `GET /sign-in`.
pub(crate) async fn show(visit: Visit) -> Result {
    if visit.who().is_some() {
        return Ok(Redirect::to("/").into_response());
    }
    let query = visit.query().unwrap_or_default();
    let next = query.split('&').find_map(|pair| pair.strip_prefix("next=")).unwrap_or_default();
    html(&SignInPage { page: visit.page("Sign in"), login: String::new(), next: decode(next) })
}

/// `POST /sign-in`: `login`, `passphrase`, `next`.
pub(crate) async fn sign_in(visit: Visit, State(app): State<App>, fields: Fields) -> Result {
    let (login, passphrase) = (fields.get("login"), fields.get("passphrase"));
    match attempt(&app, visit.cx(), login, passphrase).await? {
        Try::In(person) => begin(&visit, &person, safe_next(fields.get("next"))).await,
        Try::No => again(
            &visit,
            &fields,
            "That sign-in name and passphrase do not go together. Please try again.",
        ),
        Try::Wait(seconds) => {
            let text = format!(
                "That was a few tries in a row. Please wait {}, then try again.",
                in_words(seconds)
            );
            again(&visit, &fields, &text)
        }
    }
}

/// Each try counts as a failure until it has worked: tries that are made at the same time all count.
async fn attempt(app: &App, cx: Cx, login: &str, passphrase: &str) -> Result<Try> {
    // Before the try is counted: being asked to come again is no failure.
    let place = password::place()?;
    let login = Login::new(login).ok();
    let mut known = None;
    if let Some(login) = &login {
        let mut work = app.store.begin().await?;
        if let Some(wait) = seconds_left(work.sign_in_failures(login).await?, cx.now) {
            return Ok(Try::Wait(wait));
        }
        work.add_sign_in_failure(login, cx.now).await?;
        known = work.person_by_login(login).await?;
        work.commit().await?;
    }
    let (person, hash) = known.unzip();
    let right = password::verify_in_turn(place, passphrase.to_owned(), hash).await?;
    let mut work = app.store.begin().await?;
    let outcome = match (person, &login) {
        (Some(person), Some(login)) if right => {
            work.clear_sign_in_failures(login).await?;
            Try::In(Box::new(person))
        }
        _ => {
            let refused = Decision::Refused(Refusal::Absent);
            note(&mut *work, cx, event::SIGN_IN_REFUSED, refused).await?;
            Try::No
        }
    };
    work.commit().await?;
    Ok(outcome)
}

/// Begins a session with a token of its own.
async fn begin(visit: &Visit, person: &Person, next: &str) -> Result {
    let (app, cx) = (visit.app(), visit.cx());
    let role = *person.roles.first().ok_or(WebError::NotFound)?;
    let token = Token::random()?;
    let mut work = app.store.begin().await?;
    if let Some(before) = visit.who() {
        work.remove_session(&before.token).await?;
    }
    work.add_session(&NewSession {
        token: token.hash(),
        user: person.id,
        role,
        created_at: cx.now,
        expires_at: app.config.session_end(cx.now),
    })
    .await?;
    note(&mut *work, Cx::person(person.id, role, cx.now), event::SIGN_IN, Decision::Allowed)
        .await?;
    work.commit().await?;
    let mut response = Redirect::to(next).into_response();
    response.headers_mut().insert(header::SET_COOKIE, token.cookie(app.config.secure())?);
    Ok(response)
}

fn again(visit: &Visit, fields: &Fields, text: &str) -> Result {
    let mut page = visit.page("Sign in");
    page.errors.push(FieldError::new("login", text));
    let next = safe_next(fields.get("next")).to_owned();
    let login = fields.get("login").chars().take(100).collect();
    let body = html(&SignInPage { page, login, next })?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response())
}

/// `POST /sign-out`. Also asks the browser to forget what it keeps of us.
pub(crate) async fn sign_out(visit: Visit, State(app): State<App>) -> Result {
    let mut work = app.store.begin().await?;
    work.remove_session(&visit.signed_in()?.token).await?;
    note(&mut *work, visit.cx(), event::SIGN_OUT, Decision::Allowed).await?;
    work.commit().await?;
    let mut response: Response = Said::SignedOut.at("/sign-in");
    let headers = response.headers_mut();
    headers.insert(header::SET_COOKIE, no_cookie(app.config.secure())?);
    headers.insert(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"cache\", \"cookies\", \"storage\""),
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
    let mut work = app.store.begin().await?;
    work.set_session_role(&who.token, role).await?;
    let cx = Cx { hat: Hat::Person(role), ..visit.cx() };
    note(&mut *work, cx, event::CHANGE_HAT, Decision::Allowed).await?;
    work.commit().await?;
    Ok(Redirect::to("/").into_response())
}

async fn note(work: &mut dyn Work, cx: Cx, action: &'static str, decision: Decision) -> Result<()> {
    let entry = NewEntry {
        at: cx.now,
        actor: cx.user,
        hat: cx.hat,
        action,
        object: ObjectRef::Installation,
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
