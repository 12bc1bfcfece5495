//! What is heard and seen of a recording depends on nothing that is hidden.

use hearback_audio::{
    Bytes, PeaksBuilder, ReadAt,
    clip::Gain,
    peaks::Bits,
    redact::{Holes, RedactWith, Redacted, Redaction, Rules, redact_dat},
};
use hearback_domain::Ms;
use proptest::prelude::*;
use serde_json::json;

use crate::{
    evidence, files,
    scene::{Scene, length},
    sounds::{Chance, noise},
};

const CASES: u32 = 1_000;

fn scenes() -> impl Strategy<Value = Scene> {
    let marks = prop::collection::vec((0_u64..1_400, 1_u64..300), 0..4);
    let rules = (0_u64..200, 0_u64..150);
    let clip = (0_u64..1_000, 1_u64..500);
    let gain = prop::sample::select(vec![0.0, -6.0, 9.0]);
    (any::<u64>(), marks, rules, any::<bool>(), clip, 0_usize..16, gain).prop_map(
        |(seed, marks, (guard, gap), tone, (start, len), more, gain)| {
            let marks: Vec<_> = marks.into_iter().map(|(s, l)| (s, s + l)).collect();
            let with = if tone { RedactWith::Tone } else { RedactWith::Silence };
            let rules = Rules { guard: Ms::new(guard), least_gap: Ms::new(gap) };
            let samples = noise(seed, 1_500 * 16 + more);
            let scene = Scene::by(samples, &marks, rules, with, (start, start + len));
            Scene { gain: Gain::from_db(gain), ..scene }
        },
    )
}

/// Frames of the recording of which nothing may be left: those hidden, but for the fades in the outer 10 ms of a guard.
fn gone(redaction: &Redaction, frames: usize) -> Vec<bool> {
    let spans = redaction.spans();
    let fade = spans.rules().guard.get().min(10);
    let ranges: Vec<_> = spans
        .hidden()
        .map(|s| {
            let (start, end) = (s.start().get(), s.end().get());
            let from = if start == 0 { 0 } else { start + fade };
            let to = if s.end() == spans.recording() { u64::MAX / 16 } else { end - fade };
            from * 16..to * 16
        })
        .collect();
    (0..frames as u64).map(|at| ranges.iter().any(|r| r.contains(&at))).collect()
}

/// The recording with other sound where it is hidden.
fn told_otherwise(scene: &Scene, seed: u64) -> Scene {
    let gone = gone(&scene.redaction, scene.samples.len());
    let mut chance = Chance::new(seed);
    let other = scene.samples.iter().zip(&gone);
    let samples = other.map(|(s, gone)| if *gone { (chance.next() >> 48) as i16 } else { *s });
    Scene { samples: samples.collect(), ..scene.clone() }
}

