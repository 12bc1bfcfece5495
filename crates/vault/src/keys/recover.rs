//! A new root key for a keyring whose root key is lost, by way of the escrow.

use super::{
    begin::KeyConfig, dir::Dir, epochs::Epochs, error::KeyError, escrow::Escrow, file::FileKeys,
    name::KeyName, wrapped,
};

impl FileKeys {
    /// Gives the keyring the root key of `config`, with what the escrow holds.
    ///
    /// Nothing is changed before it is certain that the escrow opens every key. Can be repeated after a crash, with
    /// the same new root key.
    pub fn recover(config: &KeyConfig, escrow: &Escrow) -> Result<Self, KeyError> {
        let (root, _) = config.check()?;
        let dir = Dir::new(config.keyring.clone());
        if dir.is_blank()? {
            return Err(KeyError::KeysMissing(config.keyring.clone()));
        }
        {
            let _rotation = dir.rotation_lock()?;
            let _lock = dir.lock()?;
            let needed = needed(&dir, escrow)?;
            let epochs = Epochs::new(dir.clone(), config.root.clone());
            // The newest that is there first, so that what is made from now on has an epoch that opens.
            for epoch in needed.iter().rev() {
                let kek = escrow.epoch(*epoch);
                epochs.write(kek.ok_or_else(|| stale(&dir))?, &root)?;
            }
            // Under the others lies nothing, and without the old root nobody can put anything there.
            for epoch in dir.epochs()?.difference(&needed) {
                dir.destroy_kek(*epoch)?;
            }
        }
        Self::open(config)
    }
}

fn stale(dir: &Dir) -> KeyError {
    KeyError::EscrowStale(dir.path().to_owned())
}

/// The epochs that keys lie under. The escrow opens all of these keys.
fn needed(dir: &Dir, escrow: &Escrow) -> Result<std::collections::BTreeSet<u32>, KeyError> {
    let mut needed = std::collections::BTreeSet::new();
    for name in dir.keys()? {
        if dir.destroyed(name)? {
            continue;
        }
        let line = dir.read(name)?.unwrap_or_default();
        let epoch = wrapped::epoch(&line).ok_or(KeyError::Damaged(name))?;
        if escrow.epoch(epoch).is_none() {
            return Err(stale(dir));
        }
        escrow.unwrap(name, &line).ok_or_else(|| match name {
            // Of another installation, nothing opens.
            KeyName::Installation => stale(dir),
            name => KeyError::Damaged(name),
        })?;
        needed.insert(epoch);
    }
    Ok(needed)
}
