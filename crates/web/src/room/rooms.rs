//! Who is in which room, and what is on there.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use hearback_domain::{CoachingSessionId, Ms, PieceId, RecordingId, SessionId, UserId};
use serde::{Serialize, Serializer};

use self::one::{Room, Sitting};
pub(crate) use self::presence::Presence;
use super::{
    ASK_EVERY, ASK_EVERY_IN_SESSIONS, GRACE, LEAD_MS, LEAD_READY_MS, MOST_SEATS,
    play::{Order, Piece, What},
};
use crate::{WebError, error::Result};

mod one;
mod presence;
#[cfg(test)]
mod tests;

/// Which room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// Where a recording's coder and coach prepare.
    Briefing(RecordingId),
    /// Where a coach and a practitioner meet, and whoever is invited.
    Session(CoachingSessionId),
}

impl Key {
    /// For how long whoever leads may come back after their connection broke.
    const fn grace(self) -> Duration {
        match self {
            Self::Briefing(_) => Duration::ZERO,
            Self::Session(_) => GRACE,
        }
    }

    /// How often it is asked whether somebody may still be there.
    const fn ask_every(self) -> Duration {
        match self {
            Self::Briefing(_) => ASK_EVERY,
            Self::Session(_) => ASK_EVERY_IN_SESSIONS,
        }
    }

    /// How far ahead a start lies (ms).
    const fn lead(self) -> u64 {
        match self {
            Self::Briefing(_) => LEAD_MS,
            Self::Session(_) => LEAD_READY_MS,
        }
    }
}

/// What somebody is in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Part {
    /// What is on depends on them.
    Leads,
    /// What is heard is theirs: they know what it is before it is put on.
    Hosts,
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
#[expect(clippy::struct_excessive_bools, reason = "what a browser asks of it, one by one")]
pub(crate) struct View {
    /// The room's clock (ms).
    pub(crate) now: u64,
    pub(crate) people: Vec<PersonView>,
    pub(crate) piece: Option<PieceView>,
    pub(crate) at: u64,
    pub(crate) since: u64,
    pub(crate) playing: bool,
    pub(crate) looped: bool,
    pub(crate) slow: bool,
    /// What was to be heard stays closed while somebody who follows is here.
    pub(crate) closed: bool,
    /// Counts what was written: whoever knows a smaller number looks again.
    pub(crate) said: u64,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct PersonView {
    pub(crate) name: String,
    pub(crate) leads: bool,
    pub(crate) part: Part,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct PieceView {
    pub(crate) number: u64,
    /// Which extract it is, if it is one: what follows counts from its beginning then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<PieceId>,
    pub(crate) start: u64,
    pub(crate) end: u64,
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
            !room.sitting.is_empty() || room.is_waiting()
        });
        let room = rooms.entry(key).or_insert_with(|| Room::new(key));
        room.give_back(who.user, who.session);
        if room.sitting.len() >= MOST_SEATS {
            return Err(WebError::conflict("the room is full; please come again in a moment"));
        }
        let (here, heard_of, closed) = (false, Instant::now(), Arc::default());
        room.sitting.push(Sitting { seat, who, here, heard_of, closed });
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
        let closed = Arc::clone(&sitting.closed);
        if room.is_led() {
            room.missed = None;
        }
        room.changed();
        let told = room.tell.subscribe();
        Some(Presence { rooms: Arc::clone(self), key, seat, told, closed })
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

    /// Somebody goes, and does not come back to what is on.
    pub(crate) fn leave(&self, key: Key, seat: Seat, user: UserId, session: SessionId) {
        let mut rooms = self.rooms();
        let Some(room) = rooms.get_mut(&key) else { return };
        if room.of(seat, user, session).is_some() {
            room.keep(|one| one.seat != seat, false);
        } else if room.missed.as_ref().is_some_and(|missed| missed.seat == seat) {
            // Their connection was closed before this came. Nobody else knows the seat.
            room.missed = None;
            room.sweep();
        }
    }

    /// Everybody is out of a room at once.
    pub(crate) fn close(&self, key: Key) {
        self.turn_out_those(key, |_| true);
    }

    /// Somebody is out of a room at once, wherever they are signed in.
    pub(crate) fn turn_out(&self, key: Key, user: UserId) {
        self.turn_out_those(key, |one| one == user);
    }

    fn turn_out_those(&self, key: Key, whom: impl Fn(UserId) -> bool) {
        if let Some(room) = self.rooms().get_mut(&key) {
            for one in room.sitting.iter().filter(|one| whom(one.who.user)) {
                one.closed.store(true, Ordering::Relaxed);
            }
            room.keep(|one| !whom(one.who.user), false);
            room.changed();
        }
    }

