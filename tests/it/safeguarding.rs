//! Worries about somebody's safety, real names, and keeping people apart: asked of the real router.

use std::{fs, io::Write as _, path::Path};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use hearback_access::{Cx, Decode, Erase, ObjectKind, RevealIdentity};
use hearback_domain::{
    Clock as _, ErasureId, JobId, KeyClass, Ms, ObjectId, RecordingId, Role, SessionId, UserId,
    sound, withdrawal::ErasureCause,
};
use hearback_storage::{Decoded, Erasure, NewSession, Shown, SoundDetails, TokenHash, permit};
use http_body_util::BodyExt as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, SqliteConnection};
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::{
    access::{ORIGIN, app, session},
    service::PASSPHRASE,
    support::{Temporary, postgres, sqlite},
    world::{Objects, Stage, World},
};

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A world, and the service in front of it.
struct House {
    world: World,
    router: Router,
}

impl House {
    async fn on(store: Temporary) -> Self {
        let world = World::new(store).await;
        let router = hearback_web::router(app(&world, ORIGIN));
        Self { world, router }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.into_body().collect().await.unwrap().to_bytes().to_vec();
        Answer { status, headers, body }
    }

    async fn get(&self, cookie: &str, path: &str, range: Option<&str>) -> Answer {
        let mut request = Request::builder()
            .uri(path)
            .header(header::HOST, "localhost:1")
            .header(header::COOKIE, cookie);
        if let Some(range) = range {
            request = request.header(header::RANGE, range);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn post(&self, cookie: &str, path: &str, form: &str) -> Answer {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::HOST, "localhost:1")
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookie);
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Signed in, in this role, having just shown who they are.
    async fn as_(&self, user: UserId, role: Role) -> String {
        session(&self.world, user, role).await
    }

    /// Signed in, in this role; it is a while since they showed who they are.
    async fn a_while_ago(&self, user: UserId, role: Role) -> String {
        let token = "77".repeat(32);
        let now = self.world.clock.now();
        let session = NewSession {
            id: SessionId::from_uuid(Uuid::from_u128(77)),
            token: TokenHash(Sha256::digest(token.as_bytes()).into()),
            user,
            role,
            created_at: now,
            expires_at: now.plus_seconds(9_999_999),
            elevated_until: Some(now),
            shown: Shown::TwoSteps,
            device: "a test".to_owned(),
        };
        let mut work = self.world.store.begin().await.unwrap();
        work.add_session(&session).await.unwrap();
        work.commit().await.unwrap();
        format!("hearback={token}")
    }

    /// Gives a recording sound of which every sample can be told from its neighbours.
    async fn known_sound(&self, recording: RecordingId) -> Vec<u8> {
        let world = &self.world;
        let samples = (0..u64::from(sound::RATE_HZ) * 10).map(|n| u16::try_from(n % 65_521));
        let pcm: Vec<u8> = samples.flat_map(|n| n.unwrap().to_le_bytes()).collect();
        let worker = Cx::worker(world.clock.now());
        let (mut work, p) = permit::<Decode>(&*world.store, worker, recording).await.unwrap();
        let seal = |kind, content: &[u8]| {
            let mut writer = world.vault.add(&p, kind, ObjectId::mint(&*world.ids)).unwrap();
            writer.write_all(content).unwrap();
            writer.finish().unwrap()
        };
        let decoded = Decoded {
            details: SoundDetails {
                container: "wav".to_owned(),
                codec: "pcm_s16le".to_owned(),
                channels: 1,
                sample_rate_hz: sound::RATE_HZ,
                duration: Ms::from_seconds(10),
                remarks: String::new(),
            },
            normalised: seal(ObjectKind::Normalised, &pcm),
            peaks: seal(ObjectKind::Peaks, b"peaks"),
            sides: None,
        };
        work.set_decoded(&p, &decoded).await.unwrap();
        work.commit().await.unwrap();
        pcm
    }
}

fn passage(objects: &Objects) -> String {
    format!("/concerns/{}/passage", objects.concern)
}

/// Whatever range is asked for, the answer is a part of one file: the passage with a header in front.
async fn the_smallest_passage_and_nothing_more(store: Temporary) {
    let house = House::on(store).await;
    let objects = house.world.recording(Stage::Private).await;
    let pcm = house.known_sound(objects.recording).await;
    let lead = house.as_(house.world.stranger, Role::SafeguardingLead).await;
    let path = passage(&objects);
    // The world's concern is about the third second of ten.
    let file = [&sound::wav_header(16_000)[..], &pcm[64_000..96_000]].concat();
    let total = file.len() as u64;

    let whole = house.get(&lead, &path, None).await;
    assert_eq!(whole.status, StatusCode::OK);
    assert!(whole.body == file, "the whole answer is the passage");
    assert_eq!(whole.headers[header::CONTENT_TYPE], "audio/wav");
    assert_eq!(whole.headers[header::CACHE_CONTROL], "no-store");

    let mut state = 0x9E37_79B9_u64;
    let mut next = |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut asked = 0_u32;
    for n in 0..200 {
        // Far beyond the passage too: the recording goes on there.
        let (a, b) = (next(total * 4), next(total * 40));
        let range = match n % 5 {
            0 => format!("bytes={a}-"),
            1 => format!("bytes=-{b}"),
            2 => format!("bytes={}-{}", a.min(b), a.max(b)),
            3 => format!("bytes={}-{}", a % total, u64::MAX),
            _ => format!("bytes={}-{}", a % 60, a % 60 + b % 200),
        };
        let answer = house.get(&lead, &path, Some(&range)).await;
        asked += 1;
        match answer.status {
            StatusCode::PARTIAL_CONTENT => {
                let said = answer.headers[header::CONTENT_RANGE].to_str().unwrap();
                let (part, of) = said.strip_prefix("bytes ").unwrap().split_once('/').unwrap();
                assert_eq!(of, total.to_string(), "{range}: the recording's length is not told");
                let (from, to) = part.split_once('-').unwrap();
                let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
                assert!(answer.body == file[from..=to], "{range}");
            }
            StatusCode::RANGE_NOT_SATISFIABLE => assert_eq!(answer.body, b"", "{range}"),
            StatusCode::OK => assert!(answer.body == file, "{range}"),
            other => panic!("{range}: {other}"),
        }
    }
    crate::evidence::add("safeguarding", &[("ranges", json!(asked))]);
}

#[tokio::test]
async fn the_smallest_passage_and_nothing_more_on_sqlite() {
    the_smallest_passage_and_nothing_more(sqlite().await).await;
}

#[tokio::test]
async fn the_smallest_passage_and_nothing_more_on_postgres() {
    the_smallest_passage_and_nothing_more(postgres().await).await;
}

/// Two people are needed, each in their own capacity; it lasts an hour; and the practitioner is told.
#[tokio::test]
async fn two_people_an_hour_and_the_practitioner_is_told() {
    let house = House::on(sqlite().await).await;
    let world = &house.world;
    let objects = world.recording(Stage::Private).await;
    let path = passage(&objects);
    let heard = async |user, role| {
        let cookie = house.as_(user, role).await;
        house.get(&cookie, &path, None).await.status
    };
    let owner = house.as_(world.owner, Role::Practitioner).await;
    let told = async || house.get(&owner, "/", None).await.text();
    assert!(!told().await.contains("To know who is meant."), "nobody has heard it yet");

    // The one who asked and was allowed, in that capacity; nobody else, and they in no other.
    for role in Role::ALL {
        let expected =
            if *role == Role::SafeguardingLead { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!(heard(world.stranger, *role).await, expected, "the one who asked, as {role}");
        // The decider, the owner, and somebody whose request nobody has answered.
        for (who, user) in [
            ("the decider", world.researcher),
            ("the owner", world.owner),
            ("who waits", world.coach),
        ] {
            assert_eq!(heard(user, *role).await, StatusCode::NOT_FOUND, "{who}, as {role}");
        }
    }
    let weary = house.a_while_ago(world.stranger, Role::SafeguardingLead).await;
    assert_eq!(house.get(&weary, &path, None).await.status, StatusCode::FORBIDDEN);

    // Who asked does not decide, even if they have both roles; then somebody else does, once.
    let decide = format!("/concerns/{}/glass/decide", objects.concern);
    let yes = format!("glass={}&answer=allow", objects.glass);
    let own = house.as_(world.coach, Role::Dpo).await;
    assert_eq!(house.post(&own, &decide, &yes).await.status, StatusCode::CONFLICT);
    assert_eq!(heard(world.coach, Role::SafeguardingLead).await, StatusCode::NOT_FOUND);
    let dpo = house.as_(world.owner, Role::Dpo).await;
    assert_eq!(house.post(&dpo, &decide, &yes).await.status, StatusCode::SEE_OTHER);
    let no = format!("glass={}&answer=refuse", objects.glass);
    assert_eq!(house.post(&dpo, &decide, &no).await.status, StatusCode::CONFLICT, "decided once");
    assert_eq!(heard(world.coach, Role::SafeguardingLead).await, StatusCode::OK);

    for _ in 0..2 {
        let page = told().await;
        assert!(page.contains("To know who is meant."), "why");
        assert!(page.contains("The safeguarding lead heard a passage"), "who");
        assert!(page.contains("0:02.000 to 0:03.000"), "which");
    }
    let stays = house.get(&owner, &format!("/recordings/{}", objects.recording), None).await;
    assert!(stays.text().contains("Heard one passage, to keep somebody safe"), "for good");

    world.clock.advance_seconds(3_599);
    assert_eq!(heard(world.stranger, Role::SafeguardingLead).await, StatusCode::OK);
    world.clock.advance_seconds(1);
    assert_eq!(heard(world.stranger, Role::SafeguardingLead).await, StatusCode::NOT_FOUND);
}

/// From a worry to its end, as people do it.
#[tokio::test]
async fn a_worry_from_its_beginning_to_its_end() {
    let house = House::on(sqlite().await).await;
    let world = &house.world;
    let objects = world.recording(Stage::Shared).await;
    let coach = house.as_(world.coach, Role::Coach).await;
    let path = format!("/clips/{}/concern", objects.clip);
    assert_eq!(house.get(&coach, &path, None).await.status, StatusCode::OK);
    let empty = house.post(&coach, &path, "heard=&told=").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let raised = house
        .post(&coach, &path, "heard=A+child+is+alone&told=not_safe&informed=Duty+team,+9:10")
        .await;
    assert_eq!(raised.status, StatusCode::SEE_OTHER);
    let at = raised.headers[header::LOCATION].to_str().unwrap().to_owned();
    let at = at.split('?').next().unwrap();
    let page = house.get(&coach, at, None).await.text();
    for text in ["A child is alone", "Duty team, 9:10", "0:01.000 – 0:02.000", "Open"] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("Ask to hear it"), "that is for the safeguarding lead");
    // The practitioner whose recording it is did not raise it, and coaching pages do not show it.
    let owner = house.as_(world.owner, Role::Practitioner).await;
    assert_eq!(house.get(&owner, at, None).await.status, StatusCode::NOT_FOUND);
    let room = house.get(&owner, &format!("/listen/{}", objects.playlist), None).await.text();
    assert!(!room.contains("alone"), "a log of its own");

    let lead = house.as_(world.stranger, Role::SafeguardingLead).await;
    assert!(house.get(&lead, "/concerns", None).await.text().contains(at));
    let skipped = house.post(&lead, at, "note=x&state=closed").await;
    assert_eq!(skipped.status, StatusCode::UNPROCESSABLE_ENTITY, "nothing is skipped");
    for form in ["note=Rang+the+worker&told=yes&state=passed_on", "note=Safe+now&state=closed"] {
        assert_eq!(house.post(&lead, at, form).await.status, StatusCode::SEE_OTHER, "{form}");
    }
    let page = house.get(&coach, at, None).await.text();
    for text in ["From now on: passed on.", "Rang the worker", "From now on: closed.", "Safe now"] {
        assert!(page.contains(text), "{text}");
    }
}

fn bytes_below(dir: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(bytes_below(&path));
        } else {
            all.extend(fs::read(path).unwrap());
        }
    }
    all
}

