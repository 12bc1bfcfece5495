//! The keyring as a directory of small files.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    str,
};

use hearback_domain::{KeyClass, RecordingId, Timestamp};
use zeroize::Zeroizing;

use super::{
    KeyBroker, RecordingKey,
    dir::Dir,
    epochs::Epochs,
    error::{KeyError, at},
    ledger::{Cause, Erased, LedgerLine, LedgerSeq},
    name::KeyName,
    placement::Placement,
    signer::Signer,
    status::KeyStatus,
};
use crate::{durable, stored};

/// How often a record is read again that was wrapped anew at that very moment. Each time is another rotation.
const TRIES: usize = 8;

/// Keys in files, each wrapped under the keyring's epoch, which is wrapped under the root key.
///
/// A destroyed key leaves an empty `….destroyed` behind: a late writer cannot make a new key for what was erased, and
/// an old copy of the keyring laid over this one does not bring it back.
pub struct FileKeys {
    pub(super) dir: Dir,
    pub(super) epochs: Epochs,
    pub(super) data: PathBuf,
    pub(super) placement: Placement,
}

impl FileKeys {
    /// How far the root key is from the data.
    pub fn placement(&self) -> Placement {
        self.placement
    }

    /// Opens every key that has a record; the first one that does not open is the error. Says how many there are.
    pub fn open_every(&self) -> Result<u64, KeyError> {
        let mut keys = 0;
        for name in self.dir.keys()? {
            match self.secret(name) {
                Ok(_) => keys += 1,
                Err(KeyError::Destroyed(_)) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(keys)
    }

    /// A key's bytes.
    pub(super) fn secret(&self, name: KeyName) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        for _ in 0..TRIES {
            // The key before the tombstone: a destruction in between is seen either way.
            let line = self.dir.read(name)?;
            if self.dir.destroyed(name)? {
                return Err(KeyError::Destroyed(name));
            }
            let line = line.ok_or(KeyError::Absent(name))?;
            // Of an epoch that is over, there is a newer record by now.
            if let Some(secret) = self.unwrap(name, &line)? {
                return Ok(secret);
            }
        }
        Err(KeyError::Damaged(name))
    }

    /// Opens a record; nothing if its epoch is over.
    pub(super) fn unwrap(
        &self,
        name: KeyName,
        line: &str,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        let damaged = || KeyError::Damaged(name);
        let epoch = super::wrapped::epoch(line).ok_or_else(damaged)?;
        let Some(kek) = self.epochs.get(epoch)? else { return Ok(None) };
        kek.unwrap(name, line).ok_or_else(damaged).map(Some)
    }

    pub(super) fn make(&self, name: KeyName) -> Result<(), KeyError> {
        let _lock = self.dir.lock()?;
        if self.dir.destroyed(name)? {
            return Err(KeyError::Destroyed(name));
        }
        if self.dir.read(name)?.is_some() {
            return Ok(());
        }
        // A record that is lost is not replaced by one that opens nothing.
        if name.belongs_to_the_installation() || self.has_objects(name)? {
            return Err(KeyError::Absent(name));
        }
        let kek = self.epochs.newest()?;
        let line = new_secret(name).and_then(|secret| kek.wrap(name, &secret));
        self.dir.write(name, &line.map_err(at(&self.dir.key(name)))?)
    }

    fn has_objects(&self, name: KeyName) -> Result<bool, KeyError> {
        let KeyName::Recording(recording, class) = name else { return Ok(false) };
        let objects = Dir::new(stored::class_dir(&self.data, recording, class));
        Ok(!objects.visible()?.is_empty())
    }
}

/// Fresh bytes for a key of this name.
pub(super) fn new_secret(name: KeyName) -> io::Result<Zeroizing<Vec<u8>>> {
    if let KeyName::Recording(..) = name {
        return Ok(Zeroizing::new(RecordingKey::generate().line().as_bytes().to_vec()));
    }
    let mut secret = Zeroizing::new(vec![0; 32]);
    durable::random(&mut secret)?;
    Ok(secret)
}

impl KeyBroker for FileKeys {
    fn create(&self, recording: RecordingId, class: KeyClass) -> Result<(), KeyError> {
        self.make(KeyName::Recording(recording, class))
    }

    fn identity(&self, recording: RecordingId, class: KeyClass) -> Result<RecordingKey, KeyError> {
        let name = KeyName::Recording(recording, class);
        let secret = self.secret(name)?;
        str::from_utf8(&secret)
            .ok()
            .and_then(RecordingKey::from_line)
            .ok_or(KeyError::Damaged(name))
    }

    fn is_destroyed(&self, recording: RecordingId, class: KeyClass) -> Result<bool, KeyError> {
        self.dir.destroyed(KeyName::Recording(recording, class))
    }

    fn destroy(&self, what: &Erased, cause: Cause, at: Timestamp) -> Result<LedgerSeq, KeyError> {
        self.erase(what, cause, at)
    }

    fn ledger_after(&self, seq: LedgerSeq) -> Result<Vec<LedgerLine>, KeyError> {
        self.ledger_lines_after(seq)
    }

    fn adopt_ledger(&self, path: &Path) -> Result<Vec<LedgerLine>, KeyError> {
        self.adopt(path)
    }

    fn signer(&self) -> Result<Signer, KeyError> {
        let seed = self.secret(KeyName::Signing)?;
        Signer::from_seed(&seed).ok_or(KeyError::Damaged(KeyName::Signing))
    }

    fn status(&self) -> Result<KeyStatus, KeyError> {
        self.look()
    }
}

impl fmt::Debug for FileKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileKeys")
            .field("keyring", &self.dir.path())
            .field("placement", &self.placement)
            .finish_non_exhaustive()
    }
}
