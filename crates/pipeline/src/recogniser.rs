//! The models that the worker works with, loaded when they are first needed.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use hearback_speech::{Engine, ModelStore, Voice, Voices};

use crate::{
    Reason,
    ending::{Ending, Result},
};

/// What an operator may set about speech.
#[derive(Clone, Debug)]
pub struct SpeechSettings {
    /// The model that turns speech into text.
    pub model: String,
    /// How many threads one recording uses.
    pub threads: usize,
    /// ISO 639-1 code of the language to expect where nobody has chosen one; none lets a model for many languages find
    /// out.
    pub language: Option<String>,
    /// The model that tells voices apart; none leaves everybody's words without a speaker.
    pub voices: Option<String>,
    /// The model that finds where somebody speaks; none goes by loudness.
    pub activity: Option<String>,
    /// How far the transcriber stands back behind everything else on the machine: 0 not at all, 19 as far as can be.
    pub nice: u8,
}

impl Default for SpeechSettings {
    /// `tiny.en` on one thread, standing back a good deal.
    fn default() -> Self {
        Self {
            model: "tiny.en".to_owned(),
            threads: 1,
            language: None,
            voices: Some("resemblyzer".to_owned()),
            activity: Some("silero".to_owned()),
            nice: 10,
        }
    }
}

/// The models of a [`ModelStore`], none of them loaded until the first recording needs it.
///
/// A model for words that is missing or damaged is no failure of the job: the job waits, the administrator reads the
/// sentence that mends it, and once the file is there the next look finds it, without a restart. The other two are not
/// waited for: without them a transcript is made all the same, and says that voices were not told apart.
pub struct Recogniser {
    models: ModelStore,
    settings: SpeechSettings,
    words: Mutex<Option<Ready>>,
    voices: Mutex<Option<Arc<Voices>>>,
    detector: Mutex<Option<Voice>>,
}

/// A model for words, loaded.
#[derive(Clone)]
pub(crate) struct Ready {
    pub(crate) engine: Arc<Engine>,
    /// Of its file, in hex.
    pub(crate) sha256: String,
}

impl Recogniser {
    /// Will load from `models` what the settings name.
    pub const fn new(models: ModelStore, settings: SpeechSettings) -> Self {
        Self {
            models,
            settings,
            words: Mutex::new(None),
            voices: Mutex::new(None),
            detector: Mutex::new(None),
        }
    }

    /// The name of the model for words.
    pub fn model(&self) -> &str {
        &self.settings.model
    }

    /// The language to expect.
    pub(crate) fn language(&self) -> Option<String> {
        self.settings.language.clone()
    }

    /// How far to stand back.
    pub(crate) const fn nice(&self) -> u8 {
        self.settings.nice
    }

    /// The engine; loads it if need be, which takes a second or so and hashes the whole file.
    pub(crate) fn words(&self) -> Result<Ready> {
        // A loader that panicked left nothing behind: the slot is empty, and loading is tried again.
        let mut loaded = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ready) = &*loaded {
            return Ok(ready.clone());
        }
        let model = &self.settings.model;
        let found =
            self.models.verify(model).and_then(|path| Ok((path, self.models.sha256(model)?)));
        let (path, sha256) = found.map_err(|error| {
            tracing::warn!(model, error = &error as &dyn std::error::Error, "no model");
            Ending::Wait(Reason::Model(error.to_string()))
        })?;
        let engine = Engine::load(&path, self.settings.threads).map_err(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(model, error, "the model does not load");
            Ending::Again(Reason::Recogniser)
        })?;
        let engine = engine.with_voice(self.detector());
        tracing::info!(model, "model loaded");
        Ok(loaded.insert(Ready { engine: Arc::new(engine), sha256 }).clone())
    }

    /// The voice encoder, if it is there.
    pub(crate) fn voices(&self) -> Option<Arc<Voices>> {
        let load = |path: &Path| Voices::load(path).map(Arc::new);
        self.optional(&self.voices, self.settings.voices.as_deref(), load)
    }

    /// The voice detector; loudness, if it is not there.
    pub(crate) fn detector(&self) -> Voice {
        let activity = self.settings.activity.as_deref();
        self.optional(&self.detector, activity, Voice::load).unwrap_or_else(Voice::by_loudness)
    }

    /// A model without which the work goes on. It is looked for again each time until it is there.
    fn optional<T: Clone, E: std::error::Error + 'static>(
        &self,
        slot: &Mutex<Option<T>>,
        model: Option<&str>,
        load: impl FnOnce(&Path) -> Result<T, E>,
    ) -> Option<T> {
        let model = model?;
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            match self.models.verify(model) {
                Ok(path) => match load(&path) {
                    Ok(loaded) => {
                        tracing::info!(model, "model loaded");
                        *slot = Some(loaded);
                    }
                    Err(error) => {
                        let error = &error as &dyn std::error::Error;
                        tracing::warn!(model, error, "the model does not load; it goes on without");
                    }
                },
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(model, error, "no model; it goes on without");
                }
            }
        }
        slot.clone()
    }
}
