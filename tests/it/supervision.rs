//! Supervision with the real service: what a coach brings of their own recording is heard by those in the meeting while
//! they are under the dome, cut and with what is hidden hidden, and by nobody at any other time; a note for a
//! researcher; a focus group's recorder.

use std::{sync::Arc, time::Instant};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, header},
};
use hearback_access::Supervise;
use hearback_domain::{Clock, RecordingId, Role, SupervisionId, Timestamp, UserId, sound};
use hearback_storage::permit;
use hearback_web::App;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{
    access::{ORIGIN, app, session},
    desk_page::visit_with,
    support::{Temporary, postgres, sqlite},
    world::{Stage, World},
};

/// How many bytes of samples a second of sound is.
const SECOND: usize = sound::RATE_HZ as usize * 2;

/// How long a WAV file's front is.
const FRONT: usize = 44;

struct Meeting {
    world: World,
    router: Router,
    recording: RecordingId,
    id: SupervisionId,
    /// The recording's samples.
    pcm: Vec<u8>,
    owner: String,
    owner_as_coach: String,
    coach: String,
    supervisor: String,
    researcher: String,
}

/// Samples that differ from second to second and from sample to sample.
fn samples(seconds: usize) -> Vec<u8> {
    let sample = |n: usize| i16::try_from(n * 7 % 8_191).unwrap_or_default().to_le_bytes();
    (0..seconds * SECOND / 2).flat_map(sample).collect()
}

impl Meeting {
    /// The owner's recording of so many seconds, of which the ninth is hidden; and a meeting to which the owner, who
    /// coaches too, and the coach are invited.
    async fn new(store: Temporary, seconds: usize) -> Self {
        let world = World::new(store).await;
        let recording = world.recording(Stage::Private).await.recording;
        let pcm = samples(seconds);
        world.sound(recording, &pcm).await;
        let meeting = SupervisionId::mint(&*world.ids);
        let cx = world.cx(world.stranger, Role::CoachingSupervisor);
        let (mut work, p) = permit::<Supervise>(&*world.store, cx, ()).await.unwrap();
        let coaches = [world.owner, world.coach];
        work.call_meeting(&p, meeting, world.clock.now(), &coaches).await.unwrap();
        work.commit().await.unwrap();
        Self {
            router: hearback_web::router(app(&world, ORIGIN)),
            owner: session(&world, world.owner, Role::Practitioner).await,
            owner_as_coach: session(&world, world.owner, Role::Coach).await,
            coach: session(&world, world.coach, Role::Coach).await,
            supervisor: session(&world, world.stranger, Role::CoachingSupervisor).await,
            researcher: session(&world, world.researcher, Role::Researcher).await,
            world,
            recording,
            id: meeting,
            pcm,
        }
    }

    fn request(method: &Method, cookie: &str, path: &str, form: &str) -> Request<Body> {
        let mut request = Request::builder().method(method.clone()).uri(path);
        request = request.header(header::HOST, "localhost:1").header(header::COOKIE, cookie);
        if *method != Method::GET {
            let form = "application/x-www-form-urlencoded";
            request = request.header(header::ORIGIN, ORIGIN).header(header::CONTENT_TYPE, form);
        }
        request.body(Body::from(form.to_owned())).unwrap()
    }

