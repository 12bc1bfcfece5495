//! Who spoke when, and what that says of a transcript's words.

use std::{cmp::Reverse, fmt::Write as _};

use hearback_domain::{
    Ms,
    transcript::{CHANNELS, Segment, Speaker, Transcript, Word},
};
use serde::Serialize;

/// A word that lies in nobody's turn belongs to the nearest one, if that is no further away.
const NEAR_MS: u64 = 500;

/// A pause in one channel's sound that still belongs to its turn.
const BREATH_MS: u64 = 300;

/// One person speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// On the recording's clock.
    pub start_ms: u64,
    /// On the recording's clock; after the start.
    pub end_ms: u64,
    /// Who; letters go by who is heard first.
    pub speaker: Speaker,
}

/// Who spoke when. Serialises to the command line's JSON contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Turns {
    /// The voices model, or `channels` where each voice has a channel of its own.
    pub model: String,
    /// How many people were heard.
    pub people: usize,
    /// In order of their starts. Two people may speak at once; one person's turns do not overlap.
    pub turns: Vec<Turn>,
}

impl Turns {
    /// Brings turns into order and gives out letters by who is heard first.
    pub(crate) fn new(model: String, mut turns: Vec<(u64, u64, usize)>) -> Self {
        turns.retain(|(start, end, _)| start < end);
        turns.sort_unstable();
        let mut order: Vec<usize> = Vec::new();
        let mut named = Vec::with_capacity(turns.len());
        for (start_ms, end_ms, who) in turns {
            let place = order.iter().position(|seen| *seen == who).unwrap_or_else(|| {
                order.push(who);
                order.len() - 1
            });
            // There are never more people than letters: the clustering sees to it.
            if let Some(speaker) = u8::try_from(place).ok().and_then(Speaker::new) {
                named.push(Turn { start_ms, end_ms, speaker });
            }
        }
        Self { model, people: order.len(), turns: named }
    }

    /// For a recording on which each person has a channel: whoever's channel is the louder has the word. `louder` says
    /// for each step of `step` which channel that is, if one is.
    pub fn by_channel(louder: impl IntoIterator<Item = Option<u8>>, step: Ms) -> Self {
        let mut runs: Vec<(u64, u64, usize)> = Vec::new();
        for (at, channel) in (0..).zip(louder) {
            let (start, end) = (at * step.get(), (at + 1) * step.get());
            let Some(channel) = channel.map(usize::from) else { continue };
            match runs.last_mut() {
                Some((_, until, last)) if *last == channel && start - *until <= BREATH_MS => {
                    *until = end;
                }
                _ => runs.push((start, end, channel)),
            }
        }
        Self::new(CHANNELS.to_owned(), runs)
    }

    /// Gives each word to the voice that holds most of it, and splits segments where the voice changes.
    ///
    /// Words keep their order, text and times; nothing is lost. A word outside every turn goes to the nearest turn, if
    /// there is one within half a second.
    pub fn assign(&self, transcript: &mut Transcript) {
        transcript.speakers = Some(self.model.clone());
        let mut segments = Vec::with_capacity(transcript.segments.len());
        for segment in transcript.segments.drain(..) {
            self.split(segment, &mut segments);
        }
        transcript.segments = segments;
    }

    fn split(&self, mut segment: Segment, into: &mut Vec<Segment>) {
        let mut before = None;
        for word in &mut segment.words {
            word.speaker = self.at(word.start_ms, word.end_ms, before);
            before = word.speaker.or(before);
        }
        let Some(first) = segment.words.first() else {
            segment.speaker = self.at(segment.start_ms, segment.end_ms, None);
            into.push(segment);
            return;
        };
        if segment.words.iter().all(|word| word.speaker == first.speaker) {
            segment.speaker = first.speaker;
            into.push(segment);
            return;
        }
        let (start, end) = (segment.start_ms, segment.end_ms);
        let words = std::mem::take(&mut segment.words);
        let runs: Vec<&[Word]> = words.chunk_by(|a, b| a.speaker == b.speaker).collect();
        let last = runs.len() - 1;
        for (index, run) in runs.into_iter().enumerate() {
            let (Some(from), Some(to)) = (run.first(), run.last()) else { continue };
            let texts: Vec<&str> = run.iter().map(|word| &*word.text).collect();
            into.push(Segment {
                start_ms: if index == 0 { start } else { from.start_ms },
                end_ms: if index == last { end } else { to.end_ms },
                text: texts.join(" "),
                speaker: from.speaker,
                words: run.to_vec(),
                ..segment.clone()
            });
        }
    }

