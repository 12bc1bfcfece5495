//! The keyring as a directory of small files.

use std::{
    fmt,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    str,
};

use hearback_domain::RecordingId;
use uuid::Uuid;

use super::{
    KeyBroker, RecordingKey,
    error::{KeyError, at},
    master::MasterKey,
    placement::{Placement, nested},
    wrapped::{self, Purpose},
};
use crate::{durable, stored::OBJECTS};

const CANARY: &str = "canary";
const CANARY_SAYS: &[u8] = b"hearback canary";
const LOCK: &str = ".lock";

/// Where keys and data lie.
#[derive(Clone, Debug)]
pub struct KeyConfig {
    /// The key file. Best on another volume.
    pub key_file: PathBuf,
    /// The keyring's directory. Never inside the objects' directory.
    pub keyring: PathBuf,
    /// The vault's root.
    pub data: PathBuf,
    /// The operator accepts a key file in the same directory tree as the data.
    pub accept_colocated: bool,
    /// The database has recordings. Then a missing keyring is a loss, not a new installation.
    pub recordings_exist: bool,
}

/// Keys in files: `<keyring>/<first two digits>/<recording>`, each wrapped under the key file.
///
/// A destroyed key leaves an empty `<recording>.destroyed` behind: a late writer cannot make a new key for an erased
/// recording, and an old copy of the keyring laid over this one does not bring it back.
pub struct FileKeys {
    keyring: PathBuf,
    master: MasterKey,
    placement: Placement,
}

impl FileKeys {
    /// Opens the keyring, or begins one if there are neither keys nor data yet.
    ///
    /// Refuses, for an operator to mend ([`KeyError::is_configuration`]): a key file that is missing, readable by others,
    /// among the data, or not the one that this keyring was made with; and data whose keyring is missing.
    pub fn open(config: &KeyConfig) -> Result<Self, KeyError> {
        let KeyConfig { key_file, keyring, data, .. } = config;
        let master = MasterKey::read_file(key_file)?;
        let placement = Placement::of(key_file, data, keyring).map_err(at(key_file))?;
        if placement == Placement::SameTree && !config.accept_colocated {
            return Err(KeyError::Colocated(key_file.clone()));
        }
        let objects = data.join(OBJECTS);
        if nested(keyring, &objects).map_err(at(keyring))? {
            return Err(KeyError::KeyringAmongObjects(keyring.clone()));
        }
        let keys = Self { keyring: keyring.clone(), master, placement };
        if keys.canary_sings()? {
            return Ok(keys);
        }
        // Nothing is made before it is certain that nothing is missing.
        let empty = |dir: &Path| is_empty(dir).map_err(at(dir));
        let missing = config.recordings_exist || !empty(&objects)? || !empty(keyring)?;
        // What lies there may have come after the first look: another process was first.
        if missing && !keys.canary_sings()? {
            return Err(KeyError::KeysMissing(keyring.clone()));
        }
        keys.begin()?;
        Ok(keys)
    }

    /// How far the key file is from the data.
    pub fn placement(&self) -> Placement {
        self.placement
    }

    fn begin(&self) -> Result<(), KeyError> {
        durable::private_dir(&self.keyring).map_err(at(&self.keyring))?;
        let _lock = self.lock()?;
        // Another process may have been first.
        if self.canary_sings()? {
            return Ok(());
        }
        wrapped::wrap(&self.master, Uuid::nil(), Purpose::Canary, CANARY_SAYS)
            .and_then(|line| durable::write_whole(&self.keyring, CANARY, line.as_bytes()))
            .map_err(at(&self.keyring))
    }

    /// Whether the key file opens this keyring; false if there is no canary.
    fn canary_sings(&self) -> Result<bool, KeyError> {
        let path = self.keyring.join(CANARY);
        let Some(line) = read(&path)? else { return Ok(false) };
        match wrapped::unwrap(&self.master, Uuid::nil(), Purpose::Canary, &line) {
            Some(says) if *says == CANARY_SAYS => Ok(true),
            _ => Err(KeyError::WrongMaster(self.keyring.clone())),
        }
    }

    /// One change at a time, over all processes: the first key of a recording is never replaced by a second one.
    fn lock(&self) -> Result<File, KeyError> {
        let path = self.keyring.join(LOCK);
        durable::lock_file(&path).and_then(|f| f.lock().map(|()| f)).map_err(at(&path))
    }

