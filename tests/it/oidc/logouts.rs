//! Logout tokens that end nobody's session.

use openidconnect::core::CoreJwsSigningAlgorithm as Alg;
use serde_json::{Value, json};

use super::{
    browser::SUBJECT,
    hostile::{CLIENT, Hostile, SECRET, b64, new_key, sign, sign_shared},
};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A logout token and the body that brings it. Untouched, both are right.
pub(super) struct Logout<'a> {
    hostile: &'a Hostile,
    now: i64,
    header: Value,
    claims: Value,
    token: Option<String>,
    body: Option<String>,
}

impl Logout<'_> {
    fn claim(&mut self, name: &str, value: impl Into<Value>) {
        self.claims[name] = value.into();
    }

    fn no_claim(&mut self, name: &str) {
        self.claims.as_object_mut().unwrap().remove(name).unwrap();
    }

    fn signed(&self) -> String {
        self.hostile.sign(&self.header, &self.claims)
    }
}

/// The body of a request to end the sessions of the test's person, as `lie` makes it.
pub(super) fn body(hostile: &Hostile, now: i64, jti: &str, lie: fn(&mut Logout<'_>)) -> String {
    let mut all = Logout {
        hostile,
        now,
        header: json!({"alg": "EdDSA", "typ": "logout+jwt", "kid": "k1"}),
        claims: json!({
            "iss": hostile.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": jti,
            "sub": SUBJECT, "sid": "session-1", "events": {EVENT: {}},
        }),
        token: None,
        body: None,
    };
    lie(&mut all);
    let token = all.token.take().unwrap_or_else(|| all.signed());
    all.body.unwrap_or_else(|| format!("logout_token={token}"))
}

type Lies = &'static [(&'static str, fn(&mut Logout<'_>))];

pub(super) const LOGOUTS: Lies = &[
    ("no token", |l| l.body = Some(String::new())),
    ("two tokens", |l| {
        let token = l.signed();
        l.body = Some(format!("logout_token={token}&logout_token={token}"));
    }),
    ("no JWT", |l| l.token = Some("x".to_owned())),
    ("a very long one", |l| {
        let token = format!("{}{}", l.signed(), "x".repeat(20_000));
        l.token = Some(token);
    }),
    ("none", |l| {
        l.header["alg"] = "none".into();
        l.token = Some(format!("{}.{}.", b64(l.header.to_string()), b64(l.claims.to_string())));
    }),
    ("HS256 with the public key", |l| {
        l.header["alg"] = "HS256".into();
        let public = l.hostile.key.verifying_key().to_bytes();
        l.token = Some(sign_shared(&public, &Alg::HmacSha256, &l.header, &l.claims));
    }),
    ("HS256 with the client's secret", |l| {
        l.header["alg"] = "HS256".into();
        l.token = Some(sign_shared(SECRET.as_bytes(), &Alg::HmacSha256, &l.header, &l.claims));
    }),
    ("another key under the same name", |l| {
        l.token = Some(sign(&new_key(), &l.header, &l.claims));
    }),
    ("a key that nobody has", |l| l.header["kid"] = "k9".into()),
    ("RS256 on the label", |l| l.header["alg"] = "RS256".into()),
    ("claims changed afterwards", |l| {
        let token = l.signed();
        let parts: Vec<_> = token.split('.').collect();
        l.claim("sub", "somebody-else");
        l.token = Some(format!("{}.{}.{}", parts[0], b64(l.claims.to_string()), parts[2]));
    }),
    ("an access token", |l| l.header["typ"] = "at+jwt".into()),
    ("another event's token", |l| l.header["typ"] = "secevent+jwt".into()),
    ("something critical", |l| l.header["crit"] = json!(["exp"])),
    ("an ID token", |l| {
        l.header["typ"] = "JWT".into();
        l.no_claim("events");
        l.no_claim("jti");
        l.claim("nonce", "n");
    }),
    ("a nonce", |l| l.claim("nonce", "n")),
    ("no event", |l| l.no_claim("events")),
    ("another event", |l| l.claim("events", json!({"http://schemas.example/event": {}}))),
    ("an event that is no object", |l| l.claim("events", json!({EVENT: true}))),
    ("events as a list", |l| l.claim("events", json!([EVENT]))),
    ("another issuer", |l| l.claim("iss", "https://evil.example")),
    ("no issuer", |l| l.no_claim("iss")),
    ("for another client", |l| l.claim("aud", "other")),
    ("for two", |l| l.claim("aud", json!([CLIENT, "other"]))),
    ("for nobody", |l| l.no_claim("aud")),
    ("made long ago", |l| l.claim("iat", l.now - 3_600)),
    ("made in the future", |l| l.claim("iat", l.now + 3_600)),
    ("made at no time", |l| l.no_claim("iat")),
    ("over", |l| l.claim("exp", l.now - 120)),
    ("nobody's and no session's", |l| {
        l.no_claim("sub");
        l.no_claim("sid");
    }),
    ("an empty name", |l| l.claim("sub", "")),
    ("a very long name", |l| l.claim("sid", "x".repeat(256))),
    ("no identifier of its own", |l| l.no_claim("jti")),
    ("an empty identifier", |l| l.claim("jti", "")),
];
