//! A sound that is known at every moment, coded by an independent program in every form that recorders use.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small numbers of a test"
)]

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use hearback_audio::wav::WavWriter;

/// How long the sound lasts, in seconds: no whole number of anybody's packets.
pub(crate) const SECONDS: f64 = 3.217;

/// The left or right channel at a moment: a tone each, switched on and off smoothly at odd times, so that it matches
/// itself at no other time.
pub(crate) fn channel(t: f64, right: bool) -> f64 {
    let hertz = if right { 1_000.0 } else { 440.0 };
    let bursts: &[(f64, f64)] = if right {
        &[(0.05, 0.35), (0.91, 1.13), (1.87, 2.71), (3.0, 3.19)]
    } else {
        &[(0.21, 0.6), (1.02, 1.66), (2.2, 2.36), (2.9, 3.15)]
    };
    let height: f64 = bursts
        .iter()
        .map(|(from, to)| {
            let edge = ((t - from).min(to - t) / 0.01).clamp(0.0, 1.0);
            0.5 - 0.5 * (std::f64::consts::PI * edge).cos()
        })
        .sum();
    0.6 * height * (hertz * std::f64::consts::TAU * t).sin()
}

/// The sound as it ought to come out: the mean of its channels at 16 kHz.
pub(crate) fn expected() -> Vec<f32> {
    let frames = (SECONDS * 16_000.0).round() as usize;
    let at = |i: usize| i as f64 / 16_000.0;
    (0..frames).map(|i| f64::midpoint(channel(at(i), false), channel(at(i), true)) as f32).collect()
}

/// The sound as a stereo WAV file.
pub(crate) fn write_wav(path: &Path, rate: u32) {
    let file = std::fs::File::create(path).expect("a file in a temporary directory");
    let mut out = WavWriter::with_form(file, rate, 2).expect("a WAV file");
    let frames = (SECONDS * f64::from(rate)).round() as usize;
    let samples: Vec<f32> = (0..frames)
        .map(|i| i as f64 / f64::from(rate))
        .flat_map(|t| [channel(t, false) as f32, channel(t, true) as f32])
        .collect();
    out.push(&samples).expect("a WAV file");
    out.finish().expect("a WAV file");
}

/// Has ffmpeg turn `input` into `name` beside it.
pub(crate) fn encode(input: &Path, name: &str, args: &[&str]) -> PathBuf {
    let output = input.with_file_name(name);
    let run = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y", "-i"])
        .arg(input)
        .args(args)
        .arg(&output)
        .stdin(Stdio::null())
        .output();
    let run = run.expect("ffmpeg makes the files for these tests: `cargo xtask test` installs it");
    assert!(run.status.success(), "{name}: {}", String::from_utf8_lossy(&run.stderr));
    output
}

/// By how many samples `heard` comes late against `expected`, and how well the two match there (1 is perfectly).
pub(crate) fn lag(expected: &[f32], heard: &[f32]) -> (i64, f64) {
    let match_at = |lag: i64, step: usize| {
        let (mut product, mut a2, mut b2) = (0.0, 0.0, 0.0);
        for (i, a) in expected.iter().enumerate().step_by(step) {
            let at = usize::try_from(i as i64 + lag).ok();
            let b = at.and_then(|at| heard.get(at)).copied().unwrap_or(0.0);
            product += f64::from(*a) * f64::from(b);
            a2 += f64::from(*a) * f64::from(*a);
            b2 += f64::from(b) * f64::from(b);
        }
        product / (a2 * b2).sqrt().max(f64::MIN_POSITIVE)
    };
    // Every 29th sample tells where they match; all of them tell how well.
    let best = (-800..=800).max_by(|a, b| match_at(*a, 29).total_cmp(&match_at(*b, 29)));
    let best = best.expect("some lag is best");
    (best, match_at(best, 1))
}
