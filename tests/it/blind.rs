//! A coder sees nothing of another's work before both have finished: their whole view, byte for byte, over the
//! addresses that there are, on both databases.

use std::collections::BTreeMap;

use axum::{
    Router,
    body::Body,
    http::{Method, Request, header},
};
use hearback_domain::{Role, policy::Action};
use hearback_web::{Guard, ROUTES, Route};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{
    access::{ORIGIN, app, body, path, session},
    support::{Temporary, postgres, sqlite},
    world::{Objects, Stage, World},
};

/// An answer: its status, its headers, its body.
pub(crate) type Answer = (u16, Vec<(String, String)>, Vec<u8>);

/// A world, and the service in it.
pub(crate) struct House {
    pub(crate) world: World,
    router: Router,
    pub(crate) objects: Objects,
}

impl House {
    pub(crate) async fn new(store: Temporary) -> Self {
        let world = World::new(store).await;
        let router = hearback_web::router(app(&world, ORIGIN));
        let objects = world.recording(Stage::Released).await;
        Self { world, router, objects }
    }

    pub(crate) async fn ask(
        &self,
        cookie: &str,
        method: Method,
        path: &str,
        sent: (&str, &str),
    ) -> Answer {
        let mut request = Request::builder().method(method.clone()).uri(path);
        request = request.header(header::HOST, "localhost:1").header(header::COOKIE, cookie);
        if method != Method::GET {
            request = request.header(header::ORIGIN, ORIGIN).header(header::CONTENT_TYPE, sent.0);
        }
        let request = request.body(Body::from(sent.1.to_owned())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers =
            headers.map(|(k, v)| (k.to_string(), v.to_str().unwrap().to_owned())).collect();
        let body = response.into_body().collect().await.unwrap().to_bytes().to_vec();
        (status, headers, body)
    }

    /// Everything that a coder can look at, and what comes of asking for it with a choice.
    pub(crate) async fn view(&self, cookie: &str) -> BTreeMap<String, Answer> {
        let mut view = BTreeMap::new();
        // A new seed, or a new question to a security key, each time.
        let drawn = ["/protocols/new", "/confirm", "/assets/{name}"];
        let looks = |route: &&Route| route.method == Method::GET && !drawn.contains(&route.path);
        let mut paths: Vec<String> =
            ROUTES.iter().filter(looks).map(|route| path(route, &self.objects)).collect();
        let protocol = World::protocol();
        for coder in [World::second(), self.world.researcher] {
            paths.push(format!("/reliability?coder={coder}"));
            paths.push(format!("/reliability/ratings.csv?coder={coder}&protocol={protocol}"));
        }
        for path in paths {
            let answer = self.ask(cookie, Method::GET, &path, ("", "")).await;
            assert!(answer.0 < 500, "{path}: {}", String::from_utf8_lossy(&answer.2));
            view.insert(path, answer);
        }
        for (what, form) in [("/search", "q=canary"), ("/recordings/{id}/second", "coder=")] {
            let path = what.replace("{id}", &self.objects.recording.to_string());
            let sent = ("application/x-www-form-urlencoded", form);
            view.insert(format!("POST {path}"), self.ask(cookie, Method::POST, &path, sent).await);
        }
        view
    }

    /// A coder does everything that coders do, with these words, but finish.
    async fn work(&self, cookie: &str, words: &str, score: u8) {
        let mut done = 0;
        for route in ROUTES {
            let codes = route.guard == Guard::Asks(Action::Code) && route.method != Method::GET;
            let other = ["/coding/finish", "/protocol", "{code}"];
            if !codes || other.iter().any(|end| route.path.ends_with(end)) {
                continue;
            }
            let (kind, body) = body(route, &self.world, &self.objects);
            let path = path(route, &self.objects);
            let answer = self.ask(cookie, route.method.clone(), &path, (kind, &body)).await;
            assert!((200..400).contains(&answer.0), "{} {path}: {}", route.method, answer.0);
            done += 1;
        }
        assert!(done > 1, "codes and scores at the least");
        let recording = self.objects.recording;
        let at = |what: &str| format!("/recordings/{recording}/{what}");
        for (n, skill) in ["clarity", "collaboration", "purposefulness"].iter().enumerate() {
            let start = 1_000 * n + 500;
            let code = json!({
                "skill": skill, "start_ms": start, "end_ms": start + 900, "note": words,
            });
            let sent = ("application/json", &*code.to_string());
            assert_eq!(self.ask(cookie, Method::POST, &at("codes"), sent).await.0, 201);
            let sent = ("application/json", &*json!({ "score": score }).to_string());
            let path = at(&format!("scores/{skill}"));
            assert_eq!(self.ask(cookie, Method::PUT, &path, sent).await.0, 204);
        }
    }

    async fn finish(&self, cookie: &str) {
        let path = format!("/recordings/{}/coding/finish", self.objects.recording);
        let sent = ("application/x-www-form-urlencoded", "");
        assert_eq!(self.ask(cookie, Method::POST, &path, sent).await.0, 303);
    }

    async fn compared(&self, cookie: &str) -> Value {
        let path = format!("/recordings/{}/codings/compare.json", self.objects.recording);
        let (status, _, body) = self.ask(cookie, Method::GET, &path, ("", "")).await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }
}

pub(crate) fn same(
    before: &BTreeMap<String, Answer>,
    after: &BTreeMap<String, Answer>,
    when: &str,
) {
    let changed = before.iter().filter(|(path, answer)| after.get(*path) != Some(*answer));
    let changed: Vec<_> = changed.map(|(path, _)| path).collect();
    assert!(changed.is_empty(), "{when}: {changed:?}");
    assert_eq!(before.len(), after.len());
}

pub(crate) fn holds(view: &BTreeMap<String, Answer>, words: &str) -> Vec<String> {
    let found = |answer: &Answer| String::from_utf8_lossy(&answer.2).contains(words);
    view.iter().filter(|(_, answer)| found(answer)).map(|(path, _)| path.clone()).collect()
}

async fn nothing_tells_of_the_others_work(store: Temporary) {
    let house = House::new(store).await;
    let first = session(&house.world, house.world.researcher, Role::Researcher).await;
    let second = session(&house.world, World::second(), Role::Researcher).await;
    house.work(&first, "canary of the first", 2).await;

    let before = house.view(&first).await;
    assert!(before.len() > 60, "{} addresses", before.len());
    assert!(!holds(&before, "canary of the first").is_empty(), "one sees one's own work");
    house.work(&second, "canary of the second", 5).await;
    same(&before, &house.view(&first).await, "while the second works");
    house.finish(&second).await;
    same(&before, &house.view(&first).await, "when the second has finished");

    // The other way round: who has finished sees no more than who has not.
    let waiting = house.view(&second).await;
    assert_eq!(holds(&waiting, "canary of the first"), Vec::<String>::new());
    house.work(&first, "another canary of the first", 3).await;
    same(&waiting, &house.view(&second).await, "while the first goes on");

    // When both have finished, both see both.
    house.finish(&first).await;
    for cookie in [&first, &second] {
        let codings = house.compared(cookie).await;
        let codings = codings.as_array().unwrap();
        assert_eq!(codings.len(), 2);
        assert_eq!(codings.iter().filter(|coding| coding["mine"] == true).count(), 1);
        let notes = serde_json::to_string(codings).unwrap();
        assert!(notes.contains("canary of the first") && notes.contains("canary of the second"));
    }
    let figures = format!("/reliability?protocol={}", World::protocol());
    let (_, _, page) = house.ask(&first, Method::GET, &figures, ("", "")).await;
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("Mean, Researcher") && page.contains("Mean, Second"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    nothing_tells_of_the_others_work(sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    nothing_tells_of_the_others_work(postgres().await).await;
}
