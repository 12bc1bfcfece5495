//! Agreement on a timeline beside the paper's equations taken one millisecond at a time.

use hearback_stats::timeline::{Mark, Timeline};
use proptest::prelude::*;

const LENGTH: u64 = 120;

/// Marks of one coder that do not overlap: alternating gaps and marks.
fn coder() -> impl Strategy<Value = Vec<Mark>> {
    prop::collection::vec((0_u64..15, 1_u64..15, 1_u32..4), 0..8).prop_map(|steps| {
        let mut at = 0;
        let mut marks: Vec<Mark> = Vec::new();
        for (gap, long, code) in steps {
            // Touching marks of one code would be one mark.
            let gap = gap.max(u64::from(marks.last().is_some_and(|last| last.code == code)));
            let (start, end) = (at + gap, at + gap + long);
            if end > LENGTH {
                break;
            }
            marks.push(Mark { start, end, code });
            at = end;
        }
        marks
    })
}

/// The piece that holds at a moment: its code (0 in a gap) and a number that no other piece of the coder has.
fn piece(marks: &[Mark], moment: u64) -> (u32, u64) {
    marks
        .iter()
        .find(|mark| mark.start <= moment && moment < mark.end)
        .map_or((0, LENGTH + moment), |mark| (mark.code, mark.start))
}

/// 1 − observed/expected over all moments: observed, how often two coders' values at one moment differ; expected, how
/// often those of two different pieces do, wherever they lie.
fn by_moments(coders: &[Vec<Mark>], differ: impl Fn(u32, u32) -> bool) -> f64 {
    let everything: Vec<(usize, u64, (u32, u64))> = coders
        .iter()
        .enumerate()
        .flat_map(|(i, marks)| (0..LENGTH).map(move |moment| (i, moment, piece(marks, moment))))
        .collect();
    let (mut met, mut differed, mut chance, mut chance_differed) = (0_u32, 0_u32, 0_u32, 0_u32);
    for (i, at, (c, one)) in &everything {
        for (j, other_at, (k, other)) in &everything {
            if i != j && at == other_at {
                met += 1;
                differed += u32::from(differ(*c, *k));
            }
            if !(i == j && one == other) {
                chance += 1;
                chance_differed += u32::from(differ(*c, *k));
            }
        }
    }
    let share = |part: u32, of: u32| f64::from(part) / f64::from(of);
    1.0 - share(differed, met) / share(chance_differed, chance)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn alphas_of_a_timeline_are_those_of_its_moments(coders in prop::collection::vec(coder(), 2..4)) {
        prop_assume!(coders.iter().any(|marks| !marks.is_empty()));
        let ours = Timeline::new(LENGTH, &coders).agreement().unwrap();
        let all = by_moments(&coders, |c, k| c != k);
        let marked = by_moments(&coders, |c, k| (c == 0) != (k == 0));
        prop_assert!((ours.all.unwrap() - all).abs() < 1e-9, "{:?} is not {all}", ours.all);
        prop_assert!((ours.marked.unwrap() - marked).abs() < 1e-9, "{:?} is not {marked}", ours.marked);
    }
}
