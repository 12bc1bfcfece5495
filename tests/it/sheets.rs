//! Sheets, goals and supervision, with the real service: nobody reads what was not shared with them, two tabs lose
//! nothing, pages print, and the clock of the glass dome is the same for everybody.

use std::{sync::Arc, time::Instant};

use axum::http::Method;
use hearback_domain::{Clock, Role, Timestamp};
use hearback_web::App;
use serde_json::{Value, json};

use crate::{
    access::session,
    blind::House,
    desk_page::visit_with,
    support::{Temporary, postgres, sqlite},
    world::{Objects, Stage, World},
};

const FORM: &str = "application/x-www-form-urlencoded";

/// What is written on the owner's sheets, and what would be a betrayal.
const SECRET: &str = "I was frightened of the silence";

struct Coached {
    house: House,
    objects: Objects,
    owner: String,
    coach: String,
    /// Everybody else who may have a place in this.
    others: Vec<(&'static str, String)>,
}

impl Coached {
    async fn new(store: Temporary) -> Self {
        let house = House::new(store).await;
        let world = &house.world;
        world.let_somebody_coach().await;
        let objects = world.recording_to_coach_on(Stage::Shared).await;
        let owner = session(world, world.owner, Role::Practitioner).await;
        let coach = session(world, world.coach, Role::Coach).await;
        let mut others = Vec::new();
        for (name, user, role) in [
            ("the guest, whose session is live", world.stranger, Role::LineManager),
            ("another coach", world.stranger, Role::Coach),
            ("another practitioner", world.stranger, Role::Practitioner),
            ("the researcher", world.researcher, Role::Researcher),
            ("a co-ordinator", world.stranger, Role::Coordinator),
            ("a supervisor", world.stranger, Role::CoachingSupervisor),
            ("a programme lead", world.stranger, Role::ProgrammeLead),
            ("the officer", world.stranger, Role::Dpo),
            ("an administrator", world.stranger, Role::SysAdmin),
            ("the owner as a manager", world.owner, Role::LineManager),
        ] {
            others.push((name, session(world, user, role).await));
        }
        Self { house, objects, owner, coach, others }
    }

    async fn get(&self, cookie: &str, path: &str) -> (u16, String) {
        let answer = self.house.ask(cookie, Method::GET, path, ("", "")).await;
        (answer.0, String::from_utf8(answer.2).unwrap())
    }

    async fn post(&self, cookie: &str, path: &str, form: &str) -> u16 {
        self.house.ask(cookie, Method::POST, path, (FORM, form)).await.0
    }

    fn sheet(&self, kind: &str) -> String {
        format!("/sessions/{}/sheets/{kind}", self.objects.session)
    }

    fn goals(&self) -> String {
        format!("/series/{}/goals", self.objects.series)
    }

