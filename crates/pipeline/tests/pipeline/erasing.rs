//! What was taken back is destroyed: in the middle of other work, after a crash, on a database from an old copy; and
//! what has come to the end of its time, unless something is odd.

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use hearback_access::{
    Cx, Erase, Hold, ManageRetention, ObjectKind, PlayRecording, RaiseConcern, SeeConcern,
    SeeHoldings, SeeRecording, Withdraw, WriteConcern,
    seal::{FieldKey, Place, SealError},
};
use hearback_domain::{
    AudioState, Clock as _, ConcernId, ConcernNoteId, Day, ErasureId, JobId, KeyClass, Ms, Note,
    Purpose, Reason, RecordingId, Role, Span, Told, TranscriptState, WithdrawalId,
    policy::Refusal,
    retention::Anchor,
    withdrawal::{Channel, ErasureState},
};
use hearback_pipeline::{ReplayError, replay};
use hearback_storage::{
    HoldingsPage, JobKind, NewConcern, NewHold, NewWithdrawal, Paused, PermitError, Show, Store,
    SweepNotes, permit,
};
use hearback_storage_sqlite::SqliteStore;
use hearback_vault::{Cause, LedgerSeq};
use tokio::runtime::Handle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::house::{House, PURPOSES, speak, wav};

const DAY: i64 = 86_400;

/// The young person takes back `purposes`; the hash under which the receipt lies.
async fn withdraw(house: &House, id: RecordingId, purposes: &[Purpose]) -> [u8; 32] {
    let cx = house.cx(Role::Practitioner);
    let (mut work, may) = permit::<Withdraw>(&*house.store, cx, id).await.unwrap();
    let person = work.yeses(&may).await.unwrap()[1].person;
    let erasure = ErasureId::mint(&*house.ids);
    let receipt = [*erasure.as_uuid().as_bytes(), *person.as_uuid().as_bytes()].concat();
    let new = NewWithdrawal {
        id: WithdrawalId::mint(&*house.ids),
        erasure,
        job: JobId::mint(&*house.ids),
        person,
        purposes: purposes.to_vec(),
        channel: Channel::ForFamily,
        asked: None,
        receipt: receipt.try_into().unwrap(),
    };
    work.withdraw(&may, &new).await.unwrap().unwrap();
    work.commit().await.unwrap();
    new.receipt
}

/// Whether the key of a class is destroyed.
fn destroyed(house: &House, id: RecordingId, class: KeyClass) -> bool {
    let place = Place { table: "t", column: "c", row: id.as_uuid() };
    let sealed = house.vault.cipher().seal(FieldKey::Recording(id, class), place, b"x");
    matches!(sealed, Err(SealError::Destroyed))
}

fn class_dir(house: &House, id: RecordingId, class: KeyClass) -> std::path::PathBuf {
    house.path().join("data/objects").join(id.to_string()).join(class.as_str())
}

async fn refusal(store: &dyn Store, cx: Cx, id: RecordingId) -> Option<Refusal> {
    match permit::<SeeRecording>(store, cx, id).await {
        Ok(_) => None,
        Err(PermitError::Refused(why)) => Some(why),
        Err(other) => panic!("{other:?}"),
    }
}

