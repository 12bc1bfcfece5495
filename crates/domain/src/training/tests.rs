//! The gate, at its edges.

use proptest::prelude::*;

use super::*;
use crate::Score;

fn scored(score: u8) -> Rating {
    Rating::Scored(Score::new(score).unwrap())
}

fn agreed(halves: u8) -> Agreed {
    Agreed::Scored(HalfScore::from_halves(halves).unwrap())
}

/// So many of so many near, spread over so many items in turn.
fn attempt(good: u32, all: u32, items: u32) -> Judgement {
    let keys: Vec<String> = (0..all).map(|n| format!("item {}", n % items)).collect();
    judge(keys.iter().zip(0..).map(|(key, n)| (key.as_str(), Some(n < good))), false)
}

#[test]
fn exactly_one_counts_and_no_more() {
    for (own, halves, is) in [
        (3, 4, true),
        (3, 8, true),
        (3, 3, false),
        (3, 9, false),
        (1, 4, true),
        (1, 5, false),
        (5, 8, true),
        (5, 7, false),
        (4, 7, true),
        (2, 4, true),
    ] {
        assert_eq!(near(Some(scored(own)), agreed(halves)), Some(is), "{own} beside {halves}/2");
    }
}

#[test]
fn what_is_missing_is_never_near() {
    assert_eq!(near(None, agreed(6)), Some(false));
    assert_eq!(near(None, Agreed::NotCodable), Some(false));
    assert_eq!(near(Some(Rating::NotCodable), agreed(6)), Some(false));
    assert_eq!(near(Some(scored(3)), Agreed::NotCodable), Some(false));
    assert_eq!(near(Some(Rating::NotCodable), Agreed::NotCodable), None, "nothing to compare");
}

#[test]
fn exactly_four_of_five_is_enough() {
    // Ten recordings with five and with seven items (REL-02).
    for (good, all, is) in [(39, 50, false), (40, 50, true), (55, 70, false), (56, 70, true)] {
        let judged = attempt(good, all, all / 10);
        assert_eq!(judged.reached(), is, "{good} of {all}");
        assert_eq!((judged.overall().near, judged.overall().left_out), (good, 0));
    }
    assert!(!judge([], false).reached(), "nothing is not enough");
    assert!(!judge([("clarity", None)], true).reached(), "nor is what could not be compared");
}

#[test]
fn item_by_item_each_of_them_counts() {
    let answers = |clarity: usize| {
        let near = (0..10).map(move |n| ("clarity", Some(n < clarity)));
        near.chain((0..40).map(|_| ("empathy", Some(true))))
    };
    assert!(judge(answers(7), false).reached(), "47 of 50");
    assert!(!judge(answers(7), true).reached(), "but 7 of 10");
    assert!(judge(answers(8), true).reached());
    let beside = answers(8).chain([("collaboration", None)]);
    assert!(judge(beside, true).reached(), "an item without ground stands in nobody's way");
}

#[test]
fn halves_are_read_and_written() {
    for (text, halves) in [("1", 2), ("3.5", 7), (" 4 ", 8), ("5.0", 10)] {
        assert_eq!(HalfScore::parse(text).unwrap().halves(), halves, "{text}");
    }
    for text in ["", "0.5", "5.5", "6", "3.25", "-1", "3,5", "300", "a", "."] {
        assert_eq!(HalfScore::parse(text), Err(HalfScoreError), "{text}");
    }
    for halves in 2..=10 {
        let score = HalfScore::from_halves(halves).unwrap();
        assert_eq!(HalfScore::parse(&score.to_string()), Ok(score));
    }
}

#[test]
fn a_coding_counts_where_nobody_could_have_shown_it_or_the_coder_has() {
    let standing =
        |set_open, qualified, learning| OwnTraining { set_open, qualified, learning }.standing();
    assert_eq!(standing(false, false, false), Standing::Counts);
    assert_eq!(standing(true, false, false), Standing::Practice);
    assert_eq!(standing(true, true, false), Standing::Counts);
    assert_eq!(standing(true, true, true), Standing::Practice, "that was an attempt");
    assert_eq!(SetPlan { size: 2, per_skill: false }.check(), Err(SetSize));
    assert_eq!(SetPlan { size: 11, per_skill: false }.check(), Err(SetSize));
}

fn any_rating() -> impl Strategy<Value = Option<Rating>> {
    (0_u8..=6).prop_map(|n| match n {
        0 => None,
        6 => Some(Rating::NotCodable),
        n => Some(scored(n)),
    })
}

fn any_agreed() -> impl Strategy<Value = Agreed> {
    (1_u8..=10).prop_map(|n| if n == 1 { Agreed::NotCodable } else { agreed(n) })
}

proptest! {
    /// The rule once more, in fractions: near means |own − agreed| ≤ 1, and four fifths of what was compared.
    #[test]
    fn the_gate_is_the_rule(
        answers in prop::collection::vec((0_usize..4, any_rating(), any_agreed()), 0..80),
        per_skill: bool,
    ) {
        let keys = ["a", "b", "c", "d"];
        let judged = judge(
            answers.iter().map(|(item, own, agreed)| (keys[*item], near(*own, *agreed))),
            per_skill,
        );
        let is_near = |own: &Option<Rating>, agreed: &Agreed| match (own, agreed) {
            (Some(Rating::Scored(own)), Agreed::Scored(agreed)) => {
                (f64::from(own.get()) - f64::from(agreed.halves()) / 2.0).abs() <= 1.0
            }
            _ => false,
        };
        let both_not = |own: &Option<Rating>, agreed: &Agreed| {
            *own == Some(Rating::NotCodable) && *agreed == Agreed::NotCodable
        };
        let enough = |of: Option<usize>| {
            let cells = answers.iter().filter(|(item, ..)| of.is_none_or(|of| of == *item));
            let cells: Vec<_> = cells.filter(|(_, own, agreed)| !both_not(own, agreed)).collect();
            let good = cells.iter().filter(|(_, own, agreed)| is_near(own, agreed)).count();
            (cells.len(), good * 100 >= 80 * cells.len())
        };
        let (all, overall) = enough(None);
        let each = (0..4).all(|item| enough(Some(item)).1);
        prop_assert_eq!(judged.reached(), all > 0 && overall && (!per_skill || each));
        let left_out = answers.iter().filter(|(_, own, agreed)| both_not(own, agreed)).count();
        prop_assert_eq!(usize::try_from(judged.overall().left_out), Ok(left_out));
        prop_assert_eq!(usize::try_from(judged.overall().compared), Ok(all));
    }

    /// Nearer answers are never worse.
    #[test]
    fn one_more_near_answer_never_closes_the_gate(
        answers in prop::collection::vec(any::<bool>(), 1..60),
        which: prop::sample::Index,
    ) {
        let before = judge(answers.iter().map(|near| ("a", Some(*near))), true);
        let mut better = answers.clone();
        *which.get_mut(&mut better) = true;
        let after = judge(better.iter().map(|near| ("a", Some(*near))), true);
        prop_assert!(after.reached() || !before.reached());
    }
}
