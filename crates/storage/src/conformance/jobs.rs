//! The queue.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use hearback_access::{Permit, SeeJobs, SeeRecording};
use hearback_domain::{ClipId, JobId, Ms, RecordingId, Role, Timestamp, UserId};

use super::fixture::House;
use crate::{FinishedJob, JobKind, JobState, JobStatus, LeasedJob, Store};

/// Leases for ten seconds.
async fn lease(h: &House<'_>, now: Timestamp) -> Option<LeasedJob> {
    let mut work = h.begin().await;
    let job = work.lease_job(now, now.plus_seconds(10)).await.unwrap();
    work.commit().await.unwrap();
    job
}

async fn finish(h: &House<'_>, job: &LeasedJob, how: FinishedJob) {
    let mut work = h.begin().await;
    assert!(work.finish_job(job, &how).await.unwrap());
    work.commit().await.unwrap();
}

fn dead(reason: &str) -> FinishedJob {
    FinishedJob::Dead { reason: reason.to_owned() }
}

async fn administrator(h: &House<'_>) -> Permit<SeeJobs> {
    let user = h.person("admin", Role::SysAdmin).await;
    let (work, permit) = h.ask::<SeeJobs>(h.cx(user, Role::SysAdmin), ()).await;
    work.commit().await.unwrap();
    permit
}

async fn open(h: &House<'_>, permit: &Permit<SeeJobs>) -> Vec<JobStatus> {
    h.begin().await.open_jobs(permit).await.unwrap()
}

/// A job goes to one worker, not before it is due, and again when the lease runs out.
pub async fn a_job_is_leased_once(store: &dyn Store) {
    let h = House::new(store);
    let now = h.now();
    assert_eq!(h.begin().await.next_due().await.unwrap(), None);
    let (recording, clip) = (RecordingId::mint(&h.ids), ClipId::mint(&h.ids));
    let job = h.new_job(JobKind::RenderClip(recording, clip), h.later(5));
    h.queue(&[job]).await;
    assert_eq!(h.begin().await.next_due().await.unwrap(), Some(h.later(5)));

    assert_eq!(lease(&h, now).await, None, "not due yet");
    let first = lease(&h, h.later(5)).await.unwrap();
    assert_eq!(first, LeasedJob { id: job.id, kind: job.kind, token: first.token, attempt: 1 });
    assert_eq!(lease(&h, h.later(14)).await, None, "somebody has it");
    assert_eq!(
        h.begin().await.next_due().await.unwrap(),
        Some(h.later(15)),
        "when the lease runs out, somebody has to wake"
    );
    let second = lease(&h, h.later(15)).await.unwrap();
    assert_eq!(second, LeasedJob { token: first.token + 1, attempt: 2, ..first });
    finish(&h, &second, FinishedJob::Done).await;
    assert_eq!(lease(&h, h.later(1_000)).await, None);
    assert_eq!(h.begin().await.next_due().await.unwrap(), None);
}

