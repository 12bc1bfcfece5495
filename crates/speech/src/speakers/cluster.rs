//! Which windows are one person's, and how many people there are.
//!
//! Agglomerative clustering in two steps, so that three hours cost no more than their share. First the windows of a
//! few minutes among themselves, by the mean likeness between all of one group and all of the other; what comes of that
//! are many small groups, each of one person. Then those groups with each other, by the likeness of their mean timbres.
//! One person's mean timbres are hardly ever less alike than [`SAME_PERSON`], two people's hardly ever more, on
//! microphones and telephones: that gives the number of people. The figures were tuned on dialogues made of readers and
//! synthesised voices, none of which the tests know.

use super::{
    VoicesError,
    encoder::{Timbre, WIDTH, normalise},
};

type Result<T, E = VoicesError> = std::result::Result<T, E>;
/// Asked again and again whether anybody still wants to know; an error if not.
pub(crate) type GoOn<'a> = &'a dyn Fn() -> Result<()>;

/// Windows that are compared each with each: four minutes of speech.
const BLOCK: usize = 600;
/// No more groups than that are followed through a recording: of people there are tens at the most, of the noises in a
/// crowded room as many as there are windows.
pub(crate) const FOLLOWED: usize = 128;
/// More groups than that are joined before more windows are looked at.
const MANY: usize = 600;
/// Mean likeness (cosine) of two groups of windows of one person.
const ALIKE: f32 = 0.72;
/// Likeness of two mean timbres of one person.
const SAME_PERSON: f32 = 0.9;

/// A group of windows: the sum of their timbres, and their number.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    sum: Box<Timbre>,
    pub(crate) number: usize,
}

impl Group {
    pub(crate) fn new() -> Self {
        Self { sum: Box::new([0.0; WIDTH]), number: 0 }
    }

    pub(crate) fn add(&mut self, timbre: &Timbre) {
        self.sum.iter_mut().zip(timbre).for_each(|(sum, x)| *sum += x);
        self.number += 1;
    }

    fn join(&mut self, other: &Self) {
        self.sum.iter_mut().zip(&*other.sum).for_each(|(sum, x)| *sum += x);
        self.number += other.number;
    }

    /// Its mean timbre, of length one.
    pub(crate) fn mean(&self) -> Timbre {
        let mut mean = *self.sum;
        normalise(&mut mean);
        mean
    }

    /// How alike its members are with each other in the mean; not with themselves, which would make small groups look
    /// more of one piece than large ones. Windows overlap, so two of them count as one.
    fn unity(&self) -> f32 {
        let number = count(self.number);
        let with_itself = likeness(&self.sum, &self.sum) / (number * number);
        let apart = number / 2.0;
        let unity =
            if apart > 1.2 { (apart * with_itself - 1.0) / (apart - 1.0) } else { with_itself };
        unity.clamp(0.5, 1.0)
    }
}

