//! Forms and the answers to them, in PostgreSQL.

use async_trait::async_trait;
use hearback_access::{ManageForms, Permit, RecordConsent, SeeConsent};
use hearback_domain::{
    JobId, Party, PartyConsent, PartyKind, Purpose, RecordingId, Timestamp,
    forms::{Form, built_in},
    withdrawal::{Channel, taken_back},
};
use hearback_storage::{
    ConsentAnswer, Consenting, Heard, JobKind, Jobs as _, KeptRecord, NewConsentRecord, NewJob,
    NewWithdrawal, PublishedForm, Recorded, Result, Withdrawn,
    sql::{
        AnswerRow, ConsentRecordRow, ConsentRow, DecidedRow, FormRow, HeardRow, PartyRow, backend,
        conflict, nothing_newer, person_of, seal_consent_record, seal_party_label,
        those_not_erased,
    },
};
use sqlx::PgPool;

use crate::Tx;

/// Puts the first version of every form there, unless it is there.
pub(crate) async fn install_forms(pool: &PgPool) -> Result<()> {
    let mut tx = pool.begin().await.map_err(backend)?;
    for &kind in PartyKind::ALL {
        let form = built_in(kind);
        sqlx::query(
            "insert into consent_forms (kind, version, body, published_at)
             values ($1, $2, $3, 0)
             on conflict do nothing",
        )
        .bind(kind.as_str())
        .bind(i64::from(form.version))
        .bind(form.to_json())
        .execute(&mut *tx)
        .await
        .map_err(backend)?;
    }
    tx.commit().await.map_err(backend)
}

