//! Several people's codings in PostgreSQL. Every statement that shows one asks whether everybody has finished.

use async_trait::async_trait;
use hearback_access::{CompareCodings, Permit, SeeReliability, UseRatings};
use hearback_domain::{RecordingId, Timestamp, UserId, coding::Hand};
use hearback_storage::{
    Agreement, CodersWork, CodingState, Rated, RatedWork, Result, WholeScore,
    sql::{
        CodeRow, CodersRow, HandRow, PlacedRow, ScoreRow, backend, duration_of, those_not_erased,
    },
};
use uuid::Uuid;

use crate::Tx;

#[async_trait]
impl Agreement for Tx {
    #[tracing::instrument(name = "db.hands", skip_all, err)]
    async fn hands(&mut self, permit: &Permit<CompareCodings>) -> Result<Vec<Hand>> {
        let rows: Vec<HandRow> = sqlx::query_as(
            "select w.coder,
                 exists (
                     select 1 from codings c
                     where c.recording = $1 and c.coder = w.coder and c.locked_at is not null
                       and not c.learning
                 ) as locked,
                 exists (
                     select 1 from grants g
                     where g.recording = $1 and g.person = w.coder
                       and g.relation in ('codes', 'codes_second', 'learns')
                       and g.ended_at is null and g.expires_at > $2
                 ) as working
             from (
                 select coder from codings where recording = $1 and not learning
                 union
                 select person from grants
                 where recording = $1 and relation in ('codes', 'codes_second')
                   and ended_at is null and expires_at > $2
             ) w
             order by w.coder",
        )
        .bind(permit.object().as_uuid())
        .bind(permit.cx().now.as_micros())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    #[tracing::instrument(name = "db.codings", skip_all, err)]
    async fn codings(&mut self, permit: &Permit<CompareCodings>) -> Result<Vec<CodersWork>> {
        let recording = permit.object();
        let mut works = Vec::new();
        for (coder, coding) in self.finished(recording, permit.cx().now).await? {
            let rows: Vec<CodeRow> = sqlx::query_as(
                "select id, framework_version, skill, sub, start_ms, end_ms, note, nonverbal,
                     exemplar, created_at
                 from codes where recording = $1 and coder = $2
                 order by start_ms, end_ms, id",
            )
            .bind(recording.as_uuid())
            .bind(coder.as_uuid())
            .fetch_all(&mut *self.0)
            .await
            .map_err(backend)?;
            let opened = rows.into_iter().map(|row| row.open(self.cipher(), recording));
            let codes = those_not_erased(opened)?;
            let scores = self.scores_by(recording, coder).await?;
            works.push(CodersWork { coder, coding, codes, scores });
        }
        Ok(works)
    }

    #[tracing::instrument(name = "db.rated", skip_all, err)]
    async fn rated(&mut self, permit: &Permit<SeeReliability>) -> Result<Vec<RecordingId>> {
        let ids: Vec<Uuid> = sqlx::query_scalar(
            "select c.recording from codings c
             where c.locked_at is not null and not c.learning and not exists (
                 select 1 from grants g
                 where g.recording = c.recording
                   and g.relation in ('codes', 'codes_second', 'learns')
                   and g.ended_at is null and g.expires_at > $1
                   and not exists (
                       select 1 from codings own
                       where own.recording = g.recording and own.coder = g.person
                         and (own.locked_at is not null or own.learning)
                   )
             )
             and not exists (
                 select 1 from codings mine
                 where mine.recording = c.recording and mine.coder = $2 and mine.learning
                   and not exists (
                       select 1 from qualified q
                       where q.framework_version = mine.framework_version and q.person = $2
                   )
             )
             group by c.recording
             having count(*) > 1
             order by max(c.locked_at), c.recording",
        )
        .bind(permit.cx().now.as_micros())
        .bind(permit.cx().user.map(UserId::as_uuid))
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(ids.into_iter().map(RecordingId::from_uuid).collect())
    }

    #[tracing::instrument(name = "db.ratings", skip_all, err)]
    async fn ratings(&mut self, permit: &Permit<UseRatings>) -> Result<Rated> {
        let recording = permit.object();
        let duration: Option<i64> =
            sqlx::query_scalar("select duration_ms from recordings where id = $1")
                .bind(recording.as_uuid())
                .fetch_one(&mut *self.0)
                .await
                .map_err(backend)?;
        let mut works = Vec::new();
        for (coder, coding) in self.finished(recording, permit.cx().now).await? {
            let rows: Vec<PlacedRow> = sqlx::query_as(
                "select skill, sub, start_ms, end_ms from codes
                 where recording = $1 and coder = $2
                 order by start_ms, end_ms, id",
            )
            .bind(recording.as_uuid())
            .bind(coder.as_uuid())
            .fetch_all(&mut *self.0)
            .await
            .map_err(backend)?;
            let codes = rows.into_iter().map(TryInto::try_into).collect::<Result<_>>()?;
            let scores = self.scores_by(recording, coder).await?;
            works.push(RatedWork { coder, coding, codes, scores });
        }
        Ok(Rated { duration: duration_of(duration)?, works })
    }
}

impl Tx {
    /// The finished codings of a recording on which nobody is still at work.
    async fn finished(
        &mut self,
        recording: RecordingId,
        now: Timestamp,
    ) -> Result<Vec<(UserId, CodingState)>> {
        let rows: Vec<CodersRow> = sqlx::query_as(
            "select c.coder, c.id, c.framework_version, c.protocol, c.part_start_ms,
                 c.part_end_ms, c.begun_at, c.locked_at, c.not_blind, c.phase_visible, c.standing
             from codings c
             where c.recording = $1 and c.locked_at is not null and not c.learning
               and not exists (
                 select 1 from grants g
                 where g.recording = c.recording
                   and g.relation in ('codes', 'codes_second', 'learns')
                   and g.ended_at is null and g.expires_at > $2
                   and not exists (
                       select 1 from codings own
                       where own.recording = g.recording and own.coder = g.person
                         and (own.locked_at is not null or own.learning)
                   )
             )
             order by c.coder",
        )
        .bind(recording.as_uuid())
        .bind(now.as_micros())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    pub(crate) async fn scores_by(
        &mut self,
        recording: RecordingId,
        coder: UserId,
    ) -> Result<Vec<WholeScore>> {
        sqlx::query_as(
            "select framework_version, item, score from scores
             where recording = $1 and coder = $2
             order by item",
        )
        .bind(recording.as_uuid())
        .bind(coder.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?
        .into_iter()
        .map(|row: ScoreRow| row.try_into())
        .collect()
    }
}
