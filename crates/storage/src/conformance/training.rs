//! Learning to code: sets, what is agreed on them, attempts, and whose codings count.

use hearback_access::{
    AgreeCodings, Code, CompareCodings, DecideSharing, Learn, ManageTraining, SeeRecording,
    SeeReliability, SeeTraining, TeachWith,
};
use hearback_domain::{
    AgreedId, AttemptId, CodingId, GrantId, Purpose, Rating, RecordingId, Role, Score, UserId,
    coding::Standing,
    policy::Refusal,
    training::{Agreed, HalfScore, LearnsAs, Level, OwnTraining, Reached, SetPlan, judge, near},
};

use super::fixture::{Cast, House, item, note};
use crate::{JudgedAnswer, LetIn, Store};

/// Three is the smallest set there is.
const PLAN: SetPlan = SetPlan { size: 3, per_skill: true };

fn agreed(halves: u8) -> Agreed {
    Agreed::Scored(HalfScore::from_halves(halves).unwrap())
}

fn scored(score: u8) -> Rating {
    Rating::Scored(Score::new(score).unwrap())
}

impl House<'_> {
    async fn make_set(&self, user: UserId) -> bool {
        let cx = self.cx(user, Role::Researcher);
        let (mut work, manage) = self.ask::<ManageTraining>(cx, ()).await;
        let made = work.make_training_set(&manage, "v1", PLAN).await.unwrap();
        work.commit().await.unwrap();
        made
    }

    async fn decide_teaching(&self, owner: UserId, id: RecordingId, yes: bool) -> bool {
        let cx = self.cx(owner, Role::Practitioner);
        let (mut work, decide) = self.ask::<DecideSharing>(cx, id).await;
        let decided = work.decide_teaching(&decide, yes).await.unwrap();
        work.commit().await.unwrap();
        decided
    }

    async fn take_into_set(&self, coder: UserId, id: RecordingId, level: Level) -> bool {
        let cx = self.cx(coder, Role::Researcher);
        let (mut work, teach) = self.ask::<TeachWith>(cx, id).await;
        let taken = work.add_training_recording(&teach, "v1", level).await.unwrap();
        work.commit().await.unwrap();
        taken
    }

    /// A recording of the first researcher's that people may practise on.
    async fn to_teach(&self, cast: Cast, name: &str) -> RecordingId {
        let id = self.released(cast, name).await;
        assert!(self.decide_teaching(cast.owner, id, true).await);
        id
    }

    fn doors(&self, person: UserId, ids: &[RecordingId]) -> Vec<LetIn> {
        let door = |&recording| LetIn {
            recording,
            person,
            grant: GrantId::mint(&self.ids),
            coding: CodingId::mint(&self.ids),
        };
        ids.iter().map(door).collect()
    }

    /// Names somebody, and lets founders in.
    async fn name(&self, by: UserId, person: UserId, part: LearnsAs, ids: &[RecordingId]) -> u64 {
        let (mut work, manage) =
            self.ask::<ManageTraining>(self.cx(by, Role::Researcher), ()).await;
        assert!(work.add_learner(&manage, "v1", person, part).await.unwrap());
        let came = work.let_in(&manage, "v1", &self.doors(person, ids)).await.unwrap();
        work.commit().await.unwrap();
        came
    }

    /// Scores one item, and finishes as it counts; says how that is.
    async fn score_and_finish(&self, user: UserId, id: RecordingId, score: u8) -> Standing {
        let code = self.coder(user, id).await;
        let mut work = self.begin().await;
        work.begin_coding(&code, &self.new_coding("v1")).await.unwrap();
        let rating = Some(scored(score));
        work.set_score(&code, "v1", &item("clarity", None), rating).await.unwrap();
        let standing = work.own_training(&code).await.unwrap().standing();
        work.finish_coding(&code, false, false, standing).await.unwrap();
        work.commit().await.unwrap();
        standing
    }

    async fn agree_on(&self, user: UserId, id: RecordingId, agreed: Agreed) -> bool {
        let (mut work, agree) = self.ask::<AgreeCodings>(self.cx(user, Role::Researcher), id).await;
        let new = AgreedId::mint(&self.ids);
        let (item, note) = (item("clarity", None), note("said twice"));
        let done = work.agree(&agree, new, "v1", &item, agreed, &note).await.unwrap();
        work.commit().await.unwrap();
        done
    }

    /// A set of three that two people agreed on.
    async fn agreed_set(&self, cast: Cast) -> Vec<RecordingId> {
        assert!(self.make_set(cast.researcher).await);
        let mut ids = Vec::new();
        for (name, level) in
            [("Robin", Level::Lower), ("Wren", Level::Middle), ("Lark", Level::Higher)]
        {
            let id = self.to_teach(cast, name).await;
            assert!(self.take_into_set(cast.researcher, id, level).await);
            self.clock.advance_seconds(1);
            ids.push(id);
        }
        let (one, two) = (cast.researcher, cast.second);
        assert_eq!(self.name(one, one, LearnsAs::Founder, &ids).await, 0, "they code it already");
        assert_eq!(self.name(one, two, LearnsAs::Founder, &ids).await, 3);
        for id in &ids {
            assert_eq!(self.score_and_finish(one, *id, 2).await, Standing::Counts);
            assert_eq!(self.score_and_finish(two, *id, 4).await, Standing::Counts);
            assert!(self.agree_on(two, *id, agreed(7)).await);
        }
        ids
    }

    async fn open_set(&self, user: UserId) -> bool {
        let (mut work, manage) =
            self.ask::<ManageTraining>(self.cx(user, Role::Researcher), ()).await;
        let open = work.open_training(&manage, "v1").await.unwrap();
        work.commit().await.unwrap();
        open
    }

    async fn begin_attempt(&self, user: UserId, ids: &[RecordingId]) -> bool {
        let (mut work, learn) = self.ask::<Learn>(self.cx(user, Role::Researcher), ()).await;
        let new = AttemptId::mint(&self.ids);
        let doors = self.doors(user, ids);
        let begun = work.begin_attempt(&learn, "v1", new, &doors).await.unwrap();
        work.commit().await.unwrap();
        begun
    }
}

