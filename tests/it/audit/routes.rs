//! Every address that asks the policy leaves its entry in the log, and no entry holds more than ids and known words.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Request, header},
};
use hearback_access::audit::{AuditSeq, Entry};
use hearback_domain::{Hat, Role, UserId, policy::Action};
use hearback_web::{Guard, ROUTES, Route};
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use crate::{
    access::{ORIGIN, app, body, path, session},
    direct::Direct,
    support::Temporary,
    world::{Objects, PEOPLE, Stage, World},
};

/// What else an address writes after its own entry when all goes well: what is shown or done besides is asked for too,
/// a body is asked for before it is taken and again before it is written down, and what changes somebody's account says
/// so.
const ALSO: &[(&str, &str, &[&str])] = &[
    ("GET", "/recordings/{id}", &["moment.see", "recording.see_listeners"]),
    ("POST", "/recordings/{id}/moments", &["moment.see"]),
    ("POST", "/recordings/{id}/moments/{moment}", &["moment.see"]),
    ("POST", "/recordings/{id}/moments/{moment}/extract", &["moment.see", "coding.write"]),
    ("POST", "/sessions/{session}/clips", &["session.see"]),
    ("POST", "/series/{series}/sessions/{session}/missed", &["series.see"]),
    ("POST", "/series/{series}/sessions/{session}/move", &["series.see"]),
    ("POST", "/series/{series}/sessions/{session}/postpone", &["series.see"]),
    ("GET", "/recordings/{id}/briefing", &["moment.see"]),
    ("POST", "/recordings/{id}/people", &["consent.see"]),
    ("GET", "/recordings/{id}/people/{person}/consent", &["consent.see"]),
    ("POST", "/recordings/{id}/people/{person}/consent", &["consent.see"]),
    ("GET", "/recordings/{id}/people/{person}/withdraw", &["consent.see"]),
    ("POST", "/recordings/{id}/people/{person}/withdraw", &["consent.see"]),
    ("GET", "/recordings/{id}/withdraw", &["consent.see"]),
    // With what was proposed in the briefing, and the words of its extracts.
    (
        "GET",
        "/recordings/{id}/playlist",
        &["coding.write", "moment.see", "briefing.see", "transcript.read"],
    ),
    // Whoever may compare may agree; it is noted before it is said that somebody is still coding.
    ("POST", "/recordings/{id}/codings/compare/passage", &["coding.agree"]),
    ("POST", "/recordings/{id}/codings/compare/score", &["coding.agree"]),
    // The second takes over the version and the part of one's own coding.
    ("POST", "/recordings/{id}/second", &["coding.write"]),
    // Read, then changed: two units of work.
    ("POST", "/recordings/{id}/corrections", &["transcript.correct"]),
    ("POST", "/recordings/{id}/words", &["transcript.correct"]),
    ("POST", "/recordings/{id}/playlist/clips", &["coding.write"]),
    // With the words that are hidden whole.
    ("POST", "/recordings/{id}/redaction", &["redaction.see", "transcript.read"]),
    ("POST", "/recordings/{id}/redaction/{hidden}/show", &["redaction.see"]),
    ("POST", "/recordings/{id}/upload", &["recording.upload"]),
    ("PUT", "/recordings/{id}/original", &["recording.upload"]),
    ("POST", "/recordings/{id}/concerns/new", &["concern.write"]),
    ("POST", "/concerns/{concern}", &["concern.see"]),
    ("POST", "/concerns/{concern}/glass", &["concern.see"]),
    ("POST", "/admin/people", &["people.invite"]),
    ("POST", "/admin/people/{person}/disable", &["people.disable"]),
    ("POST", "/admin/people/{person}/enable", &["people.enable"]),
    ("POST", "/admin/people/{person}/end-sessions", &["people.end_sessions"]),
    ("POST", "/admin/people/{person}/reset-second-steps", &["people.reset_second_steps"]),
];

/// What pages ask that are open, each second: that they may leaves no entry, since the log has one for the page. That
/// they may not leaves one.
const LOOKS: &[(&str, &str)] =
    &[("GET", "/supervision/{meeting}/dome"), ("GET", "/supervision/lead/{meeting}/dome")];

async fn entries(world: &World, after: AuditSeq) -> Vec<Entry> {
    world.store.begin().await.unwrap().audit_entries(after, 1_000).await.unwrap()
}

async fn head(world: &World) -> AuditSeq {
    world.store.begin().await.unwrap().audit_head().await.unwrap().seq
}

/// Whether these are some of `all`, in their order.
fn is_part_of(some: &[&str], all: &[&str]) -> bool {
    let mut all = all.iter();
    some.iter().all(|one| all.any(|other| other == one))
}

/// What is wrong with the entries that one request left.
fn complaint(route: &Route, action: Action, status: u16, new: &[Entry]) -> Option<String> {
    let refused = new.iter().filter(|e| e.decision != "allowed").count();
    let allowed = new.len() - refused;
    let (method, pattern) = (route.method.as_str(), route.path);
    let also = ALSO.iter().find(|(m, p, _)| (*m, *p) == (method, pattern)).map_or(&[][..], |a| a.2);
    let looks = LOOKS.contains(&(method, pattern));
    let own = (action.shows_content() && !looks).then_some(action.as_str());
    let full: Vec<&str> = own.into_iter().chain(also.iter().copied()).collect();
    let words: Vec<&str> = new.iter().map(|e| e.action.as_str()).collect();
    let fits = match (status, refused) {
        (500.., _) => false,
        // Refused: one entry that says so, and why.
        (404 | 403 | 303, 1) => words == [action.as_str()],
        // What is asked each second writes nothing when all goes well.
        (200, 0) if looks => allowed == 0,
        // It does not fit what is there: what was allowed is undone, and its entry with it.
        (409 | 422, 0) if allowed == 0 => true,
        (_, 0) => own.is_none_or(|own| words.first() == Some(&own)) && is_part_of(&words, &full),
        _ => false,
    };
    let said: Vec<_> = new.iter().map(|e| format!("{} {}", e.action, e.decision)).collect();
    (!fits).then(|| format!("{method} {pattern}: {status}, {said:?}"))
}

