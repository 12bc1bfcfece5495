//! What is kept comes back out of a backup; what is spoilt is noticed; what was erased stays so.

mod erased;
mod load;
mod place;
mod spoilt;

use std::{fs, time::Duration};

use serde_json::json;

use self::place::{Place, output};
use crate::{chance::Chance, service::Service, support};

/// Killed in the middle, it leaves nothing under the name of a backup, and nothing else that only passes for one.
#[test]
fn a_backup_that_is_cut_off_is_no_backup() {
    let mut place = Place::new(Service::with_people(&[("wren", "practitioner")]));
    place.with_recordings(&["Robin", "Hazel"]);
    let mut chance = Chance::from_environment();
    let (mut cut_off, mut whole) = (0, 0);
    for n in 0..20 {
        let to = place.path(&format!("killed/{n}"));
        let mut making = place.create(&to).spawn().unwrap();
        // Not a sleep in hope: the moment of the kill is what varies.
        std::thread::sleep(Duration::from_millis(5 + chance.number() % 250));
        making.kill().unwrap();
        making.wait().unwrap();
        if to.exists() {
            whole += 1;
            place.verify(&to, &place.live_keyring(), &[]).unwrap();
        } else {
            cut_off += 1;
        }
    }
    let killed = place.path("killed");
    for left in fs::read_dir(killed).unwrap() {
        let left = left.unwrap();
        if left.file_name().to_string_lossy().ends_with(".part") {
            match place.verify(&left.path(), &place.live_keyring(), &[]) {
                // Killed between the last file and the new name: it is whole, and lacks only that.
                Ok(_) => assert!(left.path().join("manifest.json").exists()),
                Err(refused) => assert!(refused.contains("manifest.json"), "{refused}"),
            }
        }
    }
    assert_eq!(cut_off + whole, 20);
    assert!(cut_off > 0);
    crate::evidence::add("backup", &[("killed", json!(20)), ("cut_off", json!(cut_off))]);
}

/// Nothing is written over, mistakes are told apart from damage, and each in a sentence.
#[test]
fn what_would_not_be_safe_is_refused() {
    let mut place = Place::new(Service::with_people(&[("wren", "practitioner")]));
    place.with_recordings(&["Robin"]);
    let set = place.path("set");
    output(&mut place.create(&set)).unwrap();
    let keyring = place.copy_of_keyring("keyring");

    let code = |args: &[&str]| place.service.command(args).output().unwrap().status.code();
    let text = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let (set_text, keys_text) = (text(&set), text(&keyring));
    let (data, new) = (text(&place.data()), text(&place.path("new")));
    assert_eq!(code(&["backup", "create", "--to", &set_text]), Some(3), "there is something");
    assert_eq!(code(&["backup", "verify", &text(&place.path("nowhere"))]), Some(3));
    let restore = ["restore", "--from", &set_text, "--keyring", &keys_text, "--to"];
    assert_eq!(code(&[&restore[..], &[&data]].concat()), Some(3), "there is something");
    assert_eq!(code(&[&restore[..], &[&new]].concat()), Some(78), "a copy, and no ledger");
    assert!(!place.path("new").exists());
    let inside = format!("{data}/copies");
    assert_eq!(code(&["backup", "keys", "--to", &inside]), Some(78), "keys among the data");

    // Keys of another installation.
    let other = Service::with_people(&[("wren", "practitioner")]);
    let theirs = text(&other.dir.path().join("data/keys"));
    let args = ["backup", "verify", &set_text, "--keyring", &theirs];
    assert_eq!(other.command(&args).output().unwrap().status.code(), Some(78));

    // Without keys the rest is looked at, and that is said.
    let said = place.service.command(&["backup", "verify", &set_text]).output().unwrap();
    assert!(said.status.success());
    assert!(String::from_utf8_lossy(&said.stdout).contains("Nothing was decrypted"));
    let status = place.service.command(&["backup", "status"]).output().unwrap();
    assert!(String::from_utf8_lossy(&status.stdout).contains("No backup has been proven"));
    place.verify(&set, &place.live_keyring(), &[]).unwrap();
    let status = place.service.command(&["backup", "status"]).output().unwrap();
    assert!(String::from_utf8_lossy(&status.stdout).contains("Last proven restore: 2"));
}

/// One copy of the keyring for each day, none older than a week, however often it is asked for.
#[test]
fn copies_of_the_keyring_replace_each_other() {
    let place = Place::new(Service::with_people(&[("wren", "practitioner")]));
    let copies = place.path("copies");
    let ask = || {
        let args = ["backup", "keys", "--to", copies.to_str().unwrap()];
        output(&mut place.service.command(&args)).unwrap()
    };
    let names = || {
        let mut names: Vec<_> = fs::read_dir(&copies)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    ask();
    let today = names().remove(0);
    let all: Vec<String> = (0..12)
        .map(|ago| {
            let day = place::days_ago(&today, ago);
            place::copy_tree(&copies.join(&today), &copies.join(&day));
            day
        })
        .collect();
    fs::create_dir(copies.join(".keys-2026-01-01.x.part")).unwrap();
    let said = ask();
    let mut expected = all[..7].to_vec();
    expected.sort();
    assert_eq!(names(), expected);
    assert!(
        said.contains(&format!("goes on {}", place::days_ago(&today, -1)[5..].to_owned())),
        "{said}"
    );
    ask();
    assert_eq!(names().len(), 7);
}

/// The same on PostgreSQL, with its own programs.
#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_installation_comes_back() {
    let [live, scratch, restored] = [
        support::postgres_database().await,
        support::postgres_database().await,
        support::postgres_database().await,
    ];
    let checked = tokio::task::spawn_blocking(move || {
        let mut place = Place::new(Service::on(Some(live), &[("wren", "practitioner")]));
        let ids = place.with_recordings(&["Robin", "Hazel"]);
        let set = place.path("set");
        output(&mut place.create(&set)).unwrap();
        let report = place.verify(&set, &place.live_keyring(), &["--database", &scratch]).unwrap();
        // Emptied again: it can be used again.
        place.verify(&set, &place.live_keyring(), &["--database", &scratch]).unwrap();
        place.service.stop();
        let back = place.restore(&set, &place.live_keyring(), "new", &["--database", &restored]);
        back.unwrap();
        let full = place.restore(&set, &place.live_keyring(), "other", &["--database", &restored]);
        assert!(full.unwrap_err().contains("not empty"));
        let mut again = place.open("new", Some(restored));
        again.start(&["--no-worker"]);
        let wren = crate::service::Person::sign_in(&again, "wren");
        for id in ids {
            assert_eq!(wren.json(&format!("/recordings/{id}/status"))["audio_ready"], true);
        }
        report["checked"]["decrypted"].as_u64().unwrap()
    })
    .await
    .unwrap();
    assert!(checked >= 6, "{checked}");
}
