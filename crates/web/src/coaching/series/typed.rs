//! What people type when they begin a series or arrange a session.

use hearback_domain::{Day, Framework, Note, Pseudonym, Timestamp, coaching::Focus};

use super::note;
use crate::{error::FieldError, extract::Fields};

/// A session may have begun so long ago that it is only now written down, in seconds.
const JUST_NOW: i64 = 86_400 / 2;
/// How far ahead a session may be, in days.
const AHEAD: i64 = 2 * 366;
/// The furthest that clocks on earth are from UTC, in minutes.
const MOST_ZONE: i64 = 14 * 60;

/// What a session gets.
pub(super) struct TimeAndPlace {
    pub(super) at: Timestamp,
    pub(super) place: Note,
}

/// Reads `day`, `time` and `place`; `zone` is how many minutes the typed time is ahead of UTC, which scripts fill in.
pub(super) fn time_and_place(
    fields: &Fields,
    now: Timestamp,
) -> Result<TimeAndPlace, Vec<FieldError>> {
    let mut errors = Vec::new();
    let day = fields.get("day").parse::<Day>();
    if day.is_err() {
        errors.push(FieldError::new("day", "Choose a day"));
    }
    let minutes = minutes(fields.get("time"));
    if minutes.is_none() {
        errors.push(FieldError::new("time", "Write a time of day, such as 14:30"));
    }
    let place = note(fields, "place").map_err(|error| FieldError::new("place", error.to_string()));
    let zone = fields.get("zone").parse::<i64>().unwrap_or(0).clamp(-MOST_ZONE, MOST_ZONE);
    match (day, minutes, place) {
        (Ok(day), Some(minutes), Ok(place)) => {
            let at = day.starts().plus_seconds((minutes - zone) * 60);
            if at < now.plus_seconds(-JUST_NOW) || at > now.plus_seconds(AHEAD * 86_400) {
                let text = "Choose a day that is still to come, within two years";
                return Err(vec![FieldError::new("day", text)]);
            }
            Ok(TimeAndPlace { at, place })
        }
        (_, _, Err(error)) => {
            errors.push(error);
            Err(errors)
        }
        _ => Err(errors),
    }
}

/// Minutes since midnight, of a time written `14:30`.
fn minutes(text: &str) -> Option<i64> {
    let (hour, minute) = text.trim().split_once(':')?;
    let short = |part: &str, most: u8| {
        let fits = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        part.parse::<u8>().ok().filter(|number| fits && *number <= most)
    };
    Some(i64::from(short(hour, 23)?) * 60 + i64::from(short(minute, 59)?))
}

/// Reads `name`, `skill` (the key of one in the framework, or nothing) and `issue`.
pub(super) fn focus(fields: &Fields, framework: &Framework) -> Result<Focus, Vec<FieldError>> {
    let mut errors = Vec::new();
    let name = Pseudonym::new(fields.get("name"));
    let skill = match fields.get("skill") {
        "" => Ok(None),
        key => framework
            .skill(key)
            .map(|skill| Some(skill.key.clone()))
            .ok_or("Choose a skill from the list"),
    };
    let issue = note(fields, "issue");
    if let Err(error) = &name {
        errors.push(FieldError::new("name", error.to_string()));
    }
    if let Err(error) = &skill {
        errors.push(FieldError::new("skill", *error));
    }
    if let Err(error) = &issue {
        errors.push(FieldError::new("issue", error.to_string()));
    }
    match (name, skill, issue) {
        (Ok(name), Ok(skill), Ok(issue)) => Ok(Focus { name, skill, issue }),
        _ => Err(errors),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(all: &[(&str, &str)]) -> Fields {
        Fields(all.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn a_time_is_read_where_it_was_typed() {
        let now = "2027-06-01".parse::<Day>().unwrap().starts();
        let read = |day: &str, time: &str, zone: &str| {
            let all = [("day", day), ("time", time), ("zone", zone), ("place", "a quiet room")];
            time_and_place(&fields(&all), now)
                .map(|read| (read.at.as_micros() - now.as_micros()) / 60_000_000)
                .map_err(|errors| errors[0].field.clone())
        };
        assert_eq!(read("2027-06-02", "10:30", ""), Ok(34 * 60 + 30));
        assert_eq!(read("2027-06-02", "10:30", "60"), Ok(33 * 60 + 30), "an hour ahead of UTC");
        assert_eq!(read("2027-06-02", "9:05", "-90"), Ok(34 * 60 + 35));
        assert_eq!(read("2027-05-01", "10:30", ""), Err("day".to_owned()), "it is past");
        assert_eq!(read("2031-05-01", "10:30", ""), Err("day".to_owned()));
        for (day, time) in [("", "10:30"), ("1 June", "10:30")] {
            assert_eq!(read(day, time, ""), Err("day".to_owned()), "{day}");
        }
        for time in ["", "10", "24:00", "10:60", "+1:00", "10:30:00", "10:030", "-1:00"] {
            assert_eq!(read("2027-06-02", time, ""), Err("time".to_owned()), "{time}");
        }
    }

    #[test]
    fn a_focus_has_a_name_and_perhaps_a_skill() {
        let v1 = Framework::v1();
        let all = [("name", "Robin"), ("skill", "empathy"), ("issue", "one\r\ntwo")];
        let read = focus(&fields(&all), &v1).unwrap();
        assert_eq!((read.skill.as_deref(), read.issue.as_str()), (Some("empathy"), "one\ntwo"));
        let open = focus(&fields(&[("name", "Robin")]), &v1).unwrap();
        assert_eq!((open.skill, open.issue), (None, Note::empty()));
        let wrong = focus(&fields(&[("name", " "), ("skill", "magic")]), &v1).unwrap_err();
        assert_eq!(wrong.len(), 2);
    }
}
