//! Sessions: where they come from, when they end, and that they end at once.

use axum::http::StatusCode;
use hearback_domain::Role;
use hearback_web::SecondFactor;

use super::browser::{Browser, House, between, code};
use crate::{
    service::PASSPHRASE,
    support::{postgres, sqlite},
};

fn token(browser: &Browser) -> String {
    browser.jar.lock().unwrap().get("hearback").cloned().unwrap_or_default()
}

/// A token that was there before signing in is worth nothing afterwards, whoever put it there.
#[tokio::test]
async fn a_session_that_was_planted_is_nobodys() {
    let house = House::asking(sqlite().await, SecondFactor::Off).await;
    house.person("wren", &[Role::Practitioner]).await;
    let planted = "a1".repeat(32);
    let victim = house.browser();
    victim.jar.lock().unwrap().insert("hearback".to_owned(), planted.clone());
    assert!(!victim.is_in().await);
    victim.sign_in("wren", PASSPHRASE).await;
    assert!(victim.is_in().await);
    assert_ne!(token(&victim), planted);
    let attacker = house.browser();
    attacker.jar.lock().unwrap().insert("hearback".to_owned(), planted);
    assert!(!attacker.is_in().await);

    // Signing in once more replaces the session as well.
    let old = victim.copy();
    victim.sign_in("wren", PASSPHRASE).await;
    assert_ne!(token(&victim), token(&old));
    assert!(!old.is_in().await);
}

/// A session ends half an hour after its last use, and twelve hours after it began.
#[tokio::test]
async fn sessions_end_by_idling_and_by_age() {
    let house = House::asking(sqlite().await, SecondFactor::Off).await;
    house.person("wren", &[Role::Practitioner]).await;
    let idle = house.signed_in("wren").await;
    house.pass(29 * 60);
    assert!(idle.is_in().await);
    house.pass(31 * 60);
    assert!(!idle.is_in().await);

    let busy = house.signed_in("wren").await;
    for _ in 0..35 {
        house.pass(20 * 60);
        assert!(busy.is_in().await);
    }
    house.pass(20 * 60);
    assert!(!busy.is_in().await, "twelve hours are over");
}

/// Three at once; the oldest gives way, and their owner sees and ends them.
async fn are_seen_and_ended(house: House) {
    house.person("wren", &[Role::Practitioner]).await;
    let mut browsers = Vec::new();
    for _ in 0..4 {
        browsers.push(house.signed_in("wren").await);
        house.pass(1);
    }
    assert!(!browsers[0].is_in().await, "the oldest gave way");
    let here = browsers.pop().unwrap();
    let page = here.get("/account").await.text;
    let ends = between(&page, "action=\"/account/sessions/", "\"");
    assert_eq!(ends.len(), 3, "two others, and all others: {ends:?}");

    here.post(&format!("/account/sessions/{}", ends[0]), "").await;
    assert!(!browsers[2].is_in().await, "the newest other one ended with the next request");
    assert!(browsers[1].is_in().await);
    here.post("/account/sessions/end-others", "").await;
    assert!(!browsers[1].is_in().await);
    assert!(here.is_in().await);

    // Later, whoever sits down at an open browser sends nobody away.
    let other = house.signed_in("wren").await;
    house.pass(11 * 60);
    let page = here.get("/account").await.text;
    let end =
        format!("/account/sessions/{}", between(&page, "action=\"/account/sessions/", "\"")[0]);
    for path in [&*end, "/account/sessions/end-others"] {
        assert_eq!(here.post(path, "").await.location(), "/confirm?next=/", "{path}");
    }
    assert!(other.is_in().await);
}

#[tokio::test]
async fn sessions_are_seen_and_ended_on_sqlite() {
    are_seen_and_ended(House::asking(sqlite().await, SecondFactor::Off).await).await;
}

#[tokio::test]
async fn sessions_are_seen_and_ended_on_postgres() {
    are_seen_and_ended(House::asking(postgres().await, SecondFactor::Off).await).await;
}

/// Nobody ends another person's session by its name.
#[tokio::test]
async fn sessions_of_others_are_not_ones_own_to_end() {
    let house = House::asking(sqlite().await, SecondFactor::Off).await;
    house.person("wren", &[Role::Practitioner]).await;
    house.person("rook", &[Role::Researcher]).await;
    let (wren, _other) = (house.signed_in("wren").await, house.signed_in("wren").await);
    let rook = house.signed_in("rook").await;
    let page = wren.get("/account").await.text;
    let end = between(&page, "action=\"/account/sessions/", "\"")[0].clone();
    rook.post(&format!("/account/sessions/{end}"), "").await;
    let still = wren.get("/account").await.text;
    assert!(still.contains(&end), "it is still there");
}

