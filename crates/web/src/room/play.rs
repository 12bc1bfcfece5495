//! What is on in a room, and where in it everybody is at each moment. Pure.

use hearback_domain::{Ms, PieceId, Span};

/// What can be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A stretch of a recording.
    Stretch(Span),
    /// An extract, of this length.
    Extract(PieceId, Ms),
}

impl What {
    /// How long it is (ms).
    pub(crate) const fn length(self) -> u64 {
        match self {
            Self::Stretch(span) => span.len().get(),
            Self::Extract(_, length) => length.get(),
        }
    }
}

/// What is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Counts what was put on, so that nobody hears the one before for this one.
    pub(crate) number: u64,
    /// What it is.
    pub(crate) what: What,
}

/// What somebody in the room wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Go on from here.
    Play,
    /// Stop here.
    Pause,
    /// Go to this place of the piece (ms).
    Seek(u64),
    /// Go back by so much (ms).
    Back(u64),
    /// At its end, begin anew; or not.
    Loop(bool),
    /// Three quarters as fast; or as it was.
    Slow(bool),
}

/// Where everybody is: at `at` milliseconds of the piece when the room's clock shows `since`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Play {
    pub(crate) at: u64,
    pub(crate) since: u64,
    pub(crate) playing: bool,
    /// At its end it begins anew.
    pub(crate) looped: bool,
    /// It is heard three quarters as fast.
    pub(crate) slow: bool,
}

impl Play {
    /// The place at this moment, in a piece of this length.
    pub(crate) fn position(self, now: u64, length: u64) -> u64 {
        let gone = if self.playing { now.saturating_sub(self.since) } else { 0 };
        let gone = if self.slow { gone * 3 / 4 } else { gone };
        match (self.at + gone).checked_rem(length) {
            Some(within) if self.looped => within,
            _ => (self.at + gone).min(length),
        }
    }

    /// After an order at this moment, for whose being heard of there is `lead` (ms). A start lies that much ahead; at
    /// its end a piece begins anew.
    pub(crate) fn after(self, order: Order, now: u64, length: u64, lead: u64) -> Self {
        let here = self.position(now, length);
        let over = here >= length;
        let playing = self.playing && !over;
        let ahead = if playing { now + lead } else { now };
        match order {
            Order::Play if playing => self,
            Order::Play => {
                let at = if over { 0 } else { here };
                Self { at, since: now + lead, playing: true, ..self }
            }
            Order::Pause => Self { at: here, since: now, playing: false, ..self },
            Order::Seek(to) => {
                Self { at: to.min(length.saturating_sub(1)), since: ahead, playing, ..self }
            }
            // From where everybody is when they hear of it.
            Order::Back(by) => {
                let at = self.position(ahead, length).saturating_sub(by);
                Self { at, since: ahead, playing, ..self }
            }
            // Nobody hears a difference before the end.
            Order::Loop(looped) => {
                let at = self.position(now, length);
                let since = now.max(self.since);
                Self { at, since, playing, looped, ..self }
            }
            Order::Slow(slow) => {
                let at = self.position(ahead, length);
                Self { at, since: ahead, playing: playing && at < length, slow, ..self }
            }
        }
    }

    /// From the beginning, stopped, as fast and as often as it is heard now.
    pub(crate) const fn anew(self) -> Self {
        Self { at: 0, since: 0, playing: false, looped: self.looped, slow: self.slow }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: u64 = 10_000;
    const LEAD_MS: u64 = 180;

    fn after(play: Play, order: Order, now: u64) -> Play {
        play.after(order, now, LENGTH, LEAD_MS)
    }

    #[test]
    fn everybody_is_at_the_same_place() {
        let play = after(Play::default(), Order::Play, 1_000);
        assert_eq!(play.position(1_000, LENGTH), 0, "nothing is heard before everybody knows");
        assert_eq!(play.position(1_000 + LEAD_MS, LENGTH), 0);
        assert_eq!(play.position(3_000 + LEAD_MS, LENGTH), 2_000);
        assert_eq!(after(play, Order::Play, 2_000), play, "two who press at once start once");
        let paused = after(play, Order::Pause, 3_000 + LEAD_MS);
        assert_eq!((paused.at, paused.playing), (2_000, false));
        assert_eq!(paused.position(99_000, LENGTH), 2_000);
        let again = after(paused, Order::Play, 99_000);
        assert_eq!(again.position(100_000 + LEAD_MS, LENGTH), 3_000);
    }

    #[test]
    fn a_piece_ends_and_begins_anew() {
        let play = after(Play::default(), Order::Play, 0);
        let over = 60_000;
        assert_eq!(play.position(over, LENGTH), LENGTH);
        assert_eq!(after(play, Order::Play, over).at, 0);
        let back = after(play, Order::Seek(4_000), over);
        assert_eq!((back.at, back.playing), (4_000, false), "it had ended");
        let moved = after(play, Order::Seek(4_000), 5_000);
        assert_eq!((moved.at, moved.playing), (4_000, true));
        assert_eq!(after(play, Order::Seek(99_999_999), 5_000).at, LENGTH - 1);
    }

    #[test]
    fn it_goes_round_until_somebody_says_otherwise() {
        let play = after(after(Play::default(), Order::Loop(true), 0), Order::Play, 0);
        assert_eq!(play.position(LEAD_MS + 23_000, LENGTH), 3_000);
        let once = after(play, Order::Loop(false), LEAD_MS + 23_000);
        assert!(once.playing && !once.looped);
        assert_eq!(once.position(LEAD_MS + 24_000, LENGTH), 4_000, "nobody hears a jump");
        assert_eq!(once.position(LEAD_MS + 99_000, LENGTH), LENGTH);
        let waiting = after(Play::default(), Order::Play, 1_000);
        let waiting = after(waiting, Order::Loop(true), 1_050);
        assert_eq!(waiting.since, 1_000 + LEAD_MS, "a start that lies ahead stays there");
    }

    #[test]
    fn slower_is_slower_from_where_it_was() {
        let play = after(Play::default(), Order::Play, 0);
        let slow = after(play, Order::Slow(true), LEAD_MS + 2_000);
        assert_eq!((slow.at, slow.playing), (2_000 + LEAD_MS, true));
        assert_eq!(slow.position(slow.since + 4_000, LENGTH), slow.at + 3_000);
        let as_it_was = after(slow, Order::Slow(false), slow.since + 4_000);
        assert_eq!(as_it_was.at, slow.at + 3_000 + LEAD_MS * 3 / 4);
        assert_eq!(after(Play::default(), Order::Slow(true), 7).since, 7, "what stands still");
    }

    #[test]
    fn back_is_back_from_what_is_heard() {
        let play = after(Play::default(), Order::Play, 0);
        let back = after(play, Order::Back(5_000), LEAD_MS + 7_000);
        assert_eq!((back.at, back.playing), (2_000 + LEAD_MS, true));
        assert_eq!(after(play, Order::Back(5_000), LEAD_MS + 1_000).at, 0);
        let ended = after(play, Order::Back(5_000), 60_000);
        assert_eq!((ended.at, ended.playing), (LENGTH - 5_000, false));
        assert_eq!(Play::default().position(5, 0), 0, "nothing has no length");
    }
}
