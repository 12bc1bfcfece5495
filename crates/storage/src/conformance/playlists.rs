//! Playlists and extracts.

use hearback_access::{
    Cx, DecideSharing, MakePlaylist, ObjectKind, Permit, PlayClip, PreviewClip, RenderClip,
    SeePlaylist, VetoClip, list,
};
use hearback_domain::{
    ClipId, PlaylistId, Purpose, RedactionVersion, Role, UserId, coding::Standing, policy::Refusal,
};

use super::fixture::{Cast, House, note, span};
use crate::{
    ChangedClip, Clip, ClipRemoval, ClipToRender, NewClip, Playlist, PlaylistSummary, RoomClip,
    RoomPlaylist, Store,
};

async fn read(h: &House<'_>, make: &Permit<MakePlaylist>) -> Playlist {
    h.begin().await.playlist(make).await.unwrap().unwrap()
}

async fn clips(h: &House<'_>, make: &Permit<MakePlaylist>) -> Vec<ClipId> {
    read(h, make).await.clips.into_iter().map(|c| c.id).collect()
}

fn as_read(new: &NewClip) -> Clip {
    Clip {
        id: new.id,
        framework_version: new.framework_version.clone(),
        skill: new.item.skill().to_owned(),
        sub: new.item.sub().map(ToOwned::to_owned),
        span: new.span,
        note: new.note.clone(),
        question: new.question.clone(),
        cut: None,
        approved_by: None,
        vetoed: false,
        quoted: false,
    }
}

/// Asking for a playlist twice finds the first; each recording has its own.
pub async fn a_recording_has_one_playlist(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (one, two) = (h.released(cast, "Robin").await, h.released(cast, "Sky").await);
    let (make, other) = (h.maker(cast.researcher, one).await, h.maker(cast.researcher, two).await);
    let first = PlaylistId::mint(&h.ids);
    let mut work = h.begin().await;
    assert_eq!(work.playlist(&make).await.unwrap(), None);
    assert_eq!(work.ensure_playlist(&make, first).await.unwrap(), first);
    let again = PlaylistId::mint(&h.ids);
    assert_eq!(work.ensure_playlist(&make, again).await.unwrap(), first);
    work.commit().await.unwrap();
    assert_eq!(
        read(&h, &make).await,
        Playlist {
            id: first,
            clips: vec![],
            kept: vec![],
            agreed_at: None,
            nothing_to_hide: false
        }
    );

    let mut work = h.begin().await;
    assert_eq!(work.playlist(&other).await.unwrap(), None);
    assert!(!work.agree_playlist(&other).await.unwrap(), "there is none");
    assert!(work.add_clip(&other, &h.new_clip(1, 2)).await.is_err(), "it has to be there");
}

