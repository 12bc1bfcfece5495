//! The kinds of file, and how ffmpeg makes them.

/// What comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The same samples.
    Lossless,
    /// What two decoders of one coding have in common.
    Lossy,
    /// Half of the rate: the core of HE-AAC, without what the decoder would add above it. Compared at 16 kHz.
    Core,
}

/// One kind of file.
pub(crate) struct Form {
    /// What people call it.
    pub(crate) name: &'static str,
    /// The file that is made.
    pub(crate) file: &'static str,
    pub(crate) args: &'static [&'static str],
    pub(crate) kind: Kind,
    /// What it is recognised as.
    pub(crate) found: (&'static str, &'static str),
}

const fn form(
    name: &'static str,
    file: &'static str,
    args: &'static [&'static str],
    kind: Kind,
    found: (&'static str, &'static str),
) -> Form {
    Form { name, file, args, kind, found }
}

/// What ffmpeg plays at the end although the file says that it only fills up the last packet.
const EDITED: &str = "the edit list ends with the sound; ffmpeg plays the last packet to its end";

/// Where ours and ffmpeg's may differ by more than a millisecond: the file, by how much, and why.
const DECLARED: &[(&str, f64, &str)] = &[
    ("last.m4a", 6.0, EDITED),
    ("first.m4a", 6.0, EDITED),
    ("aac.mov", 6.0, EDITED),
    ("film.mp4", 6.0, EDITED),
    ("aac.3gp", 6.0, EDITED),
    ("amr.3gp", 17.0, EDITED),
    ("opus.mp4", 17.0, EDITED),
    ("mp3.mp4", 2.0, EDITED),
    ("he.m4a", 6.0, EDITED),
    ("delayed.m4a", 23.3, "ffmpeg does not follow the edit list of a fragmented file"),
];

/// The decoders that ffmpeg is to take: its own for AMR are in floating point, where the coding is defined to the last
/// bit (3GPP TS 26.073, 26.173), and play no pauses.
const DECODERS: &[(&str, &str)] =
    &[("amr_nb", "libopencore_amrnb"), ("amr_wb", "libopencore_amrwb")];

impl Form {
    /// By how many milliseconds more than one the length, or the beginning, may differ from ffmpeg's, and why.
    pub(crate) fn declared(&self) -> Option<(f64, &'static str)> {
        DECLARED.iter().find(|(file, ..)| *file == self.file).map(|(_, ms, why)| (*ms, *why))
    }

    /// The decoder that ffmpeg is to take, if it is not its own.
    pub(crate) fn decoder(&self) -> Option<&'static str> {
        DECODERS.iter().find(|(codec, _)| *codec == self.found.1).map(|(_, decoder)| *decoder)
    }
}

use Kind::{Lossless, Lossy};

/// A film to go with the sound.
macro_rules! film {
    ($($arg:literal),*) => {
        &["-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=6.2", "-map", "1:v", "-map", "0:a", $($arg),*]
    };
}

