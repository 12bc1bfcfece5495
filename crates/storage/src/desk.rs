//! What a coder has on their desk besides codes and scores: what they have not saved, and how often they heard what.
//! Both are the coder's own: a permit shows its own coder's and nobody else's.

use async_trait::async_trait;
use hearback_access::{Code, Permit};

use crate::Result;

/// How much was listened to of one stretch of a recording, over all times (QAL-04).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeardStretch {
    /// Which stretch: each is [`HeardStretch::MS`] long, the first is 0.
    pub stretch: u32,
    /// Milliseconds of the recording that were played in it; a stretch heard twice has twice its length.
    pub ms: u64,
}

impl HeardStretch {
    /// How long a stretch is, in milliseconds.
    pub const MS: u64 = 5_000;
}

/// One coder's desk for one recording.
#[async_trait]
pub trait Desk {
    /// What the coder left on the desk, as the page wrote it.
    async fn on_desk(&mut self, permit: &Permit<Code>) -> Result<Option<String>>;

    /// Keeps what lies on the desk in the place of what lay there; with `None` nothing does.
    async fn leave_on_desk(&mut self, permit: &Permit<Code>, text: Option<&str>) -> Result<()>;

    /// How much the coder heard of each stretch, by stretch; those that were never heard are left out.
    async fn heard_by_coder(&mut self, permit: &Permit<Code>) -> Result<Vec<HeardStretch>>;

    /// Adds to what the coder heard.
    async fn hear(&mut self, permit: &Permit<Code>, more: &[HeardStretch]) -> Result<()>;
}
