//! Units of work.

use hearback_domain::Role;

use super::fixture::House;
use crate::Store;

/// Nothing is left of a unit of work that was dropped, though it saw its own changes.
pub async fn nothing_is_left_of_a_dropped_unit(store: &dyn Store) {
    let h = House::new(store);
    let (dropped, kept) = (
        h.new_person("dropped", "Dropped", &[Role::Coach]),
        h.new_person("kept", "Kept", &[Role::Coach]),
    );

    let mut work = h.begin().await;
    work.add_person(&dropped).await.unwrap();
    assert!(work.person(dropped.id).await.unwrap().is_some(), "sees its own change");
    drop(work);

    let mut work = h.begin().await;
    assert_eq!(work.person(dropped.id).await.unwrap(), None);
    work.add_person(&kept).await.unwrap();
    work.commit().await.unwrap();
    assert!(h.begin().await.person(kept.id).await.unwrap().is_some());
}
