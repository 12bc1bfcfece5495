//! Speech to text, on this machine and without a network.
//!
//! Three parts. [`ModelStore`] keeps the model files: it fetches what the [`Manifest`] names when an operator asks for
//! it, checks every byte against a hash, and says in one sentence what is wrong and which command mends it. [`Engine`]
//! turns mono 16 kHz sound into a [`Transcript`]: words with millisecond positions on the recording's clock. [`Voices`]
//! tells who spoke when, as [`Turns`].
//!
//! Sound streams through: a [`Vad`] finds who speaks, only speech is packed into windows of at most 15 seconds, and a
//! few of them are in memory, whatever the recording's length.
//!
//! **Invariants:** nothing here opens a connection except [`ModelStore::fetch`]; nothing that was said ever reaches a
//! log; a damaged model file is refused before whisper.cpp sees it, because its loader aborts the process on some.

mod convert;
mod digest;
mod doubt;
mod engine;
#[cfg(test)]
mod fetched;
mod inspect;
mod lstm;
mod manifest;
mod matrix;
mod pack;
mod quantise;
mod sound;
mod speakers;
mod spectrum;
mod store;
mod times;
mod vad;
mod words;

pub use hearback_domain::Span;
use hearback_domain::transcript;

pub use self::{
    engine::{Engine, Event, Memory, Options, SpeechError},
    manifest::{Conversion, Kind, Manifest, ManifestError, ModelEntry, Source, Wheel},
    quantise::Precision,
    speakers::{ErrorRate, Spoken, Turn, Turns, Voices, VoicesError, VoicesOptions, error_rate},
    store::{
        AddedModel, FetchProgress, FetchStep, ModelError, ModelState, ModelStatus, ModelStore,
    },
    vad::{Vad, Voice},
};

pub use self::transcript::{Doubt, Segment, Speaker, Transcript, Word};

/// Samples per second of the sound that [`Engine::transcribe`] takes.
pub const RATE: u32 = 16_000;
