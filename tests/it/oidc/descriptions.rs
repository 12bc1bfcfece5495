//! What a provider may say of itself that keeps it from being used; passphrases go on working.

use serde_json::{Value, json};

use super::hostile::{Hostile, Reply, description};

/// A provider that describes itself like this is not used.
pub(super) struct Description {
    pub(super) name: &'static str,
    pub(super) tell: fn(&Hostile),
}

fn patched(hostile: &Hostile, name: &str, value: impl Into<Value>) {
    let mut said = description(&hostile.issuer);
    said[name] = value.into();
    hostile.discovery(Reply::Json(said));
}

fn without(hostile: &Hostile, name: &str) {
    let mut said = description(&hostile.issuer);
    said.as_object_mut().unwrap().remove(name).unwrap();
    hostile.discovery(Reply::Json(said));
}

macro_rules! descriptions {
    ($($name:literal: $tell:expr;)+) => { &[$(Description { name: $name, tell: $tell }),+] };
}

pub(super) const DESCRIPTIONS: &[Description] = descriptions! {
    "another issuer": |h| patched(h, "issuer", "https://evil.example");
    "the issuer with a slash": |h| patched(h, "issuer", format!("{}/", h.issuer));
    "no issuer": |h| without(h, "issuer");
    "people are sent to another host": |h| {
        patched(h, "authorization_endpoint", "https://evil.example/authorize");
    };
    "people are sent to a script": |h| patched(h, "authorization_endpoint", "javascript:alert(1)");
    "codes go to another host": |h| patched(h, "token_endpoint", "https://evil.example/token");
    "codes go to another port": |h| patched(h, "token_endpoint", "http://127.0.0.1:9/token");
    "codes go to an address with a password": |h| {
        patched(h, "token_endpoint", h.issuer.replace("http://", "http://a:b@") + "/token");
    };
    "keys from another host": |h| patched(h, "jwks_uri", "http://169.254.169.254/keys");
    "keys from a file": |h| patched(h, "jwks_uri", "file:///etc/passwd");
    "no keys' address": |h| without(h, "jwks_uri");
    "no token endpoint": |h| without(h, "token_endpoint");
    "PKCE in the clear only": |h| {
        patched(h, "code_challenge_methods_supported", json!(["plain"]));
    };
    "no client secret": |h| {
        patched(h, "token_endpoint_auth_methods_supported", json!(["private_key_jwt"]));
    };
    "sends us elsewhere": |h| {
        h.discovery(Reply::Redirect(format!("{}/elsewhere", h.issuer)));
    };
    "no JSON": |h| h.discovery(Reply::Raw(200, "text/html", "<html>".to_owned()));
    "a list": |h| h.discovery(Reply::Json(json!([])));
    "a failure": |h| h.discovery(Reply::Raw(500, "text/plain", String::new()));
    "not found": |h| h.discovery(Reply::Raw(404, "text/plain", String::new()));
    "never comes": |h| h.discovery(Reply::Slow);
    "never ends": |h| h.discovery(Reply::Endless);
    "keys: no JSON": |h| h.keys(Reply::Raw(200, "text/html", "<html>".to_owned()));
    "keys: a list": |h| h.keys(Reply::Json(json!([])));
    "keys: a failure": |h| h.keys(Reply::Raw(500, "text/plain", String::new()));
    "keys: elsewhere": |h| h.keys(Reply::Redirect(format!("{}/elsewhere", h.issuer)));
    "keys: never come": |h| h.keys(Reply::Slow);
    "keys: never end": |h| h.keys(Reply::Endless);
};
