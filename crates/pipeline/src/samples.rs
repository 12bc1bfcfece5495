//! The vault's objects as sound.

use std::io::{self, Read, Seek, SeekFrom};

use hearback_audio::ReadAt;
use hearback_domain::sound::{self, WAV_HEADER_LEN};

use crate::signal::Signal;

/// An object of the vault that the decoder may ask for any part of; it fails once the job is to stop.
pub(crate) struct Source<R> {
    reader: R,
    len: u64,
    position: u64,
    signal: Signal,
}

impl<R: Read + Seek> Source<R> {
    /// Of `len` bytes, as yet unread.
    pub(crate) fn new(reader: R, len: u64, signal: Signal) -> Self {
        Self { reader, len, position: 0, signal }
    }
}

impl<R: Read + Seek + Send> ReadAt for Source<R> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.signal.check()?;
        if offset >= self.len {
            return Ok(0);
        }
        if offset != self.position {
            self.position = self.reader.seek(SeekFrom::Start(offset))?;
        }
        let n = self.reader.read(buf)?;
        self.position += n as u64;
        Ok(n)
    }
}

/// Bare samples as the WAV file that they stand for.
pub(crate) struct AsWav<S> {
    header: [u8; 44],
    samples: S,
}

impl<S: ReadAt> AsWav<S> {
    pub(crate) fn new(samples: S) -> Self {
        Self { header: sound::wav_header(sound::frames(samples.len())), samples }
    }
}

impl<S: ReadAt> ReadAt for AsWav<S> {
    fn len(&self) -> u64 {
        WAV_HEADER_LEN.saturating_add(self.samples.len())
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let header = usize::try_from(offset).ok().and_then(|at| self.header.get(at..));
        match header {
            Some(rest) if !rest.is_empty() => {
                let n = rest.len().min(buf.len());
                buf[..n].copy_from_slice(&rest[..n]);
                Ok(n)
            }
            _ => self.samples.read_at(offset - WAV_HEADER_LEN, buf),
        }
    }
}

/// Reads bare samples from the beginning, as the recogniser wants them: ±1.0.
pub(crate) struct Frames<R> {
    reader: R,
    bytes: Vec<u8>,
}

impl<R: Read> Frames<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, bytes: Vec::new() }
    }

    /// Appends up to `wanted` samples to `out`; fewer only at the end. Gives how many.
    pub(crate) fn read(&mut self, out: &mut Vec<f32>, wanted: usize) -> io::Result<usize> {
        self.bytes.clear();
        let limit = (wanted as u64).saturating_mul(sound::BYTES_PER_FRAME);
        (&mut self.reader).take(limit).read_to_end(&mut self.bytes)?;
        let (frames, _) = self.bytes.as_chunks::<2>();
        out.extend(frames.iter().map(|le| f32::from(i16::from_le_bytes(*le)) / 32_768.0));
        Ok(frames.len())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use hearback_audio::Bytes;

    use super::*;
    use crate::signal::Halt;

    #[test]
    fn samples_read_as_a_wav_file_from_any_place() {
        let samples: Vec<u8> = (0..=255).collect();
        let mut file = sound::wav_header(128).to_vec();
        file.extend(&samples);
        let mut wav = AsWav::new(Bytes(samples));
        assert_eq!(wav.len(), file.len() as u64);
        for at in [0, 1, 43, 44, 45, 200, 299, 300, 5_000] {
            let mut buf = [0; 70];
            let n = wav.fill_at(at as u64, &mut buf).unwrap();
            let expected = file.get(at..).unwrap_or_default();
            assert_eq!(buf[..n], expected[..expected.len().min(70)], "from byte {at}");
        }
    }

    #[test]
    fn frames_come_as_asked_for_until_the_end() {
        let bytes: Vec<u8> = [0_i16, 16_384, -32_768, 32_767, 1].map(i16::to_le_bytes).concat();
        let mut frames = Frames::new(Cursor::new(bytes));
        let mut out = vec![9.0];
        assert_eq!(frames.read(&mut out, 3).unwrap(), 3);
        assert_eq!(out, [9.0, 0.0, 0.5, -1.0], "after what was there");
        assert_eq!(frames.read(&mut out, 3).unwrap(), 2);
        assert_eq!(frames.read(&mut out, 3).unwrap(), 0);
    }

    #[test]
    fn a_source_is_read_anywhere_until_the_job_is_to_stop() {
        let signal = Signal::default();
        let mut source = Source::new(Cursor::new(b"0123456789".to_vec()), 10, signal.clone());
        let mut buf = [0; 3];
        for (at, expected) in [(4, "456"), (7, "789"), (0, "012"), (9, "9"), (10, ""), (99, "")] {
            let n = source.fill_at(at, &mut buf).unwrap();
            assert_eq!(&buf[..n], expected.as_bytes());
        }
        signal.halt(Halt::Lost);
        assert!(source.fill_at(0, &mut buf).is_err());
    }
}
