//! The encoder's file: fetched, carried in, and everything that it is not.

use std::{fs, path::Path};

use hearback_speech::{Manifest, ModelError, ModelState, ModelStore, Voices, VoicesError};

use super::models;

#[test]
fn the_model_is_the_one_of_the_manifest() {
    let path = models::file("voices-resemblyzer.safetensors");
    let folder = path.parent().unwrap().to_owned();
    let store = ModelStore::new(folder, Manifest::built_in().unwrap());
    store.verify("resemblyzer").unwrap();
}

#[test]
fn a_carried_in_encoder_of_the_same_kind_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("models");
    let store = ModelStore::new(inside.clone(), Manifest::built_in().unwrap());
    let whole = fs::read(models::file("voices-resemblyzer.safetensors")).unwrap();
    let carried = folder.path().join("whatever");
    fs::write(&carried, &whole).unwrap();
    assert_eq!(store.add(&carried, None).unwrap().name, "resemblyzer");
    // One number differs: another model.
    let mut other = whole;
    let last = other.len() - 3;
    other[last] ^= 1;
    fs::write(&carried, &other).unwrap();
    assert!(matches!(store.add(&carried, None), Err(ModelError::NameNeeded { .. })));
    store.add(&carried, Some("ours")).unwrap();
    let path = store.verify("ours").unwrap();
    assert_eq!(path, inside.join("voices-ours.safetensors"));
    assert_eq!(Voices::load(&path).unwrap().model(), "ours");
    let listed = store.list().unwrap();
    assert_eq!(
        (&*listed[listed.len() - 1].name, listed[listed.len() - 1].state),
        ("ours", ModelState::Ready)
    );
}

#[test]
fn whatever_is_no_voice_encoder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("voices-broken.safetensors");
    let whole = fs::read(models::file("voices-resemblyzer.safetensors")).unwrap();
    let refused = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        matches!(Voices::load(&path), Err(VoicesError::Model { .. }))
    };
    for end in (0..1_600).step_by(37).chain((1_600..whole.len()).step_by(500_009)) {
        assert!(refused(&whole[..end]), "cut at {end}");
    }
    assert!(refused(&[&whole[..], b"more"].concat()));
    assert!(refused(&vec![0; 20 << 20]));
    // A header that promises more than memory could hold.
    assert!(refused(&[&u64::MAX.to_le_bytes()[..], &whole[8..]].concat()));
    let text = String::from_utf8_lossy(&whole[..1_500]).into_owned();
    for (from, to) in [("F32", "F16"), ("linear.bias", "linear.bios"), ("[256,256]", "[128,512]")] {
        assert!(text.contains(from), "{from}");
        let at = whole.windows(from.len()).position(|w| w == from.as_bytes()).unwrap();
        let mut changed = whole.clone();
        changed[at..at + to.len()].copy_from_slice(to.as_bytes());
        assert!(refused(&changed), "{from} as {to}");
    }
    let mut not_a_number = whole.clone();
    let last = not_a_number.len() - 4;
    not_a_number[last..].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(refused(&not_a_number));
    assert!(matches!(Voices::load(Path::new("/nowhere")), Err(VoicesError::Model { .. })));
}
