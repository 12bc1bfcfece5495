//! What comes after supervision: a note for a researcher (SUP-05), a focus group (SUP-07), in PostgreSQL.

use async_trait::async_trait;
use hearback_access::{AttendSupervision, Cx, Permit, ReadDebriefs, Supervise};
use hearback_domain::{
    Note, SupervisionId, Timestamp, UserId,
    supervision::{FocusPart, may_record},
};
use hearback_storage::{
    AfterMeetings, Debrief, FocusGroup, Result, SharedDebrief,
    sql::{DebriefRow, FocusRow, FocusSeatRow, backend, person_of, seal_debrief, those_not_erased},
};

use crate::Tx;

#[async_trait]
impl AfterMeetings for Tx {
    #[tracing::instrument(name = "db.debrief", skip_all, err)]
    async fn debrief(
        &mut self,
        permit: &Permit<Supervise>,
        meeting: SupervisionId,
    ) -> Result<Option<Debrief>> {
        let row: Option<DebriefRow> = sqlx::query_as(
            "select d.meeting, m.supervisor, m.planned_at, d.body, d.saved_at, d.shared_with,
                 d.shared_at
             from supervision_debriefs d join supervision_meetings m on m.id = d.meeting
             where m.supervisor = $1 and m.id = $2",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(meeting.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        row.map(|row| row.own(self.cipher())).transpose()
    }

    #[tracing::instrument(name = "db.keep_debrief", skip_all, err)]
    async fn keep_debrief(
        &mut self,
        permit: &Permit<Supervise>,
        meeting: SupervisionId,
        body: &Note,
    ) -> Result<bool> {
        let supervisor = person_of(permit.cx())?;
        let sealed = seal_debrief(self.cipher(), meeting, supervisor, body)?;
        let done = sqlx::query(
            "insert into supervision_debriefs (meeting, body, saved_at)
             select m.id, $3, $4 from supervision_meetings m
             where m.supervisor = $1 and m.id = $2
             on conflict (meeting) do update
             set body = excluded.body, saved_at = excluded.saved_at",
        )
        .bind(supervisor.as_uuid())
        .bind(meeting.as_uuid())
        .bind(sealed)
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if done.rows_affected() > 0 && body.as_str().is_empty() {
            sqlx::query("delete from supervision_debriefs where meeting = $1")
                .bind(meeting.as_uuid())
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
        }
        Ok(done.rows_affected() > 0)
    }

    #[tracing::instrument(name = "db.share_debrief", skip_all, err)]
    async fn share_debrief(
        &mut self,
        permit: &Permit<Supervise>,
        meeting: SupervisionId,
        with: Option<UserId>,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update supervision_debriefs set shared_with = $3, shared_at = $4
             where meeting = $2 and exists (
                 select 1 from supervision_meetings m where m.id = $2 and m.supervisor = $1
             ) and ($3 is null or exists (
                 select 1 from person_roles r where r.person = $3 and r.role = 'researcher'
             ))",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(meeting.as_uuid())
        .bind(with.map(UserId::as_uuid))
        .bind(with.map(|_| permit.cx().now.as_micros()))
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() > 0)
    }

    #[tracing::instrument(name = "db.debriefs", skip_all, err)]
    async fn debriefs(&mut self, permit: &Permit<ReadDebriefs>) -> Result<Vec<SharedDebrief>> {
        let rows: Vec<DebriefRow> = sqlx::query_as(
            "select d.meeting, m.supervisor, m.planned_at, d.body, d.saved_at, d.shared_with,
                 d.shared_at
             from supervision_debriefs d join supervision_meetings m on m.id = d.meeting
             where d.shared_with = $1
             order by m.planned_at desc, m.id",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        those_not_erased(rows.iter().map(|row| row.shared(self.cipher())))
    }

    #[tracing::instrument(name = "db.has_debriefs", skip_all, err)]
    async fn has_debriefs(&mut self, cx: Cx) -> Result<bool> {
        sqlx::query_scalar(
            "select exists (select 1 from supervision_debriefs where shared_with = $1)",
        )
        .bind(cx.user.map(UserId::as_uuid))
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)
    }

