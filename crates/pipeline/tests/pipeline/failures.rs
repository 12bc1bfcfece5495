//! What is tried again, what is given up, and what the administrator reads.

use std::{fs, path::Path};

use hearback_access::SeeJobs;
use hearback_domain::{AudioState, Clock as _, Role, Timestamp, TranscriptState};
use hearback_pipeline::Reason;
use hearback_storage::{JobKind, JobState};

use crate::house::{House, PURPOSES, models, speak, wav};

fn seconds_until(house: &House, at: Timestamp) -> f64 {
    let micros = at.as_micros() - house.clock.now().as_micros();
    f64::from(i32::try_from(micros / 1_000).unwrap()) / 1_000.0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decoder_that_does_not_start_is_tried_eight_times_with_growing_waits() {
    let house = House::new().await;
    let samples = speak(&house, "slt", "That makes sense.");
    let (id, _) = house.upload(PURPOSES, &wav(&samples)).await;
    let broken = house.worker_with("/nowhere/hearback", &models());
    let mut around = 5.0;
    for attempt in 1..8 {
        assert_eq!(broken.drain().await.unwrap(), 1);
        let job = house.open_jobs().await.remove(0);
        assert_eq!((job.state, job.attempts), (JobState::Queued, attempt));
        assert_eq!(job.reason, Some(Reason::Decoder.to_string()));
        let wait = seconds_until(&house, job.run_at);
        assert!((around * 0.5..=around * 1.5).contains(&wait), "try {attempt}: {wait} s");
        assert_eq!(broken.drain().await.unwrap(), 0, "not before its time");
        house.clock.advance_seconds(1_800);
        around *= 2.0;
    }
    assert_eq!(broken.drain().await.unwrap(), 1);
    let job = house.open_jobs().await.remove(0);
    assert_eq!((job.state, job.attempts), (JobState::Dead, 8));
    house.clock.advance_seconds(100_000);
    assert_eq!(broken.drain().await.unwrap(), 0, "given up");
    assert_eq!(house.state(id).await.audio, AudioState::Uploaded, "no verdict about the file");

    let (mut work, permit) = house.may::<SeeJobs>(Role::SysAdmin, ()).await;
    assert!(work.requeue_job(&permit, job.id, house.clock.now()).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(house.worker().drain().await.unwrap(), 3);
    assert!(house.state(id).await.ready(), "once a person mended it");
}

#[tokio::test(flavor = "multi_thread")]
async fn text_waits_for_its_model_and_is_made_when_it_comes() {
    let house = House::new().await;
    let samples =
        speak(&house, "slt", "Perhaps we could choose together what happens on Saturday.");
    let (id, _) = house.upload(PURPOSES, &wav(&samples)).await;
    let folder = house.path().join("models");
    fs::create_dir(&folder).unwrap();
    let worker = house.worker_with(crate::house::binary(), &folder);
    worker.drain().await.unwrap();
    for _ in 0..10 {
        let state = house.state(id).await;
        assert_eq!(
            (state.audio, state.transcript),
            (AudioState::Decoded, TranscriptState::Waiting)
        );
        let job = house.open_jobs().await.remove(0);
        assert_eq!(job.kind, JobKind::Transcribe(id));
        assert_eq!(job.state, JobState::Queued, "waiting is never given up");
        let reason = job.reason.unwrap();
        assert!(reason.contains("models fetch tiny.en"), "what mends it: {reason}");
        house.clock.advance_seconds(90);
        assert!(worker.drain().await.unwrap() > 0);
    }
    bring(&models(), &folder);
    house.clock.advance_seconds(90);
    worker.drain().await.unwrap();
    assert_eq!(house.state(id).await.transcript, TranscriptState::Done, "without a restart");
    assert_eq!(house.open_jobs().await, []);
}

fn bring(from: &Path, to: &Path) {
    let name = "ggml-tiny.en.bin";
    std::os::unix::fs::symlink(from.join(name).canonicalize().unwrap(), to.join(name)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_ends_its_process_each_time_is_given_up() {
    let house = House::new().await;
    let samples = speak(&house, "slt", "I am listening.");
    let (id, _) = house.upload(PURPOSES, &wav(&samples)).await;
    let worker = house.worker();
    let mut work = house.store.begin().await.unwrap();
    let decode = work.lease_job(house.clock.now(), house.clock.now().plus_seconds(60)).await;
    assert_eq!(decode.unwrap().unwrap().kind, JobKind::Decode(id));
    work.commit().await.unwrap();
    // Leased, and never heard of again: as if the process had died.
    for _ in 1..100 {
        house.clock.advance_seconds(61);
        let mut work = house.store.begin().await.unwrap();
        let until = house.clock.now().plus_seconds(60);
        assert!(work.lease_job(house.clock.now(), until).await.unwrap().is_some());
        work.commit().await.unwrap();
    }
    house.clock.advance_seconds(61);
    assert_eq!(worker.drain().await.unwrap(), 1);
    let job = house.open_jobs().await.remove(0);
    assert_eq!(job.state, JobState::Dead);
    assert_eq!(job.reason, Some(Reason::WorkerDied.to_string()));
}
