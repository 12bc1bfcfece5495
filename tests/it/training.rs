//! Becoming a reliable coder (REL-01 … REL-04): whoever learns sees nothing of what was scored and agreed, and the four
//! stages in a real browser.

use std::collections::BTreeMap;

use axum::http::Method;
use hearback_access::Code;
use hearback_domain::{RecordingId, Role, coding::Standing};
use hearback_storage::permit;
use serde_json::json;

use crate::{
    access::session,
    blind::{Answer, House, holds, same},
    desk_page::visit,
    support::{Temporary, postgres, sqlite},
    world::{Stage, World},
};

const FORM: &str = "application/x-www-form-urlencoded";

impl House {
    async fn post(&self, cookie: &str, path: &str, form: &str) -> u16 {
        self.ask(cookie, Method::POST, path, (FORM, form)).await.0
    }

    /// Scores every item alike, and finishes.
    async fn score(&self, cookie: &str, id: RecordingId, score: u8) {
        for item in hearback_domain::Framework::v1().items() {
            let path = format!("/recordings/{id}/scores/{}", item.key);
            let sent = ("application/json", &*json!({ "score": score }).to_string());
            assert_eq!(self.ask(cookie, Method::PUT, &path, sent).await.0, 204);
        }
        assert_eq!(self.post(cookie, &format!("/recordings/{id}/coding/finish"), "").await, 303);
    }
}

/// A house in which people learn with a set of three, whose founders scored and agreed like this; and everything that
/// somebody can look at who has begun to learn.
async fn learning(store: Temporary, scores: (u8, u8), agreed: &str) -> BTreeMap<String, Answer> {
    let house = House::new(store).await;
    let world = &house.world;
    let owner = session(world, world.owner, Role::Practitioner).await;
    let first = session(world, world.researcher, Role::Researcher).await;
    let second = session(world, World::second(), Role::Researcher).await;
    let learner = session(world, world.stranger, Role::Researcher).await;
    let mut ids = vec![house.objects.recording];
    for _ in 0..2 {
        ids.push(world.recording(Stage::Released).await.recording);
    }
    assert_eq!(house.post(&first, "/training", "version=1&size=3").await, 303);
    for id in &ids {
        let teaching = format!("/recordings/{id}/teaching");
        assert_eq!(house.post(&owner, &teaching, "answer=yes").await, 303);
        let form = "version=1&do=add&level=middle";
        assert_eq!(house.post(&first, &format!("/recordings/{id}/training"), form).await, 303);
    }
    for person in [world.researcher, World::second()] {
        let form = format!("person={person}&part=founder");
        assert_eq!(house.post(&first, "/training/1/people", &form).await, 303);
    }
    for id in &ids {
        house.score(&first, *id, scores.0).await;
        house.score(&second, *id, scores.1).await;
        let compare = format!("/recordings/{id}/codings/compare");
        let page = house.ask(&first, Method::GET, &compare, (FORM, "")).await;
        let text = String::from_utf8(page.2).unwrap();
        assert!(text.contains("Propose for the training set"), "it is offered there: {}", page.0);
        let items = hearback_domain::Framework::v1();
        let items = items.items();
        let form: Vec<String> = items
            .iter()
            .map(|i| format!("agreed.{0}={agreed}&note.{0}=canary+of+what+was+agreed", i.key))
            .collect();
        let path = format!("/recordings/{id}/agreed/1");
        assert_eq!(house.post(&second, &path, &form.join("&")).await, 303);
    }
    assert_eq!(house.post(&first, "/training/1/open", "").await, 303);
    let form = format!("person={}&part=trainee", world.stranger);
    assert_eq!(house.post(&first, "/training/1/people", &form).await, 303);
    assert_eq!(house.post(&learner, "/training/1/attempts", "").await, 303);

    // The other side sees it, so the canary can be seen.
    assert!(!holds(&house.view(&second).await, "canary of what was agreed").is_empty());
    let view = house.view(&learner).await;
    assert_eq!(holds(&view, "canary of what was agreed"), Vec::<String>::new());
    let desk = &view[&format!("/recordings/{}/code", ids[0])];
    assert_eq!(desk.0, 200, "somebody who learns is let in");
    view
}

async fn nothing_tells_what_was_agreed(one: Temporary, other: Temporary) {
    let lower = learning(one, (1, 2), "1.5").await;
    let higher = learning(other, (5, 4), "none").await;
    same(&lower, &higher, "whatever was scored and agreed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    nothing_tells_what_was_agreed(sqlite().await, sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    nothing_tells_what_was_agreed(postgres().await, postgres().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_stages_in_a_browser() {
    let world = World::new(sqlite().await).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(world.recording(Stage::Released).await.recording);
    }
    let next = world.recording(Stage::Private).await.recording;
    let (store, learner) = (world.store.clone(), world.stranger);
    let cx = world.cx(learner, Role::Researcher);
    let given = [
        ("IDS", ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")),
        ("NEXT", next.to_string()),
        ("WREN", session(&world, world.owner, Role::Practitioner).await),
        ("ROOK", session(&world, world.researcher, Role::Researcher).await),
        ("HAWK", session(&world, World::second(), Role::Researcher).await),
        ("TERN", session(&world, learner, Role::Researcher).await),
        ("OWNER", world.owner.to_string()),
        ("FIRST", world.researcher.to_string()),
        ("SECOND", World::second().to_string()),
        ("THIRD", learner.to_string()),
    ];
    let said = visit(world, "training.mjs", "browser-training", &given).await;
    assert_eq!(said, json!({ "done": true }));
    for (id, standing) in [(ids[0], Standing::Practice), (next, Standing::Counts)] {
        let (mut work, code) = permit::<Code>(&*store, cx, id).await.unwrap();
        let finished = work.coding(&code).await.unwrap().unwrap().finished.unwrap();
        assert_eq!(finished.standing, standing);
    }
}
