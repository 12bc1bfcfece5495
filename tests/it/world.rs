//! People and recordings in every state, made through the same storage calls as the service makes, on either database.

use std::{io::Write as _, sync::Arc};

use hearback_access::{
    AssignSecond, Code, Cx, DecideGlass, DecideSharing, Decode, Hide, MakePlaylist,
    ManageIdentityKey, ManageProtocols, ObjectKind, Opens, RaiseConcern, RecordConsent, RenderClip,
    RequestGlass, SeePlaylist, Start, StoredObject, Transcribe, Upload, VetoClip, require,
};
use hearback_domain::{
    BroughtId, ClipId, Clock as _, CoachingSessionId, CodeId, CodingId, ConcernId, Framework,
    GlassId, GoalId, GrantId, Hidden, HiddenId, HideReason, IdentityKeyId, JobId, Label, Login,
    ManualClock, Ms, NominationId, Note, ObjectId, Party, PartyKind, PersonId, Phase, PieceId,
    PlaylistId, ProtocolId, Pseudonym, Purpose, Reason, RecordingId, Role, SeededIds, SeriesId,
    SessionKind, Span, SupervisionId, Timestamp, Told, TranscriptState, UserId, coding::Twice,
    protocol::Plan, sound,
};
use hearback_storage::{
    Decoded, FileArrived, FinishedJob, JobKind, NewClip, NewCode, NewCoding, NewConcern,
    NewIdentityKey, NewJob, NewPerson, NewRecording, NewSecond, Release, SoundDetails, Store,
    TranscriptChange, conformance::said, permit,
};
use hearback_vault::Vault;

use crate::{service::PASSPHRASE, support::Temporary};

/// Where a recording is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Details, no file.
    AwaitingFile,
    /// The file came, and could not be read.
    Refused,
    /// Decoded and transcribed; the practitioner has not decided.
    Private,
    /// Released and coded; an extract is cut but not approved.
    Released,
    /// The extract is approved and the playlist agreed.
    Shared,
    /// Shared, and the practitioner would rather not have the extract played.
    Vetoed,
    /// Shared, and then withheld.
    Withheld,
    /// Released, but somebody heard said no to research.
    NoResearch,
    /// Released, but somebody heard said no to a transcript.
    NoTranscript,
    /// Released, but somebody heard said no to coaching.
    NoCoaching,
}

impl Stage {
    pub(crate) const ALL: &'static [Self] = &[
        Self::AwaitingFile,
        Self::Refused,
        Self::Private,
        Self::Released,
        Self::Shared,
        Self::Vetoed,
        Self::Withheld,
        Self::NoResearch,
        Self::NoTranscript,
        Self::NoCoaching,
    ];

    /// What somebody who is heard said no to.
    pub(crate) const fn refused(self) -> Option<Purpose> {
        match self {
            Self::NoResearch => Some(Purpose::CodeResearch),
            Self::NoTranscript => Some(Purpose::Transcribe),
            Self::NoCoaching => Some(Purpose::CoachPlayback),
            _ => None,
        }
    }
}

/// A recording in a stage, and what belongs to it.
pub(crate) struct Objects {
    pub(crate) recording: RecordingId,
    /// A passage that is hidden.
    pub(crate) hidden: HiddenId,
    /// The child who is heard.
    pub(crate) person: PersonId,
    pub(crate) code: CodeId,
    pub(crate) playlist: PlaylistId,
    pub(crate) clip: ClipId,
    /// The sound of the extract, once it is cut.
    pub(crate) cut: ObjectId,
    pub(crate) job: JobId,
    /// What the owner is worried about; the stranger may hear its passage, the second to the third.
    pub(crate) concern: ConcernId,
    /// The coach's request to hear it, which nobody has answered.
    pub(crate) glass: GlassId,
    /// A series of the owner with the coach, where [`World::coach_on`] made one.
    pub(crate) series: SeriesId,
    /// Its session, which is live.
    pub(crate) session: CoachingSessionId,
    /// The extract in it, where it was shared.
    pub(crate) piece: PieceId,
    /// What the owner would like to try.
    pub(crate) goal: GoalId,
    /// A moment that the owner marked.
    pub(crate) moment: NominationId,
    /// A meeting that the stranger leads, and to which the coach is invited.
    pub(crate) meeting: SupervisionId,
    /// The same moment, as the owner brought it to another meeting, where they are under the dome.
    pub(crate) brought: BroughtId,
}

