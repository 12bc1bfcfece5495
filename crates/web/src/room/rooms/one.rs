//! One room: who sits in it, and what is on.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Instant,
};

use hearback_domain::{SessionId, UserId};
use tokio::sync::watch;

use super::{Key, Part, PersonView, PieceView, Seat, View, Who};
use crate::room::{
    KEPT_FREE, MOST_KEPT_FREE, SILENT_FOR,
    play::{Piece, Play, What},
};

pub(super) struct Sitting {
    pub(super) seat: Seat,
    pub(super) who: Who,
    /// The stream of events is open to them.
    pub(super) here: bool,
    pub(super) heard_of: Instant,
    /// The room was closed to them: coming in again leads nowhere.
    pub(super) closed: Arc<AtomicBool>,
}

/// Whoever led is gone, and may come back.
pub(super) struct Missed {
    pub(super) seat: Seat,
    pub(super) at: Instant,
}

pub(super) struct Room {
    pub(super) key: Key,
    pub(super) sitting: Vec<Sitting>,
    pub(super) piece: Option<Piece>,
    pub(super) play: Play,
    /// The number of the last piece that was played.
    pub(super) played: u64,
    pub(super) missed: Option<Missed>,
    /// What was to be heard stays closed while somebody who follows is here.
    pub(super) closed: bool,
    pub(super) said: u64,
    /// Told whenever something is different.
    pub(super) tell: watch::Sender<u64>,
}

impl Room {
    pub(super) fn new(key: Key) -> Self {
        let (tell, _) = watch::channel(0);
        let (play, sitting) = (Play::default(), Vec::new());
        let (piece, missed) = (None, None);
        Self { key, sitting, piece, play, played: 0, missed, closed: false, said: 0, tell }
    }

    pub(super) fn changed(&self) {
        self.tell.send_modify(|version| *version += 1);
    }

    pub(super) fn of(
        &mut self,
        seat: Seat,
        user: UserId,
        session: SessionId,
    ) -> Option<&mut Sitting> {
        let theirs = |one: &&mut Sitting| {
            one.seat == seat && one.who.user == user && one.who.session == session
        };
        self.sitting.iter_mut().find(theirs)
    }

    /// Of the seats that are kept free for one sign-in, the oldest go, so that one more stays within
    /// [`MOST_KEPT_FREE`]: nobody keeps a room to themself by asking for seats.
    pub(super) fn give_back(&mut self, user: UserId, session: SessionId) {
        let kept = |one: &Sitting| !one.here && one.who.user == user && one.who.session == session;
        let many = self.sitting.iter().filter(|one| kept(one)).count();
        let mut over = (many + 1).saturating_sub(MOST_KEPT_FREE);
        self.sitting.retain(|one| {
            let goes = over > 0 && kept(one);
            over -= usize::from(goes);
            !goes
        });
    }

    pub(super) fn is_led(&self) -> bool {
        self.sitting.iter().any(|one| one.here && one.who.part == Part::Leads)
    }

    pub(super) fn is_followed(&self) -> bool {
        self.sitting.iter().any(|one| one.here && one.who.part == Part::Follows)
    }

    /// Whether whoever led may still come back.
    pub(super) fn is_waiting(&self) -> bool {
        self.missed.as_ref().is_some_and(|missed| missed.at.elapsed() < self.key.grace())
    }

    /// Whoever was not heard of for too long is gone. What is on ends with the last who leads.
    pub(super) fn sweep(&mut self) {
        let stays =
            |one: &Sitting| one.heard_of.elapsed() < if one.here { SILENT_FOR } else { KEPT_FREE };
        self.keep(stays, true);
    }

    /// Keeps those who stay. The others may come back, or they may not.
    pub(super) fn keep(&mut self, stays: impl Fn(&Sitting) -> bool, broke: bool) {
        let before = self.sitting.iter().filter(|one| one.here).count();
        let was_led = self.is_led();
        let gone = self.sitting.extract_if(.., |one| !stays(one));
        let leader = gone.filter(|one| one.here && one.who.part == Part::Leads).last();
        if self.is_led() {
            self.missed = None;
        } else if was_led {
            let missed = |one: Sitting| Missed { seat: one.seat, at: Instant::now() };
            self.missed = leader.filter(|_| broke).map(missed);
        }
        self.closed &= self.is_followed();
        if self.piece.is_some() && !self.is_led() && !self.is_waiting() {
            self.take_off();
        } else if self.sitting.iter().filter(|one| one.here).count() != before {
            self.changed();
        }
    }

    pub(super) fn take_off(&mut self) {
        self.piece = None;
        self.play = Play::default();
        self.missed = None;
        self.changed();
    }

    pub(super) fn length(&self) -> u64 {
        self.piece.map_or(0, |piece| piece.what.length())
    }

    pub(super) fn view(&self, now: u64) -> View {
        let here = self.sitting.iter().filter(|one| one.here);
        let person = |one: &Sitting| PersonView {
            name: one.who.name.clone(),
            leads: one.who.part == Part::Leads,
            part: one.who.part,
        };
        let mut people: Vec<_> = here.map(person).collect();
        people.sort_by(|a, b| (!a.leads, &a.name).cmp(&(!b.leads, &b.name)));
        people.dedup_by(|a, b| a.name == b.name && a.leads == b.leads);
        let piece = self.piece.map(|Piece { number, what }| match what {
            What::Stretch(span) => {
                let (start, end) = (span.start().get(), span.end().get());
                PieceView { number, id: None, start, end }
            }
            What::Extract(id, length) => {
                PieceView { number, id: Some(id), start: 0, end: length.get() }
            }
        });
        let Play { at, since, playing, looped, slow } = self.play;
        let (closed, said) = (self.closed, self.said);
        View { now, people, piece, at, since, playing, looped, slow, closed, said }
    }
}
