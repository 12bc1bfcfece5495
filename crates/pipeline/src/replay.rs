//! Before anything is served: what the ledger of erasures says is carried out on this database.
//!
//! A database that comes from an old copy has again what was erased since. The keys are gone, so nothing of it can be
//! read; but it must not be served, listed or counted either. The ledger lies with the keys and is never restored from
//! old, so it knows.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hearback_access::{AccessError, Cx, Erase, Permit, require};
use hearback_domain::{
    ErasureId, IdSource, JobId, KeyClass, Purpose, RecordingId, Timestamp,
    withdrawal::{ErasureCause, effects},
};
use hearback_storage::{Closed, Erasure, Store, StoreError, Work};
use hearback_vault::{Cause, Erased, LedgerLine, LedgerSeq, Vault, VaultError};
use tokio::task::spawn_blocking;

use crate::keeping::nobodys;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The database has carried out lines that this ledger does not have: the keyring is an old copy. It may open
    /// what was erased; an operator has to put the newest one in its place.
    #[error(
        "the database has carried out {applied} lines of the ledger of erasures, and the keyring’s ledger has only {head}: \
         this keyring is an old copy. Put the newest one back, or take over its ledger with `hearback keys merge-ledger`"
    )]
    LedgerOld {
        /// The last line that the database has carried out.
        applied: u64,
        /// The last line there is.
        head: u64,
    },
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger could not be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Reading it ended in a panic.
    #[error("the ledger of erasures could not be read")]
    Panic,
}

/// Carries out on the database every line of the ledger that is newer than what it has carried out; how many lines.
///
/// Can be repeated. To be called before the first request is answered, and before a worker begins.
pub async fn replay(
    store: &dyn Store,
    vault: &Arc<Vault>,
    ids: &dyn IdSource,
    now: Timestamp,
) -> Result<u64, ReplayError> {
    let reader = Arc::clone(vault);
    let lines = spawn_blocking(move || reader.ledger_after(LedgerSeq(0)))
        .await
        .map_err(|_| ReplayError::Panic)??;
    let head = lines.last().map_or(0, |line| line.seq.0);
    let applied = store.begin().await?.ledger_applied().await?;
    if applied > head {
        return Err(ReplayError::LedgerOld { applied, head });
    }
    let mut gone: BTreeMap<RecordingId, BTreeSet<KeyClass>> = BTreeMap::new();
    // What some line says who took it back.
    let mut closed_for_one: BTreeSet<(RecordingId, Purpose)> = BTreeSet::new();
    let mut carried_out = 0;
    for line in &lines {
        let (recording, classes) = match &line.erased {
            Erased::Recording(recording, classes) => (recording, classes),
            Erased::Closed(recording, person, purposes) => {
                closed_for_one
                    .extend(effects(purposes).closes.into_iter().map(|p| (*recording, p)));
                if line.seq.0 > applied {
                    let (person, purposes, at) = (*person, purposes.clone(), line.at);
                    let closed = Closed { person, purposes, at };
                    close_again(store, ids, *recording, &closed, now).await?;
                    carried_out += 1;
                }
                continue;
            }
            Erased::Person(_) => continue,
        };
        let so_far = gone.entry(*recording).or_default();
        so_far.extend(classes);
        if line.seq.0 > applied {
            let whole = so_far.len() == KeyClass::ALL.len();
            let erasure = Erasure {
                id: ErasureId::mint(ids),
                classes: so_far.iter().copied().collect(),
                whole,
                cause: cause_of(line.cause),
            };
            // The yes, too: an old copy still has it, and whoever had a grant for it. Everybody's, if no line says
            // whose.
            let rested = classes.iter().filter_map(|class| rested_on(*class));
            let unsaid = rested.filter(|p| !closed_for_one.contains(&(*recording, *p)));
            let take_back: Vec<_> = match line.cause {
                Cause::Withdrawal => unsaid.collect(),
                _ => Vec::new(),
            };
            carry_out(store, ids, *recording, line, &erasure, &take_back, now).await?;
            carried_out += 1;
        }
    }
    if head > applied {
        let mut work = store.begin().await?;
        work.set_ledger_applied(head).await?;
        work.commit().await?;
        store.scrub().await?;
    }
    Ok(carried_out)
}

/// Begins a unit of work about the recording. `None` if it went, or this database is older than it.
async fn begin(
    store: &dyn Store,
    recording: RecordingId,
    now: Timestamp,
) -> Result<Option<(Box<dyn Work>, Permit<Erase>)>, ReplayError> {
    let mut work = store.begin().await?;
    match require::<Erase>(work.gate(), Cx::worker(now), recording).await {
        Ok(permit) => Ok(Some((work, permit))),
        Err(AccessError::Refused(_)) => Ok(None),
        Err(AccessError::Gate(error)) => Err(StoreError::from(error).into()),
    }
}

/// One unit of work: what somebody took back is closed, if this database has the recording; and to be destroyed again,
/// if it was held and nothing says that it is destroyed.
async fn close_again(
    store: &dyn Store,
    ids: &dyn IdSource,
    recording: RecordingId,
    closed: &Closed,
    now: Timestamp,
) -> Result<(), ReplayError> {
    let Some((mut work, permit)) = begin(store, recording, now).await? else { return Ok(()) };
    let (erasure, job) = (ErasureId::mint(ids), JobId::mint(ids));
    work.close_again(&permit, closed, erasure, &nobodys(ids), job).await?;
    work.commit().await?;
    Ok(())
}

/// One unit of work: what the line says, if this database has the recording.
async fn carry_out(
    store: &dyn Store,
    ids: &dyn IdSource,
    recording: RecordingId,
    line: &LedgerLine,
    erasure: &Erasure,
    take_back: &[Purpose],
    now: Timestamp,
) -> Result<(), ReplayError> {
    let Some((mut work, permit)) = begin(store, recording, now).await? else { return Ok(()) };
    // The one that was noted here, if it was: its receipt is in somebody's hands.
    let noted = work.pending_erasures(&permit).await?;
    let noted = noted.iter().find(|noted| {
        noted.whole == erasure.whole && noted.classes.iter().all(|c| erasure.classes.contains(c))
    });
    let id = if let Some(noted) = noted {
        noted.id
    } else {
        work.add_erasure(&permit, erasure, &nobodys(ids), JobId::mint(ids)).await?;
        erasure.id
    };
    work.take_back(&permit, take_back, line.at).await?;
    work.erase_rows(&permit, id, line.seq.0).await?;
    work.commit().await?;
    Ok(())
}

/// The yes that a class of keys rests on alone. What rests on the recording's own goes with the recording.
const fn rested_on(class: KeyClass) -> Option<Purpose> {
    match class {
        KeyClass::Sound => None,
        KeyClass::Text => Some(Purpose::Transcribe),
        KeyClass::Extracts => Some(Purpose::CoachPlayback),
        KeyClass::Coding => Some(Purpose::CodeResearch),
    }
}

const fn cause_of(cause: Cause) -> ErasureCause {
    match cause {
        Cause::Withdrawal => ErasureCause::Withdrawal,
        Cause::Retention => ErasureCause::Retention,
        Cause::Request | Cause::Replay => ErasureCause::Request,
    }
}
