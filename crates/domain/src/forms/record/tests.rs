//! Answers of every kind, and what they come to.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{Purpose, forms::built_in};

/// 21 November 2026.
const NOW: Timestamp = Timestamp::from_micros(1_795_219_200_000_000);

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// Somebody who says yes to everything, eight days after they were told, and whatever goes with their kind.
fn yes(kind: PartyKind) -> ConsentRecord {
    let young = matches!(kind, PartyKind::Child | PartyKind::YoungPerson);
    let with = |label: &str| young.then(|| Label::new(label).unwrap());
    ConsentRecord {
        person: PersonId::from_uuid(Uuid::from_u128(9)),
        kind,
        version: 1,
        how: How::Screen,
        authority: if young { Authority::ParentalResponsibility } else { Authority::Own },
        age: young.then_some(AgeBand::From11To15),
        signatory: with("Mum"),
        explained_by: Label::new("Social worker").unwrap(),
        informed_on: day("2026-11-10"),
        decided_on: day("2026-11-18"),
        decided_sooner: false,
        assent: young.then_some(true),
        maturity_note: Note::new("").unwrap(),
        legal_status: None,
        overriding: None,
        interpreter: None,
        copy_given: CopyGiven::Printed,
        ticks: built_in(kind).statements.into_iter().map(|s| (s.key, true)).collect(),
    }
}

fn problems(kind: PartyKind, change: impl FnOnce(&mut ConsentRecord)) -> Vec<Problem> {
    let mut record = yes(kind);
    change(&mut record);
    record.check(&built_in(kind), NOW).err().unwrap_or_default()
}

fn given(kind: PartyKind, change: impl FnOnce(&mut ConsentRecord)) -> Vec<Purpose> {
    let mut record = yes(kind);
    change(&mut record);
    let checked = record.check(&built_in(kind), NOW).unwrap();
    checked.answers().iter().filter(|a| a.given).map(|a| a.purpose).collect()
}

#[test]
fn a_yes_to_everything_covers_what_was_asked_for_a_year() {
    for &kind in PartyKind::ALL {
        let checked = yes(kind).check(&built_in(kind), NOW).unwrap();
        assert!(checked.answers().iter().all(|a| a.given), "{kind}");
        assert_eq!(checked.expires_at(), day("2027-11-18").starts());
    }
}

#[test]
fn each_sentence_has_its_own_answer() {
    let silent = problems(PartyKind::Parent, |r| {
        r.ticks.remove("quote");
    });
    assert_eq!(silent, [Problem::Unanswered("quote".to_owned())]);
    let more = problems(PartyKind::Child, |r| {
        r.ticks.insert("improve_tools".to_owned(), true);
    });
    assert_eq!(more, [Problem::NotAsked("improve_tools".to_owned())]);
    assert_eq!(problems(PartyKind::Child, |r| r.version = 2), [Problem::OtherForm]);
    let one = given(PartyKind::Other, |r| {
        r.ticks.insert("transcribe".to_owned(), false);
    });
    assert!(!one.contains(&Purpose::Transcribe) && one.contains(&Purpose::Record));
    for needed in ["record", "told", "free", "take_back", "private"] {
        let none = given(PartyKind::Parent, |r| {
            r.ticks.insert(needed.to_owned(), false);
        });
        assert_eq!(none, [], "without {needed} there is no yes to anything");
    }
}

#[test]
fn people_have_time_to_think() {
    let sooner = |r: &mut ConsentRecord| r.decided_on = day("2026-11-16");
    assert_eq!(problems(PartyKind::Parent, sooner), [Problem::ThinkingTime]);
    assert_eq!(problems(PartyKind::Parent, |r| r.decided_on = day("2026-11-17")), []);
    let chosen = problems(PartyKind::Parent, |r| {
        sooner(r);
        r.decided_sooner = true;
    });
    assert_eq!(chosen, []);
    let before = problems(PartyKind::Parent, |r| {
        r.decided_on = day("2026-11-09");
        r.decided_sooner = true;
    });
    assert_eq!(before, [Problem::DecidedAtNoTime]);
    let ahead = problems(PartyKind::Parent, |r| r.decided_on = day("2026-11-23"));
    assert_eq!(ahead, [Problem::DecidedAtNoTime]);
    assert_eq!(
        problems(PartyKind::Parent, |r| r.decided_on = day("2026-11-22")),
        [],
        "in Auckland"
    );
    let old = problems(PartyKind::Parent, |r| {
        (r.informed_on, r.decided_on) = (day("2025-11-10"), day("2025-11-21"));
    });
    assert_eq!(old, [Problem::RanOut], "it ended at midnight");
}

