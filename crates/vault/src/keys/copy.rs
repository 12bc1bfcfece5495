//! A copy of the keyring, for the day on which its disk is lost.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use hearback_domain::Timestamp;

use super::{
    dir::Dir,
    error::{KeyError, at},
    file::FileKeys,
};
use crate::durable;

/// Says that a keyring is a copy, and of when. What was erased since then, it does not know.
const COPIED: &str = "copied";

impl FileKeys {
    /// Copies the keyring into a directory that is not there yet; how many files that were.
    ///
    /// Every change of the keyring waits meanwhile, so that the copy is of one moment. Copies hold every key that is
    /// not yet destroyed: they are to be few, and replaced.
    pub fn copy_to(&self, target: &Path, now: Timestamp) -> Result<u64, KeyError> {
        let _rotation = self.dir.rotation_lock()?;
        let _lock = self.dir.lock()?;
        let files = copy(self.dir.path(), target).map_err(at(target))?;
        let stamp = format!("v1 {}\n", now.as_micros());
        durable::write_whole(target, COPIED, stamp.as_bytes()).map_err(at(target))?;
        Ok(files)
    }

    /// Makes a keyring out of a copy, in a directory that is not there yet: of when the copy was, if it was one.
    pub fn restore(copy_dir: &Path, target: &Path) -> Result<Option<Timestamp>, KeyError> {
        let stamp = copy_dir.join(COPIED);
        let text = durable::read_text(&stamp).map_err(at(&stamp))?;
        copy(copy_dir, target).map_err(at(copy_dir))?;
        let copied = target.join(COPIED);
        durable::wipe(&copied).and_then(|()| durable::sync_dir(target)).map_err(at(&copied))?;
        let read = |text: String| text.strip_prefix("v1 ")?.trim_end().parse().ok();
        match text {
            None => Ok(None),
            Some(text) => match read(text) {
                Some(micros) => Ok(Some(Timestamp::from_micros(micros))),
                None => Err(at(&stamp)(io::Error::from(io::ErrorKind::InvalidData))),
            },
        }
    }

    /// Where the ledger of erasures lies in a keyring.
    pub fn ledger_in(keyring: &Path) -> PathBuf {
        keyring.join(super::erase::LEDGER)
    }

    /// Whether a directory is a keyring, or a copy of one.
    pub fn is_keyring(dir: &Path) -> bool {
        Dir::new(dir.to_owned()).epochs().is_ok_and(|epochs| !epochs.is_empty())
    }

    /// Destroys a copy of the keyring: every file is overwritten before it goes.
    pub fn destroy_copy(dir: &Path) -> Result<(), KeyError> {
        let destroy = || -> io::Result<()> {
            for (path, is_dir) in entries(dir)? {
                if is_dir {
                    for (file, _) in entries(&path)? {
                        durable::wipe(&file)?;
                    }
                } else {
                    durable::wipe(&path)?;
                }
            }
            durable::remove_tree(dir)
        };
        destroy().map_err(at(dir))
    }
}

/// What is in a directory, and which of it are directories. Locks and leftovers are not copied, but destroyed with it.
fn entries(dir: &Path) -> io::Result<Vec<(PathBuf, bool)>> {
    fs::read_dir(dir)?
        .map(|entry| entry.and_then(|entry| Ok((entry.path(), entry.file_type()?.is_dir()))))
        .collect()
}

/// Two levels: the keyring has no more.
fn copy(from: &Path, to: &Path) -> io::Result<u64> {
    if to.exists() && !Dir::new(to.to_owned()).visible().is_ok_and(|names| names.is_empty()) {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    durable::private_dir(to)?;
    let mut files = 0;
    for (path, is_dir) in entries(from)? {
        let Some(name) = path.file_name().filter(|name| visible(name)) else { continue };
        if is_dir {
            let shelf = to.join(name);
            durable::private_dir(&shelf)?;
            for (file, _) in entries(&path)? {
                if let Some(name) = file.file_name().filter(|name| visible(name)) {
                    copy_file(&file, &shelf.join(name))?;
                    files += 1;
                }
            }
            durable::sync_dir(&shelf)?;
        } else {
            copy_file(&path, &to.join(name))?;
            files += 1;
        }
    }
    durable::sync_dir(to)?;
    Ok(files)
}

fn visible(name: &std::ffi::OsStr) -> bool {
    !name.as_encoded_bytes().starts_with(b".")
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let bytes = zeroize::Zeroizing::new(fs::read(from)?);
    let mut file: File = durable::new_file(to)?;
    file.write_all(&bytes)?;
    file.sync_all()
}
