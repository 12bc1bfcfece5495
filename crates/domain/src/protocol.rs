//! Protocols: which part of each recording is coded, how many of them twice, blind to what.
//!
//! Whatever is left to chance follows from the protocol's seed and the recording's id, and from nothing else: anybody
//! can work it out again, in whatever order recordings came.

use crate::{Label, Ms, RecordingId, Span, coding::Twice};

/// How long a part may be, in minutes.
pub const PART_MINUTES: [u8; 3] = [5, 10, 20];

/// What a protocol says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What people call it.
    pub name: Label,
    /// The version of the framework that everything under it is coded with.
    pub framework_version: String,
    /// How many minutes of each recording are coded; none is the whole of it.
    pub minutes: Option<u8>,
    /// Which part, and which recordings twice, follow from this.
    pub seed: u32,
    /// Of a hundred recordings, about so many are coded twice.
    pub twice_percent: u8,
    /// The desk does not say which part of the programme a recording belongs to.
    pub blind_phase: bool,
    /// The desk does not say whose recording it is.
    pub blind_practitioner: bool,
    /// Each of a coder's so-manieth recordings is coded twice too, to see whether they drift; none is never.
    pub drift_every: Option<u16>,
}

/// What a protocol cannot say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Minutes that are not offered.
    #[error("choose the whole recording, or 5, 10 or 20 minutes of it")]
    Minutes,
    /// More than all of them.
    #[error("write a share from 0 to 100 per cent")]
    Percent,
    /// Every recording, or none.
    #[error("write a number from 2 to 1,000, or leave it empty")]
    Drift,
}

impl Plan {
    /// Whether it can be followed.
    pub fn check(&self) -> Result<(), PlanError> {
        if self.minutes.is_some_and(|minutes| !PART_MINUTES.contains(&minutes)) {
            Err(PlanError::Minutes)
        } else if self.twice_percent > 100 {
            Err(PlanError::Percent)
        } else if self.drift_every.is_some_and(|every| !(2..=1_000).contains(&every)) {
            Err(PlanError::Drift)
        } else {
            Ok(())
        }
    }

    /// Which part of a recording of this length is coded: it begins on a whole second, every one as likely as another.
    /// None is the whole of it, which a recording that is not longer than the part is too.
    pub fn part_of(&self, recording: RecordingId, duration: Ms) -> Option<Span> {
        let length = u64::from(self.minutes?) * 60_000;
        let room = duration.get().checked_sub(length).filter(|room| *room > 0)?;
        let start = self.draw(recording, PART, room / 1_000 + 1) * 1_000;
        Span::new(Ms::new(start), Ms::new(start + length)).ok()
    }

    /// Whether, and why, a recording is coded twice. `before` is how many recordings its coder took into this protocol
    /// before it.
    pub fn twice(&self, recording: RecordingId, before: u64) -> Option<Twice> {
        let due = self.drift_every.is_some_and(|every| (before + 1).is_multiple_of(every.into()));
        if due {
            Some(Twice::Drift)
        } else if self.draw(recording, TWICE, 100) < u64::from(self.twice_percent) {
            Some(Twice::Drawn)
        } else {
            None
        }
    }

    /// A number below `end`, which is not above 2³².
    fn draw(&self, recording: RecordingId, stream: u64, end: u64) -> u64 {
        let (high, low) = recording.as_uuid().as_u64_pair();
        let seeded = mixed((u64::from(self.seed) << 8) | stream);
        let random = mixed(seeded ^ mixed(high ^ mixed(low)));
        // The upper half, spread over the range: off by less than 2⁻²⁰ for an hour's seconds.
        ((random >> 32) * end) >> 32
    }
}

/// What is drawn: two streams that know nothing of each other.
const PART: u64 = 1;
const TWICE: u64 = 2;

