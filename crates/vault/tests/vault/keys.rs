//! The key file and the keyring: what is refused, and what is never made anew.

use std::{
    env, fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::Command,
    sync::Arc,
    thread,
};

use hearback_access::seal::{FieldCipher as _, FieldKey, SealError};
use hearback_domain::{KeyClass, RecordingId, SeededIds};
use hearback_vault::{
    FileKeys, KeyBroker as _, KeyConfig, KeyError, KeyName, MasterKey, Placement, RootSource,
    Signer, VaultError,
};
use uuid::Uuid;

use crate::{
    permits,
    place::{Place, bare, config, key_file, open, record},
};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_key_file_is_private_and_never_overwritten() {
    let (_dir, config) = bare();
    let first = fs::read(key_file(&config)).unwrap();
    assert_eq!((first.len(), mode(key_file(&config))), (65, 0o600));
    assert!(matches!(MasterKey::create_file(key_file(&config)), Err(KeyError::MasterExists(_))));
    assert_eq!(fs::read(key_file(&config)).unwrap(), first);
    let shown = format!("{:?}", MasterKey::read_file(key_file(&config)).unwrap());
    assert_eq!(shown, "MasterKey(***)");
}

#[test]
fn a_key_file_that_others_can_read_is_refused() {
    let (_dir, config) = bare();
    for open in [0o640, 0o604, 0o660] {
        fs::set_permissions(key_file(&config), fs::Permissions::from_mode(open)).unwrap();
        let refused = FileKeys::open(&config);
        assert!(matches!(refused, Err(KeyError::MasterExposed { mode, .. }) if mode == open));
    }
    fs::set_permissions(key_file(&config), fs::Permissions::from_mode(0o400)).unwrap();
    FileKeys::open(&config).unwrap();
}

#[test]
fn a_missing_or_foreign_key_file_is_refused() {
    let (_dir, config) = bare();
    for foreign in [&b"hello\n"[..], b"", &[0xff; 64], &[b'a'; 5000]] {
        fs::write(key_file(&config), foreign).unwrap();
        assert!(matches!(FileKeys::open(&config), Err(KeyError::NotAMaster(_))));
    }
    fs::remove_file(key_file(&config)).unwrap();
    let refused = FileKeys::open(&config).unwrap_err();
    assert!(matches!(refused, KeyError::NoMaster(_)) && refused.is_configuration());
    assert!(!config.keyring.exists(), "nothing was made");
}

#[test]
fn another_key_file_does_not_open_the_keyring() {
    let place = Place::new();
    let object = place.sound(b"sound");
    let right = fs::read(key_file(&place.config)).unwrap();
    fs::remove_file(key_file(&place.config)).unwrap();
    MasterKey::create_file(key_file(&place.config)).unwrap();
    assert!(matches!(FileKeys::open(&place.config), Err(KeyError::WrongMaster(_))));
    fs::write(key_file(&place.config), right).unwrap();
    FileKeys::open(&place.config).unwrap().identity(object.recording, KeyClass::Sound).unwrap();
}

#[test]
fn keys_are_never_made_anew_over_data() {
    let place = Place::new();
    place.sound(b"sound");
    let kek = place.config.keyring.join("kek.1");
    fs::rename(&kek, place.config.data.join("kek.1")).unwrap();
    assert!(matches!(FileKeys::open(&place.config), Err(KeyError::KeysMissing(_))), "epoch");

    fs::remove_dir_all(&place.config.keyring).unwrap();
    assert!(matches!(FileKeys::open(&place.config), Err(KeyError::KeysMissing(_))), "objects");

    fs::remove_dir_all(&place.config.data).unwrap();
    let rows = KeyConfig { recordings_exist: true, ..place.config.clone() };
    assert!(matches!(FileKeys::open(&rows), Err(KeyError::KeysMissing(_))), "rows");
    assert!(!place.config.keyring.exists(), "nothing was made");
}

