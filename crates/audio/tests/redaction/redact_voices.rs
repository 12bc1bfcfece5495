//! Altered voices: as long as they were, still speech, somebody else's, and not to be had back by shifting.
//!
//! Voices are compared by what simple programs go by: the mean shape of their spectra (cepstra over mel bands) and
//! their height. Whoever compares voices for a living has better means: the label says so.

use std::sync::Arc;

use hearback_audio::voice::{Disguise, LABEL};
use realfft::{RealFftPlanner, RealToComplex};
use serde_json::json;

use crate::{
    evidence,
    sounds::{Chance, Voice, noise, speech},
};

const FRAME: usize = 512;
const BANDS: usize = 26;
/// Cepstral numbers that are compared, without the one that tells how loud it is.
const SHAPE: usize = 12;

fn altered(samples: &[i16], block: usize) -> Vec<i16> {
    let mut disguise = Disguise::new().expect("random numbers");
    let mut out = Vec::new();
    for part in samples.chunks(block.max(1)) {
        disguise.push(part, &mut out).expect("random numbers");
    }
    disguise.finish(&mut out).expect("random numbers");
    out
}

/// Power spectra of frames that are not silent.
fn spectra(samples: &[i16]) -> Vec<Vec<f64>> {
    let fft: Arc<dyn RealToComplex<f64>> = RealFftPlanner::new().plan_fft_forward(FRAME);
    let mut out = Vec::new();
    for frame in samples.chunks_exact(FRAME) {
        let mut windowed: Vec<f64> = frame
            .iter()
            .enumerate()
            .map(|(i, s)| f64::from(*s) * (std::f64::consts::PI * i as f64 / FRAME as f64).sin())
            .collect();
        if windowed.iter().map(|s| s * s).sum::<f64>() < 1e6 * FRAME as f64 / 10.0 {
            continue;
        }
        let mut spectrum = fft.make_output_vec();
        fft.process(&mut windowed, &mut spectrum).expect("lengths");
        out.push(spectrum.iter().map(realfft::num_complex::Complex::norm_sqr).collect());
    }
    out
}

