//! Version 1 of every form, which comes with the service.
//!
//! In our own words, after the statements that professionals, and parents and young people, ticked one by one in
//! Triggs, *From Transmission to Transformation* (thesis, University of Huddersfield, 2019), appendices 8 and 9
//! (REC-05, REC-06), and the questions its information sheets answer (REC-11). Each sentence has the person's name,
//! parents have a form of their own, and nobody is asked what does not concern them (REC-10). An organisation changes
//! the wording by publishing another version.

use super::{Form, Statement};
use crate::{PartyKind, Purpose};

/// Whose voice the sentences are in.
#[derive(Clone, Copy)]
enum Voice {
    /// The social worker's own.
    Worker,
    /// A grown-up's own.
    Adult,
    /// Of a child or young person, read together with the adult who answers with them.
    Young,
}

/// A sentence in the three voices, and in short words.
struct Sentence {
    key: &'static str,
    worker: &'static str,
    adult: &'static str,
    young: &'static str,
    simple: &'static str,
}

/// What everybody has to know before a yes means anything. All of them are needed.
const UNDERSTANDING: [Sentence; 4] = [
    Sentence {
        key: "told",
        worker: "I ({name}) know what this recording is for, and my questions were answered.",
        adult: "I ({name}) was told what this recording is for, and my questions were answered.",
        young: "{name} was told what this recording is for, and could ask anything.",
        simple: "{name} knows why we record. {name} could ask us things.",
    },
    Sentence {
        key: "free",
        worker: "I ({name}) do this because I choose to. Saying no, or stopping, does not touch my \
                 training record, my work or my career.",
        adult: "I ({name}) do this because I choose to. Saying no, or stopping, does not touch any \
                help we get, or how the social worker is with us.",
        young: "{name} does this because {name} wants to. A no, or stopping, does not touch any \
                help, or how the social worker is with {name}.",
        simple: "{name} can say no. {name} can stop. Nobody will be cross. We still help {name} \
                 just the same.",
    },
    Sentence {
        key: "take_back",
        worker: "I ({name}) can take any yes back, at any time, without a reason. What is still here \
                 is then deleted. What somebody has already heard cannot be unheard.",
        adult: "I ({name}) can take any yes back, at any time, without a reason. What is still here \
                is then deleted. What somebody has already heard cannot be unheard.",
        young: "{name} can take any yes back, at any time, without a reason. What is still here is \
                then deleted. What somebody has already heard cannot be unheard.",
        simple: "{name} can change any yes to a no later. We then delete what we have. What people \
                 heard, they heard.",
    },
    Sentence {
        key: "private",
        worker: "I ({name}) know that the recording is kept locked, under chosen names, and that I \
                 can see who listened. Only if somebody may be in danger is it passed on.",
        adult: "I ({name}) know that the recording is kept locked, under chosen names. Only if \
                somebody may be in danger is it passed on, to those who can help.",
        young: "{name} knows that the recording is kept locked, under a chosen name. Only if \
                somebody may be in danger is it passed on, to those who can help.",
        simple: "We keep it locked and use a made-up name. We tell others if {name} or \
                 someone else is not safe.",
    },
];

