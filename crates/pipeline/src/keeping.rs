//! What runs beside the jobs so that nothing is kept too long, and nothing that was decided is forgotten.

use std::{
    convert::Infallible,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use hearback_access::{AccessError, Erase, require};
use hearback_domain::{
    ErasureId, JobId, KeyClass, RecordingId, Timestamp,
    retention::{Lately, QUARANTINE_SECONDS, Sweep},
    withdrawal::ErasureCause,
};
use hearback_storage::{Erasure, JobKind, Result, StoreError, SweepView, Work};

use crate::Worker;

/// How often it is looked whether something that is to be destroyed has nobody who does it, and whether a session that
/// nobody ended is over.
const LOOK: Duration = Duration::from_secs(15);

/// For how long a forecast counts, and how far it looks.
const FORECAST_SECONDS: i64 = 24 * 3_600;

/// When this process swept last: by the clock on the wall, and by a stopwatch that nobody can set.
#[derive(Debug, Default)]
pub struct Stopwatch(Mutex<Option<(Timestamp, Instant)>>);

impl Stopwatch {
    fn last(&self) -> Option<Lately> {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.map(|(wall, at)| Lately { wall, stopwatch_seconds: Some(at.elapsed().as_secs()) })
    }

    fn lap(&self, wall: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((wall, Instant::now()));
    }
}

impl Worker {
    /// Queues what was decided and is not queued, now and then, until dropped: a job may have been given up, or its
    /// queueing may have met one that was just ending. Ends coaching sessions that nobody ended, too.
    pub(crate) async fn remember_for_ever(&self) -> Infallible {
        loop {
            if let Err(error) = self.queue_forgotten().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "it could not be looked up what is still to be destroyed"
                );
            }
            if let Err(error) = self.end_forgotten_sessions().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "it could not be looked up which sessions nobody ended"
                );
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Ends every coaching session that was on for longer than any is, with its invitations. How many that were.
    pub async fn end_forgotten_sessions(&self) -> Result<u64> {
        let mut work = self.store.begin().await?;
        let ended = work.end_forgotten_meetings(self.clock.now()).await?;
        work.commit().await?;
        if ended > 0 {
            tracing::info!(sessions = ended, "sessions that nobody ended are over");
        }
        Ok(ended)
    }

    /// Queues every erasure that is pending and has no job. How many recordings that was.
    pub async fn queue_forgotten(&self) -> Result<usize> {
        let mut work = self.store.begin().await?;
        let forgotten = work.erasures_without_job().await?;
        for recording in &forgotten {
            work.add_job(&self.new_job(JobKind::Erase(*recording))).await?;
        }
        work.commit().await?;
        Ok(forgotten.len())
    }

    /// Decides about everything whose time has been over for 72 hours: it is to be destroyed. How many recordings that
    /// were; none if something is odd, which the data protection officer sees.
    pub async fn sweep_by_time(&self) -> Result<usize> {
        let now = self.clock.now();
        let mut work = self.store.begin().await?;
        let SweepView { mut notes, newest_audit, recordings } = work.sweep_view().await?;
        let due = work.due_classes(now.plus_seconds(-QUARANTINE_SECONDS)).await?;
        let sweep = Sweep {
            now,
            last: self.swept.last(),
            // Another process may have swept last; its stopwatch says nothing here, its wall clock does.
            newest_audit: newest_audit.max(notes.swept_at),
            due: due.len() as u64,
            already: notes.already,
            forecast: notes.forecast,
            recordings,
            released: notes.released,
        };
        // Once it waits, it waits until somebody has looked: the clock may look right again by then.
        let pause = match (notes.paused, sweep.check()) {
            (Some(paused), _) => Some(paused),
            (None, Err(pause)) => Some(pause.into()),
            (None, Ok(())) => None,
        };
        if let Some(pause) = pause {
            if notes.paused != Some(pause) {
                tracing::error!(reason = pause.parts().0, due = due.len(), "the sweep waits");
            }
            notes.paused = Some(pause);
            work.set_sweep_notes(&notes).await?;
            work.commit().await?;
            self.swept.lap(now);
            return Ok(0);
        }
        for (recording, classes) in &due {
            self.end_of_time(&mut *work, *recording, classes).await?;
        }
        notes.swept_at = Some(now);
        notes.released = 0;
        notes.already = notes.already.saturating_add(due.len() as u64);
        let day = |at: Timestamp| now >= at.plus_seconds(FORECAST_SECONDS);
        if notes.forecast_at.is_none_or(day) {
            // What will have been over for 72 hours a day from now, and half a day more, for a sweep that comes late.
            let ahead = FORECAST_SECONDS * 3 / 2 - QUARANTINE_SECONDS;
            notes.forecast = work.due_classes(now.plus_seconds(ahead)).await?.len() as u64;
            notes.forecast_at = Some(now);
            notes.already = 0;
        }
        work.set_sweep_notes(&notes).await?;
        work.commit().await?;
        self.swept.lap(now);
        Ok(due.len())
    }

    async fn end_of_time(
        &self,
        work: &mut dyn Work,
        recording: RecordingId,
        classes: &[KeyClass],
    ) -> Result<()> {
        let permit = match require::<Erase>(work.gate(), self.cx(), recording).await {
            Ok(permit) => permit,
            // It went meanwhile.
            Err(AccessError::Refused(_)) => return Ok(()),
            Err(AccessError::Gate(error)) => return Err(StoreError::from(error)),
        };
        let erasure = Erasure {
            id: ErasureId::mint(&*self.ids),
            classes: classes.to_vec(),
            whole: false,
            cause: ErasureCause::Retention,
        };
        let receipt = nobodys(&*self.ids);
        work.add_erasure(&permit, &erasure, &receipt, JobId::mint(&*self.ids)).await
    }
}

/// What stands in the place of a receipt that nobody was given: two random numbers, and no code's hash.
pub(crate) fn nobodys(ids: &dyn hearback_domain::IdSource) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(ids.next().as_bytes());
    bytes[16..].copy_from_slice(ids.next().as_bytes());
    bytes
}
