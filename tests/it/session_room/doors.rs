//! Whatever closes a door while a session is live, in three real browsers: nothing is heard after it, its address is
//! closed, and the others are told kindly.

use hearback_access::{DecideSeries, RecordConsent};
use hearback_domain::{
    Clock as _, Label, Party, PartyKind, Purpose, Role, SessionId, UserId, sound,
};
use hearback_storage::{NewSession, Shown, TokenHash, conformance::said, permit};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{
    access::session,
    desk_page::visit,
    support::sqlite,
    world::{Objects, Stage, World},
};

/// How long something may still be heard after a door was closed (ms).
const MOST_HEARD_MS: f64 = 1_000.0;

/// Somebody's session on another device.
async fn another_session(world: &World, user: UserId, role: Role) -> String {
    let both = user.as_uuid().as_u128() ^ u128::from(Sha256::digest(role.as_str())[1]) ^ (1 << 77);
    let token = format!("{both:032x}{both:032x}");
    let now = world.clock.now();
    let session = NewSession {
        id: SessionId::from_uuid(Uuid::from_u128(both)),
        token: TokenHash(Sha256::digest(token.as_bytes()).into()),
        user,
        role,
        created_at: now,
        expires_at: now.plus_seconds(9_999_999),
        elevated_until: None,
        shown: Shown::TwoSteps,
        device: "another".to_owned(),
    };
    let mut work = world.store.begin().await.unwrap();
    work.add_session(&session).await.unwrap();
    work.commit().await.unwrap();
    format!("hearback={token}")
}

/// Three minutes that were released, on which a child is heard.
async fn with_robin(world: &World) -> Objects {
    let of = world.recording(Stage::Released).await;
    let seconds = 180 * usize::try_from(sound::RATE_HZ).unwrap();
    world.sound_with(of.recording, &vec![0; 2 * seconds], b"peaks").await;
    of
}

/// The child says no to a manager's hearing it, and yes to all else.
async fn not_for_a_manager(world: &World, of: &Objects) {
    let own = world.cx(world.owner, Role::Practitioner);
    let label = Label::new("Robin").unwrap();
    let party = Party { id: of.person, kind: PartyKind::Child, label };
    let said = said(&*world.ids, world.clock.now(), &party, &[Purpose::ManagerPresentPlayback]);
    let (mut work, record) =
        permit::<RecordConsent>(&*world.store, own, of.recording).await.unwrap();
    assert!(work.record_consent(&record, &said).await.unwrap().is_some());
    work.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_closes_a_door_while_a_session_is_live() {
    let world = World::new(sqlite().await).await;
    world.let_somebody_coach().await;
    let series = world.agreed_with(world.coach).await;
    let open = with_robin(&world).await;
    let apart = with_robin(&world).await;
    let taken = with_robin(&world).await;
    let mut clips = world.extracts(open.recording, &[25, 25]).await;
    clips.extend(world.extracts(apart.recording, &[25]).await);
    clips.extend(world.extracts(taken.recording, &[25, 20]).await);
    not_for_a_manager(&world, &apart).await;
    let own = world.cx(world.owner, Role::Practitioner);
    for of in [&open, &apart, &taken] {
        let (mut work, decide) = permit::<DecideSeries>(&*world.store, own, series).await.unwrap();
        assert!(work.add_to_series(&decide, of.recording).await.unwrap());
        work.commit().await.unwrap();
    }
    let id = world.planned(series, world.coach, 0).await;
    let chosen = [
        ("A long pause", "What were you hoping for while you waited?"),
        ("Saturday, and who decides", ""),
        ("Between the two of them", "What did you hear yourself do?"),
        ("Whose plan it is", "What stood out?"),
        ("The last minute", ""),
    ];
    let mut pieces = Vec::new();
    for (clip, chosen) in clips.into_iter().zip(chosen) {
        pieces.push(world.choose_for(id, clip, chosen).await.to_string());
    }
    let [first, second, for_two, later, last] = &pieces[..] else { unreachable!() };
    let given = [
        ("SESSION", id.to_string()),
        ("FIRST", first.clone()),
        ("SECOND", second.clone()),
        ("APART", for_two.clone()),
        ("LATER", later.clone()),
        ("LAST", last.clone()),
        ("TAKEN", taken.recording.to_string()),
        ("PERSON", taken.person.to_string()),
        ("GUEST", world.stranger.to_string()),
        ("COACH", world.coach.to_string()),
        ("WREN", session(&world, world.owner, Role::Practitioner).await),
        ("WREN2", another_session(&world, world.owner, Role::Practitioner).await),
        ("HERON", session(&world, world.coach, Role::Coach).await),
        ("HERON2", another_session(&world, world.coach, Role::Coach).await),
        ("MAGPIE", session(&world, world.stranger, Role::LineManager).await),
        ("CRANE", session(&world, world.researcher, Role::SysAdmin).await),
    ];
    let figures = visit(world, "session-doors.mjs", "browser-session-doors", &given).await;
    let Value::Object(figures) = figures else { panic!("{figures}") };
    let longest = figures.values().map(|ms| ms.as_f64().unwrap()).fold(0.0, f64::max);
    assert_eq!(figures.len(), 6, "{figures:?}");
    assert!(longest <= MOST_HEARD_MS, "{figures:?}");
    for (name, ms) in &figures {
        crate::evidence::add("session_room", &[(&format!("heard_after_{name}"), ms.clone())]);
    }
    crate::evidence::add("session_room", &[("heard_after_ms_most", json!(longest))]);
}