    /// Whether somebody reads the secret at any of these addresses.
    async fn reads(&self, cookie: &str) -> Vec<String> {
        let mut paths = vec![self.goals(), format!("/sessions/{}", self.objects.session)];
        paths.push(format!("/series/{}", self.objects.series));
        paths.push(format!("/series/{}/thread", self.objects.series));
        for kind in ["session", "thinking", "take-away"] {
            paths.push(self.sheet(kind));
            paths.push(format!("{}/print", self.sheet(kind)));
        }
        let mut found = Vec::new();
        for path in paths {
            let (status, body) = self.get(cookie, &path).await;
            assert!(status < 500, "{path}: {status}");
            if body.contains(SECRET) {
                found.push(path);
            }
        }
        found
    }
}

async fn a_sheet_is_private(store: Temporary) {
    let c = Coached::new(store).await;
    let secret = SECRET.replace(' ', "+");
    for (kind, field) in [("session", "focus"), ("thinking", "before"), ("take-away", "try")] {
        let form = format!("revision=0&{field}={secret}");
        assert_eq!(c.post(&c.owner, &c.sheet(kind), &form).await, 303);
    }
    assert_eq!(c.post(&c.owner, &c.goals(), &format!("text={secret}")).await, 303);
    let own = c.reads(&c.owner).await;
    assert!(own.len() >= 7, "{own:?}");
    assert_eq!(c.reads(&c.coach).await, Vec::<String>::new(), "nothing was shared");
    for (name, cookie) in &c.others {
        assert_eq!(c.reads(cookie).await, Vec::<String>::new(), "{name}");
        for path in [c.sheet("session"), c.sheet("thinking"), c.goals()] {
            assert_eq!(c.get(cookie, &path).await.0, 404, "{name}: {path}");
        }
        assert_eq!(c.post(cookie, &c.sheet("session"), "revision=1&focus=x").await, 404, "{name}");
    }

    // Each is shared by itself, and is the owner's alone again.
    let print = |kind| format!("{}/print", c.sheet(kind));
    for kind in ["session", "thinking", "take-away"] {
        let share = format!("{}/share", c.sheet(kind));
        assert_eq!(c.post(&c.coach, &share, "do=share").await, 409, "there is nothing of theirs");
        assert_eq!(c.post(&c.owner, &share, "do=share").await, 303);
        let mut wanted = vec![c.sheet(kind)];
        // Where the coach keeps a log of their own, that one is printed.
        wanted.extend((kind != "thinking").then(|| print(kind)));
        assert_eq!(c.reads(&c.coach).await, wanted);
        for (name, cookie) in &c.others {
            assert_eq!(c.reads(cookie).await, Vec::<String>::new(), "{name}");
        }
        assert_eq!(c.post(&c.owner, &share, "do=keep").await, 303);
        assert_eq!(c.reads(&c.coach).await, Vec::<String>::new(), "taken back");
    }
    let (_, page) = c.get(&c.owner, &c.goals()).await;
    let mut goals = page.split("<section ").filter_map(|part| part.split_once("id=\"goal-"));
    let goal = goals.find_map(|(_, rest)| rest.contains(SECRET).then(|| rest.split('"').next()));
    let goal = goal.flatten().expect("their goal");
    let goal = format!("{}/{goal}", c.goals());
    assert_eq!(c.post(&c.coach, &goal, "status=there").await, 404, "the owner alone says it");
    assert_eq!(c.post(&c.owner, &goal, "do=share").await, 303);
    let thread = format!("/series/{}/thread", c.objects.series);
    assert_eq!(c.reads(&c.coach).await, [c.goals(), thread]);
    assert_eq!(c.post(&c.owner, &goal, "status=there").await, 303);
    assert!(c.get(&c.coach, &c.goals()).await.1.contains("I am there"));
    assert_eq!(c.post(&c.owner, &goal, "do=keep").await, 303);
    assert_eq!(c.reads(&c.coach).await, Vec::<String>::new(), "taken back");

    // The coach's log is the coach's.
    let form = format!("revision=0&learnt={}", "My+own+canary");
    assert_eq!(c.post(&c.coach, &c.sheet("thinking"), &form).await, 303);
    assert!(!c.get(&c.owner, &c.sheet("thinking")).await.1.contains("My own canary"));
    let share = format!("{}/share", c.sheet("thinking"));
    assert_eq!(c.post(&c.coach, &share, "do=share").await, 303);
    assert!(c.get(&c.owner, &c.sheet("thinking")).await.1.contains("My own canary"));
    assert_eq!(c.post(&c.coach, &c.sheet("take-away"), "revision=0&try=x").await, 404);
}

#[tokio::test]
async fn a_sheet_is_private_on_sqlite() {
    a_sheet_is_private(sqlite().await).await;
}

#[tokio::test]
async fn a_sheet_is_private_on_postgres() {
    a_sheet_is_private(postgres().await).await;
}

/// Whoever coached before keeps their own log, and comes to nothing else of the series.
async fn a_log_stays_its_writers(store: Temporary) {
    let c = Coached::new(store).await;
    let secret = SECRET.replace(' ', "+");
    let log = c.sheet("thinking");
    assert_eq!(c.post(&c.owner, &log, &format!("revision=0&before={secret}")).await, 303);
    assert_eq!(c.post(&c.owner, &format!("{log}/share"), "do=share").await, 303);
    assert_eq!(c.post(&c.coach, &log, "revision=0&learnt=My+own+canary").await, 303);
    assert!(c.get(&c.coach, &log).await.1.contains(SECRET), "it is shared");
    assert!(!c.get(&c.coach, "/coaching").await.1.contains("Your own logs"));

    c.house.world.clock.advance_seconds(60);
    let coach = format!("/series/{}/coach", c.objects.series);
    assert_eq!(c.post(&c.owner, &coach, "coach=nobody").await, 303);
    assert_eq!(c.reads(&c.coach).await, Vec::<String>::new(), "what was shared is closed");
    let (_, page) = c.get(&c.coach, "/coaching").await;
    assert!(page.contains("Your own logs") && page.contains(&format!("href=\"{log}\"")), "{page}");
    let (status, page) = c.get(&c.coach, &log).await;
    assert!(status == 200 && page.contains("My own canary"), "{page}");
    for what in ["Owner", "/series/", "/goals", "Share with", "/sheets/take-away"] {
        assert!(!page.contains(what), "it says “{what}”: {page}");
    }
    assert!(!page.contains(&format!("href=\"/sessions/{}\"", c.objects.session)), "{page}");
    let (status, page) = c.get(&c.coach, &format!("{log}/print")).await;
    assert!(status == 200 && page.contains("My own canary") && !page.contains("Owner"), "{page}");
    assert_eq!(c.post(&c.coach, &log, "revision=1&learnt=Another+canary").await, 303);
    assert!(c.get(&c.coach, &log).await.1.contains("Another canary"));
    assert_eq!(c.post(&c.coach, &format!("{log}/share"), "do=share").await, 409);
    for kind in ["session", "take-away"] {
        for path in [c.sheet(kind), format!("{}/print", c.sheet(kind))] {
            assert_eq!(c.get(&c.coach, &path).await.0, 404, "{path}");
        }
    }
    assert_eq!(c.get(&c.coach, &c.goals()).await.0, 404);
    assert_eq!(c.post(&c.coach, &format!("{log}/remove"), "").await, 303);
    assert!(!c.get(&c.coach, "/coaching").await.1.contains("Your own logs"));
    // It was a session of their time, so they may write of it again; to the owner nothing has changed.
    assert_eq!(c.get(&c.coach, &log).await.0, 200);
    assert!(c.get(&c.owner, &log).await.1.contains(SECRET));
}

#[tokio::test]
async fn a_log_stays_its_writers_on_sqlite() {
    a_log_stays_its_writers(sqlite().await).await;
}

#[tokio::test]
async fn a_log_stays_its_writers_on_postgres() {
    a_log_stays_its_writers(postgres().await).await;
}

#[tokio::test]
async fn two_tabs_lose_nothing() {
    let c = Coached::new(sqlite().await).await;
    let path = c.sheet("session");
    let form = "revision=0&focus=The+first+tab&came_up=Both";
    assert_eq!(c.post(&c.owner, &path, form).await, 303);
    let form = "revision=0&focus=The+second+tab&came_up=Both";
    let (status, _, page) = c.house.ask(&c.owner, Method::POST, &path, (FORM, form)).await;
    let page = String::from_utf8(page).unwrap();
    assert_eq!(status, 409);
    assert!(page.contains("The first tab") && page.contains("The second tab"), "both are there");
    assert_eq!(page.matches("Saved in the other tab").count(), 1, "where they differ");
    assert!(page.contains(r#"id="revision" value="1""#));
    assert!(c.get(&c.owner, &path).await.1.contains("The first tab"));
    let form = "revision=1&focus=The+second+tab&came_up=Both";
    assert_eq!(c.post(&c.owner, &path, form).await, 303);
    assert!(c.get(&c.owner, &path).await.1.contains("The second tab"));

    let long = format!("revision=2&came_up={}", "a".repeat(4_001));
    let (status, _, page) = c.house.ask(&c.owner, Method::POST, &path, (FORM, &long)).await;
    let page = String::from_utf8(page).unwrap();
    assert_eq!(status, 422);
    assert!(page.contains(&"a".repeat(4_001)), "it is still there");
    assert!(page.contains(r#"id="revision" value="2""#));
}

/// A clock that begins where the world's stands, and runs.
struct Running(Timestamp, Instant);

impl Clock for Running {
    fn now(&self) -> Timestamp {
        let gone = i64::try_from(self.1.elapsed().as_micros()).unwrap();
        Timestamp::from_micros(self.0.as_micros() + gone)
    }
}

fn run(world: &World) -> impl FnOnce(&mut App) + use<> {
    let from = world.clock.now();
    move |app: &mut App| app.clock = Arc::new(Running(from, Instant::now()))
}

/// Typed, saved by itself, shared, taken back, two tabs, goals, and all of it on paper.
#[tokio::test(flavor = "multi_thread")]
async fn sheets_in_a_browser() {
    let world = World::new(sqlite().await).await;
    world.let_somebody_coach().await;
    let objects = world.recording_to_coach_on(Stage::Shared).await;
    let given = [
        ("SESSION", objects.session.to_string()),
        ("SERIES", objects.series.to_string()),
        ("WREN", session(&world, world.owner, Role::Practitioner).await),
        ("HERON", session(&world, world.coach, Role::Coach).await),
    ];
    let change = run(&world);
    let figures = visit_with(world, "sheets.mjs", "browser-sheets", &given, change).await;
    note(&figures);
}

/// A meeting, the exercise on a projector and on a coach's page, and the volunteer's note.
#[tokio::test(flavor = "multi_thread")]
async fn supervision_in_a_browser() {
    let world = World::new(sqlite().await).await;
    let given = [
        ("KITE", session(&world, world.stranger, Role::CoachingSupervisor).await),
        ("HERON", session(&world, world.coach, Role::Coach).await),
        ("VISITOR", session(&world, World::visitor(), Role::Coach).await),
        ("COACH", world.coach.to_string()),
    ];
    let change = run(&world);
    let figures = visit_with(world, "supervision.mjs", "browser-supervision", &given, change).await;
    note(&figures);
}

fn note(figures: &Value) {
    let figures = figures.as_object().unwrap();
    let figures: Vec<_> = figures.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
    crate::evidence::add("sheets", &figures);
    crate::evidence::add("sheets", &[("browsers", json!(2))]);
}
