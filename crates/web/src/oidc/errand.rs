//! What is done for whom the provider vouches for: signing in, tying an account, confirming.

use axum::http::header;
use hearback_access::{
    Cx, ObjectRef,
    audit::{Decision, event},
};
use hearback_domain::{Role, Timestamp, UserId, policy::Refusal};
use hearback_storage::{
    Attempt, Errand, ExternalIdentity, NewPerson, Person, Shown, StoreError, TokenHash, Work,
};

use super::{
    SingleSignOn, attempt, link,
    page::{Said, hop},
    roles,
    token::{SKEW_SECONDS, Vouched},
};
use crate::{
    App, Config, Visit, WebError,
    account::begin_in_turn,
    error::Result,
    password::NO_PASSPHRASE,
    second_step::{self, AtProvider},
    sign_in::{self, note, note_about},
};

/// Does what the browser set out for.
pub(super) async fn finish(
    visit: &Visit,
    sso: &SingleSignOn,
    attempt: Attempt,
    vouched: Vouched,
) -> Result {
    match attempt.errand {
        Errand::SignIn => {
            let mut work = begin_in_turn(visit.app()).await?;
            if let Some(person) = work.person_by_identity(&vouched.identity).await? {
                enter(visit, sso, work, person, &vouched, &attempt.next).await
            } else {
                drop(work);
                refused(visit.app(), visit.cx()).await?;
                Said::Unknown.page(visit)
            }
        }
        Errand::Link(link) => by_link(visit, sso, link, &vouched, &attempt.next).await,
        Errand::Invitation(token) => {
            by_invitation(visit, sso, token, &vouched, &attempt.next).await
        }
        Errand::Connect(session) => connected(visit, session, &vouched).await,
        Errand::Confirm(session) => confirmed(visit, session, &attempt, &vouched).await,
    }
}

/// An administrator's one-time link ties the account to whoever signs in with it.
async fn by_link(
    visit: &Visit,
    sso: &SingleSignOn,
    link: TokenHash,
    vouched: &Vouched,
    next: &str,
) -> Result {
    let now = visit.cx().now;
    let mut work = begin_in_turn(visit.app()).await?;
    let Some(user) = work.take_link(&link, &vouched.identity.issuer, now).await? else {
        return Said::LinkOver.page(visit);
    };
    if link::has_way_in(&mut *work, user).await? {
        return Said::HasWayIn.page(visit);
    }
    if !tie(&mut *work, user, vouched, now).await? {
        return Said::Taken.page(visit);
    }
    work.end_sessions(user, None).await?;
    let about = ObjectRef::Person(user);
    note_about(&mut *work, visit.cx(), event::CONNECT_IDENTITY, about, Decision::Allowed).await?;
    match work.person_by_identity(&vouched.identity).await? {
        Some(person) => enter(visit, sso, work, person, vouched, next).await,
        None => Said::Unknown.page(visit),
    }
}

/// An invitation makes the account, without a passphrase.
async fn by_invitation(
    visit: &Visit,
    sso: &SingleSignOn,
    token: TokenHash,
    vouched: &Vouched,
    next: &str,
) -> Result {
    let now = visit.cx().now;
    let mut work = begin_in_turn(visit.app()).await?;
    let Some(invitation) = work.take_invitation(&token, now).await? else {
        return Said::LinkOver.page(visit);
    };
    let person = NewPerson {
        id: UserId::mint(&*visit.app().ids),
        login: invitation.login,
        name: invitation.name,
        password_hash: NO_PASSPHRASE.to_owned(),
        roles: invitation.roles,
        created_at: now,
    };
    match work.add_person(&person).await {
        Err(StoreError::Conflict { .. }) => return Said::Taken.page(visit),
        other => other?,
    }
    if !tie(&mut *work, person.id, vouched, now).await? {
        return Said::Taken.page(visit);
    }
    let role = *person.roles.first().ok_or(WebError::NotFound)?;
    let joined = Cx::person(person.id, role, now);
    let about = ObjectRef::Person(person.id);
    note_about(&mut *work, joined, event::ACCEPT_INVITATION, about, Decision::Allowed).await?;
    for role in &person.roles {
        note_about(&mut *work, joined, event::give_role(*role), about, Decision::Allowed).await?;
    }
    match work.person_by_identity(&vouched.identity).await? {
        Some(person) => enter(visit, sso, work, person, vouched, next).await,
        None => Said::Unknown.page(visit),
    }
}

