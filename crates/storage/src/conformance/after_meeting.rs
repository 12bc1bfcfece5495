//! A note for a researcher, a focus group, and coaches whom no meeting has reached.

use hearback_access::{Permit, ReadDebriefs};
use hearback_domain::{Note, Role, SupervisionId, UserId, supervision::FocusPart};

use super::{
    coaching::profile,
    fixture::{House, note},
};
use crate::{FocusGroup, SharedDebrief, Store};

impl House<'_> {
    async fn reads_debriefs(&self, researcher: UserId) -> Permit<ReadDebriefs> {
        let cx = self.cx(researcher, Role::Researcher);
        let (work, read) = self.ask::<ReadDebriefs>(cx, ()).await;
        work.commit().await.unwrap();
        read
    }

    async fn debriefs(&self, researcher: UserId) -> Vec<SharedDebrief> {
        let read = self.reads_debriefs(researcher).await;
        let mut work = self.begin().await;
        let all = work.debriefs(&read).await.unwrap();
        let cx = self.cx(researcher, Role::Researcher);
        assert_eq!(work.has_debriefs(cx).await.unwrap(), !all.is_empty());
        all
    }

    async fn focus_for(&self, coach: UserId, meeting: SupervisionId) -> Option<FocusGroup> {
        let attend = self.attends(coach).await;
        self.begin().await.focus_attended(&attend, meeting).await.unwrap()
    }

    async fn says(&self, coach: UserId, meeting: SupervisionId, said: FocusPart) -> bool {
        let attend = self.attends(coach).await;
        let mut work = self.begin().await;
        let done = work.answer_focus(&attend, meeting, said).await.unwrap();
        work.commit().await.unwrap();
        done
    }

    async fn recorder(&self, supervisor: UserId, meeting: SupervisionId, runs: bool) -> bool {
        let supervise = self.leads(supervisor).await;
        let mut work = self.begin().await;
        let done = work.set_recorder(&supervise, meeting, runs).await.unwrap();
        work.commit().await.unwrap();
        done
    }
}

/// A supervisor's note is theirs until they let one researcher read it, and theirs alone again when they like.
pub async fn a_debrief_is_the_supervisors_until_it_is_shared(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (sue, tom) = (
        h.person("sue", Role::CoachingSupervisor).await,
        h.person("tom", Role::CoachingSupervisor).await,
    );
    let (first, second) = (h.meeting(sue, 0, &[cast.coach]).await, h.meeting(sue, 7, &[]).await);
    let (mine, other) = (h.leads(sue).await, h.leads(tom).await);
    let mut work = h.begin().await;
    assert_eq!(work.debrief(&mine, first).await.unwrap(), None);
    assert!(!work.share_debrief(&mine, first, Some(cast.researcher)).await.unwrap(), "no note");
    assert!(!work.keep_debrief(&other, first, &note("Not mine")).await.unwrap());
    assert!(work.keep_debrief(&mine, first, &note("A calm hour")).await.unwrap());
    assert!(work.keep_debrief(&mine, second, &note("Two came")).await.unwrap());
    work.commit().await.unwrap();
    assert!(h.begin().await.try_texts().await.unwrap().opened > 2, "a copy opens it too");
    let mut work = h.begin().await;
    let own = work.debrief(&mine, first).await.unwrap().unwrap();
    assert_eq!((own.body.as_str(), own.saved_at, own.shared), ("A calm hour", h.now(), None));
    assert_eq!(work.debrief(&other, first).await.unwrap(), None);
    drop(work);
    assert_eq!(h.debriefs(cast.researcher).await, []);

    h.clock.advance_seconds(60);
    let mine = h.leads(sue).await;
    let mut work = h.begin().await;
    assert!(!work.share_debrief(&mine, first, Some(cast.coach)).await.unwrap(), "no researcher");
    assert!(!work.share_debrief(&other, first, Some(cast.second)).await.unwrap(), "not theirs");
    assert!(work.share_debrief(&mine, first, Some(cast.researcher)).await.unwrap());
    assert!(work.share_debrief(&mine, second, Some(cast.researcher)).await.unwrap());
    let own = work.debrief(&mine, first).await.unwrap().unwrap();
    assert_eq!(own.shared, Some((cast.researcher, h.now())));
    work.commit().await.unwrap();
    let read = h.debriefs(cast.researcher).await;
    let told: Vec<_> = read.iter().map(|d| (d.meeting, d.supervisor, d.body.as_str())).collect();
    assert_eq!(told, [(second, sue, "Two came"), (first, sue, "A calm hour")], "latest first");
    assert_eq!(read[1].planned_at, h.later(-60));
    assert_eq!(read[1].saved_at, h.later(-60));
    assert_eq!(h.debriefs(cast.second).await, [], "one researcher, not all of them");

    // Another in the first one's place, another wording, nobody, and no note.
    let mut work = h.begin().await;
    assert!(work.share_debrief(&mine, first, Some(cast.second)).await.unwrap());
    assert!(work.keep_debrief(&mine, first, &note("A calm hour, and tea")).await.unwrap());
    assert!(work.share_debrief(&mine, second, None).await.unwrap());
    assert!(!work.call_off_meeting(&mine, second).await.unwrap(), "something came of it");
    work.commit().await.unwrap();
    assert_eq!(h.debriefs(cast.researcher).await, []);
    assert_eq!(h.debriefs(cast.second).await[0].body.as_str(), "A calm hour, and tea");
    let mut work = h.begin().await;
    assert!(work.keep_debrief(&mine, first, &Note::empty()).await.unwrap());
    assert_eq!(work.debrief(&mine, first).await.unwrap(), None);
    work.commit().await.unwrap();
    assert_eq!(h.debriefs(cast.second).await, [], "there is nothing to read any more");
    for (user, role) in [(cast.coach, Role::Coach), (sue, Role::CoachingSupervisor)] {
        assert!(h.refusal::<ReadDebriefs>(h.cx(user, role), ()).await.is_some(), "{role}");
    }
}

