//! Rooms in which several people hear the same at once. Presence is the access: who is in a room hears what is put on
//! there, and whoever is gone hears no more.
//!
//! Somebody is in a room while the stream of its events is open to them ([`stream`]). The stream asks the policy and
//! the session again several times in a second; it ends when the answer is no, when the browser has gone, or when
//! nothing was heard from it for [`SILENT_FOR`]. What is on depends on those who lead the room: when the last of them
//! has gone, nothing is. Where a room lets them ([`Key::grace`]), whoever leads may come back for a moment after their
//! connection broke, and finds it as it went on.
//!
//! A room knows nothing of what is heard in it: whoever uses it says who leads, what may be put on, and asks the room
//! before sound is sent and while it is. It lies in the memory of one process; what has to last (that something was
//! put on, what was written) is for the database. Time in it is a stopwatch of this process, which the browsers read
//! with each beat.

use std::time::Duration;

pub(crate) mod door;
mod play;
mod rooms;
pub(crate) mod stream;

pub use self::rooms::Rooms;
pub(crate) use self::{
    play::{Order, What},
    rooms::{Key, Part, Seat, Who},
};

/// How often it is asked whether somebody may still be in the room.
const ASK_EVERY: Duration = Duration::from_millis(400);

/// The same in a session, of which there may be many at once. Whoever ends a session or
/// its series, takes an invitation back or changes the coach closes its room with that ([`Rooms::close`]): this is for
/// whatever else may happen, within a second.
const ASK_EVERY_IN_SESSIONS: Duration = Duration::from_millis(600);

/// For how long nothing may be heard from a browser that is in a room. It sends a beat each second.
pub(crate) const SILENT_FOR: Duration = Duration::from_secs(4);

/// For how long a seat is kept for a browser that has not sat down.
const KEPT_FREE: Duration = Duration::from_secs(10);

/// The most seats that are kept free for one sign-in at a time: a browser may come in with a few tabs at once.
const MOST_KEPT_FREE: usize = 3;

/// For how long a coach whose connection broke may come back to what is on.
const GRACE: Duration = Duration::from_secs(8);

/// How far ahead a start lies (ms), so that it reaches everybody before it happens: where sound comes while it is
/// heard.
const LEAD_MS: u64 = 180;

/// The same where everybody has the sound already: whoever hears of it late begins in the middle, in step.
const LEAD_READY_MS: u64 = 80;

/// The most people that are in a room at once.
const MOST_SEATS: usize = 24;
