//! Transcripts that were searched a moment ago, decrypted, in memory: the next word is found at once.
//!
//! Nobody is shown anything because it is here: each search asks for each recording anew, and takes from here only what
//! was made of the very objects that hold now. What is here is bounded in bytes, forgotten some minutes after it was last
//! wanted, at once when somebody takes a yes back, and zeroed in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};

use hearback_domain::{ObjectId, RecordingId, RedactionVersion};

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

struct Kept {
    made_of: MadeOf,
    text: Arc<Text>,
    wanted: Instant,
}

/// What was searched lately. Begins empty.
#[derive(Default)]
pub struct Lately {
    kept: Mutex<Shelf>,
}

#[derive(Default)]
struct Shelf {
    texts: HashMap<RecordingId, Kept>,
    bytes: usize,
    /// Whether somebody looks after what is old.
    watched: bool,
}

impl Lately {
    /// The text of a recording, if it is here and was made of this.
    pub(crate) fn get(&self, recording: RecordingId, made_of: MadeOf) -> Option<Arc<Text>> {
        let mut shelf = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = shelf.texts.get_mut(&recording).filter(|kept| kept.made_of == made_of)?;
        kept.wanted = Instant::now();
        Some(Arc::clone(&kept.text))
    }

    /// Keeps a text for a while, in the place of an older one. What was not wanted for longest makes room.
    pub(crate) fn keep(&self, recording: RecordingId, made_of: MadeOf, text: &Arc<Text>) {
        let bytes = text.bytes();
        if bytes > MOST_BYTES {
            return;
        }
        let mut shelf = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
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

    /// Has somebody look for what is old, as long as there is anything. Called where there is a runtime, after a search.
    pub(crate) fn look_after(self: &Arc<Self>) {
        let mut shelf = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if shelf.texts.is_empty() || std::mem::replace(&mut shelf.watched, true) {
            return;
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "it only forgets; when the service ends, everything here is gone with it"
        )]
        tokio::spawn(watch(Arc::downgrade(self)));
    }

    /// Forgets a recording's words at once.
    pub(crate) fn forget(&self, recording: RecordingId) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(recording);
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
            lately.keep(id(n), made_of(n), &text());
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
}
