//! Frameworks and their versions.

use hearback_access::{Cx, ManageFrameworks, SeeFrameworks};
use hearback_domain::{
    BUILT_IN_FRAMEWORK, Framework, FrameworkId, Mapping, Measure, Role, policy::Refusal,
};

use super::fixture::House;
use crate::{FrameworkVersion, NewFramework, Store, StoreError, VersionState};

async fn researcher(h: &House<'_>) -> Cx {
    let user = h.person("rowan", Role::Researcher).await;
    h.cx(user, Role::Researcher)
}

fn new(h: &House<'_>, short: &str) -> NewFramework {
    let mut body = Framework::empty("Counts — 数え", "Our own words");
    body.add_area("What is counted").unwrap();
    body.add_skill("what_is_counted", "Open question", Measure::Count).unwrap();
    NewFramework { id: FrameworkId::mint(&h.ids), short: short.to_owned(), body }
}

async fn all(h: &House<'_>, cx: Cx) -> Vec<FrameworkVersion> {
    let (mut work, see) = h.ask::<SeeFrameworks>(cx, ()).await;
    work.frameworks(&see).await.unwrap()
}

async fn add(h: &House<'_>, cx: Cx, new: &NewFramework) {
    let (mut work, manage) = h.ask::<ManageFrameworks>(cx, ()).await;
    work.add_framework(&manage, new).await.unwrap();
    work.commit().await.unwrap();
}

/// The version that comes with the service is there from the start, as the domain wrote it, and is what codings take.
pub async fn the_first_framework_is_there_and_taken(store: &dyn Store) {
    let h = House::new(store);
    let mut work = h.begin().await;
    assert_eq!(work.current_framework().await.unwrap(), Framework::v1());
    assert_eq!(work.framework("1").await.unwrap(), Some(Framework::v1()));
    assert_eq!(work.framework("2").await.unwrap(), None);
    drop(work);
    let cx = researcher(&h).await;
    let there = FrameworkVersion {
        framework: BUILT_IN_FRAMEWORK,
        number: 1,
        body: Framework::v1(),
        state: VersionState::Published {
            at: None,
            by: None,
            notes: String::new(),
            mapping: Mapping::default(),
        },
        current: true,
    };
    assert_eq!(all(&h, cx).await, [there]);
    let coach = h.person("cleo", Role::Coach).await;
    let coach = h.cx(coach, Role::Coach);
    assert_eq!(h.refusal::<SeeFrameworks>(coach, ()).await, Some(Refusal::Role));
}

/// A framework is written as a draft, which codes nothing; once it is published, codings can take it.
pub async fn a_framework_is_written_published_and_taken(store: &dyn Store) {
    let h = House::new(store);
    h.clock.advance_seconds(5);
    let cx = researcher(&h).await;
    let new = new(&h, "counts");
    add(&h, cx, &new).await;
    let (mut work, manage) = h.ask::<ManageFrameworks>(cx, ()).await;
    let again = NewFramework { id: FrameworkId::mint(&h.ids), ..new.clone() };
    let taken = work.add_framework(&manage, &again).await.unwrap_err();
    assert!(matches!(taken, StoreError::Conflict { what: "framework.short" }), "{taken:?}");
    drop(work);

    let (mut work, manage) = h.ask::<ManageFrameworks>(cx, ()).await;
    let body = Framework { version: "counts-1".to_owned(), ..new.body.clone() };
    let draft = work.draft(&manage, new.id).await.unwrap().unwrap();
    assert_eq!((draft.draft(), &draft.body, draft.number), (Some(0), &body, 1));
    assert_eq!(work.framework("counts-1").await.unwrap(), None, "nothing is coded with a draft");
    assert!(!work.make_current(&manage, new.id, 1).await.unwrap());
    assert!(!work.begin_draft(&manage, new.id).await.unwrap(), "there is one");
    let nothing = Mapping::default();
    assert!(
        !work.publish_framework(&manage, new.id, 1, "", &nothing).await.unwrap(),
        "somebody else saved it meanwhile"
    );
    assert!(work.publish_framework(&manage, new.id, 0, "The first", &nothing).await.unwrap());
    work.commit().await.unwrap();

    let there = all(&h, cx).await;
    let of: Vec<_> = there.iter().map(|v| (v.framework, v.number, v.current)).collect();
    assert_eq!(of, [(BUILT_IN_FRAMEWORK, 1, true), (new.id, 1, false)]);
    let published = VersionState::Published {
        at: Some(h.now()),
        by: Some("ROWAN".to_owned()),
        notes: "The first".to_owned(),
        mapping: Mapping::default(),
    };
    assert_eq!(there[1].state, published);

    let (mut work, manage) = h.ask::<ManageFrameworks>(cx, ()).await;
    assert!(!work.make_current(&manage, new.id, 2).await.unwrap());
    assert!(work.make_current(&manage, new.id, 1).await.unwrap());
    assert_eq!(work.current_framework().await.unwrap(), body);
    assert_eq!(work.framework("1").await.unwrap(), Some(Framework::v1()), "it is still known");
    work.commit().await.unwrap();
    let current: Vec<_> = all(&h, cx).await.iter().map(|v| v.current).collect();
    assert_eq!(current, [false, true]);
}

