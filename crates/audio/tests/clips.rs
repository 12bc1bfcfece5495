//! Clips by their definition: so long to the sample, unchanged inside, faded at the ends by a known ramp, and made of
//! nothing but their own stretch.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "small numbers of a test"
)]

use std::{f64::consts::PI, io::Cursor};

use hearback_audio::{
    AudioError, Bytes, Limits, RATE, Shape,
    clip::{self, Cut, Gain},
    decode,
    wav::{Form, header_of, to_i16},
};
use hearback_domain::{Ms, Span};
use proptest::prelude::*;

const FRAMES_PER_MS: usize = RATE as usize / 1_000;

fn span(start: u64, end: u64) -> Span {
    Span::new(Ms::new(start), Ms::new(end)).expect("a start before an end")
}

fn recording_of(form: Form, samples: &[i16]) -> Bytes {
    let frames = samples.len() / usize::from(form.channels);
    let mut file = header_of(frames as u64, form.rate_hz, form.channels).to_vec();
    file.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
    Bytes(file)
}

/// Cuts a WAV file and reads it with somebody else's reader.
fn cut_of(form: Form, samples: &[i16], cut: &Cut<'_>) -> Vec<i16> {
    let mut out = Vec::new();
    let frames = clip::cut(&mut recording_of(form, samples), cut, &mut out).expect("a clip");
    let mut reader = hound::WavReader::new(out.as_slice()).expect("a WAV file");
    let spec = reader.spec();
    assert_eq!((spec.sample_rate, spec.channels), (form.rate_hz, form.channels));
    let heard: Vec<i16> = reader.samples().map(|s| s.expect("a sample")).collect();
    assert_eq!(heard.len() as u64, frames * u64::from(form.channels));
    heard
}

fn cut(samples: &[i16], at: Span) -> Vec<i16> {
    cut_of(Form::WORKING, samples, &Cut::plain(at))
}

/// What a fade multiplies frame `i` of a clip of `frames` by: a raised cosine over 5 ms from either end.
fn fade(i: usize, frames: usize, rate: u32) -> f64 {
    let length = f64::from(rate * 5 / 1_000);
    let edge = i.min(frames - 1 - i) as f64;
    if edge >= length { 1.0 } else { f64::midpoint(1.0, -(PI * edge / length).cos()) }
}

fn noise(seed: u64, len: usize) -> Vec<i16> {
    let mut x = seed | 1;
    let next = |_| {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        (x >> 48) as u16 as i16
    };
    (0..len).map(next).collect()
}

/// Forms that a recording may have when it keeps its own.
fn forms() -> impl Strategy<Value = Form> {
    let rates = prop::sample::select(vec![8_000_u32, 11_025, 16_000, 22_050, 44_100, 48_000]);
    (rates, 1_u16..4).prop_map(|(rate_hz, channels)| Form { rate_hz, channels })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Every sample of a clip, by its definition.
    #[test]
    fn a_clip_is_the_recording_times_the_fade(
        seed: u64,
        start in 0_u64..900,
        len in 1_u64..100,
    ) {
        let samples = noise(seed, 16_000);
        let heard = cut(&samples, span(start, start + len));
        let frames = len as usize * FRAMES_PER_MS;
        prop_assert_eq!(heard.len(), frames, "sixteen for each millisecond");
        prop_assert_eq!((heard[0], heard[frames - 1]), (0, 0), "from nothing, and to nothing");
        let from = start as usize * FRAMES_PER_MS;
        for (i, sample) in heard.iter().enumerate() {
            let exact = f64::from(samples[from + i]) * fade(i, frames, RATE);
            let error = (f64::from(*sample) - exact).abs();
            prop_assert!(error <= 0.5, "frame {} of {}", i, frames);
        }
        let edge = (5 * FRAMES_PER_MS).min(frames / 2);
        let (inside, original) = (edge..frames - edge, from + edge..from + frames - edge);
        prop_assert_eq!(&heard[inside], &samples[original], "not a bit is changed inside");
    }

    /// Two recordings that have nothing in common but the stretch give one clip, byte for byte.
    #[test]
    fn nothing_outside_of_the_stretch_has_a_say(
        inside: u64,
        outside in any::<(u64, u64)>(),
        start in 0_u64..700,
        len in 1_u64..300,
        db in prop::sample::select(vec![0.0, 9.5, -4.0]),
    ) {
        let stretch = noise(inside, len as usize * FRAMES_PER_MS);
        let files = |seed: u64| {
            let mut samples = noise(seed, 16_000);
            samples[start as usize * FRAMES_PER_MS..][..stretch.len()].copy_from_slice(&stretch);
            let what = Cut { gain: Gain::from_db(db), ..Cut::plain(span(start, start + len)) };
            let mut recording = recording_of(Form::WORKING, &samples);
            let (mut wav, mut flac) = (Vec::new(), Cursor::new(Vec::new()));
            clip::cut(&mut recording, &what, &mut wav).expect("a clip");
            clip::cut_flac(&mut recording, &what, &mut flac).expect("a clip");
            (wav, flac.into_inner())
        };
        prop_assert_eq!(files(outside.0), files(outside.1));
    }

    /// A recording may keep its own rate and channels: the fades are as long, and alike on every channel.
    #[test]
    fn every_form_is_cut_alike(form in forms(), seed: u64, start in 0_u64..150, len in 1_u64..40) {
        let channels = usize::from(form.channels);
        let samples = noise(seed, 200 * form.rate_hz as usize / 1_000 * channels);
        let at = span(start, start + len);
        let first = at.start().to_frames(form.rate_hz) as usize;
        let frames = at.end().to_frames(form.rate_hz) as usize - first;
        let heard = cut_of(form, &samples, &Cut::plain(at));
        prop_assert_eq!(heard.len(), frames * channels);
        for (i, sample) in heard.iter().enumerate() {
            let height = fade(i / channels, frames, form.rate_hz);
            let exact = f64::from(samples[first * channels + i]) * height;
            prop_assert!((f64::from(*sample) - exact).abs() <= 0.5);
        }
    }

    #[test]
    fn softer_is_softer_by_that_much(seed: u64, db in -30.0_f64..0.0) {
        let samples = noise(seed, 3_200);
        let what = Cut { gain: Gain::from_db(db), ..Cut::plain(span(0, 200)) };
        for (i, sample) in cut_of(Form::WORKING, &samples, &what).iter().enumerate() {
            let exact = f64::from(samples[i]) * 10_f64.powf(db / 20.0) * fade(i, 3_200, RATE);
            prop_assert!((f64::from(*sample) - exact).abs() <= 0.500_001);
        }
    }
}

