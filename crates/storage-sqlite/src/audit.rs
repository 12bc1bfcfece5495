//! Reading the audit log in SQLite.

use async_trait::async_trait;
use hearback_access::{
    Permit, SeeListeners,
    audit::{AuditSeq, Entry, Link},
};
use hearback_storage::{
    AuditLog, Listen, Result,
    sql::{EntryRow, HeadRow, ListenRow, backend, number},
};

use crate::Tx;

#[async_trait]
impl AuditLog for Tx {
    #[tracing::instrument(name = "db.audit_entries", skip_all, err)]
    async fn audit_entries(&mut self, after: AuditSeq, limit: u32) -> Result<Vec<Entry>> {
        sqlx::query_as(
            "select seq, at, actor, hat, action, object_kind, object, recording, decision, link
             from audit where seq > $1
             order by seq
             limit $2",
        )
        .bind(number(after.0)?)
        .bind(i64::from(limit))
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?
        .into_iter()
        .map(|row: EntryRow| row.try_into())
        .collect()
    }

    #[tracing::instrument(name = "db.audit_head", skip_all, err)]
    async fn audit_head(&mut self) -> Result<(AuditSeq, Link)> {
        let head: HeadRow = sqlx::query_as("select seq, link from audit_head where id = 1")
            .fetch_one(&mut *self.0)
            .await
            .map_err(backend)?;
        head.try_into()
    }

    #[tracing::instrument(name = "db.listens", skip_all, err)]
    async fn listens(&mut self, permit: &Permit<SeeListeners>) -> Result<Vec<Listen>> {
        let rows: Vec<ListenRow> = sqlx::query_as(
            "select max(a.at) as at, a.actor, p.name, a.hat, a.action
             from audit a
             join recordings r on r.id = a.recording
             left join people p on p.id = a.actor
             where a.recording = $1 and a.decision = 'allowed'
               and a.action in ('recording.play', 'transcript.read', 'clip.play', 'clip.preview')
               and a.actor is distinct from r.owner
             group by a.actor, p.name, a.hat, a.action, a.at / 1800000000
             order by max(a.at) desc, max(a.seq) desc
             limit 200",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
