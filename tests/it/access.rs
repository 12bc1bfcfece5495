//! Who may do what, asked of the real router: every address × every person × every hat × every stage of a recording,
//! on both databases. The route table and the policy table are the oracle.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use hearback_domain::{
    AudioState, Clock as _, Consents, Hat, Ms, PartyConsent, PersonId, Purpose, RecordingState,
    Relation, Role, SessionId, Sharing, Timestamp, TranscriptState, UserId,
    policy::{self, Facts, Refusal, SeriesStage},
};
use hearback_storage::{NewSession, Shown, TokenHash};
use hearback_web::{App, Config, Guard, Kind, ROUTES, Route};
use http_body_util::BodyExt as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::{
    support::{Temporary, postgres, sqlite},
    world::{Objects, Stage, World},
};

mod coaching;
mod learning;
mod sent;

pub(crate) use sent::{body, path};

pub(crate) const ORIGIN: &str = "http://localhost:1";

/// Somebody at the door.
#[derive(Clone, Debug)]
struct Principal {
    name: String,
    hat: Hat,
    relation: Option<Relation>,
    /// Has just shown who they are.
    elevated: bool,
    cookie: Option<String>,
}

/// What an address is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Recording,
    Clip,
    Playlist,
    Concern,
    /// A series of coaching sessions, or one of its sessions.
    Series,
    /// An extract that was chosen for a session.
    Piece,
    /// A moment that was brought to supervision.
    Brought,
}

impl Principal {
    /// What they are to the series of each recording of this world: it is the owner's, the stranger is invited.
    fn in_the_series(&self) -> Option<Relation> {
        match self.name.split(' ').next() {
            Some("owner") => Some(Relation::IsCoached),
            Some("coach") => Some(Relation::CoachesSeries),
            Some("stranger") => Some(Relation::Guest),
            _ => None,
        }
    }

    /// The owner brought a moment of each recording to a meeting that the stranger leads, and to which the coach is
    /// invited too.
    fn in_supervision(&self) -> Option<Relation> {
        let first = self.name.split(' ').next();
        matches!(first, Some("owner" | "coach" | "stranger")).then_some(Relation::Seated)
    }

    /// The owner raised the concern of each recording of this world; the stranger was allowed to hear its passage.
    fn to_the_concern(&self) -> Option<Relation> {
        match self.name.split(' ').next() {
            Some("owner") => Some(Relation::Raised),
            Some("stranger") => Some(Relation::Glass),
            _ => None,
        }
    }
}

impl About {
    fn of(route: &Route) -> Option<Self> {
        let path = route.path;
        let heard = [policy::Action::PrepareClip, policy::Action::HearInSession];
        if heard.iter().any(|action| route.guard == Guard::Asks(*action)) {
            return Some(Self::Piece);
        }
        if path.contains("{brought}") {
            return Some(Self::Brought);
        }
        if path.starts_with("/series/") || path.starts_with("/sessions/") {
            return Some(Self::Series);
        }
        if path.starts_with("/clips/") {
            Some(Self::Clip)
        } else if path.contains("{playlist}") {
            Some(Self::Playlist)
        } else if path.contains("{concern}") {
            Some(Self::Concern)
        } else {
            path.contains("{id}").then_some(Self::Recording)
        }
    }

    /// Whether it hangs on coaching, which is live in this world.
    const fn of_a_series(self) -> bool {
        matches!(self, Self::Series | Self::Piece | Self::Brought)
    }
}

