//! After the key is destroyed nothing opens, in no copy.

use std::{fs, path::Path, sync::Arc};

use hearback_access::ObjectKind;
use hearback_vault::{FileKeys, KeyBroker as _, KeyError, Vault, VaultError};

use crate::{permits, place::Place};

fn copy(from: &Path, to: &Path) {
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
    copied.open(&permits::play(gone.recording), &gone).unwrap();

    place.vault.destroy_recording(gone.recording).unwrap();
    place.vault.destroy_recording(gone.recording).unwrap();

    assert!(!place.dir(gone.recording).exists());
    let again = FileKeys::open(&place.config).unwrap();
    assert!(matches!(again.identity(gone.recording), Err(KeyError::Destroyed(_))));
    for vault in [&place.vault, &copied] {
        let opened = vault.open(&permits::play(gone.recording), &gone);
        assert!(matches!(opened, Err(VaultError::Gone)));
    }
    assert_eq!(place.hear(&kept).unwrap(), b"kept");
}

#[test]
fn an_erased_recording_gets_no_new_key() {
    let place = Place::new();
    let r = place.recording();
    place.vault.destroy_recording(r).unwrap();
    assert!(matches!(place.vault.new_recording(&permits::upload(r)), Err(VaultError::Gone)));
    let added = place.vault.add(&permits::decode(r), ObjectKind::Peaks, place.object_id());
    assert!(matches!(added, Err(VaultError::Gone)));
}

/// An old copy of the keyring, laid over the present one as a hasty restore does.
#[test]
fn an_old_keyring_does_not_bring_it_back() {
    let place = Place::new();
    let object = place.sound(b"gone");
    let backup = tempfile::tempdir().unwrap();
    copy(&place.config.keyring, backup.path());
    place.vault.destroy_recording(object.recording).unwrap();
    copy(backup.path(), &place.config.keyring);
    assert!(matches!(place.hear(&object), Err(VaultError::Gone)));
    // The ledger of erasures, replayed, removes the key that came back.
    place.vault.destroy_recording(object.recording).unwrap();
    let name = object.recording.to_string();
    assert!(!place.config.keyring.join(&name[..2]).join(&name).exists());
}

#[test]
fn an_upload_that_ends_after_the_erasure_is_gone_too() {
    let place = Place::new();
    let r = place.recording();
    let writer =
        place.vault.add(&permits::upload(r), ObjectKind::Original, place.object_id()).unwrap();
    place.keys.destroy(r).unwrap();
    assert!(matches!(writer.finish(), Err(VaultError::Gone)));
    assert!(place.names(r).is_empty());
}
