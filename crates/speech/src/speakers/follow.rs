//! From people to turns: who speaks at each tenth of a second.
//!
//! Each tenth is judged by all windows that it lies in, the nearer to their middle the more; then the likeliest course
//! of the whole conversation is taken, in which nobody takes over without some evidence (Viterbi 1967).

use super::{
    cluster::{Group, likeness},
    encoder::Timbre,
    windows::{WINDOW, Window},
};

/// Frames of one step: a tenth of a second.
pub(crate) const STEP: usize = 10;
/// What taking over costs, in likeness of one step. A remark of half a second is worth it if it is clear.
const TAKING_OVER: f32 = 0.3;

/// What was heard: windows with their timbres, and where there is speech.
pub(crate) struct Heard {
    pub(crate) windows: Vec<(Window, Timbre)>,
    /// In frames, in order.
    pub(crate) speech: Vec<(usize, usize)>,
}

impl Heard {
    /// The steps in which somebody speaks, in order.
    fn steps(&self) -> Vec<usize> {
        let mut steps: Vec<usize> = self
            .speech
            .iter()
            .flat_map(|(start, end)| start / STEP..end.div_ceil(STEP).max(start / STEP + 1))
            .collect();
        steps.dedup();
        steps
    }

    /// Who speaks in each step, `None` where nobody does.
    pub(crate) fn follow(&self, people: &[Timbre]) -> Vec<Option<usize>> {
        let steps = self.steps();
        let length = steps.last().map_or(0, |last| last + 1);
        let mut course = vec![None; length];
        let evidence = self.evidence(people, length);
        let judged = steps.iter().map(|step| &evidence[step * people.len()..][..people.len()]);
        for (step, who) in steps.iter().zip(likeliest(judged, people.len())) {
            course[*step] = Some(who);
        }
        course
    }

    /// For each step, how much it is like each of the people.
    fn evidence(&self, people: &[Timbre], length: usize) -> Vec<f32> {
        let n = people.len();
        let mut evidence = vec![0.0; length * n];
        let mut weights = vec![0.0; length];
        for (window, timbre) in &self.windows {
            let likes: Vec<f32> = people.iter().map(|person| likeness(person, timbre)).collect();
            let steps = window.start / STEP..window.end.div_ceil(STEP).min(length);
            let middle = window.start.midpoint(window.end);
            for step in steps {
                let off = (step * STEP + STEP / 2).abs_diff(middle);
                let weight = nearness(off, window.frames());
                weights[step] += weight;
                let row = &mut evidence[step * n..(step + 1) * n];
                row.iter_mut().zip(&likes).for_each(|(sum, like)| *sum += weight * like);
            }
        }
        for (row, weight) in evidence.chunks_exact_mut(n.max(1)).zip(weights) {
            if weight > 0.0 {
                for sum in row {
                    *sum /= weight;
                }
            }
        }
        evidence
    }

    /// People anew: for each, the whole windows that are theirs almost entirely. Who has none stays as they were.
    pub(crate) fn again(&self, course: &[Option<usize>], people: &[Timbre]) -> Vec<Timbre> {
        let groups = self.pure(course, people.len());
        let means = groups.iter().zip(people);
        means.map(|(group, before)| if group.number > 1 { group.mean() } else { *before }).collect()
    }

    /// The whole windows that are somebody's almost entirely, by person.
    pub(crate) fn pure(&self, course: &[Option<usize>], people: usize) -> Vec<Group> {
        let mut groups = vec![Group::new(); people];
        let mut shares = vec![0; people];
        for (window, timbre) in &self.windows {
            if window.frames() < WINDOW {
                continue;
            }
            shares.fill(0);
            let end = (window.end / STEP).min(course.len());
            for who in course[(window.start / STEP).min(end)..end].iter().flatten() {
                shares[*who] += 1;
            }
            let all: usize = shares.iter().sum();
            let most = (0..people).max_by_key(|who| shares[*who]);
            if let Some(who) = most.filter(|who| all >= 10 && shares[*who] * 20 >= all * 19) {
                groups[who].add(timbre);
            }
        }
        groups
    }

    /// Turns in milliseconds: start, end, person. Speech that touches is cut where the voice changes.
    pub(crate) fn turns(&self, course: &[Option<usize>]) -> Vec<(u64, u64, usize)> {
        let mut turns: Vec<(u64, u64, usize)> = Vec::new();
        for (start, end) in &self.speech {
            let mut at = *start;
            while at < *end {
                let who = course.get(at / STEP).copied().flatten();
                let mut to = (at / STEP + 1) * STEP;
                while to < *end && course.get(to / STEP).copied().flatten() == who {
                    to += STEP;
                }
                let (from, to) = (at as u64 * 10, to.min(*end) as u64 * 10);
                if let Some(who) = who {
                    match turns.last_mut() {
                        Some(last) if last.1 == from && last.2 == who => last.1 = to,
                        _ => turns.push((from, to, who)),
                    }
                }
                at = (to / 10).try_into().unwrap_or(usize::MAX);
            }
        }
        turns
    }
}

/// From one in the middle of a window to nothing at its edges.
#[expect(clippy::cast_precision_loss, reason = "a few hundred frames")]
fn nearness(off: usize, frames: usize) -> f32 {
    (1.0 - off as f32 / (frames as f32 / 2.0)).max(0.02)
}

/// The course with the most evidence.
fn likeliest<'a>(evidence: impl Iterator<Item = &'a [f32]>, people: usize) -> Vec<usize> {
    let mut sums = vec![0.0_f32; people];
    // For each step and person, who spoke before if that person speaks now.
    let mut before: Vec<u16> = Vec::new();
    let mut steps = 0;
    for row in evidence {
        let best = (0..people).max_by(|a, b| sums[*a].total_cmp(&sums[*b])).unwrap_or(0);
        let taken_over = sums.get(best).copied().unwrap_or(0.0) - TAKING_OVER;
        for (who, sum) in sums.iter_mut().enumerate() {
            let from = if taken_over > *sum { best } else { who };
            before.push(u16::try_from(from).unwrap_or(u16::MAX));
            *sum = sum.max(taken_over) + row[who];
        }
        steps += 1;
    }
    let mut who = (0..people).max_by(|a, b| sums[*a].total_cmp(&sums[*b])).unwrap_or(0);
    let mut course = vec![0; steps];
    for (step, place) in course.iter_mut().enumerate().rev() {
        *place = who;
        who = before[step * people + who].into();
    }
    course
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_over_for_a_moment_of_doubt() {
        let sure = [0.8, 0.5];
        let doubtful = [0.6, 0.62];
        let other = [0.5, 0.8];
        let rows =
            [&[sure; 10][..], &[doubtful; 2], &[sure; 10], &[other; 5], &[sure; 10]].concat();
        let course = likeliest(rows.iter().map(|row| &row[..]), 2);
        let expected = [vec![0; 22], vec![1; 5], vec![0; 10]].concat();
        assert_eq!(course, expected);
        assert_eq!(likeliest(std::iter::empty(), 2), [0; 0]);
    }

    #[test]
    fn many_people_are_not_taken_for_each_other() {
        let row = |who: usize| (0..300).map(|one| f32::from(u8::from(one == who))).collect();
        let rows: Vec<Vec<f32>> = [290, 290, 40, 40, 256, 256, 299].map(row).into();
        let course = likeliest(rows.iter().map(|row| &row[..]), 300);
        assert_eq!(course, [290, 290, 40, 40, 256, 256, 299]);
    }
}
