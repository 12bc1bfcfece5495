//! Words and sound that were planted everywhere are looked for, byte by byte, in everything that is left.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::json;

use super::stream::{everything, people};
use crate::service::{Person, Service};

/// What is planted: in the chosen name, a label, consent, a code's note, an extract's note and question, a worry, and
/// in the samples themselves.
const CANARIES: [&str; 8] = [
    "Zebrafinch7141",
    "Kestrel7142",
    "Signet7143",
    "Plover7144",
    "Avocet7145",
    "Dunlin7146",
    "Curlew7147",
    "Sandpiper7148",
];

/// Every file below a directory.
fn files(dir: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
}

/// Where a word stands: as it is, in hexadecimal, or in UTF-16.
fn places(everything: &[(String, Vec<u8>)], word: &str) -> Vec<String> {
    let hex = hex::encode(word);
    let wide: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let forms = [word.as_bytes().to_vec(), hex.into_bytes(), wide];
    let has = |bytes: &[u8]| {
        forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == *form))
    };
    everything.iter().filter(|(_, bytes)| has(bytes)).map(|(name, _)| name.clone()).collect()
}

#[test]
fn nothing_that_was_said_can_be_read_anywhere() {
    let mut service = Service::with_people(&[
        ("wren", "practitioner"),
        ("rook", "researcher"),
        ("cleo", "coach"),
    ]);
    service.start(&[]);
    let wren = Person::sign_in(&service, "wren");
    let id = planted(&service, &wren);

    // The search finds what is there: a sign-in name, which is kept as it is.
    let mut all = Vec::new();
    files(service.dir.path(), &mut all);
    assert!(!places(&all, "wren").is_empty());

    let receipt = everything(&wren, &id).unwrap().unwrap();
    let deadline = Instant::now() + Duration::from_mins(1);
    while !String::from_utf8(wren.get(&receipt).unwrap().1).unwrap().contains("It is destroyed.") {
        assert!(Instant::now() < deadline, "{}", service.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    for end in ["as it runs", "after it was killed"] {
        let mut all = Vec::new();
        files(service.dir.path(), &mut all);
        for canary in CANARIES {
            assert_eq!(places(&all, canary), Vec::<String>::new(), "{canary}, {end}");
        }
        // Neither does any file bear the recording's name, but the ledger and the mark that its keys are no more.
        let named: Vec<_> =
            all.iter().filter(|(name, _)| name.contains("objects") && name.contains(&id)).collect();
        assert!(named.is_empty(), "{named:?}");
        service.kill();
    }
    crate::evidence::add(
        "withdrawal",
        &[("canaries", json!(CANARIES.len())), ("files_searched", json!(all.len()))],
    );
}

/// A recording with something to be found everywhere.
fn planted(service: &Service, wren: &Person) -> String {
    const FORM: &str = "application/x-www-form-urlencoded";
    let [name, label, signed, code, note, question, worry, sound] = CANARIES;
    let details = format!(
        "pseudonym={name}&session_kind=visit&phase=post_training\
         &person.0.kind=practitioner&person.0.label=Worker&person.1.kind=parent&person.1.label={label}"
    );
    let (status, body) = wren.send("POST", "/recordings", FORM, details.as_bytes()).unwrap();
    assert_eq!(status, 201);
    let made: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let id = made["id"].as_str().unwrap().to_owned();
    let purposes = ["record", "code_research", "coach_playback"];
    for (n, kind) in
        [(0, hearback_domain::PartyKind::Practitioner), (1, hearback_domain::PartyKind::Parent)]
    {
        let who = made["people"][n]["id"].as_str().unwrap();
        let (status, body) = wren.answer_as(&id, who, kind, &purposes, signed).unwrap();
        assert_eq!(status, 303, "{}", String::from_utf8_lossy(&body));
    }
    let samples: Vec<u8> = format!("{sound}  ").repeat(20_000).into_bytes();
    let file =
        [&hearback_domain::sound::wav_header(samples.len() as u64 / 2)[..], &samples].concat();
    assert_eq!(wren.send_file(&id, &file).unwrap().0, 201);
    wren.wait_for(&id, "ready", |s| s["stage"] == "ready");

    let (_, page) = wren.get(&format!("/recordings/{id}")).unwrap();
    let page = String::from_utf8(page).unwrap();
    let option = |person: &str| {
        let before = page.split(&format!("\">{person}</option>")).next().unwrap();
        before.rsplit('"').next().unwrap().to_owned()
    };
    let form = format!("researcher={}&coach={}", option("Rook"), option("Cleo"));
    assert!(wren.follow(&format!("/recordings/{id}/release"), &form).unwrap().is_some());
    let rook = Person::sign_in(service, "rook");
    let body = json!({"skill": "clarity", "sub": null, "start_ms": 1000, "end_ms": 2000, "note": code, "exemplar": false});
    let (status, made) = rook
        .send(
            "POST",
            &format!("/recordings/{id}/codes"),
            "application/json",
            body.to_string().as_bytes(),
        )
        .unwrap();
    assert!(status < 300, "{}", String::from_utf8_lossy(&made));
    let made: serde_json::Value = serde_json::from_slice(&made).unwrap();
    let code = made["id"].as_str().unwrap();
    let clips = format!("/recordings/{id}/playlist/clips");
    assert!(rook.follow(&clips, &format!("code={code}")).unwrap().is_some());
    let (_, page) = rook.get(&format!("/recordings/{id}/playlist")).unwrap();
    let page = String::from_utf8(page).unwrap();
    let clip = page.split(&format!("{clips}/")).nth(1).unwrap().split(['"', '/']).next().unwrap();
    let form = format!("start=0:01.000&end=0:02.000&note={note}&question={question}");
    assert!(rook.follow(&format!("{clips}/{clip}"), &form).unwrap().is_some());
    let form = format!("start=0:01&end=0:02&heard={worry}&told=yes&informed=nobody");
    assert!(wren.follow(&format!("/recordings/{id}/concerns/new"), &form).unwrap().is_some());
    assert_eq!(people(wren, &id).len(), 2);
    id
}
