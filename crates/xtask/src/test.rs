//! `cargo xtask test`: everything that is tested, on a machine that needs nothing prepared by hand.

mod evidence;
mod goals;
mod libtest;
mod postgres;
mod programs;
mod suites;

use std::{fmt, path::Path, process::Command, time::Instant};

use anyhow::Context as _;

use crate::{
    args::{Args, Usage},
    chance, demo, lint,
    machine::{self, Purpose},
    model, python,
    release::target_dir,
    shell::{run as run_command, say},
    ui,
};
use evidence::Evidence;
use libtest::{Outcome, Tally};
use postgres::Postgres;
use programs::Programs;
use suites::{SUITES, Suite};

/// What is to be tested, and how thoroughly.
pub(crate) struct Options {
    suite: Option<&'static Suite>,
    list: bool,
    deep: bool,
    seed: u64,
}

/// Something did not pass; it has been printed.
#[derive(Debug)]
pub(crate) struct Failed;

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("something did not pass")
    }
}

impl std::error::Error for Failed {}

/// The seed of the ordinary form: whether a change is sound must not depend on the draw. New numbers are for the long
/// form, and for whoever names one.
const SEED: u64 = 7;

impl Options {
    /// From the command line.
    pub(crate) fn read(mut args: Args) -> anyhow::Result<Self> {
        let name = args.option("--suite")?;
        let list = name.as_deref() == Some("list");
        let suite = match name.as_deref() {
            None | Some("list") => None,
            Some(name) => Some(suites::named(name).ok_or_else(|| {
                Usage(format!("There is no suite “{name}”; --suite list names them."))
            })?),
        };
        let deep = args.flag("--deep");
        let seed = match args.number("--seed")? {
            Some(seed) => seed,
            // Printed when something fails, so that `--seed` brings it back.
            None if deep => chance::number()?,
            None => SEED,
        };
        args.finish()?;
        Ok(Self { suite, list, deep, seed })
    }
}

/// The packages of the field that `crates/stats` is compared with.
pub(crate) const STATISTICS: &str = include_str!("../../stats/tests/requirements.txt");

/// Runs the tests; the last line says how many passed and how many failed.
pub(crate) fn run(root: &Path, options: &Options) -> anyhow::Result<()> {
    if options.list {
        for suite in SUITES {
            println!("{:<10} {}", suite.name, suite.about);
        }
        return Ok(());
    }
    machine::prepare(Purpose::Test)?;
    let target = target_dir(root)?;
    let evidence = Evidence::new(&target.join("evidence"), options.seed)?;
    let goals = goals::read(&root.join("tests/goals.toml"))?;
    let mut tally = Tally::default();
    let whole = options.suite.is_none();

    if whole {
        check(&mut tally, "formatting", &mut lint::format(root));
    }
    ui::build(root)?;
    if wants(options, suites::OIDC) {
        ui::install(&root.join("tests/oidc"))?;
    }
    say("building the tests");
    let programs = Programs::build(root)?;
    let models = model::fetch(&programs.hearback, &target)?;
    let statistics = suites::filters(options.suite, "hearback-stats")
        .map(|_| python::environment(&target.join("python-stats"), STATISTICS))
        .transpose()?;

    {
        let postgres = Postgres::start()?;
        let settings = |command: &mut Command| {
            command
                .env("TEST_POSTGRES_URL", postgres.url())
                .env("HEARBACK_BIN", &programs.hearback)
                .env("HEARBACK_MODELS", &models)
                .env("HEARBACK_TEST_SEED", options.seed.to_string())
                .env("PROPTEST_RNG_SEED", options.seed.to_string())
                .env("INSTA_UPDATE", "no");
            if let Some(python) = &statistics {
                command.env("HEARBACK_STATS_PYTHON", python);
            }
            if options.deep {
                command.env("HEARBACK_TEST_DEEP", "1");
            }
        };
        for program in &programs.tests {
            let filters = suites::filters(options.suite, &program.package);
            if let Some(filters) = filters {
                tally.add(program.run(&filters, options.deep, &settings)?);
            }
        }
        if whole {
            tally.add(programs::doc_tests(root, &settings)?);
        }
    }

    if wants(options, suites::UI) {
        let folder = root.join("crates/web/ui");
        say("user interface");
        tally.record(
            suites::UI,
            "types",
            outcome(&mut ui::npm(&folder, &["run", "--silent", "check"])),
        );
        tally.add(libtest::node(suites::UI, &mut ui::npm(&folder, &["test", "--silent"]))?);
    }
    if wants(options, suites::DEMO) {
        let way = demo::Options::for_test(&programs.hearback, target.join("demo-test"));
        let done = demo::run(root, &way).inspect_err(|error| eprintln!("{error:#}"));
        tally.record(
            suites::DEMO,
            "the whole loop",
            if done.is_ok() { Outcome::Passed } else { Outcome::Failed },
        );
    }
    if whole {
        check(&mut tally, "clippy", &mut lint::clippy(root));
        check(&mut tally, "documentation", &mut lint::documentation(root));
    }

    say("figures");
    let judged: Vec<&Suite> = SUITES
        .iter()
        .filter(|suite| options.suite.is_none_or(|one| one.name == suite.name))
        .collect();
    for suite in &judged {
        let figures = evidence
            .write(suite, &tally)
            .with_context(|| format!("the figures of “{}”", suite.name))?;
        for complaint in goals.judge(suite.name, options.deep, &figures) {
            println!("{complaint}");
            tally.record("goals", &complaint, Outcome::Failed);
        }
    }
    if whole {
        for name in goals.strangers(SUITES.iter().map(|suite| suite.name)) {
            tally.record(
                "goals",
                &format!("tests/goals.toml names “{name}”, which is no suite"),
                Outcome::Failed,
            );
        }
    }
    close(&tally, options.seed)
}

fn wants(options: &Options, suite: &str) -> bool {
    options.suite.is_none_or(|one| one.name == suite)
}

fn check(tally: &mut Tally, name: &str, command: &mut Command) {
    say(name);
    let since = Instant::now();
    tally.record(suites::STYLE, name, outcome(command));
    println!("{name}: {} s", since.elapsed().as_secs());
}

fn outcome(command: &mut Command) -> Outcome {
    match run_command(command) {
        Ok(()) => Outcome::Passed,
        Err(error) => {
            eprintln!("{error:#}");
            Outcome::Failed
        }
    }
}

fn close(tally: &Tally, seed: u64) -> anyhow::Result<()> {
    let failed: Vec<_> = tally.of(Outcome::Failed).collect();
    println!();
    for test in &failed {
        println!("failed: {test}");
    }
    if !failed.is_empty() {
        println!("seed: {seed}");
    }
    println!("{} passed, {} failed", tally.of(Outcome::Passed).count(), failed.len());
    if failed.is_empty() { Ok(()) } else { Err(Failed.into()) }
}
