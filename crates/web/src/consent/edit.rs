//! A form as it is being written, field by field.

use hearback_domain::{
    PartyKind, Purpose,
    forms::{Form, FormError, Statement},
};

use crate::{error::FieldError, extract::Fields};

/// Rows for sentences that are not there yet.
const MORE: usize = 2;
/// The most sentences that are read.
const MOST: usize = 32;

/// The texts and numbers as they stand in the page's fields.
pub(super) struct Draft {
    pub(super) title: String,
    pub(super) introduction: String,
    pub(super) thinking_days: String,
    pub(super) valid_months: String,
    pub(super) alone_from: String,
    pub(super) rows: Vec<Row>,
}

/// A sentence as it is being written. One without words is left out.
#[derive(Default)]
pub(super) struct Row {
    pub(super) key: String,
    pub(super) text: String,
    pub(super) simple: String,
    pub(super) purpose: String,
    pub(super) needed: bool,
}

impl Draft {
    /// What stands there now, with room for more.
    pub(super) fn of(form: &Form) -> Self {
        let rows = form.statements.iter().map(|s| Row {
            key: s.key.clone(),
            text: s.text.clone(),
            simple: s.simple.clone().unwrap_or_default(),
            purpose: s.purpose.map(|p| p.to_string()).unwrap_or_default(),
            needed: s.needed,
        });
        Self {
            title: form.title.clone(),
            introduction: form.introduction.clone(),
            thinking_days: form.thinking_days.to_string(),
            valid_months: form.valid_months.to_string(),
            alone_from: form.alone_from.to_string(),
            rows: rows.collect(),
        }
        .with_room()
    }

    /// What was typed.
    pub(super) fn from_fields(fields: &Fields) -> Self {
        let row = |n: usize| {
            let field = |name: &str| fields.get(&format!("s.{n}.{name}")).trim().to_owned();
            Row {
                key: field("key"),
                text: field("text"),
                simple: field("simple"),
                purpose: field("purpose"),
                needed: field("needed") == "yes",
            }
        };
        Self {
            title: fields.get("title").trim().to_owned(),
            // Browsers end lines with two characters.
            introduction: fields.get("introduction").trim().replace("\r\n", "\n"),
            thinking_days: fields.get("thinking_days").trim().to_owned(),
            valid_months: fields.get("valid_months").trim().to_owned(),
            alone_from: fields.get("alone_from").trim().to_owned(),
            rows: (0..MOST).map(row).filter(|row| !row.text.is_empty()).collect(),
        }
        .with_room()
    }

    fn with_room(mut self) -> Self {
        let rows = (self.rows.len() + MORE).min(MOST);
        self.rows.resize_with(rows, Row::default);
        self
    }

    /// The form that this is, or everything that keeps it from being one.
    pub(super) fn check(&self, kind: PartyKind) -> Result<Form, Vec<FieldError>> {
        let rows = self.rows.iter().filter(|row| !row.text.is_empty()).enumerate();
        let statements = rows.map(|(n, row)| {
            let purpose: Option<Purpose> = row.purpose.parse().ok();
            let new = || purpose.map_or_else(|| format!("own_{n}"), |p| p.to_string());
            Statement {
                key: if row.key.is_empty() { new() } else { row.key.clone() },
                text: row.text.clone(),
                simple: (!row.simple.is_empty()).then(|| row.simple.clone()),
                purpose,
                // Nothing goes without being recorded.
                needed: row.needed || purpose == Some(Purpose::Record),
            }
        });
        let form = Form {
            kind,
            // Storage counts.
            version: 1,
            title: self.title.clone(),
            introduction: self.introduction.clone(),
            thinking_days: self.thinking_days.parse().unwrap_or(u16::MAX),
            valid_months: self.valid_months.parse().unwrap_or(0),
            alone_from: self.alone_from.parse().unwrap_or(0),
            statements: statements.collect(),
        };
        let problems = form.problems();
        if problems.is_empty() {
            return Ok(form);
        }
        Err(problems.iter().map(|p| FieldError::new(place(p), p.to_string())).collect())
    }
}

/// The input that a problem is about, where it is about one.
fn place(problem: &FormError) -> &'static str {
    match problem {
        FormError::Text(what) if what == "the title" => "title",
        FormError::Text(what) if what == "the introduction" => "introduction",
        FormError::NothingElseChanges => "introduction",
        FormError::Number(text) if text.contains("think") => "thinking_days",
        FormError::Number(text) if text.contains("months") => "valid_months",
        FormError::Number(text) if text.contains("alone") => "alone_from",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use hearback_domain::forms::built_in;

    use super::*;

    /// The fields of a page that shows this form.
    fn fields(form: &Form) -> Vec<(String, String)> {
        let draft = Draft::of(form);
        let mut fields = vec![
            ("title".to_owned(), draft.title),
            ("introduction".to_owned(), draft.introduction.replace('\n', "\r\n")),
            ("thinking_days".to_owned(), draft.thinking_days),
            ("valid_months".to_owned(), draft.valid_months),
            ("alone_from".to_owned(), draft.alone_from),
        ];
        for (n, row) in draft.rows.into_iter().enumerate() {
            let mut add = |name: &str, value: String| fields.push((format!("s.{n}.{name}"), value));
            add("key", row.key);
            add("text", row.text);
            add("simple", row.simple);
            add("purpose", row.purpose);
            if row.needed {
                add("needed", "yes".to_owned());
            }
        }
        fields
    }

    #[test]
    fn what_is_sent_unchanged_is_the_same_form() {
        for &kind in PartyKind::ALL {
            let form = built_in(kind);
            let draft = Draft::from_fields(&Fields(fields(&form)));
            assert_eq!(draft.check(kind).unwrap(), form);
        }
    }

    #[test]
    fn sentences_come_and_go() {
        let form = built_in(PartyKind::Other);
        let last = form.statements.len();
        let mut sent = fields(&form);
        for (name, value) in &mut sent {
            match name.as_str() {
                "s.0.text" => value.clear(),
                new if *new == format!("s.{last}.text") => {
                    "I ({name}) may bring a friend.".clone_into(value);
                }
                _ => {}
            }
        }
        let new = Draft::from_fields(&Fields(sent)).check(PartyKind::Other).unwrap();
        assert_eq!(new.statements.len(), last);
        assert_eq!(new.statement("told"), None);
        let added = new.statements.last().unwrap();
        assert_eq!((added.key.as_str(), added.purpose), ("own_8", None));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let mut sent = fields(&built_in(PartyKind::Parent));
        for (name, value) in &mut sent {
            if ["title", "valid_months", "introduction"].contains(&name.as_str()) {
                "x".clone_into(value);
            }
        }
        let errors = Draft::from_fields(&Fields(sent)).check(PartyKind::Parent).unwrap_err();
        let places: Vec<_> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(places, ["introduction", "valid_months"]);
    }
}
