//! Withdrawals, what is kept and until when, and what is destroyed.

use hearback_access::{
    Code, Cx, DecideSharing, Erase, Hold, ManageRetention, PlayClip, PlayRecording, ReadTranscript,
    SeeHoldings, SeeListeners, SeePlaylist, SeeRecording, Withdraw, list,
};
use hearback_domain::{
    ErasureId, JobId, KeyClass, PartyKind, PersonId, Purpose, Reason, RecordingId, Relation, Role,
    UserId, WithdrawalId,
    policy::Refusal,
    withdrawal::{Asked, Channel, ErasureCause, ErasureState},
};
use uuid::Uuid;

use super::fixture::{Cast, House, item};
use crate::{
    Erasure, HoldingsPage, JobKind, NewCode, NewHold, NewWithdrawal, Paused, Rows, Show, Store,
    SweepNotes, Totals, Withdrawn,
};

pub(super) const DAY: i64 = 86_400;

/// A recording that was coded, has an agreed playlist, and is released to both; the second person heard on it.
pub(super) async fn full(h: &House<'_>, cast: Cast, name: &str) -> (RecordingId, PersonId) {
    let id = h.released(cast, name).await;
    let coder = h.coder(cast.researcher, id).await;
    let mut work = h.begin().await;
    let code = NewCode {
        id: hearback_domain::CodeId::mint(&h.ids),
        framework_version: "v1".to_owned(),
        item: item("clarity", None),
        span: super::fixture::span(1, 2),
        note: super::fixture::note("plain words"),
        nonverbal: hearback_domain::Note::default(),
        exemplar: false,
    };
    work.add_code(&coder, &code).await.unwrap();
    work.commit().await.unwrap();
    let make = h.maker(cast.researcher, id).await;
    let (_, clips) = h.playlist(&make, &[(10, 20)]).await;
    h.render(clips[0].id).await;
    h.approve(&make, clips[0].id).await;
    assert!(h.agree(&make).await);
    let (mut work, withdraw) = h.ask::<Withdraw>(h.cx(cast.owner, Role::Practitioner), id).await;
    let yeses = work.yeses(&withdraw).await.unwrap();
    (id, yeses[1].person)
}

pub(super) async fn dpo(h: &House<'_>) -> UserId {
    h.person("dora", Role::Dpo).await
}

pub(super) fn at_desk(h: &House<'_>, dpo: UserId) -> Cx {
    h.cx(dpo, Role::Dpo).elevated(true)
}

pub(super) fn taking_back(h: &House<'_>, person: PersonId, purposes: &[Purpose]) -> NewWithdrawal {
    let id = ErasureId::mint(&h.ids);
    let mut receipt = [0; 32];
    receipt[..16].copy_from_slice(id.as_uuid().as_bytes());
    NewWithdrawal {
        id: WithdrawalId::mint(&h.ids),
        erasure: id,
        job: JobId::mint(&h.ids),
        person,
        purposes: purposes.to_vec(),
        channel: Channel::ForFamily,
        asked: Some(Asked::Phone),
        receipt,
    }
}

pub(super) async fn withdraw(
    h: &House<'_>,
    cx: Cx,
    id: RecordingId,
    new: &NewWithdrawal,
) -> Option<Withdrawn> {
    let (mut work, permit) = h.ask::<Withdraw>(cx, id).await;
    let done = work.withdraw(&permit, new).await.unwrap();
    work.commit().await.unwrap();
    done
}

/// As the worker does it, but for the keys: everything that is pending for this recording.
pub(super) async fn erase(h: &House<'_>, id: RecordingId, seq: u64) -> Option<Rows> {
    let (mut work, permit) = h.ask::<Erase>(Cx::worker(h.now()), id).await;
    let next = work.pending_erasures(&permit).await.unwrap().into_iter().next()?;
    let rows = work.erase_rows(&permit, next.id, seq).await.unwrap();
    work.commit().await.unwrap();
    Some(rows)
}