/// What is true of a recording in this stage, said once more and without the database.
fn facts(stage: Stage, principal: &Principal, about: About) -> Facts {
    let relation = principal.relation;
    let (adult, child) =
        (PersonId::from_uuid(Uuid::from_u128(1)), PersonId::from_uuid(Uuid::from_u128(2)));
    let yes = |person| {
        Purpose::ALL.iter().map(move |&purpose| PartyConsent { person, purpose, given: true })
    };
    let answers = yes(adult)
        .chain(yes(child))
        .filter(|a| a.person == adult || Some(a.purpose) != stage.refused());
    let now = Timestamp::from_micros(1);
    if about == About::Series {
        return Facts {
            relations: principal.in_the_series().into_iter().collect(),
            consents: Consents::new([], []),
            state: RecordingState::new(false),
            shared: false,
            gone: Vec::new(),
            blocked: false,
            series: SeriesStage::Live,
        };
    }
    let tied = (!matches!(about, About::Piece | About::Brought)).then_some(relation).flatten();
    Facts {
        relations: tied
            // Withholding ends the grants.
            .filter(|r| stage != Stage::Withheld || *r == Relation::Owns)
            // Nobody has a grant before the release.
            .filter(|r| {
                let early = matches!(stage, Stage::AwaitingFile | Stage::Refused | Stage::Private);
                !early || *r == Relation::Owns
            })
            .into_iter()
            .chain(principal.to_the_concern().filter(|_| about == About::Concern))
            .chain(principal.in_the_series().filter(|_| about == About::Piece))
            .chain(principal.in_supervision().filter(|_| about == About::Brought))
            .collect(),
        consents: Consents::new([adult, child], answers),
        state: RecordingState {
            audio: match stage {
                Stage::AwaitingFile => AudioState::AwaitingFile,
                Stage::Refused => AudioState::Unreadable,
                _ => AudioState::Decoded,
            },
            transcript: TranscriptState::Done,
            sharing: match stage {
                Stage::AwaitingFile | Stage::Refused | Stage::Private => Sharing::Private,
                Stage::Withheld => Sharing::Withheld(now),
                _ => Sharing::Released(now),
            },
            duration: Some(Ms::from_seconds(10)),
        },
        shared: match stage {
            Stage::Shared => true,
            // Whoever withholds it looks anew for what is to be hidden.
            Stage::Withheld => about != About::Brought,
            Stage::Vetoed => !matches!(about, About::Clip | About::Piece),
            _ => about == About::Brought,
        } && matches!(about, About::Clip | About::Playlist | About::Piece | About::Brought),
        gone: Vec::new(),
        blocked: false,
        series: if about.of_a_series() { SeriesStage::Live } else { SeriesStage::None },
    }
}

/// What the policy says to this principal about what the route asks.
fn oracle(route: &Route, principal: &Principal, stage: Stage) -> Result<(), Refusal> {
    let Guard::Asks(action) = route.guard else {
        let open = matches!(route.guard, Guard::Public | Guard::Provider);
        let known = open || principal.cookie.is_some();
        return if known { Ok(()) } else { Err(Refusal::Role) };
    };
    let about = About::of(route);
    let learns = principal.relation == Some(Relation::Learns);
    let codes_apart = learns || principal.relation == Some(Relation::CodesSecond);
    let exists = match stage {
        // The code is the first coder's: to the second, and to who learns, there is none.
        _ if route.path.contains("{code}") && codes_apart => false,
        // What coders compare is nobody's who learns.
        _ if route.path.contains("/codings/compare") && learns => false,
        // Supervision is a few people's: the stranger's, who leads it, and the coach's.
        _ if route.path.contains("{meeting}") => principal
            .name
            .starts_with(if action == policy::Action::Supervise { "stranger" } else { "coach" }),
        // No file, no job.
        Stage::AwaitingFile if route.path.contains("{job}") => false,
        // Nothing to be heard, nothing to be worried about.
        Stage::AwaitingFile | Stage::Refused if about == Some(About::Concern) => false,
        // Nothing to be heard, nothing to be brought.
        Stage::AwaitingFile | Stage::Refused if about == Some(About::Brought) => false,
        _ if about == Some(About::Brought) => true,
        // Nothing is chosen for a session that was never shared.
        Stage::Released | Stage::NoTranscript if about == Some(About::Piece) => false,
        Stage::Released | Stage::NoTranscript | Stage::Shared | Stage::Vetoed | Stage::Withheld => {
            true
        }
        _ => !matches!(about, Some(About::Clip | About::Playlist | About::Piece)),
    };
    let facts = about.map(|about| facts(stage, principal, about));
    policy::decide(action, principal.hat, principal.elevated, facts.as_ref())?;
    if exists { Ok(()) } else { Err(Refusal::Absent) }
}

