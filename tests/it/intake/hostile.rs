//! Files that are made to do harm, sent to the running service while others use it.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use serde_json::json;

use crate::service::{Person, Service};

/// By how many megabytes the service may grow over all of them.
const GROWTH_MB: u64 = 20;
/// How long others wait for a page at the most, in milliseconds, 99 times of 100. The goal is in `tests/goals.toml`;
/// this bound holds on a machine that is busy with other things.
const P99_MS: f64 = 250.0;

/// A second of sound under a header with a number in it changed.
fn lie(at: usize, number: &[u8]) -> Vec<u8> {
    let mut bytes = hearback_audio::wav::header(16_000).to_vec();
    bytes[at..at + number.len()].copy_from_slice(number);
    bytes.extend((0..32_000_u32).map(|i| i.to_le_bytes()[0]));
    bytes
}

fn hostile_files() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = [
        ("a megabyte of zeros", vec![0; 1 << 20]),
        ("a megabyte of ones", vec![0xff; 1 << 20]),
        ("no rate", lie(24, &[0; 4])),
        ("4 GHz", lie(24, &[0xff; 4])),
        ("65,535 channels", lie(22, &[0xff; 2])),
        ("no bits", lie(34, &[0; 2])),
        ("no end of data", lie(40, &[0xff; 4])),
        ("a page", b"<html><script>alert(1)</script>".repeat(1_000)),
        ("a program", b"\x7fELF\x02\x01\x01".repeat(5_000)),
        ("only the beginning of an mp4", b"\0\0\0\x18ftypM4A \0\0\0\0M4A isom".to_vec()),
        ("a million boxes", boxes(1_000_000)),
        ("a segment without an end", b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff".repeat(3_000)),
        ("pages of nothing", b"OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".repeat(5_000)),
    ]
    .map(|(name, bytes)| (name.to_owned(), bytes))
    .into();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/audio/tests/fixtures");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        files.push((path.display().to_string(), fs::read(path).unwrap()));
    }
    files
}

fn boxes(count: usize) -> Vec<u8> {
    [b"\0\0\0\x18ftypM4A \0\0\0\0M4A isom".to_vec(), b"\0\0\0\x08free".repeat(count)].concat()
}

/// Looks at a page again and again until `done`; how long each took, in milliseconds.
fn look_on(person: &Person, done: impl Fn() -> bool) -> Vec<f64> {
    let mut times = Vec::new();
    while !done() || times.len() < 100 {
        let begun = Instant::now();
        assert_eq!(person.get("/").unwrap().0, 200);
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    times
}

/// Every one of them gets its answer; nobody else notices; the service neither panics nor grows.
#[test]
fn hostile_files_disturb_nobody() {
    let mut service = Service::with_people(&[("wren", "practitioner"), ("ivy", "practitioner")]);
    service.start(&[]);
    let sender = Person::sign_in(&service, "wren");
    let other = Person::sign_in(&service, "ivy");
    let warm = look_on(&other, || true);
    let before = service.memory_mb();

    let files = hostile_files();
    let sent: Vec<String> =
        files.iter().map(|_| sender.begin_recording_with("Robin", &["record"]).unwrap()).collect();
    let finished = AtomicBool::new(false);
    let times = std::thread::scope(|scope| {
        let looking = scope.spawn(|| look_on(&other, || finished.load(Ordering::Relaxed)));
        for ((name, bytes), id) in files.iter().zip(&sent) {
            assert_eq!(sender.send_file(id, bytes).unwrap().0, 201, "{name}");
        }
        for ((name, _), id) in files.iter().zip(&sent) {
            let status =
                sender.wait_for(id, name, |s| s["stage"] == "refused" || s["stage"] == "ready");
            if status["stage"] == "refused" {
                let sentence = status["sentence"].as_str().unwrap();
                assert!(sentence.contains("original is safe"), "{name}: {sentence}");
            }
        }
        finished.store(true, Ordering::Relaxed);
        looking.join().unwrap()
    });

    let p99 = times[times.len() * 99 / 100];
    let growth = service.memory_mb().saturating_sub(before);
    let panics = service.log().matches("panicked").count();
    eprintln!(
        "{} hostile files; others' pages, ms: p50 {:.1} p99 {p99:.1} (alone: p50 {:.1}); grown by {growth} MB",
        files.len(),
        times[times.len() / 2],
        warm[warm.len() / 2],
    );
    crate::evidence::add(
        "intake",
        &[
            ("hostile_files", json!(files.len())),
            ("others_requests", json!(times.len())),
            ("others_p99_ms", json!(p99)),
            ("growth_mb", json!(growth)),
            ("server_panics", json!(panics)),
        ],
    );
    assert_eq!(panics, 0, "{}", service.log());
    assert!(p99 <= P99_MS, "{p99} ms");
    assert!(growth <= GROWTH_MB, "{growth} MB");
}
