//! A meeting room without a network: whatever a page needs comes from the service that serves it. No page and nothing
//! that is built into the service names another address.

use std::{collections::BTreeSet, fs, path::Path};

use axum::http::Method;
use hearback_domain::Role;
use hearback_web::{Guard, Kind, ROUTES};
use serde_json::json;

use crate::{
    access::{ORIGIN, path, session},
    blind::House,
    support::sqlite,
    world::{Stage, World},
};

/// Names of XML vocabularies look like addresses. Nobody fetches them.
const VOCABULARIES: &str = "http://www.w3.org/";

/// Addresses in a text that lead out of the house.
fn outside(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let ends = |c: char| c.is_whitespace() || "\"'`<>()\\,;".contains(c);
    for scheme in ["http://", "https://", "ws://", "wss://"] {
        for (at, _) in text.match_indices(scheme) {
            let rest = &text[at..];
            let address = &rest[..rest.find(ends).unwrap_or(rest.len())];
            // A rule of the style sheet is about any address.
            if address.len() > scheme.len()
                && !address.starts_with(ORIGIN)
                && !address.starts_with(VOCABULARIES)
            {
                found.insert(address.to_owned());
            }
        }
    }
    // Without a scheme: `src="//…"`, `url(//…)`, `import "//…"`.
    for start in ["=\"//", "='//", "(\"//", "('//", "url(//", "import \"//", "import\"//"] {
        for (at, _) in text.match_indices(start) {
            let rest = &text[at + start.len()..];
            found.insert(format!("//{}", &rest[..rest.find(ends).unwrap_or(rest.len())]));
        }
    }
    found
}

#[test]
fn an_address_outside_is_found() {
    let text = format!("<a href=\"{ORIGIN}/x\"> <svg xmlns=\"http://www.w3.org/2000/svg\">");
    assert_eq!(outside(&text), BTreeSet::new());
    for (text, is) in [
        ("<img src=\"https://cdn.example/a.png\">", "https://cdn.example/a.png"),
        ("@import url(//fonts.example/x.css)", "//fonts.example/x.css"),
        ("fetch('http://127.0.0.1:9/x')", "http://127.0.0.1:9/x"),
        ("<script src='//cdn.example/a.js'>", "//cdn.example/a.js"),
        ("new WebSocket(`wss://x.example`)", "wss://x.example"),
    ] {
        assert_eq!(outside(text), BTreeSet::from([is.to_owned()]));
    }
}

#[tokio::test]
async fn nothing_leads_out_of_the_house() {
    let house = House::new(sqlite().await).await;
    let world = &house.world;
    world.let_somebody_coach().await;
    let objects = world.recording_to_coach_on(Stage::Shared).await;
    let mut seen = BTreeSet::new();
    for (user, role) in [
        (world.owner, Role::Practitioner),
        (world.coach, Role::Coach),
        (world.stranger, Role::LineManager),
        (world.researcher, Role::Researcher),
        (World::second(), Role::Researcher),
        (world.stranger, Role::Coordinator),
        (world.stranger, Role::CoachingSupervisor),
        (world.stranger, Role::ProgrammeLead),
    ] {
        let cookie = session(world, user, role).await;
        for route in ROUTES.iter().filter(|route| {
            route.method == Method::GET
                && route.kind == Kind::Page
                && route.guard != Guard::Provider
        }) {
            let at = path(route, &objects);
            let (status, _, body) = house.ask(&cookie, Method::GET, &at, ("", "")).await;
            if status != 200 {
                continue;
            }
            let page = String::from_utf8(body).unwrap();
            assert_eq!(outside(&page), BTreeSet::new(), "{role}: {at}");
            seen.insert(route.path);
        }
    }
    for page in ["/sessions/{session}/room", "/sessions/{session}", "/series/{series}/thread"] {
        assert!(seen.contains(page), "{page} was not looked at: {seen:?}");
    }
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/web/ui/dist");
    let mut files = 0;
    for file in fs::read_dir(built).unwrap() {
        let file = file.unwrap().path();
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(outside(&text), BTreeSet::new(), "{}", file.display());
        files += 1;
    }
    assert!(files > 10, "only {files} files are built in");
    crate::evidence::add(
        "session_room",
        &[
            ("pages_without_a_network", json!(seen.len())),
            ("files_without_a_network", json!(files)),
        ],
    );
}
