//! What a practitioner tells about a recording before anything else: what it is, and who is heard. What each of them
//! says yes to is asked person by person afterwards (REC-04).

use axum::{
    extract::{FromRequest as _, Request},
    http::header,
};
use hearback_domain::{
    IdSource, Label, Party, PartyKind, PersonId, Phase, Pseudonym, RecordingId, SessionKind,
    TextError, Timestamp,
};
use hearback_storage::{ANY_LANGUAGE, NewRecording};
use serde::Deserialize;

use crate::{
    WebError,
    error::FieldError,
    extract::{Fields, Json},
    page::parse_day,
    words::offered,
};

/// How many people the page has room for.
const ROWS: usize = 5;

/// The most people of one recording.
pub(crate) const MOST: usize = 20;

/// The details as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Details {
    pub(crate) pseudonym: String,
    pub(crate) session_kind: String,
    pub(crate) held_on: String,
    pub(crate) phase: String,
    /// A code, [`ANY_LANGUAGE`], or nothing, which leaves it to the service.
    pub(crate) language: String,
    /// The practitioner first; a row without a kind is nobody.
    pub(crate) people: Vec<Row>,
}

/// Somebody who is heard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) kind: String,
    pub(crate) label: String,
}

impl Row {
    fn is_nobody(&self) -> bool {
        self.kind.is_empty() && self.label.is_empty()
    }
}

/// The details as JSON, either like this or flat, with the names of the form.
#[derive(Deserialize)]
struct Nested {
    pseudonym: String,
    session_kind: String,
    #[serde(default)]
    held_on: Option<String>,
    phase: String,
    #[serde(default)]
    language: Option<String>,
    parties: Vec<NestedParty>,
}

#[derive(Deserialize)]
struct NestedParty {
    kind: String,
    #[serde(default)]
    label: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Body {
    Nested(Nested),
    Flat(std::collections::BTreeMap<String, String>),
}

impl From<Nested> for Details {
    fn from(nested: Nested) -> Self {
        let mut people: Vec<_> =
            nested.parties.into_iter().map(|p| Row { kind: p.kind, label: p.label }).collect();
        // The practitioner first, the others as they came.
        people.sort_by_key(|row| row.kind != PartyKind::Practitioner.as_str());
        Self {
            pseudonym: nested.pseudonym,
            session_kind: nested.session_kind,
            held_on: nested.held_on.unwrap_or_default(),
            phase: nested.phase,
            language: nested.language.unwrap_or_default(),
            people,
        }
        .with_all_rows()
    }
}

impl Details {
    /// An empty form.
    pub(crate) fn blank() -> Self {
        Self::default().with_all_rows()
    }

    /// From the fields of the form.
    pub(crate) fn from_fields(fields: &Fields) -> Self {
        let mut details = Self {
            pseudonym: fields.get("pseudonym").to_owned(),
            session_kind: fields.get("session_kind").to_owned(),
            held_on: fields.get("held_on").to_owned(),
            phase: fields.get("phase").to_owned(),
            language: fields.get("language").to_owned(),
            people: vec![Row::default(); MOST],
        };
        for (name, value) in &fields.0 {
            let mut parts = name.splitn(3, '.');
            let (Some(what), Some(index), Some(which)) = (parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            let row = index.parse().ok().and_then(|i: usize| details.people.get_mut(i));
            match (what, which, row) {
                ("person", "kind", Some(row)) => row.kind.clone_from(value),
                ("person", "label", Some(row)) => row.label.clone_from(value),
                _ => {}
            }
        }
        details.with_all_rows()
    }

    /// From a request: JSON or a form.
    pub(crate) async fn from_request(request: Request) -> Result<Self, WebError> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("application/json")) {
            return Ok(Self::from_fields(&Fields::from_request(request, &()).await?));
        }
        match Json::from_request(request, &()).await?.0 {
            Body::Nested(nested) => Ok(nested.into()),
            Body::Flat(flat) => Ok(Self::from_fields(&Fields(flat.into_iter().collect()))),
        }
    }

