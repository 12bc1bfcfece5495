//! Keys: one per recording, wrapped under the key file, in a keyring that is neither the database nor among the
//! objects. The crate's page says what that means and what it does not.

mod error;
mod file;
mod master;
mod placement;
mod wrapped;

use std::fmt;

use age::{secrecy::ExposeSecret as _, x25519};
use hearback_domain::RecordingId;
use zeroize::Zeroizing;

pub use self::{
    error::KeyError,
    file::{FileKeys, KeyConfig},
    master::MasterKey,
    placement::Placement,
};

/// Hands out the keys of recordings. May be another process one day, with budgets of its own.
pub trait KeyBroker: Send + Sync {
    /// Makes the key of a recording. A recording that has one keeps it; one whose key was destroyed never gets another
    /// ([`KeyError::Destroyed`]).
    fn create(&self, recording: RecordingId) -> Result<(), KeyError>;
    /// The key of a recording. [`KeyError::Destroyed`] or [`KeyError::Absent`] if there is none.
    fn identity(&self, recording: RecordingId) -> Result<RecordingKey, KeyError>;
    /// Destroys the key of a recording for good. Can be repeated; a recording that never had a key will not get one.
    fn destroy(&self, recording: RecordingId) -> Result<(), KeyError>;
}

/// The key of one recording: an age X25519 identity. Forgotten when dropped, never printed by accident.
pub struct RecordingKey(x25519::Identity);

impl RecordingKey {
    pub(crate) fn generate() -> Self {
        Self(x25519::Identity::generate())
    }

    /// From the line that [`line`](Self::line) gives.
    pub(crate) fn from_line(line: &str) -> Option<Self> {
        line.parse().ok().map(Self)
    }

    /// The secret itself, `AGE-SECRET-KEY-1…`, as `age --decrypt -i` takes it: for an export that an operator asked
    /// for. Whoever has this line and a copy of the objects has the recording.
    pub fn line(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.to_string().expose_secret().to_owned())
    }

    pub(crate) fn identity(&self) -> &x25519::Identity {
        &self.0
    }
}

impl fmt::Debug for RecordingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordingKey(***)")
    }
}
