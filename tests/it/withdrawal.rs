//! Somebody takes a yes back: whoever it is, whatever it was for, wherever the recording is. It is closed in the same
//! request, destroyed when the worker has been there, and nothing else is gone.

mod answered;
mod bytes;
mod cut_off;
mod kept;
mod meanwhile;
mod stream;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use hearback_access::{
    Withdraw,
    seal::{FieldKey, Place, SealError},
};
use hearback_audio::sandbox::Runner;
use hearback_domain::{
    KeyClass, PartyKind, PersonId, Purpose, RecordingId, Role,
    withdrawal::{Effects, effects},
};
use hearback_pipeline::{Config, Recogniser, SpeechSettings, Stopwatch, Worker};
use hearback_speech::{Manifest, ModelStore};
use hearback_storage::permit;
use hearback_vault::Signer;
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use crate::{
    access::{app, session},
    direct::Direct,
    support::Temporary,
    world::{Objects, Stage, World},
};

const ORIGIN: &str = "http://localhost:1";

/// Who takes back, and through whom.
#[derive(Clone, Copy, Debug)]
enum Who {
    /// The practitioner, for themself.
    Own,
    /// Somebody who asked the practitioner.
    Asked(PartyKind),
    /// Somebody who asked the data protection officer.
    Officer(PartyKind),
    /// The practitioner, through the data protection officer.
    OfficerForOwn,
}

const ALL: &[Who] = &[
    Who::Own,
    Who::Asked(PartyKind::Child),
    Who::Asked(PartyKind::YoungPerson),
    Who::Asked(PartyKind::Parent),
    Who::Asked(PartyKind::Carer),
    Who::Asked(PartyKind::Other),
    Who::Officer(PartyKind::Child),
    Who::Officer(PartyKind::Parent),
    Who::OfficerForOwn,
];

const PAIRS: &[&[Purpose]] = &[
    &[Purpose::Transcribe, Purpose::CodeResearch],
    &[Purpose::CodeResearch, Purpose::CoachPlayback],
    &[Purpose::Transcribe, Purpose::CoachPlayback],
    &[Purpose::Quote, Purpose::TeachingPlayback],
];

/// A world, its pages, and somebody signed in as each that matters.
struct House {
    world: World,
    router: Router,
    direct: Direct,
    objects: PathBuf,
    owner: String,
    researcher: String,
    coach: String,
    officer: String,
}

/// A page that somebody may see, and what it rests on.
struct Probe {
    path: String,
    cookie: String,
    needs: &'static [Purpose],
}

fn request(method: Method, path: &str, cookie: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "localhost:1")
        .header(header::ORIGIN, ORIGIN)
        .header(header::COOKIE, cookie)
}

impl House {
    async fn new((store, direct): (Temporary, Direct)) -> Self {
        let objects = store.file().parent().unwrap().join("data/objects");
        let world = World::new(store).await;
        let router = hearback_web::router(app(&world, ORIGIN));
        let owner = session(&world, world.owner, Role::Practitioner).await;
        let researcher = session(&world, world.researcher, Role::Researcher).await;
        let coach = session(&world, world.coach, Role::Coach).await;
        let officer = session(&world, world.stranger, Role::Dpo).await;
        Self { world, router, direct, objects, owner, researcher, coach, officer }
    }

    fn worker(&self) -> Worker {
        let models = ModelStore::new(PathBuf::from("/nowhere"), Manifest::built_in().unwrap());
        Worker {
            store: self.world.store.clone(),
            vault: self.world.vault.clone(),
            clock: self.world.clock.clone(),
            ids: self.world.ids.clone(),
            runner: Arc::new(Runner::new("/nowhere")),
            recogniser: Arc::new(Recogniser::new(models, SpeechSettings::default())),
            wake: Arc::default(),
            config: Config::default(),
            swept: Stopwatch::default(),
        }
    }

    async fn status(&self, path: &str, cookie: &str) -> StatusCode {
        let request = request(Method::GET, path, cookie).body(Body::empty()).unwrap();
        self.router.clone().oneshot(request).await.unwrap().status()
    }

