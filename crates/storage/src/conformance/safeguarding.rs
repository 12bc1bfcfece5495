//! Concerns, and the passages they are about.

use hearback_access::{
    Cx, DecideGlass, Erase, HearPassage, RaiseConcern, RaiseConcernOnClip, RequestGlass,
    SeeConcern, SeeConcerns, SeeGlass, SeeRecording, WriteConcern,
};
use hearback_domain::{
    ClipId, ConcernId, ConcernNoteId, ConcernState, ErasureId, GLASS_SECONDS, GlassId, JobId,
    KeyClass, Reason, RecordingId, Role, Told, UserId, policy::Refusal, withdrawal::ErasureCause,
};

use super::fixture::{Cast, House, note, span};
use crate::{Concern, ConcernNote, Erasure, NewConcern, Store};

fn new_concern(h: &House<'_>, told: Told) -> NewConcern {
    NewConcern { id: ConcernId::mint(&h.ids), told, body: note("She says she is\nalone at night.") }
}

fn reason(text: &str) -> Reason {
    Reason::new(text).unwrap()
}

/// The owner raises a concern about these seconds of a recording.
async fn raised(h: &House<'_>, cast: Cast, id: RecordingId, from_s: u64, to_s: u64) -> ConcernId {
    let new = new_concern(h, Told::NotYet);
    let cx = h.cx(cast.owner, Role::Practitioner);
    let (mut work, permit) = h.ask::<RaiseConcern>(cx, id).await;
    work.raise_concern(&permit, span(from_s, to_s), &new).await.unwrap();
    work.commit().await.unwrap();
    new.id
}

async fn two_more(h: &House<'_>) -> (UserId, UserId) {
    (h.person("lee", Role::SafeguardingLead).await, h.person("dana", Role::Dpo).await)
}

/// A concern comes back as it was raised, with what was done about it, and is seen by whoever raised it and by the
/// safeguarding lead alone.
pub async fn concerns_are_raised_seen_and_added_to(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (lead, dpo) = two_more(&h).await;
    let id = h.released(cast, "Robin").await;
    let concern = raised(&h, cast, id, 5, 65).await;

    let expected = Concern {
        id: concern,
        recording: id,
        practitioner: cast.owner,
        raised_by: cast.owner,
        hat: hearback_domain::Hat::Person(Role::Practitioner),
        span: span(5, 65),
        told: Told::NotYet,
        state: ConcernState::Open,
        raised_at: h.now(),
        body: note("She says she is\nalone at night."),
        sound_is_there: true,
    };
    for (user, role) in [(cast.owner, Role::Practitioner), (lead, Role::SafeguardingLead)] {
        let (mut work, see) = h.ask::<SeeConcern>(h.cx(user, role), concern).await;
        assert_eq!(work.concern(&see).await.unwrap(), Some(expected.clone()));
        assert_eq!(work.concern_notes(&see).await.unwrap(), []);
        work.commit().await.unwrap();
    }
    for (user, role) in [
        (cast.researcher, Role::Researcher),
        (cast.coach, Role::Coach),
        (cast.stranger, Role::Practitioner),
        (cast.owner, Role::SysAdmin),
        (dpo, Role::Dpo),
    ] {
        assert!(h.refusal::<SeeConcern>(h.cx(user, role), concern).await.is_some(), "{role}");
    }

    let mut notes = Vec::new();
    for (user, role, text) in [
        (lead, Role::SafeguardingLead, "Rang the allocated worker."),
        (cast.owner, Role::Practitioner, "Told Mum on Tuesday."),
    ] {
        let (mut work, write) = h.ask::<WriteConcern>(h.cx(user, role), concern).await;
        let new = ConcernNoteId::mint(&h.ids);
        work.add_concern_note(&write, new, &note(text)).await.unwrap();
        work.set_told(&write, Told::Yes).await.unwrap();
        work.commit().await.unwrap();
        let hat = hearback_domain::Hat::Person(role);
        notes.push(ConcernNote { id: new, author: user, hat, body: note(text), at: h.now() });
        h.clock.advance_seconds(1);
    }
    let cx = h.cx(lead, Role::SafeguardingLead);
    let (mut work, see) = h.ask::<SeeConcern>(cx, concern).await;
    assert_eq!(work.concern_notes(&see).await.unwrap(), notes, "in the order of time");
    assert_eq!(work.concern(&see).await.unwrap().unwrap().told, Told::Yes);
}

