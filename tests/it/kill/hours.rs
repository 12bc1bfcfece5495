//! A long recording becomes text although the service is killed three times on the way: no word is lost or said twice.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::service::{Person, Service, speak};

/// What is said over and over, each time with another pause after it.
const LINES: &[&str] = &[
    "I did not want to go back there on my own.",
    "That makes sense. Thank you for telling me.",
    "Perhaps we could choose together what happens on Saturday.",
    "I would like to see my brother, if he wants that too.",
    "What was it like when you first moved here?",
    "It was quiet. I could not sleep for a week.",
    "You noticed that the house was quiet, and that it kept you awake.",
];

/// Bytes of a second.
const SECOND: usize = 32_000;

/// So many minutes of speech with pauses, as a file.
fn visit(service: &Service, minutes: usize) -> Vec<u8> {
    let wav = service.dir.path().join("line.wav");
    let voices = ["slt", "rms"];
    let said: Vec<Vec<u8>> = LINES
        .iter()
        .enumerate()
        .map(|(at, line)| {
            speak(voices[at % 2], line, &wav);
            fs::read(&wav).unwrap()[44..].to_vec()
        })
        .collect();
    let mut samples = Vec::new();
    let mut turn = 0_usize;
    while samples.len() < minutes * 60 * SECOND {
        samples.extend_from_slice(&said[turn * 5 % said.len()]);
        // From a third of a second to five: no two stretches are alike for long.
        let thirds = 1 + turn * 7 % 15;
        samples.resize(samples.len() + thirds * SECOND / 3 / 2 * 2, 0);
        turn += 1;
    }
    let frames = hearback_domain::sound::frames(samples.len() as u64);
    [&hearback_domain::sound::wav_header(frames)[..], &samples].concat()
}

/// The words that can be read, with their times.
fn words(person: &Person, id: &str) -> Vec<(u64, u64, String)> {
    let transcript = person.json(&format!("/recordings/{id}/transcript"));
    let segments = transcript["segments"].as_array().unwrap().iter();
    let words = segments.flat_map(|segment| segment["words"].as_array().unwrap());
    let time = |word: &Value, at: &str| word[at].as_u64().unwrap();
    words
        .map(|word| {
            let text = word["text"].as_str().unwrap().to_owned();
            (time(word, "start_ms"), time(word, "end_ms"), text)
        })
        .collect()
}

/// Waits until it is ready, or there are more words than so many; whether it is ready, and the most memory meanwhile.
/// There are never fewer words than were there already: nobody begins anew.
fn until_more(
    service: &Service,
    person: &Person,
    id: &str,
    (there, wanted): (usize, usize),
) -> (bool, u64) {
    let deadline = Instant::now() + Duration::from_hours(2);
    let mut most = 0;
    loop {
        let status = person.json(&format!("/recordings/{id}/status"));
        most = most.max(service.memory_mb());
        let ready = status["stage"] == "ready";
        let running = status["transcript"] == "running";
        let now = if running || ready { words(person, id).len() } else { 0 };
        assert!(now >= there || !(running || ready), "{now} of {there} words are left");
        if ready || (running && now > wanted) {
            return (ready, most);
        }
        assert_ne!(status["stage"], "stuck", "{status}\n{}", service.log());
        assert!(Instant::now() < deadline, "{status}\n{}", service.log());
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn killed_on_the_way_through_hours_no_word_is_lost_or_doubled() {
    let deep = std::env::var_os("HEARBACK_TEST_DEEP").is_some();
    let minutes = if deep { 180 } else { 4 };
    let mut service = Service::with_people(&[("wren", "practitioner")]);
    let file = visit(&service, minutes);
    let start = ["--lease-seconds", "2", "--threads", "1"];
    service.start(&start);
    let mut person = Person::sign_in(&service, "wren");
    let send = |person: &Person| {
        let id = person.begin_recording("Robin").unwrap();
        assert!(matches!(person.send_file(&id, &file), Ok((200 | 201, _))));
        id
    };

    let undisturbed = send(&person);
    let mut memory = 0;
    let (ready, most) = until_more(&service, &person, &undisturbed, (0, usize::MAX));
    assert!(ready);
    memory = memory.max(most);
    let whole = words(&person, &undisturbed);

    let id = send(&person);
    let (mut there, mut wanted) = (0, 0);
    for kill in 0..3 {
        let (ready, most) = until_more(&service, &person, &id, (there, wanted));
        assert!(!ready, "it was done before kill {kill}");
        memory = memory.max(most);
        there = words(&person, &id).len();
        wanted = there + if deep { whole.len() / 5 } else { 0 };
        service.kill();
        service.start(&start);
        person = Person::sign_in(&service, "wren");
    }
    let (ready, most) = until_more(&service, &person, &id, (there, usize::MAX));
    assert!(ready);
    memory = memory.max(most);

    let now = words(&person, &id);
    let text = |words: &[(u64, u64, String)]| {
        words.iter().map(|word| word.2.clone()).collect::<Vec<_>>().join(" ")
    };
    assert!(now == whole, "{}\n\n{}", text(&whole), text(&now));
    assert!(now.is_sorted_by_key(|word| word.0));
    crate::evidence::add(
        "kill",
        &[
            ("long_minutes", json!(minutes)),
            ("long_words", json!(now.len())),
            ("long_kills", json!(3)),
            ("long_memory_mb", json!(memory)),
        ],
    );
}
