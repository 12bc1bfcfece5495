//! The door itself: passphrases, second steps, guessing, invitations.

use axum::http::StatusCode;
use futures_util::future::join_all;
use hearback_access::audit::AuditSeq;
use hearback_domain::{Clock as _, Role};
use hearback_web::SecondFactor;

use super::browser::{Browser, House, between, code};
use crate::{
    service::PASSPHRASE,
    support::{postgres, sqlite},
};

fn seconds(house: &House) -> i64 {
    house.world.clock.now().as_micros() / 1_000_000
}

async fn refusals(house: &House) -> usize {
    let mut work = house.world.store.begin().await.unwrap();
    let entries = work.audit_entries(AuditSeq(0), 100_000).await.unwrap();
    entries.iter().filter(|e| e.action == "session.sign_in_refused").count()
}

/// With an app, a passphrase is half the way; each code opens once; so does each recovery code.
#[tokio::test]
async fn the_second_step_is_asked_for_and_its_codes_open_once() {
    let house = House::asking(sqlite().await, SecondFactor::Off).await;
    house.person("wren", &[Role::Practitioner]).await;
    let first = house.signed_in("wren").await;
    let (secret, recovery) = first.set_up_app(seconds(&house)).await;
    assert_eq!(recovery.len(), 10);
    house.pass(30);

    let second = house.browser();
    let reply = second.sign_in("wren", PASSPHRASE).await;
    assert_eq!(reply.location(), "/sign-in/second");
    assert!(!second.is_in().await, "half the way is not in");
    let now = code(&secret, seconds(&house));
    assert_eq!(second.post("/sign-in/second", "code=000000").await.status, 422);
    let reply = second.post("/sign-in/second", &format!("code={now}")).await;
    assert_eq!((reply.status, reply.location()), (StatusCode::SEE_OTHER, "/"));
    assert!(second.is_in().await);

    // The same code, seen over a shoulder, opens nothing.
    let thief = house.browser();
    thief.sign_in("wren", PASSPHRASE).await;
    assert_eq!(thief.post("/sign-in/second", &format!("code={now}")).await.status, 422);
    assert!(!thief.is_in().await);

    house.pass(3_600);
    for (browser, opens) in [(house.browser(), true), (house.browser(), false)] {
        browser.sign_in("wren", PASSPHRASE).await;
        browser.post("/sign-in/second", &format!("code={}", recovery[3].to_uppercase())).await;
        assert_eq!(browser.is_in().await, opens);
    }
}

/// The second step belongs to the browser that gave the passphrase, and to no other.
#[tokio::test]
async fn the_second_step_without_the_first_leads_back() {
    let house = House::asking(sqlite().await, SecondFactor::Off).await;
    let browser = house.browser();
    assert_eq!(browser.get("/sign-in/second").await.location(), "/sign-in");
    assert_eq!(browser.post("/sign-in/second", "code=123456").await.location(), "/sign-in");
    browser.jar.lock().unwrap().insert("hearback-step".to_owned(), "0".repeat(64));
    assert_eq!(browser.post("/sign-in/second", "code=123456").await.location(), "/sign-in");
}

