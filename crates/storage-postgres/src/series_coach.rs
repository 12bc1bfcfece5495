//! Who coaches in a series, and what follows when that changes, in PostgreSQL.

use hearback_domain::{
    CoachingSessionId, SeriesId, Timestamp, UserId,
    coaching::{Candidate, NotCoach, SessionState},
};
use hearback_storage::{
    Result, StoreError,
    sql::{CoachCandidateRow, backend, session_state},
};
use uuid::Uuid;

use crate::Tx;

impl Tx {
    /// Whether this person may coach this practitioner now.
    pub(crate) async fn may_coach(
        &mut self,
        practitioner: UserId,
        coach: UserId,
        now: Timestamp,
    ) -> Result<Result<(), NotCoach>> {
        let candidate = self.coach_candidate(practitioner, coach).await?;
        Ok(candidate.map_or(Err(NotCoach::Unknown), |candidate| candidate.check(now)))
    }

    async fn coach_candidate(
        &mut self,
        practitioner: UserId,
        coach: UserId,
    ) -> Result<Option<Candidate>> {
        let row: Option<CoachCandidateRow> = sqlx::query_as(
            "select c.taking_on, c.most_series, c.accredited_till,
                 (select count(*) from series s where s.coach = c.person and s.ended_at is null)
                     as present,
                 c.person = $2 as same,
                 exists (
                     select 1 from managers m where m.practitioner = $2 and m.manager = c.person
                 ) as manages,
                 (select max(v.came_at) from supervision_seats v where v.coach = c.person)
                     as came_at,
                 (select max(h.held_on) from coach_hours h
                  where h.coach = c.person and h.kind in ('supervised', 'supervised_group'))
                     as supervised_on,
                 coalesce(c.checked_at, c.changed_at) as checked_at
             from coach_profiles c
             join people p on p.id = c.person and p.disabled_at is null
             join person_roles r on r.person = c.person and r.role = 'coach'
             where c.person = $1",
        )
        .bind(coach.as_uuid())
        .bind(practitioner.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let ever: Vec<String> = sqlx::query_scalar(
            "select relation from relations_ever where practitioner = $1 and person = $2
             order by relation",
        )
        .bind(practitioner.as_uuid())
        .bind(coach.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        row.map(|row| row.with(&ever)).transpose()
    }

    /// Notes who is asked to coach; and that they are never to code what this practitioner records (ETH-12).
    pub(crate) async fn note_coach(
        &mut self,
        practitioner: UserId,
        series: SeriesId,
        coach: UserId,
        now: Timestamp,
    ) -> Result<()> {
        sqlx::query(
            "insert into series_coaches (series, coach, asked_at) values ($1, $2, $3)
             on conflict (series, coach, asked_at) do update set left_at = null",
        )
        .bind(series.as_uuid())
        .bind(coach.as_uuid())
        .bind(now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        sqlx::query(
            "insert into relations_ever (practitioner, person, relation) values ($1, $2, 'coaches')
             on conflict (practitioner, person, relation) do nothing",
        )
        .bind(practitioner.as_uuid())
        .bind(coach.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    /// Nobody coaches in it from now on; the rest stays.
    pub(crate) async fn let_coach_go(&mut self, series: SeriesId, now: Timestamp) -> Result<()> {
        self.close_live(series, now).await?;
        for statement in SHARED_WITH_COACH {
            sqlx::query(*statement)
                .bind(series.as_uuid())
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
        }
        sqlx::query("update series_coaches set left_at = $2 where series = $1 and left_at is null")
            .bind(series.as_uuid())
            .bind(now.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        sqlx::query("update series set coach = null, agreed_at = null where id = $1")
            .bind(series.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        // What was agreed with somebody else is a version of its own; what it said is where the two begin.
        sqlx::query(
            "insert into agreements (series, version, body, written_by, written_at)
             select a.series, a.version + 1, a.body, a.written_by, $2
             from agreements a
             where a.series = $1
               and (a.coach is not null or a.practitioner_signed_at is not null)
               and a.version = (select max(b.version) from agreements b where b.series = $1)",
        )
        .bind(series.as_uuid())
        .bind(now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    /// Who is coached in a series that goes on, and by whom.
    pub(crate) async fn people_of(
        &mut self,
        series: SeriesId,
    ) -> Result<Option<(UserId, Option<UserId>)>> {
        let row: Option<(Uuid, Option<Uuid>)> = sqlx::query_as(
            "select practitioner, coach from series where id = $1 and ended_at is null",
        )
        .bind(series.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(row.map(|(one, other)| (UserId::from_uuid(one), other.map(UserId::from_uuid))))
    }

    pub(crate) async fn session_states(&mut self, series: SeriesId) -> Result<Vec<SessionState>> {
        let words: Vec<String> =
            sqlx::query_scalar("select state from coaching_sessions where series = $1")
                .bind(series.as_uuid())
                .fetch_all(&mut *self.0)
                .await
                .map_err(backend)?;
        words.iter().map(|word| session_state(word)).collect::<Result<_, StoreError>>()
    }

    /// What both signed does not hold any more.
    pub(crate) async fn agree_anew(&mut self, series: SeriesId) -> Result<()> {
        sqlx::query("update series set agreed_at = null where id = $1")
            .bind(series.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }

    /// Whoever was invited to a session that does not come about then is invited no more. Whether it was there.
    pub(crate) async fn ask_no_more(
        &mut self,
        found: u64,
        session: CoachingSessionId,
        now: Timestamp,
    ) -> Result<bool> {
        if found == 0 {
            return Ok(false);
        }
        sqlx::query(
            "update session_guests set ended_at = $2 where session = $1 and ended_at is null",
        )
        .bind(session.as_uuid())
        .bind(now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(true)
    }

    /// A session that is on is over, and so are its invitations.
    pub(crate) async fn close_live(&mut self, series: SeriesId, now: Timestamp) -> Result<()> {
        sqlx::query(
            "update session_guests set ended_at = $2
             where ended_at is null and session in (
                 select id from coaching_sessions where series = $1 and state = 'live'
             )",
        )
        .bind(series.as_uuid())
        .bind(now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        sqlx::query(
            "update coaching_sessions set state = 'held', ended_at = $2, code = null
             where series = $1 and state = 'live'",
        )
        .bind(series.as_uuid())
        .bind(now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }
}

/// What was shared with whoever coaches is shared no more, also if they come back. Each statement takes the series.
const SHARED_WITH_COACH: &[&str] = &[
    "update sheets set shared_with = null, shared_at = null
     where shared_with = (select s.coach from series s where s.id = $1)
       and session in (select m.id from coaching_sessions m where m.series = $1)",
    "update goals set shared_with = null, shared_at = null
     where series = $1 and shared_with is not null",
];
