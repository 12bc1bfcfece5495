//! Worries about somebody's safety (ETH-01, K-08): raised by people, never by a machine; kept apart from coaching;
//! heard as one short passage, and only after two people agreed to it.

use hearback_domain::{Hat, UserId};
use hearback_storage::Work;

use crate::error::Result;

pub(crate) mod glass;
pub(crate) mod log;
pub(crate) mod raise;

/// What somebody is called on a page.
async fn name_of(work: &mut dyn Work, id: UserId) -> Result<String> {
    let person = work.person(id).await?;
    Ok(person.map_or_else(|| "Somebody who has left".to_owned(), |person| person.name))
}

/// In which capacity, on a page.
const fn hat_title(hat: Hat) -> &'static str {
    match hat {
        Hat::Person(role) => role.title(),
        Hat::Nobody | Hat::Worker => "",
    }
}
