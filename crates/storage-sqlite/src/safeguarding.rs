//! Concerns and the passages they are about, in SQLite.

use async_trait::async_trait;
use hearback_access::{
    Cx, DecideGlass, HearPassage, Permit, RaiseConcern, RaiseConcernOnClip, RequestGlass,
    SeeConcern, SeeConcerns, SeeGlass, SeeRecording, WriteConcern, seal::FieldKey,
};
use hearback_domain::{
    ConcernId, ConcernNoteId, ConcernState, GLASS_SECONDS, GlassId, KeyClass, Note, Reason,
    RecordingId, Span, Told,
};
use hearback_storage::{
    Concern, ConcernNote, ConcernSummary, Glass, NewConcern, PassageHeard, Result, Safeguarding,
    sql::{
        ConcernNoteRow, ConcernRow, ConcernSummaryRow, GlassRow, PassageHeardRow, backend, number,
        passage, person_of, seal_text,
    },
};
use uuid::Uuid;

use crate::Tx;

#[async_trait]
impl Safeguarding for Tx {
    #[tracing::instrument(name = "db.raise_concern", skip_all, err)]
    async fn raise_concern(
        &mut self,
        permit: &Permit<RaiseConcern>,
        span: Span,
        concern: &NewConcern,
    ) -> Result<()> {
        self.insert_concern(permit.cx(), permit.object(), span, concern).await
    }

