//! Where a recording is hidden: what people marked, brought into one form.
//!
//! A **mark** is what somebody wants hidden: a name, say. What is **hidden** is the mark and a guard to either side of
//! it, because the ear needs less than a whole sound to guess a name, and because the times of words are good to some
//! tens of milliseconds only.

use std::{fmt, fmt::Write as _, str::FromStr};

use hearback_domain::{Ms, Span};

/// How marks become what is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How much is hidden to either side of a mark.
    pub guard: Ms,
    /// A shorter stretch between two hidden ones, or between one and an end of the recording, is hidden too: it would
    /// be a sliver that tells more than it is worth.
    pub least_gap: Ms,
}

impl Default for Rules {
    fn default() -> Self {
        Self { guard: Ms::new(150), least_gap: Ms::new(100) }
    }
}

/// Why something cannot be hidden as it was marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MarkError {
    /// A time that is none: not finite, or before the beginning.
    #[error("a passage begins and ends at a time of the recording; mark it again")]
    NoTime,
    /// It has no length, or ends before it begins.
    #[error("a passage ends after it begins; mark it again")]
    NoLength,
    /// It lies wholly behind the end of the recording, so whoever marked it meant something else.
    #[error("the recording ends at {recording}, before the passage at {start}; mark it again")]
    PastTheEnd {
        /// Where the passage begins.
        start: Ms,
        /// How long the recording is.
        recording: Ms,
    },
    /// Text that was not written by [`SpanSet`]'s `Display`.
    #[error("what is to be hidden cannot be read; mark it again")]
    Unreadable,
}

/// A mark from two times in milliseconds, as a page sends them: fractions are rounded outward.
pub fn mark(start_ms: f64, end_ms: f64) -> Result<Span, MarkError> {
    // Beyond 2^53 not every whole number is a float, and no recording is that long.
    let times = 0.0..9e15;
    if !(times.contains(&start_ms) && times.contains(&end_ms)) {
        return Err(MarkError::NoTime);
    }
    if start_ms >= end_ms {
        return Err(MarkError::NoLength);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    let ms = |time: f64| Ms::new(time as u64);
    Span::new(ms(start_ms.floor()), ms(end_ms.ceil())).map_err(|_| MarkError::NoLength)
}

/// What is hidden of one recording.
///
/// **Invariant:** the marks are in order, end within the recording, and lie so far apart that what is hidden around
/// two of them neither touches nor leaves a sliver. So two sets that hide the same are equal, in whatever order, in
/// however many pieces and however often it was marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpanSet {
    marks: Vec<Span>,
    recording: Ms,
    rules: Rules,
}

impl SpanSet {
    /// Hides `marks`, in any order, of a recording that is so long. What reaches over its end is cut there.
    pub fn new(
        marks: impl IntoIterator<Item = Span>,
        recording: Ms,
        rules: Rules,
    ) -> Result<Self, MarkError> {
        let mut sorted = Vec::new();
        for mark in marks {
            let end = mark.end().min(recording);
            let span = Span::new(mark.start(), end)
                .map_err(|_| MarkError::PastTheEnd { start: mark.start(), recording })?;
            sorted.push(span);
        }
        let twice = rules.guard.plus(rules.guard);
        let near = |gap: Ms| gap <= twice || gap < twice.plus(rules.least_gap);
        Ok(Self { marks: joined(sorted, near), recording, rules })
    }

    /// Like [`SpanSet::new`], but no word is cut in two by a mark: one that a mark touches is hidden whole, and so is
    /// what is said over it.
    ///
    /// `words` are the times of the words, in any order. Words of several speakers may overlap.
    pub fn of_words(
        marks: impl IntoIterator<Item = Span>,
        words: &[Span],
        recording: Ms,
        rules: Rules,
    ) -> Result<Self, MarkError> {
        let words = joined(words.to_vec(), |_| false);
        Self::new(marks.into_iter().map(|mark| widened(mark, &words)), recording, rules)
    }

    /// Nothing hidden of a recording that is so long.
    pub fn nothing(recording: Ms) -> Self {
        Self { marks: Vec::new(), recording, rules: Rules::default() }
    }

