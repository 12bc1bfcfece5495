//! Backups that are made while people go on working.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::place::{self, Place, USES, output, tone};
use crate::service::{Person, Service};

/// How many, unless the long form is asked for.
const POINTS: usize = 10;

/// What was acknowledged: recording and the hash of its file.
type Acknowledged = Mutex<BTreeMap<String, [u8; 32]>>;

fn upload(wren: &Person, n: u16, acknowledged: &Acknowledged) {
    let file = tone(n);
    let Ok(id) = wren.begin_recording_with("Robin", USES) else { return };
    if let Ok((200 | 201, _)) = wren.send_file(&id, &file) {
        acknowledged.lock().unwrap().insert(id, Sha256::digest(&file).into());
    }
}

/// Ten times, while files come in and codes are made, a backup is made; each comes back with everything that was
/// acknowledged before it was begun, identical, and opens to the last byte.
#[test]
fn backups_made_under_load_come_back_as_it_was() {
    let people = [("wren", "practitioner"), ("rook", "researcher")];
    let mut place = Place::new(Service::with_people(&people));
    let coded = place.with_recordings(&["Hazel"]).remove(0);
    let wren = place.people.remove(0);
    release(&place, &wren, &coded);
    let rook = Person::sign_in(&place.service, "rook");
    let points = if std::env::var_os("HEARBACK_TEST_DEEP").is_some() { 5 * POINTS } else { POINTS };

    let (acknowledged, stop) = (Acknowledged::default(), AtomicBool::new(false));
    let codes = AtomicUsize::new(0);
    let mut sets = Vec::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            for n in 1.. {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                upload(&wren, n % 900, &acknowledged);
            }
        });
        scope.spawn(|| {
            for n in 0.. {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let body = json!({
                    "id": uuid::Uuid::from_u128(0x1234_0000 + n).to_string(), "skill": "empathy",
                    "sub": "curiosity", "start_ms": 0, "end_ms": 500, "note": "You waited.",
                    "exemplar": false,
                });
                let path = format!("/recordings/{coded}/codes");
                let kind = "application/json";
                let answer = rook.send("POST", &path, kind, body.to_string().as_bytes());
                if let Ok((200..=204, _)) = answer {
                    codes.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        for n in 0..points {
            let before = acknowledged.lock().unwrap().clone();
            let codes_before = codes.load(Ordering::Relaxed);
            let set = place.path(&format!("sets/{n}"));
            output(&mut place.create(&set)).unwrap();
            sets.push((set, before, codes_before));
        }
        stop.store(true, Ordering::Relaxed);
    });
    place.service.stop();

    let mut compared = 0;
    for (n, (set, before, codes_before)) in sets.iter().enumerate() {
        let name = format!("back/{n}");
        place.restore(set, &place.live_keyring(), &name, &[]).unwrap();
        compared += the_same(&place.path(&name).join("data"), before, *codes_before);
        if n + 1 == sets.len() {
            served(&place, &name, before);
        }
        std::fs::remove_dir_all(place.path(&name)).unwrap();
    }
    assert!(compared > 0 && codes.load(Ordering::Relaxed) > 0);
    crate::evidence::add(
        "backup",
        &[("points", json!(points)), ("uploads_compared", json!(compared))],
    );
}

/// Every upload that was acknowledged before is there, with the content it had; how many.
fn the_same(data: &Path, before: &BTreeMap<String, [u8; 32]>, codes: usize) -> usize {
    place::ask(&data.join("hearback.db"), async |pool| {
        for (id, hash) in before {
            let sql = "select content_sha256 from recordings where id = $1";
            let id: uuid::Uuid = id.parse().unwrap();
            let kept: Vec<u8> = sqlx::query_scalar(sql).bind(id).fetch_one(pool).await.unwrap();
            assert_eq!(kept, hash, "{id}");
            let sql = "select bytes from objects where recording = $1 and kind = 'original'";
            let bytes: i64 = sqlx::query_scalar(sql).bind(id).fetch_one(pool).await.unwrap();
            assert_eq!(usize::try_from(bytes).unwrap(), tone(0).len());
        }
        let kept: i64 =
            sqlx::query_scalar("select count(*) from codes").fetch_one(pool).await.unwrap();
        assert!(usize::try_from(kept).unwrap() >= codes, "{kept} of {codes} codes");
    });
    before.len()
}

/// The service runs on it: what was queued is done, and what was sent is heard.
fn served(place: &Place, name: &str, before: &BTreeMap<String, [u8; 32]>) {
    let mut again = place.open(name, None);
    again.start(&[]);
    let wren = Person::sign_in(&again, "wren");
    for id in before.keys() {
        wren.wait_for(id, "ready", |s| s["audio_ready"] == true);
        let (status, sound) = wren.get(&format!("/recordings/{id}/audio")).unwrap();
        assert_eq!(status, 200);
        assert!(sound.len() > 30_000);
    }
    again.stop();
    let log = again.command(&["audit", "verify"]).output().unwrap();
    assert!(log.status.success(), "{}", String::from_utf8_lossy(&log.stderr));
}

/// The practitioner heard it and lets it go on to the researcher.
fn release(place: &Place, wren: &Person, id: &str) {
    let sql = "select id from people where login = 'rook'";
    let rook: uuid::Uuid = place::ask(&place.service.database(), async |pool| {
        sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
    });
    let form = format!("researcher={rook}&coach=");
    let kind = "application/x-www-form-urlencoded";
    let (status, body) =
        wren.send("POST", &format!("/recordings/{id}/release"), kind, form.as_bytes()).unwrap();
    assert_eq!(status, 303, "{}", String::from_utf8_lossy(&body));
}
