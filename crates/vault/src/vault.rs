//! The vault itself.

use std::{
    fmt,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use hearback_access::{ObjectKind, Opens, seal::FieldCipher};
use hearback_domain::{KeyClass, ObjectId, PersonId, Purpose, RecordingId, Timestamp, UserId};

use crate::{
    durable,
    error::VaultError,
    keys::{Cause, Erased, KeyBroker, KeyStatus, LedgerHead, LedgerLine, LedgerSeq, Signer},
    reader::{ObjectKey, ObjectReader},
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
    /// The vault below `root`; makes `root/objects` if it is not there. Removes the objects that the ledger of erasures
    /// says are no more.
    pub fn new(root: impl Into<PathBuf>, keys: Arc<dyn KeyBroker>) -> Result<Self, VaultError> {
        let vault = Self { root: root.into(), keys };
        durable::private_dir(&vault.root.join(OBJECTS))?;
        for line in vault.keys.ledger_after(LedgerSeq(0))? {
            vault.remove_objects(&line.erased)?;
        }
        Ok(vault)
    }

    /// Makes the key of a recording's sound; does nothing if it has one. The permit is the one that gives the recording
    /// its original. Keys of other classes are made when the first object or value needs them.
    pub fn new_recording(&self, permit: &dyn Opens) -> Result<(), VaultError> {
        let kind = ObjectKind::Original;
        match permit.recording() {
            Some(recording) if permit.writes(kind) => {
                Ok(self.keys.create(recording, kind.class())?)
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
                self.keys.create(recording, kind.class())?;
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
        let place = permitted(permit, object)?;
        // The key first: of an erased recording, the missing file is not damage.
        let key = self.keys.identity(place.recording, place.kind.class())?;
        let file = File::open(self.path(object)).map_err(|e| missing(e, place.id))?;
        right_length(ObjectReader::open(&key, place, file)?, object)
    }

    /// Opens an object that was opened before, with the key that the reader then gave: some tenths of a millisecond
    /// sooner. The permit is as new as ever, and what was erased is gone here too.
    pub fn open_again(
        &self,
        permit: &dyn Opens,
        object: &StoredObject,
        key: &ObjectKey,
    ) -> Result<ObjectReader, VaultError> {
        let place = permitted(permit, object)?;
        if self.keys.is_destroyed(place.recording, place.kind.class())? {
            return Err(VaultError::Gone);
        }
        let file = File::open(self.path(object)).map_err(|e| missing(e, place.id))?;
        right_length(ObjectReader::again(key, place, file)?, object)
    }

    /// Reads an encrypted file whole and compares it with its row, without a key: for backups and for looking after
    /// disks.
    pub fn check(&self, object: &StoredObject) -> Result<(), VaultError> {
        let found = hash_of_file(&self.path(object)).map_err(|e| missing(e, object.id))?;
        if found == object.sha256 { Ok(()) } else { Err(VaultError::Damaged(object.id)) }
    }

    /// Erases classes of a recording: first a line in the ledger, then the keys, so that every copy of the objects and
    /// of what was sealed under them is closed for good, then the objects.
    ///
    /// Can be repeated, and is to be repeated after an error: nothing is written twice. After a crash the next start
    /// completes it. Without any class there is nothing to do and no line; then the number is 0.
    pub fn destroy(
        &self,
        recording: RecordingId,
        classes: &[KeyClass],
        cause: Cause,
        at: Timestamp,
    ) -> Result<LedgerSeq, VaultError> {
        let what = Erased::recording(recording, classes);
        let seq = self.keys.destroy(&what, cause, at)?;
        self.remove_objects(&what)?;
        Ok(seq)
    }

    /// Writes into the ledger what somebody who is heard took back, so that no old copy of the database opens it again;
    /// nothing is destroyed. To be called before the database commits that it is closed: what is here and not there is
    /// closed at the next start.
    ///
    /// Without any purpose there is nothing to do and no line; then the number is 0.
    pub fn close(
        &self,
        recording: RecordingId,
        person: PersonId,
        purposes: &[Purpose],
        at: Timestamp,
    ) -> Result<LedgerSeq, VaultError> {
        let what = Erased::closed(recording, person, purposes);
        Ok(self.keys.destroy(&what, Cause::Withdrawal, at)?)
    }

    /// Erases the key of a person with an account, in the same way.
    pub fn destroy_person(
        &self,
        person: UserId,
        cause: Cause,
        at: Timestamp,
    ) -> Result<LedgerSeq, VaultError> {
        Ok(self.keys.destroy(&Erased::Person(person), cause, at)?)
    }

    /// The lines of the ledger of erasures after this one, oldest first: what a database from an old copy has to be
    /// told before it is served from.
    pub fn ledger_after(&self, seq: LedgerSeq) -> Result<Vec<LedgerLine>, VaultError> {
        Ok(self.keys.ledger_after(seq)?)
    }

    /// The newest line of the ledger. Older than what the database remembers means that the keyring is an old copy.
    pub fn ledger_head(&self) -> Result<LedgerHead, VaultError> {
        let newest = self.keys.ledger_after(LedgerSeq(0))?.pop();
        Ok(newest.map_or_else(LedgerHead::default, |l| LedgerHead { seq: l.seq, link: l.link }))
    }

    /// Takes over what another copy of the ledger has and this one lacks, as after a restore from an old copy of the
    /// keyring; erases what those lines say, and returns them.
    pub fn adopt_ledger(&self, path: &Path) -> Result<Vec<LedgerLine>, VaultError> {
        let lines = self.keys.adopt_ledger(path)?;
        lines.iter().try_for_each(|line| self.remove_objects(&line.erased))?;
        Ok(lines)
    }

    fn remove_objects(&self, what: &Erased) -> Result<(), VaultError> {
        let Erased::Recording(recording, classes) = what else { return Ok(()) };
        let dir = stored::dir(&self.root, *recording);
        if !dir.try_exists()? {
            return Ok(());
        }
        for &class in classes {
            durable::remove_tree(&stored::class_dir(&self.root, *recording, class))?;
        }
        // Goes only if nothing is left in it.
        match fs::remove_dir(&dir) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::DirectoryNotEmpty => durable::sync_dir(&dir)?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(e.into()),
        }
        Ok(durable::sync_dir(&self.root.join(OBJECTS))?)
    }

    /// Seals and opens values of the database under the same keys. Blocks for some microseconds, for milliseconds when
    /// it makes a key.
    pub fn cipher(&self) -> Arc<dyn FieldCipher> {
        self.keys.clone()
    }

    /// How the keyring is, for operators.
    pub fn key_status(&self) -> Result<KeyStatus, VaultError> {
        Ok(self.keys.status()?)
    }

    /// What this installation signs with.
    pub fn signer(&self) -> Result<Signer, VaultError> {
        Ok(self.keys.signer()?)
    }

    /// Opens an object for somebody who is shown nothing of it.
    pub(crate) fn open_unseen(&self, object: &StoredObject) -> Result<ObjectReader, VaultError> {
        let StoredObject { id, recording, kind, .. } = *object;
        let key = self.keys.identity(recording, kind.class())?;
        let file = File::open(self.path(object)).map_err(|e| missing(e, id))?;
        right_length(ObjectReader::open(&key, Place { recording, id, kind }, file)?, object)
    }

    pub(crate) fn keys(&self) -> &dyn KeyBroker {
        &*self.keys
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    fn path(&self, object: &StoredObject) -> PathBuf {
        let dir = stored::class_dir(&self.root, object.recording, object.kind.class());
        dir.join(stored::file_name(object.id))
    }
}

/// Where the object belongs, if the permit opens it.
fn permitted(permit: &dyn Opens, object: &StoredObject) -> Result<Place, VaultError> {
    let StoredObject { id, recording, kind, .. } = *object;
    if permit.recording() != Some(recording) || !permit.reads(kind) {
        return Err(VaultError::NotPermitted);
    }
    Ok(Place { recording, id, kind })
}

fn right_length(reader: ObjectReader, object: &StoredObject) -> Result<ObjectReader, VaultError> {
    if reader.len() == object.bytes { Ok(reader) } else { Err(VaultError::Damaged(object.id)) }
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
