//! Transcripts beside their text, in SQLite.

use std::collections::HashMap;

use async_trait::async_trait;
use hearback_access::{
    CorrectTranscript, MakePlaylist, Opens, Permit, ReadClip, ReadTranscript, StopTranscribing,
    StoredObject, Transcribe, TranscribeAgain,
};
use hearback_domain::{ClipId, JobId, RecordingId, Span};
use hearback_storage::{
    JobKind, Jobs as _, NewCorrections, NewJob, Result, Transcripts, WantedTranscript, WordsAt,
    sql::{WordsRow, backend, number, span, spoken_words_of},
};

use crate::Tx;

#[async_trait]
impl Transcripts for Tx {
    #[tracing::instrument(name = "db.wanted_transcript", skip_all, err)]
    async fn wanted_transcript(
        &mut self,
        permit: &Permit<Transcribe>,
    ) -> Result<Option<WantedTranscript>> {
        let row: Option<(Option<String>, bool)> = sqlx::query_as(
            "select language_wanted, transcript = 'done' as again from recordings where id = $1",
        )
        .bind(permit.object().as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(row.map(|(language, again)| WantedTranscript { language, again }))
    }

    #[tracing::instrument(name = "db.words_at", skip_all, err)]
    async fn words_at(&mut self, permit: &dyn Opens) -> Result<Option<WordsAt>> {
        let Some(recording) = permit.recording() else { return Ok(None) };
        // The transcript comes first.
        let rows: Vec<WordsRow> = sqlx::query_as(
            "select o.id, o.recording, o.kind, o.clip, o.bytes, o.sha256, r.redaction
             from objects o join recordings r on r.id = o.recording
             where o.recording = $1 and o.kind in ('transcript', 'corrections')
             order by o.kind desc",
        )
        .bind(recording.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        spoken_words_of(rows, permit)
    }

    #[tracing::instrument(name = "db.words_at_each", skip_all, err)]
    async fn words_at_each(
        &mut self,
        permits: &[Permit<ReadTranscript>],
    ) -> Result<Vec<Option<WordsAt>>> {
        let Some(user) = permits.first().and_then(|permit| permit.cx().user) else {
            return Ok(permits.iter().map(|_| None).collect());
        };
        // Everything that could be theirs; what is theirs, the permits say.
        let rows: Vec<WordsRow> = sqlx::query_as(
            "select o.id, o.recording, o.kind, o.clip, o.bytes, o.sha256, r.redaction
             from objects o join recordings r on r.id = o.recording
             where o.kind in ('transcript', 'corrections')
               and (r.owner = $1 or r.id in (select g.recording from grants g where g.person = $1))
             order by o.kind desc",
        )
        .bind(user.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let mut of_each: HashMap<RecordingId, Vec<WordsRow>> = HashMap::new();
        for row in rows {
            of_each.entry(RecordingId::from_uuid(row.object.recording)).or_default().push(row);
        }
        let of = |permit: &Permit<ReadTranscript>| {
            spoken_words_of(of_each.remove(&permit.object()).unwrap_or_default(), permit)
        };
        permits.iter().map(of).collect()
    }

    #[tracing::instrument(name = "db.keep_draft", skip_all, err)]
    async fn keep_draft(
        &mut self,
        permit: &Permit<Transcribe>,
        draft: &StoredObject,
    ) -> Result<()> {
        self.put_object(permit, draft).await
    }

    #[tracing::instrument(name = "db.correct", skip_all, err)]
    async fn correct(
        &mut self,
        permit: &Permit<CorrectTranscript>,
        new: &NewCorrections,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update recordings set corrections = $3 where id = $1 and corrections = $2",
        )
        .bind(permit.object().as_uuid())
        .bind(number(new.before)?)
        .bind(number(new.now)?)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        let first = done.rows_affected() == 1;
        if first {
            self.put_object(permit, &new.object).await?;
        }
        Ok(first)
    }

    #[tracing::instrument(name = "db.transcribe_again", skip_all, err)]
    async fn transcribe_again(
        &mut self,
        permit: &Permit<TranscribeAgain>,
        language: Option<&str>,
        job: JobId,
    ) -> Result<bool> {
        let recording = permit.object();
        // A first try that came to nothing has left no text that could stand.
        let done = sqlx::query(
            "update recordings set language_wanted = $2,
                 transcript = case transcript when 'done' then transcript else 'waiting' end
             where id = $1 and audio = 'decoded' and transcript in ('done', 'failed', 'stopped')
               and not exists (
                   select 1 from jobs j
                   where j.recording = recordings.id and j.kind = 'transcribe'
                     and j.state in ('queued', 'running')
               )",
        )
        .bind(recording.as_uuid())
        .bind(language)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        let wanted = done.rows_affected() == 1;
        if wanted {
            let kind = JobKind::Transcribe(recording);
            self.add_job(&NewJob { id: job, kind, run_at: permit.cx().now }).await?;
        }
        Ok(wanted)
    }

    #[tracing::instrument(name = "db.stop_transcribing", skip_all, err)]
    async fn stop_transcribing(&mut self, permit: &Permit<StopTranscribing>) -> Result<bool> {
        // Whoever is at it has no lease any more, and finds that out.
        let jobs = sqlx::query(
            "update jobs set state = 'done', lease_until = null
             where recording = $1 and kind = 'transcribe' and state in ('queued', 'running')",
        )
        .bind(permit.object().as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        // A whole text stands that was to be made again, and what was begun of the new one is kept.
        let texts = sqlx::query(
            "update recordings set transcript = 'stopped'
             where id = $1 and transcript in ('waiting', 'running')",
        )
        .bind(permit.object().as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(jobs.rows_affected() + texts.rows_affected() > 0)
    }

    #[tracing::instrument(name = "db.transcribe_on", skip_all, err)]
    async fn transcribe_on(
        &mut self,
        permit: &Permit<TranscribeAgain>,
        job: JobId,
    ) -> Result<bool> {
        let recording = permit.object();
        let done = sqlx::query(
            "update recordings set transcript = 'waiting'
             where id = $1 and audio = 'decoded' and transcript = 'stopped'",
        )
        .bind(recording.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        let wanted = done.rows_affected() == 1;
        if wanted {
            let kind = JobKind::Transcribe(recording);
            self.add_job(&NewJob { id: job, kind, run_at: permit.cx().now }).await?;
        }
        Ok(wanted)
    }

    #[tracing::instrument(name = "db.quote_clip", skip_all, err)]
    async fn quote_clip(
        &mut self,
        permit: &Permit<MakePlaylist>,
        id: ClipId,
        quoted: bool,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update clips set quoted = $3
             where id = $1 and playlist in (select id from playlists where recording = $2)
               and removed_at is null",
        )
        .bind(id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(quoted)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.quoted", skip_all, err)]
    async fn quoted(&mut self, permit: &Permit<ReadClip>) -> Result<Option<Span>> {
        let row: Option<(i64, i64)> =
            sqlx::query_as("select start_ms, end_ms from clips where id = $1 and quoted")
                .bind(permit.object().as_uuid())
                .fetch_optional(&mut *self.0)
                .await
                .map_err(backend)?;
        row.map(|(start, end)| span("clips", start, end)).transpose()
    }
}
