//! An hour of speech, as recorders make it: two voices in a room, stereo, 44.1 kHz, in the formats that people send.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::{
    demo,
    shell::{program, run, say},
};

/// A file to be decoded.
pub(super) struct Material {
    pub(super) name: &'static str,
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
}

/// Names, file names, and how ffmpeg makes each of the first one.
const FORMATS: [(&str, &str, &[&str]); 6] = [
    ("wav", "speech.wav", &[]),
    ("flac", "speech.flac", &["-c:a", "flac"]),
    ("mp3 cbr", "cbr.mp3", &["-c:a", "libmp3lame", "-b:a", "128k"]),
    ("mp3 vbr", "vbr.mp3", &["-c:a", "libmp3lame", "-q:a", "4"]),
    ("aac m4a", "speech.m4a", &["-c:a", "aac", "-b:a", "128k"]),
    ("opus ogg", "speech.ogg", &["-c:a", "libopus", "-b:a", "48k"]),
];

/// The visit of the demo, over and over, with a second microphone 7 ms further away, and each channel's own noise: so
/// that no codec has an easy hour of silence or of two channels that are one.
const ROOM: &str = "[0]aresample=44100,asplit[near][to];[to]adelay=7,volume=0.8[far];\
                    [near][1]amix=inputs=2:duration=first:normalize=0[left];\
                    [far][2]amix=inputs=2:duration=first:normalize=0[right];\
                    [left][right]join=inputs=2:channel_layout=stereo[out]";

/// Sees to it that every file is there, in `folder`.
pub(super) fn make(folder: &Path, minutes: u32) -> anyhow::Result<Vec<Material>> {
    fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
    let first = folder.join(FORMATS[0].1);
    let mut made = Vec::new();
    for (name, file, how) in FORMATS {
        let path = folder.join(file);
        if !path.exists() {
            say(&format!("{minutes} minutes of speech as {name}"));
            // Under another name until it is whole.
            let part = folder.join(format!("part.{file}"));
            if how.is_empty() { record(folder, minutes, &part) } else { code(&first, how, &part) }?;
            fs::rename(&part, &path)?;
        }
        let bytes = fs::metadata(&path)?.len();
        made.push(Material { name, path, bytes });
    }
    Ok(made)
}

fn record(folder: &Path, minutes: u32, to: &Path) -> anyhow::Result<()> {
    let visit = folder.join("visit.wav");
    if !visit.exists() {
        demo::spoken_visit(&visit)?;
    }
    let noise = |seed: u32| format!("anoisesrc=r=44100:c=pink:a=0.01:s={seed}");
    let mut ffmpeg =
        program("ffmpeg", ["-nostdin", "-v", "error", "-y", "-stream_loop", "-1", "-i"]);
    ffmpeg.arg(&visit).args(["-f", "lavfi", "-i", &noise(1), "-f", "lavfi", "-i", &noise(2)]);
    ffmpeg.args(["-filter_complex", ROOM, "-map", "[out]", "-c:a", "pcm_s16le", "-t"]);
    run(ffmpeg.arg((minutes * 60).to_string()).arg(to))
}

fn code(from: &Path, how: &[&str], to: &Path) -> anyhow::Result<()> {
    let mut ffmpeg = program("ffmpeg", ["-nostdin", "-v", "error", "-y", "-i"]);
    run(ffmpeg.arg(from).args(how).arg(to))
}
