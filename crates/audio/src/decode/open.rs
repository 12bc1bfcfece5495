//! From bytes to a demuxer and a decoder, with what the container says about what is to be heard.

use std::io;

use hearback_domain::Ms;
use symphonia::{
    core::{
        audio::Channels,
        codecs::{
            CodecParameters,
            audio::{
                AudioCodecParameters, AudioDecoder, AudioDecoderOptions, well_known::CODEC_ID_OPUS,
            },
            registry::CodecRegistry,
        },
        errors::Error,
        formats::{
            FormatOptions, FormatReader, Track, TrackType,
            probe::{Hint, Probe as FormatProbe},
        },
        io::{MediaSourceStream, MediaSourceStreamOptions},
        meta::MetadataOptions,
        units::{Duration, TimeBase, Timestamp},
    },
    default::formats,
};

use crate::{
    AudioError, Limit, ReadAt, Verdict, ebml,
    identify::{Container, identify},
    isobmff::{self, Movie, Presented},
    limits::{MAX_CHANNELS, RATES_HZ},
    report::plain,
    riff,
    source::Stream,
};

/// A file that is ready to be decoded.
pub(super) struct Opened {
    pub(super) reader: Box<dyn FormatReader>,
    pub(super) decoder: Box<dyn AudioDecoder>,
    pub(super) track: u32,
    pub(super) container: Container,
    pub(super) codec: String,
    pub(super) time_base: Option<TimeBase>,
    /// What an edit list presents, in ticks of the time base; empty if the file has none.
    pub(super) presented: Vec<Presented>,
    /// Frames at the decoder's rate that the encoder put before the sound.
    pub(super) priming: u64,
    /// Sample rate and channels, if the container says.
    pub(super) form: Option<(u32, usize)>,
    /// Whether the file claims more bytes than it has.
    pub(super) cut: bool,
    /// Whether the file was never meant to say where it ends.
    pub(super) open_ended: bool,
    /// Whether the file has tables that say how long it is, rather than a guess.
    tables: bool,
    bytes: u64,
    bits: u32,
    length: Option<Ms>,
}

impl Opened {
    /// Identifies the file and opens its sound track.
    pub(super) fn new(mut source: Box<dyn ReadAt>) -> Result<Self, AudioError> {
        let bytes = source.len();
        let (container, start) = identify(source.as_mut())??;
        let movie = if container == Container::Mp4 {
            let movie = isobmff::survey(source.as_mut(), start)?;
            if !movie.has_index {
                return Err(Verdict::TruncatedNoIndex.into());
            }
            Some(movie)
        } else {
            None
        };
        let segment = match container {
            Container::Matroska => ebml::survey(source.as_mut(), start)?,
            _ => ebml::Segment::default(),
        };
        let lengths = match container {
            Container::Wav => riff::survey(source.as_mut(), start)?,
            _ => riff::Lengths::default(),
        };
        let cut_from = movie.as_ref().and_then(|m| m.cut_from);
        let stream = match segment.cut_from {
            Some(_) => Stream::forward_only(source, start),
            None => Stream::new(source, start, cut_from).mended(lengths.mended),
        };
        let stream = MediaSourceStream::new(Box::new(stream), MediaSourceStreamOptions::default());
        let reader = demuxers(container)
            .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
            .map_err(|error| refusal(error, container, movie.as_ref()))?;
        let mut opened = Self::with_track(reader, container, movie.as_ref())?;
        opened.bytes = bytes;
        opened.cut = cut_from.or(segment.cut_from).is_some() || lengths.unfinished;
        opened.open_ended = segment.open_ended || lengths.open_ended;
        Ok(opened)
    }