#[async_trait]
impl Consenting for Tx {
    #[tracing::instrument(name = "db.current_forms", skip_all, err)]
    async fn current_forms(&mut self) -> Result<Vec<PublishedForm>> {
        let rows: Vec<FormRow> = sqlx::query_as(
            "select f.body, f.published_at, f.published_by from consent_forms f
             where f.version = (select max(version) from consent_forms where kind = f.kind)",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        FormRow::in_order(rows)
    }

    #[tracing::instrument(name = "db.form", skip_all, err)]
    async fn form(&mut self, kind: PartyKind, version: u32) -> Result<Option<PublishedForm>> {
        sqlx::query_as(
            "select body, published_at, published_by from consent_forms
             where kind = $1 and version = $2",
        )
        .bind(kind.as_str())
        .bind(i64::from(version))
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?
        .map(FormRow::open)
        .transpose()
    }

    #[tracing::instrument(name = "db.forms_of", skip_all, err)]
    async fn forms_of(&mut self, kind: PartyKind) -> Result<Vec<PublishedForm>> {
        let rows: Vec<FormRow> = sqlx::query_as(
            "select body, published_at, published_by from consent_forms
             where kind = $1 order by version desc",
        )
        .bind(kind.as_str())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(FormRow::open).collect()
    }

    #[tracing::instrument(name = "db.publish_form", skip_all, err)]
    async fn publish_form(&mut self, permit: &Permit<ManageForms>, form: &Form) -> Result<u32> {
        let newest = self.forms_of(form.kind).await?.first().map_or(0, |p| p.form.version);
        let form = Form { version: newest + 1, ..form.clone() };
        sqlx::query(
            "insert into consent_forms (kind, version, body, published_at, published_by)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(form.kind.as_str())
        .bind(i64::from(form.version))
        .bind(form.to_json())
        .bind(permit.cx().now.as_micros())
        .bind(person_of(permit.cx())?.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(conflict("form.version"))?;
        Ok(form.version)
    }

    #[tracing::instrument(name = "db.record_consent", skip_all, err)]
    async fn record_consent(
        &mut self,
        permit: &Permit<RecordConsent>,
        new: &NewConsentRecord,
    ) -> Result<Option<Recorded>> {
        let (recording, record) = (permit.object(), new.checked.record());
        let fits: bool = sqlx::query_scalar(
            "select exists (select 1 from parties p
                 join consent_forms f on f.kind = p.kind
                 where p.recording = $1 and p.person = $2 and p.kind = $3 and f.version = $4)",
        )
        .bind(recording.as_uuid())
        .bind(record.person.as_uuid())
        .bind(record.kind.as_str())
        .bind(i64::from(record.version))
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        if !fits {
            return Ok(None);
        }
        self.nothing_newer(recording, new).await?;
        let body = seal_consent_record(self.cipher(), recording, new.id, record)?;
        sqlx::query(
            "insert into consent_records
                 (id, recording, person, form_kind, form_version, body,
                  recorded_by, recorded_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(new.id.as_uuid())
        .bind(recording.as_uuid())
        .bind(record.person.as_uuid())
        .bind(record.kind.as_str())
        .bind(i64::from(record.version))
        .bind(body)
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .bind(new.checked.expires_at().as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(conflict("consent.id"))?;
        let withdrawn = self.take_back_what_is_denied(permit, new).await?;
        self.answer(recording, permit.cx().now, new).await?;
        self.keep_the_transcripts_state(recording, permit.cx().now, new.job).await?;
        self.take_up_again(recording, permit.cx().now).await?;
        Ok(Some(Recorded { withdrawn }))
    }

    #[tracing::instrument(name = "db.add_heard", skip_all, err)]
    async fn add_heard(&mut self, permit: &Permit<RecordConsent>, party: &Party) -> Result<()> {
        let recording = permit.object();
        let label = seal_party_label(self.cipher(), recording, party.id, &party.label)?;
        sqlx::query(
            "insert into parties (recording, person, position, kind, label)
             select $1, $2, coalesce(max(position) + 1, 0), $3, $4 from parties
             where recording = $1",
        )
        .bind(recording.as_uuid())
        .bind(party.id.as_uuid())
        .bind(party.kind.as_str())
        .bind(label)
        .execute(&mut *self.0)
        .await
        .map_err(conflict("person.id"))?;
        self.wait_for_no_transcript(recording).await
    }

    #[tracing::instrument(name = "db.consent_records", skip_all, err)]
    async fn consent_records(&mut self, permit: &Permit<SeeConsent>) -> Result<Vec<KeptRecord>> {
        let rows: Vec<ConsentRecordRow> = sqlx::query_as(
            "select c.id, c.body, c.recorded_by, p.name, c.recorded_at, c.expires_at
             from consent_records c
             join people p on p.id = c.recorded_by
             where c.recording = $1
             order by c.recorded_at desc, c.id",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let opened = rows.into_iter().map(|row| row.open(self.cipher(), permit.object()));
        those_not_erased(opened)
    }

    #[tracing::instrument(name = "db.consent_answers", skip_all, err)]
    async fn consent_answers(&mut self, permit: &Permit<SeeConsent>) -> Result<Vec<ConsentAnswer>> {
        let rows: Vec<AnswerRow> = sqlx::query_as(
            "select c.person, c.purpose, c.given, c.expires_at, c.withdrawn_at
             from consents c
             join parties p on p.recording = c.recording and p.person = c.person
             where c.recording = $1
             order by p.position",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        AnswerRow::in_order(rows)
    }

    #[tracing::instrument(name = "db.heard", skip_all, err)]
    async fn heard(&mut self, permit: &Permit<SeeConsent>) -> Result<Option<Heard>> {
        let id = permit.object().as_uuid();
        let row: Option<HeardRow> =
            sqlx::query_as("select id, pseudonym, audio from recordings where id = $1")
                .bind(id)
                .fetch_optional(&mut *self.0)
                .await
                .map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        let parties: Vec<PartyRow> = sqlx::query_as(
            "select person, kind, label from parties where recording = $1 order by position",
        )
        .bind(id)
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        row.open(self.cipher(), parties).map(Some)
    }
}

impl Tx {
    /// Refuses answers that would take the place of something newer.
    async fn nothing_newer(
        &mut self,
        recording: RecordingId,
        new: &NewConsentRecord,
    ) -> Result<()> {
        let person = new.checked.record().person.as_uuid();
        let taken_back: Option<i64> = sqlx::query_scalar(
            "select max(withdrawn_at) from consents where recording = $1 and person = $2",
        )
        .bind(recording.as_uuid())
        .bind(person)
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        let kept: Vec<DecidedRow> = sqlx::query_as(
            "select id, body, recorded_at from consent_records
             where recording = $1 and person = $2",
        )
        .bind(recording.as_uuid())
        .bind(person)
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        nothing_newer(self.cipher(), recording, new, taken_back, &kept)
    }

    /// A no to what somebody had said yes to is a withdrawal, as if they had asked for one.
    async fn take_back_what_is_denied(
        &mut self,
        permit: &Permit<RecordConsent>,
        new: &NewConsentRecord,
    ) -> Result<Option<Withdrawn>> {
        let (recording, record) = (permit.object(), new.checked.record());
        let yeses: Vec<ConsentRow> = sqlx::query_as(
            "select person, purpose, given from consents
             where recording = $1 and person = $2 and given and withdrawn_at is null",
        )
        .bind(recording.as_uuid())
        .bind(record.person.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let purpose = |row: ConsentRow| PartyConsent::try_from(row).map(|yes| yes.purpose);
        let yeses: Vec<Purpose> = yeses.into_iter().map(purpose).collect::<Result<_>>()?;
        let purposes = taken_back(&yeses, new.checked.answers());
        if purposes.is_empty() {
            return Ok(None);
        }
        let own = record.kind == PartyKind::Practitioner;
        let withdrawal = NewWithdrawal {
            id: new.if_taken_back.id,
            erasure: new.if_taken_back.erasure,
            job: new.if_taken_back.job,
            person: record.person,
            purposes,
            channel: if own { Channel::Own } else { Channel::ForFamily },
            // How they said so is in the record.
            asked: None,
            receipt: new.if_taken_back.receipt,
        };
        self.note_withdrawal(permit.cx(), recording, &withdrawal).await.map(Some)
    }

    /// The newest answers take the place of all earlier ones: what was not asked this time runs out.
    async fn answer(
        &mut self,
        recording: RecordingId,
        now: Timestamp,
        new: &NewConsentRecord,
    ) -> Result<()> {
        let person = new.checked.record().person.as_uuid();
        sqlx::query(
            "update consents set expires_at = $3
             where recording = $1 and person = $2 and (expires_at is null or expires_at > $3)",
        )
        .bind(recording.as_uuid())
        .bind(person)
        .bind(now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        for answer in new.checked.answers() {
            sqlx::query(
                "delete from consents where recording = $1 and person = $2 and purpose = $3",
            )
            .bind(recording.as_uuid())
            .bind(person)
            .bind(answer.purpose.as_str())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
            sqlx::query(
                "insert into consents (recording, person, purpose, given, expires_at)
                 values ($1, $2, $3, $4, $5)",
            )
            .bind(recording.as_uuid())
            .bind(person)
            .bind(answer.purpose.as_str())
            .bind(answer.given)
            .bind(new.checked.expires_at().as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        Ok(())
    }

    /// Waits for a transcript, or no longer, as everybody's answers now say.
    async fn keep_the_transcripts_state(
        &mut self,
        recording: RecordingId,
        now: Timestamp,
        job: JobId,
    ) -> Result<()> {
        let said = self.consents(recording.as_uuid(), now).await?;
        if !(said.cover(Purpose::Record) && said.cover(Purpose::Transcribe)) {
            return self.wait_for_no_transcript(recording).await;
        }
        sqlx::query(
            "update recordings set transcript = 'waiting'
             where id = $1 and transcript = 'not_wanted'
               and not exists (select 1 from erased_classes where recording = $1 and class = 'text')",
        )
        .bind(recording.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        // Also if it was being made when a yes was missing: then nobody is at it any more.
        let due: bool = sqlx::query_scalar(
            "select exists (select 1 from recordings
                 where id = $1 and audio = 'decoded' and transcript in ('waiting', 'running'))",
        )
        .bind(recording.as_uuid())
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        if due {
            let kind = JobKind::Transcribe(recording);
            self.add_job(&NewJob { id: job, kind, run_at: now }).await?;
        }
        Ok(())
    }

    /// Queues again what workers were refused while a yes was missing: a refusal ends a job. If one is missing still,
    /// they are refused again.
    async fn take_up_again(&mut self, recording: RecordingId, now: Timestamp) -> Result<()> {
        sqlx::query(
            "update jobs set state = 'queued', run_at = $2, attempts = 0, progress = 0
             where recording = $1 and state = 'done'
               and ((kind = 'decode' and exists (
                       select 1 from recordings where id = $1 and audio = 'uploaded'
                   )) or (kind = 'listening' and exists (
                       select 1 from recordings where id = $1 and audio = 'decoded'
                   ) and not exists (
                       select 1 from objects where recording = $1 and kind = 'listening'
                   )) or (kind = 'render_clip' and exists (
                       select 1 from clips c where c.id = jobs.clip and c.rendered_at is null
                   )))
               and not exists (
                   select 1 from jobs o
                   where o.recording = jobs.recording and o.kind = jobs.kind
                     and o.clip is not distinct from jobs.clip
                     and (o.state in ('queued', 'running')
                         or (o.queued_at, o.id) > (jobs.queued_at, jobs.id))
               )",
        )
        .bind(recording.as_uuid())
        .bind(now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    /// Somebody's yes is missing. A worker that is at it finds out by itself.
    async fn wait_for_no_transcript(&mut self, recording: RecordingId) -> Result<()> {
        sqlx::query(
            "update recordings set transcript = 'not_wanted'
             where id = $1 and transcript = 'waiting'",
        )
        .bind(recording.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }
}
