//! The keyring's directory: where things lie, who may change them, and what is left of changes that were cut off.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::{
    error::{KeyError, at},
    name::KeyName,
};
use crate::durable::{self, TEMPORARY};

const LOCK: &str = ".lock";
const ROTATION: &str = ".rotation";
const BEGINNING: &str = ".beginning";
const KEK: &str = "kek.";
const DESTROYED: &str = ".destroyed";

/// `<first two digits>/<id>.<purpose>` for each key, `….destroyed` for each that is no more, `kek.<n>` for each epoch.
#[derive(Clone)]
pub(super) struct Dir(PathBuf);

impl Dir {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// One change at a time, over all processes: whatever writes into the keyring holds this.
    pub(super) fn lock(&self) -> Result<File, KeyError> {
        self.lock_on(LOCK)
    }

    /// One rotation at a time. Taken before [`Self::lock`], never while holding it.
    pub(super) fn rotation_lock(&self) -> Result<File, KeyError> {
        self.lock_on(ROTATION)
    }

    fn lock_on(&self, name: &str) -> Result<File, KeyError> {
        let path = self.file(name);
        durable::lock_file(&path).and_then(|f| f.lock().map(|()| f)).map_err(at(&path))
    }

    fn folder(&self, name: KeyName) -> PathBuf {
        self.0.join(&name.id().to_string()[..2])
    }

    pub(super) fn key(&self, name: KeyName) -> PathBuf {
        self.folder(name).join(name.file_name())
    }

    fn tombstone(&self, name: KeyName) -> PathBuf {
        self.folder(name).join(name.file_name() + DESTROYED)
    }

    pub(super) fn kek(&self, epoch: u32) -> PathBuf {
        self.file(&format!("{KEK}{epoch}"))
    }

    pub(super) fn read(&self, name: KeyName) -> Result<Option<String>, KeyError> {
        let path = self.key(name);
        durable::read_text(&path).map_err(at(&path))
    }

    pub(super) fn destroyed(&self, name: KeyName) -> Result<bool, KeyError> {
        let path = self.tombstone(name);
        path.try_exists().map_err(at(&path))
    }

    pub(super) fn write(&self, name: KeyName, line: &str) -> Result<(), KeyError> {
        let folder = self.folder(name);
        durable::private_dir(&folder)
            .and_then(|()| durable::write_whole(&folder, &name.file_name(), line.as_bytes()))
            .map_err(at(&self.key(name)))
    }

    pub(super) fn write_kek(&self, epoch: u32, line: &str) -> Result<(), KeyError> {
        self.write_file(&format!("{KEK}{epoch}"), line)
    }

    pub(super) fn write_file(&self, name: &str, text: &str) -> Result<(), KeyError> {
        durable::write_whole(&self.0, name, text.as_bytes()).map_err(at(&self.file(name)))
    }

    /// Destroys a key, with what a cut-off writing of it may have left. The caller holds the lock.
    pub(super) fn destroy(&self, name: KeyName) -> Result<(), KeyError> {
        let (folder, key, tombstone) = (self.folder(name), self.key(name), self.tombstone(name));
        let leftover = format!(".{}.", name.file_name());
        // The tombstone first: from here on the key is refused, whatever happens to this process.
        if !self.destroyed(name)? {
            durable::private_dir(&folder)
                .and_then(|()| durable::new_file(&tombstone))
                .and_then(|file| file.sync_all())
                .map_err(at(&tombstone))?;
        }
        (|| {
            durable::sync_dir(&folder)?;
            durable::wipe(&key)?;
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                if entry.file_name().to_string_lossy().starts_with(&leftover) {
                    durable::wipe(&entry.path())?;
                }
            }
            durable::sync_dir(&folder)
        })()
        .map_err(at(&key))
    }

    /// Destroys an epoch. The caller holds the lock.
    pub(super) fn destroy_kek(&self, epoch: u32) -> Result<(), KeyError> {
        let path = self.kek(epoch);
        durable::wipe(&path).and_then(|()| durable::sync_dir(&self.0)).map_err(at(&path))
    }

    /// The epochs that are there.
    pub(super) fn epochs(&self) -> Result<BTreeSet<u32>, KeyError> {
        let number = |name: &str| {
            let number = name.strip_prefix(KEK)?.parse::<u32>().ok()?;
            (format!("{KEK}{number}") == name).then_some(number)
        };
        Ok(entries(&self.0)?.iter().filter_map(|name| number(name)).collect())
    }

    /// The keys that have a record.
    pub(super) fn keys(&self) -> Result<Vec<KeyName>, KeyError> {
        self.names(KeyName::parse)
    }

    /// The keys that have a tombstone.
    pub(super) fn tombstones(&self) -> Result<Vec<KeyName>, KeyError> {
        self.names(|name| name.strip_suffix(DESTROYED).and_then(KeyName::parse))
    }

    fn names(&self, read: impl Fn(&str) -> Option<KeyName>) -> Result<Vec<KeyName>, KeyError> {
        let mut names = Vec::new();
        for folder in self.folders()? {
            names.extend(entries(&folder)?.iter().filter_map(|name| read(name)));
        }
        Ok(names)
    }

    fn folders(&self) -> Result<Vec<PathBuf>, KeyError> {
        let two_digits = |n: &String| n.len() == 2 && n.bytes().all(|b| b.is_ascii_hexdigit());
        let names = entries(&self.0)?;
        Ok(names.into_iter().filter(two_digits).map(|name| self.0.join(name)).collect())
    }

    /// Removes what cut-off writers left. The caller holds the lock, so that nobody is still writing.
    pub(super) fn clear_leftovers(&self) -> Result<(), KeyError> {
        for dir in self.folders()?.into_iter().chain([self.0.clone()]) {
            for name in entries(&dir)? {
                if name.starts_with('.') && name.ends_with(TEMPORARY) {
                    let path = dir.join(name);
                    durable::wipe(&path).map_err(at(&path))?;
                }
            }
        }
        Ok(())
    }

    /// The names in it that are neither locks nor leftovers.
    pub(super) fn visible(&self) -> Result<Vec<String>, KeyError> {
        Ok(entries(&self.0)?.into_iter().filter(|name| !name.starts_with('.')).collect())
    }

    /// Notes that a keyring is being begun, or that it is there.
    pub(super) fn beginning(&self, begins: bool) -> Result<(), KeyError> {
        let path = self.file(BEGINNING);
        if begins {
            return self.write_file(BEGINNING, "");
        }
        durable::wipe(&path).and_then(|()| durable::sync_dir(&self.0)).map_err(at(&path))
    }

    /// Whether there is nothing but what a beginning that was cut off may have left.
    pub(super) fn is_blank(&self) -> Result<bool, KeyError> {
        let installations =
            |name: &str| KeyName::parse(name).is_some_and(KeyName::belongs_to_the_installation);
        let beginning = self.file(BEGINNING);
        if !beginning.try_exists().map_err(at(&beginning))? {
            return Ok(self.visible()?.is_empty());
        }
        for name in self.visible()? {
            let folder = Self(self.0.join(name));
            if !folder.0.is_dir() || !folder.visible()?.iter().all(|name| installations(name)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The names in a directory; none if it is not there. Names that are not text are none of ours.
fn entries(dir: &Path) -> Result<Vec<String>, KeyError> {
    let list = || -> io::Result<_> {
        let mut names = Vec::new();
        for entry in fs::read_dir(dir)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        Ok(names)
    };
    match list() {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed.map_err(at(dir)),
    }
}