#[test]
fn a_child_answers_together_with_an_adult_and_their_no_is_a_no() {
    use PartyKind::{Child, Parent, YoungPerson};
    assert_eq!(problems(Child, |r| r.authority = Authority::Own), [Problem::Authority]);
    assert_eq!(problems(Child, |r| r.signatory = None), [Problem::Signatory]);
    assert_eq!(problems(Child, |r| r.assent = None), [Problem::Assent]);
    assert_eq!(problems(Child, |r| r.age = None), [Problem::Age]);
    assert_eq!(problems(Child, |r| r.age = Some(AgeBand::Under11)), [Problem::Maturity]);
    assert_eq!(given(Child, |r| r.assent = Some(false)), [], "an adult's yes does not outweigh it");

    let alone = |r: &mut ConsentRecord| {
        (r.age, r.authority, r.signatory) = (Some(AgeBand::Adult), Authority::Own, None);
    };
    assert_eq!(problems(YoungPerson, alone), []);
    let at_17 = |r: &mut ConsentRecord| {
        alone(r);
        r.age = Some(AgeBand::From16To17);
    };
    assert_eq!(problems(YoungPerson, at_17), [Problem::Authority]);
    let mut record = yes(YoungPerson);
    at_17(&mut record);
    let from_16 = Form { alone_from: 16, ..built_in(YoungPerson) };
    assert!(record.check(&from_16, NOW).is_ok(), "where the organisation settled on that");
    let parent = problems(Parent, |r| r.authority = Authority::Carer);
    assert_eq!(parent, [Problem::Authority, Problem::Signatory]);
}

#[test]
fn a_decision_against_a_parent_goes_with_a_care_order_only() {
    let council = |r: &mut ConsentRecord| r.authority = Authority::LocalAuthority;
    assert_eq!(problems(PartyKind::Child, council), [Problem::LegalStatus]);
    let overriding = |r: &mut ConsentRecord, reason: &str| {
        council(r);
        r.legal_status = Some(LegalStatus::CareOrder);
        r.overriding = Some(Overriding {
            decider: Label::new("Service manager").unwrap(),
            reason: Note::new(reason).unwrap(),
        });
    };
    assert_eq!(problems(PartyKind::Child, |r| overriding(r, "Weighed with Robin.")), []);
    assert_eq!(problems(PartyKind::Child, |r| overriding(r, "")), [Problem::Reason]);
    let no = given(PartyKind::Child, |r| {
        overriding(r, "Weighed with Robin.");
        r.assent = Some(false);
    });
    assert_eq!(no, [], "nobody decides against the child");
}

fn any_record() -> impl Strategy<Value = ConsentRecord> {
    let kind = proptest::sample::select(PartyKind::ALL);
    let flags = proptest::collection::vec(any::<bool>(), 14);
    (kind, flags, any::<Option<bool>>(), 0_u16..400, 0_u16..30, any::<bool>()).prop_map(
        |(kind, flags, assent, ago, thought, sooner)| {
            let mut record = yes(kind);
            for (tick, flag) in record.ticks.values_mut().zip(flags) {
                *tick = flag;
            }
            record.assent = assent.or(record.assent);
            record.informed_on = day("2025-10-20").plus_days(ago);
            record.decided_on = record.informed_on.plus_days(thought);
            record.decided_sooner = sooner;
            record
        },
    )
}

proptest! {
    #[test]
    fn a_yes_stands_on_a_tick_and_on_everything_that_is_needed(record in any_record()) {
        let form = built_in(record.kind);
        let Ok(checked) = record.clone().check(&form, NOW) else { return Ok(()) };
        prop_assert!(checked.expires_at() > NOW);
        prop_assert!(record.decided_sooner
            || record.decided_on >= record.informed_on.plus_days(form.thinking_days));
        let asked = form.statements.iter().filter(|s| s.purpose.is_some()).count();
        prop_assert_eq!(checked.answers().len(), asked);
        for answer in checked.answers().iter().filter(|a| a.given) {
            prop_assert!(record.assent != Some(false));
            prop_assert!(record.ticks[answer.purpose.as_str()]);
            prop_assert!(form.statements.iter().all(|s| !s.needed || record.ticks[&s.key]));
        }
    }

    #[test]
    fn nothing_is_taken_while_one_answer_is_missing(record in any_record(), which in 0_usize..14) {
        let form = built_in(record.kind);
        let mut record = record;
        let key = form.statements[which % form.statements.len()].key.clone();
        record.ticks.remove(&key);
        let problems = record.check(&form, NOW).unwrap_err();
        prop_assert!(problems.contains(&Problem::Unanswered(key)));
    }

    #[test]
    fn a_record_is_read_as_it_was_written(record in any_record()) {
        prop_assert_eq!(ConsentRecord::parse(&record.to_json()).unwrap(), record);
    }
}
