//! A moment on a page: browsers know the hour where they are, and people can read it without their help.

use hearback_domain::{Day, Timestamp};

use crate::page::{day, day_and_time};

/// A moment, for people and for their browsers. Templates write it as
/// `<time datetime="{{ w.iso }}" data-local>{{ w.text }}</time>`, on a page that loads `local-time.js`.
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

    /// The day of it alone; templates write `data-local="day"`.
    pub(crate) fn day_of(at: Timestamp) -> Self {
        Self { text: day(at), ..Self::of(at) }
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
        let day = When::day_of(Timestamp::from_micros(1_763_733_900_000_000));
        assert_eq!((day.iso, day.text.as_str()), (when.iso, "21 November 2025"));
    }
}
