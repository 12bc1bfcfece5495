//! A harness for test programs that are their own decoding child as well, and so cannot run under the usual one.
//!
//! It understands the few arguments with which test runners list and choose tests, and prints the lines that they read.

use std::time::Instant;

/// A test by its name.
pub(crate) type Test = (&'static str, fn());

/// Runs the tests that the arguments choose; ends the program with a failure if one fails.
pub(crate) fn run(tests: &[Test], args: &[String]) {
    let has = |flag: &str| args.iter().any(|a| a == flag);
    let mut failed = 0_u32;
    for (name, test) in chosen(tests, args) {
        if has("--list") {
            print(&format!("{name}: test"));
        } else {
            let started = Instant::now();
            let ok = std::panic::catch_unwind(test).is_ok();
            failed += u32::from(!ok);
            let word = if ok { "ok" } else { "FAILED" };
            print(&format!("test {name} ... {word} ({:.1} s)", started.elapsed().as_secs_f64()));
        }
    }
    if failed > 0 {
        std::process::exit(101);
    }
}

/// The tests that the arguments choose.
pub(crate) fn chosen<'a>(
    tests: &'a [Test],
    args: &'a [String],
) -> impl Iterator<Item = &'a Test> + 'a {
    let has = |flag: &str| args.iter().any(|a| a == flag);
    let (none, exact) = (has("--ignored"), has("--exact"));
    let wanted: Vec<&String> =
        args.iter().filter(|a| !a.starts_with('-') && *a != "terse").collect();
    tests.iter().filter(move |(name, _)| {
        let meant = |w: &&String| if exact { *w == name } else { name.contains(w.as_str()) };
        !none && (wanted.is_empty() || wanted.iter().any(meant))
    })
}

/// A line for whoever reads along.
#[expect(clippy::print_stdout, reason = "this is the test's harness")]
pub(crate) fn print(line: &str) {
    println!("{line}");
}
