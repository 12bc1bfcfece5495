//! What is on in a room, and where in it everybody is at each moment. Pure.

use hearback_domain::Span;

use super::LEAD_MS;

/// What is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Counts what was put on, so that nobody hears the one before for this one.
    pub(crate) number: u64,
    /// Where it lies in the recording.
    pub(crate) span: Span,
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
}

/// Where everybody is: at `at` milliseconds of the piece when the room's clock shows `since`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Play {
    pub(crate) at: u64,
    pub(crate) since: u64,
    pub(crate) playing: bool,
}

impl Play {
    /// The place at this moment, in a piece of this length.
    pub(crate) fn position(self, now: u64, length: u64) -> u64 {
        let gone = if self.playing { now.saturating_sub(self.since) } else { 0 };
        (self.at + gone).min(length)
    }

    /// After an order at this moment. A start lies a little ahead; at its end a piece begins anew.
    pub(crate) fn after(self, order: Order, now: u64, length: u64) -> Self {
        let here = self.position(now, length);
        let over = here >= length;
        match order {
            Order::Play if self.playing && !over => self,
            Order::Play => {
                Self { at: if over { 0 } else { here }, since: now + LEAD_MS, playing: true }
            }
            Order::Pause => Self { at: here, since: now, playing: false },
            Order::Seek(to) => {
                let playing = self.playing && !over;
                let since = if playing { now + LEAD_MS } else { now };
                Self { at: to.min(length.saturating_sub(1)), since, playing }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: u64 = 10_000;

    #[test]
    fn everybody_is_at_the_same_place() {
        let play = Play::default().after(Order::Play, 1_000, LENGTH);
        assert_eq!(play.position(1_000, LENGTH), 0, "nothing is heard before everybody knows");
        assert_eq!(play.position(1_000 + LEAD_MS, LENGTH), 0);
        assert_eq!(play.position(3_000 + LEAD_MS, LENGTH), 2_000);
        assert_eq!(
            play.after(Order::Play, 2_000, LENGTH),
            play,
            "two who press at once start once"
        );
        let paused = play.after(Order::Pause, 3_000 + LEAD_MS, LENGTH);
        assert_eq!((paused.at, paused.playing), (2_000, false));
        assert_eq!(paused.position(99_000, LENGTH), 2_000);
        let again = paused.after(Order::Play, 99_000, LENGTH);
        assert_eq!(again.position(100_000 + LEAD_MS, LENGTH), 3_000);
    }

    #[test]
    fn a_piece_ends_and_begins_anew() {
        let play = Play::default().after(Order::Play, 0, LENGTH);
        let over = 60_000;
        assert_eq!(play.position(over, LENGTH), LENGTH);
        assert_eq!(play.after(Order::Play, over, LENGTH).at, 0);
        let back = play.after(Order::Seek(4_000), over, LENGTH);
        assert_eq!((back.at, back.playing), (4_000, false), "it had ended");
        let moved = play.after(Order::Seek(4_000), 5_000, LENGTH);
        assert_eq!((moved.at, moved.playing), (4_000, true));
        assert_eq!(play.after(Order::Seek(99_999_999), 5_000, LENGTH).at, LENGTH - 1);
    }
}
