//! Who coaches: what those who look for a coach are told (ORG-05, ORG-12, K-16), and who cannot be chosen (CM-13).

use serde::{Deserialize, Serialize};

use super::{
    kept::{self, Unreadable},
    standing::{Standing, standing},
};
use crate::{
    Note, Timestamp,
    conflict::{Conflict, Part, conflict},
    person::words,
    recording::UnknownWord,
};

words! {
    /// Where a coach stands (ORG-05). It is shown, and whoever looks for a coach chooses (K-16).
    Independence, UnknownWord;
    /// Works for somebody else.
    Outside = "outside",
    /// Works in the organisation, and manages nobody.
    InsideApart = "inside_apart",
    /// Works in the organisation.
    Inside = "inside",
}

impl Independence {
    /// In words, for a page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Outside => "Works outside your organisation",
            Self::InsideApart => "Works in your organisation, and is nobody’s manager",
            Self::Inside => "Works in your organisation",
        }
    }
}

/// That is not a number of series that somebody may coach at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("choose a number from 1 to {}", MostSeries::MOST)]
pub struct MostSeriesError;

/// How many series somebody coaches at once, from 1 to 20 (CM-13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MostSeries(u8);

impl MostSeries {
    /// The most that may be chosen.
    pub const MOST: u8 = 20;

    /// So many.
    pub const fn new(many: u8) -> Result<Self, MostSeriesError> {
        if many >= 1 && many <= Self::MOST { Ok(Self(many)) } else { Err(MostSeriesError) }
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for MostSeries {
    /// Two at once, as coaches began in the programme (CM-13, 000:330).
    fn default() -> Self {
        Self(2)
    }
}

/// What a coach says of themself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Who they are, in their own words.
    #[serde(with = "kept")]
    pub about: Note,
    /// Where they stand.
    #[serde(with = "kept")]
    pub independence: Independence,
    /// Whom they report to (K-16).
    #[serde(with = "kept")]
    pub reports_to: Note,
    /// Who accredited them, when, and after how many hours (CM-09).
    #[serde(with = "kept")]
    pub accreditation: Note,
    /// Which languages they coach in.
    #[serde(with = "kept")]
    pub languages: Note,
}

impl Profile {
    /// Reads what [`Self::to_json`] wrote.
    pub fn parse(json: &str) -> Result<Self, Unreadable> {
        kept::parse(json)
    }

    /// As it is kept.
    pub fn to_json(&self) -> String {
        kept::to_json(self)
    }
}

/// Why somebody is not the coach of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotCoach {
    /// They are not in the pool: no profile, no longer a coach, or let in no more.
    Unknown,
    /// It is the practitioner themself.
    Yourself,
    /// Something else that they are, or were, to the practitioner stands in the way (ETH-12, CM-13).
    Apart(Conflict),
    /// They take on nobody now.
    NotTakingOn,
    /// Nobody has looked at their accreditation, or it has run out (CM-09).
    NotChecked,
    /// Their own supervision comes first (SUP-06).
    Waiting,
    /// They coach as many as they said they would.
    NoRoom,
    /// The series has ended.
    Ended,
}

impl NotCoach {
    /// What to say to the practitioner who chose this person, called `name`.
    pub fn to_the_practitioner(self, name: &str) -> String {
        match self {
            Self::Unknown => "choose somebody from the list".to_owned(),
            Self::Yourself => {
                "nobody is their own coach here; choose somebody else from the list".to_owned()
            }
            Self::Apart(found) => found.to_the_practitioner(name),
            Self::NotTakingOn => format!(
                "{name} is not taking anybody on just now; choose somebody else from the list"
            ),
            Self::NotChecked => {
                format!(
                    "somebody still has to look at {name}’s certificate; choose somebody else, or ask the co-ordinator"
                )
            }
            Self::Waiting => format!(
                "{name} begins something new after their own next supervision; choose somebody else, or come back in a while"
            ),
            Self::NoRoom => format!(
                "{name} has no room for one more series just now; choose somebody else from the list"
            ),
            Self::Ended => {
                "this series has ended; begin a new one whenever you are ready".to_owned()
            }
        }
    }
}

