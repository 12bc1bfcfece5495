//! The researcher's desk: codes, scores, and finishing. A coder sees their own work and nobody else's.

use hearback_access::{Code, Permit, SeeRecording};
use hearback_domain::{RecordingId, TransitionError};
use hearback_storage::{Recording, Work};

use crate::{Visit, WebError, error::Result};

pub(crate) mod codes;
pub(crate) mod desk;
pub(crate) mod scores;

/// Whether the desk says which part of the programme a recording belongs to. It does not: coding is blind.
const PHASE_VISIBLE: bool = false;

/// A unit of work in which the permit's coding can still be changed.
async fn open(visit: &Visit, id: RecordingId) -> Result<(Box<dyn Work>, Permit<Code>)> {
    let (mut work, permit) = visit.permit::<Code>(id).await?;
    if work.coding_finished(&permit).await?.is_some() {
        return Err(TransitionError::CodingFinished.into());
    }
    Ok((work, permit))
}

/// The recording, in a unit of work that has changed nothing yet.
pub(crate) async fn recording(
    visit: &Visit,
    work: Box<dyn Work>,
    id: RecordingId,
) -> Result<(Box<dyn Work>, Recording)> {
    let (mut work, see) = visit.also::<SeeRecording>(work, id).await?;
    let recording = work.recording(&see).await?.ok_or(WebError::NotFound)?;
    Ok((work, recording))
}