/// Another passphrase, or another second step, ends every session but this one.
#[tokio::test]
async fn what_changes_the_lock_ends_other_sessions() {
    let house = House::asking(sqlite().await, SecondFactor::Off).await;
    house.person("wren", &[Role::Practitioner]).await;
    let (here, other) = (house.signed_in("wren").await, house.signed_in("wren").await);
    let reply = here.post("/account/passphrase", "new=four+otters+by+the+weir").await;
    assert_eq!(reply.location(), "/account?said=passphrase-changed");
    assert!(here.is_in().await && !other.is_in().await);
    assert_eq!(other.sign_in("wren", PASSPHRASE).await.status, 422);
    house.pass(60);
    assert_eq!(other.sign_in("wren", "four otters by the weir").await.status, 303);

    let now = hearback_domain::Clock::now(&*house.world.clock).as_micros() / 1_000_000;
    here.set_up_app(now).await;
    assert!(here.is_in().await && !other.is_in().await);
}

/// A sign-in that was half way when the passphrase changed leads nowhere; the browser in which it was changed is known.
#[tokio::test]
async fn what_was_begun_under_the_old_passphrase_ends_with_it() {
    let house = House::asking(sqlite().await, SecondFactor::Off).await;
    house.person("wren", &[Role::Practitioner]).await;
    let here = house.signed_in("wren").await;
    let seconds = || hearback_domain::Clock::now(&*house.world.clock).as_micros() / 1_000_000;
    let (secret, _) = here.set_up_app(seconds()).await;
    house.pass(60);
    let thief = house.browser();
    assert_eq!(thief.sign_in("wren", PASSPHRASE).await.location(), "/sign-in/second");

    let before = here.copy();
    let reply = here.post("/account/passphrase", "new=four+otters+by+the+weir").await;
    assert_eq!(reply.location(), "/account?said=passphrase-changed");
    let known = |b: &Browser| b.jar.lock().unwrap().get("hearback-browser").cloned();
    assert!(known(&here).is_some() && known(&here) != known(&before));
    let form = format!("code={}", code(&secret, seconds()));
    assert_eq!(thief.post("/sign-in/second", &form).await.location(), "/sign-in");
    assert!(!thief.is_in().await);

    // Strangers guess; its owner is not slowed down here.
    for _ in 0..8 {
        thief.sign_in("wren", "not the passphrase").await;
        house.pass(1);
    }
    here.post("/sign-out", "").await;
    let reply = here.sign_in("wren", "four otters by the weir").await;
    assert_eq!(reply.location(), "/sign-in/second");
}

/// Whoever is let in no more is out with the next request; so is a role that was taken away.
async fn out_with_the_next_request(house: House) {
    house.person("crane", &[Role::SysAdmin]).await;
    let wren = house.person("wren", &[Role::Practitioner, Role::Coach]).await;
    let admin = house.signed_in("crane").await;
    let browser = house.signed_in("wren").await;
    assert_eq!(browser.get("/recordings/new").await.status, StatusCode::OK);
    admin.post(&format!("/admin/people/{wren}/roles"), "roles=coach").await;
    assert_ne!(browser.get("/recordings/new").await.status, StatusCode::OK);
    assert!(!browser.is_in().await, "the role that the session wears is gone");

    let browser = house.signed_in("wren").await;
    assert!(browser.is_in().await);
    admin.post(&format!("/admin/people/{wren}/disable"), "").await;
    assert!(!browser.is_in().await);
    assert_eq!(browser.sign_in("wren", PASSPHRASE).await.status, 422, "and the door stays shut");
    admin.post(&format!("/admin/people/{wren}/enable"), "").await;
    assert_eq!(browser.sign_in("wren", PASSPHRASE).await.status, 303);

    admin.post(&format!("/admin/people/{wren}/end-sessions"), "").await;
    assert!(!browser.is_in().await);
}

#[tokio::test]
async fn out_with_the_next_request_on_sqlite() {
    out_with_the_next_request(House::asking(sqlite().await, SecondFactor::Off).await).await;
}

#[tokio::test]
async fn out_with_the_next_request_on_postgres() {
    out_with_the_next_request(House::asking(postgres().await, SecondFactor::Off).await).await;
}

/// Nobody locks themselves out of the house by accident.
#[tokio::test]
async fn an_administrator_does_not_send_themselves_away() {
    let house = House::asking(sqlite().await, SecondFactor::Off).await;
    let crane = house.person("crane", &[Role::SysAdmin]).await;
    let admin = house.signed_in("crane").await;
    for what in ["disable", "roles", "reset-second-steps"] {
        let reply = admin.post(&format!("/admin/people/{crane}/{what}"), "roles=coach").await;
        assert_eq!(reply.status, StatusCode::CONFLICT, "{what}");
    }
    assert!(admin.is_in().await);
}
