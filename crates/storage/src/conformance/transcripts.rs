//! What people change of a transcript, one that is made again, and words that are shown with an extract.

use hearback_access::{
    CorrectTranscript, Cx, Hide, ObjectKind, ReadClip, ReadTranscript, SeeRecording,
    StopTranscribing, StoredObject, Transcribe, TranscribeAgain, list,
};
use hearback_domain::{
    Hidden, HiddenId, HideReason, JobId, Purpose, RecordingId, Role, TranscriptState,
    policy::Refusal,
};

use super::{
    erasing::{erase, full, taking_back, withdraw},
    fixture::{House, span},
};
use crate::{
    ChangedClip, FinishedJob, JobKind, NewCorrections, Store, TranscriptChange, WantedTranscript,
    WordsAt,
};

/// The worker writes a transcript.
async fn write(
    h: &House<'_>,
    id: RecordingId,
    state: TranscriptState,
    object: Option<StoredObject>,
) {
    let (mut work, transcribe) = h.ask::<Transcribe>(Cx::worker(h.now()), id).await;
    let change = TranscriptChange { state, language: None, model: None, object };
    work.set_transcript(&transcribe, &change).await.unwrap();
    work.commit().await.unwrap();
}

async fn correct(
    h: &House<'_>,
    cx: Cx,
    id: RecordingId,
    before: u64,
    now: u64,
) -> Option<StoredObject> {
    let object = h.object(id, ObjectKind::Corrections);
    let (mut work, permit) = h.ask::<CorrectTranscript>(cx, id).await;
    let new = NewCorrections { before, now, object };
    let taken = work.correct(&permit, &new).await.unwrap();
    work.commit().await.unwrap();
    taken.then_some(object)
}

/// Where the changes lie.
async fn changes(h: &House<'_>, cx: Cx, id: RecordingId) -> Option<StoredObject> {
    let (mut work, read) = h.ask::<ReadTranscript>(cx, id).await;
    work.object(&read, ObjectKind::Corrections).await.unwrap()
}

/// Of two who change the same transcript, the second is told; the machine's text is none of their business.
pub async fn corrections_are_taken_one_after_the_other(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (id, other) = (h.released(cast, "Robin").await, h.released(cast, "Sky").await);
    let text = h.object(id, ObjectKind::Transcript);
    write(&h, id, TranscriptState::Done, Some(text)).await;
    let owner = h.cx(cast.owner, Role::Practitioner);
    let researcher = h.cx(cast.researcher, Role::Researcher);
    assert_eq!(changes(&h, owner, id).await, None);

    let first = correct(&h, owner, id, 0, 2).await;
    assert!(first.is_some());
    assert_eq!(correct(&h, researcher, id, 0, 1).await, None, "somebody was quicker");
    assert_eq!(changes(&h, researcher, id).await, first);
    let second = correct(&h, researcher, id, 2, 3).await;
    assert_eq!(changes(&h, owner, id).await, second);
    assert!(!h.begin().await.knows_object(first.unwrap().id).await.unwrap());
    assert_eq!(changes(&h, owner, other).await, None, "another recording");
    let (mut work, read) = h.ask::<ReadTranscript>(owner, id).await;
    assert_eq!(work.object(&read, ObjectKind::Transcript).await.unwrap(), Some(text));
    drop(work);

    for (cx, why) in [
        (h.cx(cast.coach, Role::Coach), Refusal::Role),
        (h.cx(cast.stranger, Role::Practitioner), Refusal::Relation),
        (h.cx(cast.second, Role::Researcher), Refusal::Relation),
    ] {
        assert_eq!(h.refusal::<CorrectTranscript>(cx, id).await, Some(why));
    }
    // What is read is made of all three, as they are now.
    let at = async |id| {
        let (mut work, read) = h.ask::<ReadTranscript>(owner, id).await;
        work.words_at(&read).await.unwrap()
    };
    let now = at(id).await.unwrap();
    // A list of them says the same; what is theirs is told by the permits, and by nothing else.
    for cx in [owner, researcher] {
        let mut work = h.begin().await;
        let permits = list::<ReadTranscript>(work.gate(), cx).await.unwrap();
        assert!(permits.len() > 1);
        let each = work.words_at_each(&permits).await.unwrap();
        for (permit, words) in permits.iter().zip(each) {
            assert_eq!(work.words_at(permit).await.unwrap(), words);
            assert_eq!(words.is_some(), permit.object() == id);
        }
        assert_eq!(work.words_at_each(&permits[..0]).await.unwrap(), []);
    }
    assert_eq!(now, WordsAt { transcript: text, corrections: second, hidden: now.hidden });
    assert_eq!(at(other).await, None, "nothing is written there");
    let (mut work, hide) = h.ask::<Hide>(owner, id).await;
    let hidden = Hidden { span: span(100, 200), why: HideReason::Name };
    work.hide(&hide, HiddenId::mint(&h.ids), &hidden).await.unwrap();
    work.commit().await.unwrap();
    let hidden = at(id).await.unwrap().hidden;
    assert!(hidden > now.hidden, "{hidden:?}");
    // Nothing else is taken over in their place.
    let (work, permit) = h.ask::<CorrectTranscript>(owner, id).await;
    work.commit().await.unwrap();
    for object in [h.object(id, ObjectKind::Transcript), h.object(other, ObjectKind::Corrections)] {
        let new = NewCorrections { before: 3, now: 4, object };
        assert!(h.begin().await.correct(&permit, &new).await.is_err());
    }
}

