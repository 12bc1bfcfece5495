//! Durable jobs: from upload to ready.
//!
//! A [`Worker`] leases jobs from the database and carries them out: it decodes what was uploaded, makes a copy of it to
//! listen to, turns speech into text, and cuts extracts. Kill the process at any instruction: nothing that was accepted
//! is lost, and nothing is done twice, because
//!
//! * a job is held by a lease with a fencing token, extended while the work goes on;
//! * what was made goes into the vault first, under a new id; the rows that name it, the end of the job and the job
//!   that comes next are written in **one** unit of work, which begins by making sure that the lease still stands;
//! * a worker that lost its lease finds out there and writes nothing.
//!
//! Consent is asked for twice, when a job begins and when its result is written: what was withdrawn meanwhile leaves
//! no trace but an object that nothing names, which the vault's sweep removes. A refused job is simply done.
//!
//! What was decided to be destroyed is destroyed on a lane of its own, which waits for no other work; it is retried
//! until it is done. Beside the jobs, [`Worker::run`] queues what was forgotten and decides about what has come to the
//! end of its time. [`replay()`] makes a database from an old copy forget what was erased since, before anything is
//! served.
//!
//! # What the objects hold
//!
//! * `normalised`: bare samples in the working format of [`hearback_domain::sound`] (16 kHz, mono, 16-bit
//!   little-endian), **without** a WAV header, because their number is known only at the end and objects are written
//!   in one pass. Whoever serves them as a file puts [`hearback_domain::sound::wav_header`] in front.
//! * `peaks`: an audiowaveform `.dat` file, version 1, 8 bits, 160 samples per pixel (100 pixels a second).
//! * `listening`: the copy that people listen to, a complete MP4 file with Opus in it ([`hearback_audio::listening`]).
//! * `transcript`: JSON as `hearback transcribe --format json` prints it, with the hash of the model's file; while it
//!   is being made, with the segments so far, and how far that is.
//! * `draft`: the same while a transcript is made again, until it is whole and takes the place of the one before.
//! * `corrections`: what people changed of it ([`hearback_domain::transcript::Corrections`]). Nothing here writes it.
//! * `sides`: which of two channels is the louder, where each has a voice of its own ([`hearback_audio::SideTrack`]).
//! * `clip`: a complete WAV file in the working format.
//!
//! This crate must never decode a file from outside in its own process, never decide who may do what, and never write
//! content into a log or a job's reason.

#![forbid(unsafe_code)]

mod attempt;
mod backoff;
mod config;
mod ending;
mod held;
mod keeping;
mod reason;
mod recogniser;
mod redaction;
mod replay;
mod samples;
mod signal;
mod stage;
mod sweep;
mod worker;

pub use self::{
    config::Config,
    keeping::Stopwatch,
    reason::Reason,
    recogniser::{Recogniser, SpeechSettings},
    redaction::{AsHeard, as_heard},
    replay::{ReplayError, replay},
    worker::Worker,
};
