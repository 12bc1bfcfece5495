//! For how long things are kept (ETH-06, K-10).
//!
//! A rule says: this class of a recording, this many days after that moment. Of several rules for one class the
//! earliest counts. What comes out is looked at whenever somebody asks for access, so that nothing is shown for
//! longer even if nothing destroys it; `guard` keeps a mistaken clock or a mistaken rule from destroying much.

use std::collections::BTreeMap;

use crate::{Day, KeyClass, Timestamp, person::words};

mod guard;

pub use self::guard::{Lately, Pause, Sweep, allowed};

/// The text names no moment.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no moment of that name from which time is counted")]
pub struct UnknownAnchor;

words! {
    /// From when time is counted.
    Anchor, UnknownAnchor;
    /// The recording was begun.
    Created = "created",
    /// Its coding was finished.
    Coded = "coded",
    /// Its playlist was agreed.
    Agreed = "agreed",
    /// The time of its sound is over.
    Sound = "sound",
}

impl Anchor {
    /// The moment in words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Created => "after the recording was begun",
            Self::Coded => "after its coding was finished",
            Self::Agreed => "after its playlist was agreed",
            Self::Sound => "after the time of its sound is over",
        }
    }
}

/// The moments of one recording from which time is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchors {
    /// When it was begun.
    pub created: Timestamp,
    /// When the last coder finished, if one did.
    pub coded: Option<Timestamp>,
    /// When its playlist was agreed, if it is.
    pub agreed: Option<Timestamp>,
}

/// No rule is longer: ten years.
pub const MOST_DAYS: u32 = 3_650;

/// How often the time of one class of one recording may be made longer.
pub const MOST_EXTENSIONS: u8 = 2;

/// By how many months at once, at the most.
pub const LONGEST_EXTENSION_MONTHS: u8 = 12;

/// A hold has to be looked at again after so many months at the latest.
pub const LONGEST_HOLD_MONTHS: u8 = 6;

/// What has come to the end of its time is closed at once, and destroyed so many seconds later: 72 hours in which a
/// mistake can still be mended.
pub const QUARANTINE_SECONDS: i64 = 72 * 3_600;

/// How many days before the end it is said that the end comes.
pub const NOTICES: [u32; 3] = [30, 7, 1];

/// The rules there are, and for how many days each holds unless the data protection officer says otherwise.
///
/// Sound a year, or 90 days after it was coded; text and coding two years, or 90 days longer than the sound; extracts
/// half a year after they were agreed. Each class has a rule that begins when the recording does, so that nothing is
/// kept for ever because something never happened. A file that could not be read is sound like any other: it may be
/// somebody's only copy, and what cannot be read today may be read after an upgrade.
pub const DEFAULTS: &[(KeyClass, Anchor, u32)] = &[
    (KeyClass::Sound, Anchor::Created, 365),
    (KeyClass::Sound, Anchor::Coded, 90),
    (KeyClass::Text, Anchor::Created, 730),
    (KeyClass::Text, Anchor::Sound, 90),
    (KeyClass::Extracts, Anchor::Created, 730),
    (KeyClass::Extracts, Anchor::Agreed, 180),
    (KeyClass::Coding, Anchor::Created, 730),
    (KeyClass::Coding, Anchor::Sound, 90),
];

/// Why a rule is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// There is no rule of that class and that moment.
    #[error("there is no such rule")]
    Unknown,
    /// Nothing is kept for no time, or for longer than ten years.
    #[error("a time is from 1 to {MOST_DAYS} days")]
    Days,
}

/// For how long things are kept in this installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules(BTreeMap<(KeyClass, Anchor), u32>);

impl Default for Rules {
    fn default() -> Self {
        Self(DEFAULTS.iter().map(|&(class, anchor, days)| ((class, anchor), days)).collect())
    }
}

