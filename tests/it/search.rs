//! How long it takes to find a word: hours of speech, decrypted in memory, no index at rest.
//!
//! The ordinary form has a hundred hours, the long one a thousand. The first question decrypts everything; the next ones
//! find it in memory and still ask for each recording.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use hearback_domain::{RecordingId, Role};
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use crate::{
    access::{ORIGIN, app, session},
    chance::Chance,
    support::sqlite,
    words_page::write_down,
    world::{Stage, World},
};

/// The words of an hour of conversation.
const WORDS: u64 = 9_000;

/// Words as they are said; the more often, the nearer to the front.
const SAID: &[&str] = &[
    "and",
    "the",
    "I",
    "you",
    "to",
    "that",
    "it",
    "of",
    "a",
    "in",
    "was",
    "is",
    "so",
    "know",
    "he",
    "they",
    "we",
    "like",
    "what",
    "have",
    "just",
    "do",
    "not",
    "on",
    "with",
    "think",
    "but",
    "for",
    "be",
    "she",
    "there",
    "yeah",
    "my",
    "this",
    "at",
    "home",
    "school",
    "because",
    "really",
    "Saturday,",
    "together",
    "brother",
    "feel",
    "talk",
    "about",
    "anything",
    "sometimes",
    "quiet",
    "laughed.",
    "remember",
    "upstairs",
    "morning.",
];

/// An hour of words as JSON, with one word that no other recording has.
fn hour(nth: usize, chance: &mut Chance) -> Vec<u8> {
    let mut json = String::from(
        "{\"model\":\"base.en-q5_1\",\"language\":\"en\",\"duration_ms\":3600000,\"speakers\":\"resemblyzer\",\"segments\":[",
    );
    for word in 0..WORDS {
        let (start, end) = (word * 400, word * 400 + 380);
        if word % 15 == 0 {
            let (comma, until) = (if word == 0 { "" } else { "]}," }, start + 15 * 400);
            write!(json, "{comma}{{\"start_ms\":{start},\"end_ms\":{until},\"text\":\"\",\"speaker\":\"A\",\"no_speech_prob\":0.01,\"avg_logprob\":-0.2,\"doubts\":[],\"words\":[").unwrap();
        } else {
            json.push(',');
        }
        let common = chance.below(SAID.len()).min(chance.below(SAID.len()));
        let own = format!("quince{nth}");
        let text = if word == 4_321 { &own } else { SAID[common] };
        write!(json, "{{\"start_ms\":{start},\"end_ms\":{end},\"text\":\"{text}\",\"p\":0.9731445,\"speaker\":\"A\"}}").unwrap();
    }
    json.push_str("]}]}");
    json.into_bytes()
}

/// How long a question takes, and the page.
async fn ask(router: &Router, cookie: &str, q: &str) -> (Duration, String) {
    let request = Request::get(format!("/search?q={q}"))
        .header(header::HOST, "localhost:1")
        .header(header::COOKIE, cookie)
        .body(Body::empty())
        .unwrap();
    let began = Instant::now();
    let response = router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (began.elapsed(), String::from_utf8(body.to_vec()).unwrap())
}

fn median(mut times: Vec<Duration>) -> u64 {
    times.sort_unstable();
    u64::try_from(times[times.len() / 2].as_millis()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_is_found_in_hours_of_speech() {
    let hours: usize = if std::env::var_os("HEARBACK_TEST_DEEP").is_some() { 1_000 } else { 100 };
    let world = World::new(sqlite().await).await;
    let mut chance = Chance::new(11);
    let mut ids: Vec<RecordingId> = Vec::new();
    for nth in 0..hours {
        let id = world.recording(Stage::Private).await.recording;
        let json = hour(nth, &mut chance);
        write_down(&world, id, &json).await;
        ids.push(id);
    }
    let app = app(&world, ORIGIN);
    let router = hearback_web::router(app.clone());
    let cookie = session(&world, world.owner, Role::Practitioner).await;

    let (cold, page) = ask(&router, &cookie, "quince42").await;
    assert!(page.contains("1 place in 1 recording"), "{page}");
    assert!(page.contains(&format!("/recordings/{}/words?t=1728400", ids[42])), "{page}");
    let mut rare = Vec::new();
    for nth in 0..9 {
        let (took, page) = ask(&router, &cookie, &format!("quince{nth}")).await;
        assert!(page.contains("1 place in 1 recording"));
        rare.push(took);
    }
    let mut common = Vec::new();
    for q in ["school", "%22my+brother%22", "quin*", "nowhere", "laughed+upstairs"] {
        common.push(ask(&router, &cookie, q).await.0);
    }
    let (_, page) = ask(&router, &cookie, "quin*").await;
    assert!(page.contains(&format!("{hours} places in {hours} recordings")), "{page}");
    // Somebody else finds nothing of it, cold or warm.
    let stranger = session(&world, world.stranger, Role::Practitioner).await;
    assert!(ask(&router, &stranger, "quince42").await.1.contains("Nothing was found"));
    let cold = u64::try_from(cold.as_millis()).unwrap();
    let (rare, common) = (median(rare), median(common));
    crate::evidence::add(
        "search",
        &[
            ("hours", json!(hours)),
            ("cold_ms", json!(cold)),
            ("warm_ms", json!(rare)),
            ("warm_common_ms", json!(common)),
        ],
    );
}