    #[tracing::instrument(name = "db.raise_concern_on_clip", skip_all, err)]
    async fn raise_concern_on_clip(
        &mut self,
        permit: &Permit<RaiseConcernOnClip>,
        concern: &NewConcern,
    ) -> Result<bool> {
        let row: Option<(Uuid, i64, i64)> = sqlx::query_as(
            "select p.recording, c.start_ms, c.end_ms
             from clips c join playlists p on p.id = c.playlist
             where c.id = $1",
        )
        .bind(permit.object().as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some((recording, start, end)) = row else { return Ok(false) };
        let recording = RecordingId::from_uuid(recording);
        self.insert_concern(permit.cx(), recording, passage(start, end)?, concern).await?;
        Ok(true)
    }

    #[tracing::instrument(name = "db.concerns_raised", skip_all, err)]
    async fn concerns_raised(
        &mut self,
        permit: &Permit<RaiseConcern>,
    ) -> Result<Vec<ConcernSummary>> {
        sqlx::query_as(
            "select c.id, r.owner, c.raised_by, c.hat, c.told, c.state, c.raised_at
             from concerns c join recordings r on r.id = c.recording
             where c.recording = $1 and c.raised_by = $2
             order by c.raised_at desc, c.id",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?
        .into_iter()
        .map(|row: ConcernSummaryRow| row.try_into())
        .collect()
    }

    #[tracing::instrument(name = "db.concerns", skip_all, err)]
    async fn concerns(&mut self, _permit: &Permit<SeeConcerns>) -> Result<Vec<ConcernSummary>> {
        sqlx::query_as(
            "select c.id, r.owner, c.raised_by, c.hat, c.told, c.state, c.raised_at
             from concerns c join recordings r on r.id = c.recording
             order by c.state = 'closed', c.raised_at desc, c.id",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?
        .into_iter()
        .map(|row: ConcernSummaryRow| row.try_into())
        .collect()
    }

    #[tracing::instrument(name = "db.concern", skip_all, err)]
    async fn concern(&mut self, permit: &Permit<SeeConcern>) -> Result<Option<Concern>> {
        let row: Option<ConcernRow> = sqlx::query_as(
            "select c.id, c.recording, r.owner, c.raised_by, c.hat, c.start_ms, c.end_ms, c.told,
                 c.body, c.state, c.raised_at
             from concerns c join recordings r on r.id = c.recording
             where c.id = $1",
        )
        .bind(permit.object().as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        row.map(|row| row.open(self.cipher())).transpose()
    }

    #[tracing::instrument(name = "db.concern_notes", skip_all, err)]
    async fn concern_notes(&mut self, permit: &Permit<SeeConcern>) -> Result<Vec<ConcernNote>> {
        let rows: Vec<ConcernNoteRow> = sqlx::query_as(
            "select n.id, c.recording, n.author, n.hat, n.body, n.at
             from concern_notes n join concerns c on c.id = n.concern
             where c.id = $1
             order by n.at, n.id",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(|row| row.open(self.cipher())).collect()
    }

    #[tracing::instrument(name = "db.add_concern_note", skip_all, err)]
    async fn add_concern_note(
        &mut self,
        permit: &Permit<WriteConcern>,
        id: ConcernNoteId,
        body: &Note,
    ) -> Result<()> {
        let key = self.key_of(permit.object()).await?;
        let body =
            seal_text(self.cipher(), key, "concern_notes", "body", id.as_uuid(), body.as_str())?;
        sqlx::query(
            "insert into concern_notes (id, concern, author, hat, body, at)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().hat.as_str())
        .bind(body)
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.set_told", skip_all, err)]
    async fn set_told(&mut self, permit: &Permit<WriteConcern>, told: Told) -> Result<()> {
        sqlx::query("update concerns set told = $2 where id = $1")
            .bind(permit.object().as_uuid())
            .bind(told.as_str())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.move_concern", skip_all, err)]
    async fn move_concern(
        &mut self,
        permit: &Permit<WriteConcern>,
        from: ConcernState,
        to: ConcernState,
    ) -> Result<bool> {
        let done = sqlx::query("update concerns set state = $3 where id = $1 and state = $2")
            .bind(permit.object().as_uuid())
            .bind(from.as_str())
            .bind(to.as_str())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.request_glass", skip_all, err)]
    async fn request_glass(
        &mut self,
        permit: &Permit<RequestGlass>,
        id: GlassId,
        reason: &Reason,
    ) -> Result<bool> {
        let key = self.key_of(permit.object()).await?;
        let reason =
            seal_text(self.cipher(), key, "glass", "reason", id.as_uuid(), reason.as_str())?;
        let done = sqlx::query(
            "insert into glass (id, concern, requested_by, reason, requested_at)
             select $1, $2, $3, $4, $5
             where not exists (
                 select 1 from glass
                 where concern = $2 and requested_by = $3 and decided_by is null
             )",
        )
        .bind(id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(reason)
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.glass_of", skip_all, err)]
    async fn glass_of(&mut self, permit: &Permit<SeeConcern>) -> Result<Vec<Glass>> {
        let rows: Vec<GlassRow> = sqlx::query_as(
            "select g.id, c.recording, g.concern, g.requested_by, g.reason, g.requested_at,
                 g.decided_by, g.allowed, g.expires_at, g.heard_at
             from glass g join concerns c on c.id = g.concern
             where c.id = $1
             order by g.requested_at desc, g.id",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(|row| row.open(self.cipher())).collect()
    }

    #[tracing::instrument(name = "db.glass_requests", skip_all, err)]
    async fn glass_requests(&mut self, _permit: &Permit<SeeGlass>) -> Result<Vec<Glass>> {
        let rows: Vec<GlassRow> = sqlx::query_as(
            "select g.id, c.recording, g.concern, g.requested_by, g.reason, g.requested_at,
                 g.decided_by, g.allowed, g.expires_at, g.heard_at
             from glass g join concerns c on c.id = g.concern
             order by g.decided_by is not null, g.requested_at desc, g.id
             limit 200",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(|row| row.open(self.cipher())).collect()
    }

    #[tracing::instrument(name = "db.decide_glass", skip_all, err)]
    async fn decide_glass(
        &mut self,
        permit: &Permit<DecideGlass>,
        id: GlassId,
        allow: bool,
    ) -> Result<bool> {
        let now = permit.cx().now;
        let expires_at = allow.then(|| now.plus_seconds(GLASS_SECONDS).as_micros());
        let done = sqlx::query(
            "update glass set decided_by = $3, decided_at = $4, allowed = $5, expires_at = $6
             where id = $1 and concern = $2 and decided_by is null and requested_by <> $3",
        )
        .bind(id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(now.as_micros())
        .bind(allow)
        .bind(expires_at)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.passage", skip_all, err)]
    async fn passage(&mut self, permit: &Permit<HearPassage>) -> Result<Option<Span>> {
        sqlx::query(
            "update glass set heard_at = $3
             where concern = $1 and requested_by = $2 and allowed and expires_at > $3
               and heard_at is null",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        let row: Option<(i64, i64)> =
            sqlx::query_as("select start_ms, end_ms from concerns where id = $1")
                .bind(permit.object().as_uuid())
                .fetch_optional(&mut *self.0)
                .await
                .map_err(backend)?;
        row.map(|(start, end)| passage(start, end)).transpose()
    }

    #[tracing::instrument(name = "db.passages_heard", skip_all, err)]
    async fn passages_heard(&mut self, permit: &Permit<SeeRecording>) -> Result<Vec<PassageHeard>> {
        let rows: Vec<PassageHeardRow> = sqlx::query_as(
            "select g.id, c.recording, c.start_ms, c.end_ms, g.reason, g.heard_at, g.seen_at
             from glass g
             join concerns c on c.id = g.concern
             join recordings r on r.id = c.recording
             where r.id = $1 and r.owner = $2 and g.heard_at is not null
             order by g.heard_at desc, g.id",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(|row| row.open(self.cipher())).collect()
    }

    #[tracing::instrument(name = "db.passages_shown", skip_all, err)]
    async fn passages_shown(&mut self, permit: &Permit<SeeRecording>) -> Result<()> {
        sqlx::query(
            "update glass set seen_at = $3
             where heard_at is not null and seen_at is null and concern in (
                 select c.id from concerns c join recordings r on r.id = c.recording
                 where r.id = $1 and r.owner = $2
             )",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }
}

impl Tx {
    /// The key under which everything about a concern lies: its recording's.
    async fn key_of(&mut self, concern: ConcernId) -> Result<FieldKey> {
        let recording: Uuid = sqlx::query_scalar("select recording from concerns where id = $1")
            .bind(concern.as_uuid())
            .fetch_one(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(FieldKey::Recording(RecordingId::from_uuid(recording), KeyClass::Sound))
    }

    async fn insert_concern(
        &mut self,
        cx: Cx,
        recording: RecordingId,
        span: Span,
        concern: &NewConcern,
    ) -> Result<()> {
        let body = seal_text(
            self.cipher(),
            FieldKey::Recording(recording, KeyClass::Sound),
            "concerns",
            "body",
            concern.id.as_uuid(),
            concern.body.as_str(),
        )?;
        sqlx::query(
            "insert into concerns
                 (id, recording, raised_by, hat, start_ms, end_ms, told, body, state, raised_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9)",
        )
        .bind(concern.id.as_uuid())
        .bind(recording.as_uuid())
        .bind(person_of(cx)?.as_uuid())
        .bind(cx.hat.as_str())
        .bind(number(span.start().get())?)
        .bind(number(span.end().get())?)
        .bind(concern.told.as_str())
        .bind(body)
        .bind(cx.now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }
}