/// The people, by what they are to every recording of this world.
pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Arc<SeededIds>,
    pub(crate) owner: UserId,
    pub(crate) researcher: UserId,
    pub(crate) coach: UserId,
    pub(crate) stranger: UserId,
    /// The line that opens every real name.
    pub(crate) printed: String,
}

/// Everybody. The first three are tied to every recording of the world; each of them may wear every hat.
pub(crate) const PEOPLE: &[&str] = &["owner", "researcher", "coach", "stranger"];

impl World {
    pub(crate) async fn new(empty: Temporary) -> Self {
        let vault = empty.vault.clone();
        let store: Arc<dyn Store> = Arc::new(empty);
        let clock = Arc::new(ManualClock::at(Timestamp::from_micros(1_790_000_000_123_456)));
        let ids = Arc::new(SeededIds::default());

        let password_hash = hearback_web::password::hash(PASSPHRASE).unwrap();
        let mut users = Vec::new();
        let mut work = store.begin().await.unwrap();
        for login in PEOPLE {
            let person = NewPerson {
                id: UserId::mint(&*ids),
                login: Login::new(login).unwrap(),
                name: format!("{}{}", login[..1].to_uppercase(), &login[1..]),
                password_hash: password_hash.clone(),
                roles: Role::ALL.to_vec(),
                created_at: clock.now(),
            };
            work.add_person(&person).await.unwrap();
            users.push(person.id);
        }
        // Somebody whom tests may sign in, invite to other roles and send away.
        let visitor = NewPerson {
            id: Self::visitor(),
            login: Login::new("visitor").unwrap(),
            name: "Visitor".to_owned(),
            password_hash,
            roles: vec![Role::Coach],
            created_at: clock.now(),
        };
        work.add_person(&visitor).await.unwrap();
        let second = NewPerson {
            id: Self::second(),
            login: Login::new("second").unwrap(),
            name: "Second".to_owned(),
            roles: vec![Role::Practitioner, Role::Researcher],
            ..visitor
        };
        work.add_person(&second).await.unwrap();
        work.commit().await.unwrap();
        let [owner, researcher, coach, stranger] = users[..] else { unreachable!() };
        let printed =
            Self::name_key(&*store, &ids, Cx::person(stranger, Role::Dpo, clock.now())).await;
        let cx = Cx::person(researcher, Role::Researcher, clock.now());
        Self::write_protocol(&*store, cx).await;
        Self { store, vault, clock, ids, owner, researcher, coach, stranger, printed }
    }

    /// Makes the data protection officer's key: the line that is printed.
    async fn name_key(store: &dyn Store, ids: &SeededIds, dpo: Cx) -> String {
        let made = hearback_vault::identity::make_name_key(PASSPHRASE).unwrap();
        let key = NewIdentityKey {
            id: IdentityKeyId::mint(ids),
            public: made.public.clone(),
            locked: made.locked.clone(),
        };
        let (mut work, p) =
            permit::<ManageIdentityKey>(store, dpo.elevated(true), ()).await.unwrap();
        assert!(work.add_identity_key(&p, &key, None).await.unwrap());
        work.commit().await.unwrap();
        made.printed.to_string()
    }

    /// Somebody with an account and no part in any recording.
    pub(crate) fn visitor() -> UserId {
        UserId::from_uuid(uuid::Uuid::from_u128(0x0076_6973_6974_6f72))
    }

    /// The second coder of every recording that was released.
    pub(crate) fn second() -> UserId {
        UserId::from_uuid(uuid::Uuid::from_u128(0x7365_636f_6e64))
    }

    /// Somebody who learns to code on every recording of [`Self::recording_to_learn_on`].
    pub(crate) fn learner() -> UserId {
        UserId::from_uuid(uuid::Uuid::from_u128(0x006c_6561_726e_6572))
    }

