//! The briefing room in two real browsers: in step, nothing but what is on, and closed within a second to whoever may
//! no longer be there.

use hearback_domain::Role;
use serde_json::{Value, json};

use crate::{
    access::session,
    desk_page::{recording, visit},
    support::sqlite,
    world::{Stage, World},
};

/// What may lie between two browsers that hear the same (ms): half of what people notice as an echo between rooms.
const MOST_SKEW_MS: f64 = 150.0;
/// Within this time a room is closed to whoever may no longer be in it (ms).
const MOST_CLOSING_MS: f64 = 1_000.0;

#[tokio::test(flavor = "multi_thread")]
async fn coder_and_coach_hear_the_same_while_both_are_there() {
    let world = World::new(sqlite().await).await;
    let id = recording(&world, 3).await;
    crate::together_page::mark(
        &world,
        world.researcher,
        id,
        &[("empathy", Some("curiosity"), 20, 40), ("collaboration", None, 70, 82)],
    )
    .await;
    let other = world.recording(Stage::Released).await.recording;
    let given = [
        ("ID", id.to_string()),
        ("OTHER", other.to_string()),
        ("WREN", session(&world, world.owner, Role::Practitioner).await),
        ("HERON", session(&world, world.coach, Role::Coach).await),
        // Whoever has a trusted role too, as people of this world have, is kept away by the officer.
        ("OWL", session(&world, world.stranger, Role::Dpo).await),
        ("COACH", world.coach.to_string()),
    ];
    let figures = visit(world, "briefing.mjs", "browser-briefing", &given).await;
    let number = |name: &str| figures[name].as_f64().unwrap();
    assert!(number("skew_ms_p95") <= MOST_SKEW_MS, "{figures}");
    for closed in ["tab", "kept_away", "signed_out", "withheld"] {
        let took = number(&format!("closed_ms_{closed}"));
        assert!(took <= MOST_CLOSING_MS, "{closed}: {figures}");
    }
    let Value::Object(figures) = figures else { panic!("{figures}") };
    let figures: Vec<_> = figures.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
    crate::evidence::add("briefing", &figures);
    crate::evidence::add("briefing", &[("people", json!(2))]);
}
