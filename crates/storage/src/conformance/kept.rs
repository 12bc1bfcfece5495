//! An extract that its coder takes out after it was heard in a session; and the sign by which an open page knows that the
//! list of a session is another one.

use hearback_access::{
    ApproveRedaction, ChooseClips, DecideSeries, Hide, MeetInSession, PlayClip, PrepareClip,
    ReadClip, SeePlaylist, SeeSeries, SeeSession, WatchSession,
};
use hearback_domain::{
    ClipId, CoachingSessionId, GoalId, GoalText, Hidden, HiddenId, HideReason, MarkId, Ms, PieceId,
    PlaylistId, RecordingId, Role, SeriesId, choosing::NotAdded, coaching::Ending, policy::Refusal,
};

use super::{
    choosing::{Prepared, clips_of, label, titles},
    fixture::{Cast, House, note, span},
};
use crate::{ChangedClip, ClipRemoval, MeetingEnd, NewGoal, Store, Thread};

impl House<'_> {
    /// One of the two hears an extract of a session that is live, and marks a moment of it.
    async fn hear_and_mark(&self, cast: Cast, session: CoachingSessionId, piece: PieceId) {
        let owner = self.cx(cast.owner, Role::Practitioner);
        let (mut work, meet) = self.ask::<MeetInSession>(owner, session).await;
        work.note_heard(&meet, piece).await.unwrap();
        let mark = MarkId::mint(&self.ids);
        assert!(work.mark_moment(&meet, mark, piece, Ms::from_seconds(2)).await.unwrap());
        work.commit().await.unwrap();
    }

    async fn walk(&self, cast: Cast, series: SeriesId, role: Role) -> Thread {
        let user = if role == Role::Coach { cast.coach } else { cast.owner };
        let (mut work, see) = self.ask::<SeeSeries>(self.cx(user, role), series).await;
        let thread = work.thread(&see).await.unwrap();
        work.commit().await.unwrap();
        thread
    }

    /// What keeps the practitioner, and the coach, from hearing an extract of a session.
    async fn unheard_by(&self, cast: Cast, piece: PieceId) -> [Option<Refusal>; 2] {
        let (owner, coach) = (cast.owner, cast.coach);
        [
            self.refusal::<PrepareClip>(self.cx(owner, Role::Practitioner), piece).await,
            self.refusal::<PrepareClip>(self.cx(coach, Role::Coach), piece).await,
        ]
    }

    async fn on_in_room(&self, cast: Cast, session: CoachingSessionId) -> Vec<PieceId> {
        let coach = self.cx(cast.coach, Role::Coach);
        let (mut work, see) = self.ask::<SeeSession>(coach, session).await;
        let room = work.meeting_room(&see).await.unwrap().unwrap();
        work.commit().await.unwrap();
        room.pieces.into_iter().map(|piece| piece.id).collect()
    }

    async fn hide_at(&self, cast: Cast, recording: RecordingId, at: (u64, u64)) -> Vec<ClipId> {
        let owner = self.cx(cast.owner, Role::Practitioner);
        let (mut work, hide) = self.ask::<Hide>(owner, recording).await;
        let hidden = Hidden { span: span(at.0, at.1), why: HideReason::Name };
        let cut = work.hide(&hide, HiddenId::mint(&self.ids), &hidden).await.unwrap();
        work.commit().await.unwrap();
        cut
    }

    /// Somebody finds nothing left to hide of the whole recording.
    async fn listened_to_all(&self, cast: Cast, recording: RecordingId) {
        let coder = self.cx(cast.researcher, Role::Researcher);
        let (mut work, permit) = self.ask::<ApproveRedaction>(coder, recording).await;
        let version = work.hidden_of(&permit).await.unwrap().unwrap().version;
        assert!(work.approve_redaction(&permit, version).await.unwrap());
        work.commit().await.unwrap();
    }

    async fn sign(&self, cast: Cast, session: CoachingSessionId, role: Role) -> Vec<u8> {
        let user = if role == Role::Coach { cast.coach } else { cast.owner };
        let (mut work, watch) = self.ask::<WatchSession>(self.cx(user, role), session).await;
        work.session_sign(&watch).await.unwrap()
    }
}

