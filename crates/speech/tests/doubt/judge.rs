//! Which of a transcript's words were said, and which were invented.

use hearback_speech::Segment;

/// What became of the words of one recording.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    /// Words that were said, and how many of them lie in a segment with a doubt.
    pub(crate) good: usize,
    pub(crate) good_doubted: usize,
    /// Words that nobody said, and how many of them lie in a segment with a doubt.
    pub(crate) invented: usize,
    pub(crate) invented_doubted: usize,
    /// Words in the place of others: misheard, not invented.
    pub(crate) misheard: usize,
    pub(crate) misheard_doubted: usize,
    /// Words that were said.
    pub(crate) said: usize,
}

impl Count {
    pub(crate) fn add(&mut self, other: &Self) {
        self.good += other.good;
        self.good_doubted += other.good_doubted;
        self.invented += other.invented;
        self.invented_doubted += other.invented_doubted;
        self.misheard += other.misheard;
        self.misheard_doubted += other.misheard_doubted;
        self.said += other.said;
    }
}

/// How small numbers are written out.
const NUMBERS: [&str; 11] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/// Small letters and apostrophes; what only differs in writing is the same.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .replace('’', "'")
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|word| match word.trim_matches('\'') {
            "mr" => "mister",
            "ok" => "okay",
            word => word.parse().ok().and_then(|n: usize| NUMBERS.get(n).copied()).unwrap_or(word),
        })
        .map(str::to_owned)
        .filter(|word| !word.is_empty())
        .collect()
}

/// What a word of the transcript is to the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Said,
    Misheard,
    Inserted,
}

/// Lays the transcript's words along the reference's with the fewest changes (Levenshtein 1966).
pub(crate) fn align(reference: &[String], heard: &[String]) -> Vec<Fate> {
    let wide = heard.len() + 1;
    let mut cost = vec![0_u32; (reference.len() + 1) * wide];
    for (i, cell) in cost[..wide].iter_mut().enumerate() {
        *cell = u32::try_from(i).unwrap();
    }
    for r in 1..=reference.len() {
        cost[r * wide] = u32::try_from(r).unwrap();
        for h in 1..wide {
            let same = u32::from(reference[r - 1] != heard[h - 1]);
            let change = cost[(r - 1) * wide + h - 1] + same;
            let skip = cost[(r - 1) * wide + h].min(cost[r * wide + h - 1]) + 1;
            cost[r * wide + h] = change.min(skip);
        }
    }
    let mut fates = vec![Fate::Inserted; heard.len()];
    let (mut r, mut h) = (reference.len(), heard.len());
    while r > 0 && h > 0 {
        let same = reference[r - 1] == heard[h - 1];
        let here = cost[r * wide + h];
        if cost[(r - 1) * wide + h - 1] + u32::from(!same) == here {
            fates[h - 1] = if same { Fate::Said } else { Fate::Misheard };
            (r, h) = (r - 1, h - 1);
        } else if cost[r * wide + h - 1] + 1 == here {
            h -= 1;
        } else {
            r -= 1;
        }
    }
    fates
}

/// Judges a transcript's segments.
///
/// A word that the reference has no place for is invented. So is every word that is not the reference's in a segment of
/// which less than half was said: such a segment is not misheard, it is made up.
pub(crate) fn count(text: &str, segments: &[Segment]) -> Count {
    let reference = words(text);
    let heard: Vec<Vec<String>> = segments.iter().map(|segment| words(&segment.text)).collect();
    let fates = align(&reference, &heard.concat());
    let mut fates = fates.as_slice();
    let mut count = Count { said: reference.len(), ..Count::default() };
    for (segment, words) in segments.iter().zip(&heard) {
        let (mine, rest) = fates.split_at(words.len());
        fates = rest;
        let of = |fate| mine.iter().filter(|one| **one == fate).count();
        let good = of(Fate::Said);
        let made_up = good * 2 < mine.len();
        let misheard = if made_up { 0 } else { of(Fate::Misheard) };
        let invented = mine.len() - good - misheard;
        let doubted = |n| if segment.doubts.is_empty() { 0 } else { n };
        count.add(&Count {
            good,
            good_doubted: doubted(good),
            invented,
            invented_doubted: doubted(invented),
            misheard,
            misheard_doubted: doubted(misheard),
            said: 0,
        });
    }
    count
}