/// A recording is in a set while its practitioner says yes; then nobody new is let in, and whoever is in goes.
pub async fn a_set_holds_what_its_practitioners_let_people_practise_on(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let cx = h.cx(cast.researcher, Role::Researcher);
    let id = h.released(cast, "Robin").await;
    assert!(!h.take_into_set(cast.researcher, id, Level::Lower).await, "there is no set");
    assert!(h.make_set(cast.researcher).await);
    assert!(!h.make_set(cast.second).await, "one for each version");
    assert!(!h.take_into_set(cast.researcher, id, Level::Lower).await, "nobody said yes");
    assert!(h.decide_teaching(cast.owner, id, true).await);
    assert!(h.take_into_set(cast.researcher, id, Level::Lower).await);
    assert!(!h.take_into_set(cast.researcher, id, Level::Higher).await, "once");
    let silent = h.playable(cast.owner, "Wren", &[Purpose::TeachingPlayback]).await;
    h.release(cast.owner, silent, cast.researcher, None).await;
    assert!(h.decide_teaching(cast.owner, silent, true).await);
    assert_eq!(h.refusal::<TeachWith>(cx, silent).await, Some(Refusal::Consent), "ETH-15");
    let second = h.cx(cast.second, Role::Researcher);
    assert_eq!(h.refusal::<TeachWith>(second, id).await, Some(Refusal::Relation));

    let look = async || {
        let (mut work, see) = h.ask::<SeeTraining>(h.cx(cast.second, Role::Researcher), ()).await;
        let sets = work.training_sets(&see).await.unwrap();
        let recordings = work.training_recordings(&see, "v1").await.unwrap();
        let found: Vec<_> = recordings.into_iter().map(|r| (r.recording, r.level)).collect();
        work.commit().await.unwrap();
        (sets, found)
    };
    let (sets, found) = look().await;
    assert_eq!((sets.len(), sets[0].plan, sets[0].opened_at), (1, PLAN, None));
    assert_eq!((&*sets[0].framework_version, sets[0].made_at), ("v1", h.now()));
    assert_eq!(found, [(id, Level::Lower)]);

    // Founders are let in for as long as the coder is.
    assert_eq!(h.name(cast.researcher, cast.second, LearnsAs::Founder, &[id]).await, 1);
    let code = h.coder(cast.second, id).await;
    let mut work = h.begin().await;
    let coding = work.coding(&code).await.unwrap().unwrap();
    assert_eq!((&*coding.framework_version, coding.begun_at, coding.part), ("v1", None, None));
    drop(work);
    assert_eq!(h.refusal::<CompareCodings>(second, id).await, Some(Refusal::Relation));
    assert!(h.decide_teaching(cast.owner, id, false).await);
    assert_eq!(h.refusal::<Code>(second, id).await, Some(Refusal::Relation), "at once");
    assert_eq!(look().await.1, []);
    let (mut work, see) = h.ask::<SeeRecording>(h.cx(cast.owner, Role::Practitioner), id).await;
    assert!(!work.teaching_allowed(&see).await.unwrap());
    work.commit().await.unwrap();

    // Keeping the recording is a no to this too, and letting it go on again is no yes.
    assert!(h.decide_teaching(cast.owner, id, true).await);
    assert!(h.take_into_set(cast.researcher, id, Level::Middle).await);
    h.withhold(cast.owner, id).await;
    assert_eq!(look().await.1, []);
    assert!(!h.decide_teaching(cast.owner, id, true).await, "it is not shared");
    h.release(cast.owner, id, cast.researcher, None).await;
    assert!(!h.take_into_set(cast.researcher, id, Level::Middle).await);
    assert!(h.decide_teaching(cast.owner, id, true).await);
    assert!(h.take_into_set(cast.researcher, id, Level::Middle).await);
    let (mut work, teach) = h.ask::<TeachWith>(cx, id).await;
    assert!(work.drop_training_recording(&teach, "v1").await.unwrap());
    assert!(!work.drop_training_recording(&teach, "v1").await.unwrap());
    work.commit().await.unwrap();
}

