//! What a hostile provider, or somebody who got hold of a browser's addresses, may try with a sign-in. None of it
//! works.

use axum::http::{Method, StatusCode};
use openidconnect::core::CoreJwsSigningAlgorithm as Alg;
use serde_json::{Value, json};

use super::{
    browser::{Answer, Asked, Browser, SUBJECT, Setting},
    hostile::{CLIENT, Hostile, Reply, SECRET, b64, jwk, new_key, sign, sign_shared},
};

/// Everything about one sign-in that can be wrong. Untouched, it is right.
pub(super) struct Lie<'a> {
    hostile: &'a Hostile,
    asked: &'a Asked,
    now: i64,
    header: Value,
    claims: Value,
    /// The token itself, instead of one with this header and these claims.
    token: Option<String>,
    /// The token endpoint's answer, instead of one with the token.
    reply: Option<Reply>,
    query: Vec<(&'static str, String)>,
    browser: &'a mut Browser,
}

impl Lie<'_> {
    pub(super) fn claim(&mut self, name: &str, value: impl Into<Value>) {
        self.claims[name] = value.into();
    }

    fn no_claim(&mut self, name: &str) {
        self.claims.as_object_mut().unwrap().remove(name).unwrap();
    }

    fn param(&mut self, name: &str) -> &mut String {
        &mut self.query.iter_mut().find(|(n, _)| *n == name).unwrap().1
    }

    fn no_param(&mut self, name: &str) {
        self.query.retain(|(n, _)| *n != name);
    }

    fn shared(&mut self, name: &str, alg: &Alg, secret: &[u8]) {
        self.header["alg"] = name.into();
        self.token = Some(sign_shared(secret, alg, &self.header, &self.claims));
    }

    fn signed(&self) -> String {
        self.hostile.sign(&self.header, &self.claims)
    }

    /// Vouches for somebody else.
    pub(super) fn set_subject(&mut self, subject: &str) {
        self.claim("sub", subject);
    }

    /// Says that the token was signed with the key of that name.
    pub(super) fn set_key(&mut self, kid: &str) {
        self.header["kid"] = kid.into();
    }

    /// Vouches for the world's owner, who showed who they are so many seconds from now.
    pub(super) fn owner_shown_at(&mut self, seconds: Option<i64>) {
        self.set_subject("the-owner");
        match seconds {
            Some(seconds) => self.claim("auth_time", self.now + seconds),
            None => self.no_claim("auth_time"),
        }
    }

    fn json(&mut self, value: Value) {
        self.reply = Some(Reply::Json(value));
    }
}

