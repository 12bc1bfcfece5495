//! The researcher's desk: codes, scores, and finishing. A coder sees their own work and nobody else's.

use hearback_access::{Code, Permit, SeeRecording};
use hearback_domain::{CodingId, RecordingId, TransitionError};
use hearback_storage::{CodingState, NewCoding, Recording, Work};

use crate::{Visit, WebError, error::Result};

pub(crate) mod agreeing;
mod apart;
pub(crate) mod codes;
pub(crate) mod compare;
pub(crate) mod desk;
pub(crate) mod memory;
pub(crate) mod scores;
mod timeline;
pub(crate) mod together;

/// What a coder is told of a recording beside its sound. Nothing, unless a protocol says so: coding is blind.
#[derive(Clone, Copy, Default)]
struct Tells {
    /// Which part of the programme it belongs to.
    phase: bool,
    /// Whose it is.
    practitioner: bool,
}

/// What this coder is told here.
async fn tells(work: &mut dyn Work, permit: &Permit<Code>) -> Result<Tells> {
    let protocol = work.own_protocol(permit).await?;
    Ok(protocol.map_or_else(Tells::default, |protocol| Tells {
        phase: !protocol.plan.blind_phase,
        practitioner: !protocol.plan.blind_practitioner,
    }))
}

/// A unit of work in which the permit's coding can still be changed. With what is about to be written it begins, if it
/// had not: from then on its version of the framework and its part stay.
async fn open(
    visit: &Visit,
    id: RecordingId,
) -> Result<(Box<dyn Work>, Permit<Code>, CodingState)> {
    let (mut work, permit) = visit.permit::<Code>(id).await?;
    let coding = begin(visit, &mut *work, &permit).await?;
    if coding.finished.is_some() {
        return Err(TransitionError::CodingFinished.into());
    }
    Ok((work, permit, coding))
}

/// The coding, which begins now if it had not.
async fn begin(visit: &Visit, work: &mut dyn Work, permit: &Permit<Code>) -> Result<CodingState> {
    let new = NewCoding {
        id: CodingId::mint(&*visit.app().ids),
        framework_version: work.current_framework().await?.version,
        part: None,
    };
    Ok(work.begin_coding(permit, &new).await?)
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
