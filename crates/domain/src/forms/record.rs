//! What is written down about one conversation with one person, and what it comes to.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Form, FormError, UnknownAnswer};
use crate::{Day, Label, Note, PartyConsent, PartyKind, PersonId, Timestamp, person::words};

words! {
    /// How the answers were given.
    How, UnknownAnswer;
    /// On paper, and copied here statement by statement.
    Paper = "paper",
    /// On this screen.
    Screen = "screen",
    /// Aloud.
    Spoken = "spoken",
}

words! {
    /// By which right somebody answers (REC-08).
    Authority, UnknownAnswer;
    /// They answer for themself.
    Own = "own",
    /// A person with parental responsibility answers with a child or young person.
    ParentalResponsibility = "parental_responsibility",
    /// A carer to whom that was left.
    Carer = "carer",
    /// The local authority, for a child under a care order.
    LocalAuthority = "local_authority",
    /// A court decided it.
    Court = "court",
}

words! {
    /// How old a child or young person is. Never a date of birth.
    AgeBand, UnknownAnswer;
    /// Younger than eleven.
    Under11 = "under_11",
    /// Eleven to fifteen.
    From11To15 = "11_to_15",
    /// Sixteen or seventeen.
    From16To17 = "16_to_17",
    /// Eighteen or older.
    Adult = "18_and_over",
}

words! {
    /// Where a child or young person stands in law.
    LegalStatus, UnknownAnswer;
    /// Not looked after by a local authority.
    NotLookedAfter = "not_looked_after",
    /// Looked after by agreement; parents keep the say.
    ByAgreement = "by_agreement",
    /// Under an interim care order.
    InterimCareOrder = "interim_care_order",
    /// Under a care order.
    CareOrder = "care_order",
}

words! {
    /// Which copy of what was agreed the person was given (REC-05).
    CopyGiven, UnknownAnswer;
    /// None yet.
    Later = "later",
    /// Printed.
    Printed = "printed",
    /// In large print.
    LargePrint = "large_print",
    /// In short words.
    Simple = "simple",
}

/// A decision that goes on although a parent said no (REC-08). Possible under a care order only, and never against the
/// child's own no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overriding {
    /// Who decided.
    pub decider: Label,
    /// Why.
    pub reason: Note,
}

/// One person's answers to one version of a form, and how they came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentRecord {
    /// Who is heard.
    pub person: PersonId,
    /// Whose form it was.
    pub kind: PartyKind,
    /// Which version of it.
    pub version: u32,
    /// How the answers were given.
    pub how: How,
    /// By which right.
    pub authority: Authority,
    /// How old a child or young person is; nobody else is asked.
    pub age: Option<AgeBand>,
    /// Who signed for them, as in "Mum".
    pub signatory: Option<Label>,
    /// Who explained it.
    pub explained_by: Label,
    /// When they were told what it is about.
    pub informed_on: Day,
    /// When they decided.
    pub decided_on: Day,
    /// They chose to decide before the time to think was over (REC-09).
    pub decided_sooner: bool,
    /// A child's or young person's own yes or no. A no is never overridden (REC-08).
    pub assent: Option<bool>,
    /// What makes sure that somebody so young understood.
    pub maturity_note: Note,
    /// Where they stand in law.
    pub legal_status: Option<LegalStatus>,
    /// A decision against a parent's no.
    pub overriding: Option<Overriding>,
    /// Who interpreted, and into which language.
    pub interpreter: Option<Label>,
    /// Which copy they were given.
    pub copy_given: CopyGiven,
    /// Yes or no to each statement, by its key.
    pub ticks: BTreeMap<String, bool>,
}

/// Why a record cannot be taken as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Problem {
    /// It answers another form, or another version.
    #[error("these are the answers to other words; please read the current ones together")]
    OtherForm,
    /// A statement has no answer.
    #[error("yes or no? Each sentence has its own answer")]
    Unanswered(String),
    /// An answer to a statement that the form does not have.
    #[error("there is no such sentence on this form")]
    NotAsked(String),
    /// They were told in the future.
    #[error("that day is still to come; when did they hear what it is about?")]
    InformedAhead,
    /// They decided in the future, or before they were told.
    #[error("they decided on a day after they heard about it, and not in the future")]
    DecidedAtNoTime,
    /// The time to think is not over.
    #[error("they have some days to think. If they chose to decide sooner, tick that")]
    ThinkingTime,
    /// The yes has run out already.
    #[error("a yes from that day has already run out; ask them again")]
    RanOut,
    /// A child's or young person's age is not known.
    #[error("how old are they?")]
    Age,
    /// Somebody answers alone who does not, or for an adult who does.
    #[error("who agreed together with them, or for whom? This does not fit their age")]
    Authority,
    /// An adult answered with them, and is not named.
    #[error("who signed? What you call them here is enough")]
    Signatory,
    /// Nobody knows what the child or young person says themself.
    #[error("what do they say themself? Their no is a no")]
    Assent,
    /// Somebody so young answered, and nobody says what makes sure they understood.
    #[error("what makes you think that they understood? A line is enough")]
    Maturity,
    /// The local authority or an overriding decision, without a care order.
    #[error("that goes with a care order or an interim care order only")]
    LegalStatus,
    /// An overriding decision without a reason.
    #[error("why was it decided so?")]
    Reason,
}

