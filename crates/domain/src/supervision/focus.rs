//! A focus group after a meeting (SUP-07): another event, with consents and a recorder of its own.
//!
//! This service records nothing there. It keeps who said yes to what, and shows whether the recorder in the room may
//! run: only while everybody who takes part said yes to it.

use crate::Timestamp;

/// When a focus group begins unless its time is moved: a quarter of an hour after a meeting of two hours (SUP-07), in
/// seconds from the meeting's beginning.
const BEGINS_AFTER: i64 = (2 * 60 + 15) * 60;

/// When the focus group after a meeting that begins at `meeting` is suggested to begin.
pub const fn focus_begins(meeting: Timestamp) -> Timestamp {
    meeting.plus_seconds(BEGINS_AFTER)
}

/// What somebody says to a focus group. Until they say anything they are not counted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FocusPart {
    /// They do not take part; they may come to the meeting all the same.
    Away,
    /// They take part, and would rather not be recorded.
    Unrecorded,
    /// They take part, and said yes to being recorded.
    Recorded,
}

impl FocusPart {
    /// What two answers come to: nobody is recorded who is not there.
    pub const fn of(takes_part: bool, recorded: bool) -> Self {
        match (takes_part, recorded) {
            (false, _) => Self::Away,
            (true, false) => Self::Unrecorded,
            (true, true) => Self::Recorded,
        }
    }

    /// Whether they take part.
    pub const fn takes_part(self) -> bool {
        !matches!(self, Self::Away)
    }

    /// Whether they said yes to being recorded.
    pub const fn recorded(self) -> bool {
        matches!(self, Self::Recorded)
    }
}

/// Whether a recorder may run: somebody takes part, and everybody who does said yes to it.
pub fn may_record(said: impl IntoIterator<Item = FocusPart>) -> bool {
    let mut anybody = false;
    for part in said.into_iter().filter(|part| part.takes_part()) {
        if !part.recorded() {
            return false;
        }
        anybody = true;
    }
    anybody
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_begins_a_quarter_of_an_hour_after_two_hours() {
        let meeting = Timestamp::from_micros(1_790_000_000_000_000);
        assert_eq!(focus_begins(meeting), meeting.plus_seconds(8_100));
    }

    #[test]
    fn a_recorder_runs_with_everybodys_yes() {
        use FocusPart::{Away, Recorded, Unrecorded};
        assert!(!may_record([]), "nobody is there");
        assert!(!may_record([Away, Away]));
        assert!(may_record([Recorded]));
        assert!(may_record([Recorded, Away, Recorded]), "who is away is not asked");
        assert!(!may_record([Recorded, Unrecorded, Recorded]), "one no is enough");
        assert_eq!(FocusPart::of(false, true), Away, "nobody is recorded who is not there");
    }

    fn part() -> impl Strategy<Value = FocusPart> {
        (any::<bool>(), any::<bool>()).prop_map(|(there, yes)| FocusPart::of(there, yes))
    }

    proptest! {
        /// Whoever takes a yes back, or comes without one, stops the recorder; nobody's leaving starts it against a no.
        #[test]
        fn one_who_takes_part_without_a_yes_is_enough(
            said in prop::collection::vec(part(), 0..9),
            at in 0_usize..9,
        ) {
            let (mut with, at) = (said.clone(), at.min(said.len()));
            with.insert(at, FocusPart::Unrecorded);
            prop_assert!(!may_record(with));
            let mut away = said.clone();
            away.insert(at, FocusPart::Away);
            prop_assert_eq!(may_record(away), may_record(said.clone()));
            let no = said.contains(&FocusPart::Unrecorded);
            prop_assert_eq!(may_record(said.clone()), !no && said.contains(&FocusPart::Recorded));
        }
    }
}
