//! Where the words of a recording lie: what is hidden is hidden in whole words.

use std::sync::Arc;

use hearback_access::{AccessError, ReadTranscript, require};
use hearback_domain::{
    Purpose, Span,
    transcript::{ReadWord, Reading},
};
use hearback_storage::{Recording, Work};

use crate::{
    Visit,
    error::Result,
    words::{Kept, Places},
};

/// The words of a recording.
pub(super) struct Words(pub(super) Kept);

impl Words {
    /// Where they lie: those that are read, and those that the machine wrote, whose times are nearer to the sound.
    pub(super) fn spans(&self) -> Vec<Span> {
        let machine = Reading::original(&self.0.transcript);
        self.0.reading().words().chain(machine.words()).map(ReadWord::span).collect()
    }
}

/// The words of a recording, if there are any that this visitor may read: nothing is refused for the want of them.
pub(super) async fn words_if_any(
    visit: &Visit,
    work: &mut dyn Work,
    recording: &Recording,
) -> Result<Option<Words>> {
    if !recording.cover(Purpose::Transcribe) {
        return Ok(None);
    }
    let permit = match require::<ReadTranscript>(work.gate(), visit.cx(), recording.id).await {
        Ok(permit) => permit,
        Err(AccessError::Refused(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let places = Places::of(work, &permit).await?;
    Ok(places.read(visit.app(), &Arc::new(permit)).await?.map(Words))
}
