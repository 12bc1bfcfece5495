//! What is hidden, on the real service: hidden at once, heard again by two people, approved, and never in an extract.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    http::{Request, header},
};
use hearback_access::{Cx, Hide, MakePlaylist, ObjectKind, RenderClip};
use hearback_domain::{
    ClipId, Clock as _, Framework, Hidden, HiddenId, HideReason, Ms, Note, Role, Span, sound,
};
use hearback_storage::{NewClip, permit};
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use crate::{
    access::{ORIGIN, app, session},
    browser::{browse, conversation},
    chance::Chance,
    service::{Person, Service},
    support::sqlite,
    world::{Objects, Stage, World},
};

/// How long the recording is, in seconds; the extract is three minutes of it.
const SECONDS: usize = 600;

/// The extract, in milliseconds.
const EXTRACT: (u64, u64) = (30_000, 210_000);

/// Sound in which no two moments are alike: noise, as a file.
fn noise() -> Vec<u8> {
    let mut chance = Chance::new(7);
    let frames = SECONDS * 16_000;
    let samples = (0..frames).flat_map(|_| {
        let sample = i16::try_from(chance.below(20_000)).unwrap() - 10_000;
        sample.to_le_bytes()
    });
    sound::wav_header(frames as u64).into_iter().chain(samples).collect()
}

/// The bytes of a file of 16 kHz mono samples between two moments (ms), as the file counts time.
fn part(wav: &[u8], from: u64, to: u64) -> &[u8] {
    let at = |ms: u64| 44 + usize::try_from(ms * 32).unwrap();
    &wav[at(from)..at(to)]
}

/// Whether two stretches are one sound, of which the first is louder or softer throughout: extracts are as loud as
/// speech ought to be, the recording is as it was made. Rounding moves a sample by less than the factor and a half.
#[track_caller]
fn louder(one: &[u8], other: &[u8]) {
    let samples = |bytes: &[u8]| -> Vec<f64> {
        bytes.as_chunks::<2>().0.iter().map(|s| f64::from(i16::from_le_bytes(*s))).collect()
    };
    let (one, other) = (samples(one), samples(other));
    assert_eq!(one.len(), other.len());
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let factor = product(&one, &other) / product(&other, &other);
    let off = one.iter().zip(&other).map(|(a, b)| (a - b * factor).abs()).fold(0.0, f64::max);
    assert!(factor > 0.1 && off < factor + 1.5, "{factor:.3} times, {off:.1} off");
}

/// A recording whose extract three people have, and those people.
struct Room {
    service: Service,
    wren: Person,
    rook: Person,
    heron: Person,
    id: String,
    clip: String,
    file: Vec<u8>,
}

impl Room {
    fn new() -> Self {
        let mut service = Service::with_people(&[
            ("wren", "practitioner"),
            ("rook", "researcher"),
            ("heron", "coach"),
        ]);
        service.start(&[]);
        let [wren, rook, heron] =
            ["wren", "rook", "heron"].map(|who| Person::sign_in(&service, who));
        let id = wren
            .begin_recording_with("Robin", &["record", "code_research", "coach_playback"])
            .unwrap();
        let file = noise();
        assert_eq!(wren.send_file(&id, &file).unwrap().0, 201);
        wren.wait_for(&id, "ready", |s| s["stage"] == "ready");
        let page = text(&wren, &format!("/recordings/{id}"));
        let option = |person: &str| {
            let before = page.split(&format!("\">{person}</option>")).next().unwrap();
            before.rsplit('"').next().unwrap().to_owned()
        };
        let form = format!("researcher={}&coach={}", option("Rook"), option("Heron"));
        assert!(wren.follow(&format!("/recordings/{id}/release"), &form).unwrap().is_some());
        let code = json!({
            "skill": "clarity", "sub": null, "start_ms": EXTRACT.0, "end_ms": EXTRACT.1, "note": "",
            "exemplar": false
        });
        let codes = format!("/recordings/{id}/codes");
        let (status, made) =
            rook.send("POST", &codes, "application/json", code.to_string().as_bytes()).unwrap();
        assert!(status < 300, "{}", String::from_utf8_lossy(&made));
        let made: serde_json::Value = serde_json::from_slice(&made).unwrap();
        let clips = format!("/recordings/{id}/playlist/clips");
        let form = format!("code={}", made["id"].as_str().unwrap());
        assert!(rook.follow(&clips, &form).unwrap().is_some());
        let page = text(&rook, &format!("/recordings/{id}/playlist"));
        let clip = page.split(&format!("{clips}/")).nth(1).unwrap();
        let clip = clip.split(['"', '/']).next().unwrap().to_owned();
        Self { service, wren, rook, heron, id, clip, file }
    }