/// The recorder runs with everybody's yes, and a yes that is taken back turns it off in the same unit.
pub async fn a_recorder_runs_while_everybody_says_yes(store: &dyn Store) {
    use FocusPart::{Away, Recorded, Unrecorded};
    let h = House::new(store);
    let (sue, tom) = (
        h.person("sue", Role::CoachingSupervisor).await,
        h.person("tom", Role::CoachingSupervisor).await,
    );
    let (ann, bob) = (h.person("ann", Role::Coach).await, h.person("bob", Role::Coach).await);
    let outside = h.person("cara", Role::Coach).await;
    let id = h.meeting(sue, 0, &[ann, bob]).await;
    assert_eq!(h.focus_for(ann, id).await, None);
    assert!(!h.says(ann, id, Recorded).await, "there is none yet");
    assert!(!h.recorder(sue, id, false).await);
    let (mine, other) = (h.leads(sue).await, h.leads(tom).await);
    let mut work = h.begin().await;
    assert!(!work.plan_focus(&other, id, h.later(60)).await.unwrap(), "not theirs");
    assert!(work.plan_focus(&mine, id, h.later(8_100)).await.unwrap());
    assert_eq!(work.focus_led(&other, id).await.unwrap(), None);
    work.commit().await.unwrap();
    let fresh = FocusGroup { begins_at: h.later(8_100), recording: false, said: vec![] };
    assert_eq!(h.focus_for(ann, id).await, Some(fresh));
    assert_eq!(h.focus_for(outside, id).await, None);

    assert!(!h.recorder(sue, id, true).await, "nobody takes part");
    assert!(h.says(ann, id, Recorded).await && !h.says(outside, id, Recorded).await);
    assert!(h.says(bob, id, Unrecorded).await);
    assert!(!h.recorder(sue, id, true).await, "one is there without a yes");
    assert_eq!(h.focus_for(ann, id).await.unwrap().said, [(ann, Recorded)], "their own answer");
    assert!(h.says(bob, id, Recorded).await);
    assert!(!h.recorder(tom, id, true).await, "not theirs");
    assert!(h.recorder(sue, id, true).await);
    assert!(h.focus_for(bob, id).await.unwrap().recording);

    // Another time leaves everything else; somebody who goes leaves it running; a yes taken back does not.
    let mut work = h.begin().await;
    assert!(work.plan_focus(&mine, id, h.later(9_000)).await.unwrap());
    let led = work.focus_led(&mine, id).await.unwrap().unwrap();
    let mut wanted = vec![(ann, Recorded), (bob, Recorded)];
    wanted.sort();
    assert_eq!((led.begins_at, led.recording, led.said), (h.later(9_000), true, wanted));
    work.commit().await.unwrap();
    assert!(h.says(ann, id, Away).await);
    assert!(h.focus_for(bob, id).await.unwrap().recording, "everybody who is there said yes");
    assert!(h.says(bob, id, Unrecorded).await);
    assert!(!h.focus_for(bob, id).await.unwrap().recording, "off at once");
    assert!(h.says(bob, id, Recorded).await);
    assert!(!h.focus_for(bob, id).await.unwrap().recording, "and on by nobody's hand but theirs");
    assert!(h.recorder(sue, id, true).await && h.says(bob, id, Away).await);
    assert!(!h.focus_for(bob, id).await.unwrap().recording, "nobody is left");

    let mut work = h.begin().await;
    assert!(!work.drop_focus(&other, id).await.unwrap());
    assert!(work.drop_focus(&mine, id).await.unwrap());
    assert!(work.plan_focus(&mine, id, h.later(8_100)).await.unwrap());
    let led = work.focus_led(&mine, id).await.unwrap().unwrap();
    assert_eq!(led.said, [], "another one is asked about anew");
    work.commit().await.unwrap();
}

/// A supervisor learns when supervision last reached each coach who is invited to nothing ahead.
pub async fn a_supervisor_learns_whom_no_meeting_reached(store: &dyn Store) {
    let h = House::new(store);
    let sue = h.person("sue", Role::CoachingSupervisor).await;
    let (ann, bob) = (h.person("ann", Role::Coach).await, h.person("bob", Role::Coach).await);
    let (cara, dan) = (h.person("cara", Role::Coach).await, h.person("dan", Role::Coach).await);
    for coach in [ann, bob, cara] {
        h.keep_profile(coach, &profile("Listens")).await;
    }
    let kept_at = h.now();
    let met = h.meeting(sue, 0, &[ann, bob, cara, dan]).await;
    h.clock.advance_seconds(86_400);
    let second = h.meeting(sue, 2, &[ann, bob]).await;
    let supervise = h.leads(sue).await;
    let mut work = h.begin().await;
    assert!(work.note_came(&supervise, met, ann, true).await.unwrap());
    assert!(work.note_came(&supervise, second, ann, true).await.unwrap());
    let last = work.last_supervised(&supervise).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(last, [(cara, kept_at)], "the others are invited to one ahead; dan has no profile");

    h.clock.advance_seconds(60 * 86_400);
    let supervise = h.leads(sue).await;
    let mut last = h.begin().await.last_supervised(&supervise).await.unwrap();
    let mut wanted = vec![
        (ann, kept_at.plus_seconds(86_400)),
        // Invited, and not there.
        (bob, kept_at),
        (cara, kept_at),
    ];
    last.sort();
    wanted.sort();
    assert_eq!(last, wanted);
}
