//! What a practitioner thinks about before a series begins (CM-11): four questions, and a moment to talk with somebody.
//!
//! A yes refuses nothing. It leads to a page on which one stops and thinks together; the practitioner decides.

use serde::{Deserialize, Serialize};

use super::kept::{self, Unreadable};
use crate::{Note, person::words, recording::UnknownWord};

words! {
    /// One of the four questions.
    Question, UnknownWord;
    /// Somebody is in counselling.
    Counselling = "counselling",
    /// Somebody would rather have nothing to do with coaching.
    Reluctant = "reluctant",
    /// A young person is a witness.
    Witness = "witness",
    /// There is a worry about safety.
    Safety = "safety",
}

impl Question {
    /// As it is asked.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Counselling => {
                "Is the child, young person or somebody in the family in counselling just now, or are you?"
            }
            Self::Reluctant => "Would they, or you, rather have nothing to do with coaching?",
            Self::Witness => "Is a young person a witness in court proceedings?",
            Self::Safety => "Is there a worry about somebody’s safety right now?",
        }
    }

    /// A thought for whoever answered it with yes.
    pub const fn thought(self) -> &'static str {
        match self {
            Self::Counselling => {
                "Two kinds of conversation at once can be a lot. Some wait until the other has come to its end; some ask whoever they see there."
            }
            Self::Reluctant => {
                "Coaching is for people who want it. Waiting costs nothing, and nobody asks why."
            }
            Self::Witness => {
                "What is said here is not evidence in court. Somebody who knows the proceedings can say what is wise until they are over."
            }
            Self::Safety => {
                "Safety has its own way, and does not wait for coaching. Who knows of it already? You can raise a concern here too, from any recording."
            }
        }
    }
}

/// What was thought about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "four questions, each with a yes or a no")]
pub struct Considered {
    counselling: bool,
    reluctant: bool,
    witness: bool,
    safety: bool,
    #[serde(with = "kept")]
    note: Note,
}

impl Considered {
    /// The answers, each yes or no; a note of one's own, which may be empty.
    ///
    /// # Errors
    /// The questions that `answer` leaves open, in their order.
    pub fn new(
        answer: impl Fn(Question) -> Option<bool>,
        note: Note,
    ) -> Result<Self, Vec<Question>> {
        let open = Question::ALL.iter().copied().filter(|q| answer(*q).is_none()).collect();
        let of = |question| answer(question);
        match (
            of(Question::Counselling),
            of(Question::Reluctant),
            of(Question::Witness),
            of(Question::Safety),
        ) {
            (Some(counselling), Some(reluctant), Some(witness), Some(safety)) => {
                Ok(Self { counselling, reluctant, witness, safety, note })
            }
            _ => Err(open),
        }
    }

    /// Whether that question was answered with yes.
    pub const fn said_yes(&self, question: Question) -> bool {
        match question {
            Question::Counselling => self.counselling,
            Question::Reluctant => self.reluctant,
            Question::Witness => self.witness,
            Question::Safety => self.safety,
        }
    }

    /// Whether there is something to stop at.
    pub fn gives_pause(&self) -> bool {
        Question::ALL.iter().any(|question| self.said_yes(*question))
    }

    /// What they noted.
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// Reads what [`Self::to_json`] wrote.
    pub fn parse(json: &str) -> Result<Self, Unreadable> {
        kept::parse(json)
    }

    /// As it is kept.
    pub fn to_json(&self) -> String {
        kept::to_json(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_question_is_answered_by_itself() {
        for yes in Question::ALL {
            let note = Note::new("We talked.\nIt is fine.").unwrap();
            let thought = Considered::new(|q| Some(q == *yes), note.clone()).unwrap();
            assert!(thought.gives_pause());
            for question in Question::ALL {
                assert_eq!(thought.said_yes(*question), question == yes, "{question}");
            }
            assert_eq!(thought.note(), &note);
            assert_eq!(Considered::parse(&thought.to_json()).unwrap(), thought);
        }
        let nothing = Considered::new(|_| Some(false), Note::empty()).unwrap();
        assert!(!nothing.gives_pause());
        assert_eq!(Considered::parse(&nothing.to_json()).unwrap(), nothing);
        assert!(Considered::parse("{}").is_err());
    }

    #[test]
    fn what_is_left_open_is_said() {
        let open = Considered::new(|q| (q == Question::Witness).then_some(false), Note::empty());
        assert_eq!(open, Err(vec![Question::Counselling, Question::Reluctant, Question::Safety]));
    }
}
