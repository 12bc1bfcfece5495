//! A worry about somebody's safety, and the passage of a recording that it is about (ETH-01, K-08).
//!
//! What is said on a recording stays in confidence, except where somebody may come to harm. Then a person, never a
//! machine, says so, for the smallest passage that shows it.

use crate::{Hat, Ms, Role, Span, person::words, recording::UnknownWord};

words! {
    /// Whether the person it is about was told that this is passed on: they are talked to about who needs to know.
    Told, UnknownWord;
    /// They were.
    Yes = "yes",
    /// They will be.
    NotYet = "not_yet",
    /// Telling them could bring somebody into danger.
    NotSafe = "not_safe",
}

impl Told {
    /// The answer in words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Yes => "Yes, they know",
            Self::NotYet => "Not yet",
            Self::NotSafe => "No, telling them could put somebody in danger",
        }
    }
}

words! {
    /// How far a concern is.
    ConcernState, UnknownWord;
    /// It was raised.
    Open = "open",
    /// Whoever needs to know was told.
    PassedOn = "passed_on",
    /// Nothing more is to be done here.
    Closed = "closed",
}

impl ConcernState {
    /// The state in words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::PassedOn => "Passed on",
            Self::Closed => "Closed",
        }
    }

    /// The next state: nothing is closed that was passed on to nobody, and nothing goes back.
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::Open => Some(Self::PassedOn),
            Self::PassedOn => Some(Self::Closed),
            Self::Closed => None,
        }
    }
}

/// The longest passage: three minutes.
pub const LONGEST_PASSAGE: Ms = Ms::from_seconds(180);

/// For how many seconds a passage may be heard once a second person allowed it.
pub const GLASS_SECONDS: i64 = 60 * 60;

/// Why a passage cannot be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassageError {
    /// It reaches past the end of the recording.
    #[error("the passage reaches past the end of the recording")]
    PastEnd,
    /// It is longer than [`LONGEST_PASSAGE`].
    #[error("a passage is at most three minutes long; choose the shortest one that shows it")]
    TooLong,
}

/// Checks a passage against the recording's length.
pub fn check_passage(span: Span, recording: Ms) -> Result<(), PassageError> {
    if span.end() > recording {
        Err(PassageError::PastEnd)
    } else if span.len() > LONGEST_PASSAGE {
        Err(PassageError::TooLong)
    } else {
        Ok(())
    }
}

/// Why somebody cannot be kept away from a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotKeptAway {
    /// It is their own.
    #[error("it is their own recording, so they cannot be kept away from it")]
    Owner,
    /// They look after everybody's safety or everybody's data.
    #[error(
        "they look after safety or data here, and only the data protection officer can keep them away"
    )]
    Trusted,
}

/// Whether somebody with these `roles` may be kept away from a recording by whoever wears this hat.
///
/// A practitioner cannot keep away those who look after safety or data: a worry about a recording could then be
/// kept from everybody who would act on it. The data protection officer can, so that nobody's office protects them.
pub fn may_keep_away(by: Hat, owns: bool, roles: &[Role]) -> Result<(), NotKeptAway> {
    if owns {
        Err(NotKeptAway::Owner)
    } else if by != Hat::Person(Role::Dpo) && roles.iter().any(|role| role.is_trusted()) {
        Err(NotKeptAway::Trusted)
    } else {
        Ok(())
    }
}

/// Whether whoever wears this hat may let somebody back: the data protection officer anybody, others those whom they
/// kept away themselves.
pub fn may_let_back(by: Hat, own_word: bool) -> bool {
    own_word || by == Hat::Person(Role::Dpo)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(a: u64, b: u64) -> Span {
        Span::new(Ms::from_seconds(a), Ms::from_seconds(b)).unwrap()
    }

    #[test]
    fn a_passage_is_short_and_within_the_recording() {
        let hour = Ms::from_seconds(3_600);
        assert_eq!(check_passage(span(0, 180), hour), Ok(()));
        assert_eq!(check_passage(span(0, 181), hour), Err(PassageError::TooLong));
        assert_eq!(check_passage(span(3_599, 3_600), hour), Ok(()));
        assert_eq!(check_passage(span(3_599, 3_601), hour), Err(PassageError::PastEnd));
    }

    #[test]
    fn a_concern_goes_one_way_and_leaves_nothing_out() {
        let mut state = ConcernState::Open;
        let mut way = vec![state];
        while let Some(next) = state.next() {
            state = next;
            way.push(state);
        }
        assert_eq!(way, ConcernState::ALL);
    }

    #[test]
    fn who_can_be_kept_away_by_whom() {
        let (owner, dpo) = (Hat::Person(Role::Practitioner), Hat::Person(Role::Dpo));
        for role in Role::ALL {
            assert_eq!(may_keep_away(owner, true, &[*role]), Err(NotKeptAway::Owner));
            assert_eq!(may_keep_away(dpo, true, &[*role]), Err(NotKeptAway::Owner));
            assert_eq!(may_keep_away(dpo, false, &[*role]), Ok(()), "{role}");
            let expected = if role.is_trusted() { Err(NotKeptAway::Trusted) } else { Ok(()) };
            assert_eq!(may_keep_away(owner, false, &[Role::Coach, *role]), expected, "{role}");
        }
        assert!(may_let_back(dpo, false) && may_let_back(owner, true));
        assert!(!may_let_back(owner, false), "not what the data protection officer decided");
    }
}
