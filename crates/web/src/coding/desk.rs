//! The page on which a recording is coded. The programme phase is left out: coding is blind.

use askama::Template;
use hearback_access::Code;
use hearback_domain::{Framework, Purpose, RecordingId, TranscriptState, conflict::not_blind};
use serde::Serialize;

use super::recording;
use crate::{
    Visit, WebError,
    error::Result,
    extract::Path,
    page::{Page, html, page_data},
};

#[expect(clippy::struct_excessive_bools, reason = "what the template asks, one by one")]
#[derive(Template)]
#[template(path = "workspace.html")]
struct DeskPage {
    page: Page,
    recording: RecordingView,
    for_coaching: bool,
    words_readable: bool,
    not_blind: bool,
    read_only: bool,
    page_data: String,
}

struct RecordingView {
    id: RecordingId,
    pseudonym: String,
    session_kind: &'static str,
}

#[derive(Serialize)]
struct DeskData<'a> {
    recording: RecordingData<'a>,
    read_only: bool,
    framework: &'a Framework,
}

#[derive(Serialize)]
struct RecordingData<'a> {
    id: RecordingId,
    pseudonym: &'a str,
    duration_ms: u64,
}

/// `GET /recordings/{id}/code`.
pub(crate) async fn show(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (mut work, permit) = visit.permit::<Code>(id).await?;
    let finished = work.coding_finished(&permit).await?;
    let read_only = finished.is_some();
    let briefed = work.briefed(&permit).await?;
    let (work, recording) = recording(&visit, work, id).await?;
    work.commit().await?;
    let duration = recording.state.duration.ok_or(WebError::NotFound)?;
    let data = DeskData {
        recording: RecordingData {
            id,
            pseudonym: recording.pseudonym.as_str(),
            duration_ms: duration.get(),
        },
        read_only,
        framework: &visit.app().framework,
    };
    html(&DeskPage {
        page: visit.page(format!("Coding: {}", recording.pseudonym)),
        page_data: page_data(&data)?,
        for_coaching: recording.cover(Purpose::CoachPlayback),
        words_readable: recording.cover(Purpose::Transcribe)
            && recording.state.transcript != TranscriptState::NotWanted,
        // What was noted when it was finished stays as it was.
        not_blind: finished.map_or(not_blind(recording.phase, briefed), |f| f.not_blind),
        read_only,
        recording: RecordingView {
            id,
            pseudonym: recording.pseudonym.to_string(),
            session_kind: recording.session_kind.title(),
        },
    })
}
