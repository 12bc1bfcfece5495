//! Coaching sessions while they are live: beginning and ending them, what the room shows, and who is invited.

use hearback_access::{
    Agree, ArrangeSessions, DecideSeries, HearInSession, LeadSession, MeetInSession, SeeSession,
};
use hearback_domain::{
    ClipId, CoachingSessionId, JoinCode, Label, MarkId, Ms, PieceId, Purpose, Role, SeriesId,
    UserId,
    coaching::{AgreementBody, LONGEST_SESSION_SECONDS, SessionState},
    policy::Refusal,
};

use super::fixture::{Cast, House, note};
use crate::{
    MeetingEnd, MeetingRoom, MeetingStage, NewPiece, NotBegun, NotInvited, SessionGuest, Store,
};

impl House<'_> {
    async fn begin_meeting(
        &self,
        session: CoachingSessionId,
        coach: UserId,
        code: u64,
    ) -> Result<(), NotBegun> {
        let (mut work, lead) = self.ask::<LeadSession>(self.cx(coach, Role::Coach), session).await;
        let begun = work.begin_meeting(&lead, &JoinCode::from_random(code)).await.unwrap();
        work.commit().await.unwrap();
        begun
    }

    async fn end_meeting(
        &self,
        session: CoachingSessionId,
        coach: UserId,
        how: MeetingEnd,
    ) -> bool {
        let (mut work, lead) = self.ask::<LeadSession>(self.cx(coach, Role::Coach), session).await;
        let ended = work.end_meeting(&lead, how).await.unwrap();
        work.commit().await.unwrap();
        ended
    }

    async fn room_of(&self, session: CoachingSessionId, user: UserId, role: Role) -> MeetingRoom {
        let (mut work, see) = self.ask::<SeeSession>(self.cx(user, role), session).await;
        let room = work.meeting_room(&see).await.unwrap().unwrap();
        work.commit().await.unwrap();
        room
    }

    async fn found(&self, code: u64) -> Option<CoachingSessionId> {
        let mut work = self.begin().await;
        work.session_with_code(&JoinCode::from_random(code)).await.unwrap()
    }

    async fn invite(
        &self,
        (series, session): (SeriesId, CoachingSessionId),
        owner: UserId,
        guest: UserId,
    ) -> Result<(), NotInvited> {
        let cx = self.cx(owner, Role::Practitioner);
        let (mut work, decide) = self.ask::<DecideSeries>(cx, series).await;
        let invited = work.invite_guest(&decide, session, guest).await.unwrap();
        work.commit().await.unwrap();
        invited
    }

    async fn guests(
        &self,
        (series, session): (SeriesId, CoachingSessionId),
        owner: UserId,
    ) -> Vec<SessionGuest> {
        let cx = self.cx(owner, Role::Practitioner);
        let (mut work, decide) = self.ask::<DecideSeries>(cx, series).await;
        let guests = work.session_guests(&decide, session).await.unwrap();
        work.commit().await.unwrap();
        guests
    }

    /// A recording walks along with the series, and its extracts are chosen for the session, under these titles.
    async fn chosen(
        &self,
        cast: Cast,
        (series, session): (SeriesId, CoachingSessionId),
        (without, titles): (&[Purpose], &[&str]),
    ) -> Vec<(PieceId, ClipId)> {
        let recording = self.playable(cast.owner, "Robin", without).await;
        self.release(cast.owner, recording, cast.researcher, Some(cast.coach)).await;
        let decide = self.decider(series, cast.owner).await;
        let mut work = self.begin().await;
        assert!(work.add_to_series(&decide, recording).await.unwrap());
        work.commit().await.unwrap();
        let make = self.maker(cast.researcher, recording).await;
        let spans: Vec<_> = (1..).map(|n| (100 * n, 100 * n + 10 + n)).take(titles.len()).collect();
        let (_, clips) = self.playlist(&make, &spans).await;
        for clip in &clips {
            self.render(clip.id).await;
            self.approve(&make, clip.id).await;
        }
        assert!(self.agree(&make).await);
        let mut pieces = Vec::new();
        for (clip, title) in clips.iter().zip(titles) {
            let cx = self.cx(cast.owner, Role::Practitioner);
            let (mut work, choose) = self.ask::<hearback_access::ChooseClips>(cx, session).await;
            let piece = NewPiece {
                id: PieceId::mint(&self.ids),
                clip: clip.id,
                title: Label::new(title).unwrap(),
                question: note("What stood out?"),
            };
            work.add_piece(&choose, &piece).await.unwrap().unwrap();
            work.commit().await.unwrap();
            pieces.push((piece.id, clip.id));
        }
        pieces
    }
}

