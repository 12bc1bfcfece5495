//! The answers as they were typed, and what they are.

use std::{collections::BTreeMap, str::FromStr};

use hearback_domain::{
    Day, Label, Note, Party, PartyKind, Timestamp,
    forms::{
        AgeBand, Authority, Checked, ConsentRecord, CopyGiven, Form, How, LegalStatus, Overriding,
        Problem,
    },
};

use crate::{error::FieldError, extract::Fields};

/// What was typed, so that nothing has to be typed twice.
#[derive(Debug, Default)]
pub(super) struct Typed(pub(super) Fields);

impl Typed {
    /// Nobody has answered anything: no yes and no no stands there. Only the day is today.
    pub(super) fn blank(now: Timestamp) -> Self {
        let pairs = [
            ("decided_on", Day::of(now).to_string()),
            ("how", How::Screen.to_string()),
            ("seen", now.as_micros().to_string()),
        ];
        Self(Fields(pairs.map(|(name, value)| (name.to_owned(), value)).into()))
    }

    /// When the page was opened, if it says so; never later than now.
    pub(super) fn read_at(&self, now: Timestamp) -> Option<Timestamp> {
        let seen = self.get("seen").parse().ok().map(Timestamp::from_micros)?;
        Some(seen.min(now))
    }

    /// The text of a field.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name)
    }

    /// Whether that choice of a field was made.
    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.0.get(name) == value
    }

    /// What this comes to, or everything that is missing, at its place.
    pub(super) fn check(
        &self,
        party: &Party,
        form: &Form,
        now: Timestamp,
    ) -> Result<Checked, Vec<FieldError>> {
        let mut errors = Vec::new();
        let record = self.record(party, &mut errors);
        match record.check(form, now) {
            Ok(checked) if errors.is_empty() => Ok(checked),
            Ok(_) => Err(errors),
            Err(problems) => {
                for problem in &problems {
                    let field = place(problem);
                    // What cannot be read is said once.
                    if field.is_empty() || errors.iter().all(|e: &FieldError| e.field != field) {
                        errors.push(FieldError::new(field, problem.to_string()));
                    }
                }
                errors.sort_by_key(|e| order(&e.field, form));
                Err(errors)
            }
        }
    }

    fn record(&self, party: &Party, errors: &mut Vec<FieldError>) -> ConsentRecord {
        let adult = !matches!(party.kind, PartyKind::Child | PartyKind::YoungPerson);
        let own = party.kind == PartyKind::Practitioner;
        // Nobody explains it to the social worker who fills this in.
        let explained = if own && self.get("explained_by").trim().is_empty() {
            Ok(party.label.clone())
        } else {
            Label::new(self.get("explained_by"))
        };
        let explained_by = explained.unwrap_or_else(|_| {
            errors.push(FieldError::new("explained_by", "Who explained it?"));
            party.label.clone()
        });
        let mut day = |name: &str, text: &str| {
            Day::from_str(self.get(name).trim()).unwrap_or_else(|_| {
                errors.push(FieldError::new(name, text));
                Day::of(Timestamp::from_micros(0))
            })
        };
        let informed_on = day("informed_on", "Which day was it? Write it as year, month, day");
        let decided_on = day("decided_on", "Which day was it? Write it as year, month, day");
        let mut note = |name: &str| {
            Note::new(self.get(name)).unwrap_or_else(|error| {
                errors.push(FieldError::new(name, error.to_string()));
                Note::empty()
            })
        };
        let maturity_note = note("maturity_note");
        let reason = note("overriding.reason");
        let decider = self.label("overriding.decider", errors);
        let overriding = match decider {
            Some(decider) => Some(Overriding { decider, reason }),
            None if !reason.as_str().is_empty() => {
                errors.push(FieldError::new("overriding.decider", "Who decided it?"));
                None
            }
            None => None,
        };
        let authority = if adult { Some(Authority::Own) } else { self.word("authority") };
        if authority.is_none() {
            errors.push(FieldError::new("authority", "Who agreed together with them?"));
        }
        let how = self.word("how");
        if how.is_none() {
            errors.push(FieldError::new("how", "How did they answer?"));
        }
        ConsentRecord {
            person: party.id,
            kind: party.kind,
            version: self.get("version").parse().unwrap_or(0),
            how: how.unwrap_or(How::Screen),
            authority: authority.unwrap_or(Authority::Court),
            age: if adult { None } else { self.word::<AgeBand>("age") },
            signatory: self.label("signatory", errors),
            explained_by,
            informed_on,
            decided_on,
            decided_sooner: self.is("decided_sooner", "yes"),
            assent: if adult { None } else { yes_or_no(self.get("assent")) },
            maturity_note,
            legal_status: self.word::<LegalStatus>("legal_status"),
            overriding,
            interpreter: self.label("interpreter", errors),
            copy_given: self.word("copy_given").unwrap_or(CopyGiven::Later),
            ticks: self.ticks(),
        }
    }

    /// The answers to the statements; what is neither yes nor no is no answer.
    fn ticks(&self) -> BTreeMap<String, bool> {
        let answered = |(name, value): &(String, String)| {
            let key = name.strip_prefix("tick.")?;
            Some((key.to_owned(), yes_or_no(value)?))
        };
        self.0.0.iter().filter_map(answered).collect()
    }

    fn word<T: FromStr>(&self, name: &str) -> Option<T> {
        self.get(name).parse().ok()
    }

    /// A short text, which may be left out.
    fn label(&self, name: &str, errors: &mut Vec<FieldError>) -> Option<Label> {
        let text = self.get(name);
        if text.trim().is_empty() {
            return None;
        }
        match Label::new(text) {
            Ok(label) => Some(label),
            Err(error) => {
                errors.push(FieldError::new(name, error.to_string()));
                None
            }
        }
    }
}

