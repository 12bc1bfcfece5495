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

use std::{path::Path, time::Duration};

use async_trait::async_trait;
use hearback_access::Gate;
use hearback_storage::{
    Result, Store, Work,
    sql::{backend, migration},
};
use sqlx::{
    Sqlite, SqlitePool, Transaction,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

mod audit;
mod coding;
mod gate;
mod job;
mod object;
mod person;
mod playlist;
mod recording;

/// The schema, in the order in which it grew.
pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations/sqlite");

/// How long a unit of work waits for its turn, and for another process that has the file.
const PATIENCE: Duration = Duration::from_secs(20);

/// An open SQLite database.
pub struct SqliteStore {
    writer: SqlitePool,
}

impl SqliteStore {
    /// Opens the database file, makes it if it is not there, and brings its schema up to date.
    ///
    /// The folder has to be there.
    pub async fn open(file: impl AsRef<Path>) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .foreign_keys(true)
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
        Ok(Self { writer })
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
        Ok(Box::new(Tx(self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(backend)?)))
    }
}

/// A unit of work.
struct Tx(Transaction<'static, Sqlite>);

impl Tx {
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
