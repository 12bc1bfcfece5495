//! What goes in comes out: whole, in ranges, by several readers, and with another age program.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    iter, thread,
};

use age::{Decryptor, Identity, x25519};
use hearback_access::{ObjectKind, Opens};
use hearback_domain::KeyClass;
use hearback_vault::{KeyBroker as _, VaultError};
use proptest::prelude::*;

use crate::{
    permits,
    place::{Place, noise},
};

const CHUNK: usize = 64 * 1024;

/// Lengths around the borders of chunks, where age's last chunk may be full, short or the only one.
const EDGES: [usize; 9] =
    [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1, 3 * CHUNK];

#[test]
fn what_goes_in_comes_out_at_every_border() {
    let place = Place::new();
    for len in EDGES {
        let sound = noise(len);
        let object = place.sound(&sound);
        assert_eq!(object.bytes, len as u64);
        assert!(place.hear(&object).unwrap() == sound, "{len} bytes");
        place.vault.check(&object).unwrap();

        let mut reader = place.vault.open(&permits::play(object.recording), &object).unwrap();
        assert_eq!((reader.len(), reader.is_empty()), (len as u64, len == 0));
        let mut buf = [0; 10];
        assert_eq!(reader.read_at(len as u64, &mut buf).unwrap(), 0, "the end");
        assert_eq!(reader.read_at(len as u64 + 99_999, &mut buf).unwrap(), 0, "behind the end");
        let tail = reader.seek(SeekFrom::End(-i64::try_from(len.min(10)).unwrap())).unwrap();
        let n = reader.read_at(tail, &mut buf).unwrap();
        assert_eq!(buf[..n], sound[sound.len() - n..], "back from behind the end");
        assert!(
            reader.seek(SeekFrom::Current(-i64::try_from(len).unwrap() - 1)).is_err(),
            "before the start"
        );
    }
}

/// The way out: the key's line and the file, and nothing of ours.
#[test]
fn any_age_program_decrypts_an_object_with_the_key() {
    let place = Place::new();
    let sound = noise(CHUNK + 5);
    let object = place.sound(&sound);
    let key: x25519::Identity =
        place.keys.identity(object.recording, KeyClass::Sound).unwrap().line().parse().unwrap();
    let decryptor = Decryptor::new(File::open(place.file(&object)).unwrap()).unwrap();
    let mut reader = decryptor.decrypt(iter::once(&key as &dyn Identity)).unwrap();
    let mut out = Vec::new();
    reader.read_to_end(&mut out).unwrap();
    assert!(out == sound);
}

#[test]
fn many_readers_at_once_get_their_own_ranges() {
    let place = Place::new();
    let sound = noise(5 * CHUNK + 77);
    let object = place.sound(&sound);
    thread::scope(|scope| {
        for step in 1..=8_usize {
            let (place, sound, object) = (&place, &sound, &object);
            scope.spawn(move || {
                let permit = permits::play(object.recording);
                let mut reader = place.vault.open(&permit, object).unwrap();
                let mut buf = vec![0; 1000 * step];
                for i in 0..60 {
                    let at = (i * step * 7919 * 13) % sound.len();
                    let n = reader.read_at(at as u64, &mut buf).unwrap();
                    assert_eq!(n, buf.len().min(sound.len() - at));
                    assert!(buf[..n] == sound[at..at + n]);
                }
            });
        }
    });
}

/// One entry per way of moving about in an object.
#[derive(Clone, Debug)]
enum Step {
    Read(usize),
    ReadAt(u64, usize),
    Seek(u64),
}

fn steps(len: usize) -> impl Strategy<Value = Vec<Step>> {
    let position = 0..(len as u64 + 70_000);
    let step = prop_oneof![
        (0..150_000_usize).prop_map(Step::Read),
        (position.clone(), 0..150_000_usize).prop_map(|(at, n)| Step::ReadAt(at, n)),
        position.prop_map(Step::Seek),
    ];
    prop::collection::vec(step, 1..12)
}

