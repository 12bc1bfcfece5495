//! The browser's part of a sign-in that is under way: one secret, in a cookie of its own.
//!
//! `state`, `nonce` and the code verifier of PKCE (RFC 7636) are made from it. So the database holds only a hash of
//! it, and whoever reads the database, or the addresses that the provider saw, can finish nobody's sign-in.

use axum::http::{HeaderMap, HeaderValue, header};
use hearback_storage::TokenHash;
use sha2::{Digest as _, Sha256};

use crate::WebError;

/// For how many seconds a browser may be at the provider.
pub(super) const LASTS_SECONDS: i64 = 600;

/// The secret of one sign-in: 256 random bits, as 64 hexadecimal digits.
pub(super) struct Secret(String);

impl Secret {
    /// A new one.
    pub(super) fn random() -> Result<Self, WebError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|e| WebError::internal(e.to_string()))?;
        Ok(Self(hex::encode(bytes)))
    }

    /// The one that a request carries; none if it carries several, because one of them is not ours.
    pub(super) fn of(headers: &HeaderMap, secure: bool) -> Option<Self> {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
        let mut found = lines
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| *key == name(secure))
            .map(|(_, value)| value);
        let secret = found.next().filter(|_| found.next().is_none())?;
        let well_formed = secret.len() == 64 && secret.bytes().all(|b| b.is_ascii_hexdigit());
        well_formed.then(|| Self(secret.to_owned()))
    }

    /// What is kept of it.
    pub(super) fn hash(&self) -> TokenHash {
        TokenHash(self.derive("browser"))
    }

    /// What the provider sends back in the address.
    pub(super) fn state(&self) -> String {
        hex::encode(self.derive("state"))
    }

    /// Whether that is what came back.
    pub(super) fn is_state(&self, came_back: &str) -> bool {
        // Hashes are compared, so that how long it takes tells nothing.
        Sha256::digest(self.state()) == Sha256::digest(came_back)
    }

    /// What the provider writes into the token.
    pub(super) fn nonce(&self) -> String {
        hex::encode(self.derive("nonce"))
    }

    /// What shows the provider that the code goes to the browser that asked.
    pub(super) fn verifier(&self) -> String {
        hex::encode(self.derive("verifier"))
    }

    fn derive(&self, what: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update("hearback single sign-on: ");
        hash.update(what);
        hash.update([0]);
        hash.update(&self.0);
        hash.finalize().into()
    }

    /// The `Set-Cookie` that hands it to the browser. `Lax`: it has to come along when the provider sends people back.
    pub(super) fn cookie(&self, secure: bool) -> Result<HeaderValue, WebError> {
        cookie(secure, &self.0, LASTS_SECONDS)
    }
}

/// The `Set-Cookie` that takes it back.
pub(super) fn no_cookie(secure: bool) -> Result<HeaderValue, WebError> {
    cookie(secure, "", 0)
}

fn cookie(secure: bool, value: &str, seconds: i64) -> Result<HeaderValue, WebError> {
    let secure_word = if secure { "; Secure" } else { "" };
    let name = name(secure);
    let text =
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure_word}; Max-Age={seconds}");
    text.try_into().map_err(WebError::internal)
}

fn name(secure: bool) -> &'static str {
    if secure { "__Host-hearback-sso" } else { "hearback-sso" }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn carrying(cookie: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        headers
    }

    #[test]
    fn a_secret_comes_back_in_its_cookie_alone() {
        let secret = Secret::random().unwrap();
        for secure in [true, false] {
            let set = secret.cookie(secure).unwrap();
            let set = set.to_str().unwrap();
            assert!(set.contains("; HttpOnly; SameSite=Lax"), "{set}");
            assert!(set.ends_with("; Max-Age=600"));
            assert_eq!(set.contains("; Secure"), secure);
            let pair = set.split(';').next().unwrap();
            let back = Secret::of(&carrying(&format!("a=b; {pair}")), secure).unwrap();
            assert_eq!(back.hash(), secret.hash());
            assert!(Secret::of(&carrying(pair), !secure).is_none(), "the other name");
            assert!(Secret::of(&carrying(&format!("{pair}; {pair}")), secure).is_none());
        }
        for nonsense in ["hearback-sso=", "hearback-sso=abc", "x=1"] {
            assert!(Secret::of(&carrying(nonsense), false).is_none(), "{nonsense}");
        }
    }

    #[test]
    fn what_is_made_from_it_differs() {
        let (one, other) = (Secret::random().unwrap(), Secret::random().unwrap());
        let of =
            |s: &Secret| [s.state(), s.nonce(), s.verifier(), hex::encode(s.hash().0), s.0.clone()];
        let all: HashSet<_> = of(&one).into_iter().chain(of(&other)).collect();
        assert_eq!(all.len(), 10);
        assert!(one.is_state(&one.state()));
        assert!(!one.is_state(&other.state()));
        assert!(!one.is_state(""));
        // RFC 7636, 4.1: 43 to 128 unreserved characters.
        assert_eq!(one.verifier().len(), 64);
    }
}
