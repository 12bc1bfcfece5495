//! Withdrawals and their receipts in SQLite.

use async_trait::async_trait;
use hearback_access::{Cx, Permit, Withdraw};
use hearback_domain::{
    Hat, KeyClass, PersonId, Purpose, RecordingId, Relation, Role, Timestamp,
    withdrawal::{Asked, ErasureCause, ErasureState, effects},
};
use hearback_storage::{
    JobKind, Jobs as _, NewJob, NewWithdrawal, Receipt, Result, TakenBack, Withdrawals, Withdrawn,
    Yeses,
    sql::{
        ConsentRow, ErasureRow, KindRow, TombstoneRow, backend, misuse, person_of,
        words_of_classes, words_of_purposes,
    },
};
use uuid::Uuid;

use crate::Tx;

#[async_trait]
impl Withdrawals for Tx {
    #[tracing::instrument(name = "db.yeses", skip_all, err)]
    async fn yeses(&mut self, permit: &Permit<Withdraw>) -> Result<Vec<Yeses>> {
        let answers: Vec<ConsentRow> = sqlx::query_as(
            "select person, purpose, given from consents
             where recording = $1 and given and withdrawn_at is null
               and (expires_at is null or expires_at > $2)",
        )
        .bind(permit.object().as_uuid())
        .bind(permit.cx().now.as_micros())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let mut yeses = Vec::new();
        for row in self.kinds(permit.object().as_uuid()).await? {
            let (person, kind) = row.try_into()?;
            yeses.push(Yeses { person, kind, given: Vec::new() });
        }
        for answer in answers {
            let answer: hearback_domain::PartyConsent = answer.try_into()?;
            if let Some(one) = yeses.iter_mut().find(|one| one.person == answer.person) {
                one.given.push(answer.purpose);
            }
        }
        for one in &mut yeses {
            one.given.sort_unstable();
        }
        Ok(yeses)
    }

    #[tracing::instrument(name = "db.withdraw", skip_all, err)]
    async fn withdraw(
        &mut self,
        permit: &Permit<Withdraw>,
        new: &NewWithdrawal,
    ) -> Result<Option<Withdrawn>> {
        if new.purposes.is_empty() {
            return Err(misuse("a withdrawal of nothing"));
        }
        let recording = permit.object();
        let heard = self.kinds(recording.as_uuid()).await?;
        if !heard.iter().any(|row| row.person == new.person.as_uuid()) {
            return Ok(None);
        }
        self.note_withdrawal(permit.cx(), recording, new).await.map(Some)
    }

    #[tracing::instrument(name = "db.taken_back", skip_all, err)]
    async fn taken_back(&mut self, cx: Cx) -> Result<Vec<TakenBack>> {
        let (Some(user), Hat::Person(Role::Practitioner)) = (cx.user, cx.hat) else {
            return Ok(Vec::new());
        };
        sqlx::query_as(
            "select created_in, erased_in, cause from tombstones
             where practitioner = $1
             order by erased_in desc, recording
             limit 20",
        )
        .bind(user.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?
        .into_iter()
        .map(|row: TombstoneRow| row.try_into())
        .collect()
    }

    #[tracing::instrument(name = "db.receipt", skip_all, err)]
    async fn receipt(&mut self, hash: &[u8; 32]) -> Result<Option<Receipt>> {
        sqlx::query_as(
            "select id, classes, whole, cause, state, requested_at, done_at, ledger_seq
             from erasures where receipt = $1",
        )
        .bind(hash.to_vec())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?
        .map(|row: ErasureRow| row.try_into())
        .transpose()
    }
}

impl Tx {
    /// Notes a withdrawal and closes what rested on it. There is no other way, however somebody said no.
    pub(crate) async fn note_withdrawal(
        &mut self,
        cx: Cx,
        recording: RecordingId,
        new: &NewWithdrawal,
    ) -> Result<Withdrawn> {
        let id = recording.as_uuid();
        let effects = effects(&new.purposes);
        self.end_yeses(id, new.person, &effects.closes, cx.now).await?;
        sqlx::query(
            "insert into withdrawals (id, recording, purposes, channel, recorded_by, at, asked)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(new.id.as_uuid())
        .bind(id)
        .bind(words_of_purposes(&new.purposes))
        .bind(new.channel.as_str())
        .bind(person_of(cx)?.as_uuid())
        .bind(cx.now.as_micros())
        .bind(new.asked.map(Asked::as_str))
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        self.close(id, &effects.destroys, cx).await?;
        self.end_grants(id, &effects.closes, cx).await?;
        let state = if effects.destroys.is_empty() {
            ErasureState::Done
        } else if self.held(id).await? {
            ErasureState::Held
        } else {
            ErasureState::Pending
        };
        sqlx::query(
            "insert into erasures
                 (id, recording, classes, whole, cause, state, requested_at, receipt, done_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, case when $6 = 'done' then $7 end)",
        )
        .bind(new.erasure.as_uuid())
        .bind(id)
        .bind(words_of_classes(&effects.destroys))
        .bind(effects.whole)
        .bind(ErasureCause::Withdrawal.as_str())
        .bind(state.as_str())
        .bind(cx.now.as_micros())
        .bind(new.receipt.to_vec())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if state == ErasureState::Pending {
            let kind = JobKind::Erase(recording);
            self.add_job(&NewJob { id: new.job, kind, run_at: cx.now }).await?;
        }
        Ok(Withdrawn { person: new.person, purposes: new.purposes.clone(), effects, state })
    }

    /// Who is heard, without names: the practitioner first, then as they were given.
    pub(crate) async fn kinds(&mut self, recording: Uuid) -> Result<Vec<KindRow>> {
        sqlx::query_as("select person, kind from parties where recording = $1 order by position")
            .bind(recording)
            .fetch_all(&mut *self.0)
            .await
            .map_err(backend)
    }

    /// Whether somebody holds the recording.
    pub(crate) async fn held(&mut self, recording: Uuid) -> Result<bool> {
        sqlx::query_scalar(
            "select exists (select 1 from holds where recording = $1 and lifted_at is null)",
        )
        .bind(recording)
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)
    }

