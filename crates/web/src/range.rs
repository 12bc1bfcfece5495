//! The `Range` header: one range of bytes.

use std::ops::Range;

/// What part of an object is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All of it.
    All,
    /// These bytes; never empty, never past the end.
    Part(Range<u64>),
    /// Bytes that are not there.
    Unsatisfiable,
}

/// Reads a `Range` header for an object of `len` bytes (RFC 9110, 14.2).
///
/// What cannot be read, and several ranges at once, are answered with the whole, as the standard lets us.
pub(crate) fn wanted(header: Option<&str>, len: u64) -> Wanted {
    let Some(spec) = header.and_then(|h| h.strip_prefix("bytes=")) else { return Wanted::All };
    let Some((first, last)) = spec.trim().split_once('-') else { return Wanted::All };
    let (first, last) = match (number(first), number(last)) {
        (Some(Ok(first)), Some(Ok(last))) if first <= last => (first, last.saturating_add(1)),
        (Some(Ok(first)), None) => (first, len),
        // The last so many bytes.
        (None, Some(Ok(0))) => return Wanted::Unsatisfiable,
        (None, Some(Ok(count))) => (len.saturating_sub(count), len),
        _ => return Wanted::All,
    };
    if first >= len { Wanted::Unsatisfiable } else { Wanted::Part(first..last.min(len)) }
}

/// A number; none if there is nothing, an error if it is something else. One too large to count is the largest.
fn number(text: &str) -> Option<Result<u64, ()>> {
    match text {
        "" => None,
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => {
            Some(Ok(digits.parse().unwrap_or(u64::MAX)))
        }
        _ => Some(Err(())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_ranges() {
        let of = |header| wanted(Some(header), 1_000);
        assert_eq!(of("bytes=0-499"), Wanted::Part(0..500));
        assert_eq!(of("bytes=500-"), Wanted::Part(500..1_000));
        assert_eq!(of("bytes=-200"), Wanted::Part(800..1_000));
        assert_eq!(of("bytes=-5000"), Wanted::Part(0..1_000));
        assert_eq!(of("bytes=999-999"), Wanted::Part(999..1_000));
        assert_eq!(of("bytes=0-99999999999999999999999"), Wanted::Part(0..1_000));
        assert_eq!(wanted(None, 1_000), Wanted::All);
    }

    #[test]
    fn what_is_not_there_and_what_makes_no_sense() {
        let of = |header| wanted(Some(header), 1_000);
        for header in ["bytes=1000-", "bytes=1000-1001", "bytes=-0"] {
            assert_eq!(of(header), Wanted::Unsatisfiable, "{header}");
        }
        for header in [
            "bytes=5-2",
            "bytes=a-b",
            "bytes=0-1,5-6",
            "items=0-1",
            "bytes=",
            "bytes=-",
            "bytes=+1-2",
        ] {
            assert_eq!(of(header), Wanted::All, "{header}");
        }
        assert_eq!(wanted(Some("bytes=0-"), 0), Wanted::Unsatisfiable);
    }
}
