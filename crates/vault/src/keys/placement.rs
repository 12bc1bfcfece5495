//! How far the key file is from the data it protects.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Component, Path, PathBuf},
};

use super::source::RootSource;

/// Where the root key lies. The first two are worth telling an administrator for as long as they last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// In the data's or the keyring's own directory tree: every backup of the tree holds key and data.
    SameTree,
    /// Elsewhere, but on the same file system: a copy of the disk holds key and data.
    SameFileSystem,
    /// On another file system.
    Apart,
    /// In no file that this service knows of: it comes from the environment or from a command.
    Elsewhere,
}

impl Placement {
    /// Of a root key, with respect to directories that may not exist yet.
    pub(super) fn of(root: &RootSource, data: &Path, keyring: &Path) -> io::Result<Self> {
        let RootSource::File(key_file) = root else { return Ok(Self::Elsewhere) };
        let key_file = key_file.canonicalize()?;
        let (data, keyring) = (resolve(data)?, resolve(keyring)?);
        if key_file.starts_with(&data) || key_file.starts_with(&keyring) {
            return Ok(Self::SameTree);
        }
        let device = fs::metadata(&key_file)?.dev();
        for dir in [&data, &keyring] {
            if fs::metadata(existing(dir))?.dev() == device {
                return Ok(Self::SameFileSystem);
            }
        }
        Ok(Self::Apart)
    }
}

/// Whether one of the two lies inside the other, links followed.
pub(super) fn nested(a: &Path, b: &Path) -> io::Result<bool> {
    let (a, b) = (resolve(a)?, resolve(b)?);
    Ok(a.starts_with(&b) || b.starts_with(&a))
}

/// The real path of what exists of `path`, and the rest by its words: where nothing is, there are no links either.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let known = existing(&path);
    let mut resolved = known.canonicalize()?;
    for part in path.strip_prefix(known).unwrap_or(Path::new("")).components() {
        match part {
            Component::ParentDir => {
                resolved.pop();
            }
            part => resolved.push(part),
        }
    }
    Ok(resolved)
}

fn existing(path: &Path) -> &Path {
    path.ancestors().find(|p| p.exists()).unwrap_or(Path::new("/"))
}
