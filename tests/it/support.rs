//! Opens empty databases.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use hearback_storage::{Result, Store, Work};
use hearback_storage_postgres::PostgresStore;
use hearback_storage_sqlite::SqliteStore;
use hearback_vault::{FileKeys, KeyConfig, MasterKey, RootSource, Vault};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tempfile::TempDir;
use uuid::Uuid;

/// A database and the vault whose keys seal its texts. Their files go when it goes.
pub(crate) struct Temporary {
    store: Box<dyn Store>,
    pub(crate) vault: Arc<Vault>,
    dir: TempDir,
}

/// An empty vault below `dir`.
pub(crate) fn vault(dir: &Path) -> Arc<Vault> {
    let (data, key_file) = (dir.join("data"), dir.join("key"));
    std::fs::create_dir(&data).unwrap();
    MasterKey::create_file(&key_file).unwrap();
    let keys = FileKeys::open(&KeyConfig {
        root: RootSource::File(key_file),
        keyring: data.join("keys"),
        data: data.clone(),
        accept_colocated: true,
        recordings_exist: false,
    });
    Arc::new(Vault::new(data, Arc::new(keys.unwrap())).unwrap())
}

impl Temporary {
    /// The database file, if it is SQLite's.
    pub(crate) fn file(&self) -> std::path::PathBuf {
        self.dir.path().join("test.db")
    }
}

#[async_trait]
impl Store for Temporary {
    async fn begin(&self) -> Result<Box<dyn Work>> {
        self.store.begin().await
    }

    async fn snapshot(&self, file: &Path) -> Result<Box<dyn Work>> {
        self.store.snapshot(file).await
    }

    async fn scrub(&self) -> Result<bool> {
        self.store.scrub().await
    }
}

/// An empty SQLite database in a file of its own.
pub(crate) async fn sqlite() -> Temporary {
    let dir = tempfile::tempdir().unwrap();
    let vault = vault(dir.path());
    let store = SqliteStore::open(dir.path().join("test.db"), vault.cipher()).await.unwrap();
    Temporary { store: Box::new(store), vault, dir }
}

/// An empty PostgreSQL database: a schema of its own on the server at `TEST_POSTGRES_URL`.
pub(crate) async fn postgres() -> Temporary {
    postgres_at(&postgres_url().await).await
}

/// The same, at this address.
pub(crate) async fn postgres_at(url: &str) -> Temporary {
    let dir = tempfile::tempdir().unwrap();
    let vault = vault(dir.path());
    let store = PostgresStore::open(url, vault.cipher()).await.unwrap();
    Temporary { store: Box::new(store), vault, dir }
}

/// The server that the tests may use.
fn server() -> String {
    std::env::var("TEST_POSTGRES_URL").expect(
        "TEST_POSTGRES_URL has to name a PostgreSQL whose superuser the tests may be; \
         `cargo xtask test` starts one",
    )
}

/// The address of an empty schema of its own.
pub(crate) async fn postgres_url() -> String {
    schema_in(&server()).await
}

/// The address of an empty schema in this database.
pub(crate) async fn schema_in(url: &str) -> String {
    let schema = format!("t{}", Uuid::from_u128(rand_u128()).simple());
    let mut admin = PgConnection::connect(url).await.unwrap();
    let create = format!("create schema {schema}");
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut admin).await.unwrap();
    admin.close().await.unwrap();
    let join = if url.contains('?') { '&' } else { '?' };
    format!("{url}{join}options[search_path]={schema}")
}

/// The address of an empty database of its own.
pub(crate) async fn postgres_database() -> String {
    let url = server();
    let name = format!("t{}", Uuid::from_u128(rand_u128()).simple());
    let mut admin = PgConnection::connect(&url).await.unwrap();
    let create = format!("create database {name}");
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut admin).await.unwrap();
    admin.close().await.unwrap();
    format!("{}/{name}", url.rsplit_once('/').unwrap().0)
}

/// A number that no other test has.
fn rand_u128() -> u128 {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap();
    u128::from_ne_bytes(bytes)
}
