//! Escrow: made for people, tried now and then, and used on a machine that has lost its root key.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use age::{Decryptor, Encryptor, Identity, secrecy::ExposeSecret as _, x25519};
use hearback_domain::{KeyClass, Timestamp};
use hearback_vault::{
    Cause, Escrow, FileKeys, KeyBroker as _, KeyConfig, KeyError, MasterKey, RootSource, VaultError,
};

use crate::{
    permits,
    place::{Place, config, key_file, open},
};

const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);
const DAY: i64 = 86_400;

/// Somebody who keeps an identity: their file, as `age-keygen` writes it, and their public key.
struct Keeper {
    identity: x25519::Identity,
    file: PathBuf,
}

impl Keeper {
    fn new(dir: &Path, name: &str) -> Self {
        let identity = x25519::Identity::generate();
        let file = dir.join(name);
        let public = identity.to_public();
        let secret = identity.to_string();
        let text =
            format!("# created: 2026-11-22\n# public key: {public}\n{}\n", secret.expose_secret());
        fs::write(&file, text).unwrap();
        Self { identity, file }
    }

    fn public(&self) -> String {
        self.identity.to_public().to_string()
    }
}

/// A place whose keys are in escrow with two people.
fn escrowed(dir: &Path) -> (Place, [Keeper; 2], PathBuf) {
    let place = Place::new();
    let keepers = ["one", "two"].map(|name| Keeper::new(dir, name));
    let file = dir.join("escrow.age");
    let recipients = [&keepers[0], &keepers[1]].map(Keeper::public);
    place.keys.escrow(&recipients, &file, NOW).unwrap();
    (place, keepers, file)
}

#[test]
fn each_recipient_alone_opens_it_with_any_age_program() {
    let dir = tempfile::tempdir().unwrap();
    let (place, keepers, file) = escrowed(dir.path());
    let root = fs::read_to_string(key_file(&place.config)).unwrap();
    for keeper in &keepers {
        let decryptor = Decryptor::new(fs::File::open(&file).unwrap()).unwrap();
        let mut text = String::new();
        let identity = std::iter::once(&keeper.identity as &dyn Identity);
        decryptor.decrypt(identity).unwrap().read_to_string(&mut text).unwrap();
        assert!(text.starts_with("hearback escrow v1\n1 ") && text.lines().count() == 2, "{text}");
        assert!(!text.contains(root.trim()), "not the root key");
        place.keys.drill(&Escrow::open(&file, &keeper.file).unwrap(), NOW).unwrap();
    }
}

#[test]
fn a_machine_without_its_root_key_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let (place, keepers, file) = escrowed(dir.path());
    // What is made after the escrow was written opens too.
    let (kept, gone) = (place.sound(b"kept"), place.sound(b"gone"));
    place.vault.destroy(gone.recording, KeyClass::ALL, Cause::Withdrawal, NOW).unwrap();
    let public = place.vault.signer().unwrap().public();

    // Another machine: keyring and data from their copies, no root key.
    let machine = tempfile::tempdir().unwrap();
    let there = config(machine.path());
    crate::erasure::copy(&place.config.keyring, &there.keyring);
    crate::erasure::copy(&place.config.data, &there.data);
    assert!(matches!(FileKeys::open(&there), Err(KeyError::NoMaster(_))));
    MasterKey::create_file(key_file(&there)).unwrap();
    assert!(matches!(FileKeys::open(&there), Err(KeyError::WrongMaster(_))));

    let escrow = Escrow::open(&file, &keepers[1].file).unwrap();
    // Twice, as after a crash.
    for _ in 0..2 {
        FileKeys::recover(&there, &escrow).unwrap();
    }
    let (keys, vault) = open(&there);
    let mut heard = Vec::new();
    let mut reader = vault.open(&permits::play(kept.recording), &kept).unwrap();
    reader.read_to_end(&mut heard).unwrap();
    assert_eq!(heard, b"kept");
    let erased = vault.open(&permits::play(gone.recording), &gone);
    assert!(matches!(erased, Err(VaultError::Gone)));
    assert_eq!(vault.signer().unwrap().public(), public);
    let lost = KeyConfig { root: place.config.root.clone(), ..there };
    assert!(matches!(FileKeys::open(&lost), Err(KeyError::WrongMaster(_))));
    keys.rotate(&mut |_| Ok(())).unwrap();
    let stale = keys.drill(&escrow, NOW);
    assert!(matches!(stale, Err(KeyError::EscrowStale(_))), "after a rotation a new one is due");
}

