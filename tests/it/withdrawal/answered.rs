//! A yes that becomes a no when somebody is asked again, and somebody who is heard and was not named before.

use std::fmt::Write as _;

use axum::http::StatusCode;
use hearback_access::RecordConsent;
use hearback_domain::{
    Clock as _, Day, PartyKind, PersonId, Purpose, forms::built_in, withdrawal::effects,
};
use hearback_storage::{conformance::said, permit};
use hearback_vault::{Erased, LedgerSeq};
use serde_json::json;

use super::{House, is_gone};
use crate::{
    direct::Direct,
    world::{Objects, Stage},
};

/// The form with yes to everything but these.
fn answers(house: &House, noes: &[Purpose]) -> String {
    let now = house.world.clock.now();
    let today = Day::of(now);
    let mut form = format!(
        "version=1&how=screen&explained_by=Worker&informed_on={today}&decided_on={today}&seen={}\
         &decided_sooner=yes&age=11_to_15&authority=parental_responsibility&signatory=Mum&assent=yes",
        now.as_micros()
    );
    for statement in built_in(PartyKind::Child).statements {
        let no = statement.purpose.is_some_and(|p| noes.contains(&p));
        write!(form, "&tick.{}={}", statement.key, if no { "no" } else { "yes" }).unwrap();
    }
    form
}

fn form_of(of: &Objects) -> String {
    format!("/recordings/{}/people/{}/consent", of.recording, of.person)
}

async fn a_later_no_has_all_the_consequences(house: House) {
    let mut cases = 0;
    for noes in [
        &[Purpose::Transcribe][..],
        &[Purpose::CodeResearch],
        &[Purpose::CoachPlayback, Purpose::Quote],
        &[Purpose::Quote],
        &[Purpose::Record],
    ] {
        let why = format!("a later no to {noes:?}");
        let effects = effects(noes);
        let of = house.world.recording_of(Stage::Shared, PartyKind::Child).await;
        let probes = house.probes(&of);
        let before = house.ask(&probes).await;
        let path = form_of(&of);
        house.world.clock.advance_seconds(1);
        // First it says what will happen, and nothing has happened yet.
        let form = answers(&house, noes);
        assert_eq!(house.send(&path, &house.owner, form.clone()).await, Err(StatusCode::OK));
        assert_eq!(house.ask(&probes).await, before, "{why}: nothing has changed");
        let to = house.send(&path, &house.owner, form + "&confirm=yes").await.unwrap();
        assert!(to.starts_with("/receipt/"), "{why}: {to}");

        let line = house.world.vault.ledger_after(LedgerSeq(0)).unwrap().pop().unwrap();
        // It stands in the ledger before anything else. Without a yes to being recorded, no other yes means anything.
        let Erased::Closed(recording, person, closed) = line.erased else { panic!("{why}") };
        assert_eq!((recording, person), (of.recording, of.person), "{why}");
        assert!(noes.iter().all(|p| closed.contains(p)), "{why}: {closed:?}");
        assert!(closed.iter().all(|p| effects.closes.contains(p)), "{why}: {closed:?}");
        let after = house.ask(&probes).await;
        for ((probe, before), after) in probes.iter().zip(&before).zip(&after) {
            let closes = probe.needs.iter().any(|p| effects.closes.contains(p));
            let expected = if closes { StatusCode::NOT_FOUND } else { *before };
            assert_eq!(*after, expected, "{why}: {}", probe.path);
        }
        house.worker().drain().await.unwrap();
        is_gone(&house, &of, &effects, &to, &why).await;
        cases += 1;
    }
    // The same answers again take nothing back: no question, no receipt.
    let of = house.world.recording_of(Stage::Shared, PartyKind::Child).await;
    house.world.clock.advance_seconds(1);
    let to = house.send(&form_of(&of), &house.owner, answers(&house, &[])).await.unwrap();
    assert!(to.contains("/people"), "{to}");
    crate::evidence::add("withdrawal", &[("later_noes", json!(cases))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_no_has_all_the_consequences_sqlite() {
    a_later_no_has_all_the_consequences(House::new(Direct::sqlite().await).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_no_has_all_the_consequences_postgres() {
    a_later_no_has_all_the_consequences(House::new(Direct::postgres().await).await).await;
}

/// A neighbour came in: from the moment it is noted nobody hears anything, until they were asked and said yes.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_came_in_later_is_asked_before_anything_goes_on() {
    let house = House::new(Direct::sqlite().await).await;
    let of = house.world.recording(Stage::Shared).await;
    let probes = house.probes(&of);
    let before = house.ask(&probes).await;
    assert!(before.iter().all(|status| *status == StatusCode::OK));
    let people = format!("/recordings/{}/people", of.recording);
    assert_eq!(house.status(&format!("{people}/new"), &house.owner).await, StatusCode::OK);
    for cookie in [&house.researcher, &house.coach, &house.officer] {
        assert_eq!(house.status(&format!("{people}/new"), cookie).await, StatusCode::NOT_FOUND);
    }
    let nobody = house.send(&people, &house.owner, "kind=practitioner&label=".to_owned()).await;
    assert_eq!(nobody, Err(StatusCode::UNPROCESSABLE_ENTITY));
    assert_eq!(house.ask(&probes).await, before, "nobody was added");

    let form = "kind=other&label=Neighbour".to_owned();
    let to = house.send(&people, &house.owner, form).await.unwrap();
    let after = house.ask(&probes).await;
    assert!(after.iter().all(|status| *status == StatusCode::NOT_FOUND), "{after:?}");
    assert!(house.page(&people, &house.owner).await.contains("Neighbour"));

    let person = to.split('/').nth(4).unwrap().parse::<PersonId>().unwrap();
    let cx = house.world.cx(house.world.owner, hearback_domain::Role::Practitioner);
    let (mut work, may) =
        permit::<RecordConsent>(&*house.world.store, cx, of.recording).await.unwrap();
    let label = hearback_domain::Label::new("Neighbour").unwrap();
    let party = hearback_domain::Party { id: person, kind: PartyKind::Other, label };
    let yes = said(&*house.world.ids, house.world.clock.now(), &party, &[]);
    assert!(work.record_consent(&may, &yes).await.unwrap().is_some());
    work.commit().await.unwrap();
    assert_eq!(house.ask(&probes).await, before, "they said yes");
}
