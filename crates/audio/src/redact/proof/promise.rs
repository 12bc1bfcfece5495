//! What is heard of a recording under a redaction, stated a second time.
//!
//! [`crate::redact::Holes`] makes it; this says what it has to be, in its own words and with its own numbers. Whoever
//! changes one of them changes the other, or nothing is served.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2};

use hearback_domain::{Ms, Span};

use crate::redact::{RedactWith, Redaction};

/// Frames of a millisecond.
pub(super) const MS: u64 = 16;
/// What stands in comes and goes over 10 ms, and so does the sound beside it, if the guard has as much.
const FADE: u64 = 10 * MS;
/// A wave of the tone takes sixteen frames, so the tone is sixteen numbers.
const TONE: [f64; 16] = [
    0.0,
    0.382_683_432_365_089_8,
    FRAC_1_SQRT_2,
    0.923_879_532_511_286_7,
    1.0,
    0.923_879_532_511_286_7,
    FRAC_1_SQRT_2,
    0.382_683_432_365_089_8,
    0.0,
    -0.382_683_432_365_089_8,
    -FRAC_1_SQRT_2,
    -0.923_879_532_511_286_7,
    -1.0,
    -0.923_879_532_511_286_7,
    -FRAC_1_SQRT_2,
    -0.382_683_432_365_089_8,
];
/// A tenth of full scale.
const HEIGHT: f64 = 3_276.8;

/// Where a frame lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Heard as it was recorded.
    Open,
    /// In the outer end of a guard, where the sound beside it fades.
    Fading,
    /// Hidden: nothing of the recording.
    Hidden,
}

/// What a redaction promises.
pub(super) struct Promise {
    /// In order.
    passages: Vec<Passage>,
    with: RedactWith,
    fade: u64,
}

/// A hidden passage in frames, guards included: its first, and its last unless it goes on to the recording's end.
struct Passage {
    first: u64,
    last: Option<u64>,
}

impl Promise {
    pub(super) fn new(redaction: &Redaction) -> Self {
        let spans = redaction.spans();
        let frame = |ms: Ms| ms.get() * MS;
        let passage = |span: Span| Passage {
            first: frame(span.start()),
            last: (span.end() < spans.recording()).then(|| frame(span.end()) - 1),
        };
        Self {
            passages: spans.hidden().map(passage).collect(),
            with: redaction.with(),
            fade: FADE.min(spans.rules().guard.get().saturating_mul(MS)),
        }
    }

    /// At frame `at` of the recording, which has `original` there.
    pub(super) fn at(&self, at: u64, original: f64) -> (Part, f64) {
        let after = self.passages.partition_point(|passage| passage.first <= at);
        let Some(passage) = after.checked_sub(1).and_then(|i| self.passages.get(i)) else {
            return (Part::Open, original);
        };
        // How many frames of the passage lie between this one and the open sound on either side, if there is any.
        let left = (passage.first > 0).then(|| at - passage.first);
        let right = match passage.last.map(|last| last.checked_sub(at)) {
            Some(None) => return (Part::Open, original),
            Some(right) => right,
            None => None,
        };
        let nearest = left.unwrap_or(u64::MAX).min(right.unwrap_or(u64::MAX));
        if nearest < self.fade {
            return (Part::Fading, original * rise(self.fade - 1 - nearest, self.fade));
        }
        let value = match self.with {
            RedactWith::Silence => 0.0,
            RedactWith::Tone => {
                // A passage that begins with the recording comes up from there.
                let left = left.map_or(at, |frames| frames - self.fade);
                let right = right.map_or(u64::MAX, |frames| frames - self.fade);
                let turn = usize::try_from(at % MS).unwrap_or(0);
                TONE[turn] * HEIGHT * rise(left.min(right), FADE)
            }
        };
        (Part::Hidden, value)
    }
}

/// From 0 to 1 over so many frames, as the square of a quarter of a sine.
#[expect(clippy::cast_precision_loss, reason = "less than 160")]
pub(super) fn rise(frames: u64, over: u64) -> f64 {
    if frames < over { (FRAC_PI_2 * frames as f64 / over as f64).sin().powi(2) } else { 1.0 }
}
