//! Ceremonies, invitations, known browsers, limits.

use futures_util::future::join_all;
use hearback_domain::{InvitationId, Login, Role};

use super::fixture::House;
use crate::{
    Ceremony, CeremonyKind, Device, NewCeremony, NewInvitation, SignInFailures, Store, TokenHash,
};

/// What was begun is finished once, in time, and as what it was begun.
pub async fn what_was_begun_is_finished_once(store: &dyn Store) {
    let h = House::new(store);
    let user = h.person("begins", Role::Coach).await;
    let (confirm, other) = (CeremonyKind::Confirm, CeremonyKind::PasskeySignIn);
    let new = |n, kind, user| NewCeremony {
        token: TokenHash([n; 32]),
        kind,
        user,
        state: format!("state {n}"),
        expires_at: h.later(60),
    };
    let mut work = h.begin().await;
    work.add_ceremony(&new(1, confirm, Some(user)), h.now()).await.unwrap();
    work.add_ceremony(&new(2, other, None), h.now()).await.unwrap();
    work.commit().await.unwrap();

    let token = |n| TokenHash([n; 32]);
    let begun = Some(Ceremony { user: Some(user), state: "state 1".to_owned() });
    let mut work = h.begin().await;
    assert_eq!(work.ceremony(&token(1), confirm, h.now()).await.unwrap(), begun);
    assert_eq!(work.ceremony(&token(1), other, h.now()).await.unwrap(), None);
    assert_eq!(work.take_ceremony(&token(1), other, h.now()).await.unwrap(), None);
    assert_eq!(work.take_ceremony(&token(1), confirm, h.later(60)).await.unwrap(), None, "late");
    assert_eq!(work.take_ceremony(&token(1), confirm, h.now()).await.unwrap(), begun);
    assert_eq!(work.take_ceremony(&token(1), confirm, h.now()).await.unwrap(), None);
    // Whatever is over is forgotten when the next thing begins.
    work.add_ceremony(&new(3, confirm, None), h.later(60)).await.unwrap();
    assert_eq!(work.ceremony(&token(2), other, h.now()).await.unwrap(), None);
    work.commit().await.unwrap();

    let mut work = h.begin().await;
    work.add_ceremony(&new(4, confirm, None), h.now()).await.unwrap();
    work.commit().await.unwrap();
    let tries = join_all((0..16).map(|_| async {
        let mut work = h.begin().await;
        let taken = work.take_ceremony(&token(4), confirm, h.now()).await.unwrap();
        work.commit().await.unwrap();
        taken
    }));
    assert_eq!(tries.await.into_iter().flatten().count(), 1, "of many at once, one");
}

/// An invitation opens once and for a while; the open ones are listed, and can be taken back.
pub async fn an_invitation_opens_once(store: &dyn Store) {
    let h = House::new(store);
    let admin = h.person("admin", Role::SysAdmin).await;
    let new = |n: u8, login: &str| NewInvitation {
        id: InvitationId::mint(&h.ids),
        token: TokenHash([n; 32]),
        login: Login::new(login).unwrap(),
        name: login.to_uppercase(),
        roles: vec![Role::Coach, Role::Researcher],
        invited_by: admin,
        created_at: h.now(),
        expires_at: h.later(60),
    };
    let (zed, ada, bob) = (new(1, "zed"), new(2, "ada"), new(3, "bob"));
    let mut work = h.begin().await;
    for invitation in [&zed, &ada, &bob] {
        work.add_invitation(invitation).await.unwrap();
    }
    work.commit().await.unwrap();

    let mut work = h.begin().await;
    let open = work.open_invitations(h.now()).await.unwrap();
    assert_eq!(open.iter().map(|i| i.id).collect::<Vec<_>>(), [ada.id, bob.id, zed.id]);
    assert_eq!(work.open_invitations(h.later(60)).await.unwrap(), []);
    let found = work.invitation(&zed.token, h.now()).await.unwrap().unwrap();
    assert_eq!((found.login.as_str(), found.name.as_str()), ("zed", "ZED"));
    assert_eq!(found.roles, [Role::Researcher, Role::Coach]);
    assert_eq!(work.invitation(&zed.token, h.later(60)).await.unwrap(), None);
    assert_eq!(work.take_invitation(&zed.token, h.later(60)).await.unwrap(), None);
    assert_eq!(work.take_invitation(&TokenHash([9; 32]), h.now()).await.unwrap(), None);
    assert!(work.withdraw_invitation(ada.id).await.unwrap());
    assert!(!work.withdraw_invitation(ada.id).await.unwrap());
    assert_eq!(work.take_invitation(&ada.token, h.now()).await.unwrap(), None);
    work.commit().await.unwrap();

    let tries = join_all((0..16).map(|_| async {
        let mut work = h.begin().await;
        let taken = work.take_invitation(&zed.token, h.now()).await.unwrap();
        work.commit().await.unwrap();
        taken
    }));
    assert_eq!(tries.await.into_iter().flatten().count(), 1, "of many at once, one");
    let mut work = h.begin().await;
    assert!(!work.withdraw_invitation(zed.id).await.unwrap(), "it was used");
    assert_eq!(work.open_invitations(h.now()).await.unwrap().len(), 1);
}

