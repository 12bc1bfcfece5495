//! What coders agreed about passages.

use hearback_access::{AgreeCodings, CompareCodings};
use hearback_domain::{CodeId, Note, Role};

use super::fixture::{House, note, span};
use crate::{AgreedCode, NewAgreedCode, Store};

/// What is agreed takes the place of what was agreed before, and what was coded stays.
pub async fn what_is_agreed_stands_beside_what_was_coded(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (id, elsewhere) = (h.released(cast, "Robin").await, h.released(cast, "Sky").await);
    let cx = h.cx(cast.researcher, Role::Researcher);
    let (mut work, compare) = h.ask::<CompareCodings>(cx, id).await;
    assert_eq!(work.agreed_codes(&compare).await.unwrap(), []);
    work.commit().await.unwrap();
    let agreed = |from, to, item: Option<&str>, said: &str| NewAgreedCode {
        code: CodeId::mint(&h.ids),
        framework_version: "v1".to_owned(),
        item: item.map(ToOwned::to_owned),
        span: span(from, to),
        note: note(said),
    };
    let late = agreed(60, 70, Some("empathy.curiosity"), "She waits.");
    let early = agreed(10, 20, None, "");
    let early = NewAgreedCode { note: Note::default(), ..early };
    let (mut work, agree) = h.ask::<AgreeCodings>(cx, id).await;
    work.agree_code(&agree, &late).await.unwrap();
    work.agree_code(&agree, &early).await.unwrap();
    work.commit().await.unwrap();
    let by = |agreed: &NewAgreedCode| AgreedCode {
        agreed: agreed.clone(),
        by: cast.researcher,
        at: h.now(),
    };
    let mut work = h.begin().await;
    assert_eq!(work.agreed_codes(&compare).await.unwrap(), [by(&early), by(&late)]);
    drop(work);

    let (work, there) = h.ask::<CompareCodings>(cx, elsewhere).await;
    work.commit().await.unwrap();
    let code = h.coder(cast.researcher, id).await;
    let changed = NewAgreedCode { item: Some("clarity".to_owned()), ..late.clone() };
    let mut work = h.begin().await;
    work.agree_code(&agree, &changed).await.unwrap();
    work.open_again(&agree, early.code).await.unwrap();
    work.open_again(&agree, CodeId::mint(&h.ids)).await.unwrap();
    assert_eq!(work.agreed_codes(&compare).await.unwrap(), [by(&changed)]);
    assert_eq!(work.agreed_codes(&there).await.unwrap(), []);
    assert_eq!(work.codes(&code).await.unwrap(), [], "what was coded is another thing");
}
