//! How the items of one version of a framework became those of the next (COD-10).

use serde::{Deserialize, Serialize};

use super::{Framework, Item};

/// What became of an item, or where one comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Its key in the version before; none if it is new.
    pub from: Option<String>,
    /// Its key in this version; none if it is dropped.
    pub to: Option<String>,
}

/// What became of every item of the version before. Empty where there is none before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mapping(Vec<Change>);

/// Why something cannot have become something else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// This version has no such item.
    #[error("this version has no item {0}; choose another one, or say that it is dropped")]
    Unknown(String),
    /// A score is no number of codes, nor the other way round.
    #[error("“{0}” was measured another way than “{1}”: say that it is dropped instead")]
    OtherMeasure(String, String),
}

impl Mapping {
    /// The mapping in which `became` says of every item of `before` which item of `after` it is now, if it is one.
    pub fn new<'a>(
        before: &Framework,
        after: &Framework,
        became: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Self, MappingError> {
        let mut changes = Vec::new();
        let now = after.coded();
        for item in before.coded() {
            let key = item.key.as_str();
            let to = became(key).map(|to| find(&now, &item, to)).transpose()?;
            changes.push(Change { from: Some(key.to_owned()), to });
        }
        for item in &now {
            let key = item.key.as_str();
            if !changes.iter().any(|change| change.to.as_deref() == Some(key)) {
                changes.push(Change { from: None, to: Some(key.to_owned()) });
            }
        }
        Ok(Self(changes))
    }

    /// What one would think: what has the same key and is measured the same way is the same.
    pub fn by_key(before: &Framework, after: &Framework) -> Self {
        let now = after.coded();
        let became = |key: &str| -> Option<&str> {
            let item = before.coded().into_iter().find(|item| item.key.as_str() == key)?;
            let same = now.iter().find(|now| now.key == item.key)?;
            (same.skill.measure == item.skill.measure).then_some(same.key.as_str())
        };
        Self::new(before, after, became).unwrap_or_default()
    }

    /// Every change: first what became of the items before, in their order; then what is new.
    pub fn changes(&self) -> &[Change] {
        &self.0
    }

    /// What an item of the version before is now, if it is something.
    pub fn now(&self, from: &str) -> Option<&str> {
        self.0.iter().find(|change| change.from.as_deref() == Some(from))?.to.as_deref()
    }

    /// The mapping as [`Self::parse`] reads it.
    ///
    /// # Panics
    /// Never: it is made of texts.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts can always be written")
    }

    /// Reads a mapping as it is kept.
    pub fn parse(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }
}

fn find(now: &[Item<'_>], from: &Item<'_>, to: &str) -> Result<String, MappingError> {
    let found = now.iter().find(|item| item.key.as_str() == to);
    let found = found.ok_or_else(|| MappingError::Unknown(to.to_owned()))?;
    if found.skill.measure != from.skill.measure {
        return Err(MappingError::OtherMeasure(from.name(), found.name()));
    }
    Ok(to.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{super::Measure, *};

    #[test]
    fn every_item_became_something_or_is_dropped_and_the_rest_is_new() {
        let before = Framework::v1();
        let mut after = Framework::v1();
        after.remove_skill("clarity").unwrap();
        after.add_skill("respectful_authority", "Honesty", Measure::Scale).unwrap();
        let guess = Mapping::by_key(&before, &after);
        assert_eq!(guess.now("empathy.curiosity"), Some("empathy.curiosity"));
        assert_eq!(guess.now("clarity"), None);
        let new = Change { from: None, to: Some("honesty".to_owned()) };
        assert_eq!(guess.changes().last(), Some(&new));
        assert_eq!(guess.changes().len(), 8);

        let became = |key: &str| match key {
            "clarity" => Some("honesty"),
            "child_focus" => None,
            _ => Some("collaboration"),
        };
        let said = Mapping::new(&before, &after, became).unwrap();
        assert_eq!(said.now("clarity"), Some("honesty"));
        assert_eq!(said.now("empathy.acceptance"), Some("collaboration"), "several became one");
        assert_eq!(Mapping::parse(&said.to_json()).unwrap(), said);
        let nowhere = Mapping::new(&before, &after, |_| Some("clarity"));
        assert_eq!(nowhere, Err(MappingError::Unknown("clarity".to_owned())));
    }

    #[test]
    fn a_score_never_becomes_a_count() {
        let before = Framework::v1();
        let mut after = Framework::v1();
        let mut skill = after.skill("clarity").unwrap().clone();
        skill.measure = Measure::Count;
        skill.indicators.clear();
        after.set_skill("respectful_authority", skill).unwrap();
        assert_eq!(Mapping::by_key(&before, &after).now("clarity"), None);
        let forced = Mapping::new(&before, &after, |key| (key == "clarity").then_some("clarity"));
        assert!(matches!(forced, Err(MappingError::OtherMeasure(..))));
    }
}
