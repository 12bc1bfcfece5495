//! From the uploaded file to sound that can be played.

use std::{io::Write as _, sync::Arc};

use hearback_access::{Decode, ObjectKind, Permit, StoredObject};
use hearback_audio::{
    AudioError, DecodeReport, Limits, OnePass, PeaksBuilder, Verdict, Warning, peaks::Bits,
    sandbox::Runner,
};
use hearback_domain::{IdSource, ObjectId, RecordingId};
use hearback_storage::{Decoded, FinishedJob, JobKind, LeasedJob, SoundDetails};
use hearback_vault::Vault;

use super::blocking;
use crate::{
    Reason, Worker,
    ending::{Ending, Result},
    held,
    samples::Source,
    signal::Signal,
};

/// The waveform picture: 100 points a second, which is a point a pixel at the closest look.
const SAMPLES_PER_PIXEL: u32 = 160;

/// What came of an original.
enum Made {
    Sound(Box<Decoded>),
    /// A file that nobody can hear; final.
    Unreadable(Verdict),
}

impl Worker {
    pub(crate) async fn decode(
        &self,
        job: &LeasedJob,
        recording: RecordingId,
        signal: &Signal,
    ) -> Result<()> {
        let (mut work, permit) =
            held::permit::<Decode>(&*self.store, job, self.cx(), recording).await?;
        let original = work.object(&permit, ObjectKind::Original).await?;
        work.commit().await?;
        let original = original.ok_or(Ending::Never(Reason::InputMissing))?;

        let desk = Desk {
            vault: Arc::clone(&self.vault),
            runner: Arc::clone(&self.runner),
            ids: Arc::clone(&self.ids),
            limits: self.config.limits.clone(),
            signal: signal.clone(),
        };
        let made = blocking(move || desk.decode(&permit, &original)).await?;
        self.note_decoded(job, recording, &made).await
    }

    /// One unit: the sound, the jobs that come next, the end of this one.
    async fn note_decoded(
        &self,
        job: &LeasedJob,
        recording: RecordingId,
        made: &Made,
    ) -> Result<()> {
        let (mut work, permit) =
            held::permit::<Decode>(&*self.store, job, self.cx(), recording).await?;
        match made {
            Made::Sound(decoded) => {
                work.set_decoded(&permit, decoded).await?;
                // Before the words: it takes seconds, and people are waiting to listen.
                work.add_job(&self.new_job(JobKind::Listening(recording))).await?;
                if work.wants_transcript(&permit).await? {
                    work.add_job(&self.new_job(JobKind::Transcribe(recording))).await?;
                }
            }
            Made::Unreadable(verdict) => {
                tracing::info!(job = %job.id, verdict = verdict.code(), "the file cannot be read");
                work.set_unreadable(&permit, &verdict.to_string()).await?;
            }
        }
        held::finish(work, job, &FinishedJob::Done).await
    }
}

/// Everything that decoding needs, on its own thread.
struct Desk {
    vault: Arc<Vault>,
    runner: Arc<Runner>,
    ids: Arc<dyn IdSource>,
    limits: Limits,
    signal: Signal,
}

impl Desk {
    /// Lets the child decode, and keeps what comes: samples as they are, their peaks, and what there is to say of them.
    fn decode(self, permit: &Permit<Decode>, original: &StoredObject) -> Result<Made> {
        let reader = self.vault.open(permit, original)?;
        let source = Source::new(reader, original.bytes, self.signal.clone());
        let mut normalised =
            self.vault.add(permit, ObjectKind::Normalised, ObjectId::mint(&*self.ids))?;
        let mut pass = OnePass::new(PeaksBuilder::new(SAMPLES_PER_PIXEL, Bits::Eight, 1))?;
        let mut bytes = Vec::new();
        let decoded = self.runner.decode(Box::new(source), &self.limits, &mut |block, progress| {
            self.signal.check()?;
            if let Some(of) = progress.of {
                self.signal.advance(progress.done.get(), of.get());
            }
            bytes.clear();
            bytes.extend(pass.push(block)?.iter().flat_map(|frame| frame.to_le_bytes()));
            normalised.write_all(&bytes)
        });
        let report = match decoded {
            Ok(report) => report,
            Err(_) if self.signal.halted().is_some() => return Err(Ending::Halted),
            Err(AudioError::Refused(verdict)) => return Ok(Made::Unreadable(verdict)),
            Err(error) => return Err(error.into()),
        };
        let normalised = normalised.finish()?;
        let found = pass.finish();
        let mut drawing = self.vault.add(permit, ObjectKind::Peaks, ObjectId::mint(&*self.ids))?;
        found.peaks.iter().try_for_each(|level| level.write_dat(&mut drawing))?;
        let peaks = drawing.finish()?;
        let sides = match &report.sides {
            Some(track) => {
                let id = ObjectId::mint(&*self.ids);
                let mut sides = self.vault.add(permit, ObjectKind::Sides, id)?;
                track.write_to(&mut sides)?;
                Some(sides.finish()?)
            }
            None => None,
        };
        let notes = found.notes(&report.warnings);
        let details = details(report, &notes);
        Ok(Made::Sound(Box::new(Decoded { details, normalised, peaks, sides })))
    }
}

fn details(report: DecodeReport, notes: &[Warning]) -> SoundDetails {
    let remarks: Vec<_> = notes.iter().copied().map(Warning::sentence).collect();
    SoundDetails {
        container: report.probe.container,
        codec: report.probe.codec,
        channels: report.probe.channels,
        sample_rate_hz: report.probe.sample_rate_hz,
        duration: report.duration,
        remarks: remarks.join("\n"),
    }
}
