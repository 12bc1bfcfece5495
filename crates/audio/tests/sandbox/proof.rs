//! A clip is proven by decoding it in the child, like everything else.

use hearback_audio::{
    Bytes,
    clip::{self, Cut, Gain},
    redact::{Claim, Doubt, ProofError, Prover, RedactWith, Redaction, Rules, SpanSet},
    wav,
};
use hearback_domain::{Ms, Span};

use crate::runner;

pub(crate) fn is_made_in_the_child() {
    let samples: Vec<i16> = (0..48_000_i64).map(|i| (i * i % 30_011 - 15_000) as i16).collect();
    let mut sound = wav::header(48_000).to_vec();
    sound.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    let span = |from, to| Span::new(Ms::new(from), Ms::new(to)).expect("a start before an end");
    let set = SpanSet::new([span(900, 1_200)], Ms::new(3_000), Rules::default()).expect("marks");
    let redaction = Redaction::new(set, RedactWith::Tone);
    let (clip, gain, made_under) = (span(500, 2_500), Gain::NONE, redaction.digest());
    let claim = Claim { redaction: &redaction, made_under, clip, gain };
    let prove = |redaction| {
        let cut = Cut { span: clip, gain, redaction };
        let mut flac = std::io::Cursor::new(Vec::new());
        clip::cut_flac(&mut Bytes(sound.clone()), &cut, &mut flac).expect("a clip");
        Prover::new(runner()).prove(&mut Bytes(sound.clone()), &claim, flac.get_ref())
    };
    assert_eq!(prove(Some(&redaction)).expect("a proof").frames, 32_000);
    let refused = prove(None);
    // Where a hole's edges are is looked at first, and there the recording stands out already.
    let seen = |doubt: &Doubt| match doubt {
        Doubt::Hidden { likeness } | Doubt::Changed { likeness } => *likeness > 0.99,
        _ => false,
    };
    assert!(matches!(&refused, Err(ProofError::Refused(doubt)) if seen(doubt)), "{refused:?}");
}
