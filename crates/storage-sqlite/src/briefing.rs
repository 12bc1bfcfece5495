//! Briefings in SQLite.

use async_trait::async_trait;
use hearback_access::{Permit, PutOnInBriefing, SeeBriefing, WriteBriefing};
use hearback_domain::{BriefingNoteId, CodeId, Note, Span, UserId};
use hearback_storage::{
    Briefing, BriefingNote, Briefings, NewProposal, Proposal, PutOn, Result,
    sql::{
        BriefingNoteRow, BriefingRow, CodeRow, EndsRow, ProposalRow, backend, duration_of, number,
        person_of, pseudonym, seal_briefing_note, seal_proposal, those_not_erased, unless_erased,
    },
};
use uuid::Uuid;

use crate::Tx;

#[async_trait]
impl Briefings for Tx {
    #[tracing::instrument(name = "db.briefing", skip_all, err)]
    async fn briefing(&mut self, permit: &Permit<SeeBriefing>) -> Result<Option<Briefing>> {
        let recording = permit.object();
        let row: Option<BriefingRow> = sqlx::query_as(
            "select r.pseudonym, r.duration_ms,
                 (select g.person from grants g
                  where g.recording = r.id and g.relation = 'codes'
                    and g.ended_at is null and g.expires_at > $2
                  order by g.created_at desc, g.id limit 1) as coder,
                 (select g.person from grants g
                  where g.recording = r.id and g.relation = 'coaches'
                    and g.ended_at is null and g.expires_at > $2
                  order by g.created_at desc, g.id limit 1) as coach
             from recordings r where r.id = $1",
        )
        .bind(recording.as_uuid())
        .bind(permit.cx().now.as_micros())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        let name = unless_erased(pseudonym(self.cipher(), recording, &row.pseudonym))?;
        let Some(name) = name else { return Ok(None) };
        let codes: Vec<CodeRow> = sqlx::query_as(
            "select id, framework_version, skill, sub, start_ms, end_ms, note, nonverbal, exemplar,
                 created_at
             from codes where recording = $1 and coder = $2
             order by start_ms, end_ms, id",
        )
        .bind(recording.as_uuid())
        .bind(row.coder)
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let opened = codes.into_iter().map(|code| code.open(self.cipher(), recording));
        Ok(Some(Briefing {
            pseudonym: name,
            duration: row.duration_ms.map(|ms| duration_of(Some(ms))).transpose()?,
            coder: row.coder.map(UserId::from_uuid),
            coach: row.coach.map(UserId::from_uuid),
            codes: those_not_erased(opened)?,
        }))
    }

