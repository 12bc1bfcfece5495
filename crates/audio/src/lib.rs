//! Sound: what a file is, what is in it, and what may be heard of it.
//!
//! Which recordings are read, and how exactly, is in `FORMATS.md`, which a test holds to what it measures.
//!
//! Any recording that comes in is turned into one working form, **16 kHz mono**, on which every position is a whole
//! number of milliseconds and zero is the first sample that a listener would have heard (REC-01).
//! From that form come the waveform ([`peaks`]), the clips ([`clip`]) and what the recogniser listens to.
//!
//! Files from outside are hostile until shown otherwise: decoders panic, hang and allocate without bound on bytes made
//! for it. So whoever holds a recording calls [`sandbox::Runner`], which does the work in a child process that can read
//! no file, reach no network and start no program. [`decode`] is what runs inside that child.
//!
//! This crate must never decode in the process that called it (except through [`decode`], which says so), never trust
//! a name, a declared type or a declared length, and never hold more than a few seconds of sound in memory.

pub mod activity;
mod caf;
pub mod clip;
pub mod decode;
mod ebml;
mod error;
pub mod flac;
mod foreign;
mod identify;
mod isobmff;
mod lanes;
pub mod limiter;
mod limits;
pub mod listening;
pub mod loudness;
mod mpeg;
mod ogg;
mod onepass;
mod oversample;
pub mod peaks;
pub mod playlist;
mod ramp;
pub mod redact;
mod report;
mod resample;
mod riff;
pub mod sandbox;
pub mod sides;
mod source;
mod verdict;
pub mod voice;
pub mod wav;

pub use self::{
    error::AudioError,
    limits::Limits,
    onepass::{Findings, OnePass},
    peaks::{Peaks, PeaksBuilder},
    report::{DecodeReport, Probe, Progress, Relation, Shape, Stereo, Warning},
    sides::SideTrack,
    source::{Bytes, FileSource, ReadAt},
    verdict::{Limit, Verdict},
};

/// The working sample rate in hertz: what the recogniser hears, and enough for speech.
pub const RATE: u32 = 16_000;