    /// The protocol under which the researcher and the second coder code every recording that was released.
    pub(crate) fn protocol() -> ProtocolId {
        ProtocolId::from_uuid(uuid::Uuid::from_u128(0x7072_6f74_6f63_6f6c))
    }

    /// Writes it: everything is coded twice, and as a whole.
    async fn write_protocol(store: &dyn Store, cx: Cx) {
        let plan = Plan {
            name: Label::new("Spring").unwrap(),
            framework_version: Framework::v1().version,
            minutes: None,
            seed: 7,
            twice_percent: 100,
            blind_phase: true,
            blind_practitioner: true,
            drift_every: None,
        };
        let (mut work, p) = permit::<ManageProtocols>(store, cx, ()).await.unwrap();
        work.add_protocol(&p, Self::protocol(), &plan).await.unwrap();
        work.commit().await.unwrap();
    }

    pub(crate) fn cx(&self, user: UserId, role: Role) -> Cx {
        Cx::person(user, role, self.clock.now())
    }

    pub(crate) fn seal(
        &self,
        permit: &dyn Opens,
        kind: ObjectKind,
        content: &[u8],
    ) -> StoredObject {
        self.seal_as(ObjectId::mint(&*self.ids), permit, kind, content)
    }

    fn seal_as(
        &self,
        id: ObjectId,
        permit: &dyn Opens,
        kind: ObjectKind,
        content: &[u8],
    ) -> StoredObject {
        let mut writer = self.vault.add(permit, kind, id).unwrap();
        writer.write_all(content).unwrap();
        writer.finish().unwrap()
    }

    /// Makes a recording in this stage, on which a child is heard. What does not exist in a stage gets an id all the
    /// same.
    pub(crate) async fn recording(&self, stage: Stage) -> Objects {
        self.recording_of(stage, PartyKind::Child).await
    }

    /// The same, of somebody else than a child.
    pub(crate) async fn recording_of(&self, stage: Stage, kind: PartyKind) -> Objects {
        let objects = Objects {
            recording: RecordingId::mint(&*self.ids),
            hidden: HiddenId::mint(&*self.ids),
            person: PersonId::mint(&*self.ids),
            code: CodeId::mint(&*self.ids),
            playlist: PlaylistId::mint(&*self.ids),
            clip: ClipId::mint(&*self.ids),
            cut: ObjectId::mint(&*self.ids),
            job: JobId::mint(&*self.ids),
            concern: ConcernId::mint(&*self.ids),
            glass: GlassId::mint(&*self.ids),
            series: SeriesId::mint(&*self.ids),
            session: CoachingSessionId::mint(&*self.ids),
            piece: PieceId::mint(&*self.ids),
            goal: GoalId::mint(&*self.ids),
            moment: NominationId::mint(&*self.ids),
            meeting: SupervisionId::mint(&*self.ids),
            brought: BroughtId::mint(&*self.ids),
        };
        self.begin(&objects, stage, kind).await;
        if stage == Stage::AwaitingFile {
            return objects;
        }
        if stage == Stage::Refused {
            self.send_file(&objects).await;
            let worker = Cx::worker(self.clock.now());
            let (mut work, p) =
                permit::<Decode>(&*self.store, worker, objects.recording).await.unwrap();
            work.set_unreadable(&p, "corrupt").await.unwrap();
            work.commit().await.unwrap();
            return objects;
        }
        self.make_playable(&objects, stage).await;
        self.worry(&objects).await;
        self.hide(&objects).await;
        if stage == Stage::Private {
            return objects;
        }
        self.release(&objects).await;
        if stage.refused() != Some(Purpose::CodeResearch) {
            self.assign(&objects).await;
            self.code(&objects).await;
        }
        if matches!(stage, Stage::NoResearch | Stage::NoCoaching) {
            return objects;
        }
        self.cut(&objects).await;
        if matches!(stage, Stage::Released | Stage::NoTranscript) {
            return objects;
        }
        self.share(&objects).await;
        self.after_sharing(&objects, stage).await;
        objects
    }

