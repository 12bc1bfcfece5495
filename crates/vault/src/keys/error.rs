//! What can go wrong with keys.

use std::{
    io,
    path::{Path, PathBuf},
};

use hearback_domain::RecordingId;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The recording was erased. Nothing will bring it back.
    #[error("the key of recording {0} was destroyed; the recording cannot be opened again")]
    Destroyed(RecordingId),
    /// The keyring has no record of this recording, and none of its erasure either.
    #[error("the keyring has no key for recording {0}; restore the keyring from its latest copy")]
    Absent(RecordingId),
    /// The record is there but does not open with the right key file.
    #[error("the keyring's record of recording {0} is damaged; restore it from the latest copy")]
    Damaged(RecordingId),
    /// There is no key file.
    #[error(
        "there is no key file at {}; put it back from its safe copy, or make one if this installation is new", .0.display()
    )]
    NoMaster(PathBuf),
    /// The key file holds something else.
    #[error(
        "{} is not a key file: it has to hold one line, 32 bytes in hexadecimal or base64", .0.display()
    )]
    NotAMaster(PathBuf),
    /// Others on this machine may read the key file.
    #[error(
        "other accounts can read the key file {} (mode {mode:04o}); run `chmod 600` on it", path.display()
    )]
    MasterExposed {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A key file is never overwritten.
    #[error("there already is a file at {}; a key file is never overwritten", .0.display())]
    MasterExists(PathBuf),
    /// The key file lies among what it protects.
    #[error(
        "the key file {} lies in the same directory tree as the data it protects; move it to another volume, or say in the settings that this is accepted", .0.display()
    )]
    Colocated(PathBuf),
    /// The keyring lies among the objects, or the other way round: a copy of the objects would be a copy of the keys.
    #[error(
        "the keyring {} lies among the encrypted recordings; give it a directory of its own", .0.display()
    )]
    KeyringAmongObjects(PathBuf),
    /// The key file is a sound one, but of another installation or another time.
    #[error(
        "the key file does not open the keyring {}; put back the key file that this installation was started with", .0.display()
    )]
    WrongMaster(PathBuf),
    /// There are recordings, but not the keyring that opens them.
    #[error(
        "there are recordings here but no keyring at {}; restore the keyring from its latest copy: new keys would not open them", .0.display()
    )]
    KeysMissing(PathBuf),
    /// The disk would not.
    #[error("{} could not be read or written: {source}", path.display())]
    Io {
        /// Which file or directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl KeyError {
    /// Whether it is for an operator to mend before the service can start (`serve` ends with status 78).
    pub const fn is_configuration(&self) -> bool {
        matches!(
            self,
            Self::NoMaster(_)
                | Self::NotAMaster(_)
                | Self::MasterExposed { .. }
                | Self::MasterExists(_)
                | Self::Colocated(_)
                | Self::KeyringAmongObjects(_)
                | Self::WrongMaster(_)
                | Self::KeysMissing(_)
        )
    }
}

/// Says which file an error was about.
pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> KeyError + '_ {
    |source| KeyError::Io { path: path.to_owned(), source }
}
