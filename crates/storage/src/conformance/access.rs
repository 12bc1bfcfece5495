//! Permits, through real storage: the policy's answers to what the database knows.

use hearback_access::{
    Action, Code, Cx, DecideSharing, MakePlaylist, ManagePeople, PlayClip, PlayRecording,
    ReadTranscript, SeeListeners, SeePlaylist, SeeRecording, Transcribe, Upload, audit::AuditSeq,
    list,
};
use hearback_domain::{
    ClipId, PlaylistId, Purpose, RecordingId, Relation, Role, UserId, policy::Refusal,
};

use super::fixture::{Cast, House};
use crate::Store;

/// What one person may do to a recording now, in words.
async fn may(h: &House<'_>, user: UserId, role: Role, id: RecordingId) -> String {
    async fn one<A: Action<Object = RecordingId>>(
        h: &House<'_>,
        (user, role): (UserId, Role),
        id: RecordingId,
    ) -> bool {
        h.refusal::<A>(h.cx(user, role), id).await.is_none()
    }
    let who = (user, role);
    let answers = [
        ("upload", one::<Upload>(h, who, id).await),
        ("see", one::<SeeRecording>(h, who, id).await),
        ("play", one::<PlayRecording>(h, who, id).await),
        ("read", one::<ReadTranscript>(h, who, id).await),
        ("decide", one::<DecideSharing>(h, who, id).await),
        ("listeners", one::<SeeListeners>(h, who, id).await),
        ("code", one::<Code>(h, who, id).await),
        ("playlist", one::<MakePlaylist>(h, who, id).await),
    ];
    answers.into_iter().filter(|(_, yes)| *yes).map(|(word, _)| word).collect::<Vec<_>>().join(" ")
}

/// Of owner, chosen researcher, other researcher, coach, stranger, and the owner and researcher under other hats.
async fn everybody(h: &House<'_>, cast: Cast, id: RecordingId) -> [String; 7] {
    [
        may(h, cast.owner, Role::Practitioner, id).await,
        may(h, cast.researcher, Role::Researcher, id).await,
        may(h, cast.second, Role::Researcher, id).await,
        may(h, cast.coach, Role::Coach, id).await,
        may(h, cast.stranger, Role::Practitioner, id).await,
        may(h, cast.owner, Role::SysAdmin, id).await,
        may(h, cast.researcher, Role::Coach, id).await,
    ]
}

/// Relations and states decide, for everybody, all the way round the loop.
pub async fn who_may_do_what_in_which_state(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    // Another recording that everybody else has to do with: nothing of it may rub off.
    let other = h.playable(cast.stranger, "Decoy", &[]).await;
    h.release(cast.stranger, other, cast.second, Some(cast.coach)).await;

    let new = h.details("Robin", &[]);
    h.begin_recording(cast.owner, &new).await;
    let nothing = ["upload see listeners", "", "", "", "", "", ""];
    assert_eq!(everybody(&h, cast, new.id).await, nothing, "awaiting its file");

    h.upload(cast.owner, new.id).await;
    assert_eq!(everybody(&h, cast, new.id).await, nothing, "uploaded");

    h.decode(new.id).await;
    let private = ["upload see play read decide listeners", "", "", "", "", "", ""];
    assert_eq!(everybody(&h, cast, new.id).await, private, "decoded");

    h.release(cast.owner, new.id, cast.researcher, Some(cast.coach)).await;
    let released = [private[0], "see play read code playlist", "", "", "", "", ""];
    assert_eq!(everybody(&h, cast, new.id).await, released, "released");

    h.withhold(cast.owner, new.id).await;
    assert_eq!(everybody(&h, cast, new.id).await, private, "withheld");
}

