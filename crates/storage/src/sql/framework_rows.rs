//! Rows about frameworks.

use hearback_access::seal::FieldCipher;
use hearback_domain::{Framework, FrameworkId, Mapping};
use uuid::Uuid;

use super::{inconsistent, open_person_name, time, unsigned};
use crate::{FrameworkVersion, Result, VersionState};

/// A row of `framework_versions`, with the name of who published it.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct FrameworkRow {
    pub version: String,
    pub framework: Uuid,
    pub number: i64,
    pub body: String,
    pub revision: i64,
    pub notes: String,
    pub mapping: String,
    pub published_at: Option<i64>,
    pub published_by: Option<Uuid>,
    pub name: Option<Vec<u8>>,
    pub current: bool,
}

impl FrameworkRow {
    /// The version.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<FrameworkVersion> {
        let by = match (self.published_by, self.name) {
            (Some(person), Some(name)) => Some(open_person_name(cipher, person, &name)?),
            _ => None,
        };
        let state = match self.published_at {
            None => VersionState::Draft {
                revision: unsigned("framework_versions", "revision", self.revision)?,
            },
            Some(at) => VersionState::Published {
                at: by.is_some().then(|| time(at)),
                by,
                notes: self.notes,
                mapping: Mapping::parse(&self.mapping)
                    .map_err(inconsistent("framework_versions", "mapping"))?,
            },
        };
        Ok(FrameworkVersion {
            framework: FrameworkId::from_uuid(self.framework),
            number: unsigned("framework_versions", "number", self.number)?,
            body: Self::body(self.version, &self.body)?,
            state,
            current: self.current,
        })
    }

    /// What a version says, under its name.
    pub fn body(version: String, body: &str) -> Result<Framework> {
        let body = Framework::parse(body).map_err(inconsistent("framework_versions", "body"))?;
        Ok(Framework { version, ..body })
    }
}
