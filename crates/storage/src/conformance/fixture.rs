//! The people and recordings that the checks are about.

use std::{collections::BTreeMap, sync::Mutex};

use hearback_access::{
    Action, Code, Cx, DecideSharing, Decode, MakePlaylist, ObjectKind, Permit, RecordConsent,
    RenderClip, Start, StoredObject, Upload, require,
};
use hearback_domain::{
    ClipId, Clock as _, CodingId, Framework, GrantId, ItemKey, JobId, Label, Login, ManualClock,
    Ms, Note, ObjectId, Party, PartyKind, PersonId, Phase, PlaylistId, Pseudonym, Purpose,
    RecordingId, Role, SeededIds, SessionKind, Span, Timestamp, UserId, coding::Standing,
    policy::Refusal,
};

use super::said::said;
use crate::{
    Decoded, FileArrived, JobKind, NewClip, NewCoding, NewConsentRecord, NewJob, NewPerson,
    NewRecording, PermitError, Release, SoundDetails, Store, Work, permit,
};

/// A database with a clock that stands still and ids that are the same in every run, and in no order.
pub(super) struct House<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) clock: ManualClock,
    pub(super) ids: SeededIds,
    /// What somebody says no to when a recording of these details begins.
    noes: Mutex<BTreeMap<RecordingId, Vec<Purpose>>>,
}

/// A practitioner, two researchers, a coach, and somebody who has nothing to do with it.
#[derive(Clone, Copy)]
pub(super) struct Cast {
    pub(super) owner: UserId,
    pub(super) researcher: UserId,
    pub(super) second: UserId,
    pub(super) coach: UserId,
    pub(super) stranger: UserId,
}

