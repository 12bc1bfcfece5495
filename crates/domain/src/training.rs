//! Becoming a reliable coder (REL-01 … REL-04): a set of recordings whose scores the first coders agreed on, attempts of
//! others to score them too, and whose codings count.
//!
//! All of it is for one version of a framework, and in whole numbers: what exactly reaches a bound reaches it.

use crate::{Rating, coding::Standing, person::words, recording::UnknownWord};

#[cfg(test)]
mod tests;

/// How many recordings a set has, at the least and at the most. REL-01 has ten, and so has a set of which nothing else
/// is said.
pub const SET_SIZES: std::ops::RangeInclusive<u8> = 3..=10;

/// How many people agree on the scores of a set at the most, and at the least (REL-01 has three).
pub const MOST_FOUNDERS: usize = 3;

/// The fewest people who agree on something.
pub const FEWEST_FOUNDERS: usize = 2;

words! {
    /// How much of the skills is heard on a recording, as whoever proposes it says: sets are spread over levels.
    Level, UnknownWord;
    /// Less than most.
    Lower = "lower",
    /// About as much as most.
    Middle = "middle",
    /// More than most.
    Higher = "higher",
}

words! {
    /// What somebody is to a set.
    LearnsAs, UnknownWord;
    /// One of the first coders, who agree on its scores (REL-01, stage 1).
    Founder = "founder",
    /// Somebody who scores it after them, and has not seen what they agreed on.
    Trainee = "trainee",
}

words! {
    /// How somebody came to be one whose codings count.
    Reached, UnknownWord;
    /// They agreed on the scores of the set.
    Founder = "founder",
    /// An attempt of theirs was near enough to these.
    Attempt = "attempt",
}

/// What a set is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetPlan {
    /// So many recordings belong to it.
    pub size: u8,
    /// The share is asked for item by item too, and not of all answers together alone (REL-02).
    pub per_skill: bool,
}

/// A set of another size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("choose from 3 to 10 recordings")]
pub struct SetSize;

impl SetPlan {
    /// Whether there can be such a set.
    pub fn check(self) -> Result<Self, SetSize> {
        if SET_SIZES.contains(&self.size) { Ok(self) } else { Err(SetSize) }
    }
}

/// A score that people agreed on, which may lie halfway between two.
///
/// **Invariant:** 1 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HalfScore(u8);

/// Not a score that can be agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an agreed score is a number from 1 to 5, in halves")]
pub struct HalfScoreError;

impl HalfScore {
    /// From twice the score: 2 to 10.
    pub const fn from_halves(halves: u8) -> Result<Self, HalfScoreError> {
        if halves >= 2 && halves <= 10 { Ok(Self(halves)) } else { Err(HalfScoreError) }
    }

    /// Twice the score.
    pub const fn halves(self) -> u8 {
        self.0
    }

    /// From text: `3`, `3.5`.
    pub fn parse(text: &str) -> Result<Self, HalfScoreError> {
        let (whole, half) = match text.trim().split_once('.') {
            None => (text.trim(), 0),
            Some((whole, "0")) => (whole, 0),
            Some((whole, "5")) => (whole, 1),
            Some(_) => return Err(HalfScoreError),
        };
        let whole: u8 = whole.parse().map_err(|_| HalfScoreError)?;
        Self::from_halves(whole.checked_mul(2).ok_or(HalfScoreError)?.saturating_add(half))
    }
}

impl std::fmt::Display for HalfScore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0 / 2)?;
        if self.0 % 2 == 1 { f.write_str(".5") } else { Ok(()) }
    }
}

/// What people agreed on for one item of one recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Agreed {
    /// This score.
    Scored(HalfScore),
    /// The recording gives no ground for a score.
    NotCodable,
}

