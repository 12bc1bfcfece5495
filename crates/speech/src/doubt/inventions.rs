//! What Whisper is known to write where nobody says it: the ends of the films and the names of the people who wrote the
//! subtitles that it was taught with (Koenecke et al. 2024; whisper.cpp's and openai-whisper's issue lists).
//!
//! People do say "thank you". So a phrase alone proves nothing: it takes something else that is weak.

/// What else is known of such a segment.
pub(super) struct Evidence {
    /// Mean probability of its words.
    pub(super) p: f32,
    /// The share of its words near a voice.
    pub(super) near: f32,
    /// The model's own "nobody speaks".
    pub(super) no_speech: f32,
    /// Nothing else was heard in its stretch.
    pub(super) alone: bool,
}

/// Nobody says these in a conversation. In small letters, without punctuation.
const CREDITS: [&str; 24] = [
    "thank you for watching",
    "thanks for watching",
    "thank you so much for watching",
    "subscribe to",
    "please subscribe",
    "like and subscribe",
    "in the next video",
    "in this video",
    "subtitles by",
    "captions by",
    "captioned by",
    "transcription by",
    "transcribed by",
    "amara org",
    "copyright",
    "www",
    "untertitel",
    "vielen dank fürs zuschauen",
    "sous titr",
    "merci d avoir regardé",
    "subtítulos",
    "sottotitoli",
    "ondertitel",
    "napisy",
];

/// Everybody says these, and the model says them when nobody does. Whole segments only.
const COURTESIES: [&str; 14] = [
    "thank you",
    "thank you very much",
    "thanks",
    "you",
    "bye",
    "bye bye",
    "goodbye",
    "okay",
    "oh",
    "so",
    "i m sorry",
    "the end",
    "yeah",
    "hmm",
];

/// Whether a segment is likely to be an invention.
pub(super) fn likely(text: &str, evidence: &Evidence) -> bool {
    let text = plain(text);
    let weak = evidence.p < 0.8 || evidence.near < 0.67 || evidence.no_speech > 0.2;
    if CREDITS.iter().any(|phrase| holds(&text, phrase)) {
        return weak || evidence.alone || evidence.p < 0.95;
    }
    COURTESIES.contains(&&*text) && (evidence.near < 0.67 || evidence.no_speech > 0.3)
}

/// Whether a phrase stands in it, beginning where a word begins.
fn holds(text: &str, phrase: &str) -> bool {
    text.strip_prefix(phrase).is_some() || text.contains(&format!(" {phrase}"))
}

/// Small letters and single spaces.
fn plain(text: &str) -> String {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRONG: Evidence = Evidence { p: 0.98, near: 1.0, no_speech: 0.02, alone: false };

    #[test]
    fn inventions_take_weak_evidence() {
        let weak = Evidence { p: 0.7, ..STRONG };
        for text in [
            "Thanks for watching!",
            "Subtitles by the Amara.org community",
            "And please subscribe.",
        ] {
            assert!(likely(text, &weak), "{text}");
            assert!(likely(text, &Evidence { alone: true, ..STRONG }), "{text}");
            assert!(!likely(text, &STRONG), "{text}");
        }
        assert!(!likely("We watched a film at my aunt's.", &weak));
    }

    #[test]
    fn people_say_thank_you() {
        assert!(!likely("Thank you.", &STRONG));
        assert!(!likely("Thank you.", &Evidence { alone: true, p: 0.7, ..STRONG }));
        assert!(likely("Thank you.", &Evidence { near: 0.0, ..STRONG }));
        assert!(likely("Thank you.", &Evidence { no_speech: 0.5, ..STRONG }));
        assert!(!likely("Thank you for telling me.", &Evidence { no_speech: 0.5, ..STRONG }));
    }
}
