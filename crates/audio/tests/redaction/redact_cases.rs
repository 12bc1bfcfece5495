//! The cases that have names.

use hearback_audio::{
    AudioError, Bytes, ReadAt,
    clip::{self, Cut, Gain},
    redact::{
        Claim, Digest, Doubt, MarkError, ProofError, Prover, RedactWith, Redacted, Redaction,
        Rules, SpanSet, mark,
    },
};
use hearback_domain::{Ms, Span};
use serde_json::json;

use crate::{
    evidence, files,
    scene::{Scene, span, spans},
    sounds::{Voice, noise, speech},
};

const CASES: &[(&str, fn())] = &[
    ("a passage at the very beginning", || heard(&[(0, 200)], &[(0, 350)])),
    ("a passage a millisecond after the beginning", || heard(&[(1, 200)], &[(0, 350)])),
    ("a passage whose guard just reaches the beginning", || heard(&[(150, 200)], &[(0, 350)])),
    ("a passage whose guard nearly reaches the beginning", || heard(&[(200, 300)], &[(0, 450)])),
    ("a passage a gap after the beginning", || heard(&[(250, 300)], &[(100, 450)])),
    ("a passage at the very end", || heard(&[(4_800, 5_000)], &[(4_650, 5_000)])),
    ("a passage whose guard nearly reaches the end", || {
        heard(&[(4_600, 4_800)], &[(4_450, 5_000)]);
    }),
    ("a passage over the end", || heard(&[(4_900, 9_000)], &[(4_750, 5_000)])),
    ("a passage that ends with time", || heard(&[(4_900, u64::MAX)], &[(4_750, 5_000)])),
    ("the whole recording", || heard(&[(0, 5_000)], &[(0, 5_000)])),
    ("more than the whole recording", || heard(&[(0, 50_000)], &[(0, 5_000)])),
    ("nothing", || heard(&[], &[])),
    ("a millisecond", || heard(&[(2_000, 2_001)], &[(1_850, 2_151)])),
    ("two that overlap", || heard(&[(1_000, 1_300), (1_200, 1_500)], &[(850, 1_650)])),
    ("two that touch", || heard(&[(1_000, 1_300), (1_300, 1_500)], &[(850, 1_650)])),
    ("two whose guards overlap", || heard(&[(1_000, 1_300), (1_500, 1_700)], &[(850, 1_850)])),
    ("two whose guards touch", || heard(&[(1_000, 1_300), (1_600, 1_700)], &[(850, 1_850)])),
    ("two with a sliver between", || heard(&[(1_000, 1_300), (1_699, 1_800)], &[(850, 1_950)])),
    ("two with just enough between", || {
        heard(&[(1_000, 1_300), (1_700, 1_800)], &[(850, 1_450), (1_550, 1_950)]);
    }),
    ("the same one twice", || heard(&[(1_000, 1_300), (1_000, 1_300)], &[(850, 1_450)])),
    ("one inside another", || heard(&[(1_000, 1_900), (1_200, 1_300)], &[(850, 2_050)])),
    ("in the wrong order", || {
        heard(&[(3_000, 3_100), (1_000, 1_100)], &[(850, 1_250), (2_850, 3_250)]);
    }),
    ("one across blocks of 8,192", || {
        heard(&[(512, 513), (1_024, 1_600)], &[(362, 663), (874, 1_750)]);
    }),
    ("one sample of the last millisecond", || {
        // 5,000.9 ms: the recording's last samples have no millisecond of their own.
        let mut samples = noise(1, 5_000 * 16 + 15);
        let scene = Scene::new(samples.clone(), &[(4_900, 5_000)], RedactWith::Silence, (0, 5_000));
        scene.holes().apply(0, 1, &mut samples);
        assert!(samples[4_760 * 16..].iter().all(|s| *s == 0), "up to the last sample");
    }),
    ("no guard", || {
        let rules = Rules { guard: Ms::ZERO, least_gap: Ms::ZERO };
        heard_by(rules, &[(1_000, 1_100), (1_101, 1_200)], &[(1_000, 1_100), (1_101, 1_200)]);
    }),
    ("a guard of 3 ms, less than a fade", || {
        let rules = Rules { guard: Ms::new(3), least_gap: Ms::ZERO };
        heard_by(rules, &[(1_000, 1_001)], &[(997, 1_004)]);
    }),
    ("a guard that is longer than the recording", || {
        let rules = Rules { guard: Ms::new(u64::MAX), least_gap: Ms::new(100) };
        heard_by(rules, &[(1_000, 1_001)], &[(0, 5_000)]);
    }),
    ("a gap that is longer than the recording", || {
        let rules = Rules { guard: Ms::ZERO, least_gap: Ms::new(u64::MAX) };
        heard_by(rules, &[(1_000, 1_001)], &[(0, 5_000)]);
    }),
    ("ten thousand passages", || {
        let marks: Vec<Span> = (0..10_000).map(|i| span(i * 600, i * 600 + 100)).collect();
        let set = SpanSet::new(marks, Ms::new(6_000_000), Rules::default()).expect("marks");
        assert_eq!(set.hidden().count(), 10_000);
        let text = Redaction::new(set, RedactWith::Tone).to_string();
        let read: Redaction = text.parse().expect("its own text");
        let mut part = noise(1, 4 * 9_600);
        hearback_audio::redact::Holes::new(&read, 16_000).apply(5_999_060 * 16, 1, &mut part);
        assert_eq!(part[..160], noise(1, 160)[..160]);
    }),
    ("no length", || assert_eq!(mark(5.0, 5.0), Err(MarkError::NoLength))),
    ("upside down", || assert_eq!(mark(6.0, 5.0), Err(MarkError::NoLength))),
    ("no number", || {
        assert_eq!(mark(f64::NAN, 5.0), Err(MarkError::NoTime));
        assert_eq!(mark(5.0, f64::NAN), Err(MarkError::NoTime));
    }),
    ("for ever", || assert_eq!(mark(5.0, f64::INFINITY), Err(MarkError::NoTime))),
    ("before the beginning", || assert_eq!(mark(-1.0, 5.0), Err(MarkError::NoTime))),
    ("a little before the beginning", || assert_eq!(mark(-0.1, 5.0), Err(MarkError::NoTime))),
    ("zero below zero", || assert_eq!(mark(-0.0, 5.0), Ok(span(0, 5)))),
    ("parts of a millisecond", || assert_eq!(mark(4.9, 5.1), Ok(span(4, 6)))),
    ("less than a millisecond", || assert_eq!(mark(5.2, 5.3), Ok(span(5, 6)))),
    ("beyond what can be counted", || assert_eq!(mark(1e300, 2e300), Err(MarkError::NoTime))),
    ("wholly past the end", || {
        let late = SpanSet::new([span(5_000, 5_100)], Ms::new(5_000), Rules::default());
        let (start, recording) = (Ms::new(5_000), Ms::new(5_000));
        assert_eq!(late, Err(MarkError::PastTheEnd { start, recording }));
    }),
    ("a recording without sound", || {
        let set = SpanSet::new([], Ms::ZERO, Rules::default()).expect("nothing");
        assert_eq!(set.hidden().count(), 0);
        assert!(SpanSet::new([span(0, 1)], Ms::ZERO, Rules::default()).is_err());
    }),
    ("a mark in the middle of a word", || {
        words(&[(1_020, 1_040)], &[(1_000, 1_400)], &[(1_000, 1_400)]);
    }),
    ("a mark over the end of a word", || {
        words(&[(1_399, 1_450)], &[(1_000, 1_400)], &[(1_000, 1_450)]);
    }),
    ("a mark that touches a word", || {
        words(&[(1_400, 1_450)], &[(1_000, 1_400)], &[(1_400, 1_450)]);
    }),
    ("a mark over several words", || {
        let said = [(1_000, 1_200), (1_200, 1_500), (1_600, 2_000), (2_400, 2_500)];
        words(&[(1_100, 1_700)], &said, &[(1_000, 2_000)]);
    }),
    ("words in any order", || {
        let said = [(1_600, 2_000), (1_000, 1_200), (1_200, 1_500)];
        words(&[(1_100, 1_700)], &said, &[(1_000, 2_000)]);
    }),
    ("two who speak at once", || {
        // "… Mary …" over somebody else's longer word.
        words(&[(1_100, 1_300)], &[(1_050, 1_350), (900, 1_200)], &[(900, 1_350)]);
    }),
    ("words that lie nearer than the guard stay, as far as they are not in it", || {
        let said = [(700, 990), (1_000, 1_200), (1_210, 1_500)];
        words(&[(1_000, 1_200)], &said, &[(1_000, 1_200)]);
    }),
    ("words past the end", || {
        let set = SpanSet::of_words(
            [span(4_990, 5_000)],
            &spans(&[(4_800, 6_000)]),
            Ms::new(5_000),
            Rules::default(),
        );
        assert_eq!(set.expect("marks").marks(), [span(4_800, 5_000)]);
    }),
    ("a transcript that was corrected afterwards moves nothing", || {
        let marks = [span(1_020, 1_040)];
        let set = |word| {
            SpanSet::of_words(marks, &[word], Ms::new(5_000), Rules::default()).expect("marks")
        };
        let kept = set(span(1_000, 1_400)).to_string();
        let later: SpanSet = kept.parse().expect("its own text");
        assert_eq!(later.marks(), [span(1_000, 1_400)], "what was approved is kept as times");
    }),
    ("a clip that begins inside a passage", || clipped((1_100, 2_000))),
    ("a clip that ends inside a passage", || clipped((500, 1_100))),
    ("a clip inside a passage", || clipped((1_050, 1_150))),
    ("a clip that ends where a passage begins", || clipped((500, 850))),
    ("a clip that begins where a passage ends", || clipped((1_350, 1_900))),
    ("a clip that ends in a fade", || clipped((500, 855))),
    ("a clip that begins in a fade", || clipped((1_345, 1_900))),
    ("a clip of a millisecond, hidden", || clipped((1_100, 1_101))),
    ("a clip of a millisecond, open", || clipped((3_000, 3_001))),
    ("a clip of everything", || clipped((0, 5_000))),
    ("marks at 44.1 kHz are the same marks at 16", || {
        // A mark made on a page that counts frames at 44.1 kHz, rounded outward.
        let from = |frame: f64| frame * 1_000.0 / 44_100.0;
        let made = mark(from(44_101.0), from(48_510.0)).expect("a mark");
        assert_eq!(made, span(1_000, 1_100));
        let (start, end) = (made.start().to_frames(44_100), made.end().to_frames(44_100));
        assert!(start <= 44_101 && 48_510 <= end);
    }),
    ("sound that rings into a passage stays within its guard", || {
        // A loud click in a passage, before a resampler that rings on both sides of it.
        let scene = base(&[(1_000, 1_100)], RedactWith::Silence);
        let mut ringing = scene.samples.clone();
        for i in -600_i32..600 {
            let at = (1_000 * 16 + i) as usize;
            let ring = 20_000.0 * (-f64::from(i.abs()) / 80.0).exp();
            ringing[at] = ringing[at].saturating_add(ring as i16);
        }
        let rung = Scene { samples: ringing, ..scene.clone() };
        assert_eq!(scene.rendered(), rung.rendered());
    }),
    ("a decoder's delay is no matter of the working form", || {
        // What is hidden is counted from the first sample that is there.
        let scene = base(&[(0, 10)], RedactWith::Silence);
        assert!(scene.rendered()[..150 * 16].iter().all(|s| *s == 0));
    }),
    ("two channels, both hidden", || {
        let scene = base(&[(1_000, 1_100)], RedactWith::Tone);
        let mut both: Vec<i16> =
            scene.samples.iter().flat_map(|s| [*s, s.wrapping_neg()]).collect();
        scene.holes().apply(0, 2, &mut both);
        let inside = &both[2 * 870 * 16..2 * 1_230 * 16];
        assert!(inside.chunks(2).all(|frame| frame[0] == frame[1]), "the tone, on both");
    }),
    ("the tone is replaced and not mixed", || {
        let scene = base(&[(1_000, 1_100)], RedactWith::Tone);
        let (loud, quiet) = (vec![20_000; 80_000], vec![0; 80_000]);
        let inside =
            |samples| Scene { samples, ..scene.clone() }.rendered()[870 * 16..1_230 * 16].to_vec();
        assert_eq!(inside(loud), inside(quiet));
    }),
    ("reading fails: nothing is served", || {
        let scene = base(&[(1_000, 1_100)], RedactWith::Tone);
        let file = scene.file(false);
        let proof =
            Prover::in_this_process().prove(&mut Broken(scene.recording()), &scene.claim(), &file);
        assert!(matches!(proof, Err(ProofError::Unproven(AudioError::Io(_)))), "{proof:?}");
        let cut = Cut { redaction: Some(&scene.redaction), ..Cut::plain(scene.clip) };
        assert!(clip::cut(&mut Broken(scene.recording()), &cut, &mut Vec::new()).is_err());
    }),
    ("a clip from before the last passage was marked", || {
        let before = base(&[(1_000, 1_100)], RedactWith::Tone);
        let after = base(&[(1_000, 1_100), (3_000, 3_100)], RedactWith::Tone);
        let file = before.file(true);
        let claim = Claim { made_under: before.redaction.digest(), ..after.claim() };
        refused(&after, &claim, &file, Doubt::Stale);
    }),
    ("a clip from before the last passage was marked, which it does not hold", || {
        let before = base(&[(1_000, 1_100)], RedactWith::Tone);
        let after = base(&[(1_000, 1_100), (4_700, 4_800)], RedactWith::Tone);
        let before = Scene { clip: span(500, 2_000), ..before };
        let after = Scene { clip: span(500, 2_000), ..after };
        let claim = Claim { made_under: before.redaction.digest(), ..after.claim() };
        refused(&after, &claim, &before.file(true), Doubt::Stale);
        assert!(after.prove(&before.file(true)).is_ok(), "made anew, it is the same");
    }),
    ("a clip under a passage that was taken back", || {
        let before = base(&[(1_000, 1_100), (3_000, 3_100)], RedactWith::Tone);
        let after = base(&[(1_000, 1_100)], RedactWith::Tone);
        let claim = Claim { made_under: before.redaction.digest(), ..after.claim() };
        refused(&after, &claim, &before.file(true), Doubt::Stale);
    }),
    ("a clip that says it is newer than it is", || {
        let before = base(&[(1_000, 1_100)], RedactWith::Tone);
        let after = base(&[(1_000, 1_100), (3_000, 3_100)], RedactWith::Tone);
        assert!(matches!(
            after.doubt(&before.file(true)),
            Doubt::Hidden { .. } | Doubt::Changed { .. }
        ));
    }),
    ("marks of another recording", || {
        let scene = base(&[(1_000, 1_100)], RedactWith::Tone);
        let longer = Scene { samples: noise(1, 96_000), ..scene.clone() };
        refused(&longer, &scene.claim(), &scene.file(true), Doubt::OtherRecording);
    }),
    ("a recording that is not in the working form", || {
        let scene = base(&[(1_000, 1_100)], RedactWith::Tone);
        let foreign = Prover::in_this_process().prove(
            &mut Bytes(vec![1; 99]),
            &scene.claim(),
            &scene.file(true),
        );
        assert!(matches!(foreign, Err(ProofError::Unproven(AudioError::Io(_)))), "{foreign:?}");
    }),
    ("a clip past the recording's end", || {
        let scene = base(&[(1_000, 1_100)], RedactWith::Tone);
        let late = Claim { clip: span(4_000, 5_001), ..scene.claim() };
        let proof =
            Prover::in_this_process().prove(&mut scene.recording(), &late, &scene.file(true));
        assert!(
            matches!(proof, Err(ProofError::Unproven(AudioError::PastTheEnd { .. }))),
            "{proof:?}"
        );
    }),
    ("a clip of another stretch", || {
        let scene = base(&[(1_000, 1_100)], RedactWith::Tone);
        let other = Scene { clip: span(1, 4_000), ..scene.clone() };
        assert!(other.prove(&Scene { clip: span(0, 3_999), ..scene }.file(true)).is_err());
    }),
    ("a clip that is louder than it says", || {
        let scene = base(&[(1_000, 1_100)], RedactWith::Tone);
        let louder = Scene { gain: Gain::from_db(-1.0), ..scene.clone() };
        assert!(
            matches!(louder.doubt(&scene.file(true)), Doubt::Changed { likeness } if likeness > 0.99)
        );
    }),
    ("the empty set is proven too", || {
        let scene = base(&[], RedactWith::Silence);
        let proof = scene.prove(&scene.file(false)).expect("a proof");
        assert_eq!((proof.hidden, proof.frames), (0, 80_000));
    }),
    ("a proof is about these bytes", || {
        let scene = base(&[(1_000, 1_100)], RedactWith::Tone);
        let proofs = [false, true].map(|flac| scene.prove(&scene.file(flac)).expect("a proof"));
        assert_ne!(proofs[0].sha256, proofs[1].sha256);
        assert_eq!(proofs[0].redaction, proofs[1].redaction);
    }),
    ("tone and silence are different redactions", || {
        let digest = |with| base(&[(1_000, 1_100)], with).redaction.digest();
        assert_ne!(digest(RedactWith::Tone), digest(RedactWith::Silence));
    }),
    ("another guard is another redaction", || {
        let set = |guard| {
            let rules = Rules { guard: Ms::new(guard), ..Rules::default() };
            SpanSet::new([span(1_000, 1_100)], Ms::new(5_000), rules).expect("marks")
        };
        let digest = |guard| Redaction::new(set(guard), RedactWith::Tone).digest();
        assert_ne!(digest(150), digest(151));
    }),
    ("a digest that is none", || {
        for text in ["", "00", &"g".repeat(64), &"A".repeat(64), &"0".repeat(65)] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }),
    ("text that is no redaction", || {
        let ours = base(&[(1_000, 1_100)], RedactWith::Tone).redaction.to_string();
        assert!(ours.parse::<Redaction>().is_ok());
        let others = [
            ours.replace("tone", "noise"),
            ours.replace("tone", "tone "),
            ours.replace("1000-1100", "1100-1000"),
            ours.replace("1000-1100", "+1000-1100"),
            ours.replace("1000-1100", "01000-1100"),
            ours.replace("1000-1100", "1000-1100 1200-1300"),
            ours.replace("1000-1100", "1000-9999"),
            ours.replace("redaction 1", "redaction 2"),
            ours.replace("guard", "gap"),
            format!("{ours} "),
            format!("{ours}\n"),
            String::new(),
        ];
        for other in others {
            assert_eq!(other.parse::<Redaction>(), Err(MarkError::Unreadable), "{other}");
        }
    }),
    ("a stream that is read while it plays, from anywhere", || {
        let scene = base(&[(1_000, 1_100)], RedactWith::Silence);
        let mut stream = Redacted::wav(scene.recording(), &scene.redaction);
        // An odd byte in the middle of the passage, and the header.
        let mut buf = [7; 101];
        assert_eq!(stream.fill_at(44 + 2 * 16_500 + 1, &mut buf).expect("memory"), 101);
        assert_eq!(buf, [0; 101]);
        assert_eq!(stream.fill_at(43, &mut buf).expect("memory"), 101);
        assert_eq!(buf[..], files::wav(&scene.samples)[43..144]);
    }),
    ("half a sample at the end of a stream", || {
        let scene = base(&[(4_900, 5_000)], RedactWith::Silence);
        let mut bare = files::bytes(&scene.samples);
        bare.push(0x55);
        let mut stream = Redacted::bare(Bytes(bare), &scene.redaction);
        assert_eq!(stream.len(), 160_000);
        let mut buf = [1; 8];
        assert_eq!(stream.fill_at(159_996, &mut buf).expect("memory"), 4);
        assert_eq!(buf[..4], [0; 4]);
    }),
];

