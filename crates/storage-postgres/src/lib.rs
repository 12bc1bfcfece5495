//! The database for many users and many servers.
//!
//! Units of work run side by side at the default isolation (read committed). Where that is not enough, a statement
//! locks: appending to the audit log takes its head, so units that were given a permit for content follow one another
//! from there on; holding a job takes the job. A unit that does both holds the job first.
//!
//! The files here are twins of those in the SQLite driver: the same functions in the same order, the same statements
//! except a few that a test lists.

#![forbid(unsafe_code)]

use std::time::Duration;

use async_trait::async_trait;
use hearback_access::Gate;
use hearback_storage::{
    Result, Store, Work,
    sql::{backend, migration},
};
use sqlx::{
    PgPool, Postgres, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
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
pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations/postgres");

/// How long a unit of work waits for a connection, and for a row that another unit has.
const PATIENCE: Duration = Duration::from_secs(20);

/// An open PostgreSQL database.
pub struct PostgresStore {
    pool: PgPool,
}

impl PostgresStore {
    /// Connects to `postgres://user@host:port/database` and brings the schema up to date.
    ///
    /// `?options[search_path]=NAME` keeps everything in a schema of that name, which has to be there.
    pub async fn open(url: &str) -> Result<Self> {
        let options: PgConnectOptions = url.parse().map_err(backend)?;
        // In milliseconds. A unit that waits for one that never ends finds out.
        let options = options.options([("lock_timeout", PATIENCE.as_millis().to_string())]);
        let pool = PgPoolOptions::new()
            .max_connections(16)
            .acquire_timeout(PATIENCE)
            .connect_with(options)
            .await
            .map_err(backend)?;
        MIGRATOR.run(&pool).await.map_err(migration)?;
        Ok(Self { pool })
    }

    /// Waits for the units of work that are under way and closes the connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

#[async_trait]
impl Store for PostgresStore {
    #[tracing::instrument(name = "db.begin", skip_all, err)]
    async fn begin(&self) -> Result<Box<dyn Work>> {
        Ok(Box::new(Tx(self.pool.begin().await.map_err(backend)?)))
    }
}

/// A unit of work.
struct Tx(Transaction<'static, Postgres>);

impl Tx {
    /// Waits for the audit log's head, as appending does.
    async fn turn(&mut self) -> Result<()> {
        sqlx::query("select seq from audit_head where id = 1 for update")
            .fetch_one(&mut *self.0)
            .await
            .map_err(backend)?;
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
