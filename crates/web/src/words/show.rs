//! The page of words. Without scripts it is read, and corrected one passage at a time.

use std::sync::Arc;

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::ReadTranscript;
use hearback_domain::{Ms, RecordingId, Role, TranscriptState, transcript::CHANNELS};
use serde::Serialize;

use super::{
    Kept, Places,
    again::Again,
    aids::Aids,
    correct::reading_view,
    kept::About,
    language::{language_name, offered},
    view::{Past, ReadingView, SegmentView, Voice},
};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path, Query},
    page::{Page, html, page_data},
    redaction::{Back, back},
};

#[derive(Template)]
#[template(path = "words.html")]
#[expect(clippy::struct_excessive_bools, reason = "what the template asks, one by one")]
struct WordsPage {
    page: Page,
    recording: RecordingId,
    pseudonym: String,
    back: Back,
    rows: Vec<Row>,
    doubts: usize,
    state: &'static str,
    again: Option<Again>,
    is_owner: bool,
    may_correct: bool,
    voices: Vec<Voice>,
    by_channel: bool,
    next_voice: Option<char>,
    history: Vec<PastRow>,
    made: Option<Made>,
    languages: Vec<Choice>,
    for_coders: bool,
    aids: Option<Aids>,
    typed: Typed,
    listening_copy: bool,
    page_data: String,
}

/// A passage.
struct Row {
    start_ms: u64,
    end_ms: u64,
    clock: String,
    /// Who begins to speak here.
    who: Option<String>,
    text: String,
    doubts: String,
    machine: Option<String>,
    /// The form, if this is the passage that is being corrected.
    open: Option<Open>,
}

struct PastRow {
    past: Past,
    clock: Option<String>,
}

/// What made the words.
struct Made {
    model: String,
    hash: Option<String>,
    language: String,
    voices: &'static str,
}

struct Choice {
    code: &'static str,
    name: &'static str,
    chosen: bool,
}

/// What somebody typed, for a page that comes back to them.
#[derive(Default)]
pub(super) struct Typed {
    /// The passage that is being corrected.
    pub(super) at: Option<u64>,
    pub(super) open: Option<Open>,
    pub(super) start: String,
    pub(super) end: String,
    /// Other words stand there by now.
    pub(super) conflict: bool,
}

/// The form in which a passage is corrected.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) start_ms: u64,
    pub(super) end_ms: u64,
    /// What the person has before them, and what they make of it.
    pub(super) was: String,
    pub(super) text: String,
}

#[derive(Serialize)]
struct WordsData {
    recording: RecordingData,
    listening_copy: bool,
    at: Option<u64>,
    may_correct: bool,
}

#[derive(Serialize)]
struct RecordingData {
    id: RecordingId,
    duration_ms: Ms,
}

/// `GET /recordings/{id}/words`, perhaps with `t`, a time to begin at (ms), with `edit`, the beginning of the passage that
/// is to be corrected, and with `aids=on` for a researcher, who may say with `silence` how long a silence is (s).
pub(crate) async fn show(
    visit: Visit,
    Path(id): Path<RecordingId>,
    Query(fields): Query,
) -> Result {
    let (mut work, permit) = visit.permit::<ReadTranscript>(id).await?;
    let places = Places::of(&mut *work, &permit).await?;
    let (work, about) = About::of(&visit, work, &permit, id).await?;
    work.commit().await?;
    let at = fields.get("edit").parse().ok().filter(|_| about.may_correct);
    let typed = Typed { at, ..Typed::default() };
    let kept = places.read(visit.app(), &Arc::new(permit)).await?;
    view(&visit, &about, kept.as_ref(), &fields, typed, Vec::new())
}

