//! A sound as hard to code as speech: two voices with moving pitch and vowels, consonants, pauses, a faint room.

use std::{f64::consts::TAU, path::Path};

use hearback_audio::wav::WavWriter;

/// How long it lasts, in seconds: no whole number of anybody's packets.
pub(crate) const SECONDS: f64 = 6.217;

/// Noise that is the same each time, between −1 and 1.
pub(crate) fn noise(seed: u64, i: u64) -> f64 {
    let mut x = (i ^ seed << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^= x >> 29;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    f64::from(u32::try_from(x >> 33).unwrap_or(0)) / f64::from(1_u32 << 30) - 1.0
}

/// One of two voices.
pub(crate) struct Voice {
    who: u64,
    rate: f64,
    /// Turns of the pitch so far.
    phase: f64,
    /// The last sample of the consonants' noise, whose difference is bright.
    breath: f64,
    i: u64,
}

impl Voice {
    pub(crate) fn new(who: u64, rate: u32) -> Self {
        Self { who, rate: rate.into(), phase: 0.0, breath: 0.0, i: 0 }
    }

    /// The next sample.
    pub(crate) fn next(&mut self) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "seconds of sound")]
        let t = self.i as f64 / self.rate;
        let own = if self.who == 0 { 1.0 } else { 1.7 };
        let pitch = own * (110.0 + 25.0 * (TAU * 0.4 * t).sin() + 12.0 * (TAU * 1.3 * t).sin());
        self.phase += pitch / self.rate;
        let syllable = (TAU * (2.9 + 0.3 * own) * t + own).sin();
        let vowels = [
            700.0 + 250.0 * (TAU * 0.7 * t).sin(),
            1_500.0 + 600.0 * (TAU * 0.53 * t).cos(),
            2_700.0,
        ];
        let voiced: f64 = (1..30_u8)
            .map(|n| (f64::from(n), f64::from(n) * pitch))
            .filter(|(_, hertz)| *hertz < 0.45 * self.rate)
            .map(|(n, hertz)| {
                let height: f64 =
                    vowels.iter().map(|v| 1.0 / (1.0 + ((hertz - v) / 140.0).powi(2))).sum();
                (height + 0.03) * (TAU * n * self.phase).sin()
            })
            .sum();
        let fresh = noise(self.who + 3, self.i);
        let bright = fresh - self.breath;
        self.breath = fresh;
        let speaks = f64::from(u8::from((TAU * 0.21 * t + 2.0 * own).sin() > -0.6));
        let edge = (t / 0.01).min((SECONDS - t) / 0.01).clamp(0.0, 1.0);
        let sound = voiced * syllable.max(0.0) * 0.12 + bright * (-syllable - 0.7).max(0.0) * 0.2;
        self.i += 1;
        #[expect(clippy::cast_possible_truncation, reason = "a sample")]
        let sample = ((sound * speaks) * edge + 0.001 * fresh) as f32;
        sample
    }
}

/// Frames of two channels, a voice on each, and each a little on the other side.
pub(crate) fn both(rate: u32) -> Vec<f32> {
    let (mut one, mut other) = (Voice::new(0, rate), Voice::new(1, rate));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few hundred thousand frames"
    )]
    let frames = (SECONDS * f64::from(rate)).round() as usize;
    let pairs = (0..frames).map(|_| (one.next(), other.next()));
    pairs.flat_map(|(a, b)| [a + 0.3 * b, b + 0.3 * a]).collect()
}

/// Sound as a WAV file.
pub(crate) fn write(path: &Path, rate: u32, channels: u16, sound: &[f32]) {
    let file = std::fs::File::create(path).expect("a file in a temporary directory");
    let mut out = WavWriter::with_form(file, rate, channels).expect("a WAV file");
    out.push(sound).expect("a WAV file");
    out.finish().expect("a WAV file");
}
