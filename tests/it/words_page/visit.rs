//! A visit, as a machine might have written it down.

use hearback_domain::transcript::{Doubt, Segment, Speaker, Transcript, Word};

/// Words that share the time of their segment out evenly.
pub(super) fn segment(
    start_ms: u64,
    end_ms: u64,
    speaker: Option<char>,
    text: &str,
    doubts: &[Doubt],
) -> Segment {
    let speaker = speaker.map(|letter| Speaker::try_from(letter).unwrap());
    let words: Vec<&str> = text.split_whitespace().collect();
    let each = (end_ms - start_ms) / (words.len().max(1) as u64);
    let word = |(nth, text): (u64, &&str)| Word {
        start_ms: start_ms + nth * each,
        end_ms: start_ms + (nth + 1) * each,
        text: (*text).to_owned(),
        p: if text.starts_with('R') { 0.4 } else { 0.95 },
        speaker,
    };
    Segment {
        start_ms,
        end_ms,
        text: text.to_owned(),
        speaker,
        doubts: doubts.to_vec(),
        words: (0..).zip(&words).map(word).collect(),
        ..Segment::default()
    }
}

/// A visit of a minute: two voices, a passage in doubt, one that was not written down, a name that is said three times.
pub(super) fn visit() -> Transcript {
    let said: &[(u64, u64, char, &str, &[Doubt])] = &[
        (400, 3_600, 'A', "Hello. Thank you for letting me come today.", &[]),
        (
            3_900,
            8_600,
            'B',
            "That is all right. Rowan is upstairs, he said he might come down later on.",
            &[],
        ),
        (9_000, 12_400, 'A', "There is no hurry. How have things been since last week?", &[]),
        (
            13_000,
            19_500,
            'B',
            "Better, I think. We went to see his nan on Saturday, and Rowan laughed the whole way home.",
            &[],
        ),
        (
            20_000,
            23_800,
            'B',
            "He has not laughed like that for you know for a long time.",
            &[Doubt::LowProbability],
        ),
        (24_200, 27_000, 'A', "What do you think made it different?", &[]),
        (
            31_800,
            37_200,
            'B',
            "She listened to him. She did not ask about the school, she just let him talk.",
            &[],
        ),
        (37_600, 40_000, 'A', "That sounds like it meant a lot to him.", &[]),
        (40_400, 43_000, 'B', "", &[Doubt::NoText]),
        (
            43_400,
            47_600,
            'B',
            "Thank you. Thank you. Thank you. Thank you. Thank you.",
            &[Doubt::Repetition],
        ),
        (
            48_200,
            53_000,
            'A',
            "Would it be good to talk with Rowan about what he would like to happen next?",
            &[],
        ),
        (
            53_400,
            58_600,
            'B',
            "Yes. I would like that, if he wants it too. Perhaps we could choose together.",
            &[],
        ),
    ];
    Transcript {
        model: "base.en-q5_1".to_owned(),
        model_sha256: Some(
            "4baf70dd0d7c4247ba2b81fafd9c01005ac77c2f9ef064e00dcf195d0e2fdd2f".to_owned(),
        ),
        language: "en".to_owned(),
        duration_ms: 60_000,
        done_ms: None,
        speakers: Some("resemblyzer".to_owned()),
        segments: said
            .iter()
            .map(|&(start, end, who, text, doubts)| segment(start, end, Some(who), text, doubts))
            .collect(),
    }
}
