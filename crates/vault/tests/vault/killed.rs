//! Processes that end halfway, and the sweep after them.

use std::{
    env, fs,
    io::Write as _,
    path::PathBuf,
    process::{Command, abort},
    time::Duration,
};

use hearback_access::ObjectKind;
use hearback_domain::{IdSource as _, KeyClass, ObjectId, RecordingId, SeededIds, Timestamp};
use hearback_vault::Swept;

use crate::{
    permits,
    place::{Place, config, noise, open},
};

const HOUR: Duration = Duration::from_hours(1);
/// Long after any file of these tests was made, and long before.
const LATER: Timestamp = Timestamp::from_micros(i64::MAX / 2);
const EARLIER: Timestamp = Timestamp::from_micros(0);

/// What the process that is going to be killed gets to know.
const CHILD: &str = "HEARBACK_VAULT_TEST_CHILD";

#[test]
fn a_dropped_writer_leaves_nothing() {
    let place = Place::new();
    let r = place.recording();
    let mut writer =
        place.vault.add(&permits::decode(r), ObjectKind::Normalised, place.object_id()).unwrap();
    writer.write_all(&noise(200_000)).unwrap();
    assert_eq!(place.names(r).len(), 1, "its temporary file");
    drop(writer);
    assert!(place.names(r).is_empty());
}

/// Run by the next test in a process of its own, which ends in the middle of writing.
#[test]
fn the_process_that_is_killed() {
    let Ok(dir) = env::var(CHILD) else { return };
    let dir = PathBuf::from(dir);
    let (_, vault) = open(&config(&dir));
    let recording: RecordingId =
        fs::read_to_string(dir.join("recording")).unwrap().parse().unwrap();
    let id = ObjectId::from_uuid(SeededIds::default().next());
    let mut writer = vault.add(&permits::decode(recording), ObjectKind::Normalised, id).unwrap();
    writer.write_all(&noise(300_000)).unwrap();
    abort();
}

#[test]
fn a_killed_writer_leaves_nothing_to_see_and_the_sweep_clears_up() {
    let place = Place::new();
    let kept = place.sound(b"kept");
    let r = kept.recording;
    let dir = place.config.data.parent().unwrap();
    fs::write(dir.join("recording"), r.to_string()).unwrap();
    let ended = Command::new(env::current_exe().unwrap())
        .args(["--exact", "killed::the_process_that_is_killed"])
        .env(CHILD, dir)
        .output()
        .unwrap();
    assert!(!ended.status.success(), "it was killed");
    let left: Vec<_> = place.names(r).into_iter().filter(|n| n.starts_with('.')).collect();
    assert!(left.len() == 1 && place.names(r).len() == 2, "one temporary file: {left:?}");
    let size = fs::metadata(place.class_dir(r, KeyClass::Sound).join(&left[0])).unwrap().len();
    assert!(size > 100_000, "it was killed halfway");

    let all = |_| true;
    assert_eq!(place.vault.sweep(&all, EARLIER, HOUR).unwrap(), Swept::default(), "too young");
    assert_eq!(
        place.vault.sweep(&all, LATER, HOUR).unwrap(),
        Swept { temporary: 1, bytes: size, objects: 0 }
    );
    assert_eq!(place.names(r), [format!("{}.age", kept.id)]);
}

#[test]
fn the_sweep_takes_what_nothing_refers_to_and_nothing_else() {
    let place = Place::new();
    let (kept, orphan) = (place.sound(b"kept"), place.sound(b"orphan"));
    let orphan_size = fs::metadata(place.file(&orphan)).unwrap().len();
    let r = kept.recording;
    let mut writer =
        place.vault.add(&permits::decode(r), ObjectKind::Peaks, place.object_id()).unwrap();
    writer.write_all(b"peaks").unwrap();
    let foreign = [
        place.dir(r).join("notes.txt"),
        place.class_dir(r, KeyClass::Sound).join("notes.txt"),
        place.class_dir(r, KeyClass::Sound).join(format!("{}.age", orphan.id.as_uuid().simple())),
        place.config.data.join("objects").join("lost+found"),
    ];
    for path in &foreign {
        fs::write(path, "not ours").unwrap();
    }

    let referenced = |id| id == kept.id;
    assert_eq!(place.vault.sweep(&referenced, EARLIER, HOUR).unwrap(), Swept::default());
    assert_eq!(
        place.vault.sweep(&referenced, LATER, HOUR).unwrap(),
        Swept { objects: 1, bytes: orphan_size, temporary: 0 }
    );
    assert!(!place.file(&orphan).exists());
    assert!(foreign.iter().all(|path| path.exists()));
    assert_eq!(place.hear(&kept).unwrap(), b"kept");
    // Whoever was still writing is not disturbed.
    let peaks = writer.finish().unwrap();
    assert_eq!(place.hear(&peaks).unwrap(), b"peaks");
}
