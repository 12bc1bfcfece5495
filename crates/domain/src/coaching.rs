//! Series of coaching sessions (CM-02): what they are about, what is agreed, how many there are, and who coaches.
//!
//! A series is its practitioner's: they begin it, choose who coaches, and end it (CM-14). Nothing here grades anybody.

use serde::{Deserialize, Serialize};

use crate::{Note, Pseudonym, person::words, recording::UnknownWord};

mod agreement;
mod considered;
pub mod hours;
mod kept;
mod pool;
mod sessions;
mod standing;

pub use self::{
    agreement::{
        AgreementBody, Channel, LIMITS, Missed, MissedError, NOT_FOR, PRIVATE, RULES, Reminder,
        SIGNING, reminder,
    },
    considered::{Considered, Question},
    hours::{HoursKind, TimeSpent},
    kept::Unreadable,
    pool::{Candidate, Independence, MostSeries, MostSeriesError, NotCoach, Profile},
    sessions::{
        LONGEST_SESSION_SECONDS, MOST_SESSIONS, NotPlanned, REVIEW_AT, SessionState,
        forgotten_till, may_plan, next_number, numbers, review_is_due, taken,
    },
    standing::{
        SUPERVISION_WEEKS, Standing, WAITING_WEEKS, next_supervision, standing, waits_from,
    },
};

/// The fewest people about whom a figure is told (K-07): below that, a figure could be about somebody.
pub const SMALLEST_GROUP: u64 = 5;

/// A figure that is about so many people, if they are enough for it to be told (K-07).
pub fn told(people: u64, figure: u64) -> Option<u64> {
    (people >= SMALLEST_GROUP).then_some(figure)
}

/// What a series is about: one child, young person or family, by a chosen name; and what the practitioner would like to
/// look at (CM-02). Both of the latter may be left open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Focus {
    /// The chosen name. Never a real one.
    #[serde(with = "kept")]
    pub name: Pseudonym,
    /// The key of a skill in the framework, if they chose one.
    pub skill: Option<String>,
    /// An issue, in their own words.
    #[serde(with = "kept")]
    pub issue: Note,
}

impl Focus {
    /// Reads what [`Self::to_json`] wrote.
    pub fn parse(json: &str) -> Result<Self, Unreadable> {
        kept::parse(json)
    }

    /// As it is kept.
    pub fn to_json(&self) -> String {
        kept::to_json(self)
    }
}

words! {
    /// What others are told when a series ends. The practitioner decides (CM-21).
    Ending, UnknownWord;
    /// Nothing.
    Nothing = "nothing",
    /// A short note that the practitioner approved.
    Note = "note",
    /// Somebody came to the last session, whom the practitioner invited.
    Guest = "guest",
}

impl Ending {
    /// The choice, as it reads to whoever makes it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Nothing => "Share nothing",
            Self::Note => "Share a short note that you approve",
            Self::Guest => "Invite somebody to the last session",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_focus_comes_back_as_it_was() {
        let focus = Focus {
            name: Pseudonym::new("Robin").unwrap(),
            skill: Some("empathy".to_owned()),
            issue: Note::new("Saturdays,\nand who is there").unwrap(),
        };
        assert_eq!(Focus::parse(&focus.to_json()).unwrap(), focus);
        let open = Focus { skill: None, issue: Note::empty(), ..focus };
        assert_eq!(Focus::parse(&open.to_json()).unwrap(), open);
        for json in ["", "{}", r#"{"name":"","skill":null,"issue":""}"#] {
            assert!(Focus::parse(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_figure_about_few_people_is_not_told() {
        assert_eq!(told(4, 17), None);
        assert_eq!(told(5, 17), Some(17));
        assert_eq!(told(0, 0), None);
    }
}
