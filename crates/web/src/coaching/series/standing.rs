//! How a coach stands with their own supervision, and with hours, in words (SUP-06, CM-09). Never a reproach.

use hearback_domain::{
    Timestamp,
    coaching::{
        Standing,
        hours::{Total, in_words},
        next_supervision, standing,
    },
};

use crate::page::day;

/// To the coach themself.
pub(super) fn to_the_coach(supervised_at: Timestamp, now: Timestamp) -> String {
    match standing(supervised_at, now) {
        Standing::InTime => {
            format!("Your next supervision would be by {}.", day(next_supervision(supervised_at)))
        }
        Standing::Due => "It is a good moment for your next supervision. All that you coach in goes on."
            .to_owned(),
        Standing::Waiting => {
            "After your next supervision people can choose you for a new series again. All that you coach in goes on."
                .to_owned()
        }
    }
}

/// To whoever looks at certificates.
pub(super) fn to_the_coordinator(supervised_at: Timestamp, now: Timestamp) -> String {
    let next = match standing(supervised_at, now) {
        Standing::InTime => {
            format!("the next would be by {}", day(next_supervision(supervised_at)))
        }
        Standing::Due => "it is a good moment for the next".to_owned(),
        Standing::Waiting => {
            "chosen for new series again after the next; series that go on are as they were"
                .to_owned()
        }
    };
    format!("Counted from {}; {next}", day(supervised_at))
}

/// Hours in one line: `42 h taught, 6 h practice`; empty if nothing is noted.
pub(super) fn in_a_line(noted: &[Total]) -> String {
    let parts: Vec<_> = noted
        .iter()
        .map(|total| format!("{} {}", in_words(total.minutes), total.kind.within()))
        .collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use hearback_domain::coaching::HoursKind;

    use super::*;

    #[test]
    fn nobody_is_told_that_they_are_late() {
        let now = Timestamp::from_micros(1_763_733_900_000_000);
        for (weeks, own, desk) in [
            (1, "would be by 26 December 2025", "Counted from 14 November 2025; the next would be"),
            (6, "a good moment", "a good moment for the next"),
            (12, "After your next supervision", "after the next"),
        ] {
            let last = now.plus_seconds(-weeks * 7 * 86_400);
            let (to_coach, to_desk) = (to_the_coach(last, now), to_the_coordinator(last, now));
            assert!(to_coach.contains(own), "{to_coach}");
            assert!(to_desk.contains(desk), "{to_desk}");
        }
    }

    #[test]
    fn hours_in_a_line() {
        let total = |kind, minutes| Total { kind, minutes, times: 1 };
        let noted = [total(HoursKind::Taught, 42 * 60), total(HoursKind::Supervised, 90)];
        assert_eq!(in_a_line(&noted), "42 h taught, 1 h 30 min supervision with one person");
        assert_eq!(in_a_line(&[]), "");
    }
}
