//! What recordings are coded for: read by everybody's pages as the names of skills, and written by researchers.
//!
//! A code, a score and an extract name the version they were made with; whoever shows one asks for that version here.

use hearback_access::{Code, Permit};
use hearback_domain::Framework;
use hearback_storage::Work;

use crate::{WebError, error::Result};

pub(crate) mod edit;
pub(crate) mod list;
pub(crate) mod outline;
pub(crate) mod publish;
pub(crate) mod read;
pub(crate) mod skill;

/// A version that something was made with.
pub(crate) async fn framework_of(work: &mut dyn Work, version: &str) -> Result<Framework> {
    let found = work.framework(version).await?;
    found.ok_or_else(|| WebError::internal(format!("there is no framework version {version}")))
}

/// The version a coding is made with; the one that new codings take, if it has not begun.
pub(crate) async fn framework_of_coding(
    work: &mut dyn Work,
    permit: &Permit<Code>,
) -> Result<Framework> {
    match work.coding(permit).await? {
        Some(coding) => framework_of(work, &coding.framework_version).await,
        None => Ok(work.current_framework().await?),
    }
}

/// Skills' names, of every version that is asked about.
pub(crate) struct Names(Vec<Framework>);

impl Names {
    /// The names of these versions.
    pub(crate) async fn of(work: &mut dyn Work, versions: &[&str]) -> Result<Self> {
        let mut known: Vec<Framework> = Vec::new();
        for version in versions {
            if !known.iter().any(|framework| framework.version == *version) {
                known.extend(work.framework(version).await?);
            }
        }
        Ok(Self(known))
    }

    /// The names of a skill and a sub-category; their keys, if that version is not known here.
    pub(crate) fn get(
        &self,
        version: &str,
        skill: &str,
        sub: Option<&str>,
    ) -> (String, Option<String>) {
        let framework = self.0.iter().find(|framework| framework.version == version);
        let skill_there = framework.and_then(|framework| framework.skill(skill));
        let sub_there = |sub: &str| {
            let known = skill_there.and_then(|skill| skill.subs.iter().find(|s| s.key == sub));
            known.map_or_else(|| sub.to_owned(), |known| known.name.clone())
        };
        let name = skill_there.map_or_else(|| skill.to_owned(), |skill| skill.name.clone());
        (name, sub.map(sub_there))
    }
}
