//! Two finished codings, listened to and agreed, in a real browser: on one time line, by keyboard, and without
//! scripts; and that what is agreed never touches what was coded.

use hearback_access::{Code, Cx};
use hearback_domain::{
    Clock as _, CodeId, CodingId, Framework, Ms, Note, Rating, RecordingId, Role, Score, Span,
    UserId, coding::Standing,
};
use hearback_storage::{NewCode, NewCoding, permit};
use serde_json::json;

use crate::{
    access::session,
    desk_page::{recording, visit},
    support::sqlite,
    world::World,
};

/// Somebody marks these stretches (seconds).
pub(crate) async fn mark(
    world: &World,
    coder: UserId,
    id: RecordingId,
    marks: &[(&str, Option<&str>, u64, u64)],
) {
    let v1 = Framework::v1();
    let cx = Cx::person(coder, Role::Researcher, world.clock.now());
    let (mut work, may) = permit::<Code>(&*world.store, cx, id).await.unwrap();
    let coding = NewCoding {
        id: CodingId::mint(&*world.ids),
        framework_version: v1.version.clone(),
        part: None,
    };
    work.begin_coding(&may, &coding).await.unwrap();
    for (skill, sub, from, to) in marks {
        let code = NewCode {
            id: CodeId::mint(&*world.ids),
            framework_version: v1.version.clone(),
            item: v1.code(skill, *sub).unwrap(),
            span: Span::new(Ms::from_seconds(*from), Ms::from_seconds(*to)).unwrap(),
            note: Note::new("Leaves the choice with Robin, and waits.").unwrap(),
            nonverbal: Note::new(if *from > 30 { "a long breath" } else { "" }).unwrap(),
            exemplar: *from == 20,
        };
        work.add_code(&may, &code).await.unwrap();
    }
    work.commit().await.unwrap();
}

/// Somebody gives everything this score, but two things, and finishes.
async fn finish(world: &World, coder: UserId, id: RecordingId, score: u8) {
    let v1 = Framework::v1();
    let cx = Cx::person(coder, Role::Researcher, world.clock.now());
    let (mut work, may) = permit::<Code>(&*world.store, cx, id).await.unwrap();
    for item in v1.items() {
        let rating = match item.skill.key.as_str() {
            "purposefulness" if score > 3 => Rating::NotCodable,
            "clarity" => Rating::Scored(Score::new(3).unwrap()),
            _ => Rating::Scored(Score::new(score).unwrap()),
        };
        work.set_score(&may, &v1.version, &item.key, Some(rating)).await.unwrap();
    }
    work.finish_coding(&may, false, false, Standing::Counts).await.unwrap();
    work.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_coders_listen_again_and_agree() {
    let world = World::new(sqlite().await).await;
    let id = recording(&world, 2).await;
    // One from the world itself: clarity, from 1 to 2 seconds.
    let first = [
        ("clarity", None, 5, 7),
        ("empathy", Some("curiosity"), 20, 22),
        ("collaboration", None, 60, 62),
    ];
    let second =
        [("clarity", None, 5, 8), ("purposefulness", None, 20, 22), ("clarity", None, 90, 91)];
    for (coder, marks, score) in [(world.researcher, first, 2), (World::second(), second, 4)] {
        mark(&world, coder, id, &marks).await;
        finish(&world, coder, id, score).await;
    }
    let hawk = session(&world, World::second(), Role::Researcher).await;
    let given = [("ID", id.to_string()), ("HAWK", hawk)];
    let said = visit(world, "together.mjs", "browser-together", &given).await;
    assert_eq!(said, json!({"passages": 5, "same": 1, "heard": 5}));
}
