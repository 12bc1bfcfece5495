//! After a key is destroyed nothing opens, in no copy.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use hearback_access::{
    ObjectKind,
    seal::{FieldCipher as _, FieldKey, SealError},
};
use hearback_domain::{KeyClass, RecordingId, Timestamp, UserId};
use hearback_vault::{
    Cause, Erased, FileKeys, KeyBroker as _, KeyError, LedgerSeq, Vault, VaultError,
};
use uuid::Uuid;

use crate::{
    permits,
    place::{Place, config, open, record},
};

const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);
const ALL: &[KeyClass] = KeyClass::ALL;

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn an_erased_recording_opens_in_no_copy() {
    let place = Place::new();
    let (gone, kept) = (place.sound(b"gone"), place.sound(b"kept"));
    let backup = tempfile::tempdir().unwrap();
    copy(&place.config.data, backup.path());
    let copied = Vault::new(backup.path(), Arc::<FileKeys>::clone(&place.keys)).unwrap();
    let key = copied.open(&permits::play(gone.recording), &gone).unwrap().key();

    place.vault.destroy(gone.recording, ALL, Cause::Withdrawal, NOW).unwrap();

    assert!(!place.dir(gone.recording).exists());
    let again = FileKeys::open(&place.config).unwrap();
    let identity = again.identity(gone.recording, KeyClass::Sound);
    assert!(matches!(identity, Err(KeyError::Destroyed(_))));
    for vault in [&place.vault, &copied] {
        let permit = permits::play(gone.recording);
        assert!(matches!(vault.open(&permit, &gone), Err(VaultError::Gone)));
        assert!(matches!(vault.open_again(&permit, &gone, &key), Err(VaultError::Gone)));
    }
    assert_eq!(place.hear(&kept).unwrap(), b"kept");
}

#[test]
fn one_class_goes_and_the_others_stay() {
    let place = Place::new();
    let sound = place.sound(b"sound");
    let r = sound.recording;
    let text = place.store(&permits::transcribe(r), ObjectKind::Transcript, b"text").unwrap();
    let clip = place.clip_id();
    let kind = ObjectKind::Clip(clip);
    let extract = place.store(&permits::render(r, clip), kind, b"clip").unwrap();

    place.vault.destroy(r, &[KeyClass::Text], Cause::Withdrawal, NOW).unwrap();
    assert!(!place.file(&text).exists() && place.file(&sound).exists());
    let read = |permit: &dyn hearback_access::Opens, object| place.read(permit, object);
    assert_eq!(read(&permits::play(r), &sound).unwrap(), b"sound");
    assert_eq!(read(&permits::play_clip(r, clip), &extract).unwrap(), b"clip");
    let again = place.store(&permits::transcribe(r), ObjectKind::Transcript, b"again");
    assert!(matches!(again, Err(VaultError::Gone)));

    place.vault.destroy(r, &[KeyClass::Sound], Cause::Retention, NOW).unwrap();
    assert!(matches!(read(&permits::play(r), &sound), Err(VaultError::Gone)));
    assert_eq!(read(&permits::play_clip(r, clip), &extract).unwrap(), b"clip");
}

#[test]
fn what_is_erased_gets_no_new_key() {
    let place = Place::new();
    let r = place.recording();
    // Classes that never had a key too.
    place.vault.destroy(r, ALL, Cause::Request, NOW).unwrap();
    assert!(matches!(place.vault.new_recording(&permits::upload(r)), Err(VaultError::Gone)));
    let added = place.vault.add(&permits::decode(r), ObjectKind::Peaks, place.object_id());
    assert!(matches!(added, Err(VaultError::Gone)));

    let person = UserId::from_uuid(Uuid::from_u128(5));
    let at = hearback_access::seal::Place { table: "people", column: "name", row: Uuid::nil() };
    let sealed = place.keys.seal(FieldKey::Person(person), at, b"Robin").unwrap();
    place.vault.destroy_person(person, Cause::Request, NOW).unwrap();
    for class in ALL {
        let sealed = place.keys.seal(FieldKey::Recording(r, *class), at, b"x");
        assert!(matches!(sealed, Err(SealError::Destroyed)));
    }
    let opened = place.keys.open(FieldKey::Person(person), at, &sealed);
    assert!(matches!(opened, Err(SealError::Destroyed)));
}

