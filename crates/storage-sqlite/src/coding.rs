//! Codes and scores in SQLite. Every statement names the coder: blind is not a filter that could be forgotten.

use async_trait::async_trait;
use hearback_access::{Code, Permit};
use hearback_domain::{CodeId, ItemKey, Rating, coding::Standing};
use hearback_storage::{
    Coding, CodingState, EvidenceCode, NewCode, NewCoding, Result, WholeScore,
    sql::{
        CodeRow, CodingRow, ScoreRow, backend, misuse, number, person_of, seal_code_nonverbal,
        seal_code_note, those_not_erased,
    },
};

use crate::Tx;

#[async_trait]
impl Coding for Tx {
    #[tracing::instrument(name = "db.codes", skip_all, err)]
    async fn codes(&mut self, permit: &Permit<Code>) -> Result<Vec<EvidenceCode>> {
        let rows: Vec<CodeRow> = sqlx::query_as(
            "select id, framework_version, skill, sub, start_ms, end_ms, note, nonverbal, exemplar,
                 created_at
             from codes where recording = $1 and coder = $2
             order by start_ms, end_ms, id",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let opened = rows.into_iter().map(|row| row.open(self.cipher(), permit.object()));
        those_not_erased(opened)
    }

    #[tracing::instrument(name = "db.add_code", skip_all, err)]
    async fn add_code(&mut self, permit: &Permit<Code>, code: &NewCode) -> Result<()> {
        let note = seal_code_note(self.cipher(), permit.object(), code.id, &code.note)?;
        let nonverbal =
            seal_code_nonverbal(self.cipher(), permit.object(), code.id, &code.nonverbal)?;
        sqlx::query(
            "insert into codes
                 (id, recording, coder, framework_version, skill, sub, start_ms, end_ms, note,
                  nonverbal, exemplar, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             on conflict (id) do nothing",
        )
        .bind(code.id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(&code.framework_version)
        .bind(code.item.skill())
        .bind(code.item.sub())
        .bind(number(code.span.start().get())?)
        .bind(number(code.span.end().get())?)
        .bind(note)
        .bind(nonverbal)
        .bind(code.exemplar)
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.change_code", skip_all, err)]
    async fn change_code(&mut self, permit: &Permit<Code>, code: &NewCode) -> Result<bool> {
        let note = seal_code_note(self.cipher(), permit.object(), code.id, &code.note)?;
        let nonverbal =
            seal_code_nonverbal(self.cipher(), permit.object(), code.id, &code.nonverbal)?;
        let done = sqlx::query(
            "update codes set framework_version = $4, skill = $5, sub = $6, start_ms = $7,
                 end_ms = $8, note = $9, nonverbal = $10, exemplar = $11
             where id = $1 and recording = $2 and coder = $3",
        )
        .bind(code.id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(&code.framework_version)
        .bind(code.item.skill())
        .bind(code.item.sub())
        .bind(number(code.span.start().get())?)
        .bind(number(code.span.end().get())?)
        .bind(note)
        .bind(nonverbal)
        .bind(code.exemplar)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.remove_code", skip_all, err)]
    async fn remove_code(&mut self, permit: &Permit<Code>, id: CodeId) -> Result<bool> {
        let done = sqlx::query("delete from codes where id = $1 and recording = $2 and coder = $3")
            .bind(id.as_uuid())
            .bind(permit.object().as_uuid())
            .bind(person_of(permit.cx())?.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.scores", skip_all, err)]
    async fn scores(&mut self, permit: &Permit<Code>) -> Result<Vec<WholeScore>> {
        sqlx::query_as(
            "select framework_version, item, score from scores
             where recording = $1 and coder = $2
             order by item",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?
        .into_iter()
        .map(|row: ScoreRow| row.try_into())
        .collect()
    }

    #[tracing::instrument(name = "db.set_score", skip_all, err)]
    async fn set_score(
        &mut self,
        permit: &Permit<Code>,
        framework_version: &str,
        item: &ItemKey,
        rating: Option<Rating>,
    ) -> Result<()> {
        let score = match rating {
            Some(Rating::Scored(score)) => Some(i64::from(score.get())),
            Some(Rating::NotCodable) | None => None,
        };
        let statement = if rating.is_some() {
            sqlx::query(
                "insert into scores (recording, coder, item, framework_version, score, scored_at)
                 values ($1, $2, $3, $4, $5, $6)
                 on conflict (recording, coder, item) do update
                 set framework_version = excluded.framework_version, score = excluded.score,
                     scored_at = excluded.scored_at",
            )
            .bind(permit.object().as_uuid())
            .bind(person_of(permit.cx())?.as_uuid())
            .bind(item.as_str())
            .bind(framework_version)
            .bind(score)
            .bind(permit.cx().now.as_micros())
        } else {
            sqlx::query("delete from scores where recording = $1 and coder = $2 and item = $3")
                .bind(permit.object().as_uuid())
                .bind(person_of(permit.cx())?.as_uuid())
                .bind(item.as_str())
        };
        statement.execute(&mut *self.0).await.map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.briefed", skip_all, err)]
    async fn briefed(&mut self, permit: &Permit<Code>) -> Result<bool> {
        sqlx::query_scalar(
            "select exists (
                 select 1 from briefings b join recordings r on r.owner = b.practitioner
                 where r.id = $1 and b.researcher = $2
             )",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)
    }

    #[tracing::instrument(name = "db.coding", skip_all, err)]
    async fn coding(&mut self, permit: &Permit<Code>) -> Result<Option<CodingState>> {
        let row: Option<CodingRow> = sqlx::query_as(
            "select id, framework_version, protocol, part_start_ms, part_end_ms,
                 begun_at, locked_at, not_blind, phase_visible, standing
             from codings where recording = $1 and coder = $2",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        row.map(TryInto::try_into).transpose()
    }

    #[tracing::instrument(name = "db.begin_coding", skip_all, err)]
    async fn begin_coding(
        &mut self,
        permit: &Permit<Code>,
        new: &NewCoding,
    ) -> Result<CodingState> {
        sqlx::query(
            "insert into codings
                 (id, recording, coder, framework_version, part_start_ms, part_end_ms, begun_at)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (recording, coder) do update
             set begun_at = coalesce(codings.begun_at, excluded.begun_at)",
        )
        .bind(new.id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(&new.framework_version)
        .bind(new.part.map(|part| number(part.start().get())).transpose()?)
        .bind(new.part.map(|part| number(part.end().get())).transpose()?)
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        self.coding(permit).await?.ok_or_else(|| misuse("a coding that was begun is not there"))
    }

    #[tracing::instrument(name = "db.finish_coding", skip_all, err)]
    async fn finish_coding(
        &mut self,
        permit: &Permit<Code>,
        not_blind: bool,
        phase_visible: bool,
        standing: Standing,
    ) -> Result<()> {
        sqlx::query(
            "update codings
             set locked_at = $3, not_blind = $4, phase_visible = $5, standing = $6
             where recording = $1 and coder = $2 and begun_at is not null and locked_at is null",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .bind(not_blind)
        .bind(phase_visible)
        .bind(standing.as_str())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        self.settle(permit.object().as_uuid(), permit.cx().now).await
    }
}
