//! What is held, for how long, and who stops its destruction, in PostgreSQL.

use async_trait::async_trait;
use hearback_access::{ExtendKeeping, Hold, ManageRetention, Permit, SeeHoldings, SeeRecording};
use hearback_domain::{
    JobId, KeyClass, Purpose, RecordingId, Timestamp,
    retention::{Anchor, Anchors, Rules},
};
use hearback_storage::{
    CurrentHold, Holding, HoldingsPage, JobKind, Jobs as _, Keeping, Kept, NewExtension, NewHold,
    NewJob, Result, Show, SweepNotes, Totals,
    sql::{
        AnchorsRow, HoldRow, HoldingParts, HoldingRow, KeptRow, RuleRow, SweepRow, backend, count,
        kept_of, misuse, person_of, seal_reason,
    },
};
use uuid::Uuid;

use crate::Tx;

/// How near an end has to be so that it is spoken of, and how far at least one that is moved is away: thirty days, in
/// microseconds.
const SOON_MICROS: i64 = 30 * 86_400 * 1_000_000;

#[async_trait]
impl Keeping for Tx {
    #[tracing::instrument(name = "db.holdings", skip_all, err)]
    async fn holdings(
        &mut self,
        permit: &Permit<SeeHoldings>,
        page: &HoldingsPage,
    ) -> Result<Vec<Holding>> {
        let now = permit.cx().now;
        let (first, last) = page.between.unzip();
        let rows: Vec<HoldingRow> = sqlx::query_as(
            "select r.id, r.owner, p.name, r.created_at, r.phase,
                 r.audio, r.transcript, r.sharing, r.shared_at, r.duration_ms
             from recordings r join people p on p.id = r.owner
             where ($1 is null or r.id between $1 and $2)
               and ($3 <> 'ending' or exists (
                   select 1 from keeping k
                   where k.recording = r.id and k.until <= $4 and not exists (
                       select 1 from erased_classes e
                       where e.recording = k.recording and e.class = k.class)))
               and ($3 <> 'held' or exists (
                   select 1 from holds h where h.recording = r.id and h.lifted_at is null))
               and ($3 <> 'waiting' or exists (
                   select 1 from erasures e where e.recording = r.id and e.state <> 'done'))
             order by r.created_at desc, r.id
             limit $5 offset $6",
        )
        .bind(first.map(RecordingId::as_uuid))
        .bind(last.map(RecordingId::as_uuid))
        .bind(word_of(page.show))
        .bind(now.as_micros().saturating_add(SOON_MICROS))
        .bind(i64::from(page.limit))
        .bind(i64::from(page.skip))
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let mut holdings = Vec::with_capacity(rows.len());
        for row in rows {
            let consents = self.consents(row.id, now).await?;
            let covered = |purpose: &Purpose| consents.cover(*purpose);
            let parts = HoldingParts {
                heard: self.kinds(row.id).await?,
                covers: Purpose::ALL.iter().copied().filter(covered).collect(),
                kept: self.kept_rows(row.id).await?,
                hold: self.current_hold(row.id).await?,
                erasure: self.open_erasure(row.id).await?,
            };
            holdings.push(row.open(self.cipher(), parts)?);
        }
        Ok(holdings)
    }

    #[tracing::instrument(name = "db.totals", skip_all, err)]
    async fn totals(&mut self, _permit: &Permit<SeeHoldings>) -> Result<Totals> {
        let (recordings, gone, codings_gone, waiting): (i64, i64, i64, i64) = sqlx::query_as(
            "select
                 (select count(*) from recordings),
                 (select count(*) from tombstones),
                 (select count(*) from erasures where was_coded),
                 (select count(*) from erasures where state <> 'done')",
        )
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(Totals {
            recordings: count(recordings)?,
            gone: count(gone)?,
            codings_gone: count(codings_gone)?,
            waiting: count(waiting)?,
        })
    }

    #[tracing::instrument(name = "db.retention_rules", skip_all, err)]
    async fn retention_rules(&mut self, _permit: &Permit<SeeHoldings>) -> Result<Rules> {
        self.rules().await
    }

