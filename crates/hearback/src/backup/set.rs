//! What a set holds, and how it is read and unpacked.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use hearback_access::{ObjectKind, StoredObject};
use hearback_domain::{ClipId, ObjectId, RecordingId};
use hearback_vault::StoredAt as _;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{files, signed};

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const LEDGER: &str = "erasures.log";

/// The form of the manifest that this program writes, and the only one so far.
pub(super) const FORM: u32 = 1;

/// What the database was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The name of its copy.
    pub(super) const fn file(self) -> &'static str {
        match self {
            Self::Sqlite => "database.sqlite",
            Self::Postgres => "database.pgdump",
        }
    }
}

/// A file of the set, or an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Copied {
    /// In bytes.
    pub(super) length: u64,
    /// In hexadecimal.
    pub(super) sha256: String,
}

impl From<files::Digest> for Copied {
    fn from((length, sha256): files::Digest) -> Self {
        Self { length, sha256: hex::encode(sha256) }
    }
}

/// An encrypted object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CopiedObject {
    pub(super) id: Uuid,
    pub(super) recording: Uuid,
    pub(super) kind: String,
    pub(super) clip: Option<Uuid>,
    /// Its plaintext's length, in bytes.
    pub(super) bytes: u64,
    /// Of the encrypted file.
    pub(super) file: Copied,
}

impl CopiedObject {
    pub(super) fn new(object: &StoredObject, digest: files::Digest) -> Self {
        Self {
            id: object.id.as_uuid(),
            recording: object.recording.as_uuid(),
            kind: object.kind.as_str().to_owned(),
            clip: object.kind.clip().map(ClipId::as_uuid),
            bytes: object.bytes,
            file: digest.into(),
        }
    }

    /// As the database has it.
    pub(super) fn row(&self) -> Option<StoredObject> {
        let mut sha256 = [0; 32];
        hex::decode_to_slice(&self.file.sha256, &mut sha256).ok()?;
        Some(StoredObject {
            id: ObjectId::from_uuid(self.id),
            recording: RecordingId::from_uuid(self.recording),
            kind: ObjectKind::parse(&self.kind, self.clip.map(ClipId::from_uuid)).ok()?,
            bytes: self.bytes,
            sha256,
        })
    }
}

/// The end of the audit log when the copy was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogEnd {
    pub(super) entries: u64,
    /// The link of the last entry.
    pub(super) link: String,
    /// The root over all of them, as a checkpoint has it.
    pub(super) root: String,
}

impl From<&hearback_access::audit::Head> for LogEnd {
    fn from(head: &hearback_access::audit::Head) -> Self {
        Self {
            entries: head.seq.0,
            link: format!("{:?}", head.link),
            root: format!("{:?}", head.root()),
        }
    }
}

/// What is in a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) form: u32,
    /// The version of the program that made it.
    pub(super) program: String,
    /// When, in microseconds since 1970.
    pub(super) made_at: i64,
    pub(super) dialect: Dialect,
    /// The newest change of the schema.
    pub(super) schema: i64,
    pub(super) database: Copied,
    pub(super) audit: LogEnd,
    /// The ledger of erasures.
    pub(super) ledger: Copied,
    /// The last of its lines that the database had carried out.
    pub(super) ledger_applied: u64,
    /// By id.
    pub(super) objects: Vec<CopiedObject>,
    /// Objects that the database names and that were erased while the copy was made.
    pub(super) erased: Vec<Uuid>,
    /// Objects that were damaged or missing already when the copy was made.
    pub(super) damaged: Vec<Uuid>,
}

/// A set, with its manifest read and its signature checked.
pub(super) struct Set {
    pub(super) dir: PathBuf,
    pub(super) manifest: Manifest,
    /// Whoever signed it.
    pub(super) public: [u8; 32],
}

impl Set {
    /// Reads a set's manifest and compares the files there are with it. What is wrong, in one sentence, otherwise.
    pub(super) fn read(dir: &Path) -> Result<Self, String> {
        let (manifest, public) =
            signed::read::<Manifest>(dir, MANIFEST).map_err(|e| e.to_string())?;
        if manifest.form != FORM {
            return Err("it was made by another version of Hearback".to_owned());
        }
        let found: BTreeSet<PathBuf> =
            files::all_below(dir).map_err(|e| e.to_string())?.into_iter().collect();
        let mut expected: BTreeSet<PathBuf> =
            [MANIFEST, "manifest.json.sig", LEDGER, manifest.dialect.file()]
                .map(PathBuf::from)
                .into();
        for object in &manifest.objects {
            let row = object.row().ok_or("its manifest names an object that cannot be one")?;
            expected.insert(row.stored_at());
        }
        if let Some(missing) = expected.difference(&found).next() {
            return Err(format!("{} is missing", missing.display()));
        }
        if let Some(other) = found.difference(&expected).next() {
            return Err(format!("{} does not belong to it", other.display()));
        }
        Ok(Self { dir: dir.to_owned(), manifest, public })
    }

    /// The rows of its objects.
    pub(super) fn rows(&self) -> impl Iterator<Item = StoredObject> + '_ {
        self.manifest.objects.iter().filter_map(CopiedObject::row)
    }

    /// Copies everything but the database's copy below `to`, and compares every byte with the manifest on the way, the
    /// database's copy included.
    pub(super) fn unpack(&self, to: &Path) -> Result<(), String> {
        let same = |name: &Path, found: std::io::Result<files::Digest>, said: &Copied| match found {
            Ok(digest) if Copied::from(digest) == *said => Ok(()),
            Ok(_) => Err(format!("{} is not as it was copied", name.display())),
            Err(e) => Err(format!("{} cannot be copied: {e}", name.display())),
        };
        let database = Path::new(self.manifest.dialect.file());
        same(database, files::digest(&self.dir.join(database)), &self.manifest.database)?;
        let ledger = Path::new(LEDGER);
        same(ledger, files::digest(&self.dir.join(ledger)), &self.manifest.ledger)?;
        for (object, row) in self.manifest.objects.iter().zip(self.rows()) {
            let name = row.stored_at();
            same(&name, files::copy(&self.dir.join(&name), &to.join(&name)), &object.file)?;
        }
        Ok(())
    }

    pub(super) fn database(&self) -> PathBuf {
        self.dir.join(self.manifest.dialect.file())
    }
}

/// Whether a directory looks like a set at all: a mistyped path is told apart from a damaged set.
pub(super) fn is_there(dir: &Path) -> bool {
    fs::metadata(dir).is_ok_and(|found| found.is_dir())
}