    async fn page(&self, path: &str, cookie: &str) -> String {
        let request = request(Method::GET, path, cookie).body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec())
            .unwrap()
    }

    /// Sends a form; where it sends the browser.
    async fn send(&self, path: &str, cookie: &str, form: String) -> Result<String, StatusCode> {
        let request = request(Method::POST, path, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        match (response.status(), response.headers().get(header::LOCATION)) {
            (StatusCode::SEE_OTHER, Some(to)) => Ok(to.to_str().unwrap().to_owned()),
            (status, _) => Err(status),
        }
    }

    fn probes(&self, of: &Objects) -> Vec<Probe> {
        use Purpose::{CoachPlayback, CodeResearch, Record, Transcribe};
        let id = of.recording;
        let probe =
            |path: String, cookie: &String, needs| Probe { path, cookie: cookie.clone(), needs };
        vec![
            probe(format!("/recordings/{id}/audio"), &self.owner, &[Record]),
            probe(format!("/recordings/{id}/listen"), &self.owner, &[Record]),
            probe(format!("/recordings/{id}/peaks.dat"), &self.owner, &[Record]),
            probe(format!("/recordings/{id}/transcript"), &self.owner, &[Record, Transcribe]),
            probe(format!("/recordings/{id}/audio"), &self.researcher, &[Record, CodeResearch]),
            probe(format!("/recordings/{id}/listen"), &self.researcher, &[Record, CodeResearch]),
            probe(format!("/recordings/{id}/code"), &self.researcher, &[Record, CodeResearch]),
            probe(
                format!("/recordings/{id}/transcript"),
                &self.researcher,
                &[Record, CodeResearch, Transcribe],
            ),
            probe(
                format!("/recordings/{id}/playlist"),
                &self.researcher,
                &[Record, CodeResearch, CoachPlayback],
            ),
            probe(format!("/listen/{}", of.playlist), &self.coach, &[Record, CoachPlayback]),
            probe(format!("/clips/{}/audio", of.clip), &self.coach, &[Record, CoachPlayback]),
            probe(format!("/clips/{}/audio", of.clip), &self.owner, &[Record, CoachPlayback]),
        ]
    }

    /// What each page answers.
    async fn ask(&self, probes: &[Probe]) -> Vec<StatusCode> {
        let mut answers = Vec::new();
        for probe in probes {
            answers.push(self.status(&probe.path, &probe.cookie).await);
        }
        answers
    }

    /// The practitioner, as somebody who is heard.
    async fn herself(&self, id: RecordingId) -> PersonId {
        let cx = self.world.cx(self.world.owner, Role::Practitioner);
        let (mut work, may) = permit::<Withdraw>(&*self.world.store, cx, id).await.unwrap();
        work.yeses(&may).await.unwrap()[0].person
    }

    /// Takes back, through the pages; the receipt's address.
    async fn withdraw(&self, of: &Objects, who: Who, purposes: &[Purpose]) -> String {
        let own = matches!(who, Who::Own | Who::OfficerForOwn);
        let person = if own { self.herself(of.recording).await } else { of.person };
        let cookie = match who {
            Who::Own | Who::Asked(_) => &self.owner,
            Who::Officer(_) | Who::OfficerForOwn => &self.officer,
        };
        let path = format!("/recordings/{}/people/{person}/withdraw", of.recording);
        let mut form = String::new();
        for purpose in purposes {
            form.push_str("purpose=");
            form.push_str(purpose.as_str());
            form.push('&');
        }
        form += "asked=writing";
        // First it says what will happen, and nothing has happened yet.
        assert_eq!(self.send(&path, cookie, form.clone()).await, Err(StatusCode::OK), "{who:?}");
        let to = self.send(&path, cookie, form + "&confirm=yes").await.unwrap();
        assert!(to.starts_with("/receipt/"), "{to}");
        to
    }

    fn destroyed(&self, id: RecordingId, class: KeyClass) -> bool {
        let place = Place { table: "t", column: "c", row: id.as_uuid() };
        let sealed = self.world.vault.cipher().seal(FieldKey::Recording(id, class), place, b"x");
        matches!(sealed, Err(SealError::Destroyed))
    }

    async fn count(&self, what: &str) -> u64 {
        let counts = self.direct.texts(&format!("select cast(count(*) as text) from {what}")).await;
        counts[0].parse().unwrap()
    }

    /// Every row anywhere that names a recording, but for those that are to stay.
    async fn rows_that_name(&self, id: RecordingId) -> Vec<String> {
        let stay = ["erasures", "withdrawals", "tombstones", "conflicts_ended", "concerns"];
        let mut found = Vec::new();
        for table in self.direct.tables().await {
            if stay.contains(&table.as_str()) {
                continue;
            }
            for column in ["recording", "id"] {
                let sql = format!(
                    "{table} where {column} = {}{}",
                    self.direct.id(id.as_uuid()),
                    if table == "jobs" { " and kind <> 'erase'" } else { "" }
                );
                if self.has_column(&table, column).await && self.count(&sql).await > 0 {
                    found.push(format!("{table}.{column}"));
                }
            }
        }
        found
    }

    async fn has_column(&self, table: &str, column: &str) -> bool {
        let columns = self.direct.identifiers_of(table).await;
        columns.iter().any(|name| name == column)
    }
}

