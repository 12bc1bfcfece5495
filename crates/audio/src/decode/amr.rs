//! AMR, narrow and wide: what older phones and many recording apps write, as a file of its own or inside 3GP.
//!
//! The storage format is RFC 4867 §5.3: a mark, then for each 20 ms a byte that says how the frame is coded, and the
//! frame. A 3GP file has the same frames, without the mark.

use codec_core::{CodecConfig, CodedFrame, FrameKind, VariableRateCodec, codecs::amr::AmrCodec};
use symphonia::core::{
    audio::{
        AsGenericAudioBufferRef, Audio, AudioBuffer, AudioMut, AudioSpec, GenericAudioBufferRef,
        layouts::CHANNEL_LAYOUT_MONO,
    },
    codecs::{
        CodecInfo,
        audio::{
            AudioCodecId, AudioCodecParameters, AudioDecoder, AudioDecoderOptions, FinalizeResult,
        },
        registry::{RegisterableAudioDecoder, SupportedAudioCodec},
    },
    common::FourCc,
    errors::{Result, decode_error, unsupported_error},
    formats::{FormatId, FormatInfo},
    io::MediaSourceStream,
    packet::PacketRef,
};

use super::{
    frames::{Frames, Framing, Head},
    one_track::OneTrack,
};

const NARROW: AudioCodecId = AudioCodecId::new(FourCc::new(*b"samr"));
const WIDE: AudioCodecId = AudioCodecId::new(FourCc::new(*b"sawb"));

/// How an AMR file begins.
pub(crate) const MARK: &[u8] = b"#!AMR\n";
/// How one with the wide form begins.
pub(crate) const WIDE_MARK: &[u8] = b"#!AMR-WB\n";

/// Bytes of a frame by its type, without the byte that says so; the others are reserved (RFC 4867 §3.6).
const NARROW_LEN: [Option<usize>; 16] = lens(&[12, 13, 15, 17, 19, 20, 26, 31, 5], &[15]);
const WIDE_LEN: [Option<usize>; 16] = lens(&[17, 23, 32, 36, 40, 46, 50, 58, 60, 5], &[14, 15]);

const fn lens(coded: &[usize], empty: &[usize]) -> [Option<usize>; 16] {
    let mut all = [None; 16];
    let mut i = 0;
    while i < coded.len() {
        all[i] = Some(coded[i]);
        i += 1;
    }
    let mut i = 0;
    while i < empty.len() {
        all[empty[i]] = Some(0);
        i += 1;
    }
    all
}

/// What follows from how wide it is.
#[derive(Clone, Copy)]
struct Form {
    rate: u32,
    frame: u16,
    lens: &'static [Option<usize>; 16],
}

impl Form {
    fn of(wide: bool) -> Self {
        if wide {
            Self { rate: 16_000, frame: 320, lens: &WIDE_LEN }
        } else {
            Self { rate: 8_000, frame: 160, lens: &NARROW_LEN }
        }
    }

    /// Bytes of the frame that begins with this one, itself included. Its last bits are always zero.
    fn len(&self, head: u8) -> Option<usize> {
        let len = self.lens[usize::from(head >> 3 & 15)]?;
        (head & 0x83 == 0).then_some(len + 1)
    }
}

/// The coding of a track with this sample entry.
pub(super) fn params_of_entry(entry: [u8; 4]) -> Option<AudioCodecParameters> {
    match &entry {
        b"samr" => Some(params(false)),
        b"sawb" => Some(params(true)),
        _ => None,
    }
}

fn params(wide: bool) -> AudioCodecParameters {
    let mut params = AudioCodecParameters::new();
    params
        .for_codec(if wide { WIDE } else { NARROW })
        .with_sample_rate(Form::of(wide).rate)
        .with_channels(CHANNEL_LAYOUT_MONO);
    params
}

/// How frames begin in a file.
pub(super) struct AmrFraming(Form);

impl Framing for AmrFraming {
    const INFO: &'static FormatInfo = &FormatInfo {
        format: FormatId::new(FourCc::new(*b"amr ")),
        short_name: "amr",
        long_name: "Adaptive Multi-Rate",
    };
    const HEAD: usize = 1;
    const TELLING: bool = false;

    fn head(&self, bytes: &[u8]) -> Option<Head> {
        let head = *bytes.first()?;
        let len = self.0.len(head)?;
        // Silence takes next to nothing, and says nothing of how long a frame is.
        Some(Head { len, skip: 0, samples: self.0.frame.into(), kind: 0, usual: len > 6 })
    }
}

/// A demuxer for a file of AMR frames; `stream` begins behind the mark.
pub(super) fn reader(
    stream: MediaSourceStream<'static>,
    wide: bool,
) -> OneTrack<Frames<AmrFraming>> {
    OneTrack::new(stream, params(wide), None, Frames::new(AmrFraming(Form::of(wide))))
}

/// Frames that a 3GP file keeps together, at the very most; the standard allows 15 (3GPP TS 26.244 §6.5).
const MOST_IN_A_PACKET: usize = 50;

