//! What is hidden, and what that does to extracts.

use hearback_access::{
    ApproveRedaction, Cx, Hide, MakePlaylist, ObjectKind, Permit, PlayClip, PlayRecording,
    RenderClip, SeePlaylist, SeeRedaction, ShowAgain,
};
use hearback_domain::{
    ClipId, Hidden, HiddenId, HideReason, HideWith, PlaylistId, RecordingId, RedactionVersion,
    Role, Span, UserId, policy::Refusal,
};

use super::fixture::{Cast, House, span};
use crate::{Clip, HiddenPassage, Redaction, Store};

fn name_at(span: Span) -> Hidden {
    Hidden { span, why: HideReason::Name }
}

/// Hides a passage as the practitioner; gives it and the extracts to be cut anew.
async fn hide(
    h: &House<'_>,
    owner: UserId,
    id: RecordingId,
    hidden: Hidden,
) -> (HiddenId, Vec<ClipId>) {
    let new = HiddenId::mint(&h.ids);
    let (mut work, permit) = h.ask::<Hide>(h.cx(owner, Role::Practitioner), id).await;
    let again = work.hide(&permit, new, &hidden).await.unwrap();
    work.commit().await.unwrap();
    (new, again)
}

async fn read(h: &House<'_>, owner: UserId, id: RecordingId) -> Redaction {
    let (mut work, see) = h.ask::<SeeRedaction>(h.cx(owner, Role::Practitioner), id).await;
    work.redaction(&see).await.unwrap().unwrap()
}

/// Says that nothing is left to hide under this version; whether it counted.
async fn approve(h: &House<'_>, cast: Cast, id: RecordingId, version: u64) -> bool {
    let cx = h.cx(cast.researcher, Role::Researcher);
    let (mut work, permit) = h.ask::<ApproveRedaction>(cx, id).await;
    let done = work.approve_redaction(&permit, RedactionVersion::new(version)).await.unwrap();
    work.commit().await.unwrap();
    done
}

async fn extracts(h: &House<'_>, make: &Permit<MakePlaylist>) -> Vec<Clip> {
    h.begin().await.playlist(make).await.unwrap().unwrap().clips
}

/// A released recording whose extracts, at these seconds, are cut, approved and in the room.
async fn in_the_room(
    h: &House<'_>,
    cast: Cast,
    at: &[(u64, u64)],
) -> (RecordingId, Permit<MakePlaylist>, PlaylistId, Vec<ClipId>) {
    let id = h.released(cast, "Robin").await;
    let make = h.maker(cast.researcher, id).await;
    let (playlist, new) = h.playlist(&make, at).await;
    let clips: Vec<_> = new.iter().map(|clip| clip.id).collect();
    for clip in &clips {
        h.render(*clip).await;
        h.approve(&make, *clip).await;
    }
    assert!(h.agree(&make).await);
    (id, make, playlist, clips)
}

async fn plays(h: &House<'_>, cast: Cast, clip: ClipId) -> bool {
    h.refusal::<PlayClip>(h.cx(cast.coach, Role::Coach), clip).await.is_none()
}

/// Passages are read by where they begin; each recording has its own, and a version that counts.
pub async fn what_is_hidden_comes_back_in_order(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (one, two) = (h.released(cast, "Robin").await, h.released(cast, "Sky").await);
    let nothing = Redaction {
        version: RedactionVersion::new(0),
        with: HideWith::Tone,
        passages: vec![],
        approved: None,
    };
    assert_eq!(read(&h, cast.owner, one).await, nothing);

    let mut expected = Vec::new();
    for (from, why) in (0..).map(|n| 50 - n * 7).zip(HideReason::ALL) {
        let hidden = Hidden { span: span(from, from + 2), why: *why };
        let (passage, cut) = hide(&h, cast.owner, one, hidden).await;
        assert_eq!(cut, [], "there are no extracts");
        expected.push(HiddenPassage {
            id: passage,
            hidden,
            hidden_by: cast.owner,
            show_asked_by: None,
        });
    }
    expected.reverse();
    let set = read(&h, cast.owner, one).await;
    assert_eq!(set.passages, expected);
    assert_eq!(set.version.get(), expected.len() as u64);
    assert_eq!(read(&h, cast.owner, two).await, nothing, "each recording has its own");

    // Whoever may open the sound can render it; a permit for nothing of it cannot.
    let (mut work, play) =
        h.ask::<PlayRecording>(h.cx(cast.researcher, Role::Researcher), one).await;
    let rendered = work.hidden_of(&play).await.unwrap().unwrap();
    assert_eq!((rendered.version, rendered.with), (set.version, set.with));
    assert_eq!(rendered.hidden, expected.iter().map(|p| p.hidden).collect::<Vec<_>>());
    drop(work);
    let coach = h.cx(cast.coach, Role::Coach);
    assert_eq!(h.refusal::<Hide>(coach, one).await, Some(Refusal::Role));
    let stranger = h.cx(cast.stranger, Role::Practitioner);
    assert_eq!(h.refusal::<SeeRedaction>(stranger, one).await, Some(Refusal::Relation));
}