    #[tracing::instrument(name = "db.briefing_notes", skip_all, err)]
    async fn briefing_notes(&mut self, permit: &Permit<SeeBriefing>) -> Result<Vec<BriefingNote>> {
        let rows: Vec<BriefingNoteRow> = sqlx::query_as(
            "select id, author, body, written_at from briefing_notes where recording = $1
             order by written_at, id",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let opened = rows.into_iter().map(|row| row.open(self.cipher(), permit.object()));
        those_not_erased(opened)
    }

    #[tracing::instrument(name = "db.add_briefing_note", skip_all, err)]
    async fn add_briefing_note(
        &mut self,
        permit: &Permit<WriteBriefing>,
        id: BriefingNoteId,
        body: &Note,
    ) -> Result<()> {
        let body = seal_briefing_note(self.cipher(), permit.object(), id, body)?;
        sqlx::query(
            "insert into briefing_notes (id, recording, author, body, written_at)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(body)
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.proposals", skip_all, err)]
    async fn proposals(&mut self, permit: &Permit<SeeBriefing>) -> Result<Vec<Proposal>> {
        let rows: Vec<ProposalRow> = sqlx::query_as(
            "select p.code, p.strength, p.question, p.proposed_by, p.proposed_at
             from proposals p join codes c on c.id = p.code and c.recording = p.recording
             where p.recording = $1
             order by p.position, p.code",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let opened = rows.into_iter().map(|row| row.open(self.cipher(), permit.object()));
        those_not_erased(opened)
    }

    #[tracing::instrument(name = "db.propose", skip_all, err)]
    async fn propose(
        &mut self,
        permit: &Permit<WriteBriefing>,
        proposal: &NewProposal,
    ) -> Result<bool> {
        let (strength, question) = seal_proposal(self.cipher(), permit.object(), proposal)?;
        let done = sqlx::query(
            "insert into proposals
                 (recording, code, position, strength, question, proposed_by, proposed_at)
             select $1, c.id,
                 (select coalesce(max(p.position), 0) + 1 from proposals p where p.recording = $1),
                 $3, $4, $5, $6
             from codes c
             join grants g on g.recording = c.recording and g.person = c.coder
                 and g.relation = 'codes' and g.ended_at is null and g.expires_at > $6
             where c.id = $2 and c.recording = $1
             on conflict (recording, code) do update
             set strength = excluded.strength, question = excluded.question,
                 proposed_by = excluded.proposed_by, proposed_at = excluded.proposed_at",
        )
        .bind(permit.object().as_uuid())
        .bind(proposal.code.as_uuid())
        .bind(strength)
        .bind(question)
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() > 0)
    }

    #[tracing::instrument(name = "db.move_proposal", skip_all, err)]
    async fn move_proposal(
        &mut self,
        permit: &Permit<WriteBriefing>,
        code: CodeId,
        up: bool,
    ) -> Result<()> {
        let all: Vec<(Uuid, i64)> = sqlx::query_as(
            "select p.code, p.position
             from proposals p join codes c on c.id = p.code and c.recording = p.recording
             where p.recording = $1
             order by p.position, p.code",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some(at) = all.iter().position(|(one, _)| *one == code.as_uuid()) else {
            return Ok(());
        };
        let other = if up { at.checked_sub(1) } else { Some(at + 1) };
        let Some(other) = other.and_then(|n| all.get(n)) else { return Ok(()) };
        for (one, position) in [(all[at].0, other.1), (other.0, all[at].1)] {
            sqlx::query("update proposals set position = $3 where recording = $1 and code = $2")
                .bind(permit.object().as_uuid())
                .bind(one)
                .bind(position)
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
        }
        Ok(())
    }

    #[tracing::instrument(name = "db.drop_proposal", skip_all, err)]
    async fn drop_proposal(&mut self, permit: &Permit<WriteBriefing>, code: CodeId) -> Result<()> {
        sqlx::query("delete from proposals where recording = $1 and code = $2")
            .bind(permit.object().as_uuid())
            .bind(code.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.before_put_on", skip_all, err)]
    async fn before_put_on(&mut self, permit: &Permit<PutOnInBriefing>) -> Result<PutOn> {
        let duration: Option<i64> =
            sqlx::query_scalar("select duration_ms from recordings where id = $1")
                .bind(permit.object().as_uuid())
                .fetch_one(&mut *self.0)
                .await
                .map_err(backend)?;
        let before: Vec<EndsRow> = sqlx::query_as(
            "select start_ms, end_ms from briefing_pieces where recording = $1
             order by start_ms, end_ms",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let vetoed: Vec<EndsRow> = sqlx::query_as(
            "select c.start_ms, c.end_ms from clips c join playlists p on p.id = c.playlist
             where p.recording = $1 and c.vetoed
             order by c.start_ms, c.end_ms",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let spans = |table, rows: Vec<EndsRow>| -> Result<Vec<Span>> {
            rows.iter().map(|row| row.span(table)).collect()
        };
        Ok(PutOn {
            duration: duration_of(duration)?,
            before: spans("briefing_pieces", before)?,
            vetoed: spans("clips", vetoed)?,
        })
    }

    #[tracing::instrument(name = "db.note_put_on", skip_all, err)]
    async fn note_put_on(&mut self, permit: &Permit<PutOnInBriefing>, span: Span) -> Result<()> {
        sqlx::query(
            "insert into briefing_pieces (recording, start_ms, end_ms, put_on_by, put_on_at)
             values ($1, $2, $3, $4, $5)
             on conflict (recording, start_ms, end_ms) do nothing",
        )
        .bind(permit.object().as_uuid())
        .bind(number(span.start().get())?)
        .bind(number(span.end().get())?)
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        sqlx::query(
            "insert into briefings (practitioner, researcher, at)
             select r.owner, $2, $3 from recordings r where r.id = $1
             on conflict (practitioner, researcher) do nothing",
        )
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }
}
