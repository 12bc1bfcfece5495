//! How long it takes to find a word: hours of speech, decrypted in memory, no index at rest.
//!
//! The ordinary form has a hundred hours, the long one a thousand. The first question decrypts everything; the next
//! ones find it in memory and still ask for each recording.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use hearback_access::{CorrectTranscript, ObjectKind};
use hearback_domain::{
    Clock as _, RecordingId, Role,
    transcript::{Change, Correction, Speaker},
};
use hearback_storage::{NewCorrections, permit};
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use crate::{
    access::{ORIGIN, app, session},
    chance::Chance,
    support::sqlite,
    world::{Stage, World},
};

/// The words of an hour of conversation.
const WORDS: u64 = 9_000;

/// How many stretches of an hour somebody put right.
const CORRECTED: u64 = 30;

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

/// Somebody has gone over the words: put some right, given a voice a name, and replaced a name. The world hides a
/// second of each recording as well.
async fn correct(world: &World, id: RecordingId, nth: usize) {
    let at = world.clock.now();
    let text = |minute: u64| Change::Text {
        start_ms: minute * 60_000,
        end_ms: minute * 60_000 + 2_000,
        was: String::new(),
        text: format!("a plum{nth} in her hand"),
    };
    let voice = Change::Rename { speaker: Speaker::new(0).unwrap(), name: "Mum".to_owned() };
    let name = Change::Pseudonym { from: "brother".to_owned(), to: "sibling".to_owned() };
    let changes = (1..=CORRECTED).map(text).chain([voice, name]);
    let all: Vec<_> = changes.map(|change| Correction { at, by: world.owner, change }).collect();
    let cx = world.cx(world.owner, Role::Practitioner);
    let (mut work, p) = permit::<CorrectTranscript>(&*world.store, cx, id).await.unwrap();
    let json = serde_json::to_vec(&all).unwrap();
    let object = world.seal(&p, ObjectKind::Corrections, &json);
    let new = NewCorrections { before: 0, now: all.len() as u64, object };
    assert!(work.correct(&p, &new).await.unwrap());
    work.commit().await.unwrap();
}

/// How long a question takes, and the page.
async fn ask(router: &Router, cookie: &str, q: &str) -> (Duration, String) {
    let request = Request::post("/search")
        .header(header::HOST, "localhost:1")
        .header(header::ORIGIN, ORIGIN)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, cookie)
        .body(Body::from(format!("q={q}")))
        .unwrap();
    let began = Instant::now();
    let response = router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (began.elapsed(), String::from_utf8(body.to_vec()).unwrap())
}

/// Opens the form.
async fn open(router: &Router, cookie: &str) {
    let request = Request::get("/search")
        .header(header::HOST, "localhost:1")
        .header(header::COOKIE, cookie)
        .body(Body::empty())
        .unwrap();
    assert_eq!(router.clone().oneshot(request).await.unwrap().status(), 200);
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
        world.words(id, &json).await;
        correct(&world, id, nth).await;
        ids.push(id);
    }
    let app = app(&world, ORIGIN);
    let router = hearback_web::router(app.clone());
    let cookie = session(&world, world.owner, Role::Practitioner).await;

    // Whoever opens the form finds what they may read at hand a little later, and nobody else does.
    let stranger = session(&world, world.stranger, Role::Practitioner).await;
    open(&router, &stranger).await;
    let (cold, page) = ask(&router, &cookie, "quince42").await;
    assert_eq!(app.lately.recordings(), hours);
    for id in &ids {
        app.lately.forget(*id);
    }
    open(&router, &cookie).await;
    let began = Instant::now();
    while app.lately.recordings() < hours {
        assert!(began.elapsed() < Duration::from_mins(10), "it was not brought");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let brought = u64::try_from(began.elapsed().as_millis()).unwrap();
    assert!(page.contains("1 place in 1 recording"), "{page}");
    assert!(page.contains(&format!("/recordings/{}/words?t=1728400", ids[42])), "{page}");
    let mut rare = Vec::new();
    for nth in 0..9 {
        let (took, page) = ask(&router, &cookie, &format!("quince{nth}")).await;
        assert!(page.contains("1 place in 1 recording"));
        rare.push(took);
    }
    let mut common = Vec::new();
    for q in ["school", "%22my+sibling%22", "quin*", "nowhere", "laughed+upstairs"] {
        common.push(ask(&router, &cookie, q).await.0);
    }
    let (_, page) = ask(&router, &cookie, "quin*").await;
    assert!(page.contains("Found in more than 30 recordings"), "{page}");
    let (_, page) = ask(&router, &cookie, "plum7").await;
    assert!(page.contains(&format!("{CORRECTED} places in 1 recording")), "{page}");
    assert!(ask(&router, &cookie, "brother").await.1.contains("Nothing was found"));
    // Somebody else finds nothing of it, cold or warm.
    assert!(ask(&router, &stranger, "quince42").await.1.contains("Nothing was found"));
    let cold = u64::try_from(cold.as_millis()).unwrap();
    let (rare, common) = (median(rare), median(common));
    crate::evidence::add(
        "search",
        &[
            ("hours", json!(hours)),
            ("cold_ms", json!(cold)),
            ("brought_ms", json!(brought)),
            ("warm_ms", json!(rare)),
            ("warm_common_ms", json!(common)),
        ],
    );
}
