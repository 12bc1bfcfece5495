//! The page on which a recording is coded. The programme phase is left out, unless a protocol says it: coding is blind.

use askama::Template;
use hearback_access::{Code, CompareCodings, MakePlaylist, SeeBriefing, SeeRedaction, among};
use hearback_domain::{
    Framework, Purpose, RecordingId, TranscriptState, UserId,
    coding::{Standing, may_compare},
    conflict::not_blind,
};
use serde::Serialize;

use super::{recording, tells};
use crate::{
    Visit, WebError,
    error::Result,
    extract::Path,
    frameworks::framework_of_coding,
    page::{Page, html, page_data},
};

#[expect(clippy::struct_excessive_bools, reason = "what the template asks, one by one")]
#[derive(Template)]
#[template(path = "workspace.html")]
struct DeskPage {
    page: Page,
    recording: RecordingView,
    /// What a protocol has the coder told, as a sentence.
    told: Option<String>,
    for_coaching: bool,
    sees_hidden: bool,
    words_readable: bool,
    not_blind: bool,
    /// It is kept, and counted nowhere (REL-04).
    practice: bool,
    read_only: bool,
    /// Everybody has finished: their work can be seen side by side.
    comparable: bool,
    /// There is a room in which it is prepared with the coach.
    briefing: bool,
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
    /// Whose settings the page uses.
    person: Option<UserId>,
    /// What is to be coded.
    part: Part,
    framework: &'a Framework,
}

/// A part of a recording, in milliseconds.
#[derive(Serialize)]
struct Part {
    start: u64,
    end: u64,
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
    let coding = work.coding(&permit).await?;
    let part = coding.as_ref().and_then(|coding| coding.part);
    let practice =
        coding.is_some() && work.own_training(&permit).await?.standing() == Standing::Practice;
    let finished = coding.and_then(|coding| coding.finished);
    let read_only = finished.is_some();
    let briefed = work.briefed(&permit).await?;
    let framework = framework_of_coding(&mut *work, &permit).await?;
    let tells = tells(&mut *work, &permit).await?;
    let (mut work, recording) = recording(&visit, work, id).await?;
    let mut told = Vec::new();
    told.extend(
        tells.phase.then(|| format!("Part of the programme: {}.", recording.phase.title())),
    );
    if tells.practitioner
        && let Some(owner) = work.person(recording.owner).await?
    {
        told.push(format!("Recorded by {}.", owner.name));
    }
    // The second coder prepares nothing, and sees nothing of what the first prepares.
    let cx = visit.cx();
    let for_coaching = !among::<MakePlaylist>(work.gate(), cx, &[id]).await?.is_empty();
    let sees_hidden = !among::<SeeRedaction>(work.gate(), cx, &[id]).await?.is_empty();
    let briefing = !among::<SeeBriefing>(work.gate(), cx, &[id]).await?.is_empty();
    let mut comparable = false;
    // Asked only by whoever has finished: to everybody else the page is the same whatever the others did.
    if read_only && let [compare] = &among::<CompareCodings>(work.gate(), cx, &[id]).await?[..] {
        comparable = may_compare(visit.user()?, &work.hands(compare).await?);
    }
    work.commit().await?;
    let duration = recording.state.duration.ok_or(WebError::NotFound)?;
    let data = DeskData {
        recording: RecordingData {
            id,
            pseudonym: recording.pseudonym.as_str(),
            duration_ms: duration.get(),
        },
        read_only,
        person: permit.cx().user,
        part: Part {
            start: part.map_or(0, |part| part.start().get()),
            end: part.map_or(duration, hearback_domain::Span::end).get(),
        },
        framework: &framework,
    };
    html(&DeskPage {
        page: visit.page(format!("Coding: {}", recording.pseudonym)),
        page_data: page_data(&data)?,
        told: (!told.is_empty()).then(|| told.join(" ")),
        for_coaching,
        sees_hidden,
        words_readable: recording.cover(Purpose::Transcribe)
            && recording.state.transcript != TranscriptState::NotWanted,
        // What was noted when it was finished stays as it was.
        not_blind: finished.map_or(not_blind(recording.phase, briefed), |f| f.not_blind),
        practice,
        read_only,
        comparable,
        briefing,
        recording: RecordingView {
            id,
            pseudonym: recording.pseudonym.to_string(),
            session_kind: recording.session_kind.title(),
        },
    })
}