/// The hardest case for the ear: sound that is at full scale when the clip begins, and when it ends.
#[test]
fn no_clip_clicks() {
    for height in [i16::MAX, i16::MIN] {
        for len in [1, 2, 5, 9, 10, 11, 500] {
            let heard = cut(&vec![height; 16_000], span(250, 250 + len));
            let jumps = heard.windows(2).map(|w| i32::from(w[0]).abs_diff(i32::from(w[1])));
            // The steepest that a raised cosine over 80 frames gets is π/160 of its height.
            let steepest = jumps.max().expect("two samples");
            assert!(steepest <= 32_768 * 315 / 16_000 + 1, "{len} ms: a jump of {steepest}");
            assert_eq!((heard[0], heard[heard.len() - 1]), (0, 0));
        }
    }
}

#[test]
fn what_is_made_louder_stays_below_full_scale_and_is_not_cut_off() {
    let tone = |i: usize| (1_500.0 * (i as f64 * 0.11).sin()) as i16;
    let mut samples: Vec<i16> = (0..16_000).map(tone).collect();
    for (i, sample) in samples.iter_mut().enumerate().skip(8_000).take(400) {
        *sample = (20_000.0 * (i as f64 * 0.3).sin()) as i16;
    }
    let what = Cut { gain: Gain::from_db(12.0), ..Cut::plain(span(0, 1_000)) };
    let heard = cut_of(Form::WORKING, &samples, &what);
    assert_eq!(heard.len(), 16_000);
    let peak = heard.iter().map(|s| s.unsigned_abs()).max();
    assert!(peak < Some(29_300), "below −1 dB: {peak:?}");
    let flat = heard.windows(3).filter(|w| w[0] == w[1] && w[1] == w[2] && w[0] != 0).count();
    assert_eq!(flat, 0, "nothing is cut off flat");
    // Long before the loud moment it is louder by exactly that much.
    for i in 200..7_000 {
        let exact = f64::from(samples[i]) * Gain::from_db(12.0).factor();
        assert!((f64::from(heard[i]) - exact).abs() < 1.0, "frame {i}");
    }
    let stereo = Form { rate_hz: RATE, channels: 2 };
    let what = Cut { span: span(0, 500), ..what };
    let refused = clip::cut(&mut recording_of(stereo, &samples), &what, &mut Vec::new());
    assert!(matches!(refused, Err(AudioError::Io(_))), "{refused:?}");
}

#[test]
fn a_flac_clip_holds_the_same_samples() {
    let samples = noise(7, 48_000).iter().map(|s| s / 9).collect::<Vec<_>>();
    // Less than a block, whole blocks, and whole blocks and a rest.
    for at in [span(37, 38), span(0, 1_024), span(37, 2_777), span(0, 3_000)] {
        let expected = cut(&samples, at);
        let mut flac = Cursor::new(Vec::new());
        let mut recording = recording_of(Form::WORKING, &samples);
        let frames = clip::cut_flac(&mut recording, &Cut::plain(at), &mut flac).expect("FLAC");
        assert_eq!(frames as usize, expected.len());
        let mut heard = Vec::new();
        let report = decode::run_shaped(
            Box::new(Bytes(flac.into_inner())),
            Shape::NATIVE,
            &Limits::default(),
            &mut |block| {
                heard.extend(block.samples.iter().map(|s| to_i16(*s)));
                Ok(())
            },
        )
        .expect("decodes");
        assert!(heard == expected, "{at:?} differs");
        assert!(!report.salvaged && report.skipped_packets == 0, "{report:?}");
    }
}

#[test]
fn what_cannot_be_cut_says_why() {
    let mut short = recording_of(Form::WORKING, &[0; 160]);
    let mut out = Vec::new();
    let past = clip::cut(&mut short, &Cut::plain(span(0, 11)), &mut out);
    assert!(
        matches!(past, Err(AudioError::PastTheEnd { end, recording })
            if (end, recording) == (Ms::new(11), Ms::new(10))),
        "{past:?}"
    );
    assert!(out.is_empty(), "nothing half-done");
    assert!(clip::cut(&mut short, &Cut::plain(span(0, 10)), &mut out).is_ok(), "to its very end");
    let foreign = clip::cut(&mut Bytes(vec![7; 500]), &Cut::plain(span(0, 1)), &mut out);
    assert!(matches!(foreign, Err(AudioError::Io(_))), "{foreign:?}");
}
