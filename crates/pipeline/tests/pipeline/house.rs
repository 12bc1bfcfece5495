//! An organisation with a practitioner and a researcher, an empty database and an empty vault.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
};

use hearback_access::{
    Action, Cx, MakePlaylist, ObjectKind, Opens, Permit, PlayRecording, ReadTranscript,
    RecordConsent, SeeJobs, SeeRecording, Start, StoredObject, Upload, require,
};
use hearback_audio::sandbox::Runner;
use hearback_domain::{
    Clock, IdSource, JobId, Label, Login, ManualClock, ObjectId, Party, PartyKind, PersonId, Phase,
    Pseudonym, Purpose, RecordingId, RecordingState, Role, SeededIds, SessionKind, Timestamp,
    UserId, sound,
};
use hearback_pipeline::{Config, Recogniser, SpeechSettings, Stopwatch, Worker};
use hearback_speech::{Manifest, ModelStore, Transcript};
use hearback_storage::{
    FileArrived, JobKind, JobStatus, NewJob, NewPerson, NewRecording, Recording, Store, Work,
    conformance::said, permit,
};
use hearback_storage_sqlite::SqliteStore;
use hearback_vault::{FileKeys, KeyConfig, MasterKey, RootSource, Vault};
use tempfile::TempDir;
use tokio::sync::Notify;
use uuid::Uuid;

/// Everybody says yes to these unless a test wants it otherwise.
pub(crate) const PURPOSES: &[Purpose] =
    &[Purpose::Record, Purpose::Transcribe, Purpose::CodeResearch, Purpose::CoachPlayback];

pub(crate) struct House {
    dir: TempDir,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Arc<Ids>,
    pub(crate) practitioner: UserId,
    pub(crate) researcher: UserId,
    administrator: UserId,
}

/// Identifiers, and something to happen when the next one is minted: the one moment in the middle of a job at which
/// a test can step in without chance.
#[derive(Default)]
pub(crate) struct Ids {
    seeded: SeededIds,
    next: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Ids {
    /// Does `this` when the next identifier is minted. In a decoding or rendering job that is when its first object
    /// is about to be written, on the job's own thread.
    pub(crate) fn at_next(&self, this: impl FnOnce() + Send + 'static) {
        *self.next.lock().unwrap() = Some(Box::new(this));
    }
}

impl IdSource for Ids {
    fn next(&self) -> Uuid {
        let this = self.next.lock().unwrap().take();
        if let Some(this) = this {
            this();
        }
        self.seeded.next()
    }
}

impl House {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        fs::create_dir(&data).unwrap();
        let key_file = dir.path().join("master.key");
        MasterKey::create_file(&key_file).unwrap();
        let keyring = data.join("keys");
        let keys = FileKeys::open(&KeyConfig {
            root: RootSource::File(key_file),
            keyring,
            data: data.clone(),
            accept_colocated: true,
            recordings_exist: false,
        })
        .unwrap();
        let vault = Arc::new(Vault::new(&data, Arc::new(keys)).unwrap());
        let store =
            Arc::new(SqliteStore::open(data.join("hearback.db"), vault.cipher()).await.unwrap());
        let ids = Arc::new(Ids::default());
        let clock = Arc::new(ManualClock::at(Timestamp::from_micros(1_790_000_000_000_000)));
        let [practitioner, researcher, administrator] = [0; 3].map(|_| UserId::mint(&*ids));
        let house = Self { dir, store, vault, clock, ids, practitioner, researcher, administrator };
        let mut work = house.store.begin().await.unwrap();
        for (id, login, role) in [
            (practitioner, "wren", Role::Practitioner),
            (researcher, "rook", Role::Researcher),
            (administrator, "owl", Role::SysAdmin),
        ] {
            work.add_person(&NewPerson {
                id,
                login: Login::new(login).unwrap(),
                name: login.to_owned(),
                password_hash: "none".to_owned(),
                roles: vec![role],
                created_at: house.clock.now(),
            })
            .await
            .unwrap();
        }
        work.commit().await.unwrap();
        house
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A worker with the real child and the real model.
    pub(crate) fn worker(&self) -> Worker {
        self.worker_with(binary(), &models())
    }

