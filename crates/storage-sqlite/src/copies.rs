//! Copies of the whole database, in SQLite.

use async_trait::async_trait;
use hearback_access::StoredObject;
use hearback_domain::Timestamp;
use hearback_storage::{
    Copies, Result, SealedTexts,
    sql::{ObjectRow, TextRow, backend},
};

use crate::Tx;

#[async_trait]
impl Copies for Tx {
    #[tracing::instrument(name = "db.every_object", skip_all, err)]
    async fn every_object(&mut self) -> Result<Vec<StoredObject>> {
        sqlx::query_as("select id, recording, kind, clip, bytes, sha256 from objects order by id")
            .fetch_all(&mut *self.0)
            .await
            .map_err(backend)?
            .into_iter()
            .map(|row: ObjectRow| row.try_into())
            .collect()
    }

    #[tracing::instrument(name = "db.try_texts", skip_all, err)]
    async fn try_texts(&mut self) -> Result<SealedTexts> {
        let rows: Vec<TextRow> = sqlx::query_as(
            "select 'people.name' as place, id as owner, id as row_id, name as sealed from people
             union all
             select 'totp.secret', person, person, secret from totp
             union all
             select 'recordings.pseudonym', id, id, pseudonym from recordings
             union all
             select 'parties.label', recording, person, label from parties
             union all
             select 'codes.note', recording, id, note from codes
             union all
             select 'codes.nonverbal', recording, id, nonverbal from codes
             where nonverbal is not null
             union all
             select 'desk_drafts.body', recording, coder, body from desk_drafts
             union all
             select 'agreed_codes.note', recording, code, note from agreed_codes
             union all
             select 'briefing_notes.body', recording, id, body from briefing_notes
             union all
             select 'sheets.' || kind, writer, session, body from sheets
             union all
             select 'goals.body', s.practitioner, g.id, g.body
             from goals g join series s on s.id = g.series
             union all
             select 'supervision_notes.body', writer, meeting, body from supervision_notes
             union all
             select 'supervision_debriefs.body', m.supervisor, m.id, d.body
             from supervision_debriefs d join supervision_meetings m on m.id = d.meeting
             union all
             select 'coach_profiles.body', person, person, body from coach_profiles
             union all
             select 'series.focus', practitioner, id, focus from series
             union all
             select 'coach_hours.note', coach, id, note from coach_hours
             union all
             select 'series.considered', practitioner, id, considered from series
             where considered is not null
             union all
             select 'series.ending_note', practitioner, id, ending_note from series
             where ending_note is not null
             union all
             select 'agreements.body', s.practitioner, s.id, a.body
             from agreements a join series s on s.id = a.series
             union all
             select 'coaching_sessions.place', s.practitioner, m.id, m.place
             from coaching_sessions m join series s on s.id = m.series
             union all
             select 'proposals.strength', recording, code, strength from proposals
             union all
             select 'proposals.question', recording, code, question from proposals
             union all
             select 'agreed_scores.note', recording, id, note from agreed_scores
             union all
             select 'clips.note', p.recording, c.id, c.note
             from clips c join playlists p on p.id = c.playlist
             union all
             select 'clips.question', p.recording, c.id, c.question
             from clips c join playlists p on p.id = c.playlist
             union all
             select 'session_clips.title', p.recording, s.id, s.title
             from session_clips s join clips c on c.id = s.clip
             join playlists p on p.id = c.playlist
             union all
             select 'session_clips.question', p.recording, s.id, s.question
             from session_clips s join clips c on c.id = s.clip
             join playlists p on p.id = c.playlist
             union all
             select 'nominations.note', recording, id, note from nominations
             union all
             select 'consent_records.body', recording, id, body from consent_records
             union all
             select 'concerns.body', recording, id, body from concerns
             union all
             select 'concern_notes.body', concern, id, body from concern_notes
             union all
             select 'glass.reason', concern, id, reason from glass
             union all
             select 'identity_links.body', recording, person, body from identity_links
             union all
             select 'identity_keys.public', id, id, public from identity_keys
             union all
             select 'identity_keys.locked', id, id, locked from identity_keys
             union all
             select 'protocols.name', id, id, name from protocols
             union all
             select 'holds.reason', recording, id, reason from holds
             union all
             select 'extensions.reason', recording, id, reason from extensions",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        TextRow::try_all(&rows, self.cipher())
    }

    #[tracing::instrument(name = "db.contradictions", skip_all, err)]
    async fn contradictions(&mut self) -> Result<Vec<String>> {
        let mut found: Vec<String> = sqlx::query_scalar(
            "select integrity_check from pragma_integrity_check where integrity_check <> 'ok'",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let more: Vec<String> = sqlx::query_scalar(
            "select distinct 'a row refers to nothing in ' || parent from pragma_foreign_key_check",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        found.extend(more);
        Ok(found)
    }

    #[tracing::instrument(name = "db.schema_version", skip_all, err)]
    async fn schema_version(&mut self) -> Result<i64> {
        sqlx::query_scalar("select max(version) from _sqlx_migrations")
            .fetch_one(&mut *self.0)
            .await
            .map_err(backend)
    }

    #[tracing::instrument(name = "db.start_anew", skip_all, err)]
    async fn start_anew(&mut self, now: Timestamp) -> Result<()> {
        for statement in [
            "delete from external_sessions",
            "delete from sessions",
            "delete from ceremonies",
            "delete from external_attempts",
            "delete from devices",
            "update audit_head set sealed_seq = null, sealed_at = null where id = 1",
        ] {
            sqlx::query(statement).execute(&mut *self.0).await.map_err(backend)?;
        }
        sqlx::query(
            "update jobs set state = 'queued', run_at = $1, lease_until = null, token = token + 1
             where state = 'running'",
        )
        .bind(now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }
}