/// What a coder takes out is gone, unless it was heard in a session: there it stays, and nowhere else.
pub async fn what_was_heard_stays_where_it_was_heard(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let Prepared { series, session, recording, clips } =
        h.prepared(cast, &[(100, 110), (200, 210), (300, 310)]).await;
    let next = h.planned_session(series, cast.owner, 14).await;
    let coach = (cast.coach, Role::Coach);
    let heard = h.add(session, coach, clips[0].id, "One").await.unwrap();
    let left = h.add(session, coach, clips[1].id, "Two").await.unwrap();
    let again = h.add(next, coach, clips[0].id, "One more time").await.unwrap();
    h.begin_coaching(session, cast.coach).await;
    h.hear_and_mark(cast, session, heard).await;
    let decide = h.decider(series, cast.owner).await;
    let mut work = h.begin().await;
    let goal = NewGoal {
        id: GoalId::mint(&h.ids),
        text: GoalText::new("Wait a little longer").unwrap(),
        session: Some(session),
        piece: Some(heard),
    };
    assert!(work.add_goal(&decide, &goal).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(h.on_in_room(cast, session).await, [heard, left]);

    let make = h.maker(cast.researcher, recording).await;
    let mut work = h.begin().await;
    let cut = work.playlist(&make).await.unwrap().unwrap().clips[0].cut.unwrap();
    assert_eq!(work.remove_clip(&make, clips[1].id).await.unwrap(), Some(ClipRemoval::Gone));
    assert_eq!(work.remove_clip(&make, clips[0].id).await.unwrap(), Some(ClipRemoval::Kept));
    assert_eq!(work.remove_clip(&make, clips[0].id).await.unwrap(), None, "it is done");
    assert!(work.knows_object(cut).await.unwrap(), "its sound is there");
    work.commit().await.unwrap();

    // Whoever prepares the playlist has it no more, and changes nothing of it.
    let playlist = h.begin().await.playlist(&make).await.unwrap().unwrap();
    assert_eq!(playlist.clips.iter().map(|one| one.id).collect::<Vec<_>>(), [clips[2].id]);
    assert!(playlist.agreed_at.is_some(), "the others stay in the room");
    assert_eq!(playlist.kept, [span(100, 110)], "it counts among what may be heard");
    let changed = ChangedClip {
        id: clips[0].id,
        span: span(100, 120),
        note: note("Other words"),
        question: note(""),
    };
    let mut work = h.begin().await;
    assert!(!work.change_clip(&make, &changed).await.unwrap());
    assert!(!work.move_clip(&make, clips[0].id, false).await.unwrap());
    assert!(!work.approve_clip(&make, clips[0].id, cut).await.unwrap());
    assert!(!work.quote_clip(&make, clips[0].id, true).await.unwrap());
    drop(work);
    // Nor is it in the room of the recording, or proposed, or in a session in which it was not heard.
    let as_coach = h.cx(cast.coach, Role::Coach);
    let (mut work, see) = h.ask::<SeePlaylist>(as_coach, playlist.id).await;
    let room = work.room_playlist(&see).await.unwrap().unwrap();
    work.commit().await.unwrap();
    assert_eq!(room.clips.iter().map(|one| one.id).collect::<Vec<_>>(), [clips[2].id]);
    for (user, role) in [(cast.owner, Role::Practitioner), (cast.coach, Role::Coach)] {
        assert_eq!(clips_of(&h.could(next, user, role).await), [clips[2].id]);
        let cx = h.cx(user, role);
        assert_eq!(h.refusal::<PlayClip>(cx, clips[0].id).await, Some(Refusal::State));
        assert!(h.refusal::<ReadClip>(cx, clips[0].id).await.is_some());
    }
    let tried = h.add(next, coach, clips[0].id, "Once more").await;
    assert_eq!(tried, Err(NotAdded::NotHere));
    assert_eq!(h.pieces(next, cast.coach, Role::Coach).await, []);
    assert!(h.refusal::<PrepareClip>(as_coach, again).await.is_some());
    assert_eq!(h.on_in_room(cast, session).await, [heard], "what was on goes on");

    // Where it was heard it stays: with its sound, its marks, and what came of it.
    let (mut work, lead) = h.ask::<hearback_access::LeadSession>(as_coach, session).await;
    assert!(work.end_meeting(&lead, MeetingEnd::Held).await.unwrap());
    work.commit().await.unwrap();
    for (user, role) in [(cast.owner, Role::Practitioner), (cast.coach, Role::Coach)] {
        let pieces = h.pieces(session, user, role).await;
        assert_eq!(titles(&pieces), ["One"]);
        assert!(pieces[0].told.as_ref().unwrap().extract.removed);
        let thread = h.walk(cast, series, role).await;
        let extracts = &thread.recordings[0].extracts;
        assert_eq!(clips_of(extracts), [clips[0].id, clips[2].id]);
        assert_eq!((extracts[0].removed, extracts[1].removed), (true, false));
        assert_eq!(thread.hearings.len(), 1);
        assert_eq!((thread.hearings[0].piece, thread.hearings[0].marks.len()), (heard, 1));
    }
    assert_eq!(h.unheard_by(cast, heard).await, [None, None]);
    let owner = h.cx(cast.owner, Role::Practitioner);
    let (mut work, see) = h.ask::<SeeSeries>(owner, series).await;
    assert_eq!(work.goals(&see).await.unwrap()[0].goal.piece, Some(heard));
    drop(work);
    // What the practitioner would rather not hear is no step of the thread either.
    let (mut work, choose) = h.ask::<ChooseClips>(owner, session).await;
    assert!(work.veto_piece(&choose, heard, true).await.unwrap());
    work.commit().await.unwrap();
    let thread = h.walk(cast, series, Role::Practitioner).await;
    assert_eq!(clips_of(&thread.recordings[0].extracts), [clips[2].id]);
    assert_eq!(h.unheard_by(cast, heard).await, [Some(Refusal::State); 2]);
    let (mut work, choose) = h.ask::<ChooseClips>(owner, session).await;
    assert!(work.veto_piece(&choose, heard, false).await.unwrap());
    work.commit().await.unwrap();

    // When the series has ended, the practitioner hears it still, and the coach does not.
    let (mut work, decide) = h.ask::<DecideSeries>(owner, series).await;
    assert!(work.end_series(&decide, Ending::Nothing, None).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(h.unheard_by(cast, heard).await, [None, Some(Refusal::State)]);
    h.withhold(cast.owner, recording).await;
    assert_eq!(h.unheard_by(cast, heard).await, [Some(Refusal::State); 2], "they keep it");
}

/// An extract that is kept where it was heard is closed when something in it is hidden. It is cut anew, and plays once
/// somebody has listened to the whole recording: nobody can listen to it by itself.
pub async fn what_is_kept_is_never_played_unhidden(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let Prepared { session, recording, clips, .. } =
        h.prepared(cast, &[(100, 110), (200, 210)]).await;
    let coach = (cast.coach, Role::Coach);
    let heard = h.add(session, coach, clips[0].id, "One").await.unwrap();
    h.begin_coaching(session, cast.coach).await;
    h.hear_and_mark(cast, session, heard).await;
    let make = h.maker(cast.researcher, recording).await;
    let mut work = h.begin().await;
    let old = work.playlist(&make).await.unwrap().unwrap().clips[0].cut.unwrap();
    assert_eq!(work.remove_clip(&make, clips[0].id).await.unwrap(), Some(ClipRemoval::Kept));
    work.commit().await.unwrap();

    assert_eq!(h.hide_at(cast, recording, (400, 401)).await, [], "nothing of it is there");
    assert_eq!(h.unheard_by(cast, heard).await, [None, None]);
    assert_eq!(h.hide_at(cast, recording, (104, 105)).await, [clips[0].id], "it is cut anew");
    assert_eq!(h.unheard_by(cast, heard).await, [Some(Refusal::State); 2], "not cut");
    let mut work = h.begin().await;
    assert!(!work.knows_object(old).await.unwrap(), "what was heard then is forgotten");
    assert!(work.playlist(&make).await.unwrap().unwrap().agreed_at.is_some(), "the rest goes on");
    drop(work);
    let new = h.render(clips[0].id).await;
    assert_eq!(h.unheard_by(cast, heard).await, [Some(Refusal::State); 2], "not listened to");
    let mut work = h.begin().await;
    assert!(!work.approve_clip(&make, clips[0].id, new.id).await.unwrap());
    drop(work);
    h.listened_to_all(cast, recording).await;
    assert_eq!(h.unheard_by(cast, heard).await, [None, None]);
    h.hide_at(cast, recording, (400, 402)).await;
    assert_eq!(h.unheard_by(cast, heard).await, [Some(Refusal::State); 2], "listened to before");
}

/// A playlist in which nothing is left but what is kept elsewhere is not agreed.
pub async fn nothing_but_what_is_kept_is_no_playlist(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let Prepared { session, recording, clips, .. } = h.prepared(cast, &[(100, 110)]).await;
    let coach = (cast.coach, Role::Coach);
    let heard = h.add(session, coach, clips[0].id, "One").await.unwrap();
    h.begin_coaching(session, cast.coach).await;
    h.hear_and_mark(cast, session, heard).await;
    let make = h.maker(cast.researcher, recording).await;
    let mut work = h.begin().await;
    assert_eq!(work.remove_clip(&make, clips[0].id).await.unwrap(), Some(ClipRemoval::Kept));
    let id = work.ensure_playlist(&make, PlaylistId::mint(&h.ids)).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(h.unheard_by(cast, heard).await, [None, None]);
    let coach = h.cx(cast.coach, Role::Coach);
    let (mut work, see) = h.ask::<SeePlaylist>(coach, id).await;
    assert_eq!(work.room_playlist(&see).await.unwrap().unwrap().clips, []);
    work.commit().await.unwrap();
    // One more, which is not cut yet: the playlist is to be agreed, and there is nothing to agree.
    let mut work = h.begin().await;
    work.add_clip(&make, &h.new_clip(300, 310)).await.unwrap();
    work.commit().await.unwrap();
    assert!(!h.agree(&make).await);
    assert_eq!(h.unheard_by(cast, heard).await, [Some(Refusal::State); 2], "it waits for that");
}

/// Whatever changes a session's list changes its sign, for both of the two; and nothing else does.
pub async fn a_session_is_signed_anew_when_its_list_changes(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let Prepared { series, session, recording, clips } =
        h.prepared(cast, &[(100, 110), (200, 210)]).await;
    let next = h.planned_session(series, cast.owner, 14).await;
    let coach = (cast.coach, Role::Coach);
    let mut before = h.sign(cast, session, Role::Coach).await;
    let mut changed = async |what: &str, anew: bool| {
        let now = h.sign(cast, session, Role::Coach).await;
        assert_eq!(now, h.sign(cast, session, Role::Practitioner).await, "{what}");
        assert_eq!(now != before, anew, "{what}");
        before = now;
    };
    changed("nothing", false).await;
    let first = h.add(session, coach, clips[0].id, "One").await.unwrap();
    changed("one is added", true).await;
    let second = h.add(session, coach, clips[1].id, "Two").await.unwrap();
    changed("another one", true).await;
    h.add(next, coach, clips[1].id, "Two").await.unwrap();
    changed("in another session", false).await;

    let (work, choose) = h.ask::<ChooseClips>(h.cx(cast.coach, Role::Coach), session).await;
    work.commit().await.unwrap();
    let (work, theirs) = h.ask::<ChooseClips>(h.cx(cast.owner, Role::Practitioner), session).await;
    work.commit().await.unwrap();
    let mut work = h.begin().await;
    assert!(work.move_piece(&choose, second, true).await.unwrap());
    work.commit().await.unwrap();
    changed("moved", true).await;
    for (title, question) in [("A pause", "What stood out?"), ("A pause", "What did you hear?")] {
        let mut work = h.begin().await;
        assert!(work.change_piece(&choose, first, &label(title), &note(question)).await.unwrap());
        work.commit().await.unwrap();
        changed("other words", true).await;
    }
    let mut work = h.begin().await;
    assert!(work.veto_piece(&theirs, first, true).await.unwrap());
    work.commit().await.unwrap();
    changed("taken out", true).await;
    let mut work = h.begin().await;
    assert!(work.veto_piece(&theirs, first, false).await.unwrap());
    work.commit().await.unwrap();
    changed("back after all", true).await;

    let make = h.maker(cast.researcher, recording).await;
    let mut work = h.begin().await;
    let third = h.new_clip(300, 310);
    work.add_clip(&make, &third).await.unwrap();
    work.commit().await.unwrap();
    changed("the playlist is to be agreed anew", true).await;
    assert!(h.agree(&make).await);
    changed("back again", true).await;
    h.hide_at(cast, recording, (104, 105)).await;
    changed("something in it is hidden", true).await;
    h.render(clips[0].id).await;
    h.approve(&make, clips[0].id).await;
    assert!(h.agree(&make).await);
    changed("back again: cut and listened to", true).await;
    h.begin_coaching(session, cast.coach).await;
    changed("it begins", true).await;
    h.hear_and_mark(cast, session, first).await;
    changed("heard", true).await;
    h.withhold(cast.owner, recording).await;
    changed("kept by its practitioner", true).await;
}
