//! Clearing up after processes that were killed.

use std::{
    fs::{self, DirEntry, File, Metadata, TryLockError},
    io,
    time::{Duration, SystemTime},
};

use hearback_domain::{KeyClass, ObjectId, RecordingId, Timestamp};

use crate::{
    error::VaultError,
    stored::{self, Named, OBJECTS},
    vault::Vault,
};

/// What a sweep removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Whole objects that no row refers to.
    pub objects: u64,
    /// Temporary files whose writer is no more.
    pub temporary: u64,
    /// The sum of their sizes on disk, in bytes.
    pub bytes: u64,
}

impl Vault {
    /// Removes objects that nothing refers to, and temporary files that nobody writes any longer.
    ///
    /// Only files last changed more than `older_than` before `now` (the machine's time) are touched: an object gets its
    /// row a moment after it gets its name, so `older_than` has to be longer than that moment and than the reading of
    /// the rows behind `referenced`. An hour is plenty. Files with names that are not ours are left alone.
    pub fn sweep(
        &self,
        referenced: &dyn Fn(ObjectId) -> bool,
        now: Timestamp,
        older_than: Duration,
    ) -> Result<Swept, VaultError> {
        let limit = micros(older_than).map_or(i64::MIN, |age| now.as_micros().saturating_sub(age));
        let mut swept = Swept::default();
        for dir in fs::read_dir(self.root().join(OBJECTS))? {
            let dir = dir?;
            let ours = dir.file_name().to_str().is_some_and(is_recording);
            if !ours || !dir.file_type()?.is_dir() {
                continue;
            }
            for class in KeyClass::ALL {
                let dir = dir.path().join(class.as_str());
                for file in unless_gone(fs::read_dir(dir))?.into_iter().flatten() {
                    // An erasure may take the file, or the whole directory, away at any moment.
                    if let Some(file) = unless_gone(file)? {
                        unless_gone(clear(&file, referenced, limit, &mut swept))?;
                    }
                }
            }
        }
        Ok(swept)
    }
}

fn clear(
    file: &DirEntry,
    referenced: &dyn Fn(ObjectId) -> bool,
    limit: i64,
    swept: &mut Swept,
) -> io::Result<()> {
    let metadata = file.metadata()?;
    let old = metadata.is_file() && changed(&metadata)? < limit;
    let name = file.file_name();
    let count = match name.to_str().map_or(Named::Unknown, stored::read_name) {
        Named::Object(id) if old && !referenced(id) => &mut swept.objects,
        Named::Temporary if old && !being_written(file)? => &mut swept.temporary,
        _ => return Ok(()),
    };
    fs::remove_file(file.path())?;
    *count += 1;
    swept.bytes += metadata.len();
    Ok(())
}

/// A writer holds a lock on its file until it is done; the lock ends with the process.
fn being_written(file: &DirEntry) -> io::Result<bool> {
    Ok(matches!(File::open(file.path())?.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Microseconds since 1970.
fn changed(metadata: &Metadata) -> io::Result<i64> {
    let modified = metadata.modified()?;
    Ok(match modified.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => micros(since).unwrap_or(i64::MAX),
        Err(before) => micros(before.duration()).map_or(i64::MIN, |m| -m),
    })
}

fn micros(duration: Duration) -> Option<i64> {
    i64::try_from(duration.as_micros()).ok()
}

fn is_recording(name: &str) -> bool {
    name.parse::<RecordingId>().is_ok_and(|id| id.to_string() == name)
}

fn unless_gone<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}