/// Begins a session without signing in by hand: what is tested here comes after that.
pub(crate) async fn session(world: &World, user: UserId, role: Role) -> String {
    // 64 hexadecimal digits, as the service makes them.
    let both = user.as_uuid().as_u128() ^ u128::from(Sha256::digest(role.as_str())[0]);
    let token = format!("{both:032x}{both:032x}");
    let now = world.clock.now();
    let hash = TokenHash(Sha256::digest(token.as_bytes()).into());
    let mut work = world.store.begin().await.unwrap();
    work.remove_session(&hash).await.unwrap();
    let session = NewSession {
        id: SessionId::from_uuid(Uuid::from_u128(both)),
        token: hash,
        user,
        role,
        created_at: now,
        expires_at: now.plus_seconds(9_999_999),
        elevated_until: Some(now.plus_seconds(9_999_999)),
        shown: Shown::TwoSteps,
        device: "a test".to_owned(),
    };
    work.add_session(&session).await.unwrap();
    work.commit().await.unwrap();
    format!("hearback={token}")
}

async fn principals(world: &World) -> Vec<(Principal, Option<(UserId, Role)>)> {
    let mut all = vec![(
        Principal {
            name: "nobody".to_owned(),
            hat: Hat::Nobody,
            relation: None,
            elevated: false,
            cookie: None,
        },
        None,
    )];
    for (name, user, relation) in [
        ("owner", world.owner, Some(Relation::Owns)),
        ("researcher", world.researcher, Some(Relation::Codes)),
        ("coach", world.coach, Some(Relation::Coaches)),
        ("stranger", world.stranger, None),
    ] {
        for &role in Role::ALL {
            let cookie = Some(session(world, user, role).await);
            let name = format!("{name} as {role}");
            all.push((
                Principal { name, hat: Hat::Person(role), relation, elevated: true, cookie },
                Some((user, role)),
            ));
        }
    }
    let cookie = Some(session(world, World::second(), Role::Researcher).await);
    let (hat, relation) = (Hat::Person(Role::Researcher), Some(Relation::CodesSecond));
    let name = "second coder as researcher".to_owned();
    all.push((
        Principal { name, hat, relation, elevated: true, cookie },
        Some((World::second(), Role::Researcher)),
    ));
    let cookie = Some(session(world, World::learner(), Role::Researcher).await);
    let name = "somebody who learns as researcher".to_owned();
    all.push((
        Principal { name, hat, relation: Some(Relation::Learns), elevated: true, cookie },
        Some((World::learner(), Role::Researcher)),
    ));
    all
}

async fn ask(
    router: &Router,
    route: &Route,
    path: &str,
    cookie: Option<&str>,
    kind: &str,
    body: String,
) -> (StatusCode, Vec<u8>) {
    let mut request = Request::builder()
        .method(route.method.clone())
        .uri(path)
        .header(header::HOST, "localhost:1");
    if route.method != Method::GET {
        request = request.header(header::ORIGIN, ORIGIN).header(header::CONTENT_TYPE, kind);
    }
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    let response = router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let status = response.status();
    let csp = response.headers().get(header::CONTENT_SECURITY_POLICY);
    assert!(csp.is_some(), "{path}: every answer carries a content security policy");
    assert!(response.headers().contains_key(header::X_CONTENT_TYPE_OPTIONS), "{path}");
    (status, response.into_body().collect().await.unwrap().to_bytes().to_vec())
}

