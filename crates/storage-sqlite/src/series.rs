//! Series of coaching sessions (CM-02), in SQLite.

use async_trait::async_trait;
use hearback_access::{Agree, ArrangeSessions, DecideSeries, Permit, SeeSeries, StartSeries};
use hearback_domain::{
    CoachingSessionId, Note, RecordingId, Timestamp, UserId,
    coaching::{
        AgreementBody, Considered, Ending, Focus, NotCoach, NotPlanned, SessionState, may_plan,
    },
};
use hearback_storage::{
    Coaching, CoachingAgreement, CoachingSession, NewSeries, PastCoach, Result, Series,
    sql::{
        AgreementRow, CoachingSessionRow, PastCoachRow, SeriesRow, backend, open_considered,
        person_of, seal_agreement, seal_considered, seal_ending, seal_focus, seal_place,
        session_state,
    },
};
use uuid::Uuid;

use crate::Tx;

#[async_trait]
impl Coaching for Tx {
    #[tracing::instrument(name = "db.begin_series", skip_all, err)]
    async fn begin_series(
        &mut self,
        permit: &Permit<StartSeries>,
        new: &NewSeries,
    ) -> Result<Result<(), NotCoach>> {
        let (practitioner, now) = (person_of(permit.cx())?, permit.cx().now);
        if let Err(why) = self.may_coach(practitioner, new.coach, now).await? {
            return Ok(Err(why));
        }
        let focus = seal_focus(self.cipher(), practitioner, new.id, &new.focus)?;
        let thought = new.considered.as_ref();
        let considered =
            thought.map(|body| seal_considered(self.cipher(), practitioner, new.id, body));
        sqlx::query(
            "insert into series (id, practitioner, coach, focus, attendance, started_at, considered)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(new.id.as_uuid())
        .bind(practitioner.as_uuid())
        .bind(new.coach.as_uuid())
        .bind(focus)
        .bind(new.attendance)
        .bind(now.as_micros())
        .bind(considered.transpose()?)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        self.note_coach(practitioner, new.id, new.coach, now).await?;
        Ok(Ok(()))
    }

    #[tracing::instrument(name = "db.series", skip_all, err)]
    async fn series(&mut self, permit: &Permit<SeeSeries>) -> Result<Option<Series>> {
        let row: Option<SeriesRow> = sqlx::query_as(
            "select s.id, s.practitioner, p.name as practitioner_name, s.coach,
                 c.name as coach_name, s.focus, s.attendance, s.started_at, s.agreed_at, s.ended_at,
                 s.ending, s.ending_note
             from series s
             join people p on p.id = s.practitioner
             left join people c on c.id = s.coach
             where s.id = $1",
        )
        .bind(permit.object().as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let recordings: Vec<Uuid> = sqlx::query_scalar(
            "select recording from series_recordings where series = $1 order by added_at, recording",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        row.map(|row| row.open(self.cipher(), recordings)).transpose()
    }

    #[tracing::instrument(name = "db.considered", skip_all, err)]
    async fn considered(&mut self, permit: &Permit<SeeSeries>) -> Result<Option<Considered>> {
        let (series, me) = (permit.object(), person_of(permit.cx())?);
        let sealed: Option<Option<Vec<u8>>> =
            sqlx::query_scalar("select considered from series where id = $1 and practitioner = $2")
                .bind(series.as_uuid())
                .bind(me.as_uuid())
                .fetch_optional(&mut *self.0)
                .await
                .map_err(backend)?;
        sealed.flatten().map(|body| open_considered(self.cipher(), me, series, &body)).transpose()
    }

    #[tracing::instrument(name = "db.coaching_sessions", skip_all, err)]
    async fn coaching_sessions(
        &mut self,
        permit: &Permit<SeeSeries>,
    ) -> Result<Vec<CoachingSession>> {
        let rows: Vec<CoachingSessionRow> = sqlx::query_as(
            "select m.id, s.practitioner, m.planned_at, m.place, m.state, m.began_at, m.ended_at
             from coaching_sessions m join series s on s.id = m.series
             where s.id = $1
             order by m.planned_at, m.id",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(|row| row.open(self.cipher())).collect()
    }

    #[tracing::instrument(name = "db.agreement", skip_all, err)]
    async fn agreement(&mut self, permit: &Permit<SeeSeries>) -> Result<Option<CoachingAgreement>> {
        let row: Option<AgreementRow> = sqlx::query_as(
            "select a.series, s.practitioner, a.version, a.body, a.written_by, a.written_at,
                 a.practitioner_signed_at, a.coach, a.coach_signed_at
             from agreements a join series s on s.id = a.series
             where s.id = $1
             order by a.version desc limit 1",
        )
        .bind(permit.object().as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        row.map(|row| row.open(self.cipher())).transpose()
    }

    #[tracing::instrument(name = "db.write_agreement", skip_all, err)]
    async fn write_agreement(
        &mut self,
        permit: &Permit<Agree>,
        read: u32,
        body: &AgreementBody,
    ) -> Result<Option<u32>> {
        let series = permit.object();
        let Some((practitioner, _)) = self.people_of(series).await? else { return Ok(None) };
        self.end_forgotten(permit.cx().now).await?;
        let body = seal_agreement(self.cipher(), practitioner, series, body)?;
        let version = read.saturating_add(1);
        let done = sqlx::query(
            "insert into agreements (series, version, body, written_by, written_at)
             select s.id, $2, $3, $4, $5
             from series s
             where s.id = $1
               and coalesce((select max(a.version) from agreements a where a.series = s.id), 0) = $6
               and not exists (
                   select 1 from coaching_sessions m where m.series = s.id and m.state = 'live'
               )",
        )
        .bind(series.as_uuid())
        .bind(i64::from(version))
        .bind(body)
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .bind(i64::from(read))
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if done.rows_affected() == 0 {
            return Ok(None);
        }
        self.agree_anew(series).await?;
        Ok(Some(version))
    }

    #[tracing::instrument(name = "db.sign_agreement", skip_all, err)]
    async fn sign_agreement(&mut self, permit: &Permit<Agree>, version: u32) -> Result<bool> {
        let (series, me, now) = (permit.object(), person_of(permit.cx())?, permit.cx().now);
        let Some((practitioner, coach)) = self.people_of(series).await? else { return Ok(false) };
        if me != practitioner && coach != Some(me) {
            return Ok(false);
        }
        let done = sqlx::query(
            "update agreements
             set practitioner_signed_at =
                     case when $5 then coalesce(practitioner_signed_at, $4)
                          else practitioner_signed_at end,
                 coach = case when $5 then coach else $3 end,
                 coach_signed_at = case when $5 then coach_signed_at else $4 end
             where series = $1 and version = $2
               and version = (select max(a.version) from agreements a where a.series = $1)",
        )
        .bind(series.as_uuid())
        .bind(i64::from(version))
        .bind(me.as_uuid())
        .bind(now.as_micros())
        .bind(me == practitioner)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "update series set agreed_at = $3
             where id = $1 and agreed_at is null and exists (
                 select 1 from agreements a
                 where a.series = $1 and a.version = $2 and a.practitioner_signed_at is not null
                   and a.coach_signed_at is not null and a.coach = series.coach
             )",
        )
        .bind(series.as_uuid())
        .bind(i64::from(version))
        .bind(now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(true)
    }

    #[tracing::instrument(name = "db.plan_session", skip_all, err)]
    async fn plan_session(
        &mut self,
        permit: &Permit<ArrangeSessions>,
        id: CoachingSessionId,
        at: Timestamp,
        place: &Note,
    ) -> Result<Result<(), NotPlanned>> {
        let series = permit.object();
        let Some((practitioner, _)) = self.people_of(series).await? else {
            return Ok(Err(NotPlanned::Ended));
        };
        if let Err(why) = may_plan(&self.session_states(series).await?) {
            return Ok(Err(why));
        }
        let place = seal_place(self.cipher(), practitioner, id, place)?;
        sqlx::query(
            "insert into coaching_sessions (id, series, planned_at, place, state)
             values ($1, $2, $3, $4, 'planned')",
        )
        .bind(id.as_uuid())
        .bind(series.as_uuid())
        .bind(at.as_micros())
        .bind(place)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(Ok(()))
    }

    #[tracing::instrument(name = "db.move_session", skip_all, err)]
    async fn move_session(
        &mut self,
        permit: &Permit<ArrangeSessions>,
        id: CoachingSessionId,
        at: Timestamp,
        place: &Note,
    ) -> Result<Result<(), NotPlanned>> {
        let series = permit.object();
        let Some((practitioner, _)) = self.people_of(series).await? else {
            return Ok(Err(NotPlanned::Ended));
        };
        let state: Option<String> =
            sqlx::query_scalar("select state from coaching_sessions where id = $1 and series = $2")
                .bind(id.as_uuid())
                .bind(series.as_uuid())
                .fetch_optional(&mut *self.0)
                .await
                .map_err(backend)?;
        let state = state.map(|word| session_state(&word)).transpose()?;
        let Some(state) = state.filter(|state| state.may_become(SessionState::Planned)) else {
            return Ok(Err(NotPlanned::Settled));
        };
        if state != SessionState::Planned
            && let Err(why) = may_plan(&self.session_states(series).await?)
        {
            return Ok(Err(why));
        }
        let place = seal_place(self.cipher(), practitioner, id, place)?;
        sqlx::query(
            "update coaching_sessions set planned_at = $2, place = $3, state = 'planned'
             where id = $1",
        )
        .bind(id.as_uuid())
        .bind(at.as_micros())
        .bind(place)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(Ok(()))
    }

    #[tracing::instrument(name = "db.postpone_session", skip_all, err)]
    async fn postpone_session(
        &mut self,
        permit: &Permit<ArrangeSessions>,
        id: CoachingSessionId,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update coaching_sessions set state = 'postponed'
             where id = $1 and series = $2 and state = 'planned'",
        )
        .bind(id.as_uuid())
        .bind(permit.object().as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        self.ask_no_more(done.rows_affected(), id, permit.cx().now).await
    }

    #[tracing::instrument(name = "db.miss_session", skip_all, err)]
    async fn miss_session(
        &mut self,
        permit: &Permit<ArrangeSessions>,
        id: CoachingSessionId,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update coaching_sessions set state = 'missed'
             where id = $1 and series = $2 and state = 'planned' and planned_at <= $3",
        )
        .bind(id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        self.ask_no_more(done.rows_affected(), id, permit.cx().now).await
    }

    #[tracing::instrument(name = "db.set_focus", skip_all, err)]
    async fn set_focus(&mut self, permit: &Permit<DecideSeries>, focus: &Focus) -> Result<bool> {
        let practitioner = person_of(permit.cx())?;
        let focus = seal_focus(self.cipher(), practitioner, permit.object(), focus)?;
        let done = sqlx::query("update series set focus = $2 where id = $1 and ended_at is null")
            .bind(permit.object().as_uuid())
            .bind(focus)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.add_to_series", skip_all, err)]
    async fn add_to_series(
        &mut self,
        permit: &Permit<DecideSeries>,
        recording: RecordingId,
    ) -> Result<bool> {
        let own: bool = sqlx::query_scalar(
            "select exists (
                 select 1 from series s join recordings r on r.owner = s.practitioner
                 where s.id = $1 and r.id = $2 and s.ended_at is null
             )",
        )
        .bind(permit.object().as_uuid())
        .bind(recording.as_uuid())
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        if !own {
            return Ok(false);
        }
        sqlx::query(
            "insert into series_recordings (series, recording, added_at) values ($1, $2, $3)
             on conflict (series, recording) do nothing",
        )
        .bind(permit.object().as_uuid())
        .bind(recording.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(true)
    }

    #[tracing::instrument(name = "db.drop_from_series", skip_all, err)]
    async fn drop_from_series(
        &mut self,
        permit: &Permit<DecideSeries>,
        recording: RecordingId,
    ) -> Result<()> {
        sqlx::query("delete from series_recordings where series = $1 and recording = $2")
            .bind(permit.object().as_uuid())
            .bind(recording.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.coach_history", skip_all, err)]
    async fn coach_history(&mut self, permit: &Permit<DecideSeries>) -> Result<Vec<PastCoach>> {
        let rows: Vec<PastCoachRow> = sqlx::query_as(
            "select c.coach, p.name, c.asked_at, c.left_at,
                 exists (
                     select 1 from series_conflicts f
                     where f.series = c.series and f.person = c.coach and f.at = c.left_at
                 ) as manages
             from series_coaches c join people p on p.id = c.coach
             where c.series = $1
             order by c.asked_at, c.coach",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(|row| row.open(self.cipher())).collect()
    }

    #[tracing::instrument(name = "db.had_guest", skip_all, err)]
    async fn had_guest(&mut self, permit: &Permit<DecideSeries>) -> Result<bool> {
        sqlx::query_scalar(
            "select exists (
                 select 1 from session_guests g join coaching_sessions m on m.id = g.session
                 where m.series = $1 and m.state = 'held'
                   and (g.ended_at is null or g.ended_at >= m.ended_at)
             )",
        )
        .bind(permit.object().as_uuid())
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)
    }

    #[tracing::instrument(name = "db.change_coach", skip_all, err)]
    async fn change_coach(
        &mut self,
        permit: &Permit<DecideSeries>,
        coach: Option<UserId>,
    ) -> Result<Result<(), NotCoach>> {
        let (series, now) = (permit.object(), permit.cx().now);
        let Some((practitioner, present)) = self.people_of(series).await? else {
            return Ok(Err(NotCoach::Ended));
        };
        if coach == present {
            return Ok(Ok(()));
        }
        if let Some(coach) = coach
            && let Err(why) = self.may_coach(practitioner, coach, now).await?
        {
            return Ok(Err(why));
        }
        self.let_coach_go(series, now).await?;
        if let Some(coach) = coach {
            sqlx::query("update series set coach = $2 where id = $1")
                .bind(series.as_uuid())
                .bind(coach.as_uuid())
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
            self.note_coach(practitioner, series, coach, now).await?;
        }
        Ok(Ok(()))
    }

    #[tracing::instrument(name = "db.set_attendance", skip_all, err)]
    async fn set_attendance(
        &mut self,
        permit: &Permit<DecideSeries>,
        may_be_told: bool,
    ) -> Result<bool> {
        let done =
            sqlx::query("update series set attendance = $2 where id = $1 and ended_at is null")
                .bind(permit.object().as_uuid())
                .bind(may_be_told)
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.end_series", skip_all, err)]
    async fn end_series(
        &mut self,
        permit: &Permit<DecideSeries>,
        how: Ending,
        note: Option<&Note>,
    ) -> Result<bool> {
        let (series, now) = (permit.object(), permit.cx().now);
        let Some((practitioner, _)) = self.people_of(series).await? else { return Ok(false) };
        self.close_live(series, now).await?;
        for statement in UNPLANNED {
            sqlx::query(*statement)
                .bind(series.as_uuid())
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
        }
        sqlx::query(
            "update session_guests set ended_at = $2
             where ended_at is null
               and session in (select id from coaching_sessions where series = $1)",
        )
        .bind(series.as_uuid())
        .bind(now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        let note = note.map(|note| seal_ending(self.cipher(), practitioner, series, note));
        sqlx::query("update series set ended_at = $2, ending = $3, ending_note = $4 where id = $1")
            .bind(series.as_uuid())
            .bind(now.as_micros())
            .bind(how.as_str())
            .bind(note.transpose()?)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(true)
    }
}

/// What is still to come of a series that ends, in this order. Each statement takes the series.
const UNPLANNED: &[&str] = &[
    // What somebody wrote for themself is theirs, and what was heard already was: its session stays, as one that was put
    // off.
    "update coaching_sessions set state = 'postponed'
     where series = $1 and state = 'planned'
       and (exists (select 1 from sheets h where h.session = coaching_sessions.id)
           or exists (
               select 1 from session_clips x
               where x.session = coaching_sessions.id and x.heard_at is not null
           ))",
    "update goals set session = null
     where session in (select id from coaching_sessions where series = $1 and state = 'planned')",
    "delete from session_guests
     where session in (select id from coaching_sessions where series = $1 and state = 'planned')",
    "delete from session_clips
     where session in (select id from coaching_sessions where series = $1 and state = 'planned')",
    "delete from coaching_sessions where series = $1 and state = 'planned'",
];
