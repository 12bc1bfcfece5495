//! `hearback audit`, as an operator and a data protection officer use it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use serde_json::Value;

use crate::service::{Person, Service};

fn said(output: &Output) -> (Option<i32>, String) {
    let text = [&output.stdout[..], &output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

struct Operator {
    service: Service,
    dir: PathBuf,
}

impl Operator {
    fn new() -> Self {
        let service = Service::with_people(&[("wren", "practitioner"), ("rook", "researcher")]);
        let dir = service.dir.path().join("kept");
        Self { service, dir }
    }

    fn run(&self, args: &[&str]) -> (Option<i32>, String) {
        said(&self.service.command(args).output().unwrap())
    }

    /// Seals the log; the public key.
    fn seal(&self) -> String {
        let (code, text) =
            self.run(&["audit", "checkpoint", "--checkpoints", self.dir.to_str().unwrap()]);
        assert_eq!(code, Some(0), "{text}");
        text.trim().rsplit(' ').next().unwrap().to_owned()
    }

    fn verify(&self, place: &Path, key: &str) -> (Option<i32>, String) {
        let place = place.to_str().unwrap();
        self.run(&["audit", "verify", "--checkpoint", place, "--public-key", key])
    }

    fn file(&self) -> PathBuf {
        self.dir.join("audit.checkpoints")
    }

    fn sql(&self, statements: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let options =
                sqlx::sqlite::SqliteConnectOptions::new().filename(self.service.database());
            let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
            let triggers: Vec<(String,)> =
                sqlx::query_as("select name from sqlite_master where type = 'trigger'")
                    .fetch_all(&pool)
                    .await
                    .unwrap();
            for (name,) in triggers {
                let drop = sqlx::AssertSqlSafe(format!("drop trigger \"{name}\""));
                sqlx::query(drop).execute(&pool).await.unwrap();
            }
            let sql = sqlx::AssertSqlSafe(statements.to_owned());
            sqlx::raw_sql(sql).execute(&pool).await.unwrap();
            pool.close().await;
        });
    }
}

#[test]
fn a_log_is_compared_with_what_was_kept_elsewhere() {
    let operator = Operator::new();
    let key = operator.seal();
    let (code, text) = operator.verify(&operator.dir, &key);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.starts_with("2 entries") && text.contains("They fit 1 checkpoints. 0"), "{text}");
    // A second seal goes behind the first, in the same file.
    operator.seal();
    let (code, text) = operator.verify(&operator.file(), &key);
    assert_eq!((code, text.contains("They fit 2 checkpoints")), (Some(0), true), "{text}");

    // What an operator may get wrong.
    let (code, text) =
        operator.run(&["audit", "verify", "--checkpoint", operator.dir.to_str().unwrap()]);
    assert_eq!((code, text.contains("--public-key")), (Some(3), true), "{text}");
    assert_eq!(operator.verify(&operator.dir, "abc").0, Some(3));
    let empty = operator.service.dir.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let (code, text) = operator.verify(&empty, &key);
    assert_eq!((code, text.contains("There is no checkpoint")), (Some(3), true), "{text}");

    // Somebody else's key, and a file that was changed.
    let kept = fs::read_to_string(operator.file()).unwrap();
    let other = Operator::new().seal();
    let (code, text) = operator.verify(&operator.dir, &other);
    assert_eq!((code, text.contains("forged checkpoint")), (Some(4), true), "{text}");
    fs::write(operator.file(), kept.replacen("\n2\n", "\n1\n", 1)).unwrap();
    let (code, text) = operator.verify(&operator.dir, &key);
    assert_eq!((code, text.contains("forged checkpoint")), (Some(4), true), "{text}");
    // A power cut in the middle of the second: the first still holds.
    fs::write(operator.file(), &kept[..kept.len() - 40]).unwrap();
    let (code, text) = operator.verify(&operator.dir, &key);
    assert_eq!((code, text.contains("They fit 1 checkpoints")), (Some(0), true), "{text}");
    operator.seal();
    let (code, text) = operator.verify(&operator.dir, &key);
    assert_eq!((code, text.contains("They fit 2 checkpoints")), (Some(0), true), "{text}");

    for (sql, class) in [
        ("update audit set hat = 'coach' where seq = 1", "changed entry: entry 1"),
        (
            "update audit set hat = 'sysadmin'; delete from audit where seq = 1",
            "missing entry: entry 1",
        ),
        ("delete from audit", "wiped"),
    ] {
        operator.sql(sql);
        let (code, text) = operator.verify(&operator.dir, &key);
        assert_eq!((code, text.contains(class)), (Some(4), true), "{sql}: {text}");
        assert_eq!(text.trim().lines().count(), 1, "one sentence: {text}");
        assert_eq!(operator.run(&["audit", "verify"]).0, Some(4), "without the checkpoints too");
    }
    // Head and all: only what was kept elsewhere tells, and the service seals it no more.
    operator.sql("update audit_head set seq = 0, link = zeroblob(32), frontier = x''");
    let (code, text) = operator.run(&["audit", "verify"]);
    assert_eq!((code, text.contains("no checkpoint")), (Some(0), true), "{text}");
    let (code, text) = operator.verify(&operator.dir, &key);
    assert_eq!((code, text.contains("wiped")), (Some(4), true), "{text}");
    let (code, text) =
        operator.run(&["audit", "checkpoint", "--checkpoints", operator.dir.to_str().unwrap()]);
    assert_eq!((code, text.contains("wiped")), (Some(4), true), "{text}");

    fs::write(operator.service.database(), b"this is no database at all, whatever it says")
        .unwrap();
    let (code, _) = operator.verify(&operator.dir, &key);
    assert!(matches!(code, Some(1 | 3)), "{code:?}");
}