    pub(crate) fn worker_with(&self, child: impl Into<PathBuf>, models: &Path) -> Worker {
        let models = ModelStore::new(models.to_owned(), Manifest::built_in().unwrap());
        let ids: Arc<dyn IdSource> = self.ids.clone();
        let clock: Arc<dyn Clock> = self.clock.clone();
        Worker {
            store: Arc::clone(&self.store),
            vault: Arc::clone(&self.vault),
            clock,
            ids,
            runner: Arc::new(Runner::new(child)),
            // One thread: on a busy machine, two that wait for each other take many times as long.
            recogniser: Arc::new(Recogniser::new(models, SpeechSettings::default())),
            wake: Arc::new(Notify::new()),
            config: Config::default(),
            swept: Stopwatch::default(),
        }
    }

    pub(crate) fn cx(&self, role: Role) -> Cx {
        let user = match role {
            Role::Practitioner => self.practitioner,
            Role::Researcher => self.researcher,
            _ => self.administrator,
        };
        Cx::person(user, role, self.clock.now())
    }

    /// A unit of work with a permit, as that role's person.
    pub(crate) async fn may<A: Action>(
        &self,
        role: Role,
        object: A::Object,
    ) -> (Box<dyn Work>, Permit<A>) {
        permit::<A>(&*self.store, self.cx(role), object).await.unwrap()
    }

    /// A recording of the practitioner and a young person who both said yes to `purposes`, with this file.
    pub(crate) async fn upload(
        &self,
        purposes: &[Purpose],
        file: &[u8],
    ) -> (RecordingId, StoredObject) {
        let recording = RecordingId::mint(&*self.ids);
        let parties: Vec<_> = [PartyKind::Practitioner, PartyKind::YoungPerson]
            .map(|kind| Party {
                id: PersonId::mint(&*self.ids),
                kind,
                label: Label::new(kind.as_str()).unwrap(),
            })
            .into();
        let (mut work, start) = self.may::<Start>(Role::Practitioner, ()).await;
        work.add_recording(
            &start,
            &NewRecording {
                id: recording,
                pseudonym: Pseudonym::new("Robin").unwrap(),
                session_kind: SessionKind::Visit,
                held_on: None,
                language: None,
                phase: Phase::PostTraining,
                parties: parties.clone(),
            },
        )
        .await
        .unwrap();
        let cx = self.cx(Role::Practitioner);
        let consent = require::<RecordConsent>(work.gate(), cx, recording).await.unwrap();
        let without: Vec<_> =
            Purpose::ALL.iter().copied().filter(|p| !purposes.contains(p)).collect();
        for party in &parties {
            let said = said(&*self.ids, self.clock.now(), party, &without);
            assert!(work.record_consent(&consent, &said).await.unwrap().is_some());
        }
        work.commit().await.unwrap();

        let (mut work, upload) = self.may::<Upload>(Role::Practitioner, recording).await;
        self.vault.new_recording(&upload).unwrap();
        let id = ObjectId::mint(&*self.ids);
        let mut writer = self.vault.add(&upload, ObjectKind::Original, id).unwrap();
        writer.write_all(file).unwrap();
        let object = writer.finish().unwrap();
        let arrived = FileArrived { object, content_sha256: [7; 32] };
        assert!(work.add_file(&upload, &arrived).await.unwrap());
        work.add_job(&self.job(JobKind::Decode(recording))).await.unwrap();
        work.commit().await.unwrap();
        (recording, object)
    }

    pub(crate) fn job(&self, kind: JobKind) -> NewJob {
        NewJob { id: JobId::mint(&*self.ids), kind, run_at: self.clock.now() }
    }

    /// The recording as its practitioner sees it.
    pub(crate) async fn recording(&self, id: RecordingId) -> Recording {
        let (mut work, permit) = self.may::<SeeRecording>(Role::Practitioner, id).await;
        work.recording(&permit).await.unwrap().unwrap()
    }

    pub(crate) async fn state(&self, id: RecordingId) -> RecordingState {
        self.recording(id).await.state
    }

    /// The recording's newest jobs, as its practitioner sees them.
    pub(crate) async fn jobs(&self, id: RecordingId) -> Vec<JobStatus> {
        let (mut work, permit) = self.may::<SeeRecording>(Role::Practitioner, id).await;
        work.jobs_of(&permit).await.unwrap()
    }

    /// What is not done, as the administrator sees it.
    pub(crate) async fn open_jobs(&self) -> Vec<JobStatus> {
        let (mut work, permit) = self.may::<SeeJobs>(Role::SysAdmin, ()).await;
        work.open_jobs(&permit).await.unwrap()
    }

