//! Reading a recording again, in another language; and what becomes of it.

use axum::extract::State;
use hearback_access::TranscribeAgain;
use hearback_domain::{JobId, RecordingId, TranscriptState};
use hearback_storage::{ANY_LANGUAGE, JobKind, JobState, JobStatus};
use serde::Serialize;

use super::language::offered;
use crate::{
    App, Visit, WebError,
    error::Result,
    extract::{Fields, Path},
    page::Said,
};

/// How far a machine is that reads again what it has read before. The words of the first time stand until it has done
/// so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Again {
    /// Whether other words may come.
    pub(super) working: bool,
    /// How much of it is done, in per cent, while somebody is at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) percent: Option<u16>,
    /// For the person who waits.
    pub(super) sentence: &'static str,
}

impl Again {
    /// From the state of a transcript and the newest jobs of its recording; none where nothing is read again.
    pub(super) fn of(state: TranscriptState, jobs: &[JobStatus]) -> Option<Self> {
        let job = jobs.iter().find(|job| matches!(job.kind, JobKind::Transcribe(_)))?;
        let (working, sentence) = match (state, job.state) {
            (TranscriptState::Done, JobState::Queued) => {
                (true, "It waits to be read again. These words stay until the new ones are there.")
            }
            (TranscriptState::Done, JobState::Running) => {
                (true, "It is being read again. These words stay until the new ones are there.")
            }
            (TranscriptState::Done, JobState::Dead) => {
                (false, "Reading it again did not work this time. These words stay.")
            }
            _ => return None,
        };
        let percent = (job.state == JobState::Running).then_some(job.progress / 10);
        Some(Self { working, percent, sentence })
    }
}

/// `POST /recordings/{id}/words/again`: `language`, a code; empty lets the machine find out. What people corrected
/// stays.
pub(crate) async fn again(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<RecordingId>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<TranscribeAgain>(id).await?;
    let wanted = fields.get("language");
    let language = match wanted {
        "" => ANY_LANGUAGE,
        code => offered(&app.languages)
            .map(|(known, _)| known)
            .find(|known| *known == code)
            .ok_or_else(|| WebError::bad("that is none of the languages"))?,
    };
    if !work.transcribe_again(&permit, Some(language), JobId::mint(&*app.ids)).await? {
        return Err(WebError::conflict(
            "the machine is at work on it already; its words will be there in a while",
        ));
    }
    work.commit().await?;
    app.wake.notify_one();
    Ok(Said::ReadAgain.at(&format!("/recordings/{id}/words")))
}

#[cfg(test)]
mod tests {
    use hearback_domain::Timestamp;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn who_waits_is_told_how_far_it_is() {
        let recording = RecordingId::from_uuid(Uuid::from_u128(1));
        let of = |text, state| {
            let job = JobStatus {
                id: JobId::from_uuid(Uuid::from_u128(2)),
                kind: JobKind::Transcribe(recording),
                state,
                attempts: 1,
                progress: 427,
                reason: None,
                run_at: Timestamp::from_micros(0),
            };
            Again::of(text, &[job]).map(|again| (again.working, again.percent))
        };
        assert_eq!(of(TranscriptState::Done, JobState::Running), Some((true, Some(42))));
        assert_eq!(of(TranscriptState::Done, JobState::Queued), Some((true, None)));
        assert_eq!(of(TranscriptState::Done, JobState::Dead), Some((false, None)));
        assert_eq!(of(TranscriptState::Done, JobState::Done), None, "also if somebody stopped it");
        assert_eq!(of(TranscriptState::Running, JobState::Running), None, "for the first time");
    }
}
