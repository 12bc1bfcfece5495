//! The page of a series: what it is about, who coaches, what is agreed, when the two meet.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hearback_access::{SeeRecording, SeeSeries, among, list};
use hearback_domain::{
    CoachingSessionId, Purpose, RecordingId, SeriesId, Timestamp,
    coaching::{
        Channel, Considered, Ending, MOST_SESSIONS, Missed, Question, REVIEW_AT, SessionState,
        may_plan, review_is_due, taken,
    },
};
use hearback_storage::{CoachingSession, Ended, Work};

use super::{Whole, about, is_theirs};
use crate::{
    Visit,
    error::{FieldError, Result},
    extract::Path,
    page::{Page, day, html},
    when::When,
};

#[derive(Template)]
#[template(path = "series.html")]
#[expect(clippy::struct_excessive_bools, reason = "what the template asks, one by one")]
struct SeriesPage {
    page: Page,
    id: SeriesId,
    /// Whether the visitor is coached; otherwise they coach.
    theirs: bool,
    name: String,
    about: String,
    form: FocusForm,
    practitioner: String,
    coach: Option<String>,
    attendance: bool,
    ended: Option<EndedView>,
    agreed: bool,
    written: bool,
    /// Whether the visitor has signed the newest version.
    signed: bool,
    sessions: Vec<SessionView>,
    /// Why no other session gets a time; none if one can.
    full: Option<String>,
    review: bool,
    review_at: u8,
    most: u8,
    /// What the two agreed on for a session that did not come about.
    missed: Option<String>,
    /// What the practitioner thought about before they began; theirs alone.
    considered: Option<ConsideredView>,
    recordings: Vec<RecordingView>,
    others: Vec<(RecordingId, String)>,
}

/// Each question with its answer, and the note.
struct ConsideredView {
    answers: Vec<(&'static str, &'static str)>,
    note: String,
}

impl From<Considered> for ConsideredView {
    fn from(thought: Considered) -> Self {
        let answer = |question: &Question| {
            (question.text(), if thought.said_yes(*question) { "Yes" } else { "No" })
        };
        Self {
            answers: Question::ALL.iter().map(answer).collect(),
            note: thought.note().to_string(),
        }
    }
}

/// What the practitioner can change about the focus.
struct FocusForm {
    skill: String,
    skills: Vec<(String, String)>,
    issue: String,
}

struct EndedView {
    at: String,
    how: Ending,
    note: Option<String>,
}

struct SessionView {
    id: CoachingSessionId,
    number: Option<u8>,
    when: When,
    place: String,
    state: SessionState,
    /// It was planned for a time that is past.
    past: bool,
    /// Another time can be chosen.
    moves: bool,
    /// What a file for a calendar does just now; none where there is nothing to do.
    calendar: Option<&'static str>,
}

/// A recording of the practitioner's own that the series walks along, and what everybody heard on it said yes to.
struct RecordingView {
    id: RecordingId,
    name: String,
    research: bool,
    coaching: bool,
}

/// `GET /series/{series}`.
pub(crate) async fn show(visit: Visit, Path(series): Path<SeriesId>) -> Result {
    view(&visit, series, Vec::new()).await
}

