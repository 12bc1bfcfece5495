//! Recordings, made here.

use std::f64::consts::TAU;

/// Numbers that look random and are the same each time.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// From −1 to 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// Full-scale noise.
pub(crate) fn noise(seed: u64, frames: usize) -> Vec<i16> {
    let mut chance = Chance::new(seed);
    (0..frames).map(|_| (chance.next() >> 48) as u16 as i16).collect()
}

/// A tone.
pub(crate) fn tone(hertz: f64, height: f64, frames: usize) -> Vec<i16> {
    let at = |i: usize| (TAU * hertz * i as f64 / 16_000.0).sin() * height * 32_768.0;
    (0..frames).map(|i| at(i).round().clamp(-32_768.0, 32_767.0) as i16).collect()
}

/// A voice: how high it speaks, and how long its throat is against the one of the vowels below.
#[derive(Clone, Copy)]
pub(crate) struct Voice {
    pub(crate) hertz: f64,
    pub(crate) formants: f64,
}

impl Voice {
    pub(crate) const MAN: Self = Self { hertz: 110.0, formants: 1.0 };
    pub(crate) const WOMAN: Self = Self { hertz: 205.0, formants: 1.17 };
}

/// Something like speech: syllables of vowels (a buzz through three resonances), hissed consonants, pauses.
pub(crate) fn speech(seed: u64, voice: Voice, frames: usize) -> Vec<i16> {
    const VOWELS: [[f64; 3]; 5] = [
        [730.0, 1_090.0, 2_440.0],
        [270.0, 2_290.0, 3_010.0],
        [300.0, 870.0, 2_240.0],
        [530.0, 1_840.0, 2_480.0],
        [570.0, 840.0, 2_410.0],
    ];
    let mut chance = Chance::new(seed);
    let mut out = Vec::with_capacity(frames);
    let (mut phase, mut state) = (0.0_f64, [[0.0_f64; 2]; 3]);
    while out.len() < frames {
        let pick = chance.next();
        let len = 1_600 + (pick % 2_400) as usize;
        let vowel = VOWELS[(pick >> 20) as usize % VOWELS.len()];
        let kind = (pick >> 40) % 8;
        let rise = chance.unit() * 0.12;
        for i in 0..len {
            let along = i as f64 / len as f64;
            let loud = (along * std::f64::consts::PI).sin().powf(0.6);
            let hertz = voice.hertz * (1.0 + rise * (along - 0.5)) * (1.0 + 0.01 * chance.unit());
            phase = (phase + hertz / 16_000.0).fract();
            let source = match kind {
                0 => 0.0,
                1 => chance.unit() * 0.2,
                _ => (1.0 - 2.0 * phase) * 0.5 + chance.unit() * 0.02,
            };
            let mut sound = 0.0;
            for (formant, state) in vowel.iter().zip(&mut state) {
                let angle = TAU * formant * voice.formants / 16_000.0;
                let width = (-std::f64::consts::PI * 90.0 / 16_000.0).exp();
                let next = source + 2.0 * width * angle.cos() * state[0] - width * width * state[1];
                *state = [next, state[0]];
                sound += next * 0.04;
            }
            out.push((sound * loud * 12_000.0).clamp(-32_768.0, 32_767.0) as i16);
        }
    }
    out.truncate(frames);
    out
}
