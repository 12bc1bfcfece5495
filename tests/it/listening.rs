//! The listening copy, from upload to the ear: real service, real browsers.

use std::{fs, path::Path, process::Command};

use hearback_domain::sound;
use serde_json::{Value, json};

use crate::service::{PASSPHRASE, Person, Service};

/// How long the recording is: no whole number of packets.
const SECONDS: f64 = 240.013;

/// How far off the moment that is heard may be from the one that was aimed at, in milliseconds: less than anybody can
/// tell, and less than a packet.
const EXACT_MS: f64 = 2.0;

/// Sound that says where it is from: each second a sweep, and a tone that is another one for twelve seconds. The script
/// in the browser knows the same formula.
fn known_sound() -> Vec<u8> {
    let rate = f64::from(sound::RATE_HZ);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "four minutes")]
    let frames = (SECONDS * rate).round() as u64;
    let mut file = sound::wav_header(frames).to_vec();
    for frame in 0..frames {
        #[expect(clippy::cast_precision_loss, reason = "four minutes")]
        let t = frame as f64 / rate;
        let (second, within) = (t.floor(), t.fract());
        let sweep = (std::f64::consts::TAU * (300.0 * within + 800.0 * within * within)).sin();
        let name = (std::f64::consts::TAU * (2_100.0 + 70.0 * (second % 12.0)) * within).sin();
        #[expect(clippy::cast_possible_truncation, reason = "below full scale")]
        let sample = ((0.3 * sweep + 0.15 * name) * 32_767.0) as i16;
        file.extend(sample.to_le_bytes());
    }
    file
}

#[test]
fn a_jump_lands_where_it_was_aimed_in_two_browsers() {
    let mut service = Service::with_people(&[("wren", "practitioner")]);
    service.start(&[]);
    let wren = Person::sign_in(&service, "wren");
    let id = wren.begin_recording_with("Robin", &["record"]).unwrap();
    assert_eq!(wren.send_file(&id, &known_sound()).unwrap().0, 201);
    wren.wait_for(&id, "copied", |s| s["listening_copy"] == true);
    let (status, copy) = wren.get(&format!("/recordings/{id}/listen")).unwrap();
    assert_eq!(status, 200);
    #[expect(clippy::cast_precision_loss, reason = "a megabyte")]
    let kbit_per_second = copy.len() as f64 * 8.0 / 1_000.0 / SECONDS;

    // Twenty moments from all over: the first, one just after it, one just before the end, and others in no order.
    let steps = (1_u32..18).map(|n| f64::from((n * 7_919) % 23_700) / 100.0 + f64::from(n) / 997.0);
    let positions: Vec<String> =
        [0.0, 0.013, 239.2].into_iter().chain(steps).map(|at| format!("{at:.4}")).collect();
    assert_eq!(positions.len(), 20);

    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = here.join("../target/browser-listening");
    fs::create_dir_all(&out).unwrap();
    let done = Command::new("node")
        // The oldest node that we build with hides it behind a word.
        .arg("--experimental-websocket")
        .arg(here.join("browser/listening.mjs"))
        .env("ORIGIN", service.origin())
        .env("OUT", &out)
        .env("PASSPHRASE", PASSPHRASE)
        .env("POSITIONS", positions.join(","))
        .env("RECORDING", &id)
        .env("LENGTH", SECONDS.to_string())
        .env("EXACT_MS", EXACT_MS.to_string())
        .output()
        .expect("node is installed: run `cargo xtask test`");
    assert!(done.status.success(), "{}\n{}", String::from_utf8_lossy(&done.stderr), service.log());

    let figures: Value =
        serde_json::from_slice(&fs::read(out.join("seeks.json")).unwrap()).unwrap();
    assert_eq!(figures["path"], format!("/recordings/{id}/listen"), "the page plays the copy");
    for browser in ["chromium", "firefox"] {
        let of = &figures[browser];
        let seeks = of["seeks"].as_array().unwrap();
        assert_eq!(seeks.len(), positions.len());
        let number = |seek: &Value, name: &str| seek[name].as_f64().unwrap();
        for seek in seeks {
            assert!(number(seek, "alike") > 0.9, "{browser} plays something else: {seek}");
            assert!(number(seek, "ms").abs() <= EXACT_MS, "{browser}: {seek}");
            assert!((number(seek, "duration") - SECONDS).abs() < 0.03, "{browser}: {seek}");
        }
        assert!(number(&of["decoded"], "ms").abs() <= EXACT_MS, "{browser}: {}", of["decoded"]);
        let worst = seeks.iter().map(|seek| number(seek, "ms").abs()).fold(0.0, f64::max);
        crate::evidence::add(
            "listening",
            &[
                (&format!("jumps_{browser}"), json!(seeks.len())),
                (&format!("worst_jump_ms_{browser}"), json!(worst)),
                (&format!("measured_again_{browser}"), of["again"].clone()),
                (&format!("start_ms_{browser}"), of["start"].clone()),
                ("kbit_per_second", json!(kbit_per_second)),
            ],
        );
    }
}
