//! People, sessions, sign-in attempts.

use hearback_domain::{Login, Role, SessionId, UserId};

use super::fixture::House;
use crate::{NewPerson, NewSession, Person, Shown, SignInFailures, Store, StoreError, TokenHash};

fn as_read(new: &NewPerson, roles: &[Role]) -> Person {
    Person {
        id: new.id,
        login: new.login.clone(),
        name: new.name.clone(),
        roles: roles.to_vec(),
        created_at: new.created_at,
        disabled: false,
    }
}

/// A person comes back as they went in, roles in the order of the domain.
pub async fn people_come_back_as_they_went_in(store: &dyn Store) {
    let h = House::new(store);
    let new = h.new_person(
        "Noor.Ünal@x".replace('Ü', "u").as_str(),
        "Noor Ünal",
        &[Role::SysAdmin, Role::Researcher, Role::Practitioner, Role::Coach],
    );
    let plain = h.new_person("plain", "Plain", &[Role::Dpo]);
    let mut work = h.begin().await;
    assert!(!work.needs_keys().await.unwrap());
    work.add_person(&new).await.unwrap();
    assert!(work.needs_keys().await.unwrap());
    work.add_person(&plain).await.unwrap();
    work.commit().await.unwrap();

    let person =
        as_read(&new, &[Role::Practitioner, Role::Researcher, Role::Coach, Role::SysAdmin]);
    let mut work = h.begin().await;
    assert_eq!(work.person(new.id).await.unwrap(), Some(person.clone()));
    assert_eq!(
        work.person_by_login(&Login::new("NOOR.unal@x").unwrap()).await.unwrap(),
        Some((person, new.password_hash))
    );
    assert_eq!(work.person_by_login(&Login::new("noor").unwrap()).await.unwrap(), None);
    assert_eq!(work.person(UserId::mint(&h.ids)).await.unwrap(), None);
}

/// A second person of the same sign-in name is a conflict, not a failure.
pub async fn sign_in_names_are_unique(store: &dyn Store) {
    let h = House::new(store);
    h.person("twice", Role::Coach).await;
    let mut work = h.begin().await;
    let again = h.new_person("TWICE", "Somebody else", &[Role::Dpo]);
    let error = work.add_person(&again).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict { what: "person.login" }), "{error:?}");
}

/// Everybody by sign-in name; those of a role by name, ties by id. Upper case sorts before lower case on both.
pub async fn people_are_listed_in_order(store: &dyn Store) {
    let h = House::new(store);
    let mut work = h.begin().await;
    let mut coaches = Vec::new();
    for (login, name, role) in [
        ("m-3", "zoe", Role::Coach),
        ("b.2", "Zoe", Role::Coach),
        ("z", "Ada", Role::Researcher),
        ("m_1", "Ida", Role::Coach),
        ("a", "Ida", Role::Coach),
        ("m.9", "Ida", Role::Coach),
    ] {
        let new = h.new_person(login, name, &[role, Role::Dpo]);
        work.add_person(&new).await.unwrap();
        if role == Role::Coach {
            coaches.push((new.name.clone(), new.id));
        }
    }
    work.commit().await.unwrap();
    coaches.sort();

    let mut work = h.begin().await;
    let logins: Vec<_> =
        work.people().await.unwrap().into_iter().map(|p| p.login.to_string()).collect();
    assert_eq!(logins, ["a", "b.2", "m-3", "m.9", "m_1", "z"]);
    let found = work.people_with(Role::Coach).await.unwrap();
    assert!(found.iter().all(|p| p.roles == [Role::Coach, Role::Dpo]), "all of their roles");
    let found: Vec<_> = found.into_iter().map(|p| (p.name, p.id)).collect();
    assert_eq!(found, coaches);
    assert_eq!(work.people_with(Role::SysAdmin).await.unwrap(), []);
}

pub(super) fn new_session(h: &House<'_>, user: UserId, token: u8, role: Role) -> NewSession {
    NewSession {
        id: SessionId::mint(&h.ids),
        token: TokenHash([token; 32]),
        user,
        role,
        created_at: h.now(),
        expires_at: h.later(1_000),
        elevated_until: None,
        shown: Shown::Passphrase,
        device: "Firefox on Linux".to_owned(),
    }
}

/// A session is found by its token alone, changes its role, and is gone once removed.
pub async fn sessions_begin_change_and_end(store: &dyn Store) {
    let h = House::new(store);
    let person = h.new_person("two", "Two Hats", &[Role::Researcher, Role::Coach]);
    let new = new_session(&h, person.id, 7, Role::Researcher);
    let other = new_session(&h, person.id, 3, Role::Researcher);
    let idle = h.later(-10);
    let mut work = h.begin().await;
    work.add_person(&person).await.unwrap();
    work.add_session(&new).await.unwrap();
    work.add_session(&other).await.unwrap();
    work.commit().await.unwrap();

    let mut work = h.begin().await;
    let session = work.session(&new.token, h.now(), idle).await.unwrap().unwrap();
    assert_eq!(session.person, as_read(&person, &[Role::Researcher, Role::Coach]));
    assert_eq!(
        (session.role, session.last_seen_at, session.expires_at),
        (Role::Researcher, h.now(), h.later(1_000))
    );
    assert_eq!(work.session(&TokenHash([8; 32]), h.now(), idle).await.unwrap(), None);

    work.set_session_role(&new.token, Role::Coach).await.unwrap();
    let role = |session: Option<crate::Session>| session.map(|s| s.role);
    assert_eq!(role(work.session(&new.token, h.now(), idle).await.unwrap()), Some(Role::Coach));
    assert_eq!(
        role(work.session(&other.token, h.now(), idle).await.unwrap()),
        Some(Role::Researcher),
        "another session of the same person keeps its hat"
    );

    work.remove_session(&new.token).await.unwrap();
    work.remove_session(&new.token).await.unwrap();
    assert_eq!(work.session(&new.token, h.now(), idle).await.unwrap(), None);
    assert!(work.session(&other.token, h.now(), idle).await.unwrap().is_some());
}

