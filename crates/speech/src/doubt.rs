//! Why a reader may doubt what the model wrote.
//!
//! A speech model always answers. In noise, music or a language that it cannot read it invents, and what it
//! invents reads well (Koenecke et al. 2024, "Careless Whisper"). Here each segment is held against what else is known:
//! how sure the model was, where the voice detector heard somebody, how fast anybody speaks, whether the text goes
//! round in a circle. Nothing is taken away: a doubtful segment says why, and where somebody speaks and nothing was
//! written, a segment without words says that. Pure functions; the thresholds were chosen on one half of the material
//! in `tests/doubt` and judged on the other.

mod inventions;
mod language;
mod repeats;

use hearback_domain::Span;

pub(crate) use self::repeats::{Retry, again};
use crate::transcript::{Doubt, Segment};

/// Below this certainty the model was unsure.
const UNSURE: f32 = 0.7;
/// How much of a segment's certainty is its own (the geometric mean of its tokens' probabilities); the rest is that of
/// everything that was heard at once (the mean of the words' probabilities). In a language that the model cannot read,
/// every other phrase comes out with confidence, and only its neighbours tell.
const ITS_OWN: f32 = 0.3;
/// Above this probability of "no speech" the model doubts it itself, unless it is sure of what it read: it says so of
/// whispering too. That it takes both is Whisper's own rule (Radford et al. 2022, 4.5).
const NO_SPEECH: f32 = 0.5;
/// So sure, and a voice near: then somebody speaks, however softly.
const SURE_ENOUGH: f32 = 0.75;
/// How far the words' positions may be off, when they are held against the voice.
const SLACK_MS: u64 = 300;
/// A segment with a smaller share of its words near a voice is text where nobody speaks.
const NEAR_A_VOICE: f32 = 0.34;
/// Nobody says more words in a second: fluent English has three to four, an auctioneer six.
const FASTEST: f32 = 7.0;
/// Fewer words say nothing about speed.
const ENOUGH_FOR_SPEED: usize = 4;
/// A word of four letters or more that is not longer has no place in the sound.
const NO_LENGTH_MS: u64 = 60;
/// A voice without words is worth a mark from here on: shorter ones are breaths and "mm".
const UNWRITTEN_MS: u64 = 1_200;
/// Gaps that a voice goes on over.
const BREATH_MS: u64 = 500;

/// What is known of the stretch that segments were heard in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene<'a> {
    /// The stretch, on the recording's clock. All of it was heard; nothing outside belongs to it.
    pub(crate) heard: Span,
    /// When somebody speaks in it, in order, on the same clock. Nothing, if nobody knows.
    pub(crate) voice: Option<&'a [Span]>,
    /// ISO 639-1 code of the language that it was read as.
    pub(crate) language: &'a str,
    /// The language that it sounds like, and how likely; only models for many languages know.
    pub(crate) sounds_like: Option<(&'a str, f32)>,
    /// The segments before it.
    pub(crate) before: &'a [Segment],
}

/// Says of each segment why it may be doubted, and adds segments without words where somebody speaks and nothing was
/// written. The segments come, and go, in order of time.
pub(crate) fn mark(mut segments: Vec<Segment>, scene: &Scene<'_>) -> Vec<Segment> {
    let around = certainty(&segments);
    let circles = repeats::circles(scene.before, &segments);
    let flipped = scene.sounds_like.is_some_and(|(language, likely)| {
        language != scene.language && likely >= language::CLEARLY
    });
    let alone = segments.len() == 1;
    for (segment, circle) in segments.iter_mut().zip(circles) {
        let near = near_a_voice(segment, scene.voice);
        let mut doubts = Vec::new();
        let mut doubt = |it: bool, why: Doubt| {
            if it {
                doubts.push(why);
            }
        };
        doubt(circle, Doubt::Repetition);
        doubt(near < NEAR_A_VOICE, Doubt::NobodySpeaks);
        doubt(too_fast(segment, scene.voice), Doubt::TooFast);
        let sure = ITS_OWN * segment.avg_logprob.exp() + (1.0 - ITS_OWN) * around;
        doubt(sure < UNSURE, Doubt::LowProbability);
        let foreign = flipped || language::other_script(&segment.text, scene.language);
        doubt(foreign, Doubt::LanguageFlip);
        doubt(no_length(segment), Doubt::NoLength);
        let p = certainty(std::slice::from_ref(segment));
        let weak = inventions::Evidence { p, near, no_speech: segment.no_speech_prob, alone };
        doubt(
            (segment.no_speech_prob > NO_SPEECH && (sure < SURE_ENOUGH || near < 1.0))
                || !segment.text.contains(char::is_alphanumeric)
                || inventions::likely(&segment.text, &weak),
            Doubt::PerhapsNotSpeech,
        );
        segment.doubts = doubts;
    }
    let silent = unwritten(&segments, scene);
    segments.extend(silent);
    segments.sort_by_key(|segment| segment.start_ms);
    segments
}

