//! `tests/goals.toml`: the least that each suite has to reach, so that a goal cannot shrink unseen.

use std::{fs, path::Path};

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};

/// One bound on one figure.
struct Goal {
    suite: String,
    figure: String,
    /// Only of the long forms.
    deep: bool,
    least: Option<f64>,
    most: Option<f64>,
}

impl Goal {
    fn new(suite: &str, figure: &str, deep: bool, bound: &toml::Value) -> anyhow::Result<Self> {
        let (least, most) = match bound.as_table() {
            Some(table) => {
                (table.get("least").and_then(number), table.get("most").and_then(number))
            }
            None => (number(bound), None),
        };
        if least.is_none() && most.is_none() {
            bail!("{suite}.{figure} is neither a number nor {{ least = …, most = … }}");
        }
        Ok(Self { suite: suite.to_owned(), figure: figure.to_owned(), deep, least, most })
    }
}

/// All goals.
pub(super) struct Goals(Vec<Goal>);

/// Reads the file.
pub(super) fn read(file: &Path) -> anyhow::Result<Goals> {
    let text =
        fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?;
    Goals::parse(&text).with_context(|| format!("{}", file.display()))
}

impl Goals {
    /// `[suite]` with `figure = 5` for at least five, or `figure = { most = 5 }` for at most; `[suite.deep]` with what
    /// the long forms have to reach besides.
    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut goals = Vec::new();
        for (suite, figures) in &text.parse::<toml::Table>()? {
            let figures = figures.as_table().with_context(|| format!("{suite} is not a table"))?;
            for (figure, bound) in figures {
                match (figure.as_str(), bound.as_table()) {
                    ("deep", Some(long)) => {
                        for (figure, bound) in long {
                            goals.push(Goal::new(suite, figure, true, bound)?);
                        }
                    }
                    _ => goals.push(Goal::new(suite, figure, false, bound)?),
                }
            }
        }
        Ok(Self(goals))
    }

    /// What a suite has not reached, in sentences. A suite without goals, and one that ran nothing, has not.
    pub(super) fn judge(
        &self,
        suite: &str,
        deep: bool,
        figures: &Map<String, Value>,
    ) -> Vec<String> {
        let mut complaints = Vec::new();
        let counts = |goal: &&Goal| goal.suite == suite && (deep || !goal.deep);
        let goals: Vec<_> = self.0.iter().filter(counts).collect();
        if goals.is_empty() {
            complaints.push(format!("{suite}: tests/goals.toml sets no goal for it"));
        }
        if figures.get("tests").and_then(Value::as_u64).unwrap_or(0) == 0 {
            complaints.push(format!("{suite}: ran nothing"));
        }
        for Goal { figure, least, most, .. } in goals {
            match figures.get(figure).and_then(Value::as_f64) {
                None => complaints.push(format!("{suite}: has no figure “{figure}”")),
                Some(reached) => {
                    if let Some(least) = least.filter(|least| reached < *least) {
                        complaints.push(format!(
                            "{suite}: {figure} is {reached}, the goal is at least {least}"
                        ));
                    }
                    if let Some(most) = most.filter(|most| reached > *most) {
                        complaints.push(format!(
                            "{suite}: {figure} is {reached}, the goal is at most {most}"
                        ));
                    }
                }
            }
        }
        complaints
    }

    /// Names in the file that are no suites.
    pub(super) fn strangers<'a>(&self, suites: impl Iterator<Item = &'a str>) -> Vec<String> {
        let known: Vec<_> = suites.collect();
        let mut names: Vec<_> = self.0.iter().map(|goal| goal.suite.clone()).collect();
        names.retain(|name| !known.contains(&name.as_str()));
        names.dedup();
        names
    }
}

fn number(value: &toml::Value) -> Option<f64> {
    value.as_float().or_else(|| value.to_string().parse().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const GOALS: &str = "[kill]\ncases = 50\nlost = { most = 0 }\n[tidy]\ntests = 3\n";

    fn complaints(suite: &str, figures: &Value) -> usize {
        let goals = Goals::parse(GOALS).unwrap();
        goals.judge(suite, false, figures.as_object().unwrap()).len()
    }

    #[test]
    fn a_goal_is_reached_or_not() {
        assert_eq!(complaints("kill", &json!({"tests": 1, "cases": 50, "lost": 0})), 0);
        assert_eq!(complaints("kill", &json!({"tests": 1, "cases": 49, "lost": 0})), 1, "too few");
        assert_eq!(complaints("kill", &json!({"tests": 1, "cases": 50, "lost": 1})), 1, "too many");
        assert_eq!(complaints("kill", &json!({"tests": 1, "cases": 50})), 1, "no figure");
        assert_eq!(complaints("tidy", &json!({"tests": 0})), 2, "ran nothing");
        assert_eq!(complaints("audio", &json!({"tests": 5})), 1, "no goal");
    }

    #[test]
    fn long_forms_have_goals_of_their_own() {
        let goals = Goals::parse("[kill]\ncases = 50\n[kill.deep]\ncases = 200\n").unwrap();
        let figures = json!({"tests": 1, "cases": 60});
        let complaints = |deep| goals.judge("kill", deep, figures.as_object().unwrap()).len();
        assert_eq!((complaints(false), complaints(true)), (0, 1));
        assert!(Goals::parse("[kill.deep]\ncases = {}\n").is_err());
    }

    #[test]
    fn a_goal_that_means_nothing_is_refused() {
        assert!(Goals::parse("[kill]\ncases = \"many\"\n").is_err());
        assert!(Goals::parse("[kill]\ncases = {}\n").is_err());
        assert!(Goals::parse("kill = 3\n").is_err());
        assert_eq!(Goals::parse(GOALS).unwrap().strangers(["kill"].into_iter()), ["tidy"]);
    }
}