#[test]
fn a_key_file_among_the_data_is_refused_unless_accepted() {
    let (dir, apart) = bare();
    assert_ne!(FileKeys::open(&apart).unwrap().placement(), Placement::SameTree);

    for tree in [&apart.data, &apart.keyring] {
        let mut config = apart.clone();
        config.root = RootSource::File(tree.join("key"));
        fs::create_dir_all(tree).unwrap();
        fs::copy(key_file(&apart), key_file(&config)).unwrap();
        assert!(matches!(FileKeys::open(&config), Err(KeyError::Colocated(_))));

        // A link from elsewhere does not hide it.
        let link = dir.path().join("link");
        symlink(key_file(&config), &link).unwrap();
        let linked = KeyConfig { root: RootSource::File(link.clone()), ..config.clone() };
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
    assert!(matches!(place.keys.identity(recording, KeyClass::Text), Err(KeyError::Absent(_))));
    let lines: Vec<_> = thread::scope(|scope| {
        let make = || {
            // Each with its own view of the keyring, as separate processes have.
            let keys = FileKeys::open(&place.config).unwrap();
            keys.create(recording, KeyClass::Text).unwrap();
            keys.identity(recording, KeyClass::Text).unwrap().line()
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(lines.iter().all(|line| *line == lines[0]));
    assert!(lines[0].starts_with("AGE-SECRET-KEY-1"));
    assert_eq!(
        format!("{:?}", place.keys.identity(recording, KeyClass::Text).unwrap()),
        "RecordingKey(***)"
    );
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

/// A process that was killed while it began the keyring: the next one begins again.
#[test]
fn a_beginning_that_was_cut_off_is_begun_again() {
    let (_dir, config) = bare();
    FileKeys::open(&config).unwrap();
    let kek = config.keyring.join("kek.1");
    fs::remove_file(&kek).unwrap();
    // With the installation's keys there, and no word of a beginning, an epoch is missing.
    assert!(matches!(FileKeys::open(&config), Err(KeyError::KeysMissing(_))));
    fs::write(config.keyring.join(".beginning"), "").unwrap();
    FileKeys::open(&config).unwrap().signer().unwrap();
    assert!(kek.exists() && !config.keyring.join(".beginning").exists());
}

#[test]
fn a_record_opens_only_as_what_it_is() {
    let place = Place::new();
    let (a, b) = (place.recording(), place.recording());
    let path = |r: RecordingId| record(&place.config, r, KeyClass::Sound);
    let line = fs::read_to_string(path(a)).unwrap();
    assert_eq!(mode(&path(a)), 0o600);
    assert!(line.starts_with(&format!("v1 {a} sound 1 ")), "{line}");
    let identity = || place.keys.identity(a, KeyClass::Sound);
    let secret = identity().unwrap().line();
    assert!(!line.contains(&*secret) && !line.contains("AGE-"));

    place.keys.create(a, KeyClass::Text).unwrap();
    let of_text = fs::read_to_string(record(&place.config, a, KeyClass::Text)).unwrap();
    let of_b = fs::read_to_string(path(b)).unwrap();
    let kek = fs::read_to_string(place.config.keyring.join("kek.1")).unwrap();
    let digit = line.len() - 2;
    let flipped = if line.ends_with("0\n") { "1\n" } else { "0\n" };
    for bad in [
        of_b.replace(&b.to_string(), &a.to_string()),
        of_b,
        of_text.replace(" text ", " sound "),
        of_text,
        kek,
        format!("{}{flipped}", &line[..digit]),
        line[..digit].to_owned(),
        line.replace(" 1 ", " 2 "),
        line.replace(" 1 ", " 01 "),
        String::new(),
    ] {
        fs::write(path(a), &bad).unwrap();
        let damaged = KeyName::Recording(a, KeyClass::Sound);
        assert!(matches!(identity(), Err(KeyError::Damaged(name)) if name == damaged), "{bad}");
    }
    fs::write(path(a), line).unwrap();
    assert_eq!(identity().unwrap().line(), secret);
}

/// A lost record is not replaced by a key that opens nothing of what lies there.
#[test]
fn no_key_is_made_over_objects() {
    let place = Place::new();
    let object = place.sound(b"sound");
    fs::remove_file(record(&place.config, object.recording, KeyClass::Sound)).unwrap();
    let made = place.vault.new_recording(&permits::upload(object.recording));
    assert!(matches!(made, Err(VaultError::Keys(KeyError::Absent(_)))));
    let field = FieldKey::Recording(object.recording, KeyClass::Sound);
    let at = hearback_access::seal::Place { table: "t", column: "c", row: Uuid::nil() };
    assert!(matches!(place.keys.seal(field, at, b"x"), Err(SealError::Unavailable(_))));
    // Of another class there is nothing yet.
    place.keys.create(object.recording, KeyClass::Text).unwrap();
}

#[test]
fn a_key_comes_from_the_environment_or_from_a_command() {
    let (dir, config) = bare();
    let text = fs::read_to_string(key_file(&config)).unwrap();
    FileKeys::open(&config).unwrap();
    let with = |root| FileKeys::open(&KeyConfig { root, ..config.clone() });
    let command = |words: &[&str]| RootSource::Command(words.iter().map(|w| (*w).into()).collect());

    let cat = command(&["cat", &key_file(&config).display().to_string()]);
    assert_eq!(with(cat).unwrap().placement(), Placement::Elsewhere);
    let missing = dir.path().join("missing").display().to_string();
    for (bad, why) in [
        (command(&["cat", &missing]), "ended with"),
        (command(&["/does/not/exist"]), "No such file"),
        (command(&[]), "empty"),
        (command(&["echo", "hello"]), "32 bytes"),
        (command(&["echo", &text.trim().repeat(99)]), "32 bytes"),
        (RootSource::Env("HEARBACK_TEST_NO_SUCH_VARIABLE".to_owned()), "not set"),
        (RootSource::Env("PATH".to_owned()), "32 bytes"),
    ] {
        let refused = with(bad.clone()).unwrap_err();
        assert!(refused.is_configuration() && refused.to_string().contains(why), "{refused}");
    }
    // No shell: what would be an expansion is an argument.
    let expanded = with(command(&["echo", "$(cat", &missing, ")"]));
    assert!(matches!(expanded, Err(KeyError::NotAMaster(_))));

    let other = command(&["echo", &"ab".repeat(32)]);
    assert!(matches!(with(other), Err(KeyError::WrongMaster(_))));
}

/// The variable is set for a process of its own: this one has threads that read theirs.
#[test]
fn the_process_with_a_key_in_its_environment() {
    const DIR: &str = "HEARBACK_VAULT_TEST_ENV_DIR";
    const KEY: &str = "HEARBACK_VAULT_TEST_ENV_KEY";
    let root = RootSource::Env(KEY.to_owned());
    if let Some(dir) = env::var_os(DIR) {
        FileKeys::open(&KeyConfig { root, ..config(Path::new(&dir)) }).unwrap();
        return;
    }
    let (dir, config) = bare();
    FileKeys::open(&config).unwrap();
    let key = fs::read_to_string(key_file(&config)).unwrap();
    let ended = |key: &str| {
        Command::new(env::current_exe().unwrap())
            .args(["--exact", "keys::the_process_with_a_key_in_its_environment"])
            .env(DIR, dir.path())
            .env(KEY, key)
            .output()
            .unwrap()
            .status
            .success()
    };
    assert!(ended(&key));
    assert!(!ended(&"ab".repeat(32)), "another key");
}

#[test]
fn the_signing_key_stays_and_signs() {
    let place = Place::new();
    let signer = place.vault.signer().unwrap();
    let signature = signer.sign(b"checkpoint");
    let public = signer.public();
    assert!(Signer::verify(&public, b"checkpoint", &signature));
    assert!(!Signer::verify(&public, b"checkpoinT", &signature));
    assert_eq!(format!("{signer:?}"), "Signer(***)");
    place.keys.rotate(&mut |_| Ok(())).unwrap();
    assert_eq!(open(&place.config).1.signer().unwrap().public(), public);
    assert_ne!(Place::new().vault.signer().unwrap().public(), public);

    // Lost, it is not made anew: what it signed could no longer be told from what it did not.
    let name = format!("{}.signing", Uuid::nil());
    fs::remove_file(place.config.keyring.join("00").join(name)).unwrap();
    let (_, vault) = open(&place.config);
    assert!(matches!(vault.signer(), Err(VaultError::Keys(KeyError::Absent(KeyName::Signing)))));
}
