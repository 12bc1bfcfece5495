//! Files and directories that survive a power cut, readable by the service's own account only.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

/// Read and write for the owner, nothing for anybody else.
const PRIVATE_FILE: u32 = 0o600;
const PRIVATE_DIR: u32 = 0o700;

/// Makes the entries of `dir` (new names, gone names) last.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    File::open(dir)?.sync_all()
}

/// Makes `dir` and whatever is missing above it. Does nothing if it is there.
pub(crate) fn private_dir(dir: &Path) -> io::Result<()> {
    let create = || DirBuilder::new().mode(PRIVATE_DIR).create(dir);
    let parent = dir.parent();
    let made = match (create(), parent) {
        (Err(e), Some(parent)) if e.kind() == io::ErrorKind::NotFound => {
            private_dir(parent)?;
            create()
        }
        (made, _) => made,
    };
    match made {
        Ok(()) => parent.map_or(Ok(()), sync_dir),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(e),
    }
}

/// Makes a file that was not there before.
pub(crate) fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(PRIVATE_FILE).open(path)
}

/// Opens a file to lock on, making it if it is not there.
pub(crate) fn lock_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(PRIVATE_FILE).open(path)
}

/// Gives `dir` a whole file called `name`: at any moment it is there entirely or not at all.
pub(crate) fn write_whole(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let temporary = dir.join(format!(".{name}.{}.part", random_word()?));
    let written = (|| {
        let mut file = new_file(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, dir.join(name))
    })();
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    sync_dir(dir)
}

/// Fills `bytes` from the operating system's generator.
pub(crate) fn random(bytes: &mut [u8]) -> io::Result<()> {
    getrandom::fill(bytes).map_err(|e| io::Error::other(e.to_string()))
}

/// A word that no other temporary file has.
pub(crate) fn random_word() -> io::Result<String> {
    let mut bytes = [0; 8];
    random(&mut bytes)?;
    Ok(hex::encode(bytes))
}
