//! A series of coaching sessions on a recording: agreed, with a session that is live, and somebody invited to it.

use hearback_access::{
    Agree, ApproveRedaction, ArrangeSessions, BringMoment, CheckProfile, ChooseClips, DecideSeries,
    KeepProfile, LeadSession, Nominate, SeeRedaction, StartSeries, Supervise, list,
};
use hearback_domain::{
    Clock as _, GoalText, JoinCode, Label, Ms, Note, Pseudonym, Role, Span, SupervisionId,
    choosing::MomentKind,
    coaching::{AgreementBody, Channel, Ending, Focus, Independence, Missed, MostSeries, Profile},
    supervision::Dome,
};
use hearback_storage::{KeptProfile, NewGoal, NewMoment, NewPiece, NewSeries, permit};

use crate::world::{Objects, Stage, World};

fn note(text: &str) -> Note {
    Note::new(text).unwrap()
}

impl World {
    /// The coach takes people on.
    pub(crate) async fn let_somebody_coach(&self) {
        let profile = Profile {
            about: note("Listens"),
            independence: Independence::Outside,
            reports_to: note("nobody here"),
            accreditation: note("a body"),
            languages: note("English"),
        };
        let kept = KeptProfile { profile, taking_on: true, most: MostSeries::new(20).unwrap() };
        for coach in [self.coach, Self::visitor()] {
            let cx = self.cx(coach, Role::Coach);
            let (mut work, p) = permit::<KeepProfile>(&*self.store, cx, ()).await.unwrap();
            work.keep_profile(&p, &kept).await.unwrap();
            work.commit().await.unwrap();
        }
        self.check_the_coach().await;
    }

    async fn check_the_coach(&self) {
        let cx = self.cx(self.stranger, Role::Coordinator);
        let (mut work, p) = permit::<CheckProfile>(&*self.store, cx, ()).await.unwrap();
        let until = Some(self.clock.now().plus_seconds(365 * 86_400));
        assert!(work.check_profile(&p, self.coach, self.clock.now(), until).await.unwrap());
        work.commit().await.unwrap();
    }

    /// A recording in this stage that a series walks along, with a session that is live; its extract is to be heard there
    /// if it was ever shared.
    pub(crate) async fn recording_to_coach_on(&self, stage: Stage) -> Objects {
        let later = matches!(stage, Stage::Vetoed | Stage::Withheld);
        let objects = self.recording(if later { Stage::Shared } else { stage }).await;
        self.coach_on(&objects, stage == Stage::Shared || later).await;
        if !matches!(stage, Stage::AwaitingFile | Stage::Refused) {
            self.mark_a_moment(&objects).await;
            self.bring_it(&objects).await;
        }
        self.after_sharing(&objects, stage).await;
        objects
    }

