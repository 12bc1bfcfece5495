//! A person looks at who they are at a provider, and unties their account from it.

use axum::response::IntoResponse as _;
use hearback_access::audit::event;
use hearback_storage::Connected;
use openidconnect::url::Url;

use super::link::has_passphrase;
use crate::{
    Visit, WebError,
    account::{begin_in_turn, changed},
    error::Result,
    extract::Fields,
    page::Said,
};

/// An identity as its owner sees it. The subject is a name for machines and is shown to nobody.
pub(crate) struct Line {
    pub(crate) issuer: String,
    /// The issuer's host.
    pub(crate) host: String,
    /// They have another way in, and showed who they are just now.
    pub(crate) removable: bool,
}

impl Line {
    pub(crate) fn of(connected: Connected, removable: bool) -> Self {
        let issuer = connected.identity.issuer;
        let host = Url::parse(&issuer).ok().and_then(|url| url.host_str().map(ToOwned::to_owned));
        Self { host: host.unwrap_or_else(|| issuer.clone()), issuer, removable }
    }
}

/// `POST /account/sso/disconnect`: `issuer`. Not for whoever has no passphrase: they would have no way in.
pub(crate) async fn disconnect(visit: Visit, fields: Fields) -> Result {
    let user = visit.fresh()?.person.id;
    let mut work = begin_in_turn(visit.app()).await?;
    if !has_passphrase(&mut *work, user).await? {
        return Err(WebError::conflict(
            "your account has no passphrase, so this is your way in; choose a passphrase first",
        ));
    }
    if work.disconnect(user, fields.get("issuer")).await? {
        changed(&visit, &mut *work, event::DISCONNECT_IDENTITY).await?;
    }
    work.commit().await?;
    Ok(Said::FactorRemoved.at("/account").into_response())
}
