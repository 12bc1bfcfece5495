//! Real names and their keys.

use hearback_access::{LinkIdentity, ManageIdentityKey, RevealIdentity};
use hearback_domain::{IdentityKeyId, PersonId, Role};

use super::fixture::House;
use crate::{NewIdentityKey, SealedName, Store};

fn new_key(h: &House<'_>, public: &str) -> NewIdentityKey {
    NewIdentityKey {
        id: IdentityKeyId::mint(&h.ids),
        public: public.to_owned(),
        locked: format!("locked half of {public}"),
    }
}

/// There is one key at a time, and a new one takes the place of the one that was looked at.
pub async fn a_key_for_names_takes_the_place_of_the_one_before(store: &dyn Store) {
    let h = House::new(store);
    let dpo = h.person("dana", Role::Dpo).await;
    let cx = h.cx(dpo, Role::Dpo).elevated(true);
    let (mut work, permit) = h.ask::<ManageIdentityKey>(cx, ()).await;
    assert_eq!(work.identity_key(&permit).await.unwrap(), None);
    let (first, second) = (new_key(&h, "first"), new_key(&h, "second"));
    assert!(!work.add_identity_key(&permit, &first, Some(second.id)).await.unwrap());
    assert!(work.add_identity_key(&permit, &first, None).await.unwrap());
    assert!(!work.add_identity_key(&permit, &second, None).await.unwrap(), "there is one");
    let key = work.identity_key(&permit).await.unwrap().unwrap();
    assert_eq!((key.id, &*key.public, &*key.locked), (first.id, "first", "locked half of first"));
    assert_eq!(key.made_at, h.now());
    assert!(work.add_identity_key(&permit, &second, Some(first.id)).await.unwrap());
    assert_eq!(work.identity_key(&permit).await.unwrap().unwrap().id, second.id);
    work.commit().await.unwrap();
}

/// A name is kept for somebody who is heard, replaced, moved to another key, and given out sealed.
pub async fn names_are_kept_sealed(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let dpo = h.person("dana", Role::Dpo).await;
    let new = h.details("Robin", &[]);
    h.begin_recording(cast.owner, &new).await;
    let (worker, mum) = (new.parties[0].id, new.parties[1].id);
    let manage = h.cx(dpo, Role::Dpo).elevated(true);
    let owner = h.cx(cast.owner, Role::Practitioner);

    let (mut work, link) = h.ask::<LinkIdentity>(owner, new.id).await;
    assert_eq!(work.identity_recipient(&link).await.unwrap(), None);
    work.commit().await.unwrap();
    let (mut work, permit) = h.ask::<ManageIdentityKey>(manage, ()).await;
    let (first, second) = (new_key(&h, "first"), new_key(&h, "second"));
    assert!(work.add_identity_key(&permit, &first, None).await.unwrap());
    work.commit().await.unwrap();

    let (mut work, link) = h.ask::<LinkIdentity>(owner, new.id).await;
    let recipient = Some((first.id, "first".to_owned()));
    assert_eq!(work.identity_recipient(&link).await.unwrap(), recipient);
    assert!(work.link_name(&link, mum, first.id, "sealed once").await.unwrap());
    assert!(work.link_name(&link, mum, first.id, "sealed twice").await.unwrap());
    let nobody = PersonId::mint(&h.ids);
    assert!(!work.link_name(&link, nobody, first.id, "sealed").await.unwrap());
    let heard = work.heard_people(&link).await.unwrap();
    let ids: Vec<_> = heard.iter().map(|p| (p.person, p.linked_at.is_some())).collect();
    assert_eq!(ids, [(worker, false), (mum, true)], "in the order in which they were given");
    assert_eq!((heard[1].label.as_str(), heard[1].kind), ("Mum", new.parties[1].kind));
    work.commit().await.unwrap();

    let (mut work, permit) = h.ask::<ManageIdentityKey>(manage, ()).await;
    assert!(work.add_identity_key(&permit, &second, Some(first.id)).await.unwrap());
    let name = SealedName {
        recording: new.id,
        person: mum,
        key: first.id,
        sealed: Some("sealed twice".to_owned()),
    };
    assert_eq!(work.names_under(&permit, first.id).await.unwrap(), std::slice::from_ref(&name));
    assert_eq!(work.names_under(&permit, second.id).await.unwrap(), []);
    let moved = SealedName { key: second.id, sealed: Some("anew".to_owned()), ..name };
    work.reseal_name(&permit, &moved).await.unwrap();
    assert_eq!(work.names_under(&permit, second.id).await.unwrap(), std::slice::from_ref(&moved));
    work.commit().await.unwrap();

    let (mut work, reveal) = h.ask::<RevealIdentity>(manage, new.id).await;
    let names = work.names_of(&reveal).await.unwrap().unwrap();
    assert_eq!(names.pseudonym.as_str(), "Robin");
    assert_eq!(names.heard.len(), 2);
    assert_eq!(names.names, [moved]);
    let keys: Vec<_> = names.keys.iter().map(|k| k.id).collect();
    assert_eq!(keys, [second.id], "only those that open something here");
    work.commit().await.unwrap();
    let refused = h.refusal::<RevealIdentity>(owner, new.id).await;
    assert!(refused.is_some(), "whoever noted a name does not read it back");
}
