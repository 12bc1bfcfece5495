//! Many coaching sessions at once, asked of the real service over real connections: how long it takes until an order
//! has reached everybody, and whether sound ever comes later than it is heard.
//!
//! A few sessions by default; with `HEARBACK_TEST_DEEP`, fifty with three browsers each, and five hundred streams of
//! sound. Then the same once more while as many pages of sessions are open, each of which looks once in a second.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use hearback_access::{CheckProfile, DecideSeries, KeepProfile, LeadSession};
use hearback_domain::{
    Clock as _, CoachingSessionId, JoinCode, Login, Note, PieceId, Role, UserId,
    coaching::{Independence, MostSeries, Profile},
};
use hearback_storage::{KeptProfile, NewPerson, permit};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{sleep, sleep_until},
};

use crate::{
    access::{app, session},
    support::sqlite,
    world::World,
};

/// Bytes of sound that are heard in a second.
const BYTES_A_SECOND: u64 = 32_000;

/// A browser's connection for what it asks.
struct Line {
    stream: TcpStream,
    cookie: String,
    port: u16,
}

impl Line {
    /// From this address: each session is in a house of its own, since what a house may ask in a minute is limited, and
    /// the clock of these tests stands still.
    async fn open(port: u16, from: Ipv4Addr, cookie: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).unwrap();
        let stream = socket.connect((Ipv4Addr::LOCALHOST, port).into()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, cookie: cookie.to_owned(), port }
    }

    async fn send(&mut self, method: &str, path: &str, body: &str) {
        let Self { cookie, port, .. } = self;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost:{port}\r\norigin: http://localhost:{port}\r\n\
             cookie: {cookie}\r\naccept: application/json\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
    }

    /// The status and how long the body is, and what of it came with the head.
    async fn head(&mut self) -> (u16, usize, Vec<u8>) {
        let mut read = Vec::new();
        loop {
            if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&read[..end]).to_lowercase();
                let status = head.split(' ').nth(1).unwrap().parse().unwrap();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                return (
                    status,
                    length.map_or(0, |l| l.parse().unwrap()),
                    read[end + 4..].to_vec(),
                );
            }
            assert!(self.stream.read_buf(&mut read).await.unwrap() > 0, "the line was cut");
        }
    }

    async fn ask(&mut self, method: &str, path: &str, body: &str) -> (u16, String) {
        self.send(method, path, body).await;
        let (status, length, mut read) = self.head().await;
        while read.len() < length {
            assert!(self.stream.read_buf(&mut read).await.unwrap() > 0, "the line was cut");
        }
        (status, String::from_utf8_lossy(&read).into_owned())
    }
}

/// What all browsers of a session write down.
#[derive(Default)]
struct Seen {
    over: AtomicBool,
    /// How many are in the room.
    here: AtomicUsize,
    /// When the coach's last order was given (µs since the beginning), until everybody heard of it.
    ordered: AtomicU64,
}

struct Meeting {
    id: CoachingSessionId,
    piece: PieceId,
    /// The coach's, the practitioner's, the guest's cookie.
    cookies: [String; 3],
    /// Where all of them are.
    house: Ipv4Addr,
}

