//! A no where there was a yes; what the ledger says of it to an old copy; and somebody who is heard later.

use hearback_access::{
    Code, Cx, Erase, Hold, PlayRecording, ReadTranscript, RecordConsent, SeeConsent, SeeListeners,
    SeePlaylist, SeeRecording, Transcribe, Withdraw, list,
};
use hearback_domain::{
    ErasureId, JobId, KeyClass, Label, Party, PartyKind, PersonId, Purpose, Reason, RecordingId,
    Relation, Role, TranscriptState,
    forms::{Form, built_in},
    policy::Refusal,
    withdrawal::{ErasureCause, ErasureState},
};
use uuid::Uuid;

use super::{
    erasing::{DAY, at_desk, dpo, erase, full, taking_back, withdraw},
    fixture::{Cast, House},
};
use crate::{
    Closed, FinishedJob, JobKind, NewConsentRecord, NewHold, Rows, Store, StoreError, Withdrawn,
};

/// The second person heard, as their form knows them.
async fn mum(h: &House<'_>, cast: Cast, id: RecordingId) -> Party {
    let (mut work, see) = h.ask::<SeeConsent>(h.cx(cast.owner, Role::Practitioner), id).await;
    work.heard(&see).await.unwrap().unwrap().parties.remove(1)
}

async fn answers(
    h: &House<'_>,
    cast: Cast,
    id: RecordingId,
    said: &NewConsentRecord,
) -> Option<Withdrawn> {
    let cx = h.cx(cast.owner, Role::Practitioner);
    let (mut work, permit) = h.ask::<RecordConsent>(cx, id).await;
    let recorded = work.record_consent(&permit, said).await.unwrap().unwrap();
    work.commit().await.unwrap();
    recorded.withdrawn
}

/// What somebody answers who is asked with a form that does not ask for that any more.
fn not_asked(h: &House<'_>, party: &Party, form: &Form, purpose: Purpose) -> NewConsentRecord {
    let mut record = h.said(party, &[]).checked.record().clone();
    record.version = form.version;
    record.ticks.retain(|key, _| form.statements.iter().any(|s| s.key == *key));
    assert!(form.statements.iter().all(|s| s.purpose != Some(purpose)));
    NewConsentRecord { checked: record.check(form, h.now()).unwrap(), ..h.said(party, &[]) }
}

/// A later no that is written down is a withdrawal, with all that follows from one; a no that was there before is not.
pub async fn a_later_no_is_a_withdrawal(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (id, _) = full(&h, cast, "Robin").await;
    let mum = mum(&h, cast, id).await;
    let owner = |h: &House<'_>| h.cx(cast.owner, Role::Practitioner);
    assert_eq!(answers(&h, cast, id, &h.said(&mum, &[])).await, None, "the same again");
    h.clock.advance_seconds(1);

    let no = h.said(&mum, &[Purpose::CoachPlayback, Purpose::Quote]);
    let done = answers(&h, cast, id, &no).await.unwrap();
    assert_eq!((done.person, done.state), (mum.id, ErasureState::Pending));
    assert_eq!(done.purposes, [Purpose::CoachPlayback, Purpose::Quote]);
    assert_eq!(done.effects.destroys, [KeyClass::Extracts]);
    let coach = h.cx(cast.coach, Role::Coach);
    assert_eq!(list::<SeePlaylist>(h.begin().await.gate(), coach).await.unwrap().len(), 0);
    let (mut work, see) = h.ask::<SeeListeners>(owner(&h), id).await;
    let chosen = work.chosen(&see).await.unwrap();
    let chosen: Vec<_> = chosen.into_iter().map(|(relation, _)| relation).collect();
    assert_eq!(chosen, [Relation::Codes], "the coach's grant ended");
    work.commit().await.unwrap();
    let receipt = h.begin().await.receipt(&no.if_taken_back.receipt).await.unwrap().unwrap();
    assert_eq!((receipt.state, receipt.cause), (ErasureState::Pending, ErasureCause::Withdrawal));
    let mut work = h.begin().await;
    let job = work.lease_erasure(h.now(), h.later(60)).await.unwrap().unwrap();
    assert_eq!((job.id, job.kind), (no.if_taken_back.job, JobKind::Erase(id)));
    drop(work);
    assert_eq!(erase(&h, id, 1).await, Some(Rows::Some));
    let researcher = h.cx(cast.researcher, Role::Researcher);
    assert_eq!(h.refusal::<Code>(researcher, id).await, None, "research goes on");

    // The same noes again take nothing back, and a yes does not bring back what is destroyed.
    h.clock.advance_seconds(1);
    let again = h.said(&mum, &[Purpose::CoachPlayback, Purpose::Quote]);
    assert_eq!(answers(&h, cast, id, &again).await, None);
    h.clock.advance_seconds(1);
    assert_eq!(answers(&h, cast, id, &h.said(&mum, &[])).await, None);
    assert_eq!(list::<SeePlaylist>(h.begin().await.gate(), coach).await.unwrap().len(), 0);

    // A no to being recorded is everything.
    h.clock.advance_seconds(1);
    let done = answers(&h, cast, id, &h.said(&mum, &[Purpose::Record])).await.unwrap();
    assert!(done.effects.whole);
    assert_eq!(h.refusal::<PlayRecording>(owner(&h), id).await, Some(Refusal::Gone));
    assert_eq!(erase(&h, id, 2).await, Some(Rows::All));
}