/// Extracts stay in the order in which they were added, until one is moved.
pub async fn extracts_keep_their_order(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let make = h.maker(cast.researcher, id).await;
    let (_, new) = h.playlist(&make, &[(60, 70), (5, 9), (200, 210), (30, 40)]).await;
    assert_eq!(read(&h, &make).await.clips, new.iter().map(as_read).collect::<Vec<_>>());

    let [first, second, third, fourth] = [new[0].id, new[1].id, new[2].id, new[3].id];
    let mut work = h.begin().await;
    assert!(work.move_clip(&make, fourth, true).await.unwrap());
    assert!(work.move_clip(&make, first, false).await.unwrap());
    assert!(!work.move_clip(&make, second, true).await.unwrap(), "at that end already");
    assert!(!work.move_clip(&make, third, false).await.unwrap(), "at that end already");
    assert!(!work.move_clip(&make, ClipId::mint(&h.ids), true).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(clips(&h, &make).await, [second, first, fourth, third]);

    let mut work = h.begin().await;
    assert!(work.remove_clip(&make, first).await.unwrap().is_some());
    let last = h.new_clip(300, 301);
    work.add_clip(&make, &last).await.unwrap();
    assert!(work.move_clip(&make, fourth, true).await.unwrap(), "over the gap");
    work.commit().await.unwrap();
    assert_eq!(clips(&h, &make).await, [fourth, second, third, last.id]);
}

/// Words are changed without touching sound or approval; only through a permit for that recording.
pub async fn extracts_are_changed_and_removed(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (one, two) = (h.released(cast, "Robin").await, h.released(cast, "Sky").await);
    let (make, other) = (h.maker(cast.researcher, one).await, h.maker(cast.researcher, two).await);
    let (_, new) = h.playlist(&make, &[(60, 70), (5, 9)]).await;
    h.playlist(&other, &[]).await;
    let clip = new[0].id;
    let object = h.render(clip).await;
    h.approve(&make, clip).await;
    assert!(h.agree(&make).await);
    let agreed_at = read(&h, &make).await.agreed_at;
    assert_eq!(agreed_at, Some(h.now()));

    let words =
        ChangedClip { id: clip, span: new[0].span, note: note("Other words"), question: note("") };
    let mut work = h.begin().await;
    assert!(!work.change_clip(&other, &words).await.unwrap());
    assert_eq!(work.remove_clip(&other, clip).await.unwrap(), None);
    assert!(!work.approve_clip(&other, clip, object.id).await.unwrap());
    assert!(!work.move_clip(&other, clip, false).await.unwrap());
    assert!(work.change_clip(&make, &words).await.unwrap());
    let unknown = ChangedClip { id: ClipId::mint(&h.ids), ..words.clone() };
    assert!(!work.change_clip(&make, &unknown).await.unwrap());
    work.commit().await.unwrap();

    let playlist = read(&h, &make).await;
    assert_eq!(playlist.agreed_at, agreed_at);
    assert_eq!(
        playlist.clips[0],
        Clip {
            note: words.note,
            question: words.question,
            cut: Some(object.id),
            approved_by: Some(cast.researcher),
            ..as_read(&new[0])
        }
    );
    assert_eq!(playlist.clips[1], as_read(&new[1]));

    let mut work = h.begin().await;
    assert!(work.knows_object(object.id).await.unwrap());
    assert_eq!(work.remove_clip(&make, clip).await.unwrap(), Some(ClipRemoval::Gone));
    assert_eq!(work.remove_clip(&make, clip).await.unwrap(), None);
    assert!(!work.knows_object(object.id).await.unwrap(), "its sound is forgotten");
    work.commit().await.unwrap();
    assert_eq!(clips(&h, &make).await, [new[1].id]);
}

/// Another span: cut anew, approved anew, agreed anew; so is a playlist that got one more.
pub async fn another_span_starts_an_extract_anew(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let make = h.maker(cast.researcher, id).await;
    let (_, new) = h.playlist(&make, &[(60, 70), (80, 90)]).await;
    let mut objects = Vec::new();
    for clip in &new {
        objects.push(h.render(clip.id).await);
        h.approve(&make, clip.id).await;
    }
    for (from, to) in [(60, 71), (59, 71)] {
        assert!(h.agree(&make).await);
        let change = ChangedClip {
            id: new[0].id,
            span: span(from, to),
            note: new[0].note.clone(),
            question: new[0].question.clone(),
        };
        let mut work = h.begin().await;
        assert!(work.change_clip(&make, &change).await.unwrap());
        assert!(!work.knows_object(objects[0].id).await.unwrap());
        assert!(work.knows_object(objects[1].id).await.unwrap());
        let old = work.approve_clip(&make, new[0].id, objects[0].id).await.unwrap();
        assert!(!old, "nobody can have heard it");
        work.commit().await.unwrap();
        let playlist = read(&h, &make).await;
        assert_eq!(playlist.agreed_at, None);
        assert_eq!(playlist.clips[0], Clip { span: span(from, to), ..as_read(&new[0]) });
        assert_eq!(playlist.clips[1].approved_by, Some(cast.researcher));
    }

    let anew = h.render(new[0].id).await;
    assert_eq!(read(&h, &make).await.clips[0].cut, Some(anew.id));
    let mut work = h.begin().await;
    for other in [objects[0].id, objects[1].id] {
        let heard = work.approve_clip(&make, new[0].id, other).await.unwrap();
        assert!(!heard, "what was heard is another cut");
    }
    assert!(work.approve_clip(&make, new[0].id, anew.id).await.unwrap());
    work.commit().await.unwrap();

    assert!(h.agree(&make).await);
    let mut work = h.begin().await;
    work.add_clip(&make, &h.new_clip(1, 2)).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(read(&h, &make).await.agreed_at, None, "it has to be agreed anew");
}

/// The worker's cut counts once, and only if the extract is still what it cut.
pub async fn an_extract_is_cut_once_and_only_as_it_stands(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let make = h.maker(cast.researcher, id).await;
    let (_, new) = h.playlist(&make, &[(60, 70)]).await;
    let clip = new[0].id;
    let (mut work, render) = h.ask::<RenderClip>(Cx::worker(h.now()), clip).await;
    let hidden = RedactionVersion::default();
    let wanted = ClipToRender { recording: id, span: span(60, 70), rendered: false };
    assert_eq!(work.clip_to_render(&render).await.unwrap(), Some(wanted));

    let (stale, good, late) = (
        h.object(id, ObjectKind::Clip(clip)),
        h.object(id, ObjectKind::Clip(clip)),
        h.object(id, ObjectKind::Clip(clip)),
    );
    assert!(!work.set_rendered(&render, span(60, 69), hidden, &stale).await.unwrap());
    assert!(!work.set_rendered(&render, span(61, 70), hidden, &stale).await.unwrap());
    assert_eq!(work.object(&render, ObjectKind::Clip(clip)).await.unwrap(), None);
    assert!(work.set_rendered(&render, span(60, 70), hidden, &good).await.unwrap());
    assert!(!work.set_rendered(&render, span(60, 70), hidden, &late).await.unwrap());
    work.commit().await.unwrap();

    let mut work = h.begin().await;
    let there = ClipToRender { rendered: true, ..wanted };
    assert_eq!(work.clip_to_render(&render).await.unwrap(), Some(there));
    assert_eq!(work.object(&render, ObjectKind::Clip(clip)).await.unwrap(), Some(good));
    drop(work);

    let foreign = h.object(id, ObjectKind::Clip(ClipId::mint(&h.ids)));
    let (_, more) = h.playlist(&make, &[(1, 5)]).await;
    let (mut work, render) = h.ask::<RenderClip>(Cx::worker(h.now()), more[0].id).await;
    assert!(work.set_rendered(&render, span(1, 5), hidden, &foreign).await.is_err());
    drop(work);

    h.withhold(cast.owner, id).await;
    let refused = h.refusal::<RenderClip>(Cx::worker(h.now()), more[0].id).await;
    assert_eq!(refused, Some(Refusal::State), "what is withheld is not cut");
}

/// Whether an extract may be heard: by coach, practitioner, researcher preparing it, researcher as in the room.
async fn heard(h: &House<'_>, cast: Cast, clip: ClipId) -> [bool; 4] {
    let play = |user: UserId, role| async move {
        h.refusal::<PlayClip>(h.cx(user, role), clip).await.is_none()
    };
    let researcher = h.cx(cast.researcher, Role::Researcher);
    [
        play(cast.coach, Role::Coach).await,
        play(cast.owner, Role::Practitioner).await,
        h.refusal::<PreviewClip>(researcher, clip).await.is_none(),
        play(cast.researcher, Role::Researcher).await,
    ]
}

/// The room has an extract when it is cut, approved and agreed, in order, and no other.
pub async fn the_room_has_only_what_was_cut_approved_and_agreed(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let make = h.maker(cast.researcher, id).await;
    let (playlist, new) = h.playlist(&make, &[(60, 70), (5, 9), (80, 90), (2, 3)]).await;
    let coach = h.cx(cast.coach, Role::Coach);
    assert!(!h.agree(&make).await, "nothing was cut");

    let mut objects = Vec::new();
    for clip in &new[..3] {
        objects.push(h.render(clip.id).await);
    }
    assert!(!h.agree(&make).await, "nothing was approved");
    h.approve(&make, new[0].id).await;
    h.approve(&make, new[2].id).await;
    let prepared = [false, false, true, false];
    assert_eq!(heard(&h, cast, new[0].id).await, prepared, "not agreed yet");
    assert_eq!(h.refusal::<SeePlaylist>(coach, playlist).await, Some(Refusal::State));

    assert!(h.agree(&make).await);
    let agreed = h.now();
    h.clock.advance_seconds(7);
    let again = h.maker(cast.researcher, id).await;
    assert!(h.agree(&again).await);
    assert_eq!(read(&h, &make).await.agreed_at, Some(agreed), "it was agreed then");

    let room = [true, true, true, false];
    assert_eq!(heard(&h, cast, new[0].id).await, room);
    assert_eq!(heard(&h, cast, new[1].id).await, prepared, "not approved");
    assert_eq!(heard(&h, cast, new[2].id).await, room);
    assert_eq!(heard(&h, cast, new[3].id).await, prepared, "not cut");
    let stranger = h.cx(cast.stranger, Role::Practitioner);
    assert_eq!(h.refusal::<PlayClip>(stranger, new[0].id).await, Some(Refusal::Relation));

    let (mut work, see) = h.ask::<SeePlaylist>(coach, playlist).await;
    let room_clip = |new: &NewClip, bytes| RoomClip {
        id: new.id,
        framework_version: new.framework_version.clone(),
        skill: "empathy".to_owned(),
        sub: Some("curiosity".to_owned()),
        note: new.note.clone(),
        question: new.question.clone(),
        quoted: false,
        bytes,
    };
    assert_eq!(
        work.room_playlist(&see).await.unwrap(),
        Some(RoomPlaylist {
            id: playlist,
            pseudonym: hearback_domain::Pseudonym::new("Robin").unwrap(),
            practitioner: cast.owner,
            named: true,
            clips: vec![room_clip(&new[0], objects[0].bytes), room_clip(&new[2], objects[2].bytes)],
        })
    );
    drop(work);

    // The extract's permit opens that extract and no other.
    let (mut work, play) = h.ask::<PlayClip>(coach, new[0].id).await;
    let opened = work.object(&play, ObjectKind::Clip(new[0].id)).await.unwrap();
    assert_eq!(opened, Some(objects[0]));
    assert_eq!(work.object(&play, ObjectKind::Clip(new[2].id)).await.unwrap(), None);
    assert_eq!(work.object(&play, ObjectKind::Normalised).await.unwrap(), None);
}

/// Skills are named with extracts by coders whose codings count, and by nobody else (REL-04).
pub async fn extracts_of_practice_name_no_skill(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let make = h.maker(cast.researcher, id).await;
    let (playlist, new) = h.playlist(&make, &[(60, 70)]).await;
    h.render(new[0].id).await;
    h.approve(&make, new[0].id).await;
    let make = h.maker(cast.researcher, id).await;
    assert!(h.agree(&make).await);
    let named = async || {
        let (mut work, see) = h.ask::<SeePlaylist>(h.cx(cast.coach, Role::Coach), playlist).await;
        work.room_playlist(&see).await.unwrap().unwrap().named
    };
    assert!(named().await, "nobody could have reached anything");
    let code = h.coder(cast.researcher, id).await;
    let mut work = h.begin().await;
    work.begin_coding(&code, &h.new_coding("v1")).await.unwrap();
    work.finish_coding(&code, false, false, Standing::Practice).await.unwrap();
    work.commit().await.unwrap();
    assert!(!named().await);
}

/// A vetoed extract is gone from the room, whatever else is true of it.
pub async fn the_practitioner_keeps_an_extract_from_being_played(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let make = h.maker(cast.researcher, id).await;
    let (playlist, new) = h.playlist(&make, &[(60, 70), (5, 9)]).await;
    for clip in &new {
        h.render(clip.id).await;
        h.approve(&make, clip.id).await;
    }
    assert!(h.agree(&make).await);

    let coach = h.cx(cast.coach, Role::Coach);
    assert_eq!(h.refusal::<VetoClip>(coach, new[0].id).await, Some(Refusal::Role));
    let owner = h.cx(cast.owner, Role::Practitioner);
    let (mut work, veto) = h.ask::<VetoClip>(owner, new[0].id).await;
    work.veto_clip(&veto).await.unwrap();
    work.commit().await.unwrap();

    assert_eq!(heard(&h, cast, new[0].id).await, [false, false, true, false]);
    assert_eq!(heard(&h, cast, new[1].id).await, [true, true, true, false]);
    let (mut work, see) = h.ask::<SeePlaylist>(coach, playlist).await;
    let room = work.room_playlist(&see).await.unwrap().unwrap();
    assert_eq!(room.clips.iter().map(|c| c.id).collect::<Vec<_>>(), [new[1].id]);
    drop(work);
    let vetoed: Vec<_> = read(&h, &make).await.clips.iter().map(|c| c.vetoed).collect();
    assert_eq!(vetoed, [true, false]);

    // Approving it again, or taking the other one out, does not bring it back.
    h.approve(&make, new[0].id).await;
    let mut work = h.begin().await;
    assert!(work.remove_clip(&make, new[1].id).await.unwrap().is_some());
    work.commit().await.unwrap();
    assert!(!h.agree(&make).await, "nothing is left to play");
    assert_eq!(heard(&h, cast, new[0].id).await, [false, false, true, false]);

    // Nor does taking it out, or moving its ends; its words may still be put better.
    let before = read(&h, &make).await;
    let change = |to| ChangedClip {
        id: new[0].id,
        span: span(60, to),
        note: note("Other words"),
        question: new[0].question.clone(),
    };
    let mut work = h.begin().await;
    assert_eq!(work.remove_clip(&make, new[0].id).await.unwrap(), None);
    assert!(!work.change_clip(&make, &change(69)).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(read(&h, &make).await, before);
    let mut work = h.begin().await;
    assert!(work.change_clip(&make, &change(70)).await.unwrap());
    work.commit().await.unwrap();
    let after = read(&h, &make).await.clips.remove(0);
    assert_eq!(after, Clip { note: note("Other words"), ..before.clips[0].clone() });
}

/// Keeping a recording and letting it go on again does not bring its playlist back; nor does a second release. The
/// practitioner can have cut what was not cut yet.
pub async fn a_playlist_does_not_outlive_a_decision(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (id, other) = (h.released(cast, "Robin").await, h.released(cast, "Sky").await);
    let make = h.maker(cast.researcher, id).await;
    let (playlist, new) = h.playlist(&make, &[(60, 70), (5, 9), (80, 90)]).await;
    let elsewhere = h.maker(cast.researcher, other).await;
    let (_, unmoved) = h.playlist(&elsewhere, &[(60, 70)]).await;
    let clip = new[0].id;
    for (make, clip) in [(&make, clip), (&elsewhere, unmoved[0].id)] {
        h.render(clip).await;
        h.approve(make, clip).await;
        assert!(h.agree(make).await);
    }
    let owner = h.cx(cast.owner, Role::Practitioner);
    let (mut work, veto) = h.ask::<VetoClip>(owner, new[1].id).await;
    work.veto_clip(&veto).await.unwrap();
    work.commit().await.unwrap();

    for withhold in [true, false] {
        assert_eq!(heard(&h, cast, clip).await, [true, true, true, false]);
        if withhold {
            h.withhold(cast.owner, id).await;
        }
        h.release(cast.owner, id, cast.researcher, Some(cast.coach)).await;
        assert_eq!(heard(&h, cast, clip).await, [false, false, true, false]);
        let coach = h.cx(cast.coach, Role::Coach);
        assert_eq!(h.refusal::<SeePlaylist>(coach, playlist).await, Some(Refusal::State));
        let read = read(&h, &make).await;
        assert_eq!(read.agreed_at, None);
        assert!(read.clips.iter().all(|c| c.approved_by.is_none()));
        assert_eq!(read.clips.iter().map(|c| c.vetoed).collect::<Vec<_>>(), [false, true, false]);
        assert!(!h.agree(&make).await, "nothing is approved");
        h.approve(&make, clip).await;
        assert!(h.agree(&make).await);
    }
    assert_eq!(heard(&h, cast, unmoved[0].id).await, [true, true, true, false]);

    let (mut work, decide) = h.ask::<DecideSharing>(owner, id).await;
    assert_eq!(work.uncut_clips(&decide).await.unwrap(), [new[2].id]);
}

/// Lists for the room: newest first, ties by id, each asked of the policy at this moment.
pub async fn the_room_lists_are_asked_of_the_policy(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let mut agreed = Vec::new();
    for (seconds, pseudonym) in [(0, "Kit"), (0, "Ali"), (30, "Zed"), (0, "Bo")] {
        h.clock.advance_seconds(seconds);
        let id = h.released(cast, pseudonym).await;
        let make = h.maker(cast.researcher, id).await;
        let (playlist, new) = h.playlist(&make, &[(60, 70)]).await;
        h.render(new[0].id).await;
        h.approve(&make, new[0].id).await;
        assert!(h.agree(&make).await);
        let pseudonym = hearback_domain::Pseudonym::new(pseudonym).unwrap();
        agreed.push((id, PlaylistSummary { id: playlist, pseudonym, agreed_at: h.now() }));
    }
    let unagreed = h.released(cast, "Unagreed").await;
    h.playlist(&h.maker(cast.researcher, unagreed).await, &[(1, 2)]).await;
    let unwilling = h.playable(cast.owner, "Unwilling", &[Purpose::CoachPlayback]).await;
    h.release(cast.owner, unwilling, cast.researcher, Some(cast.coach)).await;

    agreed.sort_by_key(|(_, p)| (std::cmp::Reverse(p.agreed_at), p.id));
    let all: Vec<_> = agreed.iter().map(|(_, p)| p.clone()).collect();
    let room = |user, role| {
        let cx = h.cx(user, role);
        let h = &h;
        async move {
            let mut work = h.begin().await;
            let mut seen = Vec::new();
            for permit in list::<SeePlaylist>(work.gate(), cx).await.unwrap() {
                seen.extend(work.playlist_summary(&permit).await.unwrap());
            }
            seen
        }
    };
    assert_eq!(room(cast.coach, Role::Coach).await, all);
    assert_eq!(room(cast.owner, Role::Practitioner).await, all);
    assert_eq!(room(cast.researcher, Role::Researcher).await, []);
    assert_eq!(room(cast.coach, Role::Practitioner).await, []);
    assert_eq!(room(cast.stranger, Role::Practitioner).await, []);
    let worker = list::<SeePlaylist>(h.begin().await.gate(), Cx::worker(h.now())).await;
    assert!(worker.unwrap().is_empty());

    h.withhold(cast.owner, agreed[1].0).await;
    let left = [all[0].clone(), all[2].clone(), all[3].clone()];
    assert_eq!(room(cast.coach, Role::Coach).await, left);
    h.clock.advance_seconds(86_400);
    assert_eq!(room(cast.coach, Role::Coach).await, [], "the grants expired");
    assert_eq!(room(cast.owner, Role::Practitioner).await, left);
}
