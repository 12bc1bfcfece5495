//! Recordings and their objects.

use hearback_access::{
    Cx, DecideSharing, Decode, DecodeAgain, ObjectKind, PlayRecording, ReadTranscript,
    SeeRecording, Start, StoredObject, TakeFileBack, Transcribe, Upload,
};
use hearback_domain::{
    AudioState, ClipId, Day, JobId, KeyClass, Ms, ObjectId, PartyConsent, PartyKind, Phase,
    Purpose, RecordingId, RecordingState, Relation, Role, SessionKind, Sharing, TranscriptState,
    UserId, policy::Refusal,
};

use super::fixture::House;
use crate::{
    FinishedJob, JobKind, Recording, RecordingSummary, Store, StoreError, TranscriptChange,
};

async fn recording(h: &House<'_>, owner: UserId, id: RecordingId) -> Recording {
    let (mut work, see) = h.ask::<SeeRecording>(h.cx(owner, Role::Practitioner), id).await;
    work.recording(&see).await.unwrap().unwrap()
}

/// A recording comes back as it went in: people in the order given, answers yes and no, times to the microsecond.
pub async fn a_recording_comes_back_as_it_went_in(store: &dyn Store) {
    let h = House::new(store);
    let owner = h.person("priya", Role::Practitioner).await;
    let mut new = h.details("Ünïcode & Co", &[Purpose::Quote, Purpose::Transcribe]);
    // Somebody who answered nothing at all, and whose id sorts anywhere.
    let silent = h.details("x", &[]).parties.remove(1);
    new.parties.push(silent);
    h.begin_recording(owner, &new).await;
    let bare = crate::NewRecording { held_on: None, ..h.details("Bare", &[]) };
    h.begin_recording(owner, &bare).await;

    let without = [Purpose::Quote, Purpose::Transcribe];
    let mut consents: Vec<_> = (0..2)
        .flat_map(|n| Purpose::ALL.iter().map(move |&purpose| (n, purpose)))
        .map(|(n, purpose)| PartyConsent {
            person: new.parties[n].id,
            purpose,
            given: n == 0 || !without.contains(&purpose),
        })
        .collect();
    consents.sort();
    let state = RecordingState::new(false);
    let read = recording(&h, owner, new.id).await;
    assert_eq!(
        read,
        Recording {
            id: new.id,
            owner,
            pseudonym: new.pseudonym.clone(),
            session_kind: new.session_kind,
            held_on: new.held_on.clone(),
            phase: new.phase,
            state,
            details: None,
            listening: false,
            verdict: None,
            language: None,
            model: None,
            parties: new.parties,
            consents,
            consent_until: Some(Day::of(h.now()).plus_months(12).starts()),
            created_at: h.now(),
        }
    );
    assert_eq!(recording(&h, owner, bare.id).await.held_on, None);

    let (mut work, see) = h.ask::<SeeRecording>(h.cx(owner, Role::Practitioner), new.id).await;
    assert_eq!(
        work.summary(&see).await.unwrap(),
        Some(RecordingSummary {
            id: new.id,
            pseudonym: new.pseudonym,
            session_kind: new.session_kind,
            held_on: new.held_on,
            state,
            created_at: h.now(),
        })
    );
}

/// Every word that the domain has can be kept and comes back.
pub async fn every_word_of_the_domain_can_be_kept(store: &dyn Store) {
    let h = House::new(store);
    let owner = h.person("priya", Role::Practitioner).await;
    let everything = h.new_person("everything", "Everything", Role::ALL);
    let mut work = h.begin().await;
    work.add_person(&everything).await.unwrap();
    assert_eq!(work.person(everything.id).await.unwrap().unwrap().roles, Role::ALL);
    work.commit().await.unwrap();

    let longest = SessionKind::ALL.len().max(Phase::ALL.len()).max(PartyKind::ALL.len());
    for n in 0..longest {
        let mut new = h.details("Words", &[]);
        new.session_kind = SessionKind::ALL[n % SessionKind::ALL.len()];
        new.phase = Phase::ALL[n % Phase::ALL.len()];
        new.parties[1].kind = PartyKind::ALL[n % PartyKind::ALL.len()];
        h.begin_recording(owner, &new).await;
        let read = recording(&h, owner, new.id).await;
        assert_eq!((read.session_kind, read.phase), (new.session_kind, new.phase));
        assert_eq!(read.parties, new.parties);
    }

    let id = h.playable(owner, "Words", &[]).await;
    let (mut work, transcribe) = h.ask::<Transcribe>(Cx::worker(h.now()), id).await;
    for &state in TranscriptState::ALL {
        let change = TranscriptChange { state, language: None, model: None, object: None };
        work.set_transcript(&transcribe, &change).await.unwrap();
    }
}

