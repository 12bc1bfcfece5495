//! A transcription that its practitioner stops, while another process is at it.

use std::{
    fs,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use crate::service::{Person, Service, speak};

/// For how long somebody speaks.
const SECONDS: usize = 100;

/// A process of its own that works the queue, until it is dropped.
struct Worker(Child);

impl Worker {
    fn of(service: &Service) -> Self {
        let mut command = service.command(&["worker", "--threads", "1", "--nice", "0"]);
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn words(person: &Person, id: &str) -> Vec<String> {
    let transcript = person.json(&format!("/recordings/{id}/transcript"));
    let segments = transcript["segments"].as_array().unwrap();
    segments.iter().map(|segment| segment["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_transcription_is_stopped_in_another_process_and_goes_on() {
    let mut service = Service::with_people(&[("wren", "practitioner")]);
    service.start(&["--no-worker"]);
    let wav = service.dir.path().join("said.wav");
    speak("slt", "I would like to see my brother, if he wants that too.", &wav);
    let once = fs::read(&wav).unwrap();
    let (header, said) = once.split_at(44);
    // Lengths that nobody filled in: all that follows counts. A few minutes.
    let mut header = header.to_vec();
    header[4..8].fill(0xFF);
    header[40..44].fill(0xFF);
    let long = [header, said.repeat(SECONDS * 32_000 / said.len())].concat();

    let person = Person::sign_in(&service, "wren");
    let id = person.begin_recording("Robin").unwrap();
    assert_eq!(person.send_file(&id, &long).unwrap().0, 201);
    let worker = Worker::of(&service);
    person.wait_for(&id, "being written", |s| {
        s["transcript"] == "running" && !words(&person, &id).is_empty()
    });
    let to = person.follow(&format!("/recordings/{id}/transcription/stop"), "").unwrap();
    assert!(to.unwrap().contains("said=stopped"));
    let stopped = Instant::now();
    let status = person.json(&format!("/recordings/{id}/status"));
    assert_eq!((&status["transcript"], &status["stage"]), (&"stopped".into(), &"ready".into()));
    assert_eq!((&status["can_stop"], &status["can_go_on"]), (&false.into(), &true.into()));

    // The process is free for something else within seconds; there is only this one.
    let next = person.begin_recording_with("Ash", &["record"]).unwrap();
    assert_eq!(person.send_file(&next, &once).unwrap().0, 201);
    person.wait_for(&next, "ready", |s| s["audio_ready"] == true);
    assert!(stopped.elapsed() < Duration::from_secs(15), "{:?}", stopped.elapsed());
    let so_far = words(&person, &id);
    assert!(!so_far.is_empty(), "what was written stays");
    let page = String::from_utf8(person.get(&format!("/recordings/{id}")).unwrap().1).unwrap();
    assert!(page.contains("You stopped turning it into words"), "{page}");
    let jobs = service.command(&["audit", "export"]).output().unwrap();
    assert!(String::from_utf8(jobs.stdout).unwrap().contains("transcript.stop"));

    let to = person.follow(&format!("/recordings/{id}/transcription/go-on"), "").unwrap();
    assert!(to.unwrap().contains("said=goes-on"));
    person.wait_for(&id, "whole", |s| s["transcript"] == "done");
    drop(worker);
    let whole = words(&person, &id);
    assert!(whole.len() > so_far.len(), "{} and {}", so_far.len(), whole.len());
    let brothers = whole.join(" ").matches("brother").count();
    let times = SECONDS * 32_000 / said.len();
    assert!(brothers * 10 >= times * 8 && brothers <= times * 11 / 10, "{brothers} of {times}");
    let again = person.follow(&format!("/recordings/{id}/transcription/stop"), "").unwrap();
    assert!(again.unwrap().contains("nothing-to-stop"));
}