fn dat(samples: &[i16], pixel: u32, bits: Bits) -> Vec<u8> {
    let mut builder = PeaksBuilder::new(pixel, bits, 1);
    builder.push(samples);
    let mut dat = Vec::new();
    builder.finish().write_dat(&mut dat).expect("memory");
    dat
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_recordings_that_differ_where_they_are_hidden_are_heard_alike(scene in scenes(), seed: u64) {
        let other = told_otherwise(&scene, seed);
        prop_assert_eq!(scene.rendered(), other.rendered());
        prop_assert_eq!(scene.file(true), other.file(true));
    }

    #[test]
    fn what_is_made_is_proven(scene in scenes(), flac: bool) {
        let file = scene.file(flac);
        let proof = scene.prove(&file);
        prop_assert!(proof.is_ok(), "{:?}", proof);
        let proof = proof.expect("checked");
        let hidden: usize = scene.hidden().iter().map(ExactSizeIterator::len).sum();
        prop_assert_eq!(proof.hidden, hidden as u64);
        prop_assert_eq!(proof.frames, scene.frames() as u64);
        prop_assert_eq!(proof.redaction, scene.redaction.digest());
    }

    #[test]
    fn two_recordings_that_differ_where_they_are_hidden_are_drawn_alike(
        scene in scenes(),
        seed: u64,
        pixel in 2_u32..900,
        eight: bool,
    ) {
        let bits = if eight { Bits::Eight } else { Bits::Sixteen };
        let other = told_otherwise(&scene, seed);
        let drawn = |samples: &[i16]| {
            let mut dat = dat(samples, pixel, bits);
            redact_dat(&mut dat, &scene.redaction).expect("a waveform");
            dat
        };
        let seen = drawn(&scene.samples);
        prop_assert_eq!(&seen, &drawn(&other.samples));
        // Where no pixel touches what is hidden, it is drawn as it was.
        let plain = dat(&scene.samples, pixel, bits);
        let width = if eight { 2 } else { 4 };
        let holes: Vec<_> = scene.redaction.spans().hidden().collect();
        for (i, (was, is)) in plain[20..].chunks(width).zip(seen[20..].chunks(width)).enumerate() {
            let from = i as u64 * u64::from(pixel);
            let touched = holes.iter().any(|s| {
                let last = s.end() == scene.redaction.spans().recording();
                s.start().get() * 16 < from + u64::from(pixel) && (last || from < s.end().get() * 16)
            });
            prop_assert_eq!(was == is || touched, true, "pixel {}", i);
        }
    }

    #[test]
    fn from_any_byte_on_it_is_the_same_stream(
        scene in scenes(),
        reads in prop::collection::vec((0_usize..50_000, 0_usize..5_000), 1..12),
        bare: bool,
    ) {
        let mut whole = scene.samples.clone();
        Holes::new(&scene.redaction, 16_000).apply(0, 1, &mut whole);
        let expected = if bare { files::bytes(&whole) } else { files::wav(&whole) };
        let mut stream: Box<dyn ReadAt> = if bare {
            Box::new(Redacted::bare(Bytes(files::bytes(&scene.samples)), &scene.redaction))
        } else {
            Box::new(Redacted::wav(scene.recording(), &scene.redaction))
        };
        prop_assert_eq!(stream.len(), expected.len() as u64);
        for (offset, len) in reads {
            let mut buf = vec![0xee; len];
            let n = stream.fill_at(offset as u64, &mut buf).expect("memory");
            let end = (offset + len).min(expected.len());
            prop_assert_eq!(&buf[..n], expected.get(offset..end).unwrap_or_default());
        }
    }

    #[test]
    fn blocks_and_channels_make_no_difference(
        scene in scenes(),
        block in 1_usize..3_000,
        channels in 1_u16..4,
    ) {
        let holes = scene.holes();
        let mut whole = scene.samples.clone();
        holes.apply(0, 1, &mut whole);
        let width = usize::from(channels);
        let mut wide: Vec<i16> = scene.samples.iter().flat_map(|s| vec![*s; width]).collect();
        for (i, part) in wide.chunks_mut(block * width).enumerate() {
            holes.apply((i * block) as u64, channels, part);
        }
        for (frame, sample) in wide.chunks(width).zip(&whole) {
            prop_assert!(frame.iter().all(|s| s == sample));
        }
        let gone = gone(&scene.redaction, whole.len());
        let hidden = |i: usize| {
            let at = Ms::of_frames(i as u64, 16_000);
            let spans = scene.redaction.spans();
            spans.hidden().any(|s| s.start() <= at && (at < s.end() || s.end() == spans.recording()))
        };
        for (i, (heard, original)) in whole.iter().zip(&scene.samples).enumerate() {
            prop_assert_eq!(holes.heard(i as u64, f64::from(*original)).round() as i16, *heard);
            if !hidden(i) {
                prop_assert_eq!(heard, original, "untouched outside");
            } else if gone[i] {
                let most = if scene.redaction.with() == RedactWith::Tone { 3_277 } else { 0 };
                prop_assert!(heard.unsigned_abs() <= most);
            } else {
                prop_assert!(heard.unsigned_abs() <= original.unsigned_abs(), "fading");
            }
        }
    }
}

#[test]
fn the_figures_of_these_properties() {
    evidence::add(&[("render_cases", json!(5 * CASES))]);
}

#[test]
fn the_tone_is_a_kilohertz_of_one_height() {
    let loud = vec![20_000; 32_000];
    let scene = Scene::new(loud, &[(600, 1_000), (900, 1_200)], RedactWith::Tone, (0, 2_000));
    let heard = scene.rendered();
    let inside = &heard[480 * 16..1_320 * 16];
    let peak = inside.iter().map(|s| s.unsigned_abs()).max();
    assert_eq!(peak, Some(3_277), "a tenth of full scale");
    let rises = inside.windows(2).filter(|w| w[0] <= 0 && w[1] > 0).count();
    assert_eq!(rises, 840, "periods in 840 ms");
    // No jump larger than a ramp makes: the neighbourhood fades too.
    let jump = heard.windows(2).map(|w| (i32::from(w[1]) - i32::from(w[0])).abs()).max();
    assert!(jump < Some(2_000), "{jump:?}");
}

#[test]
fn a_waveform_of_two_channels_hides_both() {
    let samples = noise(5, 32_000);
    let mut builder = PeaksBuilder::new(160, Bits::Sixteen, 2);
    builder.push(&samples);
    let mut dat = Vec::new();
    builder.finish().write_dat(&mut dat).expect("memory");
    let scene = Scene::new(noise(1, 16_000), &[(400, 500)], RedactWith::Silence, (0, 1_000));
    redact_dat(&mut dat, &scene.redaction).expect("a waveform");
    let pixel = |i: usize| &dat[24 + 8 * i..32 + 8 * i];
    assert_eq!(pixel(25), [0; 8]);
    assert_eq!(pixel(64), [0; 8]);
    assert_ne!(pixel(24), [0; 8]);
    assert_ne!(pixel(65), [0; 8]);
}

#[test]
fn what_is_no_waveform_is_refused() {
    let redaction = Redaction::nothing(length(&[0; 16]));
    let whole = dat(&noise(1, 5_000), 100, Bits::Eight);
    for len in 0..whole.len() {
        assert!(redact_dat(&mut whole[..len].to_vec(), &redaction).is_err(), "{len} bytes of it");
    }
    for (at, value) in [(0, 3), (4, 2), (8, 0), (12, 0), (16, 0xff)] {
        let mut other = whole.clone();
        other[at..at + 4].copy_from_slice(&u32::to_le_bytes(value));
        assert!(redact_dat(&mut other, &redaction).is_err(), "{value} at {at}");
    }
    assert!(redact_dat(&mut whole.clone(), &redaction).is_ok());
}
