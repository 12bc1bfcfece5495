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

/// For how many recordings words are brought to hand beforehand, the newest.
const BEFOREHAND: usize = 1_000;

/// How many places of one recording are shown.
const SHOWN: usize = 5;

/// A recording that somebody may read.
struct Wanted {
    permit: Permit<ReadTranscript>,
    words: Words,
}

/// Its words: in memory from a moment ago, or to be decrypted.
enum Words {
    Here(Arc<Text>),
    There(Box<Sealed>),
}

/// What words are to be made of.
struct Sealed {
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

/// Decrypts, one after the other and in the background, what the visitor may read at this moment: somebody who has the
/// form before them is about to search. Nothing of it is shown; the search asks anew.
pub(super) async fn beforehand(visit: &Visit) -> Result<()> {
    let app = visit.app().clone();
    let Some(turn) = app.lately.bringing() else { return Ok(()) };
    let since = app.lately.moment();
    let wanted = wanted(visit).await?;
    #[expect(
        clippy::disallowed_methods,
        reason = "it only saves time; when the service ends, it ends between two recordings"
    )]
    tokio::spawn(async move {
        for one in wanted.into_iter().take(BEFOREHAND) {
            let app = app.clone();
            let read = tokio::task::spawn_blocking(move || drop(text_of(&app, &one, since)));
            if read.await.is_err() {
                break;
            }
        }
        drop(turn);
    });
    Ok(())
}

/// Every recording that the visitor may read, newest first, each with the decision of its own. Nothing is in the audit
/// log before something of it is shown.
async fn wanted(visit: &Visit) -> Result<Vec<Wanted>> {
    let mut work = visit.app().store.begin().await?;
    let mut all = Vec::new();
    let permits = list::<ReadTranscript>(work.gate(), visit.cx()).await?;
    let words = work.words_at_each(&permits).await?;
    for (permit, now) in permits.into_iter().zip(words) {
        let Some(now) = now else { continue };
        let made_of = MadeOf::from(&now);
        let words = if let Some(text) = visit.app().lately.get(permit.object(), made_of) {
            Words::Here(text)
        } else {
            let Some(set) = work.hidden_of(&permit).await? else { continue };
            Words::There(Box::new(Sealed { places: Places::from(now), made_of, set }))
        };
        all.push(Wanted { permit, words });
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

/// The words of one recording. None if they were taken away in between.
fn text_of(app: &App, one: &Wanted, since: Moment) -> Option<Arc<Text>> {
    let Sealed { places, made_of, set } = match &one.words {
        Words::Here(text) => return Some(Arc::clone(text)),
        Words::There(sealed) => &**sealed,
    };
    // Somebody else may have brought it meanwhile.
    if let Some(text) = app.lately.get(one.permit.object(), *made_of) {
        return Some(text);
    }
    let kept = match places.read_here(&app.vault, &one.permit) {
        Ok(Some(kept)) => kept,
        Ok(None) => return None,
        Err(error) => {
            // One that is destroyed or damaged is no reason to find nothing in the others.
            tracing::warn!(error = %error, "the words of a recording could not be searched");
            return None;
        }
    };
    let text = Arc::new(Text::of(kept.into_reading(), set));
    app.lately.keep(one.permit.object(), *made_of, &text, since);
    Some(text)
}

fn in_one(recording: RecordingId, text: &Text, places: &[Found]) -> InOne {
    let hits = places.iter().take(SHOWN).map(|place| text.hit(*place)).collect();
    InOne { recording, hits, all: places.len() }
}
