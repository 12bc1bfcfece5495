//! Why a reader may doubt what a machine wrote.

use serde::{Deserialize, Serialize};

use crate::{UnknownWord, person::words};

words! {
    /// A reason to doubt a passage. Shown with it; its text is quoted nowhere until a person has listened.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    Doubt, UnknownWord;
    /// The same words over and over: the machine went round in a circle.
    Repetition = "repetition",
    /// Text where no voice was found.
    NobodySpeaks = "nobody_speaks",
    /// A voice where there is no text: a segment with an empty text and no words.
    NoText = "no_text",
    /// More words than anybody speaks in that time.
    TooFast = "too_fast",
    /// The machine itself was unsure.
    LowProbability = "low_probability",
    /// The language seems to change.
    LanguageFlip = "language_flip",
    /// Words that last no time.
    NoLength = "no_length",
    /// The machine took it for something other than speech.
    PerhapsNotSpeech = "perhaps_not_speech",
}

impl Doubt {
    /// For people who read the passage.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Repetition => {
                "The machine repeated itself here; something else may have been said."
            }
            Self::NobodySpeaks => "There is text here, but no voice was found in the sound.",
            Self::NoText => "Somebody speaks here, but the machine wrote nothing down.",
            Self::TooFast => "There are more words here than anybody says in that time.",
            Self::LowProbability => "The machine was unsure of these words.",
            Self::LanguageFlip => "Another language may be spoken here.",
            Self::NoLength => "Some of these words have no place in the sound.",
            Self::PerhapsNotSpeech => "This may not be speech: it may be music, noise or laughter.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_of_a_doubt_is_the_one_in_files() {
        for doubt in Doubt::ALL {
            let json = serde_json::to_string(doubt).unwrap();
            assert_eq!(json, format!("\"{doubt}\""));
        }
    }
}
