//! Keeping people apart.

use hearback_access::{Block, DecideSharing, ManagePeople, ReadAudit};
use hearback_domain::{RecordingId, Role, UserId, conflict::Part, policy::Refusal};

use super::fixture::House;
use crate::{KeptAway, Store, WhatEnded};

async fn code_refusal(h: &House<'_>, user: UserId, id: RecordingId) -> Option<Refusal> {
    h.refusal::<hearback_access::Code>(h.cx(user, Role::Researcher), id).await
}

/// Whoever is kept away loses what they had at once, and gets nothing back by being let back.
pub async fn whoever_is_kept_away_has_nothing_to_do_with_it(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let dpo = h.person("dana", Role::Dpo).await;
    let id = h.released(cast, "Robin").await;
    let elsewhere = h.released(cast, "Sky").await;
    assert_eq!(code_refusal(&h, cast.researcher, id).await, None);

    let owner = h.cx(cast.owner, Role::Practitioner);
    let (mut work, block) = h.ask::<Block>(owner, id).await;
    assert_eq!(work.owner_of(&block).await.unwrap(), Some(cast.owner));
    assert!(work.keep_away(&block, cast.researcher).await.unwrap());
    assert!(!work.keep_away(&block, cast.researcher).await.unwrap(), "already");
    work.commit().await.unwrap();
    assert!(code_refusal(&h, cast.researcher, id).await.is_some());
    assert_eq!(code_refusal(&h, cast.researcher, elsewhere).await, None, "that one alone");

    h.clock.advance_seconds(1);
    let (mut work, block) = h.ask::<Block>(h.cx(dpo, Role::Dpo), id).await;
    assert!(work.keep_away(&block, cast.coach).await.unwrap());
    let kept = |person, set_by, set_at| KeptAway { person, set_by, set_at };
    assert_eq!(
        work.kept_away(&block).await.unwrap(),
        [kept(cast.researcher, cast.owner, owner.now), kept(cast.coach, dpo, h.now())]
    );
    work.commit().await.unwrap();

    let (mut work, decide) = h.ask::<DecideSharing>(owner, id).await;
    assert!(work.is_kept_away(&decide, cast.researcher).await.unwrap());
    assert!(!work.is_kept_away(&decide, cast.second).await.unwrap());
    work.commit().await.unwrap();

    // A new permission does not open what is blocked; the block is asked about at each request.
    h.release(cast.owner, id, cast.researcher, None).await;
    assert_eq!(code_refusal(&h, cast.researcher, id).await, Some(Refusal::Blocked));
    let (mut work, block) = h.ask::<Block>(owner, id).await;
    assert!(work.keep_away(&block, cast.second).await.unwrap());
    assert!(work.let_back(&block, cast.researcher).await.unwrap());
    assert!(!work.let_back(&block, cast.researcher).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(code_refusal(&h, cast.researcher, id).await, None, "what was given meanwhile");
}

/// Whoever has a trusted role is kept away by the data protection officer, and by nobody else: not from before either.
pub async fn whoever_is_trusted_is_kept_away_by_the_officer_alone(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let dpo = h.person("dana", Role::Dpo).await;
    let lead = h.person("sam", Role::SafeguardingLead).await;
    let id = h.released(cast, "Robin").await;
    let refusal = async || {
        let cx = h.cx(lead, Role::SafeguardingLead).elevated(true);
        h.refusal::<hearback_access::Hold>(cx, id).await
    };
    let owner = h.cx(cast.owner, Role::Practitioner);
    let (mut work, block) = h.ask::<Block>(owner, id).await;
    assert!(work.keep_away(&block, lead).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(refusal().await, None);
    let (mut work, block) = h.ask::<Block>(h.cx(dpo, Role::Dpo), id).await;
    assert!(work.let_back(&block, lead).await.unwrap());
    assert!(work.keep_away(&block, lead).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(refusal().await, Some(Refusal::Blocked));
}

/// A line manager is not coach or researcher of whom they manage: what they had ends when they become it.
pub async fn what_no_longer_fits_ends(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let admin = h.person("ada", Role::SysAdmin).await;
    let dpo = h.person("dana", Role::Dpo).await;
    let id = h.released(cast, "Robin").await;
    let others = h.playable(cast.stranger, "Decoy", &[]).await;
    h.release(cast.stranger, others, cast.second, Some(cast.coach)).await;

    let admin = h.cx(admin, Role::SysAdmin).elevated(true);
    let (mut work, manage) = h.ask::<ManagePeople>(admin, ()).await;
    assert_eq!(work.end_conflicts(h.now()).await.unwrap(), [], "all is well");
    assert!(work.set_manager(&manage, cast.owner, cast.coach, true).await.unwrap());
    assert!(!work.set_manager(&manage, cast.owner, cast.coach, true).await.unwrap());
    assert_eq!(work.managers(&manage).await.unwrap(), [(cast.owner, cast.coach)]);
    let ended = work.end_conflicts(h.now()).await.unwrap();
    assert_eq!(ended.len(), 1, "not the researcher, and not for another practitioner");
    assert_eq!((ended[0].practitioner, ended[0].person), (cast.owner, cast.coach));
    assert!(matches!(ended[0].was, WhatEnded::Grant(_, of) if of == id));
    assert_eq!((ended[0].wanted, ended[0].stands), (Part::Coaches, Part::Manages));
    assert_eq!(work.end_conflicts(h.now()).await.unwrap(), [], "it has ended");
    work.commit().await.unwrap();

    let coaches = |user| h.refusal::<hearback_access::RaiseConcern>(h.cx(user, Role::Coach), id);
    assert_eq!(coaches(cast.coach).await, Some(Refusal::Relation));
    assert_eq!(code_refusal(&h, cast.researcher, id).await, None);

    let owner = h.cx(cast.owner, Role::Practitioner);
    let (mut work, decide) = h.ask::<DecideSharing>(owner, id).await;
    assert!(work.manages(&decide, cast.coach).await.unwrap());
    assert!(!work.manages(&decide, cast.researcher).await.unwrap());
    work.commit().await.unwrap();

    let (mut work, audit) = h.ask::<ReadAudit>(h.cx(dpo, Role::Dpo).elevated(true), ()).await;
    assert_eq!(work.ended_conflicts(&audit).await.unwrap(), ended);
    work.commit().await.unwrap();

    // Coder and coach of one practitioner: whoever gave it, neither stays.
    h.release(cast.owner, id, cast.second, Some(cast.second)).await;
    let (mut work, manage) = h.ask::<ManagePeople>(admin, ()).await;
    assert!(work.set_manager(&manage, cast.owner, cast.coach, false).await.unwrap());
    let ended = work.end_conflicts(h.now()).await.unwrap();
    assert_eq!(ended.len(), 2);
    assert!(ended.iter().all(|e| e.person == cast.second && e.wanted != e.stands));
}