/// The page, perhaps with what did not go through.
pub(super) fn view(
    visit: &Visit,
    about: &About,
    kept: Option<&Kept>,
    fields: &Fields,
    typed: Typed,
    errors: Vec<FieldError>,
) -> Result {
    let recording = &about.recording;
    let id = recording.id;
    let duration_ms = recording.state.duration.ok_or(WebError::NotFound)?;
    let ReadingView { voices, next_voice, segments, history, .. } =
        reading_view(visit, about, kept, None)?;
    let role = visit.signed_in()?.role;
    let for_coders = role == Role::Researcher;
    let with_aids = for_coders && fields.get("aids") == "on";
    let code = match (errors.is_empty(), typed.conflict) {
        (true, _) => StatusCode::OK,
        (false, true) => StatusCode::CONFLICT,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let mut page = visit.page(format!("The words: {}", recording.pseudonym));
    page.errors = errors;
    let data = WordsData {
        recording: RecordingData { id, duration_ms },
        listening_copy: recording.listening,
        at: fields.get("t").parse().ok().filter(|at| *at <= duration_ms.get()),
        may_correct: about.may_correct,
    };
    let past_row =
        |past: Past| PastRow { clock: past.start_ms.map(|at| Ms::new(at).to_string()), past };
    let body = html(&WordsPage {
        page,
        recording: id,
        pseudonym: recording.pseudonym.to_string(),
        back: back(visit, id)?,
        doubts: segments.iter().filter(|segment| !segment.doubts.is_empty()).count(),
        rows: rows(segments, &voices, &typed),
        state: state(recording.state.transcript),
        again: about.again,
        is_owner: role == Role::Practitioner,
        may_correct: about.may_correct,
        voices,
        by_channel: kept.is_some_and(|k| k.transcript.speakers.as_deref() == Some(CHANNELS)),
        next_voice: next_voice.map(char::from),
        history: history.into_iter().rev().map(past_row).collect(),
        made: kept.map(made),
        languages: if role == Role::Practitioner && !about.again.is_some_and(|a| a.working) {
            choices(&visit.app().languages, kept)
        } else {
            Vec::new()
        },
        for_coders,
        aids: kept.filter(|_| with_aids).map(|k| {
            Aids::of(k.reading(), &k.transcript.language, fields.get("silence").parse().ok())
        }),
        listening_copy: recording.listening,
        page_data: page_data(&data)?,
        typed,
    })?;
    Ok((code, body).into_response())
}

fn rows(segments: Vec<SegmentView>, voices: &[Voice], typed: &Typed) -> Vec<Row> {
    let mut before = None;
    // A machine that has read it again may have divided it another way.
    let open = typed.at.map(|at| {
        let after = segments.partition_point(|segment| segment.start_ms <= at);
        after.saturating_sub(1)
    });
    let row = |(nth, segment): (usize, SegmentView)| {
        let begins = before != Some(segment.speaker);
        before = Some(segment.speaker);
        let voice = voices.iter().find(|voice| Some(voice.id) == segment.speaker);
        let here = || Open {
            start_ms: segment.start_ms,
            end_ms: segment.end_ms,
            was: segment.text.clone(),
            text: segment.text.clone(),
        };
        let open = (open == Some(nth)).then(|| typed.open.clone().unwrap_or_else(here));
        Row {
            start_ms: segment.start_ms,
            end_ms: segment.end_ms,
            clock: Ms::new(segment.start_ms).to_string(),
            who: voice.filter(|_| begins).map(|voice| voice.name.clone()),
            doubts: segment.doubts.join(" "),
            machine: segment.machine,
            open,
            text: segment.text,
        }
    };
    segments.into_iter().enumerate().map(row).collect()
}

/// Why there are no words, or no more of them.
const fn state(state: TranscriptState) -> &'static str {
    match state {
        TranscriptState::NotWanted => "It was not turned into words.",
        TranscriptState::Waiting => "The words will follow.",
        TranscriptState::Running => "The machine is writing; more words will appear.",
        TranscriptState::Failed => {
            "Turning it into words did not work this time. Listening works all the same."
        }
        TranscriptState::Stopped => {
            "The machine was stopped here. It can go on, or read the recording again."
        }
        TranscriptState::Done => "",
    }
}

fn made(kept: &Kept) -> Made {
    let transcript = &kept.transcript;
    Made {
        model: transcript.model.clone(),
        hash: transcript.model_sha256.clone(),
        language: language_name(&transcript.language).to_owned(),
        voices: match transcript.speakers.as_deref() {
            None => "Not told apart",
            Some(CHANNELS) => "Told apart by their channels",
            Some(_) => "Told apart by a machine",
        },
    }
}

/// The languages to choose from; none where the model knows no other one.
fn choices(known: &[String], kept: Option<&Kept>) -> Vec<Choice> {
    let now = kept.map(|kept| kept.transcript.language.as_str());
    let choice = |(code, name)| Choice { code, name, chosen: now == Some(code) };
    let all: Vec<_> = offered(known).map(choice).collect();
    if all.len() > 1 { all } else { Vec::new() }
}