/// One asks, another says yes; until then it is hidden, and either may leave it so.
pub async fn two_people_decide_that_something_is_heard_again(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (id, other) = (h.released(cast, "Robin").await, h.released(cast, "Sky").await);
    let (passage, _) = hide(&h, cast.owner, id, name_at(span(5, 7))).await;
    let (owner, researcher) =
        (h.cx(cast.owner, Role::Practitioner), h.cx(cast.researcher, Role::Researcher));
    let (work, mine) = h.ask::<ShowAgain>(owner, id).await;
    work.commit().await.unwrap();
    let (work, theirs) = h.ask::<ShowAgain>(researcher, id).await;
    work.commit().await.unwrap();
    let (work, elsewhere) = h.ask::<ShowAgain>(researcher, other).await;
    work.commit().await.unwrap();

    let mut work = h.begin().await;
    assert_eq!(work.show_again(&theirs, passage).await.unwrap(), None, "nobody asked");
    assert!(!work.keep_hidden(&theirs, passage).await.unwrap());
    assert!(!work.ask_to_show(&elsewhere, passage).await.unwrap(), "not of that recording");
    assert!(work.ask_to_show(&mine, passage).await.unwrap());
    assert!(!work.ask_to_show(&theirs, passage).await.unwrap(), "somebody asked already");
    assert_eq!(work.show_again(&mine, passage).await.unwrap(), None, "not the one who asked");
    assert_eq!(work.show_again(&elsewhere, passage).await.unwrap(), None);
    work.commit().await.unwrap();
    let set = read(&h, cast.owner, id).await;
    assert_eq!(set.version, RedactionVersion::new(1), "it is hidden as before");
    assert_eq!(set.passages[0].show_asked_by, Some(cast.owner));

    let mut work = h.begin().await;
    assert!(work.keep_hidden(&theirs, passage).await.unwrap());
    assert_eq!(work.show_again(&theirs, passage).await.unwrap(), None, "the request is gone");
    assert!(work.ask_to_show(&theirs, passage).await.unwrap());
    assert_eq!(work.show_again(&theirs, passage).await.unwrap(), None);
    assert_eq!(work.show_again(&mine, passage).await.unwrap(), Some(vec![]));
    assert_eq!(work.show_again(&mine, passage).await.unwrap(), None, "it is done");
    work.commit().await.unwrap();
    let set = read(&h, cast.owner, id).await;
    assert_eq!((set.version, set.passages), (RedactionVersion::new(2), vec![]));
}

/// What lies where something is hidden, or heard again, is cut, approved and agreed anew. The rest plays on.
pub async fn hiding_seals_the_extracts_there_and_no_others(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (id, make, _, clips) = in_the_room(&h, cast, &[(60, 70), (5, 9), (80, 90)]).await;
    let before = extracts(&h, &make).await;

    let (_, cut) = hide(&h, cast.owner, id, name_at(span(40, 41))).await;
    assert_eq!(cut, [], "no extract is there");
    assert!(plays(&h, cast, clips[0]).await && plays(&h, cast, clips[2]).await);

    // In the first extract, and not near another one.
    let (passage, cut) = hide(&h, cast.owner, id, name_at(span(66, 79))).await;
    assert_eq!(cut, [clips[0]]);
    let after = extracts(&h, &make).await;
    assert_eq!((after[0].cut, after[0].approved_by), (None, None));
    assert_eq!(after[1..], before[1..]);
    let mut work = h.begin().await;
    assert!(!work.knows_object(before[0].cut.unwrap()).await.unwrap(), "its sound is forgotten");
    assert_eq!(work.playlist(&make).await.unwrap().unwrap().agreed_at, None);
    drop(work);
    for clip in &clips {
        assert!(!plays(&h, cast, *clip).await, "the playlist is agreed anew");
    }
    assert!(h.agree(&make).await);
    assert!(plays(&h, cast, clips[1]).await && plays(&h, cast, clips[2]).await);
    assert!(!plays(&h, cast, clips[0]).await, "not cut");
    h.render(clips[0]).await;
    assert!(!plays(&h, cast, clips[0]).await, "not listened to");
    h.approve(&make, clips[0]).await;
    assert!(plays(&h, cast, clips[0]).await);

    // So does hearing something else in its place; the same once more changes nothing.
    for (with, sealed) in [(HideWith::Silence, true), (HideWith::Silence, false)] {
        let (mut work, permit) = h.ask::<Hide>(h.cx(cast.owner, Role::Practitioner), id).await;
        let again = work.hide_with(&permit, with).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(again == [clips[0]], sealed);
        assert_eq!(again.is_empty(), !sealed);
        assert_eq!(read(&h, cast.owner, id).await.with, with);
    }
    assert!(!plays(&h, cast, clips[0]).await && !plays(&h, cast, clips[1]).await);
    let object = h.render(clips[0]).await;
    h.approve(&make, clips[0]).await;
    assert!(h.agree(&make).await);

    // Hearing it again changes the same extract once more.
    let ask = |user, role| h.ask::<ShowAgain>(h.cx(user, role), id);
    let (mut work, first) = ask(cast.researcher, Role::Researcher).await;
    assert!(work.ask_to_show(&first, passage).await.unwrap());
    work.commit().await.unwrap();
    assert!(plays(&h, cast, clips[0]).await, "asking changes nothing");
    let (mut work, second) = ask(cast.owner, Role::Practitioner).await;
    assert_eq!(work.show_again(&second, passage).await.unwrap(), Some(vec![clips[0]]));
    assert!(!work.knows_object(object.id).await.unwrap());
    work.commit().await.unwrap();
    assert!(!plays(&h, cast, clips[0]).await);
}

