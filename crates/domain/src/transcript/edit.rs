//! From a text that somebody typed over another one to the smallest changes that make it so.
//!
//! Small, because a change shares the time of what it replaces out among its words: the fewer those are, the nearer
//! each is to its sound, and the less is hidden with a name.

use std::ops::Range;

use super::{Change, ReadWord, Reading, reading::joined};
use crate::{Ms, Span};

/// A pause so long has room for words that were not written down.
const ROOM_MS: u64 = 200;

/// Beyond this many comparisons a text is taken as a whole: nobody types so much anew in one stretch.
const MOST_COMPARED: usize = 4_000_000;

/// Words that change: those of the reading, and what is read in their place.
struct Hunk<'a> {
    old: Range<usize>,
    text: Vec<&'a str>,
}

impl Reading {
    /// The changes that make `text` of what is read of a stretch; none if it says that already.
    ///
    /// Each is a [`Change::Text`] that says what it replaces. They are in order of time and do not overlap.
    pub fn edited(&self, stretch: Span, text: &str) -> Vec<Change> {
        let all: Vec<&ReadWord> = self.words().collect();
        let from = all.partition_point(|word| word.at < stretch.start().get());
        let to = all.partition_point(|word| word.at < stretch.end().get());
        let typed: Vec<&str> = text.split_whitespace().collect();
        let page = Page { all, here: from..to, stretch };
        let hunks = page.settled(page.hunks(&typed));
        let change = |hunk: Hunk<'_>| {
            let span = page.place(&hunk.old);
            Change::Text {
                start_ms: span.start().get(),
                end_ms: span.end().get(),
                was: joined(page.all[hunk.old].iter().copied()),
                text: hunk.text.join(" "),
            }
        };
        hunks.into_iter().map(change).collect()
    }
}

/// What the person had in front of them.
struct Page<'a> {
    /// Every word of the recording.
    all: Vec<&'a ReadWord>,
    /// Those that were on the page.
    here: Range<usize>,
    /// Their stretch.
    stretch: Span,
}

impl<'a> Page<'a> {
    /// The stretch of some words; of the pause between two, if they are none.
    fn place(&self, old: &Range<usize>) -> Span {
        if let [first, .., last] | [first @ last] = &self.all[old.clone()] {
            let end = last.end_ms.max(last.at.saturating_add(1));
            let start = first.start_ms.min(first.at);
            return Span::at_least_a_millisecond(Ms::new(start), Ms::new(end));
        }
        self.pause(old.start).unwrap_or(self.stretch)
    }

    /// The pause before a word, if there is room in it: within the stretch, so that what is typed into one sentence
    /// does not come to belong to another.
    fn pause(&self, before: usize) -> Option<Span> {
        if !(self.here.start < before && before < self.here.end) {
            return None;
        }
        let (earlier, later) = (self.all.get(before - 1)?, self.all.get(before)?);
        let room = later.start_ms.saturating_sub(earlier.end_ms) >= ROOM_MS;
        let span = Span::new(Ms::new(earlier.end_ms), Ms::new(later.start_ms)).ok()?;
        (room && !earlier.is_in(span) && !later.is_in(span)).then_some(span)
    }

    /// Which words a change has to take with it: one beside it, where there is no room between two; and whatever has
    /// its middle in the same stretch.
    fn needed(&self, old: &Range<usize>) -> Range<usize> {
        if old.is_empty() {
            return match old.start {
                at if self.here.is_empty() || self.pause(at).is_some() => at..at,
                at if at == self.here.start => at..at + 1,
                at => at - 1..at,
            };
        }
        let span = self.place(old);
        let from = self.all.partition_point(|word| word.at < span.start().get());
        let to = self.all.partition_point(|word| word.at < span.end().get());
        from.min(old.start)..to.max(old.end)
    }

    /// Takes into each change what it needs; two that need the same word become one.
    fn settled(&self, hunks: Vec<Hunk<'a>>) -> Vec<Hunk<'a>> {
        let mut settled: Vec<Hunk<'a>> = Vec::new();
        let mut waiting = hunks.into_iter().peekable();
        while let Some(mut hunk) = waiting.next() {
            loop {
                let needed = self.needed(&hunk.old);
                if let Some(before) = settled.pop_if(|before| before.old.end > needed.start) {
                    hunk = self.one(before, hunk);
                } else if let Some(after) = waiting.next_if(|after| after.old.start < needed.end) {
                    hunk = self.one(hunk, after);
                } else if needed == hunk.old {
                    break;
                } else {
                    let kept = |at| Hunk { old: at..at, text: Vec::new() };
                    hunk = self.one(kept(needed.start), hunk);
                    hunk = self.one(hunk, kept(needed.end));
                }
            }
            settled.push(hunk);
        }
        settled
    }

    /// Two changes and the words between them as one change.
    fn one(&self, before: Hunk<'a>, after: Hunk<'a>) -> Hunk<'a> {
        let between = &self.all[before.old.end..after.old.start];
        let between = between.iter().map(|word| word.text.as_str());
        let text = before.text.into_iter().chain(between).chain(after.text).collect();
        Hunk { old: before.old.start..after.old.end, text }
    }

    /// What differs from what was typed, word for word.
    fn hunks(&self, typed: &[&'a str]) -> Vec<Hunk<'a>> {
        let here = &self.all[self.here.clone()];
        let old: Vec<&str> = here.iter().map(|word| word.text.as_str()).collect();
        let mut hunks = Vec::new();
        let (mut next_old, mut next_new) = (0, 0);
        // One more at the end, so that what follows the last word in common is seen too.
        let mut common = common(&old, typed);
        common.push((old.len(), typed.len(), 0));
        for (at_old, at_new, tokens) in common {
            if at_old > next_old || at_new > next_new {
                let from = self.here.start;
                hunks.push(Hunk {
                    old: from + next_old..from + at_old,
                    text: typed[next_new..at_new].to_vec(),
                });
            }
            (next_old, next_new) = (at_old + 1, at_new + tokens);
        }
        hunks
    }
}

/// The longest row of words that both have: where in the one, where in the other, and how many of the other it is (a
/// replaced name of several words is one word in the reading).
fn common(old: &[&str], typed: &[&str]) -> Vec<(usize, usize, usize)> {
    let tokens = |at: usize| old[at].split_whitespace().count();
    let same = |at: usize, to: usize| {
        let mut length = 0;
        let same = old[at].split_whitespace().all(|token| {
            length += 1;
            typed.get(to + length - 1) == Some(&token)
        });
        same && length > 0
    };
    let (width, height) = (typed.len() + 1, old.len() + 1);
    if width.saturating_mul(height) > MOST_COMPARED {
        return Vec::new();
    }
    // How many words they have in common from here to the end.
    let mut best = vec![0_u32; width * height];
    for at in (0..old.len()).rev() {
        for to in (0..typed.len()).rev() {
            let mut most = best[(at + 1) * width + to].max(best[at * width + to + 1]);
            if same(at, to) {
                most = most.max(1 + best[(at + 1) * width + to + tokens(at)]);
            }
            best[at * width + to] = most;
        }
    }
    let mut found = Vec::new();
    let (mut at, mut to) = (0, 0);
    while at < old.len() && to < typed.len() {
        let here = best[at * width + to];
        if same(at, to) && here == 1 + best[(at + 1) * width + to + tokens(at)] {
            found.push((at, to, tokens(at)));
            (at, to) = (at + 1, to + tokens(at));
        } else if here == best[(at + 1) * width + to] {
            at += 1;
        } else {
            to += 1;
        }
    }
    found
}
