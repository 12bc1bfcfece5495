//! Destroying in SQLite.

use async_trait::async_trait;
use hearback_access::{Erase, Permit};
use hearback_domain::{
    ErasureId, JobId, KeyClass, Purpose, RecordingId, Timestamp,
    withdrawal::{ErasureCause, effects},
};
use hearback_storage::{
    Closed, Erasing, Erasure, JobKind, Jobs as _, LeasedJob, NewJob, Result, Rows, SweepNotes,
    SweepView,
    sql::{ErasureRow, SweepRow, backend, by_recording, count, month, number, words_of_classes},
};
use uuid::Uuid;

use crate::Tx;

#[async_trait]
impl Erasing for Tx {
    #[tracing::instrument(name = "db.erasures_without_job", skip_all, err)]
    async fn erasures_without_job(&mut self) -> Result<Vec<RecordingId>> {
        let ids: Vec<Uuid> = sqlx::query_scalar(
            "select distinct e.recording from erasures e
             join recordings r on r.id = e.recording
             where e.state = 'pending' and not exists (
                 select 1 from jobs j
                 where j.recording = e.recording and j.kind = 'erase'
                   and j.state in ('queued', 'running')
             )
             order by e.recording",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(ids.into_iter().map(RecordingId::from_uuid).collect())
    }

    #[tracing::instrument(name = "db.stop_jobs", skip_all, err)]
    async fn stop_jobs(&mut self, job: &LeasedJob, classes: &[KeyClass]) -> Result<()> {
        let has = |class| classes.contains(&class);
        let (sound, text) = (has(KeyClass::Sound), has(KeyClass::Text));
        let kinds = [
            ("decode", sound),
            ("listening", sound),
            ("transcribe", sound || text),
            ("render_clip", sound || has(KeyClass::Extracts)),
        ];
        for (kind, _) in kinds.into_iter().filter(|(_, stops)| *stops) {
            sqlx::query(
                "update jobs set state = 'done', lease_until = null
                 where recording = $1 and kind = $2 and state <> 'done'",
            )
            .bind(job.kind.recording().as_uuid())
            .bind(kind)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        Ok(())
    }

    #[tracing::instrument(name = "db.pending_erasures", skip_all, err)]
    async fn pending_erasures(&mut self, permit: &Permit<Erase>) -> Result<Vec<Erasure>> {
        sqlx::query_as(
            "select id, classes, whole, cause, state, requested_at, done_at, ledger_seq
             from erasures where recording = $1 and state = 'pending'
             order by requested_at, id",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?
        .into_iter()
        .map(|row: ErasureRow| row.try_into())
        .collect()
    }

    #[tracing::instrument(name = "db.add_erasure", skip_all, err)]
    async fn add_erasure(
        &mut self,
        permit: &Permit<Erase>,
        new: &Erasure,
        receipt: &[u8; 32],
        job: JobId,
    ) -> Result<()> {
        let recording = permit.object().as_uuid();
        let held = self.held(recording).await?;
        self.close(recording, &new.classes, permit.cx()).await?;
        sqlx::query(
            "insert into erasures
                 (id, recording, classes, whole, cause, state, requested_at, receipt)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(new.id.as_uuid())
        .bind(recording)
        .bind(words_of_classes(&new.classes))
        .bind(new.whole)
        .bind(new.cause.as_str())
        .bind(if held { "held" } else { "pending" })
        .bind(permit.cx().now.as_micros())
        .bind(receipt.to_vec())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if !held {
            let kind = JobKind::Erase(permit.object());
            self.add_job(&NewJob { id: job, kind, run_at: permit.cx().now }).await?;
        }
        Ok(())
    }

    #[tracing::instrument(name = "db.take_back", skip_all, err)]
    async fn take_back(
        &mut self,
        permit: &Permit<Erase>,
        purposes: &[Purpose],
        at: Timestamp,
    ) -> Result<()> {
        let recording = permit.object().as_uuid();
        let mut ended = Vec::new();
        for purpose in purposes {
            let done = sqlx::query(
                "update consents set withdrawn_at = $3
                 where recording = $1 and purpose = $2 and given and withdrawn_at is null
                   and not exists (
                       select 1 from consent_records c
                       where c.recording = $1 and c.person = consents.person
                         and c.recorded_at > $3
                   )",
            )
            .bind(recording)
            .bind(purpose.as_str())
            .bind(at.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
            if done.rows_affected() > 0 {
                ended.push(*purpose);
            }
        }
        self.end_grants(recording, &ended, permit.cx()).await
    }

    #[tracing::instrument(name = "db.close_again", skip_all, err)]
    async fn close_again(
        &mut self,
        permit: &Permit<Erase>,
        closed: &Closed,
        erasure: ErasureId,
        receipt: &[u8; 32],
        job: JobId,
    ) -> Result<()> {
        let recording = permit.object().as_uuid();
        let effects = effects(&closed.purposes);
        let said_since: bool = sqlx::query_scalar(
            "select exists (select 1 from consent_records
                 where recording = $1 and person = $2 and recorded_at > $3)",
        )
        .bind(recording)
        .bind(closed.person.as_uuid())
        .bind(closed.at.as_micros())
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        if said_since {
            return Ok(());
        }
        self.end_yeses(recording, closed.person, &effects.closes, closed.at).await?;
        self.end_grants(recording, &effects.closes, permit.cx()).await?;
        let known: Vec<String> =
            sqlx::query_scalar("select class from erased_classes where recording = $1")
                .bind(recording)
                .fetch_all(&mut *self.0)
                .await
                .map_err(backend)?;
        let unknown = |class: &KeyClass| !known.iter().any(|word| word == class.as_str());
        if effects.destroys.iter().any(unknown) {
            let new = Erasure {
                id: erasure,
                classes: effects.destroys,
                whole: effects.whole,
                cause: ErasureCause::Withdrawal,
            };
            self.add_erasure(permit, &new, receipt, job).await?;
        }
        Ok(())
    }

    #[tracing::instrument(name = "db.erase_rows", skip_all, err)]
    async fn erase_rows(
        &mut self,
        permit: &Permit<Erase>,
        erasure: ErasureId,
        ledger_seq: u64,
    ) -> Result<Rows> {
        let recording = permit.object().as_uuid();
        let all: Vec<ErasureRow> = sqlx::query_as(
            "select id, classes, whole, cause, state, requested_at, done_at, ledger_seq
             from erasures where recording = $1 and (id = $2 or state = 'done')",
        )
        .bind(recording)
        .bind(erasure.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let all: Vec<Erasure> = all.into_iter().map(TryInto::try_into).collect::<Result<_>>()?;
        let Some(this) = all.iter().find(|one| one.id == erasure) else { return Ok(Rows::Some) };
        let gone = |class: &KeyClass| all.iter().any(|one| one.classes.contains(class));
        let whole = this.whole || KeyClass::ALL.iter().all(gone);
        let coded = (whole || this.classes.contains(&KeyClass::Coding))
            && self.was_coded(recording).await?;
        self.close(recording, &this.classes, permit.cx()).await?;
        if whole {
            self.entomb(permit, this, coded).await?;
        }
        for class in KeyClass::ALL.iter().filter(|class| whole || this.classes.contains(class)) {
            for statement in rows_of(*class) {
                self.delete(statement, recording).await?;
            }
        }
        if whole {
            for statement in THE_REST {
                self.delete(statement, recording).await?;
            }
        }
        sqlx::query(
            "update erasures set state = 'done', done_at = $3, ledger_seq = $4,
                 was_coded = case when id = $2 then $5 end
             where recording = $1 and state <> 'done' and (id = $2 or $6)",
        )
        .bind(recording)
        .bind(erasure.as_uuid())
        .bind(permit.cx().now.as_micros())
        .bind(number(ledger_seq)?)
        .bind(coded)
        .bind(whole)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        self.carried_out(ledger_seq).await?;
        Ok(if whole { Rows::All } else { Rows::Some })
    }

    #[tracing::instrument(name = "db.carried_out", skip_all, err)]
    async fn carried_out(&mut self, ledger_seq: u64) -> Result<()> {
        if self.ledger_applied().await?.checked_add(1) == Some(ledger_seq) {
            self.set_ledger_applied(ledger_seq).await?;
        }
        Ok(())
    }

    #[tracing::instrument(name = "db.ledger_applied", skip_all, err)]
    async fn ledger_applied(&mut self) -> Result<u64> {
        let seq: i64 = sqlx::query_scalar("select seq from ledger_applied where id = 1")
            .fetch_one(&mut *self.0)
            .await
            .map_err(backend)?;
        count(seq)
    }

    #[tracing::instrument(name = "db.set_ledger_applied", skip_all, err)]
    async fn set_ledger_applied(&mut self, seq: u64) -> Result<()> {
        sqlx::query("update ledger_applied set seq = $1 where id = 1 and seq < $1")
            .bind(number(seq)?)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.due_classes", skip_all, err)]
    async fn due_classes(&mut self, at: Timestamp) -> Result<Vec<(RecordingId, Vec<KeyClass>)>> {
        let rows: Vec<(Uuid, String)> = sqlx::query_as(
            "select k.recording, k.class from keeping k
             where k.until <= $1
               and not exists (
                   select 1 from erased_classes e
                   where e.recording = k.recording and e.class = k.class
               )
               and not exists (
                   select 1 from holds h where h.recording = k.recording and h.lifted_at is null
               )
             order by k.recording, k.class",
        )
        .bind(at.as_micros())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        by_recording(rows)
    }

    #[tracing::instrument(name = "db.sweep_view", skip_all, err)]
    async fn sweep_view(&mut self) -> Result<SweepView> {
        self.turn().await?;
        let row: SweepRow = sqlx::query_as(
            "select swept_at, forecast, forecast_at, already, released, paused, due
             from sweeps where id = 1",
        )
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        let (newest, recordings): (Option<i64>, i64) = sqlx::query_as(
            "select (select a.at from audit a join audit_head h on h.seq = a.seq),
                 (select count(*) from recordings)",
        )
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(SweepView {
            notes: row.try_into()?,
            newest_audit: newest.map(Timestamp::from_micros),
            recordings: count(recordings)?,
        })
    }

    #[tracing::instrument(name = "db.set_sweep_notes", skip_all, err)]
    async fn set_sweep_notes(&mut self, notes: &SweepNotes) -> Result<()> {
        let (paused, due) = notes.paused.map(hearback_storage::Paused::parts).unzip();
        sqlx::query(
            "update sweeps set swept_at = $1, forecast = $2, forecast_at = $3, already = $4,
                 released = $5, paused = $6, due = $7
             where id = 1",
        )
        .bind(notes.swept_at.map(Timestamp::as_micros))
        .bind(number(notes.forecast)?)
        .bind(notes.forecast_at.map(Timestamp::as_micros))
        .bind(number(notes.already)?)
        .bind(number(notes.released)?)
        .bind(paused)
        .bind(number(due.unwrap_or(0))?)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }
}

/// What goes with a class. Each statement takes the recording.
const fn rows_of(class: KeyClass) -> &'static [&'static str] {
    match class {
        KeyClass::Sound => &[
            "delete from objects
             where recording = $1
               and kind in ('original', 'normalised', 'peaks', 'listening', 'sides')",
            "delete from identity_links where recording = $1",
            "delete from hidden_passages where recording = $1",
            "delete from nominations where recording = $1",
            "update recordings set held_on = null, content_sha256 = null, remarks = null
             where id = $1",
        ],
        KeyClass::Text => &[
            "delete from objects
             where recording = $1 and kind in ('transcript', 'corrections', 'draft')",
            "update recordings set corrections = 0, language_wanted = null where id = $1",
            "update clips set quoted = false
             where playlist in (select id from playlists where recording = $1)",
        ],
        KeyClass::Extracts => &[
            "delete from objects where recording = $1 and kind = 'clip'",
            "delete from jobs where recording = $1 and kind = 'render_clip'",
            "delete from clips where playlist in (select id from playlists where recording = $1)",
            "delete from playlists where recording = $1",
            "delete from proposals where recording = $1",
            "delete from briefing_notes where recording = $1",
            "delete from briefing_pieces where recording = $1",
        ],
        KeyClass::Coding => &[
            "delete from codes where recording = $1",
            "delete from scores where recording = $1",
            "delete from codings where recording = $1",
            "delete from desk_drafts where recording = $1",
            "delete from heard where recording = $1",
            "delete from agreed_codes where recording = $1",
            "delete from agreed_scores where recording = $1",
            "delete from attempt_answers where recording = $1",
            "delete from training_recordings where recording = $1",
        ],
    }
}

/// Everything else about a recording, in an order in which nothing is left behind that refers to what is gone. Concerns
/// are not about the recording but about somebody's safety, and stay (ETH-01); and with them, who is kept away.
const THE_REST: &[&str] = &[
    "delete from blocks where recording = $1
       and not exists (select 1 from concerns where recording = $1)",
    "delete from consent_records where recording = $1",
    "delete from consents where recording = $1",
    "delete from parties where recording = $1",
    "delete from grants where recording = $1",
    "delete from extensions where recording = $1",
    "delete from keeping where recording = $1",
    "delete from holds where recording = $1",
    "delete from erased_classes where recording = $1",
    "delete from jobs where recording = $1 and kind <> 'erase'",
    "delete from recordings where id = $1",
];

impl Tx {
    async fn delete(&mut self, statement: &'static str, recording: Uuid) -> Result<()> {
        sqlx::query(statement).bind(recording).execute(&mut *self.0).await.map_err(backend)?;
        Ok(())
    }

    async fn was_coded(&mut self, recording: Uuid) -> Result<bool> {
        sqlx::query_scalar(
            "select exists (select 1 from codes where recording = $1)
                 or exists (select 1 from scores where recording = $1)
                 or exists (
                     select 1 from codings where recording = $1 and locked_at is not null)",
        )
        .bind(recording)
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)
    }

    /// Notes what stays of a recording that goes: months, and who was ever what to its practitioner.
    async fn entomb(
        &mut self,
        permit: &Permit<Erase>,
        erasure: &Erasure,
        coded: bool,
    ) -> Result<()> {
        let recording = permit.object().as_uuid();
        sqlx::query(
            "insert into relations_ever (practitioner, person, relation)
             select distinct r.owner, g.person,
                 case when g.relation in ('codes_second', 'learns') then 'codes' else g.relation end
             from grants g join recordings r on r.id = g.recording
             where r.id = $1
             on conflict (practitioner, person, relation) do nothing",
        )
        .bind(recording)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        let row: Option<(i64, bool)> = sqlx::query_as(
            "select created_at, exists (
                 select 1 from erasures e where e.recording = recordings.id and e.was_coded
             )
             from recordings where id = $1",
        )
        .bind(recording)
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some((created_at, coded_before)) = row else { return Ok(()) };
        sqlx::query(
            "insert into tombstones
                 (recording, practitioner, phase, was_coded, created_in, erased_in, cause)
             select id, owner, phase, $2, $3, $4, $5 from recordings where id = $1
             on conflict (recording) do nothing",
        )
        .bind(recording)
        .bind(coded || coded_before)
        .bind(month(Timestamp::from_micros(created_at)))
        .bind(month(permit.cx().now))
        .bind(erasure.cause.as_str())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }
}