/// The page, perhaps with what did not go through.
pub(super) async fn view(
    visit: &Visit,
    series: SeriesId,
    errors: Vec<FieldError>,
) -> Result<Response> {
    let (work, see) = if errors.is_empty() {
        visit.permit::<SeeSeries>(series).await?
    } else {
        // The question of the address was answered before.
        let work = visit.app().store.begin().await?;
        visit.also::<SeeSeries>(work, series).await?
    };
    let mut work = work;
    let theirs = is_theirs(visit)?;
    let whole = Whole::of(&mut *work, &see).await?;
    let (recordings, others) =
        if theirs { walks(&mut *work, visit, &whole).await? } else { Default::default() };
    let considered = work.considered(&see).await?;
    let framework = work.current_framework().await?;
    work.commit().await?;
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let states = whole.states();
    let numbers = whole.numbers();
    let focus = &whole.series.focus;
    let skill = focus.skill.as_deref().and_then(|key| framework.skill(key));
    let mut page = visit.page(format!("Series: {}", focus.name));
    page.errors = errors;
    let now = see.cx().now;
    let body = html(&SeriesPage {
        page,
        id: series,
        theirs,
        name: focus.name.to_string(),
        about: about(focus, skill.map(|skill| skill.name.as_str())),
        form: FocusForm {
            skill: focus.skill.clone().unwrap_or_default(),
            skills: framework.skills().map(|s| (s.key.clone(), s.name.clone())).collect(),
            issue: focus.issue.to_string(),
        },
        practitioner: whole.series.practitioner_name.clone(),
        coach: whole.series.coach.as_ref().map(|(_, name)| name.clone()),
        attendance: whole.series.attendance,
        ended: whole.series.ended.as_ref().map(ended_view),
        agreed: whole.agreed(),
        written: whole.agreement.is_some(),
        signed: has_signed(&whole, theirs),
        full: may_plan(&states).err().map(|why| crate::error::sentence(&why.to_string())),
        review: review_is_due(&states) && taken(&states) <= MOST_SESSIONS,
        review_at: REVIEW_AT,
        most: MOST_SESSIONS,
        missed: missed(&whole),
        sessions: whole
            .sessions
            .iter()
            .zip(numbers)
            .map(|(session, number)| session_view(session, number, now))
            .collect(),
        considered: considered.map(Into::into),
        recordings,
        others,
    })?;
    Ok((code, body).into_response())
}

fn session_view(session: &CoachingSession, number: Option<u8>, now: Timestamp) -> SessionView {
    SessionView {
        id: session.id,
        number,
        when: When::of(session.planned_at),
        place: session.place.to_string(),
        state: session.state,
        past: session.state == SessionState::Planned && session.planned_at <= now,
        moves: session.state.may_become(SessionState::Planned),
        calendar: match session.state {
            SessionState::Planned if session.planned_at > now => Some("Put it into your calendar"),
            SessionState::Postponed => Some("Take it out of your calendar"),
            _ => None,
        },
    }
}

fn ended_view(ended: &Ended) -> EndedView {
    EndedView {
        at: day(ended.at),
        how: ended.how,
        note: ended.note.as_ref().map(ToString::to_string),
    }
}

/// Whether the visitor's name stands under the newest version; a coach's only as long as they coach.
fn has_signed(whole: &Whole, theirs: bool) -> bool {
    let Some(agreement) = &whole.agreement else { return false };
    if theirs {
        return agreement.practitioner_signed_at.is_some();
    }
    let coach = whole.series.coach.as_ref().map(|(id, _)| *id);
    agreement.coach_signed.is_some_and(|(id, _)| Some(id) == coach)
}

/// What the two agreed on, if the last session did not come about and the next one has no time.
fn missed(whole: &Whole) -> Option<String> {
    let body = &whole.agreement.as_ref().filter(|_| whole.agreed())?.body;
    let last = whole.sessions.last()?;
    (last.state == SessionState::Missed).then(|| in_words(body.missed))
}

/// How somebody is asked after a session that did not come about, as a sentence without its full stop.
pub(super) fn in_words(missed: Missed) -> String {
    let often = match (missed.channel(), missed.times()) {
        (_, 0) => return missed.channel().title().to_owned(),
        (Channel::Here, 1) => "for a week",
        (Channel::Here, 2) => "for two weeks",
        (Channel::Here, _) => "for three weeks",
        (_, 1) => "once",
        (_, 2) => "up to twice",
        _ => "up to three times",
    };
    format!("{}, {often}", missed.channel().title())
}

type Walks = (Vec<RecordingView>, Vec<(RecordingId, String)>);

/// The practitioner's own recordings: those that the series walks along, and the others.
async fn walks(work: &mut dyn Work, visit: &Visit, whole: &Whole) -> Result<Walks> {
    let (mut along, mut others) = (Vec::new(), Vec::new());
    for see in list::<SeeRecording>(work.gate(), visit.cx()).await? {
        let id = see.object();
        if !whole.series.recordings.contains(&id)
            && let Some(summary) = work.summary(&see).await?
        {
            others.push((id, summary.pseudonym.to_string()));
        }
    }
    for see in among::<SeeRecording>(work.gate(), visit.cx(), &whole.series.recordings).await? {
        let Some(recording) = work.recording(&see).await? else { continue };
        along.push(RecordingView {
            id: see.object(),
            name: recording.pseudonym.to_string(),
            research: recording.cover(Purpose::CodeResearch),
            coaching: recording.cover(Purpose::CoachPlayback),
        });
    }
    Ok((along, others))
}
