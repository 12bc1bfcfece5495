//! Sound that is made: what is in rooms when nobody speaks, and what rooms and telephones do to speech.

use std::f32::consts::TAU;

use crate::chance::Chance;

/// Samples per second, as a number to reckon with.
const RATE: f32 = 16_000.0;

/// Samples of so many seconds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some seconds")]
pub(crate) fn samples(seconds: f32) -> usize {
    (seconds * RATE) as usize
}

/// Seconds of a sample.
#[expect(clippy::cast_precision_loss, reason = "some minutes at the most")]
fn seconds(sample: usize) -> f32 {
    sample as f32 / RATE
}

/// Root mean square.
#[expect(clippy::cast_precision_loss, reason = "some minutes at the most")]
pub(crate) fn level(sound: &[f32]) -> f32 {
    (sound.iter().map(|s| s * s).sum::<f32>() / sound.len().max(1) as f32).sqrt()
}

/// As loud as asked.
pub(crate) fn at_level(mut sound: Vec<f32>, wanted: f32) -> Vec<f32> {
    let gain = wanted / level(&sound).max(1e-9);
    for sample in &mut sound {
        *sample *= gain;
    }
    sound
}

/// One laid over the other, from its beginning.
pub(crate) fn mix(mut sound: Vec<f32>, other: &[f32]) -> Vec<f32> {
    sound.iter_mut().zip(other).for_each(|(s, o)| *s += o);
    sound
}

/// What a quiet room leaves in a 16-bit file.
pub(crate) fn silence(length: usize, chance: &mut Chance) -> Vec<f32> {
    (0..length).map(|_| chance.normal() * 5e-5).collect()
}

/// Noise whose power falls by 6 dB an octave above `corner` Hz: air, traffic, a fan.
pub(crate) fn noise(length: usize, corner: f32, chance: &mut Chance) -> Vec<f32> {
    let keep = (-TAU * corner / RATE).exp();
    let mut low = 0.0;
    let sound = (0..length).map(|_| {
        low = keep * low + (1.0 - keep) * chance.normal();
        low
    });
    at_level(sound.collect(), 0.02)
}

/// The mains and its overtones, with a little hiss.
pub(crate) fn hum(length: usize, chance: &mut Chance) -> Vec<f32> {
    let hiss = at_level(noise(length, 4_000.0, chance), 0.002);
    let parts: Vec<(f32, f32)> =
        (1..9_u8).map(|n| (50.0 * f32::from(n), chance.between(0.1, 1.0) / f32::from(n))).collect();
    let tone = (0..length)
        .map(|i| parts.iter().map(|(hz, gain)| gain * (TAU * hz * seconds(i)).sin()).sum())
        .collect();
    mix(at_level(tone, 0.03), &hiss)
}

/// Chords and a tune over them, each note struck and dying away.
pub(crate) fn music(length: usize, chance: &mut Chance) -> Vec<f32> {
    let mut sound = vec![0.0; length];
    let beat = samples(chance.between(0.25, 0.5));
    let home = chance.between(110.0, 220.0);
    let pitch = |steps: u8| home * 2_f32.powf(f32::from(steps) / 12.0);
    for (bar, start) in (0..length).step_by(beat * 4).enumerate() {
        let root = [0, 5, 7, 9][bar % 4];
        for third in [0, 4, 7] {
            strike(&mut sound, start, pitch(root + third), 0.5, 1.4);
        }
        for step in 0..4 {
            let note = chance.of(&[12, 14, 16, 19, 21, 24]);
            strike(&mut sound, start + step * beat, pitch(root / 2 + note), 1.0, 0.35);
        }
    }
    at_level(sound, 0.05)
}

/// A plucked string: six overtones, the higher the sooner gone.
fn strike(sound: &mut [f32], start: usize, hz: f32, gain: f32, lasts: f32) {
    let end = (start + samples(lasts * 3.0)).min(sound.len());
    for (i, s) in sound[start.min(end)..end].iter_mut().enumerate() {
        let at = seconds(i);
        for n in 1..7_u8 {
            let n = f32::from(n);
            *s += gain / n * (-at * n / lasts).exp() * (TAU * hz * n * at).sin();
        }
    }
}

/// Doors, chairs, cups: short bursts in a quiet room.
pub(crate) fn knocks(length: usize, chance: &mut Chance) -> Vec<f32> {
    let mut sound = at_level(noise(length, 300.0, chance), 0.001);
    let mut at = 0;
    while at < length {
        let (hz, lasts) = (chance.between(80.0, 1_500.0), chance.between(0.01, 0.08));
        for (i, sample) in sound[at..].iter_mut().take(samples(lasts * 5.0)).enumerate() {
            let since = seconds(i);
            let ring = (TAU * hz * since).sin() + 0.5 * chance.normal();
            *sample += 0.1 * ring * (-since / lasts).exp();
        }
        at += samples(chance.between(0.2, 1.5));
    }
    sound
}

