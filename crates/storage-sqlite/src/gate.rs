//! What permits are made from, in SQLite.

use async_trait::async_trait;
use hearback_access::{
    Gate, GateError, ObjectRef, Subject,
    audit::{AuditSeq, Head, NewEntry},
};
use hearback_domain::{
    BroughtId, ClipId, Consents, KeyClass, PlaylistId, RecordingId, RecordingState, Relation,
    SeriesId, Timestamp, UserId,
    coaching::forgotten_till,
    policy::{Facts, SeriesStage},
    supervision::{ahead_from, near_till},
};
use hearback_storage::{
    Result,
    sql::{HeadRow, SaidRow, SeriesFactsRow, StateRow, TieRow, Ties, backend, consents, number},
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
        if let ObjectRef::Series(_) | ObjectRef::Session(_) = object {
            return Ok(self.series_subject(object, user, now).await?);
        }
        let Some((recording, shared)) = self.belongs_to(object).await? else { return Ok(None) };
        let state: Option<StateRow> = sqlx::query_as(
            "select audio, transcript, sharing, shared_at, duration_ms
             from recordings where id = $1",
        )
        .bind(recording)
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        // A concern outlives its recording (ETH-01). Of that, nothing is left.
        let outlived = state.is_none();
        let state = match state {
            Some(state) => state.try_into()?,
            None if matches!(object, ObjectRef::Concern(_)) => RecordingState::new(false),
            None => return Ok(None),
        };
        let Ties { relations, gone, blocked } = self.ties(object, recording, user, now).await?;
        let gone = if outlived { KeyClass::ALL.to_vec() } else { gone };
        let consents = self.consents(recording, now).await?;
        let mut facts =
            Facts { relations, consents, state, shared, gone, blocked, series: SeriesStage::None };
        let mut clip = None;
        if let ObjectRef::Piece(piece) = object {
            clip = sqlx::query_scalar("select clip from session_clips where id = $1")
                .bind(piece.as_uuid())
                .fetch_optional(&mut *self.0)
                .await
                .map_err(backend)?
                .map(ClipId::from_uuid);
            // Who hears it in a session is tied to the session, not to the recording.
            let session = self.series_subject(object, user, now).await?;
            let Some(session) = session else { return Ok(None) };
            facts.relations = session.facts.relations;
            facts.series = session.facts.series;
        }
        if let ObjectRef::Clip(_) = object
            && self.coaches_along(recording, user).await?
        {
            facts.relations.push(Relation::CoachesSeries);
            facts.series = SeriesStage::Ongoing;
        }
        if let ObjectRef::Brought(id) = object {
            let (seated, under_dome) = self.in_supervision(id, user, now).await?;
            if seated {
                facts.relations.push(Relation::Seated);
            }
            if under_dome {
                facts.series = SeriesStage::Live;
            }
        }
        let recording = Some(RecordingId::from_uuid(recording));
        Ok(Some(Subject { recording, clip, facts }))
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
            Relation::Codes | Relation::CodesSecond | Relation::Learns | Relation::Coaches => {
                sqlx::query_scalar(
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
                .map_err(backend)?
            }
            // These are to a concern, a series or a meeting, not to a recording.
            Relation::Raised
            | Relation::Glass
            | Relation::IsCoached
            | Relation::CoachesSeries
            | Relation::CoachedBefore
            | Relation::Guest
            | Relation::Seated => Vec::new(),
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
            Relation::Codes | Relation::CodesSecond | Relation::Learns | Relation::Coaches => {
                sqlx::query_scalar(
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
                .map_err(backend)?
            }
            // These are to a concern, a series or a meeting, not to a recording.
            Relation::Raised
            | Relation::Glass
            | Relation::IsCoached
            | Relation::CoachesSeries
            | Relation::CoachedBefore
            | Relation::Guest
            | Relation::Seated => Vec::new(),
        };
        Ok(ids.into_iter().map(PlaylistId::from_uuid).collect())
    }

    #[tracing::instrument(name = "db.related_series", skip_all, err)]
    async fn related_series(
        &mut self,
        user: UserId,
        relation: Relation,
        _now: Timestamp,
    ) -> Result<Vec<SeriesId>, GateError> {
        let ids: Vec<Uuid> = match relation {
            Relation::IsCoached => sqlx::query_scalar(
                "select id from series where practitioner = $1 order by started_at desc, id",
            )
            .bind(user.as_uuid())
            .fetch_all(&mut *self.0)
            .await
            .map_err(backend)?,
            Relation::CoachesSeries => sqlx::query_scalar(
                "select id from series where coach = $1 order by started_at desc, id",
            )
            .bind(user.as_uuid())
            .fetch_all(&mut *self.0)
            .await
            .map_err(backend)?,
            _ => Vec::new(),
        };
        Ok(ids.into_iter().map(SeriesId::from_uuid).collect())
    }

    #[tracing::instrument(name = "db.append_audit", skip_all, err)]
    async fn append_audit(&mut self, entry: &NewEntry) -> Result<AuditSeq, GateError> {
        // There is one writer, so nobody can append between reading the head and moving it.
        let head: HeadRow =
            sqlx::query_as("select seq, link, frontier from audit_head where id = 1")
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
            ObjectRef::Installation
            | ObjectRef::Person(_)
            | ObjectRef::Series(_)
            | ObjectRef::Session(_) => Ok(None),
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
                         and not c.vetoed and c.removed_at is null as shared
                 from clips c
                 join playlists p on p.id = c.playlist
                 join recordings r on r.id = p.recording
                 where c.id = $1",
            )
            .bind(id.as_uuid())
            .fetch_optional(&mut *self.0)
            .await
            .map_err(backend),
            ObjectRef::Piece(id) => sqlx::query_as(
                "select p.recording,
                     p.agreed_at is not null and c.rendered_at is not null
                         and c.redaction = r.redaction
                         and (c.approved_at is not null
                             or coalesce(r.redaction_approved = r.redaction, false))
                         and not c.vetoed and s.vetoed_at is null
                         and (c.removed_at is null or s.heard_at is not null) as shared
                 from session_clips s
                 join clips c on c.id = s.clip
                 join playlists p on p.id = c.playlist
                 join recordings r on r.id = p.recording
                 where s.id = $1",
            )
            .bind(id.as_uuid())
            .fetch_optional(&mut *self.0)
            .await
            .map_err(backend),
            ObjectRef::Brought(id) => sqlx::query_as(
                "select n.recording, coalesce(r.redaction_approved = r.redaction, false) as shared
                 from brought_moments b
                 join nominations n on n.id = b.nomination
                 join recordings r on r.id = n.recording
                 where b.id = $1",
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

    /// What a series, a session of one, or an extract chosen for a session is to this person. Nobody is heard in it, and
    /// it has no recording: what is heard is asked about by the extract.
    async fn series_subject(
        &mut self,
        object: ObjectRef,
        user: Option<UserId>,
        now: Timestamp,
    ) -> Result<Option<Subject>> {
        let (series, session, piece) = match object {
            ObjectRef::Series(id) => (Some(id.as_uuid()), None, None),
            ObjectRef::Session(id) => (None, Some(id.as_uuid()), None),
            ObjectRef::Piece(id) => (None, None, Some(id.as_uuid())),
            _ => return Ok(None),
        };
        let row: Option<SeriesFactsRow> = sqlx::query_as(
            "select s.practitioner, s.coach, s.agreed_at, s.ended_at,
                 coalesce(m.state = 'live' and m.began_at > $5, false) as live,
                 exists (
                     select 1 from session_guests g
                     where g.session = m.id and g.guest = $4 and g.ended_at is null
                 ) as guest,
                 exists (
                     select 1 from series_coaches b
                     where b.series = s.id and b.coach = $4 and b.left_at is not null
                 ) as before
             from series s left join coaching_sessions m on m.series = s.id and (
                 m.id = $2 or m.id = (select p.session from session_clips p where p.id = $3)
             )
             where s.id = $1 or m.id is not null",
        )
        .bind(series)
        .bind(session)
        .bind(piece)
        .bind(user.map(UserId::as_uuid))
        .bind(forgotten_till(now).as_micros())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(row.map(|row| row.subject(user)))
    }

    /// Whether this person coaches a series, which has not ended, that walks along this recording.
    async fn coaches_along(&mut self, recording: Uuid, user: Option<UserId>) -> Result<bool> {
        sqlx::query_scalar(
            "select exists (
                 select 1 from series s join series_recordings r on r.series = s.id
                 where r.recording = $1 and s.coach = $2 and s.ended_at is null
             )",
        )
        .bind(recording)
        .bind(user.map(UserId::as_uuid))
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)
    }

    /// Whether this person is in the meeting to which a moment was brought, and whether whoever brought it is under the
    /// dome: on the meeting's day, also where nobody ended the exercise.
    async fn in_supervision(
        &mut self,
        brought: BroughtId,
        user: Option<UserId>,
        now: Timestamp,
    ) -> Result<(bool, bool)> {
        sqlx::query_as(
            "select m.supervisor = $2 or exists (
                     select 1 from supervision_seats s where s.meeting = m.id and s.coach = $2
                 ),
                 coalesce(m.volunteer = b.brought_by and m.planned_at > $3
                     and m.planned_at < $4, false)
             from brought_moments b join supervision_meetings m on m.id = b.meeting
             where b.id = $1",
        )
        .bind(brought.as_uuid())
        .bind(user.map(UserId::as_uuid))
        .bind(ahead_from(now).as_micros())
        .bind(near_till(now).as_micros())
        .fetch_optional(&mut *self.0)
        .await
        .map(Option::unwrap_or_default)
        .map_err(backend)
    }

    /// What this person is to the object, what of the recording is gone, and whether they are kept away from it: one
    /// question, because a list asks it once for each recording.
    ///
    /// Gone is what is destroyed, and what may no longer be kept although nobody has destroyed it yet. Whoever has a trusted
    /// role now is kept away by the data protection officer alone, as when the role came first.
    async fn ties(
        &mut self,
        object: ObjectRef,
        recording: Uuid,
        user: Option<UserId>,
        now: Timestamp,
    ) -> Result<Ties> {
        let concern = if let ObjectRef::Concern(id) = object { Some(id.as_uuid()) } else { None };
        let rows: Vec<TieRow> = sqlx::query_as(
            "select 'is' as what, 'owns' as word from recordings where id = $1 and owner = $2
             union
             select 'is', relation from grants
             where recording = $1 and person = $2 and ended_at is null and expires_at > $3
             union
             select 'is', 'raised' from concerns where id = $4 and raised_by = $2
             union
             select 'is', 'glass' from glass
             where concern = $4 and requested_by = $2 and allowed and expires_at > $3
             union
             select 'gone', class from erased_classes where recording = $1
             union
             select 'gone', class from keeping where recording = $1 and until <= $3
             union
             select 'blocked', '' from blocks b
             where b.recording = $1 and b.person = $2
               and (exists (
                   select 1 from person_roles s where s.person = b.set_by and s.role = 'dpo'
               ) or not exists (
                   select 1 from person_roles t
                   where t.person = b.person and t.role in ('dpo', 'safeguarding_lead')
               ))",
        )
        .bind(recording)
        .bind(user.map(UserId::as_uuid))
        .bind(now.as_micros())
        .bind(concern)
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.try_into()
    }

    /// The answers that hold at this moment.
    pub(crate) async fn consents(&mut self, recording: Uuid, now: Timestamp) -> Result<Consents> {
        let rows: Vec<SaidRow> = sqlx::query_as(
            "select p.person, c.purpose,
                 coalesce(c.given and c.withdrawn_at is null
                     and (c.expires_at is null or c.expires_at > $2), false) as given
             from parties p
             left join consents c on c.recording = p.recording and c.person = p.person
             where p.recording = $1",
        )
        .bind(recording)
        .bind(now.as_micros())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        consents(rows)
    }
}
