//! What becomes of what was chosen: an extract that its coder takes out, a series whose coach changed, words in doubt, and
//! a thread that goes from one recording to the next.

use axum::http::Method;
use hearback_access::{CheckProfile, DecideSeries, MakePlaylist, Nominate};
use hearback_domain::{
    Clock as _, Ms, NominationId, RecordingId, Role, UserId,
    choosing::MomentKind,
    transcript::{Doubt, Segment, Transcript, Word},
};
use hearback_storage::{NewMoment, permit};
use serde_json::{Value, json};

use super::{FORM, note, seconds, three_minutes};
use crate::{
    access::session,
    blind::House,
    desk_page::{recording, visit},
    support::{Temporary, postgres, sqlite},
    world::{Stage, World},
};

/// How much an extract of one second is, as a file.
const ONE_SECOND: usize = 44 + 32_000;

async fn get(house: &House, cookie: &str, path: &str) -> (u16, Vec<u8>) {
    let (status, _, body) = house.ask(cookie, Method::GET, path, ("", "")).await;
    (status, body)
}

async fn page(house: &House, cookie: &str, path: &str) -> String {
    let (status, body) = get(house, cookie, path).await;
    assert_eq!(status, 200, "{path}");
    String::from_utf8(body).unwrap()
}

/// Sends a form; the status, and where the browser goes.
async fn post(house: &House, cookie: &str, path: &str, form: &str) -> (u16, String) {
    let (status, headers, _) = house.ask(cookie, Method::POST, path, (FORM, form)).await;
    let to = headers.iter().find(|(name, _)| name == "location").map(|(_, to)| to.clone());
    (status, to.unwrap_or_default())
}

async fn what_its_coder_takes_out(store: Temporary) {
    let house = House::new(store).await;
    let world = &house.world;
    let owner = session(world, world.owner, Role::Practitioner).await;
    let coach = session(world, world.coach, Role::Coach).await;
    let coder = session(world, world.researcher, Role::Researcher).await;
    // Heard in a session, or only chosen for one.
    for heard in [true, false] {
        let objects = world.recording(Stage::Shared).await;
        let clip = objects.clip;
        let series = world.series_along(objects.recording, "clarity").await;
        let session = world.session_in(series, 1).await;
        let piece = world.choose(session, clip, "A long pause").await;
        let playlist = format!("/recordings/{}/playlist", objects.recording);
        let (here, thread) = (format!("/sessions/{session}"), format!("/series/{series}/thread"));
        let sound = format!("{here}/clips/{piece}/sound");
        if heard {
            world.held(series, session, piece, Ms::new(400)).await;
        }
        let next = world.session_in(series, 8).await;
        let to_come = format!("/sessions/{next}");
        let suggested = format!("id=\"could-{clip}\"");
        for cookie in [&owner, &coach] {
            assert!(page(&house, cookie, &to_come).await.contains(&suggested));
            let alone = get(&house, cookie, &format!("/clips/{clip}/audio")).await;
            assert_eq!((alone.0, alone.1.len()), (200, ONE_SECOND), "heard before it is added");
        }

        let remove = format!("{playlist}/clips/{clip}/remove");
        assert!(page(&house, &coder, &playlist).await.contains(&remove));
        let (status, to) = post(&house, &coder, &remove, "").await;
        let said = if heard { "kept-where-heard" } else { "removed" };
        assert_eq!((status, to.as_str()), (303, format!("{playlist}?said={said}").as_str()));
        let told = page(&house, &coder, &to).await;
        assert!(!told.contains(&clip.to_string()), "it is in no list of theirs");
        assert_eq!(told.contains("It was heard in a coaching session, so it stays there"), heard);
        assert_eq!(
            post(&house, &coder, &format!("{playlist}/clips/{clip}"), "start=0:01").await.0,
            404
        );

        for cookie in [&owner, &coach] {
            assert!(!page(&house, cookie, &to_come).await.contains(&clip.to_string()));
            assert_eq!(get(&house, cookie, &format!("/clips/{clip}/audio")).await.0, 404);
            let at = page(&house, cookie, &here).await;
            let walk = page(&house, cookie, &thread).await;
            assert_eq!(at.contains("A long pause"), heard);
            let (status, body) = get(&house, cookie, &sound).await;
            if heard {
                assert_eq!((status, body.len()), (200, ONE_SECOND));
                assert!(at.contains(&sound) && walk.contains(&sound), "with its sound");
                assert!(walk.contains("data-from=\"0.400\""), "and what was marked");
            } else {
                assert_eq!(status, 404);
                assert!(!walk.contains(&sound));
            }
        }
        let came_of_it = "Wait a little longer before I ask";
        assert_eq!(page(&house, &owner, &thread).await.contains(came_of_it), heard);
        let again =
            post(&house, &coach, &format!("{to_come}/clips"), &format!("clip={clip}")).await;
        assert_eq!(again.0, 422, "nobody adds it to another session");
    }
}

