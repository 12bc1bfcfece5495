//! Coaching (CM-02): series of up to five sessions with sound at their centre, and what surrounds them.

pub(crate) mod choose;
pub(crate) mod room;
pub(crate) mod series;
pub(crate) mod sheets;
pub(crate) mod supervision;
pub(crate) mod thread;