/// Everything that can be said from outside about what was taken back and destroyed.
async fn is_gone(house: &House, of: &Objects, effects: &Effects, receipt: &str, why: &str) {
    let id = of.recording;
    for class in KeyClass::ALL {
        let gone = effects.destroys.contains(class);
        assert_eq!(house.destroyed(id, *class), gone, "{why}: the key of {class}");
        let dir = house.objects.join(id.to_string()).join(class.as_str());
        assert!(!gone || !dir.exists(), "{why}: files of {class}");
    }
    let named = house.direct.id(id.as_uuid());
    let rows: &[(KeyClass, &str)] = &[
        (
            KeyClass::Text,
            "objects where kind in ('transcript', 'corrections', 'draft') and recording =",
        ),
        (KeyClass::Extracts, "objects where kind = 'clip' and recording ="),
        (KeyClass::Extracts, "playlists where recording ="),
        (KeyClass::Coding, "codes where recording ="),
        (KeyClass::Coding, "scores where recording ="),
        (KeyClass::Coding, "codings where recording ="),
    ];
    for (class, what) in rows {
        if effects.destroys.contains(class) {
            assert_eq!(house.count(&format!("{what} {named}")).await, 0, "{why}: {what}");
        }
    }
    if effects.whole {
        let left = house.rows_that_name(id).await;
        assert!(left.is_empty(), "{why}: {left:?}");
        let sql = format!(
            "select phase || ' ' || created_in || ' ' || erased_in || ' ' || cause
             from tombstones where recording = {named}"
        );
        let stone = house.direct.texts(&sql).await;
        assert_eq!(stone, ["post_training 2026-09 2026-09 withdrawal"], "{why}");
        assert!(!house.objects.join(id.to_string()).exists(), "{why}");
        assert_eq!(house.status(&format!("/recordings/{id}"), &house.owner).await, 404, "{why}");
    }
    let page = house.page(receipt, "").await;
    if effects.destroys.is_empty() {
        assert!(page.contains("There was nothing to destroy"), "{why}: {page}");
    } else {
        assert!(page.contains("It is destroyed."), "{why}: {page}");
        verifies(&page);
    }
    assert!(!page.contains("Robin") && !page.contains("Owner"), "{why}: a receipt names nobody");
}

/// The signed line of a receipt is what the key beside it signed.
fn verifies(page: &str) {
    let codes: Vec<_> =
        page.split("<code>").skip(1).map(|rest| rest.split("</code>").next().unwrap()).collect();
    let [statement, signature, key] = codes[..] else { panic!("{codes:?}") };
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|n| u8::from_str_radix(&hex[n..n + 2], 16).unwrap()).collect()
    };
    let (key, signature) = (bytes(key).try_into().unwrap(), bytes(signature).try_into().unwrap());
    assert!(Signer::verify(&key, statement.as_bytes(), &signature));
    let changed = statement.replacen("v1", "v2", 1);
    assert!(!Signer::verify(&key, changed.as_bytes(), &signature));
}

/// How long the slowest took.
#[derive(Default)]
struct Slowest {
    closed: Duration,
    destroyed: Duration,
}

