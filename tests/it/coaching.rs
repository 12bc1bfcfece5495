//! Coaching from its beginning to its end, with the real service: five sessions over simulated weeks, with a missed one,
//! one that was put off, another coach and an ending in the practitioner's hands; and its pages in a real browser.

use axum::http::Method;
use hearback_domain::{Clock as _, Day, Role, UserId};
use serde_json::{Value, json};

use crate::{
    access::session,
    blind::House,
    desk_page::visit,
    support::{Temporary, postgres, sqlite},
    world::{Stage, World},
};

const FORM: &str = "application/x-www-form-urlencoded";
const DAY: i64 = 86_400;
const PROFILE: &str = "about=I+listen&independence=outside&reports_to=a+charity\
    &accreditation=Association+for+Coaching&languages=English&taking_on=yes&most=2";
const AGREEMENT: &str = "place=the+small+room&when=Tuesdays&how_often=every+two+weeks&between=by+e-mail\
     &channel=here&times=1&reminders=yes&anything=";
const NO: &str = "counselling=no&reluctant=no&witness=no&safety=no";
const TICKS: &str = "tick.0=yes&tick.1=yes&tick.2=yes";

/// An answer: its status, where it sends the browser, and its body.
struct Said {
    status: u16,
    to: String,
    body: String,
}

impl Said {
    /// Asserts that the answer is a page which says this.
    fn says(&self, status: u16, what: &str) {
        assert_eq!(self.status, status, "{}", self.body);
        assert!(self.body.contains(what), "it does not say “{what}”:\n{}", self.body);
    }
}

/// A house in which people coach.
struct Coaching {
    house: House,
    series: String,
}

impl Coaching {
    fn world(&self) -> &World {
        &self.house.world
    }

    /// Asks as somebody who has just signed in: weeks go by in between.
    async fn ask(
        &self,
        (user, role): (UserId, Role),
        method: Method,
        path: &str,
        form: &str,
    ) -> Said {
        let cookie = session(self.world(), user, role).await;
        let (status, headers, body) = self.house.ask(&cookie, method, path, (FORM, form)).await;
        let to = headers.iter().find(|(name, _)| name == "location");
        let to = to.map(|(_, to)| to.clone()).unwrap_or_default();
        Said { status, to, body: String::from_utf8(body).unwrap() }
    }

    async fn get(&self, who: (UserId, Role), path: &str) -> Said {
        self.ask(who, Method::GET, path, "").await
    }

    async fn post(&self, who: (UserId, Role), path: &str, form: &str) -> Said {
        self.ask(who, Method::POST, path, form).await
    }

    /// Sends a form that is taken; where the browser goes then.
    async fn done(&self, who: (UserId, Role), path: &str, form: &str) -> String {
        let said = self.post(who, path, form).await;
        assert_eq!(said.status, 303, "{path}: {}", said.body);
        said.to
    }

    fn owner(&self) -> (UserId, Role) {
        (self.world().owner, Role::Practitioner)
    }

    fn coach(&self) -> (UserId, Role) {
        (self.world().coach, Role::Coach)
    }

    fn next_coach() -> (UserId, Role) {
        (World::visitor(), Role::Coach)
    }

    fn desk(&self) -> (UserId, Role) {
        (self.world().stranger, Role::Coordinator)
    }

    fn at(&self, what: &str) -> String {
        format!("/series/{}{what}", self.series)
    }

    fn weeks(&self, weeks: i64) {
        self.world().clock.advance_seconds(weeks * 7 * DAY);
    }

    /// Microseconds.
    fn now(&self) -> i64 {
        self.world().clock.now().as_micros()
    }

    /// A day so many days from now, as it is typed.
    fn day(&self, days: u16) -> Day {
        Day::of(self.world().clock.now()).plus_days(days)
    }

