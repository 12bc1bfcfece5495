//! The short name of a recording that can be said on the telephone.

use std::fmt;

use uuid::Uuid;

use crate::RecordingId;

/// `HB-1a2b-3c4d`: the beginning of a recording's identifier, which is random and tells nothing about it.
///
/// Thirty-two bits: among ten thousand recordings two share one with a probability of about one in a hundred, so it is
/// for people to say, and never for a program to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference(u32);

impl Reference {
    /// A recording's.
    pub fn of(recording: RecordingId) -> Self {
        Self(recording.as_uuid().as_fields().0)
    }

    /// What somebody typed: with or without the dashes and the letters in front, in any case.
    pub fn parse(typed: &str) -> Option<Self> {
        let typed: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
        let typed = typed.to_ascii_lowercase();
        let digits = typed.strip_prefix("hb").unwrap_or(&typed);
        let all = digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        if !all {
            return None;
        }
        u32::from_str_radix(digits, 16).ok().map(Self)
    }

    /// The first and the last identifier that this can stand for.
    pub fn span(self) -> (RecordingId, RecordingId) {
        let id = |rest| RecordingId::from_uuid(Uuid::from_u128(u128::from(self.0) << 96 | rest));
        (id(0), id(u128::MAX >> 32))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HB-{:04x}-{:04x}", self.0 >> 16, self.0 & 0xffff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_can_be_typed_in_several_ways() {
        let id = RecordingId::from_uuid(Uuid::from_u128(0x1a2b_3c4d_0000_0000_0000_0000_0000_0001));
        let reference = Reference::of(id);
        assert_eq!(reference.to_string(), "HB-1a2b-3c4d");
        for typed in ["HB-1a2b-3c4d", "hb 1a2b 3c4d", "1A2B3C4D", " hb1a2b3c4d "] {
            assert_eq!(Reference::parse(typed), Some(reference), "{typed}");
        }
        for typed in ["", "HB", "HB-1a2b-3c4g", "HB-1a2b", "XHB-1a2b-3c4d", "1a2b-3c4d-5"] {
            assert_eq!(Reference::parse(typed), None, "{typed}");
        }
        let (first, last) = reference.span();
        assert!(first <= id && id <= last);
        assert_eq!((Reference::of(first), Reference::of(last)), (reference, reference));
    }
}
