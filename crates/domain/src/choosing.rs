//! What may be heard in one coaching session, and the moments that a practitioner marks for it (CM-05, K-04).
//!
//! A session holds a few short extracts, in an order. The practitioner marks moments while they hear their own recording,
//! the coder marks examples, the coach proposes; the practitioner adds what they like and takes out what they would
//! rather not hear, and that stays out.

use crate::{ClipId, Ms, Span, UnknownWord, person::words};

/// The most extracts in one session: an hour of listening and talking holds no more.
pub const MOST_PIECES: usize = 12;

/// The most moments that a practitioner marks on one recording.
pub const MOST_MOMENTS: usize = 40;

/// How much of what was just heard a mark takes in, until its ends are moved.
pub const JUST_HEARD: Ms = Ms::from_seconds(15);

words! {
    /// Why a practitioner marks a moment of their own recording (CM-05). Whether something would be done another way is
    /// theirs alone to say (K-23).
    MomentKind, UnknownWord;
    /// They are proud of it.
    Proud = "proud",
    /// They wonder about it.
    Wonder = "wonder",
}

impl MomentKind {
    /// The kind in words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Proud => "Proud of",
            Self::Wonder => "Wonder about",
        }
    }
}

/// The stretch that somebody means who marks a moment at `at`: the last [`JUST_HEARD`] before it, or as much as there is;
/// at the very beginning, what comes next. None of a recording without length.
pub fn just_heard(at: Ms, recording: Ms) -> Option<Span> {
    let end = at.min(recording);
    let end = if end == Ms::ZERO { JUST_HEARD.min(recording) } else { end };
    Span::new(Ms::new(end.get().saturating_sub(JUST_HEARD.get())), end).ok()
}

/// How long some extracts are together.
pub fn total(lengths: impl IntoIterator<Item = Ms>) -> Ms {
    lengths.into_iter().fold(Ms::ZERO, Ms::plus)
}

/// Why an extract is proposed for a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons {
    /// It is about the skill that the practitioner chose to look at (K-04).
    pub focus: bool,
    /// The practitioner marked a moment in it, for these reasons, each once.
    pub marked: Vec<MomentKind>,
    /// The coder heard it as an example of the skill.
    pub exemplar: bool,
}

impl Reasons {
    /// Whether anything speaks for it but that it is there.
    pub const fn any(&self) -> bool {
        self.focus || !self.marked.is_empty() || self.exemplar
    }

    /// Where it stands among what is proposed: lower is earlier. The practitioner's focus goes first, then what they
    /// marked, then what the coder heard as an example.
    const fn rank(&self) -> (bool, bool, bool) {
        (!self.focus, self.marked.is_empty(), !self.exemplar)
    }
}

/// Puts what is proposed into the order in which people meet it; what has the same reasons stays as it was.
pub fn by_reasons<T>(proposed: &mut [T], reasons: impl Fn(&T) -> &Reasons) {
    proposed.sort_by_key(|one| reasons(one).rank());
}

/// What counts when an extract is to be added to a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SoFar {
    /// The session was held or missed.
    pub over: bool,
    /// What is in it already, and whether the practitioner took it out.
    pub pieces: Vec<(ClipId, bool)>,
}

/// Why an extract is not added to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAdded {
    /// No such extract of a recording of the series can be heard by both.
    #[error("that extract cannot be heard just now; choose another one, if you like")]
    NotHere,
    /// The practitioner would rather not hear it. Nobody else is told of that: see [`Self::as_told`].
    #[error("you took that one out; you can take that back below, if you like")]
    Vetoed,
    /// It is in the list.
    #[error("that extract is in the list already")]
    There,
    /// [`MOST_PIECES`] are there.
    #[error("a session holds twelve extracts at most; take one out first, if you like")]
    Full,
    /// The session was.
    #[error("that session has been; choose for the next one, if you like")]
    Over,
}

impl NotAdded {
    /// As it is told to the practitioner, or to somebody else. What the practitioner would rather not hear is, for
    /// everybody else, what cannot be heard just now.
    #[must_use]
    pub const fn as_told(self, practitioner: bool) -> Self {
        match self {
            Self::Vetoed if !practitioner => Self::NotHere,
            other => other,
        }
    }
}

