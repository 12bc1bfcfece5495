//! How a stage ends when it does not end well.

use hearback_audio::AudioError;
use hearback_domain::policy::Refusal;
use hearback_storage::StoreError;
use hearback_vault::VaultError;

use crate::Reason;

/// A result whose error is an [`Ending`].
pub(crate) type Result<T, E = Ending> = std::result::Result<T, E>;

/// Why there is no result. The variants are what becomes of the job.
#[derive(Debug)]
pub(crate) enum Ending {
    /// The lease is gone: write nothing.
    Lost,
    /// The policy said no. The job has been ended together with the audit entry.
    Refused(Refusal),
    /// The recording was erased.
    Gone,
    /// The work was told to stop.
    Halted,
    /// Trying again may help.
    Again(Reason),
    /// Trying again changes nothing.
    Never(Reason),
    /// An operator has to put something in place; until then the job waits.
    Wait(Reason),
}

impl From<StoreError> for Ending {
    fn from(error: StoreError) -> Self {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the database failed during a job"
        );
        Self::Again(Reason::Database)
    }
}

impl From<VaultError> for Ending {
    fn from(error: VaultError) -> Self {
        let reason = match error {
            VaultError::Gone => return Self::Gone,
            VaultError::Damaged(_) => Reason::Damaged,
            _ => Reason::Vault,
        };
        tracing::warn!(error = &error as &dyn std::error::Error, "the vault failed during a job");
        Self::Again(reason)
    }
}

/// Only the vault is read and written here, so an error of reading or writing is its own.
impl From<std::io::Error> for Ending {
    fn from(error: std::io::Error) -> Self {
        VaultError::from(error).into()
    }
}

/// A verdict about the file is not an ending but a result; the caller takes it out first.
impl From<AudioError> for Ending {
    fn from(error: AudioError) -> Self {
        match error {
            AudioError::Io(error) => error.into(),
            AudioError::PastTheEnd { .. } => Self::Never(Reason::PastTheEnd),
            AudioError::NoFence(missing) => {
                tracing::error!(
                    missing,
                    "nothing is decoded: the fence around the decoder does not stand"
                );
                Self::Wait(Reason::NoFence)
            }
            error => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "sound could not be decoded or cut"
                );
                Self::Again(Reason::Decoder)
            }
        }
    }
}
