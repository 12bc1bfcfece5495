//! Coaches supervised together.

use hearback_access::{AttendSupervision, Permit, Supervise};
use hearback_domain::{
    Clock as _, Ms, Note, Role, SupervisionId, UserId,
    policy::Refusal,
    supervision::{Dome, Phase, Turn},
};

use super::fixture::{House, note};
use crate::{Store, SupervisionMeeting};

impl House<'_> {
    pub(super) async fn leads(&self, supervisor: UserId) -> Permit<Supervise> {
        let cx = self.cx(supervisor, Role::CoachingSupervisor);
        let (work, supervise) = self.ask::<Supervise>(cx, ()).await;
        work.commit().await.unwrap();
        supervise
    }

    pub(super) async fn attends(&self, coach: UserId) -> Permit<AttendSupervision> {
        let (work, attend) = self.ask::<AttendSupervision>(self.cx(coach, Role::Coach), ()).await;
        work.commit().await.unwrap();
        attend
    }

    pub(super) async fn meeting(
        &self,
        supervisor: UserId,
        days: i64,
        coaches: &[UserId],
    ) -> SupervisionId {
        let supervise = self.leads(supervisor).await;
        let id = SupervisionId::mint(&self.ids);
        let mut work = self.begin().await;
        let at = self.later(days * 86_400);
        work.call_meeting(&supervise, id, at, coaches).await.unwrap();
        work.commit().await.unwrap();
        id
    }

    async fn as_led(&self, supervisor: UserId, id: SupervisionId) -> Option<SupervisionMeeting> {
        let supervise = self.leads(supervisor).await;
        self.begin().await.meeting_led(&supervise, id).await.unwrap()
    }

    async fn as_attended(&self, coach: UserId, id: SupervisionId) -> Option<SupervisionMeeting> {
        let attend = self.attends(coach).await;
        self.begin().await.meeting_attended(&attend, id).await.unwrap()
    }
}

