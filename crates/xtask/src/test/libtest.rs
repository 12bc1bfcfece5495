//! Reads what test runners print: one line per test, and a summary that has to agree with them.

use std::{
    fmt,
    io::{BufRead as _, BufReader, Read},
    process::{Command, Stdio},
};

use anyhow::Context as _;

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    Failed,
    Ignored,
}

/// One test, or one check that counts like a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Test {
    /// The package, or the kind of check.
    pub(super) package: String,
    pub(super) name: String,
    pub(super) outcome: Outcome,
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.package, self.name)
    }
}

/// Everything that has run so far.
#[derive(Debug, Default)]
pub(super) struct Tally(Vec<Test>);

impl Tally {
    /// Adds what a runner reported.
    pub(super) fn add(&mut self, tests: Vec<Test>) {
        self.0.extend(tests);
    }

    /// Adds one.
    pub(super) fn record(&mut self, package: &str, name: &str, outcome: Outcome) {
        self.0.push(Test { package: package.to_owned(), name: name.to_owned(), outcome });
    }

    /// Those that ended so.
    pub(super) fn of(&self, outcome: Outcome) -> impl Iterator<Item = &Test> {
        self.0.iter().filter(move |test| test.outcome == outcome)
    }
}

/// Runs a test program (or `cargo test --doc`), lets its lines through, and reads them.
///
/// A program without libtest's harness counts as one test, unless it prints libtest's lines.
pub(super) fn run(package: &str, target: &str, command: &mut Command) -> anyhow::Result<Vec<Test>> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not start the tests of {package}"))?;
    let mut report = read(package, child.stdout.take().context("no output to read")?)?;
    let status = child.wait()?;
    let explained = report.tests.iter().any(|test| test.outcome == Outcome::Failed);
    if !status.success() && !explained {
        report.add(
            package,
            &format!("{target} ended with {status}, and no test says why"),
            Outcome::Failed,
        );
    } else if report.announced == 0 && report.tests.is_empty() {
        report.add(package, target, Outcome::Passed);
    }
    Ok(report.tests)
}

/// What was read from a test program.
#[derive(Debug, Default)]
struct Report {
    tests: Vec<Test>,
    /// How often libtest said that it begins.
    announced: usize,
}

impl Report {
    fn add(&mut self, package: &str, name: &str, outcome: Outcome) {
        self.tests.push(Test { package: package.to_owned(), name: name.to_owned(), outcome });
    }
}

fn read(package: &str, output: impl Read) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let (mut said, mut summed, mut summaries) = (0, 0, 0);
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context("the tests' output broke off")?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        report.announced += usize::from(line.starts_with("running ") && line.contains(" test"));
        if let Some((name, outcome)) = test_line(&line) {
            said += usize::from(outcome != Outcome::Ignored);
            report.add(package, name, outcome);
        }
        if let Some(count) = summary(&line) {
            summed += count;
            summaries += 1;
        }
    }
    if summaries < report.announced {
        report.add(package, "a test program ended before its summary", Outcome::Failed);
    } else if summaries > 0 && said != summed {
        let name = format!("{said} tests were read, but the summary says {summed}");
        report.add(package, &name, Outcome::Failed);
    }
    Ok(report)
}

/// `test NAME ... ok`, also behind something that a child process wrote without ending its line.
fn test_line(line: &str) -> Option<(&str, Outcome)> {
    let (head, end) = line.rsplit_once(" ... ")?;
    let name = match head.strip_prefix("test ") {
        Some(name) => name,
        None => head.rsplit_once("test ")?.1,
    };
    let name = name.trim_end_matches(" - should panic");
    // A measured time may follow, as may the reason for ignoring.
    match end.split([' ', ',']).next()? {
        "ok" => Some((name, Outcome::Passed)),
        "FAILED" => Some((name, Outcome::Failed)),
        "ignored" => Some((name, Outcome::Ignored)),
        _ => None,
    }
}