    /// What the owner does in the stages that come after sharing.
    pub(crate) async fn after_sharing(&self, objects: &Objects, stage: Stage) {
        match stage {
            Stage::Vetoed => {
                let cx = self.cx(self.owner, Role::Practitioner);
                let (mut work, p) =
                    permit::<VetoClip>(&*self.store, cx, objects.clip).await.unwrap();
                work.veto_clip(&p).await.unwrap();
                work.commit().await.unwrap();
            }
            Stage::Withheld => {
                let cx = self.cx(self.owner, Role::Practitioner);
                let (mut work, p) =
                    permit::<DecideSharing>(&*self.store, cx, objects.recording).await.unwrap();
                work.withhold(&p).await.unwrap();
                work.commit().await.unwrap();
            }
            _ => {}
        }
    }

    async fn begin(&self, objects: &Objects, stage: Stage, kind: PartyKind) {
        let party = |id, kind, label| Party { id, kind, label: Label::new(label).unwrap() };
        let worker = PersonId::mint(&*self.ids);
        let parties = vec![
            party(worker, PartyKind::Practitioner, "Worker"),
            party(objects.person, kind, "Robin"),
        ];
        let new = NewRecording {
            id: objects.recording,
            pseudonym: Pseudonym::new("Robin").unwrap(),
            session_kind: SessionKind::Visit,
            held_on: None,
            language: None,
            phase: Phase::PostTraining,
            parties: parties.clone(),
        };
        let cx = self.cx(self.owner, Role::Practitioner);
        let (mut work, p) = permit::<Start>(&*self.store, cx, ()).await.unwrap();
        work.add_recording(&p, &new).await.unwrap();
        let p = require::<RecordConsent>(work.gate(), cx, objects.recording).await.unwrap();
        for party in &parties {
            // The child, or who is there instead, is the one who says no.
            let no = stage.refused().filter(|_| party.id == objects.person);
            let said = said(&*self.ids, self.clock.now(), party, no.as_slice());
            assert!(work.record_consent(&p, &said).await.unwrap().is_some());
        }
        work.commit().await.unwrap();
    }

    /// The file comes, and the job that decodes it is given up.
    async fn send_file(&self, objects: &Objects) {
        let cx = self.cx(self.owner, Role::Practitioner);
        let (mut work, p) = permit::<Upload>(&*self.store, cx, objects.recording).await.unwrap();
        self.vault.new_recording(&p).unwrap();
        let object = self.seal(&p, ObjectKind::Original, b"as it came");
        let file = FileArrived { object, content_sha256: [7; 32] };
        assert!(work.add_file(&p, &file).await.unwrap());
        let kind = JobKind::Decode(objects.recording);
        // A job that was given up, so that there is one to put back into the queue: of all jobs, the longest due.
        let run_at = Timestamp::from_micros(0);
        work.add_job(&NewJob { id: objects.job, kind, run_at }).await.unwrap();
        let now = self.clock.now();
        let leased = work.lease_job(now, now.plus_seconds(60)).await.unwrap().unwrap();
        assert_eq!(leased.id, objects.job);
        let dead = FinishedJob::Dead { reason: "tried often enough".to_owned() };
        assert!(work.finish_job(&leased, &dead).await.unwrap());
        work.commit().await.unwrap();
    }

    async fn make_playable(&self, objects: &Objects, stage: Stage) {
        self.send_file(objects).await;
        let seconds = 10;
        let pcm = vec![3; usize::try_from(u64::from(sound::RATE_HZ) * 2 * seconds).unwrap()];
        self.sound(objects.recording, &pcm).await;
        let worker = Cx::worker(self.clock.now());
        let (mut work, p) =
            permit::<Decode>(&*self.store, worker, objects.recording).await.unwrap();
        let copy = self.seal(&p, ObjectKind::Listening, b"as people play it");
        work.set_listening(&p, &copy).await.unwrap();
        work.commit().await.unwrap();
        if stage.refused() != Some(Purpose::Transcribe) {
            let text = br#"{"model":"tiny.en","language":"en","duration_ms":10000,"segments":[]}"#;
            self.words(objects.recording, text).await;
        }
    }

