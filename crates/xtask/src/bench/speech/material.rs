//! What is transcribed: sentences that a person read, and long visits of two voices, with what was said.
//!
//! Everything is made from a seed. The visits take turns as the demo's people do, some of them read by a person, at
//! uneven speed and pitch and from uneven distance, with the pauses that people make.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::{
    demo, flite,
    shell::say,
    wav::{self, RATE},
};

/// Sound and what is said in it.
pub(super) struct Material {
    pub(super) name: String,
    pub(super) sound: PathBuf,
    /// Nothing, where nobody wrote down what is said.
    pub(super) text: String,
    pub(super) seconds: f64,
}

/// Where Debian's `pocketsphinx-testdata` puts five sentences of "Sense and Sensibility".
const READ: &str = "/usr/share/pocketsphinx/test/data/librivox";

/// Root mean square of a voice close by (of 32,768).
const VOICE: f64 = 1_900.0;

/// Sees to it that everything is there, in `folder`; `also` is a file of the caller's, with its text beside it.
pub(super) fn make(
    folder: &Path,
    minutes: u32,
    also: Option<&Path>,
) -> anyhow::Result<Vec<Material>> {
    fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
    let mut all = [
        Plan { name: "read".to_owned(), seconds: 0, noise: 6.0, seed: 1 },
        // One part in twenty of a voice's amplitude: 26 dB below it.
        Plan {
            name: format!("noisy {}", minutes.div_ceil(6)),
            seconds: minutes * 10,
            noise: 95.0,
            seed: 2,
        },
        Plan { name: format!("visit {minutes}"), seconds: minutes * 60, noise: 12.0, seed: 3 },
    ]
    .iter()
    .map(|plan| plan.material(folder))
    .collect::<anyhow::Result<Vec<_>>>()?;
    if let Some(file) = also {
        let text = fs::read_to_string(file.with_extension("txt")).unwrap_or_default();
        let bytes = fs::read(file).with_context(|| format!("{}", file.display()))?;
        let sound = wav::samples(&bytes).with_context(|| format!("{}", file.display()))?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        all.push(Material { name, sound: file.to_owned(), text, seconds: length(&sound) });
    }
    Ok(all)
}

/// What a recording is to be.
struct Plan {
    name: String,
    /// At least so long; without a length, each sentence that a person read comes once.
    seconds: u32,
    /// Root mean square of the room's noise.
    noise: f64,
    seed: u64,
}

impl Plan {
    fn material(&self, folder: &Path) -> anyhow::Result<Material> {
        let stem = folder.join(self.name.replace(' ', "-"));
        let (sound, text) = (stem.with_extension("wav"), stem.with_extension("txt"));
        if !text.exists() {
            say(&format!("making {}", self.name));
            let (samples, said) = self.speak(&stem.with_extension("part.wav"))?;
            wav::write(&sound, &samples)?;
            // Last: where it is, the sound is whole.
            fs::write(&text, said)?;
        }
        let samples = wav::samples(&fs::read(&sound)?)?;
        let (name, text) = (self.name.clone(), fs::read_to_string(text)?);
        Ok(Material { name, sound, text, seconds: length(&samples) })
    }

    fn speak(&self, scratch: &Path) -> anyhow::Result<(Vec<i16>, String)> {
        let mut chance = Chance(self.seed);
        let read = read_aloud()?;
        let lines = demo::lines()?;
        let wanted = self.seconds as usize * RATE as usize;
        let (mut sound, mut said) = (vec![0.0; RATE as usize / 2], String::new());
        let mut turns: Vec<usize> = Vec::new();
        loop {
            if turns.is_empty() {
                if !said.is_empty() && (wanted == 0 || sound.len() >= wanted) {
                    break;
                }
                let all = if wanted == 0 { 0..read.len() } else { 0..read.len() + lines.len() };
                turns = chance.shuffled(all);
            }
            if wanted > 0 && sound.len() >= wanted {
                break;
            }
            let Some(turn) = turns.pop() else { break };
            let (voice, text) = if let Some((voice, text)) = read.get(turn) {
                (voice.clone(), text.clone())
            } else {
                let text = lines[turn - read.len()].clone();
                (synthesised(&text, turn % 2, &mut chance, scratch)?, text)
            };
            let level = VOICE * chance.between(0.4, 1.2) / rms(&voice).max(1.0);
            sound.extend(voice.iter().map(|sample| sample * level));
            let pause = if chance.below(12) == 0 {
                chance.between(3.0, 8.0)
            } else {
                chance.between(0.3, 2.2)
            };
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds")]
            let pause = (pause * f64::from(RATE)) as usize;
            sound.resize(sound.len() + pause, 0.0);
            said = said + &text + " ";
        }
        Ok((self.in_the_room(&sound, &mut chance), said))
    }

