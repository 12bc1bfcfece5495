//! The provider ends the sessions that it began (`OpenID` Connect Back-Channel Logout 1.0).

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hearback_access::audit::{Decision, event};

use super::{
    error::OidcError,
    token::{FRESH_SECONDS, SKEW_SECONDS},
};
use crate::{
    App, Visit,
    error::Result,
    extract::{Fields, Json},
    sign_in::note,
};

/// `POST /sign-in/sso/logout`: `logout_token`. Comes from the provider itself, which no browser speaks for; what it
/// says is believed for its signature.
pub(crate) async fn logout(visit: Visit, State(app): State<App>, fields: Fields) -> Result {
    let Some(sso) = &app.single_sign_on else { return Ok(refused()) };
    let mut tokens = fields.all("logout_token");
    let (Some(token), None) = (tokens.next(), tokens.next()) else { return Ok(refused()) };
    let cx = visit.cx();
    let logout = match sso.logout(token, cx.now).await {
        Ok(logout) => logout,
        Err(error) => {
            tracing::warn!(cause = error.chain(), "a logout token was refused");
            return Ok(match error {
                OidcError::Refused(_) => refused(),
                // The provider may send it again.
                OidcError::Away(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            });
        }
    };
    let issuer = &sso.settings().issuer;
    let over = cx.now.plus_seconds(FRESH_SECONDS + 2 * SKEW_SECONDS);
    let mut work = app.store.begin().await?;
    if !work.take_logout(issuer, &logout.jti, cx.now, over).await? {
        tracing::warn!("a logout token came twice");
        return Ok(refused());
    }
    let (subject, sid) = (logout.subject.as_deref(), logout.sid.as_deref());
    let ended = work.end_external_sessions(issuer, subject, sid).await?;
    if ended > 0 {
        note(&mut *work, cx, event::PROVIDER_LOGOUT, Decision::Allowed).await?;
    }
    work.commit().await?;
    tracing::info!(ended, "the identity provider ended sessions");
    Ok(StatusCode::OK.into_response())
}

/// What the standard wants to hear (2.8).
fn refused() -> Response {
    (StatusCode::BAD_REQUEST, Json(serde_json::json!({"error": "invalid_request"}))).into_response()
}