    /// Gives a recording this sound, bare samples, in the place of what it had.
    pub(crate) async fn sound(&self, recording: RecordingId, pcm: &[u8]) {
        self.sound_with(recording, pcm, b"peaks").await;
    }

    /// The same with its picture.
    pub(crate) async fn sound_with(&self, recording: RecordingId, pcm: &[u8], peaks: &[u8]) {
        let worker = Cx::worker(self.clock.now());
        let (mut work, p) = permit::<Decode>(&*self.store, worker, recording).await.unwrap();
        let decoded = Decoded {
            details: SoundDetails {
                container: "wav".to_owned(),
                codec: "pcm_s16le".to_owned(),
                channels: 1,
                sample_rate_hz: sound::RATE_HZ,
                duration: Ms::new(pcm.len() as u64 * 1_000 / u64::from(sound::RATE_HZ * 2)),
                remarks: String::new(),
            },
            normalised: self.seal(&p, ObjectKind::Normalised, pcm),
            peaks: self.seal(&p, ObjectKind::Peaks, peaks),
            sides: None,
        };
        work.set_decoded(&p, &decoded).await.unwrap();
        work.commit().await.unwrap();
    }

    /// Keeps these words as the machine's, as JSON, in the place of those that it had.
    pub(crate) async fn words(&self, recording: RecordingId, json: &[u8]) {
        let worker = Cx::worker(self.clock.now());
        let (mut work, p) = permit::<Transcribe>(&*self.store, worker, recording).await.unwrap();
        let change = TranscriptChange {
            state: TranscriptState::Done,
            language: Some("en".to_owned()),
            model: Some("tiny.en".to_owned()),
            object: Some(self.seal(&p, ObjectKind::Transcript, json)),
        };
        work.set_transcript(&p, &change).await.unwrap();
        work.commit().await.unwrap();
    }

    async fn hide(&self, objects: &Objects) {
        let cx = self.cx(self.owner, Role::Practitioner);
        let (mut work, p) = permit::<Hide>(&*self.store, cx, objects.recording).await.unwrap();
        let span = Span::new(Ms::new(8_000), Ms::new(9_000)).unwrap();
        let hidden = Hidden { span, why: HideReason::Name };
        assert_eq!(work.hide(&p, objects.hidden, &hidden).await.unwrap(), []);
        work.commit().await.unwrap();
    }

    async fn worry(&self, objects: &Objects) {
        let cx = self.cx(self.owner, Role::Practitioner);
        let (mut work, p) =
            permit::<RaiseConcern>(&*self.store, cx, objects.recording).await.unwrap();
        let concern = NewConcern {
            id: objects.concern,
            told: Told::NotYet,
            body: Note::new("a worry").unwrap(),
        };
        let span = Span::new(Ms::new(2_000), Ms::new(3_000)).unwrap();
        work.raise_concern(&p, span, &concern).await.unwrap();
        work.commit().await.unwrap();
        let allowed = GlassId::mint(&*self.ids);
        for (user, glass) in [(self.stranger, allowed), (self.coach, objects.glass)] {
            let cx = self.cx(user, Role::SafeguardingLead).elevated(true);
            let (mut work, p) =
                permit::<RequestGlass>(&*self.store, cx, objects.concern).await.unwrap();
            let reason = Reason::new("To know who is meant").unwrap();
            assert!(work.request_glass(&p, glass, &reason).await.unwrap());
            work.commit().await.unwrap();
        }
        let cx = self.cx(self.researcher, Role::Dpo).elevated(true);
        let (mut work, p) = permit::<DecideGlass>(&*self.store, cx, objects.concern).await.unwrap();
        assert!(work.decide_glass(&p, allowed, true).await.unwrap());
        work.commit().await.unwrap();
    }