/// A session begins under a code that leads to it while it is live; one of a series at a time, and five in all.
pub async fn a_session_begins_and_ends(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (series, first) = h.agreed_series(cast).await;
    let second = h.planned_session(series, cast.owner, 14).await;
    let mut work = h.begin().await;
    assert_eq!(work.series_of_session(first).await.unwrap(), Some(series));
    let nowhere = CoachingSessionId::mint(&h.ids);
    assert_eq!(work.series_of_session(nowhere).await.unwrap(), None);
    drop(work);
    assert_eq!(h.found(1).await, None);
    assert_eq!(h.room_of(first, cast.coach, Role::Coach).await.stage, MeetingStage::Ahead);
    assert!(!h.end_meeting(first, cast.coach, MeetingEnd::Held).await, "it is not live");

    assert_eq!(h.begin_meeting(first, cast.coach, 1).await, Ok(()));
    assert_eq!(h.found(1).await, Some(first));
    let room = h.room_of(first, cast.owner, Role::Practitioner).await;
    assert_eq!(room.stage, MeetingStage::Live { code: JoinCode::from_random(1) });
    assert_eq!(
        (room.series, room.practitioner, room.coach),
        (series, cast.owner, Some(cast.coach))
    );
    assert_eq!((room.number, room.focus.unwrap().as_str()), (Some(1), "Robin"));
    assert_eq!(h.begin_meeting(first, cast.coach, 2).await, Err(NotBegun::NotAhead));
    assert_eq!(h.begin_meeting(second, cast.coach, 2).await, Err(NotBegun::AnotherLive));

    // Another pair may meet at the same time, under another code.
    let heron = h.person("heron", Role::Coach).await;
    let others = Cast { owner: cast.stranger, coach: heron, ..cast };
    let (_, elsewhere) = h.agreed_series(others).await;
    assert_eq!(h.begin_meeting(elsewhere, heron, 1).await, Err(NotBegun::CodeTaken));
    assert_eq!(h.begin_meeting(elsewhere, heron, 2).await, Ok(()));

    h.clock.advance_seconds(3_600);
    assert!(h.end_meeting(first, cast.coach, MeetingEnd::Held).await);
    assert!(!h.end_meeting(first, cast.coach, MeetingEnd::Held).await);
    assert_eq!((h.found(1).await, h.found(2).await), (None, Some(elsewhere)));
    assert_eq!(h.room_of(first, cast.coach, Role::Coach).await.stage, MeetingStage::Over);
    let meet = h.refusal::<MeetInSession>(h.cx(cast.coach, Role::Coach), first).await;
    assert_eq!(meet, Some(Refusal::State));

    // The practitioner ends theirs without anybody; what is put off counts for nothing.
    assert_eq!(h.begin_meeting(second, cast.coach, 1).await, Ok(()));
    let decide = h.decider(series, cast.owner).await;
    let mut work = h.begin().await;
    let put_off = MeetingEnd::Postponed;
    assert!(!work.end_own_meeting(&decide, elsewhere, put_off).await.unwrap(), "another's");
    assert!(work.end_own_meeting(&decide, second, put_off).await.unwrap());
    work.commit().await.unwrap();
    let room = h.room_of(second, cast.coach, Role::Coach).await;
    assert_eq!((room.stage, room.number), (MeetingStage::PutOff, None));
    assert_eq!(h.begin_meeting(second, cast.coach, 3).await, Err(NotBegun::NotAhead));

    for n in 0..4 {
        let next = h.planned_session(series, cast.owner, 20 + n).await;
        assert_eq!(h.begin_meeting(next, cast.coach, 3).await, Ok(()));
        assert!(h.end_meeting(next, cast.coach, MeetingEnd::Held).await);
    }
    let (_, sessions) = h.see_series(series, cast.owner, Role::Practitioner).await;
    let held = sessions.iter().filter(|one| one.state.is_taken()).count();
    assert_eq!(held, 5);
}

