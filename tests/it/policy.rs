//! The access policy against `tests/policy.csv`, which says the same in other words and is read by other code.

use std::collections::{BTreeMap, BTreeSet};

use hearback_domain::{
    AudioState, Consents, Hat, KeyClass, Ms, PartyConsent, PersonId, Purpose, RecordingState,
    Relation, Role, Sharing, Timestamp, TranscriptState,
    policy::{Action, Facts, Refusal, SeriesStage, decide},
};
use serde_json::json;
use uuid::Uuid;

use crate::chance::Chance;

mod lists;
mod timing;

/// A line of the file, as it stands there.
struct Line {
    action: String,
    hat: String,
    tie: String,
    consents: Vec<String>,
    class: Vec<String>,
    when: String,
    elevated: bool,
}

fn lines() -> Vec<Line> {
    let text = include_str!("../policy.csv");
    let mut rows = text.lines();
    assert_eq!(rows.next(), Some("action,hat,tie,consents,class,when,elevated"));
    let words = |text: &str| text.split_whitespace().map(ToOwned::to_owned).collect();
    rows.map(|row| {
        let cells: Vec<_> = row.split(',').collect();
        let [action, hat, tie, consents, class, when, elevated] = cells[..] else {
            panic!("{row}: seven columns")
        };
        Line {
            action: action.to_owned(),
            hat: hat.to_owned(),
            tie: tie.to_owned(),
            consents: words(consents),
            class: words(class),
            when: when.to_owned(),
            elevated: match elevated {
                "yes" => true,
                "no" => false,
                other => panic!("{row}: {other}"),
            },
        }
    })
    .collect()
}

/// What may be true of a recording, in words only.
#[derive(Clone, Debug)]
struct Raw {
    relations: Vec<&'static str>,
    /// For each person heard, what they said yes to.
    yes: Vec<BTreeSet<&'static str>>,
    audio: &'static str,
    sharing: u8,
    shared: bool,
    gone: Vec<&'static str>,
    blocked: bool,
    series: &'static str,
}

/// How far a series may be, from nothing to live.
const STAGES: [&str; 5] = ["none", "ended", "ongoing", "agreed", "live"];

impl Raw {
    fn random(chance: &mut Chance) -> Self {
        let heard = chance.below(4);
        Self {
            relations: subset(chance, Relation::ALL.iter().map(|r| r.as_str()), 45),
            yes: (0..heard)
                .map(|_| subset(chance, Purpose::ALL.iter().map(|p| p.as_str()), 88))
                .map(|yes| yes.into_iter().collect())
                .collect(),
            audio: if chance.percent(75) {
                "decoded"
            } else {
                chance.choose(AudioState::ALL).as_str()
            },
            sharing: if chance.percent(70) { 1 } else { u8::try_from(chance.below(3)).unwrap() },
            shared: chance.percent(70),
            gone: subset(chance, KeyClass::ALL.iter().map(|c| c.as_str()), 8),
            blocked: chance.percent(8),
            series: *chance.choose(&STAGES),
        }
    }

    fn facts(&self) -> Facts {
        let person = |n: usize| PersonId::from_uuid(Uuid::from_u128(n as u128 + 1));
        let answers = self.yes.iter().enumerate().flat_map(|(n, yes)| {
            Purpose::ALL.iter().map(move |purpose| PartyConsent {
                person: person(n),
                purpose: *purpose,
                given: yes.contains(purpose.as_str()),
            })
        });
        let at = Timestamp::from_micros(1);
        Facts {
            relations: self.relations.iter().map(|word| word.parse().unwrap()).collect(),
            consents: Consents::new((0..self.yes.len()).map(person), answers),
            state: RecordingState {
                audio: self.audio.parse().unwrap(),
                transcript: TranscriptState::Done,
                sharing: match self.sharing {
                    0 => Sharing::Private,
                    1 => Sharing::Released(at),
                    _ => Sharing::Withheld(at),
                },
                duration: Some(Ms::from_seconds(60)),
            },
            shared: self.shared,
            gone: self.gone.iter().map(|word| word.parse().unwrap()).collect(),
            blocked: self.blocked,
            series: match self.series {
                "none" => SeriesStage::None,
                "ended" => SeriesStage::Ended,
                "ongoing" => SeriesStage::Ongoing,
                "agreed" => SeriesStage::Agreed,
                _ => SeriesStage::Live,
            },
        }
    }
}

fn subset<'a>(
    chance: &mut Chance,
    all: impl Iterator<Item = &'a str>,
    percent: u64,
) -> Vec<&'a str> {
    all.filter(|_| chance.percent(percent)).collect()
}

/// What is asked along the way to a yes, in this order. The answer is the first that is missing.
const STEPS: [Refusal; 6] = [
    Refusal::Relation,
    Refusal::Blocked,
    Refusal::Gone,
    Refusal::Consent,
    Refusal::State,
    Refusal::Strength,
];

