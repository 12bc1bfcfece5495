//! What people upload, as the running service takes it: files that cannot be read, and both databases.

mod hostile;

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use crate::{
    service::{Person, Service, speak},
    support::postgres_url,
};

fn speech(dir: &Path) -> Vec<u8> {
    let wav = dir.join("speech.wav");
    speak("rms", "It was foggy in the morning, and then the storm came on Thursday.", &wav);
    fs::read(wav).unwrap()
}

/// A file that cannot be read gets one calm sentence; the original is kept; and a good file beside it is not disturbed.
#[test]
fn bad_files_get_a_sentence_and_disturb_nobody() {
    let mut service = Service::with_people(&[("wren", "practitioner")]);
    service.start(&[]);
    let dir = service.dir.path().to_owned();
    let good = speech(&dir);
    let m4a = dir.join("whole.m4a");
    let made = Command::new("ffmpeg")
        .args(["-loglevel", "error", "-i"])
        .arg(dir.join("speech.wav"))
        .arg(&m4a)
        .status()
        .expect("ffmpeg is installed: run `cargo xtask test`");
    assert!(made.success());
    let whole = fs::read(m4a).unwrap();

    let person = Person::sign_in(&service, "wren");
    let empty = person.begin_recording("Empty").unwrap();
    let (status, body) = person.send_file(&empty, b"").unwrap();
    assert_eq!(status, 422);
    let problem: Value = serde_json::from_slice(&body).unwrap();
    assert!(problem["detail"].as_str().unwrap().contains("empty"), "{problem}");

    let text = "Dear all, this is not a sound file.\n".repeat(80);
    let bad: [(&str, &[u8]); 3] = [
        ("a text called mp3", text.as_bytes()),
        ("a cut m4a", &whole[..whole.len() / 2]),
        ("no seconds at all", &good[..44]),
    ];
    let mut refused = Vec::new();
    for (what, bytes) in bad {
        let id = person.begin_recording("Robin").unwrap();
        assert_eq!(person.send_file(&id, bytes).unwrap().0, 201, "{what}");
        refused.push((what, id));
    }
    let fine = person.begin_recording("Robin").unwrap();
    assert_eq!(person.send_file(&fine, &good).unwrap().0, 201);

    for (what, id) in &refused {
        let status = person.wait_for(id, what, |s| s["stage"] == "refused");
        let sentence = status["sentence"].as_str().unwrap();
        assert!(
            sentence.contains("original"),
            "{what}: the person learns that it is kept: {sentence}"
        );
        assert!(!sentence.to_lowercase().contains("panic"), "{what}: {sentence}");
        let (answer, page) = person.get(&format!("/recordings/{id}")).unwrap();
        assert_eq!(answer, 200);
        let shown = String::from_utf8(page).unwrap();
        assert!(shown.contains("original"), "{what}: the page says so too");
        assert!(
            service.dir.path().join(format!("data/objects/{id}")).read_dir().unwrap().count() == 1,
            "{what}: kept"
        );
    }
    let status = person.wait_for(&fine, "ready", |s| s["stage"] == "ready");
    assert_eq!(status["transcript"], "done");

    // The same file again is the same upload; another one is not taken.
    assert_eq!(person.send_file(&fine, &good).unwrap().0, 200);
    assert_eq!(person.send_file(&fine, &whole).unwrap().0, 409);
}

/// Without everybody's yes there is no transcript, and the sound is ready to be heard all the same.
#[test]
fn nobody_transcribes_what_somebody_said_no_to() {
    let mut service = Service::with_people(&[("wren", "practitioner")]);
    service.start(&[]);
    let good = speech(service.dir.path());
    let person = Person::sign_in(&service, "wren");
    let id = person.begin_recording_with("Robin", &["record"]).unwrap();
    assert_eq!(person.send_file(&id, &good).unwrap().0, 201);
    let status = person.wait_for(&id, "ready", |s| s["stage"] == "ready");
    assert_eq!(status["transcript"], "not_wanted");
    let (_, sound) = person.get(&format!("/recordings/{id}/audio")).unwrap();
    assert_eq!(sound, good, "heard as it was recorded");
    assert_eq!(person.get(&format!("/recordings/{id}/transcript")).unwrap().0, 404);
}

/// The same service on PostgreSQL: from upload to words, and an audit log that holds.
#[test]
fn on_postgres_too() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let url = runtime.block_on(postgres_url());
    let mut service = Service::on(Some(url), &[("wren", "practitioner")]);
    service.start(&[]);
    let good = speech(service.dir.path());
    let person = Person::sign_in(&service, "wren");
    let id = person.begin_recording("Robin").unwrap();
    assert_eq!(person.send_file(&id, &good).unwrap().0, 201);
    person.wait_for(&id, "ready", |s| s["stage"] == "ready");
    let transcript = person.json(&format!("/recordings/{id}/transcript")).to_string();
    assert!(transcript.to_lowercase().contains("thursday"), "{transcript}");
    assert!(!service.database().exists(), "nothing went to SQLite");
    let verify = service.command(&["audit", "verify"]).output().unwrap();
    assert!(verify.status.success(), "{}", String::from_utf8_lossy(&verify.stderr));
}
