//! Writing an object: whole or not at all.

use std::{
    fmt,
    fs::{self, File},
    io::{self, Read as _, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use age::stream::StreamWriter;
use sha2::{Digest as _, Sha256};

use crate::{
    durable,
    error::VaultError,
    keys::KeyBroker,
    reader::ObjectReader,
    seal::{self, Place},
    stored::{self, StoredObject},
};

/// An object that is being written.
///
/// Nothing is visible until [`finish`](Self::finish) says so. Dropped before that, it leaves nothing; a killed process
/// leaves a temporary file, which [`Vault::sweep`](crate::Vault::sweep) removes.
pub struct ObjectWriter {
    stream: Option<StreamWriter<File>>,
    temporary: Temporary,
    object: PathBuf,
    place: Place,
    keys: Arc<dyn KeyBroker>,
    plaintext: Sha256,
    bytes: u64,
}

/// Goes away with its owner. After the renaming there is nothing left under that name.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // If it does not go now, the sweep takes it.
        let _ = fs::remove_file(&self.0);
    }
}

impl ObjectWriter {
    pub(crate) fn begin(
        root: &Path,
        keys: Arc<dyn KeyBroker>,
        place: Place,
    ) -> Result<Self, VaultError> {
        let class = place.kind.class();
        let key = keys.identity(place.recording, class)?;
        let dir = stored::class_dir(root, place.recording, class);
        durable::private_dir(&dir)?;
        let object = dir.join(stored::file_name(place.id));
        refuse_taken(&object)?;
        let temporary =
            Temporary(dir.join(stored::temporary_name(place.id, &durable::random_word()?)));
        let file = durable::new_file(&temporary.0)?;
        // Tells the sweep that somebody is still writing. A file system without locks has only the file's age to go by.
        let _ = file.try_lock();
        let stream = Some(seal::encrypt(&key, place, file)?);
        Ok(Self { stream, temporary, object, place, keys, plaintext: Sha256::new(), bytes: 0 })
    }

    /// Makes the object last and visible.
    ///
    /// What lies on the disk is read back, decrypted with the key as the keyring has it now, and compared with what
    /// was written; only then does it get its name. [`VaultError::Damaged`] if it differs, [`VaultError::Gone`] if
    /// its class was erased meanwhile.
    pub fn finish(mut self) -> Result<StoredObject, VaultError> {
        let stream = self.stream.take().ok_or_else(broken)?;
        // Kept open until the file has its name, for the lock.
        let file = stream.finish()?;
        file.sync_all()?;
        let plaintext: [u8; 32] = self.plaintext.finalize_reset().into();
        if self.read_back()? != (self.bytes, plaintext) {
            return Err(VaultError::Damaged(self.place.id));
        }
        let sha256 = hash_of_file(&self.temporary.0)?;
        refuse_taken(&self.object)?;
        fs::rename(&self.temporary.0, &self.object)?;
        let Place { recording, id, kind } = self.place;
        // An erasure from here on finds the file under its name; one from before that may have missed it.
        if self.keys.is_destroyed(recording, kind.class())? {
            fs::remove_file(&self.object)?;
            return Err(VaultError::Gone);
        }
        if let Some(dir) = self.object.parent() {
            durable::sync_dir(dir)?;
        }
        Ok(StoredObject { id, recording, kind, bytes: self.bytes, sha256 })
    }

    fn read_back(&self) -> Result<(u64, [u8; 32]), VaultError> {
        let key = self.keys.identity(self.place.recording, self.place.kind.class())?;
        let mut reader = ObjectReader::open(&key, self.place, File::open(&self.temporary.0)?)?;
        let mut hash = Sha256::new();
        let bytes = io::copy(&mut reader, &mut hash)?;
        Ok((bytes, hash.finalize().into()))
    }
}

impl Write for ObjectWriter {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let written = self.stream.as_mut().ok_or_else(broken)?.write(buf);
        match &written {
            Ok(n) => {
                self.plaintext.update(&buf[..*n]);
                self.bytes += *n as u64;
            }
            // Part of a chunk may be on the disk: going on would encrypt the wrong bytes under the next number.
            Err(_) => self.stream = None,
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.as_mut().ok_or_else(broken)?.flush()
    }
}

fn broken() -> io::Error {
    io::Error::other("writing failed earlier")
}

/// An object is written once: its name is never given a second time.
fn refuse_taken(object: &Path) -> io::Result<()> {
    if object.try_exists()? {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "this object is already written"));
    }
    Ok(())
}

pub(crate) fn hash_of_file(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buf = vec![0; 1 << 16];
    loop {
        match file.read(&mut buf)? {
            0 => return Ok(hash.finalize().into()),
            n => hash.update(&buf[..n]),
        }
    }
}

impl fmt::Debug for ObjectWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectWriter")
            .field("id", &self.place.id)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}
