//! The embedded database: one file, one writer.
//!
//! SQLite lets one connection write at a time. So units of work queue for the one connection of the pool, where
//! waiting is fair and has a deadline, and begin with `BEGIN IMMEDIATE`, so that none has to be undone halfway because
//! a reader became a writer. A unit that holds the connection and waits for another unit would wait for itself:
//! callers hold one at a time, and never while they decode, transcribe or send.
//!
//! What is committed survives a power cut (`synchronous = FULL`).
//!
//! The files here are twins of those in the PostgreSQL driver: the same functions in the same order, the same
//! statements except a few that a test lists.

#![forbid(unsafe_code)]

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use hearback_access::{Gate, seal::FieldCipher};
use hearback_storage::{
    Result, Store, StoreError, Work,
    sql::{backend, migration, misuse},
};
use sqlx::{
    Connection as _, Sqlite, SqliteConnection, SqlitePool, Transaction,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

mod account;
mod after_meeting;
mod agreement;
mod apart;
mod attempt;
mod audit;
mod briefing;
mod bringing;
mod choosing;
mod coaches;
mod coding;
mod consenting;
mod copies;
mod desk;
mod door;
mod erasing;
mod external;
mod framework;
mod gate;
mod job;
mod keeping;
mod meeting;
mod object;
mod passage;
mod person;
mod playlist;
mod protocol;
mod real_name;
mod recording;
mod redaction;
mod safeguarding;
mod series;
mod series_coach;
mod sheets;
mod supervision;
mod training;
mod transcript;
mod withdrawal;

/// The schema, in the order in which it grew.
pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations/sqlite");

/// How long a unit of work waits for its turn, and for another process that has the file.
const PATIENCE: Duration = Duration::from_secs(20);

/// Moves what is in the log beside the database file into it, and empties the log; its first column is 1 if somebody
/// who reads was in the way.
const TO_SCRUB: &[&str] = &["pragma wal_checkpoint(truncate)"];

/// How long that waits for whoever reads, such as a backup. Everybody else waits for it meanwhile.
const SCRUB_PATIENCE: Duration = Duration::from_millis(250);

/// An open SQLite database.
pub struct SqliteStore {
    writer: SqlitePool,
    cipher: Arc<dyn FieldCipher>,
}

impl SqliteStore {
    /// Opens the database file, makes it if it is not there, and brings its schema up to date.
    ///
    /// The folder has to be there. Free text goes through `cipher` on its way in and out.
    pub async fn open(file: impl AsRef<Path>, cipher: Arc<dyn FieldCipher>) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .foreign_keys(true)
            // What is deleted is overwritten, not only left for something else to be written over it.
            .pragma("secure_delete", "on")
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(PATIENCE);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(PATIENCE)
            .connect_with(options)
            .await
            .map_err(backend)?;
        MIGRATOR.run(&writer).await.map_err(migration)?;
        consenting::install_forms(&writer).await?;
        framework::install_framework(&writer).await?;
        Ok(Self { writer, cipher })
    }

    /// The number of the newest change of the schema that this program knows.
    pub fn newest_schema() -> i64 {
        MIGRATOR.iter().map(|change| change.version).max().unwrap_or_default()
    }

    /// Puts a copy that [`Store::snapshot`] wrote in a place where nothing is (else it is a conflict, `database`). It
    /// is not opened.
    #[expect(clippy::unused_async, reason = "the PostgreSQL twin waits here")]
    pub async fn restore(copy: &Path, file: impl AsRef<Path>) -> Result<()> {
        let (copy, file) = (copy.to_owned(), file.as_ref().to_owned());
        if file.exists() {
            return Err(StoreError::Conflict { what: "database" });
        }
        std::fs::copy(copy, &file)
            .and_then(|_| std::fs::File::open(&file)?.sync_all())
            .map_err(|error| StoreError::Backend(error.into()))
    }

    /// Takes a database away again that [`Self::restore`] made.
    #[expect(clippy::unused_async, reason = "the PostgreSQL twin waits here")]
    pub async fn clear(file: impl AsRef<Path>) -> Result<()> {
        std::fs::remove_file(file.as_ref()).map_err(|error| StoreError::Backend(error.into()))
    }

    /// Waits for the unit of work that is under way and closes the file.
    pub async fn close(&self) {
        self.writer.close().await;
    }
}

#[async_trait]
impl Store for SqliteStore {
    #[tracing::instrument(name = "db.begin", skip_all, err)]
    async fn begin(&self) -> Result<Box<dyn Work>> {
        let tx = self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(backend)?;
        Ok(Box::new(Tx(tx, self.cipher.clone())))
    }

    #[tracing::instrument(name = "db.snapshot", skip_all, err)]
    async fn snapshot(&self, file: &Path) -> Result<Box<dyn Work>> {
        let name = file.to_str().ok_or_else(|| misuse("a copy's name is no text"))?;
        // On a connection of its own, which reads: the writer goes on.
        let options = self.writer.connect_options();
        let mut reader = SqliteConnection::connect_with(&options).await.map_err(backend)?;
        sqlx::query("vacuum into $1").bind(name).execute(&mut reader).await.map_err(backend)?;
        reader.close().await.map_err(backend)?;
        // `immutable`: looking at the copy leaves nothing beside it and changes no byte of it.
        let options = SqliteConnectOptions::new().filename(file).read_only(true).immutable(true);
        let copy = SqlitePoolOptions::new().max_connections(1).connect_with(options).await;
        let tx = copy.map_err(backend)?.begin().await.map_err(backend)?;
        Ok(Box::new(Tx(tx, self.cipher.clone())))
    }

    #[tracing::instrument(name = "db.scrub", skip_all, err)]
    async fn scrub(&self) -> Result<bool> {
        // What is deleted is overwritten in the file (`secure_delete`); the log beside it is emptied here: in its turn,
        // so that no unit of ours is in the way, and on a connection of its own, which is less patient.
        let turn = self.writer.acquire().await.map_err(backend)?;
        let options = self.writer.connect_options();
        let hurried = SqliteConnectOptions::clone(&options).busy_timeout(SCRUB_PATIENCE);
        let mut connection = SqliteConnection::connect_with(&hurried).await.map_err(backend)?;
        let mut busy = 0;
        for &statement in TO_SCRUB {
            let (in_the_way, _, _): (i64, i64, i64) =
                sqlx::query_as(statement).fetch_one(&mut connection).await.map_err(backend)?;
            busy += in_the_way;
        }
        connection.close().await.map_err(backend)?;
        drop(turn);
        Ok(busy == 0)
    }
}

/// A unit of work, and what free text is sealed with.
struct Tx(Transaction<'static, Sqlite>, Arc<dyn FieldCipher>);

impl Tx {
    /// What free text is sealed with.
    fn cipher(&self) -> &dyn FieldCipher {
        &*self.1
    }

    /// It is this unit's turn already: it is the only one.
    #[expect(clippy::unused_async, reason = "the PostgreSQL twin waits here")]
    async fn turn(&mut self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Work for Tx {
    #[tracing::instrument(name = "db.commit", skip_all, err)]
    async fn commit(self: Box<Self>) -> Result<()> {
        self.0.commit().await.map_err(backend)
    }

    fn gate(&mut self) -> &mut (dyn Gate + '_) {
        self
    }
}
