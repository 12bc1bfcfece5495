//! The audit log.

use futures_util::future::join_all;
use hearback_access::{
    Cx, ObjectRef, PlayClip, PlayRecording, PreviewClip, ReadAudit, ReadTranscript, SeeListeners,
    audit::{AuditSeq, Decision, Entry, Head, NewEntry, Sealed, Verifier, event},
};
use hearback_domain::{Hat, RecordingId, Reference, Relation, Role, UserId, policy::Refusal};

use super::fixture::House;
use crate::{AuditFilter, Listen, Store};

fn entry(h: &House<'_>) -> NewEntry {
    let recording = RecordingId::mint(&h.ids);
    NewEntry {
        at: h.now(),
        actor: Some(UserId::mint(&h.ids)),
        hat: Hat::Person(Role::Dpo),
        action: event::SIGN_IN_REFUSED,
        object: ObjectRef::Recording(recording),
        recording: Some(recording),
        decision: Decision::Refused(Refusal::State),
    }
}

async fn verified(h: &House<'_>) -> u64 {
    let mut work = h.begin().await;
    let mut verifier = Verifier::default();
    for entry in work.audit_entries(AuditSeq(0), 10_000).await.unwrap() {
        verifier.entry(&entry);
    }
    verifier.finish(&work.audit_head().await.unwrap()).unwrap().head.seq.0
}

/// Entries come back as they went in, each linked to the one before; a dropped unit leaves none.
pub async fn the_log_is_a_chain(store: &dyn Store) {
    let h = House::new(store);
    assert_eq!(h.begin().await.audit_head().await.unwrap(), Head::default());
    let full = entry(&h);
    let bare = NewEntry {
        actor: None,
        hat: Hat::Nobody,
        object: ObjectRef::Installation,
        recording: None,
        decision: Decision::Allowed,
        ..entry(&h)
    };
    let mut work = h.begin().await;
    assert_eq!(work.append_audit(&full).await.unwrap(), AuditSeq(1));
    drop(work);
    let mut work = h.begin().await;
    assert_eq!(work.append_audit(&full).await.unwrap(), AuditSeq(1));
    assert_eq!(work.append_audit(&bare).await.unwrap(), AuditSeq(2));
    work.commit().await.unwrap();

    let entries = h.begin().await.audit_entries(AuditSeq(0), 10).await.unwrap();
    let (first, head) = Head::default().append(&full);
    let (second, head) = head.append(&bare);
    assert_eq!(entries, [first, second]);
    assert_eq!(h.begin().await.audit_head().await.unwrap(), head);

    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    h.withhold(cast.owner, id).await;
    assert!(verified(&h).await > 5, "real work is in the chain too");
}

/// Sixteen that append at the same moment leave sixteen entries in one chain.
pub async fn the_log_has_no_gaps_when_many_write_at_once(store: &dyn Store) {
    let h = House::new(store);
    let append = || async {
        let new = entry(&h);
        let mut work = h.begin().await;
        let seq = work.append_audit(&new).await.unwrap();
        work.commit().await.unwrap();
        seq.0
    };
    let mut seqs = join_all((0..16).map(|_| append())).await;
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=16).collect::<Vec<_>>());
    assert_eq!(verified(&h).await, 16);
}

