//! A recording, what is hidden of it, and a clip.

use std::{fmt, io::Cursor};

use hearback_audio::{
    Bytes,
    clip::{self, Cut, Gain},
    redact::{
        Claim, Doubt, Holes, Proof, ProofError, Prover, RedactWith, Redaction, Rules, SpanSet,
    },
};
use hearback_domain::{Ms, Span};

use crate::files;

pub(crate) fn span(start: u64, end: u64) -> Span {
    Span::new(Ms::new(start), Ms::new(end)).expect("a start before an end")
}

pub(crate) fn spans(marks: &[(u64, u64)]) -> Vec<Span> {
    marks.iter().map(|(start, end)| span(*start, *end)).collect()
}

/// The length of so many samples.
pub(crate) fn length(samples: &[i16]) -> Ms {
    Ms::of_frames(samples.len() as u64, 16_000)
}

/// What a clip is made of.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) samples: Vec<i16>,
    pub(crate) redaction: Redaction,
    pub(crate) clip: Span,
    pub(crate) gain: Gain,
}

/// Without the samples.
impl fmt::Debug for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {:?} by {:?}", self.redaction, self.clip, self.gain)
    }
}

impl Scene {
    /// With the usual guard, and no gain.
    pub(crate) fn new(
        samples: Vec<i16>,
        marks: &[(u64, u64)],
        with: RedactWith,
        clip: (u64, u64),
    ) -> Self {
        Self::by(samples, marks, Rules::default(), with, clip)
    }

    pub(crate) fn by(
        samples: Vec<i16>,
        marks: &[(u64, u64)],
        rules: Rules,
        with: RedactWith,
        clip: (u64, u64),
    ) -> Self {
        let set = SpanSet::new(spans(marks), length(&samples), rules).expect("marks");
        let redaction = Redaction::new(set, with);
        Self { samples, redaction, clip: span(clip.0, clip.1), gain: Gain::NONE }
    }

    pub(crate) fn recording(&self) -> Bytes {
        Bytes(files::wav(&self.samples))
    }

    /// The clip's samples, made by the product.
    pub(crate) fn rendered(&self) -> Vec<i16> {
        let mut heard = Vec::new();
        clip::samples(&mut self.recording(), &self.cut(), &mut |block| {
            heard.extend_from_slice(block);
            Ok(())
        })
        .expect("a clip");
        heard
    }

    /// The clip's file, made by the product.
    pub(crate) fn file(&self, flac: bool) -> Vec<u8> {
        if flac {
            let mut out = Cursor::new(Vec::new());
            clip::cut_flac(&mut self.recording(), &self.cut(), &mut out).expect("a clip");
            out.into_inner()
        } else {
            let mut out = Vec::new();
            clip::cut(&mut self.recording(), &self.cut(), &mut out).expect("a clip");
            out
        }
    }

    fn cut(&self) -> Cut<'_> {
        Cut { span: self.clip, gain: self.gain, redaction: Some(&self.redaction) }
    }

    pub(crate) fn claim(&self) -> Claim<'_> {
        Claim {
            redaction: &self.redaction,
            made_under: self.redaction.digest(),
            clip: self.clip,
            gain: self.gain,
        }
    }

    /// Whether the proof lets `file` pass as this clip.
    pub(crate) fn prove(&self, file: &[u8]) -> Result<Proof, ProofError> {
        Prover::in_this_process().prove(&mut self.recording(), &self.claim(), file)
    }

    /// Why it does not.
    pub(crate) fn doubt(&self, file: &[u8]) -> Doubt {
        match self.prove(file) {
            Err(ProofError::Refused(doubt)) => doubt,
            other => panic!("no doubt, but {other:?}"),
        }
    }

    /// The clip's first frame.
    pub(crate) fn start(&self) -> usize {
        self.clip.start().get() as usize * 16
    }

    pub(crate) fn frames(&self) -> usize {
        self.clip.len().get() as usize * 16
    }

    /// The recording as it was, over the clip.
    pub(crate) fn original(&self) -> &[i16] {
        &self.samples[self.start()..self.start() + self.frames()]
    }

    /// What is hidden of the clip, guards included, as frames of the clip.
    pub(crate) fn hidden(&self) -> Vec<std::ops::Range<usize>> {
        self.ranges(self.redaction.spans().hidden())
    }

    /// What was marked of the clip, as frames of the clip.
    pub(crate) fn marked(&self) -> Vec<std::ops::Range<usize>> {
        self.ranges(self.redaction.spans().marks().iter().copied())
    }

    fn ranges(&self, spans: impl Iterator<Item = Span>) -> Vec<std::ops::Range<usize>> {
        let (start, frames) = (self.start(), self.frames());
        let inside = |ms: Ms| (ms.get() as usize * 16).saturating_sub(start).min(frames);
        spans
            .map(|span| inside(span.start())..inside(span.end()))
            .filter(|range| !range.is_empty())
            .collect()
    }

    /// What a renderer makes that hides `redaction`, whatever the scene says.
    pub(crate) fn rendered_under(&self, redaction: Redaction) -> Vec<i16> {
        Self { redaction, ..self.clone() }.rendered()
    }

    pub(crate) fn holes(&self) -> Holes {
        Holes::new(&self.redaction, 16_000)
    }
}
