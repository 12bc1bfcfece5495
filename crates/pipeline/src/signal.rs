//! What the one who keeps a lease and the ones who do the work tell each other.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicU16, Ordering},
    },
};

const GO: u8 = 0;
const LOST: u8 = 1;
const SHUTDOWN: u8 = 2;
const OVER: u8 = 3;

/// Why the work is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// Another worker has the job, or will have.
    Lost,
    /// The service is shutting down.
    Shutdown,
    /// The stage has its answer already and needs no more work.
    Over,
}

/// Shared by all that work on one job: progress one way, the order to stop the other. The first order stands.
#[derive(Clone, Default)]
pub(crate) struct Signal {
    shared: Arc<(AtomicU8, AtomicU16)>,
    /// The same order once more, in the form that the recogniser looks at.
    stop: Arc<AtomicBool>,
    /// No order: at the next good moment, let others go first.
    way: Arc<AtomicBool>,
}

impl Signal {
    /// Orders the work to stop.
    pub(crate) fn halt(&self, why: Halt) {
        let word = match why {
            Halt::Lost => LOST,
            Halt::Shutdown => SHUTDOWN,
            Halt::Over => OVER,
        };
        // A second order changes nothing: the work is stopping already.
        let _ = self.shared.0.compare_exchange(GO, word, Ordering::Relaxed, Ordering::Relaxed);
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Why the work is to stop, if it is.
    pub(crate) fn halted(&self) -> Option<Halt> {
        match self.shared.0.load(Ordering::Relaxed) {
            GO => None,
            LOST => Some(Halt::Lost),
            SHUTDOWN => Some(Halt::Shutdown),
            _ => Some(Halt::Over),
        }
    }

    /// True from when the work is to stop.
    pub(crate) fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    /// Asks the work to let others go first, as soon as nothing is lost by it; or no longer, if somebody else took
    /// them.
    pub(crate) fn give_way(&self, others: bool) {
        self.way.store(others, Ordering::Relaxed);
    }

    /// Whether it was asked to.
    pub(crate) fn gives_way(&self) -> bool {
        self.way.load(Ordering::Relaxed)
    }

    /// An error if the work is to stop: for code that is deep inside a library which passes errors on.
    pub(crate) fn check(&self) -> io::Result<()> {
        // Not `Interrupted`: readers take that as "try once more".
        self.halted().map_or(Ok(()), |_| Err(io::Error::other("the job was stopped")))
    }

    /// Notes the progress: `done` of `of`, in any unit. Nothing is noted if nobody knows of how much.
    pub(crate) fn advance(&self, done: u64, of: u64) {
        if let Some(permille) = done.min(of).saturating_mul(1_000).checked_div(of) {
            self.shared.1.store(u16::try_from(permille).unwrap_or(1_000), Ordering::Relaxed);
        }
    }

    /// The progress in thousandths.
    pub(crate) fn progress(&self) -> u16 {
        self.shared.1.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_order_to_stop_stands() {
        let signal = Signal::default();
        assert!(signal.check().is_ok());
        signal.clone().halt(Halt::Lost);
        signal.halt(Halt::Shutdown);
        assert_eq!(signal.halted(), Some(Halt::Lost));
        assert!(signal.check().is_err());
    }

    #[test]
    fn progress_stays_within_its_bounds() {
        let signal = Signal::default();
        signal.advance(3, 0);
        assert_eq!(signal.progress(), 0, "nobody knows of how much");
        signal.advance(1, 3);
        assert_eq!(signal.progress(), 333);
        signal.advance(9, 3);
        assert_eq!(signal.progress(), 1_000, "the guess was too low");
    }
}
