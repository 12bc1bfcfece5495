//! Opening an object again and again, and what a jump to another place costs.

use std::{
    fs::{self, File},
    hint::black_box,
    os::unix::fs::FileExt as _,
    time::{Duration, Instant},
};

use hearback_access::ObjectKind;
use hearback_domain::KeyClass;
use hearback_vault::{KeyBroker as _, VaultError};

use crate::{
    permits,
    place::{Place, noise},
};

const CHUNK: usize = 64 << 10;

#[test]
fn an_object_opens_again_with_its_own_key() {
    let place = Place::new();
    let sound = noise(3 * CHUNK + 7);
    let object = place.sound(&sound);
    let r = object.recording;
    let other =
        place.store(&permits::decode(r), ObjectKind::Normalised, &noise(3 * CHUNK + 7)).unwrap();
    let permit = permits::play(r);
    let key = place.vault.open(&permit, &object).unwrap().key();
    let again = || place.vault.open_again(&permit, &object, &key);
    for _ in 0..2 {
        let mut reader = again().unwrap();
        assert_eq!(reader.len(), object.bytes);
        for at in [0, CHUNK - 3, 2 * CHUNK + 9, 3 * CHUNK] {
            let mut buf = [0; 700];
            let n = reader.read_at(at as u64, &mut buf).unwrap();
            assert!(n > 0 && buf[..n] == sound[at..at + n]);
        }
    }
    assert_eq!(format!("{key:?}"), format!("ObjectKey {{ id: {:?}, .. }}", object.id));

    // The key is this object's alone, and the permit is asked for as ever.
    let foreign = place.vault.open_again(&permit, &other, &key);
    assert!(matches!(foreign, Err(VaultError::Damaged(_))));
    let elsewhere = permits::play(place.recording());
    let refused = place.vault.open_again(&elsewhere, &object, &key);
    assert!(matches!(refused, Err(VaultError::NotPermitted)));

    let good = fs::read(place.file(&object)).unwrap();
    let mut header = good.clone();
    header[60] ^= 1;
    let swapped = fs::read(place.file(&other)).unwrap();
    for bad in [&good[..good.len() - 1], &[&good[..], &[0]].concat(), &header, &swapped, b""] {
        fs::write(place.file(&object), bad).unwrap();
        assert!(matches!(again(), Err(VaultError::Damaged(_))));
    }
    let mut chunk = good.clone();
    let at = good.len() - 5;
    chunk[at] ^= 1;
    fs::write(place.file(&object), chunk).unwrap();
    let read = again().unwrap().read_at(3 * CHUNK as u64, &mut [0; 7]);
    assert!(matches!(VaultError::from(read.unwrap_err()), VaultError::Damaged(_)));
}

const ROUNDS: usize = 4_000;

type Go<'a> = Box<dyn FnMut(u64, &mut [u8]) + 'a>;

/// One way of getting at 64 KiB, and how long it took each time.
struct Way<'a> {
    name: &'static str,
    go: Go<'a>,
    times: Vec<Duration>,
}

fn way<'a>(name: &'static str, go: impl FnMut(u64, &mut [u8]) + 'a) -> Way<'a> {
    Way { name, go: Box::new(go), times: Vec::with_capacity(ROUNDS) }
}

/// Jumps in an hour of sound: 64 KiB from anywhere, encrypted and plain, in turn. Run with `--ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn measure_seeks() {
    let place = Place::new();
    let sound = noise(115_200_000);
    let object = place.sound(&sound);
    let plain = place.config.data.join("plain");
    fs::write(&plain, &sound).unwrap();
    let permit = permits::play(object.recording);
    let (vault, keys) = (&place.vault, &place.keys);
    let open = || vault.open(&permit, &object).unwrap();
    let (mut opened, mut aligned, key) = (open(), open(), open().key());
    let again = || vault.open_again(&permit, &object, &key).unwrap();
    let mut ways = [
        way("plain: open, read", |at, buf| {
            File::open(&plain).unwrap().read_exact_at(buf, at).unwrap();
        }),
        way("encrypted: open, read", |at, buf| {
            open().read_at(at, buf).unwrap();
        }),
        way("encrypted: open again, read", |at, buf| {
            again().read_at(at, buf).unwrap();
        }),
        way("encrypted: read, already open", |at, buf| {
            opened.read_at(at, buf).unwrap();
        }),
        way("the same from where a chunk begins", |at, buf| {
            aligned.read_at(at / CHUNK as u64 * CHUNK as u64, buf).unwrap();
        }),
        way("only the recording's key", |_, _| {
            black_box(keys.identity(object.recording, KeyClass::Sound).unwrap());
        }),
        way("only open", |_, _| {
            black_box(open());
        }),
        way("only open again", |_, _| {
            black_box(again());
        }),
    ];
    let mut buf = vec![0; CHUNK];
    let mut seed = 1_u64;
    for _ in 0..ROUNDS {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = (seed >> 20) % (sound.len() - CHUNK) as u64;
        for way in &mut ways {
            let began = Instant::now();
            (way.go)(at, &mut buf);
            way.times.push(began.elapsed());
        }
    }
    for Way { name, times, .. } in &mut ways {
        times.sort();
        eprintln!("{name}: p50 {:?}, p99 {:?}", times[ROUNDS / 2], times[ROUNDS * 99 / 100]);
    }
}