#[test]
fn every_named_case_comes_out_as_it_has_to() {
    for (name, case) in CASES {
        let outcome = std::panic::catch_unwind(case);
        assert!(outcome.is_ok(), "{name}");
    }
    evidence::add(&[("named_cases", json!(CASES.len()))]);
}

/// Five seconds of a voice.
fn base(marks: &[(u64, u64)], with: RedactWith) -> Scene {
    Scene::new(speech(9, Voice::MAN, 80_000), marks, with, (0, 5_000))
}

/// What is hidden of five seconds, and that a clip of them is proven, in all forms.
fn heard(marks: &[(u64, u64)], hidden: &[(u64, u64)]) {
    heard_by(Rules::default(), marks, hidden);
}

fn heard_by(rules: Rules, marks: &[(u64, u64)], hidden: &[(u64, u64)]) {
    for with in [RedactWith::Tone, RedactWith::Silence] {
        let scene = Scene::by(noise(6, 80_000), marks, rules, with, (0, 5_000));
        assert_eq!(scene.redaction.spans().hidden().collect::<Vec<_>>(), spans(hidden));
        let rendered = scene.rendered();
        for range in scene.marked() {
            let most = if with == RedactWith::Tone { 3_277 } else { 0 };
            assert!(rendered[range].iter().all(|s| s.unsigned_abs() <= most));
        }
        for flac in [false, true] {
            scene.prove(&scene.file(flac)).expect("a proof");
        }
    }
}