    /// Closes classes of a recording to everybody, for good, before anything is destroyed; and takes what is made of
    /// them out of sight.
    pub(crate) async fn close(
        &mut self,
        recording: Uuid,
        classes: &[KeyClass],
        cx: Cx,
    ) -> Result<()> {
        for class in classes {
            sqlx::query(
                "insert into erased_classes (recording, class, at) values ($1, $2, $3)
                 on conflict (recording, class) do nothing",
            )
            .bind(recording)
            .bind(class.as_str())
            .bind(cx.now.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        if classes.contains(&KeyClass::Text) {
            sqlx::query(
                "update recordings set transcript = 'not_wanted', language = null, model = null
                 where id = $1",
            )
            .bind(recording)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        if classes.contains(&KeyClass::Extracts) {
            sqlx::query("update playlists set agreed_at = null where recording = $1")
                .bind(recording)
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
            sqlx::query(
                "update clips set approved_by = null, approved_at = null
                 where playlist in (select id from playlists where recording = $1)",
            )
            .bind(recording)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
            self.look_anew(recording).await?;
        }
        Ok(())
    }

    /// Ends one person's yeses.
    pub(crate) async fn end_yeses(
        &mut self,
        recording: Uuid,
        person: PersonId,
        closes: &[Purpose],
        at: Timestamp,
    ) -> Result<()> {
        for purpose in closes {
            sqlx::query(
                "update consents set withdrawn_at = $4
                 where recording = $1 and person = $2 and purpose = $3
                   and given and withdrawn_at is null",
            )
            .bind(recording)
            .bind(person.as_uuid())
            .bind(purpose.as_str())
            .bind(at.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        Ok(())
    }

    /// Ends the grants of whoever has nothing left to hear; if nobody has one any more, the recording is with its
    /// practitioner alone.
    pub(crate) async fn end_grants(
        &mut self,
        recording: Uuid,
        closes: &[Purpose],
        cx: Cx,
    ) -> Result<()> {
        let ends = [
            (Purpose::CodeResearch, Relation::Codes),
            (Purpose::CodeResearch, Relation::CodesSecond),
            (Purpose::CodeResearch, Relation::Learns),
            (Purpose::TeachingPlayback, Relation::Learns),
            (Purpose::CoachPlayback, Relation::Coaches),
        ];
        for (_, relation) in ends.iter().filter(|(purpose, _)| closes.contains(purpose)) {
            sqlx::query(
                "update grants set ended_at = $3
                 where recording = $1 and relation = $2 and ended_at is null",
            )
            .bind(recording)
            .bind(relation.as_str())
            .bind(cx.now.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        if closes.iter().any(|p| [Purpose::CodeResearch, Purpose::TeachingPlayback].contains(p)) {
            self.leave_sets(recording).await?;
        }
        sqlx::query(
            "update recordings set sharing = 'withheld', shared_at = $2
             where id = $1 and sharing = 'released' and not exists (
                 select 1 from grants g
                 where g.recording = recordings.id and g.ended_at is null and g.expires_at > $2
             )",
        )
        .bind(recording)
        .bind(cx.now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }
}