/// What is asked for, one purpose each, in the order in which things happen.
const PURPOSES: [(Purpose, Sentence); 10] = [
    (
        Purpose::Record,
        Sentence {
            key: "record",
            worker: "I ({name}) agree that this time together is recorded and that the recording is \
                     kept here.",
            adult: "I ({name}) agree that this time together is recorded and that the recording is \
                    kept here.",
            young: "{name} agrees that this time together is recorded and that the recording is \
                    kept here.",
            simple: "You can record {name}. You can keep the sound here.",
        },
    ),
    (
        Purpose::Transcribe,
        Sentence {
            key: "transcribe",
            worker: "I ({name}) agree that a computer in this organisation turns it into written \
                     words. They are not sent anywhere.",
            adult: "I ({name}) agree that a computer in this organisation turns it into written \
                    words. They are not sent anywhere.",
            young: "{name} agrees that a computer in this organisation turns it into written words. \
                    They are not sent anywhere.",
            simple: "A computer here can write down what {name} says.",
        },
    ),
    (
        Purpose::CodeResearch,
        Sentence {
            key: "code_research",
            worker: "I ({name}) agree that a researcher whom I choose listens to it, to learn which \
                     skills help families.",
            adult: "I ({name}) agree that a researcher listens to it, to learn which skills help \
                    families.",
            young: "{name} agrees that a researcher listens to it, to learn which skills help \
                    families.",
            simple: "One person who studies this work can hear {name}. They learn what \
                     helps families.",
        },
    ),
    (
        Purpose::CoachPlayback,
        Sentence {
            key: "coach_playback",
            worker: "I ({name}) agree that my coach plays short pieces of it back to me.",
            adult: "I ({name}) agree that a coach plays short pieces of it back to the social \
                    worker.",
            young: "{name} agrees that a coach plays short pieces of it back to the social worker.",
            simple: "A coach can play short bits with {name} to the social worker.",
        },
    ),
    (
        Purpose::ManagerPresentPlayback,
        Sentence {
            key: "manager_present_playback",
            worker: "I ({name}) agree that my manager may be in the room for that, when I invite \
                     them.",
            adult: "I ({name}) agree that the social worker’s manager may be in the room for that, \
                    when the social worker invites them.",
            young: "{name} agrees that the social worker’s manager may be in the room for that, \
                    when the social worker invites them.",
            simple: "The social worker’s boss can hear those bits with {name} too.",
        },
    ),
    (
        Purpose::Quote,
        Sentence {
            key: "quote",
            worker: "I ({name}) agree that my words may be quoted under a chosen name.",
            adult: "I ({name}) agree that my words may be quoted under a chosen name.",
            young: "{name} agrees that these words may be quoted under a chosen name.",
            simple: "You can write what {name} said in a report. It has a made-up name.",
        },
    ),
    (
        Purpose::TeachingPlayback,
        Sentence {
            key: "teaching_playback",
            worker: "I ({name}) agree that short pieces with my voice may be played when others are \
                     taught. Somebody may know my voice.",
            adult: "I ({name}) agree that short pieces with my voice may be played when social \
                    workers are taught. Somebody may know my voice.",
            young: "{name} agrees that short pieces with this voice may be played when social \
                    workers are taught. Somebody may know the voice.",
            simple: "You can play bits of {name} when you teach. Someone may know the voice.",
        },
    ),
    (
        Purpose::ResearchArchive,
        Sentence {
            key: "research_archive",
            worker: "I ({name}) agree that what was learned, without names, is kept for other \
                     researchers.",
            adult: "I ({name}) agree that what was learned, without names, is kept for other \
                    researchers.",
            young: "{name} agrees that what was learned, without names, is kept for other \
                    researchers.",
            simple: "You can keep what you learned from {name}, with no names.",
        },
    ),
    (
        Purpose::ToldResult,
        Sentence {
            key: "told_result",
            worker: "I ({name}) would like to be told what was learned in the end.",
            adult: "I ({name}) would like to be told what was learned in the end.",
            young: "{name} would like to be told what was learned in the end.",
            simple: "{name} wants to hear what you learned.",
        },
    ),
    (
        Purpose::ImproveTools,
        Sentence {
            key: "improve_tools",
            worker: "I ({name}) agree that it may be used, in this organisation, to make the \
                     computer understand speech better.",
            adult: "I ({name}) agree that it may be used, in this organisation, to make the \
                    computer understand speech better.",
            young: "{name} agrees that it may be used, in this organisation, to make the computer \
                    understand speech better.",
            simple: "You can use how {name} talks to make the computer hear better.",
        },
    ),
];

/// What somebody of that kind is asked. What nobody asks them about is a no.
fn asked(kind: PartyKind) -> &'static [Purpose] {
    use Purpose as P;
    const SHORT: &[Purpose] =
        &[P::Record, P::Transcribe, P::CodeResearch, P::CoachPlayback, P::ManagerPresentPlayback];
    const CHILD: &[Purpose] = &[
        P::Record,
        P::Transcribe,
        P::CodeResearch,
        P::CoachPlayback,
        P::ManagerPresentPlayback,
        P::Quote,
        P::TeachingPlayback,
        P::ToldResult,
    ];
    match kind {
        // An interpreter, a friend who happens to be there.
        PartyKind::Other => SHORT,
        PartyKind::Child => CHILD,
        _ => Purpose::ALL,
    }
}

const fn voice(kind: PartyKind) -> Voice {
    match kind {
        PartyKind::Practitioner => Voice::Worker,
        PartyKind::Child | PartyKind::YoungPerson => Voice::Young,
        PartyKind::Parent | PartyKind::Carer | PartyKind::Other => Voice::Adult,
    }
}

impl Sentence {
    fn statement(&self, voice: Voice, purpose: Option<Purpose>, needed: bool) -> Statement {
        let text = match voice {
            Voice::Worker => self.worker,
            Voice::Adult => self.adult,
            Voice::Young => self.young,
        };
        Statement {
            key: self.key.to_owned(),
            text: text.to_owned(),
            simple: Some(self.simple.to_owned()),
            purpose,
            needed,
        }
    }
}

