//! A provider that lies as it is told to. It signs with a key of its own, so that only what it says is wrong.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{Response, StatusCode, header},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey};
use openidconnect::{
    PrivateSigningKey as _,
    core::{CoreHmacKey, CoreJwsSigningAlgorithm},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet};

pub(super) const CLIENT: &str = "hearback";
pub(super) const SECRET: &str = "a secret of the client's";

/// An answer of the provider's.
#[derive(Clone)]
pub(super) enum Reply {
    Json(Value),
    /// Status, kind, body.
    Raw(u16, &'static str, String),
    Redirect(String),
    /// Its head at once, its body never.
    Slow,
    /// More and more of it.
    Endless,
}

#[derive(Clone)]
struct Replies {
    discovery: Reply,
    keys: Reply,
    token: Reply,
}

#[derive(Default)]
struct Questions {
    keys: AtomicUsize,
    elsewhere: AtomicUsize,
}

/// The provider.
pub(super) struct Hostile {
    pub(super) issuer: String,
    pub(super) key: SigningKey,
    asked: Arc<Questions>,
    replies: Arc<Mutex<Replies>>,
    /// Ends with it.
    _serving: JoinSet<()>,
}

pub(super) fn new_key() -> SigningKey {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).unwrap();
    SigningKey::from_bytes(&seed)
}

pub(super) fn b64(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// A public key as a provider shows it.
pub(super) fn jwk(key: &SigningKey, kid: &str) -> Value {
    let x = b64(key.verifying_key().as_bytes());
    json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": x})
}

impl Hostile {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let key = new_key();
        let replies = Arc::new(Mutex::new(Replies {
            discovery: Reply::Json(description(&issuer)),
            keys: Reply::Json(json!({"keys": [jwk(&key, "k1")]})),
            token: Reply::Raw(500, "text/plain", String::new()),
        }));
        let asked = Arc::new(Questions::default());
        let router = Router::new().fallback(answer).with_state((replies.clone(), asked.clone()));
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { issuer, key, asked, replies, _serving: serving }
    }

    pub(super) fn discovery(&self, reply: Reply) {
        self.replies.lock().unwrap().discovery = reply;
    }

    pub(super) fn keys(&self, reply: Reply) {
        self.replies.lock().unwrap().keys = reply;
    }

    pub(super) fn token(&self, reply: Reply) {
        self.replies.lock().unwrap().token = reply;
    }

    /// How often it was asked for something that no sign-in needs.
    pub(super) fn elsewhere(&self) -> usize {
        self.asked.elsewhere.load(Ordering::Relaxed)
    }

    /// How often it was asked for its keys.
    pub(super) fn key_questions(&self) -> usize {
        self.asked.keys.load(Ordering::Relaxed)
    }

    /// A token, signed as the header says, with the provider's own key.
    pub(super) fn sign(&self, header: &Value, claims: &Value) -> String {
        sign(&self.key, header, claims)
    }
}

/// What an honest provider at this address says of itself.
pub(super) fn description(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "authorization_response_iss_parameter_supported": true,
    })
}

pub(super) fn sign(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let text = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
    let signature = key.sign(text.as_bytes()).to_bytes();
    format!("{text}.{}", b64(signature))
}

/// A token that is signed with a shared secret.
pub(super) fn sign_shared(
    secret: &[u8],
    alg: &CoreJwsSigningAlgorithm,
    header: &Value,
    claims: &Value,
) -> String {
    let text = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
    let signature = CoreHmacKey::new(secret).sign(alg, text.as_bytes()).unwrap();
    format!("{text}.{}", b64(signature))
}

async fn answer(
    State((replies, asked)): State<(Arc<Mutex<Replies>>, Arc<Questions>)>,
    request: Request,
) -> Response<Body> {
    let replies = replies.lock().unwrap().clone();
    let reply = match request.uri().path() {
        "/.well-known/openid-configuration" => replies.discovery,
        "/keys" => {
            asked.keys.fetch_add(1, Ordering::Relaxed);
            replies.keys
        }
        "/token" => replies.token,
        _ => {
            asked.elsewhere.fetch_add(1, Ordering::Relaxed);
            Reply::Raw(404, "text/plain", String::new())
        }
    };
    let build = |status: u16, kind: &str, body: Body| {
        let response = Response::builder().status(status).header(header::CONTENT_TYPE, kind);
        response.body(body).unwrap()
    };
    match reply {
        Reply::Json(value) => build(200, "application/json", value.to_string().into()),
        Reply::Raw(status, kind, body) => build(status, kind, body.into()),
        Reply::Redirect(to) => Response::builder()
            .status(StatusCode::FOUND)
            .header(header::LOCATION, to)
            .body(Body::empty())
            .unwrap(),
        Reply::Slow => build(200, "application/json", drip(Duration::from_millis(100))),
        Reply::Endless => build(200, "application/json", drip(Duration::ZERO)),
    }
}

/// Spaces without end, which JSON may begin with.
fn drip(pause: Duration) -> Body {
    let piece = Bytes::from(vec![b' '; if pause.is_zero() { 1 << 16 } else { 1 }]);
    Body::from_stream(futures_util::stream::unfold((), move |()| {
        let piece = piece.clone();
        async move {
            tokio::time::sleep(pause).await;
            Some((Ok::<_, std::convert::Infallible>(piece), ()))
        }
    }))
}