/// One person's no to one purpose closes what needs it, and nothing else.
pub async fn everybody_heard_has_to_have_said_yes(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    for (without, owner, researcher) in [
        (Purpose::Transcribe, "upload see play decide listeners", "see play code playlist"),
        (Purpose::CodeResearch, "upload see play read decide listeners", ""),
        (Purpose::CoachPlayback, "upload see play read decide listeners", "see play read code"),
        (
            Purpose::ImproveTools,
            "upload see play read decide listeners",
            "see play read code playlist",
        ),
    ] {
        let id = h.playable(cast.owner, "Sky", &[without]).await;
        h.release(cast.owner, id, cast.researcher, Some(cast.coach)).await;
        let [by_owner, by_researcher, rest @ ..] = everybody(&h, cast, id).await;
        assert_eq!((by_owner.as_str(), by_researcher.as_str()), (owner, researcher), "{without}");
        assert_eq!(rest, ["", "", "", "", ""], "{without}");
        let worker = h.refusal::<Transcribe>(Cx::worker(h.now()), id).await;
        let expected = (without == Purpose::Transcribe).then_some(Refusal::Consent);
        assert_eq!(worker, expected, "the worker asks too: {without}");
    }

    let unrecorded = h.details("Wren", &[Purpose::Record]);
    h.begin_recording(cast.owner, &unrecorded).await;
    assert_eq!(may(&h, cast.owner, Role::Practitioner, unrecorded.id).await, "see listeners");
}

/// What the gate says a relation ties somebody to, before anybody asks the policy.
async fn related(h: &House<'_>, user: UserId, relation: Relation) -> Vec<RecordingId> {
    h.begin().await.gate().related(user, relation, h.now()).await.unwrap()
}

/// A grant is worth nothing from the moment it expires.
pub async fn grants_end_when_they_expire(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Ash").await;
    assert_eq!(related(&h, cast.researcher, Relation::Codes).await, [id]);
    assert_eq!(related(&h, cast.researcher, Relation::Coaches).await, []);
    assert_eq!(related(&h, cast.coach, Relation::Coaches).await, [id]);
    assert_eq!(related(&h, cast.coach, Relation::Owns).await, []);
    h.clock.advance_seconds(86_399);
    let researcher = |h: &House<'_>| h.cx(cast.researcher, Role::Researcher);
    assert_eq!(h.refusal::<PlayRecording>(researcher(&h), id).await, None);
    h.clock.advance_seconds(1);
    assert_eq!(h.refusal::<PlayRecording>(researcher(&h), id).await, Some(Refusal::Relation));
    assert!(may(&h, cast.owner, Role::Practitioner, id).await.contains("play"));
    let tied = |user, relation| related(&h, user, relation);
    assert_eq!(tied(cast.researcher, Relation::Codes).await, []);
    assert_eq!(tied(cast.coach, Relation::Coaches).await, []);
    assert_eq!(tied(cast.owner, Relation::Owns).await, [id], "it stays theirs");
}

/// Withholding ends every grant, and a release to others later does not bring the old ones back.
pub async fn grants_end_when_the_practitioner_withholds(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Linden").await;
    h.withhold(cast.owner, id).await;
    assert_eq!(
        h.refusal::<Code>(h.cx(cast.researcher, Role::Researcher), id).await,
        Some(Refusal::Relation)
    );
    assert_eq!(related(&h, cast.researcher, Relation::Codes).await, []);
    h.release(cast.owner, id, cast.second, None).await;
    assert_eq!(may(&h, cast.researcher, Role::Researcher, id).await, "");
    assert_eq!(may(&h, cast.second, Role::Researcher, id).await, "see play read code playlist");
}

/// Letting it go on to somebody else ends the grants that were there.
pub async fn a_second_release_ends_the_first(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Rowan tree").await;
    let untouched = h.released(cast, "Elder").await;
    h.release(cast.owner, id, cast.second, None).await;
    assert_eq!(may(&h, cast.researcher, Role::Researcher, id).await, "");
    assert!(may(&h, cast.second, Role::Researcher, id).await.contains("code"));
    assert!(may(&h, cast.researcher, Role::Researcher, untouched).await.contains("code"));
}

