//! Nothing happens to a recording without everybody's yes: asked of the real router and of the worker's permits, on
//! both databases.

use axum::{
    Router,
    body::Body,
    http::{Method, Request, header},
};
use hearback_access::{
    Action, Cx, Decode, PlayRecording, RecordConsent, RenderClip, SeeConsent, Start, Transcribe,
};
use hearback_domain::{
    Clock as _, Day, Label, Party, PartyKind, PersonId, Phase, Pseudonym, Purpose, RecordingId,
    Role, SessionKind, Timestamp,
    forms::{ConsentRecord, built_in},
    policy::Refusal,
    withdrawal::effects,
};
use hearback_storage::{NewConsentRecord, NewRecording, PermitError, conformance::said, permit};
use serde_json::json;
use tower::ServiceExt as _;

use crate::{
    access::{ORIGIN, app, session},
    direct::Direct,
    support::{Temporary, postgres, sqlite},
    world::{Objects, Stage, World},
};

use Purpose::{CoachPlayback, CodeResearch, Record, Transcribe as Words};

/// Who looks.
#[derive(Clone, Copy, Debug)]
enum Who {
    Owner,
    Researcher,
    Coach,
}

/// A way by which something of a recording reaches somebody, and whose yes it takes (REC-07).
const SINKS: &[(Who, &str, &[Purpose])] = &[
    (Who::Owner, "PUT /recordings/{id}/original", &[Record]),
    (Who::Owner, "GET /recordings/{id}/audio", &[Record]),
    (Who::Owner, "GET /recordings/{id}/listen", &[Record]),
    (Who::Owner, "GET /recordings/{id}/peaks.dat", &[Record]),
    (Who::Owner, "GET /recordings/{id}/transcript", &[Record, Words]),
    (Who::Owner, "GET /recordings/{id}/words", &[Record, Words]),
    (Who::Owner, "GET /recordings/{id}/corrections", &[Record, Words]),
    (Who::Owner, "GET /recordings/{id}/names", &[Record, Words]),
    (Who::Owner, "GET /recordings/{id}/redaction", &[Record]),
    (Who::Owner, "GET /recordings/{id}/redaction/audio", &[Record]),
    (Who::Owner, "GET /recordings/{id}/redaction/words", &[Record, Words]),
    (Who::Owner, "GET /listen/{playlist}", &[Record, CoachPlayback]),
    (Who::Owner, "GET /clips/{clip}/audio", &[Record, CoachPlayback]),
    (Who::Researcher, "GET /recordings/{id}/audio", &[Record, CodeResearch]),
    (Who::Researcher, "GET /recordings/{id}/listen", &[Record, CodeResearch]),
    (Who::Researcher, "GET /recordings/{id}/peaks.dat", &[Record, CodeResearch]),
    (Who::Researcher, "GET /recordings/{id}/transcript", &[Record, CodeResearch, Words]),
    (Who::Researcher, "GET /recordings/{id}/words", &[Record, CodeResearch, Words]),
    (Who::Researcher, "GET /recordings/{id}/corrections", &[Record, CodeResearch, Words]),
    (Who::Researcher, "GET /recordings/{id}/names", &[Record, CodeResearch, Words]),
    (Who::Researcher, "GET /recordings/{id}/redaction", &[Record, CodeResearch]),
    (Who::Researcher, "GET /recordings/{id}/redaction/audio", &[Record, CodeResearch]),
    (Who::Researcher, "GET /recordings/{id}/redaction/words", &[Record, CodeResearch, Words]),
    (Who::Researcher, "GET /recordings/{id}/code", &[Record, CodeResearch]),
    (Who::Researcher, "GET /recordings/{id}/codes", &[Record, CodeResearch]),
    (Who::Researcher, "GET /recordings/{id}/playlist", &[Record, CodeResearch, CoachPlayback]),
    (Who::Researcher, "GET /clips/{clip}/preview", &[Record, CodeResearch, CoachPlayback]),
    (Who::Coach, "GET /listen/{playlist}", &[Record, CoachPlayback]),
    (Who::Coach, "GET /clips/{clip}/audio", &[Record, CoachPlayback]),
];

