//! Opens the database and the vault, and refuses what would not be safe.

use std::{fs, path::Path, sync::Arc};

use anyhow::Context as _;
use hearback_storage::Store;
use hearback_storage_postgres::PostgresStore;
use hearback_storage_sqlite::SqliteStore;
use hearback_vault::{FileKeys, KeyConfig, KeyError, MasterKey, Placement, Vault};

use crate::{
    cli::{DataArgs, DatabaseArgs},
    failure::Failure,
};

/// Everything that is kept.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) vault: Arc<Vault>,
}

/// Opens the database and brings it up to date.
pub(crate) async fn store(args: &DatabaseArgs) -> Result<Arc<dyn Store>, Failure> {
    let default = || format!("sqlite:{}", args.data.join("hearback.db").display());
    let url = args.database.clone().unwrap_or_else(default);
    if let Some(file) = url.strip_prefix("sqlite:") {
        let file = Path::new(file);
        if !file.parent().is_none_or(|dir| dir.as_os_str().is_empty() || dir.exists()) {
            return Err(Failure::BadInput(format!(
                "There is no directory {}; `hearback init` makes it.",
                args.data.display()
            )));
        }
        return Ok(Arc::new(SqliteStore::open(file).await.context("cannot open the database")?));
    }
    if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        // The address may hold a password: it is in no message.
        let store =
            PostgresStore::open(&url).await.context("cannot open the PostgreSQL database")?;
        return Ok(Arc::new(store));
    }
    Err(Failure::BadInput(
        "The database address begins with neither `sqlite:` nor `postgres:`; correct it."
            .to_owned(),
    ))
}

/// Opens the database and the vault.
pub(crate) async fn all(args: &DataArgs) -> Result<Opened, Failure> {
    let store = store(&args.database).await?;
    let keys = keys(args)?;
    if keys.placement() == Placement::SameTree {
        eprintln!(
            "The master key lies with the data it opens. That is for trying things out only."
        );
    }
    let vault = Vault::new(&args.database.data, Arc::new(keys))?;
    Ok(Opened { store, vault: Arc::new(vault) })
}

fn keys(args: &DataArgs) -> Result<FileKeys, Failure> {
    let data = &args.database.data;
    FileKeys::open(&KeyConfig {
        key_file: args.key_file.clone(),
        keyring: data.join("keys"),
        data: data.clone(),
        accept_colocated: args.accept_colocated_key,
        recordings_exist: false,
    })
    .map_err(bad_keys)
}

fn bad_keys(error: KeyError) -> Failure {
    if error.is_configuration() {
        Failure::Unsafe(format!("The service does not start: {error}."))
    } else {
        Failure::Fault(error.into())
    }
}

/// `init`: a data directory, a master key, an empty database and keyring.
pub(crate) fn init(args: &DataArgs) -> Result<(), Failure> {
    let data = &args.database.data;
    fs::create_dir_all(data).with_context(|| format!("cannot make {}", data.display()))?;
    if let Some(dir) = args.key_file.parent() {
        fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    }
    MasterKey::create_file(&args.key_file).map_err(bad_keys)?;
    keys(args)?;
    crate::serve::block_on(migrate(&args.database))?;
    eprintln!(
        "The master key is in {}. It opens every recording: keep a copy in a safe place, apart from the data.",
        args.key_file.display()
    );
    Ok(())
}

/// `migrate`: opening the database brings it up to date.
pub(crate) async fn migrate(args: &DatabaseArgs) -> Result<(), Failure> {
    store(args).await.map(drop)
}
