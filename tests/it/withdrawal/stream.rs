//! The real service: somebody listens slowly over the network while a yes is taken back.

use std::{
    io::Read as _,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::service::{Person, Service};

/// Forty minutes of silence, as a file: 77 MB. The network between two programs of one machine holds up to 38 MB that
/// nobody has read yet (`tcp_rmem` and `tcp_wmem` of a usual kernel), and what it holds was sent before anybody took a
/// yes back. The rest is not sent, however quickly somebody takes it from then on.
fn silence() -> Vec<u8> {
    let samples = 40 * 60 * 16_000_usize;
    let header = hearback_domain::sound::wav_header(samples as u64);
    [&header[..], &vec![0; 2 * samples]].concat()
}

/// Who is heard on a recording, in the order given, from the page that lists them.
pub(super) fn people(person: &Person, id: &str) -> Vec<String> {
    let (status, page) = person.get(&format!("/recordings/{id}/withdraw")).unwrap();
    assert_eq!(status, 200);
    let page = String::from_utf8(page).unwrap();
    let mark = format!("/recordings/{id}/people/");
    let marks = page.split(&mark).skip(1);
    marks.map(|rest| rest.split('/').next().unwrap().to_owned()).collect()
}

/// Takes everything back for the second person; the receipt's address.
pub(super) fn everything(person: &Person, id: &str) -> Result<Option<String>, ureq::Error> {
    let who = people(person, id).remove(1);
    let path = format!("/recordings/{id}/people/{who}/withdraw");
    person.follow(&path, "purpose=record&asked=phone&confirm=yes")
}

#[test]
fn a_slow_listener_hears_it_end() {
    let mut service = Service::with_people(&[("wren", "practitioner")]);
    service.start(&[]);
    let person = Person::sign_in(&service, "wren");
    let id = person.begin_recording_with("Robin", &["record"]).unwrap();
    let (status, _) = person.send_file(&id, &silence()).unwrap();
    assert_eq!(status, 201);
    person.wait_for(&id, "ready", |s| s["stage"] == "ready");

    let mut response = person.open(&format!("/recordings/{id}/audio")).unwrap();
    assert_eq!(response.status(), 200);
    let total: usize = response.headers()["content-length"].to_str().unwrap().parse().unwrap();
    let mut sound = response.body_mut().with_config().limit(1 << 30).reader();
    let mut piece = vec![0; 64 << 10];
    let mut heard = 0;
    // As somebody listens: a little now and then. The rest waits in the network.
    for _ in 0..20 {
        heard += sound.read(&mut piece).unwrap();
        std::thread::sleep(Duration::from_millis(60));
    }
    let other = Person::sign_in(&service, "wren");
    let asked = Instant::now();
    let receipt = everything(&other, &id).unwrap().unwrap();
    let (status, _) = other.get(&format!("/recordings/{id}/audio")).unwrap();
    let refused = asked.elapsed();
    assert_eq!(status, 404, "the next one is refused");
    loop {
        match sound.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(more) => heard += more,
        }
    }
    let ended = asked.elapsed();
    assert!(heard < total, "{heard} of {total} bytes were heard");
    assert!(ended < Duration::from_secs(3), "it went on for {ended:?}");

    let deadline = Instant::now() + Duration::from_mins(1);
    let destroyed = loop {
        let (status, page) = other.get(&receipt).unwrap();
        assert_eq!(status, 200);
        if String::from_utf8(page).unwrap().contains("It is destroyed.") {
            break asked.elapsed();
        }
        assert!(Instant::now() < deadline, "{}", service.log());
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(!service.dir.path().join("data/objects").join(&id).exists());
    crate::evidence::add(
        "withdrawal",
        &[
            ("stream_ended_ms", json!(ended.as_millis())),
            ("next_refused_ms", json!(refused.as_millis())),
            ("served_keys_gone_ms", json!(destroyed.as_millis())),
        ],
    );
}