    /// Who holds most of a stretch. Where two hold the same, whoever spoke before goes on.
    fn at(&self, start_ms: u64, end_ms: u64, before: Option<Speaker>) -> Option<Speaker> {
        let end_ms = end_ms.max(start_ms + 1);
        let mut held: Vec<(Speaker, u64)> = Vec::new();
        for turn in self.near(start_ms, end_ms) {
            let shared = turn.end_ms.min(end_ms).saturating_sub(turn.start_ms.max(start_ms));
            match held.iter_mut().find(|(speaker, _)| *speaker == turn.speaker) {
                Some((_, sum)) => *sum += shared,
                None => held.push((turn.speaker, shared)),
            }
        }
        let most = held
            .into_iter()
            .filter(|(_, shared)| *shared > 0)
            .max_by_key(|(speaker, shared)| (*shared, Some(*speaker) == before, Reverse(*speaker)));
        let nearest = || {
            let gap = |turn: &Turn| {
                turn.start_ms.saturating_sub(end_ms).max(start_ms.saturating_sub(turn.end_ms))
            };
            let nearest = self.near(start_ms, end_ms).min_by_key(|turn| gap(turn))?;
            (gap(nearest) <= NEAR_MS).then_some(nearest.speaker)
        };
        most.map(|(speaker, _)| speaker).or_else(nearest)
    }

    /// The turns that begin early enough, and end late enough, to have to do with a stretch.
    fn near(&self, start_ms: u64, end_ms: u64) -> impl Iterator<Item = &Turn> {
        let upto = self.turns.partition_point(|turn| turn.start_ms <= end_ms + NEAR_MS);
        self.turns[..upto].iter().filter(move |turn| turn.end_ms + NEAR_MS >= start_ms)
    }