/// A known browser has a count of its own.
pub async fn a_known_browser_counts_for_itself(store: &dyn Store) {
    let h = House::new(store);
    let user = h.person("known", Role::Coach).await;
    let token = |n| TokenHash([n; 32]);
    let none = SignInFailures::default();
    let mut work = h.begin().await;
    work.add_device(&token(1), user, h.now()).await.unwrap();
    work.add_device(&token(2), user, h.now()).await.unwrap();
    assert_eq!(
        work.device(&token(1), h.now()).await.unwrap(),
        Some(Device { user, failures: none })
    );
    assert_eq!(work.device(&token(3), h.now()).await.unwrap(), None);
    assert!(work.count_device_try(&token(1), none, h.later(1)).await.unwrap());
    assert!(!work.count_device_try(&token(1), none, h.later(1)).await.unwrap());
    let one = SignInFailures { count: 1, last_at: Some(h.later(1)) };
    assert!(work.count_device_try(&token(1), one, h.later(2)).await.unwrap());
    let two = SignInFailures { count: 2, last_at: Some(h.later(2)) };
    assert_eq!(
        work.device(&token(1), h.now()).await.unwrap(),
        Some(Device { user, failures: two })
    );
    assert_eq!(
        work.device(&token(2), h.now()).await.unwrap(),
        Some(Device { user, failures: none })
    );
    work.clear_device_tries(&token(1)).await.unwrap();
    let half_a_year = 180 * 86_400;
    assert!(work.device(&token(1), h.later(half_a_year - 1)).await.unwrap().is_some());
    assert_eq!(work.device(&token(1), h.later(half_a_year)).await.unwrap(), None, "too long ago");
    work.forget_limits(h.later(half_a_year - 1)).await.unwrap();
    assert_eq!(
        work.device(&token(1), h.now()).await.unwrap(),
        Some(Device { user, failures: none })
    );
    work.forget_devices(user).await.unwrap();
    assert_eq!(work.device(&token(2), h.now()).await.unwrap(), None);

    work.add_device(&token(1), user, h.now()).await.unwrap();
    work.forget_limits(h.later(half_a_year)).await.unwrap();
    assert_eq!(work.device(&token(1), h.now()).await.unwrap(), None, "forgotten");
    work.add_device(&token(1), user, h.now()).await.unwrap();
    work.set_disabled(user, Some(h.now())).await.unwrap();
    assert_eq!(work.device(&token(1), h.now()).await.unwrap(), None, "let in no more");
}

/// What was begun before the lock changed, or before sessions were ended, is not finished afterwards.
pub async fn what_was_begun_ends_with_the_sessions(store: &dyn Store) {
    let h = House::new(store);
    let (person, other) =
        (h.new_person("begun", "Be Gun", &[Role::Coach]), h.person("bystander", Role::Coach).await);
    let (user, kind, token) = (person.id, CeremonyKind::SecondStep, |n| TokenHash([n; 32]));
    let new = |n, user| NewCeremony {
        token: token(n),
        kind,
        user: Some(user),
        state: String::new(),
        expires_at: h.later(60),
    };
    let mut work = h.begin().await;
    work.add_person(&person).await.unwrap();
    work.add_ceremony(&new(9, other), h.now()).await.unwrap();
    for n in 0..3 {
        work.add_ceremony(&new(n, user), h.now()).await.unwrap();
        match n {
            0 => assert_eq!(work.end_sessions(user, None).await.unwrap(), 0),
            1 => work.change_passphrase(user, "another hash").await.unwrap(),
            _ => assert!(work.set_password(&person.login, "one more").await.unwrap()),
        }
        assert_eq!(work.ceremony(&token(n), kind, h.now()).await.unwrap(), None, "{n}");
    }
    assert!(work.ceremony(&token(9), kind, h.now()).await.unwrap().is_some(), "somebody else's");
}

/// Tries that are counted at the same moment are all counted: one after the other.
pub async fn tries_at_the_same_moment_are_all_counted(store: &dyn Store) {
    let h = House::new(store);
    let tries = join_all((0..16).map(|_| async {
        let mut work = h.begin().await;
        let none = SignInFailures::default();
        let counted = work.count_sign_in_try("guessed", none, h.now()).await.unwrap();
        work.commit().await.unwrap();
        counted
    }));
    assert_eq!(tries.await.into_iter().filter(|counted| *counted).count(), 1);
    assert_eq!(h.begin().await.sign_in_failures("guessed").await.unwrap().count, 1);
}

/// An allowance is used up, grows back, and is one for all who ask at once.
pub async fn an_allowance_is_used_up_and_grows_back(store: &dyn Store) {
    let h = House::new(store);
    // One ask a second, four at once: the first, and three seconds ahead.
    let (second, burst) = (1_000_000, 3_000_000);
    let tries = join_all((0..16).map(|_| async {
        let mut work = h.begin().await;
        let taken = work.take_from_limit("a", h.now(), second, burst).await.unwrap();
        work.commit().await.unwrap();
        taken
    }));
    assert_eq!(tries.await.into_iter().filter(|taken| *taken).count(), 4);
    let mut work = h.begin().await;
    assert!(work.take_from_limit("b", h.now(), second, burst).await.unwrap(), "another key");
    assert!(work.take_from_limit("a", h.later(1), second, burst).await.unwrap());
    assert!(!work.take_from_limit("a", h.later(1), second, burst).await.unwrap());
    work.forget_limits(h.later(3)).await.unwrap();
    assert!(!work.take_from_limit("a", h.later(1), second, burst).await.unwrap(), "still owed");
    work.forget_limits(h.later(60)).await.unwrap();
    for taken in [true, true, true, true, false] {
        assert_eq!(work.take_from_limit("a", h.now(), second, burst).await.unwrap(), taken);
    }
}
