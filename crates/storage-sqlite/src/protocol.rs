//! Protocols in SQLite.

use async_trait::async_trait;
use hearback_access::{AssignSecond, Code, ManageProtocols, Permit, SeeProtocols, SeeRecording};
use hearback_domain::{
    ProtocolId, RecordingId, UserId,
    coding::{Candidate, Place, Twice},
    conflict::Part,
    protocol::Plan,
};
use hearback_storage::{
    NewCoding, NewSecond, Protocol, Protocols, Result,
    sql::{
        CandidateRow, PlaceRow, ProtocolRow, backend, count, number, part, person_of,
        seal_protocol_name, twice,
    },
};

use crate::Tx;

#[async_trait]
impl Protocols for Tx {
    #[tracing::instrument(name = "db.protocols", skip_all, err)]
    async fn protocols(&mut self, _permit: &Permit<SeeProtocols>) -> Result<Vec<Protocol>> {
        let rows: Vec<ProtocolRow> = sqlx::query_as(
            "select id, name, framework_version, minutes, seed, twice_percent, blind_phase,
                 blind_practitioner, drift_every, made_at, closed_at
             from protocols order by made_at desc, id",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(|row| row.open(self.cipher())).collect()
    }

    #[tracing::instrument(name = "db.protocol", skip_all, err)]
    async fn protocol(
        &mut self,
        _permit: &Permit<SeeProtocols>,
        id: ProtocolId,
    ) -> Result<Option<Protocol>> {
        let row: Option<ProtocolRow> = sqlx::query_as(
            "select id, name, framework_version, minutes, seed, twice_percent, blind_phase,
                 blind_practitioner, drift_every, made_at, closed_at
             from protocols where id = $1",
        )
        .bind(id.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        row.map(|row| row.open(self.cipher())).transpose()
    }

    #[tracing::instrument(name = "db.add_protocol", skip_all, err)]
    async fn add_protocol(
        &mut self,
        permit: &Permit<ManageProtocols>,
        id: ProtocolId,
        plan: &Plan,
    ) -> Result<()> {
        let name = seal_protocol_name(self.cipher(), id, &plan.name)?;
        sqlx::query(
            "insert into protocols
                 (id, name, framework_version, minutes, seed, twice_percent, blind_phase,
                  blind_practitioner, drift_every, made_by, made_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(id.as_uuid())
        .bind(name)
        .bind(&plan.framework_version)
        .bind(plan.minutes.map(i64::from))
        .bind(i64::from(plan.seed))
        .bind(i64::from(plan.twice_percent))
        .bind(plan.blind_phase)
        .bind(plan.blind_practitioner)
        .bind(plan.drift_every.map(i64::from))
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.close_protocol", skip_all, err)]
    async fn close_protocol(
        &mut self,
        permit: &Permit<ManageProtocols>,
        id: ProtocolId,
    ) -> Result<bool> {
        let done =
            sqlx::query("update protocols set closed_at = $2 where id = $1 and closed_at is null")
                .bind(id.as_uuid())
                .bind(permit.cx().now.as_micros())
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.places", skip_all, err)]
    async fn places(
        &mut self,
        _permit: &Permit<SeeProtocols>,
        id: ProtocolId,
    ) -> Result<Vec<Place<RecordingId>>> {
        let rows: Vec<PlaceRow> = sqlx::query_as(
            "select recording, coder, begun_at is not null as begun,
                 locked_at is not null as locked
             from codings where protocol = $1 order by recording, coder",
        )
        .bind(id.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    #[tracing::instrument(name = "db.own_protocol", skip_all, err)]
    async fn own_protocol(&mut self, permit: &Permit<Code>) -> Result<Option<Protocol>> {
        let row: Option<ProtocolRow> = sqlx::query_as(
            "select p.id, p.name, p.framework_version, p.minutes, p.seed, p.twice_percent,
                 p.blind_phase, p.blind_practitioner, p.drift_every, p.made_at, p.closed_at
             from protocols p join codings c on c.protocol = p.id
             where c.recording = $1 and c.coder = $2",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        row.map(|row| row.open(self.cipher())).transpose()
    }

    #[tracing::instrument(name = "db.taken_in", skip_all, err)]
    async fn taken_in(&mut self, permit: &Permit<Code>, id: ProtocolId) -> Result<u64> {
        let taken: i64 = sqlx::query_scalar(
            "select count(*) from codings where protocol = $1 and coder = $2 and own",
        )
        .bind(id.as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        count(taken)
    }

    #[tracing::instrument(name = "db.take_in", skip_all, err)]
    async fn take_in(
        &mut self,
        permit: &Permit<Code>,
        coding: &NewCoding,
        protocol: ProtocolId,
        twice: Option<Twice>,
    ) -> Result<bool> {
        let done = sqlx::query(
            "insert into codings
                 (id, recording, coder, framework_version, protocol, part_start_ms, part_end_ms,
                  twice, own)
             values ($1, $2, $3, $4, $5, $6, $7, $8, true)
             on conflict (recording, coder) do nothing",
        )
        .bind(coding.id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(&coding.framework_version)
        .bind(protocol.as_uuid())
        .bind(coding.part.map(|part| number(part.start().get())).transpose()?)
        .bind(coding.part.map(|part| number(part.end().get())).transpose()?)
        .bind(twice.map(Twice::as_str))
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.own_twice", skip_all, err)]
    async fn own_twice(&mut self, permit: &Permit<Code>) -> Result<Option<Twice>> {
        let word: Option<Option<String>> = sqlx::query_scalar(
            "select twice from codings where recording = $1 and coder = $2 and own",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        word.flatten().map(|word| twice(&word)).transpose()
    }

    #[tracing::instrument(name = "db.second_coder_allowed", skip_all, err)]
    async fn second_coder_allowed(&mut self, permit: &Permit<SeeRecording>) -> Result<bool> {
        sqlx::query_scalar("select second_coder from recordings where id = $1")
            .bind(permit.object().as_uuid())
            .fetch_one(&mut *self.0)
            .await
            .map_err(backend)
    }

    #[tracing::instrument(name = "db.candidate", skip_all, err)]
    async fn candidate(
        &mut self,
        permit: &Permit<AssignSecond>,
        coder: UserId,
    ) -> Result<Candidate> {
        let row: CandidateRow = sqlx::query_as(
            "select r.second_coder as allowed,
                 exists (
                     select 1 from codings c
                     where c.recording = r.id and c.coder = $3 and c.own and c.twice is not null
                 ) as twice,
                 exists (
                     select 1 from grants g
                     where g.recording = r.id and g.relation = 'codes_second'
                       and g.ended_at is null and g.expires_at > $4
                 ) or exists (
                     select 1 from codings c
                     where c.recording = r.id and c.coder <> $3 and c.locked_at is not null
                 ) as taken,
                 exists (
                     select 1 from people p join person_roles s on s.person = p.id
                     where p.id = $2 and p.disabled_at is null and s.role = 'researcher'
                 ) as researcher,
                 exists (
                     select 1 from blocks b where b.recording = r.id and b.person = $2
                 ) as kept_away,
                 r.owner = $2 as holds,
                 exists (
                     select 1 from managers m where m.practitioner = r.owner and m.manager = $2
                 ) as manages
             from recordings r where r.id = $1",
        )
        .bind(permit.object().as_uuid())
        .bind(coder.as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        let ever: Vec<String> = sqlx::query_scalar(
            "select e.relation
             from relations_ever e
             join recordings mine on mine.owner = e.practitioner
             where mine.id = $1 and e.person = $2
             order by e.relation",
        )
        .bind(permit.object().as_uuid())
        .bind(coder.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let parts = ever.iter().map(|word| part(word)).collect::<Result<Vec<Part>>>()?;
        Ok(row.open(parts, coder == person_of(permit.cx())?))
    }

    #[tracing::instrument(name = "db.add_second", skip_all, err)]
    async fn add_second(
        &mut self,
        permit: &Permit<AssignSecond>,
        second: &NewSecond,
    ) -> Result<bool> {
        let done = sqlx::query(
            "insert into codings
                 (id, recording, coder, framework_version, protocol, part_start_ms, part_end_ms,
                  own)
             select $1, c.recording, $2, c.framework_version, c.protocol, c.part_start_ms,
                 c.part_end_ms, false
             from codings c
             where c.recording = $3 and c.coder = $4 and c.own and c.twice is not null
             on conflict (recording, coder) do nothing",
        )
        .bind(second.coding.as_uuid())
        .bind(second.coder.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let done = sqlx::query(
            "insert into grants (id, recording, person, relation, created_at, expires_at)
             select $1, g.recording, $2, 'codes_second', $5, max(g.expires_at)
             from grants g
             where g.recording = $3 and g.person = $4 and g.relation = 'codes'
               and g.ended_at is null and g.expires_at > $5
             group by g.recording",
        )
        .bind(second.grant.as_uuid())
        .bind(second.coder.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        sqlx::query(
            "insert into relations_ever (practitioner, person, relation)
             select owner, $2, 'codes' from recordings where id = $1
             on conflict (practitioner, person, relation) do nothing",
        )
        .bind(permit.object().as_uuid())
        .bind(second.coder.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }
}