/// Checkpoints that the database remembers are gone, or older ones lie in their place: nothing is sealed as if it were
/// for the first time until somebody says that they know.
#[test]
fn checkpoints_that_were_taken_away_are_missed() {
    let mut operator = Operator::new();
    let key = operator.seal();
    let dir = operator.dir.to_str().unwrap().to_owned();
    let seal = |operator: &Operator, more: &[&str]| {
        operator.run(&[&["audit", "checkpoint", "--checkpoints", &dir], more].concat())
    };
    let older = fs::read(operator.file()).unwrap();
    fs::remove_file(operator.file()).unwrap();
    let (code, text) = seal(&operator, &[]);
    assert_eq!((code, text.contains("sealed up to entry 2")), (Some(4), true), "{text}");
    assert_eq!(text.trim().lines().count(), 1, "one sentence: {text}");
    let (code, text) = operator.run(&["audit", "verify"]);
    assert_eq!((code, text.contains("sealed up to entry 2; no check")), (Some(0), true), "{text}");
    let (_, text) = operator.run(&["audit", "verify", "--json"]);
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&found["sealed"], &found["checkpoints_missing"]), (&2.into(), &true.into()));

    // The service serves, and seals nothing either.
    operator.service.start(&["--no-worker", "--checkpoints", &dir]);
    Person::sign_in(&operator.service, "wren").begin_recording("Robin").unwrap();
    operator.service.stop();
    assert!(!operator.file().exists());

    // They are found again.
    fs::write(operator.file(), &older).unwrap();
    let (code, text) = seal(&operator, &[]);
    assert_eq!(code, Some(0), "{text}");
    // Somebody puts the older ones in the place of the newer.
    fs::write(operator.file(), &older).unwrap();
    let (code, text) = seal(&operator, &[]);
    assert_eq!((code, text.contains("end at entry 2")), (Some(4), true), "{text}");
    let (code, text) = operator.verify(&operator.dir, &key);
    assert_eq!((code, text.contains("goes that far")), (Some(0), true), "{text}");
    // Somebody knows how they were lost.
    let (code, text) = seal(&operator, &["--checkpoints-are-lost"]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = operator.verify(&operator.dir, &key);
    assert_eq!((code, text.contains("goes that far")), (Some(0), false), "{text}");
    assert_eq!(seal(&operator, &[]).0, Some(0));
}

#[test]
fn a_running_service_seals_its_log() {
    let mut operator = Operator::new();
    let key = operator.seal();
    operator.service.start(&["--no-worker", "--checkpoints", operator.dir.to_str().unwrap()]);
    let wren = Person::sign_in(&operator.service, "wren");
    wren.begin_recording("Robin").unwrap();
    operator.service.stop();
    let (code, text) = operator.verify(&operator.dir, &key);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains(" 0 entries are newer"), "sealed as it ended: {text}");

    let (code, csv) = operator.run(&["audit", "export"]);
    assert_eq!(code, Some(0), "{csv}");
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines[0].split(',').count(), 10);
    assert!(lines.iter().all(|line| line.split(',').count() == 10), "{csv}");
    assert!(!csv.contains("Robin") && !csv.contains("wren"), "ids and known words only");
    let (_, jsonl) = operator.run(&["audit", "export", "--format", "jsonl"]);
    let all: Vec<Value> = jsonl.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(all.len(), lines.len() - 1);
    assert_eq!(all[0]["seq"], 1);
}
