//! Somebody who learns to code on every recording that was released: they are let in as one who agrees on its scores.

use hearback_access::{DecideSharing, ManageTraining, TeachWith};
use hearback_domain::{
    Clock as _, CodingId, Framework, GrantId, Login, Role,
    training::{LearnsAs, Level, SetPlan},
};
use hearback_storage::{LetIn, NewPerson, permit};

use crate::world::{Objects, Stage, World};

impl World {
    /// Makes a set for the framework's first version, and names somebody for it.
    pub(super) async fn let_people_learn(&self) {
        let version = Framework::v1().version;
        let mut work = self.store.begin().await.unwrap();
        let learner = NewPerson {
            id: Self::learner(),
            login: Login::new("learner").unwrap(),
            name: "Learner".to_owned(),
            password_hash: "$argon2id$".to_owned(),
            roles: vec![Role::Practitioner, Role::Researcher],
            created_at: self.clock.now(),
        };
        work.add_person(&learner).await.unwrap();
        work.commit().await.unwrap();
        let cx = self.cx(self.researcher, Role::Researcher);
        let (mut work, p) = permit::<ManageTraining>(&*self.store, cx, ()).await.unwrap();
        let plan = SetPlan { size: 10, per_skill: false };
        assert!(work.make_training_set(&p, &version, plan).await.unwrap());
        let part = LearnsAs::Founder;
        assert!(work.add_learner(&p, &version, Self::learner(), part).await.unwrap());
        work.commit().await.unwrap();
    }

    /// A recording in this stage, on which they learn if it was released.
    pub(super) async fn recording_to_learn_on(&self, stage: Stage) -> Objects {
        let objects = self.recording(stage).await;
        let open = [Stage::Released, Stage::Shared, Stage::Vetoed, Stage::NoTranscript];
        if !open.contains(&stage) && stage != Stage::NoCoaching {
            return objects;
        }
        let id = objects.recording;
        let cx = self.cx(self.owner, Role::Practitioner);
        let (mut work, p) = permit::<DecideSharing>(&*self.store, cx, id).await.unwrap();
        assert!(work.decide_teaching(&p, true).await.unwrap());
        work.commit().await.unwrap();
        let cx = self.cx(self.researcher, Role::Researcher);
        let version = Framework::v1().version;
        let (mut work, p) = permit::<TeachWith>(&*self.store, cx, id).await.unwrap();
        assert!(work.add_training_recording(&p, &version, Level::Middle).await.unwrap());
        work.commit().await.unwrap();
        let (mut work, p) = permit::<ManageTraining>(&*self.store, cx, ()).await.unwrap();
        let door = LetIn {
            recording: id,
            person: Self::learner(),
            grant: GrantId::mint(&*self.ids),
            coding: CodingId::mint(&*self.ids),
        };
        assert_eq!(work.let_in(&p, &version, &[door]).await.unwrap(), 1);
        work.commit().await.unwrap();
        objects
    }
}