/// How many tests the summary line counts as run.
fn summary(line: &str) -> Option<usize> {
    let counts = line.trim_start().strip_prefix("test result: ")?;
    let count = |what: &str| -> Option<usize> {
        counts
            .split([';', '.'])
            .find_map(|part| part.trim().strip_suffix(what)?.trim().parse().ok())
    };
    Some(count("passed")? + count("failed")?)
}

/// Runs node's test runner and reads its summary.
pub(super) fn node(package: &str, command: &mut Command) -> anyhow::Result<Vec<Test>> {
    let mut child = command.stdout(Stdio::piped()).spawn().context("could not start npm")?;
    let mut text = String::new();
    child.stdout.take().context("no output to read")?.read_to_string(&mut text)?;
    print!("{text}");
    let status = child.wait()?;
    let mut tests = Vec::new();
    for (word, outcome) in [("pass", Outcome::Passed), ("fail", Outcome::Failed)] {
        for n in 1..=node_count(&text, word) {
            tests.push(Test { package: package.to_owned(), name: format!("{word} {n}"), outcome });
        }
    }
    if !status.success() && node_count(&text, "fail") == 0 {
        tests.push(Test {
            package: package.to_owned(),
            name: format!("npm test ended with {status}"),
            outcome: Outcome::Failed,
        });
    }
    Ok(tests)
}

/// `# pass 12` or `ℹ pass 12`.
fn node_count(text: &str, word: &str) -> usize {
    text.lines()
        .filter_map(|line| {
            line.strip_prefix(['#', 'ℹ'])?.trim().strip_prefix(word)?.trim().parse::<usize>().ok()
        })
        .next_back()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
running 4 tests
test decode::wav ... ok
some server said: test clip::cut ... FAILED
test peaks::long ... ignored, takes an hour
test limits::deep - should panic ... ok
test limits::deep has been running for over 60 seconds

test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.10s
";

    #[test]
    fn every_line_is_read() {
        let tests = read("audio", OUTPUT.as_bytes()).unwrap().tests;
        let read: Vec<_> = tests.iter().map(|test| (test.name.as_str(), test.outcome)).collect();
        let expected = [
            ("decode::wav", Outcome::Passed),
            ("clip::cut", Outcome::Failed),
            ("peaks::long", Outcome::Ignored),
            ("limits::deep", Outcome::Passed),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn a_test_that_is_not_read_is_noticed() {
        let cut = OUTPUT.replace("test decode::wav ... ok\n", "");
        let tests = read("audio", cut.as_bytes()).unwrap().tests;
        assert!(tests.iter().any(|test| test.name.contains("the summary says 3")), "{tests:?}");
    }

    #[test]
    fn a_program_that_dies_or_leaves_early_is_a_failure() {
        let ended = |script: &str| {
            let mut command = Command::new("/bin/sh");
            run("audio", "sandbox", command.args(["-c", script])).unwrap()
        };
        let outcomes = |tests: &[Test]| tests.iter().map(|test| test.outcome).collect::<Vec<_>>();
        assert_eq!(outcomes(&ended("exit 1")), [Outcome::Failed]);
        let early = ended("echo 'running 2 tests'; echo 'test a ... ok'");
        assert_eq!(outcomes(&early), [Outcome::Passed, Outcome::Failed]);
        assert_eq!(outcomes(&ended("echo fine")), [Outcome::Passed], "no harness: one test");
        assert_eq!(ended("echo 'running 0 tests'; echo 'test result: ok. 0 passed; 0 failed'"), []);
    }

    #[test]
    fn nodes_summary_is_read() {
        assert_eq!(node_count("ℹ tests 5\nℹ pass 4\nℹ fail 1\n", "pass"), 4);
        assert_eq!(node_count("# tests 5\n# pass 4\n# fail 1\n", "fail"), 1);
        assert_eq!(node_count("nothing", "pass"), 0);
    }
}
