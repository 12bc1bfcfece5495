//! A protocol, its second coder and the page of figures, in a real browser: the social worker's yes, which recording two
//! people code, what the second one is shown of the words, and what is drawn of their agreement.

use hearback_domain::{Role, coding::Standing};
use serde_json::json;

use crate::{
    access::session,
    agreement::{End, GOOD, code},
    chance::Chance,
    desk_page::{visit, words_of},
    support::sqlite,
    world::{Stage, World},
};

#[tokio::test(flavor = "multi_thread")]
async fn two_people_code_and_their_agreement_is_shown() {
    let world = World::new(sqlite().await).await;
    let mut chance = Chance::new(7);
    for n in 0..14 {
        let id = world.recording(Stage::Released).await.recording;
        let seeing = End::Finished { not_blind: true, standing: Standing::Counts };
        let second = if n == 3 { seeing } else { GOOD };
        code(&world, world.researcher, id, &mut chance, GOOD).await;
        code(&world, World::second(), id, &mut chance, second).await;
    }
    let id = world.recording(Stage::Private).await.recording;
    world.words(id, &serde_json::to_vec(&words_of(1)).unwrap()).await;
    let wren = session(&world, world.owner, Role::Practitioner).await;
    let hawk = session(&world, World::second(), Role::Researcher).await;
    let given = [
        ("ID", id.to_string()),
        ("WREN", wren),
        ("HAWK", hawk),
        ("FIRST", world.researcher.to_string()),
        ("SECOND", World::second().to_string()),
    ];
    let said = visit(world, "agreement.mjs", "browser-agreement", &given).await;
    assert_eq!(said, json!({"recordings": 13, "rows": 7}));
}
