//! The letters of voices when a machine tells them apart anew: whoever was B is B again.

use std::collections::{BTreeMap, BTreeSet};

use super::{Speaker, Transcript};

impl Transcript {
    /// Gives the voices the letters that they had in an `earlier` transcript of the same sound, by the time for which
    /// two speak at once: the pair that shares most of it is matched first. A voice that was not there before takes a
    /// letter that nobody had, as long as there is one.
    pub fn keep_letters(&mut self, earlier: &Self) {
        let mut shared: BTreeMap<(Speaker, Speaker), u64> = BTreeMap::new();
        let before = spoken(earlier);
        let mut from = 0;
        for (start, end, now) in spoken(self) {
            // Both are in order of time.
            while before.get(from).is_some_and(|(_, end, _)| *end <= start) {
                from += 1;
            }
            for (other_start, other_end, was) in &before[from..] {
                if *other_start >= end {
                    break;
                }
                let both = end.min(*other_end).saturating_sub(start.max(*other_start));
                *shared.entry((now, *was)).or_default() += both;
            }
        }
        let mut pairs: Vec<_> = shared.into_iter().filter(|(_, ms)| *ms > 0).collect();
        pairs.sort_by_key(|((now, was), ms)| (std::cmp::Reverse(*ms), *was, *now));
        let mut letters: BTreeMap<Speaker, Speaker> = BTreeMap::new();
        let mut taken = BTreeSet::new();
        for ((now, was), _) in pairs {
            if !letters.contains_key(&now) && taken.insert(was) {
                letters.insert(now, was);
            }
        }
        let known: BTreeSet<Speaker> = before.iter().map(|(_, _, speaker)| *speaker).collect();
        let all: BTreeSet<Speaker> = spoken(self).iter().map(|(_, _, speaker)| *speaker).collect();
        for now in all {
            if letters.contains_key(&now) {
                continue;
            }
            let free = |one: &Speaker| !taken.contains(one);
            let every = || (0..Speaker::MACHINE).filter_map(Speaker::new).filter(free);
            let new = every().find(|one| !known.contains(one)).or_else(|| every().next());
            let new = new.unwrap_or(now);
            taken.insert(new);
            letters.insert(now, new);
        }
        let named =
            |speaker: Option<Speaker>| speaker.map(|one| *letters.get(&one).unwrap_or(&one));
        for segment in &mut self.segments {
            segment.speaker = named(segment.speaker);
            for word in &mut segment.words {
                word.speaker = named(word.speaker);
            }
        }
    }
}

/// When each voice speaks, in milliseconds, in order of time.
fn spoken(transcript: &Transcript) -> Vec<(u64, u64, Speaker)> {
    let words = transcript.segments.iter().flat_map(|segment| {
        segment.words.iter().filter_map(|word| {
            let speaker = word.speaker.or(segment.speaker)?;
            Some((word.start_ms, word.end_ms, speaker))
        })
    });
    words.collect()
}
