//! What matters is asked for anew: who counts as having just shown who they are, and for how long.

use axum::http::{Method, StatusCode, header};
use futures_util::future::join_all;
use hearback_domain::{Clock as _, Role};
use hearback_web::SecondFactor;

use super::browser::{House, between, code};
use crate::{service::PASSPHRASE, support::sqlite};

fn seconds(house: &House) -> i64 {
    house.world.clock.now().as_micros() / 1_000_000
}

/// Whoever decides over the house needs a second step, and shows it again after ten minutes.
#[tokio::test]
async fn an_administrator_shows_two_things_and_again_after_ten_minutes() {
    let house = House::asking(sqlite().await, SecondFactor::ForTrusted).await;
    house.person("crane", &[Role::SysAdmin]).await;
    let admin = house.signed_in("crane").await;
    // Signed in with a passphrase alone: everything is there but what matters.
    assert!(admin.is_in().await);
    assert_eq!(admin.get("/admin/jobs").await.status, StatusCode::OK);
    let reply = admin.get("/admin/people").await;
    assert_eq!(
        (reply.status, reply.location()),
        (StatusCode::SEE_OTHER, "/confirm?next=/admin/people")
    );
    let reply = admin.get("/confirm?next=/admin/people").await;
    assert_eq!(reply.location(), "/account?said=second-step-asked");
    let problem = admin.json(Method::GET, "/admin/people").await;
    assert_eq!(problem.status, StatusCode::FORBIDDEN);
    assert_eq!(problem.headers[header::CONTENT_TYPE], "application/problem+json");

    let (secret, recovery) = admin.set_up_app(seconds(&house)).await;
    assert_eq!(admin.get("/admin/people").await.status, StatusCode::OK);
    house.pass(9 * 60);
    assert_eq!(admin.get("/admin/people").await.status, StatusCode::OK);
    house.pass(60);
    assert_eq!(admin.get("/admin/people").await.status, StatusCode::SEE_OTHER);
    let form = "login=wren&name=Wren&roles=coach";
    let reply = admin.post("/admin/people", form).await;
    assert_eq!(reply.location(), "/confirm?next=/", "a form goes back to where it came from");

    // A passphrase alone is half of it.
    assert_eq!(admin.confirm(PASSPHRASE, "").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(admin.get("/admin/people").await.status, StatusCode::SEE_OTHER);
    let reply = admin.confirm(PASSPHRASE, &code(&secret, seconds(&house))).await;
    assert_eq!(reply.location(), "/account", "{}", reply.text);
    assert_eq!(admin.get("/admin/people").await.status, StatusCode::OK);

    house.pass(11 * 60);
    let wrong = admin.confirm("not the passphrase", &recovery[0]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let reply = admin.confirm(PASSPHRASE, &recovery[0]).await;
    assert_eq!(reply.location(), "/account", "the code was not spent on a wrong passphrase");
}

/// Somebody who decides over nothing of everybody's shows a passphrase again, and that is enough.
#[tokio::test]
async fn others_show_what_they_have() {
    let house = House::asking(sqlite().await, SecondFactor::ForTrusted).await;
    house.person("wren", &[Role::Practitioner]).await;
    let wren = house.signed_in("wren").await;
    house.pass(15 * 60);
    let reply = wren.post("/account/passphrase", "new=four+otters+by+the+weir").await;
    assert_eq!(reply.location(), "/confirm?next=/");
    let reply = wren.confirm(PASSPHRASE, "").await;
    assert_eq!(reply.location(), "/account");
    let reply = wren.post("/account/passphrase", "new=four+otters+by+the+weir").await;
    assert_eq!(reply.location(), "/account?said=passphrase-changed");
}

/// Where everybody has a second step, whoever has none sets one up before anything else.
#[tokio::test]
async fn where_everybody_has_a_second_step_it_comes_first() {
    let house = House::asking(sqlite().await, SecondFactor::ForEveryone).await;
    house.person("wren", &[Role::Practitioner]).await;
    let wren = house.signed_in("wren").await;
    assert_eq!(wren.get("/").await.location(), "/account?said=second-step-first");
    assert_eq!(wren.json(Method::GET, "/recordings/new").await.status, StatusCode::FORBIDDEN);
    assert_eq!(wren.get("/account").await.status, StatusCode::OK);
    wren.set_up_app(seconds(&house)).await;
    assert!(wren.is_in().await);
}

/// One page that asks is answered once, by whoever it was shown to: of sixty-four answers at the same moment, one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_question_is_answered_once() {
    let house = House::asking(sqlite().await, SecondFactor::Off).await;
    house.person("wren", &[Role::Practitioner]).await;
    house.person("rook", &[Role::Practitioner]).await;
    let (wren, rook) = (house.signed_in("wren").await, house.signed_in("rook").await);
    let page = wren.get("/confirm?next=/account").await.text;
    let once = between(&page, "name=\"once\" value=\"", "\"")[0].clone();
    let passphrase = PASSPHRASE.replace(' ', "+");
    let form = format!("once={once}&passphrase={passphrase}&next=/account");
    let reply = rook.post("/confirm", &form).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "that page was wren's");

    let page = wren.get("/confirm?next=/account").await.text;
    let once = between(&page, "name=\"once\" value=\"", "\"")[0].clone();
    let form = format!("once={once}&passphrase={passphrase}&next=/account");
    let replies = join_all((0..64).map(|_| wren.post("/confirm", &form))).await;
    let won = replies.iter().filter(|r| r.status == StatusCode::SEE_OTHER).count();
    assert_eq!(won, 1);
}

/// A page of elsewhere is nowhere to go on to.
#[tokio::test]
async fn the_way_on_is_ours() {
    let house = House::asking(sqlite().await, SecondFactor::Off).await;
    house.person("wren", &[Role::Practitioner]).await;
    let wren = house.signed_in("wren").await;
    for next in ["//evil.example", "https://evil.example", "/\\evil.example"] {
        let page = wren.get(&format!("/confirm?next={next}")).await.text;
        assert_eq!(between(&page, "name=\"next\" value=\"", "\""), ["/"], "{next}");
    }
}

/// Strangers who guess at a name do not keep its owner from confirming, in whatever browser.
#[tokio::test]
async fn strangers_do_not_use_up_the_tries_of_a_session() {
    let house = House::asking(sqlite().await, SecondFactor::Off).await;
    house.person("wren", &[Role::Practitioner]).await;
    let wren = house.signed_in("wren").await;
    wren.jar.lock().unwrap().remove("hearback-browser");
    let stranger = house.browser();
    for _ in 0..8 {
        stranger.sign_in("wren", "not the passphrase").await;
        house.pass(1);
    }
    assert_eq!(wren.confirm(PASSPHRASE, "").await.status, StatusCode::SEE_OTHER);
    // Their own guesses count.
    for _ in 0..3 {
        wren.confirm("not the passphrase", "").await;
    }
    assert_eq!(wren.confirm(PASSPHRASE, "").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}
