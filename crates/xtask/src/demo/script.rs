//! The text of the fictional visit, and what a researcher would mark in it.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context as _, bail};
use serde::Deserialize;

/// Whose voice it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    /// The social worker.
    Worker,
    /// The young person.
    Robin,
}

/// One turn of the conversation.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) voice: Voice,
    pub(crate) name: Option<String>,
    pub(crate) text: String,
}

/// A passage that shows a skill.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mark {
    /// The name of its first turn.
    pub(crate) from: String,
    /// The name of its last turn.
    pub(crate) to: String,
    /// The skill's key in the framework.
    pub(crate) skill: String,
    /// The sub-category's key, for skills that have them.
    pub(crate) sub: Option<String>,
    /// What went well there.
    pub(crate) note: String,
    /// What the coach might ask.
    pub(crate) question: String,
    /// Whether it becomes an extract of the playlist.
    pub(crate) clip: bool,
}

/// The visit as written, and as coded.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) turns: Vec<Turn>,
    pub(crate) marks: Vec<Mark>,
    /// Whole-recording scores by item.
    pub(crate) scores: BTreeMap<String, u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Coding {
    codes: Vec<Mark>,
    scores: BTreeMap<String, u8>,
}

impl Script {
    /// The one that comes with Hearback.
    pub(crate) fn own() -> anyhow::Result<Self> {
        Self::read(include_str!("../../demo/visit.txt"), include_str!("../../demo/marks.json"))
    }

    fn read(visit: &str, marks: &str) -> anyhow::Result<Self> {
        let turns = visit
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
            .map(|(at, line)| turn(line).with_context(|| format!("visit.txt, line {}", at + 1)))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let Coding { codes, scores } = serde_json::from_str(marks).context("marks.json")?;
        let script = Self { turns, marks: codes, scores };
        for mark in &script.marks {
            let (from, to) = script.turns_of(mark)?;
            if from > to {
                bail!("marks.json: “{}” comes after “{}”", mark.from, mark.to);
            }
        }
        Ok(script)
    }

    /// The first and the last turn of a mark, counted from zero.
    pub(crate) fn turns_of(&self, mark: &Mark) -> anyhow::Result<(usize, usize)> {
        let names: HashMap<_, _> = self
            .turns
            .iter()
            .enumerate()
            .filter_map(|(at, turn)| Some((turn.name.as_deref()?, at)))
            .collect();
        let find = |name: &str| {
            names
                .get(name)
                .copied()
                .with_context(|| format!("visit.txt has no turn named “{name}”"))
        };
        Ok((find(&mark.from)?, find(&mark.to)?))
    }
}

fn turn(line: &str) -> anyhow::Result<Turn> {
    let (head, text) = line.split_once(':').context("no colon after the voice")?;
    let (voice, name) = match head.split_once('(') {
        Some((voice, name)) => (voice, Some(name.trim_end().trim_end_matches(')').to_owned())),
        None => (head, None),
    };
    let voice = match voice.trim() {
        "worker" => Voice::Worker,
        "robin" => Voice::Robin,
        other => bail!("there is no voice “{other}”"),
    };
    Ok(Turn { voice, name, text: text.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_visit_that_comes_with_hearback_is_whole() {
        let script = Script::own().unwrap();
        assert!(script.turns.len() > 40);
        assert!(script.turns.iter().any(|turn| turn.voice == Voice::Robin));
        let mut skills: Vec<_> = script.marks.iter().map(|mark| mark.skill.as_str()).collect();
        skills.sort_unstable();
        skills.dedup();
        let five = ["child_focus", "clarity", "collaboration", "empathy", "purposefulness"];
        assert_eq!(skills, five, "every skill is shown once at least");
        assert!(script.marks.iter().filter(|mark| mark.clip).count() >= 2);
        assert!(script.scores.values().all(|score| (1..=5).contains(score)));
        for mark in &script.marks {
            assert!(mark.question.ends_with('?'), "an open question: {}", mark.question);
        }
    }

    #[test]
    fn a_mark_on_a_turn_that_is_not_there_is_refused() {
        let marks = |from: &str, to: &str| {
            format!(
                r#"{{"codes":[{{"from":"{from}","to":"{to}","skill":"clarity","sub":null,"clip":false,"note":"n","question":"q?"}}],"scores":{{}}}}"#
            )
        };
        let visit = "# a comment\n\nworker (a): One.\nrobin: Two.\nworker (b): Three.\n";
        assert_eq!(Script::read(visit, &marks("a", "b")).unwrap().turns.len(), 3);
        assert!(Script::read(visit, &marks("a", "c")).is_err());
        assert!(Script::read(visit, &marks("b", "a")).is_err());
        assert!(Script::read("someone: Hello.\n", &marks("a", "b")).is_err());
    }
}
