//! Cookies: random tokens that the browser knows and of which we keep only the hash.

use axum::http::{HeaderMap, HeaderValue, header};
use hearback_storage::TokenHash;
use sha2::{Digest as _, Sha256};

use crate::WebError;

/// What a cookie is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// The session. It goes when the browser is closed.
    Session,
    /// Between the passphrase and the second step.
    Step,
    /// Somebody signed in with this browser before.
    Device,
}

impl Cookie {
    /// `__Host-` ties a cookie to this very host, which browsers accept only over TLS.
    const fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, true) => "__Host-hearback",
            (Self::Session, false) => "hearback",
            (Self::Step, true) => "__Host-hearback-step",
            (Self::Step, false) => "hearback-step",
            (Self::Device, true) => "__Host-hearback-browser",
            (Self::Device, false) => "hearback-browser",
        }
    }

    /// How long the browser keeps it: half a year for the one that outlasts it.
    const fn lasting(self) -> &'static str {
        match self {
            Self::Session | Self::Step => "",
            Self::Device => "; Max-Age=15552000",
        }
    }

    /// The `Set-Cookie` that takes it back.
    pub(crate) fn taken_back(self, secure: bool) -> Result<HeaderValue, WebError> {
        self.set(secure, "", "; Max-Age=0")
    }

    fn set(self, secure: bool, value: &str, more: &str) -> Result<HeaderValue, WebError> {
        let secure_word = if secure { "; Secure" } else { "" };
        let name = self.name(secure);
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure_word}{more}");
        text.try_into().map_err(WebError::internal)
    }

    /// The hash of the token that a request carries in it.
    pub(crate) fn of(self, headers: &HeaderMap, secure: bool) -> Option<TokenHash> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
        let token = cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(key, value)| (key == self.name(secure)).then_some(value))?;
        Token::read(token).map(|token| token.hash())
    }
}

/// A token that was just made: 256 random bits, as 64 hexadecimal digits.
pub(crate) struct Token(String);

impl Token {
    /// A new one.
    pub(crate) fn random() -> Result<Self, WebError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|e| WebError::internal(e.to_string()))?;
        Ok(Self(hex::encode(bytes)))
    }

    /// What is kept of it.
    pub(crate) fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.as_bytes()).into())
    }

    /// One that comes back, from a link or a page.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let well_formed = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        well_formed.then(|| Self(text.to_owned()))
    }

    /// For a link or a page.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The `Set-Cookie` that hands it to the browser.
    pub(crate) fn cookie(&self, cookie: Cookie, secure: bool) -> Result<HeaderValue, WebError> {
        cookie.set(secure, &self.0, cookie.lasting())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_again_among_other_cookies() {
        let token = Token::random().unwrap();
        for secure in [true, false] {
            let set = token.cookie(Cookie::Session, secure).unwrap();
            let set = set.to_str().unwrap();
            assert!(set.contains("; HttpOnly; SameSite=Strict"));
            assert_eq!(set.contains("; Secure"), secure);
            let mut headers = HeaderMap::new();
            let pair = set.split(';').next().unwrap();
            headers.insert(header::COOKIE, format!("a=b; {pair}; c=d").parse().unwrap());
            assert_eq!(Cookie::Session.of(&headers, secure), Some(token.hash()));
            assert_eq!(Cookie::Session.of(&headers, !secure), None, "the other name is not ours");
        }
    }

    #[test]
    fn nonsense_is_no_token() {
        for value in ["hearback=", "hearback=abc", "other=1", "hearback"] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, value.parse().unwrap());
            assert!(Cookie::Session.of(&headers, false).is_none(), "{value}");
        }
    }
}
