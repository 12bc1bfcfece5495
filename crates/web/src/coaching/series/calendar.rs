//! A session for a calendar, with quiet time on both sides of it (CM-18): a file that any calendar reads (RFC 5545).
//!
//! The titles are neutral, and name nobody: calendars are seen by others. The same session has the same entries whenever
//! the file is asked for, so that a session which moves moves in the calendar too.

use axum::{
    http::header,
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use hearback_access::SeeSeries;
use hearback_domain::{CoachingSessionId, SeriesId, Timestamp, coaching::SessionState};
use hearback_storage::CoachingSession;
use icalendar::{
    Calendar, CalendarDateTime, Class, Component as _, Event, EventLike as _, EventStatus, Property,
};

use crate::{Visit, WebError, error::Result, extract::Path};

/// How long before a session it is quiet, in minutes. The source leaves it open (CM-18).
const BEFORE: i64 = 15;
/// How long a session lasts in a calendar, in minutes: one or two hours (CM-15), of which the calendar keeps one.
const SESSION: i64 = 60;
/// How long there is for thinking afterwards, in minutes (CM-18, FRM-03).
const AFTER: i64 = 20;

/// `GET /series/{series}/sessions/{session}/calendar`.
pub(crate) async fn show(
    visit: Visit,
    Path((series, session)): Path<(SeriesId, CoachingSessionId)>,
) -> Result<Response> {
    let (mut work, see) = visit.permit::<SeeSeries>(series).await?;
    let found = work.series(&see).await?.ok_or(WebError::NotFound)?;
    let sessions = work.coaching_sessions(&see).await?;
    work.commit().await?;
    let session = sessions.iter().find(|one| one.id == session).ok_or(WebError::NotFound)?;
    let file = calendar(session, found.started_at, see.cx().now)?;
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"coaching-session.ics\""),
    ];
    Ok((headers, file).into_response())
}

/// The file, as of `now`.
fn calendar(session: &CoachingSession, since: Timestamp, now: Timestamp) -> Result<String> {
    let begins = session.began_at.unwrap_or(session.planned_at);
    let minutes = |minutes: i64| begins.plus_seconds(minutes * 60);
    // What is put off, or did not come about, leaves the calendar.
    let there = match session.state {
        SessionState::Planned | SessionState::Live | SessionState::Held => EventStatus::Confirmed,
        SessionState::Postponed | SessionState::Missed => EventStatus::Cancelled,
    };
    // A calendar believes the higher number. The minutes since the series began only grow.
    let sequence = (now.as_micros() - since.as_micros()).max(0) / 60_000_000;
    let entries = [
        (
            "before",
            "Quiet time before a session",
            "Mindset, not content: arrive, and let what was before it be.",
            (minutes(-BEFORE), begins),
        ),
        ("session", "Coaching session", "", (begins, minutes(SESSION))),
        (
            "after",
            "Thinking time",
            "A few minutes for yourself, to let it settle.",
            (minutes(SESSION), minutes(SESSION + AFTER)),
        ),
    ];
    let mut calendar = Calendar::empty();
    let about_the_file = [
        ("VERSION", "2.0"),
        ("PRODID", "-//Hearback//Coaching//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
    ];
    for (name, value) in about_the_file {
        calendar.append_property(Property::new(name, value));
    }
    for (part, title, about, (from, until)) in entries {
        let mut event = Event::new();
        event
            .uid(&format!("{}-{part}@hearback", session.id))
            .summary(title)
            .timestamp(moment(now)?)
            .starts(CalendarDateTime::Utc(moment(from)?))
            .ends(CalendarDateTime::Utc(moment(until)?))
            .class(Class::Private)
            .status(there)
            .add_property("SEQUENCE", sequence.to_string());
        if !about.is_empty() {
            event.description(about);
        }
        calendar.push(event.done());
    }
    Ok(calendar.to_string())
}

fn moment(at: Timestamp) -> Result<DateTime<Utc>> {
    // Calendars know whole seconds.
    DateTime::from_timestamp(at.as_micros().div_euclid(1_000_000), 0)
        .ok_or_else(|| WebError::internal("a session lies beyond the calendar"))
}

#[cfg(test)]
mod tests {
    use hearback_domain::Note;

    use super::*;

    fn session(at: i64, state: SessionState) -> CoachingSession {
        CoachingSession {
            id: "0d2c7b0e-7a51-4d5e-9a53-1f1f64c0b3aa".parse().unwrap(),
            planned_at: Timestamp::from_micros(at * 1_000_000),
            place: Note::new("the small room").unwrap(),
            state,
            began_at: None,
            ended_at: None,
        }
    }

    /// Lines as they are meant: what was folded is put together again.
    fn lines(file: &str) -> Vec<String> {
        assert!(file.ends_with("\r\n") && !file.replace("\r\n", "").contains(['\r', '\n']));
        assert!(file.split("\r\n").all(|line| line.len() <= 75), "{file}");
        file.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
    }

    fn values(file: &str, name: &str) -> Vec<String> {
        let found = lines(file).into_iter().filter_map(|line| {
            line.strip_prefix(name).and_then(|rest| rest.strip_prefix(':')).map(str::to_owned)
        });
        found.collect()
    }

    #[test]
    fn quiet_time_a_session_and_time_to_think() {
        let since = Timestamp::from_micros(1_763_700_000_000_000);
        // 21 November 2025, 14:05 UTC.
        let file = calendar(&session(1_763_733_900, SessionState::Planned), since, since).unwrap();
        assert_eq!(lines(&file)[0], "BEGIN:VCALENDAR");
        assert_eq!(
            values(&file, "DTSTART"),
            ["20251121T135000Z", "20251121T140500Z", "20251121T150500Z"]
        );
        assert_eq!(
            values(&file, "DTEND"),
            ["20251121T140500Z", "20251121T150500Z", "20251121T152500Z"]
        );
        assert_eq!(
            values(&file, "SUMMARY"),
            ["Quiet time before a session", "Coaching session", "Thinking time"]
        );
        assert_eq!(values(&file, "STATUS"), ["CONFIRMED"; 3]);
        assert_eq!(values(&file, "CLASS"), ["PRIVATE"; 3]);
        assert_eq!(values(&file, "DTSTAMP"), ["20251121T044000Z"; 3]);
        assert!(!file.contains("small room"), "no place");
    }

    #[test]
    fn a_session_that_moves_is_the_same_entry() {
        let since = Timestamp::from_micros(1_763_700_000_000_000);
        let planned = session(1_763_733_900, SessionState::Planned);
        let before = calendar(&planned, since, since.plus_seconds(60)).unwrap();
        let moved = session(1_764_000_000, SessionState::Planned);
        let after = calendar(&moved, since, since.plus_seconds(180)).unwrap();
        assert_eq!(values(&before, "UID"), values(&after, "UID"));
        assert_eq!(values(&before, "UID").len(), 3);
        assert_eq!(values(&before, "SEQUENCE"), ["1"; 3]);
        assert_eq!(values(&after, "SEQUENCE"), ["3"; 3]);
        let off = session(1_764_000_000, SessionState::Postponed);
        let off = calendar(&off, since, since.plus_seconds(240)).unwrap();
        assert_eq!(values(&off, "STATUS"), ["CANCELLED"; 3]);
        assert_eq!(values(&off, "UID"), values(&before, "UID"));
    }
}
