//! The negative suite: each lie is refused, leaves no session behind, and the service goes on; on both databases.

use axum::http::{Method, StatusCode};
use hearback_domain::{Clock as _, Login, Role};
use hearback_storage::{NewLink, TokenHash};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{
    browser::{Asked, Browser, Setting},
    descriptions::DESCRIPTIONS,
    hostile::{Reply, description, jwk, new_key},
    lies::{ADDRESSES, ANSWERS, CLAIMS, Lie, SIGNATURES, STRANGERS, is_alive, is_refused, sign_in},
    logouts::{LOGOUTS, body},
};
use crate::{
    access,
    support::{Temporary, postgres, sqlite},
};

/// Counts what was tried, and collects what worked and should not have.
#[derive(Default)]
struct Tally {
    cases: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn case(&mut self, kind: &str, name: &str, refused: bool, seen: impl FnOnce() -> String) {
        self.cases += 1;
        if !refused {
            self.wrong.push(format!("{kind}: {name}: {}", seen()));
        }
    }
}

fn honest(_: &mut Lie<'_>) {}

async fn negative(database: &str, store: Temporary) {
    let mut setting = Setting::new(store).await;
    let mut tally = Tally::default();

    for (kind, lies, stranger) in [
        ("signature", SIGNATURES, false),
        ("claims", CLAIMS, false),
        ("stranger", STRANGERS, true),
        ("answer", ANSWERS, false),
        ("address", ADDRESSES, false),
    ] {
        for (name, lie) in lies {
            let mut browser = Browser::new(&setting);
            let asked = browser.set_out("/sign-in/sso", "").await;
            let answer = sign_in(&setting, &mut browser, &asked, *lie).await;
            let refused = is_refused(&answer, stranger)
                && setting.sessions().await == 0
                && is_alive(&browser).await;
            tally.case(kind, name, refused, || format!("{}\n{}", answer.status, answer.body));
        }
    }
    // What is told the truth works, also after all this.
    let mut browser = Browser::new(&setting);
    let asked = browser.set_out("/sign-in/sso", "next=/help").await;
    let answer = sign_in(&setting, &mut browser, &asked, honest).await;
    assert_eq!((answer.status, answer.hop().as_deref()), (StatusCode::OK, Some("/help")));
    assert!(answer.sets("hearback").is_some());
    assert_eq!(setting.sessions().await, 1);

    for (n, (name, lie)) in LOGOUTS.iter().enumerate() {
        let body = body(&setting.hostile, setting.now(), &format!("bad-{n}"), *lie);
        let answer = logout(&setting, &body).await;
        let refused = answer == StatusCode::BAD_REQUEST && setting.sessions().await == 1;
        tally.case("logout", name, refused, || answer.to_string());
    }
    let good = body(&setting.hostile, setting.now(), "good", |_| {});
    assert_eq!(logout(&setting, &good).await, StatusCode::OK);
    assert_eq!(setting.sessions().await, 0);
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER, "signed out at once");
    let again = logout(&setting, &good).await;
    tally.case("logout", "twice", again == StatusCode::BAD_REQUEST, || again.to_string());

    for case in DESCRIPTIONS {
        setting.hostile.discovery(Reply::Json(description(&setting.hostile.issuer)));
        setting.hostile.keys(Reply::Json(json!({"keys": [jwk(&setting.hostile.key, "k1")]})));
        (case.tell)(&setting.hostile);
        setting.start_anew();
        let mut browser = Browser::new(&setting);
        let answer = browser.post("/sign-in/sso", "").await;
        let refused = answer.status == StatusCode::SERVICE_UNAVAILABLE
            && answer.hop().is_none()
            && browser.cookies.is_empty();
        tally.case("description", case.name, refused, || answer.status.to_string());
        let page = browser.get("/sign-in").await;
        let told = page.body.contains("id=\"sso-away\"") && page.body.contains("Passphrase");
        tally.case("description", &format!("{}, told", case.name), told, || page.body.clone());
    }
    assert_eq!(setting.hostile.elsewhere(), 0, "no redirect was followed");

    assert!(
        tally.wrong.is_empty(),
        "{} on {database}:\n{}",
        tally.wrong.len(),
        tally.wrong.join("\n")
    );
    assert!(tally.cases >= 60, "{}", tally.cases);
    let name = if database == "sqlite" { "cases" } else { "cases_postgres" };
    crate::evidence::add("oidc", &[(name, json!(tally.cases))]);
}

