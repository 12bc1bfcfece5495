//! Days of the calendar, as people write them down on a form.

use std::{fmt, str::FromStr};

use time::{Date, Duration, Month, OffsetDateTime, Time, util::days_in_month};

use crate::Timestamp;

/// The text is no day.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("that is not a day, written as year, month, day")]
pub struct DayError;

/// A day of the calendar, written `2026-11-21`. Where a moment is meant, it is the day in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// The day of a moment.
    pub fn of(at: Timestamp) -> Self {
        let seconds = at.as_micros().div_euclid(1_000_000);
        // Every stored moment is a day; a moment beyond the calendar is its last day.
        Self(OffsetDateTime::from_unix_timestamp(seconds).map_or(Date::MAX, OffsetDateTime::date))
    }

    /// Its first moment.
    pub fn starts(self) -> Timestamp {
        let at = self.0.with_time(Time::MIDNIGHT).assume_utc();
        Timestamp::from_micros(at.unix_timestamp().saturating_mul(1_000_000))
    }

    /// So many days later.
    #[must_use]
    pub fn plus_days(self, days: u16) -> Self {
        Self(self.0.saturating_add(Duration::days(days.into())))
    }

    /// The same day, so many months later; the last of that month where it is shorter.
    #[must_use]
    pub fn plus_months(self, months: u8) -> Self {
        let (mut year, mut month) = (self.0.year(), self.0.month());
        for _ in 0..months {
            month = month.next();
            year += i32::from(month == Month::January);
        }
        let day = self.0.day().min(days_in_month(month, year));
        Self(Date::from_calendar_date(year, month, day).unwrap_or(Date::MAX))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), u8::from(self.0.month()), self.0.day())
    }
}

impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        let bytes = text.as_bytes();
        let digits = |range: std::ops::Range<usize>| -> Result<u16, DayError> {
            let part = text.get(range).filter(|p| p.bytes().all(|b| b.is_ascii_digit()));
            part.and_then(|p| p.parse().ok()).ok_or(DayError)
        };
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(DayError);
        }
        let month = u8::try_from(digits(5..7)?).ok().and_then(|m| Month::try_from(m).ok());
        let day = u8::try_from(digits(8..10)?).map_err(|_| DayError)?;
        Date::from_calendar_date(i32::from(digits(0..4)?), month.ok_or(DayError)?, day)
            .map(Self)
            .map_err(|_| DayError)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_read_as_they_are_written() {
        assert_eq!(day("2026-11-21").to_string(), "2026-11-21");
        for text in ["", "2026-02-30", "2026-2-3", "21/11/2026", "2026-11-211", "+026-11-21"] {
            assert_eq!(text.parse::<Day>(), Err(DayError), "{text}");
        }
    }

    #[test]
    fn months_end_when_they_end() {
        assert_eq!(day("2024-02-29").plus_months(12), day("2025-02-28"));
        assert_eq!(day("2026-11-30").plus_months(3), day("2027-02-28"));
        assert_eq!(day("2026-01-31").plus_days(1), day("2026-02-01"));
    }

    proptest! {
        #[test]
        fn a_day_is_written_and_read_again(micros in 0_i64..250_000_000_000_000_000) {
            let at = Timestamp::from_micros(micros);
            let day = Day::of(at);
            prop_assert_eq!(day.to_string().parse::<Day>().unwrap(), day);
            prop_assert!(day.starts() <= at && at < day.plus_days(1).starts());
            prop_assert_eq!(Day::of(day.starts()), day);
        }

        #[test]
        fn months_only_go_forward(micros in 0_i64..4_000_000_000_000_000, months in 1_u8..60) {
            let day = Day::of(Timestamp::from_micros(micros));
            let later = day.plus_months(months);
            prop_assert!(later >= day.plus_days(28 * u16::from(months)));
            prop_assert!(later <= day.plus_days(31 * u16::from(months)));
        }
    }
}