/// One person takes back one use: it is closed to everybody in the same unit, and everything else stays as it was.
pub async fn one_use_is_taken_back(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (id, mum) = full(&h, cast, "Robin").await;
    let (other, _) = full(&h, cast, "Wren").await;
    let owner = h.cx(cast.owner, Role::Practitioner);
    assert_eq!(h.refusal::<ReadTranscript>(owner, id).await, None);

    let new = taking_back(&h, mum, &[Purpose::Transcribe]);
    let done = withdraw(&h, owner, id, &new).await.unwrap();
    assert_eq!(done.effects.destroys, [KeyClass::Text]);
    assert_eq!((done.effects.whole, done.state), (false, ErasureState::Pending));
    assert_eq!(h.refusal::<ReadTranscript>(owner, id).await, Some(Refusal::Gone));
    assert_eq!(h.refusal::<PlayRecording>(owner, id).await, None, "the sound stays");
    let researcher = h.cx(cast.researcher, Role::Researcher);
    assert_eq!(h.refusal::<Code>(researcher, id).await, None, "coding goes by ear");
    assert_eq!(h.refusal::<ReadTranscript>(owner, other).await, None, "another recording");

    let (mut work, permit) = h.ask::<Withdraw>(owner, id).await;
    let yeses = work.yeses(&permit).await.unwrap();
    assert_eq!(
        yeses.iter().map(|y| y.kind).collect::<Vec<_>>(),
        [PartyKind::Practitioner, PartyKind::Parent]
    );
    assert_eq!(yeses[0].given, Purpose::ALL, "hers stay");
    let without = Purpose::ALL.iter().copied().filter(|p| *p != Purpose::Transcribe);
    assert!(without.eq(yeses[1].given.iter().copied()));
    let receipt = work.receipt(&new.receipt).await.unwrap().unwrap();
    assert_eq!((receipt.state, receipt.ledger_seq), (ErasureState::Pending, None));
    assert_eq!(receipt.requested_at, h.now());
    assert_eq!(work.receipt(&[9; 32]).await.unwrap(), None);
    drop(work);

    assert_eq!(erase(&h, id, 7).await, Some(Rows::Some));
    assert_eq!(erase(&h, id, 7).await, None, "once");
    let mut work = h.begin().await;
    let receipt = work.receipt(&new.receipt).await.unwrap().unwrap();
    assert_eq!((receipt.state, receipt.ledger_seq), (ErasureState::Done, Some(7)));
    let applied = (receipt.done_at, work.ledger_applied().await.unwrap());
    assert_eq!(applied, (Some(h.now()), 0), "six lines are missing before it");
    drop(work);
    assert_eq!(h.refusal::<ReadTranscript>(owner, id).await, Some(Refusal::Gone), "for good");

    // What only closes is done at once, and has its receipt too.
    let new = taking_back(&h, mum, &[Purpose::Quote]);
    let done = withdraw(&h, owner, id, &new).await.unwrap();
    assert_eq!((done.effects.destroys, done.state), (vec![], ErasureState::Done));
    let receipt = h.begin().await.receipt(&new.receipt).await.unwrap().unwrap();
    assert_eq!((receipt.done_at, receipt.classes), (Some(h.now()), vec![]));

    let stranger = taking_back(&h, PersonId::mint(&h.ids), &[Purpose::Quote]);
    assert_eq!(withdraw(&h, owner, id, &stranger).await, None, "nobody of that id is heard");
    let (mut work, permit) = h.ask::<Withdraw>(owner, id).await;
    assert!(work.withdraw(&permit, &taking_back(&h, mum, &[])).await.is_err(), "nothing");
}

/// Research and coaching do not depend on each other; whoever has nothing left to hear loses the grant.
pub async fn research_and_coaching_are_taken_back_apart(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let owner = h.cx(cast.owner, Role::Practitioner);
    let (id, mum) = full(&h, cast, "Robin").await;
    let chosen = async || {
        let (mut work, permit) = h.ask::<SeeListeners>(owner, id).await;
        let chosen = work.chosen(&permit).await.unwrap();
        chosen.into_iter().map(|(relation, _)| relation).collect::<Vec<_>>()
    };
    assert_eq!(chosen().await, [Relation::Codes, Relation::Coaches]);
    let rooms = async || {
        let cx = h.cx(cast.coach, Role::Coach);
        list::<SeePlaylist>(h.begin().await.gate(), cx).await.unwrap().len()
    };
    assert_eq!(rooms().await, 1);

    withdraw(&h, owner, id, &taking_back(&h, mum, &[Purpose::CodeResearch])).await.unwrap();
    assert_eq!(chosen().await, [Relation::Coaches]);
    let researcher = h.cx(cast.researcher, Role::Researcher);
    assert!(h.refusal::<PlayRecording>(researcher, id).await.is_some());
    assert_eq!(rooms().await, 1, "the coaching goes on");
    assert_eq!(erase(&h, id, 1).await, Some(Rows::Some));
    assert_eq!(rooms().await, 1, "also when the coding is destroyed");

    withdraw(&h, owner, id, &taking_back(&h, mum, &[Purpose::CoachPlayback])).await.unwrap();
    assert_eq!(chosen().await, []);
    assert_eq!(rooms().await, 0);
    let (mut work, see) = h.ask::<SeeRecording>(owner, id).await;
    assert!(!work.recording(&see).await.unwrap().unwrap().state.released(), "with her alone");
    drop(work);
    assert_eq!(erase(&h, id, 2).await, Some(Rows::Some));
    assert_eq!(h.refusal::<PlayRecording>(owner, id).await, None, "she still hears it");
}

