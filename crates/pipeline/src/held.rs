//! Units of work that last only while the worker holds the job.

use hearback_access::{AccessError, Action, Cx, Permit, require};
use hearback_storage::{FinishedJob, LeasedJob, Store, StoreError, Work};

use crate::ending::{Ending, Result};

/// Begins a unit of work in which nobody else can lease the job.
pub(crate) async fn hold(store: &dyn Store, job: &LeasedJob) -> Result<Box<dyn Work>> {
    let mut work = store.begin().await?;
    if work.hold_job(job).await? { Ok(work) } else { Err(Ending::Lost) }
}

/// Begins such a unit and asks for a permit in it.
///
/// A refusal ends the job, in the same unit as its audit entry: what consent does not cover is not owed.
pub(crate) async fn permit<A: Action>(
    store: &dyn Store,
    job: &LeasedJob,
    cx: Cx,
    object: A::Object,
) -> Result<(Box<dyn Work>, Permit<A>)> {
    let mut work = hold(store, job).await?;
    match require::<A>(work.gate(), cx, object).await {
        Ok(permit) => Ok((work, permit)),
        Err(AccessError::Refused(why)) => {
            finish(work, job, &FinishedJob::Done).await?;
            Err(Ending::Refused(why))
        }
        Err(AccessError::Gate(error)) => Err(StoreError::from(error).into()),
    }
}

/// Ends the job and commits.
pub(crate) async fn finish(
    mut work: Box<dyn Work>,
    job: &LeasedJob,
    how: &FinishedJob,
) -> Result<()> {
    if !work.finish_job(job, how).await? {
        return Err(Ending::Lost);
    }
    Ok(work.commit().await?)
}
