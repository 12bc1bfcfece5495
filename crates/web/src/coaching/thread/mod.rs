//! The thread of a series (K-04, K-20): from what was heard in a recording to the extract, to the session in which it was
//! listened to, to what the practitioner decided to try, to the next recording. It is walked along as sound: there is no
//! chart, and nothing is counted.

use askama::Template;
use axum::response::Response;
use hearback_access::SeeSeries;
use hearback_domain::{CoachingSessionId, RecordingId, SeriesId};
use hearback_storage::{Extract, HeardMark, Hearing, KeptGoal, Series, Thread, ThreadRecording};

use super::choose::{heard_as, is_theirs, known_of, marked_by, skill_of, words_of};
use crate::{
    Visit, WebError,
    error::Result,
    extract::Path,
    frameworks::Names,
    page::{Page, day, html, written_day},
};

#[derive(Template)]
#[template(path = "thread.html")]
struct ThreadPage {
    page: Page,
    series: SeriesId,
    theirs: bool,
    /// Who is coached, as the visitor calls them.
    who: String,
    name: String,
    goes_on: bool,
    recordings: Vec<RecordingView>,
    /// What came up apart from any session.
    goals: Vec<GoalView>,
}

struct RecordingView {
    title: String,
    /// Its own page, for whose recording it is.
    whole: Option<RecordingId>,
    when: Option<String>,
    extracts: Vec<ExtractView>,
}

struct ExtractView {
    skill: String,
    strength: String,
    why: Vec<String>,
    words: Option<String>,
    length: String,
    /// Where it plays while it is in no session.
    sound: Option<String>,
    hearings: Vec<HearingView>,
}

struct HearingView {
    session: CoachingSessionId,
    when: String,
    heard: bool,
    length: String,
    sound: Option<String>,
    marks: Vec<MarkView>,
    goals: Vec<GoalView>,
}

struct MarkView {
    /// Seconds into the extract.
    at: String,
    said: String,
}

struct GoalView {
    text: String,
    status: &'static str,
}

impl From<&KeptGoal> for GoalView {
    fn from(kept: &KeptGoal) -> Self {
        Self { text: kept.goal.text.to_string(), status: kept.status.title() }
    }
}

/// `GET /series/{series}/thread`.
pub(crate) async fn show(visit: Visit, Path(id): Path<SeriesId>) -> Result {
    let (mut work, permit) = visit.permit::<SeeSeries>(id).await?;
    let series = work.series(&permit).await?.ok_or(WebError::NotFound)?;
    let thread = work.thread(&permit).await?;
    let goals = work.goals(&permit).await?;
    let (versions, quoted) = known_of(thread.recordings.iter().flat_map(|one| &one.extracts));
    let versions: Vec<_> = versions.iter().map(String::as_str).collect();
    let names = Names::of(&mut *work, &versions).await?;
    let words = words_of(&visit, work, quoted).await?;
    let walk = Walk {
        theirs: is_theirs(&visit)?,
        me: visit.user()?,
        series: &series,
        thread: &thread,
        goals: &goals,
        names,
        words,
    };
    walk.page(&visit)
}

/// What the page is made from.
struct Walk<'a> {
    theirs: bool,
    me: hearback_domain::UserId,
    series: &'a Series,
    thread: &'a Thread,
    goals: &'a [KeptGoal],
    names: Names,
    words: Vec<(hearback_domain::ClipId, String)>,
}