    /// Adds noise that has more below 1 kHz than above.
    fn in_the_room(&self, sound: &[f64], chance: &mut Chance) -> Vec<i16> {
        let mut low = 0.0;
        let noise = |chance: &mut Chance| {
            low = 0.67 * low + 0.33 * chance.normal();
            // What this filter leaves of a normal's amplitude.
            self.noise * low / 0.445
        };
        let mut noise = noise;
        #[expect(clippy::cast_possible_truncation, reason = "clamped")]
        let sample = |value: f64| value.round().clamp(-32_768.0, 32_767.0) as i16;
        sound.iter().map(|value| sample(value + noise(chance))).collect()
    }
}

fn length(sound: &[i16]) -> f64 {
    f64::from(u32::try_from(sound.len()).unwrap_or(u32::MAX)) / f64::from(RATE)
}

#[expect(clippy::cast_precision_loss, reason = "some seconds")]
fn rms(sound: &[f64]) -> f64 {
    (sound.iter().map(|s| s * s).sum::<f64>() / sound.len().max(1) as f64).sqrt()
}

/// The sentences that a person read, each with its text.
fn read_aloud() -> anyhow::Result<Vec<(Vec<f64>, String)>> {
    let folder = Path::new(READ);
    let list = fs::read_to_string(folder.join("transcription"))
        .context("the package pocketsphinx-testdata")?;
    list.lines()
        .map(|line| {
            let (text, name) = line.split_once("</s>").context("a line without its end")?;
            let name = name.trim().trim_matches(['(', ')']);
            let wav = fs::read(folder.join(name).with_extension("wav"))?;
            let text = text.trim_start_matches("<s>").trim().to_owned();
            Ok((numbers(&wav::samples(&wav)?), text))
        })
        .collect()
}

/// One of two voices says it, in one of its moods.
fn synthesised(
    text: &str,
    voice: usize,
    chance: &mut Chance,
    scratch: &Path,
) -> anyhow::Result<Vec<f64>> {
    let (name, pitch) = [("slt", 170.0), ("rms", 95.0)][voice];
    let slow = format!("duration_stretch={:.2}", chance.between(0.85, 1.15));
    let high = format!("int_f0_target_mean={:.0}", pitch * chance.between(0.9, 1.15));
    Ok(numbers(&flite::say(name, &[slow, high], text, scratch)?))
}

fn numbers(sound: &[i16]) -> Vec<f64> {
    sound.iter().map(|sample| f64::from(*sample)).collect()
}

/// Numbers that look drawn, and are the same for the same seed (`SplitMix64`; Steele, Lea and Flood 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to 1.
    fn unit(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap_or(0)) / 4_294_967_296.0
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A number below `count`, which is not zero.
    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or(0) % count
    }

    /// About a standard normal: the sum of twelve.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    fn shuffled(&mut self, all: std::ops::Range<usize>) -> Vec<usize> {
        let mut all: Vec<usize> = all.collect();
        for i in (1..all.len()).rev() {
            all.swap(i, self.below(i + 1));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_room() {
        let plan = Plan { name: String::new(), seconds: 1, noise: 100.0, seed: 5 };
        let room = |seed| plan.in_the_room(&vec![0.0; 16_000], &mut Chance(seed));
        assert_eq!(room(5), room(5));
        assert_ne!(room(5), room(6));
        let loud = rms(&numbers(&room(5)));
        assert!((80.0..120.0).contains(&loud), "{loud}");
    }

    #[test]
    fn everybody_has_a_turn() {
        let mut turns = Chance(3).shuffled(0..40);
        assert_ne!(turns, (0..40).collect::<Vec<_>>());
        turns.sort_unstable();
        assert_eq!(turns, (0..40).collect::<Vec<_>>());
    }
}