/// A hold keeps what a later no would destroy, and opens it to nobody.
pub async fn a_later_no_is_held_like_any_withdrawal(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let dora = dpo(&h).await;
    let (id, _) = full(&h, cast, "Robin").await;
    let mum = mum(&h, cast, id).await;
    hold(&h, at_desk(&h, dora), id).await;
    h.clock.advance_seconds(1);
    let done = answers(&h, cast, id, &h.said(&mum, &[Purpose::Transcribe])).await.unwrap();
    assert_eq!(done.state, ErasureState::Held);
    let owner = h.cx(cast.owner, Role::Practitioner);
    assert_eq!(h.refusal::<ReadTranscript>(owner, id).await, Some(Refusal::Gone));
    assert_eq!(erase(&h, id, 1).await, None);
}

async fn hold(h: &House<'_>, cx: Cx, id: RecordingId) {
    let new = NewHold {
        id: Uuid::from_u128(77),
        reason: Reason::new("The family court asked for it.").unwrap(),
        review_by: h.later(30 * DAY),
    };
    let (mut work, permit) = h.ask::<Hold>(cx, id).await;
    assert!(work.place_hold(&permit, &new).await.unwrap());
    work.commit().await.unwrap();
}

/// What a newer form does not ask any more runs out and destroys nothing; a no to it later still takes it back.
pub async fn what_is_not_asked_any_more_runs_out(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let dora = dpo(&h).await;
    let (id, _) = full(&h, cast, "Robin").await;
    let mum = mum(&h, cast, id).await;
    let owner = |h: &House<'_>| h.cx(cast.owner, Role::Practitioner);
    let mut shorter = built_in(PartyKind::Parent);
    shorter.statements.retain(|s| s.purpose != Some(Purpose::Transcribe));
    let (mut work, manage) = h.ask::<hearback_access::ManageForms>(at_desk(&h, dora), ()).await;
    let version = work.publish_form(&manage, &shorter).await.unwrap();
    work.commit().await.unwrap();
    shorter.version = version;

    h.clock.advance_seconds(1);
    let said = not_asked(&h, &mum, &shorter, Purpose::Transcribe);
    assert_eq!(answers(&h, cast, id, &said).await, None);
    assert_eq!(h.refusal::<ReadTranscript>(owner(&h), id).await, Some(Refusal::Consent), "closed");
    let (mut work, see) = h.ask::<SeeConsent>(owner(&h), id).await;
    let found = work.consent_answers(&see).await.unwrap();
    let of = |purpose| *found.iter().find(|a| a.person == mum.id && a.purpose == purpose).unwrap();
    let ran_out = of(Purpose::Transcribe);
    assert_eq!((ran_out.given, ran_out.expires_at), (true, Some(h.now())));
    assert!(of(Purpose::Record).holds(h.now()));
    work.commit().await.unwrap();
    assert_eq!(erase(&h, id, 1).await, None, "nothing is destroyed");

    h.clock.advance_seconds(1);
    assert_eq!(answers(&h, cast, id, &h.said(&mum, &[])).await, None);
    assert_eq!(h.refusal::<ReadTranscript>(owner(&h), id).await, None, "asked again, it is open");
    h.clock.advance_seconds(1);
    let said = not_asked(&h, &mum, &shorter, Purpose::Transcribe);
    assert_eq!(answers(&h, cast, id, &said).await, None);
    h.clock.advance_seconds(1);
    let done = answers(&h, cast, id, &h.said(&mum, &[Purpose::Transcribe])).await.unwrap();
    assert_eq!(done.effects.destroys, [KeyClass::Text]);
}