/// Version 1 of the form for that kind of person.
pub fn built_in(kind: PartyKind) -> Form {
    let voice = voice(kind);
    let understanding = UNDERSTANDING.iter().map(|s| s.statement(voice, None, true));
    let purposes = PURPOSES
        .iter()
        .filter(|(purpose, _)| asked(kind).contains(purpose))
        .map(|(p, s)| s.statement(voice, Some(*p), *p == Purpose::Record));
    let (title, introduction) = match voice {
        Voice::Worker => (
            "What you say yes to",
            "This is about recording your own work, so that you can hear it again with a coach and \
             so that others learn what helps families. It is not about checking on you.\n\
             Each sentence is a choice of its own. No is fine. Nothing else changes.",
        ),
        Voice::Adult => (
            "What you say yes to",
            "The social worker would like to record this time together. It helps social workers to \
             hear what they do well, and others to learn from it.\n\
             Take your time; nobody will press you. Each sentence is a choice of its own. No is \
             fine. Nothing else changes.",
        ),
        Voice::Young => (
            "What is fine with you, and what is not",
            "We would like to record this talk. It helps us to hear what we do well.\n\
             You can ask us anything. You can take your time. Say yes or no to each line, just as \
             you like. No is fine. Nothing else changes.",
        ),
    };
    Form {
        kind,
        version: 1,
        title: title.to_owned(),
        introduction: introduction.to_owned(),
        thinking_days: 7,
        valid_months: 12,
        alone_from: 18,
        statements: understanding.chain(purposes).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::NOTHING_ELSE_CHANGES;

    /// The most words of a sentence that is read to somebody of eleven.
    const LONGEST_SENTENCE: usize = 12;
    /// The most letters of a word in it.
    const LONGEST_WORD: usize = 10;
    /// How many words of a hundred may be longer than seven letters.
    const LONG_WORDS_PERCENT: usize = 10;

    #[test]
    fn every_form_is_read_as_it_was_written() {
        for &kind in PartyKind::ALL {
            let form = built_in(kind);
            assert_eq!(form.problems(), [], "{kind}");
            assert_eq!(Form::parse(&form.to_json()).unwrap(), form);
            assert!(form.introduction.contains(NOTHING_ELSE_CHANGES));
            let told = form.statements.iter().filter(|s| s.purpose.is_none());
            assert_eq!(told.count(), UNDERSTANDING.len(), "{kind}");
            assert_eq!(form.statements[UNDERSTANDING.len()].purpose, Some(Purpose::Record));
        }
    }

    #[test]
    fn nobody_is_asked_what_does_not_concern_them() {
        let asks =
            |kind, purpose| built_in(kind).statements.iter().any(|s| s.purpose == Some(purpose));
        for purpose in
            [Purpose::Record, Purpose::Transcribe, Purpose::CodeResearch, Purpose::CoachPlayback]
        {
            assert!(PartyKind::ALL.iter().all(|&kind| asks(kind, purpose)), "{purpose}");
        }
        assert!(!asks(PartyKind::Child, Purpose::ImproveTools));
        assert!(!asks(PartyKind::Other, Purpose::Quote));
    }

    /// Each sentence of the short wording, with a name in it.
    fn short_sentences() -> Vec<Vec<String>> {
        let forms = PartyKind::ALL.iter().map(|&kind| built_in(kind));
        let texts = forms.flat_map(|form| form.statements).map(|s| s.simple_for("Robin"));
        let young = built_in(PartyKind::Child).introduction;
        let texts: Vec<String> = texts.chain([young]).collect();
        let sentences = texts.iter().flat_map(|t| t.split_inclusive(['.', '?', '!']));
        sentences
            .map(|s| s.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
            .filter(|words| !words.is_empty())
            .collect()
    }

    #[test]
    fn somebody_of_eleven_can_read_the_short_words() {
        let sentences = short_sentences();
        assert!(sentences.len() > 60, "{} sentences were found", sentences.len());
        let (mut words, mut long) = (0, 0);
        for sentence in &sentences {
            assert!(sentence.len() <= LONGEST_SENTENCE, "too long: {}", sentence.join(" "));
            for word in sentence {
                let letters = word.chars().filter(|c| c.is_alphabetic()).count();
                assert!(letters <= LONGEST_WORD, "a long word: {word}");
                words += 1;
                long += usize::from(letters > 7);
            }
        }
        assert!(long * 100 <= words * LONG_WORDS_PERCENT, "{long} of {words} words are long");
    }

    /// The tone of the house, and of everybody's own form: nobody is told what to do.
    #[test]
    fn nobody_is_told_what_to_do() {
        for &kind in PartyKind::ALL {
            let form = built_in(kind);
            let texts =
                form.statements.iter().flat_map(|s| [s.text.clone(), s.simple_for("Robin")]);
            for text in texts.chain([form.introduction]) {
                let words: Vec<_> = text.split(|c: char| !c.is_alphabetic()).collect();
                for word in ["should", "must", "need", "ought", "fail", "target", "refuse", "score"]
                {
                    assert!(!words.contains(&word), "{kind}: {text}");
                }
            }
        }
    }
}