/// Signs in with whatever `lie` makes of it; the answer to the browser that comes back.
pub(super) async fn sign_in(
    setting: &Setting,
    browser: &mut Browser,
    asked: &Asked,
    lie: fn(&mut Lie<'_>),
) -> Answer {
    let now = setting.now();
    let issuer = &setting.hostile.issuer;
    let mut all = Lie {
        hostile: &setting.hostile,
        asked,
        now,
        header: json!({"alg": "EdDSA", "typ": "JWT", "kid": "k1"}),
        claims: json!({
            "iss": issuer, "sub": SUBJECT, "aud": CLIENT, "nonce": asked.nonce(),
            "iat": now, "exp": now + 300, "auth_time": now, "sid": "session-1",
        }),
        token: None,
        reply: None,
        query: vec![
            ("code", "a-code".to_owned()),
            ("state", asked.state().to_owned()),
            ("iss", issuer.clone()),
        ],
        browser,
    };
    lie(&mut all);
    let token = all.token.take().unwrap_or_else(|| all.signed());
    let honest = json!({"access_token": "x", "token_type": "Bearer", "id_token": token});
    setting.hostile.token(all.reply.take().unwrap_or(Reply::Json(honest)));
    let query = openidconnect::url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(all.query.iter().map(|(n, v)| (n, v)))
        .finish();
    browser.get(&format!("/sign-in/sso/callback?{query}")).await
}

type Lies = &'static [(&'static str, fn(&mut Lie<'_>))];

/// The token is not the provider's, or not meant to be one for signing in.
pub(super) const SIGNATURES: Lies = &[
    ("none", |l| {
        l.header["alg"] = "none".into();
        l.token = Some(format!("{}.{}.", b64(l.header.to_string()), b64(l.claims.to_string())));
    }),
    ("None, written otherwise", |l| {
        l.header["alg"] = "nOnE".into();
        l.token = Some(format!("{}.{}.", b64(l.header.to_string()), b64(l.claims.to_string())));
    }),
    ("none, with a signature", |l| l.header["alg"] = "none".into()),
    ("no algorithm", |l| {
        l.header.as_object_mut().unwrap().remove("alg");
    }),
    ("an unknown algorithm", |l| l.header["alg"] = "EdDSA2".into()),
    ("HS256 with the public key's bytes", |l| {
        let public = l.hostile.key.verifying_key().to_bytes();
        l.shared("HS256", &Alg::HmacSha256, &public);
    }),
    ("HS256 with the public key as JSON", |l| {
        let public = jwk(&l.hostile.key, "k1").to_string();
        l.shared("HS256", &Alg::HmacSha256, public.as_bytes());
    }),
    ("HS256 with the client's secret", |l| l.shared("HS256", &Alg::HmacSha256, SECRET.as_bytes())),
    ("HS384 with the client's secret", |l| l.shared("HS384", &Alg::HmacSha384, SECRET.as_bytes())),
    ("HS512 with the client's secret", |l| l.shared("HS512", &Alg::HmacSha512, SECRET.as_bytes())),
    ("HS256 with nothing", |l| l.shared("HS256", &Alg::HmacSha256, b"")),
    ("a key that nobody has", |l| l.header["kid"] = "k9".into()),
    ("a key's name that is no text", |l| l.header["kid"] = 1.into()),
    ("another key under the same name", |l| {
        l.token = Some(sign(&new_key(), &l.header, &l.claims));
    }),
    ("another key, brought along (jwk)", |l| {
        let key = new_key();
        l.header["jwk"] = jwk(&key, "k1");
        l.token = Some(sign(&key, &l.header, &l.claims));
    }),
    ("another key, elsewhere (jku)", |l| {
        l.header["jku"] = "http://127.0.0.1:1/keys".into();
        l.header["kid"] = "k7".into();
        l.token = Some(sign(&new_key(), &l.header, &l.claims));
    }),
    ("RS256 on the label", |l| l.header["alg"] = "RS256".into()),
    ("ES256 on the label", |l| l.header["alg"] = "ES256".into()),
    ("PS256 on the label", |l| l.header["alg"] = "PS256".into()),
    ("a signature that ends early", |l| {
        let token = l.signed();
        l.token = Some(token[..token.len() - 8].to_owned());
    }),
    ("no signature", |l| {
        let token = l.signed();
        l.token = Some(token[..=token.rfind('.').unwrap()].to_owned());
    }),
    ("a signature of zeroes", |l| {
        let token = l.signed();
        let (text, _) = token.rsplit_once('.').unwrap();
        l.token = Some(format!("{text}.{}", b64([0; 64])));
    }),
    ("claims changed afterwards", |l| {
        l.claim("sub", "somebody-else");
        let token = l.signed();
        let (header, rest) = token.split_once('.').unwrap();
        let (_, signature) = rest.split_once('.').unwrap();
        l.claim("sub", SUBJECT);
        l.token = Some(format!("{header}.{}.{signature}", b64(l.claims.to_string())));
    }),
    ("something critical", |l| l.header["crit"] = json!(["b64"])),
    ("an access token", |l| l.header["typ"] = "at+jwt".into()),
    ("a logout token", |l| l.header["typ"] = "logout+jwt".into()),
    ("a token in a token", |l| l.header["cty"] = "JWT".into()),
    ("encrypted", |l| {
        l.header = json!({"alg": "RSA-OAEP", "enc": "A256GCM", "kid": "k1"});
        l.token = Some(format!("{}.a.b.c.d", b64(l.header.to_string())));
    }),
    ("four parts", |l| l.token = Some(format!("{}.x", l.signed()))),
    ("two parts", |l| {
        let token = l.signed();
        l.token = Some(token.rsplit_once('.').unwrap().0.to_owned());
    }),
    ("nothing at all", |l| l.token = Some(String::new())),
    ("spaces around it", |l| l.token = Some(format!(" {} ", l.signed()))),
    ("claims that are a list", |l| l.claims = json!(["sub", SUBJECT])),
    ("claims that are no JSON", |l| {
        let text = format!("{}.{}", b64(l.header.to_string()), b64("sub=1"));
        l.token = Some(format!("{text}.{}", b64([1; 64])));
    }),
];

/// Signed by the provider, and yet not to be believed.
pub(super) const CLAIMS: Lies = &[
    ("another issuer", |l| l.claim("iss", "https://evil.example")),
    ("the issuer with a slash", |l| {
        let issuer = format!("{}/", l.hostile.issuer);
        l.claim("iss", issuer);
    }),
    ("the issuer in capitals", |l| {
        let issuer = l.hostile.issuer.to_uppercase();
        l.claim("iss", issuer);
    }),
    ("no issuer", |l| l.no_claim("iss")),
    ("for another client", |l| l.claim("aud", "somebody")),
    ("for nobody", |l| l.no_claim("aud")),
    ("for none of a list", |l| l.claim("aud", json!([]))),
    ("for a client of almost that name", |l| l.claim("aud", "hearback2")),
    ("for two, without saying by whom", |l| l.claim("aud", json!([CLIENT, "other"]))),
    ("for two, on our behalf", |l| {
        l.claim("aud", json!([CLIENT, "other"]));
        l.claim("azp", CLIENT);
    }),
    ("made for another (azp)", |l| l.claim("azp", "other")),
    ("over", |l| l.claim("exp", l.now - 3_600)),
    ("over by more than clocks differ", |l| l.claim("exp", l.now - 61)),
    ("never over", |l| l.no_claim("exp")),
    ("over at a text", |l| l.claim("exp", "tomorrow")),
    ("made in the future", |l| l.claim("iat", l.now + 120)),
    ("made long ago", |l| l.claim("iat", l.now - 3_600)),
    ("made at no time", |l| l.no_claim("iat")),
    ("not valid yet", |l| l.claim("nbf", l.now + 120)),
    ("valid from a text", |l| l.claim("nbf", "now")),
    ("no nonce", |l| l.no_claim("nonce")),
    ("an empty nonce", |l| l.claim("nonce", "")),
    ("another nonce", |l| l.claim("nonce", "0".repeat(64))),
    ("the state as nonce", |l| l.claim("nonce", l.asked.state())),
    ("nobody", |l| l.no_claim("sub")),
    ("nobody's name", |l| l.claim("sub", "")),
    ("a very long name", |l| l.claim("sub", "x".repeat(256))),
    ("a number for a name", |l| l.claim("sub", 7)),
    ("a name with a line break", |l| l.claim("sub", format!("{SUBJECT}\n"))),
    ("a name with a space", |l| l.claim("sub", format!("{SUBJECT} "))),
    ("a name with a zero byte", |l| l.claim("sub", format!("{SUBJECT}\0"))),
    ("a session without a name", |l| l.claim("sid", "")),
    ("a session with a very long name", |l| l.claim("sid", "x".repeat(256))),
    ("a session that is no text", |l| l.claim("sid", json!({"a": 1}))),
];

/// Somebody whom nobody here knows, however much they look like somebody.
pub(super) const STRANGERS: Lies = &[
    ("unknown", |l| l.claim("sub", "somebody-else")),
    ("the name in capitals", |l| l.claim("sub", SUBJECT.to_uppercase())),
    ("the sign-in name as name", |l| l.claim("sub", "stranger")),
    ("the e-mail address of an account", |l| {
        l.claim("sub", "somebody-else");
        l.claim("email", "stranger");
        l.claim("email_verified", true);
    }),
    ("the sign-in name of an account", |l| {
        l.claim("sub", "somebody-else");
        l.claim("preferred_username", "stranger");
        l.claim("name", "Stranger");
    }),
    ("roles that nobody asked for", |l| {
        l.claim("sub", "somebody-else");
        l.claim("roles", json!(["sysadmin", "researcher"]));
        l.claim("groups", json!(["sysadmin"]));
    }),
];

/// The token endpoint does not answer as it has to.
pub(super) const ANSWERS: Lies = &[
    ("the code was used", |l| {
        l.reply = Some(Reply::Raw(400, "application/json", r#"{"error":"invalid_grant"}"#.into()));
    }),
    ("no ID token", |l| l.json(json!({"access_token": "x", "token_type": "Bearer"}))),
    ("an ID token that is none", |l| {
        l.json(json!({"access_token": "x", "token_type": "Bearer", "id_token": 7}));
    }),
    ("an error with a token", |l| {
        let token = l.signed();
        let body = json!({"error": "invalid_grant", "id_token": token}).to_string();
        l.reply = Some(Reply::Raw(400, "application/json", body));
    }),
    ("a token with an error's status", |l| {
        let token = l.signed();
        let body = json!({"access_token": "x", "token_type": "Bearer", "id_token": token});
        l.reply = Some(Reply::Raw(500, "application/json", body.to_string()));
    }),
    ("no JSON", |l| l.reply = Some(Reply::Raw(200, "application/json", "<html>".into()))),
    ("a page", |l| l.reply = Some(Reply::Raw(200, "text/html", "<html>".into()))),
    ("nothing", |l| l.reply = Some(Reply::Raw(200, "application/json", String::new()))),
    ("a list", |l| l.json(json!([]))),
    ("JSON without end", |l| {
        l.reply = Some(Reply::Raw(200, "application/json", "[".repeat(100_000)));
    }),
    ("a failure", |l| l.reply = Some(Reply::Raw(503, "text/plain", "later".into()))),
    ("sends us elsewhere", |l| {
        l.reply = Some(Reply::Redirect(format!("{}/elsewhere", l.hostile.issuer)));
    }),
    ("a body that never comes", |l| l.reply = Some(Reply::Slow)),
    ("a body that never ends", |l| l.reply = Some(Reply::Endless)),
];

/// The address that the browser comes back with.
pub(super) const ADDRESSES: Lies = &[
    ("no cookie", |l| {
        l.browser.cookies.remove("hearback-sso");
    }),
    ("a cookie that is none of ours", |l| {
        l.browser.cookies.insert("hearback-sso".to_owned(), "0".repeat(64));
    }),
    ("a cookie that is no token", |l| {
        l.browser.cookies.insert("hearback-sso".to_owned(), "x".to_owned());
    }),
    ("two cookies", |l| {
        let own = l.browser.cookies["hearback-sso"].clone();
        let two = format!("{own}; hearback-sso={}", "0".repeat(64));
        l.browser.cookies.insert("hearback-sso".to_owned(), two);
    }),
    ("no state", |l| l.no_param("state")),
    ("an empty state", |l| l.param("state").clear()),
    ("another state", |l| *l.param("state") = "0".repeat(64)),
    ("the nonce as state", |l| *l.param("state") = l.asked.nonce().to_owned()),
    ("two states", |l| l.query.push(("state", l.asked.state().to_owned()))),
    ("two codes", |l| l.query.push(("code", "another".to_owned()))),
    ("no code", |l| l.no_param("code")),
    ("an empty code", |l| l.param("code").clear()),
    ("a very long code", |l| *l.param("code") = "x".repeat(9_000)),
    ("no issuer, although the provider always says it", |l| l.no_param("iss")),
    ("another issuer (mix-up)", |l| "https://evil.example".clone_into(l.param("iss"))),
    ("the issuer with a slash", |l| l.param("iss").push('/')),
    ("two issuers", |l| l.query.push(("iss", l.hostile.issuer.clone()))),
    ("an error", |l| {
        l.no_param("code");
        l.query.push(("error", "server_error".to_owned()));
    }),
    ("an error with markup", |l| {
        l.no_param("code");
        l.query.push(("error", "<script>alert(1)</script>".to_owned()));
    }),
    ("turned back", |l| {
        l.no_param("code");
        l.query.push(("error", "access_denied".to_owned()));
    }),
    ("an error and a code", |l| l.query.push(("error", "access_denied".to_owned()))),
    ("an error of another issuer's", |l| {
        l.no_param("code");
        "https://evil.example".clone_into(l.param("iss"));
        l.query.push(("error", "access_denied".to_owned()));
    }),
];

/// What the service says of a sign-in that it does not believe.
pub(super) fn is_refused(answer: &Answer, stranger: bool) -> bool {
    let status = if stranger {
        answer.status == StatusCode::FORBIDDEN
    } else {
        matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::SERVICE_UNAVAILABLE)
    };
    status && answer.sets("hearback").is_none() && !answer.body.contains("<script>alert")
}

/// The service answers others as before.
pub(super) async fn is_alive(browser: &Browser) -> bool {
    let mut other = browser.clone();
    other.cookies.clear();
    other.ask(Method::GET, "/healthz", &[], "").await.status == StatusCode::OK
}
