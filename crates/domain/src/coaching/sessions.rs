//! The sessions of a series: how many there are, and what may become of one.

use crate::{Timestamp, person::words, recording::UnknownWord};

/// The most sessions of a series (CM-02): a hard stop. What goes on after it is a new series with a new agreement.
pub const MOST_SESSIONS: u8 = 5;

/// After this many sessions the two look back together (CM-15, FRM-01).
pub const REVIEW_AT: u8 = 4;

/// For how long a session can be on (s): a working day, which is far more than anybody listens and talks. One that nobody
/// ended is over then, and with it whatever is open to those who were invited to it (K-02).
pub const LONGEST_SESSION_SECONDS: i64 = 8 * 3_600;

/// Whichever session began at this moment, or before it, is over now although nobody ended it.
pub const fn forgotten_till(now: Timestamp) -> Timestamp {
    now.plus_seconds(-LONGEST_SESSION_SECONDS)
}

words! {
    /// How far a session is.
    SessionState, UnknownWord;
    /// It has a time and a place.
    Planned = "planned",
    /// One of the two put it off; nobody is asked why (CM-18).
    Postponed = "postponed",
    /// It did not come about. That uses up nothing, and says nothing about anybody (CM-16).
    Missed = "missed",
    /// It is on.
    Live = "live",
    /// It was held.
    Held = "held",
}

impl SessionState {
    /// Whether a session may go from this to `next`. One that is planned may get another time.
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Planned, Self::Planned | Self::Postponed | Self::Missed | Self::Live)
                | (Self::Postponed, Self::Planned)
                | (Self::Live, Self::Held | Self::Postponed)
        )
    }

    /// Whether it is one of the five.
    pub const fn is_taken(self) -> bool {
        matches!(self, Self::Live | Self::Held)
    }

    /// Whether it is one of the five, or is going to be.
    pub const fn has_a_place(self) -> bool {
        matches!(self, Self::Planned | Self::Live | Self::Held)
    }

    /// The state in words, for a page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Planned => "Planned",
            Self::Postponed => "Put off",
            Self::Missed => "Did not come about",
            Self::Live => "On now",
            Self::Held => "Held",
        }
    }
}

/// Why a session gets no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPlanned {
    /// Five were held.
    #[error(
        "you have had your five sessions together, and that is what a series holds; when you would like to go on, \
         begin a new one with a new agreement"
    )]
    Full,
    /// The rest of the five is planned already.
    #[error(
        "all five sessions have a time already; if another time suits you better, move one of them"
    )]
    AllPlanned,
    /// It was held, is on, or did not come about: it keeps its time.
    #[error("this session keeps the time it had; plan another one if you like")]
    Settled,
    /// There is no such session, or the series has ended.
    #[error("this series has ended; begin a new one whenever you are ready")]
    Ended,
}

fn count(states: &[SessionState], of: impl Fn(SessionState) -> bool) -> u8 {
    let many = states.iter().filter(|state| of(**state)).count();
    u8::try_from(many).unwrap_or(u8::MAX)
}

/// How many of the five are used up: those that were held, and one that is on.
pub fn taken(states: &[SessionState]) -> u8 {
    count(states, SessionState::is_taken)
}

/// Whether one more session may get a time, in a series with sessions in these states (in any order).
pub fn may_plan(states: &[SessionState]) -> Result<(), NotPlanned> {
    if taken(states) >= MOST_SESSIONS {
        Err(NotPlanned::Full)
    } else if count(states, SessionState::has_a_place) >= MOST_SESSIONS {
        Err(NotPlanned::AllPlanned)
    } else {
        Ok(())
    }
}

/// Which of the five the next one to be planned is; none if there are five.
pub fn next_number(states: &[SessionState]) -> Option<u8> {
    may_plan(states).ok()?;
    Some(count(states, SessionState::has_a_place) + 1)
}

/// Whether it is a good moment to look back together: four were held, or the fourth is on.
pub fn review_is_due(states: &[SessionState]) -> bool {
    taken(states) >= REVIEW_AT
}