    async fn get(&self, cookie: &str, path: &str) -> (u16, Vec<u8>) {
        let request = Self::request(&Method::GET, cookie, path, "");
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        (status, response.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    async fn page(&self, cookie: &str, path: &str) -> String {
        let (status, body) = self.get(cookie, path).await;
        assert_eq!(status, 200, "{path}");
        String::from_utf8(body).unwrap()
    }

    async fn post(&self, cookie: &str, path: &str, form: &str) -> u16 {
        let request = Self::request(&Method::POST, cookie, path, form);
        self.router.clone().oneshot(request).await.unwrap().status().as_u16()
    }

    fn at(&self, what: &str) -> String {
        format!("/recordings/{}{what}", self.recording)
    }

    fn led(&self, what: &str) -> String {
        format!("/supervision/lead/{}{what}", self.id)
    }

    fn attended(&self, what: &str) -> String {
        format!("/supervision/{}{what}", self.id)
    }

    /// What pages that are open are told.
    async fn follows(&self, cookie: &str, path: &str) -> Value {
        let (status, body) = self.get(cookie, path).await;
        assert_eq!(status, 200, "{path}");
        serde_json::from_slice(&body).unwrap()
    }

    /// The owner marks a moment: its address.
    async fn mark(&self, start: &str, end: &str) -> String {
        let form = format!("kind=wonder&note=For+me&start={start}&end={end}");
        assert_eq!(self.post(&self.owner, &self.at("/moments"), &form).await, 303);
        let page = self.page(&self.owner, &self.at("")).await;
        let start = format!("data-start=\"{}\"", seconds(start) * 1_000);
        let item = page.split("data-moment=\"").skip(1).find(|item| item.contains(&start)).unwrap();
        self.at(&format!("/moments/{}", item.split('"').next().unwrap()))
    }

    /// Somebody listened, and found nothing left to hide.
    async fn listen(&self, version: u32) {
        let form = format!("heard=yes&version={version}");
        assert_eq!(self.post(&self.owner, &self.at("/redaction/approve"), &form).await, 303);
    }

    async fn bring(&self, moment: &str) -> u16 {
        let form = format!("meeting={}", self.id);
        self.post(&self.owner, &format!("{moment}/bring"), &form).await
    }

    async fn dome(&self, volunteer: Option<UserId>) {
        let form = volunteer.map_or_else(
            || "do=end".to_owned(),
            |volunteer| format!("do=begin&volunteer={volunteer}"),
        );
        assert_eq!(self.post(&self.supervisor, &self.led("/dome"), &form).await, 303);
    }

    /// Where the sound of what was brought is, as a page is told.
    async fn sound_for(&self, cookie: &str, path: &str) -> Option<String> {
        let state = self.follows(cookie, path).await;
        state["brought"][0]["sound"].as_str().map(ToOwned::to_owned)
    }

    /// Everybody in the meeting.
    fn inside(&self) -> [(&str, String); 3] {
        [
            (&self.supervisor, self.led("/dome")),
            (&self.coach, self.attended("/dome")),
            (&self.owner_as_coach, self.attended("/dome")),
        ]
    }
}

fn seconds(clock: &str) -> u64 {
    let (minutes, seconds) = clock.split_once(':').unwrap();
    minutes.parse::<u64>().unwrap() * 60 + seconds.parse::<u64>().unwrap()
}

async fn a_moment_is_brought_and_heard(store: Temporary) {
    let m = Meeting::new(store, 20).await;
    let page = m.page(&m.owner, &m.at("")).await;
    assert!(page.contains("once somebody has listened to the recording"), "what is missing");
    let moment = m.mark("0:06", "0:11").await;
    assert_eq!(m.bring(&moment).await, 409, "nobody has listened");
    m.listen(1).await;
    assert!(m.page(&m.owner, &m.at("")).await.contains("Bring it to supervision"));
    assert_eq!(m.bring(&moment).await, 303);
    let page = m.page(&m.owner, &m.at("")).await;
    assert!(page.contains("You bring this to supervision on"));
    assert!(!page.contains("Bring it to supervision"));

    // Told to everybody in the meeting, and to be heard by nobody yet.
    for (cookie, path) in m.inside() {
        let state = m.follows(cookie, &path).await;
        let text = state["brought"][0]["text"].as_str().unwrap();
        assert!(text.ends_with("brought something to hear (0:05)."), "{text}");
        assert_eq!(state["brought"][0]["sound"], Value::Null);
        let brought = state["brought"][0]["id"].as_str().unwrap();
        let path = format!("/supervision/brought/{brought}/sound");
        assert_eq!(m.get(cookie, &path).await.0, 404, "the exercise has not begun");
    }
    let page = m.page(&m.coach, &m.attended("")).await;
    assert!(page.contains("Owner has brought something to hear (0:05)."));
    assert!(!page.contains("For me") && !page.contains("Robin"), "nothing else is told of it");

    m.dome(Some(m.world.owner)).await;
    let mut sounds = Vec::new();
    for (cookie, path) in m.inside() {
        let sound = m.sound_for(cookie, &path).await.expect("they are under the dome");
        let (status, wav) = m.get(cookie, &sound).await;
        assert_eq!((status, &wav[..4]), (200, &b"RIFF"[..]));
        sounds.push((sound, wav));
    }
    assert!(sounds.windows(2).all(|two| two[0] == two[1]), "everybody hears the same");
    let (sound, wav) = sounds.pop().unwrap();
    let (heard, told) = (&wav[FRONT..], &m.pcm[6 * SECOND..11 * SECOND]);
    assert_eq!(heard.len(), told.len(), "the moment and not a sample more");
    // What is hidden ends a little before and after what was marked.
    let around = SECOND / 2;
    assert_eq!(heard[..2 * SECOND - around], told[..2 * SECOND - around]);
    assert_eq!(heard[3 * SECOND + around..], told[3 * SECOND + around..]);
    let hidden = 2 * SECOND..3 * SECOND;
    let same = heard[hidden.clone()].chunks(2).zip(told[hidden].chunks(2));
    let same = same.filter(|(heard, told)| heard == told).count();
    assert!(same < SECOND / 100, "{same} samples of the name are as they were said");
    for (who, user, role) in [
        ("a coach outside", World::visitor(), Role::Coach),
        ("the owner as a practitioner", m.world.owner, Role::Practitioner),
        ("the supervisor as a coach", m.world.stranger, Role::Coach),
        ("another supervisor", m.world.researcher, Role::CoachingSupervisor),
        ("a researcher", m.world.researcher, Role::Researcher),
        ("the officer", m.world.stranger, Role::Dpo),
    ] {
        let cookie = session(&m.world, user, role).await;
        let expected = if who == "the supervisor as a coach" { 200 } else { 404 };
        assert_eq!(m.get(&cookie, &sound).await.0, expected, "{who}");
    }

    // Somebody else volunteers; then it ends; then another moment takes its place.
    m.dome(None).await;
    m.dome(Some(m.world.coach)).await;
    assert_eq!(m.get(&m.coach, &sound).await.0, 404, "somebody else is under the dome");
    assert_eq!(m.sound_for(&m.coach, &m.attended("/dome")).await, None);
    m.dome(None).await;
    assert_eq!(m.get(&m.supervisor, &sound).await.0, 404, "it has ended");
    let other = m.mark("0:12", "0:14").await;
    assert_eq!(m.bring(&other).await, 303);
    m.dome(Some(m.world.owner)).await;
    assert_eq!(m.get(&m.coach, &sound).await.0, 404, "another is there in its place");
    let sound = m.sound_for(&m.coach, &m.attended("/dome")).await.unwrap();
    assert_eq!(m.get(&m.coach, &sound).await.1.len(), FRONT + 2 * SECOND);

    // Something more is to be hidden: nobody hears it until somebody has listened again.
    let form = "start=0:12&end=0:13&why=name";
    assert_eq!(m.post(&m.owner, &m.at("/redaction"), form).await, 303);
    assert_eq!(m.get(&m.coach, &sound).await.0, 404);
    assert_eq!(m.follows(&m.coach, &m.attended("/dome")).await["brought"], json!([]));
    m.listen(2).await;
    assert_eq!(m.get(&m.coach, &sound).await.0, 200);
    let form = format!("meeting={}", m.id);
    assert_eq!(m.post(&m.owner, &format!("{other}/bring/take-back"), &form).await, 303);
    assert_eq!(m.get(&m.coach, &sound).await.0, 404, "taken back");
}

#[tokio::test]
async fn a_moment_is_brought_and_heard_on_sqlite() {
    a_moment_is_brought_and_heard(sqlite().await).await;
}

#[tokio::test]
async fn a_moment_is_brought_and_heard_on_postgres() {
    a_moment_is_brought_and_heard(postgres().await).await;
}

/// What is on its way when the exercise ends comes to no more than was sent until the question was asked again.
#[tokio::test]
async fn sound_that_is_being_sent_ends_with_the_exercise() {
    let m = Meeting::new(sqlite().await, 200).await;
    let moment = m.mark("0:15", "3:15").await;
    m.listen(1).await;
    assert_eq!(m.bring(&moment).await, 303);
    m.dome(Some(m.world.owner)).await;
    let sound = m.sound_for(&m.coach, &m.attended("/dome")).await.unwrap();
    assert_eq!(m.get(&m.coach, &sound).await.1.len(), FRONT + 180 * SECOND, "three minutes");
    let request = Meeting::request(&Method::GET, &m.coach, &sound, "");
    let mut body = m.router.clone().oneshot(request).await.unwrap().into_body();
    let mut came = 0;
    while came <= FRONT {
        came += body.frame().await.unwrap().unwrap().into_data().unwrap().len();
    }
    m.dome(None).await;
    let ended = loop {
        match body.frame().await {
            Some(Ok(frame)) => came += frame.into_data().unwrap().len(),
            Some(Err(_)) => break true,
            None => break false,
        }
    };
    assert!(ended, "it was sent to its end: {came} bytes");
    assert!(came < 40 * SECOND, "{came} bytes came after the exercise had ended");
}

async fn a_note_is_read_by_one_researcher(store: Temporary) {
    let m = Meeting::new(store, 10).await;
    let path = m.led("/debrief");
    let researcher = m.world.researcher;
    let share = format!("do=share&researcher={researcher}");
    assert_eq!(m.post(&m.supervisor, &path, &share).await, 409, "there is no note");
    assert_eq!(m.post(&m.supervisor, &path, "do=save&note=A+calm+hour").await, 303);
    assert!(m.page(&m.supervisor, &m.led("")).await.contains("A calm hour"));
    assert!(!m.page(&m.researcher, "/debriefs").await.contains("A calm hour"));
    assert!(!m.page(&m.researcher, "/").await.contains("/debriefs"), "no link to nothing");
    assert!(!m.page(&m.coach, &m.attended("")).await.contains("A calm hour"));

    assert_eq!(m.post(&m.supervisor, &path, &share).await, 303);
    assert!(m.page(&m.researcher, "/debriefs").await.contains("A calm hour"));
    assert!(m.page(&m.researcher, "/").await.contains("/debriefs"));
    let second = session(&m.world, World::second(), Role::Researcher).await;
    assert!(!m.page(&second, "/debriefs").await.contains("A calm hour"), "one, not all of them");
    assert_eq!(m.get(&m.coach, "/debriefs").await.0, 404);
    let other = session(&m.world, researcher, Role::CoachingSupervisor).await;
    assert_eq!(m.post(&other, &path, "do=save&note=Mine").await, 404, "another's meeting");

    assert_eq!(m.post(&m.supervisor, &path, "do=keep").await, 303);
    assert!(!m.page(&m.researcher, "/debriefs").await.contains("A calm hour"));
    let long = format!("do=save&note={}", "a".repeat(4_001));
    assert_eq!(m.post(&m.supervisor, &path, &long).await, 422);
    assert_eq!(m.post(&m.supervisor, &m.led(""), "do=off").await, 409, "something came of it");
}

#[tokio::test]
async fn a_note_is_read_by_one_researcher_on_sqlite() {
    a_note_is_read_by_one_researcher(sqlite().await).await;
}

#[tokio::test]
async fn a_note_is_read_by_one_researcher_on_postgres() {
    a_note_is_read_by_one_researcher(postgres().await).await;
}

async fn a_recorder_stands_on_everybodys_yes(store: Temporary) {
    let m = Meeting::new(store, 10).await;
    let (path, answer) = (m.led("/focus"), m.attended("/focus"));
    assert_eq!(m.post(&m.coach, &answer, "takes_part=yes").await, 409, "there is none");
    assert_eq!(m.follows(&m.coach, &m.attended("/dome")).await["focus"], Value::Null);
    let page = m.page(&m.supervisor, &m.led("")).await;
    // A quarter of an hour after two hours from 14:13, as this world's clock stands.
    assert!(page.contains(r#"name="time" value="16:28""#), "the time that is suggested");
    assert_eq!(m.post(&m.supervisor, &path, "do=plan&day=2026-09-22&time=17:00").await, 303);
    assert_eq!(m.post(&m.supervisor, &path, "do=on").await, 409, "nobody takes part");
    let page = m.page(&m.coach, &m.attended("")).await;
    assert!(page.contains(r#"name="takes_part" type="checkbox" value="yes">"#), "nothing ticked");
    assert!(page.contains(r#"name="recorded" type="checkbox" value="yes">"#), "nothing ticked");

    let recorder = async || {
        let mut told = Vec::new();
        for (cookie, path) in m.inside() {
            told.push(m.follows(cookie, &path).await["focus"]["recorder"].as_bool().unwrap());
        }
        assert!(told.windows(2).all(|two| two[0] == two[1]), "everybody sees the same");
        told[0]
    };
    assert_eq!(m.post(&m.coach, &answer, "takes_part=yes&recorded=yes").await, 303);
    assert_eq!(m.post(&m.owner_as_coach, &answer, "takes_part=yes").await, 303);
    assert_eq!(m.post(&m.supervisor, &path, "do=on").await, 409, "one is there without a yes");
    assert!(!recorder().await);
    let led = m.follows(&m.supervisor, &m.led("/dome")).await;
    assert_eq!(led["focus"]["may"], json!(false));
    assert!(led["focus"]["who"].as_str().unwrap().starts_with("2 take part"));
    let followed = m.follows(&m.coach, &m.attended("/dome")).await;
    assert_eq!(followed["focus"]["who"], json!(""), "who comes is not told to everybody");

    assert_eq!(m.post(&m.owner_as_coach, &answer, "takes_part=yes&recorded=yes").await, 303);
    assert!(!recorder().await, "nobody but the supervisor turns it on");
    assert_eq!(m.post(&m.supervisor, &path, "do=on").await, 303);
    assert!(recorder().await);
    assert_eq!(m.post(&m.owner_as_coach, &answer, "takes_part=yes").await, 303);
    assert!(!recorder().await, "a yes that is taken back turns it off at once");
    assert_eq!(m.post(&m.owner_as_coach, &answer, "recorded=yes").await, 303, "goes altogether");
    assert_eq!(m.post(&m.supervisor, &path, "do=on").await, 303, "whoever is there said yes");
    assert!(recorder().await);
    assert_eq!(m.post(&m.supervisor, &path, "do=off").await, 303);
    assert!(!recorder().await);
    let outside = session(&m.world, World::visitor(), Role::Coach).await;
    assert_eq!(m.post(&outside, &answer, "takes_part=yes").await, 404);
    assert_eq!(m.post(&m.supervisor, &path, "do=drop").await, 303);
    assert_eq!(m.follows(&m.coach, &m.attended("/dome")).await["focus"], Value::Null);
}

#[tokio::test]
async fn a_recorder_stands_on_everybodys_yes_on_sqlite() {
    a_recorder_stands_on_everybodys_yes(sqlite().await).await;
}

#[tokio::test]
async fn a_recorder_stands_on_everybodys_yes_on_postgres() {
    a_recorder_stands_on_everybodys_yes(postgres().await).await;
}

/// Coaches whom no meeting has reached for six weeks are named, until they are invited.
#[tokio::test]
async fn coaches_whom_no_meeting_reached_are_named() {
    let m = Meeting::new(sqlite().await, 10).await;
    m.world.let_somebody_coach().await;
    let named = async |who: &str| {
        // Nobody stays signed in for six weeks.
        let anew = session(&m.world, m.world.stranger, Role::CoachingSupervisor).await;
        let page = m.page(&anew, "/supervision/lead").await;
        page.contains("since supervision reached") && page.contains(&format!("reached {who}"))
    };
    m.world.clock.advance_seconds(41 * 86_400);
    assert!(!named("").await, "they are known since not quite six weeks");
    m.world.clock.advance_seconds(86_400);
    assert!(named("Coach, Visitor. ").await);
    let day = hearback_domain::Day::of(m.world.clock.now()).plus_days(3);
    let form = format!("day={day}&time=14:00&coach={}", m.world.coach);
    assert_eq!(m.post(&m.supervisor, "/supervision/lead", &form).await, 303);
    assert!(named("Visitor. ").await, "whoever is invited is not named");
}

/// A clock that begins where the world's stands, and runs.
struct Running(Timestamp, Instant);

impl Clock for Running {
    fn now(&self) -> Timestamp {
        let gone = i64::try_from(self.1.elapsed().as_micros()).unwrap();
        Timestamp::from_micros(self.0.as_micros() + gone)
    }
}

/// Three people in their own browsers, one of them with two hats: brought, heard, silent again; a focus group whose
/// recorder goes off by itself; a note that a researcher reads and no longer reads.
#[tokio::test(flavor = "multi_thread")]
async fn brought_and_heard_in_browsers() {
    let m = Meeting::new(sqlite().await, 30).await;
    let from = m.world.clock.now();
    let given = [
        ("ID", m.recording.to_string()),
        ("MEETING", m.id.to_string()),
        ("OWNER", m.world.owner.to_string()),
        ("COACH", m.world.coach.to_string()),
        ("RESEARCHER", m.world.researcher.to_string()),
        ("WREN", m.owner.clone()),
        ("HERON", m.owner_as_coach.clone()),
        ("VISITOR", m.coach.clone()),
        ("KITE", m.supervisor.clone()),
    ];
    let change = move |app: &mut App| app.clock = Arc::new(Running(from, Instant::now()));
    let figures = visit_with(
        m.world,
        "supervision-brought.mjs",
        "browser-supervision-brought",
        &given,
        change,
    )
    .await;
    let figures = figures.as_object().unwrap();
    let figures: Vec<_> = figures.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
    crate::evidence::add("supervision", &figures);
}
