//! The suites: which tests belong to which name.

use super::libtest::Test;

/// Tests that answer one question together.
pub(super) struct Suite {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// Packages, and how the paths of their tests begin.
    members: &'static [(&'static str, &'static str)],
}

/// The checks of the user interface, which npm runs.
pub(super) const UI: &str = "ui";
/// Single sign-on, which needs a provider under node.
pub(super) const OIDC: &str = "oidc";
/// The demo, from nothing to its end.
pub(super) const DEMO: &str = "demo";
/// Formatting, clippy, documentation.
pub(super) const STYLE: &str = "style";

const fn suite(
    name: &'static str,
    about: &'static str,
    members: &'static [(&'static str, &'static str)],
) -> Suite {
    Suite { name, about, members }
}

/// All of them. A test may belong to several, and to none.
pub(super) const SUITES: &[Suite] = &[
    suite(
        "tidy",
        "the rules of the house: arrows between crates, size of files, comments",
        &[("tests", "tidy::")],
    ),
    suite(
        "domain",
        "the framework, consent, the access policy, states",
        &[("hearback-domain", "")],
    ),
    suite(
        "access",
        "who may do what: every role, every route, every state",
        &[("hearback-access", ""), ("tests", "access::")],
    ),
    suite(
        "policy",
        "the access policy against a second statement of it, and lists against single questions",
        &[("tests", "policy::")],
    ),
    suite(
        "asvs",
        "the table of what we hold ourselves against is whole, and what it names is there",
        &[("tests", "asvs::")],
    ),
    suite(
        "audit",
        "whatever is done to the audit log is found, and every address writes to it",
        &[("hearback-access", "audit::"), ("tests", "audit::")],
    ),
    suite(
        "hardening",
        "nothing changes unless it comes from our own pages; the headers of every answer",
        &[("tests", "hardening::")],
    ),
    suite(
        "storage",
        "one conformance suite on both databases",
        &[
            ("hearback-storage", ""),
            ("hearback-storage-sqlite", ""),
            ("hearback-storage-postgres", ""),
            ("tests", "backends::"),
        ],
    ),
    suite(
        "consent",
        "nothing without everybody's yes, each purpose for itself, until it runs out",
        &[("hearback-domain", "forms::"), ("hearback-web", "consent::"), ("tests", "consent::")],
    ),
    suite(
        "backup",
        "what is kept comes back, whatever is spoilt is found, what was erased stays so",
        &[("tests", "backup::")],
    ),
    suite(
        "sealed",
        "what was said freely lies in no database, log or copy of it",
        &[("tests", "sealed::")],
    ),
    suite(
        "seek",
        "jumping about in an encrypted hour, against a plain file",
        &[("tests", "seek::")],
    ),
    suite("vault", "encrypted objects and their keys", &[("hearback-vault", "")]),
    suite("audio", "decoding, peaks, clips, the sandbox", &[("hearback-audio", "")]),
    suite(
        "formats",
        "every kind of recording, against ffmpeg's decoding of the same file",
        &[("hearback-audio", "formats::")],
    ),
    suite(
        "corpus",
        "files that are made to do harm, by the thousand, and the fence around what reads them",
        &[("hearback-audio", "corpus::"), ("hearback-audio", "fence::")],
    ),
    suite(
        "redaction",
        "what must not be heard: spans, renders, waveforms, proofs, altered voices",
        &[("hearback-audio", "redact")],
    ),
    suite("speech", "models and transcripts", &[("hearback-speech", "")]),
    suite(
        "doubt",
        "what the model invents carries a doubt, and what was said does not",
        &[("hearback-speech", "doubt::")],
    ),
    suite(
        "voices",
        "who speaks when: dialogues whose every turn is known, and files that are no voice encoder",
        &[("hearback-speech", "voices::"), ("hearback-speech", "speakers::")],
    ),
    suite(
        "stats",
        "reliability, to nine digits what the packages of the field give",
        &[("hearback-stats", "")],
    ),
    suite("pipeline", "durable jobs", &[("hearback-pipeline", "")]),
    suite("web", "pages and the routes behind them", &[("hearback-web", "")]),
    suite(
        "safeguarding",
        "worries, passages, real names, and keeping people apart",
        &[("tests", "safeguarding::")],
    ),
    suite(
        "withdrawal",
        "whoever takes back whatever: closed in the same request, destroyed, and nothing else gone",
        &[("tests", "withdrawal::")],
    ),
    suite("cli", "the command line as scripts rely on it", &[("tests", "cli::")]),
    suite(
        "intake",
        "what people upload: good, bad, and on either database",
        &[("tests", "intake::")],
    ),
    suite(
        "kill",
        "the process is killed at any moment, and nothing is lost or done twice",
        &[("tests", "kill::")],
    ),
    suite(OIDC, "single sign-on: a real provider, and one that lies", &[("tests", "oidc::")]),
    suite(
        "identity",
        "showing who one is: races, guessing, sessions, elevation, networks",
        &[("tests", "identity::")],
    ),
    suite(
        "listening",
        "the copy that people listen to: where it lies in time, how loud it is, jumps in two browsers",
        &[
            ("hearback-audio", "limiter::"),
            ("hearback-audio", "loudness::"),
            ("tests", "listening::"),
        ],
    ),
    suite(
        "redaction_page",
        "what is hidden: at once, heard again by two, approved, never in an extract; by keyboard alone",
        &[("hearback-web", "redaction::"), ("tests", "redaction_page::")],
    ),
    suite(
        "desk_page",
        "the researcher's desk: what a coder leaves and hears, and hours of coding in a browser",
        &[("tests", "desk_page::")],
    ),
    suite(
        "training",
        "becoming a reliable coder: the bound exactly, and the four stages in a browser; a protocol and its figures",
        &[("hearback-domain", "training::"), ("tests", "training::"), ("tests", "agreement")],
    ),
    suite(
        "together_page",
        "finished codings side by side: which marks meet, heard and agreed by keyboard and without scripts",
        &[
            ("hearback-domain", "passages::"),
            ("hearback-web", "coding::"),
            ("tests", "together_page::"),
        ],
    ),
    suite(
        "briefing",
        "coder and coach in one room: in step in two browsers, and closed within a second",
        &[("hearback-web", "room::"), ("hearback-web", "briefing::"), ("tests", "briefing_room::")],
    ),
    suite(
        "coaching",
        "a series of sessions: agreed, five at most, put off, with another coach, ended; research and coaching apart",
        &[("hearback-domain", "coaching::"), ("tests", "coaching::")],
    ),
    suite(
        "choosing",
        "what is heard in a session: marked, taken over, put in order, vetoed at once; the thread to what came of it",
        &[("hearback-domain", "choosing::"), ("tests", "choosing::")],
    ),
    suite(
        "session_room",
        "a coaching session in three browsers: in step, and closed to a guest within a second of its end",
        &[
            ("hearback-domain", "joining::"),
            ("hearback-web", "coaching::room::"),
            ("tests", "session_room::"),
            ("tests", "session_load::"),
        ],
    ),
    suite(
        "words_page",
        "the words beside the sound: corrected by two at once, doubted, names, extracts; by keyboard alone",
        &[("hearback-web", "words::"), ("tests", "words_page::")],
    ),
    suite(
        "framework_page",
        "what recordings are coded for: versions, and a second framework written by hand and used",
        &[
            ("hearback-domain", "framework::"),
            ("hearback-web", "frameworks::"),
            ("tests", "framework_page::"),
        ],
    ),
    suite(
        "sheets",
        "sheets, goals and supervision: nobody reads what was not shared; two tabs; paper; the glass dome's clock",
        &[
            ("hearback-domain", "sheets::"),
            ("hearback-domain", "supervision::"),
            ("tests", "sheets::"),
        ],
    ),
    suite(
        "supervision",
        "a moment brought to supervision, heard under the dome and at no other time; a debrief; a focus group's recorder",
        &[
            ("hearback-domain", "supervision::"),
            ("hearback-web", "coaching::supervision::"),
            ("tests", "supervision::"),
        ],
    ),
    suite(
        "tone",
        "every text that a social worker or a coach can meet, against the words that are never said",
        &[("tests", "tone::")],
    ),
    suite(
        "search",
        "words found in hours of speech, in memory, and only in what one may read",
        &[
            ("hearback-domain", "transcript::find::"),
            ("hearback-web", "search::"),
            ("tests", "search::"),
        ],
    ),
    suite("browser", "the whole loop in a real browser", &[("tests", "browser::")]),
    suite(UI, "types and tests of the user interface", &[(UI, "")]),
    suite(DEMO, "the demo, from nothing to its end", &[(DEMO, "")]),
];