fn words(marks: &[(u64, u64)], words: &[(u64, u64)], snapped: &[(u64, u64)]) {
    let set = SpanSet::of_words(spans(marks), &spans(words), Ms::new(5_000), Rules::default());
    assert_eq!(set.expect("marks").marks(), spans(snapped));
}

/// A clip of a recording in which 1,000 to 1,200 ms are marked.
fn clipped(clip: (u64, u64)) {
    for with in [RedactWith::Tone, RedactWith::Silence] {
        let scene = Scene { clip: span(clip.0, clip.1), ..base(&[(1_000, 1_200)], with) };
        let whole = Scene { clip: span(0, 5_000), ..scene.clone() };
        for flac in [false, true] {
            scene.prove(&scene.file(flac)).expect("a proof");
        }
        // Away from the clip's own fades it is the same as in the whole.
        let (part, whole) = (scene.rendered(), whole.rendered());
        let inside = 80..part.len().saturating_sub(80).max(80);
        let there = &whole[scene.start()..scene.start() + part.len()];
        if clip != (0, 5_000) && part.len() > 160 {
            assert_eq!(part[inside.clone()], there[inside]);
        }
    }
}

fn refused(scene: &Scene, claim: &Claim<'_>, file: &[u8], doubt: Doubt) {
    match Prover::in_this_process().prove(&mut scene.recording(), claim, file) {
        Err(ProofError::Refused(found)) => assert_eq!(found, doubt),
        other => panic!("{other:?}"),
    }
}

/// A recording whose disk fails after a second.
struct Broken(Bytes);

impl ReadAt for Broken {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        if offset > 32_000 {
            return Err(std::io::Error::other("the disk is on fire"));
        }
        let most = buf.len().min(1_000);
        self.0.read_at(offset, &mut buf[..most])
    }
}