/// Mean probability of all words.
#[expect(clippy::cast_precision_loss, reason = "some hundred words")]
fn certainty(segments: &[Segment]) -> f32 {
    let words = segments.iter().flat_map(|segment| &segment.words);
    let count = words.clone().count();
    if count == 0 { 1.0 } else { words.map(|word| word.p).sum::<f32>() / count as f32 }
}

/// The share of a segment's words in or near a voice; all of them where nobody knows.
#[expect(clippy::cast_precision_loss, reason = "some hundred words")]
fn near_a_voice(segment: &Segment, voice: Option<&[Span]>) -> f32 {
    let Some(voice) = voice else { return 1.0 };
    if segment.words.is_empty() {
        return 1.0;
    }
    let near = |start: u64, end: u64| {
        let (start, end) = (start.saturating_sub(SLACK_MS), end + SLACK_MS);
        voice.iter().any(|span| span.start().get() < end && span.end().get() > start)
    };
    let found = segment.words.iter().filter(|word| near(word.start_ms, word.end_ms)).count();
    found as f32 / segment.words.len() as f32
}

/// Whether there are more words than anybody says in the segment's time, or in that part of it in which somebody
/// speaks.
#[expect(clippy::cast_precision_loss, reason = "some seconds, some words")]
fn too_fast(segment: &Segment, voice: Option<&[Span]>) -> bool {
    if segment.words.len() < ENOUGH_FOR_SPEED {
        return false;
    }
    let length = segment.end_ms.saturating_sub(segment.start_ms);
    let spoken = voice.map_or(length, |voice| {
        let from = segment.start_ms.saturating_sub(SLACK_MS);
        let to = segment.end_ms + SLACK_MS;
        let inside =
            |span: &Span| span.end().get().min(to).saturating_sub(span.start().get().max(from));
        voice.iter().map(inside).sum::<u64>()
    });
    let fastest = |ms: u64| segment.words.len() as f32 * 1_000.0 > FASTEST * ms as f32;
    // The detector misses what is soft: where it heard somebody, twice that time is granted.
    fastest(length) || (spoken > 0 && fastest(spoken * 2))
}

/// Whether many of its words have no place in the sound.
fn no_length(segment: &Segment) -> bool {
    let long = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count() >= 4;
    let squeezed = segment
        .words
        .iter()
        .filter(|word| {
            let length = word.end_ms.saturating_sub(word.start_ms);
            length == 0 || (length <= NO_LENGTH_MS && long(&word.text))
        })
        .count();
    squeezed >= 3 || squeezed * 2 > segment.words.len()
}

/// Segments without words for every voice that nobody wrote down.
fn unwritten(segments: &[Segment], scene: &Scene<'_>) -> Vec<Segment> {
    let mut found: Vec<Segment> = Vec::new();
    let mut at = scene.heard.start().get();
    let ends = segments
        .iter()
        .map(|segment| (segment.start_ms.saturating_sub(SLACK_MS), segment.end_ms + SLACK_MS));
    let end = scene.heard.end().get();
    for (start, after) in ends.chain([(end, end)]) {
        for (from, to) in voices_between(scene.voice.unwrap_or_default(), at, start.min(end)) {
            if to - from >= UNWRITTEN_MS {
                found.push(Segment {
                    start_ms: from,
                    end_ms: to,
                    doubts: vec![Doubt::NoText],
                    ..Segment::default()
                });
            }
        }
        at = at.max(after);
    }
    found
}

/// The stretches between two moments in which somebody speaks; breaths do not part them.
fn voices_between(voice: &[Span], from: u64, to: u64) -> Vec<(u64, u64)> {
    let mut all: Vec<(u64, u64)> = Vec::new();
    for span in voice {
        let (start, end) = (span.start().get().max(from), span.end().get().min(to));
        if start >= end {
            continue;
        }
        match all.last_mut() {
            Some(last) if start < last.1 + BREATH_MS => last.1 = last.1.max(end),
            _ => all.push((start, end)),
        }
    }
    all
}

#[cfg(test)]
mod tests;