/// What the file says.
fn oracle(
    lines: &BTreeMap<(&str, &str), Vec<&Line>>,
    action: &str,
    hat: &str,
    elevated: bool,
    raw: Option<&Raw>,
) -> Result<(), Refusal> {
    let Some(lines) = lines.get(&(action, hat)) else { return Err(Refusal::Role) };
    let mut nearest = None;
    for line in lines {
        let missing = match (line.tie.as_str(), raw) {
            ("here", None) => (line.elevated && !elevated).then_some(5),
            ("here", Some(_)) => Some(0),
            // Nothing to be tied to: before the first step, after the wrong hat.
            (_, None) => {
                nearest = nearest.max(Some(-1));
                continue;
            }
            (tie, Some(raw)) => {
                let agreed =
                    |purpose: &String| raw.yes.iter().all(|yes| yes.contains(purpose.as_str()));
                let ready = raw.audio == "decoded";
                let released = ready && raw.sharing == 1;
                let goes_on = ["ongoing", "agreed", "live"].contains(&raw.series);
                let steps = [
                    tie == "any" || raw.relations.contains(&tie),
                    !raw.blocked,
                    !line.class.iter().any(|class| raw.gone.contains(&class.as_str())),
                    line.consents.is_empty()
                        || !raw.yes.is_empty() && line.consents.iter().all(agreed),
                    match line.when.as_str() {
                        "always" => true,
                        "refused" => raw.audio == "unreadable",
                        "playable" => ready,
                        "released" => released,
                        "shared" => released && raw.shared,
                        "ongoing" => goes_on,
                        "agreed" => goes_on && raw.series != "ongoing",
                        "live" => raw.series == "live",
                        "chosen" => goes_on && released && raw.shared,
                        "under_dome" => raw.series == "live" && ready && raw.shared,
                        "playing" => raw.series == "live" && released && raw.shared,
                        other => panic!("{other}"),
                    },
                    elevated || !line.elevated,
                ];
                steps.iter().position(|held| !held)
            }
        };
        match missing {
            None => return Ok(()),
            Some(step) => nearest = nearest.max(Some(i32::try_from(step).unwrap())),
        }
    }
    Err(match nearest {
        Some(step) if step >= 0 => STEPS[usize::try_from(step).unwrap()],
        _ => Refusal::Absent,
    })
}

fn hats() -> Vec<Hat> {
    let people = Role::ALL.iter().copied().map(Hat::Person);
    people.chain([Hat::Worker, Hat::Nobody]).collect()
}

#[test]
fn a_million_decisions_are_those_of_the_file() {
    let lines = lines();
    let mut by_pair: BTreeMap<(&str, &str), Vec<&Line>> = BTreeMap::new();
    for line in &lines {
        by_pair.entry((&line.action, &line.hat)).or_default().push(line);
    }
    let hats = hats();
    let known = |action: &str| Action::ALL.iter().copied().find(|a| a.as_str() == action);
    let pairs: Vec<(Action, Hat)> = lines
        .iter()
        .map(|line| (known(&line.action).expect(&line.action), line.hat.parse().unwrap()))
        .collect();

    let mut chance = Chance::from_environment();
    let (mut decisions, mut wrong) = (0_u64, Vec::new());
    let (mut actions, mut worn, mut refusals) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
    let mut allowed = BTreeSet::new();
    while decisions < 1_000_000 {
        let raw = (!chance.percent(12)).then(|| Raw::random(&mut chance));
        let facts = raw.as_ref().map(Raw::facts);
        for n in 0..50 {
            // Mostly what the file knows, so that most of the decisions go deep; but everything in the end.
            let (action, hat) = if n % 3 == 0 {
                (*chance.choose(Action::ALL), *chance.choose(&hats))
            } else {
                *chance.choose(&pairs)
            };
            let elevated = chance.percent(50);
            let decided = decide(action, hat, elevated, facts.as_ref());
            let expected = oracle(&by_pair, action.as_str(), hat.as_str(), elevated, raw.as_ref());
            if decided != expected && wrong.len() < 10 {
                wrong.push(format!(
                    "{} as {hat} ({elevated}): {decided:?}, the file says {expected:?}: {raw:?}",
                    action.as_str()
                ));
            }
            decisions += 1;
            actions.insert(action);
            worn.insert(hat);
            *refusals.entry(decided.err()).or_insert(0_u64) += 1;
            if decided.is_ok() {
                allowed.insert((action, hat));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(actions.len(), Action::ALL.len(), "every action was asked for");
    assert_eq!(worn.len(), hats.len(), "under every hat");
    assert_eq!(refusals.len(), 9, "with every answer: {refusals:?}");
    assert_eq!(allowed, pairs.iter().copied().collect(), "every line said yes to somebody");
    crate::evidence::add(
        "policy",
        &[
            ("decisions", json!(decisions)),
            ("differences", json!(wrong.len())),
            ("actions", json!(actions.len())),
            ("hats", json!(worn.len())),
            ("answers", json!(refusals.len())),
            ("lines", json!(lines.len())),
        ],
    );
}
