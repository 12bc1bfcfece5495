//! Coding by more than one person: what counts, who may code a second time, and when one may see the other's work.

use crate::{
    UserId,
    conflict::{Part, conflict},
    person::words,
    recording::UnknownWord,
};

words! {
    /// Whether what a coder does with a version of the framework counts in results (REL-04).
    Standing, UnknownWord;
    /// Not yet: it is kept apart.
    Practice = "practice",
    /// It does: nobody has to show it for this version, or the coder has shown it.
    Counts = "counts",
}

/// Whether a finished coding goes into figures of how far coders agree: it was blind (K-22), and it counts (REL-04).
pub const fn goes_into_figures(not_blind: bool, standing: Standing) -> bool {
    !not_blind && matches!(standing, Standing::Counts)
}

words! {
    /// Why a recording is coded by two people.
    Twice, UnknownWord;
    /// The protocol's seed drew it.
    Drawn = "drawn",
    /// So many of its coder's recordings have gone by since the last check of drift.
    Drift = "drift",
}

/// One person who codes a recording, or did, as far as the others' blindness goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hand {
    /// Whose.
    pub coder: UserId,
    /// They have finished: nothing is changed any more.
    pub locked: bool,
    /// They may code it now. Whoever may not, and did not finish, is not waited for.
    pub working: bool,
}

/// Whether everybody who codes the recording has finished. Before that, nothing of it is compared with anything.
pub fn all_locked(hands: &[Hand]) -> bool {
    hands.iter().all(|hand| hand.locked || !hand.working)
}

/// Whether `me` may see what the others did: everybody has finished, and so has the one who asks. Until then no count
/// and no order tells that there is anything to see.
pub fn may_compare(me: UserId, hands: &[Hand]) -> bool {
    let finished = hands.iter().any(|hand| hand.coder == me && hand.locked);
    let another = hands.iter().any(|hand| hand.coder != me && hand.locked);
    finished && another && all_locked(hands)
}

/// One coder's place in a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<R> {
    /// The recording.
    pub recording: R,
    /// Who codes it.
    pub coder: UserId,
    /// They wrote something.
    pub begun: bool,
    /// They have finished.
    pub locked: bool,
}

/// How far a protocol is. Counts, and nobody's name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Recordings that are coded under it.
    pub recordings: usize,
    /// Codings that were assigned: two for a recording that two people code.
    pub assigned: usize,
    /// Of these, those that have begun.
    pub begun: usize,
    /// Of these, those that are finished.
    pub locked: usize,
}

/// How far a protocol is, for `me`: of a recording that they code themself and have not finished, the others' work
/// counts as assigned and no more.
pub fn progress<R: Copy + Ord>(me: UserId, places: &[Place<R>]) -> Progress {
    let mut recordings: Vec<R> = places.iter().map(|place| place.recording).collect();
    recordings.sort_unstable();
    recordings.dedup();
    let told = |place: &&Place<R>| {
        let mine = |p: &Place<R>| p.coder == me && p.recording == place.recording;
        place.coder == me || places.iter().filter(|p| mine(p)).all(|p| p.locked)
    };
    Progress {
        recordings: recordings.len(),
        assigned: places.len(),
        begun: places.iter().filter(told).filter(|place| place.begun).count(),
        locked: places.iter().filter(told).filter(|place| place.locked).count(),
    }
}

/// What is true of somebody who is to be the second coder of a recording.
#[expect(clippy::struct_excessive_bools, reason = "what may stand in the way, one by one")]
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The practitioner said yes to a second researcher (K-04).
    pub allowed: bool,
    /// The protocol wants it coded twice.
    pub twice: bool,
    /// Somebody else was made its second coder.
    pub taken: bool,
    /// They are the first one.
    pub first: bool,
    /// They are a researcher.
    pub researcher: bool,
    /// They are kept away from it.
    pub kept_away: bool,
    /// What else they are, or were, to the practitioner.
    pub parts: Vec<Part>,
}

