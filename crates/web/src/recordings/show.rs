//! The practitioner's own recording.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect},
};
use hearback_access::{Permit, SeeListeners, SeeRecording};
use hearback_domain::{AudioState, Purpose, RecordingId, Relation, Role, Sharing, Timestamp};
use hearback_storage::{Recording, Work};

use super::{
    bring::{BringingView, bringing},
    kept,
    listened::{Line, lines},
    moments::{MomentView, marked},
    status,
};
use crate::{
    Visit, WebError,
    consent::last_day,
    error::{FieldError, Result},
    extract::Path,
    page::{Page, day, html, written_day},
};

/// How long before a yes runs out its practitioner reads of it: 30 days, in seconds.
const NOTICE: i64 = 30 * 86_400;

#[derive(Template)]
#[template(path = "recording.html")]
#[expect(clippy::struct_excessive_bools, reason = "what the template asks, one by one")]
struct RecordingPage {
    page: Page,
    recording: RecordingView,
    sentence: String,
    remarks: Vec<String>,
    asks_people: bool,
    waits_for_answers: bool,
    consent_ends: Option<String>,
    refused: bool,
    sound_kept: Option<String>,
    endings: Vec<(&'static str, String)>,
    waits_for_file: bool,
    audio_ready: bool,
    listening_copy: bool,
    moments: Vec<MomentView>,
    /// For whoever coaches others too: where a moment can be brought.
    bringing: Option<BringingView>,
    /// One without anything, which the script fills in.
    blank: MomentView,
    words_readable: bool,
    can_stop: bool,
    can_go_on: bool,
    can_release: bool,
    can_teach: bool,
    release_note: Option<String>,
    released: Option<Released>,
    withheld: bool,
    researchers: Vec<Choice>,
    coaches: Vec<Choice>,
    listens: Vec<Line>,
}

struct RecordingView {
    id: RecordingId,
    pseudonym: String,
    session_kind: &'static str,
    held_on: Option<String>,
}

struct Released {
    researcher: String,
    /// Who codes it too, if somebody does.
    second: Option<String>,
    /// Whether somebody may.
    second_allowed: bool,
    /// Whether people may practise on it, where everybody heard said yes to teaching.
    teaching: Option<bool>,
    coach: Option<String>,
    when: String,
}

/// Somebody who can be chosen.
pub(super) struct Choice {
    pub(super) id: String,
    pub(super) name: String,
}

/// `GET /recordings/{id}`. A researcher's page of a recording is the desk.
pub(crate) async fn show(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (work, permit) = visit.permit::<SeeRecording>(id).await?;
    if visit.signed_in()?.role == Role::Researcher {
        return Ok(Redirect::to(&format!("/recordings/{id}/code")).into_response());
    }
    view(&visit, work, &permit, Vec::new()).await
}

/// The page, perhaps with what is missing in its form.
pub(super) async fn view(
    visit: &Visit,
    mut work: Box<dyn Work>,
    permit: &Permit<SeeRecording>,
    errors: Vec<FieldError>,
) -> Result {
    let recording = work.recording(permit).await?.ok_or(WebError::NotFound)?;
    let jobs = work.jobs_of(permit).await?;
    let kept = work.kept_here(permit).await?;
    let second_allowed = work.second_coder_allowed(permit).await?;
    let teaching = work.teaching_allowed(permit).await?;
    let status = status::of(&recording, &jobs, visit.app().verdict_sentence);
    let researchers = choices(&mut *work, visit, &recording, Role::Researcher).await?;
    let coaches = choices(&mut *work, visit, &recording, Role::Coach).await?;
    let moments = marked(visit, &mut *work, permit.object()).await?;
    let bringing = bringing(visit, &mut *work, permit, &recording).await?;
    let (mut work, listeners) = visit.also::<SeeListeners>(work, permit.object()).await?;
    let listens = work.listens(&listeners).await?;
    let chosen = work.chosen(&listeners).await?;
    work.commit().await?;

    let named =
        |relation| chosen.iter().find(|(r, _)| *r == relation).map(|(_, name)| name.clone());
    let release_note = release_note(&recording, &researchers);
    let state = recording.state;
    let (covered, awaits) =
        (recording.cover(Purpose::Record), state.audio == AudioState::AwaitingFile);
    let now = visit.app().clock.now();
    let mut page = visit.page(format!("Your recording with {}", recording.pseudonym));
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.errors = errors;
    let body = html(&RecordingPage {
        page,
        sentence: status.sentence,
        remarks: remarks(&recording),
        asks_people: !covered,
        waits_for_answers: !covered && awaits,
        consent_ends: soon(recording.consent_until, now),
        refused: covered && state.audio == AudioState::Unreadable,
        sound_kept: kept::sound_kept(&kept, now),
        endings: kept::endings(&kept, now),
        waits_for_file: covered && awaits,
        audio_ready: status.audio_ready,
        listening_copy: status.listening_copy,
        moments,
        bringing,
        blank: MomentView::blank(),
        words_readable: status.words_readable,
        can_stop: status.can_stop,
        can_go_on: status.can_go_on,
        can_release: status.audio_ready && !state.released() && release_note.is_none(),
        can_teach: recording.cover(Purpose::TeachingPlayback),
        release_note,
        released: match state.sharing {
            Sharing::Released(at) => Some(Released {
                researcher: named(Relation::Codes)
                    .unwrap_or_else(|| "The researcher you chose".to_owned()),
                second: named(Relation::CodesSecond),
                second_allowed,
                teaching: recording.cover(Purpose::TeachingPlayback).then_some(teaching),
                coach: named(Relation::Coaches),
                when: format!("({})", day(at)),
            }),
            _ => None,
        },
        withheld: matches!(state.sharing, Sharing::Withheld(_)),
        researchers,
        coaches,
        listens: lines(&listens),
        recording: RecordingView {
            id: recording.id,
            pseudonym: recording.pseudonym.to_string(),
            session_kind: recording.session_kind.title(),
            held_on: recording.held_on.as_deref().map(written_day),
        },
    })?;
    Ok((code, body).into_response())
}

/// Everybody with a role whom the practitioner can choose: never themself (ETH-12), and nobody for whom the people
/// heard did not say yes.
pub(super) async fn choices(
    work: &mut dyn Work,
    visit: &Visit,
    recording: &Recording,
    role: Role,
) -> Result<Vec<Choice>> {
    let needed = match role {
        Role::Coach => Purpose::CoachPlayback,
        _ => Purpose::CodeResearch,
    };
    if !recording.cover(needed) {
        return Ok(Vec::new());
    }
    let me = visit.user()?;
    let people = work.people_with(role).await?.into_iter().filter(|p| p.id != me);
    Ok(people.map(|p| Choice { id: p.id.to_string(), name: p.name }).collect())
}

/// The last day of the first yes that runs out, if that is soon enough to be worth a word.
fn soon(until: Option<Timestamp>, now: Timestamp) -> Option<String> {
    let until = until.filter(|at| *at <= now.plus_seconds(NOTICE))?;
    Some(day(last_day(until)))
}

/// What decoding noticed that its owner may want to know.
fn remarks(recording: &Recording) -> Vec<String> {
    let details = recording.details.iter();
    details.flat_map(|d| d.remarks.lines()).map(str::to_owned).collect()
}

/// Why the recording cannot be shared with anybody.
fn release_note(recording: &Recording, researchers: &[Choice]) -> Option<String> {
    if !recording.cover(Purpose::CodeResearch) {
        Some(
            "Not everyone said yes to a researcher listening, so this recording stays with you. \
             That is fine. Nothing else changes."
                .to_owned(),
        )
    } else if researchers.is_empty() {
        Some(
            "There is no researcher here yet, so this recording stays with you for now.".to_owned(),
        )
    } else {
        None
    }
}