async fn close_again(h: &House<'_>, id: RecordingId, closed: &Closed, n: u8) {
    let (mut work, permit) = h.ask::<Erase>(Cx::worker(h.now()), id).await;
    let (erasure, job) = (ErasureId::mint(&h.ids), JobId::mint(&h.ids));
    work.close_again(&permit, closed, erasure, &[n; 32], job).await.unwrap();
    work.commit().await.unwrap();
}

/// A database that does not know of a withdrawal closes what the ledger says, and destroys what is still to be
/// destroyed; whatever was said later stands, and what is known already is left alone.
pub async fn what_the_ledger_closed_is_closed_again(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (id, person) = full(&h, cast, "Robin").await;
    let mum = mum(&h, cast, id).await;
    let owner = |h: &House<'_>| h.cx(cast.owner, Role::Practitioner);
    let yeses = async || {
        let (mut work, permit) = h.ask::<Withdraw>(owner(&h), id).await;
        let yeses = work.yeses(&permit).await.unwrap();
        work.commit().await.unwrap();
        (yeses[0].given.clone(), yeses[1].given.clone())
    };
    let but = |noes: &[Purpose]| -> Vec<_> {
        Purpose::ALL.iter().copied().filter(|p| !noes.contains(p)).collect()
    };
    h.clock.advance_seconds(1);
    let quote = Closed { person, purposes: vec![Purpose::Quote], at: h.now() };
    for _ in 0..2 {
        close_again(&h, id, &quote, 1).await;
        assert_eq!(yeses().await, (but(&[]), but(&[Purpose::Quote])), "one person's, once");
        assert_eq!(erase(&h, id, 1).await, None, "nothing rests on it");
    }
    h.clock.advance_seconds(1);
    assert_eq!(answers(&h, cast, id, &h.said(&mum, &[])).await, None);
    close_again(&h, id, &quote, 2).await;
    let text = Closed { purposes: vec![Purpose::Transcribe], ..quote };
    close_again(&h, id, &text, 2).await;
    assert_eq!(yeses().await.1, but(&[]), "she said yes since");
    assert_eq!(erase(&h, id, 1).await, None, "so nothing is destroyed either");

    let manager = vec![Purpose::CodeResearch, Purpose::ManagerPresentPlayback];
    let coding = Closed { person, purposes: manager.clone(), at: h.later(1) };
    h.clock.advance_seconds(2);
    for n in [3, 4] {
        close_again(&h, id, &coding, n).await;
    }
    assert_eq!(yeses().await.1, but(&manager));
    let (mut work, see) = h.ask::<SeeListeners>(owner(&h), id).await;
    let chosen = work.chosen(&see).await.unwrap();
    assert_eq!(chosen.into_iter().map(|(r, _)| r).collect::<Vec<_>>(), [Relation::Coaches]);
    work.commit().await.unwrap();
    assert_eq!(h.begin().await.erasures_without_job().await.unwrap(), [], "it is queued");
    assert_eq!(erase(&h, id, 1).await, Some(Rows::Some));
    assert_eq!(erase(&h, id, 1).await, None, "noted once");

    // What is noted here already keeps its receipt.
    let new = taking_back(&h, person, &[Purpose::Record]);
    withdraw(&h, owner(&h), id, &new).await.unwrap();
    let whole = Closed { person, purposes: vec![Purpose::Record], at: h.now() };
    close_again(&h, id, &whole, 5).await;
    let mut work = h.begin().await;
    assert_eq!(work.receipt(&[5; 32]).await.unwrap(), None);
    assert!(work.receipt(&new.receipt).await.unwrap().is_some());
    drop(work);
    assert_eq!(erase(&h, id, 2).await, Some(Rows::All));
}

