//! Who speaks, as a letter: a machine tells voices apart and does not know whose they are.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One voice of a recording: `A`, `B` … It serialises to its letter.
///
/// The machine gives the first [`Speaker::MACHINE`] letters; people who split a voice in two take the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "char", into = "char")]
pub struct Speaker(u8);

/// The letter stands for no voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a speaker is a letter from A to Z")]
pub struct NotASpeaker;

impl Speaker {
    /// How many voices a machine tells apart at the most.
    pub const MACHINE: u8 = 6;

    /// The voice with this number, counted from zero; none past the end of the alphabet.
    pub const fn new(index: u8) -> Option<Self> {
        if index < 26 { Some(Self(index)) } else { None }
    }

    /// Its number, counted from zero.
    pub const fn index(self) -> u8 {
        self.0
    }

    /// Its letter.
    pub const fn letter(self) -> char {
        (b'A' + self.0) as char
    }
}

impl TryFrom<char> for Speaker {
    type Error = NotASpeaker;

    fn try_from(letter: char) -> Result<Self, Self::Error> {
        match letter {
            'A'..='Z' => {
                u8::try_from(letter).map(|byte| Self(byte - b'A')).map_err(|_| NotASpeaker)
            }
            _ => Err(NotASpeaker),
        }
    }
}

impl From<Speaker> for char {
    fn from(speaker: Speaker) -> Self {
        speaker.letter()
    }
}

impl std::str::FromStr for Speaker {
    type Err = NotASpeaker;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut letters = text.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) => Self::try_from(letter),
            _ => Err(NotASpeaker),
        }
    }
}

impl fmt::Display for Speaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.letter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speaker_is_a_letter() {
        let b = Speaker::new(1).unwrap();
        assert_eq!(serde_json::to_string(&b).unwrap(), "\"B\"");
        assert_eq!(serde_json::from_str::<Speaker>("\"B\"").unwrap(), b);
        assert_eq!("Z".parse::<Speaker>().map(Speaker::index), Ok(25));
        for wrong in ["", "a", "AB", "É", "[", "@"] {
            assert_eq!(wrong.parse::<Speaker>(), Err(NotASpeaker), "{wrong}");
        }
        assert_eq!(Speaker::new(26), None);
    }
}
