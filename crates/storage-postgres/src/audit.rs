//! Reading the audit log in PostgreSQL.

use async_trait::async_trait;
use hearback_access::{
    Permit, ReadAudit, SeeListeners,
    audit::{AuditSeq, Entry, Head, Sealed},
};
use hearback_domain::{Timestamp, UserId};
use hearback_storage::{
    AuditFilter, AuditLog, Listen, Result,
    sql::{EntryRow, HeadRow, ListenRow, SealedRow, backend, number},
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
    async fn audit_head(&mut self) -> Result<Head> {
        let head: HeadRow =
            sqlx::query_as("select seq, link, frontier from audit_head where id = 1")
                .fetch_one(&mut *self.0)
                .await
                .map_err(backend)?;
        head.try_into()
    }

    #[tracing::instrument(name = "db.audit_sealed", skip_all, err)]
    async fn audit_sealed(&mut self) -> Result<Option<Sealed>> {
        let sealed: Option<SealedRow> = sqlx::query_as(
            "select sealed_seq, sealed_at from audit_head where id = 1 and sealed_seq is not null",
        )
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        sealed.map(TryInto::try_into).transpose()
    }

    #[tracing::instrument(name = "db.note_sealed", skip_all, err)]
    async fn note_sealed(&mut self, sealed: &Sealed) -> Result<()> {
        sqlx::query(
            "update audit_head set sealed_seq = $1, sealed_at = $2
             where id = 1 and coalesce(sealed_seq, 0) <= $1",
        )
        .bind(number(sealed.seq.0)?)
        .bind(sealed.at.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.audit_page", skip_all, err)]
    async fn audit_page(
        &mut self,
        _permit: &Permit<ReadAudit>,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<Vec<Entry>> {
        let before = filter.before.map(|seq| number(seq.0)).transpose()?;
        sqlx::query_as(
            "select seq, at, actor, hat, action, object_kind, object, recording, decision, link
             from audit
             where (recording between $1 and $2 or $1 is null) and (actor = $3 or $3 is null)
               and (action = $4 or $4 is null)
               and (at >= $5 or $5 is null) and (at < $6 or $6 is null)
               and (seq < $7 or $7 is null)
             order by seq desc
             limit $8",
        )
        .bind(filter.recordings.map(|(first, _)| first.as_uuid()))
        .bind(filter.recordings.map(|(_, last)| last.as_uuid()))
        .bind(filter.actor.map(UserId::as_uuid))
        .bind(&filter.action)
        .bind(filter.from.map(Timestamp::as_micros))
        .bind(filter.until.map(Timestamp::as_micros))
        .bind(before)
        .bind(i64::from(limit))
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?
        .into_iter()
        .map(|row: EntryRow| row.try_into())
        .collect()
    }

    #[tracing::instrument(name = "db.listens", skip_all, err)]
    async fn listens(&mut self, permit: &Permit<SeeListeners>) -> Result<Vec<Listen>> {
        let rows: Vec<ListenRow> = sqlx::query_as(
            "select max(a.at) as at, a.actor, p.name, a.hat, a.action
             from audit a
             join recordings r on r.id = a.recording
             left join people p on p.id = a.actor
             where a.recording = $1 and a.decision = 'allowed'
               and a.action in ('recording.play', 'transcript.read', 'clip.play', 'clip.preview',
                   'glass.hear', 'briefing.hear', 'session.prepare_clip', 'session.hear',
                   'supervision.hear')
               and a.actor is distinct from r.owner
             group by a.actor, p.id, a.hat, a.action, a.at / 1800000000
             order by max(a.at) desc, max(a.seq) desc
             limit 200",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(|row| row.open(self.cipher())).collect()
    }
}
