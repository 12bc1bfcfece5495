//! What is done for each kind of job.
//!
//! All but the one that destroys go the same way: a unit that asks for a permit and finds the input; the work on a
//! thread of its own, whose results go into the vault; a unit that asks once more, notes the results, and ends the job.
//! Objects that no unit came to name are left for the sweep.

mod clip;
mod decode;
mod erase;
mod listening;
mod transcribe;

use crate::{
    Reason,
    ending::{Ending, Result},
};

/// Runs work that takes long, away from the threads that answer people.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a job ended in a panic");
        Err(Ending::Again(Reason::Panic))
    })
}
