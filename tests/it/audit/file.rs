//! The log as a file from the page: streamed, at one moment, and with an end that says that it is one.

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use hearback_access::audit::{AuditSeq, Sealed};
use hearback_domain::{Clock as _, Role};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::random;
use crate::{
    access::{ORIGIN, app, session},
    chance::Chance,
    direct::Direct,
    support::sqlite,
    world::World,
};

/// More than three of the pages in which the file is read.
const ENTRIES: usize = 3_200;

async fn write(world: &World, chance: &mut Chance, entries: usize) {
    let mut work = world.store.begin().await.unwrap();
    for _ in 0..entries {
        work.append_audit(&random(chance, world.clock.now())).await.unwrap();
    }
    work.commit().await.unwrap();
}

async fn head(world: &World) -> u64 {
    world.store.begin().await.unwrap().audit_head().await.unwrap().seq.0
}

async fn get(router: &Router, cookie: &str, path: &str) -> Body {
    let request = Request::builder().uri(path).header(header::COOKIE, cookie);
    let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.into_body()
}

const FILE: &str = "/admin/audit/entries.csv";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_is_whole_or_it_can_be_told() {
    for (store, database) in Direct::both().await {
        let world = World::new(store).await;
        let router = hearback_web::router(app(&world, ORIGIN));
        let mut chance = Chance::from_environment();
        write(&world, &mut chance, ENTRIES).await;
        let officer = session(&world, world.stranger, Role::Dpo).await;

        // Whole: every entry up to the one that says that it was downloaded, and how many.
        let mut body = get(&router, &officer, FILE).await;
        let mut text = Vec::new();
        let mut pieces = 0;
        while let Some(frame) = body.frame().await {
            let piece = frame.unwrap().into_data().unwrap();
            assert!(piece.len() < 1 << 19, "a page at a time");
            text.extend_from_slice(&piece);
            pieces += 1;
            // What is written meanwhile is not in it, and nothing that is read holds it up.
            write(&world, &mut chance, 1).await;
        }
        let text = String::from_utf8(text).unwrap();
        let lines: Vec<_> = text.lines().collect();
        let held = lines.len() - 2;
        assert!(held > ENTRIES && pieces > 4, "{}: {held} in {pieces}", database.name);
        let columns = |line: &&str| line.split(',').count() == 10;
        assert!(lines.iter().all(columns), "{}", database.name);
        assert_eq!(lines[held + 1], format!("end,{held} entries,,,,,,,,"));
        let numbers = lines[1..=held].iter().map(|line| line.split(',').next().unwrap());
        assert!(numbers.eq((1..=held).rev().map(|n| n.to_string())), "each of them, newest first");
        assert_eq!(head(&world).await, (held + pieces) as u64, "one entry for all its pages");

        // Somebody goes away in the middle: nothing is left open.
        let mut body = get(&router, &officer, FILE).await;
        for _ in 0..2 {
            body.frame().await.unwrap().unwrap();
        }
        let before = head(&world).await;
        drop(body);
        write(&world, &mut chance, 1).await;
        assert_eq!(head(&world).await, before + 1);

        // Somebody may not read it any more: it breaks off, and does not look like an end.
        let mut body = get(&router, &officer, FILE).await;
        for _ in 0..2 {
            body.frame().await.unwrap().unwrap();
        }
        let mut work = world.store.begin().await.unwrap();
        work.end_sessions(world.stranger, None).await.unwrap();
        work.commit().await.unwrap();
        assert!(body.frame().await.unwrap().is_err());
        assert!(body.frame().await.is_none(), "and no last line");
    }
}

/// Sealed, the page says until where. What waits for half an hour is said too: something is in the way.
#[tokio::test]
async fn the_page_says_when_the_log_is_not_sealed() {
    let world = World::new(sqlite().await).await;
    let router = hearback_web::router(app(&world, ORIGIN));
    let warns = async || {
        // Signed in anew: who does nothing for half an hour is signed out.
        let officer = session(&world, world.stranger, Role::Dpo).await;
        let body = get(&router, &officer, "/admin/audit").await.collect().await.unwrap();
        String::from_utf8(body.to_bytes().to_vec()).unwrap().contains("id=\"unsealed\"")
    };
    assert!(!warns().await, "it is new");
    world.clock.advance_seconds(1_801);
    assert!(warns().await);
    let mut work = world.store.begin().await.unwrap();
    let seq = work.audit_head().await.unwrap().seq;
    work.note_sealed(&Sealed { seq: AuditSeq(seq.0), at: world.clock.now() }).await.unwrap();
    work.commit().await.unwrap();
    assert!(!warns().await);
    // A quiet night is no reason: what is new now is new.
    world.clock.advance_seconds(1_700);
    assert!(!warns().await);
}