    /// What was marked, joined where what is hidden around it is. Marking it again gives the same set.
    pub fn marks(&self) -> &[Span] {
        &self.marks
    }

    /// What is hidden: each mark with its guard. In order; none touches the next.
    pub fn hidden(&self) -> impl DoubleEndedIterator<Item = Span> + '_ {
        self.marks.iter().filter_map(|mark| {
            let start = mark.start().since(self.rules.guard);
            let start = if start < self.rules.least_gap { Ms::ZERO } else { start };
            let end = mark.end().plus(self.rules.guard).min(self.recording);
            let sliver = self.recording.since(end) < self.rules.least_gap;
            Span::new(start, if sliver { self.recording } else { end }).ok()
        })
    }

    /// How much is hidden altogether.
    pub fn length(&self) -> Ms {
        self.hidden().fold(Ms::ZERO, |sum, span| sum.plus(span.len()))
    }

    /// Whether anything of the stretch `clip` is hidden.
    pub fn touches(&self, clip: Span) -> bool {
        self.hidden().any(|span| span.overlaps(clip))
    }

    /// Whether nothing is hidden at all.
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// How long the recording is that this is about.
    pub fn recording(&self) -> Ms {
        self.recording
    }

    /// By which rules marks became what is hidden.
    pub fn rules(&self) -> Rules {
        self.rules
    }
}

/// Spans in order, joined where they overlap, touch if `near` says so of no gap, or have a gap that is `near`.
fn joined(mut spans: Vec<Span>, near: impl Fn(Ms) -> bool) -> Vec<Span> {
    spans.sort_unstable();
    let mut out: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match out.last_mut() {
            Some(last) if span.start() < last.end() || near(span.start().since(last.end())) => {
                *last = hull(*last, span);
            }
            _ => out.push(span),
        }
    }
    out
}

/// From where the first of two begins to where the last of them ends.
fn hull(a: Span, b: Span) -> Span {
    // Two spans have a start before an end, and so has what holds both.
    Span::new(a.start().min(b.start()), a.end().max(b.end())).unwrap_or(a)
}

/// The mark with every word that it touches. `words` are in order and do not overlap.
fn widened(mark: Span, words: &[Span]) -> Span {
    let first = words.partition_point(|word| word.end() <= mark.start());
    let last = words.partition_point(|word| word.start() < mark.end());
    match words.get(first..last) {
        Some([only]) => hull(mark, *only),
        Some([first, .., last]) => hull(hull(mark, *first), *last),
        _ => mark,
    }
}

/// The form in which a set is kept, and of which its digest is made. [`FromStr`] reads it.
impl fmt::Display for SpanSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { marks, recording, rules } = self;
        write!(f, "recording {} guard {}", recording.get(), rules.guard.get())?;
        write!(f, " gap {} hide", rules.least_gap.get())?;
        for mark in marks {
            write!(f, " {}-{}", mark.start().get(), mark.end().get())?;
        }
        Ok(())
    }
}

impl FromStr for SpanSet {
    type Err = MarkError;

    /// Reads what `Display` wrote, and nothing else: whatever would be written differently is refused.
    fn from_str(text: &str) -> Result<Self, MarkError> {
        let unreadable = || MarkError::Unreadable;
        let ms = |text: &str| text.parse().map(Ms::new).map_err(|_| MarkError::Unreadable);
        let mut parts = text.split(' ');
        let mut next = || parts.next().ok_or_else(unreadable);
        let mut field = |name: &str| match next()? {
            found if found == name => ms(next()?),
            _ => Err(unreadable()),
        };
        let recording = field("recording")?;
        let rules = Rules { guard: field("guard")?, least_gap: field("gap")? };
        if next()? != "hide" {
            return Err(unreadable());
        }
        let marks = parts.map(|mark| {
            let (start, end) = mark.split_once('-').ok_or_else(unreadable)?;
            Span::new(ms(start)?, ms(end)?).map_err(|_| unreadable())
        });
        let set = Self::new(marks.collect::<Result<Vec<_>, _>>()?, recording, rules)?;
        let mut again = String::with_capacity(text.len());
        write!(again, "{set}").map_err(|_| unreadable())?;
        if again == text { Ok(set) } else { Err(unreadable()) }
    }
}
