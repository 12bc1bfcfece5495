//! A transcript that was begun: when it is put away, and whether somebody may go on with it.

use std::time::{Duration, Instant};

use hearback_domain::{Ms, transcript::Transcript};

/// The least time between two partial texts. Each is an object, a permit and a commit.
const LEAST: Duration = Duration::from_secs(2);
/// This part of the time that went by so far is the least as well, so that a recording of hours leaves no more than
/// some hundred partial texts to be swept up …
const SHARE: u32 = 20;
/// … unless so much sound would be lost in a crash: a few windows.
const MOST_LOST: Ms = Ms::from_seconds(120);

/// When the next partial text is due.
pub(super) struct Rhythm {
    begun: Instant,
    written: Option<(Instant, Ms)>,
}

impl Rhythm {
    pub(super) fn new() -> Self {
        Self { begun: Instant::now(), written: None }
    }

    /// Whether one is due, with everything before `done` in it.
    pub(super) fn due(&self, done: Ms) -> bool {
        let Some((at, before)) = self.written else { return true };
        let (waited, worked) = (at.elapsed(), self.begun.elapsed());
        waited >= LEAST && (waited >= worked / SHARE || done.since(before) >= MOST_LOST)
    }

    pub(super) fn written(&mut self, done: Ms) {
        self.written = Some((Instant::now(), done));
    }
}

/// Where to go on with `begun`; none if it has to be made from the start, because another model, or another file of the
/// same name, wrote it, or it is in another language than is `wanted`. If none is, what was found out stands.
pub(super) fn goes_on(begun: &Transcript, sha256: &str, wanted: Option<&str>) -> Option<Ms> {
    let same_model = begun.model_sha256.as_deref() == Some(sha256);
    let same_language = wanted.is_none_or(|wanted| begun.language == wanted);
    let done = begun.done_ms.filter(|_| same_model && same_language)?;
    let last = begun.segments.last().map_or(0, |segment| segment.end_ms);
    // Words are never after what is done; were they, some would be said twice.
    (done > 0 && last <= done).then_some(Ms::new(done))
}

#[cfg(test)]
mod tests {
    use hearback_domain::transcript::Segment;

    use super::*;

    #[test]
    fn only_the_same_work_goes_on() {
        let begun = Transcript {
            model_sha256: Some("aa".to_owned()),
            language: "en".to_owned(),
            done_ms: Some(30_000),
            segments: vec![Segment { end_ms: 29_000, ..Segment::default() }],
            ..Transcript::default()
        };
        assert_eq!(goes_on(&begun, "aa", Some("en")), Some(Ms::new(30_000)));
        assert_eq!(goes_on(&begun, "aa", None), Some(Ms::new(30_000)), "found out before");
        let open = Transcript { language: String::new(), ..begun.clone() };
        assert_eq!(goes_on(&open, "aa", None), Some(Ms::new(30_000)));
        assert_eq!(goes_on(&begun, "bb", Some("en")), None, "another model");
        assert_eq!(goes_on(&begun, "aa", Some("cy")), None, "another language");
        let whole = Transcript { done_ms: None, ..begun.clone() };
        assert_eq!(goes_on(&whole, "aa", None), None, "there is nothing to go on with");
        let odd = Transcript { done_ms: Some(28_000), ..begun };
        assert_eq!(goes_on(&odd, "aa", None), None, "it would say words twice");
    }
}
