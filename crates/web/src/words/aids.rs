//! Aids for coders: who talks how much, and how (COD-13, COD-16). Off until a researcher switches them on; they
//! describe and never score.

use hearback_domain::{
    Ms,
    transcript::{
        Reading,
        turns::{Talk, Turns},
    },
};

use super::view::voice_name;
use crate::playlist::precise;

/// From how long on a silence can be listed (s), and what is so as long as nobody chooses: COD-16 names no number.
pub(super) const SILENCES: [u64; 6] = [2, 3, 4, 6, 10, 20];
const SILENCE: u64 = 4;

/// The most silences that are listed: the longest ones.
const LISTED: usize = 20;

/// What the page shows.
pub(super) struct Aids {
    pub(super) talks: Vec<TalkView>,
    pub(super) silences: Vec<SilenceView>,
    pub(super) silence_seconds: u64,
    /// What can be chosen instead, with that itself.
    pub(super) choices: [u64; 6],
    pub(super) all_silences: usize,
}

pub(super) struct TalkView {
    pub(super) name: String,
    pub(super) percent: u8,
    pub(super) time: String,
    pub(super) turns: u32,
    pub(super) interruptions: u32,
    pub(super) questions: Option<(u32, u32, u32)>,
}

pub(super) struct SilenceView {
    pub(super) at: u64,
    pub(super) start: String,
    pub(super) seconds: String,
}

impl Aids {
    /// `silence` is how long a silence is that is listed (s), as somebody asked for it.
    pub(super) fn of(reading: &Reading, language: &str, silence: Option<u64>) -> Self {
        let seconds = silence.filter(|seconds| SILENCES.contains(seconds)).unwrap_or(SILENCE);
        let turns = Turns::of(reading, language, Ms::from_seconds(seconds));
        let mut longest = turns.silences.clone();
        longest.sort_by_key(|(start, end)| std::cmp::Reverse(end - start));
        longest.truncate(LISTED);
        longest.sort_unstable();
        Self {
            talks: turns.speakers.iter().map(|talk| talk_view(reading, talk)).collect(),
            silences: longest.iter().map(|&(start, end)| silence_view(start, end)).collect(),
            silence_seconds: seconds,
            choices: SILENCES,
            all_silences: turns.silences.len(),
        }
    }
}

fn talk_view(reading: &Reading, talk: &Talk) -> TalkView {
    let known = reading.speakers.iter().find(|one| one.speaker == talk.speaker);
    let whole = (talk.share * 100.0).round().clamp(0.0, 100.0);
    TalkView {
        name: voice_name(talk.speaker, known.and_then(|one| one.name.as_deref())),
        percent: (0..=100).rev().find(|n| f64::from(*n) <= whole).unwrap_or(0),
        time: Ms::new(talk.talk_ms).to_string(),
        turns: talk.turns,
        interruptions: talk.interruptions,
        questions: talk.questions.map(|asked| (asked.open, asked.closed, asked.other)),
    }
}

fn silence_view(start: u64, end: u64) -> SilenceView {
    let tenths = (end - start) / 100;
    SilenceView {
        at: start,
        start: precise::format(Ms::new(start)),
        seconds: format!("{}.{} s", tenths / 10, tenths % 10),
    }
}
