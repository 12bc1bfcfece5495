//! Who coaches, and what others see of coaching, in SQLite.

use async_trait::async_trait;
use hearback_access::{
    CheckProfile, KeepProfile, Permit, SeeAttendance, SeeCoaching, SeeCoachingFigures,
};
use hearback_domain::{Timestamp, UserId, coaching::told};
use hearback_storage::{
    Attending, CoachProfile, Coaches, CoachingFigures, KeptProfile, Result,
    sql::{
        AttendingRow, CoachProfileRow, backend, how_many, open_profile, person_of, seal_profile,
    },
};

use crate::Tx;

#[async_trait]
impl Coaches for Tx {
    #[tracing::instrument(name = "db.own_profile", skip_all, err)]
    async fn own_profile(&mut self, permit: &Permit<KeepProfile>) -> Result<Option<CoachProfile>> {
        let row: Option<CoachProfileRow> = sqlx::query_as(
            "select c.person, p.name, c.body, c.taking_on, c.most_series, c.accredited_till,
                 (select count(*) from series s where s.coach = c.person and s.ended_at is null)
                     as present
             from coach_profiles c join people p on p.id = c.person
             where c.person = $1",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        row.map(|row| row.open(self.cipher())).transpose()
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

    #[tracing::instrument(name = "db.coach_pool", skip_all, err)]
    async fn coach_pool(&mut self, _permit: &Permit<SeeCoaching>) -> Result<Vec<CoachProfile>> {
        let rows: Vec<CoachProfileRow> = sqlx::query_as(
            "select c.person, p.name, c.body, c.taking_on, c.most_series, c.accredited_till,
                 (select count(*) from series s where s.coach = c.person and s.ended_at is null)
                     as present
             from coach_profiles c
             join people p on p.id = c.person and p.disabled_at is null
             join person_roles r on r.person = c.person and r.role = 'coach'",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        CoachProfileRow::by_name(rows, self.cipher())
    }

    #[tracing::instrument(name = "db.check_profile", skip_all, err)]
    async fn check_profile(
        &mut self,
        permit: &Permit<CheckProfile>,
        coach: UserId,
        until: Option<Timestamp>,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update coach_profiles set accredited_till = $2, checked_by = $3 where person = $1",
        )
        .bind(coach.as_uuid())
        .bind(until.map(Timestamp::as_micros))
        .bind(person_of(permit.cx())?.as_uuid())
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