    /// As many rows as the page has, or as there are people.
    fn with_all_rows(mut self) -> Self {
        while self.people.len() > ROWS && self.people.last().is_some_and(Row::is_nobody) {
            self.people.pop();
        }
        if self.people.len() < ROWS {
            self.people.resize_with(ROWS, Row::default);
        }
        if let Some(first) = self.people.first_mut() {
            PartyKind::Practitioner.as_str().clone_into(&mut first.kind);
            if first.label.trim().is_empty() {
                "Social worker".clone_into(&mut first.label);
            }
        }
        self
    }

    /// A recording with these details, or what is missing. The languages are those that the model knows.
    pub(crate) fn check(
        &self,
        ids: &dyn IdSource,
        now: Timestamp,
        known: &[String],
    ) -> Result<NewRecording, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut problem = |field: &str, text: &str| errors.push(FieldError::new(field, text));
        let pseudonym = Pseudonym::new(&self.pseudonym);
        match &pseudonym {
            Err(TextError::Empty(_)) => problem("pseudonym", "Write a chosen name"),
            Err(other) => problem("pseudonym", &other.to_string()),
            Ok(_) => {}
        }
        let session_kind = self.session_kind.parse::<SessionKind>();
        if session_kind.is_err() {
            problem("session_kind", "Say what kind of time together it was");
        }
        let held_on = self.held_on(now);
        if let Err(text) = held_on {
            problem("held_on", text);
        }
        let phase = self.phase.parse::<Phase>();
        if phase.is_err() {
            problem("phase", "Say which part of the programme it is from");
        }
        let language = self.language(known);
        if let Err(text) = language {
            problem("language", text);
        }
        let parties = self.people(ids, &mut errors);
        match (pseudonym, session_kind, held_on, phase, language) {
            (Ok(pseudonym), Ok(session_kind), Ok(held_on), Ok(phase), Ok(language))
                if errors.is_empty() =>
            {
                let (id, language) = (RecordingId::mint(ids), language.map(str::to_owned));
                Ok(NewRecording { id, pseudonym, session_kind, held_on, language, phase, parties })
            }
            _ => Err(errors),
        }
    }

    fn language(&self, known: &[String]) -> Result<Option<&'static str>, &'static str> {
        match self.language.as_str() {
            "" => Ok(None),
            ANY_LANGUAGE => Ok(Some(ANY_LANGUAGE)),
            typed => offered(known)
                .find(|(code, _)| *code == typed)
                .map(|(code, _)| Some(code))
                .ok_or("Choose one of the languages, or leave it to the machine"),
        }
    }

    fn held_on(&self, now: Timestamp) -> Result<Option<String>, &'static str> {
        let text = self.held_on.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let day = parse_day(text).ok_or("Write the day as year, month, day")?;
        // A day ahead of us somewhere on earth may be today there.
        let latest = now.plus_seconds(86_400).as_micros() / 1_000_000;
        if day.midnight().assume_utc().unix_timestamp() > latest {
            return Err("That day is still to come; which day was it?");
        }
        Ok(Some(text.to_owned()))
    }

    fn people(&self, ids: &dyn IdSource, errors: &mut Vec<FieldError>) -> Vec<Party> {
        let mut parties = Vec::new();
        let rows = self.people.iter().enumerate().take(MOST).filter(|(_, row)| !row.is_nobody());
        for (n, row) in rows {
            let mut problem = |field: &str, text: &str| errors.push(FieldError::new(field, text));
            let kind = row.kind.parse::<PartyKind>();
            let label = Label::new(&row.label);
            if kind.is_err() {
                problem(&format!("person.{n}.kind"), "Say who this is");
            }
            match &label {
                Err(TextError::Empty(_)) => {
                    problem(&format!("person.{n}.label"), "Write what to call them here");
                }
                Err(other) => problem(&format!("person.{n}.label"), &other.to_string()),
                Ok(_) => {}
            }
            if let (Ok(kind), Ok(label)) = (kind, label) {
                parties.push(Party { id: PersonId::mint(ids), kind, label });
            }
        }
        if self.people.iter().filter(|row| !row.is_nobody()).count() < 2 {
            errors.push(FieldError::new("person.1.kind", "Say who else is heard"));
        }
        parties
    }
}