    /// An object's bytes, if the permit's recording has one of that kind.
    pub(crate) async fn bytes(
        &self,
        (mut work, permit): (Box<dyn Work>, impl Opens),
        kind: ObjectKind,
    ) -> Option<Vec<u8>> {
        let object = work.object(&permit, kind).await.unwrap()?;
        work.commit().await.unwrap();
        let mut bytes = Vec::new();
        self.vault.open(&permit, &object).unwrap().read_to_end(&mut bytes).unwrap();
        Some(bytes)
    }

    /// The practitioner's view of the sound, as bare samples.
    pub(crate) async fn samples(&self, id: RecordingId) -> Option<Vec<u8>> {
        let may = self.may::<PlayRecording>(Role::Practitioner, id).await;
        self.bytes(may, ObjectKind::Normalised).await
    }

    pub(crate) async fn transcript(&self, id: RecordingId) -> Option<Transcript> {
        let may = self.may::<ReadTranscript>(Role::Practitioner, id).await;
        let json = self.bytes(may, ObjectKind::Transcript).await?;
        Some(transcript_of(&json))
    }

    /// How many whole objects lie in the vault, whether or not the database names them.
    pub(crate) fn files(&self, id: RecordingId) -> usize {
        let dir = self.path().join("data/objects").join(id.to_string());
        let classes = fs::read_dir(dir).unwrap();
        classes.map(|class| fs::read_dir(class.unwrap().path()).unwrap().count()).sum()
    }

    /// Changes a byte in the middle of each of its files.
    pub(crate) fn damage_files(&self, id: RecordingId) {
        let dir = self.path().join("data/objects").join(id.to_string());
        for class in fs::read_dir(dir).unwrap() {
            for file in fs::read_dir(class.unwrap().path()).unwrap() {
                let path = file.unwrap().path();
                let mut bytes = fs::read(&path).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                fs::write(path, bytes).unwrap();
            }
        }
    }

    /// Makes its files look as if they had lain there for long.
    pub(crate) fn age_files(&self, id: RecordingId) {
        let dir = self.path().join("data/objects").join(id.to_string());
        for class in fs::read_dir(dir).unwrap() {
            for file in fs::read_dir(class.unwrap().path()).unwrap() {
                let file = fs::File::options().write(true).open(file.unwrap().path()).unwrap();
                file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
            }
        }
    }

    /// A unit of work with a permit, as the worker's.
    pub(crate) async fn as_worker<A: Action>(
        &self,
        object: A::Object,
    ) -> (Box<dyn Work>, Permit<A>) {
        permit::<A>(&*self.store, Cx::worker(self.clock.now()), object).await.unwrap()
    }

    pub(crate) async fn making(&self, id: RecordingId) -> (Box<dyn Work>, Permit<MakePlaylist>) {
        self.may::<MakePlaylist>(Role::Researcher, id).await
    }
}

pub(crate) fn transcript_of(json: &[u8]) -> Transcript {
    serde_json::from_slice(json).unwrap()
}

pub(crate) fn binary() -> PathBuf {
    let path =
        std::env::var_os("HEARBACK_BIN").map_or_else(|| target("debug/hearback"), Into::into);
    assert!(path.exists(), "{} is not there: run `cargo build --bin hearback`", path.display());
    path
}

pub(crate) fn models() -> PathBuf {
    let dir = std::env::var_os("HEARBACK_MODELS").map_or_else(|| target("models"), Into::into);
    assert!(
        dir.join("ggml-tiny.en.bin").exists(),
        "the speech model is not there: run `hearback models fetch tiny.en`"
    );
    dir
}

fn target(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target").join(path)
}

/// The samples of `text` as one of flite's voices speaks it: 16 kHz mono, as the pipeline will have them.
pub(crate) fn speak(house: &House, voice: &str, text: &str) -> Vec<u8> {
    let wav = house.path().join("speech.wav");
    let done = Command::new("flite").args(["-voice", voice, "-t", text, "-o"]).arg(&wav).status();
    assert!(done.expect("flite is installed: run `cargo xtask test`").success());
    let bytes = fs::read(wav).unwrap();
    assert_eq!(bytes[24..28], sound::RATE_HZ.to_le_bytes(), "flite's voices speak at 16 kHz");
    bytes[44..].to_vec()
}

/// Samples as a file that somebody could upload.
pub(crate) fn wav(samples: &[u8]) -> Vec<u8> {
    [&sound::wav_header(sound::frames(samples.len() as u64))[..], samples].concat()
}
