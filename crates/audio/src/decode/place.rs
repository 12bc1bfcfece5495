//! Where decoded frames belong on the recording's clock, and which of them are heard.

use symphonia::core::units::TimeBase;

use crate::isobmff::Presented;

/// Places frames on the track's own clock, and keeps what is presented.
pub(super) struct Place {
    rate: u32,
    base: Option<TimeBase>,
    /// The position of the next frame, in frames on the track's clock.
    at: i64,
    /// What is heard: stretches in order, in frames on the track's clock.
    heard: Vec<(i64, i64)>,
    kept: u64,
}

impl Place {
    /// A clock that starts at the first packet's `ticks`.
    ///
    /// `priming` frames from there are dropped, unless the file has edits, which then say what is `presented`. Time
    /// before zero is an encoder's delay.
    pub(super) fn new(
        rate: u32,
        base: Option<TimeBase>,
        ticks: i64,
        priming: u64,
        presented: &[Presented],
    ) -> Self {
        let mut place = Self { rate, base, at: 0, heard: Vec::new(), kept: 0 };
        place.at = place.frames(ticks);
        if presented.is_empty() {
            let priming = i64::try_from(priming).unwrap_or(0);
            let start =
                if priming > 0 { place.at.saturating_add(priming) } else { place.at.max(0) };
            place.heard.push((start, i64::MAX));
        } else {
            let tick = |ticks: u64| place.frames(i64::try_from(ticks).unwrap_or(i64::MAX));
            place.heard =
                presented.iter().map(|p| (tick(p.start), p.end.map_or(i64::MAX, tick))).collect();
        }
        place
    }

    /// The same, where every frame is so many frames later than its packet says.
    pub(super) fn later(mut self, frames: u64) -> Self {
        self.at = self.at.saturating_add_unsigned(frames);
        self
    }

    /// Frames in so many ticks of the track's clock.
    pub(super) fn frames(&self, ticks: i64) -> i64 {
        let Some(base) = self.base else { return ticks };
        let (numer, denom) = (i128::from(base.numer.get()), i128::from(base.denom.get()));
        let exact = i128::from(ticks) * numer * i128::from(self.rate);
        i64::try_from((exact * 2 + denom).div_euclid(denom * 2)).unwrap_or(i64::MAX)
    }

    /// How many frames are missing before a packet at `ticks`.
    pub(super) fn missing(&self, ticks: i64) -> u64 {
        u64::try_from(self.frames(ticks).saturating_sub(self.at)).unwrap_or(0)
    }

    /// Frames that were heard so far.
    pub(super) fn kept(&self) -> u64 {
        self.kept
    }

    /// Moves on by the frames in `sound` and takes out of it those that are not heard.
    pub(super) fn keep(&mut self, sound: &mut Vec<f32>, channels: usize) {
        let frames = i64::try_from(sound.len() / channels.max(1)).unwrap_or(i64::MAX);
        let (from, to) = (self.at, self.at.saturating_add(frames));
        self.at = to;
        if self.heard.first().is_some_and(|(start, end)| *start <= from && to <= *end) {
            self.kept += frames.unsigned_abs();
            return;
        }
        let whole = std::mem::take(sound);
        for (start, end) in &self.heard {
            let (a, b) = (from.max(*start), to.min(*end));
            if a < b {
                let index = |at: i64| usize::try_from(at - from).unwrap_or(0) * channels;
                sound.extend_from_slice(&whole[index(a)..index(b)]);
                self.kept += (b - a).unsigned_abs();
            }
        }
        self.heard.retain(|(_, end)| *end > to);
    }

    /// Whether nothing that follows is heard.
    pub(super) fn over(&self) -> bool {
        self.heard.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(mut place: Place, frames: u16, block: usize) -> Vec<f32> {
        let all: Vec<f32> = (0..frames).map(f32::from).collect();
        let mut out = Vec::new();
        for part in all.chunks(block) {
            let mut sound = part.to_vec();
            place.keep(&mut sound, 1);
            out.extend(sound);
        }
        assert_eq!(place.kept(), out.len() as u64);
        out
    }

    #[test]
    fn priming_longer_than_a_packet_is_dropped_whole() {
        let place = Place::new(48_000, TimeBase::try_from_recip(48_000), 0, 25, &[]);
        assert_eq!(heard(place, 50, 10), (25_u8..50).map(f32::from).collect::<Vec<_>>());
    }

    #[test]
    fn time_before_zero_is_not_heard() {
        let place = Place::new(1_000, TimeBase::try_from_recip(1_000), -3, 0, &[]);
        assert_eq!(heard(place, 6, 2), [3.0, 4.0, 5.0]);
    }

    #[test]
    fn edits_keep_their_stretches_at_half_the_rate_too() {
        let edits = [Presented { start: 4, end: Some(8) }, Presented { start: 12, end: Some(16) }];
        let place = Place::new(500, TimeBase::try_from_recip(1_000), 0, 0, &edits);
        assert!(!place.over());
        assert_eq!(heard(place, 20, 3), [2.0, 3.0, 6.0, 7.0]);
    }

    #[test]
    fn a_hole_is_as_long_as_the_clock_says() {
        let mut place = Place::new(48_000, TimeBase::try_new(1, 1_000), 40, 0, &[]);
        assert_eq!(place.missing(40), 0);
        place.keep(&mut vec![0.0; 960], 1);
        assert_eq!(place.missing(60), 0);
        assert_eq!(place.missing(1_060), 48_000);
        assert_eq!(place.missing(0), 0, "time that runs back is not a hole");
    }
}
