//! The sound files that are spoilt: one sound in every form, made by ffmpeg while the tests run.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use crate::{
    anatomy::{self, Part},
    signals,
};

/// What tells the forms of one kind of file apart as far as expectations go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Wav,
    Aiff,
    Caf,
    Flac,
    Ogg,
    Matroska,
    Mp4,
    Mpeg,
    Adts,
}

/// One sound in one form.
pub(crate) struct Form {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Whether the samples stand there as they are: then no damage to them can be noticed.
    pub(crate) plain: bool,
    pub(crate) bytes: Vec<u8>,
    /// The structure of the file.
    pub(crate) parts: Vec<Part>,
    /// Where the sound begins, and where it ends.
    pub(crate) sound: (usize, usize),
    /// Where the index ends without which there is nothing; 0 if the file needs none.
    pub(crate) index_end: usize,
}

/// By how many milliseconds a whole file may be longer than the sound: what encoders put in front and behind and do not
/// say.
pub(crate) const SLACK: u64 = 130;

/// How long the sound lasts.
pub(crate) const MS: u64 = 3_217;

type Recipe = (&'static str, Kind, bool, &'static str, &'static [&'static str]);

/// Name, kind, whether the samples stand there as they are, file name, and what to tell ffmpeg.
const RECIPES: &[Recipe] = &[
    ("wav s16", Kind::Wav, true, "s16.wav", &[]),
    ("wav f32", Kind::Wav, true, "f32.wav", &["-c:a", "pcm_f32le"]),
    ("wav mulaw", Kind::Wav, true, "mulaw.wav", &["-c:a", "pcm_mulaw"]),
    ("wav ima", Kind::Wav, false, "ima.wav", &["-c:a", "adpcm_ima_wav"]),
    ("aiff s16", Kind::Aiff, true, "s16.aiff", &[]),
    ("caf s16", Kind::Caf, true, "s16.caf", &["-c:a", "pcm_s16le"]),
    ("caf alac", Kind::Caf, false, "alac.caf", &["-c:a", "alac"]),
    ("flac", Kind::Flac, false, "x.flac", &["-frame_size", "2048"]),
    ("ogg vorbis", Kind::Ogg, false, "x.ogg", &["-c:a", "libvorbis", "-page_duration", "200000"]),
    ("ogg opus", Kind::Ogg, false, "x.opus", &["-c:a", "libopus", "-page_duration", "200000"]),
    (
        "ogg flac",
        Kind::Ogg,
        false,
        "f.oga",
        &["-c:a", "flac", "-frame_size", "2048", "-f", "ogg", "-page_duration", "200000"],
    ),
    (
        "webm opus",
        Kind::Matroska,
        false,
        "x.webm",
        &["-c:a", "libopus", "-cluster_time_limit", "200"],
    ),
    (
        "webm vorbis",
        Kind::Matroska,
        false,
        "v.webm",
        &["-c:a", "libvorbis", "-cluster_time_limit", "200"],
    ),
    ("mkv aac", Kind::Matroska, false, "a.mkv", &["-c:a", "aac", "-cluster_time_limit", "200"]),
    ("m4a index last", Kind::Mp4, false, "last.m4a", &["-c:a", "aac"]),
    ("m4a index first", Kind::Mp4, false, "first.m4a", &["-c:a", "aac", "-movflags", "faststart"]),
    (
        "mp4 fragments",
        Kind::Mp4,
        false,
        "fragments.mp4",
        &["-c:a", "aac", "-frag_duration", "200000", "-movflags", "empty_moov+default_base_moof"],
    ),
    ("m4a alac", Kind::Mp4, false, "alac.m4a", &["-c:a", "alac"]),
    ("mov pcm", Kind::Mp4, true, "pcm.mov", &["-c:a", "pcm_s16le", "-movflags", "faststart"]),
    (
        "mp4 film",
        Kind::Mp4,
        false,
        "film.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "color=size=64x64:rate=5:duration=3.2",
            "-c:v",
            "mpeg4",
            "-c:a",
            "aac",
            "-movflags",
            "faststart",
        ],
    ),
    ("mp3", Kind::Mpeg, false, "x.mp3", &["-b:a", "96k"]),
    (
        "mp3 without xing",
        Kind::Mpeg,
        false,
        "untold.mp3",
        &["-b:a", "96k", "-write_xing", "0", "-id3v2_version", "0"],
    ),
    ("aac", Kind::Adts, false, "x.aac", &["-c:a", "aac"]),
];

