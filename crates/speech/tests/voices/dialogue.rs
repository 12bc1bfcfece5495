//! Dialogues of synthesised voices: who speaks when is known to the sample.

use std::{collections::BTreeMap, fs, path::Path, sync::Mutex};

use hearback_speech::{RATE, Spoken};

use crate::flite::say;

/// Six people: four voices of the synthesiser's, and two of them once more in a larger and in a smaller body: all of
/// it, the pitch and the shape of the throat, in hundredths of what it was.
const VOICES: [(&str, usize); 6] =
    [("slt", 100), ("rms", 100), ("awb", 100), ("kal16", 100), ("slt", 80), ("rms", 130)];

/// What they say; invented.
const SAID: [&str; 12] = [
    "I was wondering how the last two weeks have been for you.",
    "It was quite difficult at first, but then my sister came to stay and that helped a lot.",
    "Yes.",
    "What would it look like if things were a little better than they are now?",
    "I would get up in the morning and we would all have breakfast together, without any shouting.",
    "That sounds important to you. Tell me more about those mornings.",
    "Well, on Tuesday we tried it, and it went better than I had expected.",
    "Right, okay.",
    "Who noticed that you had made a change?",
    "My mother did, and I think the children noticed as well, because they were so calm.",
    "No, not really.",
    "So you found a way that worked, and you kept to it for three days. How did you manage that?",
];

/// Sound, and who spoke when.
pub(crate) struct Dialogue {
    pub(crate) sound: Vec<f32>,
    pub(crate) spoken: Vec<Spoken<usize>>,
}

/// A small generator, so that a seed always gives the same dialogue.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

/// People talk with each other for about so many seconds: pauses, short remarks into what somebody else says,
/// beginnings before the other has ended, and the noise of a room.
pub(crate) fn talk(people: usize, seconds: usize, seed: u64) -> Dialogue {
    let mut dice = Dice(seed * 977 + people as u64);
    let mut sound = vec![0.0; RATE as usize / 2];
    let mut spoken = Vec::new();
    let (mut last, mut turn) = (people, 0);
    while sound.len() < seconds * RATE as usize {
        // Everybody has had a word before the dice decide.
        let who = if turn < people {
            turn
        } else {
            let other = dice.below(people.max(2) - 1);
            if people == 1 { 0 } else { (last + 1 + other) % people }
        };
        last = who;
        turn += 1;
        for _ in 0..=dice.below(3) {
            let said = sentence(who, SAID[dice.below(SAID.len())]);
            let gap = dice.below(9_600);
            let at = if dice.below(8) == 0 && spoken.len() > people {
                sound.len().saturating_sub(dice.below(8_000))
            } else {
                sound.len() + gap
            };
            put(&mut sound, at, &said, who, &mut spoken);
            // A word of agreement, while the other goes on.
            if people > 1 && said.len() > 40_000 && dice.below(4) == 0 {
                let other = (who + 1 + dice.below(people - 1)) % people;
                let yes = sentence(other, SAID[2]);
                put(&mut sound, at + 16_000 + dice.below(8_000), &yes, other, &mut spoken);
            }
        }
        let pause = if dice.below(10) == 0 { 32_000 } else { 0 };
        sound.resize(sound.len() + pause, 0.0);
    }
    sound.resize(sound.len() + RATE as usize / 2, 0.0);
    for sample in &mut sound {
        *sample += (f32::from(u16::try_from(dice.below(2_001)).unwrap()) - 1_000.0) * 1e-6;
    }
    Dialogue { sound, spoken }
}

fn put(sound: &mut Vec<f32>, at: usize, said: &[f32], who: usize, spoken: &mut Vec<Spoken<usize>>) {
    sound.resize(sound.len().max(at + said.len()), 0.0);
    for (to, from) in sound[at..].iter_mut().zip(said) {
        *to += from;
    }
    spoken.push(((at / 16) as u64, ((at + said.len()) / 16) as u64, who));
}

/// A sentence without the silence around it.
fn sentence(who: usize, text: &'static str) -> Vec<f32> {
    static SPOKEN: Mutex<BTreeMap<(usize, &str), Vec<f32>>> = Mutex::new(BTreeMap::new());
    let mut spoken = SPOKEN.lock().unwrap();
    let said = spoken.entry((who, text)).or_insert_with(|| {
        let (voice, hundredths) = VOICES[who];
        let said = in_body(&say(voice, text), hundredths);
        let loud = |sample: &f32| sample.abs() > 0.01;
        let from = said.iter().position(loud).unwrap();
        let to = said.iter().rposition(loud).unwrap();
        said[from..=to].to_vec()
    });
    said.clone()
}

/// The same, played so much faster or slower.
fn in_body(said: &[f32], hundredths: usize) -> Vec<f32> {
    let length = said.len() * 100 / hundredths;
    let at = |n: usize| {
        let (whole, rest) = (n * hundredths / 100, n * hundredths % 100);
        let next = said.get(whole + 1).copied().unwrap_or(said[whole]);
        let part = f32::from(u8::try_from(rest).unwrap()) / 100.0;
        said[whole] * (1.0 - part) + next * part
    };
    (0..length).map(at).collect()
}

/// Reads an RTTM file: who spoke when, and how many people.
pub(crate) fn rttm(path: &Path) -> (Vec<Spoken<usize>>, usize) {
    let mut labels: Vec<String> = Vec::new();
    let mut spoken = Vec::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hours")]
        let ms = |field: &str| (field.parse::<f64>().unwrap() * 1_000.0).round() as u64;
        let label = labels.iter().position(|label| label == fields[7]).unwrap_or_else(|| {
            labels.push(fields[7].to_owned());
            labels.len() - 1
        });
        spoken.push((ms(fields[3]), ms(fields[3]) + ms(fields[4]), label));
    }
    (spoken, labels.len())
}
