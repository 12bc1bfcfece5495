//! The researcher's desk: what a coder has not saved and what they heard is theirs alone; and in a real browser a coder
//! without a mouse, a tab that dies, and two hours with six hundred codes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use axum::{
    body::Body,
    http::{Request, header},
};
use hearback_access::{Code, Cx};
use hearback_domain::{
    Clock as _, CodeId, CodingId, Framework, Ms, Note, RecordingId, Role, Span,
    transcript::{Segment, Speaker, Transcript, Word},
};
use hearback_storage::{NewCode, NewCoding, permit};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{
    access::{ORIGIN, app, session},
    chance::Chance,
    support::sqlite,
    world::{Stage, World},
};

/// What is said takes this long, and then nobody speaks for a while (ms).
const TURN_MS: u64 = 4_200;
const SPOKEN_MS: u64 = 3_600;
const WORDS: [&str; 12] = [
    "we", "could", "think", "about", "what", "happens", "on", "Saturday", "and", "who", "is",
    "there",
];

/// Sound at 16 kHz in which somebody speaks in every turn, and its picture: a pair of peaks for 10 ms.
fn sound_of(minutes: u64) -> (Vec<u8>, Vec<u8>) {
    let turn: Vec<u8> = (0..TURN_MS * 16)
        .flat_map(|n| {
            let loud = if n / 16 < SPOKEN_MS { 6_000_i16 } else { 20 };
            (if (n / 40).is_multiple_of(2) { loud } else { -loud }).to_le_bytes()
        })
        .collect();
    let bytes = usize::try_from(minutes * 60 * 32_000).unwrap();
    let mut pcm = turn.repeat(bytes / turn.len() + 1);
    pcm.truncate(bytes);

    let pairs = minutes * 6_000;
    let mut peaks = Vec::new();
    // Version 2 of the format, 8 bits, 160 samples at 16 kHz for a pair, one channel.
    for field in [2, 1, 16_000, 160, u32::try_from(pairs).unwrap(), 1] {
        peaks.extend(field.to_le_bytes());
    }
    for pair in 0..pairs {
        let loud = if pair * 10 % TURN_MS < SPOKEN_MS { 40 + pair * 7 % 60 } else { 1 };
        let loud = i8::try_from(loud).unwrap();
        peaks.extend((-loud).to_le_bytes());
        peaks.extend(loud.to_le_bytes());
    }
    (pcm, peaks)
}

/// The words of such a recording.
pub(crate) fn words_of(minutes: u64) -> Transcript {
    let segment = |turn: u64| {
        let start_ms = turn * TURN_MS;
        let speaker = Speaker::try_from(if turn.is_multiple_of(2) { 'A' } else { 'B' }).ok();
        let words: Vec<Word> = (0..10)
            .map(|nth| Word {
                start_ms: start_ms + nth * 360,
                end_ms: start_ms + nth * 360 + 330,
                text: WORDS[usize::try_from(turn + nth).unwrap() % WORDS.len()].to_owned(),
                p: 0.9,
                speaker,
            })
            .collect();
        let text: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let (text, end_ms) = (text.join(" "), start_ms + SPOKEN_MS);
        Segment { start_ms, end_ms, text, speaker, words, ..Segment::default() }
    };
    Transcript {
        model: "base.en-q5_1".to_owned(),
        model_sha256: None,
        language: "en".to_owned(),
        duration_ms: minutes * 60_000,
        done_ms: None,
        speakers: None,
        segments: (0..minutes * 60_000 / TURN_MS).map(segment).collect(),
    }
}

/// A released recording of this length, with words.
pub(crate) async fn recording(world: &World, minutes: u64) -> RecordingId {
    let id = world.recording(Stage::Released).await.recording;
    let (pcm, peaks) = sound_of(minutes);
    world.sound_with(id, &pcm, &peaks).await;
    world.words(id, &serde_json::to_vec(&words_of(minutes)).unwrap()).await;
    id
}

