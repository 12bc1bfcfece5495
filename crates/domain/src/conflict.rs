//! Who is not to be two things to one practitioner (ETH-12, K-16, K-17, K-22).
//!
//! A coach has no part in the case and no power over the one they coach; whoever scores is not the one who coaches.
//! What somebody ever was as coder or coach counts for good: what was heard cannot be unheard.

use crate::{Phase, Relation, person::words, recording::UnknownWord};

words! {
    /// What somebody is to a practitioner.
    Part, UnknownWord;
    /// The practitioner themself: it is their own practice, and their case.
    Holds = "holds",
    /// Codes and scores their recordings, or did.
    Codes = "codes",
    /// Coaches them, or did.
    Coaches = "coaches",
    /// Is their line manager now.
    Manages = "manages",
}

impl Part {
    /// What a relation to one recording, or to a series, makes somebody to its practitioner; nothing, if it is to a
    /// concern or a meeting, or a guest's.
    pub const fn of(relation: Relation) -> Option<Self> {
        match relation {
            Relation::Owns => Some(Self::Holds),
            Relation::Codes | Relation::CodesSecond | Relation::Learns => Some(Self::Codes),
            Relation::Coaches | Relation::CoachesSeries | Relation::CoachedBefore => {
                Some(Self::Coaches)
            }
            Relation::Raised
            | Relation::Glass
            | Relation::IsCoached
            | Relation::Guest
            | Relation::Seated => None,
        }
    }
}

/// What does not go together in one person, and why, as a sentence without its capital and full stop.
pub const APART: &[(Part, Part, &str)] = &[
    (Part::Holds, Part::Codes, "nobody codes their own recordings"),
    (Part::Holds, Part::Coaches, "nobody coaches themself: a coach has no part in the case"),
    (Part::Holds, Part::Manages, "nobody is their own line manager"),
    (Part::Codes, Part::Coaches, "whoever codes a practitioner’s work does not coach them"),
    (Part::Codes, Part::Manages, "a line manager does not code the work of people they manage"),
    (Part::Coaches, Part::Manages, "a line manager does not coach people they manage"),
];

/// Two things that one person would be to one practitioner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What they would become, or go on being.
    pub wanted: Part,
    /// What stands in the way.
    pub stands: Part,
    /// Why, for whoever looks after the rules.
    pub why: &'static str,
}

/// What stands in the way of somebody being `wanted` to a practitioner to whom they are, or were, all of `has`.
pub fn conflict(wanted: Part, has: &[Part]) -> Option<Conflict> {
    APART.iter().find_map(|&(one, other, why)| {
        let stands = match wanted {
            wanted if wanted == one => other,
            wanted if wanted == other => one,
            _ => return None,
        };
        has.contains(&stands).then_some(Conflict { wanted, stands, why })
    })
}

impl Conflict {
    /// What to say to the practitioner who chose this person, called `name`, as researcher or coach.
    pub fn to_the_practitioner(self, name: &str) -> String {
        let instead = match self.wanted {
            Part::Coaches => "choose another coach, or nobody yet",
            _ => "choose another researcher",
        };
        let because = match (self.wanted, self.stands) {
            (Part::Codes, Part::Coaches) => format!(
                "You chose {name} as your coach before, and whoever coaches you does not code your recordings"
            ),
            (Part::Coaches, Part::Codes) => format!(
                "You chose {name} as a researcher before, and whoever codes your recordings does not coach you"
            ),
            (Part::Codes, Part::Manages) => {
                format!("{name} is your line manager, and a line manager does not code your recordings")
            }
            (Part::Coaches, Part::Manages) => {
                format!("{name} is your line manager, and a line manager is not your coach here")
            }
            _ => "It is your own recording, so somebody else codes it, and somebody else is your coach".to_owned(),
        };
        format!("{because}; {instead}")
    }
}

/// Whether a coding counts as not blind (K-22): a recording from after the coaching, coded by somebody who briefed
/// that practitioner's coach.
pub const fn not_blind(phase: Phase, briefed: bool) -> bool {
    briefed && matches!(phase, Phase::PostCoaching)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pair, said once more: nobody is two things to one practitioner.
    #[test]
    fn every_pair_of_parts() {
        for wanted in Part::ALL {
            assert_eq!(conflict(*wanted, &[]), None);
            assert_eq!(conflict(*wanted, &[*wanted]), None, "{wanted} again is no conflict");
            for stands in Part::ALL {
                let found = conflict(*wanted, &[*wanted, *stands]);
                assert_eq!(found.is_some(), wanted != stands, "{wanted} beside {stands}");
                if let Some(found) = found {
                    assert_eq!((found.wanted, found.stands), (*wanted, *stands));
                    let other_way = conflict(*stands, &[*wanted]).unwrap();
                    assert_eq!(other_way.why, found.why, "whoever came first");
                }
            }
        }
        let pairs = Part::ALL.len() * (Part::ALL.len() - 1) / 2;
        assert_eq!(APART.len(), pairs, "each pair stands in the table once");
    }

    #[test]
    fn what_the_practitioner_reads() {
        for wanted in [Part::Codes, Part::Coaches] {
            for stands in Part::ALL.iter().filter(|part| **part != wanted) {
                let text = conflict(wanted, &[*stands]).unwrap().to_the_practitioner("Cleo");
                assert_eq!(text.contains("Cleo"), *stands != Part::Holds, "{text}");
                assert!(text.contains("choose another"), "{text}");
                assert_eq!(text.contains("nobody yet"), wanted == Part::Coaches, "{text}");
            }
        }
    }

    #[test]
    fn relations_to_a_concern_and_of_a_guest_are_no_part() {
        let parts: Vec<_> = Relation::ALL.iter().filter_map(|r| Part::of(*r)).collect();
        let (codes, coaches) = (Part::Codes, Part::Coaches);
        assert_eq!(parts, [Part::Holds, codes, codes, codes, coaches, coaches, coaches]);
    }

    #[test]
    fn only_after_the_coaching_does_a_briefing_count() {
        for phase in Phase::ALL {
            assert!(!not_blind(*phase, false));
            assert_eq!(not_blind(*phase, true), *phase == Phase::PostCoaching, "{phase}");
        }
    }
}
