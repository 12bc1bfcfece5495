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

use std::thread;

use rustix::process::setpriority_process;
use tokio::sync::oneshot;

use crate::{
    Reason,
    ending::{Ending, Result},
};

/// Runs work that keeps a processor busy for minutes, on a thread of its own that stands back behind whoever answers
/// people: 0 not at all, 19 as far as can be. Threads that it starts stand back as far.
pub(crate) async fn apart<T: Send + 'static>(
    nice: u8,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (done, result) = oneshot::channel();
    let run = move || {
        // On Linux this is about the calling thread alone.
        if let Err(error) = setpriority_process(None, i32::from(nice.min(19))) {
            tracing::warn!(%error, "a thread could not be told to stand back");
        }
        // Nobody waits any more: then nothing is lost.
        let _ = done.send(work());
    };
    let started = thread::Builder::new().name("speech".to_owned()).spawn(run);
    if let Err(error) = started {
        tracing::error!(%error, "no thread could be started");
        return Err(Ending::Again(Reason::Panic));
    }
    result.await.unwrap_or_else(|_| {
        tracing::error!("a job ended in a panic");
        Err(Ending::Again(Reason::Panic))
    })
}

/// Runs work that takes long, away from the threads that answer people.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a job ended in a panic");
        Err(Ending::Again(Reason::Panic))
    })
}
