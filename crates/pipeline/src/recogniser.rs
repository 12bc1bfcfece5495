//! The models that the worker works with, loaded when they are first needed.

use std::{
    error::Error,
    sync::{Arc, Mutex, PoisonError},
};

use hearback_speech::{Engine, Memory, ModelStore, SpeechError, Voice, Voices};

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
    /// How much memory turning speech into text may take, in bytes: fewer windows are worked at at once than there are
    /// threads, and a model that does not fit is not loaded.
    pub memory: u64,
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
    /// `tiny.en` on one thread in at most a gigabyte, standing back a good deal.
    fn default() -> Self {
        Self {
            model: "tiny.en".to_owned(),
            threads: 1,
            memory: 1 << 30,
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
/// waited for: without them a transcript is made all the same, and says that voices were not told apart. One that comes
/// later is used from the next recording on; so is the form in fewer bits of the model for words.
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
    pub(crate) engine: Engine,
    /// Its file's name: what the operator set, or the same in fewer bits.
    pub(crate) model: String,
    /// Of that file, in hex.
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

    /// The language to expect.
    pub(crate) fn language(&self) -> Option<String> {
        self.settings.language.clone()
    }

    /// How far to stand back.
    pub(crate) const fn nice(&self) -> u8 {
        self.settings.nice
    }

    /// The engine, with the voice detector of this moment; loads it if need be, which takes a second or so and hashes
    /// the whole file.
    pub(crate) fn words(&self) -> Result<Ready> {
        let Ready { engine, model, sha256 } = self.engine()?;
        Ok(Ready { engine: engine.with_voice(self.detector()), model, sha256 })
    }

    fn engine(&self) -> Result<Ready> {
        // A loader that panicked left nothing behind: the slot is empty, and loading is tried again.
        let mut loaded = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        let model = &self.models.preferred(&self.settings.model);
        if let Some(ready) = loaded.as_ref().filter(|ready| ready.model == *model) {
            return Ok(ready.clone());
        }
        let found =
            self.models.verify(model).and_then(|path| Ok((path, self.models.sha256(model)?)));
        let (path, sha256) = found.map_err(|error| {
            tracing::warn!(model, error = &error as &dyn Error, "no model");
            Ending::Wait(Reason::Model(error.to_string()))
        })?;
        let not_loaded = |error: SpeechError| {
            let error = &error as &dyn Error;
            tracing::warn!(model, error, "the model does not load");
            Ending::Again(Reason::Recogniser)
        };
        let memory = Memory::of(&path).map_err(not_loaded)?;
        let states = memory.states_in(self.settings.memory).ok_or_else(|| {
            let (takes, may) = (memory.with(1).div_ceil(1 << 20), self.settings.memory >> 20);
            let reason = Reason::Memory { model: model.clone(), takes, may };
            tracing::warn!(model, %reason, "no model");
            Ending::Wait(reason)
        })?;
        let engine = Engine::load(&path, self.settings.threads).map_err(not_loaded)?;
        let engine = engine.with_states(states);
        tracing::info!(model, states = states.min(self.settings.threads), "model loaded");
        Ok(loaded.insert(Ready { engine, model: model.clone(), sha256 }).clone())
    }

    /// The voice encoder, if it is there.
    pub(crate) fn voices(&self) -> Option<Arc<Voices>> {
        Self::optional(&self.voices, self.settings.voices.as_deref(), |model| {
            Ok(Arc::new(Voices::load(&self.models.verify(model)?)?))
        })
    }

    /// The voice detector; loudness, if it is not there.
    pub(crate) fn detector(&self) -> Voice {
        let activity = self.settings.activity.as_deref();
        let found =
            Self::optional(&self.detector, activity, |model| Ok(self.models.voice(Some(model))?));
        found.unwrap_or_else(Voice::by_loudness)
    }

    /// A model without which the work goes on. It is looked for again each time until it is there.
    fn optional<T: Clone>(
        slot: &Mutex<Option<T>>,
        model: Option<&str>,
        load: impl FnOnce(&str) -> Result<T, Box<dyn Error>>,
    ) -> Option<T> {
        let model = model?;
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            match load(model) {
                Ok(loaded) => {
                    tracing::info!(model, "model loaded");
                    *slot = Some(loaded);
                }
                Err(error) => tracing::warn!(model, %error, "no model; it goes on without"),
            }
        }
        slot.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use hearback_speech::{Manifest, Precision};

    use super::*;

    fn fetched(file: &str) -> PathBuf {
        let folder = std::env::var_os("HEARBACK_MODELS").map_or_else(
            || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/models"),
            PathBuf::from,
        );
        folder.join(file)
    }

    #[test]
    fn a_model_that_does_not_fit_is_waited_for_with_a_sentence() {
        let models = ModelStore::new(fetched(""), Manifest::built_in().unwrap());
        let with = |memory: u64| {
            let settings =
                SpeechSettings { threads: 4, memory: memory << 20, ..SpeechSettings::default() };
            Recogniser::new(models.clone(), settings).words()
        };
        let Err(Ending::Wait(reason)) = with(200) else { panic!("it does not fit") };
        let said = reason.to_string();
        assert!(said.contains("tiny.en") && said.contains("200 MiB"), "{said}");
        assert!(said.contains("HEARBACK_SPEECH_MEMORY"), "{said}");
        // Room for one window at once, whatever the threads.
        let states = |memory| with(memory).unwrap().engine.states();
        assert_eq!((states(300), states(400), states(4_000)), (1, 2, 4));
    }

    #[test]
    fn what_comes_later_is_used_without_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let bring = |file: &str| fs::copy(fetched(file), folder.path().join(file)).unwrap();
        bring("ggml-tiny.en.bin");
        let models = ModelStore::new(folder.path().to_owned(), Manifest::built_in().unwrap());
        let recogniser = Recogniser::new(models.clone(), SpeechSettings::default());
        let ready = recogniser.words().unwrap();
        assert_eq!(ready.model, "tiny.en");
        assert_eq!(ready.sha256, models.sha256("tiny.en").unwrap());
        assert!(!ready.engine.voice().is_neural());

        bring("activity-silero.bin");
        assert!(recogniser.words().unwrap().engine.voice().is_neural());

        let made = models.quantise("tiny.en", Precision::Q8_0, &mut |_| {}).unwrap();
        let ready = recogniser.words().unwrap();
        assert_eq!((&*ready.model, ready.engine.model()), (&*made, &*made));
        assert_eq!(ready.sha256, models.sha256(&made).unwrap());
    }
}