/// The mean and the spread of the cepstra, of sound whose frequencies were divided by `stretch`.
fn shape(spectra: &[Vec<f64>], stretch: f64) -> Vec<f64> {
    let mel = |hz: f64| 2_595.0 * (1.0 + hz / 700.0).log10();
    let hertz = |mel: f64| 700.0 * (10_f64.powf(mel / 2_595.0) - 1.0);
    let top = mel(5_500.0);
    let edges: Vec<f64> = (0..BANDS + 2)
        .map(|i| hertz(mel(100.0) + (top - mel(100.0)) * i as f64 / (BANDS + 1) as f64))
        .collect();
    let bin = |hz: f64| ((hz * stretch * FRAME as f64 / 16_000.0) as usize).min(FRAME / 2);
    let mut sums = [0.0; 2 * SHAPE];
    for spectrum in spectra {
        let logs: Vec<f64> = (0..BANDS)
            .map(|b| {
                let range = bin(edges[b])..=bin(edges[b + 2]).max(bin(edges[b]));
                let len = range.clone().count() as f64;
                (range.map(|k| spectrum[k]).sum::<f64>() / len + 1.0).ln()
            })
            .collect();
        for k in 0..SHAPE {
            let angle =
                |b: usize| std::f64::consts::PI * (k + 1) as f64 * (b as f64 + 0.5) / BANDS as f64;
            let value: f64 = logs.iter().enumerate().map(|(b, l)| l * angle(b).cos()).sum();
            sums[k] += value;
            sums[SHAPE + k] += value * value;
        }
    }
    let count = spectra.len() as f64;
    let means: Vec<f64> = sums[..SHAPE].iter().map(|s| s / count).collect();
    let spreads =
        sums[SHAPE..].iter().zip(&means).map(|(s, m)| (s / count - m * m).max(0.0).sqrt());
    means.iter().copied().chain(spreads).collect()
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

/// How far `heard` is from `voice`, as it is and after the best of many constant shifts back.
fn far(voice: &[f64], heard: &[i16]) -> (f64, f64) {
    let spectra = spectra(heard);
    let shifted = (0..=60).map(|i| 0.6 + 0.02 * f64::from(i));
    let best = shifted.map(|by| distance(voice, &shape(&spectra, by))).fold(f64::MAX, f64::min);
    (distance(voice, &shape(&spectra, 1.0)), best)
}

/// The height of a voice, in hertz: the median of the strongest periods.
fn height(samples: &[i16]) -> f64 {
    let mut periods: Vec<usize> = samples
        .chunks_exact(1_024)
        .filter_map(|frame| {
            let alike = |lag: usize| {
                let (mut p, mut a2, mut b2) = (0.0, 0.0, 1.0);
                for (a, b) in frame.iter().zip(&frame[lag..]) {
                    let (a, b) = (f64::from(*a), f64::from(*b));
                    (p, a2, b2) = (p + a * b, a2 + a * a, b2 + b * b);
                }
                p / (a2 * b2).max(1e9).sqrt()
            };
            let best = (50..230).max_by(|a, b| alike(*a).total_cmp(&alike(*b)))?;
            (alike(best) > 0.5).then_some(best)
        })
        .collect();
    periods.sort_unstable();
    16_000.0 / periods[periods.len() / 2] as f64
}

/// Formants moved by one number: what can be undone.
fn stretched(samples: &[i16], by: f64) -> Vec<i16> {
    let len = (samples.len() as f64 / by) as usize - 1;
    (0..len)
        .map(|i| {
            let at = i as f64 * by;
            let (i, part) = (at as usize, at.fract());
            (f64::from(samples[i]) * (1.0 - part) + f64::from(samples[i + 1]) * part) as i16
        })
        .collect()
}

/// How loud it is every 16 ms.
fn loudness(samples: &[i16]) -> Vec<f64> {
    let power = |part: &[i16]| part.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>();
    samples.chunks(256).map(|part| (power(part) / part.len() as f64 + 100.0).ln()).collect()
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let pairs = || a.iter().zip(b).map(|(a, b)| (a - ma, b - mb));
    let product: f64 = pairs().map(|(a, b)| a * b).sum();
    let (aa, bb) = pairs().fold((0.0, 0.0), |(x, y), (a, b)| (x + a * a, y + b * b));
    product / (aa * bb).sqrt()
}

#[test]
fn it_is_as_long_as_it_was_however_it_comes() {
    let mut chance = Chance::new(3);
    for frames in [0, 1, 127, 128, 129, 511, 512, 513, 5_000, 16_001] {
        let block = 1 + (chance.next() % 3_000) as usize;
        assert_eq!(altered(&noise(1, frames), block).len(), frames);
    }
}

#[test]
fn silence_stays_silence_and_two_are_never_the_same() {
    assert!(altered(&vec![0; 30_000], 4_096).iter().all(|s| *s == 0));
    let said = speech(1, Voice::MAN, 30_000);
    assert_ne!(altered(&said, 4_096), altered(&said, 4_096));
}

#[test]
fn a_voice_is_somebody_elses_and_no_shift_brings_it_back() {
    let (mut moved, mut least_undone, mut least_alike) = (Vec::new(), f64::MAX, f64::MAX);
    let mut pitch = Vec::new();
    for (seed, voice) in [(1, Voice::MAN), (2, Voice::WOMAN), (3, Voice::MAN), (4, Voice::WOMAN)] {
        let said = speech(seed, voice, 20 * 16_000);
        let own = shape(&spectra(&said), 1.0);
        // The same voice saying something else is how near the same speaker is.
        let again = speech(seed + 100, voice, 20 * 16_000);
        let same = far(&own, &again).0;
        // The measure works: one number is undone by one number.
        let (shifted, undone) = far(&own, &stretched(&said, 1.2));
        assert!(shifted > 3.0 * same && undone < 0.35 * shifted, "{same} {shifted} {undone}");
        for _ in 0..2 {
            let heard = altered(&said, 8_192);
            let (away, best) = far(&own, &heard);
            moved.push(away / same);
            least_undone = f64::min(least_undone, best / same);
            least_alike = f64::min(least_alike, correlation(&loudness(&said), &loudness(&heard)));
            pitch.push((height(&said), height(&heard)));
        }
    }
    moved.sort_by(f64::total_cmp);
    let least_moved = moved[0];
    assert!(least_moved > 2.5, "as far from itself as another speaker: {moved:?}");
    // One would be the same speaker, saying something else.
    assert!(least_undone > 1.4, "the best shift back: {least_undone}");
    assert!(least_alike > 0.7, "its syllables can be heard: {least_alike}");
    // Heights are drawn anew: they tell nothing of the old ones.
    let (min, max) = pitch.iter().fold((f64::MAX, 0.0), |(a, b), (_, h)| (h.min(a), h.max(b)));
    assert!(min > 70.0 && max < 330.0, "{pitch:?}");
    evidence::add(&[
        ("voice_moved_least", json!((least_moved * 100.0).round() / 100.0)),
        ("voice_after_best_shift_back", json!((least_undone * 100.0).round() / 100.0)),
        ("voice_loudness_correlation", json!((least_alike * 1_000.0).round() / 1_000.0)),
    ]);
}

#[test]
fn it_says_that_it_is_not_anonymous() {
    assert!(LABEL.contains("not anonymous"));
}
