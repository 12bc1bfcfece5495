//! Where several coders marked something: which of their marks are about the same passage, and what there is to hear of
//! all of them together.
//!
//! Marks of different people belong together where they overlap by at least half of the shorter one: less is a
//! neighbour. A passage holds one mark of each coder at most, so that two marks of one person are never taken for one.
//! What stands alone is a passage of its own: what one heard and the other did not is what is worth listening to again
//! (QAL-09).

use std::cmp::Reverse;

use crate::{CodeId, Span, UserId};

/// Somebody's mark, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Which.
    pub code: CodeId,
    /// Whose.
    pub coder: UserId,
    /// The skill's key, with the sub-category's.
    pub item: String,
    /// Where.
    pub span: Span,
}

/// Marks that are about the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// From where the first of them begins to where the last of them ends.
    pub span: Span,
    /// By coder.
    pub marks: Vec<Mark>,
}

impl Passage {
    /// The item that all of its marks name, if they name the same.
    pub fn item(&self) -> Option<&str> {
        let first = self.marks.first()?;
        self.marks.iter().all(|mark| mark.item == first.item).then_some(first.item.as_str())
    }

    /// Whether this mark is one of it.
    pub fn holds(&self, code: CodeId) -> bool {
        self.marks.iter().any(|mark| mark.code == code)
    }
}

/// The passages that these marks are about, by where they begin and end. Each mark is in exactly one.
///
/// Pairs that name the same item find each other first, then those that overlap most.
pub fn passages(marks: &[Mark]) -> Vec<Passage> {
    let mut marks = marks.to_vec();
    marks.sort_by_key(|mark| (mark.span, mark.code));
    let mut pairs = Vec::new();
    for (a, first) in marks.iter().enumerate() {
        for (b, second) in marks.iter().enumerate().skip(a + 1) {
            if second.span.start() >= first.span.end() {
                break;
            }
            let shared = overlap(first.span, second.span);
            let shorter = first.span.len().min(second.span.len()).get();
            if first.coder != second.coder && shared * 2 >= shorter {
                pairs.push((first.item != second.item, Reverse(shared), a, b));
            }
        }
    }
    pairs.sort_unstable();
    // Which passage each mark is in: at first each in its own.
    let mut of: Vec<usize> = (0..marks.len()).collect();
    for (_, _, a, b) in pairs {
        let (a, b) = (of[a], of[b]);
        let in_passage = |passage: usize| {
            marks.iter().zip(&of).filter(move |(_, of)| **of == passage).map(|(mark, _)| mark.coder)
        };
        let twice = in_passage(a).any(|coder| in_passage(b).any(|other| other == coder));
        if a != b && !twice {
            of.iter_mut().filter(|passage| **passage == b).for_each(|passage| *passage = a);
        }
    }
    gather(&marks, &of)
}

fn gather(marks: &[Mark], of: &[usize]) -> Vec<Passage> {
    let mut found: Vec<(usize, Passage)> = Vec::new();
    for (mark, place) in marks.iter().zip(of) {
        match found.iter_mut().find(|(known, _)| known == place) {
            Some((_, passage)) => {
                passage.span = passage.span.hull(mark.span);
                passage.marks.push(mark.clone());
            }
            None => found.push((*place, Passage { span: mark.span, marks: vec![mark.clone()] })),
        }
    }
    let mut all: Vec<Passage> = found.into_iter().map(|(_, passage)| passage).collect();
    for passage in &mut all {
        passage.marks.sort_by_key(|mark| mark.coder);
    }
    all.sort_by_key(|passage| (passage.span, passage.marks.first().map(|mark| mark.code)));
    all
}

/// How long two stretches are both under way (ms).
fn overlap(a: Span, b: Span) -> u64 {
    a.end().min(b.end()).since(a.start().max(b.start())).get()
}

