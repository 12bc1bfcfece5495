//! From sound to text, which can be read while it is being made.

use std::{
    io::{BufReader, Write as _},
    ops::ControlFlow,
    sync::Arc,
    time::{Duration, Instant},
};

use hearback_access::{ObjectKind, Permit, StoredObject, Transcribe};
use hearback_domain::{IdSource, ObjectId, RecordingId, TranscriptState, sound};
use hearback_speech::{Engine, Event, Options, Segment, SpeechError, Transcript};
use hearback_storage::{FinishedJob, LeasedJob, TranscriptChange};
use hearback_vault::Vault;
use tokio::sync::mpsc;

use super::blocking;
use crate::{
    Reason, Worker,
    ending::{Ending, Result},
    held,
    samples::Frames,
    signal::{Halt, Signal},
};

/// The least time between two partial texts. Each is an object, a permit and a commit.
const PARTIAL: Duration = Duration::from_secs(2);

/// This part of the time that went by so far is the least as well, so that even a recording of hours leaves no more
/// than some hundred partial texts to be swept up.
const PARTIAL_SHARE: u32 = 20;

impl Worker {
    pub(crate) async fn transcribe(
        &self,
        job: &LeasedJob,
        recording: RecordingId,
        signal: &Signal,
    ) -> Result<()> {
        let recogniser = Arc::clone(&self.recogniser);
        let engine = blocking(move || recogniser.engine()).await?;

        let (mut work, permit) =
            held::permit::<Transcribe>(&*self.store, job, self.cx(), recording).await?;
        let sound = work.object(&permit, ObjectKind::Normalised).await?;
        let sound = sound.ok_or(Ending::Never(Reason::InputMissing))?;
        work.set_transcript(&permit, &self.change(TranscriptState::Running, None, None)).await?;
        work.commit().await?;

        // One partial text waits at the most; while it waits, no other is made.
        let (partials, mut arriving) = mpsc::channel(1);
        let desk = Desk {
            vault: Arc::clone(&self.vault),
            ids: Arc::clone(&self.ids),
            model: self.recogniser.model().to_owned(),
            language: self.recogniser.language(),
            permit,
            sound,
            signal: signal.clone(),
        };
        let listening = blocking(move || desk.listen(&engine, &partials));
        tokio::pin!(listening);

        let (text, language) = loop {
            tokio::select! {
                Some(partial) = arriving.recv() => match self.note(job, recording, partial).await {
                    // A partial text that the database had no time for is no reason to stop.
                    Ok(()) | Err(Ending::Again(_)) => {}
                    Err(ending) => {
                        signal.halt(Halt::Over);
                        // The engine works on a thread that nobody else would wait for.
                        let _ = listening.await;
                        return Err(ending);
                    }
                },
                made = &mut listening => break made?,
            }
        };

        let (mut work, permit) =
            held::permit::<Transcribe>(&*self.store, job, self.cx(), recording).await?;
        let change = self.change(TranscriptState::Done, Some(language), Some(text));
        work.set_transcript(&permit, &change).await?;
        held::finish(work, job, &FinishedJob::Done).await
    }

    fn change(
        &self,
        state: TranscriptState,
        language: Option<String>,
        object: Option<StoredObject>,
    ) -> TranscriptChange {
        TranscriptChange {
            state,
            language,
            model: Some(self.recogniser.model().to_owned()),
            object,
        }
    }

    /// One unit: the text so far.
    async fn note(
        &self,
        job: &LeasedJob,
        recording: RecordingId,
        partial: StoredObject,
    ) -> Result<()> {
        let (mut work, permit) =
            held::permit::<Transcribe>(&*self.store, job, self.cx(), recording).await?;
        let change = self.change(TranscriptState::Running, None, Some(partial));
        work.set_transcript(&permit, &change).await?;
        Ok(work.commit().await?)
    }
}

/// Everything that transcribing needs, on its own thread.
struct Desk {
    vault: Arc<Vault>,
    ids: Arc<dyn IdSource>,
    model: String,
    language: Option<String>,
    permit: Permit<Transcribe>,
    sound: StoredObject,
    signal: Signal,
}

impl Desk {
    /// Recognises the whole recording; now and then puts the text so far into the vault and tells of it.
    fn listen(
        self,
        engine: &Engine,
        partials: &mpsc::Sender<StoredObject>,
    ) -> Result<(StoredObject, String)> {
        let reader = self.vault.open(&self.permit, &self.sound)?;
        let mut frames = Frames::new(BufReader::with_capacity(1 << 16, reader));
        let duration = sound::duration(self.sound.bytes).get();
        let mut so_far: Vec<Segment> = Vec::new();
        let begun = Instant::now();
        let mut written: Option<Instant> = None;
        let mut failed = None;
        let options = Options { language: self.language.clone(), cancel: self.signal.stop() };
        let heard = engine.transcribe(
            &mut |out, wanted| {
                self.signal.check()?;
                frames.read(out, wanted)
            },
            &options,
            &mut |event| {
                if self.signal.halted().is_some() {
                    return ControlFlow::Break(());
                }
                match event {
                    Event::Progress { done } => self.signal.advance(done.get(), duration),
                    Event::Segments(new) => {
                        so_far.extend_from_slice(new);
                        let due = written.is_none_or(|at| {
                            at.elapsed() >= PARTIAL.max(begun.elapsed() / PARTIAL_SHARE)
                        });
                        if let (true, Ok(place)) = (due, partials.try_reserve()) {
                            match self.keep(&self.partial(duration, &so_far)) {
                                Ok(object) => place.send(object),
                                Err(ending) => {
                                    failed = Some(ending);
                                    return ControlFlow::Break(());
                                }
                            }
                            written = Some(Instant::now());
                        }
                    }
                }
                ControlFlow::Continue(())
            },
        );
        match (heard, failed) {
            (_, Some(ending)) => Err(ending),
            (Err(_), _) if self.signal.halted().is_some() => Err(Ending::Halted),
            (Err(SpeechError::Sound(error)), None) => Err(error.into()),
            (Err(error), None) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the recogniser failed");
                Err(Ending::Again(Reason::Recogniser))
            }
            (Ok(mut text), None) => {
                // The name that the operator knows, whatever the file is called.
                text.model.clone_from(&self.model);
                Ok((self.keep(&text)?, text.language))
            }
        }
    }

    fn partial(&self, duration_ms: u64, so_far: &[Segment]) -> Transcript {
        Transcript {
            model: self.model.clone(),
            language: String::new(),
            duration_ms,
            segments: so_far.to_vec(),
        }
    }

    fn keep(&self, text: &Transcript) -> Result<StoredObject> {
        let json = serde_json::to_vec(text).map_err(std::io::Error::from)?;
        let mut object =
            self.vault.add(&self.permit, ObjectKind::Transcript, ObjectId::mint(&*self.ids))?;
        object.write_all(&json)?;
        Ok(object.finish()?)
    }
}
