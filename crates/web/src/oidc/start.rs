//! Setting out for the provider.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse as _, Redirect},
};
use hearback_storage::{Errand, NewAttempt, TokenHash};
use openidconnect::{
    CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    core::{CoreAuthPrompt, CoreAuthenticationFlow},
};
use sha2::{Digest as _, Sha256};

use super::{
    attempt::{LASTS_SECONDS, Secret},
    page::{Said, failed, hop, provider},
};
use crate::{App, Visit, error::Result, extract::Fields, local::safe_next};

/// `POST /sign-in/sso`: `next`; `link` or `invitation`, what a one-time link or an invitation holds.
pub(crate) async fn sign_in(visit: Visit, State(app): State<App>, fields: Fields) -> Result {
    let next = safe_next(fields.get("next"));
    let errand = match (fields.get("link"), fields.get("invitation")) {
        ("", "") if visit.who().is_some() => return Ok(Redirect::to(next).into_response()),
        ("", "") => Errand::SignIn,
        (link, "") => Errand::Link(hash_of(link)),
        ("", invitation) => Errand::Invitation(hash_of(invitation)),
        _ => return Said::LinkOver.page(&visit),
    };
    set_out(&visit, &app, errand, next).await
}

/// `POST /account/sso`: ties the account of whoever is signed in to who they are at the provider.
pub(crate) async fn connect(visit: Visit, State(app): State<App>) -> Result {
    // From then on it is a way in: whoever adds one has just shown who they are.
    let session = visit.fresh()?.token;
    set_out(&visit, &app, Errand::Connect(session), "/account").await
}

/// `POST /confirm/sso`: `next`. Shows once more who is signed in.
pub(crate) async fn confirm(visit: Visit, State(app): State<App>, fields: Fields) -> Result {
    let session = visit.signed_in()?.token;
    set_out(&visit, &app, Errand::Confirm(session), safe_next(fields.get("next"))).await
}

/// What is kept of the text in a link.
pub(super) fn hash_of(text: &str) -> TokenHash {
    TokenHash(Sha256::digest(text.as_bytes()).into())
}

async fn set_out(visit: &Visit, app: &App, errand: Errand, next: &str) -> Result {
    let sso = provider(app)?;
    let known = match sso.known().await {
        Ok(known) => known,
        Err(error) => return failed(visit, &error),
    };
    let secret = Secret::random()?;
    let (state, nonce) = (secret.state(), secret.nonce());
    let challenge =
        PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(secret.verifier()));
    let mut request = known
        .client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(state),
            move || Nonce::new(nonce),
        )
        .set_pkce_challenge(challenge);
    if matches!(errand, Errand::Confirm(_)) {
        request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(std::time::Duration::ZERO);
    }
    let (address, _, _) = request.url();

    let now = visit.cx().now;
    let mut work = app.store.begin().await?;
    work.add_attempt(&NewAttempt {
        browser: secret.hash(),
        errand,
        next: next.to_owned(),
        created_at: now,
        expires_at: now.plus_seconds(LASTS_SECONDS),
    })
    .await?;
    work.commit().await?;
    let label = &sso.settings().name;
    let mut response = hop(visit, "Signing in", address.as_str(), label)?;
    response.headers_mut().insert(header::SET_COOKIE, secret.cookie(app.config.secure())?);
    Ok(response)
}