/// Why somebody is not made the second coder, for the researcher who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSecond {
    /// It is the practitioner's to say.
    #[error("the social worker has not said yes to a second researcher, so it is coded once")]
    NotAllowed,
    /// It is the seed's to say.
    #[error(
        "the protocol has this recording coded once: which are coded twice is drawn, not chosen"
    )]
    NotDrawn,
    /// There is one.
    #[error("it has a second coder already")]
    Taken,
    /// Two people, not one person twice.
    #[error("the second coder is somebody else than the first")]
    SamePerson,
    /// Why, is nobody's business but the practitioner's.
    #[error("they cannot be the second coder of this recording; choose another researcher")]
    Apart,
}

impl Candidate {
    /// Whether they may become the second coder. Conflicts are the same as for the first (ETH-12).
    pub fn check(&self) -> Result<(), NotSecond> {
        if !self.allowed {
            Err(NotSecond::NotAllowed)
        } else if !self.twice {
            Err(NotSecond::NotDrawn)
        } else if self.taken {
            Err(NotSecond::Taken)
        } else if self.first {
            Err(NotSecond::SamePerson)
        } else if !self.researcher || self.kept_away || conflict(Part::Codes, &self.parts).is_some()
        {
            Err(NotSecond::Apart)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn user(n: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(n))
    }

    fn hand(n: u128, locked: bool, working: bool) -> Hand {
        Hand { coder: user(n), locked, working }
    }

    #[test]
    fn nobody_sees_the_others_work_before_everybody_has_finished() {
        let me = user(1);
        for (mine, theirs, working, may) in [
            (true, true, true, true),
            (true, true, false, true),
            (true, false, true, false),
            (false, true, true, false),
            (false, false, true, false),
            // Somebody whose permission ended, and who never finished, has nothing to show.
            (true, false, false, false),
        ] {
            let hands = [hand(1, mine, true), hand(2, theirs, working)];
            assert_eq!(may_compare(me, &hands), may, "{hands:?}");
        }
        assert!(!may_compare(me, &[hand(1, true, true)]), "there is nothing to compare with");
        assert!(!may_compare(me, &[hand(2, true, true), hand(3, true, true)]), "not a coder");
        let third = [hand(1, true, true), hand(2, true, false), hand(3, false, true)];
        assert!(!may_compare(me, &third), "a third who has not finished keeps it closed");
        assert!(all_locked(&[hand(1, false, false)]));
    }

    #[test]
    fn counts_do_not_tell_of_the_others_work() {
        let place = |recording: u8, coder, begun, locked| Place {
            recording,
            coder: user(coder),
            begun,
            locked,
        };
        let at = |begun, locked| {
            [place(1, 1, true, false), place(1, 2, begun, locked), place(2, 3, true, true)]
        };
        let (before, after) =
            (progress(user(1), &at(false, false)), progress(user(1), &at(true, true)));
        assert_eq!(before, after);
        assert_eq!(before, Progress { recordings: 2, assigned: 3, begun: 2, locked: 1 });
        // Whoever has no part in it, and whoever has finished theirs, sees how far it is.
        assert_eq!(progress(user(3), &at(true, true)).locked, 2);
        let mine_locked = [place(1, 1, true, true), place(1, 2, true, true)];
        assert_eq!(progress(user(1), &mine_locked).locked, 2);
    }

    #[test]
    fn who_may_be_the_second_coder() {
        let good = Candidate {
            allowed: true,
            twice: true,
            taken: false,
            first: false,
            researcher: true,
            kept_away: false,
            parts: vec![Part::Codes],
        };
        assert_eq!(good.check(), Ok(()));
        let with = |change: fn(&mut Candidate)| {
            let mut candidate = good.clone();
            change(&mut candidate);
            candidate.check()
        };
        assert_eq!(with(|c| c.allowed = false), Err(NotSecond::NotAllowed));
        assert_eq!(with(|c| c.twice = false), Err(NotSecond::NotDrawn));
        assert_eq!(with(|c| c.taken = true), Err(NotSecond::Taken));
        assert_eq!(with(|c| c.first = true), Err(NotSecond::SamePerson));
        assert_eq!(with(|c| c.researcher = false), Err(NotSecond::Apart));
        assert_eq!(with(|c| c.kept_away = true), Err(NotSecond::Apart));
        for part in [Part::Holds, Part::Coaches, Part::Manages] {
            let found = Candidate { parts: vec![part], ..good.clone() }.check();
            assert_eq!(found, Err(NotSecond::Apart), "{part}");
        }
    }
}
