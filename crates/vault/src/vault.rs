//! The vault itself.

use std::{
    fmt,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use hearback_access::{ObjectKind, Opens};
use hearback_domain::{ObjectId, RecordingId};

use crate::{
    durable,
    error::VaultError,
    keys::KeyBroker,
    reader::ObjectReader,
    seal::Place,
    stored::{self, OBJECTS, StoredObject},
    writer::{ObjectWriter, hash_of_file},
};

/// The encrypted objects of an installation, and the broker of their keys. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    root: PathBuf,
    keys: Arc<dyn KeyBroker>,
}

impl Vault {
    /// The vault below `root`; makes `root/objects` if it is not there.
    pub fn new(root: impl Into<PathBuf>, keys: Arc<dyn KeyBroker>) -> Result<Self, VaultError> {
        let root = root.into();
        durable::private_dir(&root.join(OBJECTS))?;
        Ok(Self { root, keys })
    }

    /// Makes the key of a recording; does nothing if it has one. The permit is the one that gives the recording its
    /// original.
    pub fn new_recording(&self, permit: &dyn Opens) -> Result<(), VaultError> {
        match permit.recording() {
            Some(recording) if permit.writes(ObjectKind::Original) => {
                Ok(self.keys.create(recording)?)
            }
            _ => Err(VaultError::NotPermitted),
        }
    }

    /// Begins a new object of the permit's recording. `id` is freshly minted and never used again.
    pub fn add(
        &self,
        permit: &dyn Opens,
        kind: ObjectKind,
        id: ObjectId,
    ) -> Result<ObjectWriter, VaultError> {
        match permit.recording() {
            Some(recording) if permit.writes(kind) => {
                let place = Place { recording, id, kind };
                ObjectWriter::begin(&self.root, Arc::clone(&self.keys), place)
            }
            _ => Err(VaultError::NotPermitted),
        }
    }

    /// Opens an object for reading.
    ///
    /// Its header, its place, its end and its length are checked here; each chunk is checked when it is read.
    pub fn open(
        &self,
        permit: &dyn Opens,
        object: &StoredObject,
    ) -> Result<ObjectReader, VaultError> {
        let StoredObject { id, recording, kind, .. } = *object;
        if permit.recording() != Some(recording) || !permit.reads(kind) {
            return Err(VaultError::NotPermitted);
        }
        // The key first: of an erased recording, the missing file is not damage.
        let key = self.keys.identity(recording)?;
        let file = File::open(self.path(object)).map_err(|e| missing(e, id))?;
        let reader = ObjectReader::open(&key, Place { recording, id, kind }, file)?;
        if reader.len() != object.bytes {
            return Err(VaultError::Damaged(id));
        }
        Ok(reader)
    }

    /// Reads an encrypted file whole and compares it with its row, without a key: for backups and for looking after
    /// disks.
    pub fn check(&self, object: &StoredObject) -> Result<(), VaultError> {
        let found = hash_of_file(&self.path(object)).map_err(|e| missing(e, object.id))?;
        if found == object.sha256 { Ok(()) } else { Err(VaultError::Damaged(object.id)) }
    }

    /// Erases a recording: its key first, so that every copy of its objects is closed for good, then its objects.
    ///
    /// Can be repeated, and is to be repeated after an error or a crash until it succeeds.
    pub fn destroy_recording(&self, recording: RecordingId) -> Result<(), VaultError> {
        self.keys.destroy(recording)?;
        match fs::remove_dir_all(stored::dir(&self.root, recording)) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(e.into()),
        }
        Ok(durable::sync_dir(&self.root.join(OBJECTS))?)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    fn path(&self, object: &StoredObject) -> PathBuf {
        stored::dir(&self.root, object.recording).join(stored::file_name(object.id))
    }
}

fn missing(error: io::Error, id: ObjectId) -> VaultError {
    match error.kind() {
        io::ErrorKind::NotFound => VaultError::Damaged(id),
        _ => VaultError::Io(error),
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("root", &self.root).finish_non_exhaustive()
    }
}
