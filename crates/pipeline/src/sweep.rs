//! Clearing the vault of what nothing names: partial texts that were replaced, and what a worker left that lost its
//! lease or was killed.

use std::{convert::Infallible, sync::Arc, time::Duration};

use hearback_domain::ObjectId;
use hearback_storage::Store;
use hearback_vault::Swept;
use tokio::runtime::Handle;

use crate::{
    Worker,
    ending::{Ending, Result},
    stage::blocking,
};

/// Younger objects are left alone: their rows may be about to be written.
const OLDER_THAN: Duration = Duration::from_hours(24);

impl Worker {
    /// Sweeps the vault now and then, until dropped.
    pub(crate) async fn sweep_for_ever(&self) -> Infallible {
        loop {
            if let Err(error) = self.sweep_by_time().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "it could not be looked up what has come to the end of its time"
                );
            }
            tokio::time::sleep(self.config.sweep).await;
            match self.sweep(OLDER_THAN).await {
                Ok(swept) => tracing::info!(
                    objects = swept.objects,
                    temporary = swept.temporary,
                    bytes = swept.bytes,
                    "the vault was swept"
                ),
                // Told in the log already; the next sweep takes what this one left.
                Err(ending) => tracing::warn!(?ending, "the vault could not be swept"),
            }
            self.scrub().await;
        }
    }

    async fn sweep(&self, older_than: Duration) -> Result<Swept> {
        let (vault, store) = (Arc::clone(&self.vault), Arc::clone(&self.store));
        let (now, database) = (self.clock.now(), Handle::current());
        blocking(move || {
            let known = |id| {
                // What the database cannot say, it may know.
                database.block_on(knows(&*store, id)).unwrap_or(true)
            };
            vault.sweep(&known, now, older_than).map_err(Ending::from)
        })
        .await
    }
}

async fn knows(store: &dyn Store, id: ObjectId) -> hearback_storage::Result<bool> {
    store.begin().await?.knows_object(id).await
}