async fn logout(setting: &Setting, body: &str) -> StatusCode {
    // As the provider's own server asks: no origin, no cookie.
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let mut server = Browser::new(setting);
    server.ask(Method::POST, "/sign-in/sso/logout", &kind, body).await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_a_provider_makes_up_is_believed_on_sqlite() {
    negative("sqlite", sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_a_provider_makes_up_is_believed_on_postgres() {
    negative("postgres", postgres().await).await;
}

/// A sign-in comes back once, in time, to the browser that set out, in that browser's own words.
async fn replays(store: Temporary) {
    let setting = Setting::new(store).await;
    let mut browser = Browser::new(&setting);
    let asked = browser.set_out("/sign-in/sso", "").await;
    assert_eq!(asked.pairs["response_type"], "code");
    assert_eq!(asked.pairs["code_challenge_method"], "S256");
    assert_eq!(asked.pairs["redirect_uri"], "http://localhost:1/sign-in/sso/callback");

    // Whoever only looks takes nothing.
    let query = format!("code=c&state={}&iss={}", asked.state(), setting.hostile.issuer);
    let path = format!("/sign-in/sso/callback?{query}");
    let looked = browser.ask(Method::HEAD, &path, &[], "").await;
    assert_eq!(looked.status, StatusCode::NOT_FOUND);

    // Another browser with the same address, also with a sign-in of its own under way.
    let mut thief = Browser::new(&setting);
    assert!(is_refused(&sign_in(&setting, &mut thief, &asked, honest).await, false));
    thief.set_out("/sign-in/sso", "").await;
    assert!(is_refused(&sign_in(&setting, &mut thief, &asked, honest).await, false));

    // The victim's browser with the thief's code: the token has the thief's nonce.
    let other = Browser::new(&setting).set_out("/sign-in/sso", "").await;
    let mixed = Asked {
        pairs: asked
            .pairs
            .iter()
            .chain([(&"nonce".to_owned(), &other.pairs["nonce"])])
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect(),
    };
    let mut victim = browser.clone();
    assert!(is_refused(&sign_in(&setting, &mut victim, &mixed, honest).await, false));
    assert_eq!(setting.sessions().await, 0);

    // That took the attempt; with a new one it works, once.
    let asked = browser.set_out("/sign-in/sso", "").await;
    let mut twice = browser.clone();
    assert_eq!(sign_in(&setting, &mut browser, &asked, honest).await.status, StatusCode::OK);
    assert!(is_refused(&sign_in(&setting, &mut twice, &asked, honest).await, false));
    assert!(is_refused(&sign_in(&setting, &mut browser, &asked, honest).await, false));
    assert_eq!(setting.sessions().await, 1);

    // Nine minutes are fine, ten are too long.
    for (seconds, works) in [(599, true), (600, false)] {
        let mut slow = Browser::new(&setting);
        let asked = slow.set_out("/sign-in/sso", "").await;
        setting.world.clock.advance_seconds(seconds);
        let answer = sign_in(&setting, &mut slow, &asked, honest).await;
        assert_eq!(answer.sets("hearback").is_some(), works, "after {seconds} s");
    }

    // The pages of others begin nothing.
    let elsewhere = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    let began = Browser::new(&setting).ask(Method::POST, "/sign-in/sso", &elsewhere, "").await;
    assert_eq!(began.status, StatusCode::FORBIDDEN);
    assert!(began.sets("hearback-sso").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_comes_back_once_on_sqlite() {
    replays(sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_comes_back_once_on_postgres() {
    replays(postgres().await).await;
}

fn new_subject(lie: &mut Lie<'_>) {
    lie.set_subject("the-coach");
}

/// Links, connecting and confirming tie and show the right person, and nobody else.
async fn errands(store: Temporary) {
    let setting = Setting::new(store).await;
    let world = &setting.world;
    let hash = |text: &str| TokenHash(Sha256::digest(text).into());
    let add_link = async |text: &str, issuer: &str| {
        let now = world.clock.now();
        let mut work = world.store.begin().await.unwrap();
        let link = NewLink {
            token: hash(text),
            person: world.coach,
            issuer: issuer.to_owned(),
            created_at: now,
            expires_at: now.plus_seconds(1_000),
        };
        work.add_link(&link).await.unwrap();
        work.commit().await.unwrap();
    };
    let issuer = setting.hostile.issuer.clone();
    let by_link = async |text: &str, lie: fn(&mut Lie<'_>)| {
        let mut browser = Browser::new(&setting);
        let asked = browser.set_out("/sign-in/sso", &format!("link={text}")).await;
        (sign_in(&setting, &mut browser, &asked, lie).await, browser)
    };

    // Links are for people who have no other way in.
    let mut work = world.store.begin().await.unwrap();
    work.set_password(&Login::new("coach").unwrap(), "none").await.unwrap();
    work.commit().await.unwrap();
    add_link("one", "https://other.example").await;
    assert_eq!(by_link("one", new_subject).await.0.status, StatusCode::GONE, "another provider");
    add_link("two", &issuer).await;
    assert_eq!(by_link("guessed", new_subject).await.0.status, StatusCode::GONE);
    // Somebody else's identity does not become the coach's, and the link is still good.
    assert_eq!(by_link("two", honest).await.0.status, StatusCode::CONFLICT);
    let (entered, mut coach) = by_link("two", new_subject).await;
    assert!(entered.sets("hearback").is_some(), "{}", entered.body);
    assert!(coach.get("/").await.body.contains("Coach"));
    assert_eq!(by_link("two", new_subject).await.0.status, StatusCode::GONE, "once");
    add_link("three", &issuer).await;
    let taken = by_link("three", |lie| lie.set_subject("a-second-one")).await.0;
    assert_eq!(taken.status, StatusCode::CONFLICT, "one of each provider");

    // Connecting: whoever has the browser's session, as it is then.
    let session = async |role| access::session(world, world.owner, role).await;
    let signed_in = async || {
        let mut browser = Browser::new(&setting);
        let cookie = session(Role::Practitioner).await;
        let (name, value) = cookie.split_once('=').unwrap();
        browser.cookies.insert(name.to_owned(), value.to_owned());
        browser
    };
    let mut owner = signed_in().await;
    let asked = owner.set_out("/account/sso", "").await;
    // The session's cookie does not travel with a redirect from elsewhere.
    let kept = owner.cookies.remove("hearback").unwrap();
    assert_eq!(sign_in(&setting, &mut owner, &asked, honest).await.status, StatusCode::CONFLICT);
    owner.cookies.insert("hearback".to_owned(), kept);
    let asked = owner.set_out("/account/sso", "").await;
    let mut gone = owner.clone();
    let mut work = world.store.begin().await.unwrap();
    work.end_sessions(world.owner, None).await.unwrap();
    work.commit().await.unwrap();
    let late = sign_in(&setting, &mut gone, &asked, |lie| lie.set_subject("the-owner")).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST, "signed out in between");

    let mut owner = signed_in().await;
    let asked = owner.set_out("/account/sso", "").await;
    let done = sign_in(&setting, &mut owner, &asked, |lie| lie.set_subject("the-owner")).await;
    assert_eq!((done.status, done.hop().as_deref()), (StatusCode::OK, Some("/account")));

    // Confirming: the same person, just now.
    let confirm = async |lie: fn(&mut Lie<'_>)| {
        let mut owner = signed_in().await;
        let asked = owner.set_out("/confirm/sso", "next=/help").await;
        assert_eq!((&*asked.pairs["prompt"], &*asked.pairs["max_age"]), ("login", "0"));
        sign_in(&setting, &mut owner, &asked, lie).await
    };
    let wrong: &[fn(&mut Lie<'_>)] = &[
        honest,
        |lie| lie.set_subject("the-coach"),
        |lie| lie.set_subject("nobody"),
        |lie| lie.owner_shown_at(Some(-61)),
        |lie| lie.owner_shown_at(None),
    ];
    for (n, lie) in wrong.iter().enumerate() {
        assert_eq!(confirm(*lie).await.status, StatusCode::FORBIDDEN, "{n}");
    }
    let confirmed = confirm(|lie| lie.owner_shown_at(Some(0))).await;
    assert_eq!((confirmed.status, confirmed.hop().as_deref()), (StatusCode::OK, Some("/help")));

    // Whoever is let in no more is not let in here either.
    let mut work = world.store.begin().await.unwrap();
    work.set_disabled(setting.person, Some(world.clock.now())).await.unwrap();
    work.commit().await.unwrap();
    let mut browser = Browser::new(&setting);
    let asked = browser.set_out("/sign-in/sso", "").await;
    let out = sign_in(&setting, &mut browser, &asked, honest).await;
    assert_eq!(out.status, StatusCode::FORBIDDEN);
    assert!(out.sets("hearback").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errands_end_with_the_right_person_on_sqlite() {
    errands(sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errands_end_with_the_right_person_on_postgres() {
    errands(postgres().await).await;
}

/// Of sixteen browsers that come back with the same address at the same moment, one is let in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_one_is_let_in() {
    for store in [sqlite().await, postgres().await] {
        let setting = Setting::new(store).await;
        let mut browser = Browser::new(&setting);
        let asked = browser.set_out("/sign-in/sso", "").await;
        let tries = (0..16).map(|_| {
            let (mut browser, setting, asked) = (browser.clone(), &setting, &asked);
            async move { sign_in(setting, &mut browser, asked, honest).await }
        });
        let answers = futures_util::future::join_all(tries).await;
        assert_eq!(answers.iter().filter(|a| a.sets("hearback").is_some()).count(), 1);
        assert_eq!(setting.sessions().await, 1);
    }
}

/// A provider may change its keys. Tokens with invented keys do not make us ask for them all the time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_asked_for_anew_but_not_all_the_time() {
    let setting = Setting::new(sqlite().await).await;
    let attempt = async |lie: fn(&mut Lie<'_>)| {
        let mut browser = Browser::new(&setting);
        let asked = browser.set_out("/sign-in/sso", "").await;
        sign_in(&setting, &mut browser, &asked, lie).await
    };
    assert_eq!(attempt(honest).await.status, StatusCode::OK);
    let keys = [jwk(&new_key(), "k0"), jwk(&setting.hostile.key, "k2")];
    setting.hostile.keys(Reply::Json(json!({ "keys": keys })));
    assert_eq!(setting.hostile.key_questions(), 1);
    assert_eq!(attempt(|lie| lie.set_key("k2")).await.status, StatusCode::OK, "changed");
    assert_eq!(setting.hostile.key_questions(), 2);
    for _ in 0..5 {
        assert!(is_refused(&attempt(|lie| lie.set_key("invented")).await, false));
        assert!(is_refused(&attempt(honest).await, false), "the old key is gone");
    }
    assert_eq!(setting.hostile.key_questions(), 2, "not asked again");
    assert_eq!(attempt(|lie| lie.set_key("k2")).await.status, StatusCode::OK);
}