fn length_and_steps() -> impl Strategy<Value = (usize, Vec<Step>)> {
    prop_oneof![0..400_000_usize, prop::sample::select(EDGES.to_vec())]
        .prop_flat_map(|len| (Just(len), steps(len)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A reader behaves as a cursor over the plaintext does, whatever the order of reads and seeks.
    #[test]
    fn a_reader_is_a_cursor((len, steps) in length_and_steps(), pieces in 1..90_000_usize) {
        let place = Place::new();
        let sound = noise(len);
        let permit = permits::decode(place.recording());
        let mut writer =
            place.vault.add(&permit, ObjectKind::Normalised, place.object_id()).unwrap();
        for piece in sound.chunks(pieces) {
            writer.write_all(piece).unwrap();
        }
        let object = writer.finish().unwrap();
        let mut reader = place.vault.open(&permits::play(object.recording), &object).unwrap();
        let mut cursor = io::Cursor::new(&sound);
        for step in steps {
            let (n, mut got, mut wanted) = match step {
                Step::Read(n) => (n, Vec::new(), Vec::new()),
                Step::ReadAt(at, n) => {
                    let mut got = vec![0; n];
                    let read = reader.read_at(at, &mut got).unwrap();
                    got.truncate(read);
                    cursor.set_position(at);
                    let mut wanted = Vec::new();
                    cursor.by_ref().take(n as u64).read_to_end(&mut wanted).unwrap();
                    prop_assert!(got == wanted);
                    continue;
                }
                Step::Seek(to) => {
                    reader.seek(SeekFrom::Start(to)).unwrap();
                    cursor.set_position(to);
                    continue;
                }
            };
            reader.by_ref().take(n as u64).read_to_end(&mut got).unwrap();
            cursor.by_ref().take(n as u64).read_to_end(&mut wanted).unwrap();
            prop_assert!(got == wanted);
        }
    }
}

#[test]
fn a_permit_opens_its_recording_and_its_kinds_and_nothing_else() {
    let place = Place::new();
    let sound = place.sound(b"sound");
    let r = sound.recording;
    let original = place.store(&permits::upload(r), ObjectKind::Original, b"file").unwrap();
    let text = place.store(&permits::transcribe(r), ObjectKind::Transcript, b"text").unwrap();
    let (one, other) = (place.clip_id(), place.clip_id());
    let clip = place.store(&permits::render(r, one), ObjectKind::Clip(one), b"clip").unwrap();

    assert_eq!(place.read(&permits::decode(r), &original).unwrap(), b"file");
    assert_eq!(place.read(&permits::transcribe(r), &sound).unwrap(), b"sound");
    assert_eq!(place.read(&permits::play_clip(r, one), &clip).unwrap(), b"clip");

    let elsewhere = place.recording();
    let refused: [(&dyn Opens, _); 7] = [
        (&permits::play(elsewhere), sound),
        (&permits::play(r), original),
        (&permits::play(r), text),
        (&permits::play(r), clip),
        (&permits::upload(r), original),
        (&permits::play_clip(r, one), sound),
        (&permits::play_clip(r, other), clip),
    ];
    for (permit, object) in refused {
        assert!(
            matches!(place.vault.open(permit, &object), Err(VaultError::NotPermitted)),
            "{object:?}"
        );
    }
    let refused: [(&dyn Opens, _); 4] = [
        (&permits::play(r), ObjectKind::Normalised),
        (&permits::upload(r), ObjectKind::Normalised),
        (&permits::decode(r), ObjectKind::Original),
        (&permits::render(r, one), ObjectKind::Clip(other)),
    ];
    for (permit, kind) in refused {
        let added = place.vault.add(permit, kind, place.object_id());
        assert!(matches!(added, Err(VaultError::NotPermitted)), "{kind:?}");
    }
    assert!(matches!(place.vault.new_recording(&permits::play(r)), Err(VaultError::NotPermitted)));
}

#[test]
fn an_object_is_written_once() {
    let place = Place::new();
    let object = place.sound(b"first");
    let permit = permits::decode(object.recording);
    let again = place.vault.add(&permit, ObjectKind::Normalised, object.id);
    assert!(matches!(again, Err(VaultError::Io(e)) if e.kind() == io::ErrorKind::AlreadyExists));

    // Two writers that began under the same name: the second to finish gives way.
    let id = place.object_id();
    let mut writers = [(); 2].map(|()| place.vault.add(&permit, ObjectKind::Peaks, id).unwrap());
    for (writer, bytes) in writers.iter_mut().zip([b"one", b"two"]) {
        writer.write_all(bytes).unwrap();
    }
    let [one, two] = writers.map(hearback_vault::ObjectWriter::finish);
    assert!(matches!(two, Err(VaultError::Io(e)) if e.kind() == io::ErrorKind::AlreadyExists));
    assert_eq!(place.hear(&one.unwrap()).unwrap(), b"one");
    assert_eq!(place.hear(&object).unwrap(), b"first");
}