    fn with_track(
        reader: Box<dyn FormatReader>,
        container: Container,
        movie: Option<&Movie>,
    ) -> Result<Self, AudioError> {
        let codecs = codecs();
        let track = choose(reader.as_ref(), &codecs)
            .ok_or_else(|| unreadable(reader.as_ref(), movie))?
            .clone();
        let facts = movie.and_then(|m| m.tracks.iter().find(|t| t.id == track.id));
        if facts.is_some_and(|f| f.locked) {
            return Err(Verdict::Encrypted.into());
        }
        let Some(CodecParameters::Audio(params)) = track.codec_params.clone() else {
            return Err(Verdict::NoAudio.into());
        };
        let form = check_form(&params)?;
        let codec = codec_name(&codecs, &params);
        let (params, mut priming) = without_pre_skip(params);
        let decoder = codecs.make_audio_decoder(&params, &AudioDecoderOptions::default()).map_err(
            |error| match error {
                Error::Unsupported(_) => Verdict::unsupported(&codec).into(),
                other => refusal(other, container, movie),
            },
        )?;
        let presented = facts.map(|f| f.presented.clone()).unwrap_or_default();
        if !presented.is_empty() {
            // ISO files repeat the priming as an edit.
            priming = 0;
        }
        let tables = match container {
            // The LAME tag.
            Container::Mpeg => track.delay.is_some(),
            Container::Adts => false,
            // Fragments are not counted up in one place.
            Container::Mp4 => track.duration.is_some_and(|d| d.get() > 0),
            Container::Caf => codec.starts_with("pcm"),
            _ => true,
        };
        let length = length(reader.as_ref(), &track, &presented, priming, form);
        Ok(Self {
            decoder,
            track: track.id,
            container,
            codec,
            time_base: track.time_base,
            presented,
            priming,
            form,
            cut: false,
            open_ended: false,
            tables,
            bytes: 0,
            bits: params.bits_per_sample.unwrap_or(0),
            length,
            reader,
        })
    }

    /// The demuxer says that tracks may have changed: takes the new first sound track.
    pub(super) fn reopen(self) -> Result<Self, AudioError> {
        let bytes = self.bytes;
        let mut opened = Self::with_track(self.reader, self.container, None)?;
        opened.bytes = bytes;
        Ok(opened)
    }

    /// How long the file says that it is.
    pub(super) fn declared(&self) -> Option<Ms> {
        self.length
    }

    /// Whether that can be believed without going through the file.
    pub(super) fn declares_truly(&self) -> bool {
        // Plain samples take their room, however long the header says they are.
        let room = self.form.zip(self.length).is_none_or(|((rate, channels), length)| {
            let bits = u64::from(self.bits).saturating_mul(channels as u64);
            let plain = matches!(self.container, Container::Wav | Container::Aiff)
                && self.codec.starts_with("pcm");
            !plain || length.to_frames(rate).saturating_mul(bits) / 8 <= self.bytes
        });
        self.tables && !self.cut && room
    }
}

/// Only the demuxer for what the file was identified as: a smaller surface, and no search for other markers.
fn demuxers(container: Container) -> FormatProbe {
    let mut probe = FormatProbe::new();
    match container {
        Container::Wav => probe.register_format::<formats::WavReader<'_>>(),
        Container::Aiff => probe.register_format::<formats::AiffReader<'_>>(),
        Container::Caf => probe.register_format::<formats::CafReader<'_>>(),
        Container::Flac => probe.register_format::<formats::FlacReader<'_>>(),
        Container::Ogg => probe.register_format::<formats::OggReader<'_>>(),
        Container::Matroska => probe.register_format::<formats::MkvReader<'_>>(),
        Container::Mp4 => probe.register_format::<formats::IsoMp4Reader<'_>>(),
        Container::Mpeg => probe.register_format::<formats::MpaReader<'_>>(),
        Container::Adts => probe.register_format::<formats::AdtsReader<'_>>(),
    }
    probe
}

fn codecs() -> CodecRegistry {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    codecs.register_audio_decoder::<symphonia_adapter_libopus::OpusDecoder>();
    codecs
}

/// The default sound track if it can be decoded, else the first that can.
fn choose<'a>(reader: &'a dyn FormatReader, codecs: &CodecRegistry) -> Option<&'a Track> {
    let can = |track: &&Track| {
        track
            .codec_params
            .as_ref()
            .and_then(|p| p.audio())
            .is_some_and(|p| codecs.get_audio_decoder(p.codec).is_some())
    };
    reader.default_track(TrackType::Audio).filter(can).or_else(|| reader.tracks().iter().find(can))
}

/// Why no track can be decoded.
fn unreadable(reader: &dyn FormatReader, movie: Option<&Movie>) -> AudioError {
    if let Some(movie) = movie {
        let sound = movie.tracks.iter().filter(|t| t.is_sound);
        return match sound.map(|t| (t.locked, t.entry)).next() {
            None => Verdict::NoAudio,
            Some((true, _)) => Verdict::Encrypted,
            Some((false, entry)) => Verdict::unsupported(entry_name(entry)),
        }
        .into();
    }
    let sound = |t: &&Track| t.track_type() == Some(TrackType::Audio);
    let video = |t: &&Track| t.track_type() == Some(TrackType::Video);
    if reader.tracks().iter().any(|t| sound(&t)) || !reader.tracks().iter().any(|t| video(&t)) {
        Verdict::unsupported("this coding of sound").into()
    } else {
        Verdict::NoAudio.into()
    }
}

