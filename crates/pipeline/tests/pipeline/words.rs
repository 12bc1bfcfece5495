//! Texts that are gone on with, that give way, and that are made again.

use std::{
    io::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use hearback_access::{
    CorrectTranscript, ObjectKind, Permit, ReadTranscript, StopTranscribing, StoredObject,
    Transcribe, TranscribeAgain,
};
use hearback_domain::{
    Clock as _, JobId, ObjectId, Purpose, RecordingId, Role, TranscriptState,
    transcript::{Change, Corrections, Segment, Transcript, Word, read},
};
use hearback_pipeline::Config;
use hearback_speech::{Manifest, ModelStore};
use hearback_storage::{JobKind, JobState, NewCorrections, TranscriptChange};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    house::{House, PURPOSES, models, speak, wav},
    leases::{RunningClock, long_talk},
};

fn hash() -> String {
    ModelStore::new(models(), Manifest::built_in().unwrap()).sha256("tiny.en").unwrap()
}

/// What a worker left that died when it had written one word and half a minute was done.
fn left_behind(model_sha256: String) -> Transcript {
    let word = Word { end_ms: 400, text: "Marrow".to_owned(), p: 1.0, ..Word::default() };
    let text = word.text.clone();
    Transcript {
        model: "tiny.en".to_owned(),
        model_sha256: Some(model_sha256),
        duration_ms: 45_000,
        done_ms: Some(30_000),
        segments: vec![Segment { end_ms: 400, text, words: vec![word], ..Segment::default() }],
        ..Transcript::default()
    }
}

