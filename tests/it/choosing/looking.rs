//! What it takes to look: fifty pages of sessions are open, and each asks once a second whether its list is another one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::http::Method;
use hearback_domain::Role;
use serde_json::{Value, json};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt as _};

use super::{FORM, seconds, three_minutes};
use crate::{
    access::session,
    blind::House,
    desk_page::recording,
    support::{Temporary, postgres, sqlite},
};

/// So many pages are open.
const PAGES: usize = 50;
/// So often all of them look, one way and the other in turn.
const ROUNDS: usize = 5;
/// The most statements that a look takes while nothing has changed, beside what begins and ends its units: who asks, whether
/// they may, and the sign.
const MOST_QUERIES: u64 = 3;
/// The most time that a look may take, as a part of what the whole list takes.
const MOST_TIME: f64 = 0.5;

/// Counts the statements that a database is sent.
#[derive(Clone, Default)]
struct Queries(Arc<AtomicU64>);

impl<S: tracing::Subscriber> Layer<S> for Queries {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A house in which a session was chosen for, of three recordings with two extracts each: its pages, and the coach's cookie.
async fn house_with_a_session(store: Temporary) -> (House, String, String) {
    let house = House::new(store).await;
    let world = &house.world;
    let pcm = three_minutes();
    let mut clips = Vec::new();
    let mut recordings = Vec::new();
    for _ in 0..3 {
        let id = recording(world, 3).await;
        for (from, to) in [(20, 40), (60, 75)] {
            let span = seconds(from, to);
            clips.push(world.extract(id, &pcm, ("clarity", None), span, "Plain words.").await);
        }
        world.agree(id).await;
        recordings.push(id);
    }
    let series = world.series_along(recordings[0], "clarity").await;
    for id in &recordings[1..] {
        world.walk_along(series, *id).await;
    }
    let id = world.session_in(series, 7).await;
    for clip in clips {
        world.choose(id, clip, "A long pause").await;
    }
    let coach = session(world, world.coach, Role::Coach).await;
    (house, format!("/sessions/{id}/clips"), coach)
}

async fn ask(house: &House, cookie: &str, path: &str) -> Value {
    let (status, _, body) = house.ask(cookie, Method::GET, path, ("", "")).await;
    assert_eq!(status, 200, "{path}");
    serde_json::from_slice(&body).unwrap()
}

/// All pages look once, at the same time; how long until the last has its answer.
async fn all_look(house: &House, cookie: &str, path: &str) -> Duration {
    let began = Instant::now();
    let looks = (0..PAGES).map(|_| ask(house, cookie, path));
    let answers = futures_util::future::join_all(looks).await;
    assert_eq!(answers.len(), PAGES);
    began.elapsed()
}

async fn what_a_look_takes(store: Temporary, database: &str) {
    let (house, list, coach) = house_with_a_session(store).await;
    let whole = ask(&house, &coach, &list).await;
    assert_eq!(whole["list"]["pieces"].as_array().unwrap().len(), 6);
    let look = format!("{list}?seen={}", whole["sign"].as_str().unwrap());
    assert_eq!(ask(&house, &coach, &look).await, json!({ "sign": whole["sign"], "list": null }));
    let mut took = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        took[0].push(all_look(&house, &coach, &look).await);
        took[1].push(all_look(&house, &coach, &list).await);
    }
    let [light, full] = took.map(|mut took| {
        took.sort();
        took[ROUNDS / 2].as_secs_f64()
    });
    let ratio = light / full;
    crate::evidence::add(
        "choosing",
        &[
            (&*format!("look_time_ratio_{database}"), json!(ratio)),
            (&*format!("fifty_looks_ms_{database}"), json!(light * 1_000.0)),
            (&*format!("fifty_lists_ms_{database}"), json!(full * 1_000.0)),
        ],
    );
    assert!(ratio <= MOST_TIME, "{light} s of {full} s");

    // What changes is told at the next look, with the sign to come.
    let piece = whole["list"]["pieces"][0]["id"].as_str().unwrap();
    let said = whole["list"]["pieces"][0]["said"].as_str().unwrap();
    let form = format!("title=Another+name&question=&said={said}");
    let path = format!("{list}/{piece}");
    assert_eq!(house.ask(&coach, Method::POST, &path, (FORM, &form)).await.0, 303);
    let anew = ask(&house, &coach, &look).await;
    assert_ne!(anew["sign"], whole["sign"]);
    assert_ne!(anew["list"]["pieces"][0], whole["list"]["pieces"][0]);
    assert_eq!(anew["list"]["pieces"][1], whole["list"]["pieces"][1]);
}

#[tokio::test]
async fn a_look_at_an_open_page_takes_little_in_sqlite() {
    what_a_look_takes(sqlite().await, "sqlite").await;
}

#[tokio::test]
async fn a_look_at_an_open_page_takes_little_in_postgres() {
    what_a_look_takes(postgres().await, "postgres").await;
}

/// Counted where this thread sends them.
#[tokio::test]
async fn a_look_at_an_open_page_is_a_few_statements() {
    let (house, list, coach) = house_with_a_session(postgres().await).await;
    let whole = ask(&house, &coach, &list).await;
    let look = format!("{list}?seen={}", whole["sign"].as_str().unwrap());
    let queries = Queries::default();
    // While one alone listens to what is logged, a place that another test's thread comes by first is found to be heard by
    // nobody, and stays so for this thread too.
    let _another = tracing::Dispatch::new(tracing_subscriber::registry());
    let counted = tracing_subscriber::registry().with(queries.clone());
    let _counting = tracing::subscriber::set_default(counted);
    let count = async |path: &str| {
        let before = queries.0.load(Ordering::Relaxed);
        ask(&house, &coach, path).await;
        queries.0.load(Ordering::Relaxed) - before
    };
    let (light, full) = (count(&look).await, count(&list).await);
    assert!(light > 1, "nothing was counted");
    assert!(light <= MOST_QUERIES && light * 3 <= full, "{light} of {full}");
    crate::evidence::add(
        "choosing",
        &[("queries_of_a_look", json!(light)), ("queries_of_the_list", json!(full))],
    );
}
