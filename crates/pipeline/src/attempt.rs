//! One try at one job: the work, the lease that is kept meanwhile, and what becomes of the job.

use std::{convert::Infallible, future::pending, time::Duration};

use hearback_access::{Cx, Transcribe};
use hearback_domain::{JobId, Timestamp, TranscriptState};
use hearback_storage::{FinishedJob, JobKind, LeasedJob, NewJob, TranscriptChange};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    Reason, Worker, backoff,
    ending::{Ending, Result},
    held,
    signal::{Halt, Signal},
    worker::after,
};

/// At least so often it is looked whether the work still has its lease.
const LOOK: Duration = Duration::from_secs(5);

/// How long to wait before something is tried again that has to be destroyed, give or take a half.
const ERASE_AGAIN: Duration = Duration::from_secs(6);

impl Worker {
    /// Carries out a job that was leased until `until`, and ends the lease one way or another.
    pub(crate) async fn attempt(
        &self,
        job: &LeasedJob,
        until: Timestamp,
        shutdown: &CancellationToken,
    ) {
        tracing::info!(job = %job.id, kind = job.kind.as_str(), attempt = job.attempt, "job begun");
        let signal = Signal::default();
        // All three on this task and polled together: one of them may hold the only connection that writes.
        let ended = tokio::select! {
            ended = self.carry_out(job, &signal) => ended,
            never = self.keep(job, until, &signal) => match never {},
            never = heed(shutdown, &signal) => match never {},
        };
        let halted = signal.halted();
        match ended {
            Ok(()) => tracing::info!(job = %job.id, "job done"),
            Err(Ending::Refused(why)) => {
                tracing::info!(job = %job.id, %why, "job dropped: access was refused");
            }
            Err(Ending::Gone) => {
                tracing::info!(job = %job.id, "job dropped: the recording was erased");
                self.conclude(job, Ending::Gone, halted).await;
            }
            Err(ending) => self.conclude(job, ending, halted).await,
        }
    }

    async fn carry_out(&self, job: &LeasedJob, signal: &Signal) -> Result<()> {
        // Whatever fails in an orderly way is given up by its own try: more leases than that means that the process
        // died with the job in hand, time and again.
        if job.attempt > self.config.max_leases && !matches!(job.kind, JobKind::Erase(_)) {
            return Err(Ending::Never(Reason::WorkerDied));
        }
        match job.kind {
            JobKind::Decode(recording) => self.decode(job, recording, signal).await,
            JobKind::Listening(recording) => self.listening(job, recording, signal).await,
            JobKind::Transcribe(recording) => self.transcribe(job, recording, signal).await,
            JobKind::RenderClip(_, clip) => self.render_clip(job, clip, signal).await,
            JobKind::Erase(recording) => self.erase(job, recording).await,
        }
    }