/// What there is to hear of all of these, in order: nothing twice. Stretches that touch are one.
pub fn union(spans: impl IntoIterator<Item = Span>) -> Vec<Span> {
    let mut spans: Vec<Span> = spans.into_iter().collect();
    spans.sort_unstable();
    let mut out: Vec<Span> = Vec::new();
    for span in spans {
        match out.last_mut() {
            Some(last) if span.start() <= last.end() => *last = last.hull(span),
            _ => out.push(span),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::Ms;

    fn span(start: u64, end: u64) -> Span {
        Span::new(Ms::new(start), Ms::new(end)).unwrap()
    }

    fn mark(code: u128, coder: u128, item: &str, start: u64, end: u64) -> Mark {
        Mark {
            code: CodeId::from_uuid(Uuid::from_u128(code)),
            coder: UserId::from_uuid(Uuid::from_u128(coder)),
            item: item.to_owned(),
            span: span(start, end),
        }
    }

    /// For each passage: its span, and the numbers of its marks.
    fn found(marks: &[Mark]) -> Vec<((u64, u64), Vec<u128>)> {
        let ends = |span: Span| (span.start().get(), span.end().get());
        let number = |mark: &Mark| mark.code.as_uuid().as_u128();
        let told = |p: &Passage| (ends(p.span), p.marks.iter().map(number).collect());
        passages(marks).iter().map(told).collect()
    }

    #[test]
    fn marks_of_two_people_meet_where_they_mean_the_same() {
        let together = [mark(1, 1, "clarity", 0, 10), mark(2, 2, "clarity", 5, 20)];
        assert_eq!(found(&together), [((0, 20), vec![1, 2])], "half of the shorter");
        let apart = [mark(1, 1, "clarity", 0, 10), mark(2, 2, "clarity", 6, 20)];
        assert_eq!(found(&apart), [((0, 10), vec![1]), ((6, 20), vec![2])], "a neighbour");
        let own = [mark(1, 1, "clarity", 0, 10), mark(2, 1, "clarity", 0, 10)];
        assert_eq!(found(&own).len(), 2, "one person's two marks are two");
        // The same skill goes before the longer overlap.
        let three = [
            mark(1, 1, "clarity", 0, 10),
            mark(2, 2, "curiosity", 0, 10),
            mark(3, 2, "clarity", 2, 10),
        ];
        assert_eq!(found(&three), [((0, 10), vec![1, 3]), ((0, 10), vec![2])]);
        // The other's one long mark is about one of two, and not about both.
        let long = [
            mark(1, 1, "clarity", 0, 10),
            mark(2, 1, "clarity", 10, 30),
            mark(3, 2, "clarity", 0, 30),
        ];
        assert_eq!(found(&long), [((0, 10), vec![1]), ((0, 30), vec![2, 3])]);
        // Three coders.
        let all = [
            mark(1, 1, "clarity", 0, 10),
            mark(2, 2, "clarity", 1, 11),
            mark(3, 3, "respect", 2, 12),
        ];
        assert_eq!(found(&all), [((0, 12), vec![1, 2, 3])]);
        assert_eq!(passages(&all)[0].item(), None);
        assert_eq!(passages(&all[..2])[0].item(), Some("clarity"));
    }

    #[test]
    fn nothing_is_heard_twice() {
        let spans = [span(10, 20), span(0, 5), span(15, 30), span(5, 7), span(16, 17)];
        assert_eq!(union(spans), [span(0, 7), span(10, 30)]);
        assert_eq!(union([]), []);
    }

    prop_compose! {
        fn some_marks()(list in prop::collection::vec((0_u128..3, 0_usize..3, 0_u64..400, 1_u64..60), 0..40))
            -> Vec<Mark> {
            let items = ["a", "b", "c"];
            let each = (1..).zip(list);
            each.map(|(n, (coder, item, at, long))| mark(n, coder, items[item], at, at + long)).collect()
        }
    }

    proptest! {
        #[test]
        fn every_mark_is_in_one_passage_and_no_passage_has_two_of_one_person(marks in some_marks()) {
            let all = passages(&marks);
            let mut codes: Vec<_> = all.iter().flat_map(|p| &p.marks).map(|m| m.code).collect();
            codes.sort_unstable();
            let mut wanted: Vec<_> = marks.iter().map(|m| m.code).collect();
            wanted.sort_unstable();
            prop_assert_eq!(codes, wanted);
            for passage in &all {
                let mut coders: Vec<_> = passage.marks.iter().map(|m| m.coder).collect();
                coders.dedup();
                prop_assert_eq!(coders.len(), passage.marks.len());
                prop_assert_eq!(union(passage.marks.iter().map(|m| m.span)), vec![passage.span]);
            }
            // In whatever order they come.
            let mut turned = marks.clone();
            turned.reverse();
            prop_assert_eq!(passages(&turned), all);
        }

        #[test]
        fn a_union_has_gaps_and_holds_everything(marks in some_marks()) {
            let all = union(marks.iter().map(|m| m.span));
            prop_assert!(all.windows(2).all(|two| two[0].end() < two[1].start()));
            for mark in &marks {
                let holds = |s: &Span| s.start() <= mark.span.start() && mark.span.end() <= s.end();
                prop_assert_eq!(all.iter().filter(|s| holds(s)).count(), 1);
            }
        }
    }
}
