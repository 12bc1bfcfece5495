//! Somebody jumps about in an hour of sound: what encryption adds to the time until the first bytes come.
//!
//! Both ways ask the same questions of the same database and write the same audit entry; one then reads from the
//! vault, the other from a plain file. They take turns, so that a busy machine meets both.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
    routing::get,
};
use hearback_access::{Cx, Decode, ObjectKind, PlayRecording};
use hearback_domain::{Clock as _, Ms, ObjectId, Role};
use hearback_storage::{Decoded, SoundDetails, permit};
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use crate::{
    access::{app, session},
    chance::Chance,
    support::sqlite,
    world::{Objects, Stage, World},
};

/// An hour of working samples.
const HOUR: u64 = 3_600 * 32_000;
/// What a player asks for.
const RANGE: u64 = 64 << 10;

/// Puts an hour in the place of the recording's sound.
async fn an_hour(world: &World, objects: &Objects, plain: &mut File) {
    let worker = Cx::worker(world.clock.now());
    let (mut work, p) = permit::<Decode>(&*world.store, worker, objects.recording).await.unwrap();
    let minute = vec![5_u8; usize::try_from(HOUR / 60).unwrap()];
    let mut sound =
        world.vault.add(&p, ObjectKind::Normalised, ObjectId::mint(&*world.ids)).unwrap();
    for _ in 0..60 {
        sound.write_all(&minute).unwrap();
        plain.write_all(&minute).unwrap();
    }
    let mut peaks = world.vault.add(&p, ObjectKind::Peaks, ObjectId::mint(&*world.ids)).unwrap();
    peaks.write_all(b"peaks").unwrap();
    let decoded = Decoded {
        details: SoundDetails {
            container: "wav".to_owned(),
            codec: "pcm_s16le".to_owned(),
            channels: 1,
            sample_rate_hz: 16_000,
            duration: Ms::from_seconds(3_600),
            remarks: String::new(),
        },
        normalised: sound.finish().unwrap(),
        peaks: peaks.finish().unwrap(),
        sides: None,
    };
    work.set_decoded(&p, &decoded).await.unwrap();
    work.commit().await.unwrap();
}

async fn first_bytes(router: &Router, cookie: &str, path: &str, at: u64) -> Duration {
    let request = Request::builder()
        .uri(path)
        .header(header::HOST, "localhost:1")
        .header(header::COOKIE, cookie)
        .header(header::RANGE, format!("bytes={at}-{}", at + RANGE - 1))
        .body(Body::empty())
        .unwrap();
    let begun = Instant::now();
    let response = router.clone().oneshot(request).await.unwrap();
    assert!(matches!(response.status(), StatusCode::PARTIAL_CONTENT | StatusCode::OK));
    let first = response.into_body().frame().await.unwrap().unwrap().into_data().unwrap();
    let took = begun.elapsed();
    assert!(!first.is_empty());
    took
}

fn at_percent(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_hour_is_found_again_as_fast_as_from_a_plain_disk() {
    let world = World::new(sqlite().await).await;
    let objects = world.recording(Stage::Private).await;
    let plain = tempfile::NamedTempFile::new().unwrap();
    an_hour(&world, &objects, &mut plain.reopen().unwrap()).await;
    let cookie = session(&world, world.owner, Role::Practitioner).await;

    let (store, clock) = (world.store.clone(), world.clock.clone());
    let (cx, recording) = (world.cx(world.owner, Role::Practitioner), objects.recording);
    let file = plain.path().to_owned();
    let read = move |request: Request<Body>| {
        let (store, clock, file) = (store.clone(), clock.clone(), file.clone());
        async move {
            // What the guard does, and then what the handler does, but for the vault.
            let token = hearback_storage::TokenHash([0; 32]);
            let now = clock.now();
            let known = store.begin().await.unwrap().session(&token, now, now).await.unwrap();
            assert!(known.is_none());
            let (mut work, p) = permit::<PlayRecording>(&*store, cx, recording).await.unwrap();
            work.object(&p, ObjectKind::Normalised).await.unwrap().unwrap();
            work.commit().await.unwrap();
            let range = request.headers()[header::RANGE].to_str().unwrap();
            let at = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap().0;
            let at: u64 = at.parse().unwrap();
            let read = move || {
                let mut file = File::open(file).unwrap();
                file.seek(SeekFrom::Start(at)).unwrap();
                let mut bytes = vec![0; usize::try_from(RANGE).unwrap()];
                file.read_exact(&mut bytes).unwrap();
                bytes
            };
            Body::from(tokio_util::task::TaskTracker::new().spawn_blocking(read).await.unwrap())
        }
    };
    let disk = Router::new().route("/", get(read));
    let service = hearback_web::router(app(&world, "http://localhost:1"));

    let times = if std::env::var_os("HEARBACK_TEST_DEEP").is_some() { 2_000 } else { 300 };
    let mut chance = Chance::from_environment();
    let (mut from_vault, mut from_disk) = (Vec::new(), Vec::new());
    let path = format!("/recordings/{}/audio", objects.recording);
    for n in 0..times + 20 {
        let at = 44 + chance.below(usize::try_from(HOUR - RANGE - 44).unwrap()) as u64;
        let (a, b) = (
            first_bytes(&service, &cookie, &path, at).await,
            first_bytes(&disk, &cookie, "/", at).await,
        );
        // The first ones warm both up.
        if n >= 20 {
            from_vault.push(a);
            from_disk.push(b);
        }
    }
    let (vault_p50, disk_p50) = (at_percent(&mut from_vault, 50), at_percent(&mut from_disk, 50));
    let (vault_p99, disk_p99) = (at_percent(&mut from_vault, 99), at_percent(&mut from_disk, 99));
    eprintln!(
        "first bytes, ms: vault p50 {vault_p50:.2} p99 {vault_p99:.2}; disk p50 {disk_p50:.2} p99 {disk_p99:.2}"
    );
    crate::evidence::add(
        "seek",
        &[
            ("seeks", json!(times)),
            ("p50_ratio", json!(vault_p50 / disk_p50)),
            ("p99_ratio", json!(vault_p99 / disk_p99)),
        ],
    );
    // A wide bound, because machines are noisy: what it holds off is reading from the beginning, or a key from afar.
    assert!(vault_p50 / disk_p50 < 5.0, "{vault_p50} {disk_p50}");
}
