//! Opens the database and the vault, and refuses what would not be safe.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::Arc,
};

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
    not_for_others(&args.database.data)?;
    let store = store(&args.database).await?;
    let recordings_exist = store.begin().await?.has_objects().await?;
    let keys = keys(args, recordings_exist)?;
    if keys.placement() == Placement::SameTree {
        eprintln!(
            "The master key lies with the data it opens. That is for trying things out only."
        );
    }
    let vault = Vault::new(&args.database.data, Arc::new(keys))?;
    Ok(Opened { store, vault: Arc::new(vault) })
}

/// Refuses a data directory that other accounts of the machine can look into: the database in it is not encrypted.
fn not_for_others(data: &Path) -> Result<(), Failure> {
    let Ok(found) = fs::metadata(data) else { return Ok(()) };
    let for_others = found.permissions().mode() & 0o077;
    if for_others == 0 {
        return Ok(());
    }
    Err(Failure::Unsafe(format!(
        "The service does not start: other accounts of this machine can look into {0}. Run `chmod 700 {0}` and start it \
         again.",
        data.display()
    )))
}

fn keys(args: &DataArgs, recordings_exist: bool) -> Result<FileKeys, Failure> {
    let data = &args.database.data;
    FileKeys::open(&KeyConfig {
        key_file: args.key_file.clone(),
        keyring: data.join("keys"),
        data: data.clone(),
        accept_colocated: args.accept_colocated_key,
        recordings_exist,
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
    for dir in [Some(data.as_path()), args.key_file.parent()].into_iter().flatten() {
        let new = !dir.exists();
        fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        // A directory that was there may serve others too, but the data's is the data's alone.
        if new || dir == data {
            fs::set_permissions(dir, Permissions::from_mode(0o700))
                .with_context(|| format!("cannot close {} to others", dir.display()))?;
        }
    }
    MasterKey::create_file(&args.key_file).map_err(bad_keys)?;
    crate::serve::block_on(async {
        let recordings_exist = store(&args.database).await?.begin().await?.has_objects().await?;
        keys(args, recordings_exist).map(drop)
    })?;
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
