//! Copies of the whole database: what a backup holds, and what a database needs that came out of one.
//!
//! For operators, so without permits: nothing here shows what anybody said, wrote or is called.

use async_trait::async_trait;
use hearback_access::StoredObject;
use hearback_domain::Timestamp;

use crate::Result;

/// How many sealed texts there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SealedTexts {
    /// That open.
    pub opened: u64,
    /// Whose key is destroyed.
    pub erased: u64,
}

/// What a copy holds, and what it needs before it serves.
#[async_trait]
pub trait Copies {
    /// Every object there is, by id.
    async fn every_object(&mut self) -> Result<Vec<StoredObject>>;

    /// Opens everything that is sealed in any table, and lets go of it. One that is damaged, or whose key is missing
    /// without having been destroyed, is an error: then keys and database do not belong together.
    async fn try_texts(&mut self) -> Result<SealedTexts>;

    /// What the database says contradicts itself, in its own words; nothing if it is sound. Reads all of it.
    async fn contradictions(&mut self) -> Result<Vec<String>>;

    /// The number of the newest change of the schema that it has seen.
    async fn schema_version(&mut self) -> Result<i64>;

    /// Makes a database that came out of a copy fit to be served from: nobody is signed in or about to be, no browser
    /// is remembered, what workers had is queued again, and nothing counts as sealed: the checkpoints of a log that
    /// went on without this copy may not be its own.
    async fn start_anew(&mut self, now: Timestamp) -> Result<()>;
}
