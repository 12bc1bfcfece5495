//! The working format: 16 kHz, mono, 16-bit little-endian samples.
//!
//! Everything that was decoded is kept as bare samples, so that it can be written in one pass while its length is
//! still unknown. A WAV file of it is [`wav_header`] followed by the samples: a byte range of the file is a byte
//! range of the samples, 44 further on.

use std::ops::Range;

use crate::{Ms, Span};

/// Samples per second.
pub const RATE_HZ: u32 = 16_000;

/// Bytes of one sample.
pub const BYTES_PER_FRAME: u64 = 2;

/// The length of [`wav_header`] in bytes.
pub const WAV_HEADER_LEN: u64 = 44;

/// How many samples so many bytes are.
pub const fn frames(bytes: u64) -> u64 {
    bytes / BYTES_PER_FRAME
}

/// How long so many bytes are.
pub const fn duration(bytes: u64) -> Ms {
    Ms::of_frames(frames(bytes), RATE_HZ)
}

/// Where a moment lies among the bytes of samples.
pub const fn byte_at(at: Ms) -> u64 {
    at.to_frames(RATE_HZ).saturating_mul(BYTES_PER_FRAME)
}

/// Where a stretch lies among `of` bytes of samples: whole samples, never past the end, and empty if it begins there.
pub fn bytes_of(span: Span, of: u64) -> Range<u64> {
    let end_of_samples = frames(of) * BYTES_PER_FRAME;
    let at = |ms: Ms| byte_at(ms).min(end_of_samples);
    at(span.start())..at(span.end())
}

/// The header of a WAV file with so many samples.
///
/// The format's length fields have 32 bits; a longer file (37 hours) gets the largest value, which players take as
/// "until the end".
pub fn wav_header(frames: u64) -> [u8; 44] {
    let data = u32::try_from(frames.saturating_mul(BYTES_PER_FRAME)).unwrap_or(u32::MAX - 36);
    let mut header = [0; 44];
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        header[at..at + bytes.len()].copy_from_slice(bytes);
        at += bytes.len();
    };
    put(b"RIFF");
    put(&(data.saturating_add(36)).to_le_bytes());
    put(b"WAVEfmt ");
    put(&16_u32.to_le_bytes());
    put(&1_u16.to_le_bytes()); // integer samples
    put(&1_u16.to_le_bytes()); // one channel
    put(&RATE_HZ.to_le_bytes());
    put(&(RATE_HZ * 2).to_le_bytes());
    put(&2_u16.to_le_bytes());
    put(&16_u16.to_le_bytes());
    put(b"data");
    put(&data.to_le_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_whole_samples_within_the_sound() {
        let span = |a, b| Span::new(Ms::new(a), Ms::new(b)).unwrap();
        assert_eq!(bytes_of(span(0, 1_000), 64_000), 0..32_000);
        assert_eq!(bytes_of(span(1, 2), 64_000), 32..64);
        assert_eq!(bytes_of(span(1_500, 9_000), 64_001), 48_000..64_000);
        assert_eq!(bytes_of(span(9_000, u64::MAX), 64_000), 64_000..64_000);
    }

    #[test]
    fn the_header_tells_the_length() {
        let header = wav_header(16_000);
        assert_eq!(&header[40..], 32_000_u32.to_le_bytes());
        assert_eq!(&header[4..8], 32_036_u32.to_le_bytes());
        assert_eq!(duration(32_000), Ms::from_seconds(1));
        assert_eq!(wav_header(u64::MAX)[40..], (u32::MAX - 36).to_le_bytes());
    }
}
