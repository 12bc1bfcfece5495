//! Prompt cards for a conversation: GROW with a card for looking back (CM-17), open questions, and what a coach may
//! keep in mind (CM-19). They are cards and no fields: nobody fills them in, and their order is nobody's rule.

/// One card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Card {
    /// What it is called.
    pub title: &'static str,
    /// What it is for, in half a sentence.
    pub about: &'static str,
    /// Questions to choose from.
    pub questions: &'static [&'static str],
}

/// GROW, and Review, which it lacks (CM-17).
pub const CARDS: &[Card] = &[
    Card {
        title: "Goal",
        about: "what you would like",
        questions: &[
            "What would you like to have by the end of today?",
            "What makes that yours, rather than somebody else’s?",
            "What would you be moving towards?",
            "How much do you believe that you can get there?",
        ],
    },
    Card {
        title: "Reality",
        about: "what is there now",
        questions: &[
            "What did you hear when you listened?",
            "What is working already, even a little?",
            "What have you tried, and what came of it?",
            "What else matters to you that may pull the other way?",
        ],
    },
    Card {
        title: "Options",
        about: "what could be",
        questions: &[
            "What could you try? And what else?",
            "When did something like it go well? What did you do then?",
            "What would you do with more time, or with help?",
            "Who or what could make it easier?",
        ],
    },
    Card {
        title: "Will",
        about: "what you choose",
        questions: &[
            "Which of these would you like to try?",
            "What is the smallest first step?",
            "What may get in the way, and what would help then?",
            "How will you notice that it works?",
        ],
    },
    Card {
        title: "Review",
        about: "what came of it",
        questions: &[
            "What happened when you tried it?",
            "What was different for them? For you?",
            "What would you like to keep?",
            "Has your goal changed? It may.",
        ],
    },
];

/// Open questions about an extract that was just heard.
pub const OPEN_QUESTIONS: &[&str] = &[
    "What stood out for you?",
    "What were you hoping for just then?",
    "What did you do that helped?",
    "What do you think it was like for them?",
    "What was in the silence?",
    "What did you hear this time that you had not heard before?",
    "What would you like to hear more of?",
    "Where would you like to go from here?",
];

/// What a coach may keep in mind (CM-19).
pub const CUES: &[&str] = &[
    "Whoever sits with you is whole and able. There is nothing to mend.",
    "You think together. The answers are theirs.",
    "Leave advice outside.",
    "Follow; do not lead. It goes where it goes.",
    "Silence is fine.",
    "If you have to step out of coaching, say so, and say when you are back.",
];
