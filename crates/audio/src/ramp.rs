//! How sound comes and goes without a click.

use std::f64::consts::PI;

/// Rises from 0 to 1 over `length` frames as a raised cosine, by the distance from its low end.
#[expect(clippy::cast_precision_loss, reason = "a recording has far fewer than 2^52 frames")]
pub(crate) fn ramp(distance: u64, length: u64) -> f64 {
    if distance >= length {
        return 1.0;
    }
    0.5 - 0.5 * (PI * distance as f64 / length as f64).cos()
}

/// To 16 bits, full scale being 32 768: rounded to nearest, and cut off there.
#[expect(clippy::cast_possible_truncation, reason = "clamped to the range of 16 bits")]
pub(crate) fn round(value: f64) -> i16 {
    value.round().clamp(-32_768.0, 32_767.0) as i16
}