/// The web side of this world, at this address.
pub(crate) fn app(world: &World, origin: &str) -> App {
    App {
        store: world.store.clone(),
        vault: world.vault.clone(),
        cipher: world.vault.cipher(),
        clock: world.clock.clone(),
        ids: world.ids.clone(),
        config: Arc::new(Config { public_origin: origin.to_owned(), ..Config::default() }),
        wake: Arc::default(),
        verdict_sentence: |code| code.to_owned(),
        decoder_lacks: None,
        as_heard: |samples, bytes, hidden| {
            Ok(Box::new(hearback_pipeline::as_heard(samples, bytes, hidden)?))
        },
        languages: Arc::from(["*".to_owned()]),
        lately: Arc::default(),
        rooms: Arc::default(),
        single_sign_on: None,
    }
}

/// Whether an answer can depend on how far a recording is: its address names something of one, or it is a page that
/// lists them. What does not is asked in one stage; that the answer is the same in the others, the oracle says.
fn touches_recordings(route: &Route) -> bool {
    let named = ["{id}", "{clip}", "{playlist}", "{concern}", "{job}"];
    About::of(route).is_some_and(|about| about != About::Series)
        || named.iter().any(|name| route.path.contains(name))
        || (route.method == Method::GET && !route.path.contains('{'))
}

