//! Choosing what is heard in a session, and the moments that are marked for it.

use hearback_access::{
    ChooseClips, DecideSeries, MeetInSession, Nominate, PrepareClip, SeeNominated, SeeSeries,
    SeeSession,
};
use hearback_domain::{
    ClipId, CoachingSessionId, CodeId, Label, MarkId, Ms, NominationId, Note, PieceId, RecordingId,
    Role, SeriesId, UserId,
    choosing::{MOST_PIECES, MomentKind, NotAdded},
    policy::Refusal,
};

use super::fixture::{Cast, House, item, note, span};
use crate::{Extract, NewClip, NewCode, NewMoment, NewPiece, Piece, Store};

/// A series with a session to come, and a recording of it with extracts that are shared.
pub(super) struct Prepared {
    pub(super) series: SeriesId,
    pub(super) session: CoachingSessionId,
    pub(super) recording: RecordingId,
    pub(super) clips: Vec<NewClip>,
}

pub(super) fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

pub(super) fn clips_of(extracts: &[Extract]) -> Vec<ClipId> {
    extracts.iter().map(|one| one.clip).collect()
}

pub(super) fn titles(pieces: &[Piece]) -> Vec<&str> {
    pieces.iter().map(|one| one.told.as_ref().map_or("rests", |t| t.title.as_str())).collect()
}

impl House<'_> {
    async fn shared_extracts(
        &self,
        cast: Cast,
        recording: RecordingId,
        spans: &[(u64, u64)],
    ) -> Vec<NewClip> {
        let make = self.maker(cast.researcher, recording).await;
        let (_, clips) = self.playlist(&make, spans).await;
        for clip in &clips {
            self.render(clip.id).await;
            self.approve(&make, clip.id).await;
        }
        assert!(self.agree(&make).await);
        clips
    }

    async fn walk_along(&self, series: SeriesId, owner: UserId, recording: RecordingId) {
        let cx = self.cx(owner, Role::Practitioner);
        let (mut work, decide) = self.ask::<DecideSeries>(cx, series).await;
        assert!(work.add_to_series(&decide, recording).await.unwrap());
        work.commit().await.unwrap();
    }

    pub(super) async fn prepared(&self, cast: Cast, spans: &[(u64, u64)]) -> Prepared {
        let (series, session) = self.agreed_series(cast).await;
        let recording = self.released(cast, "Robin").await;
        self.walk_along(series, cast.owner, recording).await;
        let clips = self.shared_extracts(cast, recording, spans).await;
        Prepared { series, session, recording, clips }
    }

    pub(super) async fn could(
        &self,
        session: CoachingSessionId,
        user: UserId,
        role: Role,
    ) -> Vec<Extract> {
        let (mut work, choose) = self.ask::<ChooseClips>(self.cx(user, role), session).await;
        let found = work.could_be_heard(&choose).await.unwrap();
        work.commit().await.unwrap();
        found
    }

    pub(super) async fn pieces(
        &self,
        session: CoachingSessionId,
        user: UserId,
        role: Role,
    ) -> Vec<Piece> {
        let (mut work, see) = self.ask::<SeeSession>(self.cx(user, role), session).await;
        let found = work.pieces(&see).await.unwrap();
        work.commit().await.unwrap();
        found
    }

    pub(super) async fn add(
        &self,
        session: CoachingSessionId,
        (user, role): (UserId, Role),
        clip: ClipId,
        title: &str,
    ) -> Result<PieceId, NotAdded> {
        let (mut work, choose) = self.ask::<ChooseClips>(self.cx(user, role), session).await;
        let id = PieceId::mint(&self.ids);
        let new = NewPiece { id, clip, title: label(title), question: note("What stood out?") };
        let added = work.add_piece(&choose, &new).await.unwrap();
        work.commit().await.unwrap();
        added.map(|()| id)
    }

    /// Marks a moment of one's own recording.
    async fn nominate(&self, owner: UserId, recording: RecordingId, new: &NewMoment) {
        let cx = self.cx(owner, Role::Practitioner);
        let (mut work, nominate) = self.ask::<Nominate>(cx, recording).await;
        work.nominate(&nominate, new).await.unwrap();
        work.commit().await.unwrap();
    }

    fn moment(&self, kind: MomentKind, from: u64, to: u64, text: &str) -> NewMoment {
        let id = NominationId::mint(&self.ids);
        NewMoment { id, kind, span: span(from, to), note: note(text) }
    }
}