    /// Plans a session in so many days.
    async fn plan(&self, who: (UserId, Role), days: u16) -> Said {
        let form = format!("day={}&time=10:00&zone=0&place=the+small+room", self.day(days));
        self.post(who, &self.at("/sessions"), &form).await
    }

    /// The last of the planned sessions on the page of the series.
    async fn newest(&self) -> String {
        let page = self.get(self.owner(), &self.at("")).await.body;
        let planned = page.rfind("</a>: Planned</h3>").expect("a planned session");
        let at = page[..planned].rfind("href=\"/sessions/").expect("its address") + 16;
        page[at..at + 36].to_owned()
    }

    /// Plans a session for next week; a week goes by, and it is held.
    async fn hold(&self, coach: (UserId, Role)) -> String {
        assert_eq!(self.plan(self.owner(), 7).await.status, 303);
        let id = self.newest().await;
        self.weeks(1);
        self.begin_and_end(coach, &id).await;
        id
    }

    async fn begin_and_end(&self, coach: (UserId, Role), id: &str) {
        self.done(coach, &format!("/sessions/{id}/begin"), "").await;
        self.done(coach, &format!("/sessions/{id}/end"), "do=end").await;
    }

    async fn sign(&self, coach: (UserId, Role), version: u32) {
        for who in [self.owner(), coach] {
            let form = format!("version={version}&{TICKS}");
            self.done(who, &self.at("/agreement/sign"), &form).await;
        }
    }

    async fn home(&self) -> String {
        self.get(self.owner(), "/").await.body
    }
}

/// Who can be chosen, and who cannot: kindly, and for a reason.
async fn a_coach_is_chosen(c: &mut Coaching) {
    let begin =
        |coach: UserId| format!("name=Robin&skill=empathy&issue=Saturdays&coach={coach}&{NO}");
    let (coach, visitor) = (c.world().coach, World::visitor());
    let (researcher, owner) = (c.world().researcher, c.world().owner);
    c.get(c.owner(), "/coaching").await.says(200, "Whenever you are ready");
    for who in [coach, visitor, researcher, owner] {
        c.done((who, Role::Coach), "/coaching/profile", PROFILE).await;
    }
    let not_yet = c.post(c.owner(), "/coaching/new", &begin(coach)).await;
    not_yet.says(422, "look at Coach’s certificate");
    for who in [coach, visitor, researcher, owner] {
        let until = format!("until={}&seen={}", c.day(365), c.now());
        c.done(c.desk(), &format!("/coaching/coaches/{who}/check"), &until).await;
    }
    c.get(c.owner(), "/coaching/new").await.says(200, "Works outside your organisation");
    let coder = c.post(c.owner(), "/coaching/new", &begin(researcher)).await;
    coder.says(422, "whoever codes your recordings does not coach you");
    c.post(c.owner(), "/coaching/new", &begin(owner)).await.says(422, "Nobody is their own coach");
    let unnamed = c.post(c.owner(), "/coaching/new", "name=&coach=").await;
    unnamed.says(422, "The chosen name is empty.");
    assert_eq!(unnamed.body.matches("Choose yes or no").count(), 8, "each above, and at its place");
    let to = stops_and_thinks(c, &begin(coach)).await;
    let id = to.strip_prefix("/series/").and_then(|rest| rest.split('?').next());
    id.expect("a series").clone_into(&mut c.series);
    // And the other way round.
    let kept = c.world().recording(Stage::Private).await.recording;
    let released = format!("/recordings/{kept}/release");
    let form = format!("researcher={coach}&coach=");
    let refused = c.post(c.owner(), &released, &form).await;
    refused.says(422, "whoever coaches you does not code your recordings");
}

