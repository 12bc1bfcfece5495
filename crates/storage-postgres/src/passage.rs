//! What coders agreed about passages, in PostgreSQL.

use async_trait::async_trait;
use hearback_access::{AgreeCodings, CompareCodings, Permit};
use hearback_domain::CodeId;
use hearback_storage::{
    AgreedCode, NewAgreedCode, Passages, Result,
    sql::{AgreedCodeRow, backend, number, person_of, seal_agreed_note, those_not_erased},
};

use crate::Tx;

#[async_trait]
impl Passages for Tx {
    #[tracing::instrument(name = "db.agreed_codes", skip_all, err)]
    async fn agreed_codes(&mut self, permit: &Permit<CompareCodings>) -> Result<Vec<AgreedCode>> {
        let rows: Vec<AgreedCodeRow> = sqlx::query_as(
            "select code, framework_version, item, start_ms, end_ms, note, agreed_by, agreed_at
             from agreed_codes where recording = $1
             order by start_ms, end_ms, code",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let opened = rows.into_iter().map(|row| row.open(self.cipher(), permit.object()));
        those_not_erased(opened)
    }

    #[tracing::instrument(name = "db.agree_code", skip_all, err)]
    async fn agree_code(
        &mut self,
        permit: &Permit<AgreeCodings>,
        agreed: &NewAgreedCode,
    ) -> Result<()> {
        let note = seal_agreed_note(self.cipher(), permit.object(), agreed.code, &agreed.note)?;
        sqlx::query(
            "insert into agreed_codes
                 (recording, code, framework_version, item, start_ms, end_ms, note, agreed_by,
                  agreed_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (recording, code) do update
             set framework_version = excluded.framework_version, item = excluded.item,
                 start_ms = excluded.start_ms, end_ms = excluded.end_ms, note = excluded.note,
                 agreed_by = excluded.agreed_by, agreed_at = excluded.agreed_at",
        )
        .bind(permit.object().as_uuid())
        .bind(agreed.code.as_uuid())
        .bind(&agreed.framework_version)
        .bind(agreed.item.as_deref())
        .bind(number(agreed.span.start().get())?)
        .bind(number(agreed.span.end().get())?)
        .bind(note)
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.open_again", skip_all, err)]
    async fn open_again(&mut self, permit: &Permit<AgreeCodings>, code: CodeId) -> Result<()> {
        sqlx::query("delete from agreed_codes where recording = $1 and code = $2")
            .bind(permit.object().as_uuid())
            .bind(code.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }
}