/// A line of the ledger counts once all before it do.
pub async fn lines_count_in_their_order(store: &dyn Store) {
    let mut work = store.begin().await.unwrap();
    for (seq, applied) in [(2, 0), (1, 1), (1, 1), (2, 2), (4, 2)] {
        work.carried_out(seq).await.unwrap();
        assert_eq!(work.ledger_applied().await.unwrap(), applied, "after {seq}");
    }
}

/// Somebody who is heard and was not named before: nobody hears anything until they were asked too.
pub async fn somebody_is_heard_who_came_in_later(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (id, _) = full(&h, cast, "Robin").await;
    let owner = h.cx(cast.owner, Role::Practitioner);
    let neighbour = Party {
        id: PersonId::mint(&h.ids),
        kind: PartyKind::Other,
        label: Label::new("Neighbour").unwrap(),
    };
    let (mut work, permit) = h.ask::<RecordConsent>(owner, id).await;
    work.add_heard(&permit, &neighbour).await.unwrap();
    work.commit().await.unwrap();
    let (mut work, permit) = h.ask::<RecordConsent>(owner, id).await;
    let twice = work.add_heard(&permit, &neighbour).await.unwrap_err();
    assert!(matches!(twice, StoreError::Conflict { what: "person.id" }), "{twice:?}");
    drop(work);

    let (mut work, see) = h.ask::<SeeConsent>(owner, id).await;
    let heard = work.heard(&see).await.unwrap().unwrap();
    assert_eq!(heard.parties.len(), 3);
    assert_eq!(heard.parties[2], neighbour, "after everybody who was there");
    work.commit().await.unwrap();
    let researcher = h.cx(cast.researcher, Role::Researcher);
    let coach = h.cx(cast.coach, Role::Coach);
    let closed = Some(Refusal::Consent);
    let rooms = async || list::<SeePlaylist>(h.begin().await.gate(), coach).await.unwrap().len();
    assert_eq!(h.refusal::<PlayRecording>(owner, id).await, closed);
    assert_eq!(h.refusal::<PlayRecording>(researcher, id).await, closed);
    assert_eq!(h.refusal::<ReadTranscript>(owner, id).await, closed);
    assert_eq!(h.refusal::<Transcribe>(Cx::worker(h.now()), id).await, closed);
    assert_eq!(rooms().await, 0);

    assert_eq!(answers(&h, cast, id, &h.said(&neighbour, &[])).await, None);
    assert_eq!(h.refusal::<PlayRecording>(owner, id).await, None);
    let asked: Vec<_> = built_in(PartyKind::Other).statements;
    let asks = |purpose| asked.iter().any(|s| s.purpose == Some(purpose));
    assert_eq!(rooms().await, usize::from(asks(Purpose::CoachPlayback)));

    // What a worker was refused meanwhile is queued again with each answer, as long as it is not done.
    h.queue(&[h.new_job(JobKind::Listening(id), h.now())]).await;
    for round in 0..3 {
        let mut work = h.begin().await;
        let mut offered = Vec::new();
        while let Some(job) = work.lease_job(h.now(), h.later(60)).await.unwrap() {
            assert!(work.finish_job(&job, &FinishedJob::Done).await.unwrap());
            offered.push(job.kind);
        }
        work.commit().await.unwrap();
        assert_eq!(offered.contains(&JobKind::Listening(id)), round < 2, "{offered:?}");
        if round == 1 {
            h.copy_for_listening(id).await;
        }
        h.clock.advance_seconds(1);
        assert_eq!(answers(&h, cast, id, &h.said(&neighbour, &[])).await, None);
    }

    // Of a transcript that is still waited for, nothing is made meanwhile.
    let new = h.details("Wren", &[]);
    h.begin_recording(cast.owner, &new).await;
    let (mut work, permit) = h.ask::<RecordConsent>(owner, new.id).await;
    work.add_heard(&permit, &Party { id: PersonId::mint(&h.ids), ..neighbour }).await.unwrap();
    work.commit().await.unwrap();
    let (mut work, see) = h.ask::<SeeRecording>(owner, new.id).await;
    let state = work.recording(&see).await.unwrap().unwrap().state.transcript;
    assert_eq!(state, TranscriptState::NotWanted);
}