/// A cut that was made under another version of what is hidden does not count.
pub async fn an_extract_is_cut_under_what_is_hidden_now(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let make = h.maker(cast.researcher, id).await;
    let (_, new) = h.playlist(&make, &[(60, 70)]).await;
    let clip = new[0].id;
    let (mut work, render) = h.ask::<RenderClip>(Cx::worker(h.now()), clip).await;
    let old = work.hidden_of(&render).await.unwrap().unwrap();
    work.commit().await.unwrap();

    // Far from the extract: even so, the worker looks again.
    hide(&h, cast.owner, id, name_at(span(300, 301))).await;
    let object = h.object(id, ObjectKind::Clip(clip));
    let mut work = h.begin().await;
    assert!(!work.set_rendered(&render, span(60, 70), old.version, &object).await.unwrap());
    assert_eq!(work.object(&render, ObjectKind::Clip(clip)).await.unwrap(), None);
    let now = work.hidden_of(&render).await.unwrap().unwrap();
    assert_eq!((now.version.get(), now.hidden), (1, vec![name_at(span(300, 301))]));
    assert!(work.set_rendered(&render, span(60, 70), now.version, &object).await.unwrap());
    work.commit().await.unwrap();
    h.approve(&make, clip).await;
    assert!(h.agree(&make).await);
    assert!(plays(&h, cast, clip).await);
}

/// Whoever listened to the whole as it is heard stands for each of its extracts, until something changes.
pub async fn a_set_that_was_listened_to_stands_for_its_extracts(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let make = h.maker(cast.researcher, id).await;
    let (playlist, new) = h.playlist(&make, &[(60, 70), (80, 90)]).await;
    for clip in &new {
        h.render(clip.id).await;
    }
    assert!(!h.agree(&make).await, "nobody listened to anything");
    assert!(!approve(&h, cast, id, 1).await, "there is no such version");
    assert!(approve(&h, cast, id, 0).await, "nothing is hidden, and that is said");
    let said = Some((cast.researcher, h.now()));
    assert_eq!(read(&h, cast.owner, id).await.approved, said);
    assert!(h.begin().await.playlist(&make).await.unwrap().unwrap().nothing_to_hide);
    assert!(h.agree(&make).await);
    assert!(plays(&h, cast, new[0].id).await && plays(&h, cast, new[1].id).await);
    let coach = h.cx(cast.coach, Role::Coach);
    let (mut work, see) = h.ask::<SeePlaylist>(coach, playlist).await;
    assert_eq!(work.room_playlist(&see).await.unwrap().unwrap().clips.len(), 2);
    drop(work);

    // Something is hidden far away: what was said was said of the recording as it was.
    hide(&h, cast.owner, id, name_at(span(300, 301))).await;
    assert_eq!(read(&h, cast.owner, id).await.approved, None);
    assert!(!plays(&h, cast, new[0].id).await);
    assert!(!approve(&h, cast, id, 0).await, "what was heard is another version");
    assert!(approve(&h, cast, id, 1).await);
    assert!(plays(&h, cast, new[0].id).await, "it is in the room as before");

    // It was said for these listeners.
    h.release(cast.owner, id, cast.researcher, Some(cast.coach)).await;
    assert_eq!(read(&h, cast.owner, id).await.approved, None);
    assert!(!h.agree(&make).await);
}