/// The decoder.
pub(super) struct AmrDecoder {
    params: AudioCodecParameters,
    wide: bool,
    codec: AmrCodec,
    buffer: AudioBuffer<f32>,
}

impl AmrDecoder {
    /// The sound of the frames in a packet, one after the other.
    fn frames(&mut self, mut data: &[u8]) -> Result<()> {
        let form = Form::of(self.wide);
        while let Some((head, rest)) = data.split_first() {
            let len = coded_len(form, *head)?;
            let Some((frame, rest)) = rest.split_at_checked(len) else {
                return decode_error("amr: a frame is cut off");
            };
            data = rest;
            let Ok(sound) = self.codec.decode_frame(&coded(self.wide, *head, frame)) else {
                return decode_error("amr: a frame makes no sense");
            };
            let start = self.buffer.frames();
            if start + sound.len() > self.buffer.capacity() {
                return decode_error("amr: more frames than fit in a packet");
            }
            self.buffer.resize_with_silence(start + sound.len());
            if let Some(plane) = self.buffer.plane_mut(0) {
                for (to, from) in plane[start..].iter_mut().zip(sound) {
                    *to = f32::from(from) / 32_768.0;
                }
            }
        }
        Ok(())
    }
}

/// Bytes of the frame behind this head. Some writers set bits in it that mean something on the line only.
fn coded_len(form: Form, head: u8) -> Result<usize> {
    match form.lens[usize::from(head >> 3 & 15)] {
        Some(len) => Ok(len),
        None => decode_error("amr: a frame of a reserved type"),
    }
}

/// A frame as the codec wants it.
fn coded(wide: bool, head: u8, data: &[u8]) -> CodedFrame {
    let kind = head >> 3 & 15;
    let comfort = if wide { 9 } else { 8 };
    let (kind, mode) = match kind {
        15 => (FrameKind::NoData, 0),
        14 => (FrameKind::Lost, 0),
        sid if sid == comfort => (FrameKind::ComfortNoise, 0),
        mode => (FrameKind::Speech, mode),
    };
    CodedFrame { kind, mode, quality_ok: head & 4 != 0, data: data.to_vec() }
}

impl AudioDecoder for AmrDecoder {
    fn reset(&mut self) {
        if let Ok(codec) = codec(self.wide) {
            self.codec = codec;
        }
    }

    fn codec_info(&self) -> &CodecInfo {
        &CODECS[usize::from(self.wide)].info
    }

    fn codec_params(&self) -> &AudioCodecParameters {
        &self.params
    }

    fn decode_ref(&mut self, packet: &PacketRef<'_>) -> Result<GenericAudioBufferRef<'_>> {
        self.buffer.clear();
        if packet.data.is_empty() {
            return decode_error("amr: frames were lost");
        }
        self.frames(packet.data)?;
        Ok(self.buffer.as_generic_audio_buffer_ref())
    }

    fn finalize(&mut self) -> FinalizeResult {
        FinalizeResult::default()
    }

    fn last_decoded(&self) -> GenericAudioBufferRef<'_> {
        self.buffer.as_generic_audio_buffer_ref()
    }
}

fn codec(wide: bool) -> Result<AmrCodec> {
    let config = if wide { CodecConfig::amr_wb() } else { CodecConfig::amr_nb() };
    AmrCodec::new(&config).or_else(|_| unsupported_error("amr: the codec cannot be set up"))
}

const CODECS: &[SupportedAudioCodec] = &[
    SupportedAudioCodec {
        id: NARROW,
        info: CodecInfo { short_name: "amr_nb", long_name: "AMR, narrow band", profiles: &[] },
    },
    SupportedAudioCodec {
        id: WIDE,
        info: CodecInfo { short_name: "amr_wb", long_name: "AMR, wide band", profiles: &[] },
    },
];

impl RegisterableAudioDecoder for AmrDecoder {
    fn try_registry_new(
        params: &AudioCodecParameters,
        _: &AudioDecoderOptions,
    ) -> Result<Box<dyn AudioDecoder>> {
        let wide = params.codec == WIDE;
        let spec = AudioSpec::new(Form::of(wide).rate, CHANNEL_LAYOUT_MONO);
        let decoder = Self {
            params: params.clone(),
            wide,
            codec: codec(wide)?,
            buffer: AudioBuffer::new(spec, MOST_IN_A_PACKET * usize::from(Form::of(wide).frame)),
        };
        Ok(Box::new(decoder))
    }

    fn supported_codecs() -> &'static [SupportedAudioCodec] {
        CODECS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_as_long_as_their_type_says() {
        let len = |wide, head| Form::of(wide).len(head);
        assert_eq!(len(false, 0x3c), Some(32), "12.2 kbit/s");
        assert_eq!(len(true, 0x44), Some(61), "23.85 kbit/s");
        assert_eq!((len(false, 0x44), len(true, 0x4c)), (Some(6), Some(6)), "comfort noise");
        assert_eq!((len(false, 0x7c), len(true, 0x7c)), (Some(1), Some(1)), "nothing");
        assert_eq!((len(false, 0x4c), len(true, 0x54)), (None, None), "reserved");
        assert_eq!(len(false, 0x3d), None, "bits that are always zero");
    }
}