/// A concern moves one step at a time, and only from where it is; lists have those that are not closed first.
pub async fn concerns_move_on_and_are_listed(store: &dyn Store) {
    use ConcernState as S;

    let h = House::new(store);
    let cast = h.cast().await;
    let (lead, _) = two_more(&h).await;
    let id = h.released(cast, "Robin").await;
    let mut all = Vec::new();
    for n in 0..3 {
        all.push(raised(&h, cast, id, n, n + 1).await);
        h.clock.advance_seconds(1);
    }
    let cx = h.cx(lead, Role::SafeguardingLead);
    let (mut work, write) = h.ask::<WriteConcern>(cx, all[2]).await;
    assert!(!work.move_concern(&write, S::PassedOn, S::Closed).await.unwrap());
    assert!(work.move_concern(&write, S::Open, S::PassedOn).await.unwrap());
    assert!(!work.move_concern(&write, S::Open, S::PassedOn).await.unwrap());
    assert!(work.move_concern(&write, S::PassedOn, S::Closed).await.unwrap());
    work.commit().await.unwrap();

    let (mut work, see) = h.ask::<SeeConcerns>(cx, ()).await;
    let listed = work.concerns(&see).await.unwrap();
    let ids: Vec<_> = listed.iter().map(|c| c.id).collect();
    assert_eq!(ids, [all[1], all[0], all[2]], "closed ones last, then newest first");
    assert_eq!(listed[2].state, S::Closed);
    assert_eq!((listed[0].practitioner, listed[0].raised_by), (cast.owner, cast.owner));
    work.commit().await.unwrap();

    let cx = h.cx(cast.researcher, Role::Researcher);
    let (mut work, permit) = h.ask::<RaiseConcern>(cx, id).await;
    assert_eq!(work.concerns_raised(&permit).await.unwrap(), [], "only one's own");
    let new = new_concern(&h, Told::NotSafe);
    work.raise_concern(&permit, span(1, 2), &new).await.unwrap();
    let own = work.concerns_raised(&permit).await.unwrap();
    assert_eq!(own.iter().map(|c| c.id).collect::<Vec<_>>(), [new.id]);
}

/// A coach's concern is about an extract: its passage is the extract's, whatever becomes of that.
pub async fn a_concern_about_an_extract_has_its_passage(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let make = h.maker(cast.researcher, id).await;
    let (_, clips) = h.playlist(&make, &[(10, 40)]).await;
    let clip: ClipId = clips[0].id;
    h.render(clip).await;
    h.approve(&make, clip).await;
    assert!(h.agree(&make).await);

    let cx = h.cx(cast.coach, Role::Coach);
    let refused = h.refusal::<RaiseConcern>(cx, id).await;
    assert_eq!(refused, Some(Refusal::State), "a coach never reaches a whole recording");
    let (mut work, permit) = h.ask::<RaiseConcernOnClip>(cx, clip).await;
    let new = new_concern(&h, Told::NotSafe);
    assert!(work.raise_concern_on_clip(&permit, &new).await.unwrap());
    work.commit().await.unwrap();

    let mut work = h.begin().await;
    assert!(work.remove_clip(&make, clip).await.unwrap().is_some());
    let again = new_concern(&h, Told::Yes);
    assert!(!work.raise_concern_on_clip(&permit, &again).await.unwrap(), "it is gone");
    work.commit().await.unwrap();

    let (mut work, see) = h.ask::<SeeConcern>(cx, new.id).await;
    let concern = work.concern(&see).await.unwrap().unwrap();
    assert_eq!((concern.span, concern.recording), (span(10, 40), id));
}