fn yes_or_no(word: &str) -> Option<bool> {
    match word {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// The input that a problem is about.
fn place(problem: &Problem) -> String {
    match problem {
        Problem::OtherForm | Problem::NotAsked(_) => "",
        Problem::Unanswered(key) => return format!("tick.{key}"),
        Problem::InformedAhead => "informed_on",
        Problem::DecidedAtNoTime | Problem::RanOut => "decided_on",
        Problem::ThinkingTime => "decided_sooner",
        Problem::Age => "age",
        Problem::Authority => "authority",
        Problem::Signatory => "signatory",
        Problem::Assent => "assent",
        Problem::Maturity => "maturity_note",
        Problem::LegalStatus => "legal_status",
        Problem::Reason => "overriding.reason",
    }
    .to_owned()
}

/// Where an input stands on the page, so that what is missing is told from top to bottom.
fn order(field: &str, form: &Form) -> usize {
    const BEFORE: [&str; 4] = ["", "explained_by", "informed_on", "interpreter"];
    const AFTER: [&str; 12] = [
        "age",
        "assent",
        "maturity_note",
        "authority",
        "signatory",
        "legal_status",
        "overriding.decider",
        "overriding.reason",
        "how",
        "decided_on",
        "decided_sooner",
        "copy_given",
    ];
    let statement = field.strip_prefix("tick.");
    let within = |key: &str| form.statements.iter().position(|s| s.key == key).unwrap_or(0);
    match (BEFORE.iter().position(|f| *f == field), statement) {
        (Some(n), _) => n,
        (None, Some(key)) => BEFORE.len() + within(key),
        (None, None) => {
            let n = AFTER.iter().position(|f| *f == field).unwrap_or(AFTER.len());
            BEFORE.len() + form.statements.len() + n
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_domain::{PersonId, forms::built_in};
    use uuid::Uuid;

    use super::*;

    /// 21 November 2026, noon.
    const NOW: Timestamp = Timestamp::from_micros(1_795_262_400_000_000);

    fn party(kind: PartyKind) -> Party {
        Party {
            id: PersonId::from_uuid(Uuid::from_u128(5)),
            kind,
            label: Label::new("Robin").unwrap(),
        }
    }

    /// The fields of a form on which everything is answered with yes, with these changes.
    fn typed(kind: PartyKind, changes: &[(&str, &str)]) -> Typed {
        let form = built_in(kind);
        let mut pairs: Vec<(String, String)> = [
            ("version", "1"),
            ("how", "paper"),
            ("explained_by", "Social worker"),
            ("informed_on", "2026-11-10"),
            ("decided_on", "2026-11-20"),
            ("age", "11_to_15"),
            ("authority", "parental_responsibility"),
            ("signatory", "Mum"),
            ("assent", "yes"),
            ("copy_given", "printed"),
        ]
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .into();
        pairs.extend(form.statements.iter().map(|s| (format!("tick.{}", s.key), "yes".to_owned())));
        for (name, value) in changes {
            pairs.retain(|(n, _)| n != name);
            pairs.push(((*name).to_owned(), (*value).to_owned()));
        }
        Typed(Fields(pairs))
    }

    fn missing(kind: PartyKind, changes: &[(&str, &str)]) -> Vec<String> {
        let checked = typed(kind, changes).check(&party(kind), &built_in(kind), NOW);
        checked.err().unwrap_or_default().into_iter().map(|e| e.field).collect()
    }

    #[test]
    fn a_filled_form_is_a_record() {
        let (kind, form) = (PartyKind::Child, built_in(PartyKind::Child));
        let checked = typed(kind, &[]).check(&party(kind), &form, NOW).unwrap();
        assert!(checked.answers().iter().all(|a| a.given));
        assert_eq!(checked.record().signatory.as_ref().unwrap().as_str(), "Mum");
        let adult = typed(PartyKind::Parent, &[]);
        let adult = adult.check(&party(PartyKind::Parent), &built_in(PartyKind::Parent), NOW);
        let adult = adult.unwrap();
        assert_eq!((adult.record().authority, adult.record().age), (Authority::Own, None));
        assert_eq!(missing(PartyKind::Practitioner, &[("explained_by", "")]), [""; 0]);
    }

    #[test]
    fn what_is_missing_is_named_at_its_place_from_top_to_bottom() {
        let kind = PartyKind::Child;
        for (field, value) in [
            ("informed_on", "last week"),
            ("decided_on", "2026-11-25"),
            ("explained_by", " "),
            ("age", ""),
            ("assent", "perhaps"),
            ("authority", "own"),
            ("signatory", ""),
            ("how", ""),
            ("tick.quote", ""),
            ("tick.told", "on"),
        ] {
            assert_eq!(missing(kind, &[(field, value)]), [field], "{field}={value}");
        }
        assert_eq!(missing(kind, &[("informed_on", "2026-11-19")]), ["decided_sooner"]);
        assert_eq!(missing(kind, &[("authority", "local_authority")]), ["legal_status"]);
        assert_eq!(missing(kind, &[("overriding.reason", "Weighed.")]), ["overriding.decider"]);
        assert_eq!(missing(kind, &[("version", "2")]), [""]);
        assert_eq!(missing(kind, &[("age", "under_11")]), ["maturity_note"]);
        let several = missing(
            kind,
            &[("how", ""), ("tick.record", ""), ("tick.told", ""), ("informed_on", "")],
        );
        assert_eq!(several, ["informed_on", "tick.told", "tick.record", "how"]);
    }

    #[test]
    fn nothing_is_answered_beforehand() {
        for &kind in PartyKind::ALL {
            let blank = Typed::blank(NOW);
            assert!(blank.ticks().is_empty());
            assert!(blank.check(&party(kind), &built_in(kind), NOW).is_err());
            for field in ["assent", "decided_sooner", "authority", "age"] {
                assert_eq!(blank.get(field), "");
            }
        }
    }
}