fn keep(house: &House, permit: &Permit<Transcribe>, text: &Transcript) -> StoredObject {
    let id = ObjectId::mint(&*house.ids);
    let mut object = house.vault.add(permit, ObjectKind::Transcript, id).unwrap();
    object.write_all(&serde_json::to_vec(text).unwrap()).unwrap();
    object.finish().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_worker_goes_on_where_the_last_one_died() {
    let house = House::new().await;
    let samples = long_talk(&house);
    for (hash, goes_on) in [(hash(), true), ("of another file".to_owned(), false)] {
        let (id, _) = house.upload(PURPOSES, &wav(&samples)).await;
        decode_only(&house, id).await;
        let (mut work, permit) = house.as_worker::<Transcribe>(id).await;
        let object = Some(keep(&house, &permit, &left_behind(hash)));
        let (state, language, model) = (TranscriptState::Running, None, None);
        let change = TranscriptChange { state, language, model, object };
        work.set_transcript(&permit, &change).await.unwrap();
        work.commit().await.unwrap();

        house.worker().drain().await.unwrap();
        let text = house.transcript(id).await.unwrap();
        assert_eq!(text.done_ms, None, "it is whole");
        assert_eq!(text.model_sha256, Some(self::hash()));
        let early: Vec<&str> =
            text.words().take_while(|word| word.end_ms <= 29_000).map(|word| &*word.text).collect();
        assert_eq!(early == ["Marrow"], goes_on, "{early:?}");
        assert!(text.words().any(|word| word.start_ms > 35_000), "and what comes after");
        assert!(text.words().is_sorted_by_key(|word| word.start_ms));
    }
}

/// Works until the sound is there; what comes next stays in the queue.
async fn decode_only(house: &House, id: RecordingId) {
    let shutdown = CancellationToken::new();
    let running = TaskTracker::new().spawn(house.worker().run(shutdown.clone()));
    while !house.state(id).await.playable() {
        assert!(!running.is_finished());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    house.clock.advance_seconds(1);
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_recording_does_not_wait_for_a_long_one() {
    let house = House::new().await;
    let (long, _) = house.upload(PURPOSES, &wav(&long_talk(&house).repeat(2))).await;
    let mut worker = house.worker();
    worker.clock = Arc::new(RunningClock(house.clock.now(), Instant::now()));
    worker.config = Config {
        give_way: Duration::ZERO,
        report: Duration::from_millis(10),
        poll: Duration::from_millis(50),
        ..Config::default()
    };
    let shutdown = CancellationToken::new();
    let running = TaskTracker::new().spawn(worker.run(shutdown.clone()));
    while house.state(long).await.transcript != TranscriptState::Running {
        assert!(!running.is_finished());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let samples = speak(&house, "slt", "Thank you for telling me.");
    let (short, _) = house.upload(PURPOSES, &wav(&samples)).await;
    while !house.state(short).await.ready() {
        assert!(!running.is_finished());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(house.state(long).await.transcript, TranscriptState::Running, "it let it go first");
    while !house.state(long).await.ready() {
        assert!(!running.is_finished());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    shutdown.cancel();
    running.await.unwrap();
    for job in house.jobs(long).await {
        assert_eq!((job.state, job.attempts), (JobState::Done, 1), "giving way is no try");
    }
    let text = house.transcript(long).await.unwrap();
    assert!(text.words().is_sorted_by_key(|word| word.start_ms));
    // The same half twice: as often as it was said, and no more.
    let brothers = text.words().filter(|word| word.text.starts_with("brother")).count();
    let half = text.words().filter(|word| word.start_ms * 2 < text.duration_ms);
    let first = half.filter(|word| word.text.starts_with("brother")).count();
    assert_eq!(brothers, first * 2, "{}", text.to_txt());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_a_text_keeps_what_is_written_and_goes_on_from_there() {
    let house = House::new().await;
    let (id, _) = house.upload(PURPOSES, &wav(&long_talk(&house).repeat(4))).await;
    let mut worker = house.worker();
    worker.clock = Arc::new(RunningClock(house.clock.now(), Instant::now()));
    worker.config = Config {
        // Nobody gives way here: what ends the work is that it was stopped.
        give_way: Duration::from_hours(1),
        report: Duration::from_millis(50),
        poll: Duration::from_millis(50),
        ..Config::default()
    };
    let shutdown = CancellationToken::new();
    let running = TaskTracker::new().spawn(worker.run(shutdown.clone()));
    while house.state(id).await.transcript != TranscriptState::Running
        || house.transcript(id).await.is_none()
    {
        assert!(!running.is_finished());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // As from a page: the worker is told nothing.
    let (mut work, permit) = house.may::<StopTranscribing>(Role::Practitioner, id).await;
    assert!(work.stop_transcribing(&permit).await.unwrap());
    work.commit().await.unwrap();
    let stopped = Instant::now();
    let (next, _) = house.upload(&[Purpose::Record], &wav(&speak(&house, "slt", "Hello."))).await;
    while !house.state(next).await.playable() {
        assert!(!running.is_finished());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(stopped.elapsed() < Duration::from_secs(10), "{:?}", stopped.elapsed());
    shutdown.cancel();
    running.await.unwrap();

    assert_eq!(house.state(id).await.transcript, TranscriptState::Stopped);
    let so_far = house.transcript(id).await.unwrap();
    let done = so_far.done_ms.unwrap();
    assert!(0 < done && done < so_far.duration_ms, "{done} of {}", so_far.duration_ms);
    assert!(so_far.words().count() > 0);
    let job = house.jobs(id).await.into_iter().find(|job| job.kind == JobKind::Transcribe(id));
    assert!(job.is_some_and(|job| job.state == JobState::Done && job.reason.is_none()));
    house.worker().drain().await.unwrap();
    assert_eq!(house.transcript(id).await.unwrap(), so_far, "it stays stopped");

    let (mut work, permit) = house.may::<TranscribeAgain>(Role::Practitioner, id).await;
    assert!(work.transcribe_on(&permit, JobId::mint(&*house.ids)).await.unwrap());
    work.commit().await.unwrap();
    house.worker().drain().await.unwrap();
    assert_eq!(house.state(id).await.transcript, TranscriptState::Done);
    let whole = house.transcript(id).await.unwrap();
    let said = |text: &Transcript| -> Vec<_> {
        text.words().map(|word| (word.start_ms, word.end_ms, word.text.clone())).collect()
    };
    assert_eq!(said(&whole)[..said(&so_far).len()], said(&so_far)[..], "not read once more");
    assert!(whole.words().is_sorted_by_key(|word| word.start_ms));
    assert!(whole.words().any(|word| word.start_ms > done));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_made_again_and_no_correction_is_lost() {
    let house = House::new().await;
    let samples = speak(&house, "slt", "I would like to see my brother, if he wants that too.");
    let (id, _) = house.upload(PURPOSES, &wav(&samples)).await;
    house.worker().drain().await.unwrap();
    let before = house.transcript(id).await.unwrap();
    let brother = before.words().find(|word| word.text.starts_with("brother")).unwrap();

    let mut corrections = Corrections::default();
    let change = Change::Text {
        start_ms: brother.start_ms,
        end_ms: brother.end_ms,
        was: String::new(),
        text: "sister,".to_owned(),
    };
    corrections.add(&before, house.clock.now(), house.practitioner, change).unwrap();
    let (mut work, permit) = house.may::<CorrectTranscript>(Role::Practitioner, id).await;
    let place = ObjectId::mint(&*house.ids);
    let mut object = house.vault.add(&permit, ObjectKind::Corrections, place).unwrap();
    object.write_all(&corrections.to_json().unwrap()).unwrap();
    let new = NewCorrections { before: 0, now: 1, object: object.finish().unwrap() };
    assert!(work.correct(&permit, &new).await.unwrap());
    work.commit().await.unwrap();

    for (language, job_ends) in [(None, JobState::Done), (Some("cy"), JobState::Dead)] {
        house.clock.advance_seconds(1);
        let (mut work, permit) = house.may::<TranscribeAgain>(Role::Practitioner, id).await;
        let job = JobId::mint(&*house.ids);
        assert!(work.transcribe_again(&permit, language, job).await.unwrap());
        work.commit().await.unwrap();
        assert_eq!(house.state(id).await.transcript, TranscriptState::Done, "the old one stands");
        assert_eq!(house.worker().drain().await.unwrap(), 1);

        let jobs = house.jobs(id).await;
        let job = jobs.into_iter().find(|job| job.kind == JobKind::Transcribe(id)).unwrap();
        assert_eq!(job.state, job_ends);
        assert_eq!(job.reason.is_some_and(|why| why.contains("cy")), job_ends == JobState::Dead);
        assert_eq!(house.state(id).await.transcript, TranscriptState::Done);
        assert_eq!(house.transcript(id).await.unwrap(), before, "the same machine, the same words");
        let may = house.may::<ReadTranscript>(Role::Practitioner, id).await;
        let json = house.bytes(may, ObjectKind::Corrections).await.unwrap();
        assert_eq!(Corrections::from_json(&json).unwrap(), corrections);
        let reading = read(&before, &corrections);
        assert!(reading.segments.iter().any(|segment| segment.text.contains("my sister, if")));
    }
}