/// Whoever is something else to a practitioner learns on none of their recordings (ETH-12).
pub async fn nobody_learns_on_what_they_are_tied_to(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.to_teach(cast, "Robin").await;
    assert!(h.make_set(cast.researcher).await);
    assert!(h.take_into_set(cast.researcher, id, Level::Lower).await);
    let cx = h.cx(cast.researcher, Role::Researcher);
    let (mut work, manage) = h.ask::<ManageTraining>(cx, ()).await;
    for (person, part, closed) in [
        (cast.owner, LearnsAs::Trainee, true),
        (cast.coach, LearnsAs::Founder, true),
        (cast.second, LearnsAs::Trainee, false),
        (cast.researcher, LearnsAs::Founder, false),
        (cast.researcher, LearnsAs::Trainee, false),
    ] {
        let found = work.closed_to(&manage, "v1", person, part).await.unwrap();
        assert_eq!(!found.is_empty(), closed, "{part}");
    }
    work.commit().await.unwrap();
    // Who coded it in another way has heard it otherwise; who coded it at all does not learn on it.
    h.score_and_finish(cast.researcher, id, 3).await;
    let (mut work, manage) = h.ask::<ManageTraining>(cx, ()).await;
    let closed = |part| (cast.researcher, part);
    for ((person, part), is) in
        [(closed(LearnsAs::Founder), false), (closed(LearnsAs::Trainee), true)]
    {
        let found = work.closed_to(&manage, "v1", person, part).await.unwrap();
        assert_eq!(!found.is_empty(), is, "{part}");
    }
    assert!(work.add_learner(&manage, "v1", cast.second, LearnsAs::Founder).await.unwrap());
    assert!(!work.add_learner(&manage, "v1", cast.second, LearnsAs::Trainee).await.unwrap());
    assert!(!work.add_learner(&manage, "v9", cast.second, LearnsAs::Founder).await.unwrap());
    assert!(work.add_learner(&manage, "v1", cast.coach, LearnsAs::Founder).await.unwrap());
    work.commit().await.unwrap();
    let other = h.to_teach(cast, "Wren").await;
    let (mut work, teach) = h.ask::<TeachWith>(cx, other).await;
    assert_eq!(work.shut_out(&teach, "v1").await.unwrap(), [cast.coach], "by their past");
    work.commit().await.unwrap();
    let (mut work, see) = h.ask::<SeeTraining>(cx, ()).await;
    let named = work.learners(&see, "v1").await.unwrap();
    let mut both = [cast.second, cast.coach];
    both.sort();
    assert_eq!(named.iter().map(|l| l.person).collect::<Vec<_>>(), both);
    assert!(named.iter().all(|l| l.part == LearnsAs::Founder && l.reached.is_none()));
}

