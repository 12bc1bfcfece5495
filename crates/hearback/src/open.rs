//! Opens the database and the vault, and refuses what would not be safe.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::Arc,
};

use anyhow::Context as _;
use hearback_access::seal::{FieldCipher, NoCipher};
use hearback_storage::Store;
use hearback_storage_postgres::PostgresStore;
use hearback_storage_sqlite::SqliteStore;
use hearback_vault::{FileKeys, KeyConfig, KeyError, MasterKey, Placement, RootSource, Vault};

use crate::{
    cli::{DataArgs, DatabaseArgs},
    failure::Failure,
};

/// Everything that is kept.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) vault: Arc<Vault>,
}

/// Opens the database without keys and brings it up to date: for what is not sealed.
pub(crate) async fn store(args: &DatabaseArgs) -> Result<Arc<dyn Store>, Failure> {
    store_with(args, Arc::new(NoCipher)).await
}

/// Opens the database and brings it up to date.
pub(crate) async fn store_with(
    args: &DatabaseArgs,
    cipher: Arc<dyn FieldCipher>,
) -> Result<Arc<dyn Store>, Failure> {
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
        let store = SqliteStore::open(file, cipher).await.context("cannot open the database")?;
        return Ok(Arc::new(store));
    }
    if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        // The address may hold a password: it is in no message.
        let store = PostgresStore::open(&url, cipher)
            .await
            .context("cannot open the PostgreSQL database")?;
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
    // Whether a missing keyring is a loss is for the database to say, and the database's texts need the keyring.
    let needed = needs_keys(&args.database).await?;
    let keys = keys(args, needed)?;
    if keys.placement() == Placement::SameTree {
        eprintln!(
            "The master key lies with the data it opens. That is for trying things out only."
        );
    }
    let vault = Vault::new(&args.database.data, Arc::new(keys))?;
    let store = store_with(&args.database, vault.cipher()).await?;
    Ok(Opened { store, vault: Arc::new(vault) })
}

async fn needs_keys(args: &DatabaseArgs) -> Result<bool, Failure> {
    Ok(store(args).await?.begin().await?.needs_keys().await?)
}

/// Refuses a data directory that other accounts of the machine can look into: not everything in the database is sealed.
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

fn keys(args: &DataArgs, needed: bool) -> Result<FileKeys, Failure> {
    let data = &args.database.data;
    FileKeys::open(&key_config(data, args.root.source(), args.accept_colocated_key, needed))
        .map_err(bad_keys)
}

/// The keyring of a data directory.
pub(crate) fn key_config(
    data: &Path,
    root: RootSource,
    accept_colocated: bool,
    recordings_exist: bool,
) -> KeyConfig {
    let (keyring, data) = (data.join("keys"), data.to_owned());
    KeyConfig { root, keyring, data, accept_colocated, recordings_exist }
}

pub(crate) fn bad_keys(error: KeyError) -> Failure {
    if error.is_configuration() {
        Failure::Unsafe(format!("The service does not start: {error}."))
    } else {
        Failure::Fault(error.into())
    }
}

/// `init`: a data directory, a master key, an empty database and keyring.
pub(crate) fn init(args: &DataArgs) -> Result<(), Failure> {
    let data = &args.database.data;
    let root = args.root.source();
    let key_file = match &root {
        RootSource::File(file) => Some(file),
        _ => None,
    };
    let beside = key_file.and_then(|file| file.parent());
    for dir in [Some(data.as_path()), beside].into_iter().flatten() {
        let new = !dir.exists();
        fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        // A directory that was there may serve others too, but the data's is the data's alone.
        if new || dir == data {
            fs::set_permissions(dir, Permissions::from_mode(0o700))
                .with_context(|| format!("cannot close {} to others", dir.display()))?;
        }
    }
    if let Some(file) = key_file {
        MasterKey::create_file(file).map_err(bad_keys)?;
    }
    crate::serve::block_on(async {
        let needed = needs_keys(&args.database).await?;
        keys(args, needed).map(drop)
    })?;
    eprintln!(
        "The master key comes from {root}. It opens every recording: keep a copy in a safe place, apart from the data, \
         or let `hearback keys escrow` make a file that brings it back."
    );
    Ok(())
}

/// `migrate`: opening the database brings it up to date.
pub(crate) async fn migrate(args: &DatabaseArgs) -> Result<(), Failure> {
    store(args).await.map(drop)
}