/// The same id twice is a conflict, whoever brings it.
pub async fn a_recording_has_an_id_of_its_own(store: &dyn Store) {
    let h = House::new(store);
    let (one, other) =
        (h.person("one", Role::Practitioner).await, h.person("other", Role::Practitioner).await);
    let new = h.details("Once", &[]);
    h.begin_recording(one, &new).await;
    let again = crate::NewRecording { id: new.id, ..h.details("Twice", &[]) };
    let (mut work, start) = h.ask::<Start>(h.cx(other, Role::Practitioner), ()).await;
    let error = work.add_recording(&start, &again).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict { what: "recording.id" }), "{error:?}");
    drop(work);
    assert_eq!(recording(&h, one, new.id).await.pseudonym.as_str(), "Once");
}

/// A transcript is waited for if everybody said yes to being recorded and to a transcript.
pub async fn a_transcript_is_waited_for_only_with_consent(store: &dyn Store) {
    let h = House::new(store);
    let owner = h.person("priya", Role::Practitioner).await;
    for (without, state) in [
        (&[][..], TranscriptState::Waiting),
        (&[Purpose::Quote], TranscriptState::Waiting),
        (&[Purpose::Transcribe], TranscriptState::NotWanted),
    ] {
        let id = h.playable(owner, "Bay", without).await;
        assert_eq!(recording(&h, owner, id).await.state.transcript, state, "{without:?}");
        let (mut work, decode) = h.ask::<Decode>(Cx::worker(h.now()), id).await;
        let wanted = work.wants_transcript(&decode).await.unwrap();
        assert_eq!(wanted, state == TranscriptState::Waiting, "{without:?}");
    }
}

/// A file comes once; the second is not taken and changes nothing.
pub async fn a_file_comes_once(store: &dyn Store) {
    let h = House::new(store);
    let owner = h.person("priya", Role::Practitioner).await;
    let new = h.details("Hazel", &[]);
    h.begin_recording(owner, &new).await;
    let (mut work, upload) = h.ask::<Upload>(h.cx(owner, Role::Practitioner), new.id).await;
    assert_eq!(work.content_sha256(&upload).await.unwrap(), None);
    assert_eq!(work.object(&upload, ObjectKind::Original).await.unwrap(), None);

    let file = h.file(new.id);
    assert!(work.add_file(&upload, &file).await.unwrap());
    let second = crate::FileArrived { content_sha256: [1; 32], ..h.file(new.id) };
    assert!(!work.add_file(&upload, &second).await.unwrap());
    work.commit().await.unwrap();

    let mut work = h.begin().await;
    assert_eq!(work.content_sha256(&upload).await.unwrap(), Some(file.content_sha256));
    assert_eq!(work.object(&upload, ObjectKind::Original).await.unwrap(), Some(file.object));
    assert!(work.knows_object(file.object.id).await.unwrap());
    assert!(!work.knows_object(second.object.id).await.unwrap());
    drop(work);
    let state = recording(&h, owner, new.id).await.state;
    assert_eq!(state.audio, AudioState::Uploaded);
}

/// Two files that come at the same moment: one is taken.
pub async fn two_files_at_once_are_one_file(store: &dyn Store) {
    let h = House::new(store);
    let owner = h.person("priya", Role::Practitioner).await;
    let new = h.details("Alder", &[]);
    h.begin_recording(owner, &new).await;
    let (work, upload) = h.ask::<Upload>(h.cx(owner, Role::Practitioner), new.id).await;
    work.commit().await.unwrap();

    let (h, upload) = (&h, &upload);
    let come = |file: crate::FileArrived| async move {
        let mut work = h.begin().await;
        let taken = work.add_file(upload, &file).await.unwrap();
        work.commit().await.unwrap();
        taken.then_some(file.object)
    };
    let files = [h.file(new.id), h.file(new.id), h.file(new.id), h.file(new.id)];
    let taken: Vec<StoredObject> =
        futures_util::future::join_all(files.map(come)).await.into_iter().flatten().collect();
    assert_eq!(taken.len(), 1);
    let kept = h.begin().await.object(upload, ObjectKind::Original).await.unwrap();
    assert_eq!(kept, Some(taken[0]));
}