    #[tracing::instrument(name = "db.sweep_seen", skip_all, err)]
    async fn sweep_seen(&mut self, _permit: &Permit<SeeHoldings>) -> Result<SweepNotes> {
        let row: SweepRow = sqlx::query_as(
            "select swept_at, forecast, forecast_at, already, released, paused, due
             from sweeps where id = 1",
        )
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        row.try_into()
    }

    #[tracing::instrument(name = "db.set_retention_rules", skip_all, err)]
    async fn set_retention_rules(
        &mut self,
        permit: &Permit<ManageRetention>,
        rules: &[(KeyClass, Anchor, u32)],
    ) -> Result<()> {
        let before: Vec<_> = self.rules().await?.all().collect();
        let changed: Vec<_> = rules.iter().filter(|rule| !before.contains(rule)).collect();
        for (class, anchor, days) in &changed {
            sqlx::query(
                "insert into retention_rules (class, anchor, days) values ($1, $2, $3)
                 on conflict (class, anchor) do update set days = excluded.days",
            )
            .bind(class.as_str())
            .bind(anchor.as_str())
            .bind(i64::from(*days))
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        if changed.is_empty() {
            return Ok(());
        }
        let all: Vec<Uuid> = sqlx::query_scalar("select id from recordings order by id")
            .fetch_all(&mut *self.0)
            .await
            .map_err(backend)?;
        for recording in all {
            self.settle(recording, permit.cx().now).await?;
        }
        Ok(())
    }

    #[tracing::instrument(name = "db.release_sweep", skip_all, err)]
    async fn release_sweep(&mut self, permit: &Permit<ManageRetention>) -> Result<bool> {
        let done = sqlx::query(
            "update sweeps set released = due, paused = null, swept_at = $1
             where id = 1 and paused is not null",
        )
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.kept", skip_all, err)]
    async fn kept(&mut self, permit: &Permit<ExtendKeeping>) -> Result<Vec<Kept>> {
        kept_of(self.kept_rows(permit.object().as_uuid()).await?)
    }

    #[tracing::instrument(name = "db.kept_here", skip_all, err)]
    async fn kept_here(&mut self, permit: &Permit<SeeRecording>) -> Result<Vec<Kept>> {
        kept_of(self.kept_rows(permit.object().as_uuid()).await?)
    }

    #[tracing::instrument(name = "db.extend_keeping", skip_all, err)]
    async fn extend_keeping(
        &mut self,
        permit: &Permit<ExtendKeeping>,
        new: &NewExtension,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update keeping set until = $3, extended = extended + 1
             where recording = $1 and class = $2 and until = $4 and extended = $5
               and not exists (
                   select 1 from erased_classes e
                   where e.recording = keeping.recording and e.class = keeping.class
               )",
        )
        .bind(permit.object().as_uuid())
        .bind(new.kept.class.as_str())
        .bind(new.until.as_micros())
        .bind(new.kept.until.as_micros())
        .bind(i64::from(new.kept.extended))
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let recording = permit.object();
        let reason = seal_reason(self.cipher(), recording, "extensions", new.id, &new.reason)?;
        sqlx::query(
            "insert into extensions (id, recording, class, until, reason, made_by, made_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(new.id)
        .bind(permit.object().as_uuid())
        .bind(new.kept.class.as_str())
        .bind(new.until.as_micros())
        .bind(reason)
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(true)
    }

    #[tracing::instrument(name = "db.place_hold", skip_all, err)]
    async fn place_hold(&mut self, permit: &Permit<Hold>, new: &NewHold) -> Result<bool> {
        let recording = permit.object().as_uuid();
        if self.held(recording).await? {
            return Ok(false);
        }
        // Nobody takes up what is queued while this goes on; what somebody has taken up is not stopped.
        sqlx::query(
            "update jobs set state = 'done', lease_until = null
             where recording = $1 and kind = 'erase' and state = 'queued'",
        )
        .bind(recording)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        let begun: bool = sqlx::query_scalar(
            "select exists (
                 select 1 from jobs where recording = $1 and kind = 'erase' and state = 'running'
             )",
        )
        .bind(recording)
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        if begun {
            return Ok(false);
        }
        let reason = seal_reason(self.cipher(), permit.object(), "holds", new.id, &new.reason)?;
        sqlx::query(
            "insert into holds (id, recording, reason, placed_by, placed_at, review_by)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(new.id)
        .bind(recording)
        .bind(reason)
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .bind(new.review_by.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        sqlx::query(
            "update erasures set state = 'held' where recording = $1 and state = 'pending'",
        )
        .bind(recording)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(true)
    }

    #[tracing::instrument(name = "db.lift_hold", skip_all, err)]
    async fn lift_hold(&mut self, permit: &Permit<Hold>, job: JobId) -> Result<bool> {
        let done = sqlx::query(
            "update holds set lifted_by = $2, lifted_at = $3
             where recording = $1 and lifted_at is null",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        let waiting = sqlx::query(
            "update erasures set state = 'pending' where recording = $1 and state = 'held'",
        )
        .bind(permit.object().as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if waiting.rows_affected() > 0 {
            let kind = JobKind::Erase(permit.object());
            self.add_job(&NewJob { id: job, kind, run_at: permit.cx().now }).await?;
        }
        Ok(done.rows_affected() > 0)
    }
}

fn word_of(show: Show) -> &'static str {
    match show {
        Show::All => "all",
        Show::Ending => "ending",
        Show::Held => "held",
        Show::Waiting => "waiting",
    }
}

impl Tx {
    async fn kept_rows(&mut self, recording: Uuid) -> Result<Vec<KeptRow>> {
        sqlx::query_as(
            "select k.class, k.until, k.extended, exists (
                 select 1 from erased_classes e
                 where e.recording = k.recording and e.class = k.class
             ) as gone
             from keeping k where k.recording = $1",
        )
        .bind(recording)
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)
    }

    async fn current_hold(&mut self, recording: Uuid) -> Result<Option<CurrentHold>> {
        let row: Option<HoldRow> = sqlx::query_as(
            "select id, reason, placed_at, review_by from holds
             where recording = $1 and lifted_at is null",
        )
        .bind(recording)
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        row.map(|row| row.open(self.cipher(), RecordingId::from_uuid(recording))).transpose()
    }

    async fn open_erasure(&mut self, recording: Uuid) -> Result<Option<String>> {
        sqlx::query_scalar(
            "select state from erasures where recording = $1 and state <> 'done'
             order by requested_at, id
             limit 1",
        )
        .bind(recording)
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)
    }

