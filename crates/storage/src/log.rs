//! Reads the audit log from its beginning to its end, a page at a time, while the service goes on.

use hearback_access::audit::{AuditSeq, Entry, Tampering, Verified, Verifier};

use crate::{Store, StoreError};

/// How many entries are read at a time.
const PAGE: u32 = 5_000;

/// Pages of the log. Each is a short unit of work.
#[derive(Clone, Debug)]
pub struct LogPages {
    last: AuditSeq,
    size: u32,
}

impl LogPages {
    /// Those that come after this entry.
    pub const fn after(last: AuditSeq) -> Self {
        Self { last, size: PAGE }
    }

    /// The next page; none at the end.
    pub async fn next(&mut self, store: &dyn Store) -> Result<Option<Vec<Entry>>, StoreError> {
        let entries = store.begin().await?.audit_entries(self.last, self.size).await?;
        let Some(newest) = entries.last() else { return Ok(None) };
        self.last = newest.seq;
        Ok(Some(entries))
    }
}

/// Reads the entries after `from` into `verifier`, up to the head as it is now.
///
/// A stored value that no entry ever had is tampering too; an error means that the database could not answer.
pub async fn verify_log(
    store: &dyn Store,
    mut verifier: Verifier,
    from: AuditSeq,
) -> Result<Result<Verified, Tampering>, StoreError> {
    // What is appended meanwhile lies after this head.
    let head = match store.begin().await?.audit_head().await {
        Ok(head) => head,
        Err(StoreError::Inconsistent(_)) => {
            let last = last_entry(store, from).await?;
            return Ok(Err(Tampering::Head(last)));
        }
        Err(other) => return Err(other),
    };
    let mut pages = LogPages::after(from);
    while pages.last < head.seq {
        pages.size = PAGE.min(u32::try_from(head.seq.0 - pages.last.0).unwrap_or(PAGE));
        match pages.next(store).await {
            // No more than there should be; if some are missing, those that stand behind the head are looked at too.
            Ok(Some(entries)) => {
                for entry in &entries {
                    verifier.entry(entry);
                }
            }
            Ok(None) => break,
            // A value that no entry ever had: it was put there.
            Err(StoreError::Inconsistent(_)) => {
                return Ok(Err(Tampering::Changed(unreadable(store, pages.last).await?)));
            }
            Err(other) => return Err(other),
        }
    }
    let found = verifier.finish(&head);
    if let Ok(_) | Err(Tampering::Cut { .. } | Tampering::Wiped { .. }) = found
        && let Some(beyond) = beyond_the_head(store).await?
    {
        return Ok(Err(Tampering::Head(beyond)));
    }
    Ok(found)
}

/// The first entry after `last` that cannot be read.
async fn unreadable(store: &dyn Store, last: AuditSeq) -> Result<AuditSeq, StoreError> {
    let mut pages = LogPages { last, size: 1 };
    loop {
        match pages.next(store).await {
            Ok(Some(_)) => {}
            Ok(None) | Err(StoreError::Inconsistent(_)) => return Ok(AuditSeq(pages.last.0 + 1)),
            Err(other) => return Err(other),
        }
    }
}

async fn last_entry(store: &dyn Store, from: AuditSeq) -> Result<AuditSeq, StoreError> {
    let mut pages = LogPages::after(from);
    while let Ok(Some(_)) = pages.next(store).await {}
    Ok(pages.last)
}

/// An entry after the last that the head knows, at a moment when nobody is appending.
async fn beyond_the_head(store: &dyn Store) -> Result<Option<AuditSeq>, StoreError> {
    let mut work = store.begin().await?;
    work.take_turn().await?;
    let head = match work.audit_head().await {
        Ok(head) => head.seq,
        Err(StoreError::Inconsistent(_)) => return Ok(Some(AuditSeq(0))),
        Err(other) => return Err(other),
    };
    Ok(work.audit_entries(head, 1).await?.first().map(|entry| entry.seq))
}
