//! FLAC, written as the sound comes in (RFC 9639).

use std::{
    fmt,
    io::{self, Seek, SeekFrom, Write},
};

use flacenc::{
    bitsink::ByteSink,
    component::{BitRepr, Stream, StreamInfo},
    config,
    error::{Verified, Verify},
    source::{Context, Fill, FrameBuf},
};

use crate::wav::Form;

/// Bits of a sample.
const BITS: usize = 16;
/// Bytes before the first frame: the mark, a block's header, and the stream's facts.
const HEAD_LEN: usize = 4 + 4 + 34;

/// Writes a FLAC file of 16-bit sound, block by block; what the file says of itself at its beginning (length, checksum
/// of the samples) is written when it is finished.
///
/// Holds one block of sound, a quarter of a second at 16 kHz.
pub struct FlacWriter<W: Write + Seek> {
    out: W,
    config: Verified<config::Encoder>,
    info: StreamInfo,
    block: (FrameBuf, Context),
    /// Samples that do not fill a block yet, little end first.
    pending: Vec<u8>,
    block_bytes: usize,
    /// Bytes after the head.
    written: u64,
    sink: ByteSink,
}

impl<W: Write + Seek> FlacWriter<W> {
    /// A file in the given form. What `out` holds from its present position is overwritten.
    ///
    /// The format knows up to 8 channels; the encoder goes up to 96 kHz.
    pub fn new(mut out: W, form: Form) -> io::Result<Self> {
        let config = config::Encoder::default().into_verified().map_err(|(_, error)| no(error))?;
        let channels = usize::from(form.channels);
        let info = StreamInfo::new(form.rate_hz as usize, channels, BITS).map_err(no)?;
        let buffer = FrameBuf::with_size(channels, config.block_size).map_err(no)?;
        out.write_all(&[0; HEAD_LEN])?;
        Ok(Self {
            out,
            info,
            block: (buffer, Context::new(BITS, channels)),
            pending: Vec::new(),
            block_bytes: config.block_size * form.frame_len(),
            written: 0,
            sink: ByteSink::new(),
            config,
        })
    }

    /// Adds samples, interleaved if there are several channels.
    pub fn push_i16(&mut self, samples: &[i16]) -> io::Result<()> {
        self.pending.extend(samples.iter().copied().flat_map(i16::to_le_bytes));
        let mut pending = std::mem::take(&mut self.pending);
        let whole = pending.len() / self.block_bytes * self.block_bytes;
        for block in pending[..whole].chunks_exact(self.block_bytes) {
            self.write_block(block)?;
        }
        pending.drain(..whole);
        self.pending = pending;
        Ok(())
    }

    fn write_block(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.block.fill_le_bytes(bytes, BITS / 8).map_err(no)?;
        let (buffer, context) = &self.block;
        let number = context.current_frame_number().unwrap_or(0);
        let frame = flacenc::encode_fixed_size_frame(&self.config, buffer, number, &self.info)
            .map_err(no)?;
        self.sink.clear();
        frame.write(&mut self.sink).map_err(no)?;
        self.info.update_frame_info(&frame);
        self.written += self.sink.as_slice().len() as u64;
        self.out.write_all(self.sink.as_slice())
    }

    /// Writes what is left and the head, and gives back what was written to (at its end) with the number of frames.
    pub fn finish(mut self) -> io::Result<(W, u64)> {
        let rest = std::mem::take(&mut self.pending);
        if !rest.is_empty() {
            self.write_block(&rest)?;
        }
        let frames = self.block.1.total_samples();
        self.info.set_total_samples(frames);
        self.info.set_md5_digest(&self.block.1.md5_digest());
        // The format leaves the last, shorter block out of this; decoders that are told of it lose their place.
        let size = self.config.block_size;
        self.info.set_block_sizes(size, size).map_err(no)?;
        if frames == 0 {
            self.info.set_frame_sizes(0, 0).map_err(no)?;
        }
        self.sink.clear();
        Stream::with_stream_info(self.info).write(&mut self.sink).map_err(no)?;
        let back = i64::try_from(HEAD_LEN as u64 + self.written).map_err(io::Error::other)?;
        self.out.seek(SeekFrom::Current(-back))?;
        self.out.write_all(self.sink.as_slice())?;
        self.out.seek(SeekFrom::End(0))?;
        self.out.flush()?;
        Ok((self.out, frames as u64))
    }
}

fn no(error: impl fmt::Display) -> io::Error {
    io::Error::other(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;
    use crate::{Bytes, Limits, Shape, decode, wav::to_i16};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn another_decoder_finds_every_sample(
            noise in prop::collection::vec(any::<i16>(), 1..12_000),
            rate_hz in prop::sample::select(vec![8_000_u32, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000]),
            channels in 1_u16..3,
            quiet in 0_u32..16,
            block in 1_usize..9_000,
        ) {
            let samples: Vec<i16> = noise.iter().map(|s| s >> quiet).collect();
            let whole = &samples[..samples.len() / usize::from(channels) * usize::from(channels)];
            prop_assume!(!whole.is_empty());
            let mut out = Cursor::new(b"before".to_vec());
            out.set_position(6);
            let mut flac = FlacWriter::new(out, Form { rate_hz, channels })?;
            for part in whole.chunks(block) {
                flac.push_i16(part)?;
            }
            let (out, frames) = flac.finish()?;
            prop_assert_eq!(frames, (whole.len() / usize::from(channels)) as u64);
            let bytes = out.into_inner();
            prop_assert_eq!(&bytes[..6], b"before", "begins where it was told to");
            let mut heard = Vec::new();
            let report = decode::run_shaped(
                Box::new(Bytes(bytes[6..].to_vec())),
                Shape::NATIVE,
                &Limits::default(),
                &mut |block| {
                    heard.extend(block.samples.iter().map(|s| to_i16(*s)));
                    Ok(())
                },
            )
            .expect("decodes");
            prop_assert_eq!(heard.as_slice(), whole);
            prop_assert_eq!((report.rate_hz, report.channels), (rate_hz, channels));
        }
    }

    #[test]
    fn what_the_format_cannot_hold_is_refused() {
        let refused = |rate_hz, channels| {
            FlacWriter::new(Cursor::new(Vec::new()), Form { rate_hz, channels }).is_err()
        };
        assert!(refused(16_000, 0) && refused(16_000, 9) && refused(3_000_000, 1));
        assert!(!refused(16_000, 1));
    }
}