/// Where the program that judges finds the files that the one that makes them left for it.
pub(crate) const FOLDER: &str = "HEARBACK_CORPUS_FILES";

/// Makes the files.
pub(crate) fn make(folder: &Path) {
    let wav = folder.join("sound.wav");
    signals::write_wav(&wav, 44_100);
    for (_, _, _, file, args) in RECIPES {
        let exact = ["-fflags", "+bitexact", "-flags:a", "+bitexact"];
        signals::encode(&wav, file, &[args, &exact[..]].concat());
    }
    let film = ["-f", "lavfi", "-i", "color=size=64x64:duration=1", "-map", "1:v", "-c:v", "mpeg4"];
    signals::encode(&wav, "silent-film.mp4", &film);
    signals::encode(&wav, "silent-film.mkv", &film);
    signals::encode(&wav, "8ch.wav", &["-ac", "8"]);
    signals::encode(&wav, "192k.wav", &["-ar", "192000"]);
    signals::encode(&wav, "s24.wav", &["-c:a", "pcm_s24le"]);
    signals::encode(&wav, "ms.wav", &["-c:a", "adpcm_ms"]);
    signals::encode(&wav, "low.mp3", &["-ar", "8000", "-ac", "1", "-b:a", "8k"]);
}

/// Where a file that [`make`] made lies.
pub(crate) fn path(file: &str) -> PathBuf {
    PathBuf::from(std::env::var_os(FOLDER).expect("the program that starts this one sets it"))
        .join(file)
}

/// One of them.
pub(crate) fn bytes(file: &str) -> Vec<u8> {
    fs::read(path(file)).expect("it was made")
}

/// All forms.
pub(crate) fn forms() -> &'static [Form] {
    static FORMS: OnceLock<Vec<Form>> = OnceLock::new();
    FORMS.get_or_init(|| RECIPES.iter().map(form).collect())
}

/// The form of that name.
pub(crate) fn form_named(name: &str) -> &'static Form {
    forms().iter().find(|form| form.name == name).expect("a form by its name")
}

fn form(&(name, kind, plain, file, _): &Recipe) -> Form {
    let bytes = bytes(file);
    let parts = match kind {
        Kind::Wav | Kind::Aiff => anatomy::chunks(&bytes),
        Kind::Caf => anatomy::caf_chunks(&bytes),
        Kind::Flac => anatomy::flac_blocks(&bytes),
        Kind::Ogg => anatomy::pages(&bytes),
        Kind::Matroska => anatomy::elements(&bytes),
        Kind::Mp4 => anatomy::boxes(&bytes),
        Kind::Mpeg => anatomy::mp3_frames(&bytes),
        Kind::Adts => anatomy::adts_frames(&bytes),
    };
    let of = |name: &str| anatomy::part(&parts, name).map(|part| (part.start, part.end));
    let sound = match kind {
        Kind::Wav => of("data"),
        // Before the samples stand a count of edits, or an offset and a block size.
        Kind::Caf => of("data").map(|(start, end)| (start + 4, end)),
        Kind::Aiff => of("SSND").map(|(start, end)| (start + 8, end)),
        Kind::Flac => of("frames"),
        Kind::Mp4 => of("mdat").map(|(start, end)| match of("moof") {
            Some((moof, _)) => (moof - 8, bytes.len()),
            None => (start, end),
        }),
        // Cluster.
        Kind::Matroska => of("1f43b675").map(|(start, _)| (start, bytes.len())),
        // Headers have no time.
        Kind::Ogg => parts
            .iter()
            .find(|page| anatomy::le(&bytes, page.at + 6, 8) > 0)
            .map(|page| (page.at, bytes.len())),
        Kind::Mpeg | Kind::Adts => parts.first().map(|frame| (frame.at, bytes.len())),
    };
    let index_end = match kind {
        Kind::Mp4 => of("moov").map_or(0, |(_, end)| end),
        // The table of packets.
        Kind::Caf if !plain => of("pakt").map_or(0, |(_, end)| end),
        _ => 0,
    };
    let sound = sound.unwrap_or_else(|| panic!("{name}: no sound among {parts:?}"));
    Form { name, kind, plain, bytes, parts, sound, index_end }
}

impl Form {
    /// Whether its frames are looked for, and so found also behind something else.
    pub(crate) fn searched(&self) -> bool {
        matches!(self.kind, Kind::Mpeg | Kind::Adts)
    }

    /// The part of that name.
    pub(crate) fn part(&self, name: &str) -> Option<&Part> {
        anatomy::part(&self.parts, name)
    }
}