async fn state_of(house: &House, receipt: &[u8; 32]) -> (ErasureState, Option<u64>) {
    let mut work = house.store.begin().await.unwrap();
    let receipt = work.receipt(receipt).await.unwrap().unwrap();
    (receipt.state, receipt.ledger_seq)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_while_it_is_decoded_leaves_nothing() {
    let house = House::new().await;
    let samples = speak(&house, "slt", "Thank you for telling me.");
    let (other, _) = house.upload(PURPOSES, &wav(&samples)).await;
    assert_eq!(house.worker().drain().await.unwrap(), 3);
    let (id, _) = house.upload(PURPOSES, &wav(&samples)).await;

    let (store, cx, here) =
        (Arc::clone(&house.store), house.cx(Role::Practitioner), Handle::current());
    let (tell, told) = std::sync::mpsc::channel();
    house.ids.at_next(move || {
        let new = here.block_on(async {
            let (mut work, may) = permit::<Withdraw>(&*store, cx, id).await.unwrap();
            let new = NewWithdrawal {
                id: WithdrawalId::from_uuid(Uuid::from_u128(1)),
                erasure: ErasureId::from_uuid(Uuid::from_u128(2)),
                job: JobId::from_uuid(Uuid::from_u128(3)),
                person: work.yeses(&may).await.unwrap()[0].person,
                purposes: vec![Purpose::Record],
                channel: Channel::Own,
                asked: None,
                receipt: [5; 32],
            };
            work.withdraw(&may, &new).await.unwrap().unwrap();
            work.commit().await.unwrap();
            new
        });
        tell.send(new.receipt).unwrap();
    });
    assert_eq!(house.worker().drain().await.unwrap(), 2, "the decoding, and the end of it all");
    let receipt = told.recv().unwrap();
    assert_eq!(state_of(&house, &receipt).await, (ErasureState::Done, Some(1)));
    assert_eq!(
        refusal(&*house.store, house.cx(Role::Practitioner), id).await,
        Some(Refusal::Absent)
    );
    for class in KeyClass::ALL {
        assert!(destroyed(&house, id, *class), "{class}");
    }
    assert!(!house.path().join("data/objects").join(id.to_string()).exists(), "no file is left");
    assert_eq!(house.open_jobs().await, [], "no job is left");
    assert!(house.samples(other).await == Some(samples), "another recording is as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_being_made_stops_within_ten_seconds() {
    let house = House::new().await;
    let talk = speak(&house, "slt", "Perhaps we could choose together what happens on Saturday.");
    // Minutes of speech: long enough to be in the middle of it.
    let samples = talk.repeat((180 * 32_000) / talk.len());
    let (id, _) = house.upload(PURPOSES, &wav(&samples)).await;
    let shutdown = CancellationToken::new();
    let running = TaskTracker::new().spawn(house.worker().run(shutdown.clone()));
    let deadline = Instant::now() + Duration::from_mins(5);
    while house.state(id).await.transcript != TranscriptState::Running
        || house.transcript(id).await.is_none()
    {
        assert!(!running.is_finished() && Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let receipt = withdraw(&house, id, &[Purpose::Transcribe]).await;
    let since = Instant::now();
    // The only worker is in the middle of an hour of somebody's speech, and destruction does not wait for it.
    while state_of(&house, &receipt).await.0 != ErasureState::Done {
        assert!(since.elapsed() < Duration::from_mins(1), "the keys are not gone");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let gone = since.elapsed();
    assert!(destroyed(&house, id, KeyClass::Text) && !destroyed(&house, id, KeyClass::Sound));
    // It is over when the worker takes the next job.
    let (next, _) = house.upload(&[Purpose::Record], &wav(&talk)).await;
    while house.state(next).await.audio != AudioState::Decoded {
        assert!(since.elapsed() < Duration::from_secs(20), "the work goes on");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let stopped = since.elapsed();
    assert!(stopped < Duration::from_secs(12), "{stopped:?}");
    shutdown.cancel();
    running.await.unwrap();
    assert!(!class_dir(&house, id, KeyClass::Text).exists(), "nothing was written after that");
    assert_eq!(house.state(id).await.transcript, TranscriptState::NotWanted);
    assert!(house.samples(id).await == Some(samples), "the sound stays");
    eprintln!("keys gone after {gone:?}, the work had stopped after {stopped:?}");
}

/// The process dies after the ledger's line and the keys, before the rows: the next one does the rest, once.
#[tokio::test(flavor = "multi_thread")]
async fn a_destruction_that_was_cut_off_is_completed() {
    let house = House::new().await;
    let samples = speak(&house, "slt", "Thank you for telling me.");
    let (id, _) = house.upload(PURPOSES, &wav(&samples)).await;
    assert_eq!(house.worker().drain().await.unwrap(), 3);
    let receipt = withdraw(&house, id, &[Purpose::Record]).await;
    let mut work = house.store.begin().await.unwrap();
    let now = house.clock.now();
    let job = work.lease_erasure(now, now.plus_seconds(10)).await.unwrap().unwrap();
    assert_eq!(job.kind, JobKind::Erase(id));
    work.commit().await.unwrap();
    house.vault.destroy(id, KeyClass::ALL, Cause::Withdrawal, now).unwrap();

    assert_eq!(house.worker().drain().await.unwrap(), 0, "somebody has it, for all anybody knows");
    house.clock.advance_seconds(11);
    assert_eq!(house.worker().drain().await.unwrap(), 1);
    assert_eq!(state_of(&house, &receipt).await, (ErasureState::Done, Some(1)));
    assert_eq!(house.vault.ledger_after(LedgerSeq(0)).unwrap().len(), 1, "one line");

    // A start does the same, from the ledger alone, if nothing is queued any more.
    let (id, _) = house.upload(PURPOSES, &wav(&samples)).await;
    house.vault.destroy(id, KeyClass::ALL, Cause::Withdrawal, now).unwrap();
    let store = Arc::clone(&house.store);
    assert_eq!(replay(&*store, &house.vault, &*house.ids, now).await.unwrap(), 1);
    assert_eq!(refusal(&*store, house.cx(Role::Practitioner), id).await, Some(Refusal::Absent));
    assert_eq!(replay(&*store, &house.vault, &*house.ids, now).await.unwrap(), 0, "once");
}

/// A database from an old copy forgets again what was erased since; one that is newer than the ledger is refused.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_copy_of_the_database_forgets_again() {
    let house = House::new().await;
    let samples = speak(&house, "slt", "Thank you for telling me.");
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(house.upload(PURPOSES, &wav(&samples)).await.0);
    }
    house.worker().drain().await.unwrap();
    let copies: Vec<_> = (0..5).map(|n| house.path().join(format!("copy-{n}"))).collect();
    drop(house.store.snapshot(&copies[0]).await.unwrap());
    withdraw(&house, all[0], &[Purpose::Record]).await;
    drop(house.store.snapshot(&copies[1]).await.unwrap());
    house.worker().drain().await.unwrap();
    drop(house.store.snapshot(&copies[2]).await.unwrap());
    withdraw(&house, all[1], &[Purpose::Transcribe]).await;
    house.worker().drain().await.unwrap();
    drop(house.store.snapshot(&copies[3]).await.unwrap());
    let taken = [(all[3], Purpose::CodeResearch), (all[4], Purpose::CoachPlayback)];
    for (id, purpose) in taken {
        withdraw(&house, id, &[purpose]).await;
    }
    house.worker().drain().await.unwrap();
    drop(house.store.snapshot(&copies[4]).await.unwrap());

    for (copy, lines) in copies.iter().zip([4, 4, 3, 2, 0]) {
        let old = SqliteStore::open(copy, house.vault.cipher()).await.unwrap();
        let now = house.clock.now();
        assert_eq!(replay(&old, &house.vault, &*house.ids, now).await.unwrap(), lines);
        let cx = house.cx(Role::Practitioner);
        assert_eq!(refusal(&old, cx, all[0]).await, Some(Refusal::Absent));
        let (mut work, see) = permit::<SeeRecording>(&old, cx, all[1]).await.unwrap();
        let recording = work.recording(&see).await.unwrap().unwrap();
        assert_eq!(recording.state.transcript, TranscriptState::NotWanted);
        drop(work);
        for (id, purpose) in taken.into_iter().chain([(all[1], Purpose::Transcribe)]) {
            let (mut work, see) = permit::<SeeRecording>(&old, cx, id).await.unwrap();
            let recording = work.recording(&see).await.unwrap().unwrap();
            for other in PURPOSES {
                assert_eq!(recording.cover(*other), *other != purpose, "{other}");
            }
            work.commit().await.unwrap();
        }
        let (mut work, play) = permit::<PlayRecording>(&old, cx, all[2]).await.unwrap();
        assert!(work.object(&play, ObjectKind::Normalised).await.unwrap().is_some());
        drop(work);
        assert_eq!(replay(&old, &house.vault, &*house.ids, now).await.unwrap(), 0);
    }

    let younger = House::new().await;
    let mut work = younger.store.begin().await.unwrap();
    work.set_ledger_applied(1).await.unwrap();
    work.commit().await.unwrap();
    let refused = replay(&*younger.store, &younger.vault, &*younger.ids, house.clock.now()).await;
    assert!(matches!(refused, Err(ReplayError::LedgerOld { applied: 1, head: 0 })), "{refused:?}");
}

/// What only closes, and what a hold keeps from being destroyed, stands in the ledger as well: an old copy closes the
/// one again, and is about to destroy the other again.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_copy_closes_again_what_was_only_closed() {
    let house = House::new().await;
    let samples = speak(&house, "slt", "Thank you for telling me.");
    let mut all = Vec::new();
    for _ in 0..2 {
        all.push(house.upload(PURPOSES, &wav(&samples)).await.0);
    }
    house.worker().drain().await.unwrap();
    let copy = house.path().join("copy");
    drop(house.store.snapshot(&copy).await.unwrap());
    let (mut work, hold) = permit::<Hold>(&*house.store, dpo(&house), all[1]).await.unwrap();
    let now = house.clock.now();
    let new = NewHold {
        id: Uuid::from_u128(9),
        reason: Reason::new("An inquiry").unwrap(),
        review_by: Day::of(now).plus_days(90).starts(),
    };
    assert!(work.place_hold(&hold, &new).await.unwrap());
    work.commit().await.unwrap();
    let taken = [(all[0], Purpose::Quote), (all[1], Purpose::Transcribe)];
    for (seq, (id, purpose)) in (1..).zip(taken) {
        withdraw(&house, id, &[purpose]).await;
        let cx = house.cx(Role::Practitioner);
        let (mut work, may) = permit::<Withdraw>(&*house.store, cx, id).await.unwrap();
        let person = work.yeses(&may).await.unwrap()[1].person;
        assert_eq!(house.vault.close(id, person, &[purpose], now).unwrap(), LedgerSeq(seq));
        work.carried_out(seq).await.unwrap();
        work.commit().await.unwrap();
    }
    assert_eq!(house.worker().drain().await.unwrap(), 0, "nothing to destroy, and a hold");
    assert_eq!(replay(&*house.store, &house.vault, &*house.ids, now).await.unwrap(), 0);

    let old = SqliteStore::open(&copy, house.vault.cipher()).await.unwrap();
    assert_eq!(replay(&old, &house.vault, &*house.ids, now).await.unwrap(), 2);
    let cx = house.cx(Role::Practitioner);
    for (id, purpose) in taken {
        let (mut work, see) = permit::<SeeRecording>(&old, cx, id).await.unwrap();
        let recording = work.recording(&see).await.unwrap().unwrap();
        for other in PURPOSES {
            assert_eq!(recording.cover(*other), *other != purpose, "{other}");
        }
        work.commit().await.unwrap();
    }
    let pending = async |id| {
        let worker = Cx::worker(now);
        let (mut work, may) = permit::<Erase>(&old, worker, id).await.unwrap();
        let pending = work.pending_erasures(&may).await.unwrap();
        work.commit().await.unwrap();
        pending.into_iter().map(|erasure| erasure.classes).collect::<Vec<_>>()
    };
    assert_eq!(pending(all[0]).await, Vec::<Vec<KeyClass>>::new());
    assert_eq!(pending(all[1]).await, [vec![KeyClass::Text]]);
    assert_eq!(replay(&old, &house.vault, &*house.ids, now).await.unwrap(), 0, "once");
}

fn dpo(house: &House) -> Cx {
    house.cx(Role::Dpo).elevated(true)
}

async fn seen(house: &House) -> SweepNotes {
    let (mut work, see) = permit::<SeeHoldings>(&*house.store, dpo(house), ()).await.unwrap();
    work.sweep_seen(&see).await.unwrap()
}

/// Nothing is destroyed on the day itself, nothing that is held, and never many at once without somebody's word.
#[tokio::test(flavor = "multi_thread")]
async fn time_destroys_what_is_over_and_no_more() {
    let house = House::new().await;
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(house.upload(PURPOSES, b"not even sound").await.0);
    }
    let begun = house.clock.now();
    assert_eq!(house.worker().sweep_by_time().await.unwrap(), 0);
    let (mut work, hold) = permit::<Hold>(&*house.store, dpo(&house), all[2]).await.unwrap();
    let new = NewHold {
        id: Uuid::from_u128(9),
        reason: Reason::new("An inquiry").unwrap(),
        review_by: Day::of(begun).plus_days(90).starts(),
    };
    assert!(work.place_hold(&hold, &new).await.unwrap());
    work.commit().await.unwrap();

    house.clock.advance_seconds(366 * DAY);
    let cx = house.cx(Role::Practitioner);
    let gone = permit::<PlayRecording>(&*house.store, cx, all[0]).await;
    assert!(matches!(gone, Err(PermitError::Refused(Refusal::Gone))), "closed on the day");
    assert_eq!(house.worker().sweep_by_time().await.unwrap(), 0, "three days to mend a mistake");
    house.clock.advance_seconds(2 * DAY - 1);
    assert_eq!(house.worker().sweep_by_time().await.unwrap(), 0);
    house.clock.advance_seconds(1);
    assert_eq!(house.worker().sweep_by_time().await.unwrap(), 2);
    assert_eq!(house.worker().sweep_by_time().await.unwrap(), 0, "once");
    house.worker().drain().await.unwrap();
    for (id, gone) in all.iter().zip([true, true, false]) {
        assert_eq!(destroyed(&house, *id, KeyClass::Sound), gone);
        assert!(!destroyed(&house, *id, KeyClass::Coding), "its time is not over");
    }

    // More than twenty at once that nobody foresaw: it waits, and says so.
    for _ in 0..22 {
        // Not looked into yet: a file that could not be read has a time of its own.
        all.push(house.upload(PURPOSES, b"not even sound").await.0);
    }
    house.clock.advance_seconds(20 * DAY);
    assert_eq!(house.worker().sweep_by_time().await.unwrap(), 0);
    let (mut work, manage) =
        permit::<ManageRetention>(&*house.store, dpo(&house), ()).await.unwrap();
    work.set_retention_rules(&manage, &[(KeyClass::Sound, Anchor::Created, 10)]).await.unwrap();
    work.commit().await.unwrap();
    // A month in which it could be said, and three days; and somebody was here lately.
    house.clock.advance_seconds(33 * DAY);
    let (work, _) = permit::<SeeHoldings>(&*house.store, dpo(&house), ()).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(house.worker().sweep_by_time().await.unwrap(), 0);
    assert_eq!(
        seen(&house).await.paused,
        Some(Paused::TooMany(24)),
        "and the texts of the first two"
    );
    assert_eq!(house.worker().sweep_by_time().await.unwrap(), 0, "it waits until somebody looked");
    assert!(!destroyed(&house, all[5], KeyClass::Sound));
    let (mut work, manage) =
        permit::<ManageRetention>(&*house.store, dpo(&house), ()).await.unwrap();
    assert!(work.release_sweep(&manage).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(house.worker().sweep_by_time().await.unwrap(), 24);
    house.worker().drain().await.unwrap();
    assert!(destroyed(&house, all[5], KeyClass::Sound));

    // A clock that moves by itself.
    let worker = house.worker();
    assert_eq!(worker.sweep_by_time().await.unwrap(), 0);
    assert_eq!(seen(&house).await.paused, None);
    house.clock.advance_seconds(3 * 3_600);
    assert_eq!(worker.sweep_by_time().await.unwrap(), 0);
    assert_eq!(seen(&house).await.paused, Some(Paused::ClockJumped));
}

/// A machine that starts with a wrong clock has nothing to tell it by but what it last did.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_at_the_start_destroys_nothing() {
    let house = House::new().await;
    let (id, _) = house.upload(PURPOSES, b"not even sound").await;
    assert_eq!(house.worker().sweep_by_time().await.unwrap(), 0);
    house.clock.advance_seconds(14 * 365 * DAY);
    assert_eq!(house.worker().sweep_by_time().await.unwrap(), 0);
    assert_eq!(seen(&house).await.paused, Some(Paused::ClockJumped));
    assert!(!destroyed(&house, id, KeyClass::Sound));
    // It was the right time after all.
    let (mut work, manage) =
        permit::<ManageRetention>(&*house.store, dpo(&house), ()).await.unwrap();
    assert!(work.release_sweep(&manage).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(house.worker().sweep_by_time().await.unwrap(), 1);
}

/// Why somebody holds a recording goes with its sound, and the rest of it can still be held.
#[tokio::test(flavor = "multi_thread")]
async fn the_reason_of_a_hold_goes_with_the_sound() {
    let house = House::new().await;
    let (id, _) = house.upload(PURPOSES, b"not even sound").await;
    let reason = async || {
        let (mut work, see) = permit::<SeeHoldings>(&*house.store, dpo(&house), ()).await.unwrap();
        let page = HoldingsPage { show: Show::Held, between: None, skip: 0, limit: 9 };
        work.holdings(&see, &page).await.unwrap().remove(0).hold.unwrap().reason
    };
    let place = async |n| {
        let (mut work, hold) = permit::<Hold>(&*house.store, dpo(&house), id).await.unwrap();
        let new = NewHold {
            id: Uuid::from_u128(n),
            reason: Reason::new("An inquiry").unwrap(),
            review_by: house.clock.now().plus_seconds(90 * DAY),
        };
        assert!(work.place_hold(&hold, &new).await.unwrap());
        work.commit().await.unwrap();
    };
    place(1).await;
    assert_eq!(reason().await, "An inquiry");
    house.vault.destroy(id, &[KeyClass::Sound], Cause::Retention, house.clock.now()).unwrap();
    assert_eq!(reason().await, "(reason erased)");
    let (mut work, hold) = permit::<Hold>(&*house.store, dpo(&house), id).await.unwrap();
    assert!(work.lift_hold(&hold, JobId::mint(&*house.ids)).await.unwrap());
    work.commit().await.unwrap();
    place(2).await;
    assert_eq!(reason().await, "(reason erased)");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_queued_is_queued_again() {
    let house = House::new().await;
    let (id, _) = house.upload(PURPOSES, b"not even sound").await;
    withdraw(&house, id, &[Purpose::Record]).await;
    let worker = house.worker();
    assert_eq!(worker.queue_forgotten().await.unwrap(), 0);
    let mut work = house.store.begin().await.unwrap();
    let now = house.clock.now();
    let job = work.lease_erasure(now, now.plus_seconds(9)).await.unwrap().unwrap();
    let dead = hearback_storage::FinishedJob::Dead { reason: "x".to_owned() };
    assert!(work.finish_job(&job, &dead).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(worker.queue_forgotten().await.unwrap(), 1);
    worker.drain().await.unwrap();
    assert!(destroyed(&house, id, KeyClass::Sound));
    assert!(fs::read_dir(house.path().join("data/objects")).unwrap().next().is_none());
}

/// What was said and noted about a concern is not under the recording's keys: it outlives them (ETH-01).
#[tokio::test(flavor = "multi_thread")]
async fn words_about_a_concern_outlive_the_sound() {
    let house = House::new().await;
    let samples = speak(&house, "slt", "Thank you for telling me.");
    let (id, _) = house.upload(PURPOSES, &wav(&samples)).await;
    house.worker().drain().await.unwrap();
    let cx = house.cx(Role::Practitioner);
    let (mut work, raise) = permit::<RaiseConcern>(&*house.store, cx, id).await.unwrap();
    let concern = ConcernId::from_uuid(Uuid::from_u128(21));
    let body = Note::new("Alone at night").unwrap();
    let span = Span::new(Ms::from_seconds(1), Ms::from_seconds(2)).unwrap();
    let new = NewConcern { id: concern, told: Told::NotYet, body: body.clone() };
    work.raise_concern(&raise, span, &new).await.unwrap();
    work.commit().await.unwrap();
    let (mut work, write) = permit::<WriteConcern>(&*house.store, cx, concern).await.unwrap();
    let note = ConcernNoteId::from_uuid(Uuid::from_u128(22));
    work.add_concern_note(&write, note, &body).await.unwrap();
    work.commit().await.unwrap();

    let noted = async || {
        let (mut work, see) = permit::<SeeConcern>(&*house.store, cx, concern).await.unwrap();
        let notes = work.concern_notes(&see).await.unwrap();
        notes.into_iter().map(|note| note.body.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(noted().await, ["Alone at night"]);
    let now = house.clock.now();
    house.vault.destroy(id, &[KeyClass::Sound], Cause::Retention, now).unwrap();
    assert_eq!(noted().await, ["Alone at night"]);
}