/// Decoding makes a recording playable; decoding it again puts the new objects in the place of the old.
pub async fn decoding_replaces_what_was_there(store: &dyn Store) {
    let h = House::new(store);
    let owner = h.person("priya", Role::Practitioner).await;
    let new = h.details("Thyme", &[]);
    h.begin_recording(owner, &new).await;
    let file = h.upload(owner, new.id).await;
    let (work, decode) = h.ask::<Decode>(Cx::worker(h.now()), new.id).await;
    drop(work);
    let mut work = h.begin().await;
    work.set_unreadable(&decode, "corrupt").await.unwrap();
    work.commit().await.unwrap();

    let first = h.decode(new.id).await;
    let mut second = h.sound(new.id);
    second.details.duration = Ms::new(1_799_999);
    let mut work = h.begin().await;
    work.set_decoded(&decode, &second).await.unwrap();
    work.commit().await.unwrap();

    let read = recording(&h, owner, new.id).await;
    assert_eq!(read.details, Some(second.details));
    assert_eq!(read.state.duration, Some(Ms::new(1_799_999)));
    assert_eq!((read.state.audio, read.verdict), (AudioState::Decoded, None));

    let (mut work, play) = h.ask::<PlayRecording>(h.cx(owner, Role::Practitioner), new.id).await;
    assert_eq!(work.play_state(&play).await.unwrap(), Some(read.state));
    assert_eq!(work.object(&play, ObjectKind::Normalised).await.unwrap(), Some(second.normalised));
    assert_eq!(work.object(&play, ObjectKind::Peaks).await.unwrap(), Some(second.peaks));
    for (id, known) in [
        (file.object.id, true),
        (first.normalised.id, false),
        (first.peaks.id, false),
        (second.normalised.id, true),
        (second.peaks.id, true),
        (ObjectId::mint(&h.ids), false),
    ] {
        assert_eq!(work.knows_object(id).await.unwrap(), known);
    }
}

/// A listening copy is of the sound that is there: a newer one takes its place, and a new decoding takes it away.
pub async fn a_listening_copy_belongs_to_its_decoding(store: &dyn Store) {
    let h = House::new(store);
    let owner = h.person("priya", Role::Practitioner).await;
    let id = h.playable(owner, "Sorrel", &[]).await;
    assert!(!recording(&h, owner, id).await.listening);
    let (first, second) = (h.copy_for_listening(id).await, h.copy_for_listening(id).await);
    assert!(recording(&h, owner, id).await.listening);
    let (mut work, play) = h.ask::<PlayRecording>(h.cx(owner, Role::Practitioner), id).await;
    assert_eq!(work.object(&play, ObjectKind::Listening).await.unwrap(), Some(second));
    assert!(!work.knows_object(first.id).await.unwrap());
    drop(work);

    h.decode(id).await;
    assert!(!recording(&h, owner, id).await.listening);
    assert!(!h.begin().await.knows_object(second.id).await.unwrap());

    let (work, decode) = h.ask::<Decode>(Cx::worker(h.now()), id).await;
    drop(work);
    let wrong = h.object(id, ObjectKind::Transcript);
    assert!(h.begin().await.set_listening(&decode, &wrong).await.is_err());
}

/// What cannot be read says why, and keeps its original.
pub async fn what_cannot_be_read_says_why(store: &dyn Store) {
    let h = House::new(store);
    let owner = h.person("priya", Role::Practitioner).await;
    let new = h.details("Yew", &[]);
    h.begin_recording(owner, &new).await;
    let file = h.upload(owner, new.id).await;
    let (mut work, decode) = h.ask::<Decode>(Cx::worker(h.now()), new.id).await;
    work.set_unreadable(&decode, "no_audio").await.unwrap();
    work.commit().await.unwrap();

    let read = recording(&h, owner, new.id).await;
    assert_eq!(read.state.audio, AudioState::Unreadable);
    assert_eq!(read.state.sharing, Sharing::Private);
    assert_eq!(read.verdict.as_deref(), Some("no_audio"));
    assert_eq!(read.details, None);
    let original = h.begin().await.object(&decode, ObjectKind::Original).await.unwrap();
    assert_eq!(original, Some(file.object));

    // It is kept as long as what can be heard: it may be the only copy, and be read some day.
    let heard = h.playable(owner, "Elm", &[]).await;
    let sound_until = async |id| {
        let (mut work, seen) = h.ask::<SeeRecording>(h.cx(owner, Role::Practitioner), id).await;
        let kept = work.kept_here(&seen).await.unwrap();
        kept.into_iter().find(|kept| kept.class == KeyClass::Sound).unwrap().until
    };
    assert_eq!(sound_until(new.id).await, sound_until(heard).await);
}

