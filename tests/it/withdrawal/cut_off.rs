//! The service is killed (SIGKILL) at many moments while something is destroyed.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use super::stream::everything;
use crate::{
    chance::Chance,
    service::{Person, Service},
};

/// How often, unless the long form is asked for.
const KILLS: usize = 30;

/// Every withdrawal that was acknowledged is complete after the next start, every receipt says so, and no other
/// recording has lost anything.
#[test]
fn killed_at_any_moment_what_was_promised_is_kept() {
    let mut moments = Chance::from_environment();
    // As many services, one after the other: what one network may send in a minute is limited.
    let rounds = if std::env::var_os("HEARBACK_TEST_DEEP").is_some() { 5 } else { 1 };
    let (mut promised, mut untold) = (0, 0);
    for _ in 0..rounds {
        let (kept, open) = killed_while_withdrawing(&mut moments);
        (promised, untold) = (promised + kept, untold + open);
    }
    crate::evidence::add(
        "withdrawal",
        &[
            ("kills", json!(rounds * KILLS)),
            ("promised", json!(promised)),
            ("untold", json!(untold)),
        ],
    );
}

/// Kills one service at [`KILLS`] moments; says how many withdrawals were acknowledged, and how many were not.
fn killed_while_withdrawing(moments: &mut Chance) -> (usize, usize) {
    let mut service = Service::with_people(&[("wren", "practitioner")]);
    let tone: Vec<u8> =
        (0..16_000_i32).flat_map(|n| i16::try_from(n % 99 * 99).unwrap().to_le_bytes()).collect();
    let file = [&hearback_domain::sound::wav_header(16_000)[..], &tone].concat();
    service.start(&[]);
    let person = Person::sign_in(&service, "wren");
    let mut all = Vec::new();
    for _ in 0..KILLS + 2 {
        let id = person.begin_recording_with("Robin", &["record"]).unwrap();
        assert_eq!(person.send_file(&id, &file).unwrap().0, 201);
        all.push(id);
    }
    for id in &all {
        person.wait_for(id, "ready", |s| s["stage"] == "ready");
    }

    let (mut promised, mut open) = (Vec::new(), Vec::new());
    for id in all.drain(..KILLS) {
        let person = Person::sign_in(&service, "wren");
        // Every other one in the request itself, the rest while the worker is at it.
        let within = if moments.percent(50) { 50 } else { 1_400 };
        let (at, asked) = (Duration::from_millis(moments.below(within) as u64), id.clone());
        let begun = Instant::now();
        let asking = thread::spawn(move || everything(&person, &asked));
        // Not a sleep in hope: the moment of the kill is what varies.
        thread::sleep(at.saturating_sub(begun.elapsed()));
        service.kill();
        match asking.join() {
            Ok(Ok(Some(receipt))) if receipt.starts_with("/receipt/") => {
                promised.push((id, receipt));
            }
            _ => open.push(id),
        }
        service.start(&[]);
    }

    let person = Person::sign_in(&service, "wren");
    let deadline = Instant::now() + Duration::from_mins(1);
    for (id, receipt) in &promised {
        loop {
            let page = String::from_utf8(person.get(receipt).unwrap().1).unwrap();
            if page.contains("It is destroyed.") {
                break;
            }
            assert!(page.contains("is being destroyed just now"), "{page}");
            assert!(Instant::now() < deadline, "a promise was not kept\n{}", service.log());
            thread::sleep(Duration::from_millis(100));
        }
        assert_eq!(person.get(&format!("/recordings/{id}")).unwrap().0, 404);
        assert!(!service.dir.path().join("data/objects").join(id).exists());
    }
    // What nobody was told of either happened or did not; nothing lies between.
    let mut whole = 0;
    for id in open.iter().chain(&all) {
        let there = person.get(&format!("/recordings/{id}")).unwrap().0;
        let heard = person.get(&format!("/recordings/{id}/audio")).unwrap();
        if there == 200 {
            assert_eq!((heard.0, heard.1.len()), (200, 32_044), "{id}");
            whole += 1;
        }
    }
    assert!(whole >= all.len(), "what nobody touched is there");
    assert!(promised.len() >= KILLS / 4, "only {} of {KILLS} were promised", promised.len());
    service.kill();
    let verify = service.command(&["audit", "verify"]).output().unwrap();
    assert!(verify.status.success(), "{}", String::from_utf8_lossy(&verify.stderr));
    (promised.len(), open.len())
}
