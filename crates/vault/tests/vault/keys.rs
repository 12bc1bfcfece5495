//! The key file and the keyring: what is refused, and what is never made anew.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    sync::Arc,
    thread,
};

use hearback_domain::{RecordingId, SeededIds};
use hearback_vault::{FileKeys, KeyBroker as _, KeyError, MasterKey, Placement};

use crate::place::{Place, bare};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_key_file_is_private_and_never_overwritten() {
    let (_dir, config) = bare();
    let first = fs::read(&config.key_file).unwrap();
    assert_eq!((first.len(), mode(&config.key_file)), (65, 0o600));
    assert!(matches!(MasterKey::create_file(&config.key_file), Err(KeyError::MasterExists(_))));
    assert_eq!(fs::read(&config.key_file).unwrap(), first);
    let shown = format!("{:?}", MasterKey::read_file(&config.key_file).unwrap());
    assert_eq!(shown, "MasterKey(***)");
}

#[test]
fn a_key_file_that_others_can_read_is_refused() {
    let (_dir, config) = bare();
    for open in [0o640, 0o604, 0o660] {
        fs::set_permissions(&config.key_file, fs::Permissions::from_mode(open)).unwrap();
        let refused = FileKeys::open(&config);
        assert!(matches!(refused, Err(KeyError::MasterExposed { mode, .. }) if mode == open));
    }
    fs::set_permissions(&config.key_file, fs::Permissions::from_mode(0o400)).unwrap();
    FileKeys::open(&config).unwrap();
}

#[test]
fn a_missing_or_foreign_key_file_is_refused() {
    let (_dir, config) = bare();
    for foreign in [&b"hello\n"[..], b"", &[0xff; 64], &[b'a'; 5000]] {
        fs::write(&config.key_file, foreign).unwrap();
        assert!(matches!(FileKeys::open(&config), Err(KeyError::NotAMaster(_))));
    }
    fs::remove_file(&config.key_file).unwrap();
    let refused = FileKeys::open(&config).unwrap_err();
    assert!(matches!(refused, KeyError::NoMaster(_)) && refused.is_configuration());
    assert!(!config.keyring.exists(), "nothing was made");
}

#[test]
fn another_key_file_does_not_open_the_keyring() {
    let place = Place::new();
    let object = place.sound(b"sound");
    let right = fs::read(&place.config.key_file).unwrap();
    fs::remove_file(&place.config.key_file).unwrap();
    MasterKey::create_file(&place.config.key_file).unwrap();
    assert!(matches!(FileKeys::open(&place.config), Err(KeyError::WrongMaster(_))));
    fs::write(&place.config.key_file, right).unwrap();
    FileKeys::open(&place.config).unwrap().identity(object.recording).unwrap();
}

#[test]
fn keys_are_never_made_anew_over_data() {
    let place = Place::new();
    place.sound(b"sound");
    let canary = place.config.keyring.join("canary");
    let song = fs::read(&canary).unwrap();
    fs::remove_file(&canary).unwrap();
    assert!(matches!(FileKeys::open(&place.config), Err(KeyError::KeysMissing(_))), "canary");

    fs::remove_dir_all(&place.config.keyring).unwrap();
    assert!(matches!(FileKeys::open(&place.config), Err(KeyError::KeysMissing(_))), "objects");

    fs::remove_dir_all(&place.config.data).unwrap();
    let rows = hearback_vault::KeyConfig { recordings_exist: true, ..place.config.clone() };
    assert!(matches!(FileKeys::open(&rows), Err(KeyError::KeysMissing(_))), "rows");
    assert!(!place.config.keyring.exists(), "nothing was made");

    fs::create_dir(&place.config.keyring).unwrap();
    fs::write(&canary, song).unwrap();
    FileKeys::open(&rows).unwrap();
}

