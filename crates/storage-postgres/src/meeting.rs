//! Coaching sessions while they are live, in PostgreSQL.

use async_trait::async_trait;
use hearback_access::{
    DecideSeries, HearInSession, LeadSession, MeetInSession, Permit, SeeSession,
};
use hearback_domain::{
    ClipId, CoachingSessionId, JoinCode, MarkId, Ms, PieceId, SeriesId, Timestamp, UserId,
    coaching::forgotten_till,
};
use hearback_storage::{
    MeetingEnd, MeetingRoom, Meetings, NotBegun, NotInvited, Result, SessionGuest,
    sql::{
        GuestRow, MeetingPieceRow, MeetingRow, TimedRow, ToBeginRow, backend, number, person_of,
        those_not_erased,
    },
};
use uuid::Uuid;

use crate::Tx;

#[async_trait]
impl Meetings for Tx {
    #[tracing::instrument(name = "db.series_of_session", skip_all, err)]
    async fn series_of_session(&mut self, session: CoachingSessionId) -> Result<Option<SeriesId>> {
        let id: Option<Uuid> =
            sqlx::query_scalar("select series from coaching_sessions where id = $1")
                .bind(session.as_uuid())
                .fetch_optional(&mut *self.0)
                .await
                .map_err(backend)?;
        Ok(id.map(SeriesId::from_uuid))
    }

    #[tracing::instrument(name = "db.session_with_code", skip_all, err)]
    async fn session_with_code(&mut self, code: &JoinCode) -> Result<Option<CoachingSessionId>> {
        let id: Option<Uuid> = sqlx::query_scalar(
            "select id from coaching_sessions where code = $1 and state = 'live'",
        )
        .bind(code.to_string())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(id.map(CoachingSessionId::from_uuid))
    }

