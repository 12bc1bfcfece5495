//! The provider's word is one step unless it says that it asked for two: whoever has a second step here makes it, as
//! after a passphrase.

use axum::http::StatusCode;
use hearback_domain::Clock as _;
use serde_json::json;

use super::{
    browser::{Browser, Setting},
    lies::{Lie, sign_in},
};
use crate::support::{Temporary, postgres, sqlite};

async fn as_strong_as_a_passphrase(store: Temporary) {
    let setting = Setting::new(store).await;
    let come = async |lie: fn(&mut Lie<'_>)| {
        let mut browser = Browser::new(&setting);
        let asked = browser.set_out("/sign-in/sso", "next=/help").await;
        sign_in(&setting, &mut browser, &asked, lie).await
    };
    let one_step = come(|_| {}).await;
    assert_eq!(one_step.hop().as_deref(), Some("/help"), "they have no second step here");

    let mut work = setting.world.store.begin().await.unwrap();
    let now = setting.world.clock.now();
    assert!(work.begin_totp(setting.person, b"sealed", now).await.unwrap());
    assert!(work.confirm_totp(setting.person, 1, now).await.unwrap());
    work.end_sessions(setting.person, None).await.unwrap();
    work.commit().await.unwrap();
    for lie in [|_: &mut Lie<'_>| {}, |lie: &mut Lie<'_>| lie.claim("amr", json!(["pwd", "otp"]))] {
        let answer = come(lie).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.hop().as_deref(), Some("/sign-in/second"));
        assert!(answer.sets("hearback").is_none(), "nobody is signed in yet");
    }
    assert_eq!(setting.sessions().await, 0);
    let two = come(|lie| lie.claim("amr", json!(["mfa", "pwd"]))).await;
    assert_eq!(two.hop().as_deref(), Some("/help"));
    assert_eq!(setting.sessions().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn single_sign_on_is_as_strong_as_a_passphrase_on_sqlite() {
    as_strong_as_a_passphrase(sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn single_sign_on_is_as_strong_as_a_passphrase_on_postgres() {
    as_strong_as_a_passphrase(postgres().await).await;
}