async fn every_address(store: Temporary, database: &str) -> (u64, u64) {
    let world = World::new(store).await;
    world.let_somebody_coach().await;
    let router = hearback_web::router(app(&world, ORIGIN));
    let people: [(UserId, Role); 11] = [
        (world.owner, Role::Practitioner),
        (world.researcher, Role::Researcher),
        (world.coach, Role::Coach),
        (world.stranger, Role::Practitioner),
        (world.stranger, Role::SysAdmin),
        (world.stranger, Role::Dpo),
        (world.stranger, Role::SafeguardingLead),
        (world.stranger, Role::LineManager),
        (world.stranger, Role::Coordinator),
        (world.stranger, Role::CoachingSupervisor),
        (world.stranger, Role::ProgrammeLead),
    ];
    let (mut requests, mut wrong, mut yes) = (0, BTreeSet::new(), BTreeSet::new());
    for stage in [Stage::AwaitingFile, Stage::Private, Stage::Shared] {
        let mut objects: Objects = world.recording_to_coach_on(stage).await;
        for route in ROUTES {
            let Guard::Asks(action) = route.guard else { continue };
            for (user, role) in people {
                let cookie = session(&world, user, role).await;
                let (kind, body) = body(route, &world, &objects);
                let request = Request::builder()
                    .method(route.method.clone())
                    .uri(path(route, &objects))
                    .header(header::ORIGIN, ORIGIN)
                    .header(header::COOKIE, cookie)
                    .header(header::CONTENT_TYPE, kind)
                    .body(Body::from(body))
                    .unwrap();
                let before = head(&world).await;
                let response = router.clone().oneshot(request).await.unwrap();
                let status = response.status().as_u16();
                // What is sent as a stream is asked for again while it runs; those questions leave no entry.
                drop(response.into_body().collect().await.unwrap());
                let new = entries(&world, before).await;
                requests += 1;
                wrong.extend(complaint(route, action, status, &new));
                if new.iter().any(|e| e.decision == "allowed") {
                    yes.insert(format!("{} {}", route.method, route.path));
                    if !route.method.is_safe() {
                        objects = world.recording_to_coach_on(stage).await;
                    }
                }
            }
        }
    }
    let wrong: Vec<_> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{database}: {}\n{}", wrong.len(), wrong.join("\n"));
    nothing_but_known_words(&world).await;
    (requests, yes.len() as u64)
}

/// The words of the log: those of the policy, and those that `crates/access/src/audit.rs` lists.
fn known_actions() -> BTreeSet<String> {
    let source = include_str!("../../../crates/access/src/audit.rs");
    let literals = source.lines().filter_map(|line| line.split('"').nth(1));
    let word = |c: char| c.is_ascii_lowercase() || ".:_".contains(c);
    let events = literals.filter(|text| text.contains('.') && text.chars().all(word));
    let events = events.map(ToOwned::to_owned);
    events.chain(Action::ALL.iter().map(|a| a.as_str().to_owned())).collect()
}

async fn nothing_but_known_words(world: &World) {
    let actions = known_actions();
    assert!(actions.len() > Action::ALL.len() + 4, "the events were found");
    let kinds = [
        "installation",
        "recording",
        "playlist",
        "clip",
        "concern",
        "series",
        "session",
        "piece",
        "brought",
        "person",
    ];
    let decisions = [
        "allowed",
        "refused:absent",
        "refused:role",
        "refused:relation",
        "refused:consent",
        "refused:state",
        "refused:blocked",
        "refused:gone",
        "refused:strength",
    ];
    let mut after = AuditSeq(0);
    loop {
        let page = entries(world, after).await;
        let Some(last) = page.last() else { break };
        after = last.seq;
        for entry in &page {
            assert!(entry.hat.parse::<Hat>().is_ok(), "{entry:?}");
            assert!(actions.contains(&entry.action), "{entry:?}");
            assert!(kinds.contains(&entry.object_kind.as_str()), "{entry:?}");
            assert!(decisions.contains(&entry.decision.as_str()), "{entry:?}");
            // Said twice, for what a closed set might come to hold: nobody's name, nobody's words.
            let words = [&entry.action, &entry.object_kind, &entry.decision];
            for canary in ["robin", "worker label", "plain words"].iter().chain(PEOPLE) {
                let own =
                    entry.hat == *canary || *canary == "coach" && entry.action.starts_with("coach");
                assert!(own || !words.iter().any(|w| w.contains(canary)), "{entry:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_address_leaves_its_entry() {
    let (mut requests, mut answered) = (0, 0);
    for (store, database) in Direct::both().await {
        let (asked, yes) = every_address(store, database.name).await;
        requests += asked;
        answered = yes;
    }
    crate::evidence::add(
        "audit",
        &[("requests_with_entries", json!(requests)), ("routes_allowed", json!(answered))],
    );
}
