//! The words people are asked to agree to (REC-05, REC-06, REC-10), and what is written down when they answer.
//!
//! A [`Form`] belongs to one kind of person and is never changed: a new wording is a new version. Each of its
//! statements is answered singly, and a statement stands for at most one [`Purpose`], so that nobody can agree to
//! several things with one tick. [`ConsentRecord::check`] says what an answered form comes to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{PartyKind, Purpose};

mod built_in;
mod record;
mod words;

pub use self::{
    built_in::built_in,
    record::{
        AgeBand, Authority, Checked, ConsentRecord, CopyGiven, How, LegalStatus, Overriding,
        Problem,
    },
    words::UnknownAnswer,
};

/// What every form says in its introduction (ETH-14), word for word.
pub const NOTHING_ELSE_CHANGES: &str = "No is fine. Nothing else changes.";

/// Where a statement has the name of the person it is about (REC-10).
const NAME: &str = "{name}";

/// The statements for one kind of person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// For whom.
    pub kind: PartyKind,
    /// Counted from 1; a version is never changed.
    pub version: u32,
    /// Its heading.
    pub title: String,
    /// What it is about, in paragraphs.
    pub introduction: String,
    /// How many days people have to think before they are asked (REC-09). They may choose to decide sooner.
    pub thinking_days: u16,
    /// For how many months a yes holds.
    pub valid_months: u8,
    /// From which age a young person decides alone: 18 (REC-08), or 16 where the organisation settled on that.
    pub alone_from: u8,
    /// In the order in which they are read.
    pub statements: Vec<Statement>,
}

/// One sentence that somebody says yes or no to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Names it within its form: lower-case letters, digits and `_`.
    pub key: String,
    /// The sentence, with `{name}` where the person's name goes.
    pub text: String,
    /// The same in short words, for somebody of eleven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simple: Option<String>,
    /// What a yes allows; none if the sentence is about understanding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// Without a yes to this one, no purpose is covered.
    pub needed: bool,
}

impl Statement {
    /// The sentence about somebody of that name.
    pub fn text_for(&self, name: &str) -> String {
        self.text.replace(NAME, name)
    }

    /// The sentence in short words, where there are some.
    pub fn simple_for(&self, name: &str) -> String {
        self.simple.as_ref().unwrap_or(&self.text).replace(NAME, name)
    }
}

/// Why a form is not one. A sentence for whoever writes it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// It is not JSON of a form.
    #[error("this cannot be read as a form: {0}")]
    Unreadable(String),
    /// A text is too short or too long, or has characters that do not belong there.
    #[error("{0} is empty, too long, or has a character that cannot be used here")]
    Text(String),
    /// A number is out of its range.
    #[error("{0}")]
    Number(&'static str),
    /// The sentence of [`NOTHING_ELSE_CHANGES`] is missing.
    #[error("the introduction says, word for word: {NOTHING_ELSE_CHANGES}")]
    NothingElseChanges,
    /// Two statements have the same key.
    #[error("two statements are both called {0}")]
    KeyTwice(String),
    /// A key has other characters.
    #[error("a statement's key has lower-case letters, digits and _ only: {0}")]
    Key(String),
    /// Two statements stand for the same purpose.
    #[error("two statements ask for the same thing: {0}")]
    PurposeTwice(Purpose),
    /// Nobody is asked about being recorded, or as if it were by the way.
    #[error("a form asks about being recorded, and nothing goes without that")]
    NoRecord,
    /// A sentence does not say whom it is about.
    #[error("each sentence has {{name}} in it, where the person's name goes: {0}")]
    NoName(String),
    /// A sentence stands for everything at once.
    #[error("each sentence asks for one thing, so none can stand for all of them: {0}")]
    AllAtOnce(String),
}

impl Form {
    /// Reads a form and checks it.
    pub fn parse(json: &str) -> Result<Self, FormError> {
        let form: Self =
            serde_json::from_str(json).map_err(|e| FormError::Unreadable(e.to_string()))?;
        match form.problems().into_iter().next() {
            None => Ok(form),
            Some(problem) => Err(problem),
        }
    }