/// Codes by the researcher, anywhere in the recording, some over each other. One is there already.
async fn mark(world: &World, id: RecordingId, minutes: u64, codes: usize) {
    let mut chance = Chance::new(6);
    let v1 = Framework::v1();
    let items: Vec<_> = v1.items().into_iter().map(|item| item.key).collect();
    let cx = Cx::person(world.researcher, Role::Researcher, world.clock.now());
    let (mut work, may) = permit::<Code>(&*world.store, cx, id).await.unwrap();
    let coding = NewCoding {
        id: CodingId::mint(&*world.ids),
        framework_version: v1.version.clone(),
        part: None,
    };
    work.begin_coding(&may, &coding).await.unwrap();
    for nth in 1..codes {
        let last = usize::try_from(minutes * 60_000).unwrap() - 20_000;
        let start = chance.below(last) as u64;
        let end = start + 1_500 + chance.below(15_000) as u64;
        let item = &items[nth % items.len()];
        let code = NewCode {
            id: CodeId::mint(&*world.ids),
            framework_version: v1.version.clone(),
            item: item.clone(),
            span: Span::new(Ms::new(start), Ms::new(end)).unwrap(),
            note: Note::new("Leaves the choice with Robin, and waits.").unwrap(),
            nonverbal: Note::new(if nth % 7 == 0 { "laughs" } else { "" }).unwrap(),
            exemplar: nth % 11 == 0,
        };
        work.add_code(&may, &code).await.unwrap();
    }
    work.commit().await.unwrap();
}

#[tokio::test]
async fn what_lies_on_the_desk_is_the_coders_own() {
    let world = World::new(sqlite().await).await;
    let id = recording(&world, 1).await;
    let router = hearback_web::router(app(&world, ORIGIN));
    let rook = session(&world, world.researcher, Role::Researcher).await;
    let ask = async |method: &str, path: &str, body: Value| -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("/recordings/{id}/{path}"))
            .header(header::HOST, "localhost:1")
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::COOKIE, &rook)
            .body(if body.is_null() { Body::empty() } else { Body::from(body.to_string()) })
            .unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    };
    let nothing = (200, json!({"text": null}));
    assert_eq!(ask("GET", "coding/draft", Value::Null).await, nothing);
    let left = json!({"text": "{\"note\":\"She waits, and th\"}"});
    assert_eq!(ask("PUT", "coding/draft", left.clone()).await.0, 204);
    assert_eq!(ask("GET", "coding/draft", Value::Null).await, (200, left.clone()));

    let heard = |stretch: u64, ms: u64| json!({"heard": [{"stretch": stretch, "ms": ms}]});
    for (stretch, ms) in [(3, 5_000), (3, 2_000), (11, 900)] {
        assert_eq!(ask("POST", "coding/heard", heard(stretch, ms)).await.0, 204);
    }
    let all = json!({"heard": [{"stretch": 3, "ms": 7_000}, {"stretch": 11, "ms": 900}]});
    assert_eq!(ask("GET", "coding/heard", Value::Null).await, (200, all.clone()));
    // A minute has twelve stretches.
    for wrong in [heard(12, 1_000), heard(1, 0), heard(1, 600_001)] {
        assert_eq!(ask("POST", "coding/heard", wrong.clone()).await.0, 422, "{wrong}");
    }

    let code = json!({"skill": "clarity", "start_ms": 0, "end_ms": 900, "nonverbal": "laughs"});
    let (status, made) = ask("POST", "codes", code).await;
    assert_eq!((status, &made["nonverbal"]), (201, &json!("laughs")));
    let (_, coding) = ask("GET", "codes", Value::Null).await;
    assert!(coding["codes"].as_array().unwrap().contains(&made));

    // Nobody else's page tells of it, whatever they are to the recording.
    for (user, role) in [
        (world.owner, Role::Practitioner),
        (world.coach, Role::Coach),
        (world.stranger, Role::Researcher),
        (world.researcher, Role::Coach),
    ] {
        let cookie = session(&world, user, role).await;
        for path in ["coding/draft", "coding/heard"] {
            let request = Request::get(format!("/recordings/{id}/{path}"))
                .header(header::HOST, "localhost:1")
                .header(header::COOKIE, &cookie)
                .body(Body::empty())
                .unwrap();
            let status = router.clone().oneshot(request).await.unwrap().status();
            assert_eq!(status, 404, "{role}: {path}");
        }
    }

    // A coding that is finished takes no draft any more, and what was not saved is gone; listening still counts.
    assert!(ask("POST", "coding/finish", json!({})).await.0 < 400);
    assert_eq!(ask("PUT", "coding/draft", left).await.0, 409);
    assert_eq!(ask("GET", "coding/draft", Value::Null).await, nothing);
    assert_eq!(ask("POST", "coding/heard", heard(0, 100)).await.0, 204);
}

