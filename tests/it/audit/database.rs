//! Real databases, and somebody who writes to them past the service and its rules.

use std::fmt::Write as _;

use hearback_access::audit::{
    AuditSeq, CLOCK_TOLERANCE_SECONDS, Checkpoint, Entry, Head, Tampering, Verifier,
};
use hearback_storage::{Store, verify_log};
use serde_json::json;
use uuid::Uuid;

use super::{Log, class, random};
use crate::{chance::Chance, direct::Direct, support::Temporary};

async fn verify(store: &dyn Store, known: &[Checkpoint]) -> Result<u64, Tampering> {
    let verifier = Verifier::new(known.to_vec(), CLOCK_TOLERANCE_SECONDS);
    let found = verify_log(store, verifier, AuditSeq(0)).await.unwrap();
    found.map(|verified| verified.head.seq.0)
}

/// Writes a log through the service's own door.
async fn written(store: &dyn Store, chance: &mut Chance, length: usize) -> Log {
    let mut log = Log::random(chance, 0);
    for _ in 0..length {
        log.at = log.at.plus_seconds(3);
        let mut new = random(chance, log.at);
        // Somebody, somewhere: where there is nothing to take away, taking it away changes nothing.
        while new.actor.is_none() || new.recording.is_none() {
            new = random(chance, log.at);
        }
        log.push(&new);
        let mut work = store.begin().await.unwrap();
        work.append_audit(&new).await.unwrap();
        work.commit().await.unwrap();
    }
    log
}

fn row(database: &Direct, entry: &Entry) -> String {
    let id = |id: Option<Uuid>| id.map_or("null".to_owned(), |id| database.id(id));
    format!(
        "({}, {}, {}, '{}', '{}', '{}', {}, {}, '{}', {})",
        entry.seq.0,
        entry.at.as_micros(),
        id(entry.actor),
        entry.hat,
        entry.action,
        entry.object_kind,
        id(entry.object),
        id(entry.recording),
        entry.decision,
        database.bytes(&entry.link.0)
    )
}

/// Puts these entries and this head in the place of what is there.
async fn put(database: &Direct, entries: &[Entry], head: &Head) {
    let mut sql = "delete from audit;\n".to_owned();
    for entry in entries {
        writeln!(sql, "insert into audit values {};", row(database, entry)).unwrap();
    }
    write!(
        sql,
        "update audit_head set seq = {}, link = {}, frontier = {};",
        head.seq.0,
        database.bytes(&head.link.0),
        database.bytes(&head.frontier())
    )
    .unwrap();
    database.execute(&sql).await;
}

/// What is done with SQL, and what it is called. Entry 20 of 50 is the one it is about.
const DEEDS: [(&str, &str); 23] = [
    ("update audit set at = at + 1 where seq = 20", "changed"),
    ("update audit set actor = null where seq = 20", "changed"),
    ("update audit set actor = recording where seq = 20", "changed"),
    ("update audit set hat = 'dpo2' where seq = 20", "changed"),
    ("update audit set action = 'clip.hear' where seq = 20", "changed"),
    ("update audit set object_kind = 'tape' where seq = 20", "changed"),
    ("update audit set object = null, recording = null where seq = 20", "changed"),
    ("update audit set decision = decision || ' ' where seq = 20", "changed"),
    ("update audit set link = (select link from audit where seq = 7) where seq = 20", "changed"),
    ("update audit set hat = 'x', decision = 'allowed' where seq between 20 and 30", "changed"),
    ("update audit set seq = 900 where seq = 20", "reordered"),
    (
        "update audit set seq = -1 where seq = 20; update audit set seq = 20 where seq = 30;
         update audit set seq = 30 where seq = -1",
        "reordered",
    ),
    ("delete from audit where seq = 20", "missing"),
    ("delete from audit where seq between 20 and 29", "missing"),
    ("delete from audit where seq < 20", "missing"),
    (
        "delete from audit where seq = 20; update audit set seq = 1 - seq where seq > 20;
         update audit set seq = -seq where seq < 0",
        "missing",
    ),
    ("delete from audit where seq = 50", "cut"),
    ("delete from audit where seq > 20", "cut"),
    ("delete from audit", "wiped"),
    (
        "update audit set seq = -1 - seq where seq >= 20; update audit set seq = -seq where seq < 0;
         insert into audit
         select 20, at, actor, hat, action, object_kind, object, recording, decision, link
         from audit where seq = 7",
        "added",
    ),
    ("update audit_head set link = (select link from audit where seq = 7)", "head"),
    ("update audit_head set seq = 20", "head"),
    (
        "update audit_head set seq = 50, link = (select link from audit where seq = 49)",
        "head",
    ),
];

async fn tampered_with((store, database): (Temporary, Direct)) -> u64 {
    let (store, database) = (&store, &database);
    let mut chance = Chance::from_environment();
    let log = written(store, &mut chance, 50).await;
    let known = [log.heads[30].checkpoint(), log.head().checkpoint()];
    assert_eq!(verify(store, &known).await, Ok(50));
    database.unlock_the_log().await;
    let (mut cases, mut wrong) = (0, Vec::new());
    let mut judge = |way: &str, expected: &str, found: Result<u64, Tampering>| {
        cases += 1;
        let name = found.as_ref().err().map(class);
        if name != Some(expected) {
            wrong.push(format!("{}, {way}: {expected}, found {found:?}", database.name));
        }
    };
    for (sql, expected) in DEEDS {
        database.execute(sql).await;
        judge(sql, expected, verify(store, &known).await);
        put(database, &log.entries, log.head()).await;
        assert_eq!(verify(store, &known).await, Ok(50), "put right after {sql}");
    }
    for from in [0, 19, 29] {
        // Another story from here on, with all its links and the head.
        let (entries, heads) = (log.entries[..from].to_vec(), log.heads[..=from].to_vec());
        let mut other = Log { entries, heads, at: log.entries[from].at };
        other.grow(&mut chance, 50 - from);
        put(database, &other.entries, other.head()).await;
        judge("write the rest anew", "fork", verify(store, &known).await);
        assert_eq!(verify(store, &[]).await, Ok(50), "without a checkpoint nobody can tell");
    }
    for left in [1, 31, 49] {
        put(database, &log.entries[..left], &log.heads[left]).await;
        judge("restore an old copy", "cut", verify(store, &known).await);
        // The service goes on from the old copy, and is found out once it is past the checkpoint.
        for _ in left..51 {
            let mut work = store.begin().await.unwrap();
            let new = random(&mut chance, log.at.plus_seconds(9));
            work.append_audit(&new).await.unwrap();
            work.commit().await.unwrap();
        }
        judge("restore an old copy and go on", "fork", verify(store, &known).await);
    }
    put(database, &[], &Head::default()).await;
    judge("wipe, and the head too", "wiped", verify(store, &known).await);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    cases
}

#[tokio::test]
async fn on_sqlite() {
    let cases = tampered_with(Direct::sqlite().await).await;
    crate::evidence::add("audit", &[("tampered_sqlite", json!(cases))]);
}

#[tokio::test]
async fn on_postgres() {
    let cases = tampered_with(Direct::postgres().await).await;
    crate::evidence::add("audit", &[("tampered_postgres", json!(cases))]);
}
