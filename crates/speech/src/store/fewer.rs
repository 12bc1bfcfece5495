//! Models that are made on this machine from those that are here: the same one in fewer bits.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Seek as _, Write as _},
    path::PathBuf,
};

use super::{FetchProgress, FetchStep, ModelError, ModelState, ModelStore, Sidecar};
use crate::{
    digest, inspect,
    manifest::Kind,
    quantise::{self, Precision},
    vad::Voice,
};

/// The form that is taken before float16 where it has been made: on the material of `cargo xtask bench speech` it hears no
/// worse, is as fast or faster, and takes half the memory.
const PREFERRED: Precision = Precision::Q8_0;

impl ModelStore {
    /// Makes `NAME-q8_0` (or whatever was asked for) from `NAME`, checks it, and remembers its hash. Returns its name.
    ///
    /// The same model always gives the same bytes. One that is there and whole is not made again.
    pub fn quantise(
        &self,
        name: &str,
        bits: Precision,
        progress: &mut dyn FnMut(FetchProgress),
    ) -> Result<String, ModelError> {
        let source = self.verify(name)?;
        let made = format!("{name}-{}", bits.as_str());
        let refuse =
            |why: &str| ModelError::NotAModel { file: source.clone(), why: why.to_owned() };
        if self.kind(name) != Kind::Words {
            return Err(refuse("only speech models are kept in fewer bits"));
        }
        if self.manifest.get(&made).is_some() {
            return Err(refuse(&format!("`hearback models fetch {made}` brings it")));
        }
        if self.verify(&made).is_ok() {
            return Ok(made);
        }
        let total = fs::metadata(&source).map(|file| file.len()).ok();
        let mut finished = self.temporary()?;
        let file = File::open(&source).map_err(|error| ModelError::io("read", &source, error))?;
        let mut out = BufWriter::new(finished.as_file_mut());
        quantise::quantise(&mut BufReader::new(file), &mut out, bits, &mut |done| {
            progress(FetchProgress { step: FetchStep::Convert, done, total });
        })
        .and_then(|()| out.flush())
        .map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => refuse(&error.to_string()),
            _ => ModelError::io("write to", &self.folder, error),
        })?;
        drop(out);
        // The same walk that every model file has to stand before it is loaded.
        inspect::inspect(finished.path()).map_err(|flaw| refuse(&flaw.to_string()))?;
        let mut bytes = 0;
        finished
            .as_file_mut()
            .rewind()
            .map_err(|error| ModelError::io("read", &self.folder, error))?;
        let sha256 = digest::copy(finished.as_file_mut(), &mut io::sink(), &mut |done| {
            bytes = done;
            progress(FetchProgress { step: FetchStep::Verify, done, total: None });
        })
        .map_err(|error| ModelError::io("read", &self.folder, error))?;
        self.remember(&made, Kind::Words, &Sidecar { bytes, sha256 })?;
        self.persist(finished, &self.file(&made))?;
        Ok(made)
    }

    /// The form of a model to use where nobody asked for a certain one: the one in fewer bits if it has been made here
    /// and loses nothing, else the model itself.
    pub fn preferred(&self, name: &str) -> String {
        let fewer = format!("{name}-{}", PREFERRED.as_str());
        if self.kind(name) == Kind::Words && self.path(&fewer).is_ok() {
            fewer
        } else {
            name.to_owned()
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

    /// The voice detector that is on this machine, checked; the loudness alone where there is none.
    ///
    /// # Errors
    /// If there is one and it is damaged.
    pub fn voice(&self) -> Result<Voice, ModelError> {
        let all = self.list()?;
        let here = |state: ModelState| state != ModelState::Absent;
        let found = all.iter().find(|model| model.kind == Kind::Activity && here(model.state));
        let Some(model) = found else { return Ok(Voice::by_loudness()) };
        let path: PathBuf = self.verify(&model.name)?;
        Voice::load(&path)
            .map_err(|error| ModelError::NotAModel { file: path, why: error.to_string() })
    }
}