    async fn coach_on(&self, objects: &Objects, shared: bool) {
        let own = self.cx(self.owner, Role::Practitioner);
        let coach = self.cx(self.coach, Role::Coach);
        // Whoever writes another profile is looked at anew.
        self.check_the_coach().await;
        // A coach has room for a few.
        let mut work = self.store.begin().await.unwrap();
        for ended in list::<DecideSeries>(work.gate(), own).await.unwrap() {
            work.end_series(&ended, Ending::Nothing, None).await.unwrap();
        }
        work.commit().await.unwrap();
        let (mut work, p) = permit::<StartSeries>(&*self.store, own, ()).await.unwrap();
        let focus =
            Focus { name: Pseudonym::new("Robin").unwrap(), skill: None, issue: Note::empty() };
        let new = NewSeries {
            id: objects.series,
            coach: self.coach,
            focus,
            attendance: true,
            considered: None,
        };
        work.begin_series(&p, &new).await.unwrap().unwrap();
        work.commit().await.unwrap();

        let (mut work, p) =
            permit::<DecideSeries>(&*self.store, own, objects.series).await.unwrap();
        assert!(work.add_to_series(&p, objects.recording).await.unwrap());
        work.commit().await.unwrap();
        let body = AgreementBody {
            place: note("the quiet room"),
            when: note("Tuesdays"),
            how_often: note("every two weeks"),
            between: Note::empty(),
            missed: Missed::new(Channel::Nobody, 0).unwrap(),
            reminders: true,
            anything: Note::empty(),
        };
        let (mut work, p) = permit::<Agree>(&*self.store, own, objects.series).await.unwrap();
        let version = work.write_agreement(&p, 0, &body).await.unwrap().unwrap();
        assert!(work.sign_agreement(&p, version).await.unwrap());
        work.commit().await.unwrap();
        let (mut work, p) = permit::<Agree>(&*self.store, coach, objects.series).await.unwrap();
        assert!(work.sign_agreement(&p, version).await.unwrap());
        work.commit().await.unwrap();
        let (mut work, p) =
            permit::<ArrangeSessions>(&*self.store, coach, objects.series).await.unwrap();
        let now = self.clock.now();
        work.plan_session(&p, objects.session, now, &note("the quiet room"))
            .await
            .unwrap()
            .unwrap();
        work.commit().await.unwrap();
        if shared {
            let (mut work, p) =
                permit::<ChooseClips>(&*self.store, own, objects.session).await.unwrap();
            let piece = NewPiece {
                id: objects.piece,
                clip: objects.clip,
                title: Label::new("A long pause").unwrap(),
                question: note("What stood out?"),
            };
            work.add_piece(&p, &piece).await.unwrap().unwrap();
            work.commit().await.unwrap();
        }
        let (mut work, p) =
            permit::<LeadSession>(&*self.store, coach, objects.session).await.unwrap();
        let code = JoinCode::from_random(objects.session.as_uuid().as_u64_pair().0);
        work.begin_meeting(&p, &code).await.unwrap().unwrap();
        work.commit().await.unwrap();
        let (mut work, p) =
            permit::<DecideSeries>(&*self.store, own, objects.series).await.unwrap();
        work.invite_guest(&p, objects.session, self.stranger).await.unwrap().unwrap();
        let goal = NewGoal {
            id: objects.goal,
            text: GoalText::new("Wait a little longer").unwrap(),
            session: Some(objects.session),
            piece: None,
        };
        assert!(work.add_goal(&p, &goal).await.unwrap());
        work.commit().await.unwrap();
        let (mut work, p) =
            permit::<Supervise>(&*self.store, self.cx(self.stranger, Role::CoachingSupervisor), ())
                .await
                .unwrap();
        work.call_meeting(&p, objects.meeting, now, &[self.coach]).await.unwrap();
        work.commit().await.unwrap();
    }

    /// The owner marks a moment.
    async fn mark_a_moment(&self, objects: &Objects) {
        let own = self.cx(self.owner, Role::Practitioner);
        let (mut work, p) = permit::<Nominate>(&*self.store, own, objects.recording).await.unwrap();
        let moment = NewMoment {
            id: objects.moment,
            kind: MomentKind::Proud,
            span: Span::new(Ms::from_seconds(1), Ms::from_seconds(3)).unwrap(),
            note: Note::empty(),
        };
        work.nominate(&p, &moment).await.unwrap();
        work.commit().await.unwrap();
    }

    /// The owner listened, and brings the moment to supervision, where they are under the dome.
    async fn bring_it(&self, objects: &Objects) {
        let own = self.cx(self.owner, Role::Practitioner);
        let (mut work, see) =
            permit::<SeeRedaction>(&*self.store, own, objects.recording).await.unwrap();
        let version = work.redaction(&see).await.unwrap().unwrap().version;
        work.commit().await.unwrap();
        let (mut work, p) =
            permit::<ApproveRedaction>(&*self.store, own, objects.recording).await.unwrap();
        assert!(work.approve_redaction(&p, version).await.unwrap());
        work.commit().await.unwrap();
        let meeting = SupervisionId::mint(&*self.ids);
        let leads = self.cx(self.stranger, Role::CoachingSupervisor);
        let (mut work, p) = permit::<Supervise>(&*self.store, leads, ()).await.unwrap();
        let now = self.clock.now();
        work.call_meeting(&p, meeting, now, &[self.owner, self.coach]).await.unwrap();
        assert!(work.set_dome(&p, meeting, Some(&Dome::begin(self.owner))).await.unwrap());
        work.commit().await.unwrap();
        let (mut work, p) =
            permit::<BringMoment>(&*self.store, own, objects.recording).await.unwrap();
        let brought = work.bring(&p, objects.brought, meeting, objects.moment).await.unwrap();
        assert_eq!(brought, Ok(true));
        work.commit().await.unwrap();
    }
}
