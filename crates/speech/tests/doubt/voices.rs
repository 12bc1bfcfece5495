//! Voices: synthesisers that speak what they are told, and people who once read something aloud into a Debian package.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use hearback_speech::RATE;

/// Something that is said, and its text if the model is meant to write it down.
#[derive(Clone)]
pub(crate) struct Said {
    pub(crate) sound: Vec<f32>,
    pub(crate) text: String,
}

/// Which half of the material: one to choose thresholds by, one to judge them by. Nothing is in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    Tuning,
    Judging,
}

impl Half {
    /// Every second one.
    pub(crate) fn of<T>(self, all: impl IntoIterator<Item = T>) -> Vec<T> {
        let first = usize::from(self == Self::Judging);
        all.into_iter().skip(first).step_by(2).collect()
    }
}

const HINT: &str = "`cargo xtask test` installs what these tests need, and runs them";

/// flite says it.
pub(crate) fn flite(voice: &str, text: &str) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let wav = folder.path().join("said.wav");
    run(Command::new("flite").args(["-voice", voice, "-t", text, "-o"]).arg(&wav));
    Said { sound: decode(&wav, &[]), text: text.to_owned() }
}

/// espeak-ng says it.
pub(crate) fn espeak(voice: &str, text: &str) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let wav = folder.path().join("said.wav");
    run(Command::new("espeak-ng").args(["-v", voice, "-s", "150", "-w"]).arg(&wav).arg(text));
    Said { sound: decode(&wav, &[]), text: text.to_owned() }
}

/// Five sentences of "Sense and Sensibility" and some playing cards, read aloud (Debian: pocketsphinx-testdata).
pub(crate) fn read_aloud() -> Vec<Said> {
    let folder = Path::new("/usr/share/pocketsphinx/test/data");
    let mut all = Vec::new();
    for (part, list) in [("librivox", "transcription"), ("cards", "cards.transcription")] {
        let file = folder.join(part).join(list);
        let lines = fs::read_to_string(&file)
            .unwrap_or_else(|_| panic!("{} is not there; {HINT}", file.display()));
        for line in lines.lines() {
            let (text, name) = line.split_once("</s>").unwrap();
            let name = name.trim().trim_matches(['(', ')']);
            let sound = decode(&folder.join(part).join(format!("{name}.wav")), &[]);
            all.push(Said { sound, text: text.trim_start_matches("<s>").trim().to_owned() });
        }
    }
    all
}

/// A sentence that lies in a file.
pub(crate) struct Prompt {
    file: PathBuf,
    text: String,
}

impl Prompt {
    pub(crate) fn hear(&self) -> Said {
        Said { sound: decode(&self.file, &["-f", "g722"]), text: self.text.clone() }
    }
}

/// A telephone exchange's sentences (Debian: asterisk-core-sounds), of at least `least` letters and without figures:
/// `en` or `fr`.
pub(crate) fn announcements(language: &str, least: usize) -> Vec<Prompt> {
    let voice = if language == "en" { "en_US_f_Allison" } else { "fr_CA_f_June" };
    let folder = Path::new("/usr/share/asterisk/sounds").join(voice);
    let list =
        format!("/usr/share/doc/asterisk-core-sounds-{language}/core-sounds-{language}.txt.gz");
    let lines = Command::new("gzip").args(["-dc", &list]).output().unwrap();
    assert!(lines.status.success(), "{list} is not there; {HINT}");
    let mut all = Vec::new();
    for line in String::from_utf8_lossy(&lines.stdout).lines() {
        let Some((name, text)) = line.split_once(": ") else { continue };
        let file = folder.join(format!("{name}.g722"));
        // Figures, and names that are spelt: written in more than one way.
        let plain = text.len() >= least
            && !text.contains(|c: char| c.is_ascii_digit() || "[]<>/*".contains(c))
            && !text.contains("...");
        if plain && file.exists() {
            all.push(Prompt { file, text: text.to_owned() });
        }
    }
    assert!(all.len() > 10, "{list} lists too little");
    all
}

/// What waiting callers hear (Debian: asterisk-moh-opsound).
pub(crate) fn hold_music() -> Vec<PathBuf> {
    let folder = Path::new("/usr/share/asterisk/moh");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|_| panic!("{} is not there; {HINT}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "g722"))
        .collect();
    files.sort();
    files
}

/// Half a minute out of the middle of a piece.
pub(crate) fn music(file: &Path) -> Vec<f32> {
    decode(file, &["-f", "g722", "-ss", "20", "-t", "28"])
}

/// The file's sound at our rate.
fn decode(file: &Path, how: &[&str]) -> Vec<f32> {
    let out = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error"])
        .args(how)
        .arg("-i")
        .arg(file)
        .args(["-ac", "1", "-ar", &RATE.to_string(), "-f", "f32le", "-"])
        .output()
        .unwrap_or_else(|_| panic!("ffmpeg is not there; {HINT}"));
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    out.stdout.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

fn run(command: &mut Command) {
    let status = command.status();
    assert!(status.is_ok_and(|status| status.success()), "{command:?}; {HINT}");
}
