//! Sheets, logs and goals: their writer's alone, shared with one person, taken back.

use hearback_access::{DecideSeries, KeepSheets, SeeCoaching, SeeSeries};
use hearback_domain::{
    CoachingSessionId, GoalId, GoalText, PieceId, Role, SeriesId, UserId,
    policy::Refusal,
    sheets::{GoalStatus, Sheet, SheetKind, Writer},
};

use super::fixture::{Cast, House};
use crate::{KeptGoal, KeptSheet, NewGoal, Saving, SeriesPair, Store};

/// A sheet with this in its first field.
fn sheet(kind: SheetKind, text: &str) -> Sheet {
    let fields = kind.fields(Writer::Practitioner);
    Sheet::typed(fields, |key| if key == fields[0].key { text } else { "" }).unwrap()
}

const OWNER: Role = Role::Practitioner;

impl House<'_> {
    async fn keep(
        &self,
        (user, role): (UserId, Role),
        session: CoachingSessionId,
        kind: SheetKind,
        (revision, text): (u64, &str),
    ) -> Saving {
        let (mut work, keep) = self.ask::<KeepSheets>(self.cx(user, role), session).await;
        let saved = work.keep_sheet(&keep, kind, revision, &sheet(kind, text)).await.unwrap();
        work.commit().await.unwrap();
        saved
    }

    async fn share(
        &self,
        (user, role): (UserId, Role),
        session: CoachingSessionId,
        kind: SheetKind,
        with: Option<UserId>,
    ) -> bool {
        let (mut work, keep) = self.ask::<KeepSheets>(self.cx(user, role), session).await;
        let shared = work.share_sheet(&keep, kind, with).await.unwrap();
        work.commit().await.unwrap();
        shared
    }

    /// What somebody reads of a sheet: their own, and what was shared with them.
    async fn reads(
        &self,
        (user, role): (UserId, Role),
        session: CoachingSessionId,
        kind: SheetKind,
    ) -> (Option<KeptSheet>, Option<KeptSheet>) {
        let (mut work, keep) = self.ask::<KeepSheets>(self.cx(user, role), session).await;
        let own = work.own_sheet(&keep, kind).await.unwrap();
        let shared = work.shared_sheet(&keep, kind).await.unwrap();
        work.commit().await.unwrap();
        (own, shared)
    }

    async fn seen_goals(&self, user: UserId, role: Role, series: SeriesId) -> Vec<KeptGoal> {
        let (mut work, see) = self.ask::<SeeSeries>(self.cx(user, role), series).await;
        let goals = work.goals(&see).await.unwrap();
        work.commit().await.unwrap();
        goals
    }

    /// Somebody else coaches the series from now on.
    async fn another_coach(&self, series: SeriesId, cast: Cast) -> UserId {
        let other = self.person("ann", Role::Coach).await;
        self.in_pool(other).await;
        self.try_coach(series, cast.owner, Some(other)).await.unwrap();
        other
    }
}