/// A transcript is made again while the old text stands; one at a time.
pub async fn a_transcript_is_made_again(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let owner = h.cx(cast.owner, Role::Practitioner);
    let researcher = h.cx(cast.researcher, Role::Researcher);
    let again = async |language: Option<&str>| {
        let (mut work, permit) = h.ask::<TranscribeAgain>(owner, id).await;
        let job = JobId::mint(&h.ids);
        let wanted = work.transcribe_again(&permit, language, job).await.unwrap();
        work.commit().await.unwrap();
        wanted
    };
    let wanted = async || {
        let (mut work, transcribe) = h.ask::<Transcribe>(Cx::worker(h.now()), id).await;
        work.wanted_transcript(&transcribe).await.unwrap().unwrap()
    };
    assert!(!again(Some("cy")).await, "there is none yet");
    assert_eq!(wanted().await, WantedTranscript { language: None, again: false });
    let whole = h.object(id, ObjectKind::Transcript);
    write(&h, id, TranscriptState::Done, Some(whole)).await;
    let mine = correct(&h, owner, id, 0, 1).await;

    assert!(again(Some("cy")).await);
    assert!(!again(Some("fr")).await, "it is being made");
    assert_eq!(wanted().await, WantedTranscript { language: Some("cy".to_owned()), again: true });
    let (now, mut work) = (h.now(), h.begin().await);
    let job = work.lease_job(now, now.plus_seconds(10)).await.unwrap().unwrap();
    assert_eq!(job.kind, JobKind::Transcribe(id));
    work.commit().await.unwrap();

    // Nobody but the worker sees what is begun.
    let draft = h.object(id, ObjectKind::Draft);
    let (mut work, transcribe) = h.ask::<Transcribe>(Cx::worker(h.now()), id).await;
    work.keep_draft(&transcribe, &h.object(id, ObjectKind::Draft)).await.unwrap();
    work.keep_draft(&transcribe, &draft).await.unwrap();
    assert_eq!(work.object(&transcribe, ObjectKind::Draft).await.unwrap(), Some(draft));
    work.commit().await.unwrap();
    let (mut work, read) = h.ask::<ReadTranscript>(researcher, id).await;
    assert_eq!(work.object(&read, ObjectKind::Draft).await.unwrap(), None);
    assert_eq!(work.object(&read, ObjectKind::Transcript).await.unwrap(), Some(whole));
    drop(work);

    let anew = h.object(id, ObjectKind::Transcript);
    write(&h, id, TranscriptState::Done, Some(anew)).await;
    assert!(!h.begin().await.knows_object(draft.id).await.unwrap());
    assert_eq!(changes(&h, owner, id).await, mine, "no change is lost");
    assert!(correct(&h, owner, id, 1, 2).await.is_some());
    let mut work = h.begin().await;
    assert!(work.finish_job(&job, &FinishedJob::Done).await.unwrap());
    work.commit().await.unwrap();
    assert!(again(None).await, "as often as somebody likes");
    assert_eq!(wanted().await.language, None);

    assert_eq!(h.refusal::<TranscribeAgain>(researcher, id).await, Some(Refusal::Role));
}

