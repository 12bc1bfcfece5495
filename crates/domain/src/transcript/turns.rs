//! Who talks how much, and how: aids that help a coder find moments (COD-13, COD-16).
//!
//! They describe and never score; they are off until somebody asks for them, and they follow from a machine's words and
//! times, so that they are wrong where those are. Each number has one rule, said here.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Doubt, ReadSegment, ReadWord, Reading, Speaker};
use crate::{Ms, Span};

/// A pause up to this long between two words of one person is part of their talking.
const BREATH_MS: u64 = 500;
/// So long both speak at once before it is an interruption.
const OVERLAP_MS: u64 = 200;

/// The aids for one recording.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Turns {
    /// Each who speaks, by their letters.
    pub speakers: Vec<Talk>,
    /// Where for so long nobody speaks, as `[start, end]` in milliseconds. Before the first word and after the last one
    /// is no silence of a conversation.
    pub silences: Vec<(u64, u64)>,
}

/// One person's part.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Talk {
    /// Who.
    pub speaker: Speaker,
    /// How long they talk, in milliseconds: their words, and the pauses up to half a second between two of them.
    pub talk_ms: u64,
    /// That as a share of everybody's, 0 to 1.
    pub share: f64,
    /// How often they begin to speak after somebody else.
    pub turns: u32,
    /// How many of those begin 200 ms or more before the other one's last word ends.
    pub interruptions: u32,
    /// Their questions; none if the language is not English.
    pub questions: Option<Questions>,
}

/// Questions by how they are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Questions {
    /// Such as leave room for any answer: they begin with "how", "what", "why" or "in what way", or ask to be told.
    pub open: u32,
    /// Such as can be answered by yes, no or one fact: they begin with a verb ("do you", "is it"), or ask who, when,
    /// where, which, how many, how long, what time.
    pub closed: u32,
    /// All others that end with a question mark.
    pub other: u32,
}

impl Turns {
    /// From what is read; silences are listed from `silence` on. `language` is an ISO 639-1 code.
    ///
    /// Words where no voice was found, and that nobody has answered, do not count. Where somebody speaks and nothing
    /// is written is no silence.
    pub fn of(reading: &Reading, language: &str, silence: Ms) -> Self {
        let words: Vec<&ReadWord> = spoken(reading).collect();
        let mut talks: BTreeMap<Speaker, Talk> = BTreeMap::new();
        let mut before: Option<(&ReadWord, Speaker)> = None;
        for word in &words {
            let Some(speaker) = word.speaker else { continue };
            let talk = talks.entry(speaker).or_insert(Talk {
                speaker,
                talk_ms: 0,
                share: 0.0,
                turns: 0,
                interruptions: 0,
                questions: None,
            });
            talk.talk_ms += word.end_ms.saturating_sub(word.start_ms);
            match before {
                Some((last, same)) if same == speaker => {
                    let pause = word.start_ms.saturating_sub(last.end_ms);
                    talk.talk_ms += if pause <= BREATH_MS { pause } else { 0 };
                }
                Some((last, _)) => {
                    talk.turns += 1;
                    let early = last.end_ms.saturating_sub(word.start_ms);
                    talk.interruptions += u32::from(early >= OVERLAP_MS);
                }
                None => talk.turns += 1,
            }
            before = Some((word, speaker));
        }
        let all: u64 = talks.values().map(|talk| talk.talk_ms).sum();
        for talk in talks.values_mut() {
            talk.share = ratio(talk.talk_ms, all);
            if language == "en" {
                talk.questions = Some(questions(&words, talk.speaker));
            }
        }
        Self { speakers: talks.into_values().collect(), silences: silences(reading, silence) }
    }
}

