//! The database for many users and many servers.
//!
//! Units of work run side by side at the default isolation (read committed). Where that is not enough, a statement
//! locks: appending to the audit log takes its head, so units that were given a permit for content follow one another
//! from there on; holding a job takes the job. A unit that does both holds the job first.
//!
//! The files here are twins of those in the SQLite driver: the same functions in the same order, the same statements
//! except a few that a test lists.

#![forbid(unsafe_code)]

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use hearback_access::{Gate, seal::FieldCipher};
use hearback_storage::{
    Result, Store, StoreError, Work,
    sql::{backend, migration, misuse},
};
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, PgPool, Postgres, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
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
mod program;
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

use self::program::Program;

/// The schema, in the order in which it grew.
pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations/postgres");

/// How long a unit of work waits for a connection, and for a row that another unit has.
const PATIENCE: Duration = Duration::from_secs(20);

/// The tables from which things are erased.
const TO_SCRUB: &[&str] = &[
    "vacuum recordings",
    "vacuum parties",
    "vacuum consents",
    "vacuum consent_records",
    "vacuum identity_links",
    "vacuum codes",
    "vacuum scores",
    "vacuum playlists",
    "vacuum clips",
    "vacuum concerns",
    "vacuum concern_notes",
    "vacuum glass",
    "vacuum extensions",
    "vacuum holds",
];

/// An open PostgreSQL database.
pub struct PostgresStore {
    pool: PgPool,
    url: String,
    cipher: Arc<dyn FieldCipher>,
}

impl PostgresStore {
    /// Connects to `postgres://user@host:port/database` and brings the schema up to date.
    ///
    /// `?options[search_path]=NAME` keeps everything in a schema of that name, which has to be there.
    ///
    /// Free text goes through `cipher` on its way in and out.
    pub async fn open(url: &str, cipher: Arc<dyn FieldCipher>) -> Result<Self> {
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
        consenting::install_forms(&pool).await?;
        framework::install_framework(&pool).await?;
        Ok(Self { pool, url: url.to_owned(), cipher })
    }

    /// The number of the newest change of the schema that this program knows.
    pub fn newest_schema() -> i64 {
        MIGRATOR.iter().map(|change| change.version).max().unwrap_or_default()
    }

    /// Puts a copy that [`Store::snapshot`] wrote in a database where nothing is (else it is a conflict, `database`),
    /// with `pg_restore`.
    pub async fn restore(copy: &Path, url: &str) -> Result<()> {
        let mut client = PgConnection::connect(url).await.map_err(backend)?;
        let tables: i64 = sqlx::query_scalar(
            "select count(*) from pg_tables where schemaname !~ '^(pg_|information_schema)'",
        )
        .fetch_one(&mut client)
        .await
        .map_err(backend)?;
        client.close().await.map_err(backend)?;
        if tables > 0 {
            return Err(StoreError::Conflict { what: "database" });
        }
        let program = Program::new("pg_restore", url);
        program.run(&["--single-transaction", "--no-owner", "--no-privileges"], copy).await
    }

    /// Empties a database again that [`Self::restore`] filled.
    pub async fn clear(url: &str) -> Result<()> {
        let mut client = PgConnection::connect(url).await.map_err(backend)?;
        let schemas: Vec<String> = sqlx::query_scalar(
            "select quote_ident(nspname) from pg_namespace
             where nspname !~ '^(pg_|information_schema)'",
        )
        .fetch_all(&mut client)
        .await
        .map_err(backend)?;
        for schema in schemas {
            let drop = format!("drop schema {schema} cascade");
            sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut client).await.map_err(backend)?;
        }
        sqlx::raw_sql("create schema public").execute(&mut client).await.map_err(backend)?;
        client.close().await.map_err(backend)
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
        let tx = self.pool.begin().await.map_err(backend)?;
        Ok(Box::new(Tx(tx, self.cipher.clone())))
    }

    #[tracing::instrument(name = "db.snapshot", skip_all, err)]
    async fn snapshot(&self, file: &Path) -> Result<Box<dyn Work>> {
        let name = file.to_str().ok_or_else(|| misuse("a copy's name is no text"))?;
        // This transaction and `pg_dump` see the same moment.
        let mut tx = self
            .pool
            .begin_with("begin isolation level repeatable read read only")
            .await
            .map_err(backend)?;
        let moment: String = sqlx::query_scalar("select pg_export_snapshot()")
            .fetch_one(&mut *tx)
            .await
            .map_err(backend)?;
        let args = ["--format=custom", "--snapshot", &moment, "--file", name];
        Program::new("pg_dump", &self.url).run(&args, Path::new("")).await?;
        Ok(Box::new(Tx(tx, self.cipher.clone())))
    }

    #[tracing::instrument(name = "db.scrub", skip_all, err)]
    async fn scrub(&self) -> Result<bool> {
        // What was deleted stays in the files until its room is needed; what is said freely lies there sealed, under
        // keys that are no more.
        for &statement in TO_SCRUB {
            sqlx::query(statement).execute(&self.pool).await.map_err(backend)?;
        }
        Ok(true)
    }
}

/// A unit of work, and what free text is sealed with.
struct Tx(Transaction<'static, Postgres>, Arc<dyn FieldCipher>);

impl Tx {
    /// What free text is sealed with.
    fn cipher(&self) -> &dyn FieldCipher {
        &*self.1
    }

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
