//! Clips: a stretch of a recording, to the millisecond, that comes and goes without a click.
//!
//! A clip is made of the samples of its stretch and of nothing else: no filter reaches over its edges, and no coded
//! packet is copied, so nothing that was said before or after can be in it.

use std::io::{self, Seek, Write};

use hearback_domain::{Ms, Span};

use crate::{
    AudioError, ReadAt,
    flac::FlacWriter,
    redact::Redaction,
    wav::{Form, HEADER_LEN, header_of},
};

mod cutter;
mod gain;

use self::cutter::Cutter;
pub use self::{cutter::FADE_MS, gain::Gain};

/// What is cut, and how it is to sound.
#[derive(Clone, Copy, Debug)]
pub struct Cut<'a> {
    /// The stretch, on the recording's clock.
    pub span: Span,
    /// How much louder or softer than in the recording. Other than [`Gain::NONE`] in the working form only.
    pub gain: Gain,
    /// What is not to be heard of the recording, if anything.
    pub redaction: Option<&'a Redaction>,
}

impl Cut<'_> {
    /// A stretch as the recording has it.
    pub const fn plain(span: Span) -> Self {
        Self { span, gain: Gain::NONE, redaction: None }
    }

    /// The frames of the stretch: the first one, and the first one after it.
    fn frames(&self, form: Form) -> (u64, u64) {
        (self.span.start().to_frames(form.rate_hz), self.span.end().to_frames(form.rate_hz))
    }
}

/// Cuts a clip out of `source` (16-bit WAV as this crate writes it, in any [`Form`]) and hands its samples to `sink`,
/// in order, interleaved if there are several channels. Gives the number of sample frames: in the working form, sixteen
/// for each millisecond.
///
/// Nothing is handed out unless the whole stretch is there.
pub fn samples(
    source: &mut dyn ReadAt,
    cut: &Cut<'_>,
    sink: &mut dyn FnMut(&[i16]) -> io::Result<()>,
) -> Result<u64, AudioError> {
    let form = checked(source, cut)?;
    Ok(Cutter::new(source, form, cut)?.run(sink)?)
}

/// Cuts a clip into a WAV file, in the form of its recording. Gives the number of sample frames.
pub fn cut(source: &mut dyn ReadAt, cut: &Cut<'_>, out: &mut dyn Write) -> Result<u64, AudioError> {
    let form = checked(source, cut)?;
    let (start, end) = cut.frames(form);
    out.write_all(&header_of(end - start, form.rate_hz, form.channels))?;
    let mut bytes = Vec::new();
    samples(source, cut, &mut |block| {
        bytes.clear();
        bytes.extend(block.iter().flat_map(|sample| sample.to_le_bytes()));
        out.write_all(&bytes)
    })
}

/// Cuts a clip into a FLAC file, in the form of its recording. Gives the number of sample frames.
pub fn cut_flac(
    source: &mut dyn ReadAt,
    cut: &Cut<'_>,
    out: impl Write + Seek,
) -> Result<u64, AudioError> {
    let form = checked(source, cut)?;
    let mut flac = FlacWriter::new(out, form)?;
    samples(source, cut, &mut |block| flac.push_i16(block))?;
    let (_, frames) = flac.finish()?;
    Ok(frames)
}

/// The form of a recording that can be cut; an error if it is none of ours.
pub fn form(source: &mut dyn ReadAt) -> io::Result<Form> {
    let mut head = [0; 44];
    let n = source.fill_at(0, &mut head)?;
    Form::of(&head[..n]).ok_or_else(|| {
        let reason = "a clip is cut from 16-bit WAV as the decoder leaves it, which this is not";
        io::Error::new(io::ErrorKind::InvalidData, reason)
    })
}

/// The form of the recording, which has all of the stretch.
fn checked(source: &mut dyn ReadAt, cut: &Cut<'_>) -> Result<Form, AudioError> {
    let form = form(source)?;
    let frames = source.len().saturating_sub(HEADER_LEN) / form.frame_len() as u64;
    if cut.frames(form).1 > frames {
        let recording = Ms::of_frames(frames, form.rate_hz);
        return Err(AudioError::PastTheEnd { end: cut.span.end(), recording });
    }
    Ok(form)
}