impl SoFar {
    /// Whether `clip` may be added. `heard` says whether it belongs to the series, is shared, and may be heard by whoever
    /// asks.
    pub fn check(&self, clip: ClipId, heard: bool) -> Result<(), NotAdded> {
        if self.over {
            return Err(NotAdded::Over);
        }
        // Said before whether it can be heard: a veto is the same answer, whatever became of the extract.
        match self.pieces.iter().find(|(one, _)| *one == clip) {
            Some((_, true)) => return Err(NotAdded::Vetoed),
            Some((_, false)) => return Err(NotAdded::There),
            None => {}
        }
        if !heard {
            return Err(NotAdded::NotHere);
        }
        let chosen = self.pieces.iter().filter(|(_, vetoed)| !vetoed).count();
        if chosen < MOST_PIECES { Ok(()) } else { Err(NotAdded::Full) }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn clip(n: usize) -> ClipId {
        ClipId::from_uuid(Uuid::from_u128(n as u128))
    }

    #[test]
    fn a_mark_takes_in_what_was_just_heard_and_lies_in_the_recording() {
        let ends = |at: u64, length: u64| {
            just_heard(Ms::new(at), Ms::new(length)).map(|s| (s.start().get(), s.end().get()))
        };
        assert_eq!(ends(60_000, 100_000), Some((45_000, 60_000)));
        assert_eq!(ends(4_000, 100_000), Some((0, 4_000)));
        assert_eq!(ends(0, 100_000), Some((0, 15_000)), "at the beginning: what comes");
        assert_eq!(ends(0, 9_000), Some((0, 9_000)));
        assert_eq!(ends(200_000, 100_000), Some((85_000, 100_000)), "a player that is ahead");
        assert_eq!(ends(5_000, 0), None);
        for length in [1, 999, 15_000, 15_001, 3_600_000] {
            for at in [0, 1, 500, 14_999, 15_000, 40_000, u64::MAX] {
                let (start, end) = ends(at, length).unwrap();
                assert!(start < end && end <= length && end - start <= 15_000, "{at} of {length}");
            }
        }
    }

    #[test]
    fn a_veto_is_the_same_answer_whatever_becomes_of_the_extract() {
        let so_far = SoFar { over: false, pieces: vec![(clip(1), true), (clip(2), false)] };
        for heard in [true, false] {
            assert_eq!(so_far.check(clip(1), heard), Err(NotAdded::Vetoed));
            assert_eq!(so_far.check(clip(2), heard), Err(NotAdded::There));
        }
        assert_eq!(so_far.check(clip(3), false), Err(NotAdded::NotHere));
        assert_eq!(so_far.check(clip(3), true), Ok(()));
        assert_eq!(SoFar { over: true, ..so_far }.check(clip(3), true), Err(NotAdded::Over));
    }

    #[test]
    fn nobody_but_the_practitioner_is_told_of_a_veto() {
        use NotAdded::{Full, NotHere, Over, There, Vetoed};
        for why in [NotHere, Vetoed, There, Full, Over] {
            assert_eq!(why.as_told(true), why);
            assert_eq!(why.as_told(false), if why == Vetoed { NotHere } else { why });
        }
    }

    #[test]
    fn what_was_taken_out_leaves_its_place_to_another_one() {
        for vetoed in 0..3 {
            for chosen in 0..=MOST_PIECES {
                let pieces = (0..vetoed + chosen).map(|n| (clip(n), n < vetoed)).collect();
                let so_far = SoFar { over: false, pieces };
                let answer = so_far.check(clip(99), true);
                assert_eq!(answer.is_ok(), chosen < MOST_PIECES, "{chosen} and {vetoed}");
            }
        }
    }

    #[test]
    fn the_focus_goes_first_then_what_was_marked_then_examples() {
        let reasons = |focus, marked: &[MomentKind], exemplar| Reasons {
            focus,
            marked: marked.to_vec(),
            exemplar,
        };
        let mut all = vec![
            ("neither", reasons(false, &[], false)),
            ("example", reasons(false, &[], true)),
            ("wonder", reasons(false, &[MomentKind::Wonder], false)),
            ("focus", reasons(true, &[], false)),
            ("another focus", reasons(true, &[], false)),
            ("focus and proud", reasons(true, &[MomentKind::Proud], false)),
        ];
        by_reasons(&mut all, |(_, reasons)| reasons);
        let order: Vec<_> = all.iter().map(|(name, _)| *name).collect();
        let expected =
            ["focus and proud", "focus", "another focus", "wonder", "example", "neither"];
        assert_eq!(order, expected);
        assert!(!all[5].1.any() && all[..5].iter().all(|(_, reasons)| reasons.any()));
    }

    #[test]
    fn lengths_add_up() {
        assert_eq!(total([]), Ms::ZERO);
        assert_eq!(total([Ms::from_seconds(20), Ms::new(500)]), Ms::new(20_500));
    }
}
