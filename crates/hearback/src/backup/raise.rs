//! Puts a set in a new data directory, and looks whether everything is there.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use hearback_access::seal::{FieldCipher, NoCipher};
use hearback_domain::Timestamp;
use hearback_storage::{Store, StoreError};
use hearback_storage_postgres::PostgresStore;
use hearback_storage_sqlite::SqliteStore;
use hearback_vault::{FileKeys, RootSource, Vault};

use super::{
    prove::{self, Proven},
    set::{Dialect, LEDGER, Set},
};
use crate::open::key_config;

/// Which keys.
pub(super) struct Keys<'a> {
    /// The keyring, or a copy of it. It is read only.
    pub(super) keyring: &'a Path,
    pub(super) root: RootSource,
    /// A newer ledger of erasures than the keyring's.
    pub(super) ledger: Option<&'a Path>,
    pub(super) accept_colocated: bool,
}

/// A data directory that came out of a set.
pub(super) struct Raised {
    database: Database,
    /// With the keys, if there were any.
    pub(super) vault: Option<Arc<Vault>>,
    /// Of when the keyring was, if it was a copy.
    pub(super) keys_copied_at: Option<Timestamp>,
    pub(super) proven: Proven,
}

enum Database {
    Sqlite(Arc<SqliteStore>),
    Postgres(Arc<PostgresStore>),
}

impl Raised {
    pub(super) fn store(&self) -> Arc<dyn Store> {
        match &self.database {
            Database::Sqlite(store) => store.clone(),
            Database::Postgres(store) => store.clone(),
        }
    }

    /// Closes the database, so that its directory may be renamed.
    pub(super) async fn close(&self) {
        match &self.database {
            Database::Sqlite(store) => store.close().await,
            Database::Postgres(store) => store.close().await,
        }
    }
}

/// Puts a set into `into`, its database into `database` if it is PostgreSQL's, and proves it. What is wrong, in one
/// sentence, otherwise; then the PostgreSQL database is empty again.
pub(super) async fn raise(
    set: &Set,
    into: &Path,
    database: Option<&str>,
    keys: Option<&Keys<'_>>,
) -> Result<Raised, String> {
    let manifest = &set.manifest;
    let newest = match manifest.dialect {
        Dialect::Sqlite => SqliteStore::newest_schema(),
        Dialect::Postgres => PostgresStore::newest_schema(),
    };
    if manifest.schema > newest {
        return Err(format!(
            "it was made by Hearback {}, which is newer than this one; install that first",
            manifest.program
        ));
    }
    set.unpack(into)?;
    let opened = keys.map(|keys| open(set, into, keys)).transpose()?;
    let cipher = opened.as_ref().map_or_else(nothing, |(vault, _)| vault.cipher());
    let sqlite = into.join("hearback.db");
    let target = match (manifest.dialect, database) {
        (Dialect::Sqlite, None) => {
            SqliteStore::restore(&set.database(), &sqlite).await.map_err(in_words)?;
            None
        }
        (Dialect::Postgres, Some(url)) => {
            PostgresStore::restore(&set.database(), url).await.map_err(in_words)?;
            Some(url)
        }
        (Dialect::Postgres, None) => {
            return Err(
                "it is of a PostgreSQL database: say with --database which empty one to put it in"
                    .to_owned(),
            );
        }
        (Dialect::Sqlite, Some(_)) => {
            return Err("it is of a SQLite database, which goes into the data directory: leave --database out".to_owned());
        }
    };
    let raised = open_and_prove(set, (&sqlite, target), cipher, opened).await;
    if let (Err(_), Some(url)) = (&raised, target) {
        // It was empty before, and what is wrong with the set is what is to be told.
        let _ = PostgresStore::clear(url).await;
    }
    raised
}

async fn open_and_prove(
    set: &Set,
    (sqlite, postgres): (&Path, Option<&str>),
    cipher: Arc<dyn FieldCipher>,
    opened: Option<(Arc<Vault>, Option<Timestamp>)>,
) -> Result<Raised, String> {
    let database = match postgres {
        Some(url) => PostgresStore::open(url, cipher).await.map(|s| Database::Postgres(s.into())),
        None => SqliteStore::open(sqlite, cipher).await.map(|s| Database::Sqlite(s.into())),
    };
    let database = database.map_err(in_words)?;
    let (vault, keys_copied_at) = opened.map_or((None, None), |(vault, at)| (Some(vault), at));
    let mut raised = Raised { database, vault, keys_copied_at, proven: Proven::default() };
    let store = raised.store();
    let proven = async {
        let mut proven = prove::database(set, &*store).await?;
        if let Some(vault) = &raised.vault {
            prove::not_older(&*store, vault).await?;
            prove::content(set, &*store, vault, &mut proven).await?;
        }
        if proven.audit_entries == 0 && proven.objects == 0 {
            return Err("there is nothing in it".to_owned());
        }
        Ok(proven)
    }
    .await;
    match proven {
        Ok(proven) => {
            raised.proven = proven;
            Ok(raised)
        }
        Err(wrong) => {
            raised.close().await;
            Err(wrong)
        }
    }
}

fn nothing() -> Arc<dyn FieldCipher> {
    Arc::new(NoCipher)
}

/// The keyring goes into the new directory; then every ledger there is of what was erased is carried out.
fn open(
    set: &Set,
    into: &Path,
    keys: &Keys<'_>,
) -> Result<(Arc<Vault>, Option<Timestamp>), String> {
    let config = key_config(into, keys.root.clone(), keys.accept_colocated, true);
    let copied = FileKeys::restore(keys.keyring, &config.keyring).map_err(|e| e.to_string())?;
    let file_keys = FileKeys::open(&config).map_err(|e| e.to_string())?;
    file_keys.open_every().map_err(|e| e.to_string())?;
    let vault = Vault::new(into, Arc::new(file_keys)).map_err(|e| e.to_string())?;
    if vault.signer().map_err(|e| e.to_string())?.public() != set.public {
        return Err("it was signed with another installation's key".to_owned());
    }
    let newer = keys.ledger.and_then(ledger_at);
    for ledger in [Some(set.dir.join(LEDGER)), newer].into_iter().flatten() {
        vault.adopt_ledger(&ledger).map_err(|e| e.to_string())?;
    }
    Ok((Arc::new(vault), copied))
}

/// The ledger itself, or that of a keyring. Where nothing was ever erased, a keyring has none.
fn ledger_at(place: &Path) -> Option<PathBuf> {
    if !place.is_dir() {
        return Some(place.to_owned());
    }
    let ledger = FileKeys::ledger_in(place);
    let empty = !ledger.exists() && FileKeys::is_keyring(place);
    (!empty).then_some(ledger)
}

fn in_words(error: StoreError) -> String {
    match error {
        StoreError::Conflict { .. } => {
            "the database that it was to go into is not empty".to_owned()
        }
        StoreError::Backend(cause) | StoreError::Unavailable(cause) => {
            format!("its database cannot be put back: {cause}")
        }
        other => format!("its database cannot be put back: {other}"),
    }
}
