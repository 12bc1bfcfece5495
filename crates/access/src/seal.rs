//! Free text that is encrypted before it reaches a database.
//!
//! Names, notes and what people said yes to lie in database files, in their logs and in every backup of them. So the
//! storage drivers seal each such value under a key that lives outside the database; where a recording's key is
//! destroyed, its texts are closed in every copy (ETH-04). Whoever keeps the keys implements [`FieldCipher`].

use std::error::Error;

use hearback_domain::{KeyClass, RecordingId, UserId};
use uuid::Uuid;

/// Under which key a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldKey {
    /// A recording's, of this class.
    Recording(RecordingId, KeyClass),
    /// That of a person with an account.
    Person(UserId),
    /// The installation's own.
    Installation,
}

/// Where a value stands. Part of what is authenticated, so that one cannot stand in for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The row's own identifier.
    pub row: Uuid,
}

/// Why a value was not sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Its key was destroyed: the value is gone for good.
    #[error("the key was destroyed")]
    Destroyed,
    /// What lies there was not sealed for this place with this key.
    #[error("a sealed value is damaged")]
    Damaged,
    /// The keys could not be asked.
    #[error("the keys are not available")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

/// Seals and opens values.
pub trait FieldCipher: Send + Sync {
    /// Seals a value. The first one makes its key, unless that was destroyed.
    fn seal(&self, key: FieldKey, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, SealError>;

    /// Opens a value.
    fn open(&self, key: FieldKey, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError>;
}

/// No keys: for looking at a database before they are open. Seals nothing and opens nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoCipher;

/// The keys are not open.
#[derive(Debug, thiserror::Error)]
#[error("the keys are not open")]
struct Closed;

impl FieldCipher for NoCipher {
    fn seal(&self, _: FieldKey, _: Place<'_>, _: &[u8]) -> Result<Vec<u8>, SealError> {
        Err(SealError::Unavailable(Box::new(Closed)))
    }

    fn open(&self, _: FieldKey, _: Place<'_>, _: &[u8]) -> Result<Vec<u8>, SealError> {
        Err(SealError::Unavailable(Box::new(Closed)))
    }
}
