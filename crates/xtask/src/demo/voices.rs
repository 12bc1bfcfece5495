//! Speaks the script with a synthesiser and joins the turns into one recording.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::script::{Mark, Script, Voice};
use crate::{
    flite,
    progress::Bar,
    wav::{self, RATE},
};

/// Silence between two turns, in milliseconds.
const PAUSE_MS: u64 = 380;
/// Silence before the first and after the last turn, in milliseconds.
const EDGE_MS: u64 = 900;
/// Peak of the faint noise that a room has (of 32,768).
const ROOM: i32 = 14;

/// The visit as a file.
pub(crate) struct Recording {
    pub(crate) file: PathBuf,
    /// First and last millisecond of each turn.
    turns: Vec<(u64, u64)>,
}

impl Recording {
    /// Where a mark starts and ends, in milliseconds, with a breath before and after.
    pub(crate) fn span(&self, script: &Script, mark: &Mark) -> anyhow::Result<(u64, u64)> {
        const BREATH_MS: u64 = 150;
        let (from, to) = script.turns_of(mark)?;
        let (start, end) = (self.turns[from].0, self.turns[to].1);
        Ok((start.saturating_sub(BREATH_MS), end + BREATH_MS))
    }
}

/// Speaks the whole script into `file`: 16-bit mono WAV.
pub(crate) fn speak(script: &Script, file: &Path) -> anyhow::Result<Recording> {
    let mut bar = Bar::new("speaking");
    let mut sound = silence(EDGE_MS);
    let mut turns = Vec::new();
    for (at, turn) in script.turns.iter().enumerate() {
        let start = millis(sound.len());
        sound.extend(say(turn.voice, &turn.text, &file.with_extension("turn.wav"))?);
        turns.push((start, millis(sound.len())));
        sound.extend(silence(PAUSE_MS));
        bar.set(u32::try_from((at + 1) * 1000 / script.turns.len()).unwrap_or(1000));
    }
    sound.extend(silence(EDGE_MS));
    room(&mut sound);
    wav::write(file, &sound).with_context(|| format!("could not write {}", file.display()))?;
    Ok(Recording { file: file.to_path_buf(), turns })
}

/// One turn, spoken.
fn say(voice: Voice, text: &str, scratch: &Path) -> anyhow::Result<Vec<i16>> {
    let voice = match voice {
        Voice::Worker => "slt",
        Voice::Robin => "rms",
    };
    flite::say(voice, &[], text, scratch)
}

fn silence(ms: u64) -> Vec<i16> {
    vec![0; usize::try_from(ms * u64::from(RATE) / 1000).unwrap_or_default()]
}

fn millis(frames: usize) -> u64 {
    frames as u64 * 1000 / u64::from(RATE)
}

/// Adds a faint noise, the same each time: nobody records in perfect silence.
fn room(sound: &mut [i16]) {
    let mut state = 0x2545_f491_u32;
    for sample in sound {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let noise = i32::try_from(state % (2 * ROOM.unsigned_abs() + 1)).unwrap_or_default() - ROOM;
        *sample = i16::try_from(i32::from(*sample) + noise).unwrap_or(*sample);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_room_is_faint_and_always_the_same() {
        let mut a = silence(100);
        let mut b = silence(100);
        room(&mut a);
        room(&mut b);
        assert_eq!(a, b);
        assert!(a.iter().all(|sample| i32::from(sample.unsigned_abs()) <= ROOM));
        assert!(a.iter().any(|sample| *sample != 0));
    }

    /// The real synthesiser, and the real script: four to six minutes, and every mark inside it, in order.
    #[test]
    fn the_visit_lasts_four_to_six_minutes() {
        let dir = std::env::temp_dir().join(format!("xtask-visit-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let script = Script::own().unwrap();
        let recording = speak(&script, &dir.join("visit.wav")).unwrap();
        let length = millis(wav::samples(&fs::read(&recording.file).unwrap()).unwrap().len());
        assert!((240_000..=360_000).contains(&length), "{length} ms");
        let mut clips = 0;
        for mark in &script.marks {
            let (start, end) = recording.span(&script, mark).unwrap();
            assert!(start < end && end <= length);
            clips += if mark.clip { end - start } else { 0 };
        }
        assert!(clips < length / 3, "the extracts stay under a third of the visit: {clips} ms");
        fs::remove_dir_all(&dir).unwrap();
    }
}