/// Takes a seat, sits down on it, and beats once a second; notes when orders were given and how long they took to come,
/// until it is over.
async fn be_there(
    port: u16,
    meeting: Arc<Meeting>,
    who: usize,
    seen: Arc<Seen>,
    began: Instant,
) -> (Vec<u64>, Vec<(u64, u64)>) {
    let base = format!("/sessions/{}/room", meeting.id);
    let cookie = &meeting.cookies[who];
    let mut line = Line::open(port, meeting.house, cookie).await;
    let (status, kept) = line.ask("POST", &format!("{base}/enter"), "{}").await;
    assert_eq!(status, 200, "{kept}");
    let seat = serde_json::from_str::<Value>(&kept).unwrap()["seat"].as_str().unwrap().to_owned();
    let mut events = Line::open(port, meeting.house, cookie).await;
    events.send("GET", &format!("{base}/stream?seat={seat}"), "").await;
    let mut read = events.head().await.2;
    let leads = who == 0;
    let mut all_hands = JoinSet::new();
    all_hands.spawn({
        let (seen, meeting, seat) = (Arc::clone(&seen), Arc::clone(&meeting), seat.clone());
        async move {
            let beat = format!(r#"{{"seat":"{seat}"}}"#);
            let mut beats = Vec::new();
            let mut turn = 0_u32;
            if leads {
                sleep(Duration::from_millis(1_500)).await;
                let put = format!(r#"{{"seat":"{seat}","piece":"{}"}}"#, meeting.piece);
                let (status, said) = line.ask("POST", &format!("{base}/piece"), &put).await;
                assert_eq!(status, 204, "{said}");
            }
            while !seen.over.load(Ordering::Relaxed) {
                let at = Instant::now();
                let (status, said) = line.ask("POST", &format!("{base}/beat"), &beat).await;
                assert_eq!(status, 200, "{said}");
                beats.push(u64::try_from(at.elapsed().as_micros()).unwrap());
                sleep(Duration::from_millis(if leads { 400 } else { 1_000 })).await;
                if leads {
                    turn += 1;
                    let what = if turn.is_multiple_of(2) { "pause" } else { "play" };
                    let order = format!(r#"{{"seat":"{seat}","do":"{what}"}}"#);
                    seen.ordered.store(micros(began), Ordering::SeqCst);
                    let (status, said) = line.ask("POST", &format!("{base}/play"), &order).await;
                    assert_eq!(status, 204, "{said}");
                    sleep(Duration::from_millis(600)).await;
                }
            }
            beats
        }
    });
    let mut clicks = Vec::new();
    let (mut before, mut counted) = (false, false);
    while !seen.over.load(Ordering::Relaxed) {
        let soon = tokio::time::timeout(Duration::from_secs(3), events.stream.read_buf(&mut read));
        let some = soon.await.expect("a room says something every 400 ms").unwrap();
        assert!(some > 0, "the room was closed");
        while let Some(end) = read.windows(2).position(|two| two == b"\n\n") {
            let event: Vec<u8> = read.drain(..end + 2).collect();
            let text = String::from_utf8_lossy(&event).into_owned();
            assert!(!text.contains("event: over"), "out of the room");
            let Some(json) = text.split("data: {\"now\"").nth(1) else { continue };
            if !counted {
                seen.here.fetch_add(1, Ordering::SeqCst);
                counted = true;
            }
            let view: Value = serde_json::from_str(&format!("{{\"now\"{}", json.trim())).unwrap();
            let playing = view["playing"].as_bool().unwrap();
            let ordered = seen.ordered.load(Ordering::SeqCst);
            if playing && !before && ordered > 0 {
                let ahead =
                    view["since"].as_u64().unwrap().saturating_sub(view["now"].as_u64().unwrap());
                clicks.push((ordered, micros(began) - ordered + ahead * 1_000));
            }
            before = playing;
        }
    }
    (all_hands.join_next().await.unwrap().unwrap(), clicks)
}

/// An open page of a session: it looks once in a second whether its list is another one. How long each look took.
async fn look_again(port: u16, meeting: Arc<Meeting>, who: usize, seen: Arc<Seen>) -> Vec<u64> {
    let mut line = Line::open(port, meeting.house, &meeting.cookies[who]).await;
    let list = format!("/sessions/{}/clips", meeting.id);
    let (status, first) = line.ask("GET", &list, "").await;
    assert_eq!(status, 200, "{first}");
    let mut sign = sign_of(&first);
    let mut took = Vec::new();
    while !seen.over.load(Ordering::Relaxed) {
        sleep(Duration::from_secs(1)).await;
        let at = Instant::now();
        let (status, said) = line.ask("GET", &format!("{list}?seen={sign}"), "").await;
        assert_eq!(status, 200, "{said}");
        took.push(micros(at));
        sign = sign_of(&said);
    }
    took
}

fn sign_of(look: &str) -> String {
    let look: Value = serde_json::from_str(look).unwrap();
    look["sign"].as_str().unwrap().to_owned()
}

/// So many people hear an extract at once; how often sound came late, and how long each waited for its first byte (µs).
async fn all_hear(
    port: u16,
    meetings: &[Arc<Meeting>],
    streams: usize,
    seconds: u64,
) -> (u32, Vec<u64>) {
    let mut hearing = JoinSet::new();
    for nth in 0..streams {
        hearing.spawn(hear(port, meetings[nth % meetings.len()].clone(), seconds));
        sleep(Duration::from_millis(4)).await;
    }
    let (mut stalls, mut first) = (0, Vec::new());
    while let Some(heard) = hearing.join_next().await {
        let (late, after) = heard.unwrap();
        stalls += late;
        first.push(after);
    }
    (stalls, first)
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap()
}

/// Takes an extract as fast as it is heard; how often nothing was there when it was to be heard, and the time until the
/// first byte of sound (µs).
async fn hear(port: u16, meeting: Arc<Meeting>, seconds: u64) -> (u32, u64) {
    let mut line = Line::open(port, meeting.house, &meeting.cookies[0]).await;
    let at = Instant::now();
    line.send("GET", &format!("/sessions/{}/sound/{}", meeting.id, meeting.piece), "").await;
    let (status, length, first) = line.head().await;
    assert_eq!(status, 200);
    let first_after = u64::try_from(at.elapsed().as_micros()).unwrap();
    let (began, mut have, mut stalls) = (tokio::time::Instant::now(), first.len() as u64, 0);
    let end = (length as u64).min(seconds * BYTES_A_SECOND);
    let mut part = vec![0; 8_000];
    let mut heard = 0;
    while heard < end {
        // A quarter of a second of sound is to be there before it is heard.
        heard = (heard + BYTES_A_SECOND / 4).min(end);
        let due = began + Duration::from_micros(heard * 1_000_000 / BYTES_A_SECOND);
        let mut late = false;
        while have < heard {
            let in_time = tokio::time::timeout_at(due, line.stream.read(&mut part)).await;
            have += if let Ok(read) = in_time {
                read.unwrap() as u64
            } else {
                late = true;
                line.stream.read(&mut part).await.unwrap() as u64
            };
        }
        stalls += u32::from(late);
        sleep_until(due).await;
    }
    (stalls, first_after)
}

fn at(figures: &mut [u64], percent: usize) -> f64 {
    figures.sort_unstable();
    let place = (figures.len() - 1) * percent / 100;
    f64::from(u32::try_from(figures[place]).unwrap_or(u32::MAX)) / 1_000.0
}

impl World {
    /// One more person who coaches.
    async fn another_coach(&self, nth: usize) -> UserId {
        let person = NewPerson {
            id: UserId::mint(&*self.ids),
            login: Login::new(&format!("heron{nth}")).unwrap(),
            name: format!("Heron {nth}"),
            password_hash: "none".to_owned(),
            roles: vec![Role::Coach],
            created_at: self.clock.now(),
        };
        let mut work = self.store.begin().await.unwrap();
        work.add_person(&person).await.unwrap();
        work.commit().await.unwrap();
        let cx = self.cx(person.id, Role::Coach);
        let (mut work, keep) = permit::<KeepProfile>(&*self.store, cx, ()).await.unwrap();
        let note = |text: &str| Note::new(text).unwrap();
        let profile = Profile {
            about: note("Listens"),
            independence: Independence::Outside,
            reports_to: note("nobody here"),
            accreditation: note("a body"),
            languages: note("English"),
        };
        let most = MostSeries::new(20).unwrap();
        work.keep_profile(&keep, &KeptProfile { profile, taking_on: true, most }).await.unwrap();
        work.commit().await.unwrap();
        let desk = self.cx(self.stranger, Role::Coordinator);
        let (mut work, check) = permit::<CheckProfile>(&*self.store, desk, ()).await.unwrap();
        let until = Some(self.clock.now().plus_seconds(99_999_999));
        assert!(work.check_profile(&check, person.id, self.clock.now(), until).await.unwrap());
        work.commit().await.unwrap();
        person.id
    }

    /// So many sessions that are live, each with a guest, in which the same extract is heard.
    async fn live_sessions(&self, many: usize) -> Vec<Arc<Meeting>> {
        let mut coaches = Vec::new();
        for nth in 0..many.div_ceil(20) {
            coaches.push(self.another_coach(nth).await);
        }
        let own = self.cx(self.owner, Role::Practitioner);
        let owner = session(self, self.owner, Role::Practitioner).await;
        let guest = session(self, self.stranger, Role::LineManager).await;
        let recording = crate::desk_page::recording(self, 3).await;
        let clip = self.extracts(recording, &[30]).await[0];
        let mut all = Vec::new();
        for nth in 0..many {
            let coach = coaches[nth / 20];
            let series = self.agreed_with(coach).await;
            let (mut work, decide) =
                permit::<DecideSeries>(&*self.store, own, series).await.unwrap();
            assert!(work.add_to_series(&decide, recording).await.unwrap());
            work.commit().await.unwrap();
            let id = self.planned(series, coach, 0).await;
            let piece = self.choose_for(id, clip, ("A long pause", "What stood out?")).await;
            let (mut work, decide) =
                permit::<DecideSeries>(&*self.store, own, series).await.unwrap();
            work.invite_guest(&decide, id, self.stranger).await.unwrap().unwrap();
            work.commit().await.unwrap();
            let cx = self.cx(coach, Role::Coach);
            let (mut work, lead) = permit::<LeadSession>(&*self.store, cx, id).await.unwrap();
            let code = JoinCode::from_random(nth as u64);
            work.begin_meeting(&lead, &code).await.unwrap().unwrap();
            work.commit().await.unwrap();
            let cookies = [session(self, coach, Role::Coach).await, owner.clone(), guest.clone()];
            let house = Ipv4Addr::new(127, 1, u8::try_from(nth).unwrap(), 1);
            all.push(Arc::new(Meeting { id, piece, cookies, house }));
        }
        all
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_sessions_are_live_at_once() {
    let deep = std::env::var_os("HEARBACK_TEST_DEEP").is_some();
    let (sessions, streams, seconds) = if deep { (50, 500, 20) } else { (6, 30, 5) };
    let world = World::new(sqlite().await).await;
    let meetings = world.live_sessions(sessions).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let service = app(&world, &format!("http://localhost:{port}"));
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let mut serving = JoinSet::new();
    serving.spawn(hearback_web::serve(listener, service, async { drop(ended.await) }));

    let began = Instant::now();
    let mut browsers = JoinSet::new();
    let mut all = Vec::new();
    for meeting in &meetings {
        let seen = Arc::new(Seen::default());
        for who in 0..3 {
            browsers.spawn(be_there(port, meeting.clone(), who, Arc::clone(&seen), began));
        }
        all.push(seen);
    }
    let here = || all.iter().map(|seen| seen.here.load(Ordering::SeqCst)).sum::<usize>();
    let everybody = async {
        while here() < 3 * sessions {
            sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), everybody).await.expect("everybody is there");
    sleep(Duration::from_secs(2)).await;
    let (stalls_before, _) = all_hear(port, &meetings, streams, seconds).await;
    let mut pages = JoinSet::new();
    for (nth, (meeting, seen)) in meetings.iter().zip(&all).enumerate() {
        pages.spawn(look_again(port, meeting.clone(), nth % 2, Arc::clone(seen)));
        sleep(Duration::from_millis(7)).await;
    }
    let opened = micros(began);
    let (stalls, mut first) = all_hear(port, &meetings, streams, seconds).await;
    for seen in all {
        seen.over.store(true, Ordering::Relaxed);
    }
    let (mut beats, mut clicks, mut clicks_before) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(there) = browsers.join_next().await {
        let (theirs, orders) = there.unwrap();
        beats.extend(theirs);
        for (given, took) in orders {
            if given < opened { &mut clicks_before } else { &mut clicks }.push(took);
        }
    }
    let mut looks: Vec<_> = pages.join_all().await.into_iter().flatten().collect();
    drop(end);
    serving.abort_all();
    for orders in [&clicks, &clicks_before] {
        assert!(orders.len() >= sessions * 3, "{} orders are too few", orders.len());
    }
    assert!(looks.len() >= sessions * 3, "{} looks are too few", looks.len());
    let ratio = at(&mut clicks, 95) / at(&mut clicks_before, 95);
    crate::evidence::add(
        "session_room",
        &[
            ("live_sessions", json!(sessions)),
            ("streams", json!(streams)),
            ("stalls", json!(stalls + stalls_before)),
            ("open_pages", json!(sessions)),
            ("look_p95_ms", json!(at(&mut looks, 95))),
            ("click_to_sound_with_pages_ratio", json!(ratio)),
            ("click_to_sound_under_load_p95_ms", json!(at(&mut clicks, 95))),
            ("click_to_sound_under_load_p50_ms", json!(at(&mut clicks, 50))),
            ("beat_p95_ms", json!(at(&mut beats, 95))),
            ("first_sound_p95_ms", json!(at(&mut first, 95))),
        ],
    );
    assert_eq!(stalls + stalls_before, 0, "sound came later than it was to be heard");
}
