//! The pages between here and the provider, and what the sign-in page offers.

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::{SingleSignOn, attempt, error::OidcError};
use crate::{
    App, Visit, WebError,
    error::Result,
    page::{Page, html},
};

/// What the sign-in page says about signing in at the provider.
pub(crate) struct Offer {
    pub(crate) name: String,
    /// The provider has not been reached yet.
    pub(crate) away: bool,
}

impl Offer {
    /// What this installation offers, if anything.
    pub(crate) fn of(app: &App) -> Option<Self> {
        let sso = app.single_sign_on.as_ref()?;
        Some(Self { name: sso.settings().name.clone(), away: !sso.is_known() })
    }
}

/// This installation's provider.
pub(super) fn provider(app: &App) -> Result<&SingleSignOn> {
    app.single_sign_on.as_deref().ok_or_else(|| {
        WebError::conflict(
            "Single sign-on is not set up here. Please sign in with your passphrase.",
        )
    })
}

/// A page that sends the browser on by itself.
#[derive(Template)]
#[template(path = "hop.html")]
struct HopPage<'a> {
    page: Page,
    to: &'a str,
    label: &'a str,
}

/// Sends the browser to `to` from a page of ours.
pub(super) fn hop(visit: &Visit, title: &str, to: &str, label: &str) -> Result {
    html(&HopPage { page: visit.page(title), to, label })
}

#[derive(Template)]
#[template(path = "sso_said.html")]
struct SaidPage<'a> {
    page: Page,
    sentence: &'a str,
}

/// What came of it, where nothing did.
#[derive(Clone, Copy, Debug)]
pub(super) enum Said {
    /// What came back does not fit what set out.
    Stale,
    /// The person turned back at the provider.
    TurnedBack,
    /// The provider vouches for somebody who is nobody here.
    Unknown,
    /// Roles come from the provider, and it gives none.
    NoRole,
    /// Roles come from the provider, and two of them do not go together.
    Clash,
    /// A link for an account that can be entered otherwise by now.
    HasWayIn,
    /// Whoever has a second step here showed the provider one thing only.
    OneStep,
    /// The identity, or the account, is tied already.
    Taken,
    /// A one-time link or an invitation that is of no use any more.
    LinkOver,
    /// Whoever wanted this is not signed in any more.
    SignedOut,
    /// Another person's identity, or not shown just now.
    NotConfirmed,
}

impl Said {
    const fn words(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Stale => (
                StatusCode::BAD_REQUEST,
                "That sign-in did not come through",
                "It was begun in another window or some time ago, or something on the way did not fit. Nothing was \
                 changed. Please begin again.",
            ),
            Self::TurnedBack => (
                StatusCode::BAD_REQUEST,
                "You are not signed in",
                "The sign-in was not finished. You can begin again whenever you like.",
            ),
            Self::Unknown => (
                StatusCode::FORBIDDEN,
                "We have not met yet",
                "Hearback does not know this sign-in yet. Ask your administrator for an invitation.",
            ),
            Self::NoRole => (
                StatusCode::FORBIDDEN,
                "You have no part in Hearback yet",
                "Your organisation’s sign-in gives you no part in Hearback yet. Ask your administrator for one.",
            ),
            Self::Clash => (
                StatusCode::FORBIDDEN,
                "Two of your parts do not go together",
                "Your organisation’s sign-in gives you two parts in Hearback that nobody has at once. Ask your \
                 administrator to look into it; nothing was changed.",
            ),
            Self::HasWayIn => (
                StatusCode::CONFLICT,
                "You have a way in already",
                "Sign in with your passphrase, and connect your organisation’s sign-in on the page of your account.",
            ),
            Self::OneStep => (
                StatusCode::FORBIDDEN,
                "Your second step is still missing",
                "You have a second step here, and your organisation’s sign-in showed one step only. Please confirm \
                 with your passkey or a code, or sign out and in again.",
            ),
            Self::Taken => (
                StatusCode::CONFLICT,
                "This is connected already",
                "That sign-in belongs to an account here already, or this account has one. Ask your administrator to \
                 look into it.",
            ),
            Self::LinkOver => (
                StatusCode::GONE,
                "This link is over",
                "The link was used before, or its time is over. Ask your administrator for a new one.",
            ),
            Self::SignedOut => (
                StatusCode::BAD_REQUEST,
                "You were signed out",
                "You were signed out in the meantime. Sign in and begin again.",
            ),
            Self::NotConfirmed => (
                StatusCode::FORBIDDEN,
                "That did not show who you are",
                "The sign-in was another person’s, or it was not made just now. Please begin again.",
            ),
        }
    }

    /// The page that says so; the browser's secret is of no use any more.
    pub(super) fn page(self, visit: &Visit) -> Result {
        let (status, title, sentence) = self.words();
        said(visit, status, title, sentence)
    }
}

fn said(visit: &Visit, status: StatusCode, title: &str, sentence: &str) -> Result {
    let body = html(&SaidPage { page: visit.page(title), sentence })?;
    let mut response: Response = (status, body).into_response();
    let gone = attempt::no_cookie(visit.app().config.secure())?;
    response.headers_mut().insert(header::SET_COOKIE, gone);
    Ok(response)
}

/// The page for a sign-in that failed; the cause is for the log.
pub(super) fn failed(visit: &Visit, error: &OidcError) -> Result {
    match error {
        OidcError::Away(_) => {
            tracing::warn!(cause = error.chain(), "the identity provider cannot be used");
            let sentence = "The organisation’s sign-in cannot be reached just now. Please try again in a few minutes; \
                a passphrase works as always.";
            said(visit, StatusCode::SERVICE_UNAVAILABLE, "Please try again soon", sentence)
        }
        OidcError::Refused(_) => {
            tracing::warn!(cause = error.chain(), "a sign-in was refused");
            Said::Stale.page(visit)
        }
    }
}
