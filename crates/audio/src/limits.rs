//! How much a file may ask of us.

use std::time::Duration;

use hearback_domain::Ms;
use serde::{Deserialize, Serialize};

/// Bounds on one decoding. They count what was decoded, never what a file claims about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The longest recording that is accepted.
    pub max_duration: Ms,
    /// The most bytes of sound (16 kHz, mono, 16 bits) for each byte of the file, once there is more than a minute: a
    /// small file that is made to last for hours is no recording.
    #[serde(default = "max_ratio")]
    pub max_ratio: u32,
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
            max_ratio: max_ratio(),
            memory: 256 << 20,
            stall_cpu: Duration::from_secs(20),
            stall_wall: Duration::from_mins(2),
            total_wall: Duration::from_hours(4),
        }
    }
}

/// Eight bytes a second. Silence takes more in every form that a recorder writes: 25 or so in FLAC at 8 kHz, 50 in Opus
/// and in AMR between two sentences.
fn max_ratio() -> u32 {
    4_000
}

/// Sample rates that sound is recorded at, in hertz.
pub(crate) const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=192_000;

/// The most channels that are mixed.
pub(crate) const MAX_CHANNELS: usize = 8;