#[tokio::test]
async fn what_its_coder_takes_out_stays_where_it_was_heard_in_sqlite() {
    what_its_coder_takes_out(sqlite().await).await;
}

#[tokio::test]
async fn what_its_coder_takes_out_stays_where_it_was_heard_in_postgres() {
    what_its_coder_takes_out(postgres().await).await;
}

async fn another_coach(store: Temporary) {
    let house = House::new(store).await;
    let world = &house.world;
    let objects = world.recording(Stage::Shared).await;
    let series = world.series_along(objects.recording, "clarity").await;
    let id = world.session_in(series, 7).await;
    let first = world.choose(id, objects.clip, "A long pause").await;
    let next = world.session_in(series, 14).await;
    let (before, after) = (world.coach, World::visitor());
    world.looked_at(after).await;
    let cookie_of = async |user: UserId| session(world, user, Role::Coach).await;
    let (old, new) = (cookie_of(before).await, cookie_of(after).await);
    let here = format!("/sessions/{id}");
    let sound = format!("{here}/clips/{first}/sound");
    let gets = [
        here.clone(),
        format!("{here}/clips"),
        sound.clone(),
        format!("{here}/room"),
        format!("/sessions/{next}"),
        format!("/series/{series}"),
        format!("/series/{series}/thread"),
    ];
    let title = format!("{here}/clips/{first}");
    let add = (format!("/sessions/{next}/clips"), format!("clip={}", objects.clip));
    let rename = (title.as_str(), "title=Another+name&question=");
    for path in &gets {
        assert_eq!(get(&house, &old, path).await.0, 200, "{path}");
        assert_eq!(get(&house, &new, path).await.0, 404, "{path}");
    }
    assert_eq!(post(&house, &new, rename.0, rename.1).await.0, 404);

    let own = world.cx(world.owner, Role::Practitioner);
    let (mut work, decide) = permit::<DecideSeries>(&*world.store, own, series).await.unwrap();
    work.change_coach(&decide, Some(after)).await.unwrap().unwrap();
    work.commit().await.unwrap();

    for path in &gets {
        assert_eq!(get(&house, &old, path).await.0, 404, "{path}");
        assert_eq!(get(&house, &new, path).await.0, 200, "{path}");
    }
    for (path, form) in [
        rename,
        (add.0.as_str(), add.1.as_str()),
        (&format!("{title}/move"), "direction=up"),
        (&format!("{title}/remove"), ""),
        (&format!("{title}/veto"), "vetoed=yes"),
    ] {
        assert_eq!(post(&house, &old, path, form).await.0, 404, "{path}");
    }
    // The one who came chooses like the one who went: hears what is suggested, adds it, gives it a name.
    let (status, body) = get(&house, &new, &format!("/clips/{}/audio", objects.clip)).await;
    assert_eq!((status, body.len()), (200, ONE_SECOND));
    let listed: Value =
        serde_json::from_str(&page(&house, &new, &format!("{here}/clips")).await).unwrap();
    let said = listed["list"]["pieces"][0]["said"].as_str().unwrap();
    let form = format!("{}&said={said}", rename.1);
    assert_eq!(post(&house, &new, rename.0, &form).await.0, 303);
    assert_eq!(post(&house, &new, &add.0, &add.1).await.0, 303);
    let owner = session(world, world.owner, Role::Practitioner).await;
    let told = page(&house, &owner, &here).await;
    assert!(told.contains("Another name") && told.contains("With Visitor"), "{told}");
    assert!(page(&house, &owner, &format!("/sessions/{next}")).await.contains("data-piece="));
}

#[tokio::test]
async fn a_new_coach_chooses_and_the_one_before_is_out_in_sqlite() {
    another_coach(sqlite().await).await;
}

#[tokio::test]
async fn a_new_coach_chooses_and_the_one_before_is_out_in_postgres() {
    another_coach(postgres().await).await;
}

/// Ten seconds in which somebody says one sentence, of which the machine is sure or not.
fn spoken(doubts: &[Doubt]) -> Transcript {
    let text = "You waited";
    let words = text.split(' ').zip([1_000, 1_450]).map(|(word, start_ms)| Word {
        start_ms,
        end_ms: start_ms + 400,
        text: word.to_owned(),
        p: 0.9,
        speaker: None,
    });
    let segment = Segment {
        start_ms: 1_000,
        end_ms: 1_900,
        text: text.to_owned(),
        words: words.collect(),
        doubts: doubts.to_vec(),
        ..Segment::default()
    };
    Transcript {
        model: "base.en-q5_1".to_owned(),
        model_sha256: None,
        language: "en".to_owned(),
        duration_ms: 10_000,
        done_ms: None,
        speakers: None,
        segments: vec![segment],
    }
}

