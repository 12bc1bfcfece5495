//! Another passphrase.

use hearback_access::audit::event;

use crate::{
    Visit,
    account::{changed, view},
    error::{FieldError, Result},
    extract::Fields,
    page::Said,
    password,
};

/// `POST /account/passphrase`: `new`.
pub(crate) async fn change(visit: Visit, fields: Fields) -> Result {
    let who = visit.fresh()?;
    let new = fields.get("new");
    if let Err(error) = password::check(new, &[who.person.login.as_str(), &who.person.name]) {
        return view(&visit, vec![FieldError::new("new", error.to_string())]).await;
    }
    let hash = password::hash_in_turn(new.to_owned()).await?;
    let mut work = visit.app().store.begin().await?;
    work.change_passphrase(who.person.id, &hash).await?;
    // Other browsers are strangers again; this one is known by the cookie of its next sign-in.
    work.forget_devices(who.person.id).await?;
    changed(&visit, &mut *work, event::CHANGE_PASSPHRASE).await?;
    work.commit().await?;
    Ok(Said::PassphraseChanged.at("/account"))
}