/// A sheet comes back as it was written, and of two tabs the second is told.
pub async fn a_sheet_is_saved_by_one_tab_after_the_other(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (series, session) = h.agreed_series(cast).await;
    let owner = (cast.owner, OWNER);
    let (mut work, keep) = h.ask::<KeepSheets>(h.cx(cast.owner, OWNER), session).await;
    let about = work.sheet_session(&keep).await.unwrap().unwrap();
    let pair = SeriesPair { practitioner: cast.owner, coach: Some(cast.coach) };
    assert_eq!((about.series, about.pair), (series, pair));
    assert_eq!(about.planned_at, Some(h.later(7 * super::coaching::DAY)));
    assert!(!about.before);
    work.commit().await.unwrap();
    let (mut work, see) = h.ask::<SeeSeries>(h.cx(cast.owner, OWNER), series).await;
    assert_eq!(work.series_pair(&see).await.unwrap(), Some(pair));
    work.commit().await.unwrap();

    for kind in SheetKind::ALL {
        let kind = *kind;
        assert_eq!(h.reads(owner, session, kind).await, (None, None));
        assert_eq!(
            h.keep(owner, session, kind, (3, "Nothing lies there")).await,
            Saving::Meanwhile(None)
        );
        assert_eq!(h.keep(owner, session, kind, (0, "It was quiet")).await, Saving::Kept(1));
        let Saving::Meanwhile(Some(now)) =
            h.keep(owner, session, kind, (0, "The second tab")).await
        else {
            panic!("both tabs began with nothing")
        };
        let wanted = KeptSheet {
            writer: cast.owner,
            sheet: sheet(kind, "It was quiet"),
            revision: 1,
            saved_at: h.now(),
            shared_at: None,
        };
        assert_eq!(now, wanted);
        assert_eq!(h.keep(owner, session, kind, (1, "It was quiet, and")).await, Saving::Kept(2));
        let stale = h.keep(owner, session, kind, (1, "The second tab")).await;
        assert!(matches!(stale, Saving::Meanwhile(Some(now)) if now.revision == 2));
        let own = h.reads(owner, session, kind).await.0.unwrap();
        assert_eq!(own.sheet, sheet(kind, "It was quiet, and"));
    }
    assert!(h.begin().await.try_texts().await.unwrap().opened > 3, "a copy opens them too");
    let (mut work, keep) = h.ask::<KeepSheets>(h.cx(cast.owner, OWNER), session).await;
    work.drop_sheet(&keep, SheetKind::Session).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(h.reads(owner, session, SheetKind::Session).await.0, None);
    assert!(h.reads(owner, session, SheetKind::Thinking).await.0.is_some());
    let gone = h.keep(owner, session, SheetKind::Session, (2, "The second tab")).await;
    assert_eq!(gone, Saving::Meanwhile(None));
    // Written anew, it is not taken for the one before by a tab that still shows that.
    assert_eq!(h.keep(owner, session, SheetKind::Session, (0, "Anew")).await, Saving::Kept(3));
    let stale = h.keep(owner, session, SheetKind::Session, (2, "The second tab")).await;
    assert!(matches!(stale, Saving::Meanwhile(Some(now)) if now.revision == 3));
    let other = h.keep(owner, session, SheetKind::Thinking, (2, "Goes on")).await;
    assert_eq!(other, Saving::Kept(3), "another sheet counts by itself");
}

/// Nobody reads a sheet but its writer, until they share it: then the other one of the two, until they take that back.
pub async fn a_sheet_is_its_writers_until_it_is_shared(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let manager = h.person("mo", Role::LineManager).await;
    let (series, session) = h.agreed_series(cast).await;
    let (owner, coach) = ((cast.owner, OWNER), (cast.coach, Role::Coach));
    let kind = SheetKind::Thinking;
    assert!(!h.share(owner, session, kind, Some(cast.coach)).await, "there is none yet");
    h.keep(owner, session, kind, (0, "What I heard")).await;
    h.keep(coach, session, kind, (0, "What I asked")).await;
    assert_eq!(h.reads(owner, session, kind).await.0.unwrap().sheet, sheet(kind, "What I heard"));
    assert_eq!(h.reads(coach, session, kind).await.0.unwrap().sheet, sheet(kind, "What I asked"));
    assert_eq!(h.reads(coach, session, kind).await.1, None);
    for (user, role) in
        [(cast.stranger, OWNER), (cast.researcher, Role::Researcher), (manager, Role::LineManager)]
    {
        let why = h.refusal::<KeepSheets>(h.cx(user, role), session).await;
        assert!(matches!(why, Some(Refusal::Role | Refusal::Relation)), "{role}: {why:?}");
    }

    assert!(!h.share(owner, session, kind, Some(cast.stranger)).await, "nobody of the two");
    assert!(!h.share(owner, session, kind, Some(cast.owner)).await, "nobody else");
    assert!(h.share(owner, session, kind, Some(cast.coach)).await);
    assert!(h.share(coach, session, kind, Some(cast.owner)).await);
    let read = async |who, what: &str| {
        let (_, theirs) = h.reads(who, session, kind).await;
        let theirs = theirs.map(|kept| (kept.sheet, kept.shared_at));
        assert_eq!(theirs, Some((sheet(kind, what), Some(h.now()))));
    };
    read(coach, "What I heard").await;
    read(owner, "What I asked").await;
    // What is added later is read too: it says so on the page.
    assert_eq!(h.keep(owner, session, kind, (1, "What I heard then")).await, Saving::Kept(2));
    read(coach, "What I heard then").await;
    assert_eq!(h.reads(coach, session, SheetKind::Session).await.1, None, "this one alone");

    assert!(h.share(owner, session, kind, None).await);
    assert_eq!(h.reads(coach, session, kind).await.1, None, "taken back");
    read(owner, "What I asked").await;

    // Whoever coaches next reads nothing that was shared with somebody else.
    assert!(h.share(owner, session, kind, Some(cast.coach)).await);
    let other = h.another_coach(series, cast).await;
    assert_eq!(h.reads((other, Role::Coach), session, kind).await, (None, None));
    assert_eq!(h.reads(coach, session, kind).await.1, None, "who coached before neither");
    let (own, theirs) = h.reads(owner, session, kind).await;
    assert_eq!(own.unwrap().shared_at, None, "nor is it said to be shared");
    let theirs = theirs.map(|kept| (kept.writer, kept.sheet));
    assert_eq!(theirs, Some((cast.coach, sheet(kind, "What I asked"))), "by whoever wrote it");
    assert!(!h.share(owner, session, kind, Some(cast.coach)).await, "who coached before");
    assert!(!h.share(coach, session, kind, Some(cast.owner)).await, "they share nothing anew");
    assert!(h.share(coach, session, kind, None).await, "and take back what they shared");
    assert_eq!(h.reads(owner, session, kind).await.1, None);
    assert!(h.share(owner, session, kind, Some(other)).await);
    read((other, Role::Coach), "What I heard then").await;
}