/// What the service itself does, and whose yes it takes.
const JOBS: &[(&str, &[Purpose])] =
    &[("decode", &[Record]), ("transcribe", &[Record, Words]), ("cut", &[Record, CoachPlayback])];

/// A world with everybody signed in.
struct House {
    world: World,
    router: Router,
    cookies: [String; 3],
    /// How many answers of routes and of permits were looked at.
    cases: usize,
}

impl House {
    async fn new(store: Temporary) -> Self {
        let world = World::new(store).await;
        let router = hearback_web::router(app(&world, ORIGIN));
        let mut house = Self { world, router, cookies: Default::default(), cases: 0 };
        house.sign_in().await;
        house
    }

    /// Everybody signs in, again after a pause: a session that rests ends.
    async fn sign_in(&mut self) {
        let world = &self.world;
        self.cookies = [
            session(world, world.owner, Role::Practitioner).await,
            session(world, world.researcher, Role::Researcher).await,
            session(world, world.coach, Role::Coach).await,
        ];
    }

    fn owner(&self) -> Cx {
        self.world.cx(self.world.owner, Role::Practitioner)
    }

    /// Everybody who is heard.
    async fn parties(&self, id: RecordingId) -> Vec<Party> {
        let (mut work, see) =
            permit::<SeeConsent>(&*self.world.store, self.owner(), id).await.unwrap();
        let heard = work.heard(&see).await.unwrap().unwrap();
        work.commit().await.unwrap();
        heard.parties
    }

    fn said(&self, party: &Party, without: &[Purpose]) -> NewConsentRecord {
        said(&*self.world.ids, self.world.clock.now(), party, without)
    }

    async fn write_down(&self, id: RecordingId, new: &NewConsentRecord) {
        let (mut work, permit) =
            permit::<RecordConsent>(&*self.world.store, self.owner(), id).await.unwrap();
        assert!(work.record_consent(&permit, new).await.unwrap().is_some());
        work.commit().await.unwrap();
    }

    /// Somebody answers anew.
    async fn says(&self, id: RecordingId, party: &Party, without: &[Purpose]) {
        self.write_down(id, &self.said(party, without)).await;
    }

    /// The same, with something else about it.
    async fn says_otherwise(
        &self,
        id: RecordingId,
        party: &Party,
        change: impl FnOnce(&mut ConsentRecord),
    ) {
        let new = self.said(party, &[]);
        let mut record = new.checked.record().clone();
        change(&mut record);
        let checked = record.check(&built_in(party.kind), self.world.clock.now()).unwrap();
        self.write_down(id, &NewConsentRecord { checked, ..new }).await;
    }

    /// Whether a route answers with anything but "there is nothing here".
    async fn opens(&self, who: Who, route: &str, objects: &Objects) -> bool {
        let (method, path) = route.split_once(' ').unwrap();
        let path = path
            .replace("{id}", &objects.recording.to_string())
            .replace("{playlist}", &objects.playlist.to_string())
            .replace("{clip}", &objects.clip.to_string());
        let request = Request::builder()
            .method(method.parse::<Method>().unwrap())
            .uri(&path)
            .header(header::HOST, "localhost:1")
            .header(header::ORIGIN, ORIGIN)
            .header(header::COOKIE, &self.cookies[who as usize])
            .body(Body::from("sound"))
            .unwrap();
        let status = self.router.clone().oneshot(request).await.unwrap().status();
        assert!(!status.is_server_error(), "{route}: {status}");
        assert!(status != 401 && status != 403, "{route}: {status}");
        status != 404
    }