/// What came to nothing is tried again as if for the first time.
pub async fn a_transcript_that_came_to_nothing_is_tried_again(store: &dyn Store) {
    let h = House::new(store);
    let owner = h.person("priya", Role::Practitioner).await;
    let id = h.playable(owner, "Sorrel", &[]).await;
    write(&h, id, TranscriptState::Failed, None).await;
    let (mut work, permit) = h.ask::<TranscribeAgain>(h.cx(owner, Role::Practitioner), id).await;
    assert!(work.transcribe_again(&permit, None, JobId::mint(&h.ids)).await.unwrap());
    work.commit().await.unwrap();
    let (mut work, transcribe) = h.ask::<Transcribe>(Cx::worker(h.now()), id).await;
    let wanted = work.wanted_transcript(&transcribe).await.unwrap().unwrap();
    assert_eq!(wanted, WantedTranscript { language: None, again: false });
}

/// Its practitioner stops a transcript while it waits, and while somebody is at it; what was written stays, and is gone
/// on with in the language that was wanted.
pub async fn a_transcript_is_stopped(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let new = crate::NewRecording { language: Some("cy".to_owned()), ..h.details("Robin", &[]) };
    let id = new.id;
    h.begin_recording(cast.owner, &new).await;
    h.upload(cast.owner, id).await;
    h.decode(id).await;
    h.release(cast.owner, id, cast.researcher, None).await;
    let owner = h.cx(cast.owner, Role::Practitioner);
    let stop = async || {
        let (mut work, permit) = h.ask::<StopTranscribing>(owner, id).await;
        let stopped = work.stop_transcribing(&permit).await.unwrap();
        work.commit().await.unwrap();
        stopped
    };
    let on = async || {
        let (mut work, permit) = h.ask::<TranscribeAgain>(owner, id).await;
        let goes_on = work.transcribe_on(&permit, JobId::mint(&h.ids)).await.unwrap();
        work.commit().await.unwrap();
        goes_on
    };
    let state = async || {
        let (mut work, see) = h.ask::<SeeRecording>(owner, id).await;
        work.recording(&see).await.unwrap().unwrap().state.transcript
    };
    let lease = async || {
        let mut work = h.begin().await;
        let job = work.lease_job(h.now(), h.later(10)).await.unwrap();
        work.commit().await.unwrap();
        job
    };
    let wanted = async || {
        let (mut work, transcribe) = h.ask::<Transcribe>(Cx::worker(h.now()), id).await;
        work.wanted_transcript(&transcribe).await.unwrap().unwrap()
    };
    assert!(!on().await, "nobody stopped it");
    h.queue(&[h.new_job(JobKind::Transcribe(id), h.now())]).await;
    assert!(stop().await, "while it waits");
    assert_eq!((state().await, lease().await), (TranscriptState::Stopped, None));
    assert!(!stop().await, "it is stopped");
    assert!(on().await);
    assert!(!on().await, "it waits already");
    assert_eq!(wanted().await, WantedTranscript { language: Some("cy".to_owned()), again: false });

    // Somebody is at it, and has written something.
    let held = lease().await.unwrap();
    let so_far = h.object(id, ObjectKind::Transcript);
    write(&h, id, TranscriptState::Running, Some(so_far)).await;
    assert!(stop().await);
    assert_eq!(state().await, TranscriptState::Stopped);
    let mut work = h.begin().await;
    assert!(!work.hold_job(&held).await.unwrap(), "the lease is lost");
    assert!(!work.extend_lease(&held, h.later(20), 500).await.unwrap());
    drop(work);
    assert_eq!(lease().await, None, "and nobody else has it");
    let (mut work, read) = h.ask::<ReadTranscript>(owner, id).await;
    assert_eq!(work.object(&read, ObjectKind::Transcript).await.unwrap(), Some(so_far));
    drop(work);
    assert!(on().await);
    let held = lease().await.unwrap();
    let whole = h.object(id, ObjectKind::Transcript);
    write(&h, id, TranscriptState::Done, Some(whole)).await;
    let mut work = h.begin().await;
    assert!(work.finish_job(&held, &FinishedJob::Done).await.unwrap());
    work.commit().await.unwrap();
    assert!(!stop().await, "there is nothing to stop");

    // One that is made again: the old one stands.
    let again = async |language| {
        let (mut work, permit) = h.ask::<TranscribeAgain>(owner, id).await;
        let job = JobId::mint(&h.ids);
        let wanted = work.transcribe_again(&permit, language, job).await.unwrap();
        work.commit().await.unwrap();
        wanted
    };
    assert!(again(Some("fr")).await);
    let held = lease().await.unwrap();
    assert!(stop().await);
    assert_eq!(state().await, TranscriptState::Done);
    assert!(!h.begin().await.hold_job(&held).await.unwrap());
    assert!(!on().await, "it is whole");
    assert!(again(Some("fr")).await);
    assert!(stop().await);

    let researcher = h.cx(cast.researcher, Role::Researcher);
    assert_eq!(h.refusal::<StopTranscribing>(researcher, id).await, Some(Refusal::Role));
    let stranger = h.cx(cast.stranger, Role::Practitioner);
    assert_eq!(h.refusal::<StopTranscribing>(stranger, id).await, Some(Refusal::Relation));
}