/// Whoever sent a file that could not be read gets it back, and has it looked at once more; nobody else, and not once
/// it can be read.
pub async fn a_refused_file_is_its_owners(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let new = h.details("Yew", &[]);
    h.begin_recording(cast.owner, &new).await;
    let file = h.upload(cast.owner, new.id).await;
    let owner = h.cx(cast.owner, Role::Practitioner);
    let refuse = async || {
        let (mut work, decode) = h.ask::<Decode>(Cx::worker(h.now()), new.id).await;
        work.set_unreadable(&decode, "corrupt").await.unwrap();
        work.commit().await.unwrap();
    };
    assert_eq!(h.refusal::<TakeFileBack>(owner, new.id).await, Some(Refusal::State), "not yet");
    refuse().await;
    let stranger = h.cx(cast.stranger, Role::Practitioner);
    assert_eq!(h.refusal::<TakeFileBack>(stranger, new.id).await, Some(Refusal::Relation));
    assert_eq!(h.refusal::<DecodeAgain>(stranger, new.id).await, Some(Refusal::Relation));

    let (mut work, back) = h.ask::<TakeFileBack>(owner, new.id).await;
    assert_eq!(work.object(&back, ObjectKind::Original).await.unwrap(), Some(file.object));
    assert_eq!(work.object(&back, ObjectKind::Normalised).await.unwrap(), None);
    work.commit().await.unwrap();

    let (work, again) = h.ask::<DecodeAgain>(owner, new.id).await;
    work.commit().await.unwrap();
    let ask = async || {
        let mut work = h.begin().await;
        let taken = work.decode_again(&again, JobId::mint(&h.ids)).await.unwrap();
        work.commit().await.unwrap();
        taken
    };
    assert!(ask().await);
    assert!(!ask().await, "it is being looked at");
    let read = recording(&h, cast.owner, new.id).await;
    assert_eq!((read.state.audio, read.verdict), (AudioState::Uploaded, None));
    let mut work = h.begin().await;
    let job = work.lease_job(h.now(), h.later(10)).await.unwrap().unwrap();
    assert_eq!(job.kind, JobKind::Decode(new.id));
    assert!(work.finish_job(&job, &FinishedJob::Done).await.unwrap());
    work.commit().await.unwrap();

    refuse().await;
    assert!(ask().await, "as often as they like");
    h.decode(new.id).await;
    assert_eq!(h.refusal::<TakeFileBack>(owner, new.id).await, Some(Refusal::State));
    assert_eq!(h.refusal::<DecodeAgain>(owner, new.id).await, Some(Refusal::State));
}

/// A transcript's text, language and model arrive bit by bit.
pub async fn a_transcript_grows(store: &dyn Store) {
    let h = House::new(store);
    let owner = h.person("priya", Role::Practitioner).await;
    let id = h.playable(owner, "Sorrel", &[]).await;
    let (work, transcribe) = h.ask::<Transcribe>(Cx::worker(h.now()), id).await;
    work.commit().await.unwrap();
    let (work, read) = h.ask::<ReadTranscript>(h.cx(owner, Role::Practitioner), id).await;
    work.commit().await.unwrap();

    let text = |text: &str| Some(text.to_owned());
    let (half, whole) =
        (h.object(id, ObjectKind::Transcript), h.object(id, ObjectKind::Transcript));
    let steps = [
        (TranscriptState::Running, None, text("tiny.en"), None),
        (TranscriptState::Running, text("en"), None, Some(half)),
        (TranscriptState::Done, None, None, Some(whole)),
    ];
    let mut work = h.begin().await;
    assert_eq!(
        work.transcript_state(&read).await.unwrap(),
        Some((TranscriptState::Waiting, None, None))
    );
    for (state, language, model, object) in steps {
        let change = TranscriptChange { state, language, model, object };
        work.set_transcript(&transcribe, &change).await.unwrap();
        let now = work.object(&read, ObjectKind::Transcript).await.unwrap();
        assert_eq!(now, object, "{state}");
    }
    work.commit().await.unwrap();

    let mut work = h.begin().await;
    assert_eq!(
        work.transcript_state(&read).await.unwrap(),
        Some((TranscriptState::Done, text("en"), text("tiny.en")))
    );
    assert!(!work.knows_object(half.id).await.unwrap());
    drop(work);
    let read = recording(&h, owner, id).await;
    assert_eq!((read.language, read.model), (text("en"), text("tiny.en")));
}