    fn record(&self, recording: RecordingId) -> Record {
        let name = recording.to_string();
        let dir = self.keyring.join(&name[..2]);
        Record {
            key: dir.join(&name),
            tombstone: dir.join(format!("{name}.destroyed")),
            dir,
            name,
            id: recording,
        }
    }
}

/// Where things of one recording lie in the keyring.
struct Record {
    id: RecordingId,
    name: String,
    dir: PathBuf,
    key: PathBuf,
    tombstone: PathBuf,
}

impl Record {
    fn destroyed(&self) -> Result<bool, KeyError> {
        self.tombstone.try_exists().map_err(at(&self.tombstone))
    }

    fn has_key(&self) -> Result<bool, KeyError> {
        self.key.try_exists().map_err(at(&self.key))
    }
}

impl KeyBroker for FileKeys {
    fn create(&self, recording: RecordingId) -> Result<(), KeyError> {
        let record = self.record(recording);
        let _lock = self.lock()?;
        if record.destroyed()? {
            return Err(KeyError::Destroyed(recording));
        }
        if record.has_key()? {
            return Ok(());
        }
        let secret = RecordingKey::generate().line();
        let written = (|| {
            let line = wrapped::wrap(
                &self.master,
                recording.as_uuid(),
                Purpose::Recording,
                secret.as_bytes(),
            )?;
            durable::private_dir(&record.dir)?;
            durable::write_whole(&record.dir, &record.name, line.as_bytes())
        })();
        written.map_err(at(&record.key))
    }

    fn identity(&self, recording: RecordingId) -> Result<RecordingKey, KeyError> {
        let record = self.record(recording);
        // The key before the tombstone: a destruction in between is seen either way.
        let line = read(&record.key)?;
        if record.destroyed()? {
            return Err(KeyError::Destroyed(recording));
        }
        let line = line.ok_or(KeyError::Absent(recording))?;
        wrapped::unwrap(&self.master, recording.as_uuid(), Purpose::Recording, &line)
            .and_then(|secret| str::from_utf8(&secret).ok().and_then(RecordingKey::from_line))
            .ok_or(KeyError::Damaged(record.id))
    }

    fn destroy(&self, recording: RecordingId) -> Result<(), KeyError> {
        let record = self.record(recording);
        let _lock = self.lock()?;
        // The tombstone first: from here on the key is refused, whatever happens to this process.
        if !record.destroyed()? {
            durable::private_dir(&record.dir)
                .and_then(|()| durable::new_file(&record.tombstone))
                .and_then(|file| file.sync_all())
                .map_err(at(&record.tombstone))?;
        }
        let destroyed = (|| {
            durable::sync_dir(&record.dir)?;
            overwrite(&record.key)?;
            if let Err(e) = fs::remove_file(&record.key)
                && e.kind() != io::ErrorKind::NotFound
            {
                return Err(e);
            }
            durable::sync_dir(&record.dir)
        })();
        destroyed.map_err(at(&record.key))
    }
}

/// Lays zeros over a file, for the file systems and hard-linked copies where that helps.
fn overwrite(path: &Path) -> io::Result<()> {
    let mut file = match File::options().write(true).open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(e),
    };
    let len = usize::try_from(file.metadata()?.len()).unwrap_or(0);
    file.write_all(&vec![0; len])?;
    file.sync_all()
}

fn read(path: &Path) -> Result<Option<String>, KeyError> {
    match fs::read(path) {
        // What is not text is not a record; it will not open, and that is said elsewhere.
        Ok(bytes) => Ok(Some(String::from_utf8(bytes).unwrap_or_default())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(at(path)(e)),
    }
}

/// Whether a directory is missing or holds nothing but locks and leftovers.
fn is_empty(dir: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(e) => return Err(e),
    };
    for entry in entries {
        if !entry?.file_name().as_encoded_bytes().starts_with(b".") {
            return Ok(false);
        }
    }
    Ok(true)
}

impl fmt::Debug for FileKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileKeys")
            .field("keyring", &self.keyring)
            .field("placement", &self.placement)
            .finish_non_exhaustive()
    }
}
