//! Opens empty databases.

use async_trait::async_trait;
use hearback_storage::{Result, Store, Work};
use hearback_storage_postgres::PostgresStore;
use hearback_storage_sqlite::SqliteStore;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tempfile::TempDir;
use uuid::Uuid;

/// A SQLite database whose file goes when it goes.
pub(crate) struct Temporary {
    store: SqliteStore,
    _dir: TempDir,
}

#[async_trait]
impl Store for Temporary {
    async fn begin(&self) -> Result<Box<dyn Work>> {
        self.store.begin().await
    }
}

/// An empty SQLite database in a file of its own.
pub(crate) async fn sqlite() -> Temporary {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path().join("test.db")).await.unwrap();
    Temporary { store, _dir: dir }
}

/// An empty PostgreSQL database: a schema of its own on the server at `TEST_POSTGRES_URL`.
pub(crate) async fn postgres() -> PostgresStore {
    PostgresStore::open(&postgres_url().await).await.unwrap()
}

/// The address of an empty schema of its own.
pub(crate) async fn postgres_url() -> String {
    let url = std::env::var("TEST_POSTGRES_URL").expect(
        "TEST_POSTGRES_URL has to name a PostgreSQL whose superuser the tests may be; \
         `cargo xtask test` starts one",
    );
    let schema = format!("t{}", Uuid::from_u128(rand_u128()).simple());
    let mut admin = PgConnection::connect(&url).await.unwrap();
    let create = format!("create schema {schema}");
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut admin).await.unwrap();
    admin.close().await.unwrap();
    let join = if url.contains('?') { '&' } else { '?' };
    format!("{url}{join}options[search_path]={schema}")
}

/// A number that no other test has.
fn rand_u128() -> u128 {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap();
    u128::from_ne_bytes(bytes)
}
