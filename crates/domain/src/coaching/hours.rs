//! Hours that a coach notes of their training, practice and supervision (CM-09, SUP-04).
//!
//! Nothing is asked for: what the source's course had is told beside them, as information.

use std::{fmt, str::FromStr};

use crate::{Day, Timestamp, person::words, recording::UnknownWord};

words! {
    /// What the hours were spent on.
    HoursKind, UnknownWord;
    /// Taught on a course.
    Taught = "taught",
    /// Coaching that was practised, apart from sessions that are held here.
    Practice = "practice",
    /// Supervision with one person (SUP-04).
    Supervised = "supervised",
    /// Supervision in a group (SUP-01).
    SupervisedGroup = "supervised_group",
    /// Learning of one's own.
    SelfDirected = "self_directed",
}

impl HoursKind {
    /// In words, for a page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Taught => "Taught on a course",
            Self::Practice => "Coaching you practised",
            Self::Supervised => "Supervision with one person",
            Self::SupervisedGroup => "Supervision in a group",
            Self::SelfDirected => "Learning of your own",
        }
    }

    /// The same, within a line.
    pub const fn within(self) -> &'static str {
        match self {
            Self::Taught => "taught",
            Self::Practice => "practice",
            Self::Supervised => "supervision with one person",
            Self::SupervisedGroup => "supervision in a group",
            Self::SelfDirected => "learning of their own",
        }
    }

    /// What the course had on which coaches of the programme learned (CM-09, SUP-01). It is told, and is no bar.
    pub const fn course(self) -> &'static str {
        match self {
            Self::Taught => "42 hours",
            Self::Practice => "6 hours",
            Self::Supervised => "2 conversations",
            Self::SupervisedGroup => "every four to six weeks",
            Self::SelfDirected => "20 hours",
        }
    }

    /// Whether it is supervision (SUP-06).
    pub const fn is_supervision(self) -> bool {
        matches!(self, Self::Supervised | Self::SupervisedGroup)
    }
}

/// That is no length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write how long it was, such as 1:30 for an hour and a half")]
pub struct TimeSpentError;

/// How long something took, from a minute to a thousand hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeSpent(u16);

impl TimeSpent {
    /// The most minutes that may be noted at once.
    pub const MOST: u16 = 60_000;

    /// So many minutes.
    pub const fn minutes(minutes: u16) -> Result<Self, TimeSpentError> {
        if minutes >= 1 && minutes <= Self::MOST { Ok(Self(minutes)) } else { Err(TimeSpentError) }
    }

    /// How many minutes.
    pub const fn as_minutes(self) -> u16 {
        self.0
    }
}

impl fmt::Display for TimeSpent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&in_words(self.0.into()))
    }
}

impl FromStr for TimeSpent {
    type Err = TimeSpentError;

    /// Reads hours (`2`, `1.5`, `1,5`) or hours and minutes (`1:30`).
    fn from_str(text: &str) -> Result<Self, TimeSpentError> {
        let text = text.trim();
        let digits = |part: &str, most: usize| {
            let fits = !part.is_empty() && part.len() <= most;
            let fits = fits && part.bytes().all(|byte| byte.is_ascii_digit());
            fits.then(|| part.parse::<u32>().ok()).flatten().ok_or(TimeSpentError)
        };
        let minutes = if let Some((hours, minutes)) = text.split_once(':') {
            let minutes = Some(digits(minutes, 2)?).filter(|m| *m < 60).ok_or(TimeSpentError)?;
            digits(hours, 4)? * 60 + minutes
        } else if let Some((hours, part)) = text.split_once(['.', ',']) {
            let hundredths = digits(part, 2)? * if part.len() == 1 { 10 } else { 1 };
            digits(hours, 4)? * 60 + (hundredths * 60 + 50) / 100
        } else {
            digits(text, 4)? * 60
        };
        Self::minutes(u16::try_from(minutes).map_err(|_| TimeSpentError)?)
    }
}

/// Minutes as people say them: `2 h 30 min`.
pub fn in_words(minutes: u64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// All that somebody noted of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// Of which kind.
    pub kind: HoursKind,
    /// How many minutes.
    pub minutes: u64,
    /// On how many occasions.
    pub times: u64,
}

/// What somebody noted, by kind, in the order in which people meet the kinds; only kinds of which there is some.
pub fn totals(noted: impl IntoIterator<Item = (HoursKind, TimeSpent)>) -> Vec<Total> {
    let mut all: Vec<_> =
        HoursKind::ALL.iter().map(|kind| Total { kind: *kind, minutes: 0, times: 0 }).collect();
    for (kind, spent) in noted {
        for total in all.iter_mut().filter(|total| total.kind == kind) {
            total.minutes = total.minutes.saturating_add(spent.0.into());
            total.times = total.times.saturating_add(1);
        }
    }
    all.retain(|total| total.times > 0);
    all
}

/// Whether hours may be noted of this day: one that has begun somewhere on earth.
pub fn may_note(day: Day, now: Timestamp) -> bool {
    day <= Day::of(now.plus_seconds(14 * 3_600))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        let read = |text: &str| text.parse::<TimeSpent>().map(TimeSpent::as_minutes);
        for (text, minutes) in
            [("2", 120), (" 1:30 ", 90), ("0:05", 5), ("1.5", 90), ("1,25", 75), ("1000", 60_000)]
        {
            assert_eq!(read(text), Ok(minutes), "{text}");
        }
        for text in
            ["", "0", "0:00", "1:60", "1:", ":30", "-1", "1:030", "1001", "two", "1.555", "99999"]
        {
            assert_eq!(read(text), Err(TimeSpentError), "{text}");
        }
    }

    #[test]
    fn lengths_are_said_as_people_say_them() {
        for (minutes, said) in [(5, "5 min"), (60, "1 h"), (150, "2 h 30 min"), (0, "0 min")] {
            assert_eq!(in_words(minutes), said);
        }
    }

    #[test]
    fn a_day_that_is_to_come_is_not_noted() {
        let now = "2026-11-23".parse::<Day>().unwrap().starts();
        assert!(may_note(Day::of(now), now));
        assert!(may_note("2026-11-01".parse().unwrap(), now));
        assert!(!may_note("2026-11-24".parse().unwrap(), now));
        let evening = now.plus_seconds(20 * 3_600);
        assert!(may_note("2026-11-24".parse().unwrap(), evening), "it has begun in New Zealand");
    }

    proptest! {
        #[test]
        fn what_is_noted_is_neither_lost_nor_added_to(
            noted in prop::collection::vec((0..HoursKind::ALL.len(), 1..=TimeSpent::MOST), 0..40)
        ) {
            let all: Vec<_> = noted
                .iter()
                .map(|(kind, minutes)| {
                    (HoursKind::ALL[*kind], TimeSpent::minutes(*minutes).unwrap())
                })
                .collect();
            let found = totals(all.iter().copied());
            let minutes: u64 = noted.iter().map(|(_, minutes)| u64::from(*minutes)).sum();
            prop_assert_eq!(found.iter().map(|total| total.minutes).sum::<u64>(), minutes);
            let times: u64 = found.iter().map(|total| total.times).sum();
            prop_assert_eq!(usize::try_from(times).unwrap(), noted.len());
            prop_assert!(found.is_sorted_by_key(|total| total.kind));
        }

        #[test]
        fn what_is_said_of_hours_and_minutes_is_read_again(minutes in 1..=TimeSpent::MOST) {
            let text = format!("{}:{:02}", minutes / 60, minutes % 60);
            prop_assert_eq!(text.parse::<TimeSpent>(), TimeSpent::minutes(minutes));
        }
    }
}