/// A passage is heard by the one who asked, in that capacity, after somebody else allowed it, for an hour.
pub async fn a_passage_takes_two_people_and_lasts_an_hour(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (lead, dpo) = two_more(&h).await;
    let id = h.released(cast, "Robin").await;
    let concern = raised(&h, cast, id, 5, 65).await;
    let other = raised(&h, cast, id, 100, 101).await;
    let as_lead = |h: &House<'_>| h.cx(lead, Role::SafeguardingLead).elevated(true);
    let as_dpo = |h: &House<'_>, user| h.cx(user, Role::Dpo).elevated(true);

    let (mut work, ask) = h.ask::<RequestGlass>(as_lead(&h), concern).await;
    let glass = GlassId::mint(&h.ids);
    assert!(work.request_glass(&ask, glass, &reason("To know who is meant.")).await.unwrap());
    let twice = work.request_glass(&ask, GlassId::mint(&h.ids), &reason("Again.")).await.unwrap();
    assert!(!twice, "one request waits at a time");
    work.commit().await.unwrap();
    let refused = h.refusal::<HearPassage>(as_lead(&h), concern).await;
    assert_eq!(refused, Some(Refusal::Relation), "nobody has answered yet");

    // The one who asked does not decide, under whichever hat.
    let (mut work, decide) = h.ask::<DecideGlass>(as_dpo(&h, lead), concern).await;
    assert!(!work.decide_glass(&decide, glass, true).await.unwrap());
    let (mut work, decide) = {
        work.commit().await.unwrap();
        h.ask::<DecideGlass>(as_dpo(&h, dpo), other).await
    };
    assert!(!work.decide_glass(&decide, glass, true).await.unwrap(), "another concern's");
    work.commit().await.unwrap();
    let (mut work, decide) = h.ask::<DecideGlass>(as_dpo(&h, dpo), concern).await;
    assert!(work.decide_glass(&decide, glass, true).await.unwrap());
    assert!(!work.decide_glass(&decide, glass, false).await.unwrap(), "decided once");
    work.commit().await.unwrap();

    let (mut work, hear) = h.ask::<HearPassage>(as_lead(&h), concern).await;
    assert_eq!(work.passage(&hear).await.unwrap(), Some(span(5, 65)));
    work.commit().await.unwrap();
    let heard_at = h.now();
    for (cx, object) in [
        (as_lead(&h), other),
        (as_lead(&h).elevated(false), concern),
        (h.cx(lead, Role::Dpo).elevated(true), concern),
        (as_dpo(&h, dpo), concern),
        (h.cx(dpo, Role::SafeguardingLead).elevated(true), concern),
        (h.cx(cast.owner, Role::SafeguardingLead).elevated(true), concern),
    ] {
        assert!(h.refusal::<HearPassage>(cx, object).await.is_some(), "{:?}", cx.hat);
    }

    let (mut work, see) = h.ask::<SeeConcern>(as_lead(&h), concern).await;
    let all = work.glass_of(&see).await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].requested_by, all[0].decided_by), (lead, Some(dpo)));
    assert_eq!((all[0].allowed, all[0].heard_at), (Some(true), Some(heard_at)));
    assert_eq!(all[0].expires_at, Some(h.later(GLASS_SECONDS)));
    work.commit().await.unwrap();

    h.clock.advance_seconds(GLASS_SECONDS - 1);
    assert_eq!(h.refusal::<HearPassage>(as_lead(&h), concern).await, None);
    h.clock.advance_seconds(1);
    assert_eq!(h.refusal::<HearPassage>(as_lead(&h), concern).await, Some(Refusal::Relation));

    // A refusal stays one; the list has what waits first.
    let (mut work, ask) = h.ask::<RequestGlass>(as_lead(&h), other).await;
    let refused = GlassId::mint(&h.ids);
    assert!(work.request_glass(&ask, refused, &reason("Another.")).await.unwrap());
    work.commit().await.unwrap();
    let (mut work, list) = h.ask::<SeeGlass>(h.cx(dpo, Role::Dpo), ()).await;
    let listed = work.glass_requests(&list).await.unwrap();
    assert_eq!(listed.iter().map(|g| g.id).collect::<Vec<_>>(), [refused, glass]);
    assert_eq!(listed[0].reason, reason("Another."));
    work.commit().await.unwrap();
    let (mut work, decide) = h.ask::<DecideGlass>(as_dpo(&h, dpo), other).await;
    assert!(work.decide_glass(&decide, refused, false).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(h.refusal::<HearPassage>(as_lead(&h), other).await, Some(Refusal::Relation));
}

