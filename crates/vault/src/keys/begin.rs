//! Opening a keyring, beginning one, and what is refused on the way.

use std::path::{Path, PathBuf};

use super::{
    dir::Dir,
    epochs::{Epochs, Kek},
    error::{KeyError, at},
    file::{FileKeys, new_secret},
    master::MasterKey,
    name::KeyName,
    placement::{Placement, nested},
    source::RootSource,
};
use crate::{durable, stored::OBJECTS};

/// Where keys and data lie.
#[derive(Clone, Debug)]
pub struct KeyConfig {
    /// Where the root key comes from.
    pub root: RootSource,
    /// The keyring's directory. Never inside the objects' directory.
    pub keyring: PathBuf,
    /// The vault's root.
    pub data: PathBuf,
    /// The operator accepts a key file in the same directory tree as the data.
    pub accept_colocated: bool,
    /// The database has recordings. Then a missing keyring is a loss, not a new installation.
    pub recordings_exist: bool,
}

impl KeyConfig {
    /// Reads the root key and looks where things lie.
    pub(super) fn check(&self) -> Result<(MasterKey, Placement), KeyError> {
        let Self { root, keyring, data, .. } = self;
        let master = root.read()?;
        let placement = Placement::of(root, data, keyring).map_err(at(keyring))?;
        if placement == Placement::SameTree && !self.accept_colocated {
            return Err(KeyError::Colocated(root.to_string()));
        }
        if nested(keyring, &self.objects()).map_err(at(keyring))? {
            return Err(KeyError::KeyringAmongObjects(keyring.clone()));
        }
        Ok((master, placement))
    }

    pub(super) fn objects(&self) -> PathBuf {
        self.data.join(OBJECTS)
    }
}

impl FileKeys {
    /// Opens the keyring, or begins one if there are neither keys nor data yet; and completes erasures that were cut
    /// off.
    ///
    /// Refuses, for an operator to mend ([`KeyError::is_configuration`]): a root key that is missing, readable by
    /// others, among the data, or not this keyring's; data whose keyring is missing; and a ledger of erasures that was
    /// changed or that says less than the keyring.
    pub fn open(config: &KeyConfig) -> Result<Self, KeyError> {
        let (root, placement) = config.check()?;
        let dir = Dir::new(config.keyring.clone());
        let keys = Self {
            epochs: Epochs::new(dir.clone(), config.root.clone()),
            dir,
            data: config.data.clone(),
            placement,
        };
        if keys.epochs.open(&root)?.is_empty() {
            // Nothing is made before it is certain that nothing is missing.
            let missing =
                config.recordings_exist || !is_empty(&config.objects())? || !keys.dir.is_blank()?;
            // What lies there may have come after the first look: another process was first.
            if missing && keys.epochs.open(&root)?.is_empty() {
                return Err(KeyError::KeysMissing(config.keyring.clone()));
            }
            keys.begin(&root)?;
        }
        keys.finish_erasures()?;
        Ok(keys)
    }

    fn begin(&self, root: &MasterKey) -> Result<(), KeyError> {
        let path = self.dir.path();
        durable::private_dir(path).map_err(at(path))?;
        let _lock = self.dir.lock()?;
        // Another process may have been first.
        if !self.epochs.open(root)?.is_empty() {
            return Ok(());
        }
        self.dir.beginning(true)?;
        let kek = Kek::generate(1).map_err(at(path))?;
        for name in [KeyName::Installation, KeyName::Signing] {
            let line = new_secret(name).and_then(|secret| kek.wrap(name, &secret));
            self.dir.write(name, &line.map_err(at(path))?)?;
        }
        // With an epoch it is a keyring.
        self.epochs.write(&kek, root)?;
        self.dir.beginning(false)
    }
}

/// Whether a directory is missing or holds nothing but locks and leftovers.
fn is_empty(dir: &Path) -> Result<bool, KeyError> {
    Ok(Dir::new(dir.to_owned()).visible()?.is_empty())
}
