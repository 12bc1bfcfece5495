//! Several clips as one sound: each where it is said to be, sample for sample, and told apart as was wished.

#![expect(clippy::cast_possible_truncation, reason = "small numbers of a test")]

use hearback_audio::{
    AudioError, Bytes,
    clip::{self, Cut},
    playlist::{Playlist, Separator},
    wav::{Form, header_of},
};
use hearback_domain::{Ms, Span};
use proptest::prelude::*;

fn span(start: u64, end: u64) -> Span {
    Span::new(Ms::new(start), Ms::new(end)).expect("a start before an end")
}

fn recording(form: Form, ms: u64, seed: u64) -> Bytes {
    let frames = Ms::new(ms).to_frames(form.rate_hz);
    let mut file = header_of(frames, form.rate_hz, form.channels).to_vec();
    let mut x = seed | 1;
    for _ in 0..frames * u64::from(form.channels) * 2 {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        file.push(x.to_le_bytes()[7]);
    }
    Bytes(file)
}

fn alone(source: &mut Bytes, at: Span) -> Vec<i16> {
    let mut samples = Vec::new();
    let mut keep = |block: &[i16]| {
        samples.extend_from_slice(block);
        Ok(())
    };
    clip::samples(source, &Cut::plain(at), &mut keep).expect("a clip");
    samples
}

/// Strings clips of one recording together.
fn together(
    source: &mut Bytes,
    form: Form,
    separator: Separator,
    clips: &[Span],
) -> (Vec<i16>, Vec<Span>, Ms) {
    let mut samples = Vec::new();
    let mut keep = |block: &[i16]| {
        samples.extend_from_slice(block);
        Ok(())
    };
    let mut playlist = Playlist::new(form, separator, &mut keep);
    for at in clips {
        playlist.add(source, &Cut::plain(*at)).expect("a clip");
    }
    let (heard, length) = playlist.finish();
    (samples, heard, length)
}

fn separators() -> impl Strategy<Value = Separator> {
    prop_oneof![
        Just(Separator::None),
        (0_u64..2_500).prop_map(|ms| Separator::Silence(Ms::new(ms))),
        Just(Separator::Tone),
        Just(Separator::Count),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_clip_is_where_it_is_said_to_be(
        clips in prop::collection::vec((0_u64..600, 1_u64..350), 1..13),
        separator in separators(),
        rate_hz in prop::sample::select(vec![8_000_u32, 11_025, 16_000, 44_100]),
        channels in 1_u16..3,
        seed: u64,
    ) {
        let form = Form { rate_hz, channels };
        let clips: Vec<Span> = clips.into_iter().map(|(at, len)| span(at, at + len)).collect();
        let mut source = recording(form, 1_000, seed);
        let (whole, heard, length) = together(&mut source, form, separator, &clips);
        prop_assert_eq!(heard.len(), clips.len());
        let frame = |ms: Ms| ms.to_frames(rate_hz) as usize * usize::from(channels);
        let mut end = 0;
        for (cut, placed) in clips.iter().zip(&heard) {
            prop_assert_eq!(placed.len(), cut.len());
            let expected = alone(&mut source, *cut);
            let at = frame(placed.start());
            prop_assert!(at >= end, "clips do not overlap");
            prop_assert_eq!(&whole[at..at + expected.len()], expected.as_slice());
            end = at + expected.len();
        }
        prop_assert_eq!(end, whole.len(), "nothing comes after the last");
        prop_assert_eq!(Ms::of_frames((whole.len() / usize::from(channels)) as u64, rate_hz), length);
        let jumps = |part: &[i16]| {
            let frames: Vec<_> = part.chunks_exact(usize::from(channels)).map(|f| f[0]).collect();
            frames.windows(2).map(|w| i32::from(w[0]).abs_diff(i32::from(w[1]))).max()
        };
        // What lies between clips is soft and does not click.
        let mut from = 0;
        for (cut, placed) in clips.iter().zip(&heard) {
            let between = &whole[from..frame(placed.start())];
            prop_assert!(between.iter().all(|s| s.unsigned_abs() <= 2_065), "−24 dB at the most");
            prop_assert!(jumps(between) <= Some(1_100));
            from = frame(placed.start()) + alone(&mut source, *cut).len();
        }
    }
}

#[test]
fn silence_between_clips_is_as_long_as_was_wished() {
    let mut source = recording(Form::WORKING, 1_000, 1);
    let clips = [span(0, 300), span(100, 250), span(999, 1_000)];
    let (whole, heard, length) =
        together(&mut source, Form::WORKING, Separator::Silence(Ms::new(1_200)), &clips);
    assert_eq!(heard, [span(0, 300), span(1_500, 1_650), span(2_850, 2_851)]);
    assert_eq!(length, Ms::new(2_851));
    assert!(whole[300 * 16..1_500 * 16].iter().all(|s| *s == 0));
    let (whole, heard, _) = together(&mut source, Form::WORKING, Separator::None, &clips);
    assert_eq!(heard, [span(0, 300), span(300, 450), span(450, 451)]);
    assert_eq!(whole.len(), 451 * 16);
}

/// The lengths in milliseconds of the tones in a stretch, by where there is sound and where there is none.
fn tones(samples: &[i16]) -> Vec<usize> {
    // A tone crosses zero; 5 ms of nothing are its end.
    let loud: Vec<bool> = samples.chunks(80).map(|w| w.iter().any(|s| *s != 0)).collect();
    loud.chunk_by(|a, b| a == b).filter(|run| run[0]).map(|run| run.len() * 5).collect()
}

#[test]
fn numbers_are_counted_before_each_clip() {
    let mut source = recording(Form::WORKING, 1_000, 1);
    let clips: Vec<Span> = (0..23).map(|i| span(i, i + 20)).collect();
    let (whole, heard, _) = together(&mut source, Form::WORKING, Separator::Count, &clips);
    let mut from = 0;
    for (i, placed) in heard.iter().enumerate() {
        let counted = tones(&whole[from * 16..placed.start().get() as usize * 16]);
        let long = counted.iter().filter(|ms| **ms > 400).count();
        let short = counted.iter().filter(|ms| (100..=160).contains(*ms)).count();
        assert_eq!((long * 10 + short, counted.len()), (i + 1, long + short), "{counted:?}");
        from = placed.end().get() as usize;
    }
    let (whole, heard, _) = together(&mut source, Form::WORKING, Separator::Tone, &clips[..3]);
    assert_eq!(heard[0].start(), Ms::ZERO, "nothing before the first");
    let between = &whole[heard[0].end().get() as usize * 16..heard[1].start().get() as usize * 16];
    assert_eq!(tones(between).len(), 1);
    let turns = between.windows(2).filter(|w| w[0] < 0 && w[1] >= 0).count();
    assert!((195..=215).contains(&turns), "about 523 Hz for 400 ms: {turns}");
}

#[test]
fn recordings_of_another_form_are_refused() {
    let mut sink = |_: &[i16]| Ok(());
    let mut playlist = Playlist::new(Form::WORKING, Separator::None, &mut sink);
    let mut other = recording(Form { rate_hz: 44_100, channels: 2 }, 100, 1);
    let refused = playlist.add(&mut other, &Cut::plain(span(0, 50)));
    assert!(matches!(refused, Err(AudioError::Io(_))), "{refused:?}");
    let mut ours = recording(Form::WORKING, 100, 1);
    let past = playlist.add(&mut ours, &Cut::plain(span(0, 101)));
    assert!(matches!(past, Err(AudioError::PastTheEnd { .. })), "{past:?}");
}
