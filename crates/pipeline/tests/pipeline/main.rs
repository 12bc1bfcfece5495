//! Jobs from upload to ready, on a real database, a real vault, the real decoding child and a real model.
//!
//! The environment: `HEARBACK_BIN`, the built binary, in which the decoding child lives (else `target/debug/hearback`),
//! and `HEARBACK_MODELS`, the folder with `ggml-tiny.en.bin` (else `target/models`).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

mod clips;
mod erasing;
mod failures;
mod house;
mod leases;
mod ready;
mod words;
