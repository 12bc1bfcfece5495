//! Transcripts that were searched a moment ago, decrypted, in memory: the next word is found at once.
//!
//! Nobody is shown anything because it is here: each search asks for each recording anew, and takes from here only what
//! was made of the very objects that hold now. What is here is bounded in bytes, forgotten some minutes after it was
//! last wanted, at once when somebody takes a yes back, and zeroed in memory.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use hearback_domain::{ObjectId, RecordingId, RedactionVersion};
use hearback_storage::WordsAt;
use tokio::task::{JoinError, spawn_blocking};

use super::text::Text;

/// The most that is kept, in bytes: some 1,200 hours of speech.
const MOST_BYTES: usize = 256 << 20;

/// For how long something is kept that nobody wants.
const KEPT: Duration = Duration::from_mins(5);

/// What a text was made of. Anything else makes another text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MadeOf {
    pub(crate) transcript: ObjectId,
    pub(crate) corrections: Option<ObjectId>,
    pub(crate) hidden: RedactionVersion,
}

impl From<&WordsAt> for MadeOf {
    fn from(now: &WordsAt) -> Self {
        Self {
            transcript: now.transcript.id,
            corrections: now.corrections.map(|object| object.id),
            hidden: now.hidden,
        }
    }
}

struct Kept {
    made_of: MadeOf,
    text: Arc<Text>,
    wanted: Instant,
}

/// What was searched lately. Begins empty.
#[derive(Default)]
pub struct Lately {
    kept: Mutex<Shelf>,
    /// Whether words are brought here for somebody who is about to search.
    bringing: AtomicBool,
}

/// While it is held, nobody else brings words here beforehand.
pub(super) struct Bringing(Arc<Lately>);

impl Drop for Bringing {
    fn drop(&mut self) {
        self.0.bringing.store(false, Ordering::Release);
        self.0.look_after();
    }
}

/// A moment, counted in what was forgotten until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Moment(u64);

#[derive(Default)]
struct Shelf {
    texts: HashMap<RecordingId, Kept>,
    bytes: usize,
    /// Whether somebody looks after what is old.
    watched: bool,
    /// The newest forgetting, and when each recording was last forgotten: for as long as the service runs, a few bytes
    /// for each yes that was taken back.
    now: Moment,
    forgotten: HashMap<RecordingId, Moment>,
}

impl Lately {
    /// Does a search's work where it may block, whoever still waits for it, and looks after what it leaves here.
    pub(super) async fn searching<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        let lately = Arc::clone(self);
        spawn_blocking(move || {
            let done = work();
            lately.look_after();
            done
        })
        .await
    }

    /// The turn to bring words here beforehand; none while somebody else has it. To be dropped where there is a
    /// runtime.
    pub(super) fn bringing(self: &Arc<Self>) -> Option<Bringing> {
        let first = !self.bringing.swap(true, Ordering::AcqRel);
        first.then(|| Bringing(Arc::clone(self)))
    }

    /// How many recordings' words are here.
    pub fn recordings(&self) -> usize {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).texts.len()
    }

    /// This moment. Whoever searches looks at it before they ask what they may read.
    pub(super) fn moment(&self) -> Moment {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).now
    }

    /// The text of a recording, if it is here and was made of this.
    pub(crate) fn get(&self, recording: RecordingId, made_of: MadeOf) -> Option<Arc<Text>> {
        let mut shelf = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = shelf.texts.get_mut(&recording).filter(|kept| kept.made_of == made_of)?;
        kept.wanted = Instant::now();
        Some(Arc::clone(&kept.text))
    }

    /// Keeps a text for a while, in the place of an older one. What was not wanted for longest makes room.
    ///
    /// Not if the recording was forgotten since: somebody took back what the text was read by.
    pub(crate) fn keep(
        &self,
        recording: RecordingId,
        made_of: MadeOf,
        text: &Arc<Text>,
        since: Moment,
    ) {
        let bytes = text.bytes();
        if bytes > MOST_BYTES {
            return;
        }
        let mut shelf = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if shelf.forgotten.get(&recording).is_some_and(|then| *then > since) {
            return;
        }
        shelf.remove(recording);
        while shelf.bytes + bytes > MOST_BYTES {
            let oldest = shelf.texts.iter().min_by_key(|(_, kept)| kept.wanted).map(|(id, _)| *id);
            let Some(oldest) = oldest else { break };
            shelf.remove(oldest);
        }
        shelf.bytes += bytes;
        let kept = Kept { made_of, text: Arc::clone(text), wanted: Instant::now() };
        shelf.texts.insert(recording, kept);
    }

    /// Has somebody look for what is old, as long as there is anything. Called where there is a runtime; where it has
    /// gone, everything here goes too.
    fn look_after(self: &Arc<Self>) {
        let mut shelf = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        if shelf.texts.is_empty() || std::mem::replace(&mut shelf.watched, true) {
            return;
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "it only forgets; when the service ends, everything here is gone with it"
        )]
        tokio::spawn(watch(Arc::downgrade(self)));
    }

    /// Forgets a recording's words at once, and what a search that is under way is about to keep of them.
    pub fn forget(&self, recording: RecordingId) {
        let mut shelf = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.now.0 += 1;
        let now = shelf.now;
        shelf.forgotten.insert(recording, now);
        shelf.remove(recording);
    }

    /// Forgets what nobody wanted since `before`; whether anything is left.
    fn tidy(&self, before: Option<Instant>) -> bool {
        let mut shelf = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let old = |kept: &Kept| before.is_some_and(|before| kept.wanted < before);
        let stale: Vec<_> =
            shelf.texts.iter().filter(|(_, kept)| old(kept)).map(|(id, _)| *id).collect();
        for recording in stale {
            shelf.remove(recording);
        }
        shelf.watched = !shelf.texts.is_empty();
        shelf.watched
    }
}

