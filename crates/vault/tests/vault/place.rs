//! A vault in a directory of its own.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::PathBuf,
    sync::Arc,
};

use hearback_access::{ObjectKind, Opens};
use hearback_domain::{ClipId, IdSource as _, ObjectId, RecordingId, SeededIds};
use hearback_vault::{FileKeys, KeyConfig, MasterKey, StoredObject, Vault, VaultError};

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
    let config = KeyConfig {
        key_file: dir.path().join("key"),
        keyring: dir.path().join("keyring"),
        data: dir.path().join("data"),
        accept_colocated: false,
        recordings_exist: false,
    };
    MasterKey::create_file(&config.key_file).unwrap();
    (dir, config)
}

impl Place {
    pub(crate) fn new() -> Self {
        let (dir, config) = bare();
        let keys = Arc::new(FileKeys::open(&config).unwrap());
        let vault = Vault::new(&config.data, Arc::<FileKeys>::clone(&keys)).unwrap();
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

    pub(crate) fn file(&self, object: &StoredObject) -> PathBuf {
        self.dir(object.recording).join(format!("{}.age", object.id))
    }

    /// The names in a recording's directory, sorted.
    pub(crate) fn names(&self, recording: RecordingId) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.dir(recording)) else { return Vec::new() };
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
