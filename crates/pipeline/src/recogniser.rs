//! The speech engine, loaded when it is first needed and kept.

use std::sync::{Arc, Mutex, PoisonError};

use hearback_speech::{Engine, ModelStore};

use crate::{
    Reason,
    ending::{Ending, Result},
};

/// One model of a [`ModelStore`], not loaded until the first recording needs it.
///
/// A model that is missing or damaged is no failure of the job: the job waits, the administrator reads the sentence
/// that mends it, and once the file is there the next look finds it, without a restart.
pub struct Recogniser {
    models: ModelStore,
    model: String,
    threads: usize,
    language: Option<String>,
    loaded: Mutex<Option<Arc<Engine>>>,
}

impl Recogniser {
    /// Will load `model` from `models`, and use that many threads for one recording. `language` is an ISO 639-1
    /// code; none lets a model for many languages find out.
    pub fn new(
        models: ModelStore,
        model: impl Into<String>,
        threads: usize,
        language: Option<String>,
    ) -> Self {
        Self { models, model: model.into(), threads, language, loaded: Mutex::new(None) }
    }

    /// The model's name.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The language to expect.
    pub(crate) fn language(&self) -> Option<String> {
        self.language.clone()
    }

    /// The engine; loads it if need be, which takes a second or so and hashes the whole file.
    pub(crate) fn engine(&self) -> Result<Arc<Engine>> {
        // A loader that panicked left nothing behind: the slot is empty, and loading is tried again.
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = &*loaded {
            return Ok(Arc::clone(engine));
        }
        let path = self.models.verify(&self.model).map_err(|error| {
            tracing::warn!(
                model = self.model,
                error = &error as &dyn std::error::Error,
                "no model"
            );
            Ending::Wait(Reason::Model(error.to_string()))
        })?;
        let engine = Engine::load(&path, self.threads).map_err(|error| {
            tracing::warn!(
                model = self.model,
                error = &error as &dyn std::error::Error,
                "the model does not load"
            );
            Ending::Again(Reason::Recogniser)
        })?;
        tracing::info!(model = self.model, "model loaded");
        Ok(Arc::clone(loaded.insert(Arc::new(engine))))
    }
}