/// Everything: closed at once, then gone from every table; what stays says nothing about anybody.
pub async fn a_whole_recording_goes(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let dora = dpo(&h).await;
    let owner = h.cx(cast.owner, Role::Practitioner);
    let (id, mum) = full(&h, cast, "Robin").await;
    let (other, _) = full(&h, cast, "Wren").await;
    let clip_of = async |id| {
        let (mut work, make) = h
            .ask::<hearback_access::MakePlaylist>(h.cx(cast.researcher, Role::Researcher), id)
            .await;
        work.playlist(&make).await.unwrap().unwrap().clips[0].id
    };
    let clip = clip_of(id).await;
    let kept_clip = clip_of(other).await;

    let new = taking_back(&h, mum, &[Purpose::Record]);
    let done = withdraw(&h, owner, id, &new).await.unwrap();
    assert!(done.effects.whole);
    assert_eq!(h.refusal::<PlayRecording>(owner, id).await, Some(Refusal::Gone));
    assert_eq!(h.refusal::<DecideSharing>(owner, id).await, Some(Refusal::Gone), "nor shared anew");
    assert!(h.refusal::<PlayClip>(h.cx(cast.coach, Role::Coach), clip).await.is_some());
    h.clock.advance_seconds(1);
    let second = taking_back(&h, mum, &[Purpose::Transcribe]);
    withdraw(&h, h.cx(cast.owner, Role::Practitioner), id, &second).await.unwrap();

    h.clock.advance_seconds(40 * DAY);
    assert_eq!(erase(&h, id, 3).await, Some(Rows::All));
    let owner = h.cx(cast.owner, Role::Practitioner);
    assert_eq!(h.refusal::<SeeRecording>(owner, id).await, Some(Refusal::Absent));
    assert_eq!(h.refusal::<Erase>(Cx::worker(h.now()), id).await, Some(Refusal::Absent));
    assert_eq!(h.refusal::<PlayRecording>(owner, other).await, None);
    assert_eq!(h.refusal::<PlayClip>(owner, kept_clip).await, None);

    let (mut work, see) = h.ask::<SeeHoldings>(at_desk(&h, dora), ()).await;
    let totals = Totals { recordings: 1, gone: 1, codings_gone: 1, waiting: 0 };
    assert_eq!(work.totals(&see).await.unwrap(), totals);
    for new in [&new, &second] {
        let receipt = work.receipt(&new.receipt).await.unwrap().unwrap();
        assert_eq!((receipt.state, receipt.ledger_seq), (ErasureState::Done, Some(3)));
    }
    let gone = work.taken_back(owner).await.unwrap();
    assert_eq!(gone.len(), 1);
    assert_eq!((&*gone[0].began_in, &*gone[0].gone_in), ("2023-11", "2023-12"), "months");
    assert_eq!(gone[0].cause, ErasureCause::Withdrawal);
    assert_eq!(work.taken_back(h.cx(cast.owner, Role::Coach)).await.unwrap(), []);
    assert_eq!(work.taken_back(h.cx(cast.stranger, Role::Practitioner)).await.unwrap(), []);
    drop(work);

    // Who was ever what to her is still known, of the one that went alone too (ETH-12).
    let (id, mum) = full(&h, Cast { researcher: cast.second, ..cast }, "Finch").await;
    withdraw(&h, owner, id, &taking_back(&h, mum, &[Purpose::Record])).await.unwrap();
    erase(&h, id, 4).await;
    let (mut work, decide) = h.ask::<DecideSharing>(owner, other).await;
    assert_eq!(work.relations_with(&decide, cast.second).await.unwrap(), [Relation::Codes]);
    drop(work);
    store.scrub().await.unwrap();
}

