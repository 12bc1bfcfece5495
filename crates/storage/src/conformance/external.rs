//! Identities at providers, attempts, links, and sessions that a provider may end.

use hearback_domain::{Role, SessionId, UserId};

use super::fixture::House;
use crate::{
    Attempt, Connected, Errand, ExternalIdentity, NewAttempt, NewLink, NewSession, Shown, Store,
    StoreError, TokenHash, Work,
};

const ISSUER: &str = "https://id.example/realms/council";

fn identity(subject: &str) -> ExternalIdentity {
    ExternalIdentity { issuer: ISSUER.to_owned(), subject: subject.to_owned() }
}

fn is_conflict(result: &Result<(), StoreError>) -> bool {
    matches!(result, Err(StoreError::Conflict { what: "external_identity" }))
}

/// An identity belongs to one person, a person has one of each issuer, and both differ by every letter.
pub async fn an_identity_is_one_persons(store: &dyn Store) {
    let h = House::new(store);
    let (one, other) = (h.person("one", Role::Coach).await, h.person("other", Role::Coach).await);
    let mut work = h.begin().await;
    work.connect(one, &identity("abc"), h.now()).await.unwrap();
    work.commit().await.unwrap();

    assert!(is_conflict(&h.begin().await.connect(other, &identity("abc"), h.now()).await));
    assert!(is_conflict(&h.begin().await.connect(one, &identity("def"), h.now()).await));

    let elsewhere = ExternalIdentity { issuer: format!("{ISSUER}/"), ..identity("abc") };
    let mut work = h.begin().await;
    for nobody in [identity("ABC"), identity("abc "), identity(""), elsewhere.clone()] {
        assert_eq!(work.person_by_identity(&nobody).await.unwrap(), None, "{nobody:?}");
    }
    let found = work.person_by_identity(&identity("abc")).await.unwrap().unwrap();
    assert_eq!((found.id, found.roles), (one, vec![Role::Coach]));

    work.connect(one, &elsewhere, h.later(5)).await.unwrap();
    assert_eq!(
        work.identities(one).await.unwrap(),
        [
            Connected { identity: identity("abc"), since: h.now() },
            Connected { identity: elsewhere, since: h.later(5) },
        ]
    );
    assert!(work.disconnect(one, ISSUER).await.unwrap());
    assert!(!work.disconnect(one, ISSUER).await.unwrap());
    assert_eq!(work.identities(one).await.unwrap().len(), 1);
    work.connect(other, &identity("abc"), h.now()).await.unwrap();
    assert_eq!(work.person_by_identity(&identity("abc")).await.unwrap().unwrap().id, other);
}

fn attempt(h: &House<'_>, browser: u8, errand: Errand) -> NewAttempt {
    NewAttempt {
        browser: TokenHash([browser; 32]),
        errand,
        next: "/help".to_owned(),
        created_at: h.now(),
        expires_at: h.later(600),
    }
}

/// An attempt comes back as it set out, once, in the same browser, in time.
pub async fn an_attempt_comes_back_once(store: &dyn Store) {
    let h = House::new(store);
    let secret = TokenHash([9; 32]);
    let errands = [
        Errand::SignIn,
        Errand::Link(secret),
        Errand::Invitation(secret),
        Errand::Connect(secret),
        Errand::Confirm(secret),
    ];
    let mut work = h.begin().await;
    for (browser, errand) in (1..).zip(errands) {
        work.add_attempt(&attempt(&h, browser, errand)).await.unwrap();
    }
    for (browser, errand) in (1..).zip(errands) {
        let browser = TokenHash([browser; 32]);
        let found = work.take_attempt(&browser, h.later(599)).await.unwrap();
        let expected = Attempt { errand, next: "/help".to_owned(), created_at: h.now() };
        assert_eq!(found, Some(expected));
        assert_eq!(work.take_attempt(&browser, h.later(599)).await.unwrap(), None, "once");
    }
    let late = attempt(&h, 7, Errand::SignIn);
    work.add_attempt(&late).await.unwrap();
    assert_eq!(work.take_attempt(&TokenHash([8; 32]), h.now()).await.unwrap(), None);
    assert_eq!(work.take_attempt(&late.browser, h.later(600)).await.unwrap(), None, "too late");

    // The next one that sets out sweeps up what is over.
    let after = NewAttempt { created_at: h.later(600), ..attempt(&h, 6, Errand::SignIn) };
    work.add_attempt(&after).await.unwrap();
    assert_eq!(work.take_attempt(&late.browser, h.now()).await.unwrap(), None);
}

