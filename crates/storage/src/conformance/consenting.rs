//! Forms, and the answers to them.

use hearback_access::{
    Cx, Erase, ManageForms, ManageRetention, PlayRecording, ReadTranscript, RecordConsent,
    SeeConsent, SeeListeners, SeeRecording, Transcribe, Withdraw,
};
use hearback_domain::{
    ErasureId, JobId, KeyClass, Label, Party, PartyKind, PersonId, Purpose, RecordingId, Relation,
    Role, TranscriptState, UserId, WithdrawalId,
    forms::{Form, built_in},
    policy::Refusal,
    retention::Anchor,
    withdrawal::Channel,
};

use super::fixture::{Cast, House};
use crate::{JobKind, JobState, NewConsentRecord, NewWithdrawal, Recording, Store, StoreError};

async fn dpo(h: &House<'_>) -> Cx {
    let user = h.person("dora", Role::Dpo).await;
    h.cx(user, Role::Dpo).elevated(true)
}

async fn read(h: &House<'_>, owner: UserId, id: RecordingId) -> Recording {
    let (mut work, see) = h.ask::<SeeRecording>(h.cx(owner, Role::Practitioner), id).await;
    work.recording(&see).await.unwrap().unwrap()
}

/// Somebody says yes to everything but what is named.
async fn says(h: &House<'_>, owner: UserId, id: RecordingId, party: &Party, without: &[Purpose]) {
    let cx = h.cx(owner, Role::Practitioner);
    let (mut work, permit) = h.ask::<RecordConsent>(cx, id).await;
    assert!(work.record_consent(&permit, &h.said(party, without)).await.unwrap().is_some());
    work.commit().await.unwrap();
}

/// The first version of every form is there from the start, as the domain wrote it.
pub async fn every_kind_of_person_has_a_form(store: &dyn Store) {
    let mut work = store.begin().await.unwrap();
    let current = work.current_forms().await.unwrap();
    let forms: Vec<Form> = current.iter().map(|p| p.form.clone()).collect();
    let expected: Vec<Form> = PartyKind::ALL.iter().map(|&kind| built_in(kind)).collect();
    assert_eq!(forms, expected);
    assert!(current.iter().all(|p| p.published_at.is_none()), "nobody here published them");
}