/// When the last class of a recording goes, the recording goes.
pub async fn the_last_class_takes_the_recording_with_it(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (id, _) = full(&h, cast, "Robin").await;
    for (n, class) in (1..).zip(KeyClass::ALL) {
        let (mut work, permit) = h.ask::<Erase>(Cx::worker(h.now()), id).await;
        let erasure = Erasure {
            id: ErasureId::mint(&h.ids),
            classes: vec![*class],
            whole: false,
            cause: ErasureCause::Retention,
        };
        let receipt = [u8::try_from(n).unwrap(); 32];
        work.add_erasure(&permit, &erasure, &receipt, JobId::mint(&h.ids)).await.unwrap();
        assert_eq!(work.pending_erasures(&permit).await.unwrap(), std::slice::from_ref(&erasure));
        let rows = work.erase_rows(&permit, erasure.id, n).await.unwrap();
        assert_eq!(rows, if n == 4 { Rows::All } else { Rows::Some }, "{class}");
        let again = work.erase_rows(&permit, ErasureId::mint(&h.ids), n).await.unwrap();
        assert_eq!(again, Rows::Some, "nobody noted that one");
        work.commit().await.unwrap();
    }
    let owner = h.cx(cast.owner, Role::Practitioner);
    assert_eq!(h.refusal::<SeeRecording>(owner, id).await, Some(Refusal::Absent));
    assert_eq!(h.begin().await.ledger_applied().await.unwrap(), 4);
}

/// A hold keeps from destruction what was decided before and after, and opens nothing to anybody.
pub async fn a_hold_stops_destruction_and_nothing_else(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let dora = dpo(&h).await;
    let (id, mum) = full(&h, cast, "Robin").await;
    let owner = h.cx(cast.owner, Role::Practitioner);
    let before = taking_back(&h, mum, &[Purpose::Transcribe]);
    withdraw(&h, owner, id, &before).await.unwrap();

    let hold = || NewHold {
        id: Uuid::from_u128(77),
        reason: Reason::new("The family court asked for it.").unwrap(),
        review_by: h.later(30 * DAY),
    };
    let (mut work, permit) = h.ask::<Hold>(at_desk(&h, dora), id).await;
    assert!(work.place_hold(&permit, &hold()).await.unwrap());
    assert!(!work.place_hold(&permit, &hold()).await.unwrap(), "one at a time");
    work.commit().await.unwrap();
    h.clock.advance_seconds(1);
    let owner = h.cx(cast.owner, Role::Practitioner);
    let after = taking_back(&h, mum, &[Purpose::Record]);
    let done = withdraw(&h, owner, id, &after).await.unwrap();
    assert_eq!(done.state, ErasureState::Held);
    assert_eq!(h.refusal::<PlayRecording>(owner, id).await, Some(Refusal::Gone), "closed");
    assert_eq!(erase(&h, id, 1).await, None, "nothing to be done");
    let mut work = h.begin().await;
    assert_eq!(work.due_classes(h.later(9_999 * DAY)).await.unwrap(), []);
    assert_eq!(work.erasures_without_job().await.unwrap(), []);
    drop(work);

    let (mut work, may) = h.ask::<SeeHoldings>(at_desk(&h, dora), ()).await;
    let page = HoldingsPage { show: Show::Held, between: None, skip: 0, limit: 9 };
    let held = work.holdings(&may, &page).await.unwrap().remove(0);
    assert_eq!(held.erasure, Some(ErasureState::Held));
    let found = held.hold.unwrap();
    assert_eq!(
        (&*found.reason, found.review_by),
        ("The family court asked for it.", h.later(30 * DAY - 1))
    );
    drop(work);

    let (mut work, permit) = h.ask::<Hold>(at_desk(&h, dora), id).await;
    assert!(work.lift_hold(&permit, JobId::mint(&h.ids)).await.unwrap());
    assert!(!work.lift_hold(&permit, JobId::mint(&h.ids)).await.unwrap());
    assert_eq!(work.erasures_without_job().await.unwrap(), [], "it is queued");
    work.commit().await.unwrap();
    assert_eq!(erase(&h, id, 1).await, Some(Rows::Some));
    assert_eq!(erase(&h, id, 2).await, Some(Rows::All));
}

