//! Another passphrase.

use axum::http::header;
use hearback_access::audit::event;

use crate::{
    Visit,
    account::{begin_in_turn, changed, view},
    error::{FieldError, Result},
    extract::Fields,
    page::Said,
    password,
    session::{Cookie, Token},
};

/// `POST /account/passphrase`: `new`.
pub(crate) async fn change(visit: Visit, fields: Fields) -> Result {
    let who = visit.fresh()?;
    let new = fields.get("new");
    if let Err(error) = password::check(new, &[who.person.login.as_str(), &who.person.name]) {
        return view(&visit, vec![FieldError::new("new", error.to_string())]).await;
    }
    let hash = password::hash_in_turn(new.to_owned()).await?;
    let mut work = begin_in_turn(visit.app()).await?;
    work.change_passphrase(who.person.id, &hash).await?;
    // Other browsers are strangers again.
    work.forget_devices(who.person.id).await?;
    let browser = Token::random()?;
    work.add_device(&browser.hash(), who.person.id, visit.cx().now).await?;
    changed(&visit, &mut *work, event::CHANGE_PASSPHRASE).await?;
    work.commit().await?;
    let mut response = Said::PassphraseChanged.at("/account");
    let cookie = browser.cookie(Cookie::Device, visit.app().config.secure())?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}
