//! Roles that come from the provider's groups: what no longer fits ends, as when an administrator changes them.

use axum::http::StatusCode;
use hearback_access::{DecideSharing, ReadAudit};
use hearback_domain::{Clock as _, GrantId, Role, conflict::Part};
use hearback_storage::{Release, permit};
use serde_json::json;

use super::{
    browser::{Browser, Setting},
    lies::{Lie, sign_in},
};
use crate::{
    support::{Temporary, postgres, sqlite},
    world::Stage,
};

fn coach(lie: &mut Lie<'_>) {
    lie.claim("groups", json!(["coach"]));
}

/// Somebody codes and coaches one practitioner, which nobody may (ETH-12), by whatever mistake. Their groups change,
/// and it ends; the officer reads which.
async fn what_no_longer_fits_ends(store: Temporary) {
    let mut setting = Setting::new(store).await;
    setting.give_roles_by_group();
    let world = &setting.world;
    let objects = world.recording(Stage::Private).await;
    let owner = world.cx(world.owner, Role::Practitioner);
    let (mut work, p) =
        permit::<DecideSharing>(&*world.store, owner, objects.recording).await.unwrap();
    let release = Release {
        researcher: (GrantId::mint(&*world.ids), setting.person),
        coach: Some((GrantId::mint(&*world.ids), setting.person)),
        second_coder: false,
        expires_at: world.clock.now().plus_seconds(86_400),
    };
    work.release(&p, &release).await.unwrap();
    work.commit().await.unwrap();
    let ended = async || {
        let officer = world.cx(world.owner, Role::Dpo).elevated(true);
        let (mut work, p) = permit::<ReadAudit>(&*world.store, officer, ()).await.unwrap();
        work.ended_conflicts(&p).await.unwrap()
    };
    assert_eq!(ended().await, []);

    let mut browser = Browser::new(&setting);
    let asked = browser.set_out("/sign-in/sso", "").await;
    let answer = sign_in(&setting, &mut browser, &asked, coach).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let ended = ended().await;
    assert!(ended.iter().all(|e| (e.person, e.practitioner) == (setting.person, world.owner)));
    let mut parts: Vec<_> = ended.iter().map(|e| e.wanted).collect();
    parts.sort_by_key(|part| part.as_str());
    assert_eq!(parts, [Part::Coaches, Part::Codes]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_end_what_no_longer_fits_on_sqlite() {
    what_no_longer_fits_ends(sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_end_what_no_longer_fits_on_postgres() {
    what_no_longer_fits_ends(postgres().await).await;
}

/// Somebody presses the button twice, in two browsers, while their passphrase changes in a third: nobody waits for
/// somebody who waits for them, and the way in that is left is the passphrase.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_untie_at_once_do_not_wait_for_each_other() {
    for store in [sqlite().await, postgres().await] {
        let setting = Setting::new(store).await;
        let world = &setting.world;
        let cookie = crate::access::session(world, setting.person, Role::Coach).await;
        let (name, value) = cookie.split_once('=').unwrap();
        let form = format!("issuer={}", setting.hostile.issuer);
        let tries = (0..8).map(|n| {
            let (mut browser, form) = (Browser::new(&setting), form.clone());
            browser.cookies.insert(name.to_owned(), value.to_owned());
            async move {
                match n % 2 {
                    0 => browser.post("/account/sso/disconnect", &form).await,
                    _ => browser.post("/account/sessions/end-others", "").await,
                }
            }
        });
        for answer in futures_util::future::join_all(tries).await {
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        }
        let mut work = world.store.begin().await.unwrap();
        assert_eq!(work.identities(setting.person).await.unwrap(), []);
        assert!(work.passphrase_of(setting.person).await.unwrap().is_some());
    }
}