/// What may be wrong in the words of an extract is heard by somebody before it is read in a session.
#[tokio::test]
async fn words_in_doubt_are_not_shown_in_a_session() {
    let house = House::new(sqlite().await).await;
    let world = &house.world;
    let objects = world.recording(Stage::Shared).await;
    let unsure = serde_json::to_vec(&spoken(&[Doubt::LowProbability])).unwrap();
    world.words(objects.recording, &unsure).await;
    // Shown at a time at which nobody doubted them.
    let cx = world.cx(world.researcher, Role::Researcher);
    let (mut work, make) =
        permit::<MakePlaylist>(&*world.store, cx, objects.recording).await.unwrap();
    assert!(work.quote_clip(&make, objects.clip, true).await.unwrap());
    work.commit().await.unwrap();
    let series = world.series_along(objects.recording, "clarity").await;
    let id = world.session_in(series, 1).await;
    let piece = world.choose(id, objects.clip, "A long pause").await;
    world.held(series, id, piece, Ms::new(400)).await;
    let owner = session(world, world.owner, Role::Practitioner).await;
    let coach = session(world, world.coach, Role::Coach).await;
    let pages = [format!("/sessions/{id}"), format!("/series/{series}/thread")];
    let shown = async |words: bool| {
        for cookie in [&owner, &coach] {
            for path in &pages {
                let told = page(&house, cookie, path).await;
                assert!(told.contains("<audio"), "it is heard in any case");
                assert_eq!(told.contains("You waited</blockquote>"), words, "{path}");
                assert_eq!(told.contains("hb-quote"), words, "{path}");
            }
        }
    };
    shown(false).await;
    let heard = json!({
        "revision": 0,
        "change": { "kind": "heard", "start_ms": 1_000, "end_ms": 1_900, "was": "You waited" }
    });
    let corrections = format!("/recordings/{}/corrections", objects.recording);
    let sent = ("application/json", &*heard.to_string());
    assert_eq!(house.ask(&owner, Method::POST, &corrections, sent).await.0, 200);
    shown(true).await;
    world.words(objects.recording, &serde_json::to_vec(&spoken(&[])).unwrap()).await;
    shown(true).await;
}

impl World {
    /// Somebody's certificate is looked at.
    async fn looked_at(&self, coach: UserId) {
        let cx = self.cx(self.stranger, Role::Coordinator);
        let (mut work, check) = permit::<CheckProfile>(&*self.store, cx, ()).await.unwrap();
        let until = Some(self.clock.now().plus_seconds(365 * 86_400));
        assert!(work.check_profile(&check, coach, self.clock.now(), until).await.unwrap());
        work.commit().await.unwrap();
    }

    /// The owner marks a moment of their recording.
    async fn proud_of(&self, recording: RecordingId, from: u64, to: u64) {
        let own = self.cx(self.owner, Role::Practitioner);
        let (mut work, nominate) = permit::<Nominate>(&*self.store, own, recording).await.unwrap();
        let moment = NewMoment {
            id: NominationId::mint(&*self.ids),
            kind: MomentKind::Proud,
            span: seconds(from, to),
            note: note(""),
        };
        work.nominate(&nominate, &moment).await.unwrap();
        work.commit().await.unwrap();
    }
}

/// A moment, the extract of it, the session in which it was heard, what came of it, the next recording: each with its
/// sound. And when the series has ended, for the practitioner alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_thread_is_walked_along_as_sound() {
    let world = World::new(sqlite().await).await;
    let pcm = three_minutes();
    let first = recording(&world, 3).await;
    world.proud_of(first, 25, 35).await;
    let (item, said) = (("empathy", Some("curiosity")), "You waited, and Robin went on.");
    let pause = world.extract(first, &pcm, item, seconds(20, 40), said).await;
    world.agree(first).await;
    let series = world.series_along(first, "collaboration").await;
    let one = world.session_in(series, 0).await;
    let heard = world.choose(one, pause, "A long pause").await;
    world.held(series, one, heard, Ms::from_seconds(3)).await;

    world.clock.advance_seconds(14 * 86_400);
    let second = recording(&world, 3).await;
    let (item, said) = (("collaboration", None), "You asked what Robin would like.");
    let choice = world.extract(second, &pcm, item, seconds(60, 75), said).await;
    let (item, said) = (("clarity", None), "Plain words.");
    let plain = world.extract(second, &pcm, item, seconds(100, 106), said).await;
    world.agree(second).await;
    world.walk_along(series, second).await;
    let two = world.session_in(series, 7).await;
    let given = [
        ("SERIES", series.to_string()),
        ("HELD", one.to_string()),
        ("TO_COME", two.to_string()),
        ("PIECE", heard.to_string()),
        ("CHOICE", choice.to_string()),
        ("PLAIN", plain.to_string()),
        ("SECOND", second.to_string()),
        ("WREN", session(&world, world.owner, Role::Practitioner).await),
        ("HERON", session(&world, world.coach, Role::Coach).await),
    ];
    let figures = visit(world, "thread.mjs", "browser-thread", &given).await;
    let Value::Object(figures) = figures else { panic!("{figures}") };
    let figures: Vec<_> = figures.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
    crate::evidence::add("choosing", &figures);
}
