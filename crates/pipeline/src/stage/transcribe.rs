//! From sound to text, which can be read while it is being made.
//!
//! What is done is put into the vault every few windows: whoever takes the job up after a crash, or after it gave way
//! to a shorter one, goes on from there. A transcript that is made again is kept apart until it is whole; people go on
//! reading the old one, and what they changed lies in an object that nothing here writes.

mod begun;
mod desk;
mod who;

use std::sync::Arc;

use hearback_access::{ObjectKind, StoredObject, Transcribe};
use hearback_domain::{Ms, RecordingId, TranscriptState, sound};
use hearback_storage::{ANY_LANGUAGE, FinishedJob, LeasedJob, TranscriptChange};
use tokio::sync::mpsc;

use self::desk::{Desk, Heard, Input};
use super::{apart, blocking};
use crate::{
    Reason, Worker,
    ending::{Ending, Result},
    held,
    signal::{Halt, Signal},
    worker::before,
};

impl Worker {
    pub(crate) async fn transcribe(
        &self,
        job: &LeasedJob,
        recording: RecordingId,
        signal: &Signal,
    ) -> Result<()> {
        let recogniser = Arc::clone(&self.recogniser);
        let models = move || Ok((recogniser.words()?, recogniser.voices(), recogniser.detector()));
        let (ready, voices, detector) = blocking(models).await?;
        let model = ready.model.clone();

        let (mut work, permit) =
            held::permit::<Transcribe>(&*self.store, job, self.cx(), recording).await?;
        let sound = work.object(&permit, ObjectKind::Normalised).await?;
        let sound = sound.ok_or(Ending::Never(Reason::InputMissing))?;
        let wanted = work.wanted_transcript(&permit).await?.ok_or(Ending::Gone)?;
        let there = work.object(&permit, ObjectKind::Transcript).await?;
        let again = wanted.again;
        let (begun, earlier) = if again {
            (work.object(&permit, ObjectKind::Draft).await?, there)
        } else {
            work.set_transcript(&permit, &running(&model, None)).await?;
            (there, None)
        };
        let sides = work.object(&permit, ObjectKind::Sides).await?;
        work.commit().await?;

        let length = sound::duration(sound.bytes);
        // One partial text waits at the most; while it waits, no other is made.
        let (partials, mut arriving) = mpsc::channel(1);
        let desk = Desk {
            vault: Arc::clone(&self.vault),
            ids: Arc::clone(&self.ids),
            model: model.clone(),
            ready,
            voices,
            detector,
            language: language(wanted.language, self.recogniser.language()),
            into: if again { ObjectKind::Draft } else { ObjectKind::Transcript },
            permit,
            input: Input { sound, begun, earlier, sides },
            signal: signal.clone(),
        };
        let listening = apart(self.recogniser.nice(), move || desk.transcribe(&partials));
        tokio::pin!(listening);

        let heard = loop {
            let noted = tokio::select! {
                Some(partial) = arriving.recv() => {
                    self.note(job, recording, (again, &model), partial).await
                }
                made = &mut listening => break made?,
                () = tokio::time::sleep(self.config.report) => {
                    self.look_who_waits(job, length, signal).await
                }
            };
            match noted {
                // What the database had no time for is no reason to stop.
                Ok(()) | Err(Ending::Again(_)) => {}
                Err(ending) => {
                    signal.halt(Halt::Over);
                    // The engine works on a thread that nobody else would wait for.
                    let _ = listening.await;
                    return Err(ending);
                }
            }
        };

        match heard {
            Heard::Whole { text, language } => {
                let (mut work, permit) =
                    held::permit::<Transcribe>(&*self.store, job, self.cx(), recording).await?;
                let state = TranscriptState::Done;
                let model = Some(model);
                let change =
                    TranscriptChange { state, language: Some(language), model, object: Some(text) };
                work.set_transcript(&permit, &change).await?;
                held::finish(work, job, &FinishedJob::Done).await
            }
            Heard::GaveWay(partial) => {
                self.note(job, recording, (again, &model), partial).await?;
                tracing::info!(job = %job.id, "job handed back: something shorter waits");
                let work = held::hold(&*self.store, job).await?;
                held::finish(work, job, &FinishedJob::GiveWay { at: self.clock.now() }).await
            }
        }
    }

    /// One unit: the text so far, by this model.
    async fn note(
        &self,
        job: &LeasedJob,
        recording: RecordingId,
        (again, model): (bool, &str),
        partial: StoredObject,
    ) -> Result<()> {
        let (mut work, permit) =
            held::permit::<Transcribe>(&*self.store, job, self.cx(), recording).await?;
        if again {
            work.keep_draft(&permit, &partial).await?;
        } else {
            work.set_transcript(&permit, &running(model, Some(partial))).await?;
        }
        Ok(work.commit().await?)
    }

    /// Asks the work to let others go first, if somebody waits for something shorter than what is left of it.
    async fn look_who_waits(&self, job: &LeasedJob, length: Ms, signal: &Signal) -> Result<()> {
        let left = length.get().saturating_mul(1_000 - u64::from(signal.progress())) / 1_000;
        let since = before(self.clock.now(), self.config.give_way);
        let mut work = self.store.begin().await?;
        signal.give_way(work.shorter_waits(job, Ms::new(left), since).await?);
        Ok(())
    }
}

/// The language to read: what somebody chose, or what the operator expects where nobody has. None is for the model to
/// find out.
fn language(chosen: Option<String>, expected: Option<String>) -> Option<String> {
    match chosen {
        None => expected,
        Some(chosen) => (chosen != ANY_LANGUAGE).then_some(chosen),
    }
}

/// A transcript that is being made for the first time, as far as it is.
fn running(model: &str, object: Option<StoredObject>) -> TranscriptChange {
    let model = Some(model.to_owned());
    TranscriptChange { state: TranscriptState::Running, language: None, model, object }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_chose_counts_before_what_the_operator_expects() {
        let of = |chosen: Option<&str>, expected: Option<&str>| {
            language(chosen.map(str::to_owned), expected.map(str::to_owned))
        };
        assert_eq!(of(None, Some("en")).as_deref(), Some("en"));
        assert_eq!(of(Some("cy"), Some("en")).as_deref(), Some("cy"));
        assert_eq!(of(Some(ANY_LANGUAGE), Some("en")), None, "the machine finds out");
        assert_eq!(of(None, None), None);
    }
}
