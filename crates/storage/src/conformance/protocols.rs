//! Protocols, second coders, and codings that are compared.

use hearback_access::{
    AssignSecond, Code, CompareCodings, DecideSharing, ManageProtocols, SeeListeners, SeeProtocols,
    SeeRecording, SeeReliability, UseRatings,
};
use hearback_domain::{
    CodeId, CodingId, GrantId, Label, Ms, ProtocolId, Rating, RecordingId, Relation, Role, Score,
    UserId,
    coding::{Hand, Place, Standing, Twice},
    conflict::Part,
    policy::Refusal,
    protocol::Plan,
};

use super::fixture::{Cast, House, item, note, span};
use crate::{NewCode, NewCoding, NewSecond, PlacedCode, Store};

fn plan(name: &str) -> Plan {
    Plan {
        name: Label::new(name).unwrap(),
        framework_version: "v1".to_owned(),
        minutes: Some(20),
        seed: u32::MAX,
        twice_percent: 100,
        blind_phase: true,
        blind_practitioner: false,
        drift_every: Some(12),
    }
}

impl House<'_> {
    async fn protocol(&self, user: UserId, plan: &Plan) -> ProtocolId {
        let id = ProtocolId::mint(&self.ids);
        let cx = self.cx(user, Role::Researcher);
        let (mut work, manage) = self.ask::<ManageProtocols>(cx, ()).await;
        work.add_protocol(&manage, id, plan).await.unwrap();
        work.commit().await.unwrap();
        id
    }

    /// The first coder takes a recording into a protocol, part and all.
    async fn take(&self, user: UserId, id: RecordingId, protocol: ProtocolId) -> CodingId {
        let code = self.coder(user, id).await;
        let new = NewCoding { part: Some(span(60, 1_260)), ..self.new_coding("v1") };
        let mut work = self.begin().await;
        let taken = work.take_in(&code, &new, protocol, Some(Twice::Drawn)).await.unwrap();
        assert!(taken);
        work.commit().await.unwrap();
        new.id
    }

    async fn add_second(&self, first: UserId, id: RecordingId, coder: UserId) -> bool {
        let cx = self.cx(first, Role::Researcher);
        let (mut work, assign) = self.ask::<AssignSecond>(cx, id).await;
        let second =
            NewSecond { grant: GrantId::mint(&self.ids), coding: CodingId::mint(&self.ids), coder };
        let added = work.add_second(&assign, &second).await.unwrap();
        work.commit().await.unwrap();
        added
    }

    /// A recording that both researchers code under a protocol.
    async fn for_two(&self, cast: Cast, protocol: ProtocolId) -> RecordingId {
        let id = self.released(cast, "Robin").await;
        self.take(cast.researcher, id, protocol).await;
        assert!(self.add_second(cast.researcher, id, cast.second).await);
        id
    }

    /// Somebody codes and scores, and perhaps finishes.
    async fn work_on(&self, user: UserId, id: RecordingId, score: u8, finished: bool) {
        let code = self.coder(user, id).await;
        let mut work = self.begin().await;
        work.begin_coding(&code, &self.new_coding("v1")).await.unwrap();
        let rated = Rating::Scored(Score::new(score).unwrap());
        work.set_score(&code, "v1", &item("clarity", None), Some(rated)).await.unwrap();
        let new = NewCode {
            id: CodeId::mint(&self.ids),
            framework_version: "v1".to_owned(),
            item: item("empathy", Some("curiosity")),
            span: span(60, 60 + u64::from(score)),
            note: note("waited"),
            nonverbal: hearback_domain::Note::default(),
            exemplar: false,
        };
        work.add_code(&code, &new).await.unwrap();
        if finished {
            work.finish_coding(&code, false, false, Standing::Counts).await.unwrap();
        }
        work.commit().await.unwrap();
    }

    async fn rated(&self, user: UserId) -> Vec<RecordingId> {
        let cx = self.cx(user, Role::Researcher);
        let (mut work, see) = self.ask::<SeeReliability>(cx, ()).await;
        let rated = work.rated(&see).await.unwrap();
        work.commit().await.unwrap();
        rated
    }
}

