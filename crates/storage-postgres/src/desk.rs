//! What lies on a coder's desk, and how often they heard what, in PostgreSQL. Every statement names the coder.

use async_trait::async_trait;
use hearback_access::{Code, Permit};
use hearback_storage::{
    Desk, HeardStretch, Result,
    sql::{HeardStretchRow, backend, number, open_desk_draft, person_of, seal_desk_draft},
};

use crate::Tx;

#[async_trait]
impl Desk for Tx {
    #[tracing::instrument(name = "db.on_desk", skip_all, err)]
    async fn on_desk(&mut self, permit: &Permit<Code>) -> Result<Option<String>> {
        let coder = person_of(permit.cx())?;
        let sealed: Option<Vec<u8>> =
            sqlx::query_scalar("select body from desk_drafts where recording = $1 and coder = $2")
                .bind(permit.object().as_uuid())
                .bind(coder.as_uuid())
                .fetch_optional(&mut *self.0)
                .await
                .map_err(backend)?;
        match sealed {
            Some(sealed) => open_desk_draft(self.cipher(), permit.object(), coder, &sealed),
            None => Ok(None),
        }
    }

    #[tracing::instrument(name = "db.leave_on_desk", skip_all, err)]
    async fn leave_on_desk(&mut self, permit: &Permit<Code>, text: Option<&str>) -> Result<()> {
        let coder = person_of(permit.cx())?;
        let statement = if let Some(text) = text {
            let body = seal_desk_draft(self.cipher(), permit.object(), coder, text)?;
            sqlx::query(
                "insert into desk_drafts (recording, coder, body, kept_at) values ($1, $2, $3, $4)
                 on conflict (recording, coder) do update
                 set body = excluded.body, kept_at = excluded.kept_at",
            )
            .bind(permit.object().as_uuid())
            .bind(coder.as_uuid())
            .bind(body)
            .bind(permit.cx().now.as_micros())
        } else {
            sqlx::query("delete from desk_drafts where recording = $1 and coder = $2")
                .bind(permit.object().as_uuid())
                .bind(coder.as_uuid())
        };
        statement.execute(&mut *self.0).await.map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.heard_by_coder", skip_all, err)]
    async fn heard_by_coder(&mut self, permit: &Permit<Code>) -> Result<Vec<HeardStretch>> {
        let rows: Vec<HeardStretchRow> = sqlx::query_as(
            "select stretch, ms from heard where recording = $1 and coder = $2 order by stretch",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    #[tracing::instrument(name = "db.hear", skip_all, err)]
    async fn hear(&mut self, permit: &Permit<Code>, more: &[HeardStretch]) -> Result<()> {
        let coder = person_of(permit.cx())?;
        for one in more {
            sqlx::query(
                "insert into heard (recording, coder, stretch, ms) values ($1, $2, $3, $4)
                 on conflict (recording, coder, stretch) do update set ms = heard.ms + excluded.ms",
            )
            .bind(permit.object().as_uuid())
            .bind(coder.as_uuid())
            .bind(i64::from(one.stretch))
            .bind(number(one.ms)?)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        Ok(())
    }
}