/// The longest due comes first: from `run_at`, or from when a lease ran out; ties by id.
pub async fn jobs_go_by_how_long_they_have_been_due(store: &dyn Store) {
    let h = House::new(store);
    // Leased first of all, so that its lease ran out at 10, among the others.
    let crashed = h.some_job(h.later(-100));
    h.queue(&[crashed]).await;
    assert_eq!(lease(&h, h.now()).await.unwrap().id, crashed.id);

    let jobs = [12, 7, 12, 3, 99, 12, 9].map(|seconds| h.some_job(h.later(seconds)));
    h.queue(&jobs).await;
    assert_eq!(h.begin().await.next_due().await.unwrap(), Some(h.later(3)));
    let mut due: Vec<_> = jobs.iter().map(|j| (j.run_at, j.id)).collect();
    due.push((h.later(10), crashed.id));
    due.sort();
    due.pop();
    let mut leased = Vec::new();
    while let Some(job) = lease(&h, h.later(12)).await {
        leased.push(job.id);
    }
    assert_eq!(leased, due.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
}

/// Of eight workers that ask at the same time, each gets a job of its own, and a ninth gets none.
pub async fn jobs_are_shared_out_among_workers_at_once(store: &dyn Store) {
    let h = House::new(store);
    let jobs: Vec<_> = (0..8).map(|_| h.some_job(h.now())).collect();
    h.queue(&jobs).await;
    let leased = join_all((0..9).map(|_| lease(&h, h.now()))).await;
    let ids: BTreeSet<_> = leased.iter().flatten().map(|job| job.id).collect();
    assert_eq!(leased.iter().flatten().count(), 8);
    assert_eq!(ids, jobs.iter().map(|job| job.id).collect());
}

/// The same work is not queued twice while it is queued or running; afterwards it is.
pub async fn the_same_work_is_queued_once(store: &dyn Store) {
    let h = House::new(store);
    let admin = administrator(&h).await;
    let (one, other) = (RecordingId::mint(&h.ids), RecordingId::mint(&h.ids));
    let (first, second) = (ClipId::mint(&h.ids), ClipId::mint(&h.ids));
    let kinds = [
        JobKind::Decode(one),
        JobKind::Listening(one),
        JobKind::Transcribe(one),
        JobKind::Decode(other),
        JobKind::RenderClip(one, first),
        JobKind::RenderClip(one, second),
    ];
    for _ in 0..2 {
        h.queue(&kinds.map(|kind| h.new_job(kind, h.now()))).await;
    }
    assert_eq!(open(&h, &admin).await.len(), 6);

    let again = h.new_job(kinds[0], h.later(-5));
    let held = loop {
        let job = lease(&h, h.now()).await.unwrap();
        if job.kind == kinds[0] {
            break job;
        }
    };
    h.queue(&[again]).await;
    assert_eq!(open(&h, &admin).await.len(), 6, "it is running");
    finish(&h, &held, dead("model_missing")).await;
    h.queue(&[again]).await;
    assert_eq!(open(&h, &admin).await.len(), 7, "the other was given up");

    // The given-up one does not come back beside it.
    let mut work = h.begin().await;
    assert!(!work.requeue_job(&admin, held.id, h.now()).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(open(&h, &admin).await.len(), 7);
}

/// Whoever lost the lease can neither extend, hold nor finish the job.
pub async fn a_lost_lease_writes_nothing(store: &dyn Store) {
    let h = House::new(store);
    let admin = administrator(&h).await;
    h.queue(&[h.some_job(h.now())]).await;
    let slow = lease(&h, h.now()).await.unwrap();
    let mut work = h.begin().await;
    assert!(work.extend_lease(&slow, h.later(20), 250).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(open(&h, &admin).await[0].progress, 250);
    assert_eq!(lease(&h, h.later(19)).await, None, "it was extended");
    let mut work = h.begin().await;
    assert!(work.hold_job(&slow).await.unwrap());
    assert!(work.extend_lease(&slow, h.later(20), 9_999).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(open(&h, &admin).await[0].progress, 1_000, "never more than all");

    let quick = lease(&h, h.later(20)).await.unwrap();
    assert_eq!(open(&h, &admin).await[0].progress, 0, "it begins again");
    let mut work = h.begin().await;
    assert!(!work.hold_job(&slow).await.unwrap());
    assert!(!work.extend_lease(&slow, h.later(99), 900).await.unwrap());
    assert!(!work.finish_job(&slow, &FinishedJob::Done).await.unwrap());
    assert!(work.hold_job(&quick).await.unwrap());
    assert!(work.finish_job(&quick, &FinishedJob::Done).await.unwrap());
    assert!(!work.hold_job(&quick).await.unwrap(), "it is finished");
    assert!(!work.extend_lease(&quick, h.later(99), 900).await.unwrap());
    assert!(!work.finish_job(&quick, &FinishedJob::Done).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(open(&h, &admin).await, []);
}

/// While a unit of work holds a job, nobody leases it, even after its lease ran out; what the unit wrote stands.
pub async fn a_held_job_is_leased_to_nobody(store: &dyn Store) {
    let h = House::new(store);
    h.queue(&[h.some_job(h.now())]).await;
    let slow = lease(&h, h.now()).await.unwrap();
    let late = h.later(60);

    let mut holder = h.begin().await;
    assert!(holder.hold_job(&slow).await.unwrap());
    let write = async {
        // Long enough for the other to come in between, if anything lets it.
        for _ in 0..50 {
            holder.next_due().await.unwrap();
        }
        assert!(holder.finish_job(&slow, &FinishedJob::Done).await.unwrap());
        holder.commit().await.unwrap();
    };
    // Both at once: the other either waits for the unit to end or passes over the job.
    let ((), others) = futures_util::future::join(write, lease(&h, late)).await;
    assert_eq!(others, None);
    assert_eq!(lease(&h, late).await, None);
}

/// A job is done, tried again later, or given up.
pub async fn jobs_end_in_three_ways(store: &dyn Store) {
    let h = House::new(store);
    let admin = administrator(&h).await;
    let jobs = [h.some_job(h.later(-3)), h.some_job(h.later(-2)), h.some_job(h.later(-1))];
    h.queue(&jobs).await;
    let mut leased = Vec::new();
    for _ in 0..3 {
        leased.push(lease(&h, h.now()).await.unwrap());
    }
    let mut work = h.begin().await;
    assert!(work.extend_lease(&leased[1], h.later(10), 400).await.unwrap());
    work.commit().await.unwrap();
    let retry = FinishedJob::Retry { at: h.later(30), reason: "child_died".to_owned() };
    finish(&h, &leased[0], FinishedJob::Done).await;
    finish(&h, &leased[1], dead("gave_up")).await;
    finish(&h, &leased[2], retry).await;

    let status = |n: usize, state, progress, reason: &str, run_at| JobStatus {
        id: jobs[n].id,
        kind: jobs[n].kind,
        state,
        attempts: 1,
        progress,
        reason: Some(reason.to_owned()),
        run_at,
    };
    assert_eq!(
        open(&h, &admin).await,
        [
            status(1, JobState::Dead, 400, "gave_up", jobs[1].run_at),
            status(2, JobState::Queued, 0, "child_died", h.later(30)),
        ]
    );
    assert_eq!(lease(&h, h.later(29)).await, None);
    let again = lease(&h, h.later(30)).await.unwrap();
    assert_eq!((again.id, again.attempt), (jobs[2].id, 2));
    finish(&h, &again, FinishedJob::Done).await;
    assert_eq!(lease(&h, h.later(1_000)).await, None);
}

/// Whoever has a long transcription learns that something shorter waits, lets it go first, and has used no try.
pub async fn a_job_gives_way_to_a_shorter_one(store: &dyn Store) {
    let h = House::new(store);
    let admin = administrator(&h).await;
    let owner = h.person("priya", Role::Practitioner).await;
    let (long, other) = (h.playable(owner, "Ash", &[]).await, h.playable(owner, "Bo", &[]).await);
    let waits = async |job: &LeasedJob, left: u64, since| {
        let left = Ms::from_seconds(left);
        h.begin().await.shorter_waits(job, left, since).await.unwrap()
    };
    let job = h.new_job(JobKind::Transcribe(long), h.now());
    h.queue(&[job]).await;
    let held = lease(&h, h.now()).await.unwrap();
    assert!(!waits(&held, 10_000, h.later(100)).await, "nothing waits");

    // Another recording of 1,800 seconds.
    h.queue(&[h.new_job(JobKind::Transcribe(other), h.later(5))]).await;
    assert!(!waits(&held, 10_000, h.later(4)).await, "not that long yet");
    assert!(waits(&held, 1_801, h.later(5)).await);
    assert!(!waits(&held, 1_800, h.later(5)).await, "what is left is done as soon");
    let short = lease(&h, h.later(5)).await.unwrap();
    assert!(!waits(&held, 10_000, h.later(5)).await, "somebody has it");
    finish(&h, &short, FinishedJob::Done).await;
    h.queue(&[h.some_job(h.later(6)), h.new_job(JobKind::Erase(other), h.later(6))]).await;
    assert!(waits(&held, 1, h.later(6)).await, "whatever is no transcription is short");

    finish(&h, &held, FinishedJob::GiveWay { at: h.later(7) }).await;
    let given = open(&h, &admin).await.into_iter().find(|status| status.id == job.id).unwrap();
    assert_eq!((given.state, given.attempts, given.reason), (JobState::Queued, 0, None));
    let next = lease(&h, h.later(7)).await.unwrap();
    assert!(matches!(next.kind, JobKind::Decode(_)));
    assert!(!waits(&next, 10_000, h.later(6)).await, "destroying waits for nobody");
    let tiny = h.playable_for(owner, "Cy", 60).await;
    let short = h.new_job(JobKind::Transcribe(tiny), h.later(9));
    h.queue(&[short]).await;
    let shorter = lease(&h, h.later(9)).await.unwrap();
    assert_eq!(shorter.id, short.id, "the shorter one goes first");
    let again = lease(&h, h.later(9)).await.unwrap();
    assert_eq!((again.id, again.attempt), (job.id, 1));

    // Half a day later it has waited long enough.
    finish(&h, &next, FinishedJob::Done).await;
    finish(&h, &shorter, FinishedJob::Done).await;
    let late = 5 + crate::LONGEST_PASSED_OVER;
    finish(&h, &again, FinishedJob::GiveWay { at: h.later(late) }).await;
    h.queue(&[h.new_job(JobKind::Transcribe(other), h.later(late))]).await;
    let held = lease(&h, h.later(late)).await.unwrap();
    assert_eq!(held.id, job.id, "it comes first");
    assert!(!waits(&held, 10_000, h.later(late)).await, "and gives way to nobody");
}

/// Only a given-up job goes back into the queue, with its attempts forgotten.
pub async fn a_given_up_job_is_queued_again(store: &dyn Store) {
    let h = House::new(store);
    let admin = administrator(&h).await;
    let job = h.some_job(h.now());
    h.queue(&[job]).await;
    let again = |id: JobId| {
        let (h, admin) = (&h, &admin);
        async move {
            let mut work = h.begin().await;
            let done = work.requeue_job(admin, id, h.later(40)).await.unwrap();
            work.commit().await.unwrap();
            done
        }
    };
    assert!(!again(job.id).await, "it is queued");
    let first = lease(&h, h.now()).await.unwrap();
    assert!(!again(job.id).await, "it is running");
    finish(&h, &first, dead("gave_up")).await;
    assert!(again(job.id).await);
    assert_eq!(
        open(&h, &admin).await,
        [JobStatus {
            id: job.id,
            kind: job.kind,
            state: JobState::Queued,
            attempts: 0,
            progress: 0,
            reason: None,
            run_at: h.later(40),
        }]
    );
    let second = lease(&h, h.later(40)).await.unwrap();
    assert_eq!(second.attempt, 1);
    assert!(second.token > first.token, "an old lease stays lost");
    finish(&h, &second, FinishedJob::Done).await;
    assert!(!again(job.id).await, "it is done");
    assert!(!again(JobId::mint(&h.ids)).await, "there is none");
}

/// Given-up jobs first, then by when they may begin, ties by id; what is done is not there.
pub async fn open_jobs_are_listed_in_order(store: &dyn Store) {
    let h = House::new(store);
    let admin = administrator(&h).await;
    let jobs = [-60, -50, 8, 2, 8, 5, 8].map(|seconds| h.some_job(h.later(seconds)));
    h.queue(&jobs).await;
    let done = lease(&h, h.now()).await.unwrap();
    finish(&h, &done, FinishedJob::Done).await;
    lease(&h, h.now()).await.unwrap();
    // The last one to be due is the one that is given up, so that it cannot be first by accident.
    let late = h.some_job(h.later(9));
    h.queue(&[late]).await;
    let mut found = Vec::new();
    while let Some(job) = lease(&h, h.later(9)).await {
        found.push(job);
    }
    let last = found.iter().find(|job| job.id == late.id).unwrap();
    finish(&h, last, dead("gave_up")).await;

    let mut rest: Vec<_> = jobs[1..].iter().map(|j| (j.run_at, j.id)).collect();
    rest.sort();
    let expected: Vec<_> =
        [late.id].into_iter().chain(rest.into_iter().map(|(_, id)| id)).collect();
    let listed: Vec<_> = open(&h, &admin).await.into_iter().map(|job| job.id).collect();
    assert_eq!(listed, expected);
}

/// A recording's newest job of each kind, decoding first; neither other recordings' nor extracts'.
pub async fn the_newest_jobs_of_a_recording_are_shown(store: &dyn Store) {
    let h = House::new(store);
    let owner: UserId = h.person("priya", Role::Practitioner).await;
    let id = h.playable(owner, "Robin", &[]).await;
    let other = h.playable(owner, "Sky", &[]).await;
    let (work, see) = h.ask::<SeeRecording>(h.cx(owner, Role::Practitioner), id).await;
    work.commit().await.unwrap();
    assert_eq!(h.begin().await.jobs_of(&see).await.unwrap(), []);

    let old = h.new_job(JobKind::Decode(id), h.later(-9));
    h.queue(&[old]).await;
    let held = lease(&h, h.now()).await.unwrap();
    finish(&h, &held, dead("gave_up")).await;
    let transcribe = h.new_job(JobKind::Transcribe(id), h.later(-8));
    let decode = h.new_job(JobKind::Decode(id), h.later(-7));
    h.queue(&[
        transcribe,
        h.new_job(JobKind::Decode(other), h.later(5)),
        h.new_job(JobKind::RenderClip(id, ClipId::mint(&h.ids)), h.later(6)),
        decode,
    ])
    .await;
    let shown: Vec<_> = h.begin().await.jobs_of(&see).await.unwrap();
    let shown: Vec<_> = shown.iter().map(|j| (j.id, j.state, j.kind)).collect();
    assert_eq!(
        shown,
        [
            (decode.id, JobState::Queued, decode.kind),
            (transcribe.id, JobState::Queued, transcribe.kind)
        ]
    );
}
