//! One worker's work is not another's: lost leases, kept leases, shutdown, and a text that is made in two goes.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use hearback_access::{ObjectKind, Transcribe};
use hearback_domain::{AudioState, Clock, ObjectId, Timestamp, TranscriptState};
use hearback_pipeline::Config;
use hearback_speech::Transcript;
use hearback_storage::{JobKind, JobState};
use tokio::runtime::Handle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::house::{House, PURPOSES, speak, wav};

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_lost_its_lease_writes_nothing() {
    let house = House::new().await;
    let samples = speak(&house, "slt", "Thank you for telling me.");
    let (id, _) = house.upload(PURPOSES, &wav(&samples)).await;

    // In the middle of decoding the lease runs out, and somebody else takes the job.
    let (store, clock, here) =
        (Arc::clone(&house.store), Arc::clone(&house.clock), Handle::current());
    house.ids.at_next(move || {
        clock.advance_seconds(61);
        here.block_on(async {
            let mut work = store.begin().await.unwrap();
            let until = clock.now().plus_seconds(60);
            let stolen = work.lease_job(clock.now(), until).await.unwrap().unwrap();
            assert_eq!((stolen.kind, stolen.attempt), (JobKind::Decode(id), 2));
            work.commit().await.unwrap();
        });
    });
    assert_eq!(house.worker().drain().await.unwrap(), 1);
    assert_eq!(house.state(id).await.audio, AudioState::Uploaded, "nothing was written");
    let job = house.jobs(id).await.remove(0);
    assert_eq!((job.state, job.reason), (JobState::Running, None), "it belongs to the other one");
    assert_eq!(house.jobs(id).await.len(), 1, "no job that comes next");

    // The other one dies, and a third does all of it.
    house.clock.advance_seconds(61);
    assert_eq!(house.worker().drain().await.unwrap(), 3);
    assert!(house.state(id).await.ready());
    assert!(house.samples(id).await == Some(samples));
}

/// Shows the time of the house when it was made, and goes on from there.
pub(crate) struct RunningClock(pub(crate) Timestamp, pub(crate) Instant);

impl Clock for RunningClock {
    fn now(&self) -> Timestamp {
        let micros = i64::try_from(self.1.elapsed().as_micros()).unwrap();
        Timestamp::from_micros(self.0.as_micros() + micros)
    }
}

/// More than one window of the recogniser, which is half a minute.
pub(crate) fn long_talk(house: &House) -> Vec<u8> {
    let lines = [
        "I did not want to go back there on my own.",
        "That makes sense. Thank you for telling me.",
        "Perhaps we could choose together what happens on Saturday.",
        "I would like to see my brother, if he wants that too.",
    ];
    let round: Vec<u8> = lines.iter().flat_map(|line| speak(house, "slt", line)).collect();
    round.repeat((45 * 32_000) / round.len() + 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_takes_longer_than_its_lease_stays_with_its_worker() {
    let house = House::new().await;
    let (id, _) = house.upload(PURPOSES, &wav(&long_talk(&house))).await;
    let mut worker = house.worker();
    worker.clock = Arc::new(RunningClock(house.clock.now(), Instant::now()));
    // The second one has nothing to do but to take the job away.
    worker.config = Config {
        workers: 2,
        lease: Duration::from_secs(2),
        poll: Duration::from_millis(100),
        ..Config::default()
    };
    let shutdown = CancellationToken::new();
    let running = TaskTracker::new().spawn(worker.run(shutdown.clone()));
    while !house.state(id).await.ready() {
        assert!(!running.is_finished());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    shutdown.cancel();
    running.await.unwrap();
    for job in house.jobs(id).await {
        assert_eq!((job.state, job.attempts), (JobState::Done, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_names_is_swept_up() {
    let house = House::new().await;
    let samples = speak(&house, "slt", "Thank you for telling me.");
    let (id, _) = house.upload(PURPOSES, &wav(&samples)).await;
    assert_eq!(house.worker().drain().await.unwrap(), 3);
    let text = house.transcript(id).await.unwrap();
    let (work, permit) = house.as_worker::<Transcribe>(id).await;
    drop(work);
    let nobodys = ObjectId::mint(&*house.ids);
    house.vault.add(&permit, ObjectKind::Draft, nobodys).unwrap().finish().unwrap();
    assert!(house.files(id) > 5, "among them a text that nothing names");

    // Only what is old is swept up.
    house.age_files(id);
    let mut worker = house.worker();
    worker.config.sweep = Duration::from_millis(20);
    let shutdown = CancellationToken::new();
    let running = TaskTracker::new().spawn(worker.run(shutdown.clone()));
    while house.files(id) > 5 {
        assert!(!running.is_finished());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    shutdown.cancel();
    running.await.unwrap();
    assert_eq!(house.files(id), 5);
    assert!(house.samples(id).await == Some(samples));
    assert_eq!(house.transcript(id).await, Some(text));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_was_interrupted_is_made_once_by_another_worker() {
    let house = House::new().await;
    let samples = long_talk(&house);
    let (undisturbed, _) = house.upload(PURPOSES, &wav(&samples)).await;
    assert_eq!(house.worker().drain().await.unwrap(), 3);

    let (id, _) = house.upload(PURPOSES, &wav(&samples)).await;
    let shutdown = CancellationToken::new();
    let running = TaskTracker::new().spawn(house.worker().run(shutdown.clone()));
    let partial = loop {
        if house.state(id).await.transcript == TranscriptState::Running
            && let Some(partial) = house.transcript(id).await
        {
            break partial;
        }
        assert!(!running.is_finished());
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    // What is queued later is newer.
    house.clock.advance_seconds(1);
    shutdown.cancel();
    running.await.unwrap();

    let whole = house.transcript(undisturbed).await.unwrap();
    assert!(!partial.segments.is_empty(), "words as they appear");
    assert!(partial.segments.len() < whole.segments.len(), "it was interrupted in the middle");
    // Who speaks is known at the end.
    let said = |text: &Transcript| -> Vec<_> {
        text.words().map(|word| (word.start_ms, word.end_ms, word.text.clone())).collect()
    };
    assert_eq!(said(&partial)[..], said(&whole)[..said(&partial).len()]);
    assert_eq!(house.state(id).await.transcript, TranscriptState::Running);
    let jobs = house.jobs(id).await;
    let job = jobs.into_iter().find(|job| job.kind == JobKind::Transcribe(id)).unwrap();
    assert_eq!((job.state, job.reason), (JobState::Queued, None), "handed back, not failed");
    assert_eq!(job.attempts, 0, "nothing counted against it");
    assert!(job.run_at <= house.clock.now(), "at once");

    // The text; and the copy to listen to, if its turn had not come before.
    assert!((1..=2).contains(&house.worker().drain().await.unwrap()));
    assert_eq!(house.state(id).await.transcript, TranscriptState::Done);
    assert_eq!(house.transcript(id).await.unwrap(), whole, "the same as without interruption");
    assert_eq!(house.open_jobs().await, []);
}