    /// Whether somebody follows in the room, so that it is worth putting something on.
    pub(crate) fn is_followed(&self, key: Key) -> bool {
        self.rooms().get(&key).is_some_and(Room::is_followed)
    }

    /// Whether somebody who leads is in the room.
    pub(crate) fn is_led(&self, key: Key) -> bool {
        self.rooms().get(&key).is_some_and(Room::is_led)
    }

    /// Puts something on, from its beginning, stopped; false if whoever asks does not lead here, or has gone.
    pub(crate) fn put_on(
        &self,
        key: Key,
        seat: Seat,
        (user, session): (UserId, SessionId),
        what: What,
    ) -> bool {
        let mut rooms = self.rooms();
        let Some(room) = rooms.get_mut(&key) else { return false };
        let leads =
            room.of(seat, user, session).is_some_and(|one| one.here && one.who.part == Part::Leads);
        if leads {
            let number = self.pieces.fetch_add(1, Ordering::Relaxed) + 1;
            room.piece = Some(Piece { number, what });
            room.play = room.play.anew();
            room.closed = false;
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
        room.play = room.play.after(order, now, room.length(), room.key.lead());
        room.changed();
        true
    }

    /// The extract that is on for somebody who is in the room, and where in it everybody is.
    pub(crate) fn place(
        &self,
        key: Key,
        seat: Seat,
        (user, session): (UserId, SessionId),
    ) -> Option<(PieceId, Ms)> {
        let now = self.now();
        let mut rooms = self.rooms();
        let room = rooms.get_mut(&key)?;
        room.of(seat, user, session).filter(|one| one.here)?;
        match room.piece?.what {
            What::Extract(id, length) => {
                // Its end is its last moment.
                let at = room.play.position(now, length.get()).min(length.get().saturating_sub(1));
                Some((id, Ms::new(at)))
            }
            What::Stretch(_) => None,
        }
    }

    /// The extract that is on, and plays, if that was not asked before.
    pub(crate) fn begun(&self, key: Key) -> Option<PieceId> {
        let mut rooms = self.rooms();
        let room = rooms.get_mut(&key)?;
        let piece = room.piece.filter(|piece| room.play.playing && piece.number != room.played)?;
        room.played = piece.number;
        match piece.what {
            What::Extract(id, _) => Some(id),
            What::Stretch(_) => None,
        }
    }

    /// The extract that is on.
    pub(crate) fn extract_on(&self, key: Key) -> Option<PieceId> {
        match self.rooms().get(&key)?.piece?.what {
            What::Extract(id, _) => Some(id),
            What::Stretch(_) => None,
        }
    }

    /// Takes an extract off, if it is on.
    pub(crate) fn take_off(&self, key: Key, piece: PieceId) {
        if let Some(room) = self.rooms().get_mut(&key)
            && let Some(Piece { what: What::Extract(on, _), .. }) = room.piece
            && on == piece
        {
            room.take_off();
        }
    }

    /// An extract stays closed, since somebody is here who only follows and may not hear it. It goes off if it is on,
    /// and everybody sees why.
    pub(crate) fn keep_closed(&self, key: Key, piece: PieceId) {
        self.take_off(key, piece);
        if let Some(room) = self.rooms().get_mut(&key)
            && room.is_followed()
        {
            room.closed = true;
            room.changed();
        }
    }

    /// Those who are in the room and only follow.
    pub(crate) fn followers(&self, key: Key) -> Vec<UserId> {
        let rooms = self.rooms();
        let Some(room) = rooms.get(&key) else { return Vec::new() };
        let follows = |one: &&Sitting| one.here && one.who.part == Part::Follows;
        room.sitting.iter().filter(follows).map(|one| one.who.user).collect()
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

    /// Whether this person may be given this extract: they are in the room, and it is on, or they know of it anyway.
    pub(crate) fn hears_extract(
        &self,
        key: Key,
        (user, session): (UserId, SessionId),
        extract: PieceId,
    ) -> bool {
        let mut rooms = self.rooms();
        let Some(room) = rooms.get_mut(&key) else { return false };
        room.sweep();
        let is_on = room
            .piece
            .is_some_and(|piece| matches!(piece.what, What::Extract(id, _) if id == extract));
        let mine = |one: &Sitting| one.here && one.who.user == user && one.who.session == session;
        let mut mine = room.sitting.iter().filter(|one| mine(one));
        mine.any(|one| is_on || one.who.part != Part::Follows)
    }
}
