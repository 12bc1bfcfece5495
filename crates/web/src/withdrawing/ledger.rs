//! What was taken back stands in the ledger of erasures before the database says so: an old copy of the database does
//! not know of it, and the ledger does.

use std::sync::Arc;

use hearback_domain::{RecordingId, Timestamp};
use hearback_storage::{Withdrawn, Work};
use tokio::task::spawn_blocking;

use crate::{App, WebError, error::Result};

/// Ends the unit of work in which something was taken back at this moment: on a task of its own, so that nobody who
/// puts their telephone away leaves the line there and the database without it.
///
/// If the line is there and the database then fails, whoever asked is told that it did not work; the next start closes
/// it all the same, unless the person was asked again meanwhile.
pub(crate) async fn commit(
    app: &App,
    mut work: Box<dyn Work>,
    recording: RecordingId,
    withdrawn: Withdrawn,
    at: Timestamp,
) -> Result<()> {
    let (vault, lately) = (Arc::clone(&app.vault), Arc::clone(&app.lately));
    let close = move || vault.close(recording, withdrawn.person, &withdrawn.purposes, at);
    let both = async move {
        let line = spawn_blocking(close).await.map_err(WebError::internal)?;
        work.carried_out(line.map_err(WebError::internal)?.0).await?;
        work.commit().await?;
        lately.forget(recording);
        Ok(())
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever asked waits for it; if they are gone and the service ends, the next start carries it out"
    )]
    tokio::spawn(both).await.map_err(WebError::internal)?
}