/// The mixing step of `SplitMix64` (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators").
const fn mixed(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn plan(seed: u32) -> Plan {
        Plan {
            name: Label::new("Spring").unwrap(),
            framework_version: "1".to_owned(),
            minutes: Some(10),
            seed,
            twice_percent: 21,
            blind_phase: true,
            blind_practitioner: true,
            drift_every: None,
        }
    }

    fn recordings() -> impl Iterator<Item = RecordingId> {
        (0..20_000_u128).map(|n| RecordingId::from_uuid(Uuid::from_u128(n << 40 | 7)))
    }

    #[test]
    fn a_part_lies_within_its_recording_and_anywhere_in_it() {
        let (plan, hour) = (plan(7), Ms::from_seconds(3_600));
        let starts: Vec<u64> = recordings()
            .map(|id| {
                let part = plan.part_of(id, hour).unwrap();
                assert_eq!(part.end().get() - part.start().get(), 600_000);
                assert!(part.end() <= hour);
                assert_eq!(part.start().get() % 1_000, 0);
                assert_eq!(plan.part_of(id, hour), Some(part), "the same each time");
                part.start().get()
            })
            .collect();
        // 3,001 starts from 0 to 50 minutes: a third of them in each third.
        for third in 0..3_u64 {
            let inside = starts.iter().filter(|start| **start * 3 / 3_000_001 == third).count();
            assert!((6_200..7_100).contains(&inside), "{third}: {inside}");
        }
        assert!(starts.contains(&0) && starts.contains(&3_000_000), "both ends are possible");
        for short in [0, 1, 600_000] {
            assert_eq!(plan.part_of(recordings().next().unwrap(), Ms::new(short)), None, "{short}");
        }
        let barely = plan.part_of(recordings().next().unwrap(), Ms::new(600_001)).unwrap();
        assert_eq!(barely.start(), Ms::new(0));
        let whole = Plan { minutes: None, ..plan };
        assert_eq!(whole.part_of(recordings().next().unwrap(), hour), None);
    }

    #[test]
    fn the_seed_draws_what_is_coded_twice() {
        let count = |plan: &Plan| recordings().filter(|id| plan.twice(*id, 0).is_some()).count();
        assert!((4_000..4_400).contains(&count(&plan(7))), "{}", count(&plan(7)));
        assert_eq!(count(&Plan { twice_percent: 0, ..plan(7) }), 0);
        assert_eq!(count(&Plan { twice_percent: 100, ..plan(7) }), 20_000);
        let (seven, eight) = (plan(7), plan(8));
        let same = recordings().filter(|id| seven.twice(*id, 0) == eight.twice(*id, 0)).count();
        // Two draws that know nothing of each other agree on 0.21² + 0.79² of all.
        assert!((13_000..13_800).contains(&same), "{same}");
        let more = Plan { twice_percent: 40, ..plan(7) };
        assert!(
            recordings().all(|id| seven.twice(id, 0).is_none() || more.twice(id, 0).is_some()),
            "a larger share holds the smaller one"
        );
    }

    #[test]
    fn every_so_manieth_recording_of_a_coder_is_a_check_of_drift() {
        let plan = Plan { twice_percent: 0, drift_every: Some(3), ..plan(7) };
        let drawn: Vec<_> =
            (0..).zip(recordings().take(7)).map(|(n, id)| plan.twice(id, n).is_some()).collect();
        assert_eq!(drawn, [false, false, true, false, false, true, false]);
    }

    #[test]
    fn what_cannot_be_followed_is_named() {
        assert_eq!(plan(1).check(), Ok(()));
        assert_eq!(Plan { minutes: Some(7), ..plan(1) }.check(), Err(PlanError::Minutes));
        assert_eq!(Plan { twice_percent: 101, ..plan(1) }.check(), Err(PlanError::Percent));
        for every in [0, 1, 1_001] {
            let odd = Plan { drift_every: Some(every), ..plan(1) };
            assert_eq!(odd.check(), Err(PlanError::Drift));
        }
    }
}
