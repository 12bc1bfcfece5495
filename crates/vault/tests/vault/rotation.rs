//! Rotation: killed at every step, with others reading meanwhile, and what an old copy is worth afterwards.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    thread,
};

use hearback_access::seal::{FieldCipher as _, FieldKey, Place as At, SealError};
use hearback_domain::{KeyClass, RecordingId, Timestamp, UserId};
use hearback_vault::{
    Cause, Erased, FileKeys, KeyBroker as _, KeyConfig, KeyError, MasterKey, RootSource,
    RotationStep, StoredObject, VaultError,
};
use uuid::Uuid;

use crate::place::{Place, config, key_file, open, record};

/// What the process that is going to be killed gets to know: the directory, and at which step it waits to be killed.
const CHILD: &str = "HEARBACK_VAULT_TEST_ROTATION";
const WAITS: &str = "HEARBACK_VAULT_TEST_WAITS";

const AT: At<'static> = At { table: "codes", column: "note", row: Uuid::nil() };

fn rotate(config: &KeyConfig) -> u32 {
    FileKeys::open(config).unwrap().rotate(&mut |_| Ok(())).unwrap().epoch
}

fn epochs(keyring: &Path) -> BTreeSet<String> {
    let names = fs::read_dir(keyring).unwrap().map(|e| e.unwrap().file_name());
    names.map(|n| n.into_string().unwrap()).filter(|n| n.starts_with("kek.")).collect()
}

/// Keys of every kind, and what lies under them.
struct Full {
    place: Place,
    sounds: Vec<(StoredObject, Vec<u8>)>,
    fields: Vec<(FieldKey, Vec<u8>)>,
    public: [u8; 32],
}

impl Full {
    fn new() -> Self {
        let place = Place::new();
        let sounds: Vec<_> = (0..3_u8).map(|i| (place.sound(&[i; 1000]), vec![i; 1000])).collect();
        let r = sounds[0].0.recording;
        let fields = [
            FieldKey::Recording(r, KeyClass::Sound),
            FieldKey::Recording(r, KeyClass::Coding),
            FieldKey::Person(UserId::from_uuid(Uuid::from_u128(4))),
            FieldKey::Installation,
        ]
        .map(|key| (key, place.keys.seal(key, AT, b"note").unwrap()));
        let public = place.vault.signer().unwrap().public();
        let gone = place.recording();
        place
            .vault
            .destroy(gone, KeyClass::ALL, Cause::Request, Timestamp::from_micros(1))
            .unwrap();
        Self { place, sounds, fields: fields.into(), public }
    }

    /// Everything opens, as after a start and in the process that was there all along.
    fn assert_opens(&self, what: &str) {
        let (keys, vault) = open(&self.place.config);
        for (keys, vault) in [(&keys, &vault), (&self.place.keys, &self.place.vault)] {
            for (object, bytes) in &self.sounds {
                let permit = crate::permits::play(object.recording);
                let mut heard = Vec::new();
                vault.open(&permit, object).unwrap().read_to_end(&mut heard).unwrap();
                assert!(heard == *bytes, "{what}");
            }
            for (key, sealed) in &self.fields {
                assert_eq!(keys.open(*key, AT, sealed).unwrap(), b"note", "{what}");
            }
            assert_eq!(vault.signer().unwrap().public(), self.public, "{what}");
        }
    }

    fn child(&self, waits: Option<usize>) -> Child {
        let mut command = Command::new(env::current_exe().unwrap());
        command
            .args(["--exact", "rotation::the_process_that_rotates"])
            .env(CHILD, self.place.config.data.parent().unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if let Some(step) = waits {
            command.env(WAITS, step.to_string());
        }
        command.spawn().unwrap()
    }
}

fn say(text: &str) {
    // Not by a macro, whose output the test program keeps to itself.
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).unwrap();
}

/// Run by the next two tests in a process of its own.
#[test]
fn the_process_that_rotates() {
    let Ok(dir) = env::var(CHILD) else { return };
    let waits: Option<usize> = env::var(WAITS).ok().map(|step| step.parse().unwrap());
    let keys = FileKeys::open(&config(&PathBuf::from(dir))).unwrap();
    let mut steps = 0;
    loop {
        let mut step = |step: RotationStep| {
            say(&format!("step {steps} {step:?}"));
            if waits == Some(steps) {
                // Until it is killed.
                let _ = io::stdin().read(&mut [0]);
            }
            steps += 1;
            Ok(())
        };
        keys.rotate(&mut step).unwrap();
        if waits.is_some() {
            return;
        }
    }
}

/// Waits for a step to be said; false if the process ended before.
fn reached(child: &mut Child, step: usize) -> bool {
    let wanted = format!("step {step} ");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // The first one shares its line with what the test program says.
    lines.any(|line| line.unwrap().contains(&wanted))
}

#[test]
fn killed_at_every_step_everything_opens_and_the_next_rotation_completes() {
    let full = Full::new();
    let mut killed = 0;
    for step in 0.. {
        let before = epochs(&full.place.config.keyring);
        assert_eq!(before.len(), 1);
        let mut child = full.child(Some(step));
        let there = reached(&mut child, step);
        child.kill().unwrap();
        child.wait().unwrap();
        full.assert_opens(&format!("killed at step {step}"));
        if !there {
            break;
        }
        killed += 1;
        let left = epochs(&full.place.config.keyring);
        rotate(&full.place.config);
        full.assert_opens(&format!("rotated after step {step}"));
        let after = epochs(&full.place.config.keyring);
        assert_eq!(after.len(), 1, "{left:?}");
        assert!(before.is_disjoint(&after), "the old epoch is gone: {before:?} {left:?} {after:?}");
    }
    // Begun, each of the seven keys, complete, ended.
    assert_eq!(killed, 10);
}

