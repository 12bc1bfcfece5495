//! A recording that was withdrawn does not come back out of a backup from before.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use hearback_access::{ObjectKind, StoredObject};
use hearback_domain::{ObjectId, RecordingId};
use hearback_vault::{FileKeys, KeyConfig, RootSource, StoredAt as _, Vault, VaultError};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use super::place::{self, Place, copy_tree, files, output};
use crate::service::{Person, Service};

/// What nobody must find: what the young person is called.
const CANARY: &str = "Quillwort";

/// Takes everything back, in the name of the practitioner.
fn withdraw(place: &Place, wren: &Person, id: &str) {
    let recording: Uuid = id.parse().unwrap();
    let person: Uuid = place::ask(&place.service.database(), async |pool| {
        let sql = "select person from parties where recording = $1 and kind = 'practitioner'";
        sqlx::query_scalar(sql).bind(recording).fetch_one(pool).await.unwrap()
    });
    let path = format!("/recordings/{id}/people/{person}/withdraw");
    let kind = "application/x-www-form-urlencoded";
    let (status, body) = wren.send("POST", &path, kind, b"purpose=record&confirm=yes").unwrap();
    assert_eq!(status, 303, "{}", String::from_utf8_lossy(&body));
    let deadline = Instant::now() + Duration::from_mins(1);
    while rows_about(&place.service.database(), recording) > 0 {
        assert!(Instant::now() < deadline, "it is still there\n{}", place.service.log());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Rows about a recording in every table but those whose purpose is to remember that it is gone.
fn rows_about(database: &Path, id: Uuid) -> i64 {
    const REMEMBERED: &[&str] =
        &["audit", "withdrawals", "erasures", "tombstones", "jobs", "erased_classes"];
    place::ask(database, async |pool| {
        let sql = "select m.name from sqlite_master m join pragma_table_info(m.name) c
                   where m.type = 'table' and c.name = 'recording'";
        let tables: Vec<String> = sqlx::query_scalar(sql).fetch_all(pool).await.unwrap();
        assert!(tables.len() > 8, "{tables:?}");
        let mut rows: i64 = 0;
        for table in tables.iter().filter(|table| !REMEMBERED.contains(&table.as_str())) {
            let sql = format!("select count(*) from {table} where recording = $1");
            let query = sqlx::query(AssertSqlSafe(sql)).bind(id);
            rows += query.fetch_one(pool).await.unwrap().get::<i64, _>(0);
        }
        let sql = "select count(*) from recordings where id = $1";
        rows + sqlx::query_scalar::<_, i64>(sql).bind(id).fetch_one(pool).await.unwrap()
    })
}

/// The objects of one recording in a set.
fn objects_of(set: &Path, recording: &str) -> Vec<StoredObject> {
    let manifest: Value =
        serde_json::from_slice(&fs::read(set.join("manifest.json")).unwrap()).unwrap();
    let all = manifest["objects"].as_array().unwrap();
    let ours = all.iter().filter(|object| object["recording"] == recording);
    let objects: Vec<_> = ours
        .map(|object| {
            let uuid = |name: &str| object[name].as_str().unwrap().parse::<Uuid>().unwrap();
            StoredObject {
                id: ObjectId::from_uuid(uuid("id")),
                recording: RecordingId::from_uuid(uuid("recording")),
                kind: ObjectKind::parse(object["kind"].as_str().unwrap(), None).unwrap(),
                bytes: object["bytes"].as_u64().unwrap(),
                sha256: [0; 32],
            }
        })
        .collect();
    assert!(objects.len() >= 3, "{objects:?}");
    objects
}

/// Puts the recording's files back where they were, and tries to open each with the keys that are there.
fn open_with(home: &Path, set: &Path, objects: &[StoredObject], key_file: &Path) -> Vec<bool> {
    for object in objects {
        let to = home.join(object.stored_at());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(set.join(object.stored_at()), to).unwrap();
    }
    let keys = FileKeys::open(&KeyConfig {
        root: RootSource::File(key_file.to_owned()),
        keyring: home.join("keys"),
        data: home.to_owned(),
        accept_colocated: true,
        recordings_exist: true,
    });
    let vault = Vault::new(home, std::sync::Arc::new(keys.unwrap())).unwrap();
    objects
        .iter()
        .map(|object| match vault.prove(object) {
            Ok(()) => true,
            Err(VaultError::Gone) => false,
            Err(other) => panic!("{other:?}"),
        })
        .collect()
}

/// The service runs on what was restored; nothing of the recording can be had, and the other one is there.
fn gone(place: &Place, name: &str, set: &Path, (id, kept): (&str, &str)) {
    let home = place.path(name).join("data");
    let recording: Uuid = id.parse().unwrap();
    assert_eq!(rows_about(&home.join("hearback.db"), recording), 0, "before it serves");
    assert!(!home.join("objects").join(id).exists());
    let mut again = place.open(name, None);
    again.start(&[]);
    let wren = Person::sign_in(&again, "wren");
    let (status, home_page) = wren.get("/").unwrap();
    assert!(status == 200 && !String::from_utf8_lossy(&home_page).contains(CANARY));
    for path in ["", "/audio", "/listen", "/status", "/transcript", "/peaks.dat"] {
        assert_eq!(wren.get(&format!("/recordings/{id}{path}")).unwrap().0, 404, "{path}");
    }
    assert_eq!(wren.json(&format!("/recordings/{kept}/status"))["audio_ready"], true);
    again.stop();
    assert!(!again.log().contains(CANARY));
    let data = again.dir.path().join("data");
    assert_eq!(rows_about(&data.join("hearback.db"), recording), 0);
    let needle = CANARY.as_bytes();
    for file in files(&data) {
        let bytes = fs::read(&file).unwrap();
        assert!(!bytes.windows(needle.len()).any(|w| w == needle), "{}", file.display());
    }
    let objects = objects_of(set, id);
    let key = again.dir.path().join("key/master.key");
    assert!(open_with(&data, set, &objects, &key).iter().all(|opens| !opens));
}

/// Withdrawn after the backup: neither today's keyring, nor a copy of it from before with today's ledger, nor a later
/// set's ledger brings it back.
#[test]
fn what_was_withdrawn_stays_gone_whatever_is_restored() {
    let mut place = Place::new(Service::with_people(&[("wren", "practitioner")]));
    let ids = place.with_recordings(&[CANARY, "Hazel"]);
    let both = (ids[0].as_str(), ids[1].as_str());
    let (set, later) = (place.path("set"), place.path("later"));
    output(&mut place.create(&set)).unwrap();
    let week_old = place.copy_of_keyring("copies");
    let wren = place.people.remove(0);
    withdraw(&place, &wren, both.0);
    output(&mut place.create(&later)).unwrap();
    place.service.stop();

    // The scan is worth something: with the keys from before and no ledger, it would come back. That is the horizon.
    let probe = place.path("probe");
    fs::create_dir_all(&probe).unwrap();
    copy_tree(&week_old, &probe.join("keys"));
    fs::remove_file(probe.join("keys/copied")).unwrap();
    let key = place.path("key/master.key");
    let objects = objects_of(&set, both.0);
    assert!(open_with(&probe, &set, &objects, &key).iter().all(|opens| *opens));

    place.restore(&set, &place.live_keyring(), "today", &[]).unwrap();
    gone(&place, "today", &set, both);

    let refused = place.restore(&set, &week_old, "old", &[]).unwrap_err();
    assert!(refused.starts_with("78: ") && refused.contains("--ledger"), "{refused}");
    assert!(!place.path("old/data").exists());
    let ledger = place.live_keyring().join("erasures.log");
    let ledger = ["--ledger", ledger.to_str().unwrap()];
    place.restore(&set, &week_old, "old", &ledger).unwrap();
    gone(&place, "old", &set, both);

    // A set from after brings its own ledger, also to a keyring from before.
    place.restore(&later, &week_old, "later", &["--ledger-is-lost"]).unwrap();
    gone(&place, "later", &set, both);

    // A week later, the copy of the keys is gone, and with it the last that could have opened it.
    let today = week_old.file_name().unwrap().to_str().unwrap().to_owned();
    let aged = week_old.with_file_name(place::days_ago(&today, 7));
    fs::rename(&week_old, &aged).unwrap();
    place.copy_of_keyring("copies");
    assert!(!aged.exists());
    crate::evidence::add("backup", &[("restores_of_what_was_withdrawn", json!(3))]);
}
