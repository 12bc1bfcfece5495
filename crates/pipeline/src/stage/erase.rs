//! Destroying what was decided to be destroyed (ETH-04, ETH-06).
//!
//! Others who work on it are stopped; then a line in the ledger, the keys, the objects; then the rows and the number of
//! the line, in one unit of work. Killed anywhere, the next try begins at the front, and what was done is done again
//! without harm. Whatever goes wrong, it is tried again for as long as it takes.

use std::{sync::Arc, time::Duration};

use hearback_access::Erase;
use hearback_domain::{RecordingId, withdrawal::ErasureCause};
use hearback_storage::{Erasure, FinishedJob, LeasedJob, Rows};
use hearback_vault::{Cause, LedgerSeq};

use super::blocking;
use crate::{
    Worker,
    ending::{Ending, Result},
    held,
};

/// How often scrubbing is tried while somebody reads the database, and how long it waits in between.
const SCRUB_TRIES: u32 = 5;
const SCRUB_AGAIN: Duration = Duration::from_secs(1);

impl Worker {
    /// Carries out every erasure of the recording that nobody holds.
    pub(crate) async fn erase(&self, job: &LeasedJob, recording: RecordingId) -> Result<()> {
        while let Some(erasure) = self.next_erasure(job, recording).await? {
            let mut work = held::hold(&*self.store, job).await?;
            work.stop_jobs(job, &erasure.classes).await?;
            work.commit().await?;

            let seq = self.destroy(recording, &erasure).await?;

            let (mut work, permit) =
                held::permit::<Erase>(&*self.store, job, self.cx(), recording).await?;
            let rows = work.erase_rows(&permit, erasure.id, seq.0).await?;
            if rows == Rows::All {
                held::finish(work, job, &FinishedJob::Done).await?;
                self.scrub().await;
                return Ok(());
            }
            work.commit().await?;
            self.scrub().await;
        }
        Ok(())
    }

    /// What is to be destroyed next; if there is nothing, the job is done, in the same unit of work: what is decided
    /// later queues another one.
    async fn next_erasure(
        &self,
        job: &LeasedJob,
        recording: RecordingId,
    ) -> Result<Option<Erasure>> {
        let (mut work, permit) =
            held::permit::<Erase>(&*self.store, job, self.cx(), recording).await?;
        let pending = work.pending_erasures(&permit).await?;
        let Some(next) = pending.into_iter().next() else {
            held::finish(work, job, &FinishedJob::Done).await?;
            return Ok(None);
        };
        work.commit().await?;
        Ok(Some(next))
    }

    async fn destroy(&self, recording: RecordingId, erasure: &Erasure) -> Result<LedgerSeq> {
        let (vault, now) = (Arc::clone(&self.vault), self.clock.now());
        let (classes, cause) = (erasure.classes.clone(), cause_of(erasure.cause));
        blocking(move || vault.destroy(recording, &classes, cause, now).map_err(Ending::from)).await
    }

    /// So that deleted bytes do not lie about. What is sealed is closed already, so a failure here costs nothing but
    /// the room; what somebody is in the way of is left for the next sweep after a few tries.
    pub(crate) async fn scrub(&self) {
        for _ in 0..SCRUB_TRIES {
            match self.store.scrub().await {
                Ok(true) => return,
                Ok(false) => tokio::time::sleep(SCRUB_AGAIN).await,
                Err(error) => {
                    return tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "the database could not be scrubbed"
                    );
                }
            }
        }
        tracing::info!("somebody reads the database: it is scrubbed with the next sweep");
    }
}

const fn cause_of(cause: ErasureCause) -> Cause {
    match cause {
        ErasureCause::Withdrawal => Cause::Withdrawal,
        ErasureCause::Retention => Cause::Retention,
        ErasureCause::Request => Cause::Request,
    }
}
