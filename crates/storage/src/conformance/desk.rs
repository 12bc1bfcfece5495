//! What lies on a coder's desk, and what they heard.

use super::fixture::House;
use crate::{HeardStretch, Store};

/// What lies on the desk takes the place of what lay there; each coder has their own on each recording.
pub async fn what_lies_on_the_desk_is_the_coders_own(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (id, elsewhere) = (h.released(cast, "Robin").await, h.released(cast, "Sky").await);
    let (here, there) =
        (h.coder(cast.researcher, id).await, h.coder(cast.researcher, elsewhere).await);
    let mut work = h.begin().await;
    assert_eq!(work.on_desk(&here).await.unwrap(), None);
    work.leave_on_desk(&here, Some("{\"note\":\"half a sen\"}")).await.unwrap();
    work.leave_on_desk(&here, Some("{\"note\":\"half a sentence\"}")).await.unwrap();
    work.leave_on_desk(&there, Some("another")).await.unwrap();
    work.commit().await.unwrap();
    h.release(cast.owner, id, cast.second, None).await;
    let second = h.coder(cast.second, id).await;

    let mut work = h.begin().await;
    assert_eq!(work.on_desk(&second).await.unwrap(), None, "somebody else's desk");
    work.leave_on_desk(&second, Some("mine")).await.unwrap();
    work.leave_on_desk(&second, None).await.unwrap();
    assert_eq!(work.on_desk(&second).await.unwrap(), None);
    let kept = work.on_desk(&here).await.unwrap();
    assert_eq!(kept.as_deref(), Some("{\"note\":\"half a sentence\"}"));
    assert_eq!(work.on_desk(&there).await.unwrap().as_deref(), Some("another"));
}

/// What was heard adds up, by stretch, for the coder alone.
pub async fn what_was_heard_adds_up(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let first = h.coder(cast.researcher, id).await;
    let heard = |stretch, ms| HeardStretch { stretch, ms };
    let mut work = h.begin().await;
    assert_eq!(work.heard_by_coder(&first).await.unwrap(), []);
    work.hear(&first, &[heard(7, 5_000), heard(0, 1_200)]).await.unwrap();
    work.hear(&first, &[heard(7, 2_500)]).await.unwrap();
    work.commit().await.unwrap();
    h.release(cast.owner, id, cast.second, None).await;
    let second = h.coder(cast.second, id).await;
    let mut work = h.begin().await;
    assert_eq!(work.heard_by_coder(&second).await.unwrap(), []);
    assert_eq!(work.heard_by_coder(&first).await.unwrap(), [heard(0, 1_200), heard(7, 7_500)]);
}