    /// Extends the lease in time and notes the progress, until dropped; tells the work when the lease is lost.
    async fn keep(&self, job: &LeasedJob, mut until: Timestamp, signal: &Signal) -> Infallible {
        let (mut extended, mut noted) = (Instant::now(), 0);
        let lease = self.lease_of(job.kind);
        // Not much later than its recording is erased, the work finds out.
        let third = (lease / 3).min(LOOK);
        let tick = self.config.report.min(third);
        loop {
            tokio::time::sleep(tick).await;
            let progress = signal.progress();
            if progress == noted && extended.elapsed() + tick < third {
                continue;
            }
            let next = after(self.clock.now(), lease);
            match self.extend(job, next, progress).await {
                Ok(true) => (until, extended, noted) = (next, Instant::now(), progress),
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(job = %job.id, error = &error as &dyn std::error::Error, "the lease could not be extended");
                    if self.clock.now() >= until {
                        break;
                    }
                }
            }
        }
        signal.halt(Halt::Lost);
        pending().await
    }

    async fn extend(
        &self,
        job: &LeasedJob,
        until: Timestamp,
        progress: u16,
    ) -> hearback_storage::Result<bool> {
        let mut work = self.store.begin().await?;
        let held = work.extend_lease(job, until, progress).await?;
        work.commit().await?;
        Ok(held)
    }

    /// Decides what becomes of a job that did not end well, and notes it if the job is still ours.
    async fn conclude(&self, job: &LeasedJob, ending: Ending, halted: Option<Halt>) {
        let lost = halted == Some(Halt::Lost) || matches!(ending, Ending::Lost);
        let last_try = job.attempt >= self.config.max_attempts;
        let noted = match ending {
            Ending::Lost | Ending::Refused(_) => Ok(()),
            _ if lost => Ok(()),
            // Work that was stopped fails in whatever way it happened to be in: the order is the reason.
            _ if halted == Some(Halt::Shutdown) => self.renew(job).await,
            Ending::Halted => self.renew(job).await,
            Ending::Gone => self.end(job, &FinishedJob::Done).await,
            Ending::Never(reason) | Ending::Again(reason) | Ending::Wait(reason)
                if matches!(job.kind, JobKind::Erase(_)) =>
            {
                // What was promised is not given up.
                let wait = backoff::scatter(ERASE_AGAIN, self.dice());
                self.retry(job, after(self.clock.now(), wait), &reason).await
            }
            Ending::Never(reason) => self.give_up(job, &reason).await,
            Ending::Again(reason) if last_try => self.give_up(job, &reason).await,
            Ending::Again(reason) => {
                let wait = backoff::delay(job.attempt, self.dice());
                self.retry(job, after(self.clock.now(), wait), &reason).await
            }
            // Waiting is no failure: begin to count anew before the tries run out.
            Ending::Wait(_) if last_try => self.renew(job).await,
            Ending::Wait(reason) => {
                let wait = backoff::scatter(self.config.model_wait, self.dice());
                self.retry(job, after(self.clock.now(), wait), &reason).await
            }
        };
        if lost || matches!(noted, Err(Ending::Lost)) {
            tracing::warn!(job = %job.id, "the lease was lost: another worker has the job, or somebody stopped it");
        }
        // If the database is away now, the lease runs out and the job is taken up again: nothing to be done here.
    }

    async fn retry(&self, job: &LeasedJob, at: Timestamp, reason: &Reason) -> Result<()> {
        tracing::warn!(job = %job.id, %reason, "job to be tried again");
        self.end(job, &FinishedJob::Retry { at, reason: reason.to_string() }).await
    }

    async fn end(&self, job: &LeasedJob, how: &FinishedJob) -> Result<()> {
        let work = held::hold(&*self.store, job).await?;
        held::finish(work, job, how).await
    }

    /// Puts a new job of the same kind in the place of this one: back at once, and nothing counted against it.
    pub(crate) async fn renew(&self, job: &LeasedJob) -> Result<()> {
        tracing::info!(job = %job.id, "job handed back");
        let mut work = held::hold(&*self.store, job).await?;
        if !work.finish_job(job, &FinishedJob::Done).await? {
            return Err(Ending::Lost);
        }
        work.add_job(&self.new_job(job.kind)).await?;
        Ok(work.commit().await?)
    }

    /// Gives the job up. A recording whose text could not be made stays usable by ear.
    async fn give_up(&self, job: &LeasedJob, reason: &Reason) -> Result<()> {
        tracing::error!(job = %job.id, %reason, "job given up");
        let dead = FinishedJob::Dead { reason: reason.to_string() };
        let JobKind::Transcribe(recording) = job.kind else {
            return self.end(job, &dead).await;
        };
        let (mut work, permit) =
            held::permit::<Transcribe>(&*self.store, job, self.cx(), recording).await?;
        // One that was to be made again is there as before.
        if work.wanted_transcript(&permit).await?.is_some_and(|wanted| !wanted.again) {
            let failed = TranscriptChange {
                state: TranscriptState::Failed,
                language: None,
                model: None,
                object: None,
            };
            work.set_transcript(&permit, &failed).await?;
        }
        held::finish(work, job, &dead).await
    }

    /// A job of that kind, due now.
    pub(crate) fn new_job(&self, kind: JobKind) -> NewJob {
        NewJob { id: JobId::mint(&*self.ids), kind, run_at: self.clock.now() }
    }

    /// The service itself, now.
    pub(crate) fn cx(&self) -> Cx {
        Cx::worker(self.clock.now())
    }
}

/// Tells the work when the service is to stop.
async fn heed(shutdown: &CancellationToken, signal: &Signal) -> Infallible {
    shutdown.cancelled().await;
    signal.halt(Halt::Shutdown);
    pending().await
}