    /// The form as [`Self::parse`] reads it.
    ///
    /// # Panics
    /// Never: it is made of texts and numbers.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers can always be written")
    }

    /// The statement of that key.
    pub fn statement(&self, key: &str) -> Option<&Statement> {
        self.statements.iter().find(|s| s.key == key)
    }

    /// Everything that keeps this from being a form.
    pub fn problems(&self) -> Vec<FormError> {
        let mut found = Vec::new();
        let mut text = |what: &str, value: &str, most: usize| {
            let odd = value.chars().any(|c| c.is_control() && c != '\n');
            if value.trim().is_empty() || value.chars().count() > most || odd {
                found.push(FormError::Text(what.to_owned()));
            }
        };
        text("the title", &self.title, 120);
        text("the introduction", &self.introduction, 4_000);
        for statement in &self.statements {
            text(&format!("the sentence {}", statement.key), &statement.text, 500);
            if let Some(simple) = &statement.simple {
                text(&format!("the short sentence {}", statement.key), simple, 500);
            }
        }
        if !self.introduction.contains(NOTHING_ELSE_CHANGES) {
            found.push(FormError::NothingElseChanges);
        }
        found.extend(self.numbers().into_iter().map(FormError::Number));
        found.extend(self.clashes());
        found
    }

    fn numbers(&self) -> Vec<&'static str> {
        let checks = [
            (self.version >= 1, "versions are counted from 1"),
            (self.thinking_days <= 60, "the time to think is at most 60 days"),
            ((1..=24).contains(&self.valid_months), "a yes holds for 1 to 24 months"),
            (matches!(self.alone_from, 16 | 18), "a young person decides alone from 16 or from 18"),
            ((1..=30).contains(&self.statements.len()), "a form has 1 to 30 statements"),
        ];
        checks.into_iter().filter_map(|(holds, text)| (!holds).then_some(text)).collect()
    }

    fn clashes(&self) -> Vec<FormError> {
        let mut found = Vec::new();
        let (mut keys, mut purposes) = (BTreeSet::new(), BTreeSet::new());
        for statement in &self.statements {
            let key = &statement.key;
            let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            if key.is_empty() || key.len() > 40 || !key.bytes().all(letter) {
                found.push(FormError::Key(key.clone()));
            }
            if !keys.insert(key) {
                found.push(FormError::KeyTwice(key.clone()));
            }
            if let Some(purpose) = statement.purpose
                && !purposes.insert(purpose)
            {
                found.push(FormError::PurposeTwice(purpose));
            }
            for sentence in [Some(&statement.text), statement.simple.as_ref()].into_iter().flatten()
            {
                if !sentence.contains(NAME) || sentence.replace(NAME, "").contains(['{', '}']) {
                    found.push(FormError::NoName(key.clone()));
                }
                if stands_for_all(sentence) {
                    found.push(FormError::AllAtOnce(key.clone()));
                }
            }
        }
        let record = self.statements.iter().find(|s| s.purpose == Some(Purpose::Record));
        if !record.is_some_and(|s| s.needed) {
            found.push(FormError::NoRecord);
        }
        found
    }
}

/// Whether a sentence would take one tick for everything.
fn stands_for_all(sentence: &str) -> bool {
    const PHRASES: [&str; 6] = [
        "all of the above",
        "all of the below",
        "all of these",
        "agree to all",
        "everything above",
        "yes to everything",
    ];
    let sentence = sentence.to_lowercase();
    PHRASES.iter().any(|phrase| sentence.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoilt(spoil: impl FnOnce(&mut Form)) -> Vec<FormError> {
        let mut form = built_in(PartyKind::Parent);
        spoil(&mut form);
        assert!(
            Form::parse(&form.to_json()).is_err() || form.problems().is_empty(),
            "what has problems is not read"
        );
        form.problems()
    }

    #[test]
    fn a_form_that_asks_for_several_things_at_once_is_none() {
        assert_eq!(spoilt(|_| {}), []);
        let purpose = spoilt(|f| f.statements[0].purpose = Some(Purpose::Transcribe));
        assert_eq!(purpose, [FormError::PurposeTwice(Purpose::Transcribe)]);
        let key = spoilt(|f| f.statements[1].key = f.statements[0].key.clone());
        assert!(matches!(key[..], [FormError::KeyTwice(_)]));
        let all = spoilt(|f| f.statements[0].text = "I ({name}) agree to all of this".to_owned());
        assert!(matches!(all[..], [FormError::AllAtOnce(_)]));
        let record = spoilt(|f| f.statements.retain(|s| s.purpose != Some(Purpose::Record)));
        assert_eq!(record, [FormError::NoRecord]);
        let by_the_way = spoilt(|f| f.statements.iter_mut().for_each(|s| s.needed = false));
        assert_eq!(by_the_way, [FormError::NoRecord]);
    }

    #[test]
    fn a_form_says_whom_it_is_about_and_that_a_no_is_fine() {
        let name = spoilt(|f| f.statements[0].text = "I agree".to_owned());
        assert!(matches!(name[..], [FormError::NoName(_)]));
        let other = spoilt(|f| f.statements[0].simple = Some("{name} and {other}".to_owned()));
        assert!(matches!(other[..], [FormError::NoName(_)]));
        let silent = spoilt(|f| f.introduction = "We would like to record this.".to_owned());
        assert_eq!(silent, [FormError::NothingElseChanges]);
        let empty = spoilt(|f| f.title = " ".to_owned());
        assert!(matches!(empty[..], [FormError::Text(_)]));
        for (spoil, n) in [
            ((|f| f.valid_months = 0) as fn(&mut Form), 1),
            (|f| f.valid_months = 25, 1),
            (|f| f.thinking_days = 61, 1),
            (|f| f.alone_from = 13, 1),
            (|f| f.version = 0, 1),
            (|f| f.statements[0].key = "Über".to_owned(), 1),
        ] {
            assert_eq!(spoilt(spoil).len(), n);
        }
        assert!(matches!(Form::parse("{}"), Err(FormError::Unreadable(_))));
        let more = built_in(PartyKind::Child).to_json().replacen('{', "{\"agree_to_all\":true,", 1);
        assert!(matches!(Form::parse(&more), Err(FormError::Unreadable(_))));
    }
}