/// Refusals are committed before the caller learns of them; permissions go with the caller's unit of work.
pub async fn a_refusal_is_written_down_although_nothing_else_is(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.playable(cast.owner, "Fern", &[]).await;
    let before = h.begin().await.audit_head().await.unwrap().seq;

    let cx = h.cx(cast.stranger, Role::Practitioner);
    assert_eq!(h.refusal::<PlayRecording>(cx, id).await, Some(Refusal::Relation));
    let written = h.begin().await.audit_entries(before, 10).await.unwrap();
    assert_eq!(written.len(), 1);
    let entry = &written[0];
    assert_eq!(entry.at, h.now());
    assert_eq!(entry.actor, Some(cast.stranger.as_uuid()));
    assert_eq!(
        [&entry.hat, &entry.action, &entry.object_kind, &entry.decision],
        ["practitioner", "recording.play", "recording", "refused:relation"]
    );
    assert_eq!((entry.object, entry.recording), (Some(id.as_uuid()), Some(id.as_uuid())));

    let owner = h.cx(cast.owner, Role::Practitioner);
    let (work, _permit) = h.ask::<PlayRecording>(owner, id).await;
    drop(work);
    let (work, _permit) = h.ask::<SeeRecording>(owner, id).await;
    work.commit().await.unwrap();
    assert_eq!(
        h.begin().await.audit_head().await.unwrap().seq,
        AuditSeq(before.0 + 1),
        "a dropped permission was never used, and that a recording exists is no content"
    );
    let (work, _permit) = h.ask::<PlayRecording>(owner, id).await;
    work.commit().await.unwrap();
    let written = h.begin().await.audit_entries(AuditSeq(before.0 + 1), 10).await.unwrap();
    assert_eq!(written.len(), 1);
    assert_eq!(written[0].decision, "allowed");
}

/// What is not there, and what the hat has no business with, is refused.
pub async fn what_is_not_there_is_refused(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let absent = Some(Refusal::Absent);
    let owner = h.cx(cast.owner, Role::Practitioner);
    let recording = RecordingId::mint(&h.ids);
    assert_eq!(h.refusal::<SeeRecording>(owner, recording).await, absent);
    assert_eq!(h.refusal::<SeePlaylist>(owner, PlaylistId::mint(&h.ids)).await, absent);
    assert_eq!(h.refusal::<PlayClip>(owner, ClipId::mint(&h.ids)).await, absent);
    assert_eq!(h.refusal::<ManagePeople>(owner, ()).await, Some(Refusal::Role));
    assert_eq!(
        h.refusal::<SeeRecording>(Cx::nobody(h.now()), recording).await,
        absent,
        "a stranger learns nothing about what exists"
    );
}

async fn listed(h: &House<'_>, cx: Cx) -> (Box<dyn crate::Work>, Vec<RecordingId>) {
    let mut work = h.begin().await;
    let permits = list::<SeeRecording>(work.gate(), cx).await.unwrap();
    let ids = permits.iter().map(hearback_access::Permit::object).collect();
    (work, ids)
}

/// Lists: newest first, ties by id, and only what may be seen at this moment.
pub async fn lists_hold_what_may_be_seen_newest_first(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let mut mine = Vec::new();
    for (seconds, pseudonym) in [(0, "Kit"), (0, "Ali"), (60, "Zed"), (0, "Bo"), (5, "Moss")] {
        h.clock.advance_seconds(seconds);
        let id = h.playable(cast.owner, pseudonym, &[]).await;
        mine.push((std::cmp::Reverse(h.now()), id));
    }
    h.playable(cast.stranger, "Not mine", &[]).await;
    mine.sort();
    let mine: Vec<_> = mine.into_iter().map(|(_, id)| id).collect();

    let (work, seen) = listed(&h, h.cx(cast.owner, Role::Practitioner)).await;
    assert_eq!(seen, mine);
    drop(work);

    // Released in another order than made; one of them withheld again, one to somebody else.
    for n in [3, 0, 4, 2, 1] {
        let to = if n == 2 { cast.second } else { cast.researcher };
        h.release(cast.owner, mine[n], to, Some(cast.coach)).await;
    }
    h.withhold(cast.owner, mine[4]).await;
    let (work, seen) = listed(&h, h.cx(cast.researcher, Role::Researcher)).await;
    assert_eq!(seen, [mine[0], mine[1], mine[3]]);
    drop(work);
    assert_eq!(listed(&h, h.cx(cast.coach, Role::Coach)).await.1, [], "a coach sees no recording");
    assert_eq!(listed(&h, h.cx(cast.researcher, Role::Practitioner)).await.1, []);
    assert_eq!(listed(&h, Cx::worker(h.now())).await.1, []);
}
