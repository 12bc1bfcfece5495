//! Coaches supervised together (SUP-01), and the exercise that they call the glass dome (SUP-03).
//!
//! Advice has its place here and nowhere else: it is given to the volunteer, about their coaching, by their peers
//! (K-21).

use std::ops::RangeInclusive;

use crate::{Day, Ms, Timestamp, UserId};

mod brought;
mod focus;

pub use self::{
    brought::{LONGEST_BROUGHT, NotBrought, ToBring},
    focus::{FocusPart, focus_begins, may_record},
};

/// How long after a meeting the next one is suggested: four to six weeks (SUP-01), in days.
const NEXT_IN_DAYS: RangeInclusive<u16> = 28..=42;

/// For how long a meeting is there to be found among those that are to come: its day, however long it takes, in
/// seconds from its beginning.
const DAY: i64 = 86_400;

/// Meetings that begin after this lie ahead, or are on.
pub const fn ahead_from(now: Timestamp) -> Timestamp {
    now.plus_seconds(-DAY)
}

/// What is brought to meetings that begin before this is heard now, if they are not over: on their day, or the one before.
pub const fn near_till(now: Timestamp) -> Timestamp {
    now.plus_seconds(DAY)
}

/// Whether a meeting that begins at `planned_at` lies ahead, or is on.
pub fn is_ahead(planned_at: Timestamp, now: Timestamp) -> bool {
    planned_at > ahead_from(now)
}

/// From which day to which the next meeting is suggested after one on `last`.
pub fn suggested(last: Day) -> (Day, Day) {
    (last.plus_days(*NEXT_IN_DAYS.start()), last.plus_days(*NEXT_IN_DAYS.end()))
}

/// The phases of the exercise (SUP-03).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// The volunteer describes what is on their mind, and nobody interrupts.
    Describe,
    /// The others ask to understand, and nothing else.
    Clarify,
    /// The others talk, while the volunteer listens in silence.
    Dome,
    /// Everybody gives one best piece of advice.
    Advice,
    /// The volunteer says what they take, and what they will do.
    Take,
    /// How it felt to listen.
    Felt,
}

impl Phase {
    /// All of them, in order.
    pub const ALL: [Self; 6] =
        [Self::Describe, Self::Clarify, Self::Dome, Self::Advice, Self::Take, Self::Felt];

    /// The number that people count it by: 1 to 6.
    pub const fn number(self) -> u8 {
        match self {
            Self::Describe => 1,
            Self::Clarify => 2,
            Self::Dome => 3,
            Self::Advice => 4,
            Self::Take => 5,
            Self::Felt => 6,
        }
    }

    /// The phase of that number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.number() == number)
    }

    /// How long it is. The first two are five minutes each; the sources leave the others open, and so do we: their
    /// clock is there to look at.
    pub const fn length(self) -> Ms {
        Ms::from_seconds(match self {
            Self::Dome => 600,
            _ => 300,
        })
    }

    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Describe => "Tell",
            Self::Clarify => "Ask",
            Self::Dome => "Under the dome",
            Self::Advice => "One piece of advice each",
            Self::Take => "What I take",
            Self::Felt => "How it was to listen",
        }
    }

    /// What happens in it, for everybody.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Describe => "The volunteer says what is on their mind. Nobody interrupts.",
            Self::Clarify => "The others ask, to understand. No advice yet.",
            Self::Dome => "The others talk about it. The volunteer listens, in silence.",
            Self::Advice => "Each of the others gives one best piece of advice.",
            Self::Take => "The volunteer says what they take, why, and what they will do.",
            Self::Felt => "How was it to listen, and to be heard?",
        }
    }

    fn moved(self, back: bool) -> Option<Self> {
        let number = self.number();
        Self::from_number(if back { number - 1 } else { number + 1 })
    }
}

/// Where the exercise is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dome {
    /// Who is under the dome.
    pub volunteer: UserId,
    /// In which phase.
    pub phase: Phase,
    /// What was left of the phase when the clock was last started or stopped.
    pub left: Ms,
    /// Since when the clock runs; none: it stands.
    pub since: Option<Timestamp>,
}

/// What whoever keeps time does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Lets the clock run.
    Start,
    /// Stops the clock.
    Pause,
    /// Gives a minute more.
    Longer,
    /// Goes on to the next phase; the clock stands there until it is started.
    Next,
    /// Goes back to the phase before.
    Back,
}