/// A practitioner marks moments of their own recording, changes them and removes them; whoever codes it sees them once it
/// is shared.
pub async fn moments_are_marked_by_whoever_made_the_recording(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.playable(cast.owner, "Robin", &[]).await;
    let elsewhere = h.playable(cast.owner, "Sky", &[]).await;
    let late = h.moment(MomentKind::Proud, 60, 75, "Other words");
    let early = h.moment(MomentKind::Wonder, 10, 25, "");
    h.nominate(cast.owner, id, &late).await;
    h.nominate(cast.owner, id, &early).await;
    let owner = h.cx(cast.owner, Role::Practitioner);
    let (mut work, see) = h.ask::<SeeNominated>(owner, id).await;
    let all = work.moments(&see).await.unwrap();
    assert_eq!(all.iter().map(|one| &one.moment).collect::<Vec<_>>(), [&early, &late]);
    assert_eq!(all[0].made_at, h.now());
    drop(work);

    let changed = NewMoment { kind: MomentKind::Proud, span: span(8, 20), ..early.clone() };
    let (mut work, nominate) = h.ask::<Nominate>(owner, id).await;
    assert!(work.change_moment(&nominate, &changed).await.unwrap());
    assert!(work.remove_moment(&nominate, late.id).await.unwrap());
    assert!(!work.remove_moment(&nominate, late.id).await.unwrap());
    work.commit().await.unwrap();
    let (mut work, there) = h.ask::<Nominate>(owner, elsewhere).await;
    assert!(!work.change_moment(&there, &changed).await.unwrap(), "it is of another recording");
    assert!(!work.remove_moment(&there, early.id).await.unwrap());
    work.commit().await.unwrap();

    let coder = h.cx(cast.researcher, Role::Researcher);
    assert!(h.refusal::<SeeNominated>(coder, id).await.is_some(), "it is not shared yet");
    h.release(cast.owner, id, cast.researcher, Some(cast.coach)).await;
    let (mut work, see) = h.ask::<SeeNominated>(coder, id).await;
    let all = work.moments(&see).await.unwrap();
    assert_eq!(all.iter().map(|one| &one.moment).collect::<Vec<_>>(), [&changed]);
    work.commit().await.unwrap();
    let coach = h.cx(cast.coach, Role::Coach);
    assert_eq!(h.refusal::<SeeNominated>(coach, id).await, Some(Refusal::Role));
    assert_eq!(h.refusal::<Nominate>(coder, id).await, Some(Refusal::Role));
    let stranger = h.cx(cast.stranger, Role::Practitioner);
    assert_eq!(h.refusal::<Nominate>(stranger, id).await, Some(Refusal::Relation));
}

