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

/// How the names of files end that are still being written. They begin with a dot.
pub(crate) const TEMPORARY: &str = ".part";

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

/// Opens a file to write at its end, making it if it is not there.
pub(crate) fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(PRIVATE_FILE).open(path)
}

/// Gives `dir` a whole file called `name`: at any moment it is there entirely or not at all.
pub(crate) fn write_whole(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let temporary = dir.join(format!(".{name}.{}{TEMPORARY}", random_word()?));
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

/// A small file's text; nothing if there is no such file. What is not text comes out empty, and will not be understood.
pub(crate) fn read_text(path: &Path) -> io::Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8(bytes).unwrap_or_default())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Takes a small file away for good: its name first, so that nobody finds half of it, then zeros over it, for the file
/// systems and hard-linked copies where that helps. The caller makes its going last ([`sync_dir`]). Does nothing if it
/// is not there.
pub(crate) fn wipe(path: &Path) -> io::Result<()> {
    let hidden = path.with_file_name(format!(".wiped.{}{TEMPORARY}", random_word()?));
    match fs::rename(path, &hidden) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        renamed => renamed?,
    }
    let mut file = File::options().write(true).open(&hidden)?;
    let len = usize::try_from(file.metadata()?.len()).unwrap_or(0);
    file.write_all(&vec![0; len])?;
    file.sync_all()?;
    fs::remove_file(&hidden)
}

/// Removes a directory with everything in it. Does nothing if it is not there.
pub(crate) fn remove_tree(dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}
