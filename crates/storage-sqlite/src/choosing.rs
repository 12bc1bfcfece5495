//! What is heard in a coaching session, in SQLite.

use std::collections::HashSet;

use async_trait::async_trait;
use hearback_access::{
    ChooseClips, Cx, Nominate, Permit, PrepareClip, SeeNominated, SeeSeries, SeeSession,
    WatchSession, heard_in,
};
use hearback_domain::{
    ClipId, CoachingSessionId, Label, NominationId, Note, PieceId, RecordingId, SeriesId, UserId,
    choosing::{MOST_PIECES, NotAdded, SoFar},
};
use hearback_storage::{
    Choosing, Extract, Moment, NewMoment, NewPiece, Piece, Result, Thread,
    sql::{
        ExtractRow, HeardMarkRow, HearingRow, MomentRow, OpenPieceRow, PieceRow, SignRow,
        ThreadRecordingRow, backend, number, person_of, seal_moment_note, seal_new_piece,
        seal_piece_words, those_not_erased, unless_erased,
    },
};
use uuid::Uuid;

use crate::Tx;

#[async_trait]
impl Choosing for Tx {
    #[tracing::instrument(name = "db.nominate", skip_all, err)]
    async fn nominate(&mut self, permit: &Permit<Nominate>, moment: &NewMoment) -> Result<()> {
        let note = seal_moment_note(self.cipher(), permit.object(), moment)?;
        sqlx::query(
            "insert into nominations (id, recording, kind, start_ms, end_ms, note, made_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(moment.id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(moment.kind.as_str())
        .bind(number(moment.span.start().get())?)
        .bind(number(moment.span.end().get())?)
        .bind(note)
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.change_moment", skip_all, err)]
    async fn change_moment(
        &mut self,
        permit: &Permit<Nominate>,
        moment: &NewMoment,
    ) -> Result<bool> {
        let note = seal_moment_note(self.cipher(), permit.object(), moment)?;
        let done = sqlx::query(
            "update nominations set kind = $3, start_ms = $4, end_ms = $5, note = $6
             where id = $1 and recording = $2",
        )
        .bind(moment.id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(moment.kind.as_str())
        .bind(number(moment.span.start().get())?)
        .bind(number(moment.span.end().get())?)
        .bind(note)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.remove_moment", skip_all, err)]
    async fn remove_moment(&mut self, permit: &Permit<Nominate>, id: NominationId) -> Result<bool> {
        let done = sqlx::query("delete from nominations where id = $1 and recording = $2")
            .bind(id.as_uuid())
            .bind(permit.object().as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.moments", skip_all, err)]
    async fn moments(&mut self, permit: &Permit<SeeNominated>) -> Result<Vec<Moment>> {
        let rows: Vec<MomentRow> = sqlx::query_as(
            "select id, kind, start_ms, end_ms, note, made_at from nominations
             where recording = $1
             order by start_ms, end_ms, id",
        )
        .bind(permit.object().as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        those_not_erased(rows.into_iter().map(|row| row.open(self.cipher(), permit.object())))
    }

    #[tracing::instrument(name = "db.session_series", skip_all, err)]
    async fn session_series(&mut self, permit: &Permit<SeeSession>) -> Result<Option<SeriesId>> {
        Ok(self.whose_session(permit.object()).await?.map(|(series, _)| series))
    }

    #[tracing::instrument(name = "db.session_sign", skip_all, err)]
    async fn session_sign(&mut self, permit: &Permit<WatchSession>) -> Result<Vec<u8>> {
        let rows: Vec<SignRow> = sqlx::query_as(
            "select m.state, s.ended_at is not null as ended, x.id as piece, x.title, x.question,
                 x.heard_at is not null as heard,
                 coalesce(p.agreed_at is not null and c.rendered_at is not null
                     and c.redaction = r.redaction
                     and (c.approved_at is not null or r.redaction_approved = r.redaction)
                     and not c.vetoed and (c.removed_at is null or x.heard_at is not null)
                     and r.sharing = 'released', false) as shared,
                 (select count(*) from parties k where k.recording = r.id) as people,
                 (select count(*) from consents k
                  where k.recording = r.id and k.given and k.withdrawn_at is null
                    and (k.expires_at is null or k.expires_at > $2)) as yeses
             from coaching_sessions m
             join series s on s.id = m.series
             left join session_clips x on x.session = m.id and x.vetoed_at is null
             left join clips c on c.id = x.clip
             left join playlists p on p.id = c.playlist
             left join recordings r on r.id = p.recording
             where m.id = $1
             order by x.position, x.id",
        )
        .bind(permit.object().as_uuid())
        .bind(permit.cx().now.as_micros())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(SignRow::sign(&rows))
    }

    #[tracing::instrument(name = "db.pieces", skip_all, err)]
    async fn pieces(&mut self, permit: &Permit<SeeSession>) -> Result<Vec<Piece>> {
        let rows: Vec<PieceRow> = sqlx::query_as(
            "select c.id, c.clip, c.title, c.question, c.added_by, c.vetoed_at, c.heard_at
             from session_clips c
             join coaching_sessions m on m.id = c.session
             join series s on s.id = m.series
             where c.session = $1 and (c.vetoed_at is null or s.practitioner = $2)
             order by c.position, c.id",
        )
        .bind(permit.object().as_uuid())
        .bind(permit.cx().user.map(UserId::as_uuid))
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some((series, _)) = self.whose_session(permit.object()).await? else {
            return Ok(Vec::new());
        };
        let extracts = self.series_extracts(permit.cx(), series).await?;
        let mut pieces = Vec::new();
        for row in rows {
            let clip = ClipId::from_uuid(row.clip);
            let extract = extracts.iter().find(|one| one.clip == clip).cloned();
            let told = match extract {
                Some(extract) => unless_erased(row.told(self.cipher(), extract))?,
                None => None,
            };
            pieces.push(Piece {
                id: PieceId::from_uuid(row.id),
                clip,
                told,
                added_by: UserId::from_uuid(row.added_by),
                vetoed_at: row.vetoed_at.map(hearback_domain::Timestamp::from_micros),
                heard_at: row.heard_at.map(hearback_domain::Timestamp::from_micros),
            });
        }
        Ok(pieces)
    }

    #[tracing::instrument(name = "db.could_be_heard", skip_all, err)]
    async fn could_be_heard(&mut self, permit: &Permit<ChooseClips>) -> Result<Vec<Extract>> {
        let Some((series, _)) = self.whose_session(permit.object()).await? else {
            return Ok(Vec::new());
        };
        let there = self.chosen_clips(permit.object()).await?;
        let along = self.walks_along(series).await?;
        let mut extracts = self.series_extracts(permit.cx(), series).await?;
        extracts.retain(|one| {
            let chosen = there.iter().any(|(clip, _)| *clip == one.clip);
            along.contains(&one.recording) && !one.removed && !chosen
        });
        Ok(extracts)
    }

    #[tracing::instrument(name = "db.add_piece", skip_all, err)]
    async fn add_piece(
        &mut self,
        permit: &Permit<ChooseClips>,
        piece: &NewPiece,
    ) -> Result<Result<(), NotAdded>> {
        let Some((series, over)) = self.whose_session(permit.object()).await? else {
            return Ok(Err(NotAdded::NotHere));
        };
        let so_far = SoFar { over, pieces: self.chosen_clips(permit.object()).await? };
        let along = self.walks_along(series).await?;
        let extracts = self.series_extracts(permit.cx(), series).await?;
        let extract = extracts
            .iter()
            .find(|one| one.clip == piece.clip && along.contains(&one.recording) && !one.removed);
        if let Err(why) = so_far.check(piece.clip, extract.is_some()) {
            return Ok(Err(why));
        }
        let Some(extract) = extract else { return Ok(Err(NotAdded::NotHere)) };
        let (title, question) = seal_new_piece(self.cipher(), extract.recording, piece)?;
        sqlx::query(
            "insert into session_clips
                 (id, session, clip, position, title, question, added_by, added_at)
             select $1, $2, $3,
                 (select coalesce(max(c.position), 0) + 1 from session_clips c where c.session = $2),
                 $4, $5, $6, $7",
        )
        .bind(piece.id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(piece.clip.as_uuid())
        .bind(title)
        .bind(question)
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(Ok(()))
    }

    #[tracing::instrument(name = "db.change_piece", skip_all, err)]
    async fn change_piece(
        &mut self,
        permit: &Permit<ChooseClips>,
        id: PieceId,
        title: &Label,
        question: &Note,
    ) -> Result<bool> {
        let Some(row) = self.open_piece(permit, id).await? else { return Ok(false) };
        let recording = RecordingId::from_uuid(row.recording);
        let (title, question) = seal_piece_words(self.cipher(), recording, id, title, question)?;
        sqlx::query("update session_clips set title = $2, question = $3 where id = $1")
            .bind(id.as_uuid())
            .bind(title)
            .bind(question)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(true)
    }

    #[tracing::instrument(name = "db.move_piece", skip_all, err)]
    async fn move_piece(
        &mut self,
        permit: &Permit<ChooseClips>,
        id: PieceId,
        up: bool,
    ) -> Result<bool> {
        if self.open_piece(permit, id).await?.is_none() {
            return Ok(false);
        }
        // Past what was taken out, which the coach does not see.
        let all: Vec<(Uuid, i64)> = sqlx::query_as(
            "select id, position from session_clips
             where session = $1 and (vetoed_at is null or id = $2)
             order by position, id",
        )
        .bind(permit.object().as_uuid())
        .bind(id.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some(at) = all.iter().position(|(one, _)| *one == id.as_uuid()) else {
            return Ok(false);
        };
        let other = if up { at.checked_sub(1) } else { Some(at + 1) };
        let Some(other) = other.and_then(|n| all.get(n)) else { return Ok(true) };
        for (one, position) in [(all[at].0, other.1), (other.0, all[at].1)] {
            sqlx::query("update session_clips set position = $2 where id = $1")
                .bind(one)
                .bind(position)
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
        }
        Ok(true)
    }

    #[tracing::instrument(name = "db.remove_piece", skip_all, err)]
    async fn remove_piece(&mut self, permit: &Permit<ChooseClips>, id: PieceId) -> Result<bool> {
        let row = self.open_piece(permit, id).await?;
        // What was taken out is not removed: it could be added again then. Nor is what was heard, which the thread tells.
        if row.is_none_or(|row| row.vetoed || row.heard) {
            return Ok(false);
        }
        sqlx::query("delete from session_clips where id = $1")
            .bind(id.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(true)
    }

    #[tracing::instrument(name = "db.veto_piece", skip_all, err)]
    async fn veto_piece(
        &mut self,
        permit: &Permit<ChooseClips>,
        id: PieceId,
        vetoed: bool,
    ) -> Result<bool> {
        let at = vetoed.then(|| permit.cx().now.as_micros());
        let done = sqlx::query(
            "update session_clips set vetoed_at = $3
             where id = $1 and session = $2 and exists (
                 select 1 from coaching_sessions m join series s on s.id = m.series
                 where m.id = $2 and s.practitioner = $4
             ) and ($3 is not null or vetoed_at is null or $5 > (
                 select count(*) from session_clips o
                 where o.session = $2 and o.vetoed_at is null
             ))",
        )
        .bind(id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(at)
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(i64::try_from(MOST_PIECES).unwrap_or(i64::MAX))
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.clip_to_prepare", skip_all, err)]
    async fn clip_to_prepare(&mut self, permit: &Permit<PrepareClip>) -> Result<Option<ClipId>> {
        let clip: Option<Uuid> = sqlx::query_scalar("select clip from session_clips where id = $1")
            .bind(permit.object().as_uuid())
            .fetch_optional(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(clip.map(ClipId::from_uuid))
    }

    #[tracing::instrument(name = "db.thread", skip_all, err)]
    async fn thread(&mut self, permit: &Permit<SeeSeries>) -> Result<Thread> {
        let series = permit.object();
        let recordings: Vec<ThreadRecordingRow> = sqlx::query_as(
            "select r.id, r.pseudonym, r.held_on
             from series_recordings s join recordings r on r.id = s.recording
             where s.series = $1
             order by r.created_at, r.id",
        )
        .bind(series.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let heard: Vec<HearingRow> = sqlx::query_as(
            "select c.id, c.clip, c.session, coalesce(m.began_at, m.planned_at) as at, c.heard_at
             from session_clips c join coaching_sessions m on m.id = c.session
             where m.series = $1 and c.vetoed_at is null and m.state <> 'missed'
             order by 4, m.id, c.position, c.id",
        )
        .bind(series.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let marks: Vec<HeardMarkRow> = sqlx::query_as(
            "select k.id, k.piece, k.at_ms - p.start_ms as at_ms, k.marked_by
             from session_marks k
             join session_clips c on c.id = k.piece
             join clips p on p.id = c.clip
             join coaching_sessions m on m.id = c.session
             where m.series = $1 and c.vetoed_at is null
               and k.at_ms >= p.start_ms and k.at_ms <= p.end_ms
             order by k.at_ms, k.id",
        )
        .bind(series.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let along = self.walks_along(series).await?;
        let open = heard_in(self, permit.cx(), series, &along).await?;
        let mut extracts = self.series_extracts(permit.cx(), series).await?;
        // What its coder took out stands where it was heard, and nowhere else.
        extracts.retain(|one| {
            !one.removed || heard.iter().any(|row| ClipId::from_uuid(row.clip) == one.clip)
        });
        let opened = recordings.into_iter().map(|row| {
            let may_be_heard = open.contains(&RecordingId::from_uuid(row.id));
            row.open(self.cipher(), may_be_heard, &extracts)
        });
        let hearings = heard.into_iter().map(|row| row.with(&marks)).collect::<Result<Vec<_>>>()?;
        let recordings = those_not_erased(opened)?;
        let listed: HashSet<ClipId> =
            recordings.iter().flat_map(|one| &one.extracts).map(|one| one.clip).collect();
        let hearings = hearings.into_iter().filter(|one| listed.contains(&one.clip)).collect();
        Ok(Thread { recordings, hearings })
    }
}

impl Tx {
    /// The series of a session, and whether the session has been.
    async fn whose_session(
        &mut self,
        session: CoachingSessionId,
    ) -> Result<Option<(SeriesId, bool)>> {
        let row: Option<(Uuid, bool)> = sqlx::query_as(
            "select series, state in ('held', 'missed') from coaching_sessions where id = $1",
        )
        .bind(session.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(row.map(|(series, over)| (SeriesId::from_uuid(series), over)))
    }

    /// What is in a session, and whether the practitioner took it out.
    async fn chosen_clips(&mut self, session: CoachingSessionId) -> Result<Vec<(ClipId, bool)>> {
        let rows: Vec<(Uuid, bool)> = sqlx::query_as(
            "select clip, vetoed_at is not null from session_clips where session = $1",
        )
        .bind(session.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(rows.into_iter().map(|(clip, vetoed)| (ClipId::from_uuid(clip), vetoed)).collect())
    }

    /// An extract in a session that has not been, if whoever asks is told of it.
    async fn open_piece(
        &mut self,
        permit: &Permit<ChooseClips>,
        id: PieceId,
    ) -> Result<Option<OpenPieceRow>> {
        let row: Option<OpenPieceRow> = sqlx::query_as(
            "select l.recording, c.vetoed_at is not null as vetoed, c.heard_at is not null as heard,
                 s.practitioner = $3 as theirs
             from session_clips c
             join clips p on p.id = c.clip
             join playlists l on l.id = p.playlist
             join coaching_sessions m on m.id = c.session
             join series s on s.id = m.series
             where c.id = $1 and c.session = $2 and m.state not in ('held', 'missed')",
        )
        .bind(id.as_uuid())
        .bind(permit.object().as_uuid())
        .bind(person_of(permit.cx())?.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(row.filter(OpenPieceRow::is_told))
    }

    /// The recordings that a series walks along.
    async fn walks_along(&mut self, series: SeriesId) -> Result<Vec<RecordingId>> {
        let all: Vec<Uuid> =
            sqlx::query_scalar("select recording from series_recordings where series = $1")
                .bind(series.as_uuid())
                .fetch_all(&mut *self.0)
                .await
                .map_err(backend)?;
        Ok(all.into_iter().map(RecordingId::from_uuid).collect())
    }

    /// The extracts of a series' recordings, and those that were chosen for its sessions, that are shared and may be heard
    /// by whoever asks; what its coder took out where it was heard in the series. By recording, then as the playlist has
    /// them.
    async fn series_extracts(&mut self, cx: Cx, series: SeriesId) -> Result<Vec<Extract>> {
        let rows: Vec<ExtractRow> = sqlx::query_as(
            "select c.id as clip, r.id as recording, r.pseudonym, c.framework_version, c.skill,
                 c.sub, c.note, c.question, c.quoted, o.bytes,
                 c.removed_at is not null as removed,
                 not exists (
                     select 1 from codings k
                     join grants g on g.recording = k.recording and g.person = k.coder
                     where k.recording = r.id and g.relation = 'codes' and g.ended_at is null
                       and (k.standing = 'practice' or k.standing is null and exists (
                           select 1 from training_sets t
                           where t.framework_version = k.framework_version
                             and t.opened_at is not null
                       ) and not exists (
                           select 1 from qualified q
                           where q.framework_version = k.framework_version
                             and q.person = k.coder
                       ))
                 ) as named,
                 exists (
                     select 1 from nominations n
                     where n.recording = r.id and n.kind = 'proud'
                       and n.start_ms < c.end_ms and c.start_ms < n.end_ms
                 ) as proud,
                 exists (
                     select 1 from nominations n
                     where n.recording = r.id and n.kind = 'wonder'
                       and n.start_ms < c.end_ms and c.start_ms < n.end_ms
                 ) as wonder,
                 exists (
                     select 1 from codes k
                     join grants g on g.recording = k.recording and g.person = k.coder
                     where k.recording = r.id and k.exemplar and k.skill = c.skill
                       and g.relation = 'codes' and g.ended_at is null
                       and k.start_ms < c.end_ms and c.start_ms < k.end_ms
                 ) as exemplar
             from recordings r
             join playlists p on p.recording = r.id
             join clips c on c.playlist = p.id
             join objects o on o.clip = c.id
             where (exists (
                     select 1 from series_recordings s
                     where s.series = $1 and s.recording = r.id
                 ) or exists (
                     select 1 from session_clips x join coaching_sessions m on m.id = x.session
                     where m.series = $1 and x.clip = c.id
                 ))
               and p.agreed_at is not null and c.rendered_at is not null
               and c.redaction = r.redaction
               and (c.approved_at is not null or r.redaction_approved = r.redaction)
               and not c.vetoed
               and (c.removed_at is null or exists (
                   select 1 from session_clips x join coaching_sessions m on m.id = x.session
                   where m.series = $1 and x.clip = c.id and x.heard_at is not null
               ))
             order by r.created_at, r.id, c.position, c.id",
        )
        .bind(series.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let mut all: Vec<_> =
            rows.iter().map(|row| RecordingId::from_uuid(row.recording)).collect();
        all.dedup();
        let heard = heard_in(self, cx, series, &all).await?;
        let open = rows.into_iter().filter(|row| {
            let id = RecordingId::from_uuid(row.recording);
            heard.contains(&id)
        });
        those_not_erased(open.map(|row| row.open(self.cipher())))
    }
}
