//! What people upload, as the running service takes it: files that cannot be read, and both databases.

mod hostile;
mod stopping;

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use crate::{
    service::{Person, Service, speak},
    support::postgres_url,
};

const FORM: &str = "application/x-www-form-urlencoded";

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

/// Whoever sent a file that cannot be read gets it back as it was, to be saved; has it looked at once more; and nobody
/// else does either. Both are in the audit log.
#[test]
fn a_refused_file_goes_back_to_who_sent_it() {
    let mut service = Service::with_people(&[
        ("wren", "practitioner"),
        ("rook", "practitioner"),
        ("dora", "dpo"),
    ]);
    service.start(&[]);
    let person = Person::sign_in(&service, "wren");
    let page = "<html><script>alert(document.cookie)</script></html>\n".repeat(3_000);
    let id = person.begin_recording("Robin").unwrap();
    assert_eq!(person.send_file(&id, page.as_bytes()).unwrap().0, 201);
    person.wait_for(&id, "refused", |s| s["stage"] == "refused");
    let (original, again) =
        (format!("/recordings/{id}/original"), format!("/recordings/{id}/decode/again"));
    let shown = String::from_utf8(person.get(&format!("/recordings/{id}")).unwrap().1).unwrap();
    assert!(shown.contains(&original) && shown.contains(&again), "both are offered");

    let mut answer = person.open(&original).unwrap();
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/octet-stream");
    assert!(header("content-disposition").starts_with("attachment"));
    assert!(!header("content-disposition").contains("Robin"), "its name tells nothing");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-security-policy").starts_with("sandbox"));
    assert_eq!(answer.body_mut().read_to_vec().unwrap(), page.as_bytes());

    let other = Person::sign_in(&service, "rook");
    assert_eq!(other.get(&original).unwrap().0, 404);
    assert_eq!(other.send("POST", &again, FORM, b"").unwrap().0, 404);
    let officer = Person::sign_in(&service, "dora");
    assert_eq!(officer.get(&original).unwrap().0, 404);

    assert!(person.follow(&again, "").unwrap().unwrap().contains("looks-again"));
    let status = person.wait_for(&id, "refused anew", |s| s["stage"] == "refused");
    assert!(status["sentence"].as_str().unwrap().contains("original"), "{status}");
    assert_eq!(person.get(&original).unwrap().1, page.as_bytes(), "and it is still there");

    // What can be heard is not given back.
    let fine = person.begin_recording("Ash").unwrap();
    assert_eq!(person.send_file(&fine, &speech(service.dir.path())).unwrap().0, 201);
    person.wait_for(&fine, "ready", |s| s["audio_ready"] == true);
    assert_eq!(person.get(&format!("/recordings/{fine}/original")).unwrap().0, 404);
    let path = format!("/recordings/{fine}/decode/again");
    assert_eq!(person.send("POST", &path, FORM, b"").unwrap().0, 404);

    service.stop();
    let log = service.command(&["audit", "export"]).output().unwrap();
    let log = String::from_utf8(log.stdout).unwrap();
    for action in ["recording.take_file_back", "recording.decode_again"] {
        assert!(log.contains(action), "{action}");
    }
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