impl<'a> House<'a> {
    pub(super) fn new(store: &'a dyn Store) -> Self {
        let clock = ManualClock::at(Timestamp::from_micros(1_700_000_000_123_457));
        Self { store, clock, ids: SeededIds::default(), noes: Mutex::default() }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// So many seconds from now.
    pub(super) fn later(&self, seconds: i64) -> Timestamp {
        self.now().plus_seconds(seconds)
    }

    pub(super) fn cx(&self, user: UserId, role: Role) -> Cx {
        Cx::person(user, role, self.now())
    }

    pub(super) async fn begin(&self) -> Box<dyn Work> {
        self.store.begin().await.unwrap()
    }

    /// A unit of work with a permit in it.
    pub(super) async fn ask<A: Action>(
        &self,
        cx: Cx,
        object: A::Object,
    ) -> (Box<dyn Work>, Permit<A>) {
        permit::<A>(self.store, cx, object).await.expect("it is allowed")
    }

    /// What is said instead of a permit; `None` if there is one.
    pub(super) async fn refusal<A: Action>(&self, cx: Cx, object: A::Object) -> Option<Refusal> {
        match permit::<A>(self.store, cx, object).await {
            Ok((work, _permit)) => {
                work.commit().await.unwrap();
                None
            }
            Err(PermitError::Refused(why)) => Some(why),
            Err(other) => panic!("{other:?}"),
        }
    }

    pub(super) fn new_person(&self, login: &str, name: &str, roles: &[Role]) -> NewPerson {
        NewPerson {
            id: UserId::mint(&self.ids),
            login: Login::new(login).unwrap(),
            name: name.to_owned(),
            password_hash: format!("$argon2id$of {login}"),
            roles: roles.to_vec(),
            created_at: self.now(),
        }
    }

    pub(super) async fn person(&self, login: &str, role: Role) -> UserId {
        let person = self.new_person(login, &login.to_uppercase(), &[role]);
        let mut work = self.begin().await;
        work.add_person(&person).await.unwrap();
        work.commit().await.unwrap();
        person.id
    }

    pub(super) async fn cast(&self) -> Cast {
        Cast {
            owner: self.person("priya", Role::Practitioner).await,
            researcher: self.person("rowan", Role::Researcher).await,
            second: self.person("anwen", Role::Researcher).await,
            coach: self.person("cleo", Role::Coach).await,
            stranger: self.person("bram", Role::Practitioner).await,
        }
    }

    /// The details of a recording on which two people are heard who will say yes to everything but what is named.
    pub(super) fn details(&self, pseudonym: &str, without: &[Purpose]) -> NewRecording {
        let party = |kind, label| Party {
            id: PersonId::mint(&self.ids),
            kind,
            label: Label::new(label).unwrap(),
        };
        let parties =
            vec![party(PartyKind::Practitioner, "Worker"), party(PartyKind::Parent, "Mum")];
        let id = RecordingId::mint(&self.ids);
        self.noes.lock().unwrap().insert(id, without.to_vec());
        NewRecording {
            id,
            pseudonym: Pseudonym::new(pseudonym).unwrap(),
            session_kind: SessionKind::Remote,
            held_on: Some("2026-03-09".to_owned()),
            language: None,
            phase: Phase::PostTraining,
            parties,
        }
    }

    /// Gives details, and the answers of the first two people; the file is still to come.
    pub(super) async fn begin_recording(&self, owner: UserId, new: &NewRecording) {
        let cx = self.cx(owner, Role::Practitioner);
        let (mut work, start) = self.ask::<Start>(cx, ()).await;
        work.add_recording(&start, new).await.unwrap();
        let consent = require::<RecordConsent>(work.gate(), cx, new.id).await.unwrap();
        let without = self.noes.lock().unwrap().get(&new.id).cloned().unwrap_or_default();
        for (n, party) in new.parties.iter().take(2).enumerate() {
            // The worker says yes to everything: one no among several people is enough.
            let said = self.said(party, if n == 0 { &[] } else { &without });
            assert!(work.record_consent(&consent, &said).await.unwrap().is_some());
        }
        work.commit().await.unwrap();
    }

    /// What somebody says who was asked today: yes to everything but what is named.
    pub(super) fn said(&self, party: &Party, without: &[Purpose]) -> NewConsentRecord {
        said(&self.ids, self.now(), party, without)
    }

    pub(super) fn object(&self, recording: RecordingId, kind: ObjectKind) -> StoredObject {
        let id = ObjectId::mint(&self.ids);
        let bytes = 44 + u64::from(id.as_uuid().as_bytes()[0]);
        StoredObject { id, recording, kind, bytes, sha256: [id.as_uuid().as_bytes()[1]; 32] }
    }

    pub(super) fn file(&self, recording: RecordingId) -> FileArrived {
        FileArrived {
            object: self.object(recording, ObjectKind::Original),
            content_sha256: [0xC5; 32],
        }
    }

    pub(super) fn sound(&self, recording: RecordingId) -> Decoded {
        Decoded {
            details: SoundDetails {
                container: "isomp4".to_owned(),
                codec: "aac".to_owned(),
                channels: 2,
                sample_rate_hz: 44_100,
                duration: Ms::from_seconds(1_800),
                remarks: "Two packets were skipped.".to_owned(),
            },
            normalised: self.object(recording, ObjectKind::Normalised),
            peaks: self.object(recording, ObjectKind::Peaks),
            sides: Some(self.object(recording, ObjectKind::Sides)),
        }
    }

    /// The file comes.
    pub(super) async fn upload(&self, owner: UserId, id: RecordingId) -> FileArrived {
        let file = self.file(id);
        let (mut work, upload) = self.ask::<Upload>(self.cx(owner, Role::Practitioner), id).await;
        assert!(work.add_file(&upload, &file).await.unwrap());
        work.commit().await.unwrap();
        file
    }

    /// The worker decodes it.
    pub(super) async fn decode(&self, id: RecordingId) -> Decoded {
        let sound = self.sound(id);
        let (mut work, decode) = self.ask::<Decode>(Cx::worker(self.now()), id).await;
        work.set_decoded(&decode, &sound).await.unwrap();
        work.commit().await.unwrap();
        sound
    }

    /// The worker makes a listening copy.
    pub(super) async fn copy_for_listening(&self, id: RecordingId) -> StoredObject {
        let copy = self.object(id, ObjectKind::Listening);
        let (mut work, decode) = self.ask::<Decode>(Cx::worker(self.now()), id).await;
        work.set_listening(&decode, &copy).await.unwrap();
        work.commit().await.unwrap();
        copy
    }

    /// A recording that can be played, by nobody but its practitioner.
    pub(super) async fn playable(
        &self,
        owner: UserId,
        pseudonym: &str,
        without: &[Purpose],
    ) -> RecordingId {
        let new = self.details(pseudonym, without);
        self.begin_recording(owner, &new).await;
        self.upload(owner, new.id).await;
        self.decode(new.id).await;
        new.id
    }

    /// The same, so many seconds long.
    pub(super) async fn playable_for(
        &self,
        owner: UserId,
        pseudonym: &str,
        seconds: u64,
    ) -> RecordingId {
        let id = self.playable(owner, pseudonym, &[]).await;
        let mut sound = self.sound(id);
        sound.details.duration = Ms::from_seconds(seconds);
        let (mut work, decode) = self.ask::<Decode>(Cx::worker(self.now()), id).await;
        work.set_decoded(&decode, &sound).await.unwrap();
        work.commit().await.unwrap();
        id
    }

    /// The practitioner lets it go on, for a day.
    pub(super) async fn release(
        &self,
        owner: UserId,
        id: RecordingId,
        researcher: UserId,
        coach: Option<UserId>,
    ) {
        let (mut work, decide) =
            self.ask::<DecideSharing>(self.cx(owner, Role::Practitioner), id).await;
        let release = Release {
            researcher: (GrantId::mint(&self.ids), researcher),
            coach: coach.map(|coach| (GrantId::mint(&self.ids), coach)),
            second_coder: true,
            expires_at: self.later(86_400),
        };
        work.release(&decide, &release).await.unwrap();
        work.commit().await.unwrap();
    }

    /// The practitioner keeps it.
    pub(super) async fn withhold(&self, owner: UserId, id: RecordingId) {
        let (mut work, decide) =
            self.ask::<DecideSharing>(self.cx(owner, Role::Practitioner), id).await;
        work.withhold(&decide).await.unwrap();
        work.commit().await.unwrap();
    }

    /// A recording that the first researcher and the coach were chosen for.
    pub(super) async fn released(&self, cast: Cast, pseudonym: &str) -> RecordingId {
        let id = self.playable(cast.owner, pseudonym, &[]).await;
        self.release(cast.owner, id, cast.researcher, Some(cast.coach)).await;
        id
    }

    pub(super) async fn coder(&self, user: UserId, id: RecordingId) -> Permit<Code> {
        let (work, code) = self.ask::<Code>(self.cx(user, Role::Researcher), id).await;
        work.commit().await.unwrap();
        code
    }

    /// What a coder begins.
    pub(super) fn new_coding(&self, version: &str) -> NewCoding {
        let id = CodingId::mint(&self.ids);
        NewCoding { id, framework_version: version.to_owned(), part: None }
    }

    /// A coder begins, if they had not, and finishes; blind, and it counts.
    pub(super) async fn finish(&self, work: &mut dyn Work, code: &Permit<Code>) {
        work.begin_coding(code, &self.new_coding("v1")).await.unwrap();
        work.finish_coding(code, false, false, Standing::Counts).await.unwrap();
    }

    pub(super) async fn maker(&self, user: UserId, id: RecordingId) -> Permit<MakePlaylist> {
        let (work, make) = self.ask::<MakePlaylist>(self.cx(user, Role::Researcher), id).await;
        work.commit().await.unwrap();
        make
    }

    pub(super) fn new_clip(&self, from_s: u64, to_s: u64) -> NewClip {
        NewClip {
            id: ClipId::mint(&self.ids),
            framework_version: "v1".to_owned(),
            item: item("empathy", Some("curiosity")),
            span: span(from_s, to_s),
            note: note("You waited, and Mum went on."),
            question: note("What did you hear\nin the pause?"),
        }
    }

    /// A playlist with these extracts, in this order; nothing cut yet.
    pub(super) async fn playlist(
        &self,
        make: &Permit<MakePlaylist>,
        spans: &[(u64, u64)],
    ) -> (PlaylistId, Vec<NewClip>) {
        let mut work = self.begin().await;
        let id = work.ensure_playlist(make, PlaylistId::mint(&self.ids)).await.unwrap();
        let mut clips = Vec::new();
        for (from, to) in spans {
            let clip = self.new_clip(*from, *to);
            work.add_clip(make, &clip).await.unwrap();
            clips.push(clip);
        }
        work.commit().await.unwrap();
        (id, clips)
    }

    /// The worker cuts an extract as it stands.
    pub(super) async fn render(&self, clip: ClipId) -> StoredObject {
        let (mut work, render) = self.ask::<RenderClip>(Cx::worker(self.now()), clip).await;
        let wanted = work.clip_to_render(&render).await.unwrap().unwrap();
        let hidden = work.hidden_of(&render).await.unwrap().unwrap();
        let object = self.object(wanted.recording, ObjectKind::Clip(clip));
        assert!(work.set_rendered(&render, wanted.span, hidden.version, &object).await.unwrap());
        work.commit().await.unwrap();
        object
    }

    /// The one who makes the playlist finds nothing to hide in an extract.
    pub(super) async fn approve(&self, make: &Permit<MakePlaylist>, clip: ClipId) {
        let mut work = self.begin().await;
        let playlist = work.playlist(make).await.unwrap().unwrap();
        let cut = playlist.clips.iter().find(|c| c.id == clip).unwrap().cut.unwrap();
        assert!(work.approve_clip(make, clip, cut).await.unwrap());
        work.commit().await.unwrap();
    }

    pub(super) async fn agree(&self, make: &Permit<MakePlaylist>) -> bool {
        let mut work = self.begin().await;
        let agreed = work.agree_playlist(make).await.unwrap();
        work.commit().await.unwrap();
        agreed
    }

    pub(super) fn new_job(&self, kind: JobKind, run_at: Timestamp) -> NewJob {
        NewJob { id: JobId::mint(&self.ids), kind, run_at }
    }

    /// A job to decode a recording that nobody else has one for.
    pub(super) fn some_job(&self, run_at: Timestamp) -> NewJob {
        self.new_job(JobKind::Decode(RecordingId::mint(&self.ids)), run_at)
    }

    pub(super) async fn queue(&self, jobs: &[NewJob]) {
        let mut work = self.begin().await;
        for job in jobs {
            work.add_job(job).await.unwrap();
        }
        work.commit().await.unwrap();
    }
}

pub(super) fn span(from_s: u64, to_s: u64) -> Span {
    Span::new(Ms::from_seconds(from_s), Ms::from_seconds(to_s)).unwrap()
}

pub(super) fn note(text: &str) -> Note {
    Note::new(text).unwrap()
}

pub(super) fn item(skill: &str, sub: Option<&str>) -> ItemKey {
    Framework::v1().code(skill, sub).unwrap()
}