/// The suite of that name.
pub(super) fn named(name: &str) -> Option<&'static Suite> {
    SUITES.iter().find(|suite| suite.name == name)
}

impl Suite {
    /// Whether a test belongs to it.
    pub(super) fn holds(&self, test: &Test) -> bool {
        self.members
            .iter()
            .any(|(package, start)| test.package == *package && test.name.starts_with(start))
    }
}

/// What to ask of a package's test programs: nothing at all, everything (no filter), or some paths.
pub(super) fn filters(suite: Option<&'static Suite>, package: &str) -> Option<Vec<&'static str>> {
    let Some(suite) = suite else { return Some(Vec::new()) };
    let starts: Vec<_> = suite
        .members
        .iter()
        .filter(|(name, _)| *name == package)
        .map(|(_, start)| *start)
        .collect();
    if starts.is_empty() {
        None
    } else {
        Some(if starts.contains(&"") { Vec::new() } else { starts })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::libtest::Outcome, *};

    #[test]
    fn a_suite_asks_only_its_own_packages() {
        assert_eq!(filters(None, "hearback-audio"), Some(vec![]));
        assert_eq!(filters(named("access"), "tests"), Some(vec!["access::"]));
        assert_eq!(filters(named("access"), "hearback-access"), Some(vec![]));
        assert_eq!(filters(named("access"), "hearback-audio"), None);
    }

    #[test]
    fn a_test_is_held_by_its_path() {
        let test = |package: &str, name: &str| Test {
            package: package.to_owned(),
            name: name.to_owned(),
            outcome: Outcome::Passed,
        };
        let kill = named("kill").unwrap();
        assert!(kill.holds(&test("tests", "kill::fifty_times")));
        assert!(!kill.holds(&test("tests", "browser::kill::x")));
        assert!(!kill.holds(&test("hearback-audio", "kill::x")));
    }

    #[test]
    fn no_name_is_used_twice() {
        let mut names: Vec<_> = SUITES.iter().map(|suite| suite.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SUITES.len());
    }
}