/// What is to be destroyed has a lane of its own, ends others' work on it, and is not forgotten.
pub async fn what_is_to_be_destroyed_is_queued_apart(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (id, mum) = full(&h, cast, "Robin").await;
    let owner = h.cx(cast.owner, Role::Practitioner);
    // What decoding and the extract left over, out of the way; then somebody is in the middle of the text.
    let mut work = h.begin().await;
    while let Some(job) = work.lease_job(h.later(9), h.later(60)).await.unwrap() {
        assert!(work.finish_job(&job, &crate::FinishedJob::Done).await.unwrap());
    }
    work.commit().await.unwrap();
    h.queue(&[h.new_job(JobKind::Transcribe(id), h.now())]).await;
    let mut work = h.begin().await;
    let transcribing = work.lease_job(h.now(), h.later(60)).await.unwrap().unwrap();
    work.commit().await.unwrap();

    let new = taking_back(&h, mum, &[Purpose::Transcribe]);
    withdraw(&h, owner, id, &new).await.unwrap();
    let mut work = h.begin().await;
    assert_eq!(work.lease_job(h.now(), h.later(60)).await.unwrap(), None, "not this lane");
    assert_eq!(work.next_due().await.unwrap(), Some(h.later(60)), "the other one's lease");
    let job = work.lease_erasure(h.now(), h.later(10)).await.unwrap().unwrap();
    assert_eq!((job.id, job.kind, job.attempt), (new.job, JobKind::Erase(id), 1));
    assert_eq!(work.lease_erasure(h.now(), h.later(10)).await.unwrap(), None);
    let again = work.lease_erasure(h.later(10), h.later(20)).await.unwrap().unwrap();
    assert_eq!(again.attempt, 2, "its lease ran out");
    work.commit().await.unwrap();

    let mut work = h.begin().await;
    work.stop_jobs(&again, &[KeyClass::Extracts]).await.unwrap();
    assert!(work.extend_lease(&transcribing, h.later(60), 1).await.unwrap(), "not its class");
    work.stop_jobs(&again, &[KeyClass::Text]).await.unwrap();
    assert!(!work.extend_lease(&transcribing, h.later(60), 1).await.unwrap());
    assert!(!work.hold_job(&transcribing).await.unwrap());
    assert!(work.hold_job(&again).await.unwrap(), "the one that destroys goes on");
    assert_eq!(work.erasures_without_job().await.unwrap(), []);
    let dead = crate::FinishedJob::Dead { reason: "x".to_owned() };
    assert!(work.finish_job(&again, &dead).await.unwrap());
    assert_eq!(work.erasures_without_job().await.unwrap(), [id], "somebody has to");
    work.commit().await.unwrap();
}

/// What somebody has begun to destroy is not held any more; what only waits for its turn is.
pub async fn a_hold_comes_too_late_once_destruction_has_begun(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let dora = dpo(&h).await;
    let owner = h.cx(cast.owner, Role::Practitioner);
    let (late, mum) = full(&h, cast, "Robin").await;
    withdraw(&h, owner, late, &taking_back(&h, mum, &[Purpose::Record])).await.unwrap();
    let mut work = h.begin().await;
    let job = work.lease_erasure(h.now(), h.later(60)).await.unwrap().unwrap();
    assert_eq!(job.kind, JobKind::Erase(late));
    work.commit().await.unwrap();
    let (waiting, mum) = full(&h, cast, "Wren").await;
    withdraw(&h, owner, waiting, &taking_back(&h, mum, &[Purpose::Record])).await.unwrap();
    for (n, id, placed) in [(1, late, false), (2, waiting, true)] {
        let new = NewHold {
            id: Uuid::from_u128(n),
            reason: Reason::new("The family court asked for it.").unwrap(),
            review_by: h.later(30 * DAY),
        };
        let (mut work, permit) = h.ask::<Hold>(at_desk(&h, dora), id).await;
        assert_eq!(work.place_hold(&permit, &new).await.unwrap(), placed);
        work.commit().await.unwrap();
    }
    let mut work = h.begin().await;
    let next = work.lease_erasure(h.now(), h.later(60)).await.unwrap();
    assert_eq!(next, None, "what was queued is not taken up");
    drop(work);
    assert_eq!(erase(&h, late, 1).await, Some(Rows::All));
    assert_eq!(erase(&h, waiting, 2).await, None);
}