    /// Whether the worker is let do one of its jobs.
    async fn works(&self, job: &str, objects: &Objects) -> bool {
        let answer = match job {
            "decode" => self.worker::<Decode>(objects.recording).await,
            "transcribe" => self.worker::<Transcribe>(objects.recording).await,
            _ => self.worker::<RenderClip>(objects.clip).await,
        };
        let closed = matches!(answer, None | Some(Refusal::Consent | Refusal::Gone));
        assert!(closed, "{job}: {answer:?}");
        answer.is_none()
    }

    async fn worker<A: Action>(&self, object: A::Object) -> Option<Refusal> {
        let cx = Cx::worker(self.world.clock.now());
        self.refusal::<A>(cx, object).await
    }

    async fn refusal<A: Action>(&self, cx: Cx, object: A::Object) -> Option<Refusal> {
        match permit::<A>(&*self.world.store, cx, object).await {
            Ok((work, _)) => {
                work.commit().await.unwrap();
                None
            }
            Err(PermitError::Refused(why)) => Some(why),
            Err(other) => panic!("{other:?}"),
        }
    }

    /// Everything is open that takes none of these, and nothing else.
    async fn closed_are(&mut self, closed: &[Purpose], objects: &Objects, when: &str) {
        let open = |needs: &[Purpose]| !needs.iter().any(|n| closed.contains(n));
        for (who, route, needs) in SINKS {
            let opens = self.opens(*who, route, objects).await;
            assert_eq!(opens, open(needs), "{when}: {route} for {who:?}");
        }
        for (job, needs) in JOBS {
            let works = self.works(job, objects).await;
            assert_eq!(works, open(needs), "{when}: the worker, to {job}");
        }
        self.cases += SINKS.len() + JOBS.len();
    }
}