/// Breaths, sighs and laughter without a voice: noise through slow formants, in the rhythm of syllables.
pub(crate) fn breaths(length: usize, chance: &mut Chance) -> Vec<f32> {
    let mut sound = Vec::with_capacity(length);
    while sound.len() < length {
        let puff = samples(chance.between(0.15, 0.8));
        let mut band = Band::new(chance.between(500.0, 2_500.0), 0.98);
        for i in 0..puff {
            let rise = (TAU / 2.0 * seconds(i) / seconds(puff)).sin();
            sound.push(band.pass(chance.normal()) * rise * 0.02);
        }
        sound.extend(silence(samples(chance.between(0.05, 0.9)), chance));
    }
    sound.truncate(length);
    sound
}

/// A resonator.
struct Band {
    turn: f32,
    keep: f32,
    before: [f32; 2],
}

impl Band {
    fn new(hz: f32, keep: f32) -> Self {
        Self { turn: 2.0 * keep * (TAU * hz / RATE).cos(), keep, before: [0.0; 2] }
    }

    fn pass(&mut self, sample: f32) -> f32 {
        let out = sample + self.turn * self.before[0] - self.keep * self.keep * self.before[1];
        self.before = [out, self.before[0]];
        out * (1.0 - self.keep)
    }
}

/// A room with hard walls (Schroeder 1962): four combs side by side.
pub(crate) fn hall(sound: &[f32]) -> Vec<f32> {
    let mut out = sound.to_vec();
    for (delay, gain) in [(475, 0.78), (603, 0.75), (697, 0.73), (793, 0.71)] {
        let mut line = vec![0.0; delay];
        for (i, (s, o)) in sound.iter().zip(&mut out).enumerate() {
            let echo = line[i % delay];
            line[i % delay] = s + gain * echo;
            *o += 0.18 * echo;
        }
    }
    out
}

/// A telephone: nothing below 300 Hz, little above 3400, and eight bits.
pub(crate) fn telephone(sound: &[f32]) -> Vec<f32> {
    let (low, high) = ((-TAU * 300.0 / RATE).exp(), (-TAU * 3_000.0 / RATE).exp());
    let (mut bass, mut smooth) = (0.0, [0.0; 3]);
    let filtered = sound.iter().map(|s| {
        bass = low * bass + (1.0 - low) * s;
        let mut value = s - bass;
        for stage in &mut smooth {
            *stage = high * *stage + (1.0 - high) * value;
            value = *stage;
        }
        value
    });
    // µ-law (G.711) in its continuous form, rounded to eight bits.
    let mu = 255.0_f32;
    let coded = |s: f32| {
        let code = (s.signum() * (mu * s.abs().min(1.0)).ln_1p() / mu.ln_1p() * 127.0).round();
        let code = code / 127.0;
        code.signum() * ((code.abs() * mu.ln_1p()).exp_m1() / mu)
    };
    filtered.map(coded).collect()
}

/// Speech without a voice: each 20 ms keep their spectrum (linear prediction by autocorrelation, Makhoul 1975), and
/// noise takes the place of the vocal folds.
pub(crate) fn whispered(sound: &[f32], chance: &mut Chance) -> Vec<f32> {
    const ORDER: usize = 18;
    const HOP: usize = 160;
    let mut out = vec![0.0; sound.len()];
    let mut memory = [0.0; ORDER];
    for start in (0..sound.len().saturating_sub(2 * HOP)).step_by(HOP) {
        let frame: Vec<f32> = sound[start..start + 2 * HOP]
            .iter()
            .enumerate()
            .map(|(i, s)| s * (0.54 - 0.46 * (TAU * seconds(i) / seconds(2 * HOP)).cos()))
            .collect();
        let (filter, error) = predict::<ORDER>(&frame);
        let gain = (error / seconds(2 * HOP) / RATE).max(0.0).sqrt();
        for sample in &mut out[start..start + HOP] {
            let past: f32 = filter.iter().zip(&memory).map(|(a, m)| a * m).sum();
            let value = (gain * chance.normal() + past).clamp(-1.0, 1.0);
            memory.rotate_right(1);
            memory[0] = value;
            *sample = value;
        }
    }
    // A whisper has little bass.
    let mut before = 0.0;
    for sample in &mut out {
        let now = *sample;
        *sample = now - 0.8 * before;
        before = now;
    }
    at_level(out, 0.02)
}

/// Levinson and Durbin's recursion: the filter, and the power that it leaves.
fn predict<const ORDER: usize>(frame: &[f32]) -> ([f32; ORDER], f32) {
    let lag = |k: usize| frame.iter().zip(&frame[k..]).map(|(a, b)| a * b).sum::<f32>();
    let power = lag(0) * 1.000_1 + 1e-9;
    let (mut filter, mut error) = ([0.0; ORDER], power);
    for i in 0..ORDER {
        let told: f32 = (0..i).map(|j| filter[j] * lag(i - j)).sum();
        let reflection = (lag(i + 1) - told) / error;
        let before = filter;
        filter[i] = reflection;
        for j in 0..i {
            filter[j] = before[j] - reflection * before[i - 1 - j];
        }
        error *= 1.0 - reflection * reflection;
    }
    (filter, error)
}
