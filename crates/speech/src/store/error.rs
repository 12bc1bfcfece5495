//! What can be wrong with a model, each as one sentence with the command that mends it.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Why a model cannot be had. `mend` is a command to run.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Nobody has heard of it.
    #[error(
        "there is no model called `{name}`; these can be fetched with `hearback models fetch NAME`: {known}"
    )]
    Unknown {
        /// What was asked for.
        name: String,
        /// What could have been asked for, comma-separated.
        known: String,
    },
    /// It is not on this machine.
    #[error("the model `{name}` is not on this machine yet; `{mend}` brings it")]
    Missing {
        /// The model.
        name: String,
        /// The command that mends it.
        mend: String,
    },
    /// Its file is too short.
    #[error(
        "the file of the model `{name}` is incomplete ({found} of {whole} bytes); `{mend}` replaces it"
    )]
    Truncated {
        /// The model.
        name: String,
        /// Bytes that are there.
        found: u64,
        /// Bytes of the whole file.
        whole: u64,
        /// The command that mends it.
        mend: String,
    },
    /// Its bytes are not those that were promised.
    #[error("the file of the model `{name}` is not the one that it was; `{mend}` replaces it")]
    Altered {
        /// The model.
        name: String,
        /// The command that mends it.
        mend: String,
    },
    /// What came in is not what the manifest promised. Nothing of it is kept.
    #[error(
        "what was downloaded for the model `{name}` is not the file that the manifest names ({what}); nothing of it is \
         kept, and `hearback models fetch {name}` tries again"
    )]
    WrongDownload {
        /// The model.
        name: String,
        /// Which file, and how it differs.
        what: String,
    },
    /// The outside did not do its part. Trying again later is sensible.
    #[error(
        "the model `{name}` could not be fetched: {reason}; `hearback models fetch {name}` goes on from here"
    )]
    Fetch {
        /// The model.
        name: String,
        /// Why.
        reason: String,
    },
    /// Somebody else is at it.
    #[error(
        "the model `{name}` is being fetched by another process; wait for it, then run `hearback models list`"
    )]
    Busy {
        /// The model.
        name: String,
    },
    /// A model cannot be made smaller.
    #[error("`{name}` cannot be made smaller: {why}")]
    NotMade {
        /// The model.
        name: String,
        /// Why.
        why: String,
    },
    /// A carried-in file is no model of a kind that can be used.
    #[error(
        "{} cannot be used: {why}; `hearback models add FILE` takes Whisper models and voice detectors in ggml form, and \
         voice encoders in safetensors form",
        file.display()
    )]
    NotAModel {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A carried-in file is a model, but not one of the manifest.
    #[error(
        "{} is a model that the manifest does not know; give it a name with `hearback models add {} --name NAME`",
        file.display(),
        file.display()
    )]
    NameNeeded {
        /// The file.
        file: PathBuf,
    },
    /// A model cannot be called that.
    #[error(
        "`{name}` cannot be a model's name; use small letters, digits, dots, dashes and underscores"
    )]
    BadName {
        /// What was asked for.
        name: String,
    },
    /// The manifest's name, but not the manifest's file.
    #[error(
        "{} is not the file that the manifest calls `{name}`; give it another name with `hearback models add {} --name NAME`",
        file.display(),
        file.display()
    )]
    NameTaken {
        /// What was asked for.
        name: String,
        /// The file.
        file: PathBuf,
    },
    /// The disk refused.
    #[error("could not {doing} {}: {source}", path.display())]
    Io {
        /// A verb.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ModelError {
    pub(crate) fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), source }
    }
}
