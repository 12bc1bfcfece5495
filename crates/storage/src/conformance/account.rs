//! Sessions as their owner sees them, roles, second steps.

use futures_util::future::join_all;
use hearback_domain::{PasskeyId, Role, SessionId, UserId};

use super::{fixture::House, people::new_session};
use crate::{NewPasskey, NewSession, Person, Shown, Store, StoreError, TokenHash, Totp};

async fn begin(h: &House<'_>, session: &NewSession) {
    let mut work = h.begin().await;
    work.add_session(session).await.unwrap();
    work.commit().await.unwrap();
}

/// Their owner sees sessions newest first and ends one, or all others; nobody else's.
pub async fn sessions_are_seen_and_ended_by_their_owner(store: &dyn Store) {
    let h = House::new(store);
    let user = h.person("many", Role::Coach).await;
    let stranger = h.person("stranger", Role::Coach).await;
    let mut all = Vec::new();
    for (n, user) in [(1, user), (2, user), (3, user), (4, stranger)] {
        let new = NewSession {
            created_at: h.later(i64::from(n)),
            shown: Shown::TwoSteps,
            ..new_session(&h, user, n, Role::Coach)
        };
        begin(&h, &new).await;
        all.push(new);
    }
    let own = |h: &House<'_>| (h.later(5), h.later(-5));
    let mut work = h.begin().await;
    let (now, idle) = own(&h);
    let seen = work.sessions_of(user, now, idle).await.unwrap();
    let ids: Vec<_> = seen.iter().map(|s| s.id).collect();
    assert_eq!(ids, [all[2].id, all[1].id, all[0].id]);
    assert_eq!((seen[0].shown, seen[0].device.as_str()), (Shown::TwoSteps, "Firefox on Linux"));
    assert_eq!((seen[0].role, seen[0].created_at), (Role::Coach, h.later(3)));
    assert_eq!(work.sessions_of(user, h.later(1_000), idle).await.unwrap(), [], "they expired");
    assert_eq!(work.sessions_of(user, now, h.later(4)).await.unwrap(), [], "they were idle");

    assert!(!work.end_session(user, all[3].id).await.unwrap(), "that is somebody else's");
    assert!(!work.end_session(user, SessionId::mint(&h.ids)).await.unwrap());
    assert!(work.end_session(user, all[0].id).await.unwrap());
    assert_eq!(work.end_sessions(user, Some(&all[1].token)).await.unwrap(), 1);
    let left = work.sessions_of(user, now, idle).await.unwrap();
    assert_eq!(left.iter().map(|s| s.id).collect::<Vec<_>>(), [all[1].id]);
    assert_eq!(work.end_sessions(user, None).await.unwrap(), 1);
    assert_eq!(work.sessions_of(stranger, now, idle).await.unwrap().len(), 1);
}

/// Of a person's sessions the newest stay, and the one that was just begun in any case.
pub async fn the_oldest_sessions_give_way(store: &dyn Store) {
    let h = House::new(store);
    let user = h.person("many", Role::Coach).await;
    for n in 1..=5 {
        let new = NewSession {
            created_at: h.later(i64::from(n)),
            ..new_session(&h, user, n, Role::Coach)
        };
        begin(&h, &new).await;
    }
    let mut work = h.begin().await;
    work.keep_newest_sessions(user, &TokenHash([1; 32]), 3).await.unwrap();
    let (now, idle) = (h.later(6), h.later(-6));
    for (n, stays) in [(1, true), (2, false), (3, false), (4, true), (5, true)] {
        let found = work.session(&TokenHash([n; 32]), now, idle).await.unwrap();
        assert_eq!(found.is_some(), stays, "{n}");
    }
}

/// Showing anew who one is changes this session and no other; whether there is a second step is known.
pub async fn a_session_knows_what_was_shown(store: &dyn Store) {
    let h = House::new(store);
    let user = h.person("shows", Role::Coach).await;
    let (one, other) =
        (new_session(&h, user, 1, Role::Coach), new_session(&h, user, 2, Role::Coach));
    begin(&h, &one).await;
    begin(&h, &other).await;
    let mut work = h.begin().await;
    work.elevate_session(&one.token, h.later(600), Shown::Passkey).await.unwrap();
    let found = work.session(&one.token, h.now(), h.now()).await.unwrap().unwrap();
    assert_eq!((found.id, found.elevated_until), (one.id, Some(h.later(600))));
    assert_eq!((found.shown, found.second_step), (Shown::Passkey, false));
    let found = work.session(&other.token, h.now(), h.now()).await.unwrap().unwrap();
    assert_eq!((found.elevated_until, found.shown), (None, Shown::Passphrase));

    assert!(work.begin_totp(user, b"sealed", h.now()).await.unwrap());
    let found = work.session(&one.token, h.now(), h.now()).await.unwrap().unwrap();
    assert!(!found.second_step, "no code was typed yet");
    assert!(work.confirm_totp(user, 7, h.now()).await.unwrap());
    let found = work.session(&one.token, h.now(), h.now()).await.unwrap().unwrap();
    assert!(found.second_step);
}

