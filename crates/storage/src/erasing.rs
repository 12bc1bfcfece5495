//! Carrying out what was decided to be destroyed: for the service itself.
//!
//! The order is always the same. Decided here; then a line in the ledger and the keys, which is the vault's; then the
//! rows, here, together with the number of that line. Killed anywhere, the next try begins at the front again, and
//! each step does nothing the second time.

use async_trait::async_trait;
use hearback_access::{Erase, Permit};
use hearback_domain::{
    ErasureId, JobId, KeyClass, PersonId, Purpose, RecordingId, Timestamp, withdrawal::ErasureCause,
};

use crate::{LeasedJob, Result, SweepNotes};

/// A destruction that is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Its identifier.
    pub id: ErasureId,
    /// What is destroyed.
    pub classes: Vec<KeyClass>,
    /// Whether the recording itself goes.
    pub whole: bool,
    /// Why.
    pub cause: ErasureCause,
}

/// A withdrawal as the ledger knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Whose yes it was.
    pub person: PersonId,
    /// What they took back.
    pub purposes: Vec<Purpose>,
    /// When.
    pub at: Timestamp,
}

/// What was destroyed in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Those of some classes.
    Some,
    /// The recording itself, and everything about it.
    All,
}

/// What a sweep reads before it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepView {
    /// What the last one noted.
    pub notes: SweepNotes,
    /// The newest entry of the audit log.
    pub newest_audit: Option<Timestamp>,
    /// How many recordings there are.
    pub recordings: u64,
}

/// Destroying.
#[async_trait]
pub trait Erasing {
    /// Recordings with something to be destroyed for which nothing is queued, by id.
    async fn erasures_without_job(&mut self) -> Result<Vec<RecordingId>>;

    /// Ends the other jobs of the recording that work on these classes: whoever has one finds that its lease is lost.
    ///
    /// The job given is the one that destroys. Asked in a unit of work of its own, before any permit: a unit that
    /// waits for the audit log holds its job, and this waits for the job.
    async fn stop_jobs(&mut self, job: &LeasedJob, classes: &[KeyClass]) -> Result<()>;

    /// What is to be destroyed and not held, oldest first, ties by id.
    async fn pending_erasures(&mut self, permit: &Permit<Erase>) -> Result<Vec<Erasure>>;

    /// Notes that something is to be destroyed, and closes it to everybody at once. Queued as a job of this id, unless
    /// somebody holds the recording.
    ///
    /// The receipt is 32 bytes that belong to no code that anybody has.
    async fn add_erasure(
        &mut self,
        permit: &Permit<Erase>,
        new: &Erasure,
        receipt: &[u8; 32],
        job: JobId,
    ) -> Result<()>;

    /// Takes everybody's yes to these back, as of `at`, and ends the grants that rested on them: for a database that
    /// does not know of a withdrawal that the ledger knows of, where the ledger does not say whose it was. What
    /// somebody said after that stands.
    async fn take_back(
        &mut self,
        permit: &Permit<Erase>,
        purposes: &[Purpose],
        at: Timestamp,
    ) -> Result<()>;

    /// Closes again what somebody took back, for a database that may not know of it. Does nothing if they were asked
    /// again after that: their last word is the one that counts, and whoever was told that it did not work may have
    /// thought better of it.
    ///
    /// Where something is to be destroyed for it and this database does not know that either, it is noted as with
    /// [`Erasing::add_erasure`], under this id: about to be destroyed, or held.
    async fn close_again(
        &mut self,
        permit: &Permit<Erase>,
        closed: &Closed,
        erasure: ErasureId,
        receipt: &[u8; 32],
        job: JobId,
    ) -> Result<()>;

    /// Destroys the rows of an erasure whose keys are destroyed, and notes that it is done, with its line of the
    /// ledger.
    ///
    /// Where nothing of the recording is left then, the recording goes too, and everything about it in every table but
    /// the audit log and that of concerns (ETH-01); what is left is a tombstone, and who was ever what to its
    /// practitioner (ETH-12). Other erasures of it are done then as well. Does nothing if the recording has no erasure
    /// of that id. The line is noted as with [`Erasing::carried_out`].
    async fn erase_rows(
        &mut self,
        permit: &Permit<Erase>,
        erasure: ErasureId,
        ledger_seq: u64,
    ) -> Result<Rows>;

    /// Notes that this unit of work carries out a line of the ledger. It counts ([`Erasing::ledger_applied`]) if all
    /// before it are carried out; otherwise it is found again at the next start.
    async fn carried_out(&mut self, ledger_seq: u64) -> Result<()>;

    /// The last line of the ledger that this database has carried out; 0 if none.
    ///
    /// Every line up to it is carried out, or its erasure is still noted here as to be done.
    async fn ledger_applied(&mut self) -> Result<u64>;

    /// Notes that a line of the ledger is carried out. The number never goes back.
    async fn set_ledger_applied(&mut self, seq: u64) -> Result<()>;

    /// What has come to the end of its time at `at` or before, is neither gone nor held: by recording.
    async fn due_classes(&mut self, at: Timestamp) -> Result<Vec<(RecordingId, Vec<KeyClass>)>>;

    /// What a sweep reads before it begins. Nobody else reads it until this unit of work ends.
    async fn sweep_view(&mut self) -> Result<SweepView>;

    /// What a sweep notes for the next one.
    async fn set_sweep_notes(&mut self, notes: &SweepNotes) -> Result<()>;
}