#[test]
fn a_key_file_among_the_data_is_refused_unless_accepted() {
    let (dir, apart) = bare();
    assert_ne!(FileKeys::open(&apart).unwrap().placement(), Placement::SameTree);

    for tree in [&apart.data, &apart.keyring] {
        let mut config = apart.clone();
        config.key_file = tree.join("key");
        fs::create_dir_all(tree).unwrap();
        fs::copy(&apart.key_file, &config.key_file).unwrap();
        assert!(matches!(FileKeys::open(&config), Err(KeyError::Colocated(_))));

        // A link from elsewhere does not hide it.
        let link = dir.path().join("link");
        symlink(&config.key_file, &link).unwrap();
        let linked = hearback_vault::KeyConfig { key_file: link.clone(), ..config.clone() };
        assert!(matches!(FileKeys::open(&linked), Err(KeyError::Colocated(_))));
        fs::remove_file(link).unwrap();

        config.accept_colocated = true;
        assert_eq!(FileKeys::open(&config).unwrap().placement(), Placement::SameTree);
    }
}

#[test]
fn a_keyring_among_the_objects_is_refused() {
    let (_dir, mut config) = bare();
    for keyring in ["objects/keys", "objects", "", "sub/../objects"] {
        config.keyring = config.data.join(keyring);
        config.accept_colocated = true;
        let refused = FileKeys::open(&config);
        assert!(matches!(refused, Err(KeyError::KeyringAmongObjects(_))), "{keyring}");
    }
}

#[test]
fn the_first_key_of_a_recording_stays() {
    let place = Place::new();
    let recording = RecordingId::mint(&SeededIds::default());
    assert!(matches!(place.keys.identity(recording), Err(KeyError::Absent(_))));
    let lines: Vec<_> = thread::scope(|scope| {
        let make = || {
            // Each with its own view of the keyring, as separate processes have.
            let keys = FileKeys::open(&place.config).unwrap();
            keys.create(recording).unwrap();
            keys.identity(recording).unwrap().line()
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(lines.iter().all(|line| *line == lines[0]));
    assert!(lines[0].starts_with("AGE-SECRET-KEY-1"));
    assert_eq!(format!("{:?}", place.keys.identity(recording).unwrap()), "RecordingKey(***)");
}

#[test]
fn one_first_start_of_many_begins_the_keyring() {
    let (_dir, config) = bare();
    let config = Arc::new(config);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| FileKeys::open(&config).unwrap());
        }
    });
    FileKeys::open(&config).unwrap();
}

#[test]
fn a_record_opens_only_as_what_it_is() {
    let place = Place::new();
    let (a, b) = (place.recording(), place.recording());
    let path = |r: RecordingId| place.config.keyring.join(&r.to_string()[..2]).join(r.to_string());
    let record = fs::read_to_string(path(a)).unwrap();
    assert_eq!(mode(&path(a)), 0o600);
    assert!(record.starts_with(&format!("v1 {a} recording 1 ")), "{record}");
    let secret = place.keys.identity(a).unwrap().line();
    assert!(!record.contains(&*secret) && !record.contains("AGE-"));

    let of_b = fs::read_to_string(path(b)).unwrap();
    let disguised = of_b.replace(&b.to_string(), &a.to_string());
    let canary = fs::read_to_string(place.config.keyring.join("canary")).unwrap();
    let digit = record.len() - 2;
    let flipped = if record.ends_with("0\n") { "1\n" } else { "0\n" };
    for bad in [
        of_b,
        disguised,
        canary,
        format!("{}{flipped}", &record[..digit]),
        record[..digit].to_owned(),
        record.replace(" 1 ", " 2 "),
        String::new(),
    ] {
        fs::write(path(a), &bad).unwrap();
        assert!(matches!(place.keys.identity(a), Err(KeyError::Damaged(r)) if r == a), "{bad}");
    }
    fs::write(path(a), record).unwrap();
    assert_eq!(place.keys.identity(a).unwrap().line(), secret);
}
