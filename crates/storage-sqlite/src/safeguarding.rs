//! Concerns and the passages they are about, in SQLite.

use async_trait::async_trait;
use hearback_access::{
    Cx, DecideGlass, HearPassage, Permit, RaiseConcern, RaiseConcernOnClip, RequestGlass,
    SeeConcern, SeeConcerns, SeeGlass, SeeRecording, WriteConcern,
};
use hearback_domain::{
    ConcernNoteId, ConcernState, GLASS_SECONDS, GlassId, Hat, Note, Reason, RecordingId, Role,
    Span, Told,
};
use hearback_storage::{
    Concern, ConcernNote, ConcernSummary, Glass, NewConcern, PassageHeard, Result, Safeguarding,
    sql::{
        ConcernNoteRow, ConcernRow, ConcernSummaryRow, GlassRow, PassageHeardRow, backend, number,
        passage, person_of, seal_care,
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
            "select id, practitioner, raised_by, hat, told, state, raised_at
             from concerns
             where recording = $1 and raised_by = $2
             order by raised_at desc, id",
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
            "select id, practitioner, raised_by, hat, told, state, raised_at
             from concerns
             order by state = 'closed', raised_at desc, id",
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
            "select c.id, c.recording, c.practitioner, c.raised_by, c.hat, c.start_ms, c.end_ms,
                 c.told, c.body, c.state, c.raised_at,
                 exists (select 1 from recordings r where r.id = c.recording)
                     and not exists (
                         select 1 from erased_classes e
                         where e.recording = c.recording and e.class = 'sound'
                     ) as sound_is_there
             from concerns c
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
            "select id, author, hat, body, at from concern_notes
             where concern = $1
             order by at, id",
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
        let body = seal_care(self.cipher(), "concern_notes", "body", id.as_uuid(), body.as_str())?;
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
        let reason = seal_care(self.cipher(), "glass", "reason", id.as_uuid(), reason.as_str())?;
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
            "select id, concern, requested_by, reason, requested_at, decided_by, allowed,
                 expires_at, heard_at
             from glass
             where concern = $1
             order by requested_at desc, id",
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
            "select id, concern, requested_by, reason, requested_at, decided_by, allowed,
                 expires_at, heard_at
             from glass
             order by decided_by is not null, requested_at desc, id
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
            "select g.id, c.start_ms, c.end_ms, g.reason, g.heard_at, g.seen_at
             from glass g join concerns c on c.id = g.concern
             where c.recording = $1 and c.practitioner = $2 and g.heard_at is not null
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
                 select id from concerns where recording = $1 and practitioner = $2
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

    #[tracing::instrument(name = "db.tell_what_was_heard_of_gone", skip_all, err)]
    async fn tell_what_was_heard_of_gone(&mut self, cx: Cx) -> Result<Vec<PassageHeard>> {
        let (Some(user), Hat::Person(Role::Practitioner)) = (cx.user, cx.hat) else {
            return Ok(Vec::new());
        };
        let rows: Vec<PassageHeardRow> = sqlx::query_as(
            "select g.id, c.start_ms, c.end_ms, g.reason, g.heard_at, g.seen_at
             from glass g join concerns c on c.id = g.concern
             where c.practitioner = $1 and g.heard_at is not null
               and not exists (select 1 from recordings r where r.id = c.recording)
             order by g.heard_at desc, g.id
             limit 20",
        )
        .bind(user.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        for row in rows.iter().filter(|row| row.seen_at.is_none()) {
            sqlx::query("update glass set seen_at = $2 where id = $1")
                .bind(row.id)
                .bind(cx.now.as_micros())
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
        }
        rows.into_iter().map(|row| row.open(self.cipher())).collect()
    }
}

impl Tx {
    async fn insert_concern(
        &mut self,
        cx: Cx,
        recording: RecordingId,
        span: Span,
        concern: &NewConcern,
    ) -> Result<()> {
        let (id, text) = (concern.id.as_uuid(), concern.body.as_str());
        let body = seal_care(self.cipher(), "concerns", "body", id, text)?;
        sqlx::query(
            "insert into concerns
                 (id, recording, practitioner, raised_by, hat, start_ms, end_ms, told, body,
                  state, raised_at)
             select $1, r.id, r.owner, $3, $4, $5, $6, $7, $8, 'open', $9
             from recordings r where r.id = $2",
        )
        .bind(id)
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