    /// As RTTM, the form in which such annotations are exchanged (NIST Rich Transcription, 2009): one line for each
    /// turn.
    pub fn to_rttm(&self, recording: &str) -> String {
        // Fields are parted by spaces.
        let recording: String =
            recording.chars().map(|c| if c.is_whitespace() { '_' } else { c }).collect();
        let mut out = String::new();
        for turn in &self.turns {
            let (start, length) = (turn.start_ms, turn.end_ms - turn.start_ms);
            // Writing to a string cannot fail.
            let _ = writeln!(
                out,
                "SPEAKER {recording} 1 {}.{:03} {}.{:03} <NA> <NA> {} <NA> <NA>",
                start / 1_000,
                start % 1_000,
                length / 1_000,
                length % 1_000,
                turn.speaker
            );
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use hearback_domain::transcript::Doubt;
    use proptest::prelude::*;

    use super::*;

    fn speaker(index: u8) -> Speaker {
        Speaker::new(index).unwrap()
    }

    fn turns(turns: &[(u64, u64, usize)]) -> Turns {
        Turns::new("test".to_owned(), turns.to_vec())
    }

    /// A segment whose words lie there.
    fn segment(words: &[(u64, u64, &str)]) -> Segment {
        let texts: Vec<&str> = words.iter().map(|word| word.2).collect();
        Segment {
            start_ms: words[0].0,
            end_ms: words[words.len() - 1].1,
            text: texts.join(" "),
            avg_logprob: -0.3,
            doubts: vec![Doubt::LowProbability],
            words: words
                .iter()
                .map(|(start_ms, end_ms, text)| Word {
                    start_ms: *start_ms,
                    end_ms: *end_ms,
                    text: (*text).to_owned(),
                    ..Word::default()
                })
                .collect(),
            ..Segment::default()
        }
    }

    #[test]
    fn a_segment_is_split_where_the_voice_changes() {
        let mut transcript = Transcript {
            segments: vec![segment(&[
                (0, 400, "Did"),
                (400, 700, "you?"),
                (750, 1_000, "Yes."),
                (1_050, 1_500, "Good."),
            ])],
            ..Transcript::default()
        };
        // B's turn reaches into A's words, but holds most of one only; A is heard second.
        turns(&[(0, 690, 5), (600, 1_020, 2), (1_000, 1_600, 5)]).assign(&mut transcript);
        let found: Vec<_> = transcript
            .segments
            .iter()
            .map(|s| (s.start_ms, s.end_ms, &*s.text, s.speaker.unwrap().letter()))
            .collect();
        assert_eq!(
            found,
            [(0, 700, "Did you?", 'A'), (750, 1_000, "Yes.", 'B'), (1_050, 1_500, "Good.", 'A')]
        );
        assert!(transcript.segments.iter().all(|s| s.doubts == [Doubt::LowProbability]));
        assert_eq!(transcript.speakers.as_deref(), Some("test"));
    }

    #[test]
    fn words_outside_every_turn_go_to_the_nearest_if_it_is_near() {
        let apart = turns(&[(1_000, 2_000, 0), (3_000, 4_000, 1)]);
        assert_eq!(apart.at(2_100, 2_300, None), Some(speaker(0)));
        assert_eq!(apart.at(2_800, 2_900, None), Some(speaker(1)));
        assert_eq!(apart.at(0, 400, None), None);
        assert_eq!(apart.at(5_000, 5_100, None), None);
        // A word without length, in the middle of a turn.
        assert_eq!(apart.at(1_500, 1_500, None), Some(speaker(0)));
        // Where two speak at once, whoever spoke before goes on.
        let both = turns(&[(0, 1_000, 0), (0, 1_000, 1)]);
        assert_eq!(both.at(100, 200, Some(speaker(1))), Some(speaker(1)));
        assert_eq!(both.at(100, 200, None), Some(speaker(0)));
    }

    #[test]
    fn a_channel_has_the_word_across_its_breaths() {
        let step = Ms::new(20);
        let louder = [
            [Some(1); 5].as_slice(),
            &[None; 10],
            &[Some(1); 5],
            &[None; 20],
            &[Some(0); 5],
            &[Some(1); 1],
        ];
        let turns = Turns::by_channel(louder.concat(), step);
        let found: Vec<_> =
            turns.turns.iter().map(|t| (t.start_ms, t.end_ms, t.speaker.letter())).collect();
        assert_eq!(found, [(0, 400, 'A'), (800, 900, 'B'), (900, 920, 'A')]);
        assert_eq!((turns.people, &*turns.model), (2, "channels"));
    }

    #[test]
    fn as_other_tools_read_it() {
        insta::assert_snapshot!(
            turns(&[(1_250, 2_000, 3), (1_900, 62_005, 0)]).to_rttm("our visit"),
            @r"
        SPEAKER our_visit 1 1.250 0.750 <NA> <NA> A <NA> <NA>
        SPEAKER our_visit 1 1.900 60.105 <NA> <NA> B <NA> <NA>
        "
        );
    }

    proptest! {
        #[test]
        fn no_word_is_lost_moved_or_changed(
            spoken in prop::collection::vec((0_u64..20_000, 1_u64..4_000, 0_usize..6), 0..20),
            lengths in prop::collection::vec((0_u64..700, 0_u64..900, 1_usize..9), 1..40),
        ) {
            let turns = turns(&spoken.iter().map(|(s, l, w)| (*s, s + l, *w)).collect::<Vec<_>>());
            let mut at = 0;
            let mut segments = Vec::new();
            let mut words = Vec::new();
            for (gap, length, break_after) in lengths {
                words.push((at + gap, at + gap + length, "word"));
                at += gap + length;
                if words.len() >= break_after {
                    segments.push(segment(&words));
                    words.clear();
                }
            }
            let mut transcript = Transcript { segments, ..Transcript::default() };
            let before: Vec<Word> = transcript.words().cloned().collect();
            let bounds = |t: &Transcript| {
                (t.segments.first().map(|s| s.start_ms), t.segments.last().map(|s| s.end_ms))
            };
            let reach = bounds(&transcript);
            turns.assign(&mut transcript);
            let after: Vec<Word> =
                transcript.words().map(|w| Word { speaker: None, ..w.clone() }).collect();
            prop_assert_eq!(before, after);
            prop_assert_eq!(reach, bounds(&transcript));
            let in_order =
                transcript.segments.windows(2).all(|pair| pair[0].end_ms <= pair[1].start_ms);
            prop_assert!(in_order);
            for segment in &transcript.segments {
                prop_assert!(segment.words.iter().all(|word| word.speaker == segment.speaker));
                let texts: Vec<&str> = segment.words.iter().map(|word| &*word.text).collect();
                prop_assert_eq!(texts.join(" "), &*segment.text);
            }
        }
    }
}
