//! Who is kept apart from whom, in PostgreSQL.

use async_trait::async_trait;
use hearback_access::{Block, DecideSharing, ManagePeople, Permit, ReadAudit};
use hearback_domain::{
    SeriesId, Timestamp, UserId,
    conflict::{Part, conflict},
};
use hearback_storage::{
    Apart, EndedConflict, KeptAway, Result, WhatEnded,
    sql::{EndedConflictRow, KeptAwayRow, StandingRow, backend, part, person_of},
};
use uuid::Uuid;

use crate::Tx;

#[async_trait]
impl Apart for Tx {
    #[tracing::instrument(name = "db.owner_of", skip_all, err)]
    async fn owner_of(&mut self, permit: &Permit<Block>) -> Result<Option<UserId>> {
        let owner: Option<Uuid> = sqlx::query_scalar("select owner from recordings where id = $1")
            .bind(permit.object().as_uuid())
            .fetch_optional(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(owner.map(UserId::from_uuid))
    }

    #[tracing::instrument(name = "db.kept_away", skip_all, err)]
    async fn kept_away(&mut self, permit: &Permit<Block>) -> Result<Vec<KeptAway>> {
        let rows: Vec<KeptAwayRow> = sqlx::query_as(
            "select person, set_by, set_at from blocks where recording = $1
             order by set_at, person",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    #[tracing::instrument(name = "db.keep_away", skip_all, err)]
    async fn keep_away(&mut self, permit: &Permit<Block>, person: UserId) -> Result<bool> {
        let done = sqlx::query(
            "insert into blocks (recording, person, set_by, set_at) values ($1, $2, $3, $4)
             on conflict (recording, person) do nothing",
        )
        .bind(permit.object().as_uuid())
        .bind(person.as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        sqlx::query(
            "update grants set ended_at = $3
             where recording = $1 and person = $2 and ended_at is null",
        )
        .bind(permit.object().as_uuid())
        .bind(person.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.let_back", skip_all, err)]
    async fn let_back(&mut self, permit: &Permit<Block>, person: UserId) -> Result<bool> {
        let done = sqlx::query("delete from blocks where recording = $1 and person = $2")
            .bind(permit.object().as_uuid())
            .bind(person.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.is_kept_away", skip_all, err)]
    async fn is_kept_away(
        &mut self,
        permit: &Permit<DecideSharing>,
        person: UserId,
    ) -> Result<bool> {
        sqlx::query_scalar(
            "select exists (select 1 from blocks where recording = $1 and person = $2)",
        )
        .bind(permit.object().as_uuid())
        .bind(person.as_uuid())
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)
    }

    #[tracing::instrument(name = "db.manages", skip_all, err)]
    async fn manages(&mut self, permit: &Permit<DecideSharing>, person: UserId) -> Result<bool> {
        sqlx::query_scalar(
            "select exists (
                 select 1 from managers m join recordings r on r.owner = m.practitioner
                 where r.id = $1 and m.manager = $2
             )",
        )
        .bind(permit.object().as_uuid())
        .bind(person.as_uuid())
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)
    }

    #[tracing::instrument(name = "db.managers", skip_all, err)]
    async fn managers(&mut self, _permit: &Permit<ManagePeople>) -> Result<Vec<(UserId, UserId)>> {
        let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(
            "select practitioner, manager from managers order by practitioner, manager",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(rows.into_iter().map(|(p, m)| (UserId::from_uuid(p), UserId::from_uuid(m))).collect())
    }

    #[tracing::instrument(name = "db.set_manager", skip_all, err)]
    async fn set_manager(
        &mut self,
        _permit: &Permit<ManagePeople>,
        practitioner: UserId,
        manager: UserId,
        manages: bool,
    ) -> Result<bool> {
        let statement = if manages {
            sqlx::query(
                "insert into managers (practitioner, manager) values ($1, $2)
                 on conflict (practitioner, manager) do nothing",
            )
        } else {
            sqlx::query("delete from managers where practitioner = $1 and manager = $2")
        };
        let done = statement
            .bind(practitioner.as_uuid())
            .bind(manager.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.end_conflicts", skip_all, err)]
    async fn end_conflicts(&mut self, now: Timestamp) -> Result<Vec<EndedConflict>> {
        // Every permission that stands beside something else that its person is, or ever was, to that practitioner.
        let standing: Vec<StandingRow> = sqlx::query_as(
            "select g.id, g.recording, r.owner, g.person, g.relation, p.part
             from grants g
             join recordings r on r.id = g.recording
             join (
                 select practitioner, person, relation as part from relations_ever
                 union
                 select er.owner, eg.person, eg.relation
                 from grants eg join recordings er on er.id = eg.recording
                 union
                 select practitioner, manager, 'manages' from managers
                 union
                 select id, id, 'holds' from people
             ) p on p.practitioner = r.owner and p.person = g.person and p.part <> g.relation
             where g.ended_at is null and g.expires_at > $1
             order by g.id, p.part",
        )
        .bind(now.as_micros())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let mut ended: Vec<EndedConflict> = Vec::new();
        for grant in standing {
            let (wanted, stands) = (part(&grant.relation)?, part(&grant.part)?);
            let found = conflict(wanted, &[stands]);
            let again = ended.last().is_some_and(|last| last.is_of(grant.id));
            let Some(found) = found.filter(|_| !again) else { continue };
            sqlx::query("update grants set ended_at = $2 where id = $1")
                .bind(grant.id)
                .bind(now.as_micros())
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
            sqlx::query(
                "insert into conflicts_ended
                     (id, recording, practitioner, person, wanted, stands, at)
                 values ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(grant.id)
            .bind(grant.recording)
            .bind(grant.owner)
            .bind(grant.person)
            .bind(found.wanted.as_str())
            .bind(found.stands.as_str())
            .bind(now.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
            ended.push(grant.ended(found, now));
        }
        ended.extend(self.end_managed_series(now).await?);
        Ok(ended)
    }

    #[tracing::instrument(name = "db.ended_conflicts", skip_all, err)]
    async fn ended_conflicts(&mut self, _permit: &Permit<ReadAudit>) -> Result<Vec<EndedConflict>> {
        sqlx::query_as(
            "select id, recording, practitioner, person, wanted, stands, at, false as told
             from conflicts_ended
             union all
             select s.id, null, s.practitioner, f.person, 'coaches', 'manages', f.at, s.attendance
             from series_conflicts f join series s on s.id = f.series
             order by at desc, id
             limit 200",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?
        .into_iter()
        .map(|row: EndedConflictRow| row.try_into())
        .collect()
    }
}

impl Tx {
    /// Whoever became the line manager of somebody whom they coach in a series coaches there no more (CM-13, K-17); the
    /// practitioner chooses another coach.
    async fn end_managed_series(&mut self, now: Timestamp) -> Result<Vec<EndedConflict>> {
        let rows: Vec<(Uuid, Uuid, Uuid, bool)> = sqlx::query_as(
            "select s.id, s.practitioner, m.manager, s.attendance
             from series s
             join managers m on m.practitioner = s.practitioner and m.manager = s.coach
             where s.ended_at is null
             order by s.id",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let mut ended = Vec::new();
        for (id, practitioner, coach, told) in rows {
            let series = SeriesId::from_uuid(id);
            self.let_coach_go(series, now).await?;
            sqlx::query(
                "insert into series_conflicts (series, person, at) values ($1, $2, $3)
                 on conflict (series, person, at) do nothing",
            )
            .bind(id)
            .bind(coach)
            .bind(now.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
            ended.push(EndedConflict {
                was: WhatEnded::Series { series, told },
                practitioner: UserId::from_uuid(practitioner),
                person: UserId::from_uuid(coach),
                wanted: Part::Coaches,
                stands: Part::Manages,
                at: now,
            });
        }
        Ok(ended)
    }
}
