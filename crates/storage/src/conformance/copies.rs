//! Copies of the whole database.

use hearback_access::{
    DecideSharing, Hold, RaiseConcern, RequestGlass, SeeRecording, WriteConcern,
};
use hearback_domain::{CodeId, ConcernId, ConcernNoteId, GlassId, Reason, Role, Told};
use uuid::Uuid;

use super::{
    fixture::{House, item, note, span},
    people::new_session,
};
use crate::{NewCode, NewConcern, NewHold, SealedTexts, Store};

/// Whoever copies the objects learns which there are, by id; and that every text opens.
pub async fn a_copy_is_told_what_there_is(store: &dyn Store) {
    let h = House::new(store);
    let mut work = h.begin().await;
    assert_eq!(work.try_texts().await.unwrap(), SealedTexts::default());
    assert_eq!(work.every_object().await.unwrap(), []);
    drop(work);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let code = h.coder(cast.researcher, id).await;
    let mut work = h.begin().await;
    let new = NewCode {
        id: CodeId::mint(&h.ids),
        framework_version: "v1".to_owned(),
        item: item("empathy", Some("curiosity")),
        span: span(1, 2),
        note: note("Here"),
        nonverbal: hearback_domain::Note::default(),
        exemplar: false,
    };
    work.add_code(&code, &new).await.unwrap();
    work.commit().await.unwrap();
    let make = h.maker(cast.researcher, id).await;
    let (_, clips) = h.playlist(&make, &[(1, 2)]).await;
    let clip = h.render(clips[0].id).await;

    let mut work = h.begin().await;
    let objects = work.every_object().await.unwrap();
    assert_eq!(objects.len(), 5, "the original, the sound, the picture, the sides, the extract");
    assert!(objects.is_sorted_by_key(|object| object.id) && objects.contains(&clip));
    // Five people, a recording, two who are heard and answered, a code; a note and a question.
    let texts = work.try_texts().await.unwrap();
    assert_eq!(texts, SealedTexts { opened: 5 + 1 + 2 + 2 + 1 + 2, erased: 0 });
    assert_eq!(work.contradictions().await.unwrap(), [""; 0]);
    assert!(work.schema_version().await.unwrap() > 0);
    drop(work);

    // A concern, a note about it, and why its passage is to be heard.
    let owner = h.cx(cast.owner, Role::Practitioner);
    let (mut work, raise) = h.ask::<RaiseConcern>(owner, id).await;
    let concern = ConcernId::mint(&h.ids);
    let new = NewConcern { id: concern, told: Told::NotYet, body: note("Alone at night") };
    work.raise_concern(&raise, span(1, 2), &new).await.unwrap();
    work.commit().await.unwrap();
    let (mut work, write) = h.ask::<WriteConcern>(owner, concern).await;
    let body = note("Rang them");
    work.add_concern_note(&write, ConcernNoteId::mint(&h.ids), &body).await.unwrap();
    work.commit().await.unwrap();
    let lead = h.person("lee", Role::SafeguardingLead).await;
    let cx = h.cx(lead, Role::SafeguardingLead).elevated(true);
    let (mut work, ask) = h.ask::<RequestGlass>(cx, concern).await;
    let reason = Reason::new("To know who is meant.").unwrap();
    assert!(work.request_glass(&ask, GlassId::mint(&h.ids), &reason).await.unwrap());
    let more = work.try_texts().await.unwrap();
    assert_eq!(more.opened - texts.opened, 3 + 1, "and the one who asked");
    work.commit().await.unwrap();

    // What holds it, and what a real name is sealed for.
    let dpo = h.person("dora", Role::Dpo).await;
    let cx = h.cx(dpo, Role::Dpo).elevated(true);
    let (mut work, hold) = h.ask::<Hold>(cx, id).await;
    let new = NewHold { id: Uuid::from_u128(7), reason, review_by: h.later(86_400) };
    assert!(work.place_hold(&hold, &new).await.unwrap());
    assert_eq!(work.try_texts().await.unwrap().opened - more.opened, 1 + 1);
    work.commit().await.unwrap();
}

/// After a restore nobody is signed in, and what a worker had is anybody's; everything else is as it was.
pub async fn a_restored_database_starts_anew(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.playable(cast.owner, "Robin", &[]).await;
    let session = new_session(&h, cast.owner, 7, Role::Practitioner);
    let token = session.token;
    let job = h.some_job(h.now());
    let mut work = h.begin().await;
    work.add_session(&session).await.unwrap();
    work.add_job(&job).await.unwrap();
    let leased = work.lease_job(h.now(), h.later(60)).await.unwrap().unwrap();
    work.commit().await.unwrap();

    let mut work = h.begin().await;
    work.start_anew(h.now()).await.unwrap();
    assert!(work.session(&token, h.now(), h.now()).await.unwrap().is_none());
    assert!(!work.hold_job(&leased).await.unwrap(), "whoever had it has it no longer");
    let again = work.lease_job(h.now(), h.later(60)).await.unwrap().unwrap();
    assert_eq!(again.id, leased.id);
    work.commit().await.unwrap();
    let (mut work, see) = h.ask::<SeeRecording>(h.cx(cast.owner, Role::Practitioner), id).await;
    assert!(work.recording(&see).await.unwrap().is_some());
    drop(work);
    assert!(h.refusal::<DecideSharing>(h.cx(cast.owner, Role::Practitioner), id).await.is_none());
}
