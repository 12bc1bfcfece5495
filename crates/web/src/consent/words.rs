//! The words for what consent is about, as people read them.

use hearback_domain::{
    PartyKind, Purpose,
    forms::{AgeBand, Authority, CopyGiven, How, LegalStatus},
};

/// A choice of a list, in the order in which people meet it.
pub(super) struct Choice {
    pub(super) key: &'static str,
    pub(super) text: &'static str,
}

const fn choice(key: &'static str, text: &'static str) -> Choice {
    Choice { key, text }
}

/// Who somebody is.
pub(crate) const fn kind(kind: PartyKind) -> &'static str {
    match kind {
        PartyKind::Practitioner => "the social worker",
        PartyKind::Child => "a child",
        PartyKind::YoungPerson => "a young person",
        PartyKind::Parent => "a parent",
        PartyKind::Carer => "a carer",
        PartyKind::Other => "someone else",
    }
}

/// The heading of the form for somebody like that.
pub(super) const fn form_for(kind: PartyKind) -> &'static str {
    match kind {
        PartyKind::Practitioner => "For social workers",
        PartyKind::Child => "For children",
        PartyKind::YoungPerson => "For young people",
        PartyKind::Parent => "For parents",
        PartyKind::Carer => "For carers",
        PartyKind::Other => "For anyone else who is heard",
    }
}

/// What a purpose is about, after "yes to" and "no to".
pub(crate) const fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Record => "being recorded",
        Purpose::Transcribe => "written words",
        Purpose::CodeResearch => "a researcher listening",
        Purpose::CoachPlayback => "a coach playing short pieces",
        Purpose::ManagerPresentPlayback => "the manager in the room",
        Purpose::TeachingPlayback => "pieces played in teaching",
        Purpose::ResearchArchive => "keeping what was learned",
        Purpose::Quote => "words being quoted",
        Purpose::ToldResult => "being told the result",
        Purpose::ImproveTools => "helping the computer",
    }
}

/// How it went.
pub(super) fn hows() -> Vec<Choice> {
    let text = |how| match how {
        How::Paper => "On paper, and copied here line by line",
        How::Screen => "Here on the screen",
        How::Spoken => "Aloud",
    };
    [How::Screen, How::Paper, How::Spoken].map(|how| choice(how.as_str(), text(how))).into()
}

/// How old a child or young person of that kind can be.
pub(super) fn ages(kind: PartyKind) -> Vec<Choice> {
    let all = [
        choice(AgeBand::Under11.as_str(), "Under 11"),
        choice(AgeBand::From11To15.as_str(), "11 to 15"),
        choice(AgeBand::From16To17.as_str(), "16 or 17"),
        choice(AgeBand::Adult.as_str(), "18 or over"),
    ];
    let fits = |c: &Choice| match kind {
        PartyKind::Child => c.key != AgeBand::Adult.as_str(),
        PartyKind::YoungPerson => c.key != AgeBand::Under11.as_str(),
        _ => false,
    };
    all.into_iter().filter(fits).collect()
}

/// By which right somebody answers, for a child or a young person.
pub(super) fn authorities(kind: PartyKind) -> Vec<Choice> {
    let all = [
        choice(Authority::ParentalResponsibility.as_str(), "Somebody with parental responsibility"),
        choice(Authority::Carer.as_str(), "A carer who may decide this"),
        choice(Authority::LocalAuthority.as_str(), "The council, under a care order"),
        choice(Authority::Court.as_str(), "A court"),
        choice(Authority::Own.as_str(), "Nobody; they decide on their own"),
    ];
    let own = Authority::Own.as_str();
    all.into_iter().filter(|c| kind == PartyKind::YoungPerson || c.key != own).collect()
}

/// The same, after "Decided by".
pub(super) const fn authority(authority: Authority) -> &'static str {
    match authority {
        Authority::Own => "for themself",
        Authority::ParentalResponsibility => "with parental responsibility",
        Authority::Carer => "as the carer who may decide this",
        Authority::LocalAuthority => "for the council, under a care order",
        Authority::Court => "after a court’s decision",
    }
}

/// Where a child or young person stands in law.
pub(super) fn legal_statuses() -> Vec<Choice> {
    vec![
        choice(LegalStatus::NotLookedAfter.as_str(), "Not looked after by a council"),
        choice(LegalStatus::ByAgreement.as_str(), "Looked after by agreement"),
        choice(LegalStatus::InterimCareOrder.as_str(), "Interim care order"),
        choice(LegalStatus::CareOrder.as_str(), "Care order"),
    ]
}

/// Which copy they were given.
pub(super) fn copies() -> Vec<Choice> {
    vec![
        choice(CopyGiven::Later.as_str(), "Not yet"),
        choice(CopyGiven::Printed.as_str(), "Printed"),
        choice(CopyGiven::LargePrint.as_str(), "In large print"),
        choice(CopyGiven::Simple.as_str(), "In short words"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_domain_can_be_chosen() {
        assert_eq!(hows().len(), How::ALL.len());
        assert_eq!(authorities(PartyKind::YoungPerson).len(), Authority::ALL.len());
        assert_eq!(legal_statuses().len(), LegalStatus::ALL.len());
        assert_eq!(copies().len(), CopyGiven::ALL.len());
        assert_eq!(ages(PartyKind::Child).len() + 1, AgeBand::ALL.len());
        assert_eq!(ages(PartyKind::Parent).len(), 0);
        for status in LegalStatus::ALL {
            assert!(legal_statuses().iter().any(|c| c.key == status.as_str()));
        }
    }
}
