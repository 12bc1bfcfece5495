//! What recordings are coded for (COD-01 … COD-07, COD-10): data, in versions. A score always carries its version.
//!
//! Version 1 comes with the service; others are written by researchers, as drafts ([`Framework::add_area`] and what
//! stands beside it), are checked ([`Framework::check`]) and published, with a [`Mapping`] from the version before.
//! What is published is never changed.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::FrameworkId;

mod check;
mod edit;
mod mapping;

pub use self::{
    check::{FrameworkError, most, short_name},
    mapping::{Change, Mapping, MappingError},
};

/// The identifier of the framework that comes with the service.
pub const BUILT_IN_FRAMEWORK: FrameworkId = FrameworkId::from_uuid(Uuid::from_u128(1));

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
    /// Whether it gets a score, or is counted.
    #[serde(default)]
    pub measure: Measure,
    /// What it can sound like, made up.
    pub exemplars: Vec<String>,
    /// What points of the scale look like (COD-07), by point. Empty where it is counted.
    #[serde(default)]
    pub indicators: Vec<Indicator>,
    /// Its sub-categories; where there are any, they are what is scored or counted.
    pub subs: Vec<Sub>,
}

/// How a skill is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// One score from 1 to 5 for the whole recording.
    #[default]
    Scale,
    /// The number of its evidence codes, as behaviour counts are. It never has a score.
    Count,
}

/// What a point of the scale looks like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// The point, from 1 to 5.
    pub point: u8,
    /// What is heard there.
    pub text: String,
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

/// One thing that is scored or counted.
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

    /// What is scored or counted: sub-categories where a skill has them, else the skill (COD-08).
    pub fn coded(&self) -> Vec<Item<'_>> {
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

    /// What gets a whole-recording score.
    pub fn items(&self) -> Vec<Item<'_>> {
        self.measured(Measure::Scale)
    }

    /// What is counted instead.
    pub fn counted(&self) -> Vec<Item<'_>> {
        self.measured(Measure::Count)
    }

    fn measured(&self, measure: Measure) -> Vec<Item<'_>> {
        self.coded().into_iter().filter(|item| item.skill.measure == measure).collect()
    }

    /// How many of these codes (skill and sub-category) each counted item has.
    pub fn counts<'a>(
        &self,
        codes: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Vec<(ItemKey, u32)> {
        let mut counts: Vec<_> = self.counted().into_iter().map(|item| (item.key, 0)).collect();
        for (skill, sub) in codes {
            let of = counts.iter_mut().find(|(key, _)| key.skill() == skill && key.sub() == sub);
            if let Some((_, count)) = of {
                *count += 1;
            }
        }
        counts
    }

    /// The key of something that can be scored.
    pub fn item(&self, key: &str) -> Result<ItemKey, UnknownItem> {
        self.items().into_iter().map(|i| i.key).find(|k| k.as_str() == key).ok_or(UnknownItem)
    }

    /// The key of something that can be coded: a skill, or one of its sub-categories. Where sub-categories are counted,
    /// it is one of those, so that every code counts for something.
    pub fn code(&self, skill: &str, sub: Option<&str>) -> Result<ItemKey, UnknownItem> {
        let found = self.skills().find(|s| s.key == skill).ok_or(UnknownItem)?;
        match sub {
            None if found.measure == Measure::Count && !found.subs.is_empty() => Err(UnknownItem),
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

    /// The skill of that key.
    pub fn skill(&self, key: &str) -> Option<&Skill> {
        self.skills().find(|skill| skill.key == key)
    }
}

impl Item<'_> {
    /// "Empathy – Curiosity".
    pub fn name(&self) -> String {
        match self.sub {
            Some(sub) => format!("{} – {}", self.skill.name, sub.name),
            None => self.skill.name.clone(),
        }
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

    #[test]
    fn the_middle_of_the_scale_is_not_made_up() {
        let v1 = Framework::v1();
        assert_eq!(v1.check(), Ok(()));
        for skill in v1.skills() {
            let points: Vec<_> = skill.indicators.iter().map(|i| i.point).collect();
            assert!(points.contains(&1) && points.contains(&5), "{}", skill.key);
            assert!(points.iter().all(|p| [1, 5].contains(p)), "only the ends are known");
        }
    }

    #[test]
    fn what_is_counted_has_no_score_and_every_code_counts() {
        let mut framework = Framework::v1();
        for skill in framework.areas.iter_mut().flat_map(|area| &mut area.skills) {
            if ["empathy", "clarity"].contains(&skill.key.as_str()) {
                skill.measure = Measure::Count;
            }
        }
        let keys = |items: Vec<Item<'_>>| -> Vec<String> {
            items.into_iter().map(|item| item.key.0).collect()
        };
        assert_eq!(keys(framework.items()), ["collaboration", "child_focus", "purposefulness"]);
        let counted = keys(framework.counted());
        assert_eq!(
            counted,
            ["empathy.acceptance", "empathy.curiosity", "empathy.understanding", "clarity"]
        );
        assert_eq!(framework.item("clarity"), Err(UnknownItem), "a count is never a score");
        assert_eq!(framework.code("empathy", None), Err(UnknownItem), "it would count for nothing");
        let codes = [
            ("clarity", None),
            ("empathy", Some("curiosity")),
            ("collaboration", None),
            ("clarity", None),
        ];
        let counts: Vec<_> = framework.counts(codes).into_iter().map(|(_, n)| n).collect();
        assert_eq!(counts, [0, 1, 0, 2]);
    }
}