    async fn rules(&mut self) -> Result<Rules> {
        let rows: Vec<RuleRow> = sqlx::query_as("select class, anchor, days from retention_rules")
            .fetch_all(&mut *self.0)
            .await
            .map_err(backend)?;
        let mut rules = Rules::default();
        for row in rows {
            let (class, anchor, days) = row.try_into()?;
            rules
                .set(class, anchor, days)
                .map_err(|_| misuse("a rule of retention that is none"))?;
        }
        Ok(rules)
    }

    /// Notes until when the recording may be kept, from what has happened to it and the rules as they are now. What was
    /// made longer stays as it is. What ends sooner than it did is announced first: it does not end within thirty days
    /// from now, unless it did before.
    pub(crate) async fn settle(&mut self, recording: Uuid, now: Timestamp) -> Result<()> {
        let row: Option<AnchorsRow> = sqlx::query_as(
            "select r.created_at,
                 (select max(f.locked_at) from codings f where f.recording = r.id) as coded,
                 (select p.agreed_at from playlists p where p.recording = r.id) as agreed
             from recordings r where r.id = $1",
        )
        .bind(recording)
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some(row) = row else { return Ok(()) };
        let (rules, anchors) = (self.rules().await?, Anchors::from(row));
        for class in KeyClass::ALL {
            sqlx::query(
                "insert into keeping (recording, class, until, extended) values ($1, $2, $3, 0)
                 on conflict (recording, class) do update set until = case
                     when excluded.until >= keeping.until or excluded.until >= $4
                         then excluded.until
                     when keeping.until <= $4 then keeping.until
                     else $4
                 end
                 where keeping.extended = 0",
            )
            .bind(recording)
            .bind(class.as_str())
            .bind(rules.deadline(*class, &anchors).as_micros())
            .bind(now.as_micros().saturating_add(SOON_MICROS))
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        Ok(())
    }
}
