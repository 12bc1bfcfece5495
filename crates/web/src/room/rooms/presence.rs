//! Somebody's being in a room.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::watch;

use super::{Key, Rooms, Seat, View};

/// Somebody is in a room. They leave it when this is dropped, whatever the reason.
pub(crate) struct Presence {
    pub(super) rooms: Arc<Rooms>,
    pub(super) key: Key,
    pub(super) seat: Seat,
    pub(super) told: watch::Receiver<u64>,
    pub(super) closed: Arc<AtomicBool>,
}

impl Presence {
    /// What they see; nothing once they are not in the room any more.
    pub(crate) fn view(&mut self) -> Option<View> {
        self.told.mark_unchanged();
        let now = self.rooms.now();
        let mut rooms = self.rooms.rooms();
        let room = rooms.get_mut(&self.key)?;
        room.sweep();
        room.sitting.iter().any(|one| one.seat == self.seat).then(|| room.view(now))
    }

    /// How often it is asked whether they may be there.
    pub(crate) const fn ask_every(&self) -> Duration {
        self.key.ask_every()
    }

    /// Whether they are in the room.
    pub(crate) fn is_here(&self) -> bool {
        let mut rooms = self.rooms.rooms();
        rooms.get_mut(&self.key).is_some_and(|room| {
            room.sweep();
            room.sitting.iter().any(|one| one.seat == self.seat)
        })
    }

    /// Whether the room was closed to them, so that coming in again leads nowhere.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// They may be here no more, and do not come back to what is on.
    pub(crate) fn is_over(&self) {
        if let Some(room) = self.rooms.rooms().get_mut(&self.key) {
            room.keep(|one| one.seat != self.seat, false);
        }
    }

    /// Waits until something is different.
    pub(crate) async fn changed(&mut self) {
        if self.told.changed().await.is_err() {
            // The room is gone, and with it everybody.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        if let Some(room) = self.rooms.rooms().get_mut(&self.key) {
            room.keep(|one| one.seat != self.seat, true);
        }
    }
}
