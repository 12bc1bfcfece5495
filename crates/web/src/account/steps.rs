//! Second steps: setting them up, and removing them.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect},
};
use hearback_access::audit::event;
use hearback_domain::PasskeyId;
use hearback_storage::{Shown, Work};

use crate::{
    Config, Visit,
    account::{begin_in_turn, changed, codes},
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, html},
};

#[derive(Template)]
#[template(path = "account_app.html")]
struct AppPage {
    page: Page,
    picture: String,
    key: String,
}

#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct CodesPage {
    page: Page,
    codes: Vec<String>,
}

/// `POST /account/app`: begins to set up an authenticator app.
pub(crate) async fn begin_app(visit: Visit) -> Result {
    let who = visit.fresh()?;
    let sealed = codes::seal(visit.app(), who.person.id, codes::new_secret()?).await?;
    let mut work = visit.app().store.begin().await?;
    let begun = work.begin_totp(who.person.id, &sealed, visit.cx().now).await?;
    work.commit().await?;
    Ok(Redirect::to(if begun { "/account/app" } else { "/account" }).into_response())
}

/// `GET /account/app`: the key of the app that is being set up.
pub(crate) async fn show_app(visit: Visit) -> Result {
    view(&visit, None).await
}

async fn view(visit: &Visit, error: Option<&str>) -> Result {
    let who = visit.fresh()?;
    let Some(secret) = pending(visit).await? else {
        return Ok(Redirect::to("/account").into_response());
    };
    let (picture, key) = codes::picture_and_key(&secret, who.person.login.as_str())?;
    let mut page = visit.page("Set up your authenticator app");
    let code = if error.is_none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.errors.extend(error.map(|text| FieldError::new("code", text)));
    Ok((code, html(&AppPage { page, picture, key })?).into_response())
}

/// The secret of an app that is being set up.
async fn pending(visit: &Visit) -> Result<Option<Vec<u8>>> {
    let user = visit.user()?;
    let steps = visit.app().store.begin().await?.second_steps(user).await?;
    match steps.totp.filter(|totp| !totp.confirmed) {
        Some(totp) => Ok(Some(codes::open(visit.app(), user, totp.secret).await?)),
        None => Ok(None),
    }
}

/// `POST /account/app/confirm`: `code`. Shows the recovery codes, this once.
pub(crate) async fn confirm_app(visit: Visit, fields: Fields) -> Result {
    let (who, cx) = (visit.fresh()?, visit.cx());
    let Some(secret) = pending(&visit).await? else {
        return Ok(Redirect::to("/account").into_response());
    };
    let Some(step) = codes::step_of(&secret, fields.get("code"), cx.now) else {
        return view(&visit, Some("That code does not fit. Wait for the next one and try again."))
            .await;
    };
    let mut work = begin_in_turn(visit.app()).await?;
    if !work.confirm_totp(who.person.id, step, cx.now).await? {
        return Ok(Redirect::to("/account").into_response());
    }
    work.elevate_session(&who.token, Config::elevation_end(cx.now), Shown::TwoSteps).await?;
    changed(&visit, &mut *work, event::ADD_SECOND_STEP).await?;
    hand_out_codes(&visit, work).await
}

/// `POST /account/recovery-codes`: new ones in place of the old ones.
pub(crate) async fn new_codes(visit: Visit) -> Result {
    let who = visit.fresh()?;
    let mut work = begin_in_turn(visit.app()).await?;
    if !work.second_steps(who.person.id).await?.any() {
        return Ok(Redirect::to("/account").into_response());
    }
    changed(&visit, &mut *work, event::NEW_RECOVERY_CODES).await?;
    hand_out_codes(&visit, work).await
}

async fn hand_out_codes(visit: &Visit, mut work: Box<dyn Work>) -> Result {
    let (codes, hashes) = codes::new_recovery_codes()?;
    work.set_recovery_codes(visit.user()?, &hashes).await?;
    work.commit().await?;
    html(&CodesPage { page: visit.page("Your recovery codes"), codes })
}

/// `POST /account/app/remove`.
pub(crate) async fn remove_app(visit: Visit) -> Result {
    let who = visit.fresh()?;
    let mut work = begin_in_turn(visit.app()).await?;
    let removed = work.remove_totp(who.person.id).await?;
    after_removal(&visit, work, removed).await
}

/// `POST /account/passkeys/{passkey}/remove`.
pub(crate) async fn remove_passkey(visit: Visit, Path(id): Path<PasskeyId>) -> Result {
    let who = visit.fresh()?;
    let mut work = begin_in_turn(visit.app()).await?;
    let removed = work.remove_passkey(who.person.id, id).await?;
    after_removal(&visit, work, removed).await
}

/// Recovery codes stand in for a second step: without one they open nothing.
async fn after_removal(visit: &Visit, mut work: Box<dyn Work>, removed: bool) -> Result {
    if removed {
        let user = visit.user()?;
        if !work.second_steps(user).await?.any() {
            work.set_recovery_codes(user, &[]).await?;
        }
        changed(visit, &mut *work, event::REMOVE_SECOND_STEP).await?;
    }
    work.commit().await?;
    Ok(Said::FactorRemoved.at("/account"))
}
