//! The session cookie: a random token that the browser knows and of which we keep only the hash.

use axum::http::{HeaderMap, HeaderValue, header};
use hearback_storage::TokenHash;
use sha2::{Digest as _, Sha256};

use crate::WebError;

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

    /// The `Set-Cookie` that hands it to the browser; it goes when the browser is closed.
    pub(crate) fn cookie(&self, secure: bool) -> Result<HeaderValue, WebError> {
        cookie(secure, &self.0, "")
    }
}

/// The `Set-Cookie` that takes it back.
pub(crate) fn no_cookie(secure: bool) -> Result<HeaderValue, WebError> {
    cookie(secure, "", "; Max-Age=0")
}

fn cookie(secure: bool, value: &str, more: &str) -> Result<HeaderValue, WebError> {
    let secure_word = if secure { "; Secure" } else { "" };
    let text =
        format!("{}={value}; Path=/; HttpOnly; SameSite=Strict{secure_word}{more}", name(secure));
    text.try_into().map_err(WebError::internal)
}

/// `__Host-` ties the cookie to this very host, which browsers accept only over TLS.
fn name(secure: bool) -> &'static str {
    if secure { "__Host-hearback" } else { "hearback" }
}

/// The hash of the token that a request carries.
pub(crate) fn token_of(headers: &HeaderMap, secure: bool) -> Option<TokenHash> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let token = cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name(secure)).then_some(value))?;
    let well_formed = token.len() == 64 && token.bytes().all(|b| b.is_ascii_hexdigit());
    well_formed.then(|| Token(token.to_owned()).hash())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_again_among_other_cookies() {
        let token = Token::random().unwrap();
        for secure in [true, false] {
            let set = token.cookie(secure).unwrap();
            let set = set.to_str().unwrap();
            assert!(set.contains("; HttpOnly; SameSite=Strict"));
            assert_eq!(set.contains("; Secure"), secure);
            let mut headers = HeaderMap::new();
            let pair = set.split(';').next().unwrap();
            headers.insert(header::COOKIE, format!("a=b; {pair}; c=d").parse().unwrap());
            assert_eq!(token_of(&headers, secure), Some(token.hash()));
            assert_eq!(token_of(&headers, !secure), None, "the other name is not ours");
        }
    }

    #[test]
    fn nonsense_is_no_token() {
        for value in ["hearback=", "hearback=abc", "other=1", "hearback"] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, value.parse().unwrap());
            assert!(token_of(&headers, false).is_none(), "{value}");
        }
    }
}