/// An old copy of the keyring, laid over the present one as a hasty restore does.
#[test]
fn an_old_keyring_does_not_bring_it_back() {
    let place = Place::new();
    let object = place.sound(b"gone");
    let backup = tempfile::tempdir().unwrap();
    copy(&place.config.keyring, backup.path());
    place.vault.destroy(object.recording, ALL, Cause::Withdrawal, NOW).unwrap();
    let ledger = place.config.keyring.join("erasures.log");
    let kept = tempfile::NamedTempFile::new().unwrap();
    fs::copy(&ledger, kept.path()).unwrap();

    // While the service runs.
    copy(backup.path(), &place.config.keyring);
    assert!(matches!(place.hear(&object), Err(VaultError::Gone)));
    // At the next start the key that came back goes again.
    assert!(record(&place.config, object.recording, KeyClass::Sound).exists());
    let (_, vault) = open(&place.config);
    assert!(!record(&place.config, object.recording, KeyClass::Sound).exists());
    assert_eq!(vault.ledger_head().unwrap().seq, LedgerSeq(1));

    // The old keyring alone, without anything newer: only a copy of the ledger knows.
    fs::remove_dir_all(&place.config.keyring).unwrap();
    copy(backup.path(), &place.config.keyring);
    let (keys, vault) = open(&place.config);
    assert_eq!(vault.ledger_head().unwrap().seq, LedgerSeq(0));
    keys.identity(object.recording, KeyClass::Sound).unwrap();
    assert_eq!(vault.adopt_ledger(kept.path()).unwrap().len(), 1);
    let gone = keys.identity(object.recording, KeyClass::Sound);
    assert!(matches!(gone, Err(KeyError::Destroyed(_))));
    assert_eq!(fs::read(&ledger).unwrap(), fs::read(kept.path()).unwrap());
    assert!(vault.adopt_ledger(kept.path()).unwrap().is_empty(), "once");
}

#[test]
fn an_upload_that_ends_after_the_erasure_is_gone_too() {
    let place = Place::new();
    let r = place.recording();
    let begin = || place.vault.add(&permits::upload(r), ObjectKind::Original, place.object_id());
    let (one, other) = (begin().unwrap(), begin().unwrap());
    place.keys.destroy(&Erased::recording(r, ALL), Cause::Withdrawal, NOW).unwrap();
    assert!(matches!(one.finish(), Err(VaultError::Gone)));
    place.vault.destroy(r, ALL, Cause::Withdrawal, NOW).unwrap();
    assert!(matches!(other.finish(), Err(VaultError::Gone)));
    assert!(place.names(r).is_empty());
}

/// A process that was killed while it wrote a record leaves the wrapped key under another name.
#[test]
fn what_a_killed_writer_left_goes_with_the_key() {
    let place = Place::new();
    let r = place.recording();
    let path = record(&place.config, r, KeyClass::Sound);
    let name = path.file_name().unwrap().to_str().unwrap();
    let leftover = path.with_file_name(format!(".{name}.0123456789abcdef.part"));
    let of_kek = place.config.keyring.join(".kek.1.0123456789abcdef.part");
    fs::copy(&path, &leftover).unwrap();
    place.vault.destroy(r, ALL, Cause::Withdrawal, NOW).unwrap();
    assert!(!leftover.exists());
    fs::write(&leftover, "").unwrap();
    fs::write(&of_kek, "").unwrap();
    open(&place.config);
    assert!(!leftover.exists() && !of_kek.exists());
}

/// What the process that is going to be killed gets to know.
const CHILD: &str = "HEARBACK_VAULT_TEST_ERASURE";

/// Run by the next test in a process of its own: erases one recording after the other, and says which is next.
#[test]
fn the_process_that_erases() {
    let Ok(dir) = env::var(CHILD) else { return };
    let dir = PathBuf::from(dir);
    let (_, vault) = open(&config(&dir));
    for line in fs::read_to_string(dir.join("recordings")).unwrap().lines() {
        let recording: RecordingId = line.parse().unwrap();
        writeln!(std::io::stdout(), "next").unwrap();
        vault.destroy(recording, ALL, Cause::Withdrawal, NOW).unwrap();
    }
}

/// Wherever it is killed: what the ledger says is gone at the next start, and what it does not say is whole.
#[test]
fn killed_at_any_moment_an_erasure_is_whole_or_was_not() {
    for kill_after in 1..=24 {
        let place = Place::new();
        let objects: Vec<_> = (0..25).map(|_| place.sound(b"sound")).collect();
        let dir = place.config.data.parent().unwrap();
        let list: Vec<_> = objects.iter().map(|o| o.recording.to_string()).collect();
        fs::write(dir.join("recordings"), list.join("\n")).unwrap();
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "erasure::the_process_that_erases"])
            .env(CHILD, dir)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = lines.filter(|line| line.as_ref().unwrap().contains("next")).take(kill_after);
        assert_eq!(said.count(), kill_after);
        child.kill().unwrap();
        child.wait().unwrap();

        let (keys, vault) = open(&place.config);
        let ledger = vault.ledger_after(LedgerSeq(0)).unwrap();
        assert!(ledger.len() >= kill_after - 1, "what was done before is in it");
        for object in &objects {
            let r = object.recording;
            if ledger.iter().any(|line| line.erased == Erased::recording(r, ALL)) {
                let identity = keys.identity(r, KeyClass::Sound);
                assert!(matches!(identity, Err(KeyError::Destroyed(_))));
                assert!(!place.dir(r).exists());
                assert!(!record(&place.config, r, KeyClass::Sound).exists());
            } else {
                assert_eq!(place.hear(object).unwrap(), b"sound");
            }
        }
    }
}
