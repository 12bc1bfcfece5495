//! Moments of own recordings, brought to supervision.

use hearback_access::{
    ApproveRedaction, BringMoment, Cx, HearBrought, Hide, Nominate, ObjectKind, SeeRecording,
};
use hearback_domain::{
    BroughtId, Hidden, HiddenId, HideReason, Ms, NominationId, PersonId, Purpose, RecordingId,
    RedactionVersion, Role, SupervisionId, UserId,
    choosing::MomentKind,
    policy::Refusal,
    supervision::{Dome, NotBrought},
};

use super::{
    erasing::{taking_back, withdraw},
    fixture::{House, note, span},
};
use crate::{NewMoment, Store};

impl House<'_> {
    async fn coach_with_recordings(&self, login: &str) -> UserId {
        let roles = [Role::Practitioner, Role::Coach];
        let person = self.new_person(login, &login.to_uppercase(), &roles);
        let mut work = self.begin().await;
        work.add_person(&person).await.unwrap();
        work.commit().await.unwrap();
        person.id
    }

    async fn mark_brought(
        &self,
        owner: UserId,
        id: RecordingId,
        from: u64,
        to: u64,
    ) -> NominationId {
        let moment = NewMoment {
            id: NominationId::mint(&self.ids),
            kind: MomentKind::Wonder,
            span: span(from, to),
            note: note("For myself"),
        };
        let (mut work, nominate) =
            self.ask::<Nominate>(self.cx(owner, Role::Practitioner), id).await;
        work.nominate(&nominate, &moment).await.unwrap();
        work.commit().await.unwrap();
        moment.id
    }

    async fn nothing_left_to_hide(&self, owner: UserId, id: RecordingId, version: u64) {
        let (mut work, approve) =
            self.ask::<ApproveRedaction>(self.cx(owner, Role::Practitioner), id).await;
        let version = RedactionVersion::new(version);
        assert!(work.approve_redaction(&approve, version).await.unwrap());
        work.commit().await.unwrap();
    }

    async fn bring(
        &self,
        owner: UserId,
        id: RecordingId,
        meeting: SupervisionId,
        moment: NominationId,
    ) -> Result<Option<BroughtId>, NotBrought> {
        let (mut work, bring) =
            self.ask::<BringMoment>(self.cx(owner, Role::Practitioner), id).await;
        let brought = BroughtId::mint(&self.ids);
        let done = work.bring(&bring, brought, meeting, moment).await.unwrap();
        work.commit().await.unwrap();
        done.map(|done| done.then_some(brought))
    }

    async fn hears(&self, user: UserId, role: Role, brought: BroughtId) -> Option<Refusal> {
        self.refusal::<HearBrought>(self.cx(user, role), brought).await
    }

    /// What somebody is told of: whose it is, and how long.
    async fn told(&self, coach: UserId, meeting: SupervisionId) -> Vec<(BroughtId, UserId, Ms)> {
        let attend = self.attends(coach).await;
        let told = self.begin().await.brought_to_attended(&attend, meeting).await.unwrap();
        told.into_iter().map(|one| (one.id, one.by, one.length)).collect()
    }

    async fn under_the_dome(
        &self,
        supervisor: UserId,
        meeting: SupervisionId,
        who: Option<UserId>,
    ) {
        let supervise = self.leads(supervisor).await;
        let dome = who.map(Dome::begin);
        let mut work = self.begin().await;
        assert!(work.set_dome(&supervise, meeting, dome.as_ref()).await.unwrap());
        work.commit().await.unwrap();
    }
}

const SUE: (&str, Role) = ("sue", Role::CoachingSupervisor);

