//! What is hidden of a recording, in SQLite.

use async_trait::async_trait;
use hearback_access::{ApproveRedaction, Hide, Opens, Permit, SeeRedaction, ShowAgain};
use hearback_domain::{
    ClipId, Hidden, HiddenId, HideWith, RecordingId, RedactionSet, RedactionVersion, Span,
};
use hearback_storage::{
    HiddenPassage, Redaction, Redactions, Result,
    sql::{
        HiddenRow, ReachRow, RedactionRow, backend, hide_with, number, person_of, recording_of,
        redaction_version,
    },
};
use uuid::Uuid;

use crate::Tx;

#[async_trait]
impl Redactions for Tx {
    #[tracing::instrument(name = "db.redaction", skip_all, err)]
    async fn redaction(&mut self, permit: &Permit<SeeRedaction>) -> Result<Option<Redaction>> {
        let row: Option<RedactionRow> = sqlx::query_as(
            "select redaction, hidden_with,
                 case when redaction_approved = redaction then redaction_approved_by end
                     as approved_by,
                 case when redaction_approved = redaction then redaction_approved_at end
                     as approved_at
             from recordings where id = $1",
        )
        .bind(permit.object().as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        let passages = self.passages(permit.object()).await?;
        row.with(passages).map(Some)
    }

    #[tracing::instrument(name = "db.hidden_of", skip_all, err)]
    async fn hidden_of(&mut self, permit: &dyn Opens) -> Result<Option<RedactionSet>> {
        let recording = recording_of(permit)?;
        let row: Option<(i64, String)> =
            sqlx::query_as("select redaction, hidden_with from recordings where id = $1")
                .bind(recording.as_uuid())
                .fetch_optional(&mut *self.0)
                .await
                .map_err(backend)?;
        let Some((version, with)) = row else { return Ok(None) };
        let passages = self.passages(recording).await?;
        Ok(Some(RedactionSet {
            version: redaction_version(version)?,
            with: hide_with(&with)?,
            hidden: passages.into_iter().map(|passage| passage.hidden).collect(),
        }))
    }

    #[tracing::instrument(name = "db.hide", skip_all, err)]
    async fn hide(
        &mut self,
        permit: &Permit<Hide>,
        id: HiddenId,
        hidden: &Hidden,
    ) -> Result<Vec<ClipId>> {
        sqlx::query(
            "insert into hidden_passages
                 (id, recording, start_ms, end_ms, why, hidden_by, hidden_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(number(hidden.span.start().get())?)
        .bind(number(hidden.span.end().get())?)
        .bind(hidden.why.as_str())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        self.next_redaction(permit.object(), &[hidden.reach()]).await
    }

    #[tracing::instrument(name = "db.hide_with", skip_all, err)]
    async fn hide_with(&mut self, permit: &Permit<Hide>, with: HideWith) -> Result<Vec<ClipId>> {
        let done = sqlx::query(
            "update recordings set hidden_with = $2 where id = $1 and hidden_with <> $2",
        )
        .bind(permit.object().as_uuid())
        .bind(with.as_str())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if done.rows_affected() == 0 {
            return Ok(Vec::new());
        }
        let passages = self.passages(permit.object()).await?;
        let changed: Vec<_> = passages.iter().map(|passage| passage.hidden.reach()).collect();
        self.next_redaction(permit.object(), &changed).await
    }

    #[tracing::instrument(name = "db.ask_to_show", skip_all, err)]
    async fn ask_to_show(&mut self, permit: &Permit<ShowAgain>, id: HiddenId) -> Result<bool> {
        let done = sqlx::query(
            "update hidden_passages set show_asked_by = $3, show_asked_at = $4
             where id = $1 and recording = $2 and show_asked_by is null",
        )
        .bind(id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.keep_hidden", skip_all, err)]
    async fn keep_hidden(&mut self, permit: &Permit<ShowAgain>, id: HiddenId) -> Result<bool> {
        let done = sqlx::query(
            "update hidden_passages set show_asked_by = null, show_asked_at = null
             where id = $1 and recording = $2 and show_asked_by is not null",
        )
        .bind(id.as_uuid())
        .bind(permit.object().as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.show_again", skip_all, err)]
    async fn show_again(
        &mut self,
        permit: &Permit<ShowAgain>,
        id: HiddenId,
    ) -> Result<Option<Vec<ClipId>>> {
        let row: Option<HiddenRow> = sqlx::query_as(
            "delete from hidden_passages
             where id = $1 and recording = $2 and show_asked_by <> $3
             returning id, start_ms, end_ms, why, hidden_by, show_asked_by",
        )
        .bind(id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        let passage = HiddenPassage::try_from(row)?;
        self.next_redaction(permit.object(), &[passage.hidden.reach()]).await.map(Some)
    }

    #[tracing::instrument(name = "db.approve_redaction", skip_all, err)]
    async fn approve_redaction(
        &mut self,
        permit: &Permit<ApproveRedaction>,
        version: RedactionVersion,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update recordings set redaction_approved = redaction, redaction_approved_by = $3,
                 redaction_approved_at = $4
             where id = $1 and redaction = $2",
        )
        .bind(permit.object().as_uuid())
        .bind(number(version.get())?)
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }
}

impl Tx {
    async fn passages(&mut self, recording: RecordingId) -> Result<Vec<HiddenPassage>> {
        let rows: Vec<HiddenRow> = sqlx::query_as(
            "select id, start_ms, end_ms, why, hidden_by, show_asked_by
             from hidden_passages where recording = $1
             order by start_ms, id",
        )
        .bind(recording.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Another version of what is hidden, because `changed` sounds different from now on: seals the extracts that lie
    /// there and takes the others along. Gives the sealed ones that are not vetoed.
    async fn next_redaction(
        &mut self,
        recording: RecordingId,
        changed: &[Span],
    ) -> Result<Vec<ClipId>> {
        sqlx::query("update recordings set redaction = redaction + 1 where id = $1")
            .bind(recording.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        let clips: Vec<ReachRow> = sqlx::query_as(
            "select c.id, c.start_ms, c.end_ms, c.vetoed, c.removed_at is not null as removed
             from clips c join playlists p on p.id = c.playlist
             where p.recording = $1
             order by c.position, c.id",
        )
        .bind(recording.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let sealed = ReachRow::within(&clips, changed)?;
        for clip in &sealed {
            sqlx::query(
                "update clips set rendered_at = null, approved_by = null, approved_at = null
                 where id = $1",
            )
            .bind(clip.id)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
            self.forget_clip_object(ClipId::from_uuid(clip.id)).await?;
        }
        // What is kept only where it was heard is in nobody's playlist.
        if sealed.iter().any(|clip| !clip.removed) {
            self.disagree(recording).await?;
        }
        sqlx::query(
            "update clips set redaction = (select r.redaction from recordings r where r.id = $1)
             where rendered_at is not null
               and playlist in (select id from playlists where recording = $1)",
        )
        .bind(recording.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        let heard = sealed.into_iter().filter(|clip| !clip.vetoed);
        Ok(heard.map(|clip| ClipId::from_uuid(clip.id)).collect())
    }

    /// Takes back that somebody found nothing left to hide: it was said for other listeners.
    pub(crate) async fn look_anew(&mut self, recording: Uuid) -> Result<()> {
        sqlx::query(
            "update recordings set redaction_approved = null, redaction_approved_by = null,
                 redaction_approved_at = null
             where id = $1",
        )
        .bind(recording)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }
}
