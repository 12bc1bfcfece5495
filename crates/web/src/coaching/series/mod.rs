//! Series of coaching sessions: beginning one, its agreement, its dates, its end; and who coaches.

use hearback_access::{Permit, SeeSeries, among, list};
use hearback_domain::{
    Day, Note, Role, SeriesId, TextError, Timestamp,
    coaching::{Focus, Reminder, SessionState, numbers, reminder},
};
use hearback_storage::{CoachingAgreement, CoachingSession, Series, Work};

use crate::{Visit, WebError, error::Result, extract::Fields, page::day_and_time};

pub(crate) mod agreement;
pub(crate) mod attendance;
pub(crate) mod begin;
pub(crate) mod coaches;
pub(crate) mod decide;
pub(crate) mod end;
pub(crate) mod page;
pub(crate) mod profile;
pub(crate) mod sessions;
mod typed;

/// A moment, for people and for their browsers, which know the hour where they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct When {
    /// As browsers read it.
    pub(crate) iso: String,
    /// As people read it, if their browser does nothing.
    pub(crate) text: String,
}

impl When {
    pub(crate) fn of(at: Timestamp) -> Self {
        let day = Day::of(at);
        let seconds = at.as_micros().saturating_sub(day.starts().as_micros()) / 1_000_000;
        let (hour, minute) = (seconds / 3_600, seconds / 60 % 60);
        Self { iso: format!("{day}T{hour:02}:{minute:02}:00Z"), text: day_and_time(at) }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_for_people_and_for_browsers() {
        let when = When::of(Timestamp::from_micros(1_763_733_900_000_000));
        assert_eq!(when.iso, "2025-11-21T14:05:00Z");
        assert_eq!(when.text, "21 November 2025, 14:05 UTC");
    }
}
