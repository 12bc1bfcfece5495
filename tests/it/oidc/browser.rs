//! A browser in front of the real router, and the service behind it on a clock that the test holds.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use hearback_domain::{Clock as _, Role, UserId};
use hearback_storage::ExternalIdentity;
use hearback_web::oidc::{Settings, SingleSignOn};
use http_body_util::BodyExt as _;
use openidconnect::url::Url;
use tower::ServiceExt as _;

use super::hostile::{CLIENT, Hostile, SECRET};
use crate::{
    access::{ORIGIN, app},
    support::Temporary,
    world::World,
};

/// Who the person `stranger` of the test world is at the provider.
pub(super) const SUBJECT: &str = "known-subject";

/// A service that trusts a hostile provider.
pub(super) struct Setting {
    pub(super) world: World,
    pub(super) hostile: Hostile,
    pub(super) router: Router,
    pub(super) person: UserId,
}

impl Setting {
    /// The person `stranger` is tied to [`SUBJECT`].
    pub(super) async fn new(store: Temporary) -> Self {
        let world = World::new(store).await;
        let hostile = Hostile::start().await;
        let person = world.stranger;
        let mut work = world.store.begin().await.unwrap();
        let identity =
            ExternalIdentity { issuer: hostile.issuer.clone(), subject: SUBJECT.to_owned() };
        work.connect(person, &identity, world.clock.now()).await.unwrap();
        work.commit().await.unwrap();
        let router = router(&world, settings(&hostile.issuer));
        Self { world, hostile, router, person }
    }

    /// Seconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.world.clock.now().as_micros().div_euclid(1_000_000)
    }

    /// The same service, started anew: it knows nothing of the provider yet.
    pub(super) fn start_anew(&mut self) {
        self.router = router(&self.world, settings(&self.hostile.issuer));
    }

    /// The same service, where people are what the group of that name says, and nothing else.
    pub(super) fn give_roles_by_group(&mut self) {
        let by_name = |role: &Role| (role.as_str().to_owned(), *role);
        let settings = Settings {
            role_claim: Some("groups".to_owned()),
            role_map: Role::ALL.iter().map(by_name).collect(),
            ..settings(&self.hostile.issuer)
        };
        self.router = router(&self.world, settings);
    }

    /// How many sessions there are.
    pub(super) async fn sessions(&self) -> usize {
        let (now, mut count) = (self.world.clock.now(), 0);
        let mut work = self.world.store.begin().await.unwrap();
        for person in work.people().await.unwrap() {
            count +=
                work.sessions_of(person.id, now, now.plus_seconds(-1_800)).await.unwrap().len();
        }
        count
    }
}

pub(super) fn settings(issuer: &str) -> Settings {
    Settings {
        issuer: issuer.to_owned(),
        client_id: CLIENT.to_owned(),
        client_secret: SECRET.to_owned(),
        patience: Duration::from_millis(700),
        ..Settings::default()
    }
}

fn router(world: &World, settings: Settings) -> Router {
    let sso = SingleSignOn::new(settings, ORIGIN).unwrap();
    let mut app = app(world, ORIGIN);
    app.single_sign_on = Some(Arc::new(sso));
    hearback_web::router(app)
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    /// Where a hop page sends the browser.
    pub(super) fn hop(&self) -> Option<String> {
        let (_, rest) = self.body.split_once("http-equiv=\"refresh\" content=\"0; url=")?;
        let (address, _) = rest.split_once('"')?;
        // As the template writes it.
        Some(address.replace("&#38;", "&").replace("&amp;", "&").replace("&#x26;", "&"))
    }

    /// The new value of a cookie, if it has one.
    pub(super) fn sets(&self, name: &str) -> Option<String> {
        let all = self.headers.get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap());
        let mut pairs = all.filter_map(|line| line.split(';').next()?.split_once('='));
        pairs.find(|(n, value)| *n == name && !value.is_empty()).map(|(_, v)| v.to_owned())
    }
}

/// A browser with its cookies.
#[derive(Clone)]
pub(super) struct Browser {
    router: Router,
    pub(super) cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(super) fn new(setting: &Setting) -> Self {
        Self { router: setting.router.clone(), cookies: BTreeMap::new() }
    }

    pub(super) async fn get(&mut self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], "").await
    }

    pub(super) async fn post(&mut self, path: &str, form: &str) -> Answer {
        let kind = "application/x-www-form-urlencoded";
        self.ask(Method::POST, path, &[("origin", ORIGIN), ("content-type", kind)], form).await
    }

    pub(super) async fn ask(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let cookies: Vec<_> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let mut request = Request::builder().method(method).uri(path);
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for line in parts.headers.get_all(header::SET_COOKIE) {
            let (name, value) =
                line.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Sets out for the provider; what it was asked.
    pub(super) async fn set_out(&mut self, path: &str, form: &str) -> Asked {
        let answer = self.post(path, form).await;
        let hop = answer.hop().unwrap_or_else(|| panic!("{} {}", answer.status, answer.body));
        assert_eq!(answer.status, StatusCode::OK);
        Asked::read(&hop)
    }
}

/// What the browser asks the provider for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) pairs: BTreeMap<String, String>,
}

impl Asked {
    fn read(address: &str) -> Self {
        let url = Url::parse(address).unwrap();
        Self { pairs: url.query_pairs().into_owned().collect() }
    }

    pub(super) fn state(&self) -> &str {
        &self.pairs["state"]
    }

    pub(super) fn nonce(&self) -> &str {
        &self.pairs["nonce"]
    }
}
