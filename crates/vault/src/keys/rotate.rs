//! Rotation: another epoch, another root.

use super::{
    begin::KeyConfig,
    epochs::Kek,
    error::{KeyError, at},
    file::FileKeys,
    name::KeyName,
};

/// How far a rotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationStep {
    /// This epoch is there; what is made from now on is wrapped under it.
    Begun(u32),
    /// This key lies under it now.
    Rewrapped(KeyName),
    /// Every key lies under it, and the epochs before it are about to be destroyed.
    Complete(u32),
    /// This epoch was destroyed.
    Ended(u32),
}

/// What a rotation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// The epoch now.
    pub epoch: u32,
    /// How many keys lie under it.
    pub keys: u64,
    /// An earlier rotation had been cut off, and this one completed it.
    pub completed_another: bool,
}

impl FileKeys {
    /// Wraps every key under a new epoch, looks at each whether it opens, and then destroys the old epoch.
    ///
    /// The service goes on meanwhile, in this process and in others. Cut off at any point, everything still opens, and
    /// the next rotation completes this one. `step` is told of each step after it has become lasting; an error from it
    /// ends the rotation there.
    pub fn rotate(
        &self,
        step: &mut dyn FnMut(RotationStep) -> Result<(), KeyError>,
    ) -> Result<Rotated, KeyError> {
        let _rotation = self.dir.rotation_lock()?;
        let (newest, completed_another) = self.next_epoch()?;
        step(RotationStep::Begun(newest))?;
        let mut keys = 0;
        for name in self.dir.keys()? {
            if self.rewrap(name, newest)? {
                keys += 1;
                step(RotationStep::Rewrapped(name))?;
            }
        }
        step(RotationStep::Complete(newest))?;
        for epoch in self.dir.epochs()?.into_iter().filter(|&epoch| epoch < newest) {
            let lock = self.dir.lock()?;
            // Half-written records of the old epoch go with it.
            self.dir.clear_leftovers()?;
            self.dir.destroy_kek(epoch)?;
            drop(lock);
            step(RotationStep::Ended(epoch))?;
        }
        Ok(Rotated { epoch: newest, keys, completed_another })
    }

    /// The epoch to wrap everything under, made if the last rotation was completed; and whether it was not.
    fn next_epoch(&self) -> Result<(u32, bool), KeyError> {
        let _lock = self.dir.lock()?;
        let newest = self.epochs.newest()?;
        if self.dir.epochs()?.len() > 1 {
            return Ok((newest.epoch, true));
        }
        let path = self.dir.path();
        let kek = Kek::generate(newest.epoch + 1).map_err(at(path))?;
        self.epochs.write(&kek, &self.epochs.root().read()?)?;
        Ok((kek.epoch, false))
    }

    /// Whether the key is there, and then lies under this epoch and opens.
    fn rewrap(&self, name: KeyName, epoch: u32) -> Result<bool, KeyError> {
        let damaged = || KeyError::Damaged(name);
        let _lock = self.dir.lock()?;
        if self.dir.destroyed(name)? {
            self.dir.destroy(name)?;
            return Ok(false);
        }
        let Some(line) = self.dir.read(name)? else { return Ok(false) };
        let secret = self.unwrap(name, &line)?.ok_or_else(damaged)?;
        if super::wrapped::epoch(&line) != Some(epoch) {
            let kek = self.epochs.get(epoch)?.ok_or_else(damaged)?;
            let line = kek.wrap(name, &secret).map_err(at(&self.dir.key(name)))?;
            self.dir.write(name, &line)?;
            let written = self.dir.read(name)?.unwrap_or_default();
            if kek.unwrap(name, &written).is_none_or(|read| read != secret) {
                return Err(damaged());
            }
        }
        Ok(true)
    }

    /// Wraps the epoch under another root key, that of `config`. Keys and their epoch stay as they are.
    ///
    /// From here on the old root key opens the keyring no longer; it still opens old copies of the keyring. Processes
    /// that are running go on, and are to be started again with the new key before the next rotation of the epoch.
    pub fn rotate_root(self, config: &KeyConfig) -> Result<Self, KeyError> {
        let (root, _) = config.check()?;
        if self.dir.epochs()?.len() > 1 {
            // With one epoch there is one file to replace, and no moment in which two roots are needed.
            self.rotate(&mut |_| Ok(()))?;
        }
        {
            let _rotation = self.dir.rotation_lock()?;
            let _lock = self.dir.lock()?;
            self.epochs.write(&*self.epochs.newest()?, &root)?;
        }
        Self::open(config)
    }
}