/// What is proposed for a session is shared, of a recording of the series, and says why; and it closes with the recording.
pub async fn what_could_be_heard_says_why(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (series, session) = h.agreed_series(cast).await;
    let recording = h.released(cast, "Robin").await;
    let elsewhere = h.released(cast, "Sky").await;
    h.walk_along(series, cast.owner, recording).await;
    let code = h.coder(cast.researcher, recording).await;
    let mut work = h.begin().await;
    work.begin_coding(&code, &h.new_coding("v1")).await.unwrap();
    for (from, to, skill, exemplar) in [(100, 120, "empathy", true), (200, 220, "clarity", true)] {
        let new = NewCode {
            id: CodeId::mint(&h.ids),
            framework_version: "v1".to_owned(),
            item: item(skill, (skill == "empathy").then_some("curiosity")),
            span: span(from, to),
            note: Note::default(),
            nonverbal: Note::default(),
            exemplar,
        };
        work.add_code(&code, &new).await.unwrap();
    }
    work.commit().await.unwrap();
    h.nominate(cast.owner, recording, &h.moment(MomentKind::Wonder, 205, 215, "")).await;
    h.nominate(cast.owner, recording, &h.moment(MomentKind::Proud, 210, 212, "")).await;
    h.nominate(cast.owner, recording, &h.moment(MomentKind::Proud, 211, 213, "")).await;
    let clips = h.shared_extracts(cast, recording, &[(100, 110), (205, 215)]).await;
    h.shared_extracts(cast, elsewhere, &[(100, 110)]).await;
    for (user, role) in [(cast.owner, Role::Practitioner), (cast.coach, Role::Coach)] {
        let all = h.could(session, user, role).await;
        assert_eq!(clips_of(&all), [clips[0].id, clips[1].id], "{role}: of the series alone");
        assert!(all[0].exemplar && all[0].marked.is_empty());
        assert!(!all[1].exemplar, "an example of another skill");
        assert_eq!(all[1].marked, [MomentKind::Proud, MomentKind::Wonder], "each reason once");
        assert_eq!(all[0].pseudonym.as_str(), "Robin");
        assert_eq!(all[0].strength.as_str(), "You waited, and Mum went on.");
        assert!(
            all[0].named
                && (&*all[0].skill, all[0].sub.as_deref()) == ("empathy", Some("curiosity"))
        );
    }
    let stranger = h.cx(cast.stranger, Role::Practitioner);
    assert_eq!(h.refusal::<ChooseClips>(stranger, session).await, Some(Refusal::Relation));
    let coach = h.cx(cast.coach, Role::Coach);
    let (mut work, see) = h.ask::<SeeSession>(coach, session).await;
    assert_eq!(work.session_series(&see).await.unwrap(), Some(series));
    work.commit().await.unwrap();

    let other = h.add(session, (cast.coach, Role::Coach), ClipId::mint(&h.ids), "None").await;
    assert_eq!(other, Err(NotAdded::NotHere));
    // Not agreed any more, and then kept by its practitioner: nothing of it is told.
    let make = h.maker(cast.researcher, recording).await;
    let mut work = h.begin().await;
    work.add_clip(&make, &h.new_clip(300, 310)).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(h.could(session, cast.coach, Role::Coach).await, []);
    assert!(h.agree(&make).await);
    let all = h.could(session, cast.coach, Role::Coach).await;
    assert_eq!(clips_of(&all), [clips[0].id, clips[1].id], "the new one is not cut");
    h.add(session, (cast.coach, Role::Coach), clips[0].id, "Curious").await.unwrap();
    h.withhold(cast.owner, recording).await;
    assert_eq!(h.could(session, cast.coach, Role::Coach).await, []);
    let pieces = h.pieces(session, cast.coach, Role::Coach).await;
    assert_eq!((pieces.len(), titles(&pieces)[0]), (1, "rests"), "nothing of it is told");
}

