//! A vault in a directory of its own.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use hearback_access::{ObjectKind, Opens};
use hearback_domain::{ClipId, IdSource as _, KeyClass, ObjectId, RecordingId, SeededIds};
use hearback_vault::{FileKeys, KeyConfig, MasterKey, RootSource, StoredObject, Vault, VaultError};

use crate::permits;

pub(crate) struct Place {
    pub(crate) vault: Vault,
    pub(crate) keys: Arc<FileKeys>,
    pub(crate) config: KeyConfig,
    ids: SeededIds,
    _dir: tempfile::TempDir,
}

/// Directories for a vault and its keys; nothing in them but a key file.
pub(crate) fn bare() -> (tempfile::TempDir, KeyConfig) {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path());
    MasterKey::create_file(key_file(&config)).unwrap();
    (dir, config)
}

/// Where key, keyring and data lie below a directory.
pub(crate) fn config(dir: &Path) -> KeyConfig {
    KeyConfig {
        root: RootSource::File(dir.join("key")),
        keyring: dir.join("keyring"),
        data: dir.join("data"),
        accept_colocated: false,
        recordings_exist: false,
    }
}

pub(crate) fn key_file(config: &KeyConfig) -> &Path {
    match &config.root {
        RootSource::File(path) => path,
        other => panic!("the key comes from {other}"),
    }
}

/// Where a key's record lies.
pub(crate) fn record(config: &KeyConfig, recording: RecordingId, class: KeyClass) -> PathBuf {
    let id = recording.to_string();
    config.keyring.join(&id[..2]).join(format!("{id}.{class}"))
}

/// Keyring and vault, as at a start.
pub(crate) fn open(config: &KeyConfig) -> (Arc<FileKeys>, Vault) {
    let keys = Arc::new(FileKeys::open(config).unwrap());
    let vault = Vault::new(&config.data, Arc::<FileKeys>::clone(&keys)).unwrap();
    (keys, vault)
}

impl Place {
    pub(crate) fn new() -> Self {
        let (dir, config) = bare();
        let (keys, vault) = open(&config);
        Self { vault, keys, config, ids: SeededIds::default(), _dir: dir }
    }

    pub(crate) fn object_id(&self) -> ObjectId {
        ObjectId::mint(&self.ids)
    }

    pub(crate) fn clip_id(&self) -> ClipId {
        ClipId::from_uuid(self.ids.next())
    }

    /// A recording that has a key.
    pub(crate) fn recording(&self) -> RecordingId {
        let recording = RecordingId::mint(&self.ids);
        self.vault.new_recording(&permits::upload(recording)).unwrap();
        recording
    }

    pub(crate) fn store(
        &self,
        permit: &dyn Opens,
        kind: ObjectKind,
        bytes: &[u8],
    ) -> Result<StoredObject, VaultError> {
        let mut writer = self.vault.add(permit, kind, self.object_id())?;
        writer.write_all(bytes)?;
        writer.finish()
    }

    /// A new recording's decoded sound.
    pub(crate) fn sound(&self, bytes: &[u8]) -> StoredObject {
        let permit = permits::decode(self.recording());
        self.store(&permit, ObjectKind::Normalised, bytes).unwrap()
    }

    pub(crate) fn read(
        &self,
        permit: &dyn Opens,
        object: &StoredObject,
    ) -> Result<Vec<u8>, VaultError> {
        let mut bytes = Vec::new();
        self.vault.open(permit, object)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// As the researcher hears it.
    pub(crate) fn hear(&self, object: &StoredObject) -> Result<Vec<u8>, VaultError> {
        self.read(&permits::play(object.recording), object)
    }

    pub(crate) fn dir(&self, recording: RecordingId) -> PathBuf {
        self.config.data.join("objects").join(recording.to_string())
    }

    pub(crate) fn class_dir(&self, recording: RecordingId, class: KeyClass) -> PathBuf {
        self.dir(recording).join(class.as_str())
    }

    pub(crate) fn file(&self, object: &StoredObject) -> PathBuf {
        self.class_dir(object.recording, object.kind.class()).join(format!("{}.age", object.id))
    }

    /// The names of a recording's files of sound, sorted.
    pub(crate) fn names(&self, recording: RecordingId) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.class_dir(recording, KeyClass::Sound)) else {
            return Vec::new();
        };
        let mut names: Vec<_> =
            entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// Bytes that repeat at no distance a chunk could have.
pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut x = 0x2545_F491_4F6C_DD1D_u64;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        bytes.extend_from_slice(&x.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}
