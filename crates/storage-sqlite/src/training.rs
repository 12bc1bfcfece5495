//! Sets that people learn to code with, in SQLite.

use async_trait::async_trait;
use hearback_access::{
    AgreeCodings, DecideSharing, ManageTraining, Permit, SeeRecording, SeeTraining, TeachWith,
};
use hearback_domain::{
    AgreedId, ItemKey, Note, RecordingId, Timestamp, UserId,
    training::{Agreed, LearnsAs, Level, SetPlan},
};
use hearback_storage::{
    AgreedScore, FounderPlace, Learner, LetIn, Result, Training, TrainingRecording, TrainingSet,
    WholeScore,
    sql::{
        AgreedRow, AnswerKeyRow, FounderPlaceRow, LearnerRow, TrainingRecordingRow, TrainingSetRow,
        backend, person_of, seal_agreed_reason, those_not_erased,
    },
};
use uuid::Uuid;

use crate::Tx;

#[async_trait]
impl Training for Tx {
    #[tracing::instrument(name = "db.training_sets", skip_all, err)]
    async fn training_sets(&mut self, _permit: &Permit<SeeTraining>) -> Result<Vec<TrainingSet>> {
        let rows: Vec<TrainingSetRow> = sqlx::query_as(
            "select framework_version, size, per_skill, made_at, opened_at
             from training_sets order by framework_version",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    #[tracing::instrument(name = "db.make_training_set", skip_all, err)]
    async fn make_training_set(
        &mut self,
        permit: &Permit<ManageTraining>,
        version: &str,
        plan: SetPlan,
    ) -> Result<bool> {
        let done = sqlx::query(
            "insert into training_sets (framework_version, size, per_skill, made_by, made_at)
             values ($1, $2, $3, $4, $5)
             on conflict (framework_version) do nothing",
        )
        .bind(version)
        .bind(i64::from(plan.size))
        .bind(plan.per_skill)
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.open_training", skip_all, err)]
    async fn open_training(
        &mut self,
        permit: &Permit<ManageTraining>,
        version: &str,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update training_sets set opened_at = $2
             where framework_version = $1 and opened_at is null",
        )
        .bind(version)
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "insert into qualified (framework_version, person, how, at)
             select framework_version, person, 'founder', $2 from training_people
             where framework_version = $1 and part = 'founder'
             on conflict (framework_version, person) do nothing",
        )
        .bind(version)
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(true)
    }

    #[tracing::instrument(name = "db.training_recordings", skip_all, err)]
    async fn training_recordings(
        &mut self,
        _permit: &Permit<SeeTraining>,
        version: &str,
    ) -> Result<Vec<TrainingRecording>> {
        let rows: Vec<TrainingRecordingRow> = sqlx::query_as(
            "select recording, level from training_recordings
             where framework_version = $1 order by added_at, recording",
        )
        .bind(version)
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    #[tracing::instrument(name = "db.teaching_allowed", skip_all, err)]
    async fn teaching_allowed(&mut self, permit: &Permit<SeeRecording>) -> Result<bool> {
        sqlx::query_scalar("select teaching from recordings where id = $1")
            .bind(permit.object().as_uuid())
            .fetch_one(&mut *self.0)
            .await
            .map_err(backend)
    }

    #[tracing::instrument(name = "db.decide_teaching", skip_all, err)]
    async fn decide_teaching(&mut self, permit: &Permit<DecideSharing>, yes: bool) -> Result<bool> {
        let recording = permit.object().as_uuid();
        if !yes {
            self.leave_sets(recording).await?;
            sqlx::query(
                "update grants set ended_at = $2
                 where recording = $1 and relation = 'learns' and ended_at is null",
            )
            .bind(recording)
            .bind(permit.cx().now.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        let done = sqlx::query(
            "update recordings set teaching = $2 where id = $1 and sharing = 'released'",
        )
        .bind(recording)
        .bind(yes)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.add_training_recording", skip_all, err)]
    async fn add_training_recording(
        &mut self,
        permit: &Permit<TeachWith>,
        version: &str,
        level: Level,
    ) -> Result<bool> {
        let done = sqlx::query(
            "insert into training_recordings
                 (framework_version, recording, level, added_by, added_at)
             select s.framework_version, r.id, $3, $4, $5
             from training_sets s join recordings r on r.id = $2
             where s.framework_version = $1 and s.opened_at is null and r.teaching
             on conflict (framework_version, recording) do nothing",
        )
        .bind(version)
        .bind(permit.object().as_uuid())
        .bind(level.as_str())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.drop_training_recording", skip_all, err)]
    async fn drop_training_recording(
        &mut self,
        permit: &Permit<TeachWith>,
        version: &str,
    ) -> Result<bool> {
        let done = sqlx::query(
            "delete from training_recordings
             where framework_version = $1 and recording = $2 and exists (
                 select 1 from training_sets s
                 where s.framework_version = $1 and s.opened_at is null
             )",
        )
        .bind(version)
        .bind(permit.object().as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "update grants set ended_at = $2
             where recording = $1 and relation = 'learns' and ended_at is null and not exists (
                 select 1 from training_recordings t where t.recording = $1
             )",
        )
        .bind(permit.object().as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(true)
    }

    #[tracing::instrument(name = "db.shut_out", skip_all, err)]
    async fn shut_out(&mut self, permit: &Permit<TeachWith>, version: &str) -> Result<Vec<UserId>> {
        let ids: Vec<Uuid> = sqlx::query_scalar(
            "select p.person from training_people p join recordings r on r.id = $2
             where p.framework_version = $1 and (
                 r.owner = p.person
                 or exists (
                     select 1 from managers m
                     where m.practitioner = r.owner and m.manager = p.person
                 )
                 or exists (
                     select 1 from relations_ever e
                     where e.practitioner = r.owner and e.person = p.person
                       and e.relation = 'coaches'
                 )
                 or exists (
                     select 1 from blocks b where b.recording = r.id and b.person = p.person
                 )
                 or exists (
                     select 1 from codings c
                     where c.recording = r.id and c.coder = p.person and not c.learning
                       and (c.framework_version <> $1 or c.part_start_ms is not null
                           or p.part = 'trainee')
                 )
             )
             order by p.person",
        )
        .bind(version)
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(ids.into_iter().map(UserId::from_uuid).collect())
    }

    #[tracing::instrument(name = "db.learners", skip_all, err)]
    async fn learners(
        &mut self,
        _permit: &Permit<SeeTraining>,
        version: &str,
    ) -> Result<Vec<Learner>> {
        let rows: Vec<LearnerRow> = sqlx::query_as(
            "select p.person, p.part, q.how, q.at
             from training_people p
             left join qualified q
                 on q.framework_version = p.framework_version and q.person = p.person
             where p.framework_version = $1
             order by p.part, p.since, p.person",
        )
        .bind(version)
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    #[tracing::instrument(name = "db.closed_to", skip_all, err)]
    async fn closed_to(
        &mut self,
        _permit: &Permit<ManageTraining>,
        version: &str,
        person: UserId,
        part: LearnsAs,
    ) -> Result<Vec<RecordingId>> {
        let ids: Vec<Uuid> = sqlx::query_scalar(
            "select r.id from training_recordings t join recordings r on r.id = t.recording
             where t.framework_version = $1 and (
                 r.owner = $2
                 or exists (
                     select 1 from managers m where m.practitioner = r.owner and m.manager = $2
                 )
                 or exists (
                     select 1 from relations_ever e
                     where e.practitioner = r.owner and e.person = $2 and e.relation = 'coaches'
                 )
                 or exists (
                     select 1 from blocks b where b.recording = r.id and b.person = $2
                 )
                 or exists (
                     select 1 from codings c
                     where c.recording = r.id and c.coder = $2 and not c.learning
                       and (c.framework_version <> $1 or c.part_start_ms is not null
                           or $3 = 'trainee')
                 )
             )
             order by r.id",
        )
        .bind(version)
        .bind(person.as_uuid())
        .bind(part.as_str())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(ids.into_iter().map(RecordingId::from_uuid).collect())
    }

    #[tracing::instrument(name = "db.add_learner", skip_all, err)]
    async fn add_learner(
        &mut self,
        permit: &Permit<ManageTraining>,
        version: &str,
        person: UserId,
        part: LearnsAs,
    ) -> Result<bool> {
        let done = sqlx::query(
            "insert into training_people (framework_version, person, part, since)
             select framework_version, $2, $3, $4 from training_sets where framework_version = $1
             on conflict (framework_version, person) do nothing",
        )
        .bind(version)
        .bind(person.as_uuid())
        .bind(part.as_str())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.let_in", skip_all, err)]
    async fn let_in(
        &mut self,
        permit: &Permit<ManageTraining>,
        version: &str,
        who: &[LetIn],
    ) -> Result<u64> {
        self.open_doors(version, LearnsAs::Founder, who, permit.cx().now).await
    }

    #[tracing::instrument(name = "db.founder_places", skip_all, err)]
    async fn founder_places(
        &mut self,
        _permit: &Permit<SeeTraining>,
        version: &str,
    ) -> Result<Vec<FounderPlace>> {
        let rows: Vec<FounderPlaceRow> = sqlx::query_as(
            "select t.recording, p.person, c.begun_at is not null as begun,
                 c.locked_at is not null as locked
             from training_recordings t
             join training_people p on p.framework_version = t.framework_version
             left join codings c
                 on c.recording = t.recording and c.coder = p.person
                     and c.framework_version = t.framework_version
             where t.framework_version = $1 and p.part = 'founder'
             order by t.recording, p.person",
        )
        .bind(version)
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    #[tracing::instrument(name = "db.founders_scores", skip_all, err)]
    async fn founders_scores(
        &mut self,
        permit: &Permit<AgreeCodings>,
        version: &str,
    ) -> Result<Vec<(UserId, Vec<WholeScore>)>> {
        let ids: Vec<Uuid> = sqlx::query_scalar(
            "select p.person from training_people p
             join training_recordings t on t.framework_version = p.framework_version
             where p.framework_version = $1 and t.recording = $2 and p.part = 'founder'
               and not exists (
                   select 1 from training_people f
                   where f.framework_version = $1 and f.part = 'founder' and not exists (
                       select 1 from codings c
                       where c.recording = $2 and c.coder = f.person
                         and c.framework_version = $1 and c.locked_at is not null
                   )
               )
             order by p.person",
        )
        .bind(version)
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let mut all = Vec::new();
        for person in ids.into_iter().map(UserId::from_uuid) {
            all.push((person, self.scores_by(permit.object(), person).await?));
        }
        Ok(all)
    }

    #[tracing::instrument(name = "db.agreed", skip_all, err)]
    async fn agreed(
        &mut self,
        permit: &Permit<AgreeCodings>,
        version: &str,
    ) -> Result<Vec<AgreedScore>> {
        let rows: Vec<AgreedRow> = sqlx::query_as(
            "select id, item, halves, note, agreed_by, agreed_at from agreed_scores
             where recording = $1 and framework_version = $2
             order by item",
        )
        .bind(permit.object().as_uuid())
        .bind(version)
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let opened = rows.into_iter().map(|row| row.open(self.cipher(), permit.object()));
        those_not_erased(opened)
    }

    #[tracing::instrument(name = "db.agree", skip_all, err)]
    async fn agree(
        &mut self,
        permit: &Permit<AgreeCodings>,
        id: AgreedId,
        version: &str,
        item: &ItemKey,
        agreed: Agreed,
        note: &Note,
    ) -> Result<bool> {
        let open: bool = sqlx::query_scalar(
            "select exists (
                 select 1 from training_recordings t
                 join training_sets s on s.framework_version = t.framework_version
                 where t.recording = $1 and t.framework_version = $2 and s.opened_at is not null
             )",
        )
        .bind(permit.object().as_uuid())
        .bind(version)
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        if open {
            return Ok(false);
        }
        let halves = match agreed {
            Agreed::Scored(score) => Some(i64::from(score.halves())),
            Agreed::NotCodable => None,
        };
        let note = seal_agreed_reason(self.cipher(), permit.object(), id, note)?;
        sqlx::query(
            "insert into agreed_scores
                 (id, recording, framework_version, item, halves, note, agreed_by, agreed_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (recording, framework_version, item) do update
             set id = excluded.id, halves = excluded.halves, note = excluded.note,
                 agreed_by = excluded.agreed_by, agreed_at = excluded.agreed_at",
        )
        .bind(id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(version)
        .bind(item.as_str())
        .bind(halves)
        .bind(note)
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(true)
    }

    #[tracing::instrument(name = "db.answer_keys", skip_all, err)]
    async fn answer_keys(
        &mut self,
        _permit: &Permit<SeeTraining>,
        version: &str,
    ) -> Result<Vec<(RecordingId, String, Agreed)>> {
        let rows: Vec<AnswerKeyRow> = sqlx::query_as(
            "select a.recording, a.item, a.halves from agreed_scores a
             join training_recordings t
                 on t.recording = a.recording and t.framework_version = a.framework_version
             where a.framework_version = $1
             order by a.recording, a.item",
        )
        .bind(version)
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

impl Tx {
    /// Lets people in to recordings of a set that they were named for, as far as they are not in.
    pub(crate) async fn open_doors(
        &mut self,
        version: &str,
        part: LearnsAs,
        who: &[LetIn],
        now: Timestamp,
    ) -> Result<u64> {
        let mut came = 0;
        for one in who {
            let done = sqlx::query(
                "insert into grants (id, recording, person, relation, created_at, expires_at)
                 select $1, g.recording, p.person, 'learns', $6, max(g.expires_at)
                 from grants g
                 join recordings r on r.id = g.recording
                 join training_recordings t on t.recording = g.recording
                 join training_people p on p.framework_version = t.framework_version
                 where t.framework_version = $2 and g.recording = $3 and p.person = $4
                   and p.part = $5 and r.teaching and g.relation = 'codes'
                   and g.ended_at is null and g.expires_at > $6
                   and not exists (
                       select 1 from grants own
                       where own.recording = $3 and own.person = $4
                         and own.relation in ('codes', 'codes_second', 'learns')
                         and own.ended_at is null and own.expires_at > $6
                   )
                 group by g.recording, p.person",
            )
            .bind(one.grant.as_uuid())
            .bind(version)
            .bind(one.recording.as_uuid())
            .bind(one.person.as_uuid())
            .bind(part.as_str())
            .bind(now.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
            came += done.rows_affected();
            sqlx::query(
                "insert into codings (id, recording, coder, framework_version, learning)
                 select $1, r.id, $4, $2, $5
                 from recordings r
                 where r.id = $3 and exists (
                     select 1 from grants g
                     where g.recording = r.id and g.person = $4
                       and g.relation in ('codes', 'codes_second', 'learns')
                       and g.ended_at is null and g.expires_at > $6
                 )
                 on conflict (recording, coder) do nothing",
            )
            .bind(one.coding.as_uuid())
            .bind(version)
            .bind(one.recording.as_uuid())
            .bind(one.person.as_uuid())
            .bind(part == LearnsAs::Trainee)
            .bind(now.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
            sqlx::query(
                "insert into relations_ever (practitioner, person, relation)
                 select r.owner, g.person, 'codes'
                 from grants g join recordings r on r.id = g.recording
                 where g.id = $1
                 on conflict (practitioner, person, relation) do nothing",
            )
            .bind(one.grant.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        Ok(came)
    }

    /// Takes a recording out of every set, and with it the practitioner's yes. The grants are for the caller to end.
    pub(crate) async fn leave_sets(&mut self, recording: Uuid) -> Result<()> {
        for statement in [
            "delete from training_recordings where recording = $1",
            "update recordings set teaching = false where id = $1",
        ] {
            sqlx::query(statement).bind(recording).execute(&mut *self.0).await.map_err(backend)?;
        }
        Ok(())
    }
}