/// What is chosen keeps its order and its words, and both of the two choose.
pub async fn pieces_keep_their_order(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let spans: Vec<_> = (0..=MOST_PIECES as u64).map(|n| (n * 30, n * 30 + 10)).collect();
    let Prepared { session, clips, .. } = h.prepared(cast, &spans).await;
    let (practitioner, coach) = ((cast.owner, Role::Practitioner), (cast.coach, Role::Coach));
    let first = h.add(session, coach, clips[0].id, "One").await.unwrap();
    let second = h.add(session, practitioner, clips[1].id, "Two").await.unwrap();
    assert_eq!(h.add(session, coach, clips[1].id, "Again").await, Err(NotAdded::There));
    let pieces = h.pieces(session, cast.coach, Role::Coach).await;
    assert_eq!(titles(&pieces), ["One", "Two"]);
    let told = pieces[0].told.as_ref().unwrap();
    assert_eq!(
        (pieces[0].id, pieces[0].added_by, pieces[0].clip),
        (first, cast.coach, clips[0].id)
    );
    assert_eq!(told.question.as_str(), "What stood out?");
    assert_eq!(told.extract.strength.as_str(), "You waited, and Mum went on.");
    let left = h.could(session, cast.owner, Role::Practitioner).await;
    assert_eq!(clips_of(&left), clips[2..].iter().map(|one| one.id).collect::<Vec<_>>());

    let (mut work, choose) = h.ask::<ChooseClips>(h.cx(cast.coach, Role::Coach), session).await;
    assert!(work.move_piece(&choose, second, true).await.unwrap());
    assert!(work.move_piece(&choose, second, true).await.unwrap(), "it is at the top");
    let (title, question) = (label("Other words"), note("What did you hear\nthen?"));
    assert!(work.change_piece(&choose, first, &title, &question).await.unwrap());
    work.commit().await.unwrap();
    let pieces = h.pieces(session, cast.owner, Role::Practitioner).await;
    assert_eq!(titles(&pieces), ["Two", "Other words"]);
    assert_eq!(pieces[1].told.as_ref().unwrap().question, question);

    let mut work = h.begin().await;
    assert!(work.remove_piece(&choose, first).await.unwrap());
    assert!(!work.remove_piece(&choose, first).await.unwrap());
    work.commit().await.unwrap();
    for (n, clip) in clips[2..].iter().enumerate() {
        let added = h.add(session, coach, clip.id, "More").await;
        assert_eq!(added.is_ok(), n + 1 < MOST_PIECES, "{n}: {added:?}");
    }
    let full = h.add(session, practitioner, clips[0].id, "One more").await;
    assert_eq!(full, Err(NotAdded::Full));
    // What leaves the list makes room for another one, and comes back when there is room for it.
    let owner = h.cx(cast.owner, Role::Practitioner);
    let (mut work, theirs) = h.ask::<ChooseClips>(owner, session).await;
    assert!(work.veto_piece(&theirs, second, true).await.unwrap());
    work.commit().await.unwrap();
    let other = h.add(session, practitioner, clips[0].id, "One more").await.unwrap();
    let mut work = h.begin().await;
    assert!(!work.veto_piece(&theirs, second, false).await.unwrap(), "the list is full");
    assert!(work.remove_piece(&theirs, other).await.unwrap());
    assert!(work.veto_piece(&theirs, second, false).await.unwrap());
    assert!(work.veto_piece(&theirs, second, false).await.unwrap(), "it is there");
    work.commit().await.unwrap();
}