/// What can begin says so; what waits for two signatures, was put off or did not come about says that.
pub async fn what_cannot_begin_says_so(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (series, session) = h.agreed_series(cast).await;
    let stage = async |session| h.room_of(session, cast.coach, Role::Coach).await.stage;
    let later = h.planned_session(series, cast.owner, 14).await;
    let (mut work, arrange) =
        h.ask::<ArrangeSessions>(h.cx(cast.owner, Role::Practitioner), series).await;
    assert!(work.postpone_session(&arrange, later).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(stage(session).await, MeetingStage::Ahead);
    assert_eq!(stage(later).await, MeetingStage::PutOff);
    let lead = h.cx(cast.coach, Role::Coach);
    assert_eq!(h.refusal::<LeadSession>(lead, session).await, None);

    // Other words wait for both to sign anew.
    let (mut work, agree) = h.ask::<Agree>(h.cx(cast.owner, Role::Practitioner), series).await;
    let body = AgreementBody::default();
    assert!(work.write_agreement(&agree, 1, &body).await.unwrap().is_some());
    work.commit().await.unwrap();
    assert_eq!(stage(session).await, MeetingStage::Unsigned);
    assert!(h.refusal::<LeadSession>(lead, session).await.is_some());

    h.clock.advance_seconds(30 * 86_400);
    let (mut work, arrange) =
        h.ask::<ArrangeSessions>(h.cx(cast.owner, Role::Practitioner), series).await;
    assert!(work.miss_session(&arrange, session).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(stage(session).await, MeetingStage::Missed);
}

/// A session that nobody ends is over after eight hours: for a guest at once, in the lists with the next look.
pub async fn a_session_that_nobody_ends_ends_by_itself(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (series, first) = h.agreed_series(cast).await;
    let second = h.planned_session(series, cast.owner, 14).await;
    let here = (series, first);
    let magpie = h.person("magpie", Role::LineManager).await;
    let pieces = h.chosen(cast, here, (&[], &["The pause"])).await;
    assert_eq!(h.invite(here, cast.owner, magpie).await, Ok(()));
    assert_eq!(h.begin_meeting(first, cast.coach, 1).await, Ok(()));
    let mut work = h.begin().await;
    assert_eq!(work.live_meeting(series).await.unwrap(), Some(first));
    drop(work);

    h.clock.advance_seconds(1_800);
    let (mut work, meet) = h.ask::<MeetInSession>(h.cx(cast.coach, Role::Coach), first).await;
    work.note_heard(&meet, pieces[0].0).await.unwrap();
    work.commit().await.unwrap();
    let heard_at = h.now();
    h.clock.advance_seconds(LONGEST_SESSION_SECONDS - 1_801);
    let mut work = h.begin().await;
    assert_eq!(work.end_forgotten_meetings(h.now()).await.unwrap(), 0);
    work.commit().await.unwrap();
    let guest = |h: &House<'_>| h.cx(magpie, Role::LineManager);
    assert_eq!(h.refusal::<MeetInSession>(guest(&h), first).await, None);

    // Nothing is open to anybody from that moment on, whether or not somebody has looked.
    h.clock.advance_seconds(1);
    let coach = h.cx(cast.coach, Role::Coach);
    assert_eq!(h.refusal::<MeetInSession>(guest(&h), first).await, Some(Refusal::State));
    assert_eq!(h.refusal::<SeeSession>(guest(&h), first).await, Some(Refusal::State));
    assert_eq!(h.refusal::<MeetInSession>(coach, first).await, Some(Refusal::State));
    let hear = h.refusal::<HearInSession>(coach, pieces[0].0).await;
    assert_eq!(hear, Some(Refusal::State));

    let mut work = h.begin().await;
    assert_eq!(work.end_forgotten_meetings(h.now()).await.unwrap(), 1);
    assert_eq!(work.end_forgotten_meetings(h.now()).await.unwrap(), 0);
    assert_eq!(work.live_meeting(series).await.unwrap(), None);
    work.commit().await.unwrap();
    assert_eq!((h.found(1).await, h.guests(here, cast.owner).await), (None, vec![]));
    assert_eq!(h.room_of(first, cast.coach, Role::Coach).await.stage, MeetingStage::Over);
    let (_, sessions) = h.see_series(series, cast.owner, Role::Practitioner).await;
    let held = sessions.iter().find(|one| one.id == first).unwrap();
    assert_eq!((held.state, held.ended_at), (SessionState::Held, Some(heard_at)));

    // Where no timer looked, beginning the next one ends it, and so does writing what is agreed anew.
    assert_eq!(h.begin_meeting(second, cast.coach, 2).await, Ok(()));
    h.clock.advance_seconds(LONGEST_SESSION_SECONDS);
    let third = h.planned_session(series, cast.owner, 21).await;
    assert_eq!(h.begin_meeting(third, cast.coach, 3).await, Ok(()));
    assert_eq!(h.room_of(second, cast.coach, Role::Coach).await.stage, MeetingStage::Over);
    let body = AgreementBody::default();
    let wrote = async || {
        let (mut work, agree) = h.ask::<Agree>(h.cx(cast.owner, Role::Practitioner), series).await;
        let wrote = work.write_agreement(&agree, 1, &body).await.unwrap();
        work.commit().await.unwrap();
        wrote
    };
    assert_eq!(wrote().await, None, "it is on");
    h.clock.advance_seconds(LONGEST_SESSION_SECONDS);
    assert_eq!(wrote().await, Some(2));
}

/// A manager is invited to one session, by its practitioner, is in it while it is live, and is out of it with its end.
pub async fn a_guest_is_invited_to_one_session(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (series, session) = h.agreed_series(cast).await;
    let other = h.planned_session(series, cast.owner, 14).await;
    let magpie = h.person("magpie", Role::LineManager).await;
    let here = (series, session);
    assert_eq!(h.guests(here, cast.owner).await, []);
    for nobody in [cast.researcher, cast.owner, cast.coach, UserId::mint(&h.ids)] {
        let invited = h.invite(here, cast.owner, nobody).await;
        assert_eq!(invited, Err(NotInvited::NotAManager));
    }
    assert_eq!(h.invite(here, cast.owner, magpie).await, Ok(()));
    let at = h.now();
    h.clock.advance_seconds(60);
    assert_eq!(h.invite(here, cast.owner, magpie).await, Ok(()), "they are already");
    let guests = h.guests(here, cast.owner).await;
    let invited = SessionGuest { guest: magpie, name: "MAGPIE".to_owned(), invited_at: at };
    assert_eq!(guests, [invited]);
    assert_eq!(h.guests((series, other), cast.owner).await, []);

    let manager = |h: &House<'_>| h.cx(magpie, Role::LineManager);
    let why = h.refusal::<SeeSession>(manager(&h), session).await;
    assert_eq!(why, Some(Refusal::State), "it has not begun");
    assert_eq!(h.begin_meeting(session, cast.coach, 1).await, Ok(()));
    assert_eq!(h.refusal::<MeetInSession>(manager(&h), session).await, None);
    assert_eq!(h.refusal::<SeeSession>(manager(&h), session).await, None);
    assert_eq!(h.refusal::<LeadSession>(manager(&h), session).await, Some(Refusal::Role));
    let as_coach = h.cx(magpie, Role::Coach);
    assert!(h.refusal::<MeetInSession>(as_coach, session).await.is_some());
    assert!(h.refusal::<MeetInSession>(manager(&h), other).await.is_some());

    // Taken back, and given once more.
    let decide = h.decider(series, cast.owner).await;
    let mut work = h.begin().await;
    assert!(!work.take_back_invitation(&decide, other, magpie).await.unwrap());
    assert!(work.take_back_invitation(&decide, session, magpie).await.unwrap());
    assert!(!work.take_back_invitation(&decide, session, magpie).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(h.refusal::<MeetInSession>(manager(&h), session).await, Some(Refusal::Relation));
    assert_eq!(h.invite(here, cast.owner, magpie).await, Ok(()));
    assert_eq!(h.refusal::<MeetInSession>(manager(&h), session).await, None);

    assert!(h.end_meeting(session, cast.coach, MeetingEnd::Held).await);
    assert!(h.refusal::<SeeSession>(manager(&h), session).await.is_some());
    assert_eq!(h.guests(here, cast.owner).await, []);
    assert_eq!(h.invite(here, cast.owner, magpie).await, Err(NotInvited::Over));
    // Nobody invites to another's session.
    let heron = h.person("heron", Role::Coach).await;
    let others = Cast { owner: cast.stranger, coach: heron, ..cast };
    let (elsewhere, _) = h.agreed_series(others).await;
    let invited = h.invite((elsewhere, other), cast.stranger, magpie).await;
    assert_eq!(invited, Err(NotInvited::Over));
}

/// The room shows what is shared and not vetoed, in order; moments are marked; a guest hears what everybody said yes
/// to.
pub async fn the_room_shows_what_may_be_heard(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (series, session) = h.agreed_series(cast).await;
    let here = (series, session);
    let magpie = h.person("magpie", Role::LineManager).await;
    let pieces = h.chosen(cast, here, (&[], &["The pause", "The plan"])).await;
    let closed = [Purpose::ManagerPresentPlayback];
    let private = h.chosen(cast, here, (&closed, &["The promise"])).await;
    assert_eq!(h.invite(here, cast.owner, magpie).await, Ok(()));
    assert_eq!(h.begin_meeting(session, cast.coach, 1).await, Ok(()));

    let room = h.room_of(session, magpie, Role::LineManager).await;
    let shown: Vec<_> = room.pieces.iter().map(|p| (p.title.as_str(), p.length.get())).collect();
    assert_eq!(shown, [("The pause", 11_000), ("The plan", 12_000), ("The promise", 11_000)]);
    assert_eq!(room.pieces[0].question.as_str(), "What stood out?");

    let (pause, clip) = pieces[0];
    for (user, role) in
        [(cast.coach, Role::Coach), (cast.owner, Role::Practitioner), (magpie, Role::LineManager)]
    {
        let (mut work, hear) = h.ask::<HearInSession>(h.cx(user, role), pause).await;
        assert_eq!(work.clip_of_piece(&hear, session).await.unwrap(), Some(clip));
        let nowhere = CoachingSessionId::mint(&h.ids);
        assert_eq!(work.clip_of_piece(&hear, nowhere).await.unwrap(), None);
        work.commit().await.unwrap();
    }
    let why = h.refusal::<HearInSession>(h.cx(magpie, Role::LineManager), private[0].0).await;
    assert_eq!(why, Some(Refusal::Consent));
    let why = h.refusal::<HearInSession>(h.cx(cast.coach, Role::Coach), private[0].0).await;
    assert_eq!(why, None);

    let (mut work, meet) = h.ask::<MeetInSession>(h.cx(cast.coach, Role::Coach), session).await;
    let mut mark = async |piece, ms| {
        let id = MarkId::mint(&h.ids);
        work.mark_moment(&meet, id, piece, Ms::new(ms)).await.unwrap()
    };
    assert!(mark(pause, 0).await && mark(pause, 10_999).await);
    assert!(!mark(pause, 11_000).await, "it is not so long");
    assert!(!mark(PieceId::mint(&h.ids), 5).await);
    work.note_heard(&meet, pause).await.unwrap();
    work.commit().await.unwrap();
    let cx = h.cx(cast.owner, Role::Practitioner);
    let (mut work, see) = h.ask::<hearback_access::SeeSeries>(cx, series).await;
    let thread = work.thread(&see).await.unwrap();
    work.commit().await.unwrap();
    let heard = thread.hearings.iter().find(|hearing| hearing.piece == pause).unwrap();
    assert_eq!(heard.heard_at, Some(h.now()));
    let marks: Vec<_> = heard.marks.iter().map(|mark| (mark.at.get(), mark.by)).collect();
    assert_eq!(marks, [(0, cast.coach), (10_999, cast.coach)]);

    // What the practitioner would rather not hear is gone at once.
    let cx = h.cx(cast.owner, Role::Practitioner);
    let (mut work, choose) = h.ask::<hearback_access::ChooseClips>(cx, session).await;
    assert!(work.veto_piece(&choose, pause, true).await.unwrap());
    work.commit().await.unwrap();
    let room = h.room_of(session, cast.coach, Role::Coach).await;
    assert_eq!(room.pieces.iter().map(|p| p.title.as_str()).next(), Some("The plan"));
    assert!(h.refusal::<HearInSession>(h.cx(cast.coach, Role::Coach), pause).await.is_some());
}

/// Whoever was invited to a session that is put off, or did not come about, is invited no more; and a guest is one who
/// could be there until a session was over.
pub async fn an_invitation_is_to_a_session_that_comes_about(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let manager = h.person("mo", Role::LineManager).await;
    let (series, session) = h.agreed_series(cast).await;
    let invited = async || !h.guests((series, session), cast.owner).await.is_empty();
    let had_guest = async || {
        let owner = h.cx(cast.owner, Role::Practitioner);
        let (mut work, decide) = h.ask::<DecideSeries>(owner, series).await;
        work.had_guest(&decide).await.unwrap()
    };
    h.invite((series, session), cast.owner, manager).await.unwrap();
    assert!(invited().await);
    let arrange = h.arranger(series, cast.owner).await;
    let mut work = h.begin().await;
    assert!(work.postpone_session(&arrange, session).await.unwrap());
    assert!(!work.postpone_session(&arrange, session).await.unwrap(), "once");
    let another_time = work.move_session(&arrange, session, h.later(60), &note("")).await.unwrap();
    another_time.unwrap();
    work.commit().await.unwrap();
    assert!(!invited().await, "nobody asked them to come at another time");

    h.invite((series, session), cast.owner, manager).await.unwrap();
    h.clock.advance_seconds(120);
    let arrange = h.arranger(series, cast.owner).await;
    let mut work = h.begin().await;
    assert!(work.miss_session(&arrange, session).await.unwrap());
    work.commit().await.unwrap();
    assert!(!invited().await);
    assert!(!had_guest().await);

    for (code, stays) in [(1, false), (2, true)] {
        let held = h.planned_session(series, cast.owner, 7).await;
        h.invite((series, held), cast.owner, manager).await.unwrap();
        h.begin_meeting(held, cast.coach, code).await.unwrap();
        h.clock.advance_seconds(60);
        if !stays {
            let owner = h.cx(cast.owner, Role::Practitioner);
            let (mut work, decide) = h.ask::<DecideSeries>(owner, series).await;
            assert!(work.take_back_invitation(&decide, held, manager).await.unwrap());
            work.commit().await.unwrap();
            h.clock.advance_seconds(60);
        }
        assert!(h.end_meeting(held, cast.coach, MeetingEnd::Held).await);
        assert_eq!(had_guest().await, stays);
    }
}
