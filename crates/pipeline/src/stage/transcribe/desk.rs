//! The work itself, on its own thread.

use std::{
    io::{BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    ops::ControlFlow,
    sync::Arc,
};

use hearback_access::{ObjectKind, Permit, StoredObject, Transcribe};
use hearback_domain::{IdSource, Ms, ObjectId, sound};
use hearback_speech::{Event, Options, SpeechError, Transcript, Voice, Voices};
use hearback_vault::{ObjectReader, Vault};
use tokio::sync::mpsc;

use super::begun::{Rhythm, goes_on};
use crate::{
    Reason,
    ending::{Ending, Result},
    recogniser::Ready,
    samples::Frames,
    signal::Signal,
};

/// How many segments of an earlier run are enough for the next one to see a loop that began in them.
const BEFORE: usize = 12;

/// How the time goes: telling the voices of some sound apart takes about a twentieth of what its words take.
pub(super) const WORDS_PART: u64 = 19;
pub(super) const VOICES_PART: u64 = 1;

/// Everything that transcribing needs.
pub(super) struct Desk {
    pub(super) vault: Arc<Vault>,
    pub(super) ids: Arc<dyn IdSource>,
    /// The name of the file that is used: the operator's, or the same in fewer bits.
    pub(super) model: String,
    pub(super) ready: Ready,
    pub(super) voices: Option<Arc<Voices>>,
    pub(super) detector: Voice,
    pub(super) language: Option<String>,
    /// As what the text is kept until it is whole.
    pub(super) into: ObjectKind,
    pub(super) permit: Permit<Transcribe>,
    pub(super) input: Input,
    pub(super) signal: Signal,
}

/// What it works on.
pub(super) struct Input {
    pub(super) sound: StoredObject,
    /// What somebody has begun.
    pub(super) begun: Option<StoredObject>,
    /// The whole text that is made again.
    pub(super) earlier: Option<StoredObject>,
    /// Which channel is the louder, where each has a sound of its own.
    pub(super) sides: Option<StoredObject>,
}

/// What came of it.
pub(super) enum Heard {
    /// All of it.
    Whole { text: StoredObject, language: String },
    /// As far as it is; others go first.
    GaveWay(StoredObject),
}

/// How far the words are.
enum Words {
    All(Transcript),
    /// Others are to go first.
    SoFar(Transcript),
}

/// Why the recogniser was stopped.
enum Stop {
    GiveWay,
    Failed(Ending),
}

impl Desk {
    /// Recognises the whole recording; now and then puts the text so far into the vault and tells of it.
    pub(super) fn transcribe(self, partials: &mpsc::Sender<StoredObject>) -> Result<Heard> {
        let mut text = match self.words(partials)? {
            Words::All(text) => text,
            Words::SoFar(partial) => {
                return Ok(Heard::GaveWay(self.keep(&partial, self.into)?));
            }
        };
        if self.voices.is_some()
            && let Ok(place) = partials.try_reserve()
        {
            // Telling voices apart takes a while; a crash in it costs no words.
            let done = Transcript { done_ms: Some(text.duration_ms), ..text.clone() };
            place.send(self.keep(&done, self.into)?);
        }
        self.say_who(&mut text)?;
        if let Some(earlier) = &self.input.earlier
            && let Some(earlier) = self.stored(earlier)?
        {
            text.keep_letters(&earlier);
        }
        let object = self.keep(&text, ObjectKind::Transcript)?;
        Ok(Heard::Whole { text: object, language: text.language })
    }

    fn words(&self, partials: &mpsc::Sender<StoredObject>) -> Result<Words> {
        let duration = sound::duration(self.input.sound.bytes);
        let begun = self.begun()?;
        let from = begun.as_ref().and_then(|begun| begun.done_ms).map_or(Ms::ZERO, Ms::new);
        let mut so_far = begun.unwrap_or_else(|| Transcript {
            model: self.model.clone(),
            model_sha256: Some(self.ready.sha256.clone()),
            language: self.language.clone().unwrap_or_default(),
            duration_ms: duration.get(),
            ..Transcript::default()
        });
        if from >= duration {
            return Ok(Words::All(Transcript { done_ms: None, ..so_far }));
        }
        let mut frames = self.frames(from)?;
        let mut rhythm = Rhythm::new();
        let mut stop = None;
        // Once it was found out, it is not found out again from what is left.
        let found = Some(so_far.language.clone()).filter(|found| !found.is_empty());
        let language = self.language.clone().or(found);
        let last = so_far.segments.len().saturating_sub(BEFORE);
        let before = so_far.segments[last..].to_vec();
        let options = Options { language, from, before, cancel: self.signal.stop() };
        let heard = self.ready.engine.transcribe(
            &mut |out, wanted| {
                self.signal.check()?;
                frames.read(out, wanted)
            },
            &options,
            &mut |event| {
                if self.signal.halted().is_some() || partials.is_closed() {
                    return ControlFlow::Break(());
                }
                let done = match event {
                    Event::Language(found) => {
                        found.clone_into(&mut so_far.language);
                        return ControlFlow::Continue(());
                    }
                    Event::Segments(new) => {
                        so_far.segments.extend_from_slice(new);
                        return ControlFlow::Continue(());
                    }
                    Event::Progress { done } => done,
                };
                so_far.done_ms = Some(done.get());
                self.signal
                    .advance(done.get() * WORDS_PART, duration.get() * (WORDS_PART + VOICES_PART));
                if self.signal.gives_way() && done < duration {
                    stop = Some(Stop::GiveWay);
                    return ControlFlow::Break(());
                }
                // Words as they appear; the last ones come with the whole.
                let some = !so_far.segments.is_empty() && done < duration;
                if some
                    && rhythm.due(done)
                    && let Ok(place) = partials.try_reserve()
                {
                    match self.keep(&so_far, self.into) {
                        Ok(object) => place.send(object),
                        Err(ending) => {
                            stop = Some(Stop::Failed(ending));
                            return ControlFlow::Break(());
                        }
                    }
                    rhythm.written(done);
                }
                ControlFlow::Continue(())
            },
        );
        match (heard, stop) {
            (_, Some(Stop::Failed(ending))) => Err(ending),
            (Err(_), _) if self.signal.halted().is_some() || partials.is_closed() => {
                Err(Ending::Halted)
            }
            (Err(_), Some(Stop::GiveWay)) => Ok(Words::SoFar(so_far)),
            (Err(SpeechError::Sound(error)), None) => Err(error.into()),
            (Err(error @ SpeechError::Language { .. }), None) => {
                Err(Ending::Never(Reason::Language(error.to_string())))
            }
            (Err(error), None) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the recogniser failed");
                Err(Ending::Again(Reason::Recogniser))
            }
            (Ok(heard), _) => {
                let language = heard.language;
                Ok(Words::All(Transcript { language, done_ms: None, ..so_far }))
            }
        }
    }

    /// What somebody has begun and can be gone on with.
    fn begun(&self) -> Result<Option<Transcript>> {
        let Some(object) = &self.input.begun else { return Ok(None) };
        let Some(begun) = self.stored(object)? else { return Ok(None) };
        let from = goes_on(&begun, &self.ready.sha256, self.language.as_deref());
        if let Some(from) = from {
            tracing::info!(%from, "a transcript is gone on with");
        }
        Ok(from.map(|_| begun))
    }

    /// A text from the vault; none if it cannot be understood, which is no reason not to write a new one.
    fn stored(&self, object: &StoredObject) -> Result<Option<Transcript>> {
        let mut json = Vec::new();
        self.vault.open(&self.permit, object)?.read_to_end(&mut json)?;
        Ok(serde_json::from_slice(&json).ok())
    }

    /// The sound from a moment on.
    pub(super) fn frames(&self, from: Ms) -> Result<Frames<BufReader<ObjectReader>>> {
        let mut reader = self.vault.open(&self.permit, &self.input.sound)?;
        reader.seek(SeekFrom::Start(sound::byte_at(from)))?;
        Ok(Frames::new(BufReader::with_capacity(1 << 16, reader)))
    }

    /// The bytes of a small object.
    pub(super) fn bytes(&self, object: &StoredObject) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.vault.open(&self.permit, object)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn keep(&self, text: &Transcript, kind: ObjectKind) -> Result<StoredObject> {
        let json = serde_json::to_vec(text).map_err(std::io::Error::from)?;
        let mut object = self.vault.add(&self.permit, kind, ObjectId::mint(&*self.ids))?;
        object.write_all(&json)?;
        Ok(object.finish()?)
    }
}
