//! What is refused and what does not exist take the same time, so that nobody can tell them apart by waiting.

use std::time::Instant;

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use hearback_domain::{ClipId, RecordingId, Role};
use hearback_web::ROUTES;
use serde_json::json;
use tower::ServiceExt as _;

use crate::{
    access::{ORIGIN, app, body, path, session},
    support::sqlite,
    world::{Objects, Stage, World},
};

/// One address of each kind: a page, JSON, bytes, a form.
const KINDS: [(&str, &str); 4] = [
    ("GET", "/recordings/{id}"),
    ("GET", "/recordings/{id}/transcript"),
    ("GET", "/clips/{id}/audio"),
    ("POST", "/recordings/{id}/withhold"),
];

async fn milliseconds(router: &Router, request: Request<Body>) -> f64 {
    let begun = Instant::now();
    let status = router.clone().oneshot(request).await.unwrap().status();
    let taken = begun.elapsed().as_secs_f64() * 1_000.0;
    assert_eq!(status, 404);
    taken
}

/// What the work takes when nobody is in its way: the tenth part of the samples that was fastest lies below it. What
/// else runs on the machine only adds.
fn undisturbed(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 10]
}

#[tokio::test]
async fn refused_and_absent_take_the_same_time() {
    let deep = std::env::var_os("HEARBACK_TEST_DEEP").is_some();
    let samples = if deep { 2_000 } else { 250 };
    let world = World::new(sqlite().await).await;
    let router = hearback_web::router(app(&world, ORIGIN));
    let there = world.recording(Stage::Shared).await;
    let cookie = session(&world, world.stranger, Role::Coach).await;
    let mut worst = 0.0_f64;
    for (method, pattern) in KINDS {
        let route = ROUTES.iter().find(|r| r.method == method && r.path == pattern).unwrap();
        let request = |objects: &Objects| {
            let (kind, body) = body(route, &world, objects);
            Request::builder()
                .method(method)
                .uri(path(route, objects))
                .header(header::ORIGIN, ORIGIN)
                .header(header::COOKIE, &cookie)
                .header(header::CONTENT_TYPE, kind)
                .body(Body::from(body))
                .unwrap()
        };
        let (mut refused, mut absent) = (Vec::new(), Vec::new());
        for _ in 0..samples {
            let nothing = Objects {
                recording: RecordingId::mint(&*world.ids),
                clip: ClipId::mint(&*world.ids),
                ..there
            };
            refused.push(milliseconds(&router, request(&there)).await);
            absent.push(milliseconds(&router, request(&nothing)).await);
        }
        let (refused, absent) = (undisturbed(refused), undisturbed(absent));
        let difference = (refused - absent).abs();
        assert!(
            difference < 1.0,
            "{method} {pattern}: {refused:.3} ms if refused, {absent:.3} ms if absent"
        );
        worst = worst.max(difference);
    }
    let worst = (worst * 1_000.0).round() / 1_000.0;
    crate::evidence::add(
        "policy",
        &[("timing_samples", json!(samples * 2)), ("timing_difference_ms", json!(worst))],
    );
}
