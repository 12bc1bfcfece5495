//! The key-encryption keys: one for each epoch, wrapped under the root.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError, RwLock},
};

use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    dir::Dir,
    error::{KeyError, at},
    master::MasterKey,
    name::KeyName,
    source::RootSource,
    wrapped::{self, Label, Wrapping},
};
use crate::durable;

const PURPOSE: &str = "kek";

/// A key-encryption key. Forgotten when the last user drops it.
pub(super) struct Kek {
    pub(super) epoch: u32,
    pub(super) key: Wrapping,
}

impl Kek {
    pub(super) fn generate(epoch: u32) -> std::io::Result<Self> {
        let mut key = Zeroizing::new([0; 32]);
        durable::random(&mut *key)?;
        Ok(Self { epoch, key })
    }

    pub(super) fn from_bytes(epoch: u32, bytes: &[u8]) -> Option<Self> {
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            return None;
        }
        key.copy_from_slice(bytes);
        Some(Self { epoch, key })
    }

    fn label(epoch: u32) -> Label<'static> {
        Label { id: Uuid::nil(), purpose: PURPOSE, epoch }
    }

    /// Its record under a root.
    pub(super) fn line(&self, root: &MasterKey) -> std::io::Result<String> {
        wrapped::wrap(root.bytes(), Self::label(self.epoch), &*self.key)
    }

    pub(super) fn from_line(epoch: u32, root: &MasterKey, line: &str) -> Option<Self> {
        Self::from_bytes(epoch, &wrapped::unwrap(root.bytes(), Self::label(epoch), line)?)
    }

    pub(super) fn wrap(&self, name: KeyName, secret: &[u8]) -> std::io::Result<String> {
        wrapped::wrap(&self.key, self.of(name), secret)
    }

    pub(super) fn unwrap(&self, name: KeyName, line: &str) -> Option<Zeroizing<Vec<u8>>> {
        wrapped::unwrap(&self.key, self.of(name), line)
    }

    fn of(&self, name: KeyName) -> Label<'static> {
        Label { id: name.id(), purpose: name.purpose(), epoch: self.epoch }
    }
}

/// The epochs of a keyring. In memory is what was asked for, for as long as its file is there; the root is read again
/// whenever an epoch is met for the first time, and not kept.
pub(super) struct Epochs {
    dir: Dir,
    root: RootSource,
    known: RwLock<BTreeMap<u32, Arc<Kek>>>,
}

impl Epochs {
    pub(super) fn new(dir: Dir, root: RootSource) -> Self {
        Self { dir, root, known: RwLock::default() }
    }

    pub(super) fn root(&self) -> &RootSource {
        &self.root
    }

    /// Opens every epoch there is; says which.
    pub(super) fn open(&self, root: &MasterKey) -> Result<BTreeSet<u32>, KeyError> {
        let mut found = self.dir.epochs()?;
        // One that is gone again was destroyed at this very moment.
        for epoch in found.clone() {
            if self.load(epoch, root)?.is_none() {
                found.remove(&epoch);
            }
        }
        Ok(found)
    }

    /// The key of an epoch; none if the epoch is over, whatever may be in memory.
    pub(super) fn get(&self, epoch: u32) -> Result<Option<Arc<Kek>>, KeyError> {
        let path = self.dir.kek(epoch);
        if !path.try_exists().map_err(at(&path))? {
            self.known.write().unwrap_or_else(PoisonError::into_inner).remove(&epoch);
            return Ok(None);
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&epoch).cloned();
        match known {
            Some(kek) => Ok(Some(kek)),
            None => self.load(epoch, &self.root.read()?),
        }
    }

    /// The newest one: what is wrapped anew is wrapped under it. The caller holds the keyring's lock.
    pub(super) fn newest(&self) -> Result<Arc<Kek>, KeyError> {
        let missing = || KeyError::KeysMissing(self.dir.path().to_owned());
        let newest = self.dir.epochs()?.last().copied().ok_or_else(missing)?;
        self.get(newest)?.ok_or_else(missing)
    }

    fn load(&self, epoch: u32, root: &MasterKey) -> Result<Option<Arc<Kek>>, KeyError> {
        let path = self.dir.kek(epoch);
        let Some(line) = durable::read_text(&path).map_err(at(&path))? else { return Ok(None) };
        let kek = Kek::from_line(epoch, root, &line)
            .ok_or_else(|| KeyError::WrongMaster(self.dir.path().to_owned()))?;
        let kek = Arc::new(kek);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Some(Arc::clone(known.entry(epoch).or_insert(kek))))
    }

    /// Writes the record of an epoch under a root, and looks whether it opens.
    pub(super) fn write(&self, kek: &Kek, root: &MasterKey) -> Result<(), KeyError> {
        let path = self.dir.kek(kek.epoch);
        self.dir.write_kek(kek.epoch, &kek.line(root).map_err(at(&path))?)?;
        let line = durable::read_text(&path).map_err(at(&path))?.unwrap_or_default();
        match Kek::from_line(kek.epoch, root, &line) {
            Some(read) if read.key == kek.key => Ok(()),
            _ => Err(KeyError::WrongMaster(self.dir.path().to_owned())),
        }
    }
}