/// Who is let in no more is out at the next question, cannot be chosen, and may come back.
pub async fn a_disabled_person_is_out_at_once(store: &dyn Store) {
    let h = House::new(store);
    let user = h.person("leaver", Role::Coach).await;
    let session = new_session(&h, user, 1, Role::Coach);
    begin(&h, &session).await;
    let disabled = |person: Option<Person>| person.unwrap().disabled;
    let mut work = h.begin().await;
    assert!(work.set_disabled(user, Some(h.now())).await.unwrap());
    assert!(!work.set_disabled(UserId::mint(&h.ids), Some(h.now())).await.unwrap());
    assert_eq!(work.session(&session.token, h.now(), h.now()).await.unwrap(), None);
    assert!(disabled(work.person(user).await.unwrap()));
    assert_eq!(work.people_with(Role::Coach).await.unwrap(), []);
    // Even a session that somebody begins all the same opens nothing.
    work.add_session(&session).await.unwrap();
    assert_eq!(work.session(&session.token, h.now(), h.now()).await.unwrap(), None);

    assert!(work.set_disabled(user, None).await.unwrap());
    assert!(!disabled(work.person(user).await.unwrap()));
    assert!(work.session(&session.token, h.now(), h.now()).await.unwrap().is_some());
    assert_eq!(work.people_with(Role::Coach).await.unwrap().len(), 1);
}

/// Roles are given and taken; sessions in a role that was taken away end, others stay.
pub async fn a_role_that_is_taken_away_ends_its_sessions(store: &dyn Store) {
    let h = House::new(store);
    let person = h.new_person("hats", "Hats", &[Role::Researcher, Role::Coach]);
    let mut work = h.begin().await;
    work.add_person(&person).await.unwrap();
    work.commit().await.unwrap();
    let researching = new_session(&h, person.id, 1, Role::Researcher);
    let coaching = new_session(&h, person.id, 2, Role::Coach);
    begin(&h, &researching).await;
    begin(&h, &coaching).await;

    let mut work = h.begin().await;
    work.set_roles(person.id, &[Role::Coach, Role::LineManager]).await.unwrap();
    let now = work.person(person.id).await.unwrap().unwrap();
    assert_eq!(now.roles, [Role::Coach, Role::LineManager]);
    assert_eq!(work.session(&researching.token, h.now(), h.now()).await.unwrap(), None);
    assert!(work.session(&coaching.token, h.now(), h.now()).await.unwrap().is_some());
}

/// A person's passphrase is theirs to change; sessions are the caller's business.
pub async fn a_passphrase_is_changed_by_its_owner(store: &dyn Store) {
    let h = House::new(store);
    let user = h.person("changes", Role::Coach).await;
    let session = new_session(&h, user, 1, Role::Coach);
    begin(&h, &session).await;
    let mut work = h.begin().await;
    work.change_passphrase(user, "another").await.unwrap();
    assert_eq!(work.passphrase_of(user).await.unwrap().as_deref(), Some("another"));
    assert_eq!(work.passphrase_of(UserId::mint(&h.ids)).await.unwrap(), None);
    assert!(work.session(&session.token, h.now(), h.now()).await.unwrap().is_some());
}

/// An app counts once a code was typed; each step's code is taken once, and none of before.
pub async fn the_code_of_a_step_is_taken_once(store: &dyn Store) {
    let h = House::new(store);
    let user = h.person("app", Role::Coach).await;
    let totp = |secret: &[u8], confirmed| Some(Totp { secret: secret.to_vec(), confirmed });
    let mut work = h.begin().await;
    assert!(work.begin_totp(user, b"one", h.now()).await.unwrap());
    assert!(work.begin_totp(user, b"two", h.now()).await.unwrap(), "begun anew");
    assert_eq!(work.second_steps(user).await.unwrap().totp, totp(b"two", false));
    assert!(!work.use_totp(user, 6).await.unwrap(), "it does not count yet");
    assert!(work.confirm_totp(user, 7, h.now()).await.unwrap());
    assert!(!work.confirm_totp(user, 9, h.now()).await.unwrap());
    assert!(!work.begin_totp(user, b"three", h.now()).await.unwrap(), "nobody changes it");
    assert_eq!(work.second_steps(user).await.unwrap().totp, totp(b"two", true));
    for (step, taken) in [(7, false), (8, true), (8, false), (7, false), (10, true), (9, false)] {
        assert_eq!(work.use_totp(user, step).await.unwrap(), taken, "{step}");
    }
    assert!(work.remove_totp(user).await.unwrap());
    assert!(!work.remove_totp(user).await.unwrap());
    assert_eq!(work.second_steps(user).await.unwrap().totp, None);
}

