//! One decoding against another.

use std::{
    path::Path,
    process::{Command, Stdio},
};

/// What ffmpeg makes of the first sound track: interleaved samples.
pub(crate) fn by_ffmpeg(path: &Path, decoder: Option<&str>, args: &[&str]) -> Vec<f32> {
    let run = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error"])
        .args(decoder.map(|name| ["-c:a", name]).into_iter().flatten())
        .arg("-i")
        .arg(path)
        .args(["-map", "0:a:0"])
        .args(args)
        .args(["-f", "f32le", "-"])
        .stdin(Stdio::null())
        .output()
        .expect("ffmpeg is there: `cargo xtask test` installs it");
    let samples = run.stdout.chunks_exact(4).filter_map(|b| b.try_into().ok());
    samples.map(f32::from_le_bytes).collect()
}

/// How alike two decodings are.
#[derive(Clone, Copy)]
pub(crate) struct Likeness {
    /// By how many frames ours comes later.
    pub(crate) lag: i64,
    /// 1 for the same shape.
    pub(crate) correlation: f64,
    /// Decibels of what both have over what they differ in; infinite for the same.
    pub(crate) snr: f64,
}

/// How alike `ours` is to `theirs`, where it fits best: at once, or else up to `most` frames later or earlier.
pub(crate) fn likeness(theirs: &[f32], ours: &[f32], channels: usize, most: i64) -> Likeness {
    let mut lag = 0;
    if at(theirs, ours, channels, 0, 1).correlation < 0.99 {
        let found = (-most..=most).max_by(|a, b| {
            let match_at = |lag| at(theirs, ours, channels, lag, 37).correlation;
            match_at(*a).total_cmp(&match_at(*b))
        });
        lag = found.unwrap_or(0);
    }
    at(theirs, ours, channels, lag, 1)
}

fn at(theirs: &[f32], ours: &[f32], channels: usize, lag: i64, step: usize) -> Likeness {
    let (mut product, mut a2, mut b2, mut rest) = (0.0, 0.0, 0.0, 0.0);
    let moved = lag * i64::try_from(channels).unwrap_or(1);
    for (i, a) in theirs.iter().enumerate().step_by(step) {
        let place = i64::try_from(i).ok().and_then(|i| usize::try_from(i + moved).ok());
        let Some(b) = place.and_then(|p| ours.get(p)) else { continue };
        let (a, b) = (f64::from(*a), f64::from(*b));
        product += a * b;
        a2 += a * a;
        b2 += b * b;
        rest += (a - b) * (a - b);
    }
    let correlation = product / (a2 * b2).sqrt().max(f64::MIN_POSITIVE);
    let snr = if rest > 0.0 { 10.0 * (a2 / rest).log10() } else { f64::INFINITY };
    Likeness { lag, correlation, snr }
}