/// The practitioner, and nobody else, learns that a passage was heard; it is noted when they were shown that.
pub async fn the_practitioner_is_told_that_a_passage_was_heard(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (lead, dpo) = two_more(&h).await;
    let id = h.released(cast, "Robin").await;
    let concern = raised(&h, cast, id, 5, 65).await;
    let as_lead = h.cx(lead, Role::SafeguardingLead).elevated(true);
    let (mut work, ask) = h.ask::<RequestGlass>(as_lead, concern).await;
    let glass = GlassId::mint(&h.ids);
    assert!(work.request_glass(&ask, glass, &reason("To know who is meant.")).await.unwrap());
    work.commit().await.unwrap();
    let as_dpo = h.cx(dpo, Role::Dpo).elevated(true);
    let (mut work, decide) = h.ask::<DecideGlass>(as_dpo, concern).await;
    assert!(work.decide_glass(&decide, glass, true).await.unwrap());
    work.commit().await.unwrap();

    let owner = h.cx(cast.owner, Role::Practitioner);
    let (mut work, see) = h.ask::<SeeRecording>(owner, id).await;
    assert_eq!(work.passages_heard(&see).await.unwrap(), [], "allowed, and not heard yet");
    work.commit().await.unwrap();

    for _ in 0..2 {
        let (mut work, hear) = h.ask::<HearPassage>(as_lead, concern).await;
        work.passage(&hear).await.unwrap();
        work.commit().await.unwrap();
    }
    let heard_at = h.now();
    h.clock.advance_seconds(5);
    let (mut work, see) = h.ask::<SeeRecording>(h.cx(cast.owner, Role::Practitioner), id).await;
    let heard = work.passages_heard(&see).await.unwrap();
    assert_eq!(heard.len(), 1, "once, however often it was heard");
    assert_eq!((heard[0].glass, heard[0].span, heard[0].heard_at), (glass, span(5, 65), heard_at));
    assert_eq!((&heard[0].reason, heard[0].seen_at), (&reason("To know who is meant."), None));
    work.passages_shown(&see).await.unwrap();
    let shown = work.passages_heard(&see).await.unwrap()[0].seen_at;
    assert_eq!(shown, Some(h.now()));
    work.commit().await.unwrap();

    h.clock.advance_seconds(5);
    let (mut work, see) = h.ask::<SeeRecording>(h.cx(cast.owner, Role::Practitioner), id).await;
    work.passages_shown(&see).await.unwrap();
    assert_eq!(work.passages_heard(&see).await.unwrap()[0].seen_at, shown, "the first time stays");
    work.commit().await.unwrap();
    let (mut work, see) = h.ask::<SeeRecording>(h.cx(cast.researcher, Role::Researcher), id).await;
    assert_eq!(work.passages_heard(&see).await.unwrap(), [], "it is for the practitioner");
}

