//! What keeps a framework from being one.

use std::collections::BTreeSet;

use super::{Framework, Measure, Skill};

/// The most there is room for.
pub mod most {
    /// Areas of a framework.
    pub const AREAS: usize = 12;
    /// Skills of a framework.
    pub const SKILLS: usize = 40;
    /// Sub-categories of a skill.
    pub const SUBS: usize = 12;
    /// Questions of a skill.
    pub const PROMPTS: usize = 12;
    /// Exemplars of a skill.
    pub const EXEMPLARS: usize = 20;
    /// Indicators of a skill, of all points together.
    pub const INDICATORS: usize = 40;
    /// Characters of a name.
    pub const NAME: usize = 80;
    /// Characters of a question, an exemplar or an indicator.
    pub const LINE: usize = 300;
    /// Characters of a definition, of the source, of change notes.
    pub const TEXT: usize = 2_000;
}

/// Why a framework is not one yet. A sentence for whoever writes it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameworkError {
    /// It is not JSON of a framework.
    #[error("this cannot be read as a framework: {0}")]
    Unreadable(String),
    /// There is nothing to code.
    #[error("a framework has at least one skill: add an area, and a skill in it")]
    NoSkills,
    /// An area has no skill.
    #[error("the area “{0}” has no skill yet: add one, or take the area out")]
    EmptyArea(String),
    /// An area that is to go has skills.
    #[error("the area “{0}” still has skills: move them or take them out first")]
    FullArea(String),
    /// A name or text is missing.
    #[error("{0} is empty")]
    Empty(String),
    /// A text is too long, or has characters that do not belong there.
    #[error("{0} is too long, or has a character that cannot be used here")]
    Text(String),
    /// More of something than there is room for.
    #[error("there are more than {most} {what}")]
    TooMany {
        /// What.
        what: &'static str,
        /// The limit.
        most: usize,
    },
    /// Two things have the same name.
    #[error("two are called “{0}”: give one of them another name")]
    NameTwice(String),
    /// Two things have the same key.
    #[error("two have the key {0}")]
    KeyTwice(String),
    /// A key has other characters than lower-case letters, digits and `_`.
    #[error("a key has lower-case letters, digits and _ only: {0}")]
    Key(String),
    /// An indicator is for a point that is not on the scale.
    #[error("a point of the scale is a whole number from 1 to 5: {0}")]
    Point(u8),
    /// What is counted has no points that could look like anything.
    #[error("“{0}” is counted, so it has no points of a scale to describe")]
    PointsOfCount(String),
    /// A short name that begins the names of versions.
    #[error(
        "a short name has 2 to 20 lower-case letters, digits and hyphens, and begins with a letter: {0}"
    )]
    ShortName(String),
    /// There is no such area or skill; somebody else may have taken it out.
    #[error("that part of the framework is not there any more")]
    Gone,
}

impl FrameworkError {
    /// Whether a draft may be kept with it: it is only not finished.
    pub const fn is_unfinished(&self) -> bool {
        matches!(self, Self::NoSkills | Self::EmptyArea(_) | Self::Empty(_))
    }
}

/// Checks a framework's short name, which begins the names of its versions: `miti` in `miti-2`.
pub fn short_name(raw: &str) -> Result<String, FrameworkError> {
    let text = raw.trim();
    let fits = (2..=20).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !text.ends_with('-');
    if fits { Ok(text.to_owned()) } else { Err(FrameworkError::ShortName(text.to_owned())) }
}

impl Framework {
    /// Reads a framework as it is kept. Not checked: a draft may be unfinished.
    pub fn parse(json: &str) -> Result<Self, FrameworkError> {
        let framework: Self =
            serde_json::from_str(json).map_err(|e| FrameworkError::Unreadable(e.to_string()))?;
        match framework.problems().into_iter().find(|problem| !problem.is_unfinished()) {
            None => Ok(framework),
            Some(problem) => Err(problem),
        }
    }

    /// The framework as [`Self::parse`] reads it.
    ///
    /// # Panics
    /// Never: it is made of texts and numbers.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers can always be written")
    }

    /// Whether it can be published; if not, everything that keeps it from that.
    pub fn check(&self) -> Result<(), Vec<FrameworkError>> {
        let problems = self.problems();
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Everything that keeps it from being published.
    pub fn problems(&self) -> Vec<FrameworkError> {
        let mut found = Vec::new();
        name(&mut found, "the title", &self.title);
        text(&mut found, "the source", &self.source);
        if self.source.trim().is_empty() {
            found.push(FrameworkError::Empty("the source: say whose framework it is".to_owned()));
        }
        many(&mut found, "areas", self.areas.len(), most::AREAS);
        many(&mut found, "skills", self.skills().count(), most::SKILLS);
        if self.skills().next().is_none() {
            found.push(FrameworkError::NoSkills);
        }
        for area in &self.areas {
            name(&mut found, "the name of an area", &area.name);
            if area.skills.is_empty() {
                found.push(FrameworkError::EmptyArea(area.name.clone()));
            }
        }
        apart(&mut found, self.areas.iter().map(|area| (&*area.key, &*area.name)));
        apart(&mut found, self.skills().map(|skill| (&*skill.key, &*skill.name)));
        for skill in self.skills() {
            found.extend(skill.problems());
        }
        found
    }
}

