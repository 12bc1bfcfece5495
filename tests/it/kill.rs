//! The service is killed (SIGKILL) at many moments of the pipeline, and loses nothing.

mod hours;

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use sqlx::{Row as _, SqlitePool, sqlite::SqliteConnectOptions};

use crate::service::{Person, Service, speak};

/// How often, unless the long form is asked for.
const KILLS: u32 = 50;

/// Random moments of the first two and a half seconds; the seed brings them back.
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> Duration {
        // A linear congruential generator (Knuth, MMIX); its upper bits are random enough for this.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Duration::from_millis((self.0 >> 33) % 2_500)
    }
}

/// Fifty times, at another moment of upload, decoding, transcribing or rest, the process is killed and started again.
/// Every upload that was acknowledged ends ready, its work was done once, and the audit chain holds.
#[test]
fn killed_at_any_moment_nothing_is_lost_or_done_twice() {
    let mut service = Service::with_people(&[("wren", "practitioner")]);
    let wav = service.dir.path().join("speech.wav");
    speak("slt", "You can tell me if you want to, and it is fine if you would rather not.", &wav);
    let file = std::fs::read(&wav).unwrap();
    let lease = ["--lease-seconds", "2"];

    let seed = std::env::var("HEARBACK_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let mut moments = Moments(seed.unwrap_or(1));
    let kills = if std::env::var_os("HEARBACK_TEST_DEEP").is_some() { 4 * KILLS } else { KILLS };
    let mut accepted = Vec::new();
    let mut cut_off = 0;
    for _ in 0..kills {
        service.start(&lease);
        let person = Person::sign_in(&service, "wren");
        let (upload, file) = (thread::spawn, file.clone());
        let begun = Instant::now();
        let uploading = upload(move || {
            let id = person.begin_recording("Robin").ok()?;
            match person.send_file(&id, &file) {
                Ok((200 | 201, _)) => Some(Ok(id)),
                _ => Some(Err(id)),
            }
        });
        // Not a sleep in hope: the moment of the kill is what varies.
        thread::sleep(moments.next().saturating_sub(begun.elapsed()));
        service.kill();
        match uploading.join().unwrap() {
            Some(Ok(id)) => accepted.push(id),
            Some(Err(_)) | None => cut_off += 1,
        }
    }

    service.start(&lease);
    let person = Person::sign_in(&service, "wren");
    for id in &accepted {
        let status =
            person.wait_for(id, "ready", |s| s["stage"] == "ready" || s["stage"] == "stuck");
        assert_eq!(status["stage"], "ready", "{status}\n{}", service.log());
        assert_eq!(status["transcript"], "done", "{status}");
        let transcript = person.json(&format!("/recordings/{id}/transcript")).to_string();
        assert!(transcript.contains("rather"), "{transcript}");
    }
    until_nothing_is_open(&service);
    service.kill();

    assert!(accepted.len() >= 10, "only {} uploads were acknowledged", accepted.len());
    each_upload_was_worked_on_once(&service, accepted.len());
    let verify = service.command(&["audit", "verify"]).output().unwrap();
    assert!(verify.status.success(), "{}", String::from_utf8_lossy(&verify.stderr));
    crate::evidence::add(
        "kill",
        &[
            ("cases", json!(kills)),
            ("acknowledged", json!(accepted.len())),
            ("cut_off", json!(cut_off)),
        ],
    );
}

/// Waits for files that were taken in although nobody was told any more.
fn until_nothing_is_open(service: &Service) {
    let deadline = Instant::now() + Duration::from_mins(2);
    let open = || {
        let sql = "select count(*) from jobs where state in ('queued', 'running')";
        in_database(service, async |pool| {
            sqlx::query_scalar::<_, i64>(sql).fetch_one(pool).await.unwrap()
        })
    };
    while open() > 0 {
        assert!(Instant::now() < deadline, "jobs are still open\n{}", service.log());
        thread::sleep(Duration::from_millis(200));
    }
}

fn in_database<T>(service: &Service, ask: impl AsyncFnOnce(&SqlitePool) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(service.database());
        ask(&SqlitePool::connect_with(options).await.unwrap()).await
    })
}

/// In the database: of every recording that has a file, one object of each kind, and one job of each kind, done.
fn each_upload_was_worked_on_once(service: &Service, accepted: usize) {
    in_database(service, async |pool| {
        let mut counts: BTreeMap<String, i64> = BTreeMap::new();
        for (what, sql) in [
            ("files", "select count(*) from objects where kind = 'original'"),
            ("decoded", "select count(*) from objects where kind = 'normalised'"),
            ("copies", "select count(*) from objects where kind = 'listening'"),
            ("transcripts", "select count(*) from objects where kind = 'transcript'"),
            ("decode jobs", "select count(*) from jobs where kind = 'decode' and state = 'done'"),
            (
                "listening jobs",
                "select count(*) from jobs where kind = 'listening' and state = 'done'",
            ),
            (
                "transcribe jobs",
                "select count(*) from jobs where kind = 'transcribe' and state = 'done'",
            ),
            ("all jobs", "select count(*) from jobs"),
        ] {
            let row = sqlx::query(sql).fetch_one(pool).await.unwrap();
            counts.insert(what.to_owned(), row.get(0));
        }
        let files = counts["files"];
        assert!(
            files >= i64::try_from(accepted).unwrap(),
            "an acknowledged file is gone: {counts:?}"
        );
        for what in
            ["decoded", "copies", "transcripts", "decode jobs", "listening jobs", "transcribe jobs"]
        {
            assert_eq!(counts[what], files, "{counts:?}");
        }
        assert_eq!(counts["all jobs"], 3 * files, "{counts:?}");
    });
}
