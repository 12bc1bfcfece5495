//! A client that goes around the service, as somebody can who has the database's file or password.

use std::fmt::Write as _;

use sqlx::{AssertSqlSafe, PgPool, Row as _, SqlitePool};
use uuid::Uuid;

use crate::support::{self, Temporary};

enum Client {
    Sqlite(SqlitePool),
    Postgres(PgPool, String),
}

/// A client of a database of either kind.
pub(crate) struct Direct {
    pub(crate) name: &'static str,
    client: Client,
}

impl Direct {
    /// An empty database of each kind, and a client of it.
    pub(crate) async fn both() -> Vec<(Temporary, Self)> {
        vec![Self::sqlite().await, Self::postgres().await]
    }

    pub(crate) async fn sqlite() -> (Temporary, Self) {
        let store = support::sqlite().await;
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(store.file())
            .foreign_keys(false)
            .busy_timeout(std::time::Duration::from_secs(20));
        let client = Client::Sqlite(SqlitePool::connect_with(options).await.unwrap());
        (store, Self { name: "sqlite", client })
    }

    pub(crate) async fn postgres() -> (Temporary, Self) {
        let url = support::postgres_url().await;
        let store = support::postgres_at(&url).await;
        let schema = url.split("search_path]=").nth(1).unwrap().to_owned();
        let client = Client::Postgres(PgPool::connect(&url).await.unwrap(), schema);
        (store, Self { name: "postgres", client })
    }

    /// Does something that the service would not do.
    pub(crate) async fn execute(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.client {
            Client::Sqlite(pool) => drop(sqlx::raw_sql(sql).execute(pool).await.unwrap()),
            Client::Postgres(pool, _) => drop(sqlx::raw_sql(sql).execute(pool).await.unwrap()),
        }
    }

    /// An identifier as this database's SQL writes it.
    pub(crate) fn id(&self, id: Uuid) -> String {
        match &self.client {
            Client::Sqlite(_) => format!("x'{}'", id.simple()),
            Client::Postgres(..) => format!("'{id}'::uuid"),
        }
    }

    /// Bytes as this database's SQL writes them.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> String {
        let hex = bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        });
        match &self.client {
            Client::Sqlite(_) => format!("x'{hex}'"),
            Client::Postgres(..) => format!("decode('{hex}', 'hex')"),
        }
    }

    /// Takes away the rules that keep the audit log append-only, as whoever owns the database can.
    pub(crate) async fn unlock_the_log(&self) {
        match &self.client {
            Client::Sqlite(_) => {
                for trigger in
                    self.texts("select name from sqlite_master where type = 'trigger'").await
                {
                    self.execute(&format!("drop trigger \"{trigger}\"")).await;
                }
            }
            Client::Postgres(..) => {
                self.execute("alter table audit disable trigger all").await;
            }
        }
    }

    /// The first column of each row.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.client {
            Client::Sqlite(pool) => {
                let rows = sqlx::query(sql).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            Client::Postgres(pool, _) => {
                let rows = sqlx::query(sql).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// The columns of a table that hold identifiers.
    pub(crate) async fn identifiers_of(&self, table: &str) -> Vec<String> {
        let sql = match &self.client {
            Client::Sqlite(_) => {
                format!("select name from pragma_table_info('{table}') where lower(type) = 'blob'")
            }
            Client::Postgres(_, schema) => format!(
                "select column_name::text from information_schema.columns
                 where table_schema = '{schema}' and table_name = '{table}' and data_type = 'uuid'"
            ),
        };
        self.texts(&sql).await
    }

    /// The tables, but for those that say what happened rather than how things are, and for the tickets that a form or
    /// a passkey is shown with: they are good for one answer, and nobody has any more by them.
    pub(crate) async fn tables(&self) -> Vec<String> {
        let sql = match &self.client {
            Client::Sqlite(_) => "select name from sqlite_master where type = 'table'".to_owned(),
            Client::Postgres(_, schema) => format!(
                "select table_name::text from information_schema.tables where table_schema = '{schema}'"
            ),
        };
        let mut tables = self.texts(&sql).await;
        tables.retain(|name| {
            !["audit", "_", "sqlite", "ceremonies"].iter().any(|start| name.starts_with(start))
        });
        tables.sort();
        assert!(tables.len() > 10, "{tables:?}");
        tables
    }
}
