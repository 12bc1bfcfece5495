//! What coaches note of their hours, when they were last supervised, and what is thought about before a series.

use hearback_access::{KeepProfile, SeeCoaching, SeeSeries, StartSeries, Supervise};
use hearback_domain::{
    Day, HoursId, Role, SeriesId, SupervisionId, UserId,
    coaching::{Considered, HoursKind, MostSeries, NotCoach, Question, TimeSpent, hours::Total},
};

use super::{
    coaching::{DAY, focus, profile},
    fixture::{House, note},
};
use crate::{CoachProfile, NewSeries, NotedHours, Store};

const WEEK: i64 = 7 * DAY;

impl House<'_> {
    fn hours(&self, kind: HoursKind, day: &str, minutes: u16) -> NotedHours {
        NotedHours {
            id: HoursId::mint(&self.ids),
            kind,
            day: day.parse().unwrap(),
            spent: TimeSpent::minutes(minutes).unwrap(),
            note: note("with Nia"),
        }
    }

    async fn note_hours(&self, coach: UserId, hours: &NotedHours) {
        let (mut work, keep) = self.ask::<KeepProfile>(self.cx(coach, Role::Coach), ()).await;
        work.note_hours(&keep, hours).await.unwrap();
        work.commit().await.unwrap();
    }

    async fn own_hours(&self, coach: UserId) -> (Vec<NotedHours>, u64) {
        let (mut work, keep) = self.ask::<KeepProfile>(self.cx(coach, Role::Coach), ()).await;
        (work.own_hours(&keep).await.unwrap(), work.held_here(&keep).await.unwrap())
    }

    async fn in_the_pool(&self, viewer: UserId, coach: UserId) -> CoachProfile {
        let cx = self.cx(viewer, Role::Practitioner);
        let (mut work, see) = self.ask::<SeeCoaching>(cx, ()).await;
        let pool = work.coach_pool(&see).await.unwrap();
        pool.into_iter().find(|one| one.person == coach).expect("in the pool")
    }

    /// Today, on the calendar of the house.
    fn today(&self) -> String {
        Day::of(self.now()).to_string()
    }
}

