//! The demuxers for bare MPEG audio and for AAC in ADTS.

use symphonia::core::{
    audio::layouts::{CHANNEL_LAYOUT_MONO, CHANNEL_LAYOUT_STEREO},
    codecs::audio::{AudioCodecParameters, well_known as id},
    formats::{FormatInfo, FormatReader, well_known as format},
    io::MediaSourceStream,
};

use super::{
    frames::{Frames, Framing, Head},
    one_track::OneTrack,
};
use crate::{
    AudioError, ReadAt, Verdict,
    mpeg::{Adts, Mpeg, Note},
    source::Stream,
};

struct MpegFraming;

impl Framing for MpegFraming {
    const INFO: &'static FormatInfo =
        &FormatInfo { format: format::FORMAT_ID_MP3, short_name: "mpeg", long_name: "MPEG audio" };
    const HEAD: usize = 4;
    const TELLING: bool = true;

    fn head(&self, bytes: &[u8]) -> Option<Head> {
        let Mpeg { layer, first, rate, len, samples, .. } = Mpeg::new(bytes)?;
        let kind = rate << 3 | u32::from(layer) << 1 | u32::from(first);
        Some(Head { len, skip: 0, samples, kind, usual: true })
    }
}

struct AdtsFraming;

impl Framing for AdtsFraming {
    const INFO: &'static FormatInfo = &FormatInfo {
        format: format::FORMAT_ID_ADTS,
        short_name: "adts",
        long_name: "AAC in ADTS",
    };
    const HEAD: usize = 7;
    const TELLING: bool = true;

    fn head(&self, bytes: &[u8]) -> Option<Head> {
        let Adts { rate, channels, len, head: skip, samples } = Adts::new(bytes)?;
        // How many blocks there are in a frame is a recorder's habit, too.
        let blocks = u32::try_from(samples / 1_024).ok()?;
        let kind = rate << 6 | blocks << 3 | u32::from(channels);
        Some(Head { len, skip, samples, kind, usual: true })
    }
}

/// A demuxer for the MPEG audio between two positions, the first of which is a frame's.
pub(super) fn mpeg(
    mut source: Box<dyn ReadAt>,
    start: u64,
    end: u64,
    buffered: fn(Stream) -> MediaSourceStream<'static>,
) -> Result<Box<dyn FormatReader>, AudioError> {
    // No frame is longer.
    let mut frame = vec![0; 4_096];
    let n = source.fill_at(start, &mut frame)?;
    let head = Mpeg::new(&frame[..n]).ok_or(Verdict::Corrupt)?;
    frame.truncate(head.len.min(n));
    let note = Note::new(&frame);
    let start = if note.is_some() { start.saturating_add(head.len as u64) } else { start };
    let note = note.unwrap_or_default();
    let (before, behind) = note.gapless.unwrap_or_default();
    let all = note.frames.map(|frames| u64::from(frames) * head.samples);
    let heard = all.map(|all| all.saturating_sub(u64::from(before) + u64::from(behind)));
    let mut params = AudioCodecParameters::new();
    params
        .for_codec(match head.layer {
            1 => id::CODEC_ID_MP1,
            2 => id::CODEC_ID_MP2,
            _ => id::CODEC_ID_MP3,
        })
        .with_sample_rate(head.rate)
        .with_channels(if head.mono { CHANNEL_LAYOUT_MONO } else { CHANNEL_LAYOUT_STEREO });
    let last = heard.filter(|_| note.gapless.is_some()).and_then(|n| i64::try_from(n).ok());
    let frames = Frames::new(MpegFraming).heard(-i64::from(before), last);
    let stream = buffered(Stream::between(source, start, end));
    Ok(Box::new(OneTrack::new(stream, params, heard, frames)))
}

/// A demuxer for the AAC between two positions, the first of which is a frame's.
pub(super) fn adts(
    mut source: Box<dyn ReadAt>,
    start: u64,
    end: u64,
    buffered: fn(Stream) -> MediaSourceStream<'static>,
) -> Result<Box<dyn FormatReader>, AudioError> {
    let mut head = [0; 7];
    source.fill_at(start, &mut head)?;
    let head = Adts::new(&head).ok_or(Verdict::Corrupt)?;
    let channels = match head.channels {
        1 => CHANNEL_LAYOUT_MONO,
        2 => CHANNEL_LAYOUT_STEREO,
        _ => return Err(Verdict::unsupported("AAC with several channels").into()),
    };
    let mut params = AudioCodecParameters::new();
    params.for_codec(id::CODEC_ID_AAC).with_sample_rate(head.rate).with_channels(channels);
    let stream = buffered(Stream::between(source, start, end));
    Ok(Box::new(OneTrack::new(stream, params, None, Frames::new(AdtsFraming))))
}