/// What the practitioner would rather not hear is out of it for everybody else, at once, and stays out.
pub async fn a_veto_is_the_practitioners_and_stays(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let Prepared { session, clips, .. } = h.prepared(cast, &[(100, 110), (200, 210)]).await;
    let coach = h.cx(cast.coach, Role::Coach);
    let owner = h.cx(cast.owner, Role::Practitioner);
    let first = h.add(session, (cast.coach, Role::Coach), clips[0].id, "One").await.unwrap();
    let second = h.add(session, (cast.coach, Role::Coach), clips[1].id, "Two").await.unwrap();
    let (mut work, prepare) = h.ask::<PrepareClip>(coach, first).await;
    assert_eq!(work.clip_to_prepare(&prepare).await.unwrap(), Some(clips[0].id));
    work.commit().await.unwrap();
    let (mut work, choose) = h.ask::<ChooseClips>(coach, session).await;
    assert!(!work.veto_piece(&choose, first, true).await.unwrap(), "the coach does not say it");
    work.commit().await.unwrap();
    let (mut work, theirs) = h.ask::<ChooseClips>(owner, session).await;
    assert!(work.veto_piece(&theirs, first, true).await.unwrap());
    assert!(!work.veto_piece(&theirs, PieceId::mint(&h.ids), true).await.unwrap());
    work.commit().await.unwrap();

    assert_eq!(titles(&h.pieces(session, cast.coach, Role::Coach).await), ["Two"]);
    let own = h.pieces(session, cast.owner, Role::Practitioner).await;
    assert_eq!(titles(&own), ["One", "Two"]);
    assert_eq!((own[0].vetoed_at, own[1].vetoed_at), (Some(h.now()), None));
    for cx in [coach, owner] {
        assert_eq!(h.refusal::<PrepareClip>(cx, first).await, Some(Refusal::State));
    }
    let again = h.add(session, (cast.coach, Role::Coach), clips[0].id, "One").await;
    assert_eq!(again, Err(NotAdded::Vetoed));
    let again = h.add(session, (cast.owner, Role::Practitioner), clips[0].id, "One").await;
    assert_eq!(again, Err(NotAdded::Vetoed), "they take their word back instead");
    assert_eq!(h.could(session, cast.coach, Role::Coach).await, [], "nor is it proposed");
    let mut work = h.begin().await;
    for permit in [&choose, &theirs] {
        assert!(!work.remove_piece(permit, first).await.unwrap());
    }
    assert!(!work.change_piece(&choose, first, &label("X"), &note("")).await.unwrap());
    assert!(!work.move_piece(&choose, first, false).await.unwrap());
    assert!(work.move_piece(&choose, second, true).await.unwrap());
    drop(work);

    let mut work = h.begin().await;
    assert!(work.veto_piece(&theirs, first, false).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(titles(&h.pieces(session, cast.coach, Role::Coach).await), ["One", "Two"]);
    assert_eq!(h.refusal::<PrepareClip>(coach, first).await, None);
}

/// A series is walked along from recording to recording: what was heard of each, in which session, and what was marked.
pub async fn a_thread_goes_from_recording_to_recording(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let Prepared { series, session, recording, clips } =
        h.prepared(cast, &[(100, 110), (200, 210), (300, 310)]).await;
    let next = h.released(cast, "Hazel").await;
    h.walk_along(series, cast.owner, next).await;
    let heard = h.add(session, (cast.coach, Role::Coach), clips[1].id, "One").await.unwrap();
    let vetoed = h.add(session, (cast.coach, Role::Coach), clips[0].id, "Two").await.unwrap();
    let owner = h.cx(cast.owner, Role::Practitioner);
    let (mut work, theirs) = h.ask::<ChooseClips>(owner, session).await;
    assert!(work.veto_piece(&theirs, vetoed, true).await.unwrap());
    work.commit().await.unwrap();
    h.begin_coaching(session, cast.coach).await;
    let began = h.now();
    let (mut work, meet) = h.ask::<MeetInSession>(owner, session).await;
    let mark = MarkId::mint(&h.ids);
    assert!(work.mark_moment(&meet, mark, heard, Ms::from_seconds(4)).await.unwrap());
    work.note_heard(&meet, heard).await.unwrap();
    work.commit().await.unwrap();

    for (user, role) in [(cast.owner, Role::Practitioner), (cast.coach, Role::Coach)] {
        let (mut work, see) = h.ask::<SeeSeries>(h.cx(user, role), series).await;
        let thread = work.thread(&see).await.unwrap();
        work.commit().await.unwrap();
        let ids: Vec<_> = thread.recordings.iter().map(|one| one.id).collect();
        assert_eq!(ids.len(), 2);
        let first = thread.recordings.iter().find(|one| one.id == recording).unwrap();
        assert_eq!(first.pseudonym.as_ref().unwrap().as_str(), "Robin");
        assert_eq!(first.held_on.as_deref(), Some("2026-03-09"));
        assert_eq!(clips_of(&first.extracts), clips.iter().map(|c| c.id).collect::<Vec<_>>());
        let second = thread.recordings.iter().find(|one| one.id == next).unwrap();
        assert_eq!(second.extracts, []);
        assert_eq!(thread.hearings.len(), 1, "what was taken out is not in it");
        let hearing = &thread.hearings[0];
        assert_eq!((hearing.piece, hearing.clip, hearing.session), (heard, clips[1].id, session));
        assert_eq!((hearing.at, hearing.heard_at), (began, Some(began)));
        assert_eq!(hearing.marks.len(), 1);
        assert_eq!((hearing.marks[0].id, hearing.marks[0].by), (mark, cast.owner));
        assert_eq!(hearing.marks[0].at, Ms::from_seconds(4), "from the extract's beginning");
    }
    let (mut work, theirs) = h.ask::<ChooseClips>(owner, session).await;
    assert!(!work.remove_piece(&theirs, heard).await.unwrap(), "it was heard");
    work.commit().await.unwrap();
    // A recording that is left out of the series leaves no step without its place.
    let decide = h.decider(series, cast.owner).await;
    let mut work = h.begin().await;
    work.drop_from_series(&decide, recording).await.unwrap();
    work.commit().await.unwrap();
    let (mut work, see) = h.ask::<SeeSeries>(owner, series).await;
    let thread = work.thread(&see).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!((thread.recordings.len(), thread.hearings), (1, vec![]));
    h.walk_along(series, cast.owner, recording).await;

    h.withhold(cast.owner, recording).await;
    let (mut work, see) = h.ask::<SeeSeries>(h.cx(cast.coach, Role::Coach), series).await;
    let thread = work.thread(&see).await.unwrap();
    work.commit().await.unwrap();
    let first = thread.recordings.iter().find(|one| one.id == recording).unwrap();
    assert_eq!((first.pseudonym.as_ref(), first.extracts.len()), (None, 0));
    assert_eq!(thread.hearings, []);
}

/// What was heard in a session that was put off and got another time stays when its series ends.
pub async fn what_was_heard_outlives_its_series(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let Prepared { series, session, clips, .. } = h.prepared(cast, &[(100, 110)]).await;
    let piece = h.add(session, (cast.coach, Role::Coach), clips[0].id, "One").await.unwrap();
    h.begin_coaching(session, cast.coach).await;
    let owner = h.cx(cast.owner, Role::Practitioner);
    let (mut work, meet) = h.ask::<MeetInSession>(owner, session).await;
    work.note_heard(&meet, piece).await.unwrap();
    work.commit().await.unwrap();
    let coach = h.cx(cast.coach, Role::Coach);
    let (mut work, lead) = h.ask::<hearback_access::LeadSession>(coach, session).await;
    assert!(work.end_meeting(&lead, crate::MeetingEnd::Postponed).await.unwrap());
    work.commit().await.unwrap();
    let arrange = h.arranger(series, cast.owner).await;
    let mut work = h.begin().await;
    work.move_session(&arrange, session, h.later(86_400), &note("")).await.unwrap().unwrap();
    work.commit().await.unwrap();
    let (mut work, decide) = h.ask::<DecideSeries>(owner, series).await;
    let nothing = hearback_domain::coaching::Ending::Nothing;
    assert!(work.end_series(&decide, nothing, None).await.unwrap());
    work.commit().await.unwrap();
    let pieces = h.pieces(session, cast.owner, Role::Practitioner).await;
    assert_eq!(pieces.iter().map(|one| one.id).collect::<Vec<_>>(), [piece]);
}

/// What was heard in a session that has been stays as it was.
pub async fn a_session_that_has_been_is_not_changed(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let Prepared { session, clips, .. } = h.prepared(cast, &[(100, 110), (200, 210)]).await;
    let coach = (cast.coach, Role::Coach);
    let piece = h.add(session, coach, clips[0].id, "One").await.unwrap();
    h.hold_session(session, cast.coach).await;
    assert_eq!(h.add(session, coach, clips[1].id, "Two").await, Err(NotAdded::Over));
    let (mut work, choose) = h.ask::<ChooseClips>(h.cx(cast.coach, Role::Coach), session).await;
    assert!(!work.change_piece(&choose, piece, &label("X"), &note("")).await.unwrap());
    assert!(!work.move_piece(&choose, piece, true).await.unwrap());
    assert!(!work.remove_piece(&choose, piece).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(titles(&h.pieces(session, cast.coach, Role::Coach).await), ["One"]);
}
