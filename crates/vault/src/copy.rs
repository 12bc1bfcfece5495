//! What copies of the objects need: where a file lies, and the proof that it opens.

use std::{io::Read as _, path::PathBuf};

use hearback_access::StoredObject;
use hearback_domain::{KeyClass, RecordingId};

use crate::{
    error::VaultError,
    stored::{self, OBJECTS},
    vault::Vault,
};

impl StoredAt for StoredObject {
    fn stored_at(&self) -> PathBuf {
        PathBuf::from(OBJECTS)
            .join(self.recording.to_string())
            .join(self.kind.class().as_str())
            .join(stored::file_name(self.id))
    }
}

/// Where an object's file lies.
pub trait StoredAt {
    /// Its path below the vault's root. A backup has the same paths.
    fn stored_at(&self) -> PathBuf;
}

impl Vault {
    /// Opens an object and reads it to its end, so that every part of it is authenticated; gives nothing of it away.
    ///
    /// No permit: this is how an operator proves a backup, and nobody learns what is in it.
    pub fn prove(&self, object: &StoredObject) -> Result<(), VaultError> {
        let mut reader = self.open_unseen(object)?;
        let mut room = vec![0; 64 << 10];
        let mut read = 0_u64;
        loop {
            match reader.read(&mut room)? {
                0 if read == object.bytes => return Ok(()),
                0 => return Err(VaultError::Damaged(object.id)),
                n => read += n as u64,
            }
        }
    }

    /// Whether what lies under this key is erased.
    pub fn is_erased(&self, recording: RecordingId, class: KeyClass) -> Result<bool, VaultError> {
        Ok(self.keys().is_destroyed(recording, class)?)
    }
}