/// Whether an answer is near the agreed one: within 1.0, which counts (REL-02). None where neither has a score: that is
/// no agreement on a score, and nothing that could be missed. No answer, or a score on one side alone, is never near.
pub const fn near(own: Option<Rating>, agreed: Agreed) -> Option<bool> {
    match (own, agreed) {
        (Some(Rating::NotCodable), Agreed::NotCodable) => None,
        (Some(Rating::Scored(own)), Agreed::Scored(agreed)) => {
            Some((own.get() * 2).abs_diff(agreed.halves()) <= 2)
        }
        _ => Some(false),
    }
}

/// How many answers were near.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// So many were.
    pub near: u32,
    /// Of so many.
    pub compared: u32,
    /// And so many were left out: not codable on both sides.
    pub left_out: u32,
}

impl Share {
    /// At least four of five; and there was something to compare.
    pub fn reached(self) -> bool {
        self.compared > 0 && u64::from(self.near) * 5 >= u64::from(self.compared) * 4
    }

    fn with(self, near: Option<bool>) -> Self {
        match near {
            None => Self { left_out: self.left_out + 1, ..self },
            Some(near) => {
                Self { near: self.near + u32::from(near), compared: self.compared + 1, ..self }
            }
        }
    }
}

/// What comes of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Item by item, in the order in which items first came.
    pub items: Vec<(String, Share)>,
    /// Whether each of these has to reach it too.
    pub per_skill: bool,
}

impl Judgement {
    /// All answers together.
    pub fn overall(&self) -> Share {
        self.items.iter().fold(Share::default(), |all, (_, one)| Share {
            near: all.near + one.near,
            compared: all.compared + one.compared,
            left_out: all.left_out + one.left_out,
        })
    }

    /// Whether it is enough. An item of which nothing could be compared stands in nobody's way.
    pub fn reached(&self) -> bool {
        let each = || self.items.iter().all(|(_, share)| share.compared == 0 || share.reached());
        self.overall().reached() && (!self.per_skill || each())
    }
}

/// Judges answers: the item, whether it was near.
pub fn judge<'a>(
    answers: impl IntoIterator<Item = (&'a str, Option<bool>)>,
    per_skill: bool,
) -> Judgement {
    let mut items: Vec<(String, Share)> = Vec::new();
    for (item, near) in answers {
        match items.iter_mut().find(|(key, _)| key == item) {
            Some((_, share)) => *share = share.with(near),
            None => items.push((item.to_owned(), Share::default().with(near))),
        }
    }
    Judgement { items, per_skill }
}

/// What decides whether a coding counts, when it is finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnTraining {
    /// People can learn to code with this version: there is a set, and its scores are agreed.
    pub set_open: bool,
    /// The coder has reached it.
    pub qualified: bool,
    /// It is a coding of a recording of the set, by somebody who learns.
    pub learning: bool,
}

impl OwnTraining {
    /// Whether the coding counts (REL-04). Where there is no set, nobody could have reached anything.
    pub const fn standing(self) -> Standing {
        if !self.learning && (self.qualified || !self.set_open) {
            Standing::Counts
        } else {
            Standing::Practice
        }
    }
}

/// Why a recording is not taken into a set, or somebody not named, for the researcher who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotInSet {
    /// It is the practitioner's to say.
    #[error("the social worker has not said yes to people practising on it, so it stays out")]
    NotAllowed,
    /// Attempts are compared with each other.
    #[error("people learn with this set already, so its recordings stay as they are")]
    Open,
    /// There are enough.
    #[error("the set has all its recordings; take one out first")]
    Full,
    /// There are enough.
    #[error("two or three people agree on the scores, and three were named")]
    Founders,
    /// Whom it concerns is nobody's business but the practitioner's.
    #[error("somebody who was named cannot listen to it; choose another recording")]
    ShutsOut,
    /// Why, is nobody's business but the practitioner's.
    #[error(
        "they cannot take part with every recording of this set, or coded one of them before; \
         choose somebody else"
    )]
    Apart,
    /// Scores are agreed first.
    #[error("people can begin to learn once every score of the set is agreed")]
    NotOpen,
}
