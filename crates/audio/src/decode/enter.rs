//! The way into a file: what lies around the sound is looked through, and a demuxer set to where the sound begins.

use symphonia::{
    core::{
        formats::{
            FormatOptions, FormatReader,
            probe::{Hint, Probe as FormatProbe},
        },
        io::{MediaSourceStream, MediaSourceStreamOptions},
        meta::MetadataOptions,
    },
    default::formats,
};

use super::{
    amr,
    mend::Mend,
    mpeg,
    open::refusal,
    typed::{self, Typed},
    wave,
};
use crate::{
    AudioError, Limit, ReadAt, Verdict, caf, ebml, foreign,
    identify::Container,
    isobmff::{self, Movie},
    limits::{MAX_CHANNELS, RATES_HZ},
    ogg,
    riff::{self, Coding, Wave},
    source::Stream,
};

/// A demuxer, and what it does not tell.
pub(super) struct Entrance {
    pub(super) reader: Box<dyn FormatReader>,
    /// What the demuxer is for; not what the file is where one kind is wrapped in another.
    pub(super) within: Container,
    /// Of an MP4 file.
    pub(super) movie: Option<Movie>,
    /// What to call a coding that no decoder is for.
    pub(super) unknown: &'static str,
    /// Nanoseconds at the end of the last packet that only fill it up.
    pub(super) filled_ns: u64,
    /// Whether the file claims more bytes than it has.
    pub(super) cut: bool,
    /// Whether the file was never meant to say where it ends.
    pub(super) open_ended: bool,
}

impl Entrance {
    /// Goes into `source`, which is a `container` that begins at `start`.
    pub(super) fn new(
        source: Box<dyn ReadAt>,
        container: Container,
        start: u64,
    ) -> Result<Self, AudioError> {
        match container {
            Container::Wav => Self::wave(source, start),
            Container::Amr | Container::AmrWide => {
                let wide = container == Container::AmrWide;
                let mark = if wide { amr::WIDE_MARK } else { amr::MARK };
                let stream = Stream::new(source, start.saturating_add(mark.len() as u64), None);
                Ok(Self::with(Box::new(amr::reader(buffered(stream), wide)), container))
            }
            Container::Mpeg | Container::Adts => {
                let end = source.len();
                Ok(Self::with(frames(source, container, start, end)?, container))
            }
            Container::Mp4 => Self::movie(source, start),
            Container::Matroska => Self::matroska(source, start),
            Container::Caf => Self::core_audio(source, start),
            _ => Self::other(source, container, start),
        }
    }

    fn with(reader: Box<dyn FormatReader>, within: Container) -> Self {
        let unknown = within.name();
        Self { reader, within, movie: None, unknown, filled_ns: 0, cut: false, open_ended: false }
    }

    fn wave(mut source: Box<dyn ReadAt>, start: u64) -> Result<Self, AudioError> {
        let wave = riff::survey(source.as_mut(), start)??;
        let within = match wave.coding {
            Coding::Mpeg => Container::Mpeg,
            Coding::Adts => Container::Adts,
            _ => Container::Wav,
        };
        if within == Container::Wav {
            return Self::samples(source, &wave, within);
        }
        let reader = frames(source, within, wave.start, wave.end)?;
        let (cut, open_ended) = (wave.cut, wave.open_ended);
        Ok(Self { cut, open_ended, ..Self::with(reader, within) })
    }

    fn movie(mut source: Box<dyn ReadAt>, start: u64) -> Result<Self, AudioError> {
        let movie = isobmff::survey(source.as_mut(), start)?;
        if !movie.has_index {
            return Err(Verdict::TruncatedNoIndex.into());
        }
        let reader = if typed::has_type(source.as_mut(), start)? {
            let stream = Stream::new(source, start, movie.cut_from);
            probe(stream, Container::Mp4, Some(&movie))?
        } else {
            // Probing looks for what is missing, so the demuxer is set to it without.
            let (typed, entered) = Typed::new(source, movie.cut_from);
            let stream = buffered(Stream::new(Box::new(typed), start, None));
            let reader = formats::IsoMp4Reader::try_new(stream, FormatOptions::default())
                .map_err(|error| refusal(error, Container::Mp4.name(), Some(&movie)))?;
            entered.tell();
            Box::new(reader)
        };
        let cut = movie.cut_from.is_some();
        Ok(Self { movie: Some(movie), cut, ..Self::with(reader, Container::Mp4) })
    }

    fn matroska(source: Box<dyn ReadAt>, start: u64) -> Result<Self, AudioError> {
        // It may have to be begun twice.
        let mut source = Mend::new(source);
        let segment = ebml::survey(&mut source, start)?;
        let unknown = foreign::matroska_name(&head(&mut source, start)?);
        let within = Container::Matroska;
        let stream = || Stream::new(Box::new(source.clone()), start, None);
        let reader = if segment.cut_from.is_some() || segment.shifted {
            // Looking for the index would end the reading.
            probe(stream().forward_only(), within, None)?
        } else {
            match probe(stream(), within, None) {
                // It may be the index behind the sound that is damaged, and nothing is looked up in it here.
                Err(AudioError::Refused(Verdict::Corrupt)) => {
                    probe(stream().forward_only(), within, None)?
                }
                other => other?,
            }
        };
        let (cut, open_ended) = (segment.cut_from.is_some(), segment.open_ended);
        let filled_ns = segment.filled_ns;
        Ok(Self { unknown, filled_ns, cut, open_ended, ..Self::with(reader, within) })
    }

