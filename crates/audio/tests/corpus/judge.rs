//! Runs files through the child and holds what comes against what is expected.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use hearback_audio::{AudioError, sandbox::Runner};

use crate::{case::Case, expect::Answers, harness::print};

/// What came of one file.
struct Seen {
    answer: Option<Answers>,
    /// How long the sound is, if it is sound.
    ms: Option<u64>,
    wall: Duration,
    said: String,
}

/// What came of all files.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) files: usize,
    /// By class and answer.
    pub(crate) table: BTreeMap<(String, Answers), usize>,
    pub(crate) slowest: Duration,
    slowest_name: String,
    /// Files of which something else came, each in a line.
    pub(crate) wrong: Vec<String>,
}

pub(crate) fn runner() -> Runner {
    Runner::new(std::env::current_exe().expect("this very executable"))
}

fn run(case: &Case) -> Seen {
    let started = Instant::now();
    let mut heard = 0;
    let result = runner().decode(Box::new(case.body.clone()), &case.limits, &mut |block, _| {
        assert!(block.iter().all(|s| s.is_finite()), "a sample that is no number");
        heard += block.len() as u64;
        Ok(())
    });
    let wall = started.elapsed();
    let ms = result.as_ref().ok().map(|report| report.duration.get());
    let answer = Answers::of(&result).filter(|_| {
        result.as_ref().map_or(true, |report| report.frames == heard && report.peak.is_finite())
    });
    let said = match &result {
        Ok(report) => format!("{} ms {:?}", report.duration.get(), report.warnings),
        Err(AudioError::Refused(verdict)) => verdict.to_string(),
        Err(other) => format!("no answer: {other}"),
    };
    Seen { answer, ms, wall, said }
}

/// Runs a file, once more if it took too long: a busy machine is not the file's doing.
fn run_patiently(case: &Case) -> Seen {
    let first = run(case);
    if first.wall <= case.wall {
        return first;
    }
    let again = run(case);
    if again.wall < first.wall { again } else { first }
}

impl Tally {
    fn add(&mut self, class: &str, name: &str, case: &Case, seen: &Seen) {
        self.files += 1;
        if case.wall < Duration::from_mins(1) && seen.wall > self.slowest {
            (self.slowest, self.slowest_name) = (seen.wall, format!("{class}: {name}"));
        }
        let mut complain = |what: &str| {
            let expected = &case.expected;
            self.wrong.push(format!(
                "{class}: {name}: {what}: {} in {} ms, expected {} {:?}",
                seen.said,
                seen.wall.as_millis(),
                expected.answers,
                expected.ms
            ));
        };
        match seen.answer {
            None => complain("no answer"),
            Some(answer) => {
                if !case.expected.answers.has(answer) {
                    complain("another answer");
                } else if seen.ms.is_some_and(|ms| !case.expected.ms.contains(&ms)) {
                    complain("another length");
                }
                *self.table.entry((class.to_owned(), answer)).or_default() += 1;
            }
        }
        if seen.wall > case.wall {
            complain("too slow");
        }
    }

    /// The table of classes and answers, and what was wrong.
    pub(crate) fn show(&self) {
        let mut classes: BTreeMap<&str, String> = BTreeMap::new();
        let mut all: BTreeMap<Answers, usize> = BTreeMap::new();
        for ((class, answer), count) in &self.table {
            let line = classes.entry(class).or_default();
            let _ = write!(line, " {answer} {count},");
            *all.entry(*answer).or_default() += count;
        }
        for (class, line) in &classes {
            print(&format!("{class}:{}", line.trim_end_matches(',')));
        }
        let all: Vec<_> = all.iter().map(|(answer, count)| format!("{answer} {count}")).collect();
        print(&format!(
            "{} files of {} classes: {}; the slowest took {} ms ({})",
            self.files,
            classes.len(),
            all.join(", "),
            self.slowest.as_millis(),
            self.slowest_name
        ));
        for line in &self.wrong {
            print(&format!("wrong: {line}"));
        }
    }
}

/// Runs `count` files, as many at once as there are processors. `make` gives class, name and file, or nothing.
pub(crate) fn judge(
    count: usize,
    make: &(dyn Fn(usize) -> Option<(String, String, Case)> + Sync),
) -> Tally {
    let next = AtomicUsize::new(0);
    let tally = Mutex::new(Tally::default());
    let work = || {
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= count {
                return;
            }
            let Some((class, name, case)) = make(n) else { continue };
            let seen = run_patiently(&case);
            tally.lock().expect("no test holds it").add(&class, &name, &case, &seen);
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    tally.into_inner().expect("no test holds it")
}
