//! What may happen once happens once: sixty-four tries at the same moment, round after round, on both databases.

use std::sync::Arc;

use hearback_domain::{Clock as _, InvitationId, Login, Role, UserId};
use hearback_storage::{CeremonyKind, NewCeremony, NewInvitation, Store, TokenHash};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::task::JoinSet;

use crate::{
    support::{postgres, sqlite},
    world::World,
};

/// Tries at the same moment.
const AT_ONCE: usize = 64;

/// Rounds of each kind, unless the long form is asked for.
const ROUNDS: u64 = 10;

/// The same in the long form.
const LONG: u64 = 1_000;

/// What somebody tries to have.
#[derive(Clone, Copy, Debug)]
enum Prize {
    Code,
    Recovery,
    Invitation,
    Elevation,
    Passkey,
}

const PRIZES: [Prize; 5] =
    [Prize::Code, Prize::Recovery, Prize::Invitation, Prize::Elevation, Prize::Passkey];

fn token(round: u64) -> TokenHash {
    TokenHash(Sha256::digest(round.to_be_bytes()).into())
}

async fn lay_out(world: &World, user: UserId, round: u64) {
    let now = world.clock.now();
    let mut work = world.store.begin().await.unwrap();
    work.set_recovery_codes(user, &[token(round)]).await.unwrap();
    let invitation = NewInvitation {
        id: InvitationId::mint(&*world.ids),
        token: token(round),
        login: Login::new(&format!("guest{round}")).unwrap(),
        name: "Guest".to_owned(),
        roles: vec![Role::Coach],
        invited_by: user,
        created_at: now,
        expires_at: now.plus_seconds(60),
    };
    work.add_invitation(&invitation).await.unwrap();
    let ceremony = |kind, n| NewCeremony {
        token: token(n),
        kind,
        user: Some(user),
        state: String::new(),
        expires_at: now.plus_seconds(60),
    };
    work.add_ceremony(&ceremony(CeremonyKind::Confirm, round), now).await.unwrap();
    work.add_ceremony(&ceremony(CeremonyKind::ConfirmPasskey, u64::MAX - round), now)
        .await
        .unwrap();
    work.commit().await.unwrap();
}

async fn take(store: &dyn Store, world: &World, user: UserId, prize: Prize, round: u64) -> bool {
    let now = world.clock.now();
    let mut work = store.begin().await.unwrap();
    let taken = match prize {
        Prize::Code => work.use_totp(user, round + 1).await.unwrap(),
        Prize::Recovery => work.use_recovery_code(user, &token(round), now).await.unwrap(),
        Prize::Invitation => work.take_invitation(&token(round), now).await.unwrap().is_some(),
        Prize::Elevation => {
            let kind = CeremonyKind::Confirm;
            work.take_ceremony(&token(round), kind, now).await.unwrap().is_some()
        }
        Prize::Passkey => {
            let (token, kind) = (token(u64::MAX - round), CeremonyKind::ConfirmPasskey);
            work.take_ceremony(&token, kind, now).await.unwrap().is_some()
        }
    };
    // Whoever lost has nothing to keep.
    if taken {
        work.commit().await.unwrap();
    }
    taken
}

async fn one_wins(database: &str, world: World) {
    let deep = std::env::var_os("HEARBACK_TEST_DEEP").is_some();
    let rounds = if deep { LONG } else { ROUNDS };
    let world = Arc::new(world);
    let user = world.coach;
    let mut work = world.store.begin().await.unwrap();
    work.begin_totp(user, b"sealed", world.clock.now()).await.unwrap();
    work.confirm_totp(user, 0, world.clock.now()).await.unwrap();
    work.commit().await.unwrap();
    for round in 0..rounds {
        lay_out(&world, user, round).await;
        for prize in PRIZES {
            let mut tries = JoinSet::new();
            for _ in 0..AT_ONCE {
                let world = world.clone();
                tries.spawn(async move { take(&*world.store, &world, user, prize, round).await });
            }
            let won = tries.join_all().await.into_iter().filter(|won| *won).count();
            assert_eq!(won, 1, "{prize:?}, round {round}");
        }
    }
    crate::evidence::add(
        "identity",
        &[(&format!("rounds_{database}"), json!(rounds)), ("tries_at_once", json!(AT_ONCE))],
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_wins_on_sqlite() {
    one_wins("sqlite", World::new(sqlite().await).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_wins_on_postgres() {
    one_wins("postgres", World::new(postgres().await).await).await;
}