fn holds(all: &[u8], text: &str) -> bool {
    all.windows(text.len()).any(|w| w == text.as_bytes())
}

/// A real name is nowhere in the clear, opens with the passphrase alone, and moves to a new key with the old one.
#[tokio::test]
async fn real_names_open_with_the_passphrase_alone() {
    let store = sqlite().await;
    let dir = store.file().parent().unwrap().to_owned();
    let house = House::on(store).await;
    let world = &house.world;
    let objects = world.recording(Stage::Released).await;
    let owner = house.as_(world.owner, Role::Practitioner).await;
    let dpo = house.as_(world.stranger, Role::Dpo).await;
    let path = format!("/recordings/{}/people/{}/name", objects.recording, objects.person);
    let noted = house.post(&owner, &path, "name=Zo%C3%AB+Ashdown").await;
    assert_eq!(noted.status, StatusCode::SEE_OTHER);

    let mine = house.get(&owner, &path, None).await.text();
    assert!(mine.contains("A name was noted") && !mine.contains("Ashdown"), "not shown again");
    let all = bytes_below(&dir);
    assert!(all.len() > 10_000 && holds(&all, "parties"), "the database was read");
    for text in ["Ashdown", "Zoë", PASSPHRASE, &world.printed, "AGE-SECRET-KEY"] {
        assert!(!holds(&all, text), "{text} is in the clear");
    }
    // With every key of the installation and without the passphrase, there is still nothing to read.
    let cx = world.cx(world.stranger, Role::Dpo).elevated(true);
    let (mut work, p) =
        permit::<RevealIdentity>(&*world.store, cx, objects.recording).await.unwrap();
    let opened = format!("{:?}", work.names_of(&p).await.unwrap().unwrap());
    work.commit().await.unwrap();
    assert!(opened.contains("scrypt") || opened.contains("BEGIN AGE"), "the locked half is there");
    assert!(!opened.contains("Ashdown") && !opened.contains("AGE-SECRET-KEY"));

    let path = format!("/admin/identities/{}", objects.recording);
    let reveal = async |secret: &str| {
        let form = format!("passphrase={}", secret.replace(' ', "+"));
        let answer = house.post(&dpo, &path, &form).await;
        (answer.status, answer.text().contains("Zoë Ashdown"))
    };
    assert_eq!(reveal(PASSPHRASE).await, (StatusCode::OK, true));
    assert_eq!(reveal(&world.printed).await, (StatusCode::OK, true));
    for wrong in ["", "another quiet walk by the river"] {
        assert_eq!(reveal(wrong).await, (StatusCode::UNPROCESSABLE_ENTITY, false), "{wrong}");
    }
    let closed = house.get(&dpo, &path, None).await.text();
    assert!(!closed.contains("Ashdown"), "shown once");
    let lead = house.as_(world.stranger, Role::SafeguardingLead).await;
    for cookie in [&owner, &lead] {
        assert_eq!(house.get(cookie, &path, None).await.status, StatusCode::NOT_FOUND);
    }

    let key = "/admin/identity-key";
    let another = "heron+under+the+quiet+bridge";
    let form = |old: &str| format!("passphrase={another}&again={another}&old={old}");
    let wrong = house.post(&dpo, key, &form("not+this+one+at+all")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let made = house.post(&dpo, key, &form(&PASSPHRASE.replace(' ', "+"))).await;
    assert_eq!(made.status, StatusCode::OK);
    assert!(made.text().contains("One name was moved"), "{}", made.text());
    assert!(made.text().contains("AGE-SECRET-KEY-1"), "printed once");
    assert!(!house.get(&dpo, key, None).await.text().contains("AGE-SECRET-KEY"));
    assert_eq!(reveal("heron under the quiet bridge").await, (StatusCode::OK, true));
    assert_eq!(reveal(&world.printed).await, (StatusCode::UNPROCESSABLE_ENTITY, false));
}

/// The real names on a recording are destroyed with it, in every copy. A worry about somebody's safety and what was
/// done about it stays, and can be added to; the passage cannot be heard any more.
#[tokio::test]
async fn names_go_with_the_recordings_key_and_worries_stay() {
    let house = House::on(sqlite().await).await;
    let world = &house.world;
    let objects = world.recording(Stage::Private).await;
    let owner = house.as_(world.owner, Role::Practitioner).await;
    let dpo = house.as_(world.stranger, Role::Dpo).await;
    let path = format!("/recordings/{}/people/{}/name", objects.recording, objects.person);
    assert_eq!(house.post(&owner, &path, "name=Ashdown").await.status, StatusCode::SEE_OTHER);
    let concern = format!("/concerns/{}", objects.concern);
    let noted = house.post(&owner, &concern, "note=Rang+the+worker").await;
    assert_eq!(noted.status, StatusCode::SEE_OTHER);
    assert!(house.get(&owner, &concern, None).await.text().contains("a worry"));

    let now = world.clock.now();
    let cause = hearback_vault::Cause::Withdrawal;
    world.vault.destroy(objects.recording, &[KeyClass::Sound], cause, now).unwrap();

    let page = house.get(&owner, &concern, None).await.text();
    assert!(page.contains("Rang the worker") && page.contains("a worry"), "{page}");
    let noted = house.post(&owner, &concern, "note=Rang+again").await;
    assert_eq!(noted.status, StatusCode::SEE_OTHER, "a note needs no sound");
    assert!(house.get(&owner, &concern, None).await.text().contains("Rang again"));
    let path = format!("/admin/identities/{}", objects.recording);
    let form = format!("passphrase={}", world.printed);
    let names = house.post(&dpo, &path, &form).await.text();
    assert!(names.contains("Destroyed with the recording") && !names.contains("Ashdown"));
}

/// When the recording is erased, the worry about it is still there for whoever may read it; that its passage was heard
/// is still told to the practitioner; and neither says whose recording it was.
async fn a_worry_outlives_its_recording(store: Temporary) {
    let house = House::on(store).await;
    let world = &house.world;
    let objects = world.recording(Stage::Private).await;
    let lead = house.as_(world.stranger, Role::SafeguardingLead).await;
    let owner = house.as_(world.owner, Role::Practitioner).await;
    assert_eq!(house.get(&lead, &passage(&objects), None).await.status, StatusCode::OK);

    let worker = Cx::worker(world.clock.now());
    let (mut work, may) = permit::<Erase>(&*world.store, worker, objects.recording).await.unwrap();
    let erasure = Erasure {
        id: ErasureId::mint(&*world.ids),
        classes: KeyClass::ALL.to_vec(),
        whole: true,
        cause: ErasureCause::Withdrawal,
    };
    work.add_erasure(&may, &erasure, &[7; 32], JobId::mint(&*world.ids)).await.unwrap();
    work.erase_rows(&may, erasure.id, 1).await.unwrap();
    work.commit().await.unwrap();

    let concern = format!("/concerns/{}", objects.concern);
    for cookie in [&lead, &owner] {
        let page = house.get(cookie, &concern, None).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains("a worry") && !page.text().contains("Robin"));
    }
    let page = house.get(&lead, &concern, None).await.text();
    assert!(page.contains("The recording is no more"), "{page}");
    assert!(!page.contains("/hold") && !page.contains("<audio"), "nothing is left to hold: {page}");
    assert_eq!(house.get(&lead, &passage(&objects), None).await.status, StatusCode::NOT_FOUND);
    let noted = house.post(&lead, &concern, "note=Told+her+mother").await;
    assert_eq!(noted.status, StatusCode::SEE_OTHER);
    assert!(house.get(&lead, "/concerns", None).await.text().contains(&concern));
    for _ in 0..2 {
        let told = house.get(&owner, "/", None).await.text();
        assert!(told.contains("a passage of a recording of yours that is no more"), "{told}");
        assert!(!told.contains("Robin"), "{told}");
    }
}