impl Dome {
    /// The exercise begins: the first phase, and the clock stands.
    pub const fn begin(volunteer: UserId) -> Self {
        let phase = Phase::Describe;
        Self { volunteer, phase, left: phase.length(), since: None }
    }

    /// What is left of the phase; nothing once its time is over. Nothing happens then: whoever keeps time holds the
    /// silence, and goes on when people are ready.
    pub fn left(self, now: Timestamp) -> Ms {
        let Some(since) = self.since else { return self.left };
        let gone = now.as_micros().saturating_sub(since.as_micros()).max(0) / 1_000;
        self.left.since(Ms::new(u64::try_from(gone).unwrap_or_default()))
    }

    /// The exercise after this turn. At either end of the phases, going further changes nothing.
    #[must_use]
    pub fn turned(self, turn: Turn, now: Timestamp) -> Self {
        let left = self.left(now);
        match turn {
            Turn::Start => Self { left, since: Some(now), ..self },
            Turn::Pause => Self { left, since: None, ..self },
            Turn::Longer => {
                let since = self.since.map(|_| now);
                Self { left: left.plus(Ms::from_seconds(60)), since, ..self }
            }
            Turn::Next | Turn::Back => match self.phase.moved(turn == Turn::Back) {
                Some(phase) => Self { phase, left: phase.length(), since: None, ..self },
                None => self,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const NOON: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

    fn someone() -> UserId {
        UserId::from_uuid(Uuid::from_u128(7))
    }

    #[test]
    fn the_next_meeting_is_four_to_six_weeks_later() {
        let (from, till) = suggested("2026-03-02".parse().unwrap());
        assert_eq!((from, till), ("2026-03-30".parse().unwrap(), "2026-04-13".parse().unwrap()));
    }

    #[test]
    fn a_meeting_is_there_for_its_day() {
        let days = |days: i64| NOON.plus_seconds(days * DAY);
        assert!(is_ahead(days(3), NOON) && is_ahead(NOON, NOON.plus_seconds(86_399)));
        assert!(!is_ahead(NOON, days(1)));
    }

    #[test]
    fn the_clock_runs_stands_and_does_not_go_below_nothing() {
        let dome = Dome::begin(someone());
        assert_eq!(dome.left(NOON), Ms::from_seconds(300), "it stands");
        let runs = dome.turned(Turn::Start, NOON);
        assert_eq!(runs.left(NOON.plus_seconds(12)), Ms::from_seconds(288));
        assert_eq!(
            runs.left(NOON.plus_seconds(-5)),
            Ms::from_seconds(300),
            "a clock that was set back"
        );
        let stands = runs.turned(Turn::Pause, NOON.plus_seconds(12));
        assert_eq!(stands.left(NOON.plus_seconds(99)), Ms::from_seconds(288));
        let over = stands.turned(Turn::Start, NOON).left(NOON.plus_seconds(900));
        assert_eq!(over, Ms::ZERO);
        let longer = runs.turned(Turn::Longer, NOON.plus_seconds(310));
        assert_eq!(longer.left(NOON.plus_seconds(320)), Ms::from_seconds(50));
    }

    #[test]
    fn the_phases_are_walked_one_by_one() {
        let mut dome = Dome::begin(someone());
        for phase in Phase::ALL {
            assert_eq!((dome.phase, dome.left, dome.since), (phase, phase.length(), None));
            dome = dome.turned(Turn::Start, NOON).turned(Turn::Next, NOON.plus_seconds(30));
        }
        assert_eq!(dome.phase, Phase::Felt, "there is nothing behind the last one");
        let back = dome.turned(Turn::Back, NOON);
        assert_eq!((back.phase, back.left), (Phase::Take, Phase::Take.length()));
        let first = Dome::begin(someone());
        assert_eq!(first.turned(Turn::Back, NOON), first);
    }

    proptest! {
        #[test]
        fn starting_and_stopping_gives_and_takes_no_time(gone in prop::collection::vec(0_i64..90, 1..20)) {
            let (mut dome, mut now, mut ran) = (Dome::begin(someone()), NOON, 0);
            for (n, seconds) in gone.into_iter().enumerate() {
                let runs = n % 2 == 0;
                dome = dome.turned(if runs { Turn::Start } else { Turn::Pause }, now);
                now = now.plus_seconds(seconds);
                ran += if runs { seconds } else { 0 };
            }
            let expected = u64::try_from((300 - ran).max(0)).unwrap();
            prop_assert_eq!(dome.left(now), Ms::from_seconds(expected));
        }
    }
}