/// Founders see each other's scores when all of them have finished, agree beside these, and count once the set is open.
pub async fn founders_agree_after_all_have_finished(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (one, two) = (cast.researcher, cast.second);
    let id = h.to_teach(cast, "Robin").await;
    assert!(h.make_set(one).await);
    assert!(h.take_into_set(one, id, Level::Lower).await);
    h.name(one, one, LearnsAs::Founder, &[id]).await;
    h.name(one, two, LearnsAs::Founder, &[id]).await;
    let look = async |user| {
        let (mut work, agree) = h.ask::<AgreeCodings>(h.cx(user, Role::Researcher), id).await;
        let scores = work.founders_scores(&agree, "v1").await.unwrap();
        let agreed = work.agreed(&agree, "v1").await.unwrap();
        work.commit().await.unwrap();
        (scores, agreed)
    };
    h.score_and_finish(one, id, 2).await;
    assert_eq!(look(one).await.0, [], "one of them has not finished");
    let (mut work, see) = h.ask::<SeeTraining>(h.cx(one, Role::Researcher), ()).await;
    let places = work.founder_places(&see, "v1").await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(places.len(), 2);
    assert!(places.iter().all(|p| p.recording == id && p.locked == (p.person == one)));
    h.score_and_finish(two, id, 4).await;
    let (scores, agreed_now) = look(two).await;
    let of = |who| scores.iter().find(|(coder, _)| *coder == who).unwrap().1[0].rating;
    assert_eq!((scores.len(), of(one), of(two)), (2, scored(2), scored(4)));
    assert_eq!(agreed_now, []);

    assert!(h.agree_on(one, id, Agreed::NotCodable).await);
    h.clock.advance_seconds(5);
    assert!(h.agree_on(two, id, agreed(7)).await, "the newest word");
    let (scores, now) = look(one).await;
    assert_eq!((now.len(), now[0].agreed, now[0].by, now[0].at), (1, agreed(7), two, h.now()));
    assert_eq!((&*now[0].item, now[0].note.as_str()), ("clarity", "said twice"));
    assert_eq!(scores.len(), 2, "what each of them scored stays");
    let (mut work, see) = h.ask::<SeeTraining>(h.cx(one, Role::Researcher), ()).await;
    let keys = work.answer_keys(&see, "v1").await.unwrap();
    assert_eq!(keys, [(id, "clarity".to_owned(), agreed(7))]);
    work.commit().await.unwrap();
    let (mut work, see) = h.ask::<SeeReliability>(h.cx(one, Role::Researcher), ()).await;
    assert_eq!(work.rated(&see).await.unwrap(), [id], "these are two codings that count");
    work.commit().await.unwrap();

    assert!(h.open_set(one).await);
    assert!(!h.open_set(one).await);
    assert!(!h.agree_on(one, id, agreed(2)).await, "people learn with it now");
    assert_eq!(look(one).await.1[0].agreed, agreed(7));
    let (mut work, see) = h.ask::<SeeTraining>(h.cx(one, Role::Researcher), ()).await;
    let named = work.learners(&see, "v1").await.unwrap();
    assert!(named.iter().all(|l| l.reached == Some((Reached::Founder, h.now()))));
    assert_eq!(work.training_sets(&see).await.unwrap()[0].opened_at, Some(h.now()));
    work.commit().await.unwrap();
    let (mut work, teach) = h.ask::<TeachWith>(h.cx(one, Role::Researcher), id).await;
    assert!(!work.drop_training_recording(&teach, "v1").await.unwrap(), "and it stays");
}