/// The everyday name of an ISO sample entry.
fn entry_name(entry: [u8; 4]) -> &'static str {
    match &entry {
        b"samr" | b"sawb" => "AMR",
        b"ac-3" | b"ec-3" => "Dolby Digital",
        b"sevc" => "EVRC",
        b"QDM2" | b"QDMC" => "QDesign",
        _ => "this coding of sound",
    }
}

/// What a demuxer's or decoder's refusal means for the person.
pub(super) fn refusal(error: Error, container: Container, movie: Option<&Movie>) -> AudioError {
    match error {
        Error::IoError(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
            AudioError::Io(error)
        }
        // The demuxers' own limits are on the size of tables.
        Error::LimitError(_) => Verdict::Limits { what: Limit::Memory }.into(),
        Error::Unsupported(_) => match movie.and_then(|m| m.tracks.iter().find(|t| t.is_sound)) {
            Some(track) if track.locked => Verdict::Encrypted.into(),
            _ => Verdict::unsupported(container.name()).into(),
        },
        _ => Verdict::Corrupt.into(),
    }
}

/// Rate and channels, if the container gives both, within what sound is recorded at.
fn check_form(params: &AudioCodecParameters) -> Result<Option<(u32, usize)>, Verdict> {
    let channels = params.channels.as_ref().map(Channels::count);
    if params.sample_rate.is_some_and(|rate| !RATES_HZ.contains(&rate)) {
        return Err(Verdict::Limits { what: Limit::Rate });
    }
    if channels.is_some_and(|n| n > MAX_CHANNELS) {
        return Err(Verdict::Limits { what: Limit::Channels });
    }
    Ok(params.sample_rate.zip(channels.filter(|n| *n > 0)))
}

fn codec_name(codecs: &CodecRegistry, params: &AudioCodecParameters) -> String {
    plain(codecs.get_audio_decoder(params.codec).map_or("unknown", |c| c.codec.info.short_name))
}

/// Opus says in its own header how much to drop, and its adapter does that only within the first packet (up to 20 of
/// perhaps 80 ms): the number is taken out of the header and kept by us. Its rate is 48 kHz whatever was declared.
fn without_pre_skip(mut params: AudioCodecParameters) -> (AudioCodecParameters, u64) {
    if params.codec != CODEC_ID_OPUS {
        return (params, 0);
    }
    params.sample_rate = Some(48_000);
    let mut skip = 0;
    if let Some(bytes) = params.extra_data.as_mut().and_then(|d| d.get_mut(10..12)) {
        skip = u64::from(bytes[0]) | u64::from(bytes[1]) << 8;
        bytes.fill(0);
    }
    (params, skip)
}

/// How long the file says that it is.
fn length(
    reader: &dyn FormatReader,
    track: &Track,
    presented: &[Presented],
    priming: u64,
    form: Option<(u32, usize)>,
) -> Option<Ms> {
    let ms = |base: TimeBase, ticks: u64| {
        let ticks = Timestamp::new(i64::try_from(ticks).ok()?);
        u64::try_from(base.calc_time(ticks)?.as_millis()).ok().map(Ms::new)
    };
    let whole = track.duration.map(Duration::get).filter(|d| *d > 0);
    if let (Some(base), false) = (track.time_base, presented.is_empty()) {
        let last = whole.unwrap_or(u64::MAX);
        let ticks: u64 = presented
            .iter()
            .map(|p| p.end.unwrap_or(last).min(last).saturating_sub(p.start))
            .fold(0, u64::saturating_add);
        return ms(base, ticks).filter(|_| last < u64::MAX);
    }
    if let (Some(frames), Some((rate, _))) = (track.num_frames.filter(|n| *n > 0), form) {
        return Some(Ms::of_frames(frames.saturating_sub(priming), rate));
    }
    let of_track = track.time_base.zip(whole).and_then(|(base, ticks)| ms(base, ticks));
    let info = reader.media_info();
    of_track.or_else(|| ms(info.time_base?, info.duration?.get())).filter(|d| *d > Ms::ZERO)
}
