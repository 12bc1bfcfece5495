//! Which logout tokens are believed (`OpenID` Connect Back-Channel Logout 1.0, 2.6).

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hearback_domain::Timestamp;
use openidconnect::{
    JsonWebKey as _,
    core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    SingleSignOn,
    error::OidcError,
    token::{ALGORITHMS, SKEW_SECONDS, is_fresh, is_name, seconds},
};

/// The event that a logout token is about.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The most bytes of a token.
const LARGEST: usize = 16 << 10;

/// Whose sessions end, as the provider says.
#[derive(Debug)]
pub(super) struct Logout {
    pub(super) subject: Option<String>,
    pub(super) sid: Option<String>,
    pub(super) jti: String,
}

#[derive(Deserialize)]
struct Header {
    alg: CoreJwsSigningAlgorithm,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Value,
    iat: i64,
    exp: Option<i64>,
    jti: String,
    events: Value,
    sub: Option<String>,
    sid: Option<String>,
    nonce: Option<Value>,
}

impl SingleSignOn {
    /// Believes a logout token or not.
    pub(super) async fn logout(&self, token: &str, now: Timestamp) -> Result<Logout, OidcError> {
        let parsed = Parsed::read(token).ok_or_else(|| OidcError::refused("no logout token"))?;
        let claims = self.claims(&parsed, now).map_err(OidcError::refused)?;
        let known = self.known().await?;
        let mut signed = parsed.is_signed_with(&*self.keys(&known).await);
        if signed == Signed::NoSuchKey
            && let Some(keys) = self.keys_anew(&known).await?
        {
            signed = parsed.is_signed_with(&keys);
        }
        match signed {
            Signed::Yes => Ok(claims),
            Signed::NoSuchKey => Err(OidcError::refused("no key of the provider's fits")),
            Signed::No => Err(OidcError::refused("its signature is wrong")),
        }
    }

    /// What it says, if it can be a logout token for us.
    fn claims(&self, parsed: &Parsed<'_>, now: Timestamp) -> Result<Logout, &'static str> {
        let header = &parsed.header;
        if !ALGORITHMS.contains(&header.alg) {
            return Err("its algorithm is none that is believed");
        }
        // A type of its own is what new providers give it; older ones say `JWT` or nothing.
        let typ = header.typ.as_deref().map(str::to_ascii_lowercase);
        if !matches!(typ.as_deref(), None | Some("jwt" | "logout+jwt" | "application/logout+jwt")) {
            return Err("it is of another type");
        }
        if header.crit.is_some() {
            return Err("it asks for something that is not understood");
        }
        let claims: Claims = parsed.claims().ok_or("its claims cannot be read")?;
        let settings = self.settings();
        if claims.iss != settings.issuer {
            return Err("it is from another issuer");
        }
        let for_us = match &claims.aud {
            Value::String(aud) => *aud == settings.client_id,
            Value::Array(all) => all.len() == 1 && all[0] == settings.client_id.as_str(),
            _ => false,
        };
        if !for_us {
            return Err("it is for somebody else");
        }
        if is_fresh(claims.iat, now).is_err() {
            return Err("it is old, or from the future");
        }
        if claims.exp.is_some_and(|exp| exp <= seconds(now) - SKEW_SECONDS) {
            return Err("its time is over");
        }
        if !claims.events.get(EVENT).is_some_and(Value::is_object) {
            return Err("it is about no logout");
        }
        if claims.nonce.is_some() {
            return Err("it has a nonce, as ID tokens have");
        }
        let names = [claims.sub.as_deref(), claims.sid.as_deref(), Some(claims.jti.as_str())];
        if names.into_iter().flatten().any(|name| !is_name(name)) {
            return Err("one of its names is none");
        }
        if claims.sub.is_none() && claims.sid.is_none() {
            return Err("it says neither who nor which session");
        }
        Ok(Logout { subject: claims.sub, sid: claims.sid, jti: claims.jti })
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Signed {
    Yes,
    No,
    NoSuchKey,
}

/// A compact JWS (RFC 7515, 7.1), not believed yet.
struct Parsed<'a> {
    header: Header,
    signed_text: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Parsed<'a> {
    fn read(token: &'a str) -> Option<Self> {
        if token.len() > LARGEST {
            return None;
        }
        let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
        let (signed_text, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed_text.split_once('.')?;
        Some(Self {
            header: serde_json::from_slice(&decode(header)?).ok()?,
            signed_text,
            // A further dot is no letter of the alphabet.
            payload: decode(payload)?,
            signature: decode(signature)?,
        })
    }

    fn claims<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.payload).ok()
    }

    fn is_signed_with(&self, keys: &CoreJsonWebKeySet) -> Signed {
        let named = |key: &&CoreJsonWebKey| match &self.header.kid {
            Some(kid) => key.key_id().is_some_and(|id| id.as_str() == kid),
            None => true,
        };
        let mut signed = Signed::NoSuchKey;
        for key in keys.keys().iter().filter(named) {
            let text = self.signed_text.as_bytes();
            match key.verify_signature(&self.header.alg, text, &self.signature) {
                Ok(()) => return Signed::Yes,
                Err(_) => signed = Signed::No,
            }
        }
        signed
    }
}
