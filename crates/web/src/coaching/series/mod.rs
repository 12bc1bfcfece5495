//! Series of coaching sessions: beginning one, its agreement, its dates, its end; and who coaches.

use hearback_access::{Permit, SeeSeries, among, list};
use hearback_domain::{
    Note, Role, SeriesId, TextError, Timestamp,
    coaching::{Focus, Reminder, SessionState, numbers, reminder},
};
use hearback_storage::{CoachingAgreement, CoachingSession, Series, Work};

use crate::{Visit, WebError, error::Result, extract::Fields, when::When};

pub(crate) mod agreement;
pub(crate) mod attendance;
pub(crate) mod begin;
pub(crate) mod calendar;
pub(crate) mod coaches;
pub(crate) mod decide;
pub(crate) mod end;
pub(crate) mod hours;
pub(crate) mod page;
pub(crate) mod profile;
pub(crate) mod sessions;
mod standing;
mod typed;

/// A series with its sessions and its agreement.
struct Whole {
    series: Series,
    sessions: Vec<CoachingSession>,
    agreement: Option<CoachingAgreement>,
}

impl Whole {
    async fn of(work: &mut dyn Work, see: &Permit<SeeSeries>) -> Result<Self> {
        Ok(Self {
            series: work.series(see).await?.ok_or(WebError::NotFound)?,
            sessions: work.coaching_sessions(see).await?,
            agreement: work.agreement(see).await?,
        })
    }

    /// Of a series about which another question was answered already: whoever decides or arranges sees it too.
    async fn beside(work: &mut dyn Work, visit: &Visit, series: SeriesId) -> Result<Self> {
        let seen = among::<SeeSeries>(work.gate(), visit.cx(), &[series]).await?;
        Self::of(work, seen.first().ok_or(WebError::NotFound)?).await
    }

    fn times(&self) -> Vec<(Timestamp, SessionState)> {
        self.sessions.iter().map(|session| (session.planned_at, session.state)).collect()
    }

    fn states(&self) -> Vec<SessionState> {
        self.sessions.iter().map(|session| session.state).collect()
    }

    fn numbers(&self) -> Vec<Option<u8>> {
        numbers(&self.times())
    }

    /// Whether both have signed what holds now, and it goes on.
    fn agreed(&self) -> bool {
        self.series.agreed_at.is_some() && self.series.ended.is_none()
    }

    /// What a first page may say of it.
    fn reminder(&self, now: Timestamp) -> Option<Reminder> {
        let agreement = self.agreement.as_ref().filter(|_| self.agreed())?;
        reminder(&agreement.body, &self.times(), now)
    }
}

/// Whether the visitor is the one who is coached; otherwise they coach.
fn is_theirs(visit: &Visit) -> Result<bool> {
    Ok(visit.signed_in()?.role == Role::Practitioner)
}

/// A calm line about a series.
pub(crate) struct Line {
    pub(crate) series: SeriesId,
    pub(crate) name: String,
    pub(crate) number: u8,
    /// When the next session is; none if none has a time.
    pub(crate) next: Option<When>,
}

/// What the visitor's first page says of their series: nothing that the agreements do not allow (CM-16).
pub(crate) async fn lines(work: &mut dyn Work, visit: &Visit) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    let cx = visit.cx();
    for see in list::<SeeSeries>(work.gate(), cx).await? {
        let whole = Whole::of(work, &see).await?;
        let line = |number, next| Line {
            series: whole.series.id,
            name: whole.series.focus.name.to_string(),
            number,
            next,
        };
        lines.extend(whole.reminder(cx.now).map(|said| match said {
            Reminder::Next { number, at } => line(number, Some(When::of(at))),
            Reminder::NotPlanned { number } => line(number, None),
        }));
    }
    Ok(lines)
}

/// A text of a form, with lines as they are kept.
fn note(fields: &Fields, name: &str) -> Result<Note, TextError> {
    Note::new(&fields.get(name).replace("\r\n", "\n"))
}

/// What a series is about, in one line.
fn about(focus: &Focus, skill: Option<&str>) -> String {
    let issue = focus.issue.as_str();
    match (skill, issue.is_empty()) {
        (Some(skill), false) => format!("{skill}; {issue}"),
        (Some(skill), true) => skill.to_owned(),
        (None, false) => issue.to_owned(),
        (None, true) => String::new(),
    }
}
