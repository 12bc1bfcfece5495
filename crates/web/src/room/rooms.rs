//! Who is in which room, and what is on there.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use hearback_domain::{RecordingId, SessionId, Span, UserId};
use serde::{Serialize, Serializer};
use tokio::sync::watch;

use super::{
    KEPT_FREE, MOST_SEATS, SILENT_FOR,
    play::{Order, Piece, Play},
};
use crate::{WebError, error::Result};

#[cfg(test)]
mod tests;

/// Which room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// Where a recording's coder and coach prepare.
    Briefing(RecordingId),
}

/// What somebody is in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// What is on depends on them.
    Leads,
    /// They hear what is on while somebody leads.
    Follows,
}

/// Who sits in a room.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) name: String,
    pub(crate) part: Part,
}

/// A seat in a room: one browser tab's. Nobody can guess another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seat([u8; 16]);

impl Seat {
    fn random() -> Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|e| WebError::internal(e.to_string()))?;
        Ok(Self(bytes))
    }

    /// Reads what the browser was given.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl Serialize for Seat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

/// What everybody in a room sees.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct View {
    /// The room's clock (ms).
    pub(crate) now: u64,
    pub(crate) people: Vec<PersonView>,
    pub(crate) piece: Option<PieceView>,
    pub(crate) at: u64,
    pub(crate) since: u64,
    pub(crate) playing: bool,
    /// Counts what was written: whoever knows a smaller number looks again.
    pub(crate) said: u64,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct PersonView {
    pub(crate) name: String,
    pub(crate) leads: bool,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct PieceView {
    pub(crate) number: u64,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

struct Sitting {
    seat: Seat,
    who: Who,
    /// The stream of events is open to them.
    here: bool,
    heard_of: Instant,
}

struct Room {
    sitting: Vec<Sitting>,
    piece: Option<Piece>,
    play: Play,
    said: u64,
    /// Told whenever something is different.
    tell: watch::Sender<u64>,
}

impl Room {
    fn new() -> Self {
        let (tell, _) = watch::channel(0);
        Self { sitting: Vec::new(), piece: None, play: Play::default(), said: 0, tell }
    }

    fn changed(&self) {
        self.tell.send_modify(|version| *version += 1);
    }

    fn of(&mut self, seat: Seat, user: UserId, session: SessionId) -> Option<&mut Sitting> {
        let theirs = |one: &&mut Sitting| {
            one.seat == seat && one.who.user == user && one.who.session == session
        };
        self.sitting.iter_mut().find(theirs)
    }

    fn is_led(&self) -> bool {
        self.sitting.iter().any(|one| one.here && one.who.part == Part::Leads)
    }

    /// Whoever was not heard of for too long is gone. What is on ends with the last who leads.
    fn sweep(&mut self) {
        let before = self.sitting.iter().filter(|one| one.here).count();
        self.sitting
            .retain(|one| one.heard_of.elapsed() < if one.here { SILENT_FOR } else { KEPT_FREE });
        self.settle(before);
    }

    fn leave(&mut self, seat: Seat) {
        let before = self.sitting.iter().filter(|one| one.here).count();
        self.sitting.retain(|one| one.seat != seat);
        self.settle(before);
    }

    fn settle(&mut self, before: usize) {
        if self.piece.is_some() && !self.is_led() {
            self.piece = None;
            self.play = Play::default();
            self.changed();
        } else if self.sitting.iter().filter(|one| one.here).count() != before {
            self.changed();
        }
    }

    fn length(&self) -> u64 {
        self.piece.map_or(0, |piece| piece.span.len().get())
    }

    fn view(&self, now: u64) -> View {
        let here = self.sitting.iter().filter(|one| one.here);
        let person = |one: &Sitting| PersonView {
            name: one.who.name.clone(),
            leads: one.who.part == Part::Leads,
        };
        let mut people: Vec<_> = here.map(person).collect();
        people.sort_by(|a, b| (!a.leads, &a.name).cmp(&(!b.leads, &b.name)));
        people.dedup_by(|a, b| a.name == b.name && a.leads == b.leads);
        let piece = self.piece.map(|piece| PieceView {
            number: piece.number,
            start: piece.span.start().get(),
            end: piece.span.end().get(),
        });
        let Play { at, since, playing } = self.play;
        View { now, people, piece, at, since, playing, said: self.said }
    }
}

/// The rooms of this process. Begins without any.
pub struct Rooms {
    began: Instant,
    open: Mutex<HashMap<Key, Room>>,
    /// Counts what was put on in any of them.
    pieces: std::sync::atomic::AtomicU64,
}

impl Default for Rooms {
    fn default() -> Self {
        let pieces = std::sync::atomic::AtomicU64::new(0);
        Self { began: Instant::now(), open: Mutex::default(), pieces }
    }
}

impl Rooms {
    /// The rooms' clock: milliseconds since the process began.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<Key, Room>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a seat free for somebody; they are in the room once they sit down. A room that is full turns people away.
    pub(crate) fn keep_free(&self, key: Key, who: Who) -> Result<Seat> {
        let seat = Seat::random()?;
        let mut rooms = self.rooms();
        rooms.retain(|_, room| {
            room.sweep();
            !room.sitting.is_empty()
        });
        let room = rooms.entry(key).or_insert_with(Room::new);
        if room.sitting.len() >= MOST_SEATS {
            return Err(WebError::conflict("the room is full; please come again in a moment"));
        }
        room.sitting.push(Sitting { seat, who, here: false, heard_of: Instant::now() });
        Ok(seat)
    }

    /// Somebody sits down on a seat that was kept free for them. They are in the room until what this gives is dropped.
    pub(crate) fn sit_down(
        self: &Arc<Self>,
        key: Key,
        seat: Seat,
        user: UserId,
        session: SessionId,
    ) -> Option<Presence> {
        let mut rooms = self.rooms();
        let room = rooms.get_mut(&key)?;
        let sitting = room.of(seat, user, session)?;
        sitting.here = true;
        sitting.heard_of = Instant::now();
        room.changed();
        let told = room.tell.subscribe();
        Some(Presence { rooms: Arc::clone(self), key, seat, told })
    }

    /// A browser is still there; the room's clock, or nothing if it has no seat here.
    pub(crate) fn beat(
        &self,
        key: Key,
        seat: Seat,
        user: UserId,
        session: SessionId,
    ) -> Option<u64> {
        let mut rooms = self.rooms();
        rooms.get_mut(&key)?.of(seat, user, session)?.heard_of = Instant::now();
        Some(self.now())
    }

    /// Somebody goes.
    pub(crate) fn leave(&self, key: Key, seat: Seat, user: UserId, session: SessionId) {
        if let Some(room) = self.rooms().get_mut(&key)
            && room.of(seat, user, session).is_some()
        {
            room.leave(seat);
        }
    }

    /// Whether somebody follows in the room, so that it is worth putting something on.
    pub(crate) fn is_followed(&self, key: Key) -> bool {
        let here = |one: &Sitting| one.here && one.who.part == Part::Follows;
        self.rooms().get(&key).is_some_and(|room| room.sitting.iter().any(here))
    }

    /// Puts a stretch on, from its beginning, stopped; false if whoever asks does not lead here, or has gone.
    pub(crate) fn put_on(
        &self,
        key: Key,
        seat: Seat,
        (user, session): (UserId, SessionId),
        span: Span,
    ) -> bool {
        let mut rooms = self.rooms();
        let Some(room) = rooms.get_mut(&key) else { return false };
        let leads =
            room.of(seat, user, session).is_some_and(|one| one.here && one.who.part == Part::Leads);
        if leads {
            let number = self.pieces.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            room.piece = Some(Piece { number, span });
            room.play = Play::default();
            room.changed();
        }
        leads
    }

    /// Somebody in the room wants something of what is on; false if nothing is, or they have gone.
    pub(crate) fn order(
        &self,
        key: Key,
        seat: Seat,
        (user, session): (UserId, SessionId),
        order: Order,
    ) -> bool {
        let now = self.now();
        let mut rooms = self.rooms();
        let Some(room) = rooms.get_mut(&key) else { return false };
        let here = room.of(seat, user, session).is_some_and(|one| one.here);
        if !here || room.piece.is_none() {
            return false;
        }
        room.play = room.play.after(order, now, room.length());
        room.changed();
        true
    }

    /// Something was written in the room: everybody there looks again.
    pub(crate) fn say(&self, key: Key) {
        if let Some(room) = self.rooms().get_mut(&key) {
            room.said += 1;
            room.changed();
        }
    }

    /// The piece of this number, if it is on, somebody leads, and this person is there: nobody else hears it.
    pub(crate) fn hears(
        &self,
        key: Key,
        user: UserId,
        session: SessionId,
        number: u64,
    ) -> Option<Piece> {
        let mut rooms = self.rooms();
        let room = rooms.get_mut(&key)?;
        room.sweep();
        let mine = |one: &Sitting| one.here && one.who.user == user && one.who.session == session;
        let there = room.is_led() && room.sitting.iter().any(mine);
        room.piece.filter(|piece| there && piece.number == number)
    }
}

/// Somebody is in a room. They leave it when this is dropped, whatever the reason.
pub(crate) struct Presence {
    rooms: Arc<Rooms>,
    key: Key,
    seat: Seat,
    told: watch::Receiver<u64>,
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

    /// Whether they are in the room.
    pub(crate) fn is_here(&self) -> bool {
        let mut rooms = self.rooms.rooms();
        rooms.get_mut(&self.key).is_some_and(|room| {
            room.sweep();
            room.sitting.iter().any(|one| one.seat == self.seat)
        })
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
            room.leave(self.seat);
        }
    }
}