    async fn release(&self, objects: &Objects) {
        let cx = self.cx(self.owner, Role::Practitioner);
        let (mut work, p) =
            permit::<DecideSharing>(&*self.store, cx, objects.recording).await.unwrap();
        let release = Release {
            researcher: (GrantId::mint(&*self.ids), self.researcher),
            coach: Some((GrantId::mint(&*self.ids), self.coach)),
            second_coder: true,
            expires_at: self.clock.now().plus_seconds(86_400),
        };
        work.release(&p, &release).await.unwrap();
        work.commit().await.unwrap();
    }

    /// The researcher takes it into the protocol, and has the second coder code it too.
    async fn assign(&self, objects: &Objects) {
        let cx = self.cx(self.researcher, Role::Researcher);
        let (mut work, p) = permit::<Code>(&*self.store, cx, objects.recording).await.unwrap();
        let coding = NewCoding {
            id: CodingId::mint(&*self.ids),
            framework_version: Framework::v1().version,
            part: None,
        };
        let drawn = Some(Twice::Drawn);
        assert!(work.take_in(&p, &coding, Self::protocol(), drawn).await.unwrap());
        let p = require::<AssignSecond>(work.gate(), cx, objects.recording).await.unwrap();
        let second = NewSecond {
            grant: GrantId::mint(&*self.ids),
            coding: CodingId::mint(&*self.ids),
            coder: Self::second(),
        };
        assert!(work.add_second(&p, &second).await.unwrap());
        work.commit().await.unwrap();
    }

    async fn code(&self, objects: &Objects) {
        let v1 = Framework::v1();
        let cx = self.cx(self.researcher, Role::Researcher);
        let (mut work, p) = permit::<Code>(&*self.store, cx, objects.recording).await.unwrap();
        let code = NewCode {
            id: objects.code,
            framework_version: v1.version.clone(),
            item: v1.code("clarity", None).unwrap(),
            span: Span::new(Ms::new(1_000), Ms::new(2_000)).unwrap(),
            note: Note::new("plain words").unwrap(),
            nonverbal: Note::default(),
            exemplar: false,
        };
        work.add_code(&p, &code).await.unwrap();
        work.commit().await.unwrap();
    }

    async fn cut(&self, objects: &Objects) {
        let v1 = Framework::v1();
        let span = Span::new(Ms::new(1_000), Ms::new(2_000)).unwrap();
        let cx = self.cx(self.researcher, Role::Researcher);
        let (mut work, p) =
            permit::<MakePlaylist>(&*self.store, cx, objects.recording).await.unwrap();
        work.ensure_playlist(&p, objects.playlist).await.unwrap();
        let clip = NewClip {
            id: objects.clip,
            framework_version: v1.version.clone(),
            item: v1.code("clarity", None).unwrap(),
            span,
            note: Note::new("Plain words.").unwrap(),
            question: Note::new("What did you notice?").unwrap(),
        };
        work.add_clip(&p, &clip).await.unwrap();
        work.commit().await.unwrap();

        let worker = Cx::worker(self.clock.now());
        let (mut work, p) = permit::<RenderClip>(&*self.store, worker, objects.clip).await.unwrap();
        let wav = [&sound::wav_header(16_000)[..], &vec![3; 32_000]].concat();
        let object = self.seal_as(objects.cut, &p, ObjectKind::Clip(objects.clip), &wav);
        let hidden = work.hidden_of(&p).await.unwrap().unwrap();
        assert!(work.set_rendered(&p, span, hidden.version, &object).await.unwrap());
        work.commit().await.unwrap();
    }

    async fn share(&self, objects: &Objects) {
        let cx = self.cx(self.researcher, Role::Researcher);
        let (mut work, p) =
            permit::<MakePlaylist>(&*self.store, cx, objects.recording).await.unwrap();
        assert!(work.approve_clip(&p, objects.clip, objects.cut).await.unwrap());
        assert!(work.agree_playlist(&p).await.unwrap());
        work.commit().await.unwrap();
        let cx = self.cx(self.coach, Role::Coach);
        let seen = permit::<SeePlaylist>(&*self.store, cx, objects.playlist).await;
        assert!(seen.is_ok(), "the world is not as it says");
    }
}
