//! Until when things are kept, and what changes that.

use hearback_access::{ExtendKeeping, ManageRetention, PlayRecording, SeeHoldings, SeeRecording};
use hearback_domain::{
    KeyClass, Reason, Role,
    policy::Refusal,
    retention::{Anchor, extend},
};
use uuid::Uuid;

use super::{
    erasing::{DAY, at_desk, dpo},
    fixture::House,
};
use crate::{HoldingsPage, NewExtension, Show, Store};

/// Times follow the rules and what happens; somebody can make them longer, twice.
pub async fn times_follow_the_rules(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let dora = dpo(&h).await;
    let id = h.released(cast, "Robin").await;
    let began = h.now();
    let days = async |class: KeyClass| {
        let (mut work, permit) = h.ask::<ExtendKeeping>(at_desk(&h, dora), id).await;
        let kept = work.kept(&permit).await.unwrap();
        assert_eq!(kept.iter().map(|k| k.class).collect::<Vec<_>>(), KeyClass::ALL);
        let until = kept.iter().find(|k| k.class == class).unwrap().until;
        (until.as_micros() - began.as_micros()) / 1_000_000 / DAY
    };
    assert_eq!((days(KeyClass::Sound).await, days(KeyClass::Text).await), (365, 455));
    h.clock.advance_seconds(10 * DAY - 1);
    // Grants end; this one lasts a day.
    h.release(cast.owner, id, cast.researcher, Some(cast.coach)).await;
    let coder = h.coder(cast.researcher, id).await;
    let mut work = h.begin().await;
    h.finish(&mut *work, &coder).await;
    work.commit().await.unwrap();
    assert_eq!((days(KeyClass::Sound).await, days(KeyClass::Text).await), (99, 189));
    let make = h.maker(cast.researcher, id).await;
    let (_, clips) = h.playlist(&make, &[(10, 20)]).await;
    h.render(clips[0].id).await;
    h.approve(&make, clips[0].id).await;
    assert_eq!(days(KeyClass::Extracts).await, 730);
    assert!(h.agree(&make).await);
    assert_eq!(days(KeyClass::Extracts).await, 189);

    let (mut work, permit) = h.ask::<ManageRetention>(at_desk(&h, dora), ()).await;
    let coded = |days| [(KeyClass::Sound, Anchor::Coded, days)];
    work.set_retention_rules(&permit, &coded(5)).await.unwrap();
    work.set_retention_rules(&permit, &coded(20)).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(
        (days(KeyClass::Sound).await, days(KeyClass::Text).await),
        (39, 119),
        "thirty days from now, so that it can be said before"
    );
    let (mut work, see) = h.ask::<SeeHoldings>(at_desk(&h, dora), ()).await;
    let rules = work.retention_rules(&see).await.unwrap();
    let coded = rules.all().find(|r| (r.0, r.1) == (KeyClass::Sound, Anchor::Coded)).unwrap();
    assert_eq!(coded.2, 20);
    let page = HoldingsPage { show: Show::Ending, between: None, skip: 0, limit: 9 };
    assert_eq!(work.holdings(&see, &page).await.unwrap().len(), 1, "it ends within thirty days");
    drop(work);

    let (mut work, permit) = h.ask::<ExtendKeeping>(at_desk(&h, dora), id).await;
    let kept = work.kept(&permit).await.unwrap()[0];
    let to = hearback_domain::Day::of(kept.until).plus_days(30);
    let new = NewExtension {
        id: Uuid::from_u128(5),
        kept,
        until: extend(kept.until, kept.extended, to, h.now()).unwrap(),
        reason: Reason::new("The second coder is ill.").unwrap(),
    };
    assert!(work.extend_keeping(&permit, &new).await.unwrap());
    assert!(!work.extend_keeping(&permit, &new).await.unwrap(), "it is not as it was");
    let longer = work.kept(&permit).await.unwrap()[0];
    assert_eq!((longer.until, longer.extended), (to.starts(), 1));
    work.commit().await.unwrap();
    let (mut work, own) = h.ask::<SeeRecording>(h.cx(cast.owner, Role::Practitioner), id).await;
    let told = work.kept_here(&own).await.unwrap();
    assert_eq!(told.iter().map(|k| k.class).collect::<Vec<_>>(), KeyClass::ALL);
    assert_eq!(told[0], longer, "its practitioner is told the same");
    drop(work);
    let (mut work, permit) = h.ask::<ManageRetention>(at_desk(&h, dora), ()).await;
    work.set_retention_rules(&permit, &[(KeyClass::Sound, Anchor::Created, 1)]).await.unwrap();
    work.commit().await.unwrap();
    let (mut work, permit) = h.ask::<ExtendKeeping>(at_desk(&h, dora), id).await;
    assert_eq!(work.kept(&permit).await.unwrap()[0], longer, "what was made longer stays so");
    assert_eq!(work.due_classes(longer.until.plus_seconds(-1)).await.unwrap(), []);
    let due = work.due_classes(longer.until).await.unwrap();
    assert_eq!(due, [(id, vec![KeyClass::Sound])]);
    drop(work);
    h.clock.advance_seconds(70 * DAY);
    let owner = h.cx(cast.owner, Role::Practitioner);
    assert_eq!(
        h.refusal::<PlayRecording>(owner, id).await,
        Some(Refusal::Gone),
        "its time is over"
    );
}

/// A rule that becomes shorter destroys nothing before it could be said, however often rules change; one that becomes
/// longer counts at once.
pub async fn a_shorter_rule_is_announced(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let dora = dpo(&h).await;
    let id = h.released(cast, "Robin").await;
    let sound = async || {
        let (mut work, permit) = h.ask::<ExtendKeeping>(at_desk(&h, dora), id).await;
        work.kept(&permit).await.unwrap()[0].until
    };
    let set = async |days| {
        let (mut work, permit) = h.ask::<ManageRetention>(at_desk(&h, dora), ()).await;
        let rules =
            [(KeyClass::Sound, Anchor::Created, days), (KeyClass::Sound, Anchor::Coded, 90)];
        work.set_retention_rules(&permit, &rules).await.unwrap();
        work.commit().await.unwrap();
    };
    let began = sound().await.plus_seconds(-365 * DAY);
    h.clock.advance_seconds(100 * DAY);
    set(10).await;
    let end = h.later(30 * DAY);
    assert_eq!(sound().await, end);
    let owner = h.cx(cast.owner, Role::Practitioner);
    assert_eq!(h.refusal::<PlayRecording>(owner, id).await, None, "not over yet");
    assert_eq!(h.begin().await.due_classes(end.plus_seconds(-1)).await.unwrap(), []);
    h.clock.advance_seconds(5 * DAY);
    set(9).await;
    assert_eq!(sound().await, end, "announced is announced, neither sooner nor later");
    // What happens to it does not bring the end back to where the rule has it.
    h.release(cast.owner, id, cast.researcher, Some(cast.coach)).await;
    let coder = h.coder(cast.researcher, id).await;
    let mut work = h.begin().await;
    h.finish(&mut *work, &coder).await;
    work.commit().await.unwrap();
    assert_eq!(sound().await, end);
    set(150).await;
    assert_eq!(sound().await, began.plus_seconds(150 * DAY));
}
