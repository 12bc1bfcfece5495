//! How children ended that gave no answer: read from the log, where an operator reads it too.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use tracing::field::{Field, Visit};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt as _};

/// Ends by their status, and how often.
static ENDS: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());

struct Ends;

impl<S: tracing::Subscriber> Layer<S> for Ends {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut status = Status(None);
        event.record(&mut status);
        if let Some(status) = status.0 {
            *ENDS.lock().unwrap_or_else(PoisonError::into_inner).entry(status).or_default() += 1;
        }
    }
}

struct Status(Option<String>);

impl Visit for Status {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "status" {
            self.0 = Some(format!("{value:?}"));
        }
    }
}

/// Begins to read along.
pub(crate) fn listen() {
    let log = tracing_subscriber::registry().with(Ends);
    tracing::subscriber::set_global_default(log).expect("nobody else reads along");
}

/// What was read since the last time.
pub(crate) fn take() -> BTreeMap<String, u64> {
    std::mem::take(&mut *ENDS.lock().unwrap_or_else(PoisonError::into_inner))
}
