//! The job queue in PostgreSQL.

use async_trait::async_trait;
use hearback_access::{Permit, SeeJobs, SeeRecording};
use hearback_domain::{ClipId, JobId, Ms, Timestamp};
use hearback_storage::{
    FinishedJob, JobState, JobStatus, Jobs, LONGEST_PASSED_OVER, LeasedJob, NewJob, Result,
    sql::{JobRow, JobStatusRow, backend, number},
};

use crate::Tx;

#[async_trait]
impl Jobs for Tx {
    #[tracing::instrument(name = "db.add_job", skip_all, err)]
    async fn add_job(&mut self, job: &NewJob) -> Result<()> {
        sqlx::query(
            "insert into jobs
                 (id, kind, recording, clip, state, queued_at, run_at, token, attempts, progress)
             values ($1, $2, $3, $4, 'queued', $5, $5, 0, 0, 0)
             on conflict do nothing",
        )
        .bind(job.id.as_uuid())
        .bind(job.kind.as_str())
        .bind(job.kind.recording().as_uuid())
        .bind(job.kind.clip().map(ClipId::as_uuid))
        .bind(job.run_at.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.lease_job", skip_all, err)]
    async fn lease_job(&mut self, now: Timestamp, until: Timestamp) -> Result<Option<LeasedJob>> {
        // `skip locked`: a worker passes over what another is about to take.
        sqlx::query_as(
            "update jobs set state = 'running', lease_until = $2, token = token + 1,
                 attempts = attempts + 1, progress = 0
             where id = (
                 select id from jobs
                 where kind <> 'erase' and ((state = 'queued' and run_at <= $1)
                    or (state = 'running' and lease_until <= $1))
                 order by case when kind = 'transcribe' and queued_at > $3 then 1 + coalesce((
                         select r.duration_ms from recordings r where r.id = jobs.recording
                     ), 0) else 0 end,
                     case state when 'queued' then run_at else lease_until end, id
                 limit 1
                 for update skip locked
             )
             returning id, kind, recording, clip, token, attempts",
        )
        .bind(now.as_micros())
        .bind(until.as_micros())
        .bind(now.plus_seconds(-LONGEST_PASSED_OVER).as_micros())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?
        .map(|row: JobRow| row.try_into())
        .transpose()
    }

    #[tracing::instrument(name = "db.lease_erasure", skip_all, err)]
    async fn lease_erasure(
        &mut self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<LeasedJob>> {
        // `skip locked`: a worker passes over what another is about to take.
        sqlx::query_as(
            "update jobs set state = 'running', lease_until = $2, token = token + 1,
                 attempts = attempts + 1, progress = 0
             where id = (
                 select id from jobs
                 where kind = 'erase' and ((state = 'queued' and run_at <= $1)
                    or (state = 'running' and lease_until <= $1))
                 order by case state when 'queued' then run_at else lease_until end, id
                 limit 1
                 for update skip locked
             )
             returning id, kind, recording, clip, token, attempts",
        )
        .bind(now.as_micros())
        .bind(until.as_micros())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?
        .map(|row: JobRow| row.try_into())
        .transpose()
    }

    #[tracing::instrument(name = "db.extend_lease", skip_all, err)]
    async fn extend_lease(
        &mut self,
        job: &LeasedJob,
        until: Timestamp,
        progress: u16,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update jobs set lease_until = $3, progress = $4
             where id = $1 and token = $2 and state = 'running'",
        )
        .bind(job.id.as_uuid())
        .bind(job.token)
        .bind(until.as_micros())
        .bind(i64::from(progress.min(1_000)))
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.hold_job", skip_all, err)]
    async fn hold_job(&mut self, job: &LeasedJob) -> Result<bool> {
        // `for update`: nobody can lease the job until this unit ends.
        let held: Option<i64> = sqlx::query_scalar(
            "select token from jobs where id = $1 and token = $2 and state = 'running'
             for update",
        )
        .bind(job.id.as_uuid())
        .bind(job.token)
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(held.is_some())
    }

    #[tracing::instrument(name = "db.finish_job", skip_all, err)]
    async fn finish_job(&mut self, job: &LeasedJob, how: &FinishedJob) -> Result<bool> {
        let (state, run_at, reason, given_back) = match how {
            FinishedJob::Done => (JobState::Done, None, None, 0_i64),
            FinishedJob::Retry { at, reason } => (JobState::Queued, Some(*at), Some(reason), 0),
            FinishedJob::GiveWay { at } => (JobState::Queued, Some(*at), None, 1),
            FinishedJob::Dead { reason } => (JobState::Dead, None, Some(reason), 0),
        };
        let done = sqlx::query(
            "update jobs set state = $3, lease_until = null, run_at = coalesce($4, run_at),
                 reason = $5, attempts = attempts - $6,
                 progress = case when $3 = 'done' then 1000 else progress end
             where id = $1 and token = $2 and state = 'running'",
        )
        .bind(job.id.as_uuid())
        .bind(job.token)
        .bind(state.as_str())
        .bind(run_at.map(Timestamp::as_micros))
        .bind(reason)
        .bind(given_back)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.shorter_waits", skip_all, err)]
    async fn shorter_waits(&mut self, job: &LeasedJob, left: Ms, since: Timestamp) -> Result<bool> {
        sqlx::query_scalar(
            "select exists (
                 select 1 from jobs j left join recordings r on r.id = j.recording
                 where j.id <> $1 and j.state = 'queued' and j.run_at <= $2 and j.kind <> 'erase'
                   and (j.kind <> 'transcribe' or r.duration_ms < $3)
                   and exists (select 1 from jobs o where o.id = $1 and o.queued_at > $4)
             )",
        )
        .bind(job.id.as_uuid())
        .bind(since.as_micros())
        .bind(number(left.get())?)
        .bind(since.plus_seconds(-LONGEST_PASSED_OVER).as_micros())
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)
    }

    #[tracing::instrument(name = "db.requeue_job", skip_all, err)]
    async fn requeue_job(
        &mut self,
        _permit: &Permit<SeeJobs>,
        id: JobId,
        now: Timestamp,
    ) -> Result<bool> {
        // If the same work was queued again meanwhile, that job does it.
        let done = sqlx::query(
            "update jobs set state = 'queued', run_at = $2, attempts = 0, progress = 0,
                 reason = null
             where id = $1 and state = 'dead' and not exists (
                 select 1 from jobs o
                 where o.recording = jobs.recording and o.kind = jobs.kind
                   and o.clip is not distinct from jobs.clip and o.state in ('queued', 'running')
             )",
        )
        .bind(id.as_uuid())
        .bind(now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.jobs_of", skip_all, err)]
    async fn jobs_of(&mut self, permit: &Permit<SeeRecording>) -> Result<Vec<JobStatus>> {
        sqlx::query_as(
            "select id, kind, recording, clip, state, attempts, progress, reason, run_at
             from jobs j
             where recording = $1 and clip is null and not exists (
                 select 1 from jobs n
                 where n.recording = j.recording and n.kind = j.kind
                   and (n.queued_at, n.id) > (j.queued_at, j.id)
             )
             order by case kind when 'decode' then 0 when 'listening' then 1 else 2 end",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?
        .into_iter()
        .map(|row: JobStatusRow| row.try_into())
        .collect()
    }

    #[tracing::instrument(name = "db.open_jobs", skip_all, err)]
    async fn open_jobs(&mut self, _permit: &Permit<SeeJobs>) -> Result<Vec<JobStatus>> {
        sqlx::query_as(
            "select id, kind, recording, clip, state, attempts, progress, reason, run_at
             from jobs where state <> 'done'
             order by case state when 'dead' then 0 else 1 end, run_at, id",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?
        .into_iter()
        .map(|row: JobStatusRow| row.try_into())
        .collect()
    }

    #[tracing::instrument(name = "db.next_due", skip_all, err)]
    async fn next_due(&mut self) -> Result<Option<Timestamp>> {
        let at: Option<i64> = sqlx::query_scalar(
            "select min(case state when 'queued' then run_at else lease_until end)
             from jobs where state in ('queued', 'running') and kind <> 'erase'",
        )
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(at.map(Timestamp::from_micros))
    }
}
