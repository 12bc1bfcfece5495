//! Whatever happens to the files, nobody gets wrong bytes.

use std::{fs, io::Read as _};

use hearback_access::ObjectKind;
use hearback_vault::{StoredObject, VaultError};

use crate::{
    permits,
    place::{Place, noise},
};

const CHUNK: usize = 64 * 1024;
const SEALED: usize = CHUNK + 16;

/// Reads as far as it goes: what came out, and how it ended.
fn hear(place: &Place, object: &StoredObject) -> (Vec<u8>, Result<(), VaultError>) {
    let mut heard = Vec::new();
    let ended = place
        .vault
        .open(&permits::play(object.recording), object)
        .and_then(|mut reader| Ok(reader.read_to_end(&mut heard).map(|_| ())?));
    (heard, ended)
}

fn assert_damaged(place: &Place, object: &StoredObject, sound: &[u8], what: &str) {
    let (heard, ended) = hear(place, object);
    assert!(matches!(ended, Err(VaultError::Damaged(id)) if id == object.id), "{what}: {ended:?}");
    assert!(sound.starts_with(&heard), "{what}: wrong bytes came out");
    assert!(matches!(place.vault.check(object), Err(VaultError::Damaged(_))), "{what}");
}

/// Where the header and the payload's nonce end.
fn payload_start(file: &[u8], plaintext: usize) -> usize {
    file.len() - plaintext - 16 * plaintext.div_ceil(CHUNK).max(1)
}

#[test]
fn a_flipped_bit_is_an_error_wherever_it_is() {
    let place = Place::new();
    let sound = noise(2 * CHUNK + 1000);
    let object = place.sound(&sound);
    let path = place.file(&object);
    let good = fs::read(&path).unwrap();
    let start = payload_start(&good, sound.len());
    assert!(good[..start - 16].ends_with(b"\n"), "the header ends with a line");

    // Every byte of the header and the nonce; in the payload, beginning, middle, end and tag of each chunk.
    let mut places: Vec<usize> = (0..start).collect();
    for chunk in 0..3 {
        let (from, to) = (start + chunk * SEALED, (start + (chunk + 1) * SEALED).min(good.len()));
        places.extend([from, usize::midpoint(from, to), to - 17, to - 16, to - 1]);
    }
    for at in places {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        fs::write(&path, &bad).unwrap();
        assert_damaged(&place, &object, &sound, &format!("bit flipped at {at}"));
    }
    fs::write(&path, &good).unwrap();
    assert!(place.hear(&object).unwrap() == sound);
}

#[test]
fn a_cut_or_longer_file_is_found_when_it_is_opened() {
    let place = Place::new();
    for len in [0, 1000, CHUNK, 3 * CHUNK, 2 * CHUNK + 1000] {
        let sound = noise(len);
        let object = place.sound(&sound);
        let path = place.file(&object);
        let good = fs::read(&path).unwrap();
        let start = payload_start(&good, len);
        let borders = (0..=4).map(|i| start + i * SEALED);
        let around = borders.flat_map(|b| [b - 1, b, b + 1, b + 16]);
        for to in [0, 1, 20, start - 16, good.len() - 1].into_iter().chain(around) {
            if to >= good.len() {
                continue;
            }
            fs::write(&path, &good[..to]).unwrap();
            let opened = place.vault.open(&permits::play(object.recording), &object);
            assert!(matches!(opened, Err(VaultError::Damaged(_))), "{len} bytes cut to {to}");
        }
        for more in [1, 16, SEALED] {
            let mut longer = good.clone();
            longer.extend(noise(more));
            fs::write(&path, &longer).unwrap();
            let opened = place.vault.open(&permits::play(object.recording), &object);
            assert!(matches!(opened, Err(VaultError::Damaged(_))), "{len} bytes and {more} more");
        }
    }
}

#[test]
fn chunks_that_changed_places_are_an_error() {
    let place = Place::new();
    let sound = noise(3 * CHUNK + 5);
    let object = place.sound(&sound);
    let path = place.file(&object);
    let good = fs::read(&path).unwrap();
    let start = payload_start(&good, sound.len());
    let mut swapped = good.clone();
    swapped[start..start + SEALED].copy_from_slice(&good[start + SEALED..start + 2 * SEALED]);
    swapped[start + SEALED..start + 2 * SEALED].copy_from_slice(&good[start..start + SEALED]);
    fs::write(&path, &swapped).unwrap();
    assert_damaged(&place, &object, &sound, "chunks 0 and 1 exchanged");
    let mut missing = good[..start].to_vec();
    missing.extend_from_slice(&good[start + SEALED..]);
    fs::write(&path, &missing).unwrap();
    assert_damaged(&place, &object, &sound, "chunk 0 taken out");
}

/// Of the same length, so that nothing but the seal can tell them apart.
#[test]
fn exchanged_objects_are_an_error() {
    let place = Place::new();
    let mine = place.sound(b"what Robin said");
    let permit = permits::decode(mine.recording);
    let newer = place.store(&permit, ObjectKind::Normalised, b"what Alice said").unwrap();
    let peaks = place.store(&permit, ObjectKind::Peaks, b"peaks, peaks...").unwrap();
    let theirs = place.sound(b"another family.");
    let good = fs::read(place.file(&mine)).unwrap();
    for other in [&theirs, &newer, &peaks] {
        fs::copy(place.file(other), place.file(&mine)).unwrap();
        assert_damaged(&place, &mine, b"", &format!("{other:?} in its place"));
    }
    fs::write(place.file(&mine), &good).unwrap();
    place.hear(&mine).unwrap();

    // A row that was made to say something else of the same file.
    let renamed = StoredObject { kind: ObjectKind::Peaks, ..mine };
    let shorter = StoredObject { bytes: mine.bytes - 1, ..mine };
    for row in [renamed, shorter] {
        assert!(matches!(place.hear(&row), Err(VaultError::Damaged(_))), "{row:?}");
    }
}

#[test]
fn a_missing_or_foreign_file_is_an_error() {
    let place = Place::new();
    let object = place.sound(b"sound");
    let path = place.file(&object);
    let long_line = {
        let mut file = b"age-encryption.org/".to_vec();
        file.resize(1 << 20, b'x');
        file
    };
    for foreign in [&b""[..], b"RIFF", &[0; 9999], &long_line] {
        fs::write(&path, foreign).unwrap();
        assert_damaged(&place, &object, b"", "a foreign file");
    }
    fs::remove_file(&path).unwrap();
    assert_damaged(&place, &object, b"", "a missing file");
}

/// After the first error a reader gives nothing, not even from chunks that are sound.
#[test]
fn a_reader_that_met_damage_stays_shut() {
    let place = Place::new();
    let sound = noise(3 * CHUNK);
    let object = place.sound(&sound);
    let path = place.file(&object);
    let mut file = fs::read(&path).unwrap();
    let start = payload_start(&file, sound.len());
    file[start + SEALED + 9] ^= 1;
    fs::write(&path, &file).unwrap();

    let mut reader = place.vault.open(&permits::play(object.recording), &object).unwrap();
    let mut buf = vec![0; 100];
    assert_eq!(reader.read_at(0, &mut buf).unwrap(), 100);
    assert!(buf == sound[..100]);
    for at in [CHUNK, 0, 2 * CHUNK] {
        let error = VaultError::from(reader.read_at(at as u64, &mut buf).unwrap_err());
        assert!(matches!(error, VaultError::Damaged(_)), "{error:?}");
    }
}
