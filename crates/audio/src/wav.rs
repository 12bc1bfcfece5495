//! 16-bit WAV: the form in which decoded sound is kept and clips are handed out.
//!
//! The working form (16 kHz mono) has a header of exactly [`HEADER_LEN`] bytes and two bytes per frame, so that any
//! moment can be reached, and any byte range served, by arithmetic.

use std::io::{self, Seek, SeekFrom, Write};

use crate::{
    RATE,
    limits::{MAX_CHANNELS, RATES_HZ},
};

/// Bytes before the first sample.
pub const HEADER_LEN: u64 = 44;

/// Bytes in a frame of the working form.
pub const FRAME_LEN: u64 = 2;

/// The rate and channels of 16-bit sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Sample rate in hertz.
    pub rate_hz: u32,
    /// Channels.
    pub channels: u16,
}

impl Form {
    /// The working form: 16 kHz mono.
    pub const WORKING: Self = Self { rate_hz: RATE, channels: 1 };

    /// Reads it from the beginning of a WAV file that this module wrote; nothing if it is another one's.
    ///
    /// The two lengths are not looked at: a file that is still growing does not know them yet.
    pub fn of(head: &[u8]) -> Option<Self> {
        let head: &[u8; 44] = head.get(..44)?.try_into().ok()?;
        let channels = u16::from_le_bytes([head[22], head[23]]);
        let rate_hz = u32::from_le_bytes([head[24], head[25], head[26], head[27]]);
        let form = Self { rate_hz, channels };
        let ours = header_of(0, rate_hz, channels);
        let same = |range: std::ops::Range<usize>| head[range.clone()] == ours[range];
        let possible = RATES_HZ.contains(&rate_hz)
            && (1..=MAX_CHANNELS).contains(&usize::from(channels))
            && same(0..4)
            && same(8..40);
        possible.then_some(form)
    }

    /// Bytes in a frame: two for each channel.
    pub const fn frame_len(self) -> usize {
        self.channels as usize * 2
    }
}

/// The header of 16 kHz mono sound of so many frames.
///
/// A WAV file cannot say more than 4 GB (37 hours of the working form): beyond that the length stays at the most it can
/// say, which players take as "until the end".
pub fn header(frames: u64) -> [u8; 44] {
    header_of(frames, RATE, 1)
}

