//! What can go wrong with keys.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::name::KeyName;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It was erased. Nothing will bring it back.
    #[error("{0} was destroyed; what lay under it cannot be opened again")]
    Destroyed(KeyName),
    /// The keyring has no record of it, and none of its erasure either.
    #[error("the keyring does not have {0}; restore the keyring from its latest copy")]
    Absent(KeyName),
    /// The record is there but does not open.
    #[error("the keyring's record of {0} is damaged; restore it from the latest copy")]
    Damaged(KeyName),
    /// There is no key file.
    #[error(
        "there is no key file at {}; put it back from its safe copy, or make one if this installation is new", .0.display()
    )]
    NoMaster(PathBuf),
    /// There is no such environment variable.
    #[error("{0} is not set; it has to hold the root key")]
    NoRoot(String),
    /// The key command gave no key.
    #[error("{command} gave no key: {why}")]
    KeyCommand {
        /// The command.
        command: String,
        /// What went wrong.
        why: String,
    },
    /// What is there is no key.
    #[error("{0} does not give a key: it has to be one line, 32 bytes in hexadecimal or base64")]
    NotAMaster(String),
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
        "{0} lies in the same directory tree as the data it protects; move it to another volume, or say in the settings that this is accepted"
    )]
    Colocated(String),
    /// The keyring lies among the objects, or the other way round: a copy of the objects would be a copy of the keys.
    #[error(
        "the keyring {} lies among the encrypted recordings; give it a directory of its own", .0.display()
    )]
    KeyringAmongObjects(PathBuf),
    /// The root key is a sound one, but of another installation or another time.
    #[error(
        "the root key does not open the keyring {}; put back the one that this installation was started with, or recover with the escrow file (`hearback keys recover`)", .0.display()
    )]
    WrongMaster(PathBuf),
    /// There are recordings, but not the keyring that opens them.
    #[error(
        "there are recordings here but no keyring at {}; restore the keyring from its latest copy: new keys would not open them", .0.display()
    )]
    KeysMissing(PathBuf),
    /// The ledger of erasures is not as it was written.
    #[error(
        "line {line} of the ledger of erasures {} is not as it was written; restore the file from its latest copy", path.display()
    )]
    LedgerDamaged {
        /// The ledger.
        path: PathBuf,
        /// The first line that does not follow from those before it.
        line: u64,
    },
    /// Keys were destroyed of which the ledger does not know: lines are missing at its end.
    #[error(
        "the ledger of erasures {} lacks erasures that were carried out; restore the file from its latest copy", .0.display()
    )]
    LedgerShort(PathBuf),
    /// The other ledger is not a continuation of ours, nor ours of it.
    #[error(
        "the ledger {} belongs to another installation: it does not begin as this one does", .0.display()
    )]
    LedgersDiffer(PathBuf),
    /// There is no ledger to take over.
    #[error("there is no ledger of erasures at {}", .0.display())]
    NoLedger(PathBuf),
    /// Not the public key of an age identity.
    #[error("`{0}` is not the public key of a recipient; it begins with `age1`")]
    NotARecipient(String),
    /// Nobody to encrypt the escrow for.
    #[error("the escrow file needs at least one recipient; two are better")]
    NoRecipients,
    /// The identity file holds no identity.
    #[error(
        "{} holds no identity as `age-keygen` writes it (one with a passphrase has to be decrypted first)", .0.display()
    )]
    NotAnIdentity(PathBuf),
    /// The identity does not open the escrow file.
    #[error("the identity does not open {}; it is another recipient's, or the file is damaged", .0.display())]
    EscrowClosed(PathBuf),
    /// The file is encrypted for the identity, but no escrow.
    #[error("{} is not an escrow file", .0.display())]
    NotAnEscrow(PathBuf),
    /// The escrow is of another time or of another installation.
    #[error(
        "the escrow does not open the keyring {}: it is older than the last rotation, or of another installation; use the newest one", .0.display()
    )]
    EscrowStale(PathBuf),
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
                | Self::NoRoot(_)
                | Self::KeyCommand { .. }
                | Self::LedgerDamaged { .. }
                | Self::LedgerShort(_)
                | Self::NotAMaster(_)
                | Self::MasterExposed { .. }
                | Self::MasterExists(_)
                | Self::Colocated(_)
                | Self::KeyringAmongObjects(_)
                | Self::WrongMaster(_)
                | Self::KeysMissing(_)
        )
    }

    /// Whether it is about what the command was given, and that is to be corrected.
    pub const fn is_input(&self) -> bool {
        matches!(
            self,
            Self::LedgersDiffer(_)
                | Self::NoLedger(_)
                | Self::NotARecipient(_)
                | Self::NoRecipients
                | Self::NotAnIdentity(_)
                | Self::EscrowClosed(_)
                | Self::NotAnEscrow(_)
                | Self::EscrowStale(_)
        )
    }
}

/// Says which file an error was about.
pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> KeyError + '_ {
    |source| KeyError::Io { path: path.to_owned(), source }
}
