//! The scores that figures are made from, as a long table: one score a line.
//!
//! The table is what `hearback reliability` reads, and the page's figures are made from it in the same order; so
//! whoever has the file can work out every number of the page again.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use hearback_access::{Permit, SeeReliability, UseRatings, among};
use hearback_domain::{
    Framework, ProtocolId, Rating, RecordingId, Span, UserId,
    coding::{Standing, goes_into_figures},
};
use hearback_stats::{
    Ratings,
    alpha::Metric,
    bootstrap::Bootstrap,
    icc::Form,
    table::{Choice, Line},
};
use hearback_storage::{RatedWork, Work};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use crate::{Visit, WebError, error::Result};

/// What figures are to be made of.
pub(super) struct Chosen {
    /// The version of the framework.
    pub(super) version: String,
    /// Codings under this protocol only; all of them, if none.
    pub(super) protocol: Option<ProtocolId>,
    /// These items only; all of them, if none.
    pub(super) items: Vec<String>,
    /// These coders only; all of them, if none.
    pub(super) coders: Vec<UserId>,
    /// Codings of people whose codings do not count yet, too (REL-04).
    pub(super) practice: bool,
}

/// A recording that at least two of the chosen coders finished.
pub(super) struct Shared {
    pub(super) recording: RecordingId,
    /// How long what was coded is, and where it begins; milliseconds.
    pub(super) length: u64,
    pub(super) start: u64,
    /// By coder.
    pub(super) works: Vec<RatedWork>,
}

/// What may be counted for this person, by the time at which the recordings were ready for it. Recordings that a coder
/// has not finished, whoever it is, are not there at all.
pub(super) async fn gather(
    visit: &Visit,
    work: &mut dyn Work,
    permit: &Permit<SeeReliability>,
    chosen: &Chosen,
) -> Result<Vec<Shared>> {
    let ready = work.rated(permit).await?;
    let mut all = Vec::new();
    for uses in among::<UseRatings>(work.gate(), visit.cx(), &ready).await? {
        let rated = work.ratings(&uses).await?;
        let works: Vec<_> = rated.works.into_iter().filter(|work| chosen.takes(work)).collect();
        let Some(first) = works.first().filter(|_| works.len() > 1) else { continue };
        let part = first.coding.part;
        // Who coded different parts of it did not code the same.
        if works.iter().any(|work| work.coding.part != part) {
            continue;
        }
        let start = part.map_or(0, |part| part.start().get());
        let length = part.map_or(rated.duration, Span::end).get() - start;
        all.push(Shared { recording: uses.object(), length, start, works });
    }
    Ok(all)
}

impl Chosen {
    fn takes(&self, work: &RatedWork) -> bool {
        let coding = &work.coding;
        coding.finished.is_some_and(|f| {
            let standing = if self.practice { Standing::Counts } else { f.standing };
            goes_into_figures(f.not_blind, standing)
        }) && coding.framework_version == self.version
            && self.protocol.is_none_or(|protocol| coding.protocol == Some(protocol))
            && (self.coders.is_empty() || self.coders.contains(&work.coder))
    }

    fn wants(&self, item: &str) -> bool {
        self.items.is_empty() || self.items.iter().any(|wanted| wanted == item)
    }
}

/// One score of one coder; none where they said that there was no ground for one, or said nothing.
struct Row {
    recording: RecordingId,
    coder: UserId,
    score: Option<u8>,
    protocol: Option<ProtocolId>,
    /// Whether it counts, or is practice.
    standing: Standing,
}

/// The scores of one item.
pub(super) struct Skill {
    /// Its key.
    pub(super) key: String,
    /// Its name.
    pub(super) name: String,
    rows: Vec<Row>,
    /// In the order in which they first come.
    pub(super) coders: Vec<UserId>,
    recordings: Vec<RecordingId>,
}

/// The scores, item by item in the framework's order.
pub(super) fn skills(framework: &Framework, shared: &[Shared], chosen: &Chosen) -> Vec<Skill> {
    let items = framework.items();
    let wanted = items.iter().filter(|item| chosen.wants(item.key.as_str()));
    let of_item = wanted.map(|item| {
        let key = item.key.as_str().to_owned();
        let name = match item.sub {
            Some(sub) => format!("{}: {}", item.skill.name, sub.name),
            None => item.skill.name.clone(),
        };
        let rows = shared.iter().flat_map(|one| {
            one.works.iter().map(|work| {
                let found = work.scores.iter().find(|score| score.item == key);
                let score = found.and_then(|score| match score.rating {
                    Rating::Scored(score) => Some(score.get()),
                    Rating::NotCodable => None,
                });
                let protocol = work.coding.protocol;
                let finished = work.coding.finished;
                let standing = finished.map_or(Standing::Practice, |f| f.standing);
                Row { recording: one.recording, coder: work.coder, score, protocol, standing }
            })
        });
        let rows: Vec<Row> = rows.collect();
        let coders = in_order(rows.iter().map(|row| row.coder));
        let recordings = in_order(rows.iter().map(|row| row.recording));
        Skill { key, name, rows, coders, recordings }
    });
    of_item.collect()
}

