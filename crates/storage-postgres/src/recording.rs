//! Recordings in PostgreSQL.

use async_trait::async_trait;
use hearback_access::{
    DecideSharing, Decode, DecodeAgain, ObjectKind, Opens, Permit, PlayRecording, ReadTranscript,
    SeeListeners, SeeRecording, Start, StoredObject, Transcribe, Upload,
};
use hearback_domain::{
    GrantId, JobId, ObjectId, RecordingState, Relation, TranscriptState, UserId,
};
use hearback_storage::{
    Decoded, FileArrived, JobKind, Jobs as _, NewJob, NewRecording, Recording, RecordingSummary,
    Recordings, Release, Result, TranscriptChange,
    sql::{
        ChosenRow, ConsentRow, PartyRow, RecordingRow, StateRow, SummaryRow, TranscriptRow,
        backend, conflict, content_hash, number, person_of, relation, seal_party_label,
        seal_pseudonym,
    },
};

use crate::Tx;

#[async_trait]
impl Recordings for Tx {
    #[tracing::instrument(name = "db.add_recording", skip_all, err)]
    async fn add_recording(&mut self, permit: &Permit<Start>, new: &NewRecording) -> Result<()> {
        // Nobody has answered yet, so no transcript is waited for.
        let state = RecordingState::new(false);
        let pseudonym = seal_pseudonym(self.cipher(), new.id, &new.pseudonym)?;
        sqlx::query(
            "insert into recordings
                 (id, owner, pseudonym, session_kind, held_on, phase,
                  audio, transcript, sharing, created_at, language_wanted)
             values ($1, $2, $3, $4, $5, $6, $7, $8, 'private', $9, $10)",
        )
        .bind(new.id.as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(pseudonym)
        .bind(new.session_kind.as_str())
        .bind(&new.held_on)
        .bind(new.phase.as_str())
        .bind(state.audio.as_str())
        .bind(state.transcript.as_str())
        .bind(permit.cx().now.as_micros())
        .bind(&new.language)
        .execute(&mut *self.0)
        .await
        .map_err(conflict("recording.id"))?;
        for (position, party) in (0_i64..).zip(&new.parties) {
            let label = seal_party_label(self.cipher(), new.id, party.id, &party.label)?;
            sqlx::query(
                "insert into parties (recording, person, position, kind, label)
                 values ($1, $2, $3, $4, $5)",
            )
            .bind(new.id.as_uuid())
            .bind(party.id.as_uuid())
            .bind(position)
            .bind(party.kind.as_str())
            .bind(label)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        self.settle(new.id.as_uuid(), permit.cx().now).await
    }

    #[tracing::instrument(name = "db.content_sha256", skip_all, err)]
    async fn content_sha256(&mut self, permit: &Permit<Upload>) -> Result<Option<[u8; 32]>> {
        let hash: Option<Option<Vec<u8>>> =
            sqlx::query_scalar("select content_sha256 from recordings where id = $1")
                .bind(permit.object().as_uuid())
                .fetch_optional(&mut *self.0)
                .await
                .map_err(backend)?;
        hash.flatten().map(|bytes| content_hash(&bytes)).transpose()
    }

    #[tracing::instrument(name = "db.add_file", skip_all, err)]
    async fn add_file(&mut self, permit: &Permit<Upload>, file: &FileArrived) -> Result<bool> {
        let done = sqlx::query(
            "update recordings set audio = 'uploaded', content_sha256 = $2
             where id = $1 and audio = 'awaiting_file'",
        )
        .bind(permit.object().as_uuid())
        .bind(file.content_sha256.to_vec())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        let first = done.rows_affected() == 1;
        if first {
            self.put_object(permit, &file.object).await?;
        }
        Ok(first)
    }

    #[tracing::instrument(name = "db.recording", skip_all, err)]
    async fn recording(&mut self, permit: &Permit<SeeRecording>) -> Result<Option<Recording>> {
        let id = permit.object().as_uuid();
        let row: Option<RecordingRow> = sqlx::query_as(
            "select id, owner, pseudonym, session_kind, held_on, phase,
                 audio, transcript, sharing, shared_at, duration_ms,
                 container, codec, channels, sample_rate_hz, remarks,
                 verdict, language, model, created_at,
                 exists (select 1 from objects
                     where recording = $1 and kind = 'listening') as listening
             from recordings where id = $1",
        )
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
        let now = permit.cx().now.as_micros();
        let consents: Vec<ConsentRow> = sqlx::query_as(
            "select person, purpose,
                 given and withdrawn_at is null and (expires_at is null or expires_at > $2) as given
             from consents where recording = $1",
        )
        .bind(id)
        .bind(now)
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let until: Option<i64> = sqlx::query_scalar(
            "select min(expires_at) from consents
             where recording = $1 and given and withdrawn_at is null and expires_at > $2",
        )
        .bind(id)
        .bind(now)
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        row.open(self.cipher(), parties, consents, until).map(Some)
    }

    #[tracing::instrument(name = "db.summary", skip_all, err)]
    async fn summary(&mut self, permit: &Permit<SeeRecording>) -> Result<Option<RecordingSummary>> {
        sqlx::query_as(
            "select id, pseudonym, session_kind, held_on,
                 audio, transcript, sharing, shared_at, duration_ms, created_at
             from recordings where id = $1",
        )
        .bind(permit.object().as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?
        .map(|row: SummaryRow| row.open(self.cipher()))
        .transpose()
    }

    #[tracing::instrument(name = "db.object", skip_all, err)]
    async fn object(
        &mut self,
        permit: &dyn Opens,
        kind: ObjectKind,
    ) -> Result<Option<StoredObject>> {
        match permit.recording() {
            Some(recording) if permit.reads(kind) || permit.writes(kind) => {
                self.current_object(recording, kind).await
            }
            _ => Ok(None),
        }
    }

    #[tracing::instrument(name = "db.play_state", skip_all, err)]
    async fn play_state(
        &mut self,
        permit: &Permit<PlayRecording>,
    ) -> Result<Option<RecordingState>> {
        sqlx::query_as(
            "select audio, transcript, sharing, shared_at, duration_ms
             from recordings where id = $1",
        )
        .bind(permit.object().as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?
        .map(|row: StateRow| row.try_into())
        .transpose()
    }

    #[tracing::instrument(name = "db.transcript_state", skip_all, err)]
    async fn transcript_state(
        &mut self,
        permit: &Permit<ReadTranscript>,
    ) -> Result<Option<(TranscriptState, Option<String>, Option<String>)>> {
        sqlx::query_as("select transcript, language, model from recordings where id = $1")
            .bind(permit.object().as_uuid())
            .fetch_optional(&mut *self.0)
            .await
            .map_err(backend)?
            .map(|row: TranscriptRow| row.try_into())
            .transpose()
    }

    #[tracing::instrument(name = "db.set_decoded", skip_all, err)]
    async fn set_decoded(&mut self, permit: &Permit<Decode>, decoded: &Decoded) -> Result<()> {
        let details = &decoded.details;
        sqlx::query(
            "update recordings set audio = 'decoded', duration_ms = $2, container = $3, codec = $4,
                 channels = $5, sample_rate_hz = $6, remarks = $7, verdict = null
             where id = $1",
        )
        .bind(permit.object().as_uuid())
        .bind(number(details.duration.get())?)
        .bind(&details.container)
        .bind(&details.codec)
        .bind(i64::from(details.channels))
        .bind(i64::from(details.sample_rate_hz))
        .bind(&details.remarks)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        self.forget_listening(permit.object()).await?;
        self.forget_sides(permit.object()).await?;
        self.put_object(permit, &decoded.normalised).await?;
        self.put_object(permit, &decoded.peaks).await?;
        match &decoded.sides {
            Some(sides) => self.put_object(permit, sides).await,
            None => Ok(()),
        }
    }

    #[tracing::instrument(name = "db.set_listening", skip_all, err)]
    async fn set_listening(&mut self, permit: &Permit<Decode>, copy: &StoredObject) -> Result<()> {
        self.put_object(permit, copy).await
    }

    #[tracing::instrument(name = "db.set_unreadable", skip_all, err)]
    async fn set_unreadable(&mut self, permit: &Permit<Decode>, verdict: &str) -> Result<()> {
        sqlx::query("update recordings set audio = 'unreadable', verdict = $2 where id = $1")
            .bind(permit.object().as_uuid())
            .bind(verdict)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.decode_again", skip_all, err)]
    async fn decode_again(&mut self, permit: &Permit<DecodeAgain>, job: JobId) -> Result<bool> {
        let recording = permit.object();
        let done = sqlx::query(
            "update recordings set audio = 'uploaded', verdict = null
             where id = $1 and audio = 'unreadable'",
        )
        .bind(recording.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        let wanted = done.rows_affected() == 1;
        if wanted {
            let kind = JobKind::Decode(recording);
            self.add_job(&NewJob { id: job, kind, run_at: permit.cx().now }).await?;
        }
        Ok(wanted)
    }

    #[tracing::instrument(name = "db.wants_transcript", skip_all, err)]
    async fn wants_transcript(&mut self, permit: &Permit<Decode>) -> Result<bool> {
        sqlx::query_scalar(
            "select exists (select 1 from recordings where id = $1 and transcript = 'waiting')",
        )
        .bind(permit.object().as_uuid())
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)
    }

    #[tracing::instrument(name = "db.set_transcript", skip_all, err)]
    async fn set_transcript(
        &mut self,
        permit: &Permit<Transcribe>,
        change: &TranscriptChange,
    ) -> Result<()> {
        sqlx::query(
            "update recordings set transcript = $2,
                 language = coalesce($3, language), model = coalesce($4, model)
             where id = $1",
        )
        .bind(permit.object().as_uuid())
        .bind(change.state.as_str())
        .bind(&change.language)
        .bind(&change.model)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if change.state == TranscriptState::Done {
            self.forget_draft(permit.object()).await?;
        }
        match &change.object {
            Some(object) => self.put_object(permit, object).await,
            None => Ok(()),
        }
    }

    #[tracing::instrument(name = "db.release", skip_all, err)]
    async fn release(&mut self, permit: &Permit<DecideSharing>, release: &Release) -> Result<()> {
        self.decide_sharing(permit, "released", release.second_coder).await?;
        self.grant(permit, release, Relation::Codes, release.researcher).await?;
        match release.coach {
            Some(coach) => self.grant(permit, release, Relation::Coaches, coach).await,
            None => Ok(()),
        }
    }

    #[tracing::instrument(name = "db.withhold", skip_all, err)]
    async fn withhold(&mut self, permit: &Permit<DecideSharing>) -> Result<()> {
        self.decide_sharing(permit, "withheld", false).await
    }

    #[tracing::instrument(name = "db.decide_second", skip_all, err)]
    async fn decide_second(&mut self, permit: &Permit<DecideSharing>, yes: bool) -> Result<bool> {
        let decided = sqlx::query(
            "update recordings set second_coder = $2 where id = $1 and sharing = 'released'",
        )
        .bind(permit.object().as_uuid())
        .bind(yes)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        if decided.rows_affected() == 0 {
            return Ok(false);
        }
        if !yes {
            sqlx::query(
                "update grants set ended_at = $2
                 where recording = $1 and relation = 'codes_second' and ended_at is null",
            )
            .bind(permit.object().as_uuid())
            .bind(permit.cx().now.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        Ok(true)
    }

    #[tracing::instrument(name = "db.relations_with", skip_all, err)]
    async fn relations_with(
        &mut self,
        permit: &Permit<DecideSharing>,
        user: UserId,
    ) -> Result<Vec<Relation>> {
        let rows: Vec<String> = sqlx::query_scalar(
            "select e.relation
             from relations_ever e
             join recordings mine on mine.owner = e.practitioner
             where mine.id = $1 and e.person = $2
             order by e.relation",
        )
        .bind(permit.object().as_uuid())
        .bind(user.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.iter().map(|word| relation(word)).collect()
    }

    #[tracing::instrument(name = "db.chosen", skip_all, err)]
    async fn chosen(&mut self, permit: &Permit<SeeListeners>) -> Result<Vec<(Relation, String)>> {
        let rows: Vec<ChosenRow> = sqlx::query_as(
            "select g.relation, g.person, p.name
             from grants g
             join people p on p.id = g.person
             where g.recording = $1 and g.ended_at is null and g.expires_at > $2
             order by g.id",
        )
        .bind(permit.object().as_uuid())
        .bind(permit.cx().now.as_micros())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        ChosenRow::open(rows, self.cipher())
    }

    #[tracing::instrument(name = "db.needs_keys", skip_all, err)]
    async fn needs_keys(&mut self) -> Result<bool> {
        sqlx::query_scalar("select exists (select 1 from objects) or exists (select 1 from people)")
            .fetch_one(&mut *self.0)
            .await
            .map_err(backend)
    }

    #[tracing::instrument(name = "db.knows_object", skip_all, err)]
    async fn knows_object(&mut self, id: ObjectId) -> Result<bool> {
        self.has_object(id).await
    }
}

impl Tx {
    /// Notes the practitioner's word and ends what came of an earlier one: the grants, the playlist in the room, and
    /// what was approved for it.
    async fn decide_sharing(
        &mut self,
        permit: &Permit<DecideSharing>,
        word: &str,
        second_coder: bool,
    ) -> Result<()> {
        sqlx::query(
            "update recordings set sharing = $2, shared_at = $3, second_coder = $4 where id = $1",
        )
        .bind(permit.object().as_uuid())
        .bind(word)
        .bind(permit.cx().now.as_micros())
        .bind(second_coder)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        self.leave_sets(permit.object().as_uuid()).await?;
        sqlx::query("update grants set ended_at = $2 where recording = $1 and ended_at is null")
            .bind(permit.object().as_uuid())
            .bind(permit.cx().now.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        sqlx::query(
            "update clips set approved_by = null, approved_at = null
             where playlist in (select id from playlists where recording = $1)",
        )
        .bind(permit.object().as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        self.look_anew(permit.object().as_uuid()).await?;
        self.disagree(permit.object()).await?;
        Ok(())
    }

    async fn grant(
        &mut self,
        permit: &Permit<DecideSharing>,
        release: &Release,
        relation: Relation,
        (id, person): (GrantId, UserId),
    ) -> Result<()> {
        sqlx::query(
            "insert into grants (id, recording, person, relation, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(person.as_uuid())
        .bind(relation.as_str())
        .bind(permit.cx().now.as_micros())
        .bind(release.expires_at.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        sqlx::query(
            "insert into relations_ever (practitioner, person, relation)
             select owner, $2, $3 from recordings where id = $1
             on conflict (practitioner, person, relation) do nothing",
        )
        .bind(permit.object().as_uuid())
        .bind(person.as_uuid())
        .bind(relation.as_str())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }
}