/// A form is published as the next version of its kind; what was there stays.
pub async fn a_published_form_is_the_next_version(store: &dyn Store) {
    let h = House::new(store);
    let cx = dpo(&h).await;
    let (mut work, permit) = h.ask::<ManageForms>(cx, ()).await;
    let title = "In our own words — für alle".to_owned();
    let new = Form { title, version: 77, ..built_in(PartyKind::Carer) };
    assert_eq!(work.publish_form(&permit, &new).await.unwrap(), 2);
    assert_eq!(work.publish_form(&permit, &built_in(PartyKind::Carer)).await.unwrap(), 3);
    work.commit().await.unwrap();

    let mut work = h.begin().await;
    let second = work.form(PartyKind::Carer, 2).await.unwrap().unwrap();
    assert_eq!(second.form, Form { version: 2, ..new });
    assert_eq!(second.published_at, Some(h.now()));
    let versions = work.forms_of(PartyKind::Carer).await.unwrap();
    assert_eq!(versions.iter().map(|p| p.form.version).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(work.form(PartyKind::Carer, 4).await.unwrap(), None);
    assert_eq!(work.forms_of(PartyKind::Parent).await.unwrap().len(), 1);
    let current = work.current_forms().await.unwrap();
    let of = |kind| current.iter().find(|p| p.form.kind == kind).unwrap().form.version;
    assert_eq!((of(PartyKind::Carer), of(PartyKind::Parent)), (3, 1));
    drop(work);

    let not_anew = cx.elevated(false);
    assert_eq!(h.refusal::<ManageForms>(not_anew, ()).await, Some(Refusal::Strength));
}

/// What was written down comes back, newest first, to the practitioner and to the data protection officer.
pub async fn answers_come_back_as_they_were_written_down(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let new = h.details("Robin", &[Purpose::Quote]);
    h.begin_recording(cast.owner, &new).await;
    h.clock.advance_seconds(60);
    let cx = h.cx(cast.owner, Role::Practitioner);
    let (mut work, permit) = h.ask::<RecordConsent>(cx, new.id).await;
    let said = h.said(&new.parties[1], &[Purpose::Quote, Purpose::ToldResult]);
    assert!(work.record_consent(&permit, &said).await.unwrap().is_some());
    let again = work.record_consent(&permit, &said).await.unwrap_err();
    assert!(matches!(again, StoreError::Conflict { what: "consent.id" }), "{again:?}");
    drop(work);
    let (mut work, permit) = h.ask::<RecordConsent>(cx, new.id).await;
    assert!(work.record_consent(&permit, &said).await.unwrap().is_some());
    work.commit().await.unwrap();

    for cx in [cx, dpo(&h).await.elevated(false)] {
        let (mut work, see) = h.ask::<SeeConsent>(cx, new.id).await;
        let kept = work.consent_records(&see).await.unwrap();
        assert_eq!(kept.len(), 3);
        assert_eq!((kept[0].id, &kept[0].record), (said.id, said.checked.record()));
        assert_eq!((kept[0].recorded_at, kept[0].expires_at), (h.now(), said.checked.expires_at()));
        assert_eq!(kept[0].recorded_by, "PRIYA");
        assert_eq!(kept[1].recorded_at, kept[2].recorded_at);
        assert!(kept[1].id < kept[2].id, "ties go by id");

        let heard = work.heard(&see).await.unwrap().unwrap();
        assert_eq!((heard.pseudonym, heard.parties), (new.pseudonym.clone(), new.parties.clone()));
        let answers = work.consent_answers(&see).await.unwrap();
        let people = [new.parties[0].id, new.parties[1].id];
        let order: Vec<_> =
            people.iter().flat_map(|p| Purpose::ALL.iter().map(move |u| (*p, *u))).collect();
        assert_eq!(answers.iter().map(|a| (a.person, a.purpose)).collect::<Vec<_>>(), order);
        for answer in answers {
            let no = [Purpose::Quote, Purpose::ToldResult].contains(&answer.purpose);
            let expected = answer.person == people[0] || !no;
            assert_eq!((answer.given, answer.holds(h.now())), (expected, expected));
            assert_eq!(answer.withdrawn_at, None);
            assert_eq!(answer.expires_at, Some(said.checked.expires_at()));
        }
    }
    let stranger = h.cx(cast.stranger, Role::Practitioner);
    assert_eq!(h.refusal::<SeeConsent>(stranger, new.id).await, Some(Refusal::Relation));
}

/// A yes holds up to a moment and not beyond it, for everybody who asks; said anew, it holds again.
pub async fn a_yes_holds_until_it_runs_out(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    // Kept for longer than any yes holds.
    let (mut work, manage) = h.ask::<ManageRetention>(dpo(&h).await, ()).await;
    work.set_retention_rules(&manage, &[(KeyClass::Sound, Anchor::Created, 3_650)]).await.unwrap();
    work.commit().await.unwrap();
    let new = h.details("Ash", &[]);
    h.begin_recording(cast.owner, &new).await;
    h.upload(cast.owner, new.id).await;
    h.decode(new.id).await;
    // The worker says it anew a month later: only the mother's ends after a year.
    let until = h.said(&new.parties[1], &[]).checked.expires_at();
    h.clock.advance_seconds(30 * 86_400);
    says(&h, cast.owner, new.id, &new.parties[0], &[]).await;
    let left = (until.as_micros() - h.now().as_micros()) / 1_000_000;
    h.clock.advance_seconds(left);
    let owner = |h: &House<'_>| h.cx(cast.owner, Role::Practitioner);
    assert!(h.now() < until, "a part of a second is left");
    assert_eq!(h.refusal::<PlayRecording>(owner(&h), new.id).await, None);
    assert_eq!(read(&h, cast.owner, new.id).await.consent_until, Some(until));

    h.clock.advance_seconds(1);
    assert_eq!(h.refusal::<PlayRecording>(owner(&h), new.id).await, Some(Refusal::Consent));
    let after = read(&h, cast.owner, new.id).await;
    let mum = after.consents.iter().filter(|c| c.person == new.parties[1].id);
    assert!(mum.clone().count() > 0 && mum.into_iter().all(|c| !c.given), "none of hers holds");
    assert!(after.consent_until > Some(until), "the worker's own hold longer");

    says(&h, cast.owner, new.id, &new.parties[0], &[]).await;
    let somebody_elses = h.refusal::<PlayRecording>(owner(&h), new.id).await;
    assert_eq!(somebody_elses, Some(Refusal::Consent));
    says(&h, cast.owner, new.id, &new.parties[1], &[]).await;
    assert_eq!(h.refusal::<PlayRecording>(owner(&h), new.id).await, None);
}

/// What somebody said before counts no more, whether or not it is asked again.
pub async fn newer_answers_take_the_place_of_all_earlier_ones(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (mut work, permit) = h.ask::<ManageForms>(dpo(&h).await, ()).await;
    let mut shorter = built_in(PartyKind::Parent);
    shorter.statements.retain(|s| s.purpose != Some(Purpose::Quote));
    assert_eq!(work.publish_form(&permit, &shorter).await.unwrap(), 2);
    work.commit().await.unwrap();

    let new = h.details("Elm", &[]);
    h.begin_recording(cast.owner, &new).await;
    let mum = &new.parties[1];
    let mut record = h.said(mum, &[Purpose::Transcribe]).checked.record().clone();
    record.version = 2;
    record.ticks.remove("quote");
    let form = Form { version: 2, ..shorter };
    let said =
        NewConsentRecord { checked: record.check(&form, h.now()).unwrap(), ..h.said(mum, &[]) };
    let cx = h.cx(cast.owner, Role::Practitioner);
    let (mut work, permit) = h.ask::<RecordConsent>(cx, new.id).await;
    assert!(work.record_consent(&permit, &said).await.unwrap().is_some());
    work.commit().await.unwrap();
    let recording = read(&h, cast.owner, new.id).await;
    assert!(recording.cover(Purpose::Record) && recording.cover(Purpose::ToldResult));
    assert!(!recording.cover(Purpose::Transcribe), "a no, where there was a yes");
    assert!(!recording.cover(Purpose::Quote), "not asked any more");
}

/// A yes that comes after the sound brings the transcript; a no keeps it from being made.
pub async fn a_transcript_is_made_once_everybody_said_yes(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let Cast { owner, .. } = cast;
    let new = h.details("Bay", &[Purpose::Transcribe]);
    h.begin_recording(owner, &new).await;
    let mum = &new.parties[1];
    let state = async || read(&h, owner, new.id).await.state.transcript;
    assert_eq!(state().await, TranscriptState::NotWanted);
    let early = h.details("Cay", &[Purpose::Transcribe]);
    h.begin_recording(owner, &early).await;
    let of_early = async || read(&h, owner, early.id).await.state.transcript;
    says(&h, owner, early.id, &early.parties[1], &[]).await;
    assert_eq!(of_early().await, TranscriptState::Waiting, "decoding will queue it");
    says(&h, owner, early.id, &early.parties[1], &[Purpose::Transcribe]).await;
    assert_eq!(of_early().await, TranscriptState::NotWanted);
    says(&h, owner, early.id, &early.parties[1], &[]).await;
    assert_eq!(of_early().await, TranscriptState::NotWanted, "her no destroyed its key");

    h.upload(owner, new.id).await;
    h.decode(new.id).await;
    let jobs = async || {
        let (mut work, see) = h.ask::<SeeRecording>(h.cx(owner, Role::Practitioner), new.id).await;
        let jobs = work.jobs_of(&see).await.unwrap();
        jobs.into_iter().filter(|j| j.kind == JobKind::Transcribe(new.id)).collect::<Vec<_>>()
    };
    assert!(jobs().await.is_empty());
    assert_eq!(h.refusal::<Transcribe>(Cx::worker(h.now()), new.id).await, Some(Refusal::Consent));
    says(&h, owner, new.id, mum, &[]).await;
    says(&h, owner, new.id, mum, &[Purpose::Quote]).await;
    assert_eq!(state().await, TranscriptState::Waiting);
    let queued = jobs().await;
    assert_eq!(queued.len(), 1, "once");
    assert_eq!((queued[0].state, queued[0].run_at), (JobState::Queued, h.now()));
    assert_eq!(h.refusal::<Transcribe>(Cx::worker(h.now()), new.id).await, None);
    let reader = h.cx(owner, Role::Practitioner);
    assert_eq!(h.refusal::<ReadTranscript>(reader, new.id).await, None);
}

/// Nothing is written down about somebody who is not heard, or under a form of somebody else's kind.
pub async fn nobody_answers_for_somebody_who_is_not_heard(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (new, other) = (h.details("Yew", &[]), h.details("Oak", &[]));
    h.begin_recording(cast.owner, &new).await;
    h.begin_recording(cast.owner, &other).await;
    let cx = h.cx(cast.owner, Role::Practitioner);
    let (mut work, permit) = h.ask::<RecordConsent>(cx, new.id).await;
    let nobody = Party {
        id: PersonId::mint(&h.ids),
        kind: PartyKind::Parent,
        label: Label::new("Nobody").unwrap(),
    };
    let otherwise = Party { kind: PartyKind::Carer, ..new.parties[1].clone() };
    for party in [&nobody, &other.parties[1], &otherwise] {
        let kept = work.record_consent(&permit, &h.said(party, &[])).await.unwrap();
        assert_eq!(kept, None, "{party:?}");
    }
    work.commit().await.unwrap();
    let (mut work, see) = h.ask::<SeeConsent>(cx, new.id).await;
    assert_eq!(work.consent_records(&see).await.unwrap().len(), 2, "the two from the start");
}

/// What was decided, or read, before a yes was taken back does not bring it back; nor is a newer answer undone.
pub async fn nothing_old_takes_the_place_of_what_is_newer(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let new = h.details("Fir", &[]);
    h.begin_recording(cast.owner, &new).await;
    let mum = &new.parties[1];
    let owner = |h: &House<'_>| h.cx(cast.owner, Role::Practitioner);
    let write = async |said: &NewConsentRecord| {
        let (mut work, permit) = h.ask::<RecordConsent>(owner(&h), new.id).await;
        let kept = work.record_consent(&permit, said).await;
        work.commit().await.unwrap();
        match kept {
            Ok(kept) => kept.map(|_| "kept").unwrap(),
            Err(StoreError::Conflict { what }) => what,
            Err(other) => panic!("{other:?}"),
        }
    };
    let quotes = async || read(&h, cast.owner, new.id).await.cover(Purpose::Quote);
    let yesterdays = h.said(mum, &[]);
    h.clock.advance_seconds(86_400);
    assert_eq!(write(&NewConsentRecord { read_at: None, ..h.said(mum, &[]) }).await, "kept");
    assert_eq!(
        write(&NewConsentRecord { read_at: Some(h.now()), ..yesterdays.clone() }).await,
        "consent.newer"
    );
    let open_page = h.said(mum, &[]);
    h.clock.advance_seconds(1);
    assert_eq!(write(&h.said(mum, &[Purpose::Quote])).await, "kept");
    assert_eq!(write(&open_page).await, "consent.newer");
    assert!(!quotes().await, "the no stands");
    assert_eq!(write(&h.said(mum, &[])).await, "kept");
    assert!(quotes().await);

    let open_page = h.said(mum, &[]);
    h.clock.advance_seconds(1);
    let (mut work, permit) = h.ask::<Withdraw>(owner(&h), new.id).await;
    let taken_back = NewWithdrawal {
        id: WithdrawalId::mint(&h.ids),
        erasure: ErasureId::mint(&h.ids),
        job: JobId::mint(&h.ids),
        person: mum.id,
        purposes: vec![Purpose::Quote],
        channel: Channel::ForFamily,
        asked: None,
        receipt: [0xA1; 32],
    };
    work.withdraw(&permit, &taken_back).await.unwrap().unwrap();
    work.commit().await.unwrap();
    let at_once = h.said(mum, &[]);
    h.clock.advance_seconds(1);
    let unread = NewConsentRecord { read_at: None, ..h.said(mum, &[]) };
    let before = NewConsentRecord { read_at: Some(h.now()), ..yesterdays };
    for old in [&open_page, &at_once, &unread, &before] {
        assert_eq!(write(old).await, "consent.taken_back");
        assert!(!quotes().await);
    }
    assert_eq!(write(&h.said(&new.parties[0], &[])).await, "kept", "another person's");
    assert!(!quotes().await);

    // Read again since, or decided on a later day.
    assert_eq!(write(&h.said(mum, &[])).await, "kept");
    assert!(quotes().await);
}

/// A database that does not know who took a yes back takes it back from everybody, and ends what rested on it.
pub async fn a_yes_that_the_ledger_took_back_is_nobodys(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let owner = h.cx(cast.owner, Role::Practitioner);
    let id = h.released(cast, "Robin").await;
    let other = h.released(cast, "Wren").await;
    let (mut work, permit) = h.ask::<Erase>(Cx::worker(h.now()), id).await;
    work.take_back(&permit, &[Purpose::CodeResearch], h.now()).await.unwrap();
    work.commit().await.unwrap();
    for (id, taken, chosen) in
        [(id, 1, &[Relation::Coaches][..]), (other, 0, &[Relation::Codes, Relation::Coaches])]
    {
        let (mut work, permit) = h.ask::<Withdraw>(owner, id).await;
        let yeses = work.yeses(&permit).await.unwrap();
        assert_eq!(yeses.len(), 2);
        for one in yeses {
            assert_eq!(one.given.len(), Purpose::ALL.len() - taken);
            assert_eq!(one.given.contains(&Purpose::CodeResearch), taken == 0);
        }
        work.commit().await.unwrap();
        let (mut work, permit) = h.ask::<SeeListeners>(owner, id).await;
        let left: Vec<_> = work.chosen(&permit).await.unwrap().into_iter().map(|c| c.0).collect();
        assert_eq!(left, chosen);
    }
}