/// A yes leads to a page to stop at, which refuses nothing; and from there on. What was thought about is the
/// practitioner's alone. Where the browser goes then.
async fn stops_and_thinks(c: &Coaching, begin: &str) -> String {
    let yes = begin.replace("witness=no", "witness=yes");
    let stopped = c.post(c.owner(), "/coaching/new", &yes).await;
    stopped.says(200, "Let us stop and think together");
    stopped.says(200, "Is a young person a witness in court proceedings? Yes.");
    stopped.says(200, "Coach, Researcher, Stranger are co-ordinators");
    stopped.says(200, r#"name="issue" value="Saturdays""#);
    assert!(!stopped.body.contains("Is there a worry about"), "that was a no");
    c.get(c.owner(), "/coaching").await.says(200, "There is none just now.");
    let not_now = c.done(c.owner(), "/coaching/new", &format!("{yes}&go=not_now")).await;
    assert_eq!(not_now, "/coaching");
    c.get(c.owner(), "/coaching").await.says(200, "There is none just now.");
    let long = format!("{yes}&go=on&note={}", "a".repeat(4_001));
    c.post(c.owner(), "/coaching/new", &long).await.says(422, "Let us stop and think together");
    let on = format!("{yes}&go=on&note=The+hearing+is+over+in+May");
    let to = c.done(c.owner(), "/coaching/new", &on).await;
    let page = to.split('?').next().unwrap();
    for what in ["What you thought about before you began", "The hearing is over in May"] {
        c.get(c.owner(), page).await.says(200, what);
        let coach = c.get(c.coach(), page).await;
        assert!(coach.status == 200 && !coach.body.contains(what), "{what}");
    }
    to
}

/// Hours that a coach notes, what others see of them, and supervision that comes before something new.
async fn hours_and_supervision(c: &Coaching) {
    let note = |kind: &str, day: Day, spent: &str| {
        format!("kind={kind}&day={day}&spent={spent}&note=With+Nia")
    };
    let coach = c.coach();
    c.get(coach, "/coaching/hours").await.says(200, "42 hours");
    let wrong = c.post(coach, "/coaching/hours", &note("magic", c.day(30), "-1")).await;
    wrong.says(422, "Choose what the hours were spent on");
    wrong.says(422, "That day is still to come");
    wrong.says(422, "Write how long it was");
    for (kind, spent) in [("taught", "42"), ("practice", "1:30"), ("practice", "0.5")] {
        c.done(coach, "/coaching/hours", &note(kind, c.day(0), spent)).await;
    }
    let page = c.get(coach, "/coaching/hours").await;
    page.says(200, "With Nia");
    page.says(200, "2 h");
    page.says(200, "Your next supervision would be by");
    for who in [c.owner(), c.desk()] {
        let pool = c.get(who, "/coaching").await;
        pool.says(200, "42 h taught, 2 h practice");
        assert!(!pool.body.contains("With Nia"), "the note is the coach’s");
    }
    let desk = c.get(c.desk(), "/coaching").await;
    desk.says(200, "the next would be by");
    let remove = page.body.split("action=\"/coaching/hours/").nth(1).unwrap();
    let remove = format!("/coaching/hours/{}", remove.split('"').next().unwrap());
    assert_eq!(c.post(Coaching::next_coach(), &remove, "").await.status, 303);
    let all = c.get(coach, "/coaching/hours").await.body.matches("/remove\"").count();
    assert_eq!(all, 3, "nobody takes out what somebody else noted");
    c.done(coach, &remove, "").await;
    let all = c.get(coach, "/coaching/hours").await.body.matches("/remove\"").count();
    assert_eq!(all, 2);

    // Twelve weeks without supervision: nothing new begins, and what goes on goes on.
    c.weeks(12);
    let form = format!("name=Robin&coach={}&{NO}", coach.0);
    c.post(c.owner(), "/coaching/new", &form).await.says(422, "after their own next supervision");
    c.get(coach, "/coaching").await.says(200, "After your next supervision people can choose you");
    c.get(coach, &c.at("")).await.says(200, "Robin");
    c.get(c.desk(), "/coaching").await.says(200, "chosen for new series again after the next");
    c.done(coach, "/coaching/hours", &note("supervised", c.day(0), "1")).await;
    c.get(coach, "/coaching").await.says(200, "Your next supervision would be by");
    let again = c.done(c.owner(), "/coaching/new", &form).await;
    let again = again.split('?').next().unwrap();
    c.done(c.owner(), &format!("{again}/end"), "how=nothing").await;
    for who in [World::visitor(), c.world().coach] {
        let until = format!("until={}&seen={}", c.day(365), c.now());
        c.done(c.desk(), &format!("/coaching/coaches/{who}/check"), &until).await;
    }
}

/// A file for a calendar, which names nobody, for the two of them and for nobody else.
async fn a_calendar_knows_no_names(c: &Coaching, session: &str) {
    let path = c.at(&format!("/sessions/{session}/calendar"));
    for who in [c.owner(), c.coach()] {
        let file = c.get(who, &path).await;
        file.says(200, "SUMMARY:Coaching session");
        file.says(200, "SUMMARY:Thinking time");
        assert_eq!(file.body.matches("BEGIN:VEVENT").count(), 3);
        for secret in ["Robin", "Owner", "Coach\r", "small room", "Saturdays"] {
            assert!(!file.body.contains(secret), "{secret}: {}", file.body);
        }
    }
    assert_eq!(c.get(Coaching::next_coach(), &path).await.status, 404);
    let other = c.at("/sessions/00000000-0000-4000-8000-000000000000/calendar");
    assert_eq!(c.get(c.owner(), &other).await.status, 404);
}

/// What the two agree on, before which nothing begins.
async fn they_agree(c: &Coaching) {
    c.get(c.coach(), "/coaching").await.says(200, "Robin");
    assert_eq!(c.plan(c.coach(), 7).await.status, 303);
    let first = c.newest().await;
    a_calendar_knows_no_names(c, &first).await;
    let early = c.post(c.coach(), &format!("/sessions/{first}/begin"), "").await;
    assert_eq!(early.status, 404, "nothing begins before both have signed");
    assert!(!c.home().await.contains("Robin</a> is on"), "nobody agreed to be reminded");
    c.get(c.owner(), &c.at("/agreement")).await.says(200, "What coaching will not be");
    c.done(c.coach(), &c.at("/agreement"), &format!("version=0&{AGREEMENT}")).await;
    let older = c.post(c.owner(), &c.at("/agreement"), &format!("version=0&{AGREEMENT}x")).await;
    older.says(422, "has changed meanwhile");
    let ticks = c.post(c.owner(), &c.at("/agreement/sign"), "version=1&tick.0=yes").await;
    ticks.says(422, "Tick each sentence that is true for you");
    c.sign(c.coach(), 1).await;
    c.get(c.owner(), &c.at("/agreement")).await.says(200, "You have both signed");
    let print = c.get(c.owner(), &c.at("/agreement/print?style=large")).await;
    print.says(200, "the small room");
    print.says(200, "not for assessment, capability or court");
    assert!(c.home().await.contains("session 1 about Robin"), "{}", c.home().await);
}

/// The five, with what comes between.
async fn five_sessions(c: &Coaching) {
    let first = c.newest().await;
    c.weeks(1);
    c.begin_and_end(c.coach(), &first).await;
    assert!(c.home().await.contains("Session 2 about Robin is not booked yet"));

    // A missed one: a line for a week, as they agreed, and then nothing.
    assert_eq!(c.plan(c.owner(), 14).await.status, 303);
    let second = c.newest().await;
    let missed = c.at(&format!("/sessions/{second}/missed"));
    c.post(c.coach(), &missed, "").await.says(422, "still to come");
    c.weeks(2);
    c.world().clock.advance_seconds(DAY);
    c.done(c.coach(), &missed, "").await;
    c.get(c.owner(), &c.at("")).await.says(200, "Did not come about");
    assert!(c.home().await.contains("would a time suit you?"));
    c.weeks(1);
    assert!(!c.home().await.contains("would a time suit you?"), "they agreed on once");

    // One that is put off with a tap, and gets another time.
    assert_eq!(c.plan(c.coach(), 7).await.status, 303);
    let second = c.newest().await;
    c.done(c.owner(), &c.at(&format!("/sessions/{second}/postpone")), "").await;
    assert!(c.home().await.contains("Session 2 about Robin is not booked yet"));
    let other = format!("day={}&time=14:30&zone=60&place=", c.day(14));
    c.done(c.coach(), &c.at(&format!("/sessions/{second}/move")), &other).await;
    c.weeks(2);
    c.begin_and_end(c.coach(), &second).await;

    another_coach(c).await;

    c.hold(Coaching::next_coach()).await;
    assert!(!c.get(c.owner(), &c.at("")).await.body.contains("A good moment to look back"));
    let fourth = c.hold(Coaching::next_coach()).await;
    c.get(c.owner(), &c.at("")).await.says(200, "A good moment to look back together");
    let too_late = c.post(c.owner(), &c.at(&format!("/sessions/{fourth}/postpone")), "").await;
    assert_eq!(too_late.status, 422, "it was held");
    c.hold(Coaching::next_coach()).await;

    let sixth = c.plan(c.owner(), 7).await;
    sixth.says(422, "You have had your five sessions together");
    sixth.says(422, "begin a new one");
    assert_eq!(sixth.body.matches(": Held</h3>").count(), 5);
}

/// Another coach: the one before is out at once, and all else stays.
async fn another_coach(c: &Coaching) {
    assert_eq!(c.plan(c.owner(), 7).await.status, 303);
    let planned = c.newest().await;
    let next = World::visitor();
    c.done(c.owner(), &c.at("/coach"), &format!("coach={next}")).await;
    for path in [c.at(""), c.at("/agreement"), c.at("/goals"), format!("/sessions/{planned}")] {
        assert_eq!(c.get(c.coach(), &path).await.status, 404, "{path}");
        assert_eq!(c.get(Coaching::next_coach(), &path).await.status, 200, "{path}");
    }
    let page = c.get(c.owner(), &c.at("")).await;
    page.says(200, "The agreement is there for you to read and sign");
    assert!(page.body.contains(&planned), "what was planned stays");
    let begin = format!("/sessions/{planned}/begin");
    assert_eq!(c.post(Coaching::next_coach(), &begin, "").await.status, 404, "they sign first");
    c.sign(Coaching::next_coach(), 2).await;
    c.get(c.owner(), &c.at("/coach")).await.says(200, "Until now");
    c.done(c.owner(), &c.at(&format!("/sessions/{planned}/postpone")), "").await;
}

/// What others see, which is what the practitioner allows and no more.
async fn what_others_see(c: &Coaching) {
    let stranger = c.world().stranger;
    for role in [Role::LineManager, Role::Practitioner, Role::Coach, Role::Coordinator] {
        for path in ["", "/agreement", "/agreement/print", "/coach", "/end", "/sessions/new"] {
            let said = c.get((stranger, role), &c.at(path)).await;
            assert_eq!(said.status, 404, "{role} {path}");
        }
    }
    let desk = c.get(c.desk(), "/attendance").await;
    assert!(!desk.body.contains("Owner"), "nobody said that it may be told");
    c.done(c.owner(), &c.at("/attendance"), "answer=yes").await;
    let desk = c.get(c.desk(), "/attendance").await;
    desk.says(200, "Owner is receiving coaching");
    for secret in ["Robin", "Saturdays", "the small room", "Visitor"] {
        assert!(!desk.body.contains(secret), "{secret}");
    }
    let lead = (stranger, Role::ProgrammeLead);
    let figures = c.get(lead, "/coaching/figures").await;
    figures.says(200, "fewer than 5");
    assert!(!figures.body.contains("Owner"));
}

/// The end is the practitioner's, and leaves research as it is; and the other way round.
async fn it_ends(c: &Coaching) {
    // One that a researcher was chosen for just now: what they were let in to weeks ago has run out by itself.
    let released = c.world().recording(Stage::Released).await;
    let recording = released.recording;
    c.done(c.owner(), &c.at("/recordings"), &format!("recording={recording}&do=add")).await;
    let both = c.get(c.owner(), &c.at("")).await;
    both.says(200, "Coaching: everyone said yes. Research: everyone said yes.");
    assert_eq!(c.post(Coaching::next_coach(), &c.at("/end"), "how=nothing").await.status, 404);
    c.post(c.owner(), &c.at("/end"), "how=note&note=").await.says(422, "share nothing");
    let note = "We+met+five+times%2C+and+I+wait+longer+now.";
    c.done(c.owner(), &c.at("/end"), &format!("how=note&note={note}")).await;
    for who in [c.owner(), Coaching::next_coach()] {
        c.get(who, &c.at("")).await.says(200, "We met five times, and I wait longer now.");
    }
    assert_eq!(c.plan(c.owner(), 7).await.status, 404, "it has ended");
    assert!(!c.get(c.desk(), "/attendance").await.body.contains("Owner"));
    let researcher = (c.world().researcher, Role::Researcher);
    assert_eq!(c.get(researcher, &format!("/recordings/{recording}/code")).await.status, 200);

    // A second series stands while research is taken back.
    let form = format!("name=Robin&coach={}&{NO}", World::visitor());
    let again = c.done(c.owner(), "/coaching/new", &form).await;
    let again = again.split('?').next().unwrap().to_owned();
    let add = format!("recording={recording}&do=add");
    c.done(c.owner(), &format!("{again}/recordings"), &add).await;
    let person = released.person;
    let back = format!("/recordings/{recording}/people/{person}/withdraw");
    let form = "purpose=code_research&asked=phone&confirm=yes";
    let said = c.post(c.owner(), &back, form).await;
    assert!(said.status < 400, "{} {}", said.status, said.body);
    let page = c.get(c.owner(), &again).await;
    page.says(200, "Coaching: everyone said yes. Research: not everyone said yes.");
    assert_eq!(c.get(Coaching::next_coach(), &again).await.status, 200);
}

async fn from_beginning_to_end(store: Temporary) -> Coaching {
    let mut c = Coaching { house: House::new(store).await, series: String::new() };
    a_coach_is_chosen(&mut c).await;
    hours_and_supervision(&c).await;
    they_agree(&c).await;
    five_sessions(&c).await;
    what_others_see(&c).await;
    it_ends(&c).await;
    c
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    from_beginning_to_end(sqlite().await).await;
    crate::evidence::add("coaching", &[("sessions_sqlite", json!(5))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    from_beginning_to_end(postgres().await).await;
    crate::evidence::add("coaching", &[("sessions_postgres", json!(5))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_pages_in_a_browser() {
    let world = World::new(sqlite().await).await;
    world.recording(Stage::Released).await;
    let given = [
        ("WREN", session(&world, world.owner, Role::Practitioner).await),
        ("HERON", session(&world, world.coach, Role::Coach).await),
        ("CRANE", session(&world, world.stranger, Role::Coordinator).await),
        ("OWL", session(&world, World::second(), Role::Practitioner).await),
        ("LARK", session(&world, World::visitor(), Role::Coach).await),
        ("COACH", world.coach.to_string()),
        ("OTHER", World::visitor().to_string()),
        ("TODAY", Day::of(world.clock.now()).to_string()),
    ];
    let said = visit(world, "coaching.mjs", "browser-coaching", &given).await;
    let Value::Object(figures) = said else { panic!("{said}") };
    let figures: Vec<_> = figures.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
    crate::evidence::add("coaching", &figures);
}
