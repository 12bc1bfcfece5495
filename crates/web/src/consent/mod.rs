//! Consent: who is heard, what each of them was asked and said, their copies, and the wording itself (REC-04 … REC-11).

pub(crate) mod add;
pub(crate) mod ask;
pub(crate) mod copy;
mod edit;
pub(crate) mod forms;
pub(crate) mod people;
pub(crate) mod sheet;
mod typed;
pub(crate) mod words;

pub(crate) use self::people::last_day;
use hearback_domain::{Party, PersonId, RecordingId};
use hearback_storage::{Heard, PublishedForm, Work};

use crate::{WebError, error::Result};

/// Somebody among those who are heard.
fn party(heard: &Heard, person: PersonId) -> Result<&Party> {
    heard.parties.iter().find(|p| p.id == person).ok_or(WebError::NotFound)
}

/// The words that somebody of that kind is asked with today.
async fn current(work: &mut dyn Work, party: &Party) -> Result<PublishedForm> {
    let forms = work.current_forms().await?;
    let found = forms.into_iter().find(|p| p.form.kind == party.kind);
    found.ok_or_else(|| WebError::internal(format!("there is no form for a {}", party.kind)))
}

/// What a family can say on the phone to name a recording, without saying anything about it: `HB-1a2b-3c4d`.
fn reference(id: RecordingId) -> String {
    let hex = id.as_uuid().simple().to_string();
    let part = |range| hex.get(range).unwrap_or_default();
    format!("HB-{}-{}", part(0..4), part(4..8))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_reference_can_be_said_aloud() {
        let id = RecordingId::from_uuid(Uuid::from_u128(0x1a2b_3c4d_0000_0000_0000_0000_0000_0001));
        assert_eq!(reference(id), "HB-1a2b-3c4d");
    }
}