/// A protocol says for good what it said when it was written; it is closed once.
pub async fn protocols_come_back_as_they_were_written(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let cx = h.cx(cast.researcher, Role::Researcher);
    let (mut work, see) = h.ask::<SeeProtocols>(cx, ()).await;
    assert_eq!(work.protocols(&see).await.unwrap(), []);
    drop(work);
    let first = h.protocol(cast.researcher, &plan("Spring")).await;
    h.clock.advance_seconds(60);
    let bare = Plan { minutes: None, drift_every: None, seed: 0, ..plan("Autumn") };
    let second = h.protocol(cast.second, &bare).await;
    let mut work = h.begin().await;
    let all = work.protocols(&see).await.unwrap();
    assert_eq!(all.iter().map(|p| p.id).collect::<Vec<_>>(), [second, first], "newest first");
    assert_eq!(all[0].plan, bare);
    assert_eq!(all[1].plan, plan("Spring"));
    assert_eq!((all[0].made_at, all[0].closed_at), (h.now(), None));
    assert_eq!(work.protocol(&see, second).await.unwrap().as_ref(), Some(&all[0]));
    assert_eq!(work.protocol(&see, ProtocolId::mint(&h.ids)).await.unwrap(), None);
    drop(work);

    let cx = h.cx(cast.researcher, Role::Researcher);
    let (mut work, manage) = h.ask::<ManageProtocols>(cx, ()).await;
    assert!(work.close_protocol(&manage, first).await.unwrap());
    assert!(!work.close_protocol(&manage, first).await.unwrap());
    assert!(!work.close_protocol(&manage, ProtocolId::mint(&h.ids)).await.unwrap());
    assert_eq!(work.protocol(&see, first).await.unwrap().unwrap().closed_at, Some(h.now()));
}

/// What is taken into a protocol is fixed before it begins, and counts for its coder.
pub async fn a_recording_is_taken_into_a_protocol_once(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let protocol = h.protocol(cast.researcher, &plan("Spring")).await;
    let other = h.protocol(cast.researcher, &plan("Autumn")).await;
    let id = h.released(cast, "Robin").await;
    let code = h.coder(cast.researcher, id).await;
    let mut work = h.begin().await;
    assert_eq!(work.own_protocol(&code).await.unwrap(), None);
    assert_eq!(work.own_twice(&code).await.unwrap(), None);
    assert_eq!(work.taken_in(&code, protocol).await.unwrap(), 0);
    drop(work);
    let coding = h.take(cast.researcher, id, protocol).await;
    let mut work = h.begin().await;
    let again = h.new_coding("v2");
    assert!(!work.take_in(&code, &again, other, None).await.unwrap(), "once");
    assert_eq!(work.own_protocol(&code).await.unwrap().unwrap().id, protocol);
    assert_eq!(work.own_twice(&code).await.unwrap(), Some(Twice::Drawn));
    assert_eq!(work.taken_in(&code, protocol).await.unwrap(), 1);
    assert_eq!(work.taken_in(&code, other).await.unwrap(), 0);
    let state = work.coding(&code).await.unwrap().unwrap();
    assert_eq!((state.id, state.begun_at, state.protocol), (coding, None, Some(protocol)));
    let begun = work.begin_coding(&code, &again).await.unwrap();
    assert_eq!((begun.id, begun.begun_at), (coding, Some(h.now())));
    assert_eq!((&*begun.framework_version, begun.part), ("v1", Some(span(60, 1_260))));
    work.commit().await.unwrap();

    let (mut work, see) = h.ask::<SeeProtocols>(h.cx(cast.second, Role::Researcher), ()).await;
    let place = Place { recording: id, coder: cast.researcher, begun: true, locked: false };
    assert_eq!(work.places(&see, protocol).await.unwrap(), [place]);
    assert_eq!(work.places(&see, other).await.unwrap(), []);
}

