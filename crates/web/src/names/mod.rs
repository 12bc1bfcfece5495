//! Real names (ETH-05): noted by the practitioner if they like, read by nobody but the data protection officer, with a
//! passphrase that this service never keeps.

use hearback_vault::identity::IdentityError;
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{WebError, error::Result};

pub(crate) mod key;
pub(crate) mod note;
pub(crate) mod reveal;

/// Keys being locked or opened at once: each takes 128 MiB.
static TURNS: Semaphore = Semaphore::const_new(1);

/// Locks or opens a key, one at a time, away from the threads that answer.
async fn in_turn<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, IdentityError> + Send + 'static,
) -> Result<Result<T, IdentityError>> {
    let _turn = TURNS.acquire().await.map_err(WebError::internal)?;
    spawn_blocking(work).await.map_err(WebError::internal)
}
