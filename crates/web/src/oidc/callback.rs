//! Coming back from the provider.

use axum::{
    extract::State,
    http::{HeaderMap, Method},
};
use hearback_domain::Timestamp;
use openidconnect::url::form_urlencoded;

use super::{
    SingleSignOn,
    attempt::Secret,
    errand::{finish, refused},
    error::OidcError,
    page::{Said, failed, provider},
    token::Vouched,
};
use crate::{App, Visit, WebError, error::Result};

/// The most bytes of an answer in the address.
const LONGEST_QUERY: usize = 8 << 10;

/// What the provider wrote into the address.
#[derive(Debug, Default, PartialEq, Eq)]
struct Answer {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

impl Answer {
    /// Reads it; none if something is said twice: then it says nothing (RFC 6749, 3.1).
    fn read(query: &str) -> Option<Self> {
        if query.len() > LONGEST_QUERY {
            return None;
        }
        let mut answer = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "code" => &mut answer.code,
                "state" => &mut answer.state,
                "iss" => &mut answer.iss,
                "error" => &mut answer.error,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        Some(answer)
    }
}

/// `GET /sign-in/sso/callback`: where the provider sends people back to.
pub(crate) async fn show(
    visit: Visit,
    State(app): State<App>,
    method: Method,
    headers: HeaderMap,
) -> Result {
    // An answer is taken once; whoever only looks takes nothing.
    if method != Method::GET {
        return Err(WebError::NotFound);
    }
    let sso = provider(&app)?;
    let answer = Answer::read(visit.query().unwrap_or_default());
    let secret = Secret::of(&headers, app.config.secure());
    let (Some(answer), Some(secret)) = (answer, secret) else { return Said::Stale.page(&visit) };
    // Before anything is taken: an address that somebody else made up changes nothing.
    if !answer.state.as_deref().is_some_and(|state| secret.is_state(state)) {
        return Said::Stale.page(&visit);
    }
    let now = visit.cx().now;
    let mut work = app.store.begin().await?;
    let attempt = work.take_attempt(&secret.hash(), now).await?;
    work.commit().await?;
    let Some(attempt) = attempt else { return Said::Stale.page(&visit) };

    match vouched(sso, answer, &secret, now).await {
        Ok(Some(vouched)) => finish(&visit, sso, attempt, vouched).await,
        Ok(None) => Said::TurnedBack.page(&visit),
        Err(error) => {
            refused(&app, visit.cx()).await?;
            failed(&visit, &error)
        }
    }
}

/// Whom the provider vouches for; nobody if they turned back there.
async fn vouched(
    sso: &SingleSignOn,
    answer: Answer,
    secret: &Secret,
    now: Timestamp,
) -> Result<Option<Vouched>, OidcError> {
    let known = sso.known().await?;
    // RFC 9207: an answer of another provider's (mix-up) is not even looked at.
    match &answer.iss {
        Some(iss) if *iss != sso.settings().issuer => {
            return Err(OidcError::refused("the answer is another provider's (iss)"));
        }
        None if known.names_itself => {
            return Err(OidcError::refused("the answer does not say whose it is (iss)"));
        }
        _ => {}
    }
    let code = match (answer.code, answer.error) {
        (Some(code), None) if !code.is_empty() => code,
        (None, Some(error)) if error == "access_denied" => return Ok(None),
        (None, Some(error)) => {
            let word: String = error.chars().filter(char::is_ascii_graphic).take(60).collect();
            return Err(OidcError::refused(format!("the provider said {word}")));
        }
        _ => return Err(OidcError::refused("the answer holds no code, or an error too")),
    };
    sso.redeem(&known, code, secret.verifier(), &secret.nonce(), now).await.map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_each_thing_once() {
        let read = Answer::read("code=a%2Bb&state=s&iss=https%3A%2F%2Fid.example&session_state=x");
        let expected = Answer {
            code: Some("a+b".to_owned()),
            state: Some("s".to_owned()),
            iss: Some("https://id.example".to_owned()),
            error: None,
        };
        assert_eq!(read, Some(expected));
        assert_eq!(Answer::read(""), Some(Answer::default()));
        for twice in ["code=a&code=b", "state=a&state=a", "iss=&iss=", "error=a&%65rror=b"] {
            assert_eq!(Answer::read(twice), None, "{twice}");
        }
        assert_eq!(Answer::read(&format!("code={}", "a".repeat(LONGEST_QUERY))), None);
    }
}
