//! Finding words in the transcripts that somebody may read.
//!
//! There is no index at rest. Each recording is asked for by itself, with the same decision as reading it; what may be
//! read is decrypted in memory (from the moment on at which somebody has the form before them), with corrections and
//! chosen names, and without what is hidden; it is searched there, and forgotten a few minutes after it was last wanted
//! ([`lately`]). What is kept is zeroed when it is forgotten; the words that it was made of are freed after they were
//! read, and not zeroed each.
//!
//! What is looked for travels in the body of a form: words in an address would stay in the browser's history.

mod gather;
pub(crate) mod lately;
pub(crate) mod show;
mod text;

pub use self::lately::Lately;