/// The second coder has a grant and a coding like the first one's; what stands in the way of one is known.
pub async fn a_second_coder_is_somebody_who_may(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let protocol = h.protocol(cast.researcher, &plan("Spring")).await;
    let id = h.released(cast, "Robin").await;
    let cx = h.cx(cast.researcher, Role::Researcher);
    assert!(!h.add_second(cast.researcher, id, cast.second).await, "nothing to code after");
    let (mut work, assign) = h.ask::<AssignSecond>(cx, id).await;
    let before = work.candidate(&assign, cast.second).await.unwrap();
    assert!(before.allowed && !before.twice && !before.taken && before.researcher);
    work.commit().await.unwrap();
    h.take(cast.researcher, id, protocol).await;
    let (mut work, assign) = h.ask::<AssignSecond>(cx, id).await;
    assert_eq!(work.candidate(&assign, cast.second).await.unwrap().check(), Ok(()));
    let coach = work.candidate(&assign, cast.coach).await.unwrap();
    assert_eq!((coach.researcher, &*coach.parts), (false, &[Part::Coaches][..]));
    assert_eq!(work.candidate(&assign, cast.owner).await.unwrap().parts, [Part::Holds]);
    let first = work.candidate(&assign, cast.researcher).await.unwrap();
    assert_eq!((first.first, &*first.parts), (true, &[Part::Codes][..]));
    drop(work);
    let (mut work, see) = h.ask::<SeeRecording>(h.cx(cast.owner, Role::Practitioner), id).await;
    assert!(work.second_coder_allowed(&see).await.unwrap());
    drop(work);

    let second = h.cx(cast.second, Role::Researcher);
    assert_eq!(h.refusal::<Code>(second, id).await, Some(Refusal::Relation));
    assert!(h.add_second(cast.researcher, id, cast.second).await);
    let code = h.coder(cast.second, id).await;
    let mut work = h.begin().await;
    let state = work.coding(&code).await.unwrap().unwrap();
    assert_eq!((state.protocol, state.part), (Some(protocol), Some(span(60, 1_260))));
    assert_eq!((&*state.framework_version, state.begun_at), ("v1", None));
    assert_eq!(work.own_twice(&code).await.unwrap(), None, "that is the first one's to see to");
    assert_eq!(work.taken_in(&code, protocol).await.unwrap(), 0);
    drop(work);
    let (mut work, assign) = h.ask::<AssignSecond>(cx, id).await;
    assert!(work.candidate(&assign, cast.second).await.unwrap().taken);
    work.commit().await.unwrap();
    assert_eq!(h.refusal::<AssignSecond>(second, id).await, Some(Refusal::Relation));
    let (mut work, listeners) =
        h.ask::<SeeListeners>(h.cx(cast.owner, Role::Practitioner), id).await;
    let chosen: Vec<_> =
        work.chosen(&listeners).await.unwrap().into_iter().map(|(relation, _)| relation).collect();
    assert_eq!(chosen, [Relation::Codes, Relation::CodesSecond, Relation::Coaches]);
    drop(work);
    let (mut work, decide) = h.ask::<DecideSharing>(h.cx(cast.owner, Role::Practitioner), id).await;
    assert_eq!(work.relations_with(&decide, cast.second).await.unwrap(), [Relation::Codes]);
    drop(work);

    // Both end when the practitioner keeps it, and the yes with them.
    h.withhold(cast.owner, id).await;
    assert_eq!(h.refusal::<Code>(second, id).await, Some(Refusal::Relation));
    let (mut work, see) = h.ask::<SeeRecording>(h.cx(cast.owner, Role::Practitioner), id).await;
    assert!(!work.second_coder_allowed(&see).await.unwrap());
}

/// The yes to a second coder can be given later, and taken back; whoever it let in is out then.
pub async fn a_yes_to_a_second_coder_is_given_and_taken_back(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let protocol = h.protocol(cast.researcher, &plan("Spring")).await;
    let id = h.for_two(cast, protocol).await;
    let owner = h.cx(cast.owner, Role::Practitioner);
    let decide = async |yes| {
        let (mut work, permit) = h.ask::<DecideSharing>(owner, id).await;
        let decided = work.decide_second(&permit, yes).await.unwrap();
        work.commit().await.unwrap();
        let (mut work, see) = h.ask::<SeeRecording>(owner, id).await;
        let allowed = work.second_coder_allowed(&see).await.unwrap();
        (decided, allowed)
    };
    let second = h.cx(cast.second, Role::Researcher);
    assert_eq!(h.refusal::<Code>(second, id).await, None);
    assert_eq!(decide(false).await, (true, false));
    assert_eq!(h.refusal::<Code>(second, id).await, Some(Refusal::Relation));
    assert_eq!(h.refusal::<Code>(h.cx(cast.researcher, Role::Researcher), id).await, None);
    assert_eq!(decide(true).await, (true, true));
    assert_eq!(h.refusal::<Code>(second, id).await, Some(Refusal::Relation), "they are asked anew");
    h.withhold(cast.owner, id).await;
    assert_eq!(decide(true).await, (false, false), "it does not go on");
}