/// An attempt is begun, handed in and begun anew; it stays beside what came of it; when it is enough, codings count.
pub async fn attempts_are_kept_and_reaching_it_counts(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let ids = h.agreed_set(cast).await;
    let tess = h.person("tess", Role::Researcher).await;
    assert!(!h.begin_attempt(tess, &ids).await, "not named");
    assert_eq!(h.name(cast.researcher, tess, LearnsAs::Trainee, &ids).await, 0, "not yet in");
    assert!(!h.begin_attempt(tess, &ids).await, "not open");
    assert!(h.open_set(cast.researcher).await);
    let cx = h.cx(tess, Role::Researcher);
    assert_eq!(h.refusal::<Code>(cx, ids[0]).await, Some(Refusal::Relation));
    assert!(h.begin_attempt(tess, &ids).await);
    assert!(!h.begin_attempt(tess, &ids).await, "one at a time");

    let hand_in = async |score: u8| {
        for id in &ids {
            assert_eq!(h.score_and_finish(tess, *id, score).await, Standing::Practice);
        }
        let (mut work, learn) = h.ask::<Learn>(h.cx(tess, Role::Researcher), ()).await;
        let answer = |id: &RecordingId| JudgedAnswer {
            recording: *id,
            item: "clarity".to_owned(),
            answer: Some(scored(score)),
            near: near(Some(scored(score)), agreed(7)),
        };
        let mut answers: Vec<_> = ids.iter().map(answer).collect();
        answers.sort_by_key(|answer| answer.recording);
        let judged = judge(answers.iter().map(|a| (a.item.as_str(), a.near)), true);
        assert!(work.hand_in(&learn, "v1", &judged, &answers).await.unwrap());
        assert!(!work.hand_in(&learn, "v1", &judged, &answers).await.unwrap(), "once");
        work.commit().await.unwrap();
        (judged, answers)
    };
    let attempts = async || {
        let (mut work, see) = h.ask::<SeeTraining>(h.cx(tess, Role::Researcher), ()).await;
        let attempts = work.attempts(&see, "v1", tess).await.unwrap();
        work.commit().await.unwrap();
        attempts
    };
    let (judged, answers) = hand_in(2).await;
    assert!(!judged.reached());
    let kept = attempts().await;
    let handed = kept[0].handed_in.clone().unwrap();
    assert_eq!((kept.len(), kept[0].number, handed.reached), (1, 1, false));
    assert_eq!((handed.judgement, handed.answers, handed.at), (judged, answers, h.now()));

    // Nobody compares with it, nobody waits for it, and whoever learns has no figures of these recordings.
    let (mut work, compare) =
        h.ask::<CompareCodings>(h.cx(cast.researcher, Role::Researcher), ids[0]).await;
    let hands = work.hands(&compare).await.unwrap();
    assert!(hands.len() == 2 && hands.iter().all(|hand| hand.locked && hand.coder != tess));
    assert!(work.codings(&compare).await.unwrap().iter().all(|coding| coding.coder != tess));
    work.commit().await.unwrap();
    for (user, sees) in [(cast.researcher, 3), (tess, 0)] {
        let (mut work, see) = h.ask::<SeeReliability>(h.cx(user, Role::Researcher), ()).await;
        assert_eq!(work.rated(&see).await.unwrap().len(), sees);
        work.commit().await.unwrap();
    }

    // Anew: nothing of the last one lies on the desk.
    assert!(h.begin_attempt(tess, &ids).await);
    let code = h.coder(tess, ids[0]).await;
    let mut work = h.begin().await;
    assert_eq!(work.scores(&code).await.unwrap(), []);
    let coding = work.coding(&code).await.unwrap().unwrap();
    assert_eq!((coding.begun_at, coding.finished), (None, None));
    drop(work);
    let (judged, _) = hand_in(3).await;
    assert!(judged.reached());
    let kept = attempts().await;
    assert_eq!(kept.iter().map(|a| a.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(kept[0].handed_in.as_ref().unwrap().answers[0].answer, Some(scored(2)));
    assert!(!h.begin_attempt(tess, &ids).await, "there is nothing left to show");

    // What they code next counts; what somebody else codes, who has not reached it, does not.
    let next = h.playable(cast.owner, "Merle", &[]).await;
    h.release(cast.owner, next, tess, None).await;
    assert_eq!(h.score_and_finish(tess, next, 3).await, Standing::Counts);
    let other = h.person("uma", Role::Researcher).await;
    let last = h.playable(cast.owner, "Kite", &[]).await;
    h.release(cast.owner, last, other, None).await;
    assert_eq!(h.score_and_finish(other, last, 3).await, Standing::Practice);
    let code = h.coder(other, last).await;
    let mut work = h.begin().await;
    let own = OwnTraining { set_open: true, qualified: false, learning: false };
    assert_eq!(work.own_training(&code).await.unwrap(), own);
    drop(work);

    // A recording whose practitioner says no leaves; the figures stay.
    assert!(h.decide_teaching(cast.owner, ids[0], false).await);
    assert_eq!(h.refusal::<Code>(cx, ids[0]).await, Some(Refusal::Relation));
    assert_eq!(attempts().await.len(), 2);
}
