//! The real clock and real randomness. Everything else gets them as arguments.

use std::time::{SystemTime, UNIX_EPOCH};

use hearback_domain::{Clock, IdSource, Timestamp};
use uuid::Uuid;

/// The machine's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else asks")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// Random identifiers.
pub(crate) struct RandomIds;

impl IdSource for RandomIds {
    #[expect(clippy::disallowed_methods, reason = "this is the source that everybody else asks")]
    fn next(&self) -> Uuid {
        Uuid::new_v4()
    }
}