/// Sixty-four guesses at the same moment are three guesses: the rest is asked to wait.
async fn guesses_at_once(house: House) {
    house.person("wren", &[Role::Practitioner]).await;
    let browsers: Vec<Browser> = (0..64).map(|_| house.browser()).collect();
    let replies = join_all(browsers.iter().map(|b| b.sign_in("wren", "not the passphrase"))).await;
    let busy = replies.iter().filter(|r| r.status == StatusCode::SERVICE_UNAVAILABLE).count();
    let told = replies.iter().filter(|r| r.status == StatusCode::UNPROCESSABLE_ENTITY).count();
    assert_eq!(busy + told, 64);
    assert!(refusals(&house).await <= 3, "{} guesses were looked at", refusals(&house).await);
    // Even the right one waits now.
    assert_eq!(house.browser().sign_in("wren", PASSPHRASE).await.status, 422);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_at_the_same_moment_all_count_on_sqlite() {
    guesses_at_once(House::asking(sqlite().await, SecondFactor::Off).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_at_the_same_moment_all_count_on_postgres() {
    guesses_at_once(House::asking(postgres().await, SecondFactor::Off).await).await;
}

/// Whoever guesses for an hour, as fast as the door lets them, has at most twenty guesses.
#[tokio::test]
async fn an_hour_of_guessing_is_twenty_guesses() {
    let house = House::asking(sqlite().await, SecondFactor::Off).await;
    house.person("wren", &[Role::Practitioner]).await;
    let guesser = house.browser();
    // Every ten seconds is often enough: the waits are that long after six guesses.
    for _ in 0..360 {
        guesser.sign_in("wren", "not the passphrase").await;
        house.pass(10);
    }
    let guesses = refusals(&house).await;
    assert!((5..=20).contains(&guesses), "{guesses} guesses in an hour");
}

/// Somebody else's guessing does not keep a person from their own account, where they signed in before.
#[tokio::test]
async fn nobody_is_locked_out_by_somebody_else() {
    let house = House::asking(sqlite().await, SecondFactor::Off).await;
    house.person("wren", &[Role::Practitioner]).await;
    let own = house.signed_in("wren").await;
    own.post("/sign-out", "").await;
    assert!(!own.is_in().await);

    let attacker = house.browser();
    for _ in 0..12 {
        attacker.sign_in("wren", "not the passphrase").await;
        house.pass(700);
    }
    let stranger = house.browser();
    assert_eq!(stranger.sign_in("wren", PASSPHRASE).await.status, 422, "an unknown browser waits");
    assert_eq!(own.sign_in("wren", PASSPHRASE).await.status, StatusCode::SEE_OTHER);
    assert!(own.is_in().await);

    // A known browser is no free pass: it has a count of its own.
    let thief = own.copy();
    thief.jar.lock().unwrap().remove("hearback");
    let before = refusals(&house).await;
    for _ in 0..10 {
        thief.sign_in("wren", "not the passphrase").await;
    }
    assert_eq!(refusals(&house).await - before, 3);
}

/// An administrator makes a link; whoever gets it chooses a passphrase that is none of the common ones; it opens once.
#[tokio::test]
async fn an_invitation_is_accepted_once_and_with_a_good_passphrase() {
    let house = House::asking(sqlite().await, SecondFactor::Off).await;
    house.person("crane", &[Role::SysAdmin]).await;
    let admin = house.signed_in("crane").await;
    let page = admin.post("/admin/people", "login=wren&name=Wren&roles=practitioner").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let link = between(&page.text, "readonly value=\"", "\"")[0].clone();
    let path = link.strip_prefix(crate::access::ORIGIN).unwrap();
    assert!(!admin.get("/admin/people").await.text.contains(path), "it is shown once");

    let guest = house.browser();
    assert!(guest.get(path).await.text.contains("wren"));
    for easy in [
        "short",
        "passwordpassword",
        "123456789012345",
        "qwertyuiopasdfgh",
        "wren+wren+wren+wren",
        "aaaaaaaaaaaaaaaaaaaa",
        "iloveyouiloveyou",
        "letmeinletmein12",
        "password12345678",
        "1234567890123456",
    ] {
        let reply = guest.post(path, &format!("passphrase={easy}")).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{easy}");
    }
    let form = format!("passphrase={}", PASSPHRASE.replace(' ', "+"));
    assert_eq!(guest.post(path, &form).await.location(), "/sign-in?said=welcome");
    let known = |browser: &Browser| browser.jar.lock().unwrap().contains_key("hearback-browser");
    assert!(known(&guest), "strangers' guesses do not slow down their first sign-in");
    assert_eq!(guest.post(path, &form).await.status, StatusCode::GONE);
    assert_eq!(guest.get(path).await.status, StatusCode::GONE);
    guest.sign_in("wren", PASSPHRASE).await;
    assert!(guest.is_in().await);

    // The log says who was invited to what, without a name.
    let mut work = house.world.store.begin().await.unwrap();
    let entries = work.audit_entries(AuditSeq(0), 1_000).await.unwrap();
    let joined = entries.iter().find(|e| e.action == "people.accept_invitation").unwrap();
    assert_eq!((joined.object_kind.as_str(), joined.object), ("person", joined.actor));
}

/// A week later, or taken back, a link opens nothing.
#[tokio::test]
async fn an_invitation_runs_out_and_can_be_taken_back() {
    let house = House::asking(sqlite().await, SecondFactor::Off).await;
    house.person("crane", &[Role::SysAdmin]).await;
    let admin = house.signed_in("crane").await;
    let mut links = Vec::new();
    for login in ["wren", "rook"] {
        let form = format!("login={login}&name=A&roles=coach");
        let page = admin.post("/admin/people", &form).await.text;
        let link = between(&page, "readonly value=\"", "\"")[0].clone();
        links.push(link.strip_prefix(crate::access::ORIGIN).unwrap().to_owned());
    }
    let page = admin.get("/admin/people").await.text;
    let withdraw = between(&page, "action=\"/admin/people/invitations/", "\"")[0].clone();
    admin.post(&format!("/admin/people/invitations/{withdraw}"), "").await;
    let left = join_all(
        links.iter().map(|link| async { house.browser().get(link).await.status == StatusCode::OK }),
    );
    assert_eq!(left.await.into_iter().filter(|open| *open).count(), 1);
    house.pass(7 * 86_400);
    for link in &links {
        assert_eq!(house.browser().get(link).await.status, StatusCode::GONE);
    }
}

/// Nobody can be made a keeper of the house and somebody who works with recordings.
#[tokio::test]
async fn roles_that_exclude_each_other_are_not_given() {
    let house = House::asking(sqlite().await, SecondFactor::Off).await;
    house.person("crane", &[Role::SysAdmin]).await;
    let wren = house.person("wren", &[Role::Coach]).await;
    let admin = house.signed_in("crane").await;
    let form = "login=new&name=New&roles=coach&roles=dpo";
    assert_eq!(admin.post("/admin/people", form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let path = format!("/admin/people/{wren}/roles");
    let reply = admin.post(&path, "roles=coach&roles=sysadmin").await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    let reply = admin.post(&path, "roles=coach&roles=researcher").await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    let mut work = house.world.store.begin().await.unwrap();
    assert_eq!(work.person(wren).await.unwrap().unwrap().roles, [Role::Researcher, Role::Coach]);
    let entries = work.audit_entries(AuditSeq(0), 1_000).await.unwrap();
    let given = entries.iter().find(|e| e.action == "people.give_role:researcher").unwrap();
    assert_eq!(given.object, Some(wren.as_uuid()));
}