/// A session ends when it expires, and when nobody used it for a while.
pub async fn sessions_end_by_time(store: &dyn Store) {
    let h = House::new(store);
    let user = h.person("sleepy", Role::Coach).await;
    let (new, other) =
        (new_session(&h, user, 9, Role::Coach), new_session(&h, user, 4, Role::Coach));
    let mut work = h.begin().await;
    work.add_session(&new).await.unwrap();
    work.add_session(&other).await.unwrap();

    let token = &new.token;
    let begun = h.now();
    assert!(work.session(token, h.later(999), begun).await.unwrap().is_some());
    assert!(work.session(token, h.later(1_000), begun).await.unwrap().is_none(), "it expired");
    assert!(work.session(token, begun, h.later(1)).await.unwrap().is_none(), "it was idle");

    work.touch_session(token, h.later(60)).await.unwrap();
    let session = work.session(token, h.later(60), h.later(1)).await.unwrap().unwrap();
    assert_eq!((session.last_seen_at, session.expires_at), (h.later(60), h.later(1_000)));
    let untouched = work.session(&other.token, h.later(60), begun).await.unwrap().unwrap();
    assert_eq!(untouched.last_seen_at, begun, "another session stays idle");
    work.touch_session(token, h.later(30)).await.unwrap();
    let session = work.session(token, h.later(60), h.later(60)).await.unwrap();
    assert!(session.is_some(), "a late note of an earlier use takes nothing back");
}

/// A new passphrase takes the place of the old one and ends the person's sessions, and nobody else's.
pub async fn a_new_passphrase_ends_sessions(store: &dyn Store) {
    let h = House::new(store);
    let (person, other) = (
        h.new_person("forgetful", "For Getful", &[Role::Coach]),
        h.new_person("other", "An Other", &[Role::Coach]),
    );
    let (session, others) =
        (new_session(&h, person.id, 5, Role::Coach), new_session(&h, other.id, 6, Role::Coach));
    let mut work = h.begin().await;
    for (person, session) in [(&person, &session), (&other, &others)] {
        work.add_person(person).await.unwrap();
        work.add_session(session).await.unwrap();
    }
    work.commit().await.unwrap();

    let mut work = h.begin().await;
    assert!(work.set_password(&person.login, "another hash").await.unwrap());
    let nobody = Login::new("nobody").unwrap();
    assert!(!work.set_password(&nobody, "another hash").await.unwrap());
    work.commit().await.unwrap();

    let mut work = h.begin().await;
    let hash = |found: Option<(Person, String)>| found.unwrap().1;
    assert_eq!(hash(work.person_by_login(&person.login).await.unwrap()), "another hash");
    assert_eq!(hash(work.person_by_login(&other.login).await.unwrap()), other.password_hash);
    assert_eq!(work.session(&session.token, h.now(), h.now()).await.unwrap(), None);
    assert!(work.session(&others.token, h.now(), h.now()).await.unwrap().is_some());
}

/// A session in a role that the person does not have is impossible.
pub async fn nobody_wears_a_hat_that_is_not_theirs(store: &dyn Store) {
    let h = House::new(store);
    let user = h.person("coach", Role::Coach).await;
    let own = new_session(&h, user, 1, Role::Coach);
    let mut work = h.begin().await;
    work.add_session(&own).await.unwrap();
    work.commit().await.unwrap();

    let foreign = new_session(&h, user, 2, Role::SysAdmin);
    assert!(h.begin().await.add_session(&foreign).await.is_err());
    assert!(h.begin().await.set_session_role(&own.token, Role::SysAdmin).await.is_err());
    let session = h.begin().await.session(&own.token, h.now(), h.now()).await.unwrap().unwrap();
    assert_eq!(session.role, Role::Coach);
}

/// Failures are counted by name, whether or not anybody has it, and forgotten after a success.
pub async fn failed_sign_ins_are_counted(store: &dyn Store) {
    let h = House::new(store);
    let (one, other) = ("nobody-has-this", "other");
    let mut work = h.begin().await;
    assert_eq!(work.sign_in_failures(one).await.unwrap(), SignInFailures::default());
    for seconds in [0, 5, 9] {
        let before = work.sign_in_failures(one).await.unwrap();
        assert!(work.count_sign_in_try(one, before, h.later(seconds)).await.unwrap());
        let late = work.count_sign_in_try(one, before, h.later(seconds)).await.unwrap();
        assert!(!late, "somebody else counted since");
    }
    let none = SignInFailures::default();
    assert!(work.count_sign_in_try(other, none, h.later(2)).await.unwrap());
    work.commit().await.unwrap();

    let mut work = h.begin().await;
    assert_eq!(
        work.sign_in_failures(one).await.unwrap(),
        SignInFailures { count: 3, last_at: Some(h.later(9)) }
    );
    work.clear_sign_in_failures(one).await.unwrap();
    assert_eq!(work.sign_in_failures(one).await.unwrap(), SignInFailures::default());
    assert_eq!(work.sign_in_failures(other).await.unwrap().count, 1);
}