/// A link is used once, in time, at its own provider, and a newer one takes its place.
pub async fn a_link_is_used_once(store: &dyn Store) {
    let h = House::new(store);
    let person = h.person("linked", Role::Coach).await;
    let link = |token| NewLink {
        token: TokenHash([token; 32]),
        person,
        issuer: ISSUER.to_owned(),
        created_at: h.now(),
        expires_at: h.later(100),
    };
    let mut work = h.begin().await;
    work.add_link(&link(1)).await.unwrap();
    work.add_link(&link(2)).await.unwrap();
    let (old, new) = (TokenHash([1; 32]), TokenHash([2; 32]));
    assert_eq!(work.take_link(&old, ISSUER, h.now()).await.unwrap(), None);
    assert_eq!(work.take_link(&new, "https://other.example", h.now()).await.unwrap(), None);
    assert_eq!(work.take_link(&new, ISSUER, h.later(100)).await.unwrap(), None, "too late");
    assert_eq!(work.take_link(&new, ISSUER, h.later(99)).await.unwrap(), Some(person));
    assert_eq!(work.take_link(&new, ISSUER, h.later(99)).await.unwrap(), None, "once");
}

async fn begin_session(h: &House<'_>, work: &mut dyn Work, user: UserId, token: u8) {
    let session = NewSession {
        id: SessionId::mint(&h.ids),
        token: TokenHash([token; 32]),
        user,
        role: Role::Coach,
        created_at: h.now(),
        expires_at: h.later(1_000),
        elevated_until: None,
        shown: Shown::SingleSignOn,
        device: "Firefox on Linux".to_owned(),
    };
    work.add_session(&session).await.unwrap();
}

async fn lives(h: &House<'_>, work: &mut dyn Work, token: u8) -> bool {
    work.session(&TokenHash([token; 32]), h.now(), h.now()).await.unwrap().is_some()
}

/// By subject, by the provider's session, by both; never anybody else's, and never one that it did not begin.
pub async fn a_provider_ends_the_sessions_it_began(store: &dyn Store) {
    let h = House::new(store);
    let person = h.person("both", Role::Coach).await;
    let begin = async |work: &mut dyn Work, person: UserId, sid: Option<&str>, token: u8| {
        begin_session(&h, work, person, token).await;
        let token = TokenHash([token; 32]);
        work.mark_external_session(&token, &identity("abc"), sid).await.unwrap();
    };
    let mut work = h.begin().await;
    begin(&mut *work, person, Some("one"), 1).await;
    begin(&mut *work, person, Some("two"), 2).await;
    begin(&mut *work, person, None, 3).await;
    begin_session(&h, &mut *work, person, 4).await;

    for (issuer, subject, sid) in [
        (ISSUER, None, None),
        (ISSUER, Some("abd"), None),
        (ISSUER, Some("abd"), Some("one")),
        (ISSUER, None, Some("three")),
        ("https://other.example", Some("abc"), None),
        ("https://other.example", None, Some("one")),
    ] {
        let ended = work.end_external_sessions(issuer, subject, sid).await.unwrap();
        assert_eq!(ended, 0, "{issuer} {subject:?} {sid:?}");
    }
    assert_eq!(work.end_external_sessions(ISSUER, None, Some("one")).await.unwrap(), 1);
    assert!(!lives(&h, &mut *work, 1).await);
    let both = work.end_external_sessions(ISSUER, Some("abc"), Some("two")).await.unwrap();
    assert_eq!(both, 2, "the one without a name of the provider's too");
    begin(&mut *work, person, Some("five"), 5).await;
    assert_eq!(work.end_external_sessions(ISSUER, Some("abc"), None).await.unwrap(), 1);
    assert!(!lives(&h, &mut *work, 5).await);
    assert!(lives(&h, &mut *work, 4).await, "begun with a passphrase");
}

/// A logout token is taken once for each issuer, and forgotten when its time is over.
pub async fn a_logout_is_taken_once(store: &dyn Store) {
    let h = House::new(store);
    let mut work = h.begin().await;
    assert!(work.take_logout(ISSUER, "j1", h.now(), h.later(60)).await.unwrap());
    assert!(!work.take_logout(ISSUER, "j1", h.later(59), h.later(90)).await.unwrap());
    assert!(work.take_logout(ISSUER, "j2", h.now(), h.later(60)).await.unwrap());
    let other = "https://other.example";
    assert!(work.take_logout(other, "j1", h.now(), h.later(60)).await.unwrap());
    assert!(work.take_logout(ISSUER, "j1", h.later(60), h.later(90)).await.unwrap());
}
