//! What people are asked to agree to, and what they answered (REC-04 … REC-09).

use async_trait::async_trait;
use hearback_access::{ManageForms, Permit, RecordConsent, SeeConsent};
use hearback_domain::{
    AudioState, ConsentId, JobId, Party, PartyKind, PersonId, Pseudonym, Purpose, Timestamp,
    forms::{Checked, ConsentRecord, Form},
};

use crate::{IfTakenBack, Result, Withdrawn};

/// A version of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedForm {
    /// The form.
    pub form: Form,
    /// When it was published; none if it came with the service.
    pub published_at: Option<Timestamp>,
}

/// What somebody answered, to be written down.
#[derive(Clone, Debug)]
pub struct NewConsentRecord {
    /// Its identifier.
    pub id: ConsentId,
    /// The answers, checked against their form.
    pub checked: Checked,
    /// The id of the job that makes the transcript, should one be due from now on.
    pub job: JobId,
    /// When the words were last put in front of whoever writes it down, if that is known.
    pub read_at: Option<Timestamp>,
    /// Should a yes be taken back by it.
    pub if_taken_back: IfTakenBack,
}

/// What came of answers that were written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// What they took back, if they did.
    pub withdrawn: Option<Withdrawn>,
}

/// What somebody answered, as it was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRecord {
    /// Its identifier.
    pub id: ConsentId,
    /// The answers, and how they came about.
    pub record: ConsentRecord,
    /// The name of who wrote it down.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Timestamp,
    /// When it runs out.
    pub expires_at: Timestamp,
}

/// One answer as it lies in the database, whether or not it still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsentAnswer {
    /// Who answered.
    pub person: PersonId,
    /// For what.
    pub purpose: Purpose,
    /// Whether they said yes.
    pub given: bool,
    /// When it runs out.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub withdrawn_at: Option<Timestamp>,
}

impl ConsentAnswer {
    /// Whether it is a yes at this moment.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.given && self.withdrawn_at.is_none() && self.expires_at.is_none_or(|at| at > now)
    }
}

/// Who is heard on a recording, for whoever looks after consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The chosen name.
    pub pseudonym: Pseudonym,
    /// How far the sound is.
    pub audio: AudioState,
    /// Everybody heard, the practitioner first.
    pub parties: Vec<Party>,
}

/// Forms, and the answers to them. The first version of every form is there from the start.
#[async_trait]
pub trait Consenting {
    /// The newest version of every form, in the order of [`PartyKind::ALL`].
    async fn current_forms(&mut self) -> Result<Vec<PublishedForm>>;

    /// One version of a form.
    async fn form(&mut self, kind: PartyKind, version: u32) -> Result<Option<PublishedForm>>;

    /// Every version of a form, newest first.
    async fn forms_of(&mut self, kind: PartyKind) -> Result<Vec<PublishedForm>>;

    /// Publishes a form as the next version of its kind, which is returned. What version it claims to be does not
    /// matter. Two at once are a conflict (`form.version`).
    async fn publish_form(&mut self, permit: &Permit<ManageForms>, form: &Form) -> Result<u32>;

    /// Writes down what somebody answered; it takes the place of all their earlier answers. `None`, and nothing has
    /// changed, if nobody of that id and kind is heard on this recording, or the form has no such version.
    ///
    /// A no to what they had said yes to is a withdrawal ([`hearback_domain::withdrawal::taken_back`]): all that
    /// [`crate::Withdrawals::withdraw`] says follows, in this unit of work. What they are not asked any more runs out
    /// at this moment, and nothing is destroyed for it.
    ///
    /// What was decided on an earlier day than something that was written down before, or read before that was, is a
    /// conflict (`consent.newer`); so is what was decided before the day on which the person took a yes back, or read
    /// before that moment (`consent.taken_back`). Where it is not known when it was read, only a later day is later.
    ///
    /// A transcript is waited for from now on if everybody's yes now covers it, and not waited for any more if not;
    /// if the sound is there already, the job is queued. A transcript whose key is destroyed does not come back.
    async fn record_consent(
        &mut self,
        permit: &Permit<RecordConsent>,
        new: &NewConsentRecord,
    ) -> Result<Option<Recorded>>;

    /// Adds somebody who is heard, after everybody who is there: somebody came in, or was forgotten. From this moment
    /// on nothing is covered by everybody's yes until theirs is written down.
    ///
    /// No transcript is waited for until then. The same person twice is a conflict (`person.id`).
    async fn add_heard(&mut self, permit: &Permit<RecordConsent>, party: &Party) -> Result<()>;

    /// Everything that was written down about a recording, newest first, ties by id; without what is erased.
    async fn consent_records(&mut self, permit: &Permit<SeeConsent>) -> Result<Vec<KeptRecord>>;

    /// Everybody's newest answers, in the order of the people, then of the purposes.
    async fn consent_answers(&mut self, permit: &Permit<SeeConsent>) -> Result<Vec<ConsentAnswer>>;

    /// Who is heard.
    async fn heard(&mut self, permit: &Permit<SeeConsent>) -> Result<Option<Heard>>;
}