/// The header of sound at another rate or with several channels.
pub fn header_of(frames: u64, rate_hz: u32, channels: u16) -> [u8; 44] {
    let block = u32::from(channels) * 2;
    let most = u32::MAX - 44;
    let data = frames.saturating_mul(u64::from(block));
    let data = u32::try_from(data).unwrap_or(most).min(most / block.max(1) * block);
    let mut bytes = [0; 44];
    let mut at = 0;
    let mut put = |part: &[u8]| {
        bytes[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    };
    put(b"RIFF");
    put(&(data + 36).to_le_bytes());
    put(b"WAVEfmt ");
    put(&16_u32.to_le_bytes());
    put(&1_u16.to_le_bytes()); // PCM
    put(&channels.to_le_bytes());
    put(&rate_hz.to_le_bytes());
    put(&rate_hz.saturating_mul(block).to_le_bytes());
    put(&channels.saturating_mul(2).to_le_bytes());
    put(&16_u16.to_le_bytes());
    put(b"data");
    put(&data.to_le_bytes());
    bytes
}

/// A sample as 16 bits: full scale is 32 768, rounded to nearest, and what is louder is cut off.
///
/// Sixteen-bit sound that was read as floats comes back as it was.
#[expect(clippy::cast_possible_truncation, reason = "clamped to the range of 16 bits")]
pub fn to_i16(sample: f32) -> i16 {
    let scaled = sample * 32_768.0;
    // Cutting off after half a step is rounding, without a call for each sample on older machines. `as` keeps to the
    // range and takes what is no number to zero.
    (scaled + 0.5_f32.copysign(scaled)) as i16
}

/// Writes a WAV file as the sound comes in, and its header when it is known how much there was.
pub struct WavWriter<W: Write + Seek> {
    out: W,
    rate_hz: u32,
    channels: u16,
    samples: u64,
    bytes: Vec<u8>,
}

impl<W: Write + Seek> WavWriter<W> {
    /// A file in the working form. What `out` holds from its present position is overwritten.
    pub fn new(out: W) -> io::Result<Self> {
        Self::with_form(out, RATE, 1)
    }

    /// A file with another rate or several channels.
    pub fn with_form(mut out: W, rate_hz: u32, channels: u16) -> io::Result<Self> {
        out.write_all(&header_of(0, rate_hz, channels))?;
        Ok(Self { out, rate_hz, channels, samples: 0, bytes: Vec::new() })
    }

    /// Adds samples, interleaved if there are several channels.
    pub fn push(&mut self, samples: &[f32]) -> io::Result<()> {
        self.add(samples.iter().map(|s| to_i16(*s)))
    }

    /// Adds samples that are 16 bits already.
    pub fn push_i16(&mut self, samples: &[i16]) -> io::Result<()> {
        self.add(samples.iter().copied())
    }

    fn add(&mut self, samples: impl Iterator<Item = i16>) -> io::Result<()> {
        self.bytes.clear();
        self.bytes.extend(samples.flat_map(i16::to_le_bytes));
        self.samples += (self.bytes.len() / 2) as u64;
        self.out.write_all(&self.bytes)
    }

    /// Frames so far.
    pub fn frames(&self) -> u64 {
        self.samples / u64::from(self.channels.max(1))
    }

    /// Writes the header, and gives back what was written to (at its end) with the number of frames.
    pub fn finish(mut self) -> io::Result<(W, u64)> {
        let frames = self.frames();
        let back = i64::try_from(self.samples * 2 + HEADER_LEN).map_err(io::Error::other)?;
        self.out.seek(SeekFrom::Current(-back))?;
        self.out.write_all(&header_of(frames, self.rate_hz, self.channels))?;
        self.out.seek(SeekFrom::End(0))?;
        self.out.flush()?;
        Ok((self.out, frames))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_independent_reader_finds_what_was_written(
            samples in prop::collection::vec(any::<i16>(), 0..4_000),
            rate in 8_000_u32..192_000,
            stereo: bool,
            block in 1_usize..700,
        ) {
            let channels = if stereo { 2 } else { 1 };
            let whole = &samples[..samples.len() / usize::from(channels) * usize::from(channels)];
            let mut writer = WavWriter::with_form(io::Cursor::new(Vec::new()), rate, channels)?;
            for part in whole.chunks(block) {
                writer.push_i16(part)?;
            }
            let (out, frames) = writer.finish()?;
            let bytes = out.into_inner();
            prop_assert_eq!(bytes.len() as u64, HEADER_LEN + whole.len() as u64 * 2);
            prop_assert_eq!(Form::of(&bytes), Some(Form { rate_hz: rate, channels }));
            prop_assert_eq!(frames, (whole.len() / usize::from(channels)) as u64);
            let mut reader = hound::WavReader::new(bytes.as_slice()).expect("a WAV file");
            prop_assert_eq!(reader.spec().sample_rate, rate);
            prop_assert_eq!(reader.spec().channels, channels);
            let read: Vec<i16> = reader.samples().map(|s| s.expect("a sample")).collect();
            prop_assert_eq!(read.as_slice(), whole);
        }

        #[test]
        fn sixteen_bits_survive_being_floats(sample: i16) {
            prop_assert_eq!(to_i16(f32::from(sample) / 32_768.0), sample);
        }
    }

    #[test]
    fn what_is_too_loud_or_no_number_stays_in_range() {
        assert_eq!([1.0, -1.0, 9.0, -9.0].map(to_i16), [32_767, -32_768, 32_767, -32_768]);
        assert_eq!(to_i16(f32::NAN), 0);
        let long = header(u64::MAX);
        assert!(u32::from_le_bytes([long[40], long[41], long[42], long[43]]) > u32::MAX - 100);
    }
}
