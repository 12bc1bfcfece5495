//! What must not be heard cannot be heard, seen or found: spans, renders, waveforms, proofs, and voices.
//!
//! The clips are made by the product and proven by it; the faulty ones are made here, each by a renderer with one
//! fault.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small numbers of a test"
)]

mod evidence;
mod files;
mod redact_cases;
mod redact_containers;
mod redact_faults;
mod redact_renders;
mod redact_spans;
mod redact_voices;
mod scene;
mod sounds;
