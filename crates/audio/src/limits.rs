//! How much a file may ask of us.

use std::time::Duration;

use hearback_domain::Ms;
use serde::{Deserialize, Serialize};

/// Bounds on one decoding. They count what was decoded, never what a file claims about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The longest recording that is accepted.
    pub max_duration: Ms,
    /// The child's address space in bytes, its program included.
    pub memory: u64,
    /// Processor time without any progress after which the file is held to have caught the decoder in a loop.
    pub stall_cpu: Duration,
    /// Time on the clock without any progress after which the child is stopped, to be tried again.
    pub stall_wall: Duration,
    /// Time on the clock after which the child is stopped whatever it does.
    pub total_wall: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_duration: Ms::from_seconds(10 * 3_600),
            memory: 512 << 20,
            stall_cpu: Duration::from_secs(20),
            stall_wall: Duration::from_mins(2),
            total_wall: Duration::from_hours(4),
        }
    }
}

/// Sample rates that sound is recorded at, in hertz.
pub(crate) const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=192_000;

/// The most channels that are mixed.
pub(crate) const MAX_CHANNELS: usize = 8;