/// The root key was lost while a rotation was under way; the escrow was written when it began.
#[test]
fn a_rotation_that_was_cut_off_comes_back_too() {
    let dir = tempfile::tempdir().unwrap();
    let (place, keepers, file) = escrowed(dir.path());
    let kept = place.sound(b"kept");
    for stop_after in 0..3 {
        let mut rewrapped = 0;
        let keys = &place.keys;
        let cut = keys.rotate(&mut |step| match step {
            hearback_vault::RotationStep::Begun(_) => keys.escrow(&[], &file, NOW).map(drop),
            hearback_vault::RotationStep::Rewrapped(_) if rewrapped < stop_after => {
                rewrapped += 1;
                Ok(())
            }
            _ => Err(KeyError::NoRecipients),
        });
        assert!(matches!(cut, Err(KeyError::NoRecipients)));
        let new_key = dir.path().join(format!("root{stop_after}"));
        MasterKey::create_file(&new_key).unwrap();
        let config = KeyConfig { root: RootSource::File(new_key), ..place.config.clone() };
        let escrow = Escrow::open(&file, &keepers[0].file).unwrap();
        let recovered = FileKeys::recover(&config, &escrow).unwrap();
        recovered.rotate(&mut |_| Ok(())).unwrap();
        recovered.identity(kept.recording, KeyClass::Sound).unwrap();
        // Back to the root that the rest of this test knows.
        recovered.rotate_root(&place.config).unwrap();
    }
    assert_eq!(place.hear(&kept).unwrap(), b"kept");
}

#[test]
fn what_does_not_open_the_keyring_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (place, keepers, file) = escrowed(dir.path());
    let (other, _, _) = escrowed(&{
        let other = dir.path().join("other");
        fs::create_dir(&other).unwrap();
        other
    });
    place.sound(b"sound");
    let escrow = Escrow::open(&file, &keepers[0].file).unwrap();
    // Another installation's epoch 1 is not ours.
    assert!(matches!(other.keys.drill(&escrow, NOW), Err(KeyError::EscrowStale(_))));
    let kek = fs::read(other.config.keyring.join("kek.1")).unwrap();
    let recovered = FileKeys::recover(&other.config, &escrow);
    assert!(matches!(recovered, Err(KeyError::EscrowStale(_) | KeyError::Damaged(_))));
    assert_eq!(fs::read(other.config.keyring.join("kek.1")).unwrap(), kek);

    let stranger = Keeper::new(dir.path(), "stranger");
    assert!(matches!(Escrow::open(&file, &stranger.file), Err(KeyError::EscrowClosed(_))));
    assert!(matches!(Escrow::open(&file, &file), Err(KeyError::NotAnIdentity(_))));
    let foreign = dir.path().join("foreign.age");
    let sealed = age::encrypt(&keepers[0].identity.to_public(), b"a letter").unwrap();
    fs::write(&foreign, sealed).unwrap();
    assert!(matches!(Escrow::open(&foreign, &keepers[0].file), Err(KeyError::NotAnEscrow(_))));
    let good = fs::read(&file).unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&foreign, bad).unwrap();
        // A stanza for somebody else may be damaged without harm to this one's; the header's MAC covers it all the
        // same.
        assert!(Escrow::open(&foreign, &keepers[0].file).is_err(), "bit flipped at {at}");
    }
    for refused in [&["age1nonsense".to_owned()][..], &[String::new()]] {
        let made = place.keys.escrow(refused, &foreign, NOW);
        assert!(matches!(made, Err(KeyError::NotARecipient(_))));
    }
    let made = Place::new().keys.escrow(&[], &foreign, NOW);
    assert!(matches!(made, Err(KeyError::NoRecipients)));
    assert!(Encryptor::with_recipients(std::iter::empty()).is_err());
}

#[test]
fn the_status_tells_when_the_escrow_was_last_tried() {
    let dir = tempfile::tempdir().unwrap();
    let (place, keepers, file) = escrowed(dir.path());
    let object = place.sound(b"sound");
    place.vault.destroy(object.recording, &[KeyClass::Text], Cause::Request, NOW).unwrap();
    let status = place.vault.key_status().unwrap();
    assert_eq!((status.epoch, status.rotating, status.keys, status.destroyed), (1, false, 3, 1));
    assert_eq!((status.recipients.len(), status.ledger.seq.0), (2, 1));
    assert_eq!(status.escrowed.unwrap().days(NOW.plus_seconds(3 * DAY + 5)), 3);
    assert_eq!(status.drilled, None);

    let escrow = Escrow::open(&file, &keepers[0].file).unwrap();
    let drill = place.keys.drill(&escrow, NOW.plus_seconds(DAY)).unwrap();
    assert_eq!((drill.epoch, drill.keys), (1, 3));
    let drilled = place.vault.key_status().unwrap().drilled.unwrap();
    assert_eq!((drilled.days(NOW.plus_seconds(3 * DAY)), drilled.epoch), (2, 1));

    place.keys.rotate(&mut |_| Ok(())).unwrap();
    let status = place.vault.key_status().unwrap();
    assert_eq!((status.epoch, status.escrowed.unwrap().epoch), (2, 1), "it is seen that it is old");
    place.keys.escrow(&[], &file, NOW).unwrap();
    let escrow = Escrow::open(&file, &keepers[1].file).unwrap();
    place.keys.drill(&escrow, NOW).unwrap();
}
