//! A list holds exactly what the same question, asked of each object, would allow. On both databases, in random worlds.

use std::{collections::BTreeSet, fmt::Debug};

use hearback_access::{
    Action, Code, Cx, DecideSharing, Listed, MakePlaylist, PlayRecording, ReadTranscript,
    SeePlaylist, SeeRecording, list, require,
};
use hearback_domain::{Clock as _, KeyClass, PlaylistId, RecordingId, Role};
use serde_json::json;

use crate::{
    chance::Chance,
    direct::Direct,
    world::{Objects, Stage, World},
};

/// How many lists held an object that the question refused, or lacked one that it allowed.
#[derive(Default)]
struct Count {
    comparisons: u64,
    allowed: u64,
    wrong: Vec<String>,
}

impl Count {
    async fn compare<A>(&mut self, world: &World, cx: Cx, objects: &[A::Object])
    where
        A: Action<Object: Listed + Ord + Debug>,
    {
        let mut work = world.store.begin().await.unwrap();
        let permits = list::<A>(work.gate(), cx).await.unwrap();
        let listed: BTreeSet<_> = permits.iter().map(hearback_access::Permit::object).collect();
        assert_eq!(listed.len(), permits.len(), "nothing is listed twice");
        for object in objects {
            let allowed = require::<A>(work.gate(), cx, *object).await.is_ok();
            self.comparisons += 1;
            self.allowed += u64::from(allowed);
            if allowed != listed.contains(object) {
                let action = A::ACTION.as_str();
                self.wrong.push(format!("{action} {object:?} as {}: asked {allowed}", cx.hat));
            }
        }
    }

    async fn compare_all(&mut self, world: &World, all: &[Objects]) {
        let recordings: Vec<RecordingId> = all.iter().map(|o| o.recording).collect();
        let playlists: Vec<PlaylistId> = all.iter().map(|o| o.playlist).collect();
        let roles = [Role::Practitioner, Role::Researcher, Role::Coach, Role::LineManager];
        for user in [world.owner, world.researcher, world.coach, world.stranger] {
            for role in roles {
                let cx = Cx::person(user, role, world.clock.now());
                self.compare::<SeeRecording>(world, cx, &recordings).await;
                self.compare::<PlayRecording>(world, cx, &recordings).await;
                self.compare::<ReadTranscript>(world, cx, &recordings).await;
                self.compare::<DecideSharing>(world, cx, &recordings).await;
                self.compare::<Code>(world, cx, &recordings).await;
                self.compare::<MakePlaylist>(world, cx, &recordings).await;
                self.compare::<SeePlaylist>(world, cx, &playlists).await;
            }
        }
    }
}

/// Somebody is kept away from some recordings, and something of some of them is gone.
async fn disturb(database: &Direct, world: &World, all: &[Objects], chance: &mut Chance) {
    for objects in all {
        let recording = database.id(objects.recording.as_uuid());
        if chance.percent(20) {
            let people = [world.owner, world.researcher, world.coach];
            let person = database.id(chance.choose(&people).as_uuid());
            let values = format!("{recording}, {person}, {person}, 1");
            let sql = "insert into blocks (recording, person, set_by, set_at)";
            database.execute(&format!("{sql} values ({values})")).await;
        }
        if chance.percent(25) {
            let class = chance.choose(KeyClass::ALL);
            let sql = "insert into erased_classes (recording, class, at)";
            database.execute(&format!("{sql} values ({recording}, '{class}', 1)")).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_hold_what_the_question_allows() {
    let deep = std::env::var_os("HEARBACK_TEST_DEEP").is_some();
    let least = if deep { 10_000 } else { 2_000 };
    let mut chance = Chance::from_environment();
    let mut figures = Vec::new();
    for (store, database) in Direct::both().await {
        let mut count = Count::default();
        let world = World::new(store).await;
        let mut all = Vec::new();
        while count.comparisons < least {
            let mut new = Vec::new();
            for _ in 0..6 {
                new.push(world.recording(*chance.choose(Stage::ALL)).await);
            }
            disturb(&database, &world, &new, &mut chance).await;
            all.extend(new);
            if all.len() > 24 {
                all.drain(..12);
            }
            count.compare_all(&world, &all).await;
            // A day later, the grants of these have run out.
            if chance.percent(30) {
                world.clock.advance_seconds(86_400);
            }
        }
        let name = database.name;
        assert!(count.wrong.is_empty(), "{name}: {}", count.wrong.join("\n"));
        assert!(count.allowed > count.comparisons / 50, "{name}: {} were allowed", count.allowed);
        figures.push((format!("list_comparisons_{name}"), json!(count.comparisons)));
    }
    let figures: Vec<_> = figures.iter().map(|(n, v)| (n.as_str(), v.clone())).collect();
    crate::evidence::add("policy", &figures);
}