/// The words of an extract are shown when somebody said so, to those in the room, until it has another span.
pub async fn words_are_shown_with_an_extract(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (id, mum) = full(&h, cast, "Robin").await;
    write(&h, id, TranscriptState::Done, Some(h.object(id, ObjectKind::Transcript))).await;
    let make = h.maker(cast.researcher, id).await;
    let extract = async || h.begin().await.playlist(&make).await.unwrap().unwrap().clips.remove(0);
    let clip = extract().await;
    let coach = h.cx(cast.coach, Role::Coach);
    let (work, read) = h.ask::<ReadClip>(coach, clip.id).await;
    work.commit().await.unwrap();
    let mut work = h.begin().await;
    assert_eq!(work.quoted(&read).await.unwrap(), None);
    assert!(work.quote_clip(&make, clip.id, true).await.unwrap());
    assert_eq!(work.quoted(&read).await.unwrap(), Some(clip.span));
    // The server reads the extract's words off the text; a permit for its sound does not.
    assert!(work.object(&read, ObjectKind::Transcript).await.unwrap().is_some());
    assert_eq!(work.object(&read, ObjectKind::Normalised).await.unwrap(), None);
    assert_eq!(work.object(&read, ObjectKind::Clip(clip.id)).await.unwrap(), None);
    work.commit().await.unwrap();
    assert!(extract().await.quoted);

    let other = h.released(cast, "Sky").await;
    let elsewhere = h.maker(cast.researcher, other).await;
    assert!(!h.begin().await.quote_clip(&elsewhere, clip.id, false).await.unwrap());

    let mut work = h.begin().await;
    let moved = ChangedClip {
        id: clip.id,
        span: span(10, 21),
        note: clip.note.clone(),
        question: clip.question.clone(),
    };
    assert!(work.change_clip(&make, &moved).await.unwrap());
    work.commit().await.unwrap();
    assert!(!extract().await.quoted);
    assert_eq!(h.refusal::<ReadClip>(coach, clip.id).await, Some(Refusal::State), "cut anew");

    // Whoever takes back the yes to text takes the words back too, and the extract plays on.
    let owner = h.cx(cast.owner, Role::Practitioner);
    h.render(clip.id).await;
    h.approve(&make, clip.id).await;
    assert!(h.agree(&make).await);
    let mut work = h.begin().await;
    assert!(work.quote_clip(&make, clip.id, true).await.unwrap());
    work.commit().await.unwrap();
    assert!(correct(&h, owner, id, 0, 1).await.is_some());
    let new = taking_back(&h, mum, &[Purpose::Transcribe]);
    assert!(withdraw(&h, owner, id, &new).await.is_some());
    assert_eq!(h.refusal::<ReadClip>(coach, clip.id).await, Some(Refusal::Gone));
    assert_eq!(h.refusal::<CorrectTranscript>(owner, id).await, Some(Refusal::Gone));
    assert!(erase(&h, id, 1).await.is_some());
    let mut work = h.begin().await;
    assert_eq!(work.quoted(&read).await.unwrap(), None);
    assert_eq!(work.object(&read, ObjectKind::Corrections).await.unwrap(), None);
    assert_eq!(work.object(&read, ObjectKind::Transcript).await.unwrap(), None);
}
