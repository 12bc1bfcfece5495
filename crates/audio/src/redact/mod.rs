//! Taking out what must not be heard: who it hides, what is heard instead, and the proof that it is gone.
//!
//! * [`SpanSet`] says **where**: what somebody marked, widened by a guard, in one form however it was marked.
//! * [`Redaction`] adds **with what**, and has a [`Digest`] by which everything that was made under it can be told.
//! * [`Holes`] is the one place where samples are replaced: clips, streams ([`Redacted`]) and waveforms
//!   ([`redact_dat`]) all go through it. What is replaced depends on the position alone, so nothing of the original
//!   can be brought back from it.
//! * [`Prover`] decodes a finished clip and holds it against the recording. Whoever serves a clip serves only what it
//!   has passed.
//!
//! Nothing here makes a voice anonymous: see [`crate::voice`].

mod dat;
mod digest;
mod proof;
mod render;
mod spans;
mod stream;

pub use self::{
    dat::redact_dat,
    digest::{Digest, DigestError},
    proof::{Claim, Doubt, Proof, ProofError, Prover},
    render::{Holes, RedactWith, Redaction},
    spans::{MarkError, Rules, SpanSet, mark},
    stream::Redacted,
};