    fn page(&self) -> String {
        format!("/recordings/{}/redaction", self.id)
    }

    fn playlist(&self) -> String {
        format!("/recordings/{}/playlist", self.id)
    }

    /// Waits until the extract is cut; its sound as the researcher hears it.
    fn cut(&self) -> Vec<u8> {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let (status, bytes) = self.rook.get(&format!("/clips/{}/preview", self.clip)).unwrap();
            if status == 200 {
                return bytes;
            }
            assert!(Instant::now() < deadline, "it is not cut\n{}", self.service.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn agree(&self) {
        let to = self.rook.follow(&format!("{}/agree", self.playlist()), "").unwrap();
        assert!(to.is_some_and(|to| to.ends_with("said=agreed")));
    }

    fn heron_hears(&self) -> u16 {
        self.heron.get(&format!("/clips/{}/audio", self.clip)).unwrap().0
    }

    /// Hides a passage; where the answer sends the browser.
    fn hide(&self, person: &Person, from: &str, to: &str) -> Option<String> {
        person.follow(&self.page(), &format!("start={from}&end={to}&why=name")).unwrap()
    }

    /// The identifier of the only hidden passage.
    fn passage(&self) -> String {
        let page = text(&self.wren, &self.page());
        let after = page.split("id=\"passage-").nth(1).expect("a hidden passage");
        after.split('"').next().unwrap().to_owned()
    }

    fn answer(&self, person: &Person, passage: &str, what: &str) -> u16 {
        let path = format!("{}/{passage}/show", self.page());
        let kind = "application/x-www-form-urlencoded";
        person.send("POST", &path, kind, format!("do={what}").as_bytes()).unwrap().0
    }

    /// Says that nothing is left to hide under this version; whether it counted.
    fn approve(&self, person: &Person, version: u64) -> bool {
        let form = format!("heard=yes&version={version}");
        let to = person.follow(&format!("{}/approve", self.page()), &form).unwrap();
        to.is_some_and(|to| to.ends_with("said=nothing-to-hide"))
    }
}

fn text(person: &Person, path: &str) -> String {
    let (status, page) = person.get(path).unwrap();
    assert_eq!(status, 200, "{path}");
    String::from_utf8(page).unwrap()
}

#[test]
fn from_the_mark_to_the_room() {
    let room = Room::new();
    let plain = room.cut();
    // Away from its faded ends the extract is the recording.
    louder(part(&plain, 1_000, 179_000), part(&room.file, 31_000, 209_000));
    assert_eq!(room.heron_hears(), 404, "nobody listened to it");
    assert!(!room.approve(&room.rook, 5), "there is no such version");
    assert!(room.approve(&room.rook, 0), "nothing to hide, and that is said");
    room.agree();
    assert_eq!(room.heron_hears(), 200);
    assert_eq!(room.heron.get(&room.page()).unwrap().0, 404, "a coach has no part in it");

    let asked = Instant::now();
    let hidden = room.hide(&room.wren, "1:00.000", "1:02.000").unwrap();
    assert!(hidden.ends_with("said=hidden"), "{hidden}");
    assert_eq!(room.heron_hears(), 404, "the next one is refused");
    let refused = asked.elapsed();

    // Cut anew, it is as long as before, hides the passage with its guard, and is otherwise the same.
    let deadline = Instant::now() + Duration::from_mins(1);
    let anew = loop {
        let anew = room.cut();
        if anew != plain {
            break anew;
        }
        assert!(Instant::now() < deadline);
    };
    assert_eq!(anew.len(), plain.len());
    assert!(part(&anew, 0, 29_600) == part(&plain, 0, 29_600));
    assert!(part(&anew, 32_400, 180_000) == part(&plain, 32_400, 180_000));
    let heard: HashSet<&[u8]> = anew[44..].windows(32).step_by(2).collect();
    let mut gone = part(&plain, 30_000, 32_000).chunks_exact(32);
    assert!(!gone.any(|ms| heard.contains(ms)), "a millisecond of it is left somewhere");
    // It has to be listened to, and the playlist agreed, anew.
    assert_eq!(room.heron_hears(), 404);
    let again = room.rook.follow(&format!("{}/agree", room.playlist()), "").unwrap();
    assert_eq!(again, None, "what was said was said of the recording as it was");
    assert!(!room.approve(&room.wren, 0));
    assert!(room.approve(&room.wren, 1));
    room.agree();
    assert_eq!(room.heron_hears(), 200);
    crate::evidence::add("redaction_page", &[("stale_refused_ms", json!(refused.as_millis()))]);
}

#[test]
fn hearing_it_again_takes_two() {
    let room = Room::new();
    let plain = room.cut();
    room.hide(&room.rook, "0:40", "0:41").unwrap();
    let passage = room.passage();
    assert_eq!(room.answer(&room.wren, &passage, "agree"), 409, "nobody asked");
    assert_eq!(room.answer(&room.rook, &passage, "ask"), 303);
    assert_eq!(room.answer(&room.rook, &passage, "agree"), 409, "whoever asked says yes too");
    assert_eq!(room.answer(&room.heron, &passage, "agree"), 404);
    let hidden = room.cut();
    assert!(hidden != plain, "until then it is hidden");
    assert_eq!(room.answer(&room.wren, &passage, "keep"), 303);
    assert_eq!(room.answer(&room.wren, &passage, "agree"), 409, "the request is gone");
    assert_eq!(room.answer(&room.wren, &passage, "ask"), 303);
    assert!(text(&room.rook, &room.page()).contains("Somebody asked for it to be heard again"));
    assert_eq!(room.answer(&room.rook, &passage, "agree"), 303);
    assert_eq!(room.answer(&room.rook, &passage, "agree"), 404, "it is not hidden any more");
    let deadline = Instant::now() + Duration::from_mins(1);
    while room.cut() != plain {
        assert!(Instant::now() < deadline, "it is not heard again");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn the_result_is_heard_before_it_is_approved() {
    let room = Room::new();
    let heard = |version: u64| format!("{}/audio?version={version}", room.page());
    let whole = |path: &str| room.wren.get(path).unwrap();
    assert!(whole(&heard(0)) == (200, room.file.clone()), "nothing is hidden");
    let twice = |form: &str| room.wren.follow(&format!("{}/sounds", room.page()), form).unwrap();
    room.hide(&room.wren, "0:10", "0:11.5").unwrap();
    assert!(twice("with=silence").is_some());
    assert_eq!(whole(&heard(0)).0, 409, "that is not what is heard now");
    let (status, result) = whole(&heard(2));
    assert_eq!((status, result.len()), (200, room.file.len()));
    assert!(part(&result, 10_000, 11_500).iter().all(|byte| *byte == 0));
    assert!(part(&result, 0, 9_700) == part(&room.file, 0, 9_700));
    assert!(part(&result, 11_800, 600_000) == part(&room.file, 11_800, 600_000));
    // The extract does not lie there, and was not cut anew: it is that part of the result.
    let extract = room.cut();
    louder(part(&extract, 1_000, 179_000), part(&result, 31_000, 209_000));
    assert_eq!(room.heron.get(&heard(2)).unwrap().0, 404);

    for (form, missing) in [
        ("start=x&end=0:02&why=name", "id=\"start-error\""),
        ("start=0:01&end=99:00&why=name", "id=\"end-error\""),
        ("start=0:01&end=0:02", "id=\"why-error\""),
    ] {
        let kind = "application/x-www-form-urlencoded";
        let (status, page) = room.wren.send("POST", &room.page(), kind, form.as_bytes()).unwrap();
        assert_eq!(status, 422, "{form}");
        assert!(String::from_utf8(page).unwrap().contains(missing), "{form}");
    }
}

/// Puts an extract of eight seconds into the room: four of the pieces that sound is sent in.
async fn long_extract(world: &World, objects: &Objects) -> ClipId {
    let id = ClipId::mint(&*world.ids);
    let v1 = Framework::v1();
    let span = Span::new(Ms::ZERO, Ms::from_seconds(8)).unwrap();
    let cx = world.cx(world.researcher, Role::Researcher);
    let (mut work, make) =
        permit::<MakePlaylist>(&*world.store, cx, objects.recording).await.unwrap();
    let new = NewClip {
        id,
        framework_version: v1.version.clone(),
        item: v1.code("clarity", None).unwrap(),
        span,
        note: Note::new("Plain words.").unwrap(),
        question: Note::new("What did you notice?").unwrap(),
    };
    work.add_clip(&make, &new).await.unwrap();
    work.commit().await.unwrap();

    let worker = Cx::worker(world.clock.now());
    let (mut work, render) = permit::<RenderClip>(&*world.store, worker, id).await.unwrap();
    let wav = [&sound::wav_header(128_000)[..], &vec![3; 256_000]].concat();
    let object = world.seal(&render, ObjectKind::Clip(id), &wav);
    let hidden = work.hidden_of(&render).await.unwrap().unwrap();
    assert!(work.set_rendered(&render, span, hidden.version, &object).await.unwrap());
    work.commit().await.unwrap();

    let (mut work, make) =
        permit::<MakePlaylist>(&*world.store, cx, objects.recording).await.unwrap();
    assert!(work.approve_clip(&make, id, object.id).await.unwrap());
    assert!(work.agree_playlist(&make).await.unwrap());
    work.commit().await.unwrap();
    id
}

/// Whoever listens while something is hidden, in the room, while preparing it or to the result, hears it end.
#[tokio::test]
async fn a_stream_ends_when_something_in_it_is_hidden() {
    let world = World::new(sqlite().await).await;
    let objects = world.recording(Stage::Shared).await;
    let clip = long_extract(&world, &objects).await;
    let router = hearback_web::router(app(&world, ORIGIN));
    let listeners = [
        (format!("/clips/{clip}/audio"), world.coach, Role::Coach),
        (format!("/clips/{clip}/preview"), world.researcher, Role::Researcher),
        (
            format!("/recordings/{}/redaction/audio", objects.recording),
            world.owner,
            Role::Practitioner,
        ),
        // What nothing was hidden in is still what it was.
        (format!("/recordings/{}/audio", objects.recording), world.owner, Role::Practitioner),
    ];
    let whole = listeners[3].0.clone();
    let mut streams = Vec::new();
    for (path, user, role) in listeners {
        let cookie = session(&world, user, role).await;
        let request = Request::get(&path)
            .header(header::HOST, "localhost:1")
            .header(header::COOKIE, cookie)
            .body(Body::empty())
            .unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let mut body = response.into_body();
        assert!(body.frame().await.unwrap().is_ok(), "{path} begins");
        streams.push((path, body));
    }
    let cx = world.cx(world.owner, Role::Practitioner);
    let (mut work, hide) = permit::<Hide>(&*world.store, cx, objects.recording).await.unwrap();
    let span = Span::new(Ms::new(6_000), Ms::new(6_500)).unwrap();
    let hidden = Hidden { span, why: HideReason::Name };
    let sealed = work.hide(&hide, HiddenId::mint(&*world.ids), &hidden).await.unwrap();
    assert_eq!(sealed, [clip], "the other extract ends before that");
    work.commit().await.unwrap();

    // As somebody listens: what was sent so far is two seconds of sound, and the next piece is asked for later.
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    for (path, mut body) in streams {
        let more = body.frame().await;
        let goes_on = more.as_ref().is_some_and(Result::is_ok);
        assert_eq!(goes_on, path == whole, "{path}");
    }
}

/// With the keyboard alone: a word is picked, hidden, listened to and approved; without scripts, by typed times.
#[test]
fn with_the_keyboard_alone() {
    let mut service = Service::with_people(&[("wren", "practitioner"), ("rook", "researcher")]);
    service.start(&[]);
    let (file, from, to) = conversation(service.dir.path());
    browse(&service, "redaction.mjs", "browser-redaction", &file, (from, to));
}