/// When the recording is erased the passage goes; the concern stays, is read and added to, and the practitioner is
/// still told that the passage was heard. It says nothing of the recording but a number that leads nowhere.
pub async fn a_concern_outlives_its_recording(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (lead, dpo) = two_more(&h).await;
    let id = h.released(cast, "Robin").await;
    let concern = raised(&h, cast, id, 5, 65).await;
    let as_lead = |h: &House<'_>| h.cx(lead, Role::SafeguardingLead).elevated(true);
    let as_dpo = h.cx(dpo, Role::Dpo).elevated(true);
    let (mut work, ask) = h.ask::<RequestGlass>(as_lead(&h), concern).await;
    let glass = GlassId::mint(&h.ids);
    assert!(work.request_glass(&ask, glass, &reason("To know who is meant.")).await.unwrap());
    work.commit().await.unwrap();
    let (mut work, decide) = h.ask::<DecideGlass>(as_dpo, concern).await;
    assert!(work.decide_glass(&decide, glass, true).await.unwrap());
    work.commit().await.unwrap();
    let (mut work, hear) = h.ask::<HearPassage>(as_lead(&h), concern).await;
    work.passage(&hear).await.unwrap();
    work.commit().await.unwrap();
    let heard_at = h.now();
    let owner = |h: &House<'_>| h.cx(cast.owner, Role::Practitioner);
    let mut work = h.begin().await;
    assert_eq!(work.tell_what_was_heard_of_gone(owner(&h)).await.unwrap(), [], "it is there");
    drop(work);

    // First the sound alone, then everything.
    for (class, seq) in KeyClass::ALL.iter().zip(1..) {
        let (mut work, permit) = h.ask::<Erase>(Cx::worker(h.now()), id).await;
        let erasure = Erasure {
            id: ErasureId::mint(&h.ids),
            classes: vec![*class],
            whole: false,
            cause: ErasureCause::Withdrawal,
        };
        let receipt = [u8::try_from(seq).unwrap(); 32];
        work.add_erasure(&permit, &erasure, &receipt, JobId::mint(&h.ids)).await.unwrap();
        work.erase_rows(&permit, erasure.id, seq).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(h.refusal::<HearPassage>(as_lead(&h), concern).await, Some(Refusal::Gone));
        assert_eq!(h.refusal::<RequestGlass>(as_lead(&h), concern).await, Some(Refusal::Gone));

        let (mut work, write) = h.ask::<WriteConcern>(as_lead(&h), concern).await;
        let new = ConcernNoteId::mint(&h.ids);
        work.add_concern_note(&write, new, &note("Rang the allocated worker.")).await.unwrap();
        work.commit().await.unwrap();
        let (mut work, see) = h.ask::<SeeConcern>(owner(&h), concern).await;
        let found = work.concern(&see).await.unwrap().unwrap();
        assert_eq!((found.recording, found.practitioner), (id, cast.owner));
        assert_eq!(found.body, note("She says she is\nalone at night."));
        assert!(!found.sound_is_there);
        let notes = work.concern_notes(&see).await.unwrap();
        assert_eq!(notes.len(), usize::try_from(seq).unwrap());
        assert_eq!(work.glass_of(&see).await.unwrap()[0].heard_at, Some(heard_at));
        work.commit().await.unwrap();
    }
    assert_eq!(h.refusal::<SeeRecording>(owner(&h), id).await, Some(Refusal::Absent));
    let (mut work, see) = h.ask::<SeeConcerns>(as_lead(&h), ()).await;
    let listed = work.concerns(&see).await.unwrap();
    assert_eq!(listed.iter().map(|c| c.id).collect::<Vec<_>>(), [concern]);
    work.commit().await.unwrap();

    let tell = async |cx| {
        let mut work = h.begin().await;
        let told = work.tell_what_was_heard_of_gone(cx).await.unwrap();
        work.commit().await.unwrap();
        told
    };
    assert_eq!(tell(h.cx(cast.stranger, Role::Practitioner)).await, []);
    assert_eq!(tell(h.cx(cast.owner, Role::Coach)).await, []);
    let first = tell(owner(&h)).await;
    assert_eq!((first[0].glass, first[0].span, first[0].seen_at), (glass, span(5, 65), None));
    let shown_at = h.now();
    h.clock.advance_seconds(5);
    assert_eq!(tell(owner(&h)).await[0].seen_at, Some(shown_at));
    assert_eq!(tell(owner(&h)).await[0].seen_at, Some(shown_at), "the first time stays");
}
