//! The worker: takes jobs while there are any, and waits for more.

use std::{sync::Arc, time::Duration};

use futures_util::future::{join, join_all};
use hearback_audio::sandbox::Runner;
use hearback_domain::{Clock, IdSource, Timestamp};
use hearback_storage::{JobKind, LeasedJob, Result, Store};
use hearback_vault::Vault;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{Config, Recogniser, Stopwatch, backoff};

/// Carries out jobs.
///
/// Any number of workers, in any number of processes, share one database and one vault.
pub struct Worker {
    /// Where jobs and their results are noted.
    pub store: Arc<dyn Store>,
    /// Where sound and text lie, encrypted.
    pub vault: Arc<Vault>,
    /// Tells when leases and waits end.
    pub clock: Arc<dyn Clock>,
    /// Names new objects and jobs, and scatters the waits.
    pub ids: Arc<dyn IdSource>,
    /// Starts the decoding child.
    pub runner: Arc<Runner>,
    /// Turns speech into text.
    pub recogniser: Arc<Recogniser>,
    /// Whoever queues a job calls `notify_one` on this, so that it begins at once.
    pub wake: Arc<Notify>,
    /// How jobs are carried out.
    pub config: Config,
    /// When this process last looked for what has come to the end of its time: new.
    pub swept: Stopwatch,
}

impl Worker {
    /// Works until `shutdown`. Jobs in hand go back into the queue then, and this returns once they have.
    pub async fn run(self, shutdown: CancellationToken) {
        tracing::info!(workers = self.config.workers, "the worker is ready");
        let work = join_all((0..self.config.workers).map(|_| self.work(&shutdown)));
        tokio::select! {
            _ = join(work, self.work_of_erasing(&shutdown)) => {}
            never = self.sweep_for_ever() => match never {},
            never = self.remember_for_ever() => match never {},
        }
        tracing::info!("the worker has stopped");
    }

    /// Works until nothing is due, and tells how many jobs it took: once round the queue, for the command line and
    /// for tests. What is due later stays in the queue.
    pub async fn drain(&self) -> Result<u64> {
        let never = CancellationToken::new();
        let mut taken = 0;
        loop {
            let due = match self.lease_erasure().await? {
                None => self.lease().await?,
                due => due,
            };
            let Some((job, until)) = due else { return Ok(taken) };
            self.attempt(&job, until, &never).await;
            taken += 1;
        }
    }

    async fn work(&self, shutdown: &CancellationToken) {
        while !shutdown.is_cancelled() {
            match self.lease().await {
                Ok(Some((job, until))) => self.attempt(&job, until, shutdown).await,
                Ok(None) => self.idle(shutdown).await,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "no job could be leased"
                    );
                    self.idle(shutdown).await;
                }
            }
        }
    }

    /// Destroys what is to be destroyed, on a lane of its own: whoever took back a yes does not wait until an hour of
    /// somebody else's speech is turned into text.
    async fn work_of_erasing(&self, shutdown: &CancellationToken) {
        while !shutdown.is_cancelled() {
            match self.lease_erasure().await {
                Ok(Some((job, until))) => {
                    self.attempt(&job, until, shutdown).await;
                    continue;
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "it could not be looked up what is to be destroyed"
                ),
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = tokio::time::sleep(self.config.erase_poll) => {}
            }
        }
    }

    async fn lease_erasure(&self) -> Result<Option<(LeasedJob, Timestamp)>> {
        let now = self.clock.now();
        let until = after(now, self.config.erase_lease.min(self.config.lease));
        let mut work = self.store.begin().await?;
        let job = work.lease_erasure(now, until).await?;
        work.commit().await?;
        Ok(job.map(|job| (job, until)))
    }

    /// For how long a job of this kind is held without a sign of life.
    pub(crate) fn lease_of(&self, kind: JobKind) -> Duration {
        match kind {
            JobKind::Erase(_) => self.config.erase_lease.min(self.config.lease),
            _ => self.config.lease,
        }
    }

    async fn lease(&self) -> Result<Option<(LeasedJob, Timestamp)>> {
        let now = self.clock.now();
        let until = after(now, self.config.lease);
        let mut work = self.store.begin().await?;
        let job = work.lease_job(now, until).await?;
        work.commit().await?;
        Ok(job.map(|job| (job, until)))
    }

    /// Waits for new work, for the next job to become due, or for the next look at the queue.
    async fn idle(&self, shutdown: &CancellationToken) {
        let poll = backoff::scatter(self.config.poll, self.dice());
        let wait = match self.next_due().await {
            Ok(Some(due)) => poll.min(between(self.clock.now(), due)),
            // If the database is away, the next lease says so.
            Ok(None) | Err(_) => poll,
        };
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = self.wake.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }

    async fn next_due(&self) -> Result<Option<Timestamp>> {
        self.store.begin().await?.next_due().await
    }

    /// A random number: identifiers are random, so one serves.
    pub(crate) fn dice(&self) -> u64 {
        self.ids.next().as_u64_pair().1
    }
}

/// The moment `wait` after `at`.
pub(crate) fn after(at: Timestamp, wait: Duration) -> Timestamp {
    let micros = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(at.as_micros().saturating_add(micros))
}

/// The moment `wait` before `at`.
pub(crate) fn before(at: Timestamp, wait: Duration) -> Timestamp {
    let micros = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(at.as_micros().saturating_sub(micros))
}

/// How long until `due`; at least some milliseconds, so that a job that somebody else is just taking makes nobody spin.
fn between(now: Timestamp, due: Timestamp) -> Duration {
    let micros = due.as_micros().saturating_sub(now.as_micros());
    Duration::from_micros(u64::try_from(micros).unwrap_or(0)).max(Duration::from_millis(20))
}
