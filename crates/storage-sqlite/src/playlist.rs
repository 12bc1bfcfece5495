//! Playlists and extracts in SQLite.

use async_trait::async_trait;
use hearback_access::{
    DecideSharing, MakePlaylist, Permit, RenderClip, SeePlaylist, StoredObject, VetoClip,
};
use hearback_domain::{ClipId, ObjectId, PlaylistId, RecordingId, RedactionVersion, Span};
use hearback_storage::{
    ChangedClip, ClipRemoval, ClipToRender, NewClip, Playlist, PlaylistSummary, Playlists, Result,
    RoomPlaylist,
    sql::{
        ClipRow, ClipToRenderRow, EndsRow, PlaylistSummaryRow, RoomClipRow, RoomRow, backend,
        misuse, number, person_of, seal_clip_words, those_not_erased,
    },
};
use uuid::Uuid;

use crate::Tx;

#[async_trait]
impl Playlists for Tx {
    #[tracing::instrument(name = "db.playlist", skip_all, err)]
    async fn playlist(&mut self, permit: &Permit<MakePlaylist>) -> Result<Option<Playlist>> {
        let row: Option<(Uuid, Option<i64>, bool)> = sqlx::query_as(
            "select p.id, p.agreed_at, coalesce(r.redaction_approved = r.redaction, false)
             from playlists p join recordings r on r.id = p.recording
             where p.recording = $1",
        )
        .bind(permit.object().as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some((id, agreed_at, nothing_to_hide)) = row else { return Ok(None) };
        let clips: Vec<ClipRow> = sqlx::query_as(
            "select c.id, c.framework_version, c.skill, c.sub, c.start_ms, c.end_ms, c.note,
                 c.question, o.id as cut, c.approved_by, c.vetoed, c.quoted
             from clips c
             left join objects o on o.clip = c.id and c.rendered_at is not null
             where c.playlist = $1 and c.removed_at is null
             order by c.position, c.id",
        )
        .bind(id)
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let kept: Vec<EndsRow> = sqlx::query_as(
            "select start_ms, end_ms from clips
             where playlist = $1 and removed_at is not null
             order by start_ms, end_ms",
        )
        .bind(id)
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(Some(Playlist {
            id: PlaylistId::from_uuid(id),
            kept: kept.iter().map(|row| row.span("clips")).collect::<Result<_>>()?,
            clips: those_not_erased(
                clips.into_iter().map(|clip| clip.open(self.cipher(), permit.object())),
            )?,
            agreed_at: agreed_at.map(hearback_domain::Timestamp::from_micros),
            nothing_to_hide,
        }))
    }

    #[tracing::instrument(name = "db.ensure_playlist", skip_all, err)]
    async fn ensure_playlist(
        &mut self,
        permit: &Permit<MakePlaylist>,
        id: PlaylistId,
    ) -> Result<PlaylistId> {
        sqlx::query(
            "insert into playlists (id, recording, created_at) values ($1, $2, $3)
             on conflict (recording) do nothing",
        )
        .bind(id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        let id: Uuid = sqlx::query_scalar("select id from playlists where recording = $1")
            .bind(permit.object().as_uuid())
            .fetch_one(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(PlaylistId::from_uuid(id))
    }

    #[tracing::instrument(name = "db.add_clip", skip_all, err)]
    async fn add_clip(&mut self, permit: &Permit<MakePlaylist>, clip: &NewClip) -> Result<()> {
        if !self.disagree(permit.object()).await? {
            return Err(misuse("an extract was added to a playlist that is not there"));
        }
        let (note, question) =
            seal_clip_words(self.cipher(), permit.object(), clip.id, &clip.note, &clip.question)?;
        sqlx::query(
            "insert into clips
                 (id, playlist, position, framework_version, skill, sub, start_ms, end_ms, note,
                  question, vetoed)
             select $1, p.id,
                 (select coalesce(max(c.position), 0) + 1 from clips c where c.playlist = p.id),
                 $3, $4, $5, $6, $7, $8, $9, false
             from playlists p where p.recording = $2",
        )
        .bind(clip.id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(&clip.framework_version)
        .bind(clip.item.skill())
        .bind(clip.item.sub())
        .bind(number(clip.span.start().get())?)
        .bind(number(clip.span.end().get())?)
        .bind(note)
        .bind(question)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.change_clip", skip_all, err)]
    async fn change_clip(
        &mut self,
        permit: &Permit<MakePlaylist>,
        clip: &ChangedClip,
    ) -> Result<bool> {
        let (note, question) =
            seal_clip_words(self.cipher(), permit.object(), clip.id, &clip.note, &clip.question)?;
        let words = sqlx::query(
            "update clips set note = $3, question = $4
             where id = $1 and playlist in (select id from playlists where recording = $2)
               and (not vetoed or (start_ms = $5 and end_ms = $6)) and removed_at is null",
        )
        .bind(clip.id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(note)
        .bind(question)
        .bind(number(clip.span.start().get())?)
        .bind(number(clip.span.end().get())?)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if words.rows_affected() == 0 {
            return Ok(false);
        }
        let moved = sqlx::query(
            "update clips set start_ms = $2, end_ms = $3, rendered_at = null,
                 approved_by = null, approved_at = null, quoted = false
             where id = $1 and (start_ms <> $2 or end_ms <> $3)",
        )
        .bind(clip.id.as_uuid())
        .bind(number(clip.span.start().get())?)
        .bind(number(clip.span.end().get())?)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if moved.rows_affected() == 1 {
            self.forget_clip_object(clip.id).await?;
            self.disagree(permit.object()).await?;
        }
        Ok(true)
    }

    #[tracing::instrument(name = "db.move_clip", skip_all, err)]
    async fn move_clip(
        &mut self,
        permit: &Permit<MakePlaylist>,
        id: ClipId,
        up: bool,
    ) -> Result<bool> {
        let clips: Vec<(Uuid, i64)> = sqlx::query_as(
            "select c.id, c.position from clips c join playlists p on p.id = c.playlist
             where p.recording = $1 and c.removed_at is null
             order by c.position, c.id",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some(at) = clips.iter().position(|(clip, _)| *clip == id.as_uuid()) else {
            return Ok(false);
        };
        let other = if up { at.checked_sub(1) } else { Some(at + 1) };
        let Some(other) = other.and_then(|n| clips.get(n)) else { return Ok(false) };
        for (clip, position) in [(clips[at].0, other.1), (other.0, clips[at].1)] {
            sqlx::query("update clips set position = $2 where id = $1")
                .bind(clip)
                .bind(position)
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
        }
        Ok(true)
    }

    #[tracing::instrument(name = "db.remove_clip", skip_all, err)]
    async fn remove_clip(
        &mut self,
        permit: &Permit<MakePlaylist>,
        id: ClipId,
    ) -> Result<Option<ClipRemoval>> {
        let heard: Option<bool> = sqlx::query_scalar(
            "select exists (
                 select 1 from session_clips s where s.clip = c.id and s.heard_at is not null
             )
             from clips c join playlists p on p.id = c.playlist
             where c.id = $1 and p.recording = $2 and not c.vetoed and c.removed_at is null",
        )
        .bind(id.as_uuid())
        .bind(permit.object().as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some(heard) = heard else { return Ok(None) };
        if heard {
            sqlx::query("update clips set removed_at = $2 where id = $1")
                .bind(id.as_uuid())
                .bind(permit.cx().now.as_micros())
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
            sqlx::query("delete from session_clips where clip = $1 and heard_at is null")
                .bind(id.as_uuid())
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
            return Ok(Some(ClipRemoval::Kept));
        }
        self.forget_clip_object(id).await?;
        sqlx::query("delete from clips where id = $1")
            .bind(id.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(Some(ClipRemoval::Gone))
    }

    #[tracing::instrument(name = "db.approve_clip", skip_all, err)]
    async fn approve_clip(
        &mut self,
        permit: &Permit<MakePlaylist>,
        id: ClipId,
        cut: ObjectId,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update clips set approved_by = $3, approved_at = $4
             where id = $1 and rendered_at is not null and removed_at is null
               and playlist in (select id from playlists where recording = $2)
               and exists (select 1 from objects o where o.clip = clips.id and o.id = $5)",
        )
        .bind(id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .bind(cut.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.agree_playlist", skip_all, err)]
    async fn agree_playlist(&mut self, permit: &Permit<MakePlaylist>) -> Result<bool> {
        let done = sqlx::query(
            "update playlists set agreed_at = coalesce(agreed_at, $2)
             where recording = $1 and exists (
                 select 1 from clips c join recordings r on r.id = playlists.recording
                 where c.playlist = playlists.id and c.rendered_at is not null
                   and c.redaction = r.redaction
                   and (c.approved_at is not null or r.redaction_approved = r.redaction)
                   and not c.vetoed and c.removed_at is null
             )",
        )
        .bind(permit.object().as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        // Whoever agrees a playlist that a coach is waiting for has briefed that coach (K-22).
        sqlx::query(
            "insert into briefings (practitioner, researcher, at)
             select r.owner, $2, $3 from recordings r
             where r.id = $1 and exists (
                 select 1 from grants g
                 where g.recording = r.id and g.relation = 'coaches' and g.ended_at is null
             )
             on conflict (practitioner, researcher) do nothing",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        self.settle(permit.object().as_uuid(), permit.cx().now).await?;
        Ok(true)
    }

    #[tracing::instrument(name = "db.room_playlist", skip_all, err)]
    async fn room_playlist(
        &mut self,
        permit: &Permit<SeePlaylist>,
    ) -> Result<Option<RoomPlaylist>> {
        let row: Option<RoomRow> = sqlx::query_as(
            "select p.id, p.recording, r.pseudonym, r.owner,
                 not exists (
                     select 1 from codings c
                     join grants g on g.recording = c.recording and g.person = c.coder
                     where c.recording = r.id and g.relation = 'codes' and g.ended_at is null
                       and (c.standing = 'practice' or c.standing is null and exists (
                           select 1 from training_sets t
                           where t.framework_version = c.framework_version
                             and t.opened_at is not null
                       ) and not exists (
                           select 1 from qualified q
                           where q.framework_version = c.framework_version
                             and q.person = c.coder
                       ))
                 ) as named
             from playlists p join recordings r on r.id = p.recording
             where p.id = $1 and p.agreed_at is not null",
        )
        .bind(permit.object().as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        let clips: Vec<RoomClipRow> = sqlx::query_as(
            "select c.id, c.framework_version, c.skill, c.sub, c.note, c.question, c.quoted, o.bytes
             from clips c
             join objects o on o.clip = c.id
             join playlists p on p.id = c.playlist
             join recordings r on r.id = p.recording
             where c.playlist = $1 and c.rendered_at is not null and c.redaction = r.redaction
               and (c.approved_at is not null or r.redaction_approved = r.redaction)
               and not c.vetoed and c.removed_at is null
             order by c.position, c.id",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        row.open(self.cipher(), clips).map(Some)
    }

    #[tracing::instrument(name = "db.playlist_summary", skip_all, err)]
    async fn playlist_summary(
        &mut self,
        permit: &Permit<SeePlaylist>,
    ) -> Result<Option<PlaylistSummary>> {
        sqlx::query_as(
            "select p.id, p.recording, r.pseudonym, p.agreed_at
             from playlists p join recordings r on r.id = p.recording
             where p.id = $1 and p.agreed_at is not null",
        )
        .bind(permit.object().as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?
        .map(|row: PlaylistSummaryRow| row.open(self.cipher()))
        .transpose()
    }

    #[tracing::instrument(name = "db.veto_clip", skip_all, err)]
    async fn veto_clip(&mut self, permit: &Permit<VetoClip>) -> Result<()> {
        sqlx::query("update clips set vetoed = true where id = $1")
            .bind(permit.object().as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.uncut_clips", skip_all, err)]
    async fn uncut_clips(&mut self, permit: &Permit<DecideSharing>) -> Result<Vec<ClipId>> {
        let clips: Vec<Uuid> = sqlx::query_scalar(
            "select c.id from clips c join playlists p on p.id = c.playlist
             where p.recording = $1 and c.rendered_at is null and not c.vetoed
             order by c.position, c.id",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(clips.into_iter().map(ClipId::from_uuid).collect())
    }

    #[tracing::instrument(name = "db.clip_to_render", skip_all, err)]
    async fn clip_to_render(
        &mut self,
        permit: &Permit<RenderClip>,
    ) -> Result<Option<ClipToRender>> {
        sqlx::query_as(
            "select p.recording, c.start_ms, c.end_ms, c.rendered_at
             from clips c join playlists p on p.id = c.playlist
             where c.id = $1",
        )
        .bind(permit.object().as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?
        .map(|row: ClipToRenderRow| row.try_into())
        .transpose()
    }

    #[tracing::instrument(name = "db.set_rendered", skip_all, err)]
    async fn set_rendered(
        &mut self,
        permit: &Permit<RenderClip>,
        span: Span,
        hidden: RedactionVersion,
        object: &StoredObject,
    ) -> Result<bool> {
        // What was approved is never replaced by something that nobody has heard: a second cut changes nothing.
        let done = sqlx::query(
            "update clips set rendered_at = $4, redaction = $5
             where id = $1 and start_ms = $2 and end_ms = $3 and rendered_at is null
               and exists (
                   select 1 from playlists p join recordings r on r.id = p.recording
                   where p.id = clips.playlist and r.redaction = $5
               )",
        )
        .bind(permit.object().as_uuid())
        .bind(number(span.start().get())?)
        .bind(number(span.end().get())?)
        .bind(permit.cx().now.as_micros())
        .bind(number(hidden.get())?)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        let first = done.rows_affected() == 1;
        if first {
            self.put_object(permit, object).await?;
        }
        Ok(first)
    }
}

impl Tx {
    /// Takes the recording's playlist out of the room; false if there is none.
    pub(crate) async fn disagree(&mut self, recording: RecordingId) -> Result<bool> {
        let done = sqlx::query("update playlists set agreed_at = null where recording = $1")
            .bind(recording.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }
}
