//! What the database keeps of an object, and where its file lies.

use std::path::{Path, PathBuf};

use hearback_domain::{KeyClass, ObjectId, RecordingId};

pub use hearback_access::StoredObject;

use crate::durable::TEMPORARY;

/// The directory that holds all objects below the vault's root.
pub(crate) const OBJECTS: &str = "objects";

const SUFFIX: &str = ".age";

/// Everything of a recording.
pub(crate) fn dir(root: &Path, recording: RecordingId) -> PathBuf {
    root.join(OBJECTS).join(recording.to_string())
}

/// What of it lies under one of its keys.
pub(crate) fn class_dir(root: &Path, recording: RecordingId, class: KeyClass) -> PathBuf {
    dir(root, recording).join(class.as_str())
}

pub(crate) fn file_name(id: ObjectId) -> String {
    format!("{id}{SUFFIX}")
}

/// The name of a file that is still being written.
pub(crate) fn temporary_name(id: ObjectId, word: &str) -> String {
    format!(".{id}.{word}{TEMPORARY}")
}

/// What a file in a recording's directory is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Named {
    Object(ObjectId),
    Temporary,
    /// Not ours.
    Unknown,
}

/// Reads a file's name. Only names that this crate would give count as ours.
pub(crate) fn read_name(name: &str) -> Named {
    if name.starts_with('.') && name.ends_with(TEMPORARY) {
        return Named::Temporary;
    }
    match name.strip_suffix(SUFFIX).and_then(|id| id.parse::<ObjectId>().ok()) {
        Some(id) if file_name(id) == name => Named::Object(id),
        _ => Named::Unknown,
    }
}