/// A permit finds only the kinds of objects that it opens, and only those of its recording.
pub async fn objects_open_only_to_their_permits(store: &dyn Store) {
    let h = House::new(store);
    let owner = h.person("priya", Role::Practitioner).await;
    let cx = h.cx(owner, Role::Practitioner);
    let (id, other) = (h.playable(owner, "Oak", &[]).await, h.playable(owner, "Ivy", &[]).await);
    let (mut work, transcribe) = h.ask::<Transcribe>(Cx::worker(h.now()), id).await;
    let change = TranscriptChange {
        state: TranscriptState::Done,
        language: None,
        model: None,
        object: Some(h.object(id, ObjectKind::Transcript)),
    };
    work.set_transcript(&transcribe, &change).await.unwrap();
    work.commit().await.unwrap();
    let (work, play) = h.ask::<PlayRecording>(cx, id).await;
    work.commit().await.unwrap();
    let (work, play_other) = h.ask::<PlayRecording>(cx, other).await;
    work.commit().await.unwrap();
    let (work, see) = h.ask::<SeeRecording>(cx, id).await;
    work.commit().await.unwrap();
    h.copy_for_listening(id).await;
    let (mut work, start) = h.ask::<Start>(cx, ()).await;

    let kinds = [
        ObjectKind::Original,
        ObjectKind::Normalised,
        ObjectKind::Peaks,
        ObjectKind::Listening,
        ObjectKind::Transcript,
        ObjectKind::Clip(ClipId::mint(&h.ids)),
    ];
    let mut opened = Vec::new();
    for kind in kinds {
        let object = work.object(&play, kind).await.unwrap();
        assert!(object.is_none_or(|o| o.recording == id && o.kind == kind));
        opened.push((
            object.is_some(),
            work.object(&transcribe, kind).await.unwrap().is_some(),
            work.object(&see, kind).await.unwrap().is_some(),
            work.object(&start, kind).await.unwrap().is_some(),
        ));
    }
    assert_eq!(
        opened,
        [
            // play, transcribe, see, start
            (false, false, false, false),
            (true, true, false, false),
            (true, false, false, false),
            (true, false, false, false),
            (false, true, false, false),
            (false, false, false, false),
        ]
    );
    let elsewhere = work.object(&play_other, ObjectKind::Normalised).await.unwrap().unwrap();
    assert_eq!(elsewhere.recording, other);
}

/// An object of another recording, or of a kind that the permit does not add, is not taken over.
pub async fn objects_are_added_only_by_their_permits(store: &dyn Store) {
    let h = House::new(store);
    let owner = h.person("priya", Role::Practitioner).await;
    let (id, other) = (h.playable(owner, "Elm", &[]).await, h.playable(owner, "Fir", &[]).await);
    let (work, transcribe) = h.ask::<Transcribe>(Cx::worker(h.now()), id).await;
    drop(work);
    let (work, decode) = h.ask::<Decode>(Cx::worker(h.now()), id).await;
    drop(work);

    for object in [h.object(id, ObjectKind::Normalised), h.object(other, ObjectKind::Transcript)] {
        let change = TranscriptChange {
            state: TranscriptState::Done,
            language: None,
            model: None,
            object: Some(object),
        };
        assert!(h.begin().await.set_transcript(&transcribe, &change).await.is_err());
    }
    let sound = h.sound(other);
    assert!(h.begin().await.set_decoded(&decode, &sound).await.is_err());
    assert!(!h.begin().await.knows_object(sound.peaks.id).await.unwrap());
}

/// What somebody ever was to any recording of this practitioner, ended or not; what they are to others says nothing.
pub async fn what_somebody_ever_was_to_a_practitioner_is_known(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (one, two) = (h.released(cast, "Robin").await, h.released(cast, "Sky").await);
    let theirs = h.playable(cast.stranger, "Bo", &[]).await;
    h.release(cast.stranger, theirs, cast.coach, Some(cast.second)).await;
    // In the other recording, the coach once was chosen as researcher; that has ended.
    h.release(cast.owner, two, cast.coach, None).await;
    h.withhold(cast.owner, two).await;
    h.clock.advance_seconds(86_400 * 30);

    let (mut work, decide) =
        h.ask::<DecideSharing>(h.cx(cast.owner, Role::Practitioner), one).await;
    for (user, relations) in [
        (cast.researcher, vec![Relation::Codes]),
        (cast.coach, vec![Relation::Coaches, Relation::Codes]),
        (cast.second, vec![]),
        (cast.owner, vec![]),
    ] {
        assert_eq!(work.relations_with(&decide, user).await.unwrap(), relations);
    }
}