#[cfg(test)]
mod tests {
    use hearback_domain::SeededIds;

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_763_733_900_000_000);

    fn form(pairs: &[(&str, &str)]) -> Details {
        let fields = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Details::from_fields(&Fields(fields))
    }

    const GOOD: &[(&str, &str)] = &[
        ("pseudonym", "Robin"),
        ("session_kind", "remote"),
        ("held_on", "2025-11-20"),
        ("phase", "post_training"),
        ("person.0.kind", "practitioner"),
        ("person.0.label", ""),
        ("person.1.kind", "parent"),
        ("person.1.label", "Mum"),
        ("person.2.kind", ""),
        ("person.2.label", ""),
    ];

    fn with(changes: &[(&str, &str)]) -> Vec<String> {
        let mut pairs: Vec<_> = GOOD.to_vec();
        for (name, value) in changes {
            pairs.retain(|(n, _)| n != name);
            pairs.push((name, value));
        }
        let errors = form(&pairs).check(&SeededIds::default(), NOW, &["*".to_owned()]);
        errors.err().unwrap_or_default().into_iter().map(|e| e.field).collect()
    }

    #[test]
    fn a_filled_form_is_a_recording() {
        let new = form(GOOD).check(&SeededIds::default(), NOW, &["*".to_owned()]).unwrap();
        assert_eq!(new.session_kind, SessionKind::Remote);
        assert_eq!(new.held_on.as_deref(), Some("2025-11-20"));
        let kinds: Vec<_> = new.parties.iter().map(|p| p.kind).collect();
        assert_eq!(kinds, [PartyKind::Practitioner, PartyKind::Parent]);
    }

    #[test]
    fn what_is_missing_is_named_at_its_place() {
        assert_eq!(with(&[("pseudonym", "  ")]), ["pseudonym"]);
        assert_eq!(with(&[("session_kind", "party")]), ["session_kind"]);
        assert_eq!(with(&[("held_on", "2025-11-31")]), ["held_on"]);
        assert_eq!(with(&[("held_on", "2025-11-24")]), ["held_on"], "not in the future");
        assert_eq!(with(&[("phase", "")]), ["phase"]);
        assert_eq!(with(&[("language", "xx")]), ["language"]);
        assert_eq!(with(&[("person.1.kind", "")]), ["person.1.kind"]);
        assert_eq!(with(&[("person.1.label", "")]), ["person.1.label"]);
        assert_eq!(
            with(&[("person.2.label", "Gran"), ("pseudonym", "")]),
            ["pseudonym", "person.2.kind"]
        );
        let alone = with(&[("person.1.kind", ""), ("person.1.label", ""), ("held_on", "")]);
        assert_eq!(alone, ["person.1.kind"]);
    }

    #[test]
    fn a_language_is_chosen_among_those_that_the_model_knows() {
        let of = |language, known: &str| {
            let form = Details { language: String::from(language), ..form(GOOD) };
            let new = form.check(&SeededIds::default(), NOW, &[known.to_owned()]);
            new.map(|new| new.language).ok()
        };
        assert_eq!(of("", "en"), Some(None), "as usual here");
        assert_eq!(of("auto", "*"), Some(Some("auto".to_owned())));
        assert_eq!(of("cy", "*"), Some(Some("cy".to_owned())));
        assert_eq!(of("cy", "en"), None);
    }

    #[test]
    fn json_means_the_same() {
        let json = r#"{"pseudonym":"Robin","session_kind":"office","phase":"post_training","parties":[
            {"kind":"parent","label":"Mum"},
            {"kind":"practitioner","label":"Sam"}]}"#;
        let Body::Nested(nested) = serde_json::from_str(json).unwrap() else { panic!("nested") };
        let new =
            Details::from(nested).check(&SeededIds::default(), NOW, &["*".to_owned()]).unwrap();
        assert_eq!(new.parties[0].label.as_str(), "Sam", "the practitioner comes first");
        let flat = r#"{"pseudonym":"Robin","person.1.kind":"parent"}"#;
        assert!(matches!(serde_json::from_str(flat).unwrap(), Body::Flat(_)));
    }
}