impl Skill {
    /// Everything that keeps it from being published.
    pub fn problems(&self) -> Vec<FrameworkError> {
        let mut found = Vec::new();
        name(&mut found, "the name of a skill", &self.name);
        let of = |what: &str| format!("{what} of “{}”", self.name);
        if self.definition.trim().is_empty() {
            found.push(FrameworkError::Empty(of("the definition")));
        }
        text(&mut found, &of("the definition"), &self.definition);
        many(&mut found, "questions for one skill", self.prompts.len(), most::PROMPTS);
        many(&mut found, "examples for one skill", self.exemplars.len(), most::EXEMPLARS);
        many(&mut found, "indicators for one skill", self.indicators.len(), most::INDICATORS);
        many(&mut found, "sub-categories of one skill", self.subs.len(), most::SUBS);
        for (what, lines) in [("a question", &self.prompts), ("an example", &self.exemplars)] {
            for line in lines {
                one_line(&mut found, &of(what), line, most::LINE);
            }
        }
        for indicator in &self.indicators {
            one_line(&mut found, &of("an indicator"), &indicator.text, most::LINE);
            if !(1..=5).contains(&indicator.point) {
                found.push(FrameworkError::Point(indicator.point));
            }
        }
        if self.measure == Measure::Count && !self.indicators.is_empty() {
            found.push(FrameworkError::PointsOfCount(self.name.clone()));
        }
        for sub in &self.subs {
            name(&mut found, &of("the name of a sub-category"), &sub.name);
        }
        apart(&mut found, self.subs.iter().map(|sub| (&*sub.key, &*sub.name)));
        found
    }
}

fn many(found: &mut Vec<FrameworkError>, what: &'static str, there: usize, most: usize) {
    if there > most {
        found.push(FrameworkError::TooMany { what, most });
    }
}

fn name(found: &mut Vec<FrameworkError>, what: &str, name: &str) {
    one_line(found, what, name, most::NAME);
}

fn one_line(found: &mut Vec<FrameworkError>, what: &str, line: &str, most: usize) {
    if line.trim().is_empty() {
        found.push(FrameworkError::Empty(what.to_owned()));
    } else if line.chars().count() > most || line.chars().any(char::is_control) {
        found.push(FrameworkError::Text(what.to_owned()));
    }
}

fn text(found: &mut Vec<FrameworkError>, what: &str, text: &str) {
    let stray = |c: char| c.is_control() && c != '\n';
    if text.chars().count() > most::TEXT || text.chars().any(stray) {
        found.push(FrameworkError::Text(what.to_owned()));
    }
}

/// Says which keys are none, and which keys and names are there twice.
fn apart<'a>(found: &mut Vec<FrameworkError>, named: impl Iterator<Item = (&'a str, &'a str)>) {
    let (mut keys, mut names) = (BTreeSet::new(), BTreeSet::new());
    for (key, name) in named {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if key.is_empty() || key.len() > 40 || !key.chars().all(fits) {
            found.push(FrameworkError::Key(key.to_owned()));
        }
        if !keys.insert(key) {
            found.push(FrameworkError::KeyTwice(key.to_owned()));
        }
        if !names.insert(name.to_lowercase()) {
            found.push(FrameworkError::NameTwice(name.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Indicator, *};

    /// Version 1 with one thing changed, and what is then said about it.
    fn said(change: impl FnOnce(&mut Framework)) -> Vec<FrameworkError> {
        let mut framework = Framework::v1();
        change(&mut framework);
        framework.problems()
    }

    #[test]
    fn what_is_wrong_is_named() {
        use FrameworkError as E;
        assert_eq!(said(|_| {}), []);
        assert_eq!(said(|f| f.areas.clear()), [E::NoSkills]);
        assert_eq!(
            said(|f| f.areas[1].skills.clear()),
            [E::EmptyArea("Respectful authority".to_owned())]
        );
        assert_eq!(
            said(|f| f.areas[0].skills[1].key = "clarity".to_owned()),
            [E::KeyTwice("clarity".to_owned())]
        );
        assert_eq!(
            said(|f| f.areas[0].skills[1].name = "EMPATHY".to_owned()),
            [E::NameTwice("EMPATHY".to_owned())],
            "what only differs in capitals is read as the same"
        );
        assert_eq!(
            said(|f| f.areas[0].skills[0].subs[0].key = "a key".to_owned()),
            [E::Key("a key".to_owned())]
        );
        assert_eq!(
            said(|f| f.areas[0].name = "a\nb".to_owned()),
            [E::Text("the name of an area".to_owned())]
        );
        let point = |point| Indicator { point, text: "x".to_owned() };
        assert_eq!(said(|f| f.areas[0].skills[1].indicators.push(point(6))), [E::Point(6)]);
        assert_eq!(
            said(|f| f.areas[0].skills[1].measure = Measure::Count),
            [E::PointsOfCount("Collaboration".to_owned())]
        );
        assert_eq!(
            said(|f| f.areas[0].skills[1].prompts = vec!["?".to_owned(); 13]),
            [E::TooMany { what: "questions for one skill", most: 12 }]
        );
        assert_eq!(said(|f| f.title = "x".repeat(81)), [E::Text("the title".to_owned())]);
    }

    #[test]
    fn a_draft_may_be_unfinished_and_not_broken() {
        let mut draft = Framework::v1();
        draft.areas[1].skills.clear();
        draft.source.clear();
        assert_eq!(Framework::parse(&draft.to_json()), Ok(draft.clone()));
        assert!(draft.check().is_err());
        draft.areas[0].key = "Not a key".to_owned();
        assert!(Framework::parse(&draft.to_json()).is_err());
        assert!(Framework::parse("{}").is_err());
    }

    #[test]
    fn short_names() {
        assert_eq!(short_name(" miti "), Ok("miti".to_owned()));
        for raw in
            ["", "m", "2miti", "MITI", "miti-", "miti 4", "é-miti", "a-name-that-is-too-long"]
        {
            assert!(short_name(raw).is_err(), "{raw}");
        }
    }
}
