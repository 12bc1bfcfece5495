//! Speaks the script with a synthesiser and joins the turns into one recording.

use std::{
    fs,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

use super::script::{Mark, Script, Voice};
use crate::{
    progress::Bar,
    shell::{output, program},
};

/// Frames per second of flite's clear voices, and of the file.
const RATE: u32 = 16_000;
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
    write(file, &sound).with_context(|| format!("could not write {}", file.display()))?;
    Ok(Recording { file: file.to_path_buf(), turns })
}

/// One turn, spoken, without the silence that the synthesiser puts around it.
fn say(voice: Voice, text: &str, scratch: &Path) -> anyhow::Result<Vec<i16>> {
    let voice = match voice {
        Voice::Worker => "slt",
        Voice::Robin => "rms",
    };
    output(program("flite", ["-voice", voice, "-t", text, "-o"]).arg(scratch))?;
    let wav = fs::read(scratch).context("the synthesiser wrote nothing")?;
    // Failing to remove a scratch file harms nobody.
    let _ = fs::remove_file(scratch);
    let sound = samples(&wav).with_context(|| format!("what flite wrote for “{text}”"))?;
    let loud = |sample: &i16| sample.unsigned_abs() > 200;
    match (sound.iter().position(loud), sound.iter().rposition(loud)) {
        (Some(first), Some(last)) => Ok(sound[first..=last].to_vec()),
        _ => bail!("flite said nothing for “{text}”"),
    }
}

/// The samples of a 16-bit mono WAV file at [`RATE`].
fn samples(wav: &[u8]) -> anyhow::Result<Vec<i16>> {
    let body = wav
        .strip_prefix(b"RIFF")
        .filter(|rest| rest.get(4..8) == Some(b"WAVE"))
        .context("not a WAV file")?;
    let mut rest = &body[8..];
    let mut format = None;
    while let Some((head, after)) = rest.split_at_checked(8) {
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let chunk = &after[..size.min(after.len())];
        match &head[..4] {
            b"fmt " => format = Some(chunk),
            b"data" => {
                // Format tag 1 (PCM), one channel, the rate, and 16 bits at byte 14.
                let format =
                    format.filter(|f| f.len() >= 16).context("no format before the sound")?;
                let rate = u32::from_le_bytes([format[4], format[5], format[6], format[7]]);
                if (&format[..4], rate, &format[14..16]) != (&[1, 0, 1, 0], RATE, &[16, 0]) {
                    bail!("not 16-bit mono at {RATE} Hz");
                }
                return Ok(chunk
                    .chunks_exact(2)
                    .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
                    .collect());
            }
            _ => {}
        }
        // Chunks start on even bytes.
        rest = after.get(size + size % 2..).unwrap_or_default();
    }
    bail!("no sound in it")
}

fn write(file: &Path, sound: &[i16]) -> anyhow::Result<()> {
    let bytes = u32::try_from(sound.len() * 2).context("too long for a WAV file")?;
    let mut out = BufWriter::new(fs::File::create(file)?);
    out.write_all(b"RIFF")?;
    out.write_all(&(36 + bytes).to_le_bytes())?;
    out.write_all(b"WAVEfmt \x10\0\0\0\x01\0\x01\0")?;
    out.write_all(&RATE.to_le_bytes())?;
    out.write_all(&(RATE * 2).to_le_bytes())?;
    out.write_all(b"\x02\0\x10\0data")?;
    out.write_all(&bytes.to_le_bytes())?;
    for sample in sound {
        out.write_all(&sample.to_le_bytes())?;
    }
    out.flush()?;
    Ok(())
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
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let dir = std::env::temp_dir().join(format!("xtask-voices-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let sound: Vec<i16> = (-300..300).collect();
        write(&dir.join("a.wav"), &sound).unwrap();
        assert_eq!(samples(&fs::read(dir.join("a.wav")).unwrap()).unwrap(), sound);
        fs::remove_dir_all(&dir).unwrap();
        assert!(samples(b"RIFF....WAVE").is_err());
        assert!(samples(b"not a wave file").is_err());
    }

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
        let length = millis(samples(&fs::read(&recording.file).unwrap()).unwrap().len());
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
