//! Speech to text, on this machine and without a network.
//!
//! Two halves. [`ModelStore`] keeps the model files: it fetches what the [`Manifest`] names when an operator asks for it,
//! checks every byte against a hash, and says in one sentence what is wrong and which command mends it. [`Engine`]
//! turns mono 16 kHz sound into a [`Transcript`]: words with millisecond positions on the recording's clock.
//!
//! Sound streams through: memory holds one window of at most 30 seconds, whatever the recording's length.
//!
//! **Invariants:** nothing here opens a connection except [`ModelStore::fetch`]; nothing that was said ever reaches a
//! log; a damaged model file is refused before whisper.cpp sees it, because its loader aborts the process on some.

mod captions;
mod convert;
mod digest;
mod engine;
mod inspect;
mod manifest;
mod sound;
mod store;
mod times;
mod transcript;
mod window;
mod words;

pub use self::{
    engine::{Engine, Event, Options, SpeechError},
    manifest::{Conversion, Manifest, ManifestError, ModelEntry, Source, Wheel},
    store::{
        AddedModel, FetchProgress, FetchStep, ModelError, ModelState, ModelStatus, ModelStore,
    },
    transcript::{Segment, Transcript, Word},
};

/// Samples per second of the sound that [`Engine::transcribe`] takes.
pub const RATE: u32 = 16_000;
