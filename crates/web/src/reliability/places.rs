//! Agreement on time codes, pair by pair, and whether a coder drifts away from the others.

use hearback_domain::{Framework, Rating, UserId};
use hearback_stats::{
    Undefined,
    agreement::Share,
    drift::{Beside, Window, rolling},
    timeline::{Mark, Timeline, Where, matched},
};
use hearback_storage::RatedWork;

use super::ratings::Shared;

/// How far apart the ends of two marks may be that count as the same one, in milliseconds.
pub(super) const TOLERANCE: u64 = 2_000;

/// How many recordings a window of drift spans.
pub(super) const WINDOW: usize = 10;

/// Two coders' time codes.
pub(super) struct PairPlaces {
    pub(super) coders: (UserId, UserId),
    /// Recordings that both finished.
    pub(super) recordings: usize,
    pub(super) figures: Result<Where, Undefined>,
    /// Marks that have a partner.
    pub(super) matched: Share,
}

/// Every pair of coders that finished a recording both. Their recordings are strung together, one behind the other.
pub(super) fn places(framework: &Framework, shared: &[Shared]) -> Vec<PairPlaces> {
    let mut coders: Vec<UserId> =
        shared.iter().flat_map(|one| one.works.iter().map(|work| work.coder)).collect();
    coders.sort_unstable();
    coders.dedup();
    let pairs = coders
        .iter()
        .enumerate()
        .flat_map(|(i, first)| coders[i + 1..].iter().map(move |second| (*first, *second)));
    pairs.filter_map(|pair| of_pair(framework, shared, pair)).collect()
}

fn of_pair(framework: &Framework, shared: &[Shared], pair: (UserId, UserId)) -> Option<PairPlaces> {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let (mut recordings, mut length, mut partners) = (0, 0, Share { of_them: 0, all: 0 });
    for one in shared {
        let by = |coder| one.works.iter().find(|work| work.coder == coder);
        let (Some(a), Some(b)) = (by(pair.0), by(pair.1)) else { continue };
        let (a, b) = (marks(framework, one, a), marks(framework, one, b));
        let found = matched(&a, &b, TOLERANCE);
        partners.of_them += found.of_them;
        partners.all += found.all;
        let moved = |mark: Mark| Mark {
            start: mark.start + length,
            end: mark.end + length,
            code: mark.code,
        };
        first.extend(a.into_iter().map(moved));
        second.extend(b.into_iter().map(moved));
        length += one.length;
        recordings += 1;
    }
    let figures = Timeline::new(length, &[first, second]).agreement();
    (recordings > 0).then_some(PairPlaces { coders: pair, recordings, figures, matched: partners })
}

/// A coder's marks, counted from where the coded part begins; one number for each skill.
fn marks(framework: &Framework, shared: &Shared, work: &RatedWork) -> Vec<Mark> {
    let number = |key: &str| {
        let place = framework.skills().position(|skill| skill.key == key);
        u32::try_from(place.unwrap_or(usize::MAX)).unwrap_or(u32::MAX)
    };
    let inside = |at: u64| at.saturating_sub(shared.start).min(shared.length);
    let marks = work.codes.iter().map(|code| Mark {
        start: inside(code.span.start().get()),
        end: inside(code.span.end().get()),
        code: number(&code.skill),
    });
    marks.filter(|mark| mark.start < mark.end).collect()
}

/// A coder beside the others, as time goes on.
pub(super) struct Drifting {
    pub(super) coder: UserId,
    /// Recordings on which both they and somebody else scored something.
    pub(super) recordings: usize,
    pub(super) windows: Result<Vec<Window>, Undefined>,
}

/// Every coder beside the mean of the others, over the items that are looked at.
pub(super) fn drifts(items: &[String], shared: &[Shared]) -> Vec<Drifting> {
    let mut coders: Vec<UserId> =
        shared.iter().flat_map(|one| one.works.iter().map(|work| work.coder)).collect();
    coders.sort_unstable();
    coders.dedup();
    let beside = |coder| shared.iter().filter_map(move |one| beside_others(items, one, coder));
    let drifting = coders.into_iter().map(|coder| {
        let scores: Vec<Beside> = beside(coder).collect();
        let windows = rolling(&scores, WINDOW, 0.95);
        Drifting { coder, recordings: scores.len(), windows }
    });
    drifting.collect()
}

/// A coder's mean on one recording beside the others', over the items that both scored.
fn beside_others(items: &[String], shared: &Shared, coder: UserId) -> Option<Beside> {
    let own = shared.works.iter().find(|work| work.coder == coder)?;
    let (mut mine, mut theirs, mut n) = (0.0, 0.0, 0.0);
    for item in items {
        let others: Vec<f64> = shared
            .works
            .iter()
            .filter(|work| work.coder != coder)
            .filter_map(|work| score_of(work, item))
            .collect();
        let Some(own) = score_of(own, item).filter(|_| !others.is_empty()) else { continue };
        #[expect(clippy::cast_precision_loss, reason = "a few coders")]
        let others = others.iter().sum::<f64>() / others.len() as f64;
        mine += own;
        theirs += others;
        n += 1.0;
    }
    (n > 0.0).then(|| Beside { coder: mine / n, others: theirs / n })
}

fn score_of(work: &RatedWork, item: &str) -> Option<f64> {
    let found = work.scores.iter().find(|score| score.item == item)?;
    match found.rating {
        Rating::Scored(score) => Some(f64::from(score.get())),
        Rating::NotCodable => None,
    }
}
