//! A draft that is being changed: read in one unit of work, saved in the same.

use hearback_access::{ManageFrameworks, Permit};
use hearback_domain::{Framework, FrameworkId};
use hearback_storage::Work;

use crate::{Visit, error::Result, extract::Fields};

/// A draft, and the unit of work in which it was read.
pub(super) struct Editing {
    pub(super) work: Box<dyn Work>,
    pub(super) permit: Permit<ManageFrameworks>,
    pub(super) id: FrameworkId,
    pub(super) number: u32,
    pub(super) revision: u32,
    pub(super) draft: Framework,
}

impl Editing {
    /// Saves the draft and ends the unit of work; false if somebody else saved it meanwhile.
    pub(super) async fn save(mut self) -> Result<bool> {
        let saved = self.work.save_draft(&self.permit, self.id, self.revision, &self.draft).await?;
        self.work.commit().await?;
        Ok(saved)
    }
}

/// The draft of a framework, if there is one.
pub(super) async fn editing(visit: &Visit, id: FrameworkId) -> Result<Option<Editing>> {
    let (mut work, permit) = visit.permit::<ManageFrameworks>(()).await?;
    let Some(version) = work.draft(&permit, id).await? else {
        work.commit().await?;
        return Ok(None);
    };
    let revision = version.draft().unwrap_or_default();
    let (number, draft) = (version.number, version.body);
    Ok(Some(Editing { work, permit, id, number, revision, draft }))
}

/// Where a framework is.
pub(super) fn address(id: FrameworkId) -> String {
    format!("/frameworks/{id}")
}

/// A text as it was typed, with one character for each end of a line, and none around it.
pub(super) fn typed(fields: &Fields, name: &str) -> String {
    fields.get(name).replace("\r\n", "\n").trim().to_owned()
}

/// What stands in the lines of a text; empty ones are left out.
pub(super) fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(ToOwned::to_owned).collect()
}

/// What somebody reads who was not the only one at it.
pub(super) const MEANWHILE: &str = "Somebody saved this draft meanwhile. What you \
     typed is still here: look at it, and save once more";
