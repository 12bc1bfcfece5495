//! Moments that coaches bring to supervision (SUP-03), in SQLite.

use async_trait::async_trait;
use hearback_access::{
    AttendSupervision, BringMoment, Cx, HearBrought, Nominate, Permit, SeeRecording, Supervise,
    heard_under_the_dome,
};
use hearback_domain::{
    BroughtId, NominationId, Span, SupervisionId, Timestamp,
    supervision::{NotBrought, ToBring, ahead_from},
};
use hearback_storage::{
    Bringing, Brought, Result, WhereToBring,
    sql::{BroughtRow, MeetingAheadRow, backend, person_of, span},
};
use uuid::Uuid;

use crate::Tx;

#[async_trait]
impl Bringing for Tx {
    #[tracing::instrument(name = "db.where_to_bring", skip_all, err)]
    async fn where_to_bring(&mut self, permit: &Permit<SeeRecording>) -> Result<WhereToBring> {
        let listened: Option<bool> = sqlx::query_scalar(
            "select coalesce(redaction_approved = redaction, false) from recordings where id = $1",
        )
        .bind(permit.object().as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let rows: Vec<MeetingAheadRow> = sqlx::query_as(
            "select m.id, m.planned_at, m.supervisor, b.nomination as brought
             from supervision_seats t
             join supervision_meetings m on m.id = t.meeting
             left join brought_moments b on b.meeting = m.id and b.brought_by = t.coach
             where t.coach = $1 and m.planned_at > $2
             order by m.planned_at, m.id",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(ahead_from(permit.cx().now).as_micros())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let meetings = rows.into_iter().map(Into::into).collect();
        Ok(WhereToBring { listened: listened.unwrap_or_default(), meetings })
    }

    #[tracing::instrument(name = "db.bring", skip_all, err)]
    async fn bring(
        &mut self,
        permit: &Permit<BringMoment>,
        id: BroughtId,
        meeting: SupervisionId,
        moment: NominationId,
    ) -> Result<Result<bool, NotBrought>> {
        let me = person_of(permit.cx())?.as_uuid();
        let row: Option<(i64, i64, bool)> = sqlx::query_as(
            "select n.start_ms, n.end_ms, coalesce(r.redaction_approved = r.redaction, false)
             from nominations n join recordings r on r.id = n.recording
             where n.id = $1 and n.recording = $2",
        )
        .bind(moment.as_uuid())
        .bind(permit.object().as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some((start, end, listened)) = row else { return Ok(Ok(false)) };
        let length = span("nominations", start, end)?.len();
        let invited = self.is_invited(meeting, me, permit.cx().now).await?;
        let another: bool = sqlx::query_scalar(
            "select exists (
                 select 1 from brought_moments b join supervision_meetings m on m.id = b.meeting
                 where m.id = $1 and m.volunteer = $2 and b.brought_by = $2 and b.nomination <> $3
             )",
        )
        .bind(meeting.as_uuid())
        .bind(me)
        .bind(moment.as_uuid())
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        // The permit says that everybody said yes.
        let asked = ToBring { covered: true, listened, invited, another, length };
        if let Err(why) = asked.check() {
            return Ok(Err(why));
        }
        sqlx::query(
            "insert into brought_moments (id, meeting, brought_by, nomination, brought_at)
             values ($1, $2, $3, $4, $5)
             on conflict (meeting, brought_by) do update
             set id = excluded.id, nomination = excluded.nomination,
                 brought_at = excluded.brought_at",
        )
        .bind(id.as_uuid())
        .bind(meeting.as_uuid())
        .bind(me)
        .bind(moment.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(Ok(true))
    }

    #[tracing::instrument(name = "db.take_back_brought", skip_all, err)]
    async fn take_back_brought(
        &mut self,
        permit: &Permit<Nominate>,
        meeting: SupervisionId,
        moment: NominationId,
    ) -> Result<bool> {
        let done = sqlx::query(
            "delete from brought_moments
             where meeting = $1 and brought_by = $2 and nomination in (
                 select n.id from nominations n where n.id = $3 and n.recording = $4
             )",
        )
        .bind(meeting.as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(moment.as_uuid())
        .bind(permit.object().as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() > 0)
    }

    #[tracing::instrument(name = "db.brought_to_led", skip_all, err)]
    async fn brought_to_led(
        &mut self,
        permit: &Permit<Supervise>,
        meeting: SupervisionId,
    ) -> Result<Vec<Brought>> {
        self.brought_to(permit.cx(), meeting).await
    }

    #[tracing::instrument(name = "db.brought_to_attended", skip_all, err)]
    async fn brought_to_attended(
        &mut self,
        permit: &Permit<AttendSupervision>,
        meeting: SupervisionId,
    ) -> Result<Vec<Brought>> {
        self.brought_to(permit.cx(), meeting).await
    }

    #[tracing::instrument(name = "db.brought_span", skip_all, err)]
    async fn brought_span(&mut self, permit: &Permit<HearBrought>) -> Result<Option<Span>> {
        let row: Option<(i64, i64)> = sqlx::query_as(
            "select n.start_ms, n.end_ms
             from brought_moments b join nominations n on n.id = b.nomination
             where b.id = $1",
        )
        .bind(permit.object().as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        row.map(|(start, end)| span("nominations", start, end)).transpose()
    }
}

impl Tx {
    /// Whether somebody is invited to a meeting that is not over.
    async fn is_invited(
        &mut self,
        meeting: SupervisionId,
        coach: Uuid,
        now: Timestamp,
    ) -> Result<bool> {
        sqlx::query_scalar(
            "select exists (
                 select 1 from supervision_seats t
                 join supervision_meetings m on m.id = t.meeting
                 where t.meeting = $1 and t.coach = $2 and m.planned_at > $3
             )",
        )
        .bind(meeting.as_uuid())
        .bind(coach)
        .bind(ahead_from(now).as_micros())
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)
    }

    /// What was brought to a meeting that `cx` may hear once whoever brought it is under the dome: of anything else
    /// nothing is told, not even that it is there.
    async fn brought_to(&mut self, cx: Cx, meeting: SupervisionId) -> Result<Vec<Brought>> {
        let rows: Vec<BroughtRow> = sqlx::query_as(
            "select b.id, b.brought_by, n.start_ms, n.end_ms
             from brought_moments b join nominations n on n.id = b.nomination
             where b.meeting = $1
             order by b.brought_at, b.id",
        )
        .bind(meeting.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let brought: Vec<_> = rows.iter().map(BroughtRow::told).collect::<Result<_>>()?;
        let all: Vec<_> = brought.iter().map(|one| one.id).collect();
        let told = heard_under_the_dome(self, cx, &all).await?;
        Ok(brought.into_iter().filter(|one| told.contains(&one.id)).collect())
    }
}