/// The words that count.
fn spoken(reading: &Reading) -> impl Iterator<Item = &ReadWord> {
    reading.segments.iter().flat_map(|segment| {
        let nobody = segment.doubts.contains(&Doubt::NobodySpeaks);
        segment.words.iter().filter(move |word| !(nobody && word.doubtful))
    })
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of one recording")]
fn ratio(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

fn silences(reading: &Reading, least: Ms) -> Vec<(u64, u64)> {
    let unwritten = reading.segments.iter().filter(|segment| segment.words.is_empty());
    let mut speech: Vec<Span> =
        spoken(reading).map(ReadWord::span).chain(unwritten.map(ReadSegment::span)).collect();
    speech.sort_unstable();
    let mut silences = Vec::new();
    let mut until: Option<Ms> = None;
    for span in speech {
        if let Some(until) = until
            && span.start() > until
            && span.start().since(until) >= least
        {
            silences.push((until.get(), span.start().get()));
        }
        until = until.max(Some(span.end()));
    }
    silences
}

/// Counts one person's sentences that end with a question mark.
fn questions(words: &[&ReadWord], speaker: Speaker) -> Questions {
    let mut counted = Questions::default();
    let mut sentence: Vec<String> = Vec::new();
    for word in words.iter().filter(|word| word.speaker == Some(speaker)) {
        sentence.push(bare(&word.text));
        let end = word.text.trim_end_matches(['"', '\'', '’', '”', ')']);
        if end.ends_with('?') {
            match asked(&sentence) {
                Asked::Openly => counted.open += 1,
                Asked::Closed => counted.closed += 1,
                Asked::Otherwise => counted.other += 1,
            }
        }
        if end.ends_with(['?', '.', '!', '…']) {
            sentence.clear();
        }
    }
    counted
}

fn bare(word: &str) -> String {
    let kept = word.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

enum Asked {
    Openly,
    Closed,
    Otherwise,
}

/// After the closed and open questions of the Motivational Interviewing Treatment Integrity code, version 3.1.1 (Moyers
/// and others, 2010): a closed one is answered by yes, no, or a particular fact; an open one leaves room. Here by the
/// first words alone, which a reader can check.
fn asked(sentence: &[String]) -> Asked {
    const LEAD_IN: &[&str] = &[
        "so", "and", "but", "well", "ok", "okay", "right", "then", "now", "um", "uh", "er", "erm",
        "oh", "yes", "yeah", "no", "because", "or", "mm", "hmm", "ah", "like", "actually",
    ];
    const FACT_AFTER_HOW: &[&str] = &["many", "much", "old", "long", "often", "far", "big", "soon"];
    const FACT_AFTER_WHAT: &[&str] =
        &["time", "day", "date", "year", "age", "school", "number", "colour", "name"];
    const FACT: &[&str] = &["who", "whose", "whom", "when", "where", "which"];
    const TELL: &[&str] = &["tell", "describe", "explain", "talk"];
    const VERB: &[&str] = &[
        "is", "are", "am", "was", "were", "isnt", "arent", "wasnt", "werent", "do", "does", "did",
        "dont", "doesnt", "didnt", "have", "has", "had", "havent", "hasnt", "hadnt", "can",
        "could", "cant", "couldnt", "will", "would", "wont", "wouldnt", "shall", "should",
        "shouldnt", "may", "might", "must",
    ];
    let mut words = sentence
        .iter()
        .map(String::as_str)
        .skip_while(|word| word.is_empty() || LEAD_IN.contains(word));
    let (first, second) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let is = |list: &[&str], word: &str| list.contains(&word);
    match first {
        "how" if is(FACT_AFTER_HOW, second) => Asked::Closed,
        "what" if is(FACT_AFTER_WHAT, second) => Asked::Closed,
        "how" | "what" | "why" | "whats" | "hows" | "whys" | "in"
            if first != "in" || second == "what" =>
        {
            Asked::Openly
        }
        // "Could you tell me about it?" asks to be told, whatever its grammar.
        _ if is(VERB, first) && second == "you" && words.next().is_some_and(|w| is(TELL, w)) => {
            Asked::Openly
        }
        _ if is(TELL, first) => Asked::Openly,
        _ if is(VERB, first) || is(FACT, first) => Asked::Closed,
        _ => Asked::Otherwise,
    }
}