/// Each person's later no to each purpose closes what rests on it, for everybody and the worker, and nothing else;
/// their yes opens it again unless it was destroyed.
async fn each_purpose_for_itself(database: &str, store: Temporary) {
    let mut h = House::new(store).await;
    let objects = h.world.recording(Stage::Shared).await;
    h.closed_are(&[], &objects, "everybody said yes").await;
    for (n, party) in h.parties(objects.recording).await.into_iter().enumerate() {
        for purpose in built_in(party.kind).statements.into_iter().filter_map(|s| s.purpose) {
            let objects = h.world.recording(Stage::Shared).await;
            let id = objects.recording;
            let party = h.parties(id).await.swap_remove(n);
            h.says(id, &party, &[purpose]).await;
            let when = format!("{} said no to {purpose}", party.kind);
            h.closed_are(&[purpose], &objects, &when).await;
            let effects = effects(&[purpose]);
            if !effects.whole {
                h.says(id, &party, &[]).await;
                let gone: &[Purpose] = if effects.destroys.is_empty() { &[] } else { &[purpose] };
                h.closed_are(gone, &objects, &format!("{when}, and yes again")).await;
            }
        }
    }
    crate::evidence::add(
        "consent",
        &[(&format!("cases_{database}"), json!(h.cases)), ("sinks", json!(SINKS.len()))],
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_purpose_for_itself_on_sqlite() {
    each_purpose_for_itself("sqlite", sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_purpose_for_itself_on_postgres() {
    each_purpose_for_itself("postgres", postgres().await).await;
}

/// With anybody's answer missing, no file is taken and nothing is done with it, whoever it is that is missing.
#[tokio::test]
async fn nothing_before_everybody_answered() {
    let h = House::new(sqlite().await).await;
    let ids = &*h.world.ids;
    let kinds = [PartyKind::Practitioner, PartyKind::Child, PartyKind::Parent, PartyKind::Other];
    for missing in 0..=kinds.len() {
        let party = |kind: PartyKind| Party {
            id: PersonId::mint(ids),
            kind,
            label: Label::new(kind.as_str()).unwrap(),
        };
        let parties: Vec<_> = kinds.into_iter().map(party).collect();
        let new = NewRecording {
            id: RecordingId::mint(ids),
            pseudonym: Pseudonym::new("Robin").unwrap(),
            session_kind: SessionKind::Visit,
            held_on: None,
            language: None,
            phase: Phase::PostTraining,
            parties: parties.clone(),
        };
        let (mut work, start) = permit::<Start>(&*h.world.store, h.owner(), ()).await.unwrap();
        work.add_recording(&start, &new).await.unwrap();
        work.commit().await.unwrap();
        let objects = Objects { recording: new.id, ..h.world.recording(Stage::AwaitingFile).await };
        for (n, party) in parties.iter().enumerate() {
            assert!(!h.opens(Who::Owner, "PUT /recordings/{id}/original", &objects).await);
            assert!(!h.works("decode", &objects).await);
            if n != missing {
                h.says(new.id, party, &[]).await;
            }
        }
        let everybody = missing == kinds.len();
        assert_eq!(h.works("decode", &objects).await, everybody, "{missing} is missing");
        let sent = h.opens(Who::Owner, "PUT /recordings/{id}/original", &objects).await;
        assert_eq!(sent, everybody, "{missing} is missing");
    }
}

/// A yes ends at its moment, by the clock alone, and nothing is open a microsecond later. Said anew, it holds again.
#[tokio::test]
async fn a_yes_ends_at_its_moment_and_can_be_said_again() {
    let (store, direct) = Direct::sqlite().await;
    let mut h = House::new(store).await;
    let objects = h.world.recording(Stage::Shared).await;
    let id = objects.recording;
    let parties = h.parties(id).await;
    // Decided so long ago that it ends tonight, and nothing since.
    direct.execute("delete from consent_records").await;
    let tomorrow = Day::of(h.world.clock.now()).plus_days(1);
    let decided: Day = tomorrow.to_string().replacen("2026", "2025", 1).parse().unwrap();
    h.says_otherwise(id, &parties[1], |record| {
        (record.informed_on, record.decided_on) = (decided, decided);
    })
    .await;
    let until = tomorrow.starts();
    let left = until.as_micros() - h.world.clock.now().as_micros();
    h.world.clock.advance_seconds(left / 1_000_000);
    h.sign_in().await;
    h.closed_are(&[], &objects, "in the last second").await;
    let at = |moment: Timestamp| Cx::person(h.world.owner, Role::Practitioner, moment);
    let just_before = Timestamp::from_micros(until.as_micros() - 1);
    assert_eq!(h.refusal::<PlayRecording>(at(just_before), id).await, None);
    assert_eq!(h.refusal::<PlayRecording>(at(until), id).await, Some(Refusal::Consent));

    h.world.clock.advance_seconds(1);
    h.closed_are(Purpose::ALL, &objects, "the yes has run out").await;
    h.says(id, &parties[0], &[]).await;
    h.closed_are(Purpose::ALL, &objects, "somebody else's yes does not help").await;
    h.says(id, &parties[1], &[]).await;
    h.closed_are(&[], &objects, "said again").await;
}

/// A child's no is a no, whatever the adult who decides with them ticked.
#[tokio::test]
async fn a_childs_no_is_a_no() {
    let mut h = House::new(sqlite().await).await;
    for unclear in [None, Some("told"), Some("free"), Some("take_back"), Some("private")] {
        let objects = h.world.recording(Stage::Shared).await;
        let id = objects.recording;
        let parties = h.parties(id).await;
        let child = parties.iter().find(|p| p.kind == PartyKind::Child).unwrap();
        h.says(id, child, &[]).await;
        h.closed_are(&[], &objects, "the child said yes").await;
        h.says_otherwise(id, child, |record| match unclear {
            None => record.assent = Some(false),
            Some(needed) => {
                record.ticks.insert(needed.to_owned(), false);
            }
        })
        .await;
        let when = format!("the child said no; unclear to them: {unclear:?}");
        h.closed_are(Purpose::ALL, &objects, &when).await;
    }
}
