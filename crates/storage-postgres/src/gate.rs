//! What permits are made from, in PostgreSQL.

use async_trait::async_trait;
use hearback_access::{
    Gate, GateError, ObjectRef, Subject,
    audit::{AuditSeq, Head, NewEntry},
};
use hearback_domain::{
    Consents, KeyClass, PartyConsent, PersonId, PlaylistId, RecordingId, RecordingState, Relation,
    Timestamp, UserId, policy::Facts,
};
use hearback_storage::{
    Result,
    sql::{ConsentRow, HeadRow, StateRow, backend, key_class, number, relation},
};
use uuid::Uuid;

use crate::Tx;

#[async_trait]
impl Gate for Tx {
    #[tracing::instrument(name = "db.take_turn", skip_all, err)]
    async fn take_turn(&mut self) -> Result<(), GateError> {
        Ok(self.turn().await?)
    }

    #[tracing::instrument(name = "db.subject", skip_all, err)]
    async fn subject(
        &mut self,
        object: ObjectRef,
        user: Option<UserId>,
        now: Timestamp,
    ) -> Result<Option<Subject>, GateError> {
        let Some((recording, shared)) = self.belongs_to(object).await? else { return Ok(None) };
        let state: Option<StateRow> = sqlx::query_as(
            "select audio, transcript, sharing, shared_at, duration_ms
             from recordings where id = $1",
        )
        .bind(recording)
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let (state, gone) = match state {
            Some(state) => (state.try_into()?, self.gone(recording, now).await?),
            // A concern outlives its recording (ETH-01). Of that, nothing is left.
            None if matches!(object, ObjectRef::Concern(_)) => {
                (RecordingState::new(false), KeyClass::ALL.to_vec())
            }
            None => return Ok(None),
        };
        let (relations, blocked) = match user {
            Some(user) => (
                self.relations(object, recording, user, now).await?,
                self.blocked(recording, user).await?,
            ),
            None => (Vec::new(), false),
        };
        let facts = Facts {
            relations,
            consents: self.consents(recording, now).await?,
            state,
            shared,
            gone,
            blocked,
        };
        Ok(Some(Subject { recording: RecordingId::from_uuid(recording), facts }))
    }

    #[tracing::instrument(name = "db.related", skip_all, err)]
    async fn related(
        &mut self,
        user: UserId,
        relation: Relation,
        now: Timestamp,
    ) -> Result<Vec<RecordingId>, GateError> {
        let ids: Vec<Uuid> = match relation {
            Relation::Owns => sqlx::query_scalar(
                "select id from recordings where owner = $1 order by created_at desc, id",
            )
            .bind(user.as_uuid())
            .fetch_all(&mut *self.0)
            .await
            .map_err(backend)?,
            Relation::Codes | Relation::CodesSecond | Relation::Coaches => sqlx::query_scalar(
                "select r.id from recordings r
                 where exists (
                     select 1 from grants g
                     where g.recording = r.id and g.person = $1 and g.relation = $2
                       and g.ended_at is null and g.expires_at > $3
                 )
                 order by r.created_at desc, r.id",
            )
            .bind(user.as_uuid())
            .bind(relation.as_str())
            .bind(now.as_micros())
            .fetch_all(&mut *self.0)
            .await
            .map_err(backend)?,
            // These are to a concern, not to a recording.
            Relation::Raised | Relation::Glass => Vec::new(),
        };
        Ok(ids.into_iter().map(RecordingId::from_uuid).collect())
    }

    #[tracing::instrument(name = "db.related_playlists", skip_all, err)]
    async fn related_playlists(
        &mut self,
        user: UserId,
        relation: Relation,
        now: Timestamp,
    ) -> Result<Vec<PlaylistId>, GateError> {
        let ids: Vec<Uuid> = match relation {
            Relation::Owns => sqlx::query_scalar(
                "select p.id from playlists p join recordings r on r.id = p.recording
                 where p.agreed_at is not null and r.owner = $1
                 order by p.agreed_at desc, p.id",
            )
            .bind(user.as_uuid())
            .fetch_all(&mut *self.0)
            .await
            .map_err(backend)?,
            Relation::Codes | Relation::CodesSecond | Relation::Coaches => sqlx::query_scalar(
                "select p.id from playlists p
                 where p.agreed_at is not null and exists (
                     select 1 from grants g
                     where g.recording = p.recording and g.person = $1 and g.relation = $2
                       and g.ended_at is null and g.expires_at > $3
                 )
                 order by p.agreed_at desc, p.id",
            )
            .bind(user.as_uuid())
            .bind(relation.as_str())
            .bind(now.as_micros())
            .fetch_all(&mut *self.0)
            .await
            .map_err(backend)?,
            // These are to a concern, not to a recording.
            Relation::Raised | Relation::Glass => Vec::new(),
        };
        Ok(ids.into_iter().map(PlaylistId::from_uuid).collect())
    }