impl Rules {
    /// Changes one rule.
    pub fn set(&mut self, class: KeyClass, anchor: Anchor, days: u32) -> Result<(), RuleError> {
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(RuleError::Days);
        }
        let rule = self.0.get_mut(&(class, anchor)).ok_or(RuleError::Unknown)?;
        *rule = days;
        Ok(())
    }

    /// The rules, by class and moment: how many days.
    pub fn all(&self) -> impl Iterator<Item = (KeyClass, Anchor, u32)> + '_ {
        self.0.iter().map(|(&(class, anchor), &days)| (class, anchor, days))
    }

    /// Until when a class of a recording with these moments may be kept.
    pub fn deadline(&self, class: KeyClass, anchors: &Anchors) -> Timestamp {
        let end = |anchor: Anchor, days: u32| {
            let from = match anchor {
                Anchor::Created => Some(anchors.created),
                Anchor::Coded => anchors.coded,
                Anchor::Agreed => anchors.agreed,
                // No rule for sound counts from the end of sound, so this goes one step deep.
                Anchor::Sound => Some(self.deadline(KeyClass::Sound, anchors)),
            };
            from.map(|from| from.plus_seconds(i64::from(days) * 86_400))
        };
        let ends = self.all().filter(|(c, ..)| *c == class);
        let earliest = ends.filter_map(|(_, anchor, days)| end(anchor, days)).min();
        // Every class has a rule that counts from the beginning.
        earliest.unwrap_or(anchors.created)
    }
}

/// Why the time is not made longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExtensionError {
    /// It was made longer twice.
    #[error("this was made longer twice already, which is as often as it can be")]
    TooOften,
    /// The new end is no later than the old one, or lies behind us.
    #[error("the new end comes after today, and after the end that it has now")]
    NotLater,
    /// More than a year at once.
    #[error("it can be made longer by twelve months at a time")]
    TooLong,
}

/// The new end of a time that ends at `until` and was made longer `extended` times.
pub fn extend(
    until: Timestamp,
    extended: u8,
    to: Day,
    now: Timestamp,
) -> Result<Timestamp, ExtensionError> {
    if extended >= MOST_EXTENSIONS {
        return Err(ExtensionError::TooOften);
    }
    let from = until.max(now);
    if to <= Day::of(from) {
        return Err(ExtensionError::NotLater);
    }
    if to > Day::of(from).plus_months(LONGEST_EXTENSION_MONTHS) {
        return Err(ExtensionError::TooLong);
    }
    Ok(to.starts())
}

/// The day is no day on which to look at a hold again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hold is looked at again after today and within six months")]
pub struct ReviewError;

/// When a hold that is placed now is looked at again.
pub fn review(on: Day, now: Timestamp) -> Result<Timestamp, ReviewError> {
    let today = Day::of(now);
    if on <= today || on > today.plus_months(LONGEST_HOLD_MONTHS) {
        return Err(ReviewError);
    }
    Ok(on.starts())
}