#[tokio::test]
async fn a_worry_outlives_its_recording_on_sqlite() {
    a_worry_outlives_its_recording(sqlite().await).await;
}

#[tokio::test]
async fn a_worry_outlives_its_recording_on_postgres() {
    a_worry_outlives_its_recording(postgres().await).await;
}

/// Whoever is kept away loses access with their next request and is not chosen again.
async fn kept_away(store: Temporary) {
    let house = House::on(store).await;
    let world = &house.world;
    let objects = world.recording(Stage::Shared).await;
    let researcher = house.as_(world.researcher, Role::Researcher).await;
    let owner = house.as_(world.owner, Role::Practitioner).await;
    let dpo = house.as_(world.stranger, Role::Dpo).await;
    let desk = format!("/recordings/{}/code", objects.recording);
    let list = format!("/recordings/{}/keep-away", objects.recording);
    assert_eq!(house.get(&researcher, &desk, None).await.status, StatusCode::OK);

    // Everybody of this world looks after safety too: only the data protection officer can keep them away.
    let form = |person: UserId| format!("person={person}");
    for person in [world.researcher, world.owner] {
        let refused = house.post(&owner, &list, &form(person)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let refused = house.post(&dpo, &list, &form(world.owner)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "nobody blocks the owner");
    let done = house.post(&dpo, &list, &form(world.researcher)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    for path in [&desk, &format!("/recordings/{}/audio", objects.recording)] {
        assert_eq!(house.get(&researcher, path, None).await.status, StatusCode::NOT_FOUND);
    }
    assert!(!house.get(&researcher, "/", None).await.text().contains(&desk), "nor in a list");

    let back = house.post(&owner, &format!("{list}/remove"), &form(world.researcher)).await;
    assert_eq!(back.status, StatusCode::CONFLICT, "what the officer decided");
    let withhold = format!("/recordings/{}/withhold", objects.recording);
    assert_eq!(house.post(&owner, &withhold, "").await.status, StatusCode::SEE_OTHER);
    let release = format!("/recordings/{}/release", objects.recording);
    let chosen = format!("researcher={}&coach=", world.researcher);
    let refused = house.post(&owner, &release, &chosen).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("is kept away from this recording"));

    let own = form(World::visitor());
    assert_eq!(house.post(&owner, &list, &own).await.status, StatusCode::SEE_OTHER);
    let back = house.post(&owner, &format!("{list}/remove"), &own).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "one's own word can be taken back");
}

#[tokio::test]
async fn kept_away_on_sqlite() {
    kept_away(sqlite().await).await;
}

#[tokio::test]
async fn kept_away_on_postgres() {
    kept_away(postgres().await).await;
}

/// Somebody becomes the line manager of the one they coach: it ends, and the data protection officer reads why.
#[tokio::test]
async fn a_manager_does_not_coach_whom_they_manage() {
    let house = House::on(sqlite().await).await;
    let world = &house.world;
    let objects = world.recording(Stage::Shared).await;
    let coach = house.as_(world.coach, Role::Coach).await;
    let room = format!("/listen/{}", objects.playlist);
    assert_eq!(house.get(&coach, &room, None).await.status, StatusCode::OK);
    let admin = house.as_(world.stranger, Role::SysAdmin).await;
    let themself = format!("practitioner={0}&manager={0}", world.owner);
    let refused = house.post(&admin, "/admin/managers", &themself).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = format!("practitioner={}&manager={}", world.owner, world.coach);
    assert_eq!(house.post(&admin, "/admin/managers", &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.get(&coach, &room, None).await.status, StatusCode::NOT_FOUND);
    let dpo = house.as_(world.stranger, Role::Dpo).await;
    let ended = house.get(&dpo, "/admin/conflicts", None).await.text();
    assert!(ended.contains("A line manager does not coach people they manage."), "{ended}");

    let owner = house.as_(world.owner, Role::Practitioner).await;
    let private = world.recording(Stage::Private).await;
    let chosen = format!("researcher={}&coach={}", world.researcher, world.coach);
    let release = format!("/recordings/{}/release", private.recording);
    let refused = house.post(&owner, &release, &chosen).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("is your line manager"));
}

/// K-22: coding a recording from after the coaching, by the one who briefed the coach, is marked as not blind.
#[tokio::test]
async fn whoever_briefed_the_coach_does_not_code_blind_afterwards() {
    let store = sqlite().await;
    let file = store.file();
    let house = House::on(store).await;
    let world = &house.world;
    world.recording(Stage::Shared).await;
    let researcher = house.as_(world.researcher, Role::Researcher).await;
    for (phase, not_blind) in [("post_training", false), ("post_coaching", true)] {
        let objects = world.recording(Stage::Released).await;
        let mut client =
            SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
        sqlx::query("update recordings set phase = $1 where id = $2")
            .bind(phase)
            .bind(objects.recording.as_uuid())
            .execute(&mut client)
            .await
            .unwrap();
        client.close().await.unwrap();
        let desk = format!("/recordings/{}/code", objects.recording);
        let said = "You have briefed this person’s coach, so this coding counts as not blind";
        let page = house.get(&researcher, &desk, None).await.text();
        assert_eq!(page.contains(said), not_blind, "{phase}");
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("/recordings/{}/coding/finish", objects.recording))
            .header(header::HOST, "localhost:1")
            .header(header::ORIGIN, ORIGIN)
            .header(header::ACCEPT, "application/json")
            .header(header::COOKIE, &researcher);
        let answer = house.send(request.body(Body::empty()).unwrap()).await;
        let said: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(said, json!({ "not_blind": not_blind, "phase_visible": false }), "{phase}");
    }
}