pub(crate) const FORMS: &[Form] = &[
    form("WAV, 8 bits", "u8.wav", &["-c:a", "pcm_u8"], Lossless, ("wav", "pcm_u8")),
    form("WAV, 16 bits", "s16.wav", &["-c:a", "pcm_s16le"], Lossless, ("wav", "pcm_s16le")),
    form(
        "WAV, 24 bits (extensible)",
        "s24.wav",
        &["-c:a", "pcm_s24le"],
        Lossless,
        ("wav", "pcm_s24le"),
    ),
    form("WAV, 32 bits", "s32.wav", &["-c:a", "pcm_s32le"], Lossless, ("wav", "pcm_s32le")),
    form("WAV, float 32", "f32.wav", &["-c:a", "pcm_f32le"], Lossless, ("wav", "pcm_f32le")),
    form("WAV, float 64", "f64.wav", &["-c:a", "pcm_f64le"], Lossless, ("wav", "pcm_f64le")),
    form(
        "WAV, four channels (extensible)",
        "quad.wav",
        &["-ac", "4"],
        Lossless,
        ("wav", "pcm_s16le"),
    ),
    form(
        "WAV, A-law, 8 kHz",
        "alaw.wav",
        &["-c:a", "pcm_alaw", "-ar", "8000"],
        Lossless,
        ("wav", "pcm_alaw"),
    ),
    form(
        "WAV, µ-law, 8 kHz",
        "mulaw.wav",
        &["-c:a", "pcm_mulaw", "-ar", "8000"],
        Lossless,
        ("wav", "pcm_mulaw"),
    ),
    form("WAV, MS ADPCM", "ms.wav", &["-c:a", "adpcm_ms"], Lossy, ("wav", "adpcm_ms")),
    form("WAV, IMA ADPCM", "ima.wav", &["-c:a", "adpcm_ima_wav"], Lossy, ("wav", "adpcm_ima_wav")),
    form(
        "WAV, MP3 inside",
        "mp3.wav",
        &["-c:a", "libmp3lame", "-b:a", "96k"],
        Lossy,
        ("wav", "mp3"),
    ),
    form("RF64", "rf64.wav", &["-rf64", "always"], Lossless, ("wav", "pcm_s16le")),
    form("AIFF", "s16.aiff", &["-c:a", "pcm_s16be"], Lossless, ("aiff", "pcm_s16be")),
    form("AIFF, 24 bits", "s24.aiff", &["-c:a", "pcm_s24be"], Lossless, ("aiff", "pcm_s24be")),
    form(
        "AIFC, little end first",
        "sowt.aiff",
        &["-c:a", "pcm_s16le"],
        Lossless,
        ("aiff", "pcm_s16le"),
    ),
    form("AIFC, float", "fl32.aiff", &["-c:a", "pcm_f32be"], Lossless, ("aiff", "pcm_f32be")),
    form("AIFC, µ-law", "ulaw.aiff", &["-c:a", "pcm_mulaw"], Lossless, ("aiff", "pcm_mulaw")),
    form("CAF, PCM", "s16.caf", &["-c:a", "pcm_s16le"], Lossless, ("caf", "pcm_s16le")),
    form("CAF, ALAC", "alac.caf", &["-c:a", "alac"], Lossless, ("caf", "alac")),
    form("FLAC", "x.flac", &["-sample_fmt", "s16"], Lossless, ("flac", "flac")),
    form("FLAC, 24 bits", "s24.flac", &["-sample_fmt", "s32"], Lossless, ("flac", "flac")),
    form("FLAC in Ogg", "flac.oga", &["-c:a", "flac", "-f", "ogg"], Lossless, ("ogg", "flac")),
    form("FLAC in Matroska", "flac.mka", &["-c:a", "flac"], Lossless, ("matroska", "flac")),
    form("ALAC in M4A", "alac.m4a", &["-c:a", "alac"], Lossless, ("mp4", "alac")),
    form("MP3, constant rate", "cbr.mp3", &["-b:a", "96k"], Lossy, ("mpeg", "mp3")),
    form("MP3, variable rate", "vbr.mp3", &["-q:a", "4"], Lossy, ("mpeg", "mp3")),
    form(
        "MP3, no Xing header",
        "bare.mp3",
        &["-b:a", "96k", "-write_xing", "0"],
        Lossy,
        ("mpeg", "mp3"),
    ),
    form(
        "MP3, variable rate, no Xing header",
        "loose.mp3",
        &["-q:a", "4", "-write_xing", "0"],
        Lossy,
        ("mpeg", "mp3"),
    ),
    form(
        "MP3 with a picture",
        "picture.mp3",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=640x480:duration=0.1:rate=10",
            "-map",
            "0:a",
            "-map",
            "1:v",
            "-c:v",
            "png",
            "-frames:v",
            "1",
            "-id3v2_version",
            "3",
            "-metadata",
            "title=A visit",
            "-b:a",
            "64k",
        ],
        Lossy,
        ("mpeg", "mp3"),
    ),
    form(
        "MP3, 22 kHz mono (MPEG 2)",
        "mpeg2.mp3",
        &["-ar", "22050", "-ac", "1"],
        Lossy,
        ("mpeg", "mp3"),
    ),
    form(
        "MP3, 11 kHz mono (MPEG 2.5)",
        "mpeg25.mp3",
        &["-ar", "11025", "-ac", "1"],
        Lossy,
        ("mpeg", "mp3"),
    ),
    form("MP2", "x.mp2", &["-b:a", "128k"], Lossy, ("mpeg", "mp2")),
    form("AAC in ADTS", "x.aac", &["-c:a", "aac"], Lossy, ("adts", "aac")),
    form("M4A, index last", "last.m4a", &["-c:a", "aac"], Lossy, ("mp4", "aac")),
    form(
        "M4A, index first",
        "first.m4a",
        &["-c:a", "aac", "-movflags", "faststart"],
        Lossy,
        ("mp4", "aac"),
    ),
    form(
        "M4A, fragmented",
        "fragments.m4a",
        &[
            "-c:a",
            "aac",
            "-frag_duration",
            "500000",
            "-movflags",
            "empty_moov+default_base_moof",
            "-f",
            "mp4",
        ],
        Lossy,
        ("mp4", "aac"),
    ),
    form(
        "M4A, fragmented, index after the first packets",
        "delayed.m4a",
        &[
            "-c:a",
            "aac",
            "-frag_duration",
            "500000",
            "-movflags",
            "delay_moov+default_base_moof",
            "-f",
            "mp4",
        ],
        Lossy,
        ("mp4", "aac"),
    ),
    form("Opus in MP4", "opus.mp4", &["-c:a", "libopus", "-strict", "-2"], Lossy, ("mp4", "opus")),
    form("FLAC in MP4", "flac.mp4", &["-c:a", "flac", "-strict", "-2"], Lossless, ("mp4", "flac")),
    form("MP3 in MP4", "mp3.mp4", &["-c:a", "libmp3lame"], Lossy, ("mp4", "mp3")),
    form("MOV, AAC", "aac.mov", &["-c:a", "aac"], Lossy, ("mp4", "aac")),
    form("MOV, PCM", "pcm.mov", &["-c:a", "pcm_s16le"], Lossless, ("mp4", "pcm_s16le")),
    form("Ogg Vorbis", "x.ogg", &["-c:a", "libvorbis"], Lossy, ("ogg", "vorbis")),
    form("Ogg Opus", "x.opus", &["-c:a", "libopus"], Lossy, ("ogg", "opus")),
    form(
        "Ogg Opus, 60 ms packets",
        "long.opus",
        &["-c:a", "libopus", "-frame_duration", "60"],
        Lossy,
        ("ogg", "opus"),
    ),
    form(
        "Ogg Opus, voice message (16 kHz mono)",
        "voice.ogg",
        &["-c:a", "libopus", "-ar", "16000", "-ac", "1", "-b:a", "16k", "-application", "voip"],
        Lossy,
        ("ogg", "opus"),
    ),
    form("WebM, Opus", "x.webm", &["-c:a", "libopus"], Lossy, ("matroska", "opus")),
    form(
        "WebM, Opus, live (no length)",
        "live.webm",
        &["-c:a", "libopus", "-live", "1"],
        Lossy,
        ("matroska", "opus"),
    ),
    form("WebM, Vorbis", "vorbis.webm", &["-c:a", "libvorbis"], Lossy, ("matroska", "vorbis")),
    form("Matroska, AAC", "aac.mkv", &["-c:a", "aac"], Lossy, ("matroska", "aac")),
    form("Matroska, MP3", "mp3.mkv", &["-c:a", "libmp3lame"], Lossy, ("matroska", "mp3")),
    form("Matroska, PCM", "pcm.mkv", &["-c:a", "pcm_s16le"], Lossless, ("matroska", "pcm_s16le")),
    form(
        "Film: MP4, AAC",
        "film.mp4",
        film!("-c:v", "mpeg4", "-c:a", "aac"),
        Lossy,
        ("mp4", "aac"),
    ),
    form(
        "Film: MOV, PCM",
        "film.mov",
        film!("-c:v", "mjpeg", "-c:a", "pcm_s16le"),
        Lossless,
        ("mp4", "pcm_s16le"),
    ),
    form(
        "Film: Matroska, Vorbis",
        "film.mkv",
        film!("-c:v", "mpeg4", "-c:a", "libvorbis"),
        Lossy,
        ("matroska", "vorbis"),
    ),
    form(
        "Film: WebM, Opus",
        "film.webm",
        film!("-c:v", "libvpx", "-c:a", "libopus"),
        Lossy,
        ("matroska", "opus"),
    ),
    form("3GP, AAC", "aac.3gp", &["-c:a", "aac"], Lossy, ("mp4", "aac")),
    form(
        "AMR, 12.2 kbit/s",
        "full.amr",
        &["-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1", "-b:a", "12.2k"],
        Lossy,
        ("amr", "amr_nb"),
    ),
    form(
        "AMR, 4.75 kbit/s",
        "least.amr",
        &["-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1", "-b:a", "4.75k"],
        Lossy,
        ("amr", "amr_nb"),
    ),
    form(
        "AMR with pauses left out",
        "dtx.amr",
        &["-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1", "-b:a", "7.95k", "-dtx", "1"],
        Lossy,
        ("amr", "amr_nb"),
    ),
    form(
        "AMR wide, 23.85 kbit/s",
        "full.awb",
        &["-c:a", "libvo_amrwbenc", "-ar", "16000", "-ac", "1", "-b:a", "23.85k", "-f", "amr"],
        Lossy,
        ("amr", "amr_wb"),
    ),
    form(
        "AMR wide, 6.6 kbit/s",
        "least.awb",
        &["-c:a", "libvo_amrwbenc", "-ar", "16000", "-ac", "1", "-b:a", "6.6k", "-f", "amr"],
        Lossy,
        ("amr", "amr_wb"),
    ),
    form(
        "3GP, AMR",
        "amr.3gp",
        &["-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1", "-b:a", "12.2k"],
        Lossy,
        ("mp4", "amr_nb"),
    ),
    form(
        "3GP, AMR wide",
        "awb.3gp",
        &["-c:a", "libvo_amrwbenc", "-ar", "16000", "-ac", "1", "-b:a", "12.65k"],
        Lossy,
        ("mp4", "amr_wb"),
    ),
];
