//! Who coaches, and what others see of coaching, in PostgreSQL.

use async_trait::async_trait;
use hearback_access::{
    CheckProfile, KeepProfile, Permit, SeeAttendance, SeeCoaching, SeeCoachingFigures,
};
use hearback_domain::{HoursId, Timestamp, UserId, coaching::told};
use hearback_storage::{
    Attending, CoachProfile, Coaches, CoachingFigures, KeptProfile, NotedHours, Result,
    sql::{
        AttendingRow, CoachProfileRow, HeldRow, HoursRow, HoursRows, HoursTotalRow, backend,
        how_many, open_profile, person_of, seal_hours_note, seal_profile,
    },
};

use crate::Tx;

#[async_trait]
impl Coaches for Tx {
    #[tracing::instrument(name = "db.own_profile", skip_all, err)]
    async fn own_profile(&mut self, permit: &Permit<KeepProfile>) -> Result<Option<CoachProfile>> {
        let row: Option<CoachProfileRow> = sqlx::query_as(
            "select c.person, p.name, c.body, c.taking_on, c.most_series, c.accredited_till,
                 c.changed_at,
                 (select count(*) from series s where s.coach = c.person and s.ended_at is null)
                     as present,
                 (select max(v.came_at) from supervision_seats v where v.coach = c.person)
                     as came_at,
                 (select max(h.held_on) from coach_hours h
                  where h.coach = c.person and h.kind in ('supervised', 'supervised_group'))
                     as supervised_on,
                 coalesce(c.checked_at, c.changed_at) as checked_at
             from coach_profiles c join people p on p.id = c.person
             where c.person = $1",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let hours = self.hours_of_coaches().await?;
        row.map(|row| row.open(self.cipher(), &hours)).transpose()
    }

    #[tracing::instrument(name = "db.keep_profile", skip_all, err)]
    async fn keep_profile(
        &mut self,
        permit: &Permit<KeepProfile>,
        kept: &KeptProfile,
    ) -> Result<()> {
        let coach = person_of(permit.cx())?;
        let before: Option<Vec<u8>> =
            sqlx::query_scalar("select body from coach_profiles where person = $1")
                .bind(coach.as_uuid())
                .fetch_optional(&mut *self.0)
                .await
                .map_err(backend)?;
        let before = before.map(|body| open_profile(self.cipher(), coach, &body)).transpose()?;
        let same = before.is_some_and(|old| old.accreditation == kept.profile.accreditation);
        let body = seal_profile(self.cipher(), coach, &kept.profile)?;
        sqlx::query(
            "insert into coach_profiles (person, body, taking_on, most_series, changed_at)
             values ($1, $2, $3, $4, $5)
             on conflict (person) do update
             set body = excluded.body, taking_on = excluded.taking_on,
                 most_series = excluded.most_series, changed_at = excluded.changed_at,
                 accredited_till = case when $6 then coach_profiles.accredited_till end,
                 checked_by = case when $6 then coach_profiles.checked_by end",
        )
        .bind(coach.as_uuid())
        .bind(body)
        .bind(kept.taking_on)
        .bind(i64::from(kept.most.get()))
        .bind(permit.cx().now.as_micros())
        .bind(same)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.own_hours", skip_all, err)]
    async fn own_hours(&mut self, permit: &Permit<KeepProfile>) -> Result<Vec<NotedHours>> {
        let rows: Vec<HoursRow> = sqlx::query_as(
            "select id, coach, kind, held_on, minutes, note from coach_hours
             where coach = $1
             order by held_on desc, id",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(|row| row.open(self.cipher())).collect()
    }

    #[tracing::instrument(name = "db.held_here", skip_all, err)]
    async fn held_here(&mut self, permit: &Permit<KeepProfile>) -> Result<u64> {
        let coach = person_of(permit.cx())?;
        let held = self.held_by_coaches().await?;
        let own = held.iter().find(|row| row.coach == coach.as_uuid());
        own.map_or(Ok(0), HeldRow::minutes)
    }

    #[tracing::instrument(name = "db.note_hours", skip_all, err)]
    async fn note_hours(&mut self, permit: &Permit<KeepProfile>, hours: &NotedHours) -> Result<()> {
        let coach = person_of(permit.cx())?;
        let note = seal_hours_note(self.cipher(), coach, hours.id, &hours.note)?;
        sqlx::query(
            "insert into coach_hours (id, coach, kind, held_on, minutes, note, made_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(hours.id.as_uuid())
        .bind(coach.as_uuid())
        .bind(hours.kind.as_str())
        .bind(hours.day.to_string())
        .bind(i64::from(hours.spent.as_minutes()))
        .bind(note)
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.drop_hours", skip_all, err)]
    async fn drop_hours(&mut self, permit: &Permit<KeepProfile>, id: HoursId) -> Result<bool> {
        let done = sqlx::query("delete from coach_hours where id = $1 and coach = $2")
            .bind(id.as_uuid())
            .bind(person_of(permit.cx())?.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.coach_pool", skip_all, err)]
    async fn coach_pool(&mut self, _permit: &Permit<SeeCoaching>) -> Result<Vec<CoachProfile>> {
        let rows: Vec<CoachProfileRow> = sqlx::query_as(
            "select c.person, p.name, c.body, c.taking_on, c.most_series, c.accredited_till,
                 c.changed_at,
                 (select count(*) from series s where s.coach = c.person and s.ended_at is null)
                     as present,
                 (select max(v.came_at) from supervision_seats v where v.coach = c.person)
                     as came_at,
                 (select max(h.held_on) from coach_hours h
                  where h.coach = c.person and h.kind in ('supervised', 'supervised_group'))
                     as supervised_on,
                 coalesce(c.checked_at, c.changed_at) as checked_at
             from coach_profiles c
             join people p on p.id = c.person and p.disabled_at is null
             join person_roles r on r.person = c.person and r.role = 'coach'",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let hours = self.hours_of_coaches().await?;
        CoachProfileRow::by_name(rows, self.cipher(), &hours)
    }

    #[tracing::instrument(name = "db.check_profile", skip_all, err)]
    async fn check_profile(
        &mut self,
        permit: &Permit<CheckProfile>,
        coach: UserId,
        seen: Timestamp,
        until: Option<Timestamp>,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update coach_profiles
             set accredited_till = $2, checked_by = $3,
                 checked_at = case when $2 is null then checked_at else $4 end
             where person = $1 and person <> $3 and changed_at <= $5",
        )
        .bind(coach.as_uuid())
        .bind(until.map(Timestamp::as_micros))
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .bind(seen.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.attending", skip_all, err)]
    async fn attending(&mut self, _permit: &Permit<SeeAttendance>) -> Result<Vec<Attending>> {
        let rows: Vec<AttendingRow> = sqlx::query_as(
            "select s.practitioner as person, p.name, m.planned_at, m.state
             from series s
             join people p on p.id = s.practitioner
             left join coaching_sessions m
                 on m.series = s.id and m.state in ('planned', 'live', 'held')
             where s.attendance and s.ended_at is null
             order by m.planned_at, m.id",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        AttendingRow::by_name(rows, self.cipher())
    }

    #[tracing::instrument(name = "db.coaching_figures", skip_all, err)]
    async fn coaching_figures(
        &mut self,
        _permit: &Permit<SeeCoachingFigures>,
    ) -> Result<CoachingFigures> {
        let (people, held, behind): (i64, i64, i64) = sqlx::query_as(
            "select (select count(distinct practitioner) from series where ended_at is null),
                 (select count(*) from coaching_sessions where state = 'held'),
                 (select count(distinct s.practitioner)
                  from coaching_sessions m join series s on s.id = m.series
                  where m.state = 'held')",
        )
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        let (people, behind) = (how_many(people)?, how_many(behind)?);
        let held = told(behind, how_many(held)?);
        Ok(CoachingFigures { people: told(people, people), held })
    }
}

impl Tx {
    async fn hours_of_coaches(&mut self) -> Result<HoursRows> {
        let noted: Vec<HoursTotalRow> = sqlx::query_as(
            "select coach, kind, cast(sum(minutes) as bigint) as minutes, count(*) as times
             from coach_hours
             group by coach, kind",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(HoursRows { noted, held: self.held_by_coaches().await? })
    }

    /// How long sessions took, by who coached when they began.
    async fn held_by_coaches(&mut self) -> Result<Vec<HeldRow>> {
        sqlx::query_as(
            "select b.coach, cast(sum(m.ended_at - m.began_at) as bigint) as micros,
                 count(distinct s.practitioner) as people
             from coaching_sessions m
             join series s on s.id = m.series
             join series_coaches b on b.series = m.series and b.asked_at <= m.began_at
                 and (b.left_at is null or b.left_at > m.began_at)
             where m.state = 'held' and m.ended_at is not null
             group by b.coach",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)
    }
}
