//! Values of the database: what is sealed opens in its place, with its key, and nowhere else.

use std::time::Instant;

use hearback_access::seal::{FieldCipher as _, FieldKey, Place as At, SealError};
use hearback_domain::{KeyClass, RecordingId, UserId};
use proptest::prelude::*;
use uuid::Uuid;

use crate::place::{Place, open};

fn key() -> impl Strategy<Value = FieldKey> {
    let id = (1..4_u128).prop_map(Uuid::from_u128);
    let class = prop::sample::select(KeyClass::ALL);
    prop_oneof![
        (id.clone(), class).prop_map(|(id, c)| FieldKey::Recording(RecordingId::from_uuid(id), c)),
        id.prop_map(|id| FieldKey::Person(UserId::from_uuid(id))),
        Just(FieldKey::Installation),
    ]
}

/// Names that run into each other if their border is not part of what is authenticated.
fn at() -> impl Strategy<Value = At<'static>> {
    let name = prop::sample::select(vec!["", "a", "aa", "note", "notes", "s", "people.name"]);
    (name.clone(), name, 0..3_u128).prop_map(|(table, column, row)| At {
        table,
        column,
        row: Uuid::from_u128(row),
    })
}

#[test]
fn what_is_sealed_opens_in_its_place_and_nowhere_else() {
    let place = Place::new();
    let keys = &place.keys;
    let bytes = prop::collection::vec(any::<u8>(), 0..200);
    let case = (key(), at(), bytes, key(), at(), any::<prop::sample::Index>(), 0..8_u8);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(512));
    let run = runner.run(&case, |(key, at, plain, other_key, other_at, index, bit)| {
        let sealed = keys.seal(key, at, &plain).unwrap();
        prop_assert_eq!(sealed.len(), plain.len() + 59);
        prop_assert_eq!(keys.open(key, at, &sealed).unwrap(), plain.clone());
        prop_assert_ne!(keys.seal(key, at, &plain).unwrap(), sealed.clone(), "twice the same");

        // The other key exists too, so that it is the seal that says no.
        keys.seal(other_key, at, b"").unwrap();
        let mut flipped = sealed.clone();
        flipped[index.index(sealed.len())] ^= 1 << bit;
        let cut = &sealed[..index.index(sealed.len())];
        let longer = [&sealed[..], &[0]].concat();
        let mut refused = vec![
            keys.open(key, at, &flipped),
            keys.open(key, at, cut),
            keys.open(key, at, &longer),
        ];
        if other_key != key {
            refused.push(keys.open(other_key, at, &sealed));
            // With the name of the other key written over it.
            let mut renamed = sealed.clone();
            renamed[..19].copy_from_slice(&keys.seal(other_key, at, b"").unwrap()[..19]);
            refused.push(keys.open(other_key, at, &renamed));
        }
        if other_at != at {
            refused.push(keys.open(key, other_at, &sealed));
        }
        for opened in refused {
            prop_assert!(matches!(opened, Err(SealError::Damaged)), "{:?}", opened);
        }
        Ok(())
    });
    run.unwrap();
}

#[test]
fn values_outlive_a_rotation_and_a_start() {
    let place = Place::new();
    let r = place.recording();
    let at = At { table: "codes", column: "note", row: Uuid::from_u128(3) };
    let key = FieldKey::Recording(r, KeyClass::Coding);
    let sealed = place.keys.seal(key, at, b"a warm welcome").unwrap();
    place.keys.rotate(&mut |_| Ok(())).unwrap();
    assert_eq!(place.keys.open(key, at, &sealed).unwrap(), b"a warm welcome");
    let (_, vault) = open(&place.config);
    assert_eq!(vault.cipher().open(key, at, &sealed).unwrap(), b"a warm welcome");
}

#[test]
fn a_value_whose_key_is_missing_is_not_called_damaged() {
    let place = Place::new();
    let at = At { table: "codes", column: "note", row: Uuid::nil() };
    let sealed = place.keys.seal(FieldKey::Installation, at, b"x").unwrap();
    let stranger = FieldKey::Person(UserId::from_uuid(Uuid::from_u128(77)));
    assert!(matches!(place.keys.open(stranger, at, &sealed), Err(SealError::Unavailable(_))));
}

/// How long it takes; run with `--ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn measure_fields() {
    let place = Place::new();
    let at = At { table: "codes", column: "note", row: Uuid::from_u128(3) };
    let key = FieldKey::Recording(place.recording(), KeyClass::Coding);
    let sealed = place.keys.seal(key, at, &[7; 200]).unwrap();
    for (name, op) in [
        ("seal", &(|| drop(place.keys.seal(key, at, &[7; 200]).unwrap())) as &dyn Fn()),
        ("open", &|| drop(place.keys.open(key, at, &sealed).unwrap())),
    ] {
        let mut times: Vec<_> = (0..20_000)
            .map(|_| {
                let began = Instant::now();
                op();
                began.elapsed()
            })
            .collect();
        times.sort();
        eprintln!("{name} of 200 bytes: p50 {:?}, p99 {:?}", times[10_000], times[19_800]);
    }
}
