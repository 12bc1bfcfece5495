//! Attempts to score a set as it was agreed, in PostgreSQL.

use async_trait::async_trait;
use hearback_access::{Code, Learn, Permit, SeeTraining};
use hearback_domain::{
    AttemptId, Rating, UserId,
    training::{Judgement, LearnsAs, OwnTraining, Reached},
};
use hearback_storage::{
    Attempts, JudgedAnswer, LearningAttempt, LetIn, Result,
    sql::{
        AttemptAnswerRow, AttemptItemRow, LearningAttemptRow, OwnTrainingRow, backend, person_of,
    },
};
use uuid::Uuid;

use crate::Tx;

#[async_trait]
impl Attempts for Tx {
    #[tracing::instrument(name = "db.attempts", skip_all, err)]
    async fn attempts(
        &mut self,
        _permit: &Permit<SeeTraining>,
        version: &str,
        person: UserId,
    ) -> Result<Vec<LearningAttempt>> {
        let rows: Vec<LearningAttemptRow> = sqlx::query_as(
            "select id, number, begun_at, handed_in_at, per_skill, reached from attempts
             where framework_version = $1 and person = $2
             order by number",
        )
        .bind(version)
        .bind(person.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let mut attempts = Vec::new();
        for row in rows {
            let items: Vec<AttemptItemRow> = sqlx::query_as(
                "select item, near, compared, left_out from attempt_items
                 where attempt = $1 order by place",
            )
            .bind(row.id)
            .fetch_all(&mut *self.0)
            .await
            .map_err(backend)?;
            let answers: Vec<AttemptAnswerRow> = sqlx::query_as(
                "select recording, item, answered, score, near from attempt_answers
                 where attempt = $1 order by recording, item",
            )
            .bind(row.id)
            .fetch_all(&mut *self.0)
            .await
            .map_err(backend)?;
            attempts.push(row.open(items, answers)?);
        }
        Ok(attempts)
    }

    #[tracing::instrument(name = "db.begin_attempt", skip_all, err)]
    async fn begin_attempt(
        &mut self,
        permit: &Permit<Learn>,
        version: &str,
        id: AttemptId,
        who: &[LetIn],
    ) -> Result<bool> {
        let person = person_of(permit.cx())?;
        let done = sqlx::query(
            "insert into attempts (id, framework_version, person, number, begun_at)
             select $1, p.framework_version, p.person, (
                     select count(*) + 1 from attempts a
                     where a.framework_version = $2 and a.person = $3
                 ), $4
             from training_people p
             join training_sets s on s.framework_version = p.framework_version
             where p.framework_version = $2 and p.person = $3 and p.part = 'trainee'
               and s.opened_at is not null
               and not exists (
                   select 1 from attempts a
                   where a.framework_version = $2 and a.person = $3 and a.handed_in_at is null
               )
               and not exists (
                   select 1 from qualified q
                   where q.framework_version = $2 and q.person = $3
               )",
        )
        .bind(id.as_uuid())
        .bind(version)
        .bind(person.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        for &statement in TO_BEGIN_ANEW {
            sqlx::query(statement)
                .bind(version)
                .bind(person.as_uuid())
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
        }
        let own: Vec<LetIn> = who.iter().filter(|one| one.person == person).copied().collect();
        self.open_doors(version, LearnsAs::Trainee, &own, permit.cx().now).await?;
        Ok(true)
    }

    #[tracing::instrument(name = "db.hand_in", skip_all, err)]
    async fn hand_in(
        &mut self,
        permit: &Permit<Learn>,
        version: &str,
        judgement: &Judgement,
        answers: &[JudgedAnswer],
    ) -> Result<bool> {
        let person = person_of(permit.cx())?;
        let attempt: Option<Uuid> = sqlx::query_scalar(
            "update attempts set handed_in_at = $3, per_skill = $4, reached = $5
             where framework_version = $1 and person = $2 and handed_in_at is null
             returning id",
        )
        .bind(version)
        .bind(person.as_uuid())
        .bind(permit.cx().now.as_micros())
        .bind(judgement.per_skill)
        .bind(judgement.reached())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some(attempt) = attempt else { return Ok(false) };
        for ((item, share), place) in judgement.items.iter().zip(0_i64..) {
            sqlx::query(
                "insert into attempt_items (attempt, place, item, near, compared, left_out)
                 values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(attempt)
            .bind(place)
            .bind(item)
            .bind(i64::from(share.near))
            .bind(i64::from(share.compared))
            .bind(i64::from(share.left_out))
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        for one in answers {
            let score = match one.answer {
                Some(Rating::Scored(score)) => Some(i64::from(score.get())),
                Some(Rating::NotCodable) | None => None,
            };
            sqlx::query(
                "insert into attempt_answers (attempt, recording, item, answered, score, near)
                 values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(attempt)
            .bind(one.recording.as_uuid())
            .bind(&one.item)
            .bind(one.answer.is_some())
            .bind(score)
            .bind(one.near)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        if judgement.reached() {
            sqlx::query(
                "insert into qualified (framework_version, person, how, at)
                 values ($1, $2, $3, $4)
                 on conflict (framework_version, person) do nothing",
            )
            .bind(version)
            .bind(person.as_uuid())
            .bind(Reached::Attempt.as_str())
            .bind(permit.cx().now.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        Ok(true)
    }

    #[tracing::instrument(name = "db.own_training", skip_all, err)]
    async fn own_training(&mut self, permit: &Permit<Code>) -> Result<OwnTraining> {
        let row: OwnTrainingRow = sqlx::query_as(
            "select exists (
                     select 1 from training_sets s
                     where s.framework_version = c.framework_version and s.opened_at is not null
                 ) as set_open,
                 exists (
                     select 1 from qualified q
                     where q.framework_version = c.framework_version and q.person = c.coder
                 ) as qualified,
                 c.learning
             from codings c where c.recording = $1 and c.coder = $2",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(row.into())
    }
}

/// What is cleared of the attempt before; what was handed in stands beside the attempt. Each takes the version and the
/// person.
const TO_BEGIN_ANEW: &[&str] = &[
    "delete from scores where coder = $2 and recording in (
         select recording from codings
         where coder = $2 and framework_version = $1 and learning
     )",
    "delete from codes where coder = $2 and recording in (
         select recording from codings
         where coder = $2 and framework_version = $1 and learning
     )",
    "delete from desk_drafts where coder = $2 and recording in (
         select recording from codings
         where coder = $2 and framework_version = $1 and learning
     )",
    "update codings set begun_at = null, locked_at = null, not_blind = null,
         phase_visible = null, standing = null
     where coder = $2 and framework_version = $1 and learning",
];