/// Of many who take the same code at the same moment, one has it.
pub async fn a_code_taken_by_many_at_once_is_taken_by_one(store: &dyn Store) {
    let h = House::new(store);
    let user = h.person("race", Role::Coach).await;
    let mut work = h.begin().await;
    work.begin_totp(user, b"sealed", h.now()).await.unwrap();
    work.confirm_totp(user, 1, h.now()).await.unwrap();
    work.set_recovery_codes(user, &[TokenHash([1; 32])]).await.unwrap();
    work.commit().await.unwrap();
    let tries = join_all((0..16).map(|_| async {
        let mut work = h.begin().await;
        let code = work.use_totp(user, 2).await.unwrap();
        let recovery = work.use_recovery_code(user, &TokenHash([1; 32]), h.now()).await.unwrap();
        work.commit().await.unwrap();
        (u32::from(code), u32::from(recovery))
    }));
    let won = tries.await.into_iter().fold((0, 0), |(a, b), (c, r)| (a + c, b + r));
    assert_eq!(won, (1, 1));
}

/// Recovery codes are their owner's, are taken once, and are replaced all together.
pub async fn recovery_codes_are_taken_once(store: &dyn Store) {
    let h = House::new(store);
    let user = h.person("careful", Role::Coach).await;
    let other = h.person("other", Role::Coach).await;
    let code = |n| TokenHash([n; 32]);
    let mut work = h.begin().await;
    work.set_recovery_codes(user, &[code(1), code(2)]).await.unwrap();
    assert_eq!(work.second_steps(user).await.unwrap().recovery_codes, 2);
    assert!(!work.use_recovery_code(other, &code(1), h.now()).await.unwrap());
    assert!(work.use_recovery_code(user, &code(1), h.now()).await.unwrap());
    assert!(!work.use_recovery_code(user, &code(1), h.now()).await.unwrap());
    assert_eq!(work.second_steps(user).await.unwrap().recovery_codes, 1);
    work.set_recovery_codes(user, &[code(3)]).await.unwrap();
    assert!(!work.use_recovery_code(user, &code(2), h.now()).await.unwrap());
    assert!(work.use_recovery_code(user, &code(3), h.now()).await.unwrap());
}

/// A passkey is found by its authenticator's name for it, counts upwards or not at all, and is its owner's.
pub async fn passkeys_are_kept_and_count_upwards(store: &dyn Store) {
    let h = House::new(store);
    let user = h.person("key", Role::Coach).await;
    let other = h.person("other", Role::Coach).await;
    let new = |n: u8, counter| NewPasskey {
        id: PasskeyId::mint(&h.ids),
        user,
        credential: vec![n; 20],
        data: "{}".to_owned(),
        counter,
        name: format!("key {n}"),
        created_at: h.later(i64::from(n)),
    };
    let (counting, zero) = (new(1, 5), new(2, 0));
    let mut work = h.begin().await;
    work.add_passkey(&zero).await.unwrap();
    work.add_passkey(&counting).await.unwrap();
    work.commit().await.unwrap();
    let again = h.begin().await.add_passkey(&new(1, 9)).await.unwrap_err();
    assert!(matches!(again, StoreError::Conflict { what: "passkey.credential" }), "{again:?}");

    let mut work = h.begin().await;
    let found = work.passkey_by_credential(&[1; 20]).await.unwrap().unwrap();
    assert_eq!((found.id, found.user, found.name.as_str()), (counting.id, user, "key 1"));
    assert_eq!(work.passkey_by_credential(&[9; 20]).await.unwrap(), None);
    for (counter, counts) in [(5, false), (4, false), (6, true), (6, false), (0, false)] {
        let used = work.use_passkey(counting.id, "{1}", counter, h.later(9)).await.unwrap();
        assert_eq!(used, counts, "{counter}");
    }
    assert!(work.use_passkey(zero.id, "{}", 0, h.now()).await.unwrap());
    assert!(work.use_passkey(zero.id, "{}", 0, h.now()).await.unwrap(), "it counts nothing");
    let keys = work.second_steps(user).await.unwrap().passkeys;
    assert_eq!(keys.iter().map(|k| k.id).collect::<Vec<_>>(), [counting.id, zero.id]);
    assert_eq!((keys[0].data.as_str(), keys[0].last_used_at), ("{1}", Some(h.later(9))));

    assert!(!work.remove_passkey(other, zero.id).await.unwrap());
    assert!(work.remove_passkey(user, zero.id).await.unwrap());
    assert_eq!(work.second_steps(user).await.unwrap().passkeys.len(), 1);
}