impl Shelf {
    fn remove(&mut self, recording: RecordingId) {
        if let Some(gone) = self.texts.remove(&recording) {
            self.bytes = self.bytes.saturating_sub(gone.text.bytes());
        }
    }
}

/// Looks every half minute for what is old, as long as there is anything.
async fn watch(lately: Weak<Lately>) {
    loop {
        tokio::time::sleep(Duration::from_secs(30)).await;
        let Some(lately) = lately.upgrade() else { return };
        if !lately.tidy(Instant::now().checked_sub(KEPT)) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use hearback_domain::{HideWith, RedactionSet, transcript::Reading};
    use uuid::Uuid;

    use super::*;

    fn text() -> Arc<Text> {
        let set = RedactionSet {
            version: RedactionVersion::new(0),
            with: HideWith::Tone,
            hidden: Vec::new(),
        };
        Arc::new(Text::of(Reading::default(), &set))
    }

    const fn made_of(n: u128) -> MadeOf {
        let transcript = ObjectId::from_uuid(Uuid::from_u128(n));
        MadeOf { transcript, corrections: None, hidden: RedactionVersion::new(0) }
    }

    #[test]
    fn what_is_kept_is_of_what_holds_now_and_is_forgotten() {
        let lately = Lately::default();
        let id = |n| RecordingId::from_uuid(Uuid::from_u128(n));
        for n in 1..=2 {
            lately.keep(id(n), made_of(n), &text(), lately.moment());
        }
        assert!(lately.get(id(1), made_of(1)).is_some());
        assert!(lately.get(id(1), made_of(2)).is_none(), "of another object");
        let hidden = MadeOf { hidden: RedactionVersion::new(1), ..made_of(1) };
        assert!(lately.get(id(1), hidden).is_none(), "before something was hidden");
        lately.forget(id(1));
        assert!(lately.get(id(1), made_of(1)).is_none());
        assert!(lately.tidy(None), "one is left");
        assert!(!lately.tidy(Some(Instant::now() + Duration::from_secs(1))), "and now it is old");
        assert!(lately.get(id(2), made_of(2)).is_none());
        assert_eq!(lately.kept.lock().unwrap().bytes, 0);
    }
    #[test]
    fn what_is_forgotten_during_a_search_is_not_kept_by_it() {
        let lately = Lately::default();
        let id = |n| RecordingId::from_uuid(Uuid::from_u128(n));
        let began = lately.moment();
        lately.forget(id(1));
        for n in 1..=2 {
            lately.keep(id(n), made_of(n), &text(), began);
        }
        assert!(lately.get(id(1), made_of(1)).is_none());
        assert!(lately.get(id(2), made_of(2)).is_some());
        // Said yes to anew, and searched after that.
        lately.keep(id(1), made_of(3), &text(), lately.moment());
        assert!(lately.get(id(1), made_of(3)).is_some());
    }

    /// Whoever closes the page while a search is under way leaves nothing behind that nobody looks after.
    #[test]
    fn a_search_that_nobody_waits_for_is_looked_after() {
        // One thread for what blocks: whatever comes second runs when the search is over.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(1)
            .build()
            .unwrap();
        let lately = Arc::new(Lately::default());
        runtime.block_on(async {
            let (begin, begun) = std::sync::mpsc::channel::<()>();
            let kept = Arc::clone(&lately);
            let id = RecordingId::from_uuid(Uuid::from_u128(1));
            let mut search = Box::pin(lately.searching(move || {
                begun.recv().unwrap();
                kept.keep(id, made_of(1), &text(), kept.moment());
            }));
            let first = std::future::poll_fn(|cx| Poll::Ready(search.as_mut().poll(cx)));
            assert!(first.await.is_pending());
            drop(search);
            begin.send(()).unwrap();
            spawn_blocking(|| ()).await.unwrap();
            assert!(lately.get(id, made_of(1)).is_some());
            assert!(lately.kept.lock().unwrap().watched);
        });
    }
}