/// How alike two timbres are: 1 is the same.
pub(crate) fn likeness(a: &Timbre, b: &Timbre) -> f32 {
    // Sixteen sums at once: the compiler may not reorder one.
    let mut sums = [0.0_f32; 16];
    for (a, b) in a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

/// Small groups, each of windows that one person fills, without crumbs; [`FOLLOWED`] at the most.
pub(crate) fn small_groups(timbres: &[Timbre], go_on: GoOn<'_>) -> Result<Vec<Group>> {
    let mut groups = Vec::new();
    for timbres in timbres.chunks(BLOCK) {
        go_on()?;
        groups.extend(block(timbres));
        if groups.len() > MANY {
            groups = join(groups, Stop::CRUMBS, go_on)?;
        }
    }
    join(groups, Stop::CRUMBS, go_on)
}

/// Average linkage: the two groups that are most alike become one, until no two are alike.
fn block(timbres: &[Timbre]) -> Vec<Group> {
    let n = timbres.len();
    let mut sizes = vec![1_usize; n];
    let mut member = (0..n).collect::<Vec<_>>();
    // Sums of likeness between all of one group and all of the other.
    let mut sums: Vec<f32> = Vec::with_capacity(n * n);
    for a in timbres {
        sums.extend(timbres.iter().map(|b| likeness(a, b)));
    }
    let best_of = |of: usize, sums: &[f32], sizes: &[usize]| {
        (0..n)
            .filter(|other| *other != of && sizes[*other] > 0)
            .map(|other| (other, sums[of * n + other] / count(sizes[of] * sizes[other])))
            .max_by(|a, b| a.1.total_cmp(&b.1))
    };
    let mut nearest: Vec<Option<(usize, f32)>> =
        (0..n).map(|of| best_of(of, &sums, &sizes)).collect();
    loop {
        let best = (0..n)
            .filter(|of| sizes[*of] > 0)
            .filter_map(|of| nearest[of].map(|(other, alike)| (of, other, alike)))
            .max_by(|a, b| a.2.total_cmp(&b.2));
        let Some((into, from, _)) = best.filter(|(_, _, alike)| *alike >= ALIKE) else { break };
        for other in 0..n {
            let more = sums[from * n + other];
            sums[into * n + other] += more;
            sums[other * n + into] += more;
        }
        sizes[into] += sizes[from];
        sizes[from] = 0;
        nearest[from] = None;
        member.iter_mut().filter(|group| **group == from).for_each(|group| *group = into);
        for of in (0..n).filter(|of| sizes[*of] > 0) {
            let stale = nearest[of].is_none_or(|(other, _)| other == into || other == from);
            if of == into || stale {
                nearest[of] = best_of(of, &sums, &sizes);
            } else {
                let alike = sums[of * n + into] / count(sizes[of] * sizes[into]);
                if nearest[of].is_some_and(|(_, best)| alike > best) {
                    nearest[of] = Some((into, alike));
                }
            }
        }
    }
    let mut groups = vec![Group::new(); n];
    for (timbre, group) in timbres.iter().zip(member) {
        groups[group].add(timbre);
    }
    groups.retain(|group| group.number > 0);
    groups
}

/// When to stop joining groups.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop {
    /// Two groups that are more alike are one person.
    pub(crate) alike: f32,
    /// A group of fewer windows is nobody by itself: it joins the one that is most like it.
    pub(crate) least: usize,
    /// No more groups than that.
    pub(crate) most: usize,
    /// So many groups if that can be, however alike they are.
    pub(crate) exactly: Option<usize>,
}

impl Stop {
    /// Crumbs join what they are like; nothing else is decided yet.
    const CRUMBS: Self = Self { alike: 0.95, least: 3, most: FOLLOWED, exactly: None };

    /// Groups of `total` windows become people. Somebody is told apart who says three seconds in all, in longer
    /// recordings a little more: what is left over there is two who speak at once, or somebody who shouts.
    pub(crate) fn people(most: usize, exactly: Option<usize>, total: usize) -> Self {
        let least = (total / 25).min(total.isqrt()).max(8);
        Self { alike: SAME_PERSON, least, most, exactly }
    }
}

/// Joins groups, the most alike ones first.
pub(crate) fn join(groups: Vec<Group>, stop: Stop, go_on: GoOn<'_>) -> Result<Vec<Group>> {
    let n = groups.len();
    let mut groups: Vec<Option<Group>> = groups.into_iter().map(Some).collect();
    let mut left = n;
    let mut alike = vec![f32::MIN; n * n];
    for a in 0..n {
        compare(&groups, a, &mut alike);
    }
    let mut nearest: Vec<usize> = (0..n).map(|of| most_alike(of, n, &alike)).collect();
    while left > 1 && stop.exactly.is_none_or(|people| left > people) {
        go_on()?;
        let live = (0..n).filter(|i| groups[*i].is_some());
        let near = |of: &usize| alike[of * n + nearest[*of]];
        let Some(mut a) = live.clone().max_by(|a, b| near(a).total_cmp(&near(b))) else { break };
        if near(&a) < stop.alike || stop.exactly.is_some() {
            let number = |index: &usize| groups[*index].as_ref().map(|group| group.number);
            let crumb = live.clone().min_by_key(number);
            let crumb = crumb.filter(|i| number(i).is_some_and(|number| number < stop.least));
            if let Some(crumb) = crumb {
                a = crumb;
            } else if stop.exactly.is_none() && left <= stop.most {
                break;
            }
        }
        let b = nearest[a];
        let was: Vec<f32> = (0..n).map(|of| near(&of)).collect();
        let Some(joined) = groups[a].take() else { break };
        if let Some(into) = &mut groups[b] {
            into.join(&joined);
        }
        left -= 1;
        for other in 0..n {
            alike[a * n + other] = f32::MIN;
            alike[other * n + a] = f32::MIN;
        }
        compare(&groups, b, &mut alike);
        for of in (0..n).filter(|of| groups[*of].is_some()) {
            if of != b && alike[of * n + b] >= was[of] {
                nearest[of] = b;
            } else if of == b || nearest[of] == a || nearest[of] == b {
                nearest[of] = most_alike(of, n, &alike);
            }
        }
    }
    Ok(groups.into_iter().flatten().collect())
}

