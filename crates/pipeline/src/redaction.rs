//! What is hidden of a recording, put over its sound: for extracts, and for whoever listens to what is left.

use std::io::{self, Read, Seek, SeekFrom};

use hearback_audio::{
    ReadAt,
    redact::{MarkError, RedactWith, Redacted, Redaction, Rules, SpanSet},
};
use hearback_domain::{HideWith, Ms, RedactionSet, sound};

use crate::{samples::Source, signal::Signal};

/// The set as `audio` renders it, of a recording of so many bytes.
pub(crate) fn redaction_of(set: &RedactionSet, bytes: u64) -> Result<Redaction, MarkError> {
    let recording: Ms = sound::duration(bytes);
    let marks = set.hidden.iter().map(|hidden| hidden.span);
    let spans = SpanSet::new(marks, recording, Rules::default())?;
    let with = match set.with {
        HideWith::Tone => RedactWith::Tone,
        HideWith::Silence => RedactWith::Silence,
    };
    Ok(Redaction::new(spans, with))
}

/// A recording's bare samples as they are heard where something is hidden, through the renderer that extracts are cut
/// with. Reads `reader` (of `bytes` bytes) only where it is read itself.
pub fn as_heard<R>(reader: R, bytes: u64, set: &RedactionSet) -> io::Result<AsHeard<R>>
where
    R: Read + Seek + Send,
{
    let redaction = redaction_of(set, bytes).map_err(io::Error::other)?;
    let source = Source::new(reader, bytes, Signal::default());
    Ok(AsHeard { samples: Redacted::bare(source, &redaction), position: 0 })
}

/// What [`as_heard`] gives: a file of samples.
pub struct AsHeard<R> {
    samples: Redacted<Source<R>>,
    position: u64,
}

impl<R: Read + Seek + Send> Read for AsHeard<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.samples.len() {
            return Ok(0);
        }
        let n = self.samples.read_at(self.position, buf)?;
        self.position += n as u64;
        Ok(n)
    }
}

impl<R: Read + Seek + Send> Seek for AsHeard<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::Current(by) => (self.position, by),
            SeekFrom::End(by) => (self.samples.len(), by),
        };
        let at = from.checked_add_signed(by);
        self.position = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use hearback_domain::{Hidden, HideReason, REACH, RedactionVersion, Span};

    use super::*;

    fn set(spans: &[(u64, u64)]) -> RedactionSet {
        let hidden = |&(start, end): &(u64, u64)| Hidden {
            span: Span::new(Ms::new(start), Ms::new(end)).unwrap(),
            why: HideReason::Name,
        };
        RedactionSet {
            version: RedactionVersion::new(1),
            with: HideWith::Silence,
            hidden: spans.iter().map(hidden).collect(),
        }
    }

    /// Four seconds of a steady sound, as bytes.
    fn steady() -> Vec<u8> {
        1_000_i16.to_le_bytes().repeat(64_000)
    }

    /// Whoever seals extracts goes by `REACH`: nothing outside of it may sound different.
    #[test]
    fn nothing_beyond_the_reach_sounds_different() {
        let (bytes, marked) = (steady(), set(&[(1_000, 1_200), (1_545, 1_600), (3_700, 3_800)]));
        let mut heard = Vec::new();
        let len = bytes.len() as u64;
        as_heard(Cursor::new(&bytes), len, &marked).unwrap().read_to_end(&mut heard).unwrap();
        assert_eq!(heard.len(), bytes.len());
        for ms in 0..4_000_usize {
            let at = ms * 32..(ms + 1) * 32;
            let here = Span::new(Ms::new(ms as u64), Ms::new(ms as u64 + 1)).unwrap();
            if marked.hidden.iter().any(|hidden| hidden.span.overlaps(here)) {
                assert!(heard[at].iter().all(|byte| *byte == 0), "{ms} ms is hidden");
            } else if !marked.touches(here) {
                assert_eq!(heard[at.clone()], bytes[at], "{ms} ms lies beyond {REACH:?}");
            }
        }
    }

    #[test]
    fn it_is_read_from_any_place() {
        let bytes = steady();
        let mut whole = Vec::new();
        let len = bytes.len() as u64;
        let view = || as_heard(Cursor::new(&bytes), len, &set(&[(1_000, 1_500)])).unwrap();
        view().read_to_end(&mut whole).unwrap();
        for at in [0, 1, 31_999, 33_333, 47_001, 127_999, 128_000, 900_000] {
            let (mut view, mut part) = (view(), Vec::new());
            view.seek(SeekFrom::Start(at as u64)).unwrap();
            (&mut view).take(999).read_to_end(&mut part).unwrap();
            let end = (at + 999).min(whole.len());
            assert_eq!(part, whole.get(at..end).unwrap_or_default(), "from byte {at}");
        }
    }
}