/// Hours are the coach's own; others are told what they add up to. What was held here is counted by itself.
pub async fn hours_are_noted_and_added_up(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let other = h.person("nia", Role::Coach).await;
    assert_eq!(h.own_hours(cast.coach).await, (vec![], 0), "also without a profile");
    let (_, session) = h.agreed_series(cast).await;
    h.in_pool(other).await;

    let first = h.hours(HoursKind::Practice, "2023-11-10", 90);
    let second = h.hours(HoursKind::Taught, "2023-11-12", 6 * 60);
    let third = h.hours(HoursKind::Practice, "2023-11-11", 45);
    for hours in [&first, &second, &third] {
        h.note_hours(cast.coach, hours).await;
    }
    let theirs = h.hours(HoursKind::SelfDirected, "2023-11-01", 30);
    h.note_hours(other, &theirs).await;
    assert_eq!(
        h.own_hours(cast.coach).await.0,
        [second.clone(), third.clone(), first.clone()],
        "newest day first"
    );
    assert_eq!(h.own_hours(other).await.0, [theirs]);
    assert!(h.begin().await.try_texts().await.unwrap().opened > 4, "a copy opens their notes");

    let noted = h.in_the_pool(cast.owner, cast.coach).await.hours;
    let total = |kind, minutes, times| Total { kind, minutes, times };
    let added = [total(HoursKind::Taught, 360, 1), total(HoursKind::Practice, 135, 2)];
    assert_eq!((noted.noted, noted.held_here), (added.to_vec(), None));
    let (mut work, keep) = h.ask::<KeepProfile>(h.cx(other, Role::Coach), ()).await;
    assert!(!work.drop_hours(&keep, first.id).await.unwrap(), "nobody else's");
    work.commit().await.unwrap();
    let (mut work, keep) = h.ask::<KeepProfile>(h.cx(cast.coach, Role::Coach), ()).await;
    assert!(work.drop_hours(&keep, first.id).await.unwrap());
    assert!(!work.drop_hours(&keep, first.id).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(h.own_hours(cast.coach).await.0, [second, third]);

    // What was held here, by whoever coached then.
    h.clock.advance_seconds(60);
    h.begin_coaching(session, cast.coach).await;
    h.clock.advance_seconds(50 * 60 + 59);
    let cx = h.cx(cast.coach, Role::Coach);
    let (mut work, lead) = h.ask::<hearback_access::LeadSession>(cx, session).await;
    assert!(work.end_meeting(&lead, crate::MeetingEnd::Held).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!((h.own_hours(cast.coach).await.1, h.own_hours(other).await.1), (50, 0));
    let told = h.in_the_pool(cast.owner, cast.coach).await.hours.held_here;
    assert_eq!(told, None, "it would be about one person (K-07)");
    let mut many = profile("I listen.");
    many.most = MostSeries::new(20).unwrap();
    h.keep_profile(cast.coach, &many).await;
    for n in 1..5 {
        let person = h.person(&format!("p{n}"), Role::Practitioner).await;
        let series = h.try_series(person, cast.coach).await.unwrap();
        h.agree_series(series, person, cast.coach).await;
        let session = h.planned_session(series, person, 1).await;
        h.hold_session(session, cast.coach).await;
    }
    assert_eq!(h.in_the_pool(cast.owner, cast.coach).await.hours.held_here, Some(50));
}

/// Whoever was not supervised for twelve weeks is not chosen for a new series; what is under way goes on (SUP-06).
pub async fn supervision_comes_before_a_new_series(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let sue = h.person("sue", Role::CoachingSupervisor).await;
    let other = h.person("nia", Role::Coach).await;
    h.in_pool(other).await;
    let (series, _) = h.agreed_series(cast).await;
    let looked_at = h.now();
    let begun = async || h.try_series(cast.stranger, cast.coach).await.map(|_| ());
    let last = async || h.in_the_pool(cast.owner, cast.coach).await.supervised_at;
    assert_eq!(last().await, looked_at);
    h.clock.advance_seconds(12 * WEEK);
    assert_eq!(begun().await, Err(NotCoach::Waiting));
    assert_eq!(h.try_coach(series, cast.owner, Some(other)).await, Err(NotCoach::Waiting));
    assert_eq!(h.see_series(series, cast.coach, Role::Coach).await.0.ended, None, "it goes on");
    h.planned_session(series, cast.owner, 7).await;
    // Whoever writes something else of themself was not supervised by that.
    h.keep_profile(cast.coach, &profile("I ask.")).await;
    assert_eq!((last().await, begun().await), (looked_at, Err(NotCoach::Waiting)));

    // Hours that are no supervision change nothing; supervision does.
    h.note_hours(cast.coach, &h.hours(HoursKind::Taught, &h.today(), 60)).await;
    assert_eq!(last().await, looked_at);
    let group = h.hours(HoursKind::SupervisedGroup, &h.today(), 60);
    h.note_hours(cast.coach, &group).await;
    assert_eq!(last().await, Day::of(h.now()).starts());
    h.try_series(cast.stranger, cast.coach).await.unwrap();
    let (mut work, keep) = h.ask::<KeepProfile>(h.cx(cast.coach, Role::Coach), ()).await;
    assert!(work.drop_hours(&keep, group.id).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(last().await, looked_at);

    // And so does a meeting to which they came.
    let cx = h.cx(sue, Role::CoachingSupervisor);
    let (mut work, supervise) = h.ask::<Supervise>(cx, ()).await;
    let meeting = SupervisionId::mint(&h.ids);
    work.call_meeting(&supervise, meeting, h.now(), &[other]).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(h.in_the_pool(cast.owner, other).await.supervised_at, looked_at, "invited");
    let (mut work, supervise) = h.ask::<Supervise>(cx, ()).await;
    assert!(work.note_came(&supervise, meeting, other, true).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(h.in_the_pool(cast.owner, other).await.supervised_at, h.now());
    assert_eq!(h.try_coach(series, cast.owner, Some(other)).await, Ok(()));

    // Somebody looks at the certificate again.
    h.check_profile(cast.coach).await;
    assert_eq!(last().await, h.now());
}

/// What a practitioner thought about before a series is for them alone (CM-11).
pub async fn what_was_thought_about_is_its_practitioners(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    h.in_pool(cast.coach).await;
    let thought = Considered::new(
        |question| Some(question == Question::Counselling),
        note("We asked.\nIt is fine."),
    )
    .unwrap();
    let id = SeriesId::mint(&h.ids);
    let owner = h.cx(cast.owner, Role::Practitioner);
    let (mut work, start) = h.ask::<StartSeries>(owner, ()).await;
    let new = NewSeries {
        id,
        coach: cast.coach,
        focus: focus("Robin"),
        attendance: false,
        considered: Some(thought.clone()),
    };
    work.begin_series(&start, &new).await.unwrap().unwrap();
    work.commit().await.unwrap();
    let reads = async |user, role, series| {
        let (mut work, see) = h.ask::<SeeSeries>(h.cx(user, role), series).await;
        work.considered(&see).await.unwrap()
    };
    assert_eq!(reads(cast.owner, Role::Practitioner, id).await, Some(thought));
    assert_eq!(reads(cast.coach, Role::Coach, id).await, None);
    let other = h.try_series(cast.owner, cast.coach).await.unwrap();
    assert_eq!(reads(cast.owner, Role::Practitioner, other).await, None, "nothing was kept");
    let opened = h.begin().await.try_texts().await.unwrap();
    assert!(opened.opened > 0, "a copy opens it");
}