/// Fills in how alike one group is to all others.
fn compare(groups: &[Option<Group>], a: usize, alike: &mut [f32]) {
    let n = groups.len();
    let Some(one) = &groups[a] else { return };
    for (b, other) in groups.iter().enumerate().filter(|(b, _)| *b != a) {
        let Some(other) = other else { continue };
        let numbers = count(one.number) * count(other.number);
        let like = likeness(&one.sum, &other.sum) / numbers / (one.unity() * other.unity()).sqrt();
        alike[a * n + b] = like;
        alike[b * n + a] = like;
    }
}

/// The one that a group is most like.
fn most_alike(of: usize, n: usize, alike: &[f32]) -> usize {
    let row = &alike[of * n..(of + 1) * n];
    (0..n).max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap_or(of)
}

#[expect(clippy::cast_precision_loss, reason = "a day has 200,000 windows")]
fn count(number: usize) -> f32 {
    number as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speakers::VoicesError;

    /// Directions that have nothing to do with each other, as of a crowd in which nobody speaks twice.
    fn crowd(number: usize) -> Vec<Timbre> {
        let mut state = 5_u32;
        let mut one = || {
            let mut timbre = [0.0; WIDTH];
            for number in &mut timbre {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *number =
                    if state >> 29 == 0 { count((state as usize >> 8) % 65_536) } else { 0.0 };
            }
            normalise(&mut timbre);
            timbre
        };
        (0..number).map(|_| one()).collect()
    }

    #[test]
    fn a_crowd_is_no_more_groups_than_can_be_followed() {
        let crowd = crowd(2_000);
        assert_eq!(block(&crowd[..BLOCK]).len(), BLOCK, "they are alike after all");
        let groups = small_groups(&crowd, &|| Ok(())).unwrap();
        assert!(groups.len() <= FOLLOWED, "{} groups", groups.len());
        assert_eq!(groups.iter().map(|group| group.number).sum::<usize>(), crowd.len());
    }

    #[test]
    fn whoever_has_enough_need_not_wait() {
        let looks = std::cell::Cell::new(0);
        let enough = || {
            looks.set(looks.get() + 1);
            if looks.get() < 100 { Ok(()) } else { Err(VoicesError::Cancelled) }
        };
        assert!(matches!(small_groups(&crowd(1_000), &enough), Err(VoicesError::Cancelled)));
        assert_eq!(looks.get(), 100);
    }

    #[test]
    fn the_most_alike_are_joined_first() {
        // Three directions, with a little of the next one's.
        let near = |axis: usize, lean: f32| {
            let mut timbre = [0.0; WIDTH];
            timbre[axis] = 1.0;
            timbre[axis + 1] = lean;
            normalise(&mut timbre);
            timbre
        };
        let heard: Vec<Timbre> =
            (0..60_u8).map(|i| near(usize::from(i % 3) * 2, f32::from(i) / 300.0)).collect();
        let groups = small_groups(&heard, &|| Ok(())).unwrap();
        let all = groups.iter().map(|group| group.number).collect::<Vec<_>>();
        assert_eq!(all, [20, 20, 20]);
        let two = Stop { exactly: Some(2), ..Stop::people(6, None, 60) };
        assert_eq!(join(groups, two, &|| Ok(())).unwrap().len(), 2);
    }
}