/// What is held is listed without chosen names, newest first, and found by its reference.
pub async fn what_is_held_is_listed(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let dora = dpo(&h).await;
    let mut ids = Vec::new();
    for (n, name) in ["Robin", "Wren", "Finch"].into_iter().enumerate() {
        h.clock.advance_seconds(60);
        let without: &[Purpose] = if n == 1 { &[Purpose::Transcribe] } else { &[] };
        ids.push(h.playable(cast.owner, name, without).await);
    }
    ids.reverse();
    let (mut work, see) = h.ask::<SeeHoldings>(at_desk(&h, dora), ()).await;
    let all = HoldingsPage { show: Show::All, between: None, skip: 0, limit: 9 };
    let found = work.holdings(&see, &all).await.unwrap();
    assert_eq!(found.iter().map(|f| f.recording).collect::<Vec<_>>(), ids);
    assert_eq!((found[0].practitioner, &*found[0].name), (cast.owner, "PRIYA"));
    let kinds: Vec<_> = found[0].heard.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(kinds, [PartyKind::Practitioner, PartyKind::Parent]);
    assert!(found[0].covers.contains(&Purpose::Transcribe));
    assert!(!found[1].covers.contains(&Purpose::Transcribe), "one no is a no");
    assert_eq!((found[0].kept.len(), found[0].hold.as_ref(), found[0].erasure), (4, None, None));

    let page = HoldingsPage { skip: 1, limit: 1, ..all };
    assert_eq!(work.holdings(&see, &page).await.unwrap(), found[1..2]);
    let (first, last) = hearback_domain::Reference::of(ids[2]).span();
    let page = HoldingsPage { between: Some((first, last)), ..all };
    assert_eq!(work.holdings(&see, &page).await.unwrap(), found[2..]);
    for show in [Show::Held, Show::Waiting, Show::Ending] {
        let page = HoldingsPage { show, ..all };
        assert_eq!(work.holdings(&see, &page).await.unwrap(), [], "{show:?}");
    }
    drop(work);
    let owner = h.cx(cast.owner, Role::Practitioner);
    let (mut work, permit) = h.ask::<Withdraw>(owner, ids[0]).await;
    let mum = work.yeses(&permit).await.unwrap()[1].person;
    work.withdraw(&permit, &taking_back(&h, mum, &[Purpose::Record])).await.unwrap();
    work.commit().await.unwrap();
    let (mut work, see) = h.ask::<SeeHoldings>(at_desk(&h, dora), ()).await;
    let waiting = HoldingsPage { show: Show::Waiting, ..all };
    let waiting = work.holdings(&see, &waiting).await.unwrap().remove(0);
    assert_eq!((waiting.recording, waiting.erasure), (ids[0], Some(ErasureState::Pending)));
    assert!(waiting.kept.iter().all(|kept| kept.gone) && waiting.covers.is_empty());
    assert_eq!(work.totals(&see).await.unwrap().waiting, 1);
}

/// What the sweep and the ledger are remembered by.
pub async fn sweeps_and_the_ledger_are_remembered(store: &dyn Store) {
    let h = House::new(store);
    let dora = dpo(&h).await;
    let mut work = h.begin().await;
    let seen = work.sweep_view().await.unwrap();
    assert_eq!((seen.notes, seen.newest_audit, seen.recordings), (SweepNotes::default(), None, 0));
    for (set, is) in [(3, 3), (2, 3), (9, 9)] {
        work.set_ledger_applied(set).await.unwrap();
        assert_eq!(work.ledger_applied().await.unwrap(), is, "it never goes back");
    }
    let notes = SweepNotes {
        swept_at: Some(h.now()),
        forecast: 4,
        forecast_at: Some(h.later(-9)),
        already: 2,
        released: 0,
        paused: Some(Paused::TooMany(31)),
    };
    for paused in [Some(Paused::ClockJumped), Some(Paused::ClockBehind), None, notes.paused] {
        let notes = SweepNotes { paused, ..notes };
        work.set_sweep_notes(&notes).await.unwrap();
        assert_eq!(work.sweep_view().await.unwrap().notes, notes);
    }
    work.commit().await.unwrap();

    h.clock.advance_seconds(60);
    let (mut work, permit) = h.ask::<ManageRetention>(at_desk(&h, dora), ()).await;
    assert!(work.release_sweep(&permit).await.unwrap());
    assert!(!work.release_sweep(&permit).await.unwrap(), "nothing waits any more");
    work.commit().await.unwrap();
    let (mut work, see) = h.ask::<SeeHoldings>(at_desk(&h, dora), ()).await;
    let released = SweepNotes { released: 31, paused: None, swept_at: Some(h.now()), ..notes };
    assert_eq!(work.sweep_seen(&see).await.unwrap(), released);
    assert_eq!(work.sweep_view().await.unwrap().newest_audit, Some(h.now()));
}