/// The log is read in order, so many at a time, from anywhere.
pub async fn the_log_is_read_in_pages(store: &dyn Store) {
    let h = House::new(store);
    let mut work = h.begin().await;
    for _ in 0..7 {
        work.append_audit(&entry(&h)).await.unwrap();
    }
    work.commit().await.unwrap();
    let mut work = h.begin().await;
    let mut pages = Vec::new();
    let mut after = AuditSeq(0);
    loop {
        let page = work.audit_entries(after, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.seq;
        pages.push(page.iter().map(|e| e.seq.0).collect::<Vec<_>>());
    }
    assert_eq!(pages, [vec![1, 2, 3], vec![4, 5, 6], vec![7]]);
}

/// What was sealed is noted, and never less of it.
pub async fn sealing_is_noted(store: &dyn Store) {
    let h = House::new(store);
    assert_eq!(h.begin().await.audit_sealed().await.unwrap(), None);
    let sealed = |seq, seconds| Sealed { seq: AuditSeq(seq), at: h.later(seconds) };
    for (new, expected) in [
        (sealed(0, 0), sealed(0, 0)),
        (sealed(5, 10), sealed(5, 10)),
        (sealed(4, 20), sealed(5, 10)),
        (sealed(5, 30), sealed(5, 30)),
    ] {
        let mut work = h.begin().await;
        work.note_sealed(&new).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(h.begin().await.audit_sealed().await.unwrap(), Some(expected));
    }
}

/// The log is looked through by recording, person, action and time, newest first, a page at a time.
pub async fn the_log_is_looked_through(store: &dyn Store) {
    let h = House::new(store);
    let mut work = h.begin().await;
    let mut written = Vec::new();
    for n in 0..12_u8 {
        let mut new = entry(&h);
        if n % 2 == 0 {
            new.action = event::SIGN_OUT;
        }
        if n % 3 == 0 {
            (new.actor, new.recording) = (None, None);
        }
        work.append_audit(&new).await.unwrap();
        written.push(new);
        h.clock.advance_seconds(10);
    }
    work.commit().await.unwrap();
    let officer = h.cx(UserId::mint(&h.ids), Role::Dpo).elevated(true);
    let (mut work, read) = h.ask::<ReadAudit>(officer, ()).await;
    let begun = written[0].at;
    // The question itself is the newest entry.
    let own = (written.len() + 1) as u64;
    let everything = AuditFilter::default();
    let only = |n: usize| {
        let (first, last) = Reference::of(written[n].recording?).span();
        Some((first, last))
    };
    let cases = [
        (everything.clone(), 5, vec![own, 12, 11, 10, 9]),
        (AuditFilter { before: Some(AuditSeq(3)), ..everything.clone() }, 5, vec![2, 1]),
        (
            AuditFilter { action: Some(event::SIGN_OUT.to_owned()), ..everything.clone() },
            3,
            vec![11, 9, 7],
        ),
        (AuditFilter { actor: written[4].actor, ..everything.clone() }, 5, vec![5]),
        (AuditFilter { recordings: only(4), ..everything.clone() }, 5, vec![5]),
        (
            AuditFilter { recordings: only(4), actor: written[5].actor, ..everything.clone() },
            5,
            vec![],
        ),
        (
            AuditFilter {
                from: Some(begun.plus_seconds(20)),
                until: Some(begun.plus_seconds(50)),
                ..everything
            },
            9,
            vec![5, 4, 3],
        ),
    ];
    for (filter, limit, expected) in cases {
        let page: Vec<Entry> = work.audit_page(&read, &filter, limit).await.unwrap();
        assert_eq!(page.iter().map(|e| e.seq.0).collect::<Vec<_>>(), expected, "{filter:?}");
    }
    drop(work);
    for role in Role::ALL.iter().filter(|role| **role != Role::Dpo) {
        let cx = h.cx(UserId::mint(&h.ids), *role).elevated(true);
        assert_eq!(h.refusal::<ReadAudit>(cx, ()).await, Some(Refusal::Role), "{role}");
    }
}

/// The owner sees who else heard or read, newest first; neither refusals, nor their own listening, nor other deeds.
pub async fn who_listened_is_shown_to_the_owner(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (id, other) = (h.released(cast, "Robin").await, h.released(cast, "Sky").await);
    let make = h.maker(cast.researcher, id).await;
    let (_, new) = h.playlist(&make, &[(60, 70)]).await;
    let clip = new[0].id;
    h.render(clip).await;
    let researcher = |h: &House<'_>| h.cx(cast.researcher, Role::Researcher);
    let owner = |h: &House<'_>| h.cx(cast.owner, Role::Practitioner);
    let coach = |h: &House<'_>| h.cx(cast.coach, Role::Coach);
    let begun = h.now();
    let step = || h.clock.advance_seconds(1);

    step();
    assert_eq!(h.refusal::<PlayRecording>(researcher(&h), id).await, None);
    step();
    assert_eq!(h.refusal::<PlayRecording>(owner(&h), id).await, None);
    assert_eq!(h.refusal::<PlayRecording>(researcher(&h), other).await, None);
    assert!(h.refusal::<PlayRecording>(coach(&h), id).await.is_some());
    step();
    assert_eq!(h.refusal::<ReadTranscript>(researcher(&h), id).await, None);
    step();
    assert_eq!(h.refusal::<PreviewClip>(researcher(&h), clip).await, None);
    h.approve(&make, clip).await;
    assert!(h.agree(&make).await);
    step();
    assert_eq!(h.refusal::<PlayClip>(coach(&h), clip).await, None);
    assert_eq!(h.refusal::<PlayClip>(owner(&h), clip).await, None);

    let (mut work, see) = h.ask::<SeeListeners>(owner(&h), id).await;
    // Whom they chose, by name; nobody any more once they keep the recording.
    let chosen = [(Relation::Codes, "ROWAN".to_owned()), (Relation::Coaches, "CLEO".to_owned())];
    assert_eq!(work.chosen(&see).await.unwrap(), chosen);
    let listen = |seconds, who: UserId, name: &str, hat: &str, action: &str| Listen {
        at: begun.plus_seconds(seconds),
        who: Some(who),
        name: Some(name.to_owned()),
        hat: hat.to_owned(),
        action: action.to_owned(),
    };
    assert_eq!(
        work.listens(&see).await.unwrap(),
        [
            listen(5, cast.coach, "CLEO", "coach", "clip.play"),
            listen(4, cast.researcher, "ROWAN", "researcher", "clip.preview"),
            listen(3, cast.researcher, "ROWAN", "researcher", "transcript.read"),
            listen(1, cast.researcher, "ROWAN", "researcher", "recording.play"),
        ]
    );
    work.commit().await.unwrap();

    // Asking again and again within a half hour makes one line, and pushes nobody off the list.
    step();
    for _ in 0..201 {
        let (work, _permit) = h.ask::<PlayRecording>(researcher(&h), id).await;
        work.commit().await.unwrap();
    }
    let (mut work, see) = h.ask::<SeeListeners>(owner(&h), id).await;
    let now = work.listens(&see).await.unwrap();
    assert_eq!(
        now,
        [
            listen(6, cast.researcher, "ROWAN", "researcher", "recording.play"),
            listen(5, cast.coach, "CLEO", "coach", "clip.play"),
            listen(4, cast.researcher, "ROWAN", "researcher", "clip.preview"),
            listen(3, cast.researcher, "ROWAN", "researcher", "transcript.read"),
        ]
    );
    // The next half hour of the clock is another line, and of many the newest are shown.
    for half_hour in 1..=197 {
        let heard = NewEntry {
            at: begun.plus_seconds(half_hour * 1_800),
            actor: Some(cast.researcher),
            hat: Hat::Person(Role::Researcher),
            action: "recording.play",
            object: ObjectRef::Recording(id),
            recording: Some(id),
            decision: Decision::Allowed,
        };
        work.append_audit(&heard).await.unwrap();
    }
    let many = work.listens(&see).await.unwrap();
    assert_eq!(many.len(), 200, "at most");
    assert_eq!(many[0].at, begun.plus_seconds(197 * 1_800));
    assert_eq!(many[197..], now[..3]);
    drop(work);
    assert_eq!(h.refusal::<SeeListeners>(Cx::worker(h.now()), id).await, Some(Refusal::Role));
}