/// A supervisor leads their own meetings; a coach sees those that they are invited to.
pub async fn coaches_see_the_meetings_they_are_invited_to(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (sue, tom) = (
        h.person("sue", Role::CoachingSupervisor).await,
        h.person("tom", Role::CoachingSupervisor).await,
    );
    let (ann, bob) = (h.person("ann", Role::Coach).await, h.person("bob", Role::Coach).await);
    // Whoever does not coach is left out, and nobody sits twice.
    let first = h.meeting(sue, 7, &[cast.coach, ann, ann, cast.owner, sue]).await;
    let second = h.meeting(sue, 35, &[ann]).await;
    let others = h.meeting(tom, 8, &[bob]).await;

    let led = h.as_led(sue, first).await.unwrap();
    assert_eq!((led.supervisor, led.planned_at, led.dome), (sue, h.later(7 * 86_400), None));
    let mut seats: Vec<_> = led.seats.iter().map(|s| (s.coach, s.came, s.volunteered)).collect();
    let mut wanted = vec![(cast.coach, false, false), (ann, false, false)];
    seats.sort();
    wanted.sort();
    assert_eq!(seats, wanted);
    let supervise = h.leads(sue).await;
    let mut work = h.begin().await;
    let all = work.meetings_led(&supervise).await.unwrap();
    assert_eq!(all.iter().map(|m| m.id).collect::<Vec<_>>(), [second, first], "latest first");
    assert_eq!(all[1], led);
    drop(work);
    assert_eq!(h.as_led(sue, others).await, None);

    let attend = h.attends(ann).await;
    let mut work = h.begin().await;
    let all = work.meetings_attended(&attend).await.unwrap();
    assert_eq!(all.iter().map(|m| m.id).collect::<Vec<_>>(), [second, first]);
    assert_eq!(all[1], led);
    drop(work);
    assert_eq!(h.as_attended(ann, first).await, Some(led));
    assert_eq!(h.as_attended(ann, others).await, None);
    assert_eq!(h.as_attended(cast.coach, second).await, None);
    for (user, role) in [(cast.owner, Role::Practitioner), (cast.coach, Role::Coach)] {
        assert!(h.refusal::<Supervise>(h.cx(user, role), ()).await.is_some(), "{role}");
    }
    let why = h.refusal::<AttendSupervision>(h.cx(cast.owner, Role::Practitioner), ()).await;
    assert_eq!(why, Some(Refusal::Role));

    // Moving it, and who came.
    let other = h.leads(tom).await;
    let mut work = h.begin().await;
    assert!(work.move_meeting(&supervise, first, h.later(9 * 86_400)).await.unwrap());
    assert!(!work.move_meeting(&other, first, h.later(1)).await.unwrap());
    assert!(work.note_came(&supervise, first, ann, true).await.unwrap());
    assert!(work.note_came(&supervise, first, cast.coach, true).await.unwrap());
    assert!(work.note_came(&supervise, first, cast.coach, false).await.unwrap());
    assert!(!work.note_came(&supervise, first, bob, true).await.unwrap(), "no seat");
    assert!(!work.note_came(&other, first, ann, false).await.unwrap(), "not theirs");
    work.commit().await.unwrap();
    let led = h.as_led(sue, first).await.unwrap();
    assert_eq!(led.planned_at, h.later(9 * 86_400));
    let came: Vec<_> = led.seats.iter().filter(|s| s.came).map(|s| s.coach).collect();
    assert_eq!(came, [ann]);

    let mut work = h.begin().await;
    assert!(!work.call_off_meeting(&other, second).await.unwrap());
    assert!(work.call_off_meeting(&supervise, second).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(h.as_attended(ann, second).await, None);
}

/// The exercise is where whoever leads it put it, for everybody; the volunteer's note is theirs alone.
pub async fn a_dome_is_followed_and_its_note_is_the_volunteers(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (sue, tom) = (
        h.person("sue", Role::CoachingSupervisor).await,
        h.person("tom", Role::CoachingSupervisor).await,
    );
    let (ann, bob) = (h.person("ann", Role::Coach).await, h.person("bob", Role::Coach).await);
    let id = h.meeting(sue, 0, &[cast.coach, ann]).await;
    let (supervise, other) = (h.leads(sue).await, h.leads(tom).await);
    let begun = Dome::begin(ann);
    let mut work = h.begin().await;
    assert!(!work.set_dome(&other, id, Some(&begun)).await.unwrap(), "not theirs");
    assert!(!work.set_dome(&supervise, id, Some(&Dome::begin(bob))).await.unwrap(), "no seat");
    assert!(work.set_dome(&supervise, id, Some(&begun)).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(h.as_attended(cast.coach, id).await.unwrap().dome, Some(begun));

    let runs = begun.turned(Turn::Next, h.now()).turned(Turn::Start, h.now());
    let mut work = h.begin().await;
    assert!(work.set_dome(&supervise, id, Some(&runs)).await.unwrap());
    work.commit().await.unwrap();
    h.clock.advance_seconds(61);
    let seen = h.as_attended(ann, id).await.unwrap().dome.unwrap();
    assert_eq!((seen, seen.phase), (runs, Phase::Clarify));
    assert_eq!(seen.left(h.clock.now()), Ms::from_seconds(239));

    // The note is for whoever was under it, also when it has ended.
    let mut work = h.begin().await;
    assert!(work.set_dome(&supervise, id, None).await.unwrap());
    work.commit().await.unwrap();
    let led = h.as_led(sue, id).await.unwrap();
    assert_eq!(led.dome, None);
    let was: Vec<_> = led.seats.iter().filter(|s| s.volunteered).map(|s| s.coach).collect();
    assert_eq!(was, [ann]);
    let (volunteer, sits) = (h.attends(ann).await, h.attends(cast.coach).await);
    let mut work = h.begin().await;
    assert_eq!(work.own_outcome(&volunteer, id).await.unwrap(), None);
    assert!(!work.keep_outcome(&sits, id, &note("Mine")).await.unwrap());
    assert!(work.keep_outcome(&volunteer, id, &note("I wait")).await.unwrap());
    assert!(work.keep_outcome(&volunteer, id, &note("I wait longer")).await.unwrap());
    work.commit().await.unwrap();
    assert!(h.begin().await.try_texts().await.unwrap().opened > 1, "a copy opens it too");
    let mut work = h.begin().await;
    let own = work.own_outcome(&volunteer, id).await.unwrap().unwrap();
    assert_eq!((own.body.as_str(), own.saved_at), ("I wait longer", h.now()));
    assert_eq!(work.own_outcome(&sits, id).await.unwrap(), None);
    assert!(!work.call_off_meeting(&supervise, id).await.unwrap(), "something came of it");
    assert!(work.keep_outcome(&volunteer, id, &Note::empty()).await.unwrap());
    assert_eq!(work.own_outcome(&volunteer, id).await.unwrap(), None, "taken away");
    work.commit().await.unwrap();
}