/// Ties an account to an identity; false if either is tied already.
async fn tie(work: &mut dyn Work, user: UserId, vouched: &Vouched, now: Timestamp) -> Result<bool> {
    match work.connect(user, &vouched.identity, now).await {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict { .. }) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

/// Begins a session, in which the person has the roles that the provider gives, if it does. Whoever has a second step
/// here makes it first, unless the provider saw to that.
async fn enter(
    visit: &Visit,
    sso: &SingleSignOn,
    mut work: Box<dyn Work>,
    mut person: Person,
    vouched: &Vouched,
    next: &str,
) -> Result {
    if let Some(given) = &vouched.roles {
        let Ok(roles) = roles::after(sso.settings(), &person.roles, given) else {
            // What was begun goes with `work`; what is left is that somebody was not let in.
            drop(work);
            let (cx, about) = (visit.cx(), ObjectRef::Person(person.id));
            let mut work = visit.app().store.begin().await?;
            let decision = Decision::Refused(Refusal::Role);
            note_about(&mut *work, cx, event::SIGN_IN_REFUSED, about, decision).await?;
            work.commit().await?;
            return Said::Clash.page(visit);
        };
        if roles != person.roles {
            set_roles(&mut *work, &person, &roles, visit.cx().now).await?;
            person.roles = roles;
        }
    }
    if person.roles.is_empty() {
        // What was taken away stays taken away.
        note(&mut *work, visit.cx(), event::SIGN_IN_REFUSED, Decision::Refused(Refusal::Absent))
            .await?;
        work.commit().await?;
        return Said::NoRole.page(visit);
    }
    let asks = !vouched.two_steps && work.second_steps(person.id).await?.any();
    work.commit().await?;
    let gone = attempt::no_cookie(visit.app().config.secure())?;
    if asks {
        let ExternalIdentity { issuer, subject } = vouched.identity.clone();
        let provider = AtProvider { issuer, subject, sid: vouched.sid.clone() };
        let mut response = hop(visit, "Your second step", "/sign-in/second", "Hearback")?;
        let headers = response.headers_mut();
        second_step::begin_in(visit, &person, next, Some(provider), headers).await?;
        headers.append(header::SET_COOKIE, gone);
        return Ok(response);
    }
    let mut response = hop(visit, "You are signed in", next, "Hearback")?;
    let headers = response.headers_mut();
    let session = sign_in::begin_session_in(visit, &person, shown(vouched), headers).await?;
    headers.append(header::SET_COOKIE, gone);

    let mut work = visit.app().store.begin().await?;
    work.mark_external_session(&session, &vouched.identity, vouched.sid.as_deref()).await?;
    // Somebody may have shown the provider who they are this morning. That is no "just now".
    let until = match vouched.auth_time {
        Some(at) if at <= visit.cx().now => Config::elevation_end(at),
        _ => visit.cx().now,
    };
    work.elevate_session(&session, until, shown(vouched)).await?;
    work.commit().await?;
    Ok(response)
}

/// Gives and takes roles as the provider says, each with its line in the log.
async fn set_roles(
    work: &mut dyn Work,
    person: &Person,
    roles: &[Role],
    now: Timestamp,
) -> Result<()> {
    work.set_roles(person.id, roles).await?;
    // As when an administrator does it: they may no longer be what they were to somebody (K-17).
    work.end_conflicts(now).await?;
    // The provider did it, whoever is signed in in this browser.
    let (cx, about) = (Cx::nobody(now), ObjectRef::Person(person.id));
    for role in roles.iter().filter(|role| !person.roles.contains(role)) {
        note_about(work, cx, event::give_role(*role), about, Decision::Allowed).await?;
    }
    for role in person.roles.iter().filter(|role| !roles.contains(role)) {
        note_about(work, cx, event::take_role(*role), about, Decision::Allowed).await?;
    }
    Ok(())
}

fn shown(vouched: &Vouched) -> Shown {
    if vouched.two_steps { Shown::SingleSignOnTwoSteps } else { Shown::SingleSignOn }
}

/// The person of a session that was there when the browser set out, if it is there still.
async fn still_signed_in(
    visit: &Visit,
    work: &mut dyn Work,
    session: &TokenHash,
) -> Result<Option<Cx>> {
    let now = visit.cx().now;
    let idle_since = visit.app().config.idle_since(now);
    let found = work.session(session, now, idle_since).await?;
    Ok(found.map(|found| Cx::person(found.person.id, found.role, now)))
}

/// Ties the account of a signed-in person.
async fn connected(visit: &Visit, session: TokenHash, vouched: &Vouched) -> Result {
    let mut work = begin_in_turn(visit.app()).await?;
    let Some(cx) = still_signed_in(visit, &mut *work, &session).await? else {
        return Said::SignedOut.page(visit);
    };
    let Some(user) = cx.user else { return Said::SignedOut.page(visit) };
    if !tie(&mut *work, user, vouched, cx.now).await? {
        return Said::Taken.page(visit);
    }
    // Whoever was in with what was there before shows who they are anew.
    work.end_sessions(user, Some(&session)).await?;
    let about = ObjectRef::Person(user);
    note_about(&mut *work, cx, event::CONNECT_IDENTITY, about, Decision::Allowed).await?;
    work.commit().await?;
    back(visit, "Connected", "/account")
}

/// The person has just shown the provider once more who they are.
async fn confirmed(
    visit: &Visit,
    session: TokenHash,
    attempt: &Attempt,
    vouched: &Vouched,
) -> Result {
    let mut work = begin_in_turn(visit.app()).await?;
    let Some(cx) = still_signed_in(visit, &mut *work, &session).await? else {
        return Said::SignedOut.page(visit);
    };
    let Some(user) = cx.user else { return Said::SignedOut.page(visit) };
    let own = work.identities(user).await?.iter().any(|own| own.identity == vouched.identity);
    let earliest = attempt.created_at.plus_seconds(-SKEW_SECONDS);
    let just_now = vouched.auth_time.is_some_and(|at| at >= earliest);
    if !own || !just_now {
        note(&mut *work, cx, event::SIGN_IN_REFUSED, Decision::Refused(Refusal::Strength)).await?;
        work.commit().await?;
        return Said::NotConfirmed.page(visit);
    }
    if !vouched.two_steps && work.second_steps(user).await?.any() {
        note(&mut *work, cx, event::CONFIRM_AT_PROVIDER, Decision::Refused(Refusal::Strength))
            .await?;
        work.commit().await?;
        return Said::OneStep.page(visit);
    }
    work.elevate_session(&session, Config::elevation_end(cx.now), shown(vouched)).await?;
    note(&mut *work, cx, event::CONFIRM_AT_PROVIDER, Decision::Allowed).await?;
    work.commit().await?;
    back(visit, "Thank you", &attempt.next)
}

fn back(visit: &Visit, title: &str, next: &str) -> Result {
    let mut response = hop(visit, title, next, "Hearback")?;
    let gone = attempt::no_cookie(visit.app().config.secure())?;
    response.headers_mut().insert(header::SET_COOKIE, gone);
    Ok(response)
}

/// Writes down that somebody was not let in.
pub(super) async fn refused(app: &App, cx: Cx) -> Result<()> {
    let mut work = app.store.begin().await?;
    note(&mut *work, cx, event::SIGN_IN_REFUSED, Decision::Refused(Refusal::Absent)).await?;
    Ok(work.commit().await?)
}