/// What counts when a practitioner chooses somebody as their coach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What they are, or ever were, to this practitioner.
    pub has: Vec<Part>,
    /// Whether they take anybody on.
    pub taking_on: bool,
    /// Until when their accreditation counts as looked at.
    pub checked_until: Option<Timestamp>,
    /// When they were last supervised, or their certificate was looked at.
    pub supervised_at: Timestamp,
    /// How many series they coach at once.
    pub most: MostSeries,
    /// How many they coach now.
    pub present: u64,
}

impl Candidate {
    /// Whether they may be chosen now. What cannot be changed is said first.
    pub fn check(&self, now: Timestamp) -> Result<(), NotCoach> {
        if self.has.contains(&Part::Holds) {
            return Err(NotCoach::Yourself);
        }
        if let Some(found) = conflict(Part::Coaches, &self.has) {
            return Err(NotCoach::Apart(found));
        }
        if !self.taking_on {
            return Err(NotCoach::NotTakingOn);
        }
        if self.checked_until.is_none_or(|until| until <= now) {
            return Err(NotCoach::NotChecked);
        }
        if standing(self.supervised_at, now) == Standing::Waiting {
            return Err(NotCoach::Waiting);
        }
        if self.present >= u64::from(self.most.get()) {
            return Err(NotCoach::NoRoom);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_comes_back_as_it_was() {
        for independence in Independence::ALL {
            let profile = Profile {
                about: Note::new("I listen.\nI ask.").unwrap(),
                independence: *independence,
                reports_to: Note::new("the board of a charity").unwrap(),
                accreditation: Note::empty(),
                languages: Note::new("English, Cymraeg").unwrap(),
            };
            assert_eq!(Profile::parse(&profile.to_json()).unwrap(), profile);
        }
        assert!(Profile::parse("[]").is_err());
    }

    #[test]
    fn two_at_once_unless_somebody_says_otherwise() {
        assert_eq!(MostSeries::default().get(), 2);
        for (many, fits) in [(0, false), (1, true), (20, true), (21, false)] {
            assert_eq!(MostSeries::new(many).is_ok(), fits, "{many}");
        }
    }

    #[test]
    fn who_may_be_chosen() {
        let now = Timestamp::from_micros(1_000);
        let fits = Candidate {
            has: vec![Part::Coaches],
            taking_on: true,
            checked_until: Some(now.plus_seconds(1)),
            supervised_at: now,
            most: MostSeries::default(),
            present: 1,
        };
        assert_eq!(fits.check(now), Ok(()));
        let with = |change: &dyn Fn(&mut Candidate)| {
            let mut other = fits.clone();
            change(&mut other);
            other.check(now)
        };
        assert_eq!(with(&|c| c.has.push(Part::Holds)), Err(NotCoach::Yourself));
        assert_eq!(with(&|c| c.taking_on = false), Err(NotCoach::NotTakingOn));
        assert_eq!(with(&|c| c.checked_until = None), Err(NotCoach::NotChecked));
        assert_eq!(with(&|c| c.checked_until = Some(now)), Err(NotCoach::NotChecked), "it ran out");
        let weeks = |weeks: i64| now.plus_seconds(-weeks * 7 * 86_400);
        assert_eq!(with(&|c| c.supervised_at = weeks(11)), Ok(()), "that is a nudge");
        assert_eq!(with(&|c| c.supervised_at = weeks(12)), Err(NotCoach::Waiting));
        assert_eq!(with(&|c| c.present = 2), Err(NotCoach::NoRoom));
        for part in [Part::Codes, Part::Manages] {
            let found = with(&|c| c.has.push(part));
            assert!(
                matches!(found, Err(NotCoach::Apart(Conflict { stands, .. })) if stands == part)
            );
            let text = found.unwrap_err().to_the_practitioner("Cleo");
            assert!(text.contains("Cleo") && text.contains("choose another coach"), "{text}");
        }
    }
}
