//! What our own demuxers have in common: one track, read from front to back.

use symphonia::core::{
    codecs::{CodecParameters, audio::AudioCodecParameters},
    errors::{Result, SeekErrorKind, seek_error},
    formats::{FormatInfo, FormatReader, MediaInfo, SeekMode, SeekTo, SeekedTo, Track},
    io::MediaSourceStream,
    meta::{Metadata, MetadataLog},
    packet::Packet,
    units::Duration,
};

/// Cuts a stream into packets.
pub(super) trait Cut: Send + Sync {
    /// The kind of file.
    const INFO: &'static FormatInfo;

    /// The next packet; nothing at the end.
    fn next(&mut self, stream: &mut MediaSourceStream<'static>) -> Result<Option<Packet>>;
}

/// A demuxer around something that cuts.
pub(super) struct OneTrack<C> {
    stream: MediaSourceStream<'static>,
    cut: C,
    tracks: [Track; 1],
    media: MediaInfo,
    log: MetadataLog,
}

impl<C: Cut> OneTrack<C> {
    /// A track with number 0, whose clock counts frames; `frames` is how many there are, if that is known.
    pub(super) fn new(
        stream: MediaSourceStream<'static>,
        params: AudioCodecParameters,
        frames: Option<u64>,
        cut: C,
    ) -> Self {
        let mut track = Track::new(0);
        track.with_codec_params(CodecParameters::Audio(params));
        if let Some(frames) = frames {
            track.with_num_frames(frames).with_duration(Duration::new(frames));
        }
        let media = MediaInfo::from_track(&track);
        Self { stream, cut, tracks: [track], media, log: MetadataLog::default() }
    }
}

impl<C: Cut> FormatReader for OneTrack<C> {
    fn format_info(&self) -> &FormatInfo {
        C::INFO
    }

    fn media_info(&self) -> &MediaInfo {
        &self.media
    }

    fn metadata(&mut self) -> Metadata<'_> {
        self.log.metadata()
    }

    fn seek(&mut self, _: SeekMode, _: SeekTo) -> Result<SeekedTo> {
        seek_error(SeekErrorKind::Unseekable)
    }

    fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    fn next_packet(&mut self) -> Result<Option<Packet>> {
        self.cut.next(&mut self.stream)
    }

    fn into_inner<'s>(self: Box<Self>) -> MediaSourceStream<'s>
    where
        Self: 's,
    {
        self.stream
    }
}

/// Reads into `buf` until it is full or the stream ends; gives how many bytes there were.
pub(super) fn fill(stream: &mut MediaSourceStream<'_>, buf: &mut [u8]) -> Result<usize> {
    let mut done = 0;
    while done < buf.len() {
        match std::io::Read::read(stream, &mut buf[done..]) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(done)
}