/// Whether the end is near enough to be spoken of: the smallest of [`NOTICES`] that it is within; zero once it is over.
pub fn notice(until: Timestamp, now: Timestamp) -> Option<u32> {
    if until <= now {
        return Some(0);
    }
    NOTICES.iter().rev().copied().find(|days| until <= now.plus_seconds(i64::from(*days) * 86_400))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: i64 = 86_400;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_seconds(day * DAY)
    }

    #[test]
    fn the_times_are_the_ones_that_were_agreed() {
        let rules = Rules::default();
        let days = |class, coded, agreed| {
            let anchors = Anchors { created: at(0), coded, agreed };
            rules.deadline(class, &anchors).as_micros() / 1_000_000 / DAY
        };
        assert_eq!(days(KeyClass::Sound, None, None), 365);
        assert_eq!(days(KeyClass::Sound, Some(at(10)), None), 100);
        assert_eq!(days(KeyClass::Sound, Some(at(360)), None), 365, "never more than a year");
        assert_eq!(days(KeyClass::Text, None, None), 455, "90 days longer than the sound");
        assert_eq!(days(KeyClass::Text, Some(at(10)), None), 190);
        assert_eq!(days(KeyClass::Coding, Some(at(10)), None), 190, "together with the text");
        assert_eq!(days(KeyClass::Extracts, None, None), 730);
        assert_eq!(days(KeyClass::Extracts, None, Some(at(20))), 200);
    }

    #[test]
    fn rules_change_within_bounds() {
        let mut rules = Rules::default();
        assert_eq!(rules.set(KeyClass::Sound, Anchor::Created, 30), Ok(()));
        let anchors = Anchors { created: at(0), coded: None, agreed: None };
        assert_eq!(rules.deadline(KeyClass::Sound, &anchors), at(30));
        assert_eq!(rules.deadline(KeyClass::Text, &anchors), at(120));
        assert_eq!(rules.set(KeyClass::Sound, Anchor::Agreed, 30), Err(RuleError::Unknown));
        assert_eq!(rules.set(KeyClass::Sound, Anchor::Created, 0), Err(RuleError::Days));
        assert_eq!(rules.set(KeyClass::Sound, Anchor::Created, 3_651), Err(RuleError::Days));
    }

    #[test]
    fn a_time_is_made_longer_twice_at_most() {
        let now = at(100);
        let to = |day| Day::of(at(day));
        assert_eq!(extend(at(110), 0, to(200), now), Ok(at(200)));
        assert_eq!(extend(at(110), 1, to(200), now), Ok(at(200)));
        assert_eq!(extend(at(110), 2, to(200), now), Err(ExtensionError::TooOften));
        assert_eq!(extend(at(110), 0, to(110), now), Err(ExtensionError::NotLater));
        assert_eq!(extend(at(90), 0, to(100), now), Err(ExtensionError::NotLater), "today");
        assert_eq!(extend(at(90), 0, to(101), now), Ok(at(101)), "also when it was over");
        assert_eq!(extend(at(110), 0, to(110 + 400), now), Err(ExtensionError::TooLong));
    }

    #[test]
    fn a_hold_is_looked_at_again() {
        let now = at(0);
        assert_eq!(review(Day::of(at(1)), now), Ok(at(1)));
        assert_eq!(review(Day::of(at(0)), now), Err(ReviewError));
        assert_eq!(review("1970-07-01".parse().unwrap(), now), Ok(at(181)));
        assert_eq!(review("1970-07-02".parse().unwrap(), now), Err(ReviewError));
    }

    #[test]
    fn the_end_is_spoken_of_a_month_a_week_and_a_day_before() {
        let said = |left: i64| notice(at(100 + left), at(100));
        assert_eq!(
            [31, 30, 8, 7, 2, 1, 0, -5].map(said),
            [None, Some(30), Some(30), Some(7), Some(7), Some(1), Some(0), Some(0)]
        );
    }

    fn moments() -> impl Strategy<Value = Anchors> {
        let day = 0_i64..20_000;
        let after = prop::option::of(day.clone());
        (day, after.clone(), after).prop_map(|(created, coded, agreed)| Anchors {
            created: at(created),
            coded: coded.map(|d| at(created + d)),
            agreed: agreed.map(|d| at(created + d)),
        })
    }

    fn rules() -> impl Strategy<Value = Rules> {
        prop::collection::vec(1..=MOST_DAYS, DEFAULTS.len()).prop_map(|days| {
            let mut rules = Rules::default();
            for ((class, anchor, _), days) in DEFAULTS.iter().zip(days) {
                rules.set(*class, *anchor, days).unwrap();
            }
            rules
        })
    }

    proptest! {
        /// Something that happens can end a time sooner, and never later.
        #[test]
        fn what_happens_never_makes_a_time_longer(rules in rules(), moments in moments()) {
            let before = Anchors { coded: None, agreed: None, ..moments };
            for class in KeyClass::ALL {
                prop_assert!(rules.deadline(*class, &moments) <= rules.deadline(*class, &before));
            }
        }

        /// There is an end for everything, after the beginning and within ten years of it.
        #[test]
        fn everything_has_an_end(rules in rules(), moments in moments()) {
            for class in KeyClass::ALL {
                let end = rules.deadline(*class, &moments);
                prop_assert!(end > moments.created);
                prop_assert!(end <= moments.created.plus_seconds(i64::from(MOST_DAYS) * DAY));
            }
        }

        #[test]
        fn an_extension_is_later_and_bounded(
            until in 0_i64..4_000, extended in 0_u8..4, to in 0_i64..5_000, now in 0_i64..4_000
        ) {
            if let Ok(new) = extend(at(until), extended, Day::of(at(to)), at(now)) {
                prop_assert!(new > at(until) && new > at(now));
                prop_assert!(new <= at(until.max(now) + 366));
                prop_assert!(extended < MOST_EXTENSIONS);
            }
        }
    }
}