/// Nothing of anybody's coding is shown before everybody who codes the recording has finished.
pub async fn codings_are_compared_when_everybody_has_finished(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let protocol = h.protocol(cast.researcher, &plan("Spring")).await;
    let id = h.for_two(cast, protocol).await;
    let (one, two) = (cast.researcher, cast.second);
    let hand = |coder, locked| Hand { coder, locked, working: true };
    let look = async |user| {
        let cx = h.cx(user, Role::Researcher);
        let (mut work, compare) = h.ask::<CompareCodings>(cx, id).await;
        let hands = work.hands(&compare).await.unwrap();
        let codings = work.codings(&compare).await.unwrap();
        work.commit().await.unwrap();
        let (mut work, ratings) = h.ask::<UseRatings>(cx, id).await;
        let rated = work.ratings(&ratings).await.unwrap();
        work.commit().await.unwrap();
        (hands, codings, rated)
    };
    let ordered = |mut hands: Vec<Hand>| {
        hands.sort_by_key(|hand| hand.coder);
        hands
    };
    h.work_on(two, id, 4, true).await;
    let (hands, codings, rated) = look(one).await;
    assert_eq!(hands, ordered(vec![hand(one, false), hand(two, true)]));
    assert!(codings.is_empty() && rated.works.is_empty());
    assert_eq!(rated.duration, Ms::from_seconds(1_800));
    assert_eq!(h.rated(one).await, []);
    h.work_on(one, id, 2, false).await;
    assert!(look(two).await.1.is_empty(), "whoever finished first waits too");
    let code = h.coder(one, id).await;
    let mut work = h.begin().await;
    work.finish_coding(&code, false, false, Standing::Counts).await.unwrap();
    work.commit().await.unwrap();

    let (hands, codings, rated) = look(two).await;
    assert_eq!(hands, ordered(vec![hand(one, true), hand(two, true)]));
    let mut coders = [one, two];
    coders.sort();
    assert_eq!(codings.iter().map(|c| c.coder).collect::<Vec<_>>(), coders);
    let theirs = codings.iter().find(|c| c.coder == one).unwrap();
    assert_eq!(theirs.scores[0].rating, Rating::Scored(Score::new(2).unwrap()));
    assert_eq!((theirs.codes.len(), theirs.codes[0].note.as_str()), (1, "waited"));
    assert!(theirs.coding.finished.is_some_and(|f| f.standing == Standing::Counts));
    let rating = rated.works.iter().find(|r| r.coder == one).unwrap();
    let placed = PlacedCode {
        skill: "empathy".to_owned(),
        sub: Some("curiosity".to_owned()),
        span: span(60, 62),
    };
    assert_eq!((&rating.codes, &rating.scores), (&vec![placed], &theirs.scores));
    assert_eq!(h.rated(cast.researcher).await, [id]);

    // Another researcher is chosen: nothing is shown until they have finished too, or are gone.
    let third = h.person("tess", Role::Researcher).await;
    h.release(cast.owner, id, third, None).await;
    let (hands, codings, _) = look(third).await;
    let gone = |coder| Hand { coder, locked: true, working: false };
    assert_eq!(hands, ordered(vec![gone(one), gone(two), hand(third, false)]));
    assert!(codings.is_empty());
    assert_eq!(h.rated(third).await, []);
    h.work_on(third, id, 5, true).await;
    assert_eq!(look(third).await.1.len(), 3);
    assert_eq!(h.rated(third).await, [id]);
}
