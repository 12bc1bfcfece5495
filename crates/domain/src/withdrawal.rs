//! What follows when somebody takes a yes back (ETH-04, K-10, K-11).
//!
//! Whoever is heard may do so, at any time, during or after, for everything or for one use, and says no reason. It is
//! the same whoever it is: one person's word is enough, the practitioner's and a child's alike. Research and coaching
//! do not depend on each other; taking back one leaves the other.

use crate::{KeyClass, PartyConsent, Purpose, person::words};

/// The text names no such thing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("that word is not known here")]
pub struct UnknownWithdrawalWord;

words! {
    /// In whose name a yes was taken back.
    Channel, UnknownWithdrawalWord;
    /// By the practitioner, for themself.
    Own = "own",
    /// By the data protection officer, for the practitioner.
    ForPractitioner = "for_practitioner",
    /// For somebody who is heard and has no account: they asked.
    ForFamily = "for_family",
}

words! {
    /// How somebody asked who has no account.
    Asked, UnknownWithdrawalWord;
    /// Face to face.
    InPerson = "in_person",
    /// By telephone.
    Phone = "phone",
    /// In a letter or a message.
    Writing = "writing",
    /// Through somebody whom they trust.
    Through = "through",
}

impl Asked {
    /// The way in words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::InPerson => "In person",
            Self::Phone => "By phone",
            Self::Writing => "In a letter or a message",
            Self::Through => "Through somebody they trust",
        }
    }
}

words! {
    /// Why something is destroyed.
    ErasureCause, UnknownWithdrawalWord;
    /// Somebody took a yes back.
    Withdrawal = "withdrawal",
    /// Its time was over.
    Retention = "retention",
    /// Somebody asked for it by law.
    Request = "request",
}

words! {
    /// How far a destruction is.
    ErasureState, UnknownWithdrawalWord;
    /// Decided. Nobody gets at it any more; the service is about to destroy it.
    Pending = "pending",
    /// Decided. Nobody gets at it any more; a hold keeps it from being destroyed.
    Held = "held",
    /// Done.
    Done = "done",
}

/// What follows from a withdrawal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effects {
    /// What may not be done any more, from this moment on.
    pub closes: Vec<Purpose>,
    /// What is destroyed.
    pub destroys: Vec<KeyClass>,
    /// Whether the recording itself goes, with everything that was made from it.
    pub whole: bool,
}

/// What follows when somebody who is heard takes back these. For everything, name [`Purpose::Record`].
///
/// Nothing named, nothing follows. The lists are in the order of their types, and name nothing twice.
pub fn effects(withdrawn: &[Purpose]) -> Effects {
    let has = |purpose: Purpose| withdrawn.contains(&purpose);
    if has(Purpose::Record) {
        return Effects {
            closes: Purpose::ALL.to_vec(),
            destroys: KeyClass::ALL.to_vec(),
            whole: true,
        };
    }
    let rests = |class: &KeyClass| match class {
        KeyClass::Sound => false,
        KeyClass::Text => has(Purpose::Transcribe),
        KeyClass::Extracts => has(Purpose::CoachPlayback),
        KeyClass::Coding => has(Purpose::CodeResearch),
    };
    Effects {
        closes: Purpose::ALL.iter().copied().filter(|p| has(*p)).collect(),
        destroys: KeyClass::ALL.iter().copied().filter(rests).collect(),
        whole: false,
    }
}

/// What newer answers take back of what somebody had said yes to: whatever they are asked again and answer with a no,
/// also if the yes had run out meanwhile.
///
/// What is not asked any more runs out, and is not taken back: nobody said no to it.
pub fn taken_back(yeses: &[Purpose], answers: &[PartyConsent]) -> Vec<Purpose> {
    let no = |purpose: &&Purpose| answers.iter().any(|a| a.purpose == **purpose && !a.given);
    Purpose::ALL.iter().filter(|p| yeses.contains(p)).filter(no).copied().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_use_destroys_what_rested_on_it() {
        let destroys = |purpose| effects(&[purpose]).destroys;
        assert_eq!(destroys(Purpose::Transcribe), [KeyClass::Text]);
        assert_eq!(destroys(Purpose::CodeResearch), [KeyClass::Coding]);
        assert_eq!(destroys(Purpose::CoachPlayback), [KeyClass::Extracts]);
        for purpose in [
            Purpose::ManagerPresentPlayback,
            Purpose::TeachingPlayback,
            Purpose::ResearchArchive,
            Purpose::Quote,
            Purpose::ToldResult,
            Purpose::ImproveTools,
        ] {
            assert_eq!(
                effects(&[purpose]),
                Effects { closes: vec![purpose], destroys: vec![], whole: false }
            );
        }
        let everything = effects(&[Purpose::Record]);
        assert!(everything.whole);
        assert_eq!(everything.destroys, KeyClass::ALL);
        assert_eq!(everything.closes, Purpose::ALL);
    }

    #[test]
    fn a_no_takes_back_a_yes_and_silence_does_not() {
        let person = crate::PersonId::from_uuid(uuid::Uuid::from_u128(1));
        let answer = |purpose, given| PartyConsent { person, purpose, given };
        let answers = [
            answer(Purpose::Quote, false),
            answer(Purpose::Record, true),
            answer(Purpose::Transcribe, false),
        ];
        let yeses = [Purpose::CodeResearch, Purpose::Quote, Purpose::Record];
        assert_eq!(taken_back(&yeses, &answers), [Purpose::Quote]);
        assert_eq!(taken_back(&[], &answers), []);
        assert_eq!(taken_back(&yeses, &[]), []);
    }

    fn purposes() -> impl Strategy<Value = Vec<Purpose>> {
        prop::collection::vec(prop::sample::select(Purpose::ALL), 0..12)
    }

    proptest! {
        /// Taking back more never closes or destroys less.
        #[test]
        fn more_taken_back_is_more_gone(some in purposes(), more in purposes()) {
            let all: Vec<_> = some.iter().chain(&more).copied().collect();
            let (few, many) = (effects(&some), effects(&all));
            prop_assert!(few.closes.iter().all(|p| many.closes.contains(p)));
            prop_assert!(few.destroys.iter().all(|c| many.destroys.contains(c)));
            prop_assert!(!few.whole || many.whole);
        }

        /// Each use on its own, together: nothing depends on the order, and nothing comes from the combination.
        #[test]
        fn uses_do_not_depend_on_each_other(some in purposes()) {
            let together = effects(&some);
            let each: Vec<_> = some.iter().map(|p| effects(&[*p])).collect();
            for class in KeyClass::ALL {
                prop_assert_eq!(
                    together.destroys.contains(class),
                    each.iter().any(|e| e.destroys.contains(class))
                );
            }
            for purpose in Purpose::ALL {
                prop_assert_eq!(
                    together.closes.contains(purpose),
                    each.iter().any(|e| e.closes.contains(purpose))
                );
            }
            // Coaching outlives research, and the other way round (K-10).
            if !together.whole {
                prop_assert!(!together.destroys.contains(&KeyClass::Sound));
            }
        }

        #[test]
        fn whole_is_everything_and_everything_asked_is_closed(some in purposes()) {
            let effects = effects(&some);
            prop_assert_eq!(effects.whole, some.contains(&Purpose::Record));
            prop_assert!(some.iter().all(|p| effects.closes.contains(p)));
            prop_assert_eq!(effects.whole, effects.destroys.contains(&KeyClass::Sound));
        }
    }
}
