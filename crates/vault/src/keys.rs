//! Keys: several per recording, wrapped under the keyring's epoch, in a directory that is neither the database nor
//! among the objects. The crate's page says what that means and what it does not.

mod begin;
mod copy;
mod dir;
mod epochs;
mod erase;
mod error;
mod escrow;
mod fields;
mod file;
mod ledger;
mod master;
mod name;
mod placement;
mod recover;
mod rotate;
mod signer;
mod source;
mod status;
mod wrapped;

use std::{fmt, path::Path};

use age::{secrecy::ExposeSecret as _, x25519};
use hearback_access::seal::FieldCipher;
use hearback_domain::{KeyClass, RecordingId, Timestamp};
use zeroize::Zeroizing;

pub use self::{
    begin::KeyConfig,
    error::KeyError,
    escrow::{Drill, Escrow},
    file::FileKeys,
    ledger::{Cause, Erased, LedgerHead, LedgerLine, LedgerSeq, UnknownCause},
    master::MasterKey,
    name::KeyName,
    placement::Placement,
    rotate::{Rotated, RotationStep},
    signer::Signer,
    source::RootSource,
    status::{KeyStatus, Stamp},
};

/// Keeps the keys and hands them out. May be another process one day, with budgets of its own.
pub trait KeyBroker: FieldCipher {
    /// Makes a key of a recording. One that is there stays; one that was destroyed is never made again
    /// ([`KeyError::Destroyed`]), and none is made over objects that already lie there ([`KeyError::Absent`]).
    fn create(&self, recording: RecordingId, class: KeyClass) -> Result<(), KeyError>;

    /// A key of a recording. [`KeyError::Destroyed`] or [`KeyError::Absent`] if there is none.
    fn identity(&self, recording: RecordingId, class: KeyClass) -> Result<RecordingKey, KeyError>;

    /// Whether a key of a recording was destroyed: cheaper than asking for it.
    fn is_destroyed(&self, recording: RecordingId, class: KeyClass) -> Result<bool, KeyError>;

    /// Destroys keys for good, after saying so in the ledger of erasures; the line that says it.
    ///
    /// Can be repeated, and is to be repeated after an error: what the ledger already says is not written again. What
    /// never had a key will not get one.
    fn destroy(&self, what: &Erased, cause: Cause, at: Timestamp) -> Result<LedgerSeq, KeyError>;

    /// The lines of the ledger after this one, oldest first. The whole chain is checked on the way.
    fn ledger_after(&self, seq: LedgerSeq) -> Result<Vec<LedgerLine>, KeyError>;

    /// Takes over the lines that another copy of this ledger has and this one lacks, and destroys what they say.
    fn adopt_ledger(&self, path: &Path) -> Result<Vec<LedgerLine>, KeyError>;

    /// What the installation signs with.
    fn signer(&self) -> Result<Signer, KeyError>;

    /// How the keyring is, for operators.
    fn status(&self) -> Result<KeyStatus, KeyError>;
}

/// One key of a recording: an age X25519 identity. Forgotten when dropped, never printed by accident.
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
    /// for. Whoever has this line and a copy of the objects of its class has what is in them.
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
