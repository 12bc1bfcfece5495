//! Files of a backup: written so that they last, and hashed on the way.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Read, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

/// A file's length and SHA-256.
pub(super) type Digest = (u64, [u8; 32]);

/// Reads something to its end, and hands each piece on.
fn drain(mut from: impl Read, mut each: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<Digest> {
    let (mut hash, mut length) = (Sha256::new(), 0);
    let mut room = vec![0; 128 << 10];
    loop {
        let read = match from.read(&mut room) {
            Ok(0) => return Ok((length, hash.finalize().into())),
            Ok(read) => read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        hash.update(&room[..read]);
        length += read as u64;
        each(&room[..read])?;
    }
}

/// Closes a file to other accounts, and makes it last.
pub(super) fn settle(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    File::open(path)?.sync_all()
}

/// A directory that goes with everything in it, for this account alone.
pub(super) fn scratch(above: Option<&Path>) -> io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.permissions(Permissions::from_mode(0o700));
    above.map_or_else(|| builder.tempdir(), |dir| builder.tempdir_in(dir))
}

/// A file's digest.
pub(super) fn digest(path: &Path) -> io::Result<Digest> {
    drain(File::open(path)?, |_| Ok(()))
}

fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Copies a file to a place where none is. A real copy, never a link: what happens to the one does not happen to the
/// other. It is on the disk when this returns, except for its name ([`sync_tree`]).
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<Digest> {
    if let Some(dir) = to.parent() {
        private_dir(dir)?;
    }
    let source = File::open(from)?;
    let mut file = new_file(to)?;
    let digest = drain(source, |piece| file.write_all(piece))?;
    file.sync_all()?;
    Ok(digest)
}

/// Gives a place a whole file, or leaves it as it was.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_added_extension("part");
    let _ = fs::remove_file(&temporary);
    let written = (|| {
        let mut file = new_file(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    })();
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// Makes a directory for this account alone, and whatever is missing above it.
pub(super) fn private_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    File::open(dir)?.sync_all()
}

/// Makes the names below a directory last.
pub(super) fn sync_tree(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_tree(&entry.path())?;
        }
    }
    sync_dir(dir)
}

/// Everything below a directory that is not itself a directory, by its path from there.
pub(super) fn all_below(dir: &Path) -> io::Result<Vec<PathBuf>> {
    fn walk(dir: &Path, from: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let path = from.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                walk(&entry.path(), &path, found)?;
            } else {
                found.push(path);
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    walk(dir, Path::new(""), &mut found)?;
    found.sort();
    Ok(found)
}

/// Whether nothing is there, or a directory with nothing in it.
pub(super) fn is_free(path: &Path) -> io::Result<bool> {
    match fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(e) => Err(e),
    }
}

/// A directory beside `target` that takes its place when it is whole, and goes when it is dropped before.
pub(super) struct Growing {
    dir: tempfile::TempDir,
    target: PathBuf,
}

impl Growing {
    pub(super) fn beside(target: &Path) -> io::Result<Self> {
        let target = std::path::absolute(target)?;
        let above = target.parent().unwrap_or(Path::new("/"));
        private_dir(above)?;
        let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let dir = tempfile::Builder::new()
            .prefix(&format!(".{name}."))
            .suffix(".part")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(above)?;
        Ok(Self { dir, target })
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Makes it last, and gives it its name.
    pub(super) fn finish(self) -> io::Result<()> {
        sync_tree(self.dir.path())?;
        // An empty directory of that name may be there.
        fs::rename(self.dir.path(), &self.target)?;
        let _ = self.dir.keep();
        self.target.parent().map_or(Ok(()), sync_dir)
    }
}
