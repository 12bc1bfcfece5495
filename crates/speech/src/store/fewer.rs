//! Models that are made on this machine from those that are here: the same one in fewer bits.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Seek as _, Write as _},
};

use super::{FetchProgress, FetchStep, ModelError, ModelStore, Sidecar};
use crate::{
    digest, inspect,
    manifest::Kind,
    quantise::{self, Precision},
};

/// The form that is taken before float16 where it has been made: it takes half the memory, and heard no worse where
/// that was measured. That was with `tiny.en`, on 300 s of a synthesised visit: 4.99 % of the words wrong either way,
/// and 1 to 6 % less processor time in two pairs of runs on a busy machine. Larger models were not measured.
const PREFERRED: Precision = Precision::Q8_0;

impl ModelStore {
    /// Makes `NAME-q8_0` (or whatever was asked for) from `NAME`, checks it, and remembers its hash. Returns its name.
    ///
    /// The same model always gives the same bytes. One that was made of just this `NAME`, and is whole, is not made
    /// again; one that was made of what `NAME` used to be is replaced.
    ///
    /// # Errors
    /// [`ModelError::NotMade`] for what is no speech model in float16, and where the name belongs to somebody else's
    /// file.
    pub fn quantise(
        &self,
        name: &str,
        bits: Precision,
        progress: &mut dyn FnMut(FetchProgress),
    ) -> Result<String, ModelError> {
        let source = self.verify(name)?;
        let made_from = self.sha256(name)?;
        let made = fewer(name, bits);
        let refuse = |why: &str| ModelError::NotMade { name: name.to_owned(), why: why.to_owned() };
        if self.kind(name) != Kind::Words {
            return Err(refuse("only speech models are kept in fewer bits"));
        }
        if self.manifest.get(&made).is_some() {
            return Err(refuse(&format!("`hearback models fetch {made}` brings that form of it")));
        }
        match self.sidecar(&made)? {
            Some(there) if there.made_from.is_none() => {
                let why = format!("`{made}` is a file that was carried in, and nobody replaces it");
                return Err(refuse(&why));
            }
            Some(there)
                if there.made_from.as_ref() == Some(&made_from) && self.verify(&made).is_ok() =>
            {
                return Ok(made);
            }
            _ => {}
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
        let made_from = Some(made_from);
        self.remember(&made, Kind::Words, &Sidecar { bytes, sha256, made_from })?;
        self.persist(finished, &self.file(&made))?;
        Ok(made)
    }

    /// The form of a model to use where nobody asked for a certain one: the one in fewer bits if it has been made here
    /// of just this model and loses nothing, else the model itself.
    pub fn preferred(&self, name: &str) -> String {
        let fewer = fewer(name, PREFERRED);
        let of_this = || {
            let made_from = self.sidecar(&fewer).ok()??.made_from?;
            Some(made_from == self.sha256(name).ok()?)
        };
        if self.kind(name) == Kind::Words
            && self.path(&fewer).is_ok()
            && of_this().unwrap_or_default()
        {
            fewer
        } else {
            name.to_owned()
        }
    }
}

fn fewer(name: &str, bits: Precision) -> String {
    format!("{name}-{}", bits.as_str())
}