/// Goals are their owner's, who alone says how it stands with them.
pub async fn goals_are_their_owners(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (series, session) = h.agreed_series(cast).await;
    let elsewhere = h.try_series(cast.stranger, cast.coach).await.unwrap();
    let decide = h.decider(series, cast.owner).await;
    let new = |text: &str, session| NewGoal {
        id: GoalId::mint(&h.ids),
        text: GoalText::new(text).unwrap(),
        session,
        piece: None,
    };
    let first = new("Leave a silence", Some(session));
    let second = new("Ask once more", None);
    let mut work = h.begin().await;
    assert!(work.add_goal(&decide, &first).await.unwrap());
    work.commit().await.unwrap();
    h.clock.advance_seconds(60);
    let decide = h.decider(series, cast.owner).await;
    let mut work = h.begin().await;
    assert!(work.add_goal(&decide, &second).await.unwrap());
    let strange = new("From elsewhere", Some(CoachingSessionId::mint(&h.ids)));
    assert!(!work.add_goal(&decide, &strange).await.unwrap());
    let strange = NewGoal { piece: Some(PieceId::mint(&h.ids)), session: None, ..strange };
    assert!(!work.add_goal(&decide, &strange).await.unwrap());
    work.commit().await.unwrap();

    let seen = h.seen_goals(cast.owner, OWNER, series).await;
    assert_eq!(seen.iter().map(|g| &g.goal).collect::<Vec<_>>(), [&first, &second]);
    assert_eq!((seen[0].status, seen[0].shared_at), (GoalStatus::Trying, None));
    assert_eq!(h.seen_goals(cast.coach, Role::Coach, series).await, []);
    let why = h.refusal::<DecideSeries>(h.cx(cast.coach, Role::Coach), series).await;
    assert!(why.is_some(), "the coach decides nothing here");

    assert!(h.begin().await.try_texts().await.unwrap().opened > 2, "a copy opens them too");
    let mut work = h.begin().await;
    let text = GoalText::new("Leave a longer silence").unwrap();
    assert!(work.change_goal(&decide, first.id, &text).await.unwrap());
    for status in GoalStatus::ALL {
        assert!(work.set_goal_status(&decide, first.id, *status).await.unwrap());
    }
    assert!(work.set_goal_status(&decide, first.id, GoalStatus::There).await.unwrap());
    assert!(work.share_goal(&decide, first.id, true).await.unwrap());
    work.commit().await.unwrap();
    let seen = h.seen_goals(cast.coach, Role::Coach, series).await;
    assert_eq!(seen.len(), 1);
    assert_eq!((&seen[0].goal.text, seen[0].status), (&text, GoalStatus::There));
    assert_eq!((seen[0].made_at, seen[0].changed_at), (h.later(-60), h.now()));
    assert_eq!(seen[0].shared_at, Some(h.now()));

    // A goal is found in its own series only.
    let other = h.decider(elsewhere, cast.stranger).await;
    let mut work = h.begin().await;
    assert!(!work.change_goal(&other, first.id, &text).await.unwrap());
    assert!(!work.set_goal_status(&other, first.id, GoalStatus::Changed).await.unwrap());
    assert!(!work.share_goal(&other, first.id, false).await.unwrap());
    work.drop_goal(&other, first.id).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(h.seen_goals(cast.owner, OWNER, series).await.len(), 2);

    // Shared with a person, and not with whoever coaches next.
    let next = h.another_coach(series, cast).await;
    assert_eq!(h.seen_goals(next, Role::Coach, series).await, []);
    let own = h.seen_goals(cast.owner, OWNER, series).await;
    assert!(own.iter().all(|goal| goal.shared_at.is_none()), "nobody reads it now");
    // Nor when they come back: it was shared with them as they were then.
    h.try_coach(series, cast.owner, Some(cast.coach)).await.unwrap();
    assert_eq!(h.seen_goals(cast.coach, Role::Coach, series).await, []);
    h.try_coach(series, cast.owner, Some(next)).await.unwrap();
    let mut work = h.begin().await;
    assert!(work.share_goal(&decide, first.id, true).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(h.seen_goals(next, Role::Coach, series).await.len(), 1);
    let mut work = h.begin().await;
    assert!(work.share_goal(&decide, first.id, false).await.unwrap());
    work.drop_goal(&decide, second.id).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(h.seen_goals(next, Role::Coach, series).await, [], "taken back");
    h.try_coach(series, cast.owner, None).await.unwrap();
    let mut work = h.begin().await;
    assert!(!work.share_goal(&decide, first.id, true).await.unwrap(), "nobody coaches");
    work.commit().await.unwrap();
    let left = h.seen_goals(cast.owner, OWNER, series).await;
    assert_eq!(left.iter().map(|g| g.goal.id).collect::<Vec<_>>(), [first.id]);
}

/// Whoever coached before keeps the logs that they wrote, of sessions of their time, and learns nothing else.
pub async fn whoever_coached_before_keeps_their_own_logs(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (series, held) = h.agreed_series(cast).await;
    let planned = h.planned_session(series, cast.owner, 14).await;
    let bare = h.planned_session(series, cast.owner, 21).await;
    let (coach, kind) = ((cast.coach, Role::Coach), SheetKind::Thinking);
    h.clock.advance_seconds(60);
    h.hold_session(held, cast.coach).await;
    for session in [held, planned] {
        assert_eq!(h.keep(coach, session, kind, (0, "What I asked")).await, Saving::Kept(1));
    }
    let logs = async |user| {
        let (mut work, see) = h.ask::<SeeCoaching>(h.cx(user, Role::Coach), ()).await;
        work.former_logs(&see).await.unwrap()
    };
    assert_eq!(logs(cast.coach).await, [], "they coach in it");
    h.clock.advance_seconds(60);
    let next = h.another_coach(series, cast).await;
    // Another time, of which they are told nothing.
    let arrange = h.arranger(series, cast.owner).await;
    let mut work = h.begin().await;
    let (at, place) = (h.later(30 * super::coaching::DAY), super::fixture::note("elsewhere"));
    work.move_session(&arrange, planned, at, &place).await.unwrap().unwrap();
    work.commit().await.unwrap();

    let about = async |user, session| {
        let (mut work, keep) = h.ask::<KeepSheets>(h.cx(user, Role::Coach), session).await;
        let about = work.sheet_session(&keep).await.unwrap();
        about.map(|about| (about.planned_at.is_some(), about.before))
    };
    assert_eq!(about(cast.coach, held).await, Some((true, true)));
    assert_eq!(about(cast.coach, planned).await, Some((false, true)), "what they wrote, no date");
    assert_eq!(about(cast.coach, bare).await, None);
    assert_eq!(about(next, bare).await, Some((true, false)));
    let mut found: Vec<_> =
        logs(cast.coach).await.into_iter().map(|l| (l.session, l.planned_at.is_some())).collect();
    found.sort();
    let mut wanted = vec![(held, true), (planned, false)];
    wanted.sort();
    assert_eq!((found, logs(next).await), (wanted, vec![]));

    // It is held by somebody else; that is nothing to them.
    h.agree_series(series, cast.owner, next).await;
    h.hold_session(planned, next).await;
    assert_eq!(about(cast.coach, planned).await, Some((false, true)));
    let changed = h.keep(coach, held, kind, (1, "What I would ask")).await;
    assert_eq!(changed, Saving::Kept(2));
    assert_eq!(h.reads(coach, held, kind).await.0.unwrap().sheet, sheet(kind, "What I would ask"));
    let (mut work, keep) = h.ask::<KeepSheets>(h.cx(cast.coach, Role::Coach), planned).await;
    work.drop_sheet(&keep, kind).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(about(cast.coach, planned).await, None, "nothing of theirs is there any more");
    assert_eq!(logs(cast.coach).await.len(), 1);
}