    #[tracing::instrument(name = "db.focus_led", skip_all, err)]
    async fn focus_led(
        &mut self,
        permit: &Permit<Supervise>,
        meeting: SupervisionId,
    ) -> Result<Option<FocusGroup>> {
        let row: Option<FocusRow> = sqlx::query_as(
            "select f.begins_at, f.recording
             from focus_groups f join supervision_meetings m on m.id = f.meeting
             where m.supervisor = $1 and m.id = $2",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(meeting.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(row.with(self.said_to_focus(meeting).await?)))
    }

    #[tracing::instrument(name = "db.focus_attended", skip_all, err)]
    async fn focus_attended(
        &mut self,
        permit: &Permit<AttendSupervision>,
        meeting: SupervisionId,
    ) -> Result<Option<FocusGroup>> {
        let me = person_of(permit.cx())?.as_uuid();
        let row: Option<FocusRow> = sqlx::query_as(
            "select f.begins_at, f.recording
             from focus_groups f join supervision_seats t on t.meeting = f.meeting
             where t.coach = $1 and f.meeting = $2",
        )
        .bind(me)
        .bind(meeting.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        let mut said = self.said_to_focus(meeting).await?;
        said.retain(|said| said.coach == me);
        Ok(Some(row.with(said)))
    }

    #[tracing::instrument(name = "db.plan_focus", skip_all, err)]
    async fn plan_focus(
        &mut self,
        permit: &Permit<Supervise>,
        meeting: SupervisionId,
        begins_at: Timestamp,
    ) -> Result<bool> {
        let done = sqlx::query(
            "insert into focus_groups (meeting, begins_at, recording)
             select m.id, $3, $4 from supervision_meetings m
             where m.supervisor = $1 and m.id = $2
             on conflict (meeting) do update set begins_at = excluded.begins_at",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(meeting.as_uuid())
        .bind(begins_at.as_micros())
        .bind(false)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() > 0)
    }

    #[tracing::instrument(name = "db.drop_focus", skip_all, err)]
    async fn drop_focus(
        &mut self,
        permit: &Permit<Supervise>,
        meeting: SupervisionId,
    ) -> Result<bool> {
        let done = sqlx::query(
            "delete from focus_groups
             where meeting = $2 and exists (
                 select 1 from supervision_meetings m where m.id = $2 and m.supervisor = $1
             )",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(meeting.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() > 0)
    }

    #[tracing::instrument(name = "db.answer_focus", skip_all, err)]
    async fn answer_focus(
        &mut self,
        permit: &Permit<AttendSupervision>,
        meeting: SupervisionId,
        said: FocusPart,
    ) -> Result<bool> {
        let me = person_of(permit.cx())?.as_uuid();
        // Changes nothing, and makes whoever would change what is said, or turn the recorder on, wait.
        let there = sqlx::query(
            "update focus_groups set recording = recording
             where meeting = $1 and exists (
                 select 1 from supervision_seats t where t.meeting = $1 and t.coach = $2
             )",
        )
        .bind(meeting.as_uuid())
        .bind(me)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if there.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "insert into focus_seats (meeting, coach, takes_part, recorded, said_at)
             values ($1, $2, $3, $4, $5)
             on conflict (meeting, coach) do update
             set takes_part = excluded.takes_part, recorded = excluded.recorded,
                 said_at = excluded.said_at",
        )
        .bind(meeting.as_uuid())
        .bind(me)
        .bind(said.takes_part())
        .bind(said.recorded())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if !self.may_be_recorded(meeting).await? {
            self.note_recorder(meeting, false).await?;
        }
        Ok(true)
    }

    #[tracing::instrument(name = "db.set_recorder", skip_all, err)]
    async fn set_recorder(
        &mut self,
        permit: &Permit<Supervise>,
        meeting: SupervisionId,
        runs: bool,
    ) -> Result<bool> {
        let there = sqlx::query(
            "update focus_groups set recording = recording
             where meeting = $2 and exists (
                 select 1 from supervision_meetings m where m.id = $2 and m.supervisor = $1
             )",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(meeting.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if there.rows_affected() == 0 || (runs && !self.may_be_recorded(meeting).await?) {
            return Ok(false);
        }
        self.note_recorder(meeting, runs).await?;
        Ok(true)
    }
}

impl Tx {
    /// What was said to a focus group.
    async fn said_to_focus(&mut self, meeting: SupervisionId) -> Result<Vec<FocusSeatRow>> {
        sqlx::query_as(
            "select coach, takes_part, recorded from focus_seats
             where meeting = $1 order by coach",
        )
        .bind(meeting.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)
    }

    async fn may_be_recorded(&mut self, meeting: SupervisionId) -> Result<bool> {
        let said = self.said_to_focus(meeting).await?;
        Ok(may_record(said.into_iter().map(|row| row.said().1)))
    }

    async fn note_recorder(&mut self, meeting: SupervisionId, runs: bool) -> Result<()> {
        sqlx::query("update focus_groups set recording = $2 where meeting = $1")
            .bind(meeting.as_uuid())
            .bind(runs)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }
}
