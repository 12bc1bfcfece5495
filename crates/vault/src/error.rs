//! What can go wrong, by what the caller does next.

use std::io;

use hearback_domain::ObjectId;

use crate::keys::KeyError;

/// Why the vault did not do it.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The permit is about another recording, or opens no objects of this kind. The caller asks for the right permit.
    #[error("this permit does not open that object")]
    NotPermitted,
    /// The recording was erased. The caller stops: nothing will bring it back.
    #[error("this recording was erased, and everything made from it")]
    Gone,
    /// The object is missing, altered, exchanged or cut off, or did not read back as it was written. The caller
    /// writes it again if it can, and tells an operator if it cannot.
    #[error(
        "the stored file {0} is damaged or missing; an administrator can put it back from a backup"
    )]
    Damaged(ObjectId),
    /// The disk would not. The caller tries again later.
    #[error("the disk where recordings are kept could not be read or written: {0}")]
    Io(#[source] io::Error),
    /// The key could not be had. The caller stops and tells an operator.
    #[error(transparent)]
    Keys(KeyError),
}

impl From<KeyError> for VaultError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Destroyed(_) => Self::Gone,
            error => Self::Keys(error),
        }
    }
}

/// Readers and writers speak `std::io`; this brings back what they meant.
impl From<io::Error> for VaultError {
    fn from(error: io::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(Self::Io)
    }
}

impl From<VaultError> for io::Error {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Io(e) => e,
            VaultError::NotPermitted => Self::new(io::ErrorKind::PermissionDenied, error),
            VaultError::Gone => Self::new(io::ErrorKind::NotFound, error),
            VaultError::Damaged(_) => Self::new(io::ErrorKind::InvalidData, error),
            VaultError::Keys(_) => Self::other(error),
        }
    }
}

/// An error met while decrypting: the disk's own errors stay what they are, every other one is damage.
pub(crate) fn while_decrypting(error: io::Error, id: ObjectId) -> VaultError {
    if error.raw_os_error().is_some() { VaultError::Io(error) } else { VaultError::Damaged(id) }
}
