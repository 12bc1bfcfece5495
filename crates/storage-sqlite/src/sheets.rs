//! Sheets, logs and goals, in SQLite.

use async_trait::async_trait;
use hearback_access::{DecideSeries, KeepSheets, Permit, SeeCoaching, SeeSeries};
use hearback_domain::{
    CoachingSessionId, GoalId, GoalText, PieceId, UserId,
    sheets::{GoalStatus, Sheet, SheetKind},
};
use hearback_storage::{
    FormerLog, KeptGoal, KeptSheet, NewGoal, Result, Saving, SeriesPair, SheetSession, Sheets,
    sql::{
        FormerLogRow, GoalRow, SeriesPairRow, SheetRow, SheetSessionRow, backend, how_many, number,
        person_of, seal_goal, seal_sheet,
    },
};

use crate::Tx;

#[async_trait]
impl Sheets for Tx {
    #[tracing::instrument(name = "db.sheet_session", skip_all, err)]
    async fn sheet_session(&mut self, permit: &Permit<KeepSheets>) -> Result<Option<SheetSession>> {
        let row: Option<SheetSessionRow> = sqlx::query_as(
            "select m.series, s.practitioner, s.coach, m.planned_at,
                 coalesce(s.practitioner = $2 or s.coach = $2, false) as present,
                 m.state in ('held', 'missed') and exists (
                     select 1 from series_coaches b
                     where b.series = s.id and b.coach = $2
                       and b.asked_at <= coalesce(m.began_at, m.planned_at)
                       and b.left_at > coalesce(m.began_at, m.planned_at)
                 ) as theirs,
                 exists (select 1 from sheets h where h.session = m.id and h.writer = $2) as wrote
             from coaching_sessions m join series s on s.id = m.series
             where m.id = $1",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(row.and_then(SheetSessionRow::told))
    }

    #[tracing::instrument(name = "db.own_sheet", skip_all, err)]
    async fn own_sheet(
        &mut self,
        permit: &Permit<KeepSheets>,
        kind: SheetKind,
    ) -> Result<Option<KeptSheet>> {
        let row: Option<SheetRow> = sqlx::query_as(
            "select h.session, h.writer, h.kind, h.body, h.revision, h.saved_at,
                 case when h.shared_with in (s.practitioner, s.coach) then h.shared_at end
                     as shared_at
             from sheets h
             join coaching_sessions m on m.id = h.session
             join series s on s.id = m.series
             where h.session = $1 and h.writer = $2 and h.kind = $3",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(kind.as_str())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        row.map(|row| row.open(self.cipher())).transpose()
    }

    #[tracing::instrument(name = "db.keep_sheet", skip_all, err)]
    async fn keep_sheet(
        &mut self,
        permit: &Permit<KeepSheets>,
        kind: SheetKind,
        revision: u64,
        sheet: &Sheet,
    ) -> Result<Saving> {
        let (session, writer) = (permit.object(), person_of(permit.cx())?);
        let body = seal_sheet(self.cipher(), session, writer, kind, sheet)?;
        // Whoever is first with a revision has it: of two tabs that begin at the same moment too. One that was taken away
        // and is written anew goes on counting, so that nobody's old tab takes it for the one before.
        let saved: Option<i64> = sqlx::query_scalar(
            "insert into sheets (session, writer, kind, body, revision, saved_at)
             select m.id, $2, $3, $4, m.sheets_gone + 1, $6
             from coaching_sessions m
             where m.id = $1 and ($5 = 0 or exists (
                 select 1 from sheets w where w.session = $1 and w.writer = $2 and w.kind = $3
             ))
             on conflict (session, writer, kind) do update
             set body = excluded.body, revision = sheets.revision + 1, saved_at = excluded.saved_at
             where sheets.revision = $5
             returning revision",
        )
        .bind(session.as_uuid())
        .bind(writer.as_uuid())
        .bind(kind.as_str())
        .bind(body)
        .bind(number(revision)?)
        .bind(permit.cx().now.as_micros())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        if let Some(saved) = saved {
            return Ok(Saving::Kept(how_many(saved)?));
        }
        Ok(Saving::Meanwhile(self.own_sheet(permit, kind).await?))
    }

    #[tracing::instrument(name = "db.share_sheet", skip_all, err)]
    async fn share_sheet(
        &mut self,
        permit: &Permit<KeepSheets>,
        kind: SheetKind,
        with: Option<UserId>,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update sheets set shared_with = $4,
                 shared_at = case when $4 is null then null else $5 end
             where session = $1 and writer = $2 and kind = $3 and ($4 is null or exists (
                 select 1 from coaching_sessions m join series s on s.id = m.series
                 where m.id = $1 and ((s.practitioner = $2 and s.coach = $4)
                     or (s.coach = $2 and s.practitioner = $4))
             ))",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(kind.as_str())
        .bind(with.map(UserId::as_uuid))
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() > 0)
    }

    #[tracing::instrument(name = "db.drop_sheet", skip_all, err)]
    async fn drop_sheet(&mut self, permit: &Permit<KeepSheets>, kind: SheetKind) -> Result<()> {
        for statement in TAKEN_AWAY {
            sqlx::query(*statement)
                .bind(permit.object().as_uuid())
                .bind(person_of(permit.cx())?.as_uuid())
                .bind(kind.as_str())
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
        }
        Ok(())
    }

    #[tracing::instrument(name = "db.shared_sheet", skip_all, err)]
    async fn shared_sheet(
        &mut self,
        permit: &Permit<KeepSheets>,
        kind: SheetKind,
    ) -> Result<Option<KeptSheet>> {
        let row: Option<SheetRow> = sqlx::query_as(
            "select session, writer, kind, body, revision, saved_at, shared_at
             from sheets
             where session = $1 and shared_with = $2 and kind = $3 and exists (
                 select 1 from coaching_sessions m join series s on s.id = m.series
                 where m.id = $1 and (s.practitioner = $2 or s.coach = $2)
             )
             order by shared_at desc, writer limit 1",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(kind.as_str())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        row.map(|row| row.open(self.cipher())).transpose()
    }

    #[tracing::instrument(name = "db.former_logs", skip_all, err)]
    async fn former_logs(&mut self, permit: &Permit<SeeCoaching>) -> Result<Vec<FormerLog>> {
        let rows: Vec<FormerLogRow> = sqlx::query_as(
            "select h.session, m.planned_at, h.saved_at,
                 m.state in ('held', 'missed') and exists (
                     select 1 from series_coaches b
                     where b.series = s.id and b.coach = $1
                       and b.asked_at <= coalesce(m.began_at, m.planned_at)
                       and b.left_at > coalesce(m.began_at, m.planned_at)
                 ) as theirs
             from sheets h
             join coaching_sessions m on m.id = h.session
             join series s on s.id = m.series
             where h.writer = $1 and h.kind = 'thinking' and s.practitioner <> $1
               and (s.coach is null or s.coach <> $1)
               and exists (
                   select 1 from series_coaches b where b.series = s.id and b.coach = $1
               )
             order by h.saved_at desc, h.session",
        )
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    #[tracing::instrument(name = "db.series_pair", skip_all, err)]
    async fn series_pair(&mut self, permit: &Permit<SeeSeries>) -> Result<Option<SeriesPair>> {
        let row: Option<SeriesPairRow> =
            sqlx::query_as("select practitioner, coach from series where id = $1")
                .bind(permit.object().as_uuid())
                .fetch_optional(&mut *self.0)
                .await
                .map_err(backend)?;
        Ok(row.map(Into::into))
    }

    #[tracing::instrument(name = "db.goals", skip_all, err)]
    async fn goals(&mut self, permit: &Permit<SeeSeries>) -> Result<Vec<KeptGoal>> {
        let rows: Vec<GoalRow> = sqlx::query_as(
            "select g.id, s.practitioner as owner, g.session, g.piece, g.body, g.status, g.made_at,
                 g.changed_at,
                 case when g.shared_with in (s.coach, $2) then g.shared_at end as shared_at
             from goals g join series s on s.id = g.series
             where g.series = $1 and (s.practitioner = $2 or g.shared_with = $2)
             order by g.made_at, g.id",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(|row| row.open(self.cipher())).collect()
    }

    #[tracing::instrument(name = "db.add_goal", skip_all, err)]
    async fn add_goal(&mut self, permit: &Permit<DecideSeries>, goal: &NewGoal) -> Result<bool> {
        let body = seal_goal(self.cipher(), person_of(permit.cx())?, goal.id, &goal.text)?;
        let done = sqlx::query(
            "insert into goals (id, series, session, piece, body, status, made_at, changed_at)
             select $1, s.id, $3, $4, $5, $6, $7, $7 from series s
             where s.id = $2
                 and ($3 is null or exists (
                     select 1 from coaching_sessions m where m.id = $3 and m.series = s.id
                 ))
                 and ($4 is null or exists (
                     select 1 from session_clips p join coaching_sessions m on m.id = p.session
                     where p.id = $4 and m.series = s.id
                 ))",
        )
        .bind(goal.id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(goal.session.map(CoachingSessionId::as_uuid))
        .bind(goal.piece.map(PieceId::as_uuid))
        .bind(body)
        .bind(GoalStatus::Trying.as_str())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() > 0)
    }

    #[tracing::instrument(name = "db.change_goal", skip_all, err)]
    async fn change_goal(
        &mut self,
        permit: &Permit<DecideSeries>,
        id: GoalId,
        text: &GoalText,
    ) -> Result<bool> {
        let body = seal_goal(self.cipher(), person_of(permit.cx())?, id, text)?;
        let done = sqlx::query(
            "update goals set body = $3, changed_at = $4 where series = $1 and id = $2",
        )
        .bind(permit.object().as_uuid())
        .bind(id.as_uuid())
        .bind(body)
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() > 0)
    }

    #[tracing::instrument(name = "db.set_goal_status", skip_all, err)]
    async fn set_goal_status(
        &mut self,
        permit: &Permit<DecideSeries>,
        id: GoalId,
        status: GoalStatus,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update goals set status = $3, changed_at = $4 where series = $1 and id = $2",
        )
        .bind(permit.object().as_uuid())
        .bind(id.as_uuid())
        .bind(status.as_str())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() > 0)
    }

    #[tracing::instrument(name = "db.share_goal", skip_all, err)]
    async fn share_goal(
        &mut self,
        permit: &Permit<DecideSeries>,
        id: GoalId,
        shared: bool,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update goals set shared_at = $3,
                 shared_with = case when $3 is null then null else (
                     select s.coach from series s where s.id = $1
                 ) end
             where series = $1 and id = $2 and ($3 is null or exists (
                 select 1 from series s where s.id = $1 and s.coach is not null
             ))",
        )
        .bind(permit.object().as_uuid())
        .bind(id.as_uuid())
        .bind(shared.then(|| permit.cx().now.as_micros()))
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() > 0)
    }

    #[tracing::instrument(name = "db.drop_goal", skip_all, err)]
    async fn drop_goal(&mut self, permit: &Permit<DecideSeries>, id: GoalId) -> Result<()> {
        sqlx::query("delete from goals where series = $1 and id = $2")
            .bind(permit.object().as_uuid())
            .bind(id.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }
}

/// Takes a sheet away, in this order. Each statement takes the session, the writer and the kind.
const TAKEN_AWAY: &[&str] = &[
    "update coaching_sessions set sheets_gone = (
         select h.revision from sheets h where h.session = $1 and h.writer = $2 and h.kind = $3
     )
     where id = $1 and sheets_gone < (
         select h.revision from sheets h where h.session = $1 and h.writer = $2 and h.kind = $3
     )",
    "delete from sheets where session = $1 and writer = $2 and kind = $3",
];