impl Walk<'_> {
    /// Whether extracts play here: for the practitioner also when the series has ended.
    fn may_hear(&self) -> bool {
        self.theirs || self.series.ended.is_none()
    }

    fn practitioner(&self) -> Option<&str> {
        (!self.theirs).then_some(&*self.series.practitioner_name)
    }

    fn page(&self, visit: &Visit) -> Result<Response> {
        let in_the_thread = |goal: &KeptGoal| {
            let hearings = &self.thread.hearings;
            hearings.iter().any(|hearing| goal.goal.session == Some(hearing.session))
                || hearings.iter().any(|hearing| goal.goal.piece == Some(hearing.piece))
        };
        html(&ThreadPage {
            page: visit.page(format!("From one recording to the next: {}", self.series.focus.name)),
            series: self.series.id,
            theirs: self.theirs,
            who: self.practitioner().unwrap_or("You").to_owned(),
            name: self.series.focus.name.to_string(),
            goes_on: self.series.ended.is_none(),
            recordings: self.thread.recordings.iter().map(|one| self.recording(one)).collect(),
            goals: self.goals.iter().filter(|g| !in_the_thread(g)).map(GoalView::from).collect(),
        })
    }

    fn recording(&self, recording: &ThreadRecording) -> RecordingView {
        let name = recording.pseudonym.as_ref();
        let mut extracts: Vec<_> = recording
            .extracts
            .iter()
            .map(|extract| {
                let ours = |hearing: &&Hearing| hearing.clip == extract.clip;
                let first = self.thread.hearings.iter().position(|one| one.clip == extract.clip);
                let hearings = self.thread.hearings.iter().filter(ours);
                (first, self.extract(extract, hearings.collect()))
            })
            .collect();
        // As they were heard; what nobody put into a session yet comes last.
        extracts.sort_by_key(|(first, _)| first.unwrap_or(usize::MAX));
        RecordingView {
            title: name.map_or_else(
                || "A recording that rests just now".to_owned(),
                |name| format!("A recording with {name}"),
            ),
            whole: (self.theirs && name.is_some()).then_some(recording.id),
            when: recording.held_on.as_deref().map(written_day),
            extracts: extracts.into_iter().map(|(_, view)| view).collect(),
        }
    }

    fn extract(&self, extract: &Extract, hearings: Vec<&Hearing>) -> ExtractView {
        let skill = skill_of(&self.names, extract);
        let mut why = marked_by(self.practitioner(), &extract.marked);
        if extract.exemplar {
            why.push(heard_as(self.theirs, &skill));
        }
        ExtractView {
            strength: extract.strength.to_string(),
            why,
            words: self
                .words
                .iter()
                .find(|(clip, _)| *clip == extract.clip)
                .map(|(_, words)| words.clone()),
            length: extract.length.to_string(),
            sound: (hearings.is_empty() && self.may_hear())
                .then(|| format!("/clips/{}/audio", extract.clip)),
            hearings: hearings.into_iter().map(|one| self.hearing(extract, one)).collect(),
            skill,
        }
    }

    fn hearing(&self, extract: &Extract, hearing: &Hearing) -> HearingView {
        // What came up in the session, and from no extract of it, stands where the session was last heard.
        let all = &self.thread.hearings;
        let last = all.iter().rfind(|one| one.session == hearing.session);
        let is_last = last.is_some_and(|one| one.piece == hearing.piece);
        let of_piece = |goal: &&KeptGoal| goal.goal.piece == Some(hearing.piece);
        let of_session = |goal: &&KeptGoal| {
            let elsewhere = all.iter().any(|one| goal.goal.piece == Some(one.piece));
            is_last && goal.goal.session == Some(hearing.session) && !elsewhere
        };
        let goals = self.goals.iter().filter(|goal| of_piece(goal) || of_session(goal));
        let session = hearing.session;
        HearingView {
            session,
            when: day(hearing.at),
            heard: hearing.heard_at.is_some(),
            length: extract.length.to_string(),
            sound: self
                .may_hear()
                .then(|| format!("/sessions/{session}/clips/{}/sound", hearing.piece)),
            marks: hearing.marks.iter().map(|mark| self.mark(mark)).collect(),
            goals: goals.map(GoalView::from).collect(),
        }
    }

    fn mark(&self, mark: &HeardMark) -> MarkView {
        let who = if mark.by == self.me {
            "you"
        } else if mark.by == self.series.practitioner {
            &*self.series.practitioner_name
        } else if self.series.coach.as_ref().is_some_and(|(coach, _)| *coach == mark.by) {
            "your coach"
        } else {
            "somebody who was there then"
        };
        let (whole, rest) = (mark.at.get() / 1_000, mark.at.get() % 1_000);
        MarkView { at: format!("{whole}.{rest:03}"), said: format!("A moment that {who} marked") }
    }
}