/// A record that was checked against its form, and what it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    record: ConsentRecord,
    answers: Vec<PartyConsent>,
    expires_at: Timestamp,
}

impl Checked {
    /// The record.
    pub const fn record(&self) -> &ConsentRecord {
        &self.record
    }

    /// Yes or no to each purpose that the form asks for. What it does not ask for is a no.
    pub fn answers(&self) -> &[PartyConsent] {
        &self.answers
    }

    /// From when on none of them holds any more.
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

impl ConsentRecord {
    /// Reads what [`Self::to_json`] wrote.
    pub fn parse(json: &str) -> Result<Self, FormError> {
        serde_json::from_str(json).map_err(|e| FormError::Unreadable(e.to_string()))
    }

    /// As it is kept.
    ///
    /// # Panics
    /// Never: it is made of texts and flags.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and flags can always be written")
    }

    /// What these answers come to, or everything that stands in the way.
    ///
    /// A person's own no, a no to being recorded and a no to any other statement that the form needs make every
    /// purpose a no. That is an answer, not a problem.
    pub fn check(self, form: &Form, now: Timestamp) -> Result<Checked, Vec<Problem>> {
        let mut found = BTreeSet::new();
        if (self.kind, self.version) != (form.kind, form.version) {
            found.insert(Problem::OtherForm);
        }
        for statement in &form.statements {
            if !self.ticks.contains_key(&statement.key) {
                found.insert(Problem::Unanswered(statement.key.clone()));
            }
        }
        for key in self.ticks.keys().filter(|key| form.statement(key).is_none()) {
            found.insert(Problem::NotAsked(key.clone()));
        }
        let expires_at = self.decided_on.plus_months(form.valid_months).starts();
        found.extend(self.wrong_days(form, now, expires_at));
        found.extend(self.wrong_people(form));
        if !found.is_empty() {
            return Err(found.into_iter().collect());
        }
        let ticked = |key: &str| self.ticks.get(key).copied().unwrap_or(false);
        let open = self.assent != Some(false)
            && form.statements.iter().filter(|s| s.needed).all(|s| ticked(&s.key));
        let answers = form.statements.iter().filter_map(|statement| {
            let purpose = statement.purpose?;
            let given = open && ticked(&statement.key);
            Some(PartyConsent { person: self.person, purpose, given })
        });
        let answers = answers.collect();
        Ok(Checked { record: self, answers, expires_at })
    }

    fn wrong_days(&self, form: &Form, now: Timestamp, expires_at: Timestamp) -> Vec<Problem> {
        // Where the sun rises earlier, tomorrow in UTC is today.
        let latest = Day::of(now).plus_days(1);
        let soonest = self.informed_on.plus_days(form.thinking_days);
        let checks = [
            (self.informed_on <= latest, Problem::InformedAhead),
            (
                self.decided_on <= latest && self.decided_on >= self.informed_on,
                Problem::DecidedAtNoTime,
            ),
            (self.decided_sooner || self.decided_on >= soonest, Problem::ThinkingTime),
            (expires_at > now, Problem::RanOut),
        ];
        checks.into_iter().filter_map(|(holds, problem)| (!holds).then_some(problem)).collect()
    }

    fn wrong_people(&self, form: &Form) -> Vec<Problem> {
        let mut found = Vec::new();
        let young = matches!(self.kind, PartyKind::Child | PartyKind::YoungPerson);
        let age_fits = match (self.kind, self.age) {
            (PartyKind::Child, Some(age)) => age != AgeBand::Adult,
            (PartyKind::YoungPerson, Some(age)) => age != AgeBand::Under11,
            (_, age) => !young && age.is_none(),
        };
        if !age_fits {
            found.push(Problem::Age);
        }
        let alone = match self.age {
            None => !young,
            Some(AgeBand::Adult) => true,
            Some(AgeBand::From16To17) => form.alone_from <= 16,
            Some(AgeBand::From11To15 | AgeBand::Under11) => false,
        };
        let adult = !young || self.age == Some(AgeBand::Adult);
        let fits = match self.authority {
            Authority::Own => alone,
            // For an adult nobody else answers, unless a court said so.
            Authority::Court => true,
            _ => !adult,
        };
        if !fits {
            found.push(Problem::Authority);
        }
        if self.authority != Authority::Own && self.signatory.is_none() {
            found.push(Problem::Signatory);
        }
        if young && self.assent.is_none() {
            found.push(Problem::Assent);
        }
        if self.age == Some(AgeBand::Under11) && self.maturity_note.as_str().is_empty() {
            found.push(Problem::Maturity);
        }
        let care_order = matches!(
            self.legal_status,
            Some(LegalStatus::InterimCareOrder | LegalStatus::CareOrder)
        );
        let official = matches!(self.authority, Authority::LocalAuthority | Authority::Court);
        let overriding_fits = self.overriding.is_none() || (care_order && official);
        if !overriding_fits || (self.authority == Authority::LocalAuthority && !care_order) {
            found.push(Problem::LegalStatus);
        }
        if self.overriding.as_ref().is_some_and(|o| o.reason.as_str().is_empty()) {
            found.push(Problem::Reason);
        }
        found
    }
}

#[cfg(test)]
mod tests;
