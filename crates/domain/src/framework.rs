//! The practice skills framework (COD-01 … COD-06): data, versioned. A score always carries its version.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A set of skills that recordings are coded for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// Which version this is. Part of every score and code.
    pub version: String,
    /// What it is called.
    pub title: String,
    /// Whose it is.
    pub source: String,
    /// Its areas, in order.
    pub areas: Vec<Area>,
}

/// A group of skills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Its key, as in `relationship_building`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its skills, in order.
    pub skills: Vec<Skill>,
}

/// A skill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skill {
    /// Its key, as in `empathy`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub definition: String,
    /// "To what extent …" questions, at hand while coding.
    pub prompts: Vec<String>,
    /// What it can sound like.
    pub exemplars: Vec<String>,
    /// Its sub-categories; where there are any, they are what is scored.
    pub subs: Vec<Sub>,
}

/// A sub-category of a skill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sub {
    /// Its key, as in `curiosity`.
    pub key: String,
    /// Its name.
    pub name: String,
}

/// Names something that is scored or coded: `collaboration`, `empathy.curiosity`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey(String);

/// The framework has no such skill or sub-category.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("this version of the framework has no such skill")]
pub struct UnknownItem;

impl ItemKey {
    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The skill's part of it.
    pub fn skill(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }

    /// The sub-category's part of it, if it has one.
    pub fn sub(&self) -> Option<&str> {
        self.0.split_once('.').map(|(_, sub)| sub)
    }
}

impl fmt::Display for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One thing that gets a whole-recording score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// Its key.
    pub key: ItemKey,
    /// The skill.
    pub skill: &'a Skill,
    /// The sub-category, where the skill has some.
    pub sub: Option<&'a Sub>,
}

impl Framework {
    /// Version 1, which comes with the service.
    ///
    /// # Panics
    /// Never: a test reads it.
    pub fn v1() -> Self {
        serde_json::from_str(include_str!("../framework/v1.json"))
            .expect("version 1 is read by a test")
    }

    /// Its skills, in order.
    pub fn skills(&self) -> impl Iterator<Item = &Skill> {
        self.areas.iter().flat_map(|area| &area.skills)
    }

    /// What gets a whole-recording score: sub-categories where a skill has them, else the skill (COD-08).
    pub fn items(&self) -> Vec<Item<'_>> {
        self.skills()
            .flat_map(|skill| {
                let whole = skill.subs.is_empty().then(|| Item {
                    key: ItemKey(skill.key.clone()),
                    skill,
                    sub: None,
                });
                whole.into_iter().chain(skill.subs.iter().map(move |sub| Item {
                    key: ItemKey(format!("{}.{}", skill.key, sub.key)),
                    skill,
                    sub: Some(sub),
                }))
            })
            .collect()
    }

    /// The key of something that can be scored.
    pub fn item(&self, key: &str) -> Result<ItemKey, UnknownItem> {
        self.items().into_iter().map(|i| i.key).find(|k| k.as_str() == key).ok_or(UnknownItem)
    }

    /// The key of something that can be coded: a skill, or one of its sub-categories.
    pub fn code(&self, skill: &str, sub: Option<&str>) -> Result<ItemKey, UnknownItem> {
        let found = self.skills().find(|s| s.key == skill).ok_or(UnknownItem)?;
        match sub {
            None => Ok(ItemKey(found.key.clone())),
            Some(sub) if found.subs.iter().any(|s| s.key == sub) => {
                Ok(ItemKey(format!("{}.{sub}", found.key)))
            }
            Some(_) => Err(UnknownItem),
        }
    }

    /// The names of a coded skill and sub-category, if this version has them.
    pub fn names(&self, key: &ItemKey) -> Option<(&str, Option<&str>)> {
        let skill = self.skills().find(|s| s.key == key.skill())?;
        let sub = key.sub().and_then(|k| skill.subs.iter().find(|s| s.key == k));
        Some((&skill.name, sub.map(|s| s.name.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_1_has_two_areas_five_skills_and_seven_items() {
        let v1 = Framework::v1();
        assert_eq!((v1.areas.len(), v1.skills().count()), (2, 5));
        let keys: Vec<_> = v1.items().into_iter().map(|i| i.key.0).collect();
        assert_eq!(
            keys,
            [
                "empathy.acceptance",
                "empathy.curiosity",
                "empathy.understanding",
                "collaboration",
                "child_focus",
                "purposefulness",
                "clarity"
            ]
        );
    }

    #[test]
    fn only_what_the_framework_has_can_be_coded_or_scored() {
        let v1 = Framework::v1();
        assert_eq!(v1.code("empathy", Some("curiosity")).unwrap().sub(), Some("curiosity"));
        assert_eq!(v1.code("empathy", None).unwrap().as_str(), "empathy");
        assert_eq!(v1.code("clarity", Some("curiosity")), Err(UnknownItem));
        assert_eq!(v1.item("empathy"), Err(UnknownItem), "its sub-categories are scored");
    }
}
