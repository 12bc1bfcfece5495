//! Both databases behave the same, and keep what they promise even to somebody with a database client.

use hearback_access::{Cx, SeeRecording, Start, audit::AuditSeq};
use hearback_domain::{
    Label, Login, Party, PartyKind, PersonId, Phase, Pseudonym, RecordingId, Role, SessionKind,
    Timestamp, UserId,
};
use hearback_storage::{NewPerson, NewRecording, Store, StoreError, permit};
use hearback_storage_postgres::PostgresStore;
use hearback_storage_sqlite::SqliteStore;
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use uuid::Uuid;

use crate::support::{postgres, postgres_url, sqlite, vault};

hearback_storage::conformance!(on_sqlite, sqlite());
hearback_storage::conformance!(on_postgres, postgres());

const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_001);

fn practitioner() -> Cx {
    Cx::person(UserId::from_uuid(Uuid::from_u128(11)), Role::Practitioner, NOW)
}

/// A practitioner and a recording of theirs, which leaves an entry in the audit log.
async fn fill(store: &dyn Store) -> RecordingId {
    let mut work = store.begin().await.unwrap();
    let person = NewPerson {
        id: practitioner().user.unwrap(),
        login: Login::new("priya").unwrap(),
        name: "Priya".to_owned(),
        password_hash: "$argon2id$".to_owned(),
        roles: vec![Role::Practitioner],
        created_at: NOW,
    };
    work.add_person(&person).await.unwrap();
    work.commit().await.unwrap();

    let (mut work, start) = permit::<Start>(store, practitioner(), ()).await.unwrap();
    let new = NewRecording {
        id: RecordingId::from_uuid(Uuid::from_u128(12)),
        pseudonym: Pseudonym::new("Robin").unwrap(),
        session_kind: SessionKind::Visit,
        held_on: None,
        language: None,
        phase: Phase::PreTraining,
        parties: vec![Party {
            id: PersonId::from_uuid(Uuid::from_u128(13)),
            kind: PartyKind::Practitioner,
            label: Label::new("Worker").unwrap(),
        }],
    };
    work.add_recording(&start, &new).await.unwrap();
    work.commit().await.unwrap();
    new.id
}

/// The log has one entry, and a client cannot change that.
async fn unchanged(store: &dyn Store) {
    let entries = store.begin().await.unwrap().audit_entries(AuditSeq(0), 10).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].action, "recording.upload");
}

const ATTACKS: [&str; 3] = [
    "update audit set actor = null",
    "update audit set decision = 'allowed' where seq = 1",
    "delete from audit where seq = 1",
];

/// A text that was put where another one stood is reported with its place, and not shown.
async fn spoilt(store: &dyn Store, id: RecordingId) {
    let (mut work, see) = permit::<SeeRecording>(store, practitioner(), id).await.unwrap();
    match work.summary(&see).await {
        Err(StoreError::Inconsistent(found)) => {
            assert_eq!((found.table, found.column), ("recordings", "pseudonym"));
        }
        other => panic!("{other:?}"),
    }
}

/// From another column under the same key, from another table under another key, and cut short.
const SPOIL: [&str; 3] = [
    "update recordings set pseudonym = (select label from parties limit 1)",
    "update recordings set pseudonym = (select name from people limit 1)",
    "update recordings set pseudonym = substr(pseudonym, 1, length(pseudonym) - 1)",
];

#[tokio::test]
async fn sqlite_stands_up_to_a_client_and_to_being_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let keys = vault(dir.path());
    let file = dir.path().join("test.db");
    let store = SqliteStore::open(&file, keys.cipher()).await.unwrap();
    let id = fill(&store).await;
    store.close().await;

    let address = format!("sqlite://{}", file.display());
    let mut client = SqliteConnection::connect(&address).await.unwrap();
    for attack in ATTACKS {
        let error = sqlx::raw_sql(attack).execute(&mut client).await.unwrap_err();
        assert!(error.to_string().contains("append-only"), "{error}");
    }
    let store = SqliteStore::open(&file, keys.cipher()).await.unwrap();
    unchanged(&store).await;
    for spoil in SPOIL {
        sqlx::raw_sql(spoil).execute(&mut client).await.unwrap();
        spoilt(&store, id).await;
    }
}

#[tokio::test]
async fn postgres_stands_up_to_a_client_and_to_being_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let keys = vault(dir.path());
    let url = postgres_url().await;
    let store = PostgresStore::open(&url, keys.cipher()).await.unwrap();
    let id = fill(&store).await;
    store.close().await;

    let mut client = PgConnection::connect(&url).await.unwrap();
    for attack in ATTACKS.into_iter().chain(["truncate audit"]) {
        let error = sqlx::raw_sql(attack).execute(&mut client).await.unwrap_err();
        assert!(error.to_string().contains("append-only"), "{error}");
    }
    let store = PostgresStore::open(&url, keys.cipher()).await.unwrap();
    unchanged(&store).await;
    for spoil in SPOIL {
        sqlx::raw_sql(spoil).execute(&mut client).await.unwrap();
        spoilt(&store, id).await;
    }
}

/// Somebody who reads, such as a backup, is in the way of scrubbing: nobody waits for them, and later it is done.
#[tokio::test]
async fn scrubbing_does_not_wait_for_whoever_reads() {
    let store = sqlite().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(store.file());
    let mut reader = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query("begin").execute(&mut reader).await.unwrap();
    let _: i64 =
        sqlx::query_scalar("select count(*) from people").fetch_one(&mut reader).await.unwrap();
    fill(&store).await;
    let begun = std::time::Instant::now();
    assert!(!store.scrub().await.unwrap(), "what they read is still needed");
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    sqlx::query("commit").execute(&mut reader).await.unwrap();
    assert!(store.scrub().await.unwrap());
    let log = store.file().with_extension("db-wal");
    assert_eq!(std::fs::metadata(log).unwrap().len(), 0);
}