/// Serves the world and has a script visit it, with the cookie of a researcher; what the script wrote to its standard
/// output.
pub(crate) async fn visit(
    world: World,
    script: &str,
    out: &str,
    given: &[(&str, String)],
) -> Value {
    visit_with(world, script, out, given, |_| ()).await
}

/// The same, with something of the service changed before it begins.
pub(crate) async fn visit_with(
    world: World,
    script: &str,
    out: &str,
    given: &[(&str, String)],
    change: impl FnOnce(&mut hearback_web::App),
) -> Value {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let mut app = app(&world, &origin);
    change(&mut app);
    let rook = session(&world, world.researcher, Role::Researcher).await;
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let mut serving = tokio::task::JoinSet::new();
    serving.spawn(async move {
        hearback_web::serve(listener, app, async { drop(ended.await) }).await.unwrap();
    });
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = pictures(&here.join("../target").join(out));
    let mut node = Command::new("node");
    node.arg(here.join("browser").join(script))
        .env("ORIGIN", &origin)
        .env("OUT", &out)
        .env("ROOK", rook)
        .envs(given.iter().map(|(name, value)| (name, value.as_str())));
    let done = tokio::task::spawn_blocking(move || {
        node.output().expect("node is installed: run `cargo xtask test`")
    });
    let done = done.await.unwrap();
    drop(end);
    serving.join_next().await.unwrap().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

fn pictures(out: &Path) -> PathBuf {
    fs::remove_dir_all(out).ok();
    out.to_owned()
}

/// Thirty codes and seven scores on ten minutes without a mouse; then the tab dies, and nothing is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_coder_without_a_mouse_and_a_tab_that_dies() {
    let world = World::new(sqlite().await).await;
    let id = recording(&world, 10).await;
    let figures = visit(world, "desk.mjs", "browser-desk", &[("ID", id.to_string())]).await;
    crate::evidence::add(
        "desk_page",
        &[
            ("codes_by_keyboard", figures["codes"].clone()),
            ("scores_by_keyboard", figures["scores"].clone()),
            ("keyboard_seconds", figures["seconds"].clone()),
        ],
    );
}

/// Two hours with six hundred codes and all their words: how soon the page is there, and how smoothly it moves.
#[tokio::test(flavor = "multi_thread")]
async fn two_hours_with_six_hundred_codes() {
    const MINUTES: u64 = 120;
    const CODES: usize = 600;
    let world = World::new(sqlite().await).await;
    let id = recording(&world, MINUTES).await;
    mark(&world, id, MINUTES, CODES).await;
    let given = [("ID", id.to_string()), ("CODES", CODES.to_string())];
    let figures = visit(world, "desk-hours.mjs", "browser-desk-hours", &given).await;
    let figures = figures.as_object().unwrap();
    let figures: Vec<_> =
        figures.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    crate::evidence::add("desk_page", &figures);
    crate::evidence::add("desk_page", &[("minutes", json!(MINUTES)), ("codes", json!(CODES))]);
}