/// A draft is saved in the revision in which it was read, or not at all.
pub async fn a_draft_is_saved_by_one_after_the_other(store: &dyn Store) {
    let h = House::new(store);
    let cx = researcher(&h).await;
    let new = new(&h, "counts");
    add(&h, cx, &new).await;
    let mut longer = new.body.clone();
    longer.add_skill("what_is_counted", "Closed question", Measure::Count).unwrap();
    let (mut work, manage) = h.ask::<ManageFrameworks>(cx, ()).await;
    assert!(work.save_draft(&manage, new.id, 0, &longer).await.unwrap());
    assert!(!work.save_draft(&manage, new.id, 0, &new.body).await.unwrap());
    let draft = work.draft(&manage, new.id).await.unwrap().unwrap();
    assert_eq!((draft.draft(), draft.body.skills().count()), (Some(1), 2));
    assert!(!work.drop_draft(&manage, new.id, 0).await.unwrap());
    assert!(work.drop_draft(&manage, new.id, 1).await.unwrap());
    assert_eq!(work.draft(&manage, new.id).await.unwrap(), None);
    // Nothing of it was published, so nothing is left of it, not even its name.
    assert!(!work.begin_draft(&manage, new.id).await.unwrap());
    work.add_framework(&manage, &new).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(all(&h, cx).await.len(), 2);
}

/// What is published stays as it is; what comes after it begins with its words and has a number of its own.
pub async fn what_is_published_stays(store: &dyn Store) {
    let h = House::new(store);
    let cx = researcher(&h).await;
    let (mut work, manage) = h.ask::<ManageFrameworks>(cx, ()).await;
    let first = Framework::v1();
    let empty = Framework::empty("Nothing", "Nobody's");
    let id = BUILT_IN_FRAMEWORK;
    assert!(!work.save_draft(&manage, id, 0, &empty).await.unwrap());
    assert!(!work.drop_draft(&manage, id, 0).await.unwrap());
    let nothing = Mapping::default();
    assert!(!work.publish_framework(&manage, id, 0, "", &nothing).await.unwrap());
    assert!(work.begin_draft(&manage, id).await.unwrap());
    let draft = work.draft(&manage, id).await.unwrap().unwrap();
    let second = Framework { version: "2".to_owned(), ..first.clone() };
    assert_eq!((draft.number, &draft.body), (2, &second));
    let mut changed = second.clone();
    changed.remove_skill("clarity").unwrap();
    assert!(work.save_draft(&manage, id, 0, &changed).await.unwrap());
    let mapping = Mapping::by_key(&first, &changed);
    assert!(work.publish_framework(&manage, id, 1, "Without clarity", &mapping).await.unwrap());
    assert_eq!(work.framework("1").await.unwrap(), Some(first.clone()));
    assert_eq!(work.framework("2").await.unwrap(), Some(changed));
    assert_eq!(work.current_framework().await.unwrap(), first, "nobody chose another one");
    work.commit().await.unwrap();
    let there = all(&h, cx).await;
    assert_eq!(there.iter().map(|v| v.number).collect::<Vec<_>>(), [2, 1], "the newest first");
    let VersionState::Published { mapping: kept, .. } = &there[0].state else { panic!() };
    assert_eq!(kept, &mapping);
    // A draft that is dropped leaves what is published.
    let (mut work, manage) = h.ask::<ManageFrameworks>(cx, ()).await;
    assert!(work.begin_draft(&manage, id).await.unwrap());
    assert!(work.drop_draft(&manage, id, 0).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(all(&h, cx).await, there);
}
