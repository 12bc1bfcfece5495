//! A moment of their own recording that a coach brings to a meeting (SUP-03, CM-19b).
//!
//! Whoever brings it made the recording: of their own practice, or of a session in which they coach, with everybody's
//! yes. It is heard and talked about; nothing is ever written to it (K-21).

use crate::Ms;

/// The longest moment that is heard in supervision: what an exercise of half an hour leaves room for.
pub const LONGEST_BROUGHT: Ms = Ms::from_seconds(180);

/// What counts when somebody would like to bring a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "what is asked, one by one")]
pub struct ToBring {
    /// Everybody who is heard said yes to teaching: others than their own coach will hear it.
    pub covered: bool,
    /// Somebody listened to the recording as it is heard now, and found nothing left to hide.
    pub listened: bool,
    /// Whoever brings it is invited to the meeting, and the meeting is not over.
    pub invited: bool,
    /// They are under the dome there just now, with another one.
    pub another: bool,
    /// How long the moment is.
    pub length: Ms,
}

/// Why a moment cannot be brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum NotBrought {
    /// Somebody heard did not say yes to teaching.
    #[error(
        "not everyone who is heard said yes to teaching, so this recording is not for supervision, and that is fine"
    )]
    Consent,
    /// Nobody has listened for what is to be hidden.
    #[error(
        "others hear a moment once somebody has listened to the recording and said that nothing is left to hide"
    )]
    Unheard,
    /// It is longer than [`LONGEST_BROUGHT`].
    #[error("a moment for supervision is at most three minutes long; you can move its ends")]
    Long,
    /// There is no such meeting, or it is over.
    #[error("once you are invited to a meeting that lies ahead, you can bring a moment to it")]
    NotInvited,
    /// They are under the dome there just now, with another one: those who are heard said yes to short pieces.
    #[error(
        "another moment of yours is being heard there just now; you can bring this one afterwards"
    )]
    Another,
}

impl ToBring {
    /// Whether it can be brought; otherwise what is missing, what takes other people first.
    pub fn check(self) -> Result<(), NotBrought> {
        match self {
            Self { covered: false, .. } => Err(NotBrought::Consent),
            Self { listened: false, .. } => Err(NotBrought::Unheard),
            Self { length, .. } if length > LONGEST_BROUGHT => Err(NotBrought::Long),
            Self { invited: false, .. } => Err(NotBrought::NotInvited),
            Self { another: true, .. } => Err(NotBrought::Another),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_one_thing_at_a_time() {
        let length = LONGEST_BROUGHT;
        let all = ToBring { covered: true, listened: true, invited: true, another: false, length };
        assert_eq!(all.check(), Ok(()), "three minutes are not too long");
        let longer = LONGEST_BROUGHT.plus(Ms::new(1));
        assert_eq!(ToBring { length: longer, ..all }.check(), Err(NotBrought::Long));
        assert_eq!(ToBring { invited: false, ..all }.check(), Err(NotBrought::NotInvited));
        assert_eq!(ToBring { listened: false, ..all }.check(), Err(NotBrought::Unheard));
        assert_eq!(ToBring { another: true, ..all }.check(), Err(NotBrought::Another));
        let nothing = ToBring { covered: false, listened: false, invited: false, ..all };
        assert_eq!(nothing.check(), Err(NotBrought::Consent));
    }
}