/// Which of the five each session is, for sessions in the order of their times. One that was put off or did not come
/// about has no number.
pub fn numbers(sessions: &[(Timestamp, SessionState)]) -> Vec<Option<u8>> {
    let mut number = 0;
    let mut one = |state: SessionState| {
        state.has_a_place().then(|| {
            number += 1;
            number
        })
    };
    sessions.iter().map(|(_, state)| one(*state)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;
    use SessionState::{Held, Live, Missed, Planned, Postponed};

    /// Everything that may become of a session, written down once more.
    #[test]
    fn what_may_become_of_a_session() {
        let allowed = [
            (Planned, Planned),
            (Planned, Postponed),
            (Planned, Missed),
            (Planned, Live),
            (Postponed, Planned),
            (Live, Held),
            (Live, Postponed),
        ];
        for from in SessionState::ALL {
            for to in SessionState::ALL {
                let expected = allowed.contains(&(*from, *to));
                assert_eq!(from.may_become(*to), expected, "{from} to {to}");
            }
        }
    }

    #[test]
    fn a_sixth_is_refused_kindly() {
        let five = [Held; 5];
        assert_eq!(may_plan(&five), Err(NotPlanned::Full));
        assert!(NotPlanned::Full.to_string().contains("begin a new one"));
        assert_eq!(may_plan(&[Held, Held, Held, Held, Live]), Err(NotPlanned::Full));
        assert_eq!(may_plan(&[Held, Held, Held, Held, Planned]), Err(NotPlanned::AllPlanned));
        assert_eq!(next_number(&[Held, Held, Missed, Postponed]), Some(3));
        assert_eq!(next_number(&five), None);
    }

    #[test]
    fn what_did_not_come_about_has_no_number() {
        let at = Timestamp::from_micros(0);
        let sessions = [Held, Missed, Held, Postponed, Planned].map(|state| (at, state));
        assert_eq!(numbers(&sessions), [Some(1), None, Some(2), None, Some(3)]);
    }

    #[test]
    fn a_session_that_nobody_ends_is_over_after_a_working_day() {
        let began = Timestamp::from_micros(7);
        let hours = |n: i64| began.plus_seconds(n * 3_600);
        assert!(began > forgotten_till(hours(1)) && began > forgotten_till(hours(7)));
        assert!(began <= forgotten_till(hours(8)) && began <= forgotten_till(hours(999)));
    }

    fn states() -> impl Strategy<Value = Vec<SessionState>> {
        vec(select(SessionState::ALL), 0..12)
    }

    proptest! {
        /// Whoever only plans when they may never has more than five, whatever else happens.
        #[test]
        fn there_are_never_more_than_five(steps in vec((0_usize..20, select(SessionState::ALL)), 0..80)) {
            let mut all: Vec<SessionState> = Vec::new();
            for (which, next) in steps {
                match all.get(which).copied() {
                    None if may_plan(&all).is_ok() => all.push(Planned),
                    Some(Postponed) if may_plan(&all).is_err() => {}
                    Some(now) if now.may_become(next) => all[which] = next,
                    _ => {}
                }
                prop_assert!(taken(&all) <= MOST_SESSIONS, "{:?}", all);
            }
        }

        #[test]
        fn postponed_and_missed_ones_use_up_nothing(all in states(), more in select(&[Postponed, Missed][..])) {
            let mut with = all.clone();
            with.push(more);
            prop_assert_eq!(taken(&all), taken(&with));
            prop_assert_eq!(may_plan(&all), may_plan(&with));
            prop_assert_eq!(next_number(&all), next_number(&with));
            prop_assert_eq!(review_is_due(&all), review_is_due(&with));
        }

        #[test]
        fn the_order_of_states_does_not_matter(all in states()) {
            let mut turned = all.clone();
            turned.reverse();
            prop_assert_eq!(may_plan(&all), may_plan(&turned));
            prop_assert_eq!(review_is_due(&all), taken(&turned) >= 4);
        }
    }
}