    fn other(
        mut source: Box<dyn ReadAt>,
        within: Container,
        start: u64,
    ) -> Result<Self, AudioError> {
        let len = source.len();
        let end = match within {
            Container::Aiff => form_end(source.as_mut(), start)?.filter(|end| *end > len),
            Container::Ogg => ogg::last_page_end(source.as_mut(), start)?,
            _ => None,
        };
        let head = head(source.as_mut(), start)?;
        let end = end.unwrap_or(len);
        let cut = end > len;
        let mut stream = Stream::between(source, start, end);
        if cut {
            // Looking for what lies behind the sound would end the reading.
            stream = stream.forward_only();
        }
        let ogg = within == Container::Ogg;
        let reader = probe(stream, within, None).map_err(|error| {
            match (error, foreign::ogg_name(&head).filter(|_| ogg)) {
                (AudioError::Refused(_), Some(name)) => Verdict::unsupported(name).into(),
                (other, _) => other,
            }
        })?;
        let unknown = if ogg { foreign::ogg_unread(&head) } else { within.name() };
        Ok(Self { unknown, cut, ..Self::with(reader, within) })
    }

    fn core_audio(mut source: Box<dyn ReadAt>, start: u64) -> Result<Self, AudioError> {
        let caf = caf::survey(source.as_mut(), start)?;
        if let Some(wave) = caf.plain {
            return Self::samples(source, &wave?, Container::Caf);
        }
        if caf.lost_index {
            // It is written last.
            let cut = caf.end == source.len();
            return Err(if cut { Verdict::TruncatedNoIndex } else { Verdict::Corrupt }.into());
        }
        let mut stream = Stream::between(source, start, caf.end);
        if caf.cut {
            stream = stream.forward_only();
        }
        let reader = probe(stream, Container::Caf, None)?;
        Ok(Self { cut: caf.cut, ..Self::with(reader, Container::Caf) })
    }

    /// Samples that stand there as they are, or nearly so.
    fn samples(
        source: Box<dyn ReadAt>,
        wave: &Wave,
        within: Container,
    ) -> Result<Self, AudioError> {
        check(wave)?;
        let stream = Stream::between(source, wave.start, wave.end);
        let reader = Box::new(wave::reader(buffered(stream), wave));
        let (cut, open_ended) = (wave.cut, wave.open_ended);
        Ok(Self { cut, open_ended, ..Self::with(reader, within) })
    }
}

/// Where an AIFF file ends by its own account.
fn form_end(source: &mut dyn ReadAt, start: u64) -> Result<Option<u64>, AudioError> {
    let mut head = [0; 8];
    source.fill_at(start, &mut head)?;
    let [.., a, b, c, d] = head;
    Ok(start.checked_add(8 + u64::from(u32::from_be_bytes([a, b, c, d]))))
}

/// Bytes of a file in which the names of its codings are looked for.
const HEAD: usize = 16 * 1024;

fn head(source: &mut dyn ReadAt, start: u64) -> Result<Vec<u8>, AudioError> {
    let mut head = vec![0; HEAD];
    let n = source.fill_at(start, &mut head)?;
    head.truncate(n);
    Ok(head)
}

fn check(wave: &Wave) -> Result<(), Verdict> {
    if !RATES_HZ.contains(&wave.rate) {
        return Err(Verdict::Limits { what: Limit::Rate });
    }
    if usize::from(wave.channels) > MAX_CHANNELS {
        return Err(Verdict::Limits { what: Limit::Channels });
    }
    Ok(())
}

fn buffered(stream: Stream) -> MediaSourceStream<'static> {
    MediaSourceStream::new(Box::new(stream), MediaSourceStreamOptions::default())
}

/// A demuxer for the bare frames between two positions.
fn frames(
    source: Box<dyn ReadAt>,
    container: Container,
    start: u64,
    end: u64,
) -> Result<Box<dyn FormatReader>, AudioError> {
    if container == Container::Adts {
        mpeg::adts(source, start, end, buffered)
    } else {
        mpeg::mpeg(source, start, end, buffered)
    }
}

fn probe(
    stream: Stream,
    container: Container,
    movie: Option<&Movie>,
) -> Result<Box<dyn FormatReader>, AudioError> {
    demuxer(container)
        .probe(&Hint::new(), buffered(stream), FormatOptions::default(), MetadataOptions::default())
        .map_err(|error| refusal(error, container.name(), movie))
}

/// Only the demuxer for what the file was identified as: a smaller surface, and no search for other markers.
fn demuxer(container: Container) -> FormatProbe {
    let mut probe = FormatProbe::new();
    match container {
        // Our own, which need no probing.
        Container::Wav
        | Container::Amr
        | Container::AmrWide
        | Container::Mpeg
        | Container::Adts => {}
        Container::Aiff => probe.register_format::<formats::AiffReader<'_>>(),
        Container::Caf => probe.register_format::<formats::CafReader<'_>>(),
        Container::Flac => probe.register_format::<formats::FlacReader<'_>>(),
        Container::Ogg => probe.register_format::<formats::OggReader<'_>>(),
        Container::Matroska => probe.register_format::<formats::MkvReader<'_>>(),
        Container::Mp4 => probe.register_format::<formats::IsoMp4Reader<'_>>(),
    }
    probe
}
