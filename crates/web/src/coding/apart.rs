//! Whole-recording answers of several coders side by side, and how far apart they are in plain words.

use hearback_domain::{
    Rating,
    training::{Agreed, HalfScore},
};
use hearback_storage::AgreedScore;

use super::together::{Choice, Compared, noted};
use crate::listen::together;

pub(super) struct ScoreView {
    pub(super) item: String,
    pub(super) name: String,
    pub(super) cells: Vec<String>,
    pub(super) difference: String,
    /// Whether they differ.
    pub(super) apart: bool,
    pub(super) choices: Vec<Choice>,
    pub(super) note: String,
    pub(super) agreed: String,
}

/// Each item of the scale, with what everybody said.
pub(super) fn scores_of(compared: &Compared, agreed: &[AgreedScore]) -> Vec<ScoreView> {
    let scored = compared.framework.items();
    let line = |item: &hearback_domain::Item<'_>| {
        let key = item.key.as_str();
        let given: Vec<Option<Rating>> = compared
            .all
            .iter()
            .map(|one| one.work.scores.iter().find(|s| s.item == key).map(|s| s.rating))
            .collect();
        let agreed = agreed.iter().find(|one| one.item == key);
        ScoreView {
            item: key.to_owned(),
            name: together(&item.skill.name, item.sub.map(|sub| sub.name.as_str())),
            cells: given.iter().map(|rating| in_words(*rating)).collect(),
            difference: difference(&given),
            apart: given.windows(2).any(|two| two[0] != two[1]),
            choices: score_choices(agreed.map(|one| one.agreed)),
            note: agreed.map(|one| one.note.to_string()).unwrap_or_default(),
            agreed: agreed.map(|one| noted(compared, one.by, one.at)).unwrap_or_default(),
        }
    };
    scored.iter().map(line).collect()
}

fn score_choices(agreed: Option<Agreed>) -> Vec<Choice> {
    let choice = |value: String, text: String, is| Choice { value, text, chosen: agreed == is };
    let halves = (2..=10).filter_map(|halves| HalfScore::from_halves(halves).ok());
    let scores =
        halves.map(|half| choice(half.to_string(), half.to_string(), Some(Agreed::Scored(half))));
    let none = choice("none".to_owned(), "Not codable".to_owned(), Some(Agreed::NotCodable));
    [choice(String::new(), "Not agreed yet".to_owned(), None)]
        .into_iter()
        .chain(scores)
        .chain([none])
        .collect()
}

fn in_words(rating: Option<Rating>) -> String {
    match rating {
        Some(Rating::Scored(score)) => score.to_string(),
        Some(Rating::NotCodable) => "Not codable".to_owned(),
        None => "No answer".to_owned(),
    }
}

/// How far apart several people's answers are, in plain words.
fn difference(given: &[Option<Rating>]) -> String {
    let scores: Vec<u8> = given
        .iter()
        .filter_map(|rating| match rating {
            Some(Rating::Scored(score)) => Some(score.get()),
            _ => None,
        })
        .collect();
    let apart =
        scores.iter().max().zip(scores.iter().min()).map_or(0, |(most, least)| most - least);
    let not_codable = given.iter().filter(|rating| **rating == Some(Rating::NotCodable)).count();
    let text = if given.iter().any(Option::is_none) {
        "Somebody gave no answer"
    } else if not_codable == given.len() {
        "The same: not codable"
    } else if not_codable > 0 {
        "A number beside “not codable”"
    } else if apart == 0 {
        "The same"
    } else {
        return format!("{apart} apart");
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use hearback_domain::Score;

    use super::*;

    #[test]
    fn differences_are_said_in_words() {
        let score = |n| Some(Rating::Scored(Score::new(n).unwrap()));
        let not = Some(Rating::NotCodable);
        for (given, said) in [
            (vec![score(3), score(3)], "The same"),
            (vec![score(2), score(5)], "3 apart"),
            (vec![score(2), score(3), score(1)], "2 apart"),
            (vec![not, not], "The same: not codable"),
            (vec![score(2), not], "A number beside “not codable”"),
            (vec![score(2), None], "Somebody gave no answer"),
        ] {
            assert_eq!(difference(&given), said, "{given:?}");
        }
    }
}
