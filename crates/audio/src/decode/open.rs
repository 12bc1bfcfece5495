//! From bytes to a demuxer and a decoder, with what the container says about what is to be heard.

use hearback_domain::Ms;
use symphonia::core::{
    audio::Channels,
    codecs::{
        CodecParameters,
        audio::{
            AudioCodecParameters, AudioDecoder, AudioDecoderOptions,
            well_known::{CODEC_ID_AAC, CODEC_ID_OPUS},
        },
        registry::CodecRegistry,
    },
    errors::Error,
    formats::{FormatReader, Track, TrackType},
    units::{Duration, TimeBase, Timestamp},
};

use super::{
    aac,
    amr::{self, AmrDecoder},
    enter::Entrance,
    mend::Mend,
    plain::Plain,
};
use crate::{
    AudioError, Limit, ReadAt, Verdict, foreign,
    identify::{Container, identify},
    isobmff::{Movie, Presented},
    limits::{MAX_CHANNELS, RATES_HZ},
    report::plain,
    source::source_failed,
};

/// Files of no more bytes (hours of sound) are looked through for damage before they are read; films only when it is
/// met.
const LOOKED_THROUGH: u64 = 256 << 20;

/// A file that is ready to be decoded.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four things that are true independently of each other"
)]
pub(super) struct Opened {
    pub(super) reader: Box<dyn FormatReader>,
    pub(super) decoder: Box<dyn AudioDecoder>,
    /// Where our own demuxer gives samples as they are, how to read them without the decoder.
    pub(super) plain: Option<Plain>,
    pub(super) track: u32,
    pub(super) container: Container,
    pub(super) codec: String,
    pub(super) time_base: Option<TimeBase>,
    /// What an edit list presents, in ticks of the time base; empty if the file has none.
    pub(super) presented: Vec<Presented>,
    /// Frames at the decoder's rate that the encoder put before the sound.
    pub(super) priming: u64,
    /// Frames by which the file takes the sound to be later than the decoder gives it.
    pub(super) late: u64,
    /// Nanoseconds at the end of the last packet that only fill it up.
    pub(super) filled_ns: u64,
    /// Sample rate and channels, if the container says.
    pub(super) form: Option<(u32, usize)>,
    /// Where damage within the file can be covered.
    mend: Option<Mend>,
    /// Where the file begins.
    start: u64,
    /// Whether damage was covered.
    pub(super) mended: bool,
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
        let (container, start) = identify(source.as_mut())??;
        let mut mend = None;
        if container == Container::Matroska {
            source = Box::new(mend.insert(Mend::new(source)).clone());
        }
        // WebM and Matroska are walked from head to head before anything is read: their reader passes over some damage
        // without a word, and what comes behind it would be taken to be earlier than it was.
        let early = mend.as_ref().filter(|mend| mend.len() <= LOOKED_THROUGH);
        let mended = early.map_or(Ok(false), |mend| mend.cover(start))?;
        let opened = Self::entered(source, container, start)?;
        Ok(Self { mend, start, mended, ..opened })
    }

    /// The file from its beginning with the damage in it covered, if there is any that was not looked for before.
    pub(super) fn mended(&self) -> Option<Result<Self, AudioError>> {
        let mend = self.mend.as_ref()?;
        match mend.cover(self.start) {
            Ok(false) => None,
            Ok(true) => Some(
                Self::entered(Box::new(mend.clone()), self.container, self.start)
                    .map(|opened| Self { mended: true, start: self.start, ..opened }),
            ),
            Err(error) => Some(Err(error.into())),
        }
    }

    fn entered(
        source: Box<dyn ReadAt>,
        container: Container,
        start: u64,
    ) -> Result<Self, AudioError> {
        let bytes = source.len();
        let entrance = Entrance::new(source, container, start)?;
        let Entrance { reader, within, movie, unknown, filled_ns, cut, open_ended } = entrance;
        let mut opened = Self::with_track(reader, within, movie.as_ref(), unknown)?;
        opened.container = container;
        opened.bytes = bytes;
        opened.filled_ns = filled_ns;
        opened.cut = cut;
        opened.open_ended = open_ended;
        Ok(opened)
    }

    fn with_track(
        reader: Box<dyn FormatReader>,
        container: Container,
        movie: Option<&Movie>,
        unknown: &'static str,
    ) -> Result<Self, AudioError> {
        let codecs = codecs();
        let track = choose(reader.as_ref(), &codecs, movie)
            .ok_or_else(|| unreadable(reader.as_ref(), movie, unknown))?;
        let facts = movie.and_then(|m| m.tracks.iter().find(|t| t.id == track.id));
        if facts.is_some_and(|f| f.locked) {
            return Err(Verdict::Encrypted.into());
        }
        let Some(CodecParameters::Audio(params)) = track.codec_params.clone() else {
            return Err(Verdict::NoAudio.into());
        };
        let form = check_form(&params)?;
        let codec = codec_name(&codecs, &params);
        two_at_most(&params)?;
        let (params, mut priming) = without_pre_skip(params);
        let (params, doubled) = core_alone(params);
        let decoder = codecs.make_audio_decoder(&params, &AudioDecoderOptions::default()).map_err(
            |error| match error {
                Error::Unsupported(_) => Verdict::unsupported(&codec).into(),
                other => refusal(other, container.name(), movie),
            },
        )?;
        let presented = facts.map(|f| f.presented.clone()).unwrap_or_default();
        if !presented.is_empty() {
            // ISO files repeat the priming as an edit.
            priming = 0;
        }
        let tables = match container {
            // The encoder's note.
            Container::Mpeg => track.num_frames.is_some(),
            Container::Adts | Container::Amr | Container::AmrWide => false,
            // Fragments are not counted up in one place.
            Container::Mp4 => track.duration.is_some_and(|d| d.get() > 0),
            Container::Caf => codec.starts_with("pcm"),
            _ => true,
        };
        // Of these two every file with plain samples is read by our own demuxer, which gives them whole.
        let own = matches!(container, Container::Wav | Container::Caf);
        let plain = Plain::of(params.codec).filter(|_| own && form.is_some());
        let length = length(reader.as_ref(), &track, &presented, priming, form);
        Ok(Self {
            decoder,
            plain,
            track: track.id,
            container,
            codec,
            time_base: track.time_base,
            presented,
            priming,
            late: if doubled { aac::DELAY } else { 0 },
            filled_ns: 0,
            form,
            mend: None,
            start: 0,
            mended: false,
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
        let name = self.container.name();
        let mut opened = Self::with_track(self.reader, self.container, None, name)?;
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

fn codecs() -> CodecRegistry {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    codecs.register_audio_decoder::<symphonia_adapter_libopus::OpusDecoder>();
    codecs.register_audio_decoder::<AmrDecoder>();
    codecs
}

/// The default sound track if it can be decoded, else the first that can.
fn choose(
    reader: &dyn FormatReader,
    codecs: &CodecRegistry,
    movie: Option<&Movie>,
) -> Option<Track> {
    let can = |track: &Track| {
        let params = track.codec_params.as_ref().and_then(|p| p.audio());
        params.is_some_and(|p| codecs.get_audio_decoder(p.codec).is_some())
    };
    let default = reader.default_track(TrackType::Audio).into_iter();
    let all = default.chain(reader.tracks());
    all.map(|track| named(track, movie)).find(can)
}

/// The track, with its coding where that is one that the demuxer has no name for.
fn named(track: &Track, movie: Option<&Movie>) -> Track {
    let mut track = track.clone();
    if track.codec_params.is_none() {
        let facts = movie.and_then(|m| m.tracks.iter().find(|t| t.id == track.id));
        let params = facts.and_then(|f| amr::params_of_entry(f.entry));
        track.codec_params = params.map(CodecParameters::Audio);
    }
    track
}

/// Why no track can be decoded.
fn unreadable(
    reader: &dyn FormatReader,
    movie: Option<&Movie>,
    unknown: &'static str,
) -> AudioError {
    if let Some(movie) = movie {
        let sound = movie.tracks.iter().filter(|t| t.is_sound);
        return match sound.map(|t| (t.locked, t.entry)).next() {
            None => Verdict::NoAudio,
            Some((true, _)) => Verdict::Encrypted,
            Some((false, entry)) => Verdict::unsupported(foreign::entry_name(entry)),
        }
        .into();
    }
    let sound = |t: &&Track| t.track_type() == Some(TrackType::Audio);
    let video = |t: &&Track| t.track_type() == Some(TrackType::Video);
    if reader.tracks().iter().any(|t| sound(&t)) || !reader.tracks().iter().any(|t| video(&t)) {
        Verdict::unsupported(unknown).into()
    } else {
        Verdict::NoAudio.into()
    }
}

/// What a demuxer's or decoder's refusal means for the person.
pub(super) fn refusal(error: Error, name: &str, movie: Option<&Movie>) -> AudioError {
    match error {
        Error::IoError(error) if source_failed(&error) => AudioError::Io(error),
        // The demuxers' own limits are on the size of tables.
        Error::LimitError(_) => Verdict::Limits { what: Limit::Memory }.into(),
        Error::Unsupported(_) => match movie.and_then(|m| m.tracks.iter().find(|t| t.is_sound)) {
            Some(track) if track.locked => Verdict::Encrypted.into(),
            _ => Verdict::unsupported(name).into(),
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

/// These decoders know mono and stereo only.
fn two_at_most(params: &AudioCodecParameters) -> Result<(), Verdict> {
    let name = match params.codec {
        CODEC_ID_OPUS => "Opus with several channels",
        CODEC_ID_AAC => "AAC with several channels",
        _ => return Ok(()),
    };
    let several = params.channels.as_ref().is_some_and(|channels| channels.count() > 2);
    if several { Err(Verdict::unsupported(name)) } else { Ok(()) }
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

/// Of HE-AAC only the core is decoded. Tells whether it was that.
fn core_alone(mut params: AudioCodecParameters) -> (AudioCodecParameters, bool) {
    let of_aac = params.extra_data.as_ref().filter(|_| params.codec == CODEC_ID_AAC);
    let Some(core) = of_aac.and_then(|config| aac::core(config)) else { return (params, false) };
    params.extra_data = Some(core.config.into());
    (params, core.doubled)
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