/// Whoever is invited brings a moment that somebody listened to; a second takes the first one's place.
pub async fn a_moment_is_brought_by_whoever_is_invited(store: &dyn Store) {
    let h = House::new(store);
    let sue = h.person(SUE.0, SUE.1).await;
    let (ann, bob) = (h.coach_with_recordings("ann").await, h.person("bob", Role::Coach).await);
    let id = h.playable(ann, "Robin", &[]).await;
    let (first, second) =
        (h.mark_brought(ann, id, 10, 52).await, h.mark_brought(ann, id, 60, 241).await);
    let owner = h.cx(ann, Role::Practitioner);
    let (work, see) = h.ask::<SeeRecording>(owner, id).await;
    drop(work);
    let nowhere = h.begin().await.where_to_bring(&see).await.unwrap();
    assert_eq!((nowhere.listened, nowhere.meetings.len()), (false, 0));

    let (ahead, soon) =
        (h.meeting(sue, 7, &[ann, bob]).await, h.meeting(sue, 0, &[ann, bob]).await);
    let (over, others) = (h.meeting(sue, -2, &[ann]).await, h.meeting(sue, 3, &[bob]).await);
    assert_eq!(h.bring(ann, id, ahead, first).await, Err(NotBrought::Unheard));
    h.nothing_left_to_hide(ann, id, 0).await;
    for meeting in [over, others] {
        assert_eq!(h.bring(ann, id, meeting, first).await, Err(NotBrought::NotInvited));
    }
    assert_eq!(h.bring(ann, id, ahead, second).await, Err(NotBrought::Long), "three minutes");
    let nobodys = NominationId::mint(&h.ids);
    assert_eq!(h.bring(ann, id, ahead, nobodys).await, Ok(None), "there is no such moment");
    assert_eq!(h.told(bob, ahead).await, [], "nothing was brought");

    let brought = h.bring(ann, id, ahead, first).await.unwrap().unwrap();
    assert_eq!(h.told(bob, ahead).await, [(brought, ann, Ms::from_seconds(42))]);
    assert_eq!(h.told(bob, soon).await, []);
    let where_to = h.begin().await.where_to_bring(&see).await.unwrap();
    assert!(where_to.listened);
    let there: Vec<_> =
        where_to.meetings.iter().map(|m| (m.id, m.planned_at, m.supervisor, m.brought)).collect();
    let at = |days: i64| h.later(days * 86_400);
    assert_eq!(there, [(soon, at(0), sue, None), (ahead, at(7), sue, Some(first))]);

    let third = h.mark_brought(ann, id, 300, 310).await;
    let other = h.bring(ann, id, ahead, third).await.unwrap().unwrap();
    assert_eq!(h.told(bob, ahead).await, [(other, ann, Ms::from_seconds(10))], "in its place");
    assert_eq!(h.hears(bob, Role::Coach, brought).await, Some(Refusal::Absent), "closed");

    let (mut work, bring) = h.ask::<Nominate>(owner, id).await;
    assert!(!work.take_back_brought(&bring, ahead, first).await.unwrap(), "another is there");
    assert!(!work.take_back_brought(&bring, soon, third).await.unwrap());
    assert!(work.take_back_brought(&bring, ahead, third).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(h.told(bob, ahead).await, []);

    // Whoever bob is, the recording is not his; and a coach's hat does not bring.
    let (bob, ann) = (h.cx(bob, Role::Coach), h.cx(ann, Role::Coach));
    assert_eq!(h.refusal::<BringMoment>(bob, id).await, Some(Refusal::Role));
    assert_eq!(h.refusal::<BringMoment>(ann, id).await, Some(Refusal::Role));
}

/// It is heard by those who are in the meeting, while whoever brought it is under the dome, and by nobody else.
pub async fn what_was_brought_is_heard_under_the_dome(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let sue = h.person(SUE.0, SUE.1).await;
    let tom = h.person("tom", Role::CoachingSupervisor).await;
    let (ann, bob) = (h.coach_with_recordings("ann").await, h.person("bob", Role::Coach).await);
    let id = h.playable(ann, "Robin", &[]).await;
    let moment = h.mark_brought(ann, id, 10, 52).await;
    h.nothing_left_to_hide(ann, id, 0).await;
    let meeting = h.meeting(sue, 0, &[ann, bob]).await;
    let brought = h.bring(ann, id, meeting, moment).await.unwrap().unwrap();
    let inside = [(ann, Role::Coach), (bob, Role::Coach), (sue, Role::CoachingSupervisor)];
    for (user, role) in inside {
        assert_eq!(h.hears(user, role, brought).await, Some(Refusal::State), "not begun");
    }
    h.under_the_dome(sue, meeting, Some(bob)).await;
    for (user, role) in inside {
        assert_eq!(h.hears(user, role, brought).await, Some(Refusal::State), "somebody else");
    }
    h.under_the_dome(sue, meeting, Some(ann)).await;
    for (user, role) in inside {
        assert_eq!(h.hears(user, role, brought).await, None, "{role}");
    }
    for (user, role) in [
        (cast.coach, Role::Coach),
        (tom, Role::CoachingSupervisor),
        (cast.stranger, Role::Practitioner),
        (ann, Role::Practitioner),
    ] {
        assert!(h.hears(user, role, brought).await.is_some(), "{role} is not in the meeting");
    }
    let (mut work, hear) = h.ask::<HearBrought>(h.cx(bob, Role::Coach), brought).await;
    assert_eq!(work.brought_span(&hear).await.unwrap(), Some(span(10, 52)));
    assert!(work.object(&hear, ObjectKind::Normalised).await.unwrap().is_some());
    assert!(work.hidden_of(&hear).await.unwrap().is_some());
    assert!(work.object(&hear, ObjectKind::Listening).await.unwrap().is_none(), "no more than it");
    drop(work);
    let led = h.leads(sue).await;
    let told = h.begin().await.brought_to_led(&led, meeting).await.unwrap();
    assert_eq!(told.iter().map(|one| one.id).collect::<Vec<_>>(), [brought]);

    // Nobody hears one thing after another; and it is not heard before the day before its meeting.
    let other = h.mark_brought(ann, id, 60, 70).await;
    assert_eq!(h.bring(ann, id, meeting, other).await, Err(NotBrought::Another));
    let early = Cx { now: h.later(-86_401), ..h.cx(bob, Role::Coach) };
    assert_eq!(h.refusal::<HearBrought>(early, brought).await, Some(Refusal::State));

    // Something is found that is to be hidden: nobody hears it, or hears of it, until somebody has listened again.
    let (mut work, hide) = h.ask::<Hide>(h.cx(ann, Role::Practitioner), id).await;
    let name = Hidden { span: span(20, 21), why: HideReason::Name };
    work.hide(&hide, HiddenId::mint(&h.ids), &name).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(h.hears(bob, Role::Coach, brought).await, Some(Refusal::State));
    assert_eq!(h.told(bob, meeting).await, []);
    h.nothing_left_to_hide(ann, id, 1).await;
    assert_eq!(h.hears(bob, Role::Coach, brought).await, None);

    // An exercise that nobody ended is over when its day is.
    let later = Cx { now: h.later(86_401), ..h.cx(bob, Role::Coach) };
    assert_eq!(h.refusal::<HearBrought>(later, brought).await, Some(Refusal::State));

    h.under_the_dome(sue, meeting, None).await;
    assert_eq!(h.hears(bob, Role::Coach, brought).await, Some(Refusal::State), "it has ended");
    assert_eq!(h.told(bob, meeting).await.len(), 1, "it is there for another time");
    let (supervise, mut work) = (h.leads(sue).await, h.begin().await);
    assert!(work.move_meeting(&supervise, meeting, h.later(60)).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(h.told(bob, meeting).await, [], "not in a meeting that is moved after it was heard");
}

/// A yes that is taken back, a moment that is taken out and a recording that is destroyed take it with them.
pub async fn what_was_brought_goes_with_its_yes(store: &dyn Store) {
    let h = House::new(store);
    let sue = h.person(SUE.0, SUE.1).await;
    let (ann, bob) = (h.coach_with_recordings("ann").await, h.person("bob", Role::Coach).await);
    let meeting = h.meeting(sue, 0, &[ann, bob]).await;
    let refused = h.playable(ann, "Wren", &[Purpose::TeachingPlayback]).await;
    let owner = h.cx(ann, Role::Practitioner);
    assert_eq!(h.refusal::<BringMoment>(owner, refused).await, Some(Refusal::Consent));

    let new = h.details("Robin", &[]);
    let mum: PersonId = new.parties[1].id;
    h.begin_recording(ann, &new).await;
    h.upload(ann, new.id).await;
    h.decode(new.id).await;
    h.nothing_left_to_hide(ann, new.id, 0).await;
    let moment = h.mark_brought(ann, new.id, 10, 52).await;
    let brought = h.bring(ann, new.id, meeting, moment).await.unwrap().unwrap();
    h.under_the_dome(sue, meeting, Some(ann)).await;
    assert_eq!(h.hears(bob, Role::Coach, brought).await, None);
    let taken = taking_back(&h, mum, &[Purpose::TeachingPlayback]);
    withdraw(&h, owner, new.id, &taken).await.unwrap();
    assert_eq!(h.hears(bob, Role::Coach, brought).await, Some(Refusal::Consent));
    assert_eq!(h.told(bob, meeting).await, [], "nobody is told that there was something");

    let id = h.playable(ann, "Sky", &[]).await;
    h.nothing_left_to_hide(ann, id, 0).await;
    let moment = h.mark_brought(ann, id, 1, 2).await;
    h.under_the_dome(sue, meeting, None).await;
    let brought = h.bring(ann, id, meeting, moment).await.unwrap().unwrap();
    h.under_the_dome(sue, meeting, Some(ann)).await;
    assert_eq!(h.hears(bob, Role::Coach, brought).await, None);
    let (mut work, nominate) = h.ask::<Nominate>(owner, id).await;
    assert!(work.remove_moment(&nominate, moment).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(h.hears(bob, Role::Coach, brought).await, Some(Refusal::Absent));
}
