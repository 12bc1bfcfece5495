//! From decoded sound to the copy that people listen to.
//!
//! The samples are gone through twice: how loud a recording is, is known only at its end, and the copy is written front
//! to back. Neither way holds more than a second of it. Killed anywhere, the next try begins anew; nothing names what
//! the last one left.

use std::sync::Arc;

use hearback_access::{Decode, ObjectKind, Permit, StoredObject};
use hearback_audio::{
    listening::{ListeningCopy, MAX_FRAMES},
    loudness::LoudnessMeter,
};
use hearback_domain::{IdSource, ObjectId, RecordingId, sound};
use hearback_storage::{FinishedJob, LeasedJob};
use hearback_vault::Vault;

use super::blocking;
use crate::{
    Reason, Worker,
    ending::{Ending, Result},
    held,
    samples::Frames,
    signal::Signal,
};

/// Samples that are worked on at once: a second.
const BLOCK: usize = sound::RATE_HZ as usize;

impl Worker {
    /// Makes the listening copy. In this process: what is read here is our own samples.
    pub(crate) async fn listening(
        &self,
        job: &LeasedJob,
        recording: RecordingId,
        signal: &Signal,
    ) -> Result<()> {
        let (mut work, permit) =
            held::permit::<Decode>(&*self.store, job, self.cx(), recording).await?;
        let samples = work.object(&permit, ObjectKind::Normalised).await?;
        let samples = samples.ok_or(Ending::Never(Reason::InputMissing))?;
        if sound::frames(samples.bytes) > MAX_FRAMES {
            // Whoever listens to more than a day of it is served the samples.
            return held::finish(work, job, &FinishedJob::Done).await;
        }
        work.commit().await?;

        let desk = Desk {
            vault: Arc::clone(&self.vault),
            ids: Arc::clone(&self.ids),
            signal: signal.clone(),
            frames: sound::frames(samples.bytes),
        };
        let copy = blocking(move || {
            let made = desk.make(&permit, &samples);
            // Whatever goes wrong once the work was told to stop is the order's doing.
            made.map_err(|end| if desk.signal.halted().is_some() { Ending::Halted } else { end })
        })
        .await?;

        let (mut work, permit) =
            held::permit::<Decode>(&*self.store, job, self.cx(), recording).await?;
        // Decoded anew meanwhile: that has queued a job of its own, or found this one still running.
        if work.object(&permit, ObjectKind::Normalised).await?.map(|now| now.id) != Some(samples.id)
        {
            drop(work);
            return self.renew(job).await;
        }
        work.set_listening(&permit, &copy).await?;
        held::finish(work, job, &FinishedJob::Done).await
    }
}

/// Everything that the copy needs, on its own thread.
struct Desk {
    vault: Arc<Vault>,
    ids: Arc<dyn IdSource>,
    signal: Signal,
    frames: u64,
}

impl Desk {
    fn make(&self, permit: &Permit<Decode>, samples: &StoredObject) -> Result<StoredObject> {
        let mut meter = LoudnessMeter::new()?;
        self.each_block(permit, samples, 0, |block| meter.push(block))?;
        let gain = meter.finish().gain_db();
        let object = self.vault.add(permit, ObjectKind::Listening, ObjectId::mint(&*self.ids))?;
        let mut copy = ListeningCopy::begin(object, self.frames, gain)?;
        self.each_block(permit, samples, self.frames, |block| copy.push(block))?;
        Ok(copy.finish()?.finish()?)
    }

    /// Goes through the samples once, of two times; `before` frames were gone through already.
    fn each_block(
        &self,
        permit: &Permit<Decode>,
        samples: &StoredObject,
        before: u64,
        mut take: impl FnMut(&[f32]) -> std::io::Result<()>,
    ) -> Result<()> {
        let mut frames = Frames::new(self.vault.open(permit, samples)?);
        let mut block = Vec::with_capacity(BLOCK);
        let mut done = before;
        loop {
            self.signal.check()?;
            block.clear();
            done += frames.read(&mut block, BLOCK)? as u64;
            if block.is_empty() {
                return Ok(());
            }
            take(&block)?;
            self.signal.advance(done, self.frames * 2);
        }
    }
}
