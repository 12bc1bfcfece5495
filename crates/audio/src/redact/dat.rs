//! The waveform of a recording as somebody may see it.

use std::io;

use super::{RedactWith, Redaction};

/// How tall the tone is drawn, of 32 768.
const TONE_DRAWN: i16 = 3_277;

/// Puts `redaction` on a finished waveform in the `.dat` form ([`crate::Peaks::write_dat`], versions 1 and 2).
///
/// Every pixel that holds any sample of a hidden passage is drawn as what stands in for it, with the sound beside it
/// that it also holds: a lowest and highest value say too much about either.
pub fn redact_dat(dat: &mut [u8], redaction: &Redaction) -> io::Result<()> {
    let form = Form::of(dat)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "this is no waveform of ours"))?;
    let height = match redaction.with() {
        RedactWith::Silence => 0,
        RedactWith::Tone => TONE_DRAWN,
    };
    let pixels = dat[form.head..].chunks_exact_mut(form.pixel).enumerate();
    let mut hidden = redaction.spans().hidden().peekable();
    for (i, pixel) in pixels {
        let from = i as u64 * form.frames_per_pixel;
        let is_past = |end: hearback_domain::Ms| {
            end != redaction.spans().recording() && end.to_frames(form.rate_hz) <= from
        };
        while hidden.next_if(|span| is_past(span.end())).is_some() {}
        let start = hidden.peek().map(|span| span.start().to_frames(form.rate_hz));
        if start.is_some_and(|start| start < from + form.frames_per_pixel) {
            form.draw(pixel, height);
        }
    }
    Ok(())
}

/// What the header of a waveform says.
struct Form {
    head: usize,
    /// Bytes for a value.
    width: usize,
    /// Bytes for the values of all channels.
    pixel: usize,
    rate_hz: u32,
    frames_per_pixel: u64,
}

impl Form {
    fn of(dat: &[u8]) -> Option<Self> {
        let field = |i: usize| {
            let bytes = dat.get(4 * i..4 * i + 4)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?))
        };
        let (head, channels) = match field(0)? {
            1 => (20, 1),
            2 => (24, field(5)?),
            _ => return None,
        };
        let width = match field(1)? {
            0 => 2,
            1 => 1,
            _ => return None,
        };
        let (rate_hz, frames_per_pixel, length) = (field(2)?, field(3)?, field(4)?);
        let pixel = usize::try_from(channels).ok()?.checked_mul(2 * width)?;
        let len = usize::try_from(length).ok()?.checked_mul(pixel)?.checked_add(head)?;
        let sound = rate_hz > 0 && frames_per_pixel > 0 && channels > 0 && dat.len() == len;
        sound.then_some(Self {
            head,
            width,
            pixel,
            rate_hz,
            frames_per_pixel: frames_per_pixel.into(),
        })
    }

    /// Lowest and highest at the same distance from the middle, in every channel.
    fn draw(&self, pixel: &mut [u8], height: i16) {
        for (i, value) in pixel.chunks_exact_mut(self.width).enumerate() {
            let height = if i % 2 == 0 { -height } else { height };
            match value {
                // Eight bits keep the upper byte, towards zero.
                [byte] => *byte = (height / 256).to_le_bytes()[0],
                wide => wide.copy_from_slice(&height.to_le_bytes()),
            }
        }
    }
}
