//! Backups that were changed: by a disk, by a mistake, by somebody.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::place::{Place, copy_tree, files, flip, output};
use crate::{chance::Chance, service::Service};

/// How many, unless the long form is asked for.
const CASES: usize = 105;

/// What is done to a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Spoil {
    Flip,
    Missing,
    Truncated,
    Longer,
    Swapped,
    Edited,
    Another,
    OldKeyring,
    SpoiltKeyring,
    KeyringWithoutOne,
}

const KINDS: [Spoil; 10] = [
    Spoil::Flip,
    Spoil::Missing,
    Spoil::Truncated,
    Spoil::Longer,
    Spoil::Swapped,
    Spoil::Edited,
    Spoil::Another,
    Spoil::OldKeyring,
    Spoil::SpoiltKeyring,
    Spoil::KeyringWithoutOne,
];

/// What is as it should be.
struct Sound {
    set: PathBuf,
    /// Another one of the same installation, from before.
    earlier: PathBuf,
    keyring: PathBuf,
    old_keyring: PathBuf,
}

/// Whatever is changed in a backup, or in the keys it is opened with, is found, each single time; and what was not
/// changed is found sound.
#[test]
fn every_change_is_found() {
    let mut place = Place::new(Service::with_people(&[("wren", "practitioner")]));
    place.with_recordings(&["Robin"]);
    let (earlier, set) = (place.path("earlier"), place.path("set"));
    output(&mut place.create(&earlier)).unwrap();
    let old_keyring = place.copy_of_keyring("old");
    let wren = &place.people[0];
    for name in ["Hazel", "Rowan"] {
        let id = wren.begin_recording_with(name, super::place::USES).unwrap();
        wren.send_file(&id, &super::place::tone(7)).unwrap();
        wren.wait_for(&id, "ready", |s| s["audio_ready"] == true);
    }
    output(&mut place.create(&set)).unwrap();
    let keyring = place.copy_of_keyring("keyring");
    let sound = Sound { set, earlier, keyring, old_keyring };
    place.verify(&sound.set, &sound.keyring, &[]).unwrap();
    place.verify(&sound.earlier, &sound.keyring, &[]).unwrap();

    let mut chance = Chance::from_environment();
    let deep = std::env::var_os("HEARBACK_TEST_DEEP").is_some();
    let cases = if deep { 5 * CASES } else { CASES };
    let mut found: BTreeMap<Spoil, u32> = BTreeMap::new();
    for case in 0..cases {
        // Bits most often: there are the most of them.
        let kind = if case % 3 == 0 { Spoil::Flip } else { KINDS[case % KINDS.len()] };
        let dir = tempfile::tempdir().unwrap();
        let (set, keyring) = (dir.path().join("set"), dir.path().join("keys"));
        copy_tree(&sound.set, &set);
        copy_tree(&sound.keyring, &keyring);
        let what = spoil(kind, &sound, &set, &keyring, &mut chance);
        let refused = place.verify(&set, &keyring, &[]);
        let refused = refused.expect_err(&format!("case {case}, {kind:?}: {what}"));
        assert!(refused.starts_with("78: "), "{kind:?}: {what}: {refused}");
        *found.entry(kind).or_default() += 1;
    }
    assert!(found.len() == KINDS.len(), "{found:?}");
    place.verify(&sound.set, &sound.keyring, &[]).unwrap();
    crate::evidence::add("backup", &[("corruptions_found", json!(cases))]);
}

/// What was done, for whoever reads that it was not found.
fn spoil(kind: Spoil, sound: &Sound, set: &Path, keyring: &Path, chance: &mut Chance) -> String {
    let all = files(set);
    let filled: Vec<_> = all.iter().filter(|f| fs::metadata(f).unwrap().len() > 0).collect();
    let objects: Vec<_> =
        all.iter().filter(|f| f.extension().is_some_and(|e| e == "age")).collect();
    let one = *chance.choose(&filled);
    let len = usize::try_from(fs::metadata(one).unwrap().len()).unwrap();
    match kind {
        Spoil::Flip => {
            let (at, bit) = (chance.below(len), u8::try_from(chance.below(8)).unwrap());
            flip(one, at, bit).unwrap();
            format!("bit {bit} of byte {at} of {}", one.display())
        }
        Spoil::Missing => {
            let one = chance.choose(&all);
            fs::remove_file(one).unwrap();
            one.display().to_string()
        }
        Spoil::Truncated => {
            let bytes = fs::read(one).unwrap();
            fs::write(one, &bytes[..chance.below(len)]).unwrap();
            one.display().to_string()
        }
        Spoil::Longer => {
            let one = chance.choose(&all);
            let mut bytes = fs::read(one).unwrap();
            bytes.push(b'\n');
            fs::write(one, bytes).unwrap();
            one.display().to_string()
        }
        Spoil::Swapped => {
            let (a, b) = loop {
                let (a, b) = (*chance.choose(&objects), *chance.choose(&objects));
                if a != b {
                    break (a, b);
                }
            };
            let (first, second) = (fs::read(a).unwrap(), fs::read(b).unwrap());
            fs::write(a, second).unwrap();
            fs::write(b, first).unwrap();
            format!("{} and {}", a.display(), b.display())
        }
        Spoil::Edited => edit(&set.join("manifest.json"), chance),
        Spoil::Another => {
            // A file that does not belong there, or one of an earlier set: sound in itself.
            let name =
                *chance.choose(&["database.sqlite", "manifest.json", "manifest.json.sig", "more"]);
            let from = sound.earlier.join(name);
            let from = if from.exists() { from } else { sound.earlier.join("manifest.json") };
            fs::copy(from, set.join(name)).unwrap();
            name.to_owned()
        }
        Spoil::OldKeyring => {
            fs::remove_dir_all(keyring).unwrap();
            copy_tree(&sound.old_keyring, keyring);
            String::new()
        }
        Spoil::SpoiltKeyring | Spoil::KeyringWithoutOne => {
            let used = |name: &str| !name.ends_with("copied") && !name.contains(".installation");
            let keys: Vec<_> =
                files(keyring).into_iter().filter(|f| used(f.to_str().unwrap())).collect();
            let one = chance.choose(&keys);
            if kind == Spoil::KeyringWithoutOne {
                fs::remove_file(one).unwrap();
            } else {
                let len = usize::try_from(fs::metadata(one).unwrap().len()).unwrap();
                flip(one, chance.below(len), u8::try_from(chance.below(8)).unwrap()).unwrap();
            }
            one.display().to_string()
        }
    }
}

/// One value of the manifest is another one, and the manifest is sound JSON.
fn edit(manifest: &Path, chance: &mut Chance) -> String {
    let mut value: Value = serde_json::from_slice(&fs::read(manifest).unwrap()).unwrap();
    let keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
    let key = chance.choose(&keys).clone();
    let other = match &value[&key] {
        Value::Number(n) => json!(n.as_u64().unwrap() + 1),
        Value::String(s) => json!(format!("{s}x")),
        Value::Array(list) if !list.is_empty() => json!(list[1..].to_vec()),
        Value::Array(_) => json!([uuid::Uuid::from_u128(1)]),
        _ => {
            let mut inner = value[&key].clone();
            let length = inner["length"].as_u64().or(inner["entries"].as_u64()).unwrap();
            let name = if inner["length"].is_u64() { "length" } else { "entries" };
            inner[name] = json!(length + 1);
            inner
        }
    };
    value[&key] = other;
    fs::write(manifest, serde_json::to_vec_pretty(&value).unwrap()).unwrap();
    key
}
