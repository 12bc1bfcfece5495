//! Files of checkpoints. They only ever grow, so a file system that keeps files append-only may hold them.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use hearback_access::audit::{Checkpoint, PublicKey, Tampering};

use super::tampered;
use crate::failure::Failure;

/// The file in a directory of checkpoints.
const FILE: &str = "audit.checkpoints";

/// What the checkpoints in these files and directories say. None at all is an error: nothing would be compared.
pub(super) fn read(places: &[PathBuf], public: &PublicKey) -> Result<Vec<Checkpoint>, Failure> {
    let mut known = Vec::new();
    for place in places {
        let found = read_one(place, public)?;
        if found.is_empty() {
            return Err(Failure::BadInput(format!(
                "There is no checkpoint in {}; name the file or the directory that holds them.",
                place.display()
            )));
        }
        known.extend(found);
    }
    Ok(known)
}

/// The same, of one place, which need not be there.
pub(crate) fn read_one(place: &Path, public: &PublicKey) -> Result<Vec<Checkpoint>, Failure> {
    let file = if place.is_dir() { place.join(FILE) } else { place.to_owned() };
    let bytes = match fs::read(&file) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Failure::BadInput(format!("Cannot read {}: {e}.", file.display()))),
    };
    // A power cut may have ended the file in the middle of a character.
    match Checkpoint::read_all(&String::from_utf8_lossy(&bytes), public) {
        Ok(read) => Ok(read.checkpoints),
        Err(forged) => Err(tampered(Tampering::Forged { size: forged.size })),
    }
}

/// Puts the file of a directory aside, after a restore: it knows entries that this log no longer has. It stays, under
/// another name.
pub(crate) fn set_aside(dir: &Path, entries: u64) -> anyhow::Result<()> {
    let aside = |n: u32| dir.join(format!("{FILE}.before-restore-to-{entries}-{n}"));
    let free = (1..10_000).map(aside).find(|path| !path.exists());
    if let Some(free) = free {
        fs::rename(dir.join(FILE), &free)
            .with_context(|| format!("cannot set the checkpoints in {} aside", dir.display()))?;
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}

/// Adds a signed note. It is on the disk when this returns.
pub(super) fn append(dir: &Path, note: &str) -> anyhow::Result<()> {
    let path = dir.join(FILE);
    let context = || format!("cannot write the checkpoint to {}", path.display());
    if !dir.is_dir() {
        DirBuilder::new().recursive(true).mode(0o700).create(dir).with_context(context)?;
    }
    let new = !path.exists();
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600);
    let mut file = options.open(&path).with_context(context)?;
    file.lock().with_context(context)?;
    // What a power cut left unfinished is set apart.
    let apart = if ends_well(&mut file).with_context(context)? { "" } else { "\n\n" };
    file.write_all(format!("{apart}{note}\n").as_bytes()).with_context(context)?;
    file.sync_all().with_context(context)?;
    if new {
        File::open(dir)?.sync_all().with_context(context)?;
    }
    Ok(())
}

fn ends_well(file: &mut File) -> std::io::Result<bool> {
    if file.metadata()?.len() < 2 {
        return Ok(file.metadata()?.len() == 0);
    }
    let mut end = [0; 2];
    file.seek(SeekFrom::End(-2))?;
    file.read_exact(&mut end)?;
    Ok(end == *b"\n\n")
}