/// Each of them once, in the order in which they first come.
fn in_order<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for one in all {
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    seen
}

impl Skill {
    fn ratings(&self) -> Result<Ratings> {
        let place = |recording| self.recordings.iter().position(|r| *r == recording);
        let column = |coder| self.coders.iter().position(|c| *c == coder);
        let mut cells = vec![vec![None; self.coders.len()]; self.recordings.len()];
        for row in &self.rows {
            if let (Some(place), Some(column)) = (place(row.recording), column(row.coder)) {
                cells[place][column] = row.score.map(f64::from);
            }
        }
        Ratings::from_rows(self.coders.len(), &cells).map_err(WebError::internal)
    }
}

/// A recording in an export: the beginning of its id, the same in every one, and no address of it.
pub(super) fn recording_label(id: RecordingId) -> String {
    format!("recording-{:012x}", id.as_uuid().as_u128() >> 80)
}

/// A coder in an export: the beginning of their id, and not their name.
pub(super) fn coder_label(id: UserId) -> String {
    format!("coder-{:08x}", id.as_uuid().as_u128() >> 96)
}

/// The long table. All of it is from closed sets, or made of digits: nothing a spreadsheet would take for a formula.
pub(super) fn to_csv(skills: &[Skill], version: &str) -> String {
    let mut text = "recording,coder,skill,score,protocol,framework,standing\r\n".to_owned();
    for skill in skills {
        for row in &skill.rows {
            let score = row.score.map(|score| score.to_string()).unwrap_or_default();
            let protocol = row.protocol.map(|id| id.to_string()).unwrap_or_default();
            let (recording, coder) = (recording_label(row.recording), coder_label(row.coder));
            let _ = write!(
                text,
                "{recording},{coder},{},{score},{protocol},{version},{}\r\n",
                skill.key, row.standing
            );
        }
    }
    text
}

/// What is printed: what `hearback reliability` prints if it is told nothing else.
pub(super) fn choice() -> Choice {
    const RESAMPLES: NonZeroUsize = NonZeroUsize::new(10_000).expect("it is not zero");
    let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    Choice {
        metric: Metric::Ordinal,
        single: Form::Agreement,
        average: Form::AgreementMean,
        bootstrap: Bootstrap { resamples: RESAMPLES, seed: 1, confidence: 0.95, threads },
    }
}

/// One page's figures are worked out at a time: each uses all the machine's cores.
static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);

/// What a table says, as its hash, and its figures.
type Known = ([u8; 32], Arc<Vec<Line>>);

/// The figures of the tables that were asked for lately.
static LATELY: Mutex<VecDeque<Known>> = Mutex::new(VecDeque::new());

/// How many tables' figures are kept.
const KEPT: usize = 16;

/// The figures of each item. Draws take a while, so they are made beside the requests of others, and kept.
pub(super) async fn figures(skills: &[Skill], csv: &str) -> Result<Arc<Vec<Line>>> {
    let key: [u8; 32] = Sha256::digest(csv).into();
    let known = || {
        let kept = LATELY.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(of, _)| *of == key).map(|(_, lines)| lines.clone())
    };
    if let Some(lines) = known() {
        return Ok(lines);
    }
    let _turn = ONE_AT_A_TIME.acquire().await.map_err(WebError::internal)?;
    if let Some(lines) = known() {
        return Ok(lines);
    }
    let ratings = skills.iter().map(Skill::ratings).collect::<Result<Vec<_>>>()?;
    let choice = choice();
    let work = move || ratings.iter().map(|ratings| Line::of(ratings, &choice)).collect();
    let lines: Vec<Line> = tokio::task::spawn_blocking(work).await.map_err(WebError::internal)?;
    let lines = Arc::new(lines);
    let mut kept = LATELY.lock().unwrap_or_else(PoisonError::into_inner);
    kept.push_front((key, lines.clone()));
    kept.truncate(KEPT);
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_table_names_nobody_and_gaps_are_empty() {
        let (recording, coder) = (
            RecordingId::from_uuid(Uuid::from_u128(0x1234_5678_9abc_def0 << 64)),
            UserId::from_uuid(Uuid::from_u128(0xfeed_beef << 96)),
        );
        let standing = Standing::Counts;
        let row = |score| Row { recording, coder, score, protocol: None, standing };
        let skill = Skill {
            key: "clarity".to_owned(),
            name: "Clarity".to_owned(),
            rows: vec![row(Some(4)), row(None)],
            coders: vec![coder],
            recordings: vec![recording],
        };
        assert_eq!(
            to_csv(&[skill], "1"),
            "recording,coder,skill,score,protocol,framework,standing\r\n\
             recording-123456789abc,coder-feedbeef,clarity,4,,1,counts\r\n\
             recording-123456789abc,coder-feedbeef,clarity,,,1,counts\r\n"
        );
    }
}
