//! Coaches supervised together (SUP-01), in PostgreSQL.

use async_trait::async_trait;
use hearback_access::{AttendSupervision, Permit, Supervise};
use hearback_domain::{
    Note, SupervisionId, Timestamp, UserId,
    supervision::{Dome, ahead_from},
};
use hearback_storage::{
    Outcome, Result, Supervision, SupervisionMeeting,
    sql::{
        LastSupervisedRow, OutcomeRow, SupervisionRow, SupervisionSeatRow, backend, number,
        person_of, seal_outcome,
    },
};

use crate::Tx;

#[async_trait]
impl Supervision for Tx {
    #[tracing::instrument(name = "db.call_meeting", skip_all, err)]
    async fn call_meeting(
        &mut self,
        permit: &Permit<Supervise>,
        id: SupervisionId,
        planned_at: Timestamp,
        coaches: &[UserId],
    ) -> Result<()> {
        let supervisor = person_of(permit.cx())?.as_uuid();
        sqlx::query(
            "insert into supervision_meetings (id, supervisor, planned_at) values ($1, $2, $3)",
        )
        .bind(id.as_uuid())
        .bind(supervisor)
        .bind(planned_at.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        for coach in coaches {
            sqlx::query(
                "insert into supervision_seats (meeting, coach)
                 select $1, r.person from person_roles r
                 where r.person = $2 and r.person <> $3 and r.role = 'coach'
                 on conflict (meeting, coach) do nothing",
            )
            .bind(id.as_uuid())
            .bind(coach.as_uuid())
            .bind(supervisor)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        Ok(())
    }

    #[tracing::instrument(name = "db.meetings_led", skip_all, err)]
    async fn meetings_led(
        &mut self,
        permit: &Permit<Supervise>,
    ) -> Result<Vec<SupervisionMeeting>> {
        let rows: Vec<SupervisionRow> = sqlx::query_as(
            "select id, supervisor, planned_at, volunteer, phase, left_ms, since
             from supervision_meetings where supervisor = $1
             order by planned_at desc, id",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let seats: Vec<SupervisionSeatRow> = sqlx::query_as(
            "select t.meeting, t.coach, t.came_at, t.volunteered_at
             from supervision_seats t join supervision_meetings m on m.id = t.meeting
             where m.supervisor = $1
             order by t.coach",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.iter().map(|row| row.with(&seats)).collect()
    }

    #[tracing::instrument(name = "db.meeting_led", skip_all, err)]
    async fn meeting_led(
        &mut self,
        permit: &Permit<Supervise>,
        id: SupervisionId,
    ) -> Result<Option<SupervisionMeeting>> {
        let row: Option<SupervisionRow> = sqlx::query_as(
            "select id, supervisor, planned_at, volunteer, phase, left_ms, since
             from supervision_meetings where supervisor = $1 and id = $2",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(id.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        let seats = self.seats_of(id).await?;
        row.with(&seats).map(Some)
    }

    #[tracing::instrument(name = "db.move_meeting", skip_all, err)]
    async fn move_meeting(
        &mut self,
        permit: &Permit<Supervise>,
        id: SupervisionId,
        planned_at: Timestamp,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update supervision_meetings set planned_at = $3 where supervisor = $1 and id = $2",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(id.as_uuid())
        .bind(planned_at.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "delete from brought_moments where meeting = $1 and brought_by in (
                 select t.coach from supervision_seats t
                 where t.meeting = $1 and t.volunteered_at is not null
             )",
        )
        .bind(id.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(true)
    }

    #[tracing::instrument(name = "db.call_off_meeting", skip_all, err)]
    async fn call_off_meeting(
        &mut self,
        permit: &Permit<Supervise>,
        id: SupervisionId,
    ) -> Result<bool> {
        let done = sqlx::query(
            "delete from supervision_meetings
             where supervisor = $1 and id = $2 and not exists (
                 select 1 from supervision_seats t
                 where t.meeting = $2 and t.volunteered_at is not null
             ) and not exists (select 1 from supervision_debriefs d where d.meeting = $2)",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(id.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() > 0)
    }

    #[tracing::instrument(name = "db.note_came", skip_all, err)]
    async fn note_came(
        &mut self,
        permit: &Permit<Supervise>,
        id: SupervisionId,
        coach: UserId,
        came: bool,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update supervision_seats set came_at = $4
             where meeting = $2 and coach = $3 and exists (
                 select 1 from supervision_meetings m where m.id = $2 and m.supervisor = $1
             )",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(id.as_uuid())
        .bind(coach.as_uuid())
        .bind(came.then(|| permit.cx().now.as_micros()))
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() > 0)
    }

    #[tracing::instrument(name = "db.set_dome", skip_all, err)]
    async fn set_dome(
        &mut self,
        permit: &Permit<Supervise>,
        id: SupervisionId,
        dome: Option<&Dome>,
    ) -> Result<bool> {
        let volunteer = dome.map(|dome| dome.volunteer.as_uuid());
        let left = dome.map(|dome| number(dome.left.get())).transpose()?;
        let done = sqlx::query(
            "update supervision_meetings set volunteer = $3, phase = $4, left_ms = $5, since = $6
             where supervisor = $1 and id = $2 and ($3 is null or exists (
                 select 1 from supervision_seats t where t.meeting = $2 and t.coach = $3
             ))",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(id.as_uuid())
        .bind(volunteer)
        .bind(dome.map(|dome| i64::from(dome.phase.number())))
        .bind(left)
        .bind(dome.and_then(|dome| dome.since).map(Timestamp::as_micros))
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "update supervision_seats set volunteered_at = $3
             where meeting = $1 and coach = $2 and volunteered_at is null",
        )
        .bind(id.as_uuid())
        .bind(volunteer)
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(true)
    }

    #[tracing::instrument(name = "db.last_supervised", skip_all, err)]
    async fn last_supervised(
        &mut self,
        permit: &Permit<Supervise>,
    ) -> Result<Vec<(UserId, Timestamp)>> {
        let rows: Vec<LastSupervisedRow> = sqlx::query_as(
            "select c.person as coach,
                 (select max(v.came_at) from supervision_seats v where v.coach = c.person)
                     as came_at,
                 (select max(h.held_on) from coach_hours h
                  where h.coach = c.person and h.kind in ('supervised', 'supervised_group'))
                     as supervised_on,
                 coalesce(c.checked_at, c.changed_at) as checked_at
             from coach_profiles c
             join people p on p.id = c.person and p.disabled_at is null
             join person_roles r on r.person = c.person and r.role = 'coach'
             where c.person <> $1 and not exists (
                 select 1 from supervision_seats t
                 join supervision_meetings m on m.id = t.meeting
                 where t.coach = c.person and m.planned_at > $2
             )
             order by c.person",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(ahead_from(permit.cx().now).as_micros())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(LastSupervisedRow::last).collect()
    }

    #[tracing::instrument(name = "db.meetings_attended", skip_all, err)]
    async fn meetings_attended(
        &mut self,
        permit: &Permit<AttendSupervision>,
    ) -> Result<Vec<SupervisionMeeting>> {
        let rows: Vec<SupervisionRow> = sqlx::query_as(
            "select m.id, m.supervisor, m.planned_at, m.volunteer, m.phase, m.left_ms, m.since
             from supervision_meetings m join supervision_seats t on t.meeting = m.id
             where t.coach = $1
             order by m.planned_at desc, m.id",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let seats: Vec<SupervisionSeatRow> = sqlx::query_as(
            "select t.meeting, t.coach, t.came_at, t.volunteered_at
             from supervision_seats t
             join supervision_seats own on own.meeting = t.meeting and own.coach = $1
             order by t.coach",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.iter().map(|row| row.with(&seats)).collect()
    }

    #[tracing::instrument(name = "db.meeting_attended", skip_all, err)]
    async fn meeting_attended(
        &mut self,
        permit: &Permit<AttendSupervision>,
        id: SupervisionId,
    ) -> Result<Option<SupervisionMeeting>> {
        let row: Option<SupervisionRow> = sqlx::query_as(
            "select m.id, m.supervisor, m.planned_at, m.volunteer, m.phase, m.left_ms, m.since
             from supervision_meetings m join supervision_seats t on t.meeting = m.id
             where t.coach = $1 and m.id = $2",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(id.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        let seats = self.seats_of(id).await?;
        row.with(&seats).map(Some)
    }

    #[tracing::instrument(name = "db.own_outcome", skip_all, err)]
    async fn own_outcome(
        &mut self,
        permit: &Permit<AttendSupervision>,
        id: SupervisionId,
    ) -> Result<Option<Outcome>> {
        let row: Option<OutcomeRow> = sqlx::query_as(
            "select meeting, writer, body, saved_at from supervision_notes
             where writer = $1 and meeting = $2",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(id.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        row.map(|row| row.open(self.cipher())).transpose()
    }

    #[tracing::instrument(name = "db.keep_outcome", skip_all, err)]
    async fn keep_outcome(
        &mut self,
        permit: &Permit<AttendSupervision>,
        id: SupervisionId,
        body: &Note,
    ) -> Result<bool> {
        let writer = person_of(permit.cx())?;
        let sealed = seal_outcome(self.cipher(), id, writer, body)?;
        let done = sqlx::query(
            "insert into supervision_notes (meeting, writer, body, saved_at)
             select t.meeting, t.coach, $3, $4 from supervision_seats t
             where t.meeting = $1 and t.coach = $2 and t.volunteered_at is not null
             on conflict (meeting, writer) do update
             set body = excluded.body, saved_at = excluded.saved_at",
        )
        .bind(id.as_uuid())
        .bind(writer.as_uuid())
        .bind(sealed)
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if body.as_str().is_empty() {
            sqlx::query("delete from supervision_notes where meeting = $1 and writer = $2")
                .bind(id.as_uuid())
                .bind(writer.as_uuid())
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
        }
        Ok(done.rows_affected() > 0)
    }
}

impl Tx {
    /// Who is invited to a meeting.
    async fn seats_of(&mut self, id: SupervisionId) -> Result<Vec<SupervisionSeatRow>> {
        sqlx::query_as(
            "select meeting, coach, came_at, volunteered_at from supervision_seats
             where meeting = $1 order by coach",
        )
        .bind(id.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)
    }
}
