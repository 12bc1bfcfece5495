//! The rules of a playlist: short extracts, and never the whole by instalments.

use crate::{Ms, Span};

/// The longest extract: three minutes.
pub const MAX_CLIP: Ms = Ms::from_seconds(180);

/// Why an extract cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClipRuleError {
    /// It reaches past the end of the recording.
    #[error("the extract reaches past the end of the recording")]
    PastEnd,
    /// It is longer than [`MAX_CLIP`].
    #[error("an extract is at most three minutes long; choose a shorter passage")]
    TooLong,
    /// All extracts together would be too much of the recording.
    #[error(
        "together the extracts would be more than a third of the recording; take one out first"
    )]
    TooMuch,
}

/// Checks one extract against the recording's length.
pub fn check_clip(span: Span, recording: Ms) -> Result<(), ClipRuleError> {
    if span.end() > recording {
        Err(ClipRuleError::PastEnd)
    } else if span.len() > MAX_CLIP {
        Err(ClipRuleError::TooLong)
    } else {
        Ok(())
    }
}

/// The most that a coach may hear of a recording: a third, and a minute in any case.
///
/// A coach reaches extracts alone, so extracts must not add up to the recording (the mosaic cap).
pub fn longest_playlist(recording: Ms) -> Ms {
    Ms::new(recording.get() / 3).max(Ms::from_seconds(60))
}

/// Checks all extracts of one recording together. Overlap counts once.
pub fn check_playlist(spans: &[Span], recording: Ms) -> Result<(), ClipRuleError> {
    let mut spans = spans.to_vec();
    spans.sort();
    let (mut total, mut heard_up_to) = (0, Ms::ZERO);
    for span in spans {
        check_clip(span, recording)?;
        total += span.end().since(span.start().max(heard_up_to)).get();
        heard_up_to = heard_up_to.max(span.end());
    }
    if Ms::new(total) > longest_playlist(recording) { Err(ClipRuleError::TooMuch) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(a: u64, b: u64) -> Span {
        Span::new(Ms::from_seconds(a), Ms::from_seconds(b)).unwrap()
    }

    #[test]
    fn extracts_never_add_up_to_the_recording() {
        let hour = Ms::from_seconds(3_600);
        let clips: Vec<_> = (0..10).map(|n| span(n * 300, n * 300 + 120)).collect();
        assert_eq!(check_playlist(&clips, hour), Ok(()), "20 minutes of 60");
        let more = [clips, vec![span(3_500, 3_510)]].concat();
        assert_eq!(check_playlist(&more, hour), Err(ClipRuleError::TooMuch));
        assert_eq!(
            check_playlist(&[span(0, 40), span(0, 40), span(20, 60)], Ms::from_seconds(90)),
            Ok(()),
            "overlap counts once"
        );
        assert_eq!(
            check_playlist(&[span(0, 100)], Ms::from_seconds(90)),
            Err(ClipRuleError::PastEnd)
        );
        assert_eq!(check_clip(span(0, 181), hour), Err(ClipRuleError::TooLong));
    }
}