/// The process goes on while it is being killed: between any two steps, in the middle of any write.
#[test]
fn killed_at_any_moment_everything_opens() {
    let full = Full::new();
    for step in 0..40 {
        let mut child = full.child(None);
        assert!(reached(&mut child, step));
        child.kill().unwrap();
        child.wait().unwrap();
        full.assert_opens(&format!("killed after step {step}"));
    }
    rotate(&full.place.config);
    assert_eq!(epochs(&full.place.config.keyring).len(), 1);
    full.assert_opens("at the end");
}

#[test]
fn others_read_seal_and_make_keys_meanwhile() {
    let full = Full::new();
    let (rounds, over) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for reader in 0..8_u128 {
            let (full, rounds, over) = (&full, &rounds, &over);
            scope.spawn(move || {
                // Half of them as another process would, with a view of the keyring of their own.
                let own = FileKeys::open(&full.place.config).unwrap();
                let keys = if reader % 2 == 0 { &own } else { &*full.place.keys };
                let mut made = 0;
                while !over.load(Relaxed) {
                    for (object, _) in &full.sounds {
                        keys.identity(object.recording, KeyClass::Sound).unwrap();
                    }
                    for (key, sealed) in &full.fields {
                        assert_eq!(keys.open(*key, AT, sealed).unwrap(), b"note");
                    }
                    if made < 20 {
                        made += 1;
                        let id = RecordingId::from_uuid(Uuid::from_u128(reader << 64 | made));
                        let key = FieldKey::Recording(id, KeyClass::Text);
                        let sealed = keys.seal(key, AT, b"new").unwrap();
                        assert_eq!(full.place.keys.open(key, AT, &sealed).unwrap(), b"new");
                        // What is destroyed meanwhile stays destroyed: a rotation brings nothing back.
                        if made % 2 == 0 {
                            let what = Erased::recording(id, KeyClass::ALL);
                            keys.destroy(&what, Cause::Request, Timestamp::from_micros(1)).unwrap();
                            let opened = full.place.keys.open(key, AT, &sealed);
                            assert!(matches!(opened, Err(SealError::Destroyed)));
                        }
                    }
                    rounds.fetch_add(1, Relaxed);
                }
            });
        }
        let mut rotations = 0;
        while rotations < 6 || rounds.load(Relaxed) < 200 {
            rotate(&full.place.config);
            rotations += 1;
        }
        over.store(true, Relaxed);
    });
    full.assert_opens("afterwards");
    for reader in 0..8_u128 {
        for made in 1..=20 {
            let id = RecordingId::from_uuid(Uuid::from_u128(reader << 64 | made));
            let there = record(&full.place.config, id, KeyClass::Text).exists();
            assert_eq!(there, made % 2 == 1, "{reader} {made}");
        }
    }
}

/// In a process that had the old epoch in memory too.
#[test]
fn an_old_record_opens_nothing_after_the_rotation() {
    let place = Place::new();
    let object = place.sound(b"sound");
    let path = record(&place.config, object.recording, KeyClass::Sound);
    let old = fs::read(&path).unwrap();
    assert_eq!(rotate(&place.config), 2);
    assert!(!place.config.keyring.join("kek.1").exists());
    assert_eq!(place.hear(&object).unwrap(), b"sound");
    let new = fs::read(&path).unwrap();
    fs::write(&path, old).unwrap();
    let opened = place.hear(&object);
    assert!(matches!(opened, Err(VaultError::Keys(KeyError::Damaged(_)))), "{opened:?}");
    // Nor does a rotation go over it, and the epoch it was in stays gone.
    let refused = place.keys.rotate(&mut |_| Ok(()));
    assert!(matches!(refused, Err(KeyError::Damaged(_))));
    fs::write(&path, new).unwrap();
    assert!(place.keys.rotate(&mut |_| Ok(())).unwrap().completed_another);
    assert_eq!(place.hear(&object).unwrap(), b"sound");
}

#[test]
fn another_root_opens_the_same_keys() {
    let mut full = Full::new();
    let old = full.place.config.clone();
    let new_key = key_file(&old).with_file_name("new");
    MasterKey::create_file(&new_key).unwrap();
    let new = KeyConfig { root: RootSource::File(new_key), ..old.clone() };

    // Of a rotation that was cut off, the rest comes first.
    let stop = |step| match step {
        RotationStep::Rewrapped(_) => Err(KeyError::NoRecipients),
        _ => Ok(()),
    };
    full.place.keys.rotate(&mut { stop }).unwrap_err();
    assert_eq!(epochs(&old.keyring).len(), 2);
    FileKeys::open(&old).unwrap().rotate_root(&new).unwrap();
    assert_eq!(epochs(&old.keyring), BTreeSet::from(["kek.2".to_owned()]));

    assert!(matches!(FileKeys::open(&old), Err(KeyError::WrongMaster(_))));
    full.place.config = new;
    full.assert_opens("with the new root, and in the process that began with the old one");
}

/// How long it takes; run with `--ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn measure_rotation() {
    const KEYS: u128 = 2_000;
    let place = Place::new();
    for n in 0..KEYS {
        let id = RecordingId::from_uuid(Uuid::from_u128(n << 112 | n));
        place.keys.create(id, KeyClass::Text).unwrap();
    }
    let began = std::time::Instant::now();
    place.keys.rotate(&mut |_| Ok(())).unwrap();
    eprintln!("a rotation of {KEYS} keys: {:?}", began.elapsed());
    let began = std::time::Instant::now();
    FileKeys::open(&place.config).unwrap();
    eprintln!("a start with {KEYS} keys: {:?}", began.elapsed());
}