/// One case: who takes back what from a recording in this state, held or not.
async fn one(
    house: &House,
    control: &Objects,
    (stage, held): (Stage, bool),
    who: Who,
    purposes: &[Purpose],
    slowest: &mut Slowest,
) {
    let why = format!("{stage:?}, held {held}, {who:?}, {purposes:?}");
    let kind = match who {
        Who::Asked(kind) | Who::Officer(kind) => kind,
        Who::Own | Who::OfficerForOwn => PartyKind::Child,
    };
    let of = house.world.recording_of(stage, kind).await;
    let effects = effects(purposes);
    let probes = house.probes(&of);
    let before = house.ask(&probes).await;
    let hold = format!("/admin/holdings/{}/hold", of.recording);
    if held {
        let form = "reason=A+court+asked&review=2026-12-01".to_owned();
        assert!(house.send(&hold, &house.officer, form).await.is_ok(), "{why}");
    }

    let begun = Instant::now();
    let receipt = house.withdraw(&of, who, purposes).await;
    let after = house.ask(&probes).await;
    slowest.closed = slowest.closed.max(begun.elapsed());
    for ((probe, before), after) in probes.iter().zip(&before).zip(&after) {
        let closes = probe.needs.iter().any(|p| effects.closes.contains(p));
        let expected = if closes { StatusCode::NOT_FOUND } else { *before };
        assert_eq!(*after, expected, "{why}: {} before anything is destroyed", probe.path);
    }

    if held && !effects.destroys.is_empty() {
        let page = house.page(&receipt, "").await;
        assert!(page.contains("The law asks that it is kept for a while"), "{why}");
        house.worker().drain().await.unwrap();
        assert!(KeyClass::ALL.iter().all(|c| !house.destroyed(of.recording, *c)), "{why}: held");
        assert_eq!(house.ask(&probes).await, after, "{why}: a hold opens nothing");
        let lift = format!("/admin/holdings/{}/lift", of.recording);
        assert!(house.send(&lift, &house.officer, String::new()).await.is_ok(), "{why}");
    } else if !effects.destroys.is_empty() {
        let page = house.page(&receipt, "").await;
        assert!(page.contains("is being destroyed just now"), "{why}");
    }
    house.worker().drain().await.unwrap();
    slowest.destroyed = slowest.destroyed.max(begun.elapsed());
    is_gone(house, &of, &effects, &receipt, &why).await;
    assert_eq!(house.ask(&probes).await, after, "{why}: afterwards");
    let control = house.probes(control);
    let still = house.ask(&control).await;
    assert!(still.iter().all(|s| *s == StatusCode::OK), "{why}: others are untouched: {still:?}");
}

fn states() -> Vec<(Stage, bool)> {
    let all = Stage::ALL.iter().map(|stage| (*stage, false));
    all.chain([(Stage::Shared, true)]).collect()
}

fn sets() -> Vec<Vec<Purpose>> {
    let singles = Purpose::ALL.iter().map(|purpose| vec![*purpose]);
    singles.chain(PAIRS.iter().map(|pair| pair.to_vec())).collect()
}

async fn control(house: &House) -> Objects {
    let control = house.world.recording(Stage::Shared).await;
    let answers = house.ask(&house.probes(&control)).await;
    assert!(answers.iter().all(|s| *s == StatusCode::OK), "the probes see what is there");
    control
}

/// Every state × each use alone, and pairs; each of them through two of the people who can ask.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_back_whatever_wherever_it_is_sqlite() {
    let house = House::new(Direct::sqlite().await).await;
    let control = control(&house).await;
    let (mut cases, mut slowest) = (0, Slowest::default());
    for state in states() {
        for purposes in sets() {
            for who in [ALL[cases % ALL.len()], ALL[(cases * 5 + 3) % ALL.len()]] {
                one(&house, &control, state, who, &purposes, &mut slowest).await;
                cases += 1;
            }
        }
    }
    crate::evidence::add(
        "withdrawal",
        &[
            ("cases", json!(cases)),
            ("access_closed_ms", json!(slowest.closed.as_millis())),
            ("keys_gone_ms", json!(slowest.destroyed.as_millis())),
        ],
    );
}

/// A slice of the same on the other database: each state, and each use, at least once.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_back_whatever_wherever_it_is_postgres() {
    let house = House::new(Direct::postgres().await).await;
    let control = control(&house).await;
    let (mut cases, mut slowest) = (0, Slowest::default());
    let (states, sets) = (states(), sets());
    for n in 0..states.len() * 3 {
        let (state, purposes) = (states[n % states.len()], &sets[n % sets.len()]);
        one(&house, &control, state, ALL[n % ALL.len()], purposes, &mut slowest).await;
        cases += 1;
    }
    crate::evidence::add("withdrawal", &[("cases_postgres", json!(cases))]);
}
