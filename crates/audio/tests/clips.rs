//! Clips by their definition: so long to the sample, unchanged inside, faded at the ends, nothing of what is redacted.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "small numbers of a test"
)]

use hearback_audio::{
    AudioError, Bytes, RATE,
    clip::{RedactWith, cut, cut_flac},
    wav::header,
};
use hearback_domain::{Ms, Span};
use proptest::prelude::*;

const FRAMES_PER_MS: usize = RATE as usize / 1_000;

fn span(start: u64, end: u64) -> Span {
    Span::new(Ms::new(start), Ms::new(end)).expect("a start before an end")
}

fn recording(samples: &[i16]) -> Bytes {
    let mut file = header(samples.len() as u64).to_vec();
    file.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
    Bytes(file)
}

fn clip(samples: &[i16], at: Span, redact: &[Span], with: RedactWith) -> Vec<i16> {
    let mut out = Vec::new();
    let frames = cut(&mut recording(samples), at, redact, with, &mut out).expect("a clip");
    let mut reader = hound::WavReader::new(out.as_slice()).expect("a WAV file");
    assert_eq!((reader.spec().sample_rate, reader.spec().channels), (RATE, 1));
    let heard: Vec<i16> = reader.samples().map(|s| s.expect("a sample")).collect();
    assert_eq!(heard.len() as u64, frames);
    heard
}

fn spans(max: u64) -> impl Strategy<Value = Span> {
    (0..max, 1..400_u64).prop_map(|(start, len)| span(start, start + len))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_clip_is_exactly_as_long_as_asked_and_untouched_inside(
        samples in prop::collection::vec(any::<i16>(), 16_000..20_000),
        start in 0_u64..900,
        len in 1_u64..100,
    ) {
        let heard = clip(&samples, span(start, start + len), &[], RedactWith::Tone);
        let frames = len as usize * FRAMES_PER_MS;
        prop_assert_eq!(heard.len(), frames);
        let from = start as usize * FRAMES_PER_MS;
        prop_assert_eq!((heard[0], heard[frames - 1]), (0, 0), "fades begin and end at nothing");
        let fade = 5 * FRAMES_PER_MS;
        for i in 0..frames {
            let original = samples[from + i];
            if i >= fade && i + fade < frames {
                prop_assert_eq!(heard[i], original);
            } else {
                prop_assert!(heard[i].unsigned_abs() <= original.unsigned_abs());
            }
        }
    }

    #[test]
    fn nothing_of_a_redacted_passage_is_heard(
        seed in any::<u64>(),
        redact in prop::collection::vec(spans(1_100), 0..5),
        clip_at in spans(600),
        tone: bool,
    ) {
        let with = if tone { RedactWith::Tone } else { RedactWith::Silence };
        let hidden = |i: usize| {
            redact.iter().any(|s| {
                let frames = |ms: Ms| ms.get() as usize * FRAMES_PER_MS;
                (frames(s.start())..frames(s.end())).contains(&i)
            })
        };
        // Two recordings that differ only where it is redacted have to give the same clip.
        let noise = |salt: u64| -> Vec<i16> {
            (0..24_000_u64)
                .map(|i| {
                    let salt = if hidden(i as usize) { salt } else { 0 };
                    let mut x = seed ^ salt.wrapping_mul(0x9e37_79b9) ^ i.wrapping_mul(0x2545_f491_4f6c_dd1d);
                    x ^= x >> 29;
                    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
                    (x >> 48) as u16 as i16
                })
                .collect()
        };
        let one = clip(&noise(1), clip_at, &redact, with);
        let other = clip(&noise(2), clip_at, &redact, with);
        prop_assert_eq!(&one, &other);
        let from = clip_at.start().get() as usize * FRAMES_PER_MS;
        for (i, sample) in one.iter().enumerate().filter(|(i, _)| hidden(from + i)) {
            let most = if tone { 3_277 } else { 0 };
            prop_assert!(sample.unsigned_abs() <= most, "frame {}: {}", i, sample);
        }
    }
}

#[test]
fn the_tone_is_a_kilohertz_of_one_height() {
    let loud = vec![20_000; 16_000];
    let heard = clip(&loud, span(0, 1_000), &[span(300, 600), span(500, 700)], RedactWith::Tone);
    let inside = &heard[320 * FRAMES_PER_MS..680 * FRAMES_PER_MS];
    let peak = inside.iter().map(|s| s.unsigned_abs()).max();
    assert_eq!(peak, Some(3_277), "10 % of full scale");
    let rises = inside.windows(2).filter(|w| w[0] <= 0 && w[1] > 0).count();
    assert!((359..=361).contains(&rises), "{rises} periods in 360 ms");
    // No jump larger than a ramp makes: the neighbourhood fades too.
    let jump = heard.windows(2).map(|w| (i32::from(w[1]) - i32::from(w[0])).abs()).max();
    assert!(jump < Some(2_000), "{jump:?}");
}

#[test]
fn a_flac_clip_holds_the_same_samples() {
    let samples: Vec<i16> = (0..48_000_i64).map(|i| (i * i % 30_011 - 15_000) as i16).collect();
    let (at, redact) = (span(37, 2_777), [span(1_000, 1_200)]);
    let expected = clip(&samples, at, &redact, RedactWith::Tone);
    let mut flac = Vec::new();
    let frames =
        cut_flac(&mut recording(&samples), at, &redact, RedactWith::Tone, &mut flac).expect("FLAC");
    assert_eq!(frames as usize, expected.len());
    let mut heard = Vec::new();
    hearback_audio::decode::run(
        Box::new(Bytes(flac)),
        &hearback_audio::Limits::default(),
        &mut |block| {
            heard.extend(block.samples.iter().map(|s| hearback_audio::wav::to_i16(*s)));
            Ok(())
        },
    )
    .expect("decodes");
    assert!(heard == expected, "differs");
}

#[test]
fn what_cannot_be_cut_says_why() {
    let mut short = recording(&[0; 160]);
    let mut out = Vec::new();
    let past = cut(&mut short, span(0, 11), &[], RedactWith::Tone, &mut out);
    assert!(
        matches!(past, Err(AudioError::PastTheEnd { end, recording })
            if (end, recording) == (Ms::new(11), Ms::new(10))),
        "{past:?}"
    );
    assert!(cut(&mut short, span(0, 10), &[], RedactWith::Tone, &mut out).is_ok());
    let foreign = cut(&mut Bytes(vec![7; 500]), span(0, 1), &[], RedactWith::Tone, &mut out);
    assert!(matches!(foreign, Err(AudioError::Io(_))), "{foreign:?}");
}
