//! The real voice encoder on synthesised people who talk with each other, and on files that are no voice encoder.
//!
//! `HEARBACK_VOICES_CASES` may name a folder of `NAME.wav` (16 kHz, mono, 16 bits) with `NAME.rttm` beside each; they
//! are held against their annotations as well, and the figures printed.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]
#![expect(clippy::print_stdout, reason = "the table is what a person looks at")]

mod dialogue;
mod evidence;
#[path = "../flite/mod.rs"]
mod flite;
#[path = "../models/mod.rs"]
mod models;
#[path = "../pieces/mod.rs"]
mod pieces;
mod voices;