async fn every_role_on_every_route(database: &str, store: Temporary) {
    let world = World::new(store).await;
    world.let_people_learn().await;
    world.let_somebody_coach().await;
    let router = hearback_web::router(app(&world, ORIGIN));
    let principals = principals(&world).await;
    let mut wrong = Vec::new();
    let (mut cells, mut yes) = (0_u64, BTreeMap::<String, BTreeSet<String>>::new());

    for &stage in Stage::ALL {
        let mut to_learn_on = world.recording_to_learn_on(stage).await;
        let mut to_coach_on = world.recording_to_coach_on(stage).await;
        for route in ROUTES {
            if stage != Stage::Shared && !touches_recordings(route) {
                for (principal, _) in &principals {
                    let here = oracle(route, principal, stage);
                    assert_eq!(here, oracle(route, principal, Stage::Shared), "{}", route.path);
                }
                continue;
            }
            let in_coaching = About::of(route).is_some_and(About::of_a_series)
                || route.path.contains("{moment}")
                || route.path.contains("{meeting}");
            for (principal, who) in &principals {
                let objects = if in_coaching { &to_coach_on } else { &to_learn_on };
                let (kind, body) = body(route, &world, objects);
                let path = path(route, objects);
                let cookie = principal.cookie.as_deref();
                let (status, answer) = ask(&router, route, &path, cookie, kind, body).await;
                cells += 1;
                let said = oracle(route, principal, stage);
                let expected = said.is_ok();
                let fits = match (said, cookie) {
                    // Whatever else may be said about it: it was not refused, and nothing broke.
                    (Ok(()), _) => {
                        !matches!(status.as_u16(), 401 | 403 | 404) && !status.is_server_error()
                    }
                    // The one refusal that is told: show who you are, and come again.
                    (Err(Refusal::Strength), Some(_)) => match route.kind {
                        Kind::Page | Kind::Form => status == StatusCode::SEE_OTHER,
                        Kind::Json | Kind::Bytes => status == StatusCode::FORBIDDEN,
                    },
                    (Err(_), Some(_)) => status == StatusCode::NOT_FOUND,
                    // A stranger is shown the way to the door.
                    (Err(_), None) => match route.kind {
                        Kind::Page | Kind::Form => status == StatusCode::SEE_OTHER,
                        Kind::Json | Kind::Bytes => status == StatusCode::UNAUTHORIZED,
                    },
                };
                if !fits {
                    wrong.push(format!(
                        "{stage:?}: {} {} by {}: {status}, expected {}\n    {}",
                        route.method,
                        route.path,
                        principal.name,
                        if expected { "yes" } else { "no" },
                        String::from_utf8_lossy(&answer).chars().take(200).collect::<String>(),
                    ));
                }
                if expected && route.method != Method::GET {
                    // It did something: the next one finds everything as it was.
                    if let (Some((user, role)), Guard::SignedIn) = (who, route.guard) {
                        session(&world, *user, *role).await;
                        if route.path.ends_with("/end-others") {
                            for (same, role) in principals.iter().filter_map(|(_, who)| *who) {
                                if same == *user {
                                    session(&world, same, role).await;
                                }
                            }
                        }
                    } else if route.path.contains('{') && !route.path.starts_with("/frameworks") {
                        if in_coaching {
                            to_coach_on = world.recording_to_coach_on(stage).await;
                        } else {
                            to_learn_on = world.recording_to_learn_on(stage).await;
                        }
                    }
                }
                if expected && matches!(route.guard, Guard::Asks(_)) {
                    yes.entry(format!("{} {}", route.method, route.path))
                        .or_default()
                        .insert(principal.name.clone());
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {cells} cells on {database}:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
    for route in ROUTES.iter().filter(|r| matches!(r.guard, Guard::Asks(_))) {
        let key = format!("{} {}", route.method, route.path);
        assert!(
            yes.contains_key(&key),
            "{key} is allowed to nobody in any stage: the test says nothing about it"
        );
    }
    crate::evidence::add(
        "access",
        &[(&format!("cells_{database}"), json!(cells)), ("routes", json!(ROUTES.len()))],
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    every_role_on_every_route("sqlite", sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    every_role_on_every_route("postgres", postgres().await).await;
}

/// What is refused and what does not exist look the same: status, headers and body.
#[tokio::test]
async fn refused_and_absent_look_the_same() {
    let world = World::new(sqlite().await).await;
    let router = hearback_web::router(app(&world, ORIGIN));
    let there = world.recording(Stage::Shared).await;
    let stranger = session(&world, world.stranger, Role::Coach).await;
    for route in
        ROUTES.iter().filter(|r| matches!(r.guard, Guard::Asks(_)) && r.path.contains("{id}"))
    {
        let absent = Objects {
            recording: hearback_domain::RecordingId::mint(&*world.ids),
            clip: hearback_domain::ClipId::mint(&*world.ids),
            ..there
        };
        let mut answers = Vec::new();
        for objects in [&there, &absent] {
            let (kind, body) = body(route, &world, objects);
            answers.push(
                ask(&router, route, &path(route, objects), Some(&stranger), kind, body).await,
            );
        }
        assert_eq!(answers[0].0, StatusCode::NOT_FOUND, "{} {}", route.method, route.path);
        assert_eq!(answers[0], answers[1], "{} {}", route.method, route.path);
    }
}

/// Whoever keeps the machine running is told what is missing of the walls around the decoder, and nobody else.
#[tokio::test]
async fn missing_walls_are_told_to_the_administrator() {
    let world = World::new(sqlite().await).await;
    let of = |path: &str| {
        let is = |route: &&Route| route.path == path && route.method == Method::GET;
        ROUTES.iter().find(is).unwrap()
    };
    let lacks: Arc<str> = "this kernel has no Landlock, or it is switched off".into();
    let bare = App { decoder_lacks: Some(lacks.clone()), ..app(&world, ORIGIN) };
    for (app, told) in [(bare, true), (app(&world, ORIGIN), false)] {
        let router = hearback_web::router(app);
        for (role, path, here) in
            [(Role::SysAdmin, "/admin/jobs", true), (Role::Practitioner, "/", false)]
        {
            let user = if here { world.stranger } else { world.owner };
            let cookie = session(&world, user, role).await;
            let (status, page) =
                ask(&router, of(path), path, Some(&cookie), "", String::new()).await;
            let page = String::from_utf8(page).unwrap();
            assert_eq!(status, StatusCode::OK, "{path}: {page}");
            assert_eq!(page.contains(&*lacks), told && here, "{path}");
        }
    }
}