    #[tracing::instrument(name = "db.append_audit", skip_all, err)]
    async fn append_audit(&mut self, entry: &NewEntry) -> Result<AuditSeq, GateError> {
        // `for update`: whoever appends waits here until the one before has committed, so that there are no gaps.
        let head: HeadRow =
            sqlx::query_as("select seq, link, frontier from audit_head where id = 1 for update")
                .fetch_one(&mut *self.0)
                .await
                .map_err(backend)?;
        let (entry, head) = Head::try_from(head)?.append(entry);
        let seq = number(entry.seq.0)?;
        sqlx::query(
            "insert into audit
                 (seq, at, actor, hat, action, object_kind, object, recording, decision, link)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(seq)
        .bind(entry.at.as_micros())
        .bind(entry.actor)
        .bind(entry.hat)
        .bind(entry.action)
        .bind(entry.object_kind)
        .bind(entry.object)
        .bind(entry.recording)
        .bind(entry.decision)
        .bind(entry.link.0.to_vec())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        sqlx::query("update audit_head set seq = $1, link = $2, frontier = $3 where id = 1")
            .bind(seq)
            .bind(entry.link.0.to_vec())
            .bind(head.frontier())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(entry.seq)
    }
}

impl Tx {
    /// The recording that an object belongs to, and whether the object is shared.
    async fn belongs_to(&mut self, object: ObjectRef) -> Result<Option<(Uuid, bool)>> {
        match object {
            ObjectRef::Installation | ObjectRef::Person(_) => Ok(None),
            ObjectRef::Recording(id) => Ok(Some((id.as_uuid(), false))),
            ObjectRef::Playlist(id) => sqlx::query_as(
                "select recording, agreed_at is not null as shared from playlists where id = $1",
            )
            .bind(id.as_uuid())
            .fetch_optional(&mut *self.0)
            .await
            .map_err(backend),
            ObjectRef::Clip(id) => sqlx::query_as(
                "select p.recording,
                     p.agreed_at is not null and c.rendered_at is not null
                         and c.redaction = r.redaction
                         and (c.approved_at is not null
                             or coalesce(r.redaction_approved = r.redaction, false))
                         and not c.vetoed as shared
                 from clips c
                 join playlists p on p.id = c.playlist
                 join recordings r on r.id = p.recording
                 where c.id = $1",
            )
            .bind(id.as_uuid())
            .fetch_optional(&mut *self.0)
            .await
            .map_err(backend),
            ObjectRef::Concern(id) => {
                let recording: Option<Uuid> =
                    sqlx::query_scalar("select recording from concerns where id = $1")
                        .bind(id.as_uuid())
                        .fetch_optional(&mut *self.0)
                        .await
                        .map_err(backend)?;
                Ok(recording.map(|recording| (recording, false)))
            }
        }
    }

    async fn relations(
        &mut self,
        object: ObjectRef,
        recording: Uuid,
        user: UserId,
        now: Timestamp,
    ) -> Result<Vec<Relation>> {
        let concern = if let ObjectRef::Concern(id) = object { Some(id.as_uuid()) } else { None };
        let words: Vec<String> = sqlx::query_scalar(
            "select 'owns' as relation from recordings where id = $1 and owner = $2
             union
             select relation from grants
             where recording = $1 and person = $2 and ended_at is null and expires_at > $3
             union
             select 'raised' from concerns where id = $4 and raised_by = $2
             union
             select 'glass' from glass
             where concern = $4 and requested_by = $2 and allowed and expires_at > $3",
        )
        .bind(recording)
        .bind(user.as_uuid())
        .bind(now.as_micros())
        .bind(concern)
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        words.iter().map(|word| relation(word)).collect()
    }

    /// Whoever has a trusted role now is kept away by the data protection officer alone, as when the role came first.
    async fn blocked(&mut self, recording: Uuid, user: UserId) -> Result<bool> {
        sqlx::query_scalar(
            "select exists (
                 select 1 from blocks b
                 where b.recording = $1 and b.person = $2
                   and (exists (
                       select 1 from person_roles s where s.person = b.set_by and s.role = 'dpo'
                   ) or not exists (
                       select 1 from person_roles t
                       where t.person = b.person and t.role in ('dpo', 'safeguarding_lead')
                   ))
             )",
        )
        .bind(recording)
        .bind(user.as_uuid())
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)
    }

    /// What is destroyed, and what may no longer be kept although nobody has destroyed it yet.
    async fn gone(&mut self, recording: Uuid, now: Timestamp) -> Result<Vec<KeyClass>> {
        let words: Vec<String> = sqlx::query_scalar(
            "select class from erased_classes where recording = $1
             union
             select class from keeping where recording = $1 and until <= $2",
        )
        .bind(recording)
        .bind(now.as_micros())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        words.iter().map(|word| key_class(word)).collect()
    }

    /// The answers that hold at this moment.
    pub(crate) async fn consents(&mut self, recording: Uuid, now: Timestamp) -> Result<Consents> {
        let heard: Vec<Uuid> =
            sqlx::query_scalar("select person from parties where recording = $1")
                .bind(recording)
                .fetch_all(&mut *self.0)
                .await
                .map_err(backend)?;
        let answers: Vec<ConsentRow> =
            sqlx::query_as(
                "select person, purpose,
                     given and withdrawn_at is null and (expires_at is null or expires_at > $2) as given
                 from consents where recording = $1",
            )
            .bind(recording)
            .bind(now.as_micros())
            .fetch_all(&mut *self.0)
            .await
            .map_err(backend)?;
        let answers: Vec<PartyConsent> =
            answers.into_iter().map(TryInto::try_into).collect::<Result<_>>()?;
        Ok(Consents::new(heard.into_iter().map(PersonId::from_uuid), answers))
    }
}
