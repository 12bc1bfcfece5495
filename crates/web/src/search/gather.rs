//! From a person and a question to what is found: which recordings they may read, decrypted on all cores, searched.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use hearback_access::{Permit, ReadTranscript, list};
use hearback_domain::{
    RecordingId, RedactionSet,
    transcript::find::{Found, Query},
};

use super::{
    lately::{MadeOf, Moment},
    text::{Hit, Text},
};
use crate::{App, Visit, WebError, error::Result, words::Places};

/// How many places of one recording are shown.
const SHOWN: usize = 5;

/// A recording that somebody may read, and where its words lie.
struct Wanted {
    permit: Permit<ReadTranscript>,
    places: Places,
    made_of: MadeOf,
    set: RedactionSet,
}

/// What was found in one recording.
pub(super) struct InOne {
    pub(super) recording: RecordingId,
    /// The first places.
    pub(super) hits: Vec<Hit>,
    /// How many there are in all.
    pub(super) all: usize,
}

/// What was found.
pub(super) struct Gathered {
    /// How many recordings were searched.
    pub(super) searched: usize,
    /// Those in which something was found, newest first.
    pub(super) found: Vec<InOne>,
}

/// Searches everything that the visitor may read at this moment.
pub(super) async fn gather(visit: &Visit, query: Query) -> Result<Gathered> {
    let since = visit.app().lately.moment();
    let wanted = wanted(visit).await?;
    let searched = wanted.len();
    let app = visit.app().clone();
    let work = move || search(&app, &wanted, &query, since);
    let found = visit.app().lately.searching(work).await;
    Ok(Gathered { searched, found: found.map_err(WebError::internal)?? })
}

/// Every recording that the visitor may read, newest first, each with the decision of its own. Nothing is in the audit log
/// before something of it is shown.
async fn wanted(visit: &Visit) -> Result<Vec<Wanted>> {
    let mut work = visit.app().store.begin().await?;
    let mut all = Vec::new();
    for permit in list::<ReadTranscript>(work.gate(), visit.cx()).await? {
        let places = Places::of(&mut *work, &permit).await?;
        let Some(transcript) = places.transcript else { continue };
        let Some(set) = work.hidden_of(&permit).await? else { continue };
        let made_of = MadeOf {
            transcript: transcript.id,
            corrections: places.corrections.map(|object| object.id),
            hidden: set.version,
        };
        all.push(Wanted { permit, places, made_of, set });
    }
    Ok(all)
}

/// Searches on all cores.
fn search(app: &App, wanted: &[Wanted], query: &Query, since: Moment) -> Result<Vec<InOne>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    let work = || {
        while let Some((nth, one)) = take(&next, wanted) {
            let Some(text) = text_of(app, one, since) else { continue };
            let places = text.find(query);
            if !places.is_empty() {
                let here = in_one(one.permit.object(), &text, &places);
                found.lock().unwrap_or_else(PoisonError::into_inner).push((nth, here));
            }
        }
    };
    let broke_off = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().filter_map(|thread| thread.join().err()).count() > 0
    });
    if broke_off {
        return Err(WebError::internal("a search broke off"));
    }
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_by_key(|(nth, _)| *nth);
    Ok(found.into_iter().map(|(_, one)| one).collect())
}

/// The next one that nobody has taken yet.
fn take<'a>(next: &AtomicUsize, wanted: &'a [Wanted]) -> Option<(usize, &'a Wanted)> {
    let nth = next.fetch_add(1, Ordering::Relaxed);
    wanted.get(nth).map(|one| (nth, one))
}

/// The words of one recording: from a moment ago, or decrypted now. None if they were taken away in between.
fn text_of(app: &App, one: &Wanted, since: Moment) -> Option<Arc<Text>> {
    let recording = one.permit.object();
    if let Some(text) = app.lately.get(recording, one.made_of) {
        return Some(text);
    }
    let kept = match one.places.read_here(&app.vault, &one.permit) {
        Ok(Some(kept)) => kept,
        Ok(None) => return None,
        Err(error) => {
            // One that is destroyed or damaged is no reason to find nothing in the others.
            tracing::warn!(error = %error, "the words of a recording could not be searched");
            return None;
        }
    };
    let text = Arc::new(Text::of(kept.into_reading(), &one.set));
    app.lately.keep(recording, one.made_of, &text, since);
    Some(text)
}

fn in_one(recording: RecordingId, text: &Text, places: &[Found]) -> InOne {
    let hits = places.iter().take(SHOWN).map(|place| text.hit(*place)).collect();
    InOne { recording, hits, all: places.len() }
}
