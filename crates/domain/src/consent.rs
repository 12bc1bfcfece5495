//! Who is heard on a recording, and what each of them said yes to (REC-04 … REC-07).

use std::collections::BTreeMap;

use crate::{Label, PersonId, person::words};

/// The text names no purpose.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no consent purpose of that name")]
pub struct UnknownPurpose;

words! {
    /// One thing a recording may be used for. Each is asked for singly, and is off until somebody says yes (REC-07).
    Purpose, UnknownPurpose;
    /// S1: to be recorded, and for the recording to be kept here.
    Record = "record",
    /// S2: for the speech to be turned into text on this machine.
    Transcribe = "transcribe",
    /// S3: for a researcher to listen and to code.
    CodeResearch = "code_research",
    /// S4: for a coach to play extracts.
    CoachPlayback = "coach_playback",
    /// S5: for a manager to be present when extracts are played.
    ManagerPresentPlayback = "manager_present_playback",
    /// S6: for extracts to be played in teaching.
    TeachingPlayback = "teaching_playback",
    /// S7: for the research data to be kept in an archive.
    ResearchArchive = "research_archive",
    /// S8: for words to be quoted.
    Quote = "quote",
    /// S9: to be told the result.
    ToldResult = "told_result",
    /// S10: for the recording to help improve tools.
    ImproveTools = "improve_tools",
}

words! {
    /// Who somebody is on a recording.
    PartyKind, UnknownPurpose;
    /// The social worker.
    Practitioner = "practitioner",
    /// A child.
    Child = "child",
    /// A young person.
    YoungPerson = "young_person",
    /// A parent.
    Parent = "parent",
    /// A carer.
    Carer = "carer",
    /// Somebody else.
    Other = "other",
}

/// A person who is heard on a recording. They have no account; the label is chosen, never their name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Their identifier within the installation.
    pub id: PersonId,
    /// Who they are.
    pub kind: PartyKind,
    /// What to call them on screen.
    pub label: Label,
}

/// One person's answer for one purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartyConsent {
    /// Who answered.
    pub person: PersonId,
    /// For what.
    pub purpose: Purpose,
    /// Whether they said yes.
    pub given: bool,
}

/// The answers of everybody who is heard on one recording.
///
/// A purpose is covered only if *every* person heard said yes to it. No answer is no, and a recording on which
/// nobody is named is covered for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consents(BTreeMap<PersonId, Vec<Purpose>>);

impl Consents {
    /// From the people heard and their answers; an answer of somebody who is not heard is ignored.
    pub fn new(
        heard: impl IntoIterator<Item = PersonId>,
        answers: impl IntoIterator<Item = PartyConsent>,
    ) -> Self {
        let mut people: BTreeMap<_, Vec<_>> = heard.into_iter().map(|p| (p, Vec::new())).collect();
        for answer in answers {
            if let (true, Some(yes)) = (answer.given, people.get_mut(&answer.person)) {
                yes.push(answer.purpose);
            }
        }
        Self(people)
    }

    /// Whether everybody who is heard said yes to `purpose`.
    pub fn cover(&self, purpose: Purpose) -> bool {
        !self.0.is_empty() && self.0.values().all(|yes| yes.contains(&purpose))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn one_missing_yes_is_a_no() {
        let (a, b) =
            (PersonId::from_uuid(Uuid::from_u128(1)), PersonId::from_uuid(Uuid::from_u128(2)));
        let yes = |person, purpose| PartyConsent { person, purpose, given: true };
        let both = Consents::new([a, b], [yes(a, Purpose::Record), yes(b, Purpose::Record)]);
        assert!(both.cover(Purpose::Record));
        assert!(!both.cover(Purpose::Transcribe));
        assert!(!Consents::new([a, b], [yes(a, Purpose::Record)]).cover(Purpose::Record));
        assert!(
            !Consents::new([a], [PartyConsent { given: false, ..yes(a, Purpose::Record) }])
                .cover(Purpose::Record)
        );
        assert!(
            !Consents::new([], [yes(a, Purpose::Record)]).cover(Purpose::Record),
            "nobody named, nothing covered"
        );
    }
}
