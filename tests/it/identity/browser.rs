//! Somebody at a browser, without a network in between: cookies, forms, redirects.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use hearback_domain::{Clock as _, Login, Role, UserId};
use hearback_storage::NewPerson;
use hearback_web::{Config, SecondFactor};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::{
    access::{ORIGIN, app},
    service::PASSPHRASE,
    support::Temporary,
    world::World,
};

/// A world and the service in front of it.
pub(super) struct House {
    pub(super) world: World,
    pub(super) router: Router,
}

impl House {
    /// A house where second steps are asked of these people.
    pub(super) async fn asking(store: Temporary, second_factor: SecondFactor) -> Self {
        Self::with(store, |config| config.second_factor = second_factor).await
    }

    /// A house with these settings.
    pub(super) async fn with(store: Temporary, set: impl FnOnce(&mut Config)) -> Self {
        let world = World::new(store).await;
        let mut app = app(&world, ORIGIN);
        let mut config = Config::clone(&app.config);
        set(&mut config);
        app.config = Arc::new(config);
        Self { router: hearback_web::router(app), world }
    }

    /// Adds a person whose passphrase is everybody's.
    pub(super) async fn person(&self, login: &str, roles: &[Role]) -> UserId {
        let person = NewPerson {
            id: UserId::mint(&*self.world.ids),
            login: Login::new(login).unwrap(),
            name: login.to_uppercase(),
            password_hash: hearback_web::password::hash(PASSPHRASE).unwrap(),
            roles: roles.to_vec(),
            created_at: self.world.clock.now(),
        };
        let mut work = self.world.store.begin().await.unwrap();
        work.add_person(&person).await.unwrap();
        work.commit().await.unwrap();
        person.id
    }

    /// A browser that nobody has used yet.
    pub(super) fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), jar: Mutex::default(), from: None, forwarded: None }
    }

    /// A browser in which this person has just signed in by passphrase.
    pub(super) async fn signed_in(&self, login: &str) -> Browser {
        let browser = self.browser();
        let reply = browser.sign_in(login, PASSPHRASE).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text);
        browser
    }

    pub(super) fn pass(&self, seconds: i64) {
        self.world.clock.advance_seconds(seconds);
    }
}

/// A browser.
pub(super) struct Browser {
    router: Router,
    pub(super) jar: Mutex<BTreeMap<String, String>>,
    /// The address it comes from; a test without one is not about networks.
    pub(super) from: Option<IpAddr>,
    pub(super) forwarded: Option<String>,
}

/// An answer.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Reply {
    /// Where it sends the browser.
    pub(super) fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |v| v.to_str().unwrap())
    }
}

impl Browser {
    pub(super) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, "", "text/html").await
    }

    /// Sends a form, given as a query string.
    pub(super) async fn post(&self, path: &str, form: &str) -> Reply {
        self.send(Method::POST, path, form, "text/html").await
    }

    /// Asks as a script would.
    pub(super) async fn json(&self, method: Method, path: &str) -> Reply {
        self.send(method, path, "", "application/json").await
    }

    async fn send(&self, method: Method, path: &str, body: &str, accept: &str) -> Reply {
        let cookies = {
            let jar = self.jar.lock().unwrap();
            jar.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("; ")
        };
        let mut request = Request::builder().method(method.clone()).uri(path);
        request = request.header(header::COOKIE, cookies).header(header::ACCEPT, accept);
        if method != Method::GET {
            request = request
                .header(header::ORIGIN, ORIGIN)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if let Some(forwarded) = &self.forwarded {
            request = request.header("x-forwarded-for", forwarded);
        }
        if let Some(from) = self.from {
            request = request.extension(ConnectInfo(SocketAddr::new(from, 4_711)));
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        for set in response.headers().get_all(header::SET_COOKIE) {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            let mut jar = self.jar.lock().unwrap();
            if set.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Reply { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// Sends the sign-in form.
    pub(super) async fn sign_in(&self, login: &str, passphrase: &str) -> Reply {
        let passphrase = passphrase.replace(' ', "+");
        self.post("/sign-in", &format!("login={login}&passphrase={passphrase}&next=/")).await
    }

    /// Whether somebody is signed in here.
    pub(super) async fn is_in(&self) -> bool {
        self.get("/").await.status == StatusCode::OK
    }

    /// Another browser with the same cookies: what a thief of them has.
    pub(super) fn copy(&self) -> Self {
        let jar = Mutex::new(self.jar.lock().unwrap().clone());
        Self { router: self.router.clone(), jar, from: self.from, forwarded: None }
    }

    /// Sets up an authenticator app; its secret and the recovery codes.
    pub(super) async fn set_up_app(&self, now_seconds: i64) -> (Vec<u8>, Vec<String>) {
        assert_eq!(self.post("/account/app", "").await.location(), "/account/app");
        let page = self.get("/account/app").await.text;
        assert!(page.contains("<svg "), "the key is there as a picture");
        let key = between(&page, "<code class=\"hb-key\">", "</code>")[0].replace(' ', "");
        let secret = totp_rs::Secret::try_from_base32(key).unwrap().as_bytes().to_vec();
        let code = code(&secret, now_seconds);
        let page = self.post("/account/app/confirm", &format!("code={code}")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        (secret, between(&page.text, "<code class=\"hb-key\">", "</code>"))
    }

    /// Answers the page that asks to show anew who one is.
    pub(super) async fn confirm(&self, passphrase: &str, code: &str) -> Reply {
        let page = self.get("/confirm?next=/account").await.text;
        let once = between(&page, "name=\"once\" value=\"", "\"");
        let passphrase = passphrase.replace(' ', "+");
        let form = format!("once={}&passphrase={passphrase}&code={code}&next=/account", once[0]);
        self.post("/confirm", &form).await
    }
}

/// The code that an app with this secret shows at this moment.
pub(super) fn code(secret: &[u8], seconds: i64) -> String {
    let totp = totp_rs::Builder::new().with_secret(secret).with_account_name("x").build().unwrap();
    totp.generate(u64::try_from(seconds).unwrap()).to_string()
}

/// Everything between two texts.
pub(super) fn between(text: &str, before: &str, after: &str) -> Vec<String> {
    let parts = text.split(before).skip(1);
    parts.filter_map(|rest| rest.split(after).next()).map(ToOwned::to_owned).collect()
}