    #[tracing::instrument(name = "db.live_meeting", skip_all, err)]
    async fn live_meeting(&mut self, series: SeriesId) -> Result<Option<CoachingSessionId>> {
        let id: Option<Uuid> = sqlx::query_scalar(
            "select id from coaching_sessions where series = $1 and state = 'live'",
        )
        .bind(series.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(id.map(CoachingSessionId::from_uuid))
    }

    #[tracing::instrument(name = "db.end_forgotten_meetings", skip_all, err)]
    async fn end_forgotten_meetings(&mut self, now: Timestamp) -> Result<u64> {
        self.end_forgotten(now).await
    }

    #[tracing::instrument(name = "db.begin_meeting", skip_all, err)]
    async fn begin_meeting(
        &mut self,
        permit: &Permit<LeadSession>,
        code: &JoinCode,
    ) -> Result<Result<(), NotBegun>> {
        self.end_forgotten(permit.cx().now).await?;
        let row: Option<ToBeginRow> = sqlx::query_as(
            "select s.state,
                 (select count(*) from coaching_sessions h
                  where h.series = s.series and h.state = 'held') as held,
                 exists (select 1 from coaching_sessions l
                         where l.series = s.series and l.state = 'live') as another,
                 exists (select 1 from coaching_sessions c where c.code = $2) as taken
             from coaching_sessions s where s.id = $1",
        )
        .bind(permit.object().as_uuid())
        .bind(code.to_string())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some(row) = row else { return Ok(Err(NotBegun::NotAhead)) };
        if let Err(why) = row.check()? {
            return Ok(Err(why));
        }
        let done = sqlx::query(
            "update coaching_sessions set state = 'live', code = $2, began_at = $3, coach = $4
             where id = $1 and state = 'planned'",
        )
        .bind(permit.object().as_uuid())
        .bind(code.to_string())
        .bind(permit.cx().now.as_micros())
        .bind(person_of(permit.cx())?.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(if done.rows_affected() == 1 { Ok(()) } else { Err(NotBegun::NotAhead) })
    }

    #[tracing::instrument(name = "db.end_meeting", skip_all, err)]
    async fn end_meeting(&mut self, permit: &Permit<LeadSession>, how: MeetingEnd) -> Result<bool> {
        self.end_it(permit.object(), None, how, permit.cx().now).await
    }

    #[tracing::instrument(name = "db.end_own_meeting", skip_all, err)]
    async fn end_own_meeting(
        &mut self,
        permit: &Permit<DecideSeries>,
        session: CoachingSessionId,
        how: MeetingEnd,
    ) -> Result<bool> {
        self.end_it(session, Some(permit.object()), how, permit.cx().now).await
    }

    #[tracing::instrument(name = "db.invite_guest", skip_all, err)]
    async fn invite_guest(
        &mut self,
        permit: &Permit<DecideSeries>,
        session: CoachingSessionId,
        guest: UserId,
    ) -> Result<Result<(), NotInvited>> {
        let open: bool = sqlx::query_scalar(
            "select exists (
                 select 1 from coaching_sessions
                 where id = $1 and series = $2 and state not in ('held', 'missed')
             )",
        )
        .bind(session.as_uuid())
        .bind(permit.object().as_uuid())
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        if !open {
            return Ok(Err(NotInvited::Over));
        }
        let done = sqlx::query(
            "insert into session_guests (session, guest, invited_at)
             select $1, p.id, $4 from people p join person_roles r on r.person = p.id
             where p.id = $3 and p.disabled_at is null and r.role = 'line_manager'
               and not exists (
                   select 1 from series s
                   where s.id = $2 and (s.practitioner = p.id or s.coach = p.id)
               )
             on conflict (session, guest) do update
             set invited_at = case when session_guests.ended_at is null
                     then session_guests.invited_at else excluded.invited_at end,
                 ended_at = null",
        )
        .bind(session.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(guest.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(if done.rows_affected() == 1 { Ok(()) } else { Err(NotInvited::NotAManager) })
    }

    #[tracing::instrument(name = "db.take_back_invitation", skip_all, err)]
    async fn take_back_invitation(
        &mut self,
        permit: &Permit<DecideSeries>,
        session: CoachingSessionId,
        guest: UserId,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update session_guests set ended_at = $4
             where session = $1 and guest = $3 and ended_at is null
               and session in (select id from coaching_sessions where series = $2)",
        )
        .bind(session.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(guest.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.session_guests", skip_all, err)]
    async fn session_guests(
        &mut self,
        permit: &Permit<DecideSeries>,
        session: CoachingSessionId,
    ) -> Result<Vec<SessionGuest>> {
        let rows: Vec<GuestRow> = sqlx::query_as(
            "select g.guest, p.name, g.invited_at
             from session_guests g
             join people p on p.id = g.guest
             join coaching_sessions s on s.id = g.session
             where g.session = $1 and s.series = $2 and g.ended_at is null
             order by g.invited_at, g.guest",
        )
        .bind(session.as_uuid())
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(|row| row.open(self.cipher())).collect()
    }

    #[tracing::instrument(name = "db.meeting_room", skip_all, err)]
    async fn meeting_room(&mut self, permit: &Permit<SeeSession>) -> Result<Option<MeetingRoom>> {
        let row: Option<MeetingRow> = sqlx::query_as(
            "select m.id, m.series, s.practitioner, s.coach, s.focus, m.planned_at, m.state, m.code,
                 s.agreed_at is not null and s.ended_at is null as agreed
             from coaching_sessions m join series s on s.id = m.series
             where m.id = $1",
        )
        .bind(permit.object().as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        let all: Vec<TimedRow> = sqlx::query_as(
            "select id, planned_at, state from coaching_sessions where series = $1
             order by planned_at, id",
        )
        .bind(row.series)
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let pieces: Vec<MeetingPieceRow> = sqlx::query_as(
            "select s.id, p.recording, s.title, s.question, c.start_ms, c.end_ms
             from session_clips s
             join clips c on c.id = s.clip
             join playlists p on p.id = c.playlist
             join recordings r on r.id = p.recording
             where s.session = $1 and s.vetoed_at is null and not c.vetoed
               and (c.removed_at is null or s.heard_at is not null)
               and p.agreed_at is not null and c.rendered_at is not null
               and c.redaction = r.redaction and r.sharing = 'released'
               and (c.approved_at is not null or r.redaction_approved = r.redaction)
             order by s.position, s.id",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let pieces = those_not_erased(pieces.into_iter().map(|piece| piece.open(self.cipher())))?;
        row.open(self.cipher(), &all, pieces).map(Some)
    }

    #[tracing::instrument(name = "db.mark_moment", skip_all, err)]
    async fn mark_moment(
        &mut self,
        permit: &Permit<MeetInSession>,
        mark: MarkId,
        piece: PieceId,
        at: Ms,
    ) -> Result<bool> {
        let done = sqlx::query(
            "insert into session_marks (id, piece, at_ms, marked_by, marked_at)
             select $1, s.id, c.start_ms + $4, $5, $6
             from session_clips s join clips c on c.id = s.clip
             where s.id = $2 and s.session = $3 and c.start_ms + $4 < c.end_ms",
        )
        .bind(mark.as_uuid())
        .bind(piece.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(number(at.get())?)
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.note_heard", skip_all, err)]
    async fn note_heard(&mut self, permit: &Permit<MeetInSession>, piece: PieceId) -> Result<()> {
        sqlx::query(
            "update session_clips set heard_at = $3
             where id = $1 and session = $2 and heard_at is null",
        )
        .bind(piece.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.clip_of_piece", skip_all, err)]
    async fn clip_of_piece(
        &mut self,
        permit: &Permit<HearInSession>,
        session: CoachingSessionId,
    ) -> Result<Option<ClipId>> {
        let id: Option<Uuid> =
            sqlx::query_scalar("select clip from session_clips where id = $1 and session = $2")
                .bind(permit.object().as_uuid())
                .bind(session.as_uuid())
                .fetch_optional(&mut *self.0)
                .await
                .map_err(backend)?;
        Ok(id.map(ClipId::from_uuid))
    }
}

impl Tx {
    /// Ends what nobody ended in time, and the invitations to it. How many that were.
    pub(crate) async fn end_forgotten(&mut self, now: Timestamp) -> Result<u64> {
        let till = forgotten_till(now).as_micros();
        sqlx::query(
            "update session_guests set ended_at = $1
             where ended_at is null and session in (
                 select id from coaching_sessions where state = 'live' and began_at <= $2
             )",
        )
        .bind(now.as_micros())
        .bind(till)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        // One that was put off before may hold what was heard and marked then.
        let done = sqlx::query(
            "update coaching_sessions set state = 'held', code = null, ended_at = (
                 select max(l.at) from (
                     select coaching_sessions.began_at as at
                     union all
                     select c.heard_at from session_clips c
                     where c.session = coaching_sessions.id
                     union all
                     select k.marked_at
                     from session_marks k join session_clips c on c.id = k.piece
                     where c.session = coaching_sessions.id
                 ) l
             )
             where state = 'live' and began_at <= $1",
        )
        .bind(till)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected())
    }

    /// Ends a session that is live, of this series if one is named, and every invitation to it.
    async fn end_it(
        &mut self,
        session: CoachingSessionId,
        series: Option<SeriesId>,
        how: MeetingEnd,
        now: Timestamp,
    ) -> Result<bool> {
        // One that was put off has neither begun nor ended.
        let (state, ended) = match how {
            MeetingEnd::Held => ("held", Some(now.as_micros())),
            MeetingEnd::Postponed => ("postponed", None),
        };
        let done = sqlx::query(
            "update coaching_sessions set state = $3, code = null, ended_at = $4,
                 began_at = case when $3 = 'held' then began_at end,
                 coach = case when $3 = 'held' then coach end
             where id = $1 and state = 'live' and series = coalesce($2, series)",
        )
        .bind(session.as_uuid())
        .bind(series.map(SeriesId::as_uuid))
        .bind(state)
        .bind(ended)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if done.rows_affected() == 0 {
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
}
