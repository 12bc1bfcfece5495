//! A reading as pages and scripts are given it.

use hearback_domain::{
    RedactionSet, UserId,
    transcript::{
        By, Change, Correction, Corrections, ReadSegment, ReadSpeaker, ReadWord, Reading, Speaker,
        read,
    },
};
use hearback_storage::Recording;
use serde::Serialize;

use super::{Kept, again::Again};
use crate::{page::day_and_time, redaction::whose};

/// How many changes are told, the newest.
const TOLD: usize = 200;

/// What a script is given.
#[derive(Default, Serialize)]
pub(super) struct ReadingView {
    pub(super) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) again: Option<Again>,
    pub(super) revision: u64,
    pub(super) voices: Vec<Voice>,
    pub(super) next_voice: Option<Speaker>,
    pub(super) segments: Vec<SegmentView>,
    pub(super) history: Vec<Past>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) there: Option<String>,
}

/// Somebody who speaks.
#[derive(Serialize)]
pub(super) struct Voice {
    pub(super) id: Speaker,
    pub(super) name: String,
    #[serde(skip)]
    pub(super) given: Option<String>,
}

/// A sentence or so.
#[derive(Serialize)]
pub(super) struct SegmentView {
    pub(super) start_ms: u64,
    pub(super) end_ms: u64,
    pub(super) text: String,
    pub(super) speaker: Option<Speaker>,
    pub(super) doubts: Vec<&'static str>,
    /// What the machine wrote, if a person wrote something else.
    pub(super) machine: Option<String>,
    words: Vec<WordView>,
}

#[derive(Serialize)]
struct WordView {
    start_ms: u64,
    end_ms: u64,
    text: String,
    p: f32,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    corrected: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    hidden: bool,
}

/// A change, as it is told.
#[derive(Serialize)]
pub(super) struct Past {
    pub(super) index: usize,
    pub(super) when: String,
    pub(super) who: &'static str,
    pub(super) what: String,
    pub(super) was: Option<String>,
    pub(super) is: Option<String>,
    pub(super) start_ms: Option<u64>,
    pub(super) undone: bool,
}

/// What a person calls a voice; its letter if nobody gave it a name.
pub(crate) fn voice_name(speaker: Speaker, name: Option<&str>) -> String {
    name.map_or_else(|| format!("Speaker {speaker}"), str::to_owned)
}

/// Everybody who speaks.
pub(super) fn voices(reading: &Reading) -> Vec<Voice> {
    let voice = |one: &ReadSpeaker| Voice {
        id: one.speaker,
        name: voice_name(one.speaker, one.name.as_deref()),
        given: one.name.clone(),
    };
    reading.speakers.iter().map(voice).collect()
}

/// The passages, with what is hidden of them marked.
pub(super) fn segments(kept: &Kept, reading: &Reading, set: &RedactionSet) -> Vec<SegmentView> {
    // A name that is read as another one is not to be read here either.
    let original = read(&kept.transcript, &kept.corrections.only_names());
    let machine: Vec<&ReadWord> = original.words().collect();
    let view = |segment: &ReadSegment| SegmentView {
        start_ms: segment.start_ms,
        end_ms: segment.end_ms,
        text: segment.text.clone(),
        speaker: segment.speaker,
        doubts: segment.doubts.iter().map(|doubt| doubt.sentence()).collect(),
        machine: machines(&machine, segment),
        words: segment.words.iter().map(|word| word_view(word, set)).collect(),
    };
    reading.segments.iter().map(view).collect()
}

fn word_view(word: &ReadWord, set: &RedactionSet) -> WordView {
    WordView {
        start_ms: word.start_ms,
        end_ms: word.end_ms,
        text: word.text.clone(),
        p: word.p,
        corrected: word.by == By::Person,
        hidden: set.touches(word.span()),
    }
}

/// What the machine wrote where a person wrote something else.
fn machines(all: &[&ReadWord], segment: &ReadSegment) -> Option<String> {
    if segment.words.iter().all(|word| word.by == By::Machine) {
        return None;
    }
    let middle = |word: &&ReadWord| word.start_ms.midpoint(word.end_ms);
    let from = all.partition_point(|word| middle(word) < segment.start_ms);
    let to = all.partition_point(|word| middle(word) < segment.end_ms);
    let words: Vec<_> = all[from..to.max(from)].iter().map(|word| word.text.as_str()).collect();
    let text = words.join(" ");
    (text != segment.text).then_some(text)
}

/// The newest changes, the newest last.
pub(super) fn history(
    kept: &Kept,
    reading: &Reading,
    recording: &Recording,
    me: UserId,
) -> Vec<Past> {
    let (list, names) = (kept.corrections.list(), kept.corrections.only_names());
    let skipped = list.len().saturating_sub(TOLD);
    let past = |(index, one): (usize, &Correction)| {
        let (was, is) = words_of(&one.change, &names);
        Past {
            index,
            when: day_and_time(one.at),
            who: whose(one.by, recording, me),
            what: what(&one.change, reading, &names),
            was,
            is,
            start_ms: one.change.span().map(|span| span.start().get()),
            undone: kept.corrections.undone(index),
        }
    };
    list.iter().enumerate().skip(skipped).map(past).collect()
}

fn words_of(change: &Change, names: &Corrections) -> (Option<String>, Option<String>) {
    match change {
        Change::Text { was, text, .. } => (Some(names.rename(was)), Some(names.rename(text))),
        _ => (None, None),
    }
}

/// What was done. No name stands here that is read as another one.
fn what(change: &Change, reading: &Reading, names: &Corrections) -> String {
    let called = |speaker: Speaker| {
        let known = reading.speakers.iter().find(|one| one.speaker == speaker);
        voice_name(speaker, known.and_then(|one| one.name.as_deref()))
    };
    match change {
        Change::Text { .. } => "Words corrected".to_owned(),
        Change::Speaker { speaker, .. } => format!("Said by {}", called(*speaker)),
        Change::Rename { speaker, name } if name.is_empty() => {
            format!("Speaker {speaker} has no name")
        }
        Change::Rename { speaker, name } => {
            format!("Speaker {speaker} is called {}", names.rename(name))
        }
        Change::Merge { from, into } => format!("Speaker {from} is {}", called(*into)),
        Change::Heard { .. } => "Listened to".to_owned(),
        // Not the name: that it is not to be read is the point.
        Change::Pseudonym { to, .. } => format!("A name is read as {}", names.rename(to)),
        Change::Undo { .. } => "Something taken back".to_owned(),
    }
}
