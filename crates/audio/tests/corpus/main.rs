//! Files that are made to do harm, thousands of them, each with what has to come of it.
//!
//! A seeded generator spoils one sound in every form, in every way that is known here ([`cuts`], [`wraps`], [`damage`],
//! [`lies`]), and adds the cases that have names ([`named`]) and blind mutations ([`mutations`]). Every file goes
//! through the child process that the product uses; what comes back, when, and with how much memory, is held against
//! what is expected.
//!
//! This binary is also the child, and the program that runs it: it first makes the files, with ffmpeg, and then starts
//! itself again to judge them, so that ffmpeg's memory is not counted among the decoders'.

#![expect(clippy::cast_possible_truncation, reason = "small numbers of a test")]
#![expect(clippy::unnecessary_wraps, reason = "a class may have no file of a form")]

mod anatomy;
mod base;
mod case;
mod chance;
mod crashes;
mod cuts;
mod damage;
mod evidence;
mod expect;
mod fields;
#[path = "../harness/mod.rs"]
mod harness;
mod judge;
mod liar;
mod lies;
mod memory;
mod mutations;
mod named;
#[expect(dead_code, reason = "what came of a sound is not listened to here")]
#[path = "../signals/mod.rs"]
mod signals;
mod wraps;

use std::process::{Command, exit};

use hearback_audio::sandbox;
use serde_json::json;

use crate::{
    case::Class,
    chance::Chance,
    harness::{Test, print},
    judge::Tally,
};

const TESTS: &[Test] = &[
    ("corpus::every_spoilt_file_gets_its_answer", every_spoilt_file_gets_its_answer),
    ("corpus::every_named_case_gets_its_answer", every_named_case_gets_its_answer),
    ("corpus::blind_mutations_get_an_answer", blind_mutations_get_an_answer),
    ("corpus::whatever_a_child_says_the_parent_stands", whatever_a_child_says_the_parent_stands),
];

/// The argument with which this program judges.
const JUDGE: &str = "judge";

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some(sandbox::CHILD_ARG) => sandbox::child_main(),
        Some(liar::ARG) => liar::main(args.get(1).map_or("", String::as_str)),
        Some(JUDGE) => {
            crashes::listen();
            harness::run(TESTS, &args[1..]);
        }
        _ if args.iter().any(|a| a == "--list") => harness::run(TESTS, &args),
        _ if harness::chosen(TESTS, &args).next().is_none() => {}
        _ => exit(make_and_judge(&args)),
    }
}

fn make_and_judge(args: &[String]) -> i32 {
    let folder = tempfile::tempdir().expect("a temporary directory");
    base::make(folder.path());
    let judge = Command::new(std::env::current_exe().expect("this very executable"))
        .arg(JUDGE)
        .args(args)
        .env(base::FOLDER, folder.path())
        .status();
    judge.expect("this program starts").code().unwrap_or(1)
}

/// Whether the long form is asked for.
fn deep() -> bool {
    std::env::var_os("HEARBACK_TEST_DEEP").is_some()
}

/// The seed of what is drawn.
fn seed() -> u64 {
    let said = std::env::var("HEARBACK_TEST_SEED").ok();
    said.and_then(|text| text.parse().ok()).unwrap_or(20_261_122)
}

fn every_spoilt_file_gets_its_answer() {
    let lists = [cuts::CLASSES, wraps::CLASSES, damage::CLASSES, lies::CLASSES];
    let classes: Vec<&Class> = lists.into_iter().flatten().collect();
    let mut plan: Vec<(&Class, usize, usize)> = Vec::new();
    for class in &classes {
        for form in 0..base::forms().len() {
            // The ordinary form takes one of each.
            let variants = if deep() { class.variants } else { 1 };
            plan.extend((0..variants).map(|n| (*class, form, n)));
        }
    }
    let run = Run::begin();
    let tally = judge::judge(plan.len(), &|n| {
        let (class, form, variant) = plan[n];
        let form = &base::forms()[form];
        let mut chance = Chance::of(seed(), &[class.name, form.name], variant);
        let case = (class.make)(form, &mut chance, variant)?;
        Some((class.name.to_owned(), format!("{} {variant}", form.name), case))
    });
    evidence::add(&[
        ("classes", json!(classes.len())),
        ("forms", json!(base::forms().len())),
        ("files", json!(tally.files)),
        ("slowest_ms", json!(tally.slowest.as_millis() as u64)),
    ]);
    run.end("files", &tally);
}

fn every_named_case_gets_its_answer() {
    let cases: Vec<_> = named::all().filter(|(_, case)| deep() || !case.long).collect();
    let run = Run::begin();
    let tally = judge::judge(cases.len(), &|n| {
        let (class, case) = cases[n];
        Some((class.to_owned(), case.name.to_owned(), (case.make)()))
    });
    evidence::add(&[("named", json!(tally.files))]);
    run.end("named", &tally);
}

fn blind_mutations_get_an_answer() {
    let count = if deep() { 20_000 } else { 2_000 };
    let run = Run::begin();
    let tally = judge::judge(count, &|n| {
        let (form, case) = mutations::mutated(&mut Chance::of(seed(), &["mutation"], n));
        Some(("mutations".to_owned(), format!("{} {n}", form.name), case))
    });
    evidence::add(&[("mutations", json!(tally.files))]);
    run.end("mutations", &tally);
}

fn whatever_a_child_says_the_parent_stands() {
    let count: u64 = if deep() { 2_000 } else { 200 };
    let begun = memory::Watch::begin();
    let answers = (0..count).filter(|n| liar::hear(seed().wrapping_add(*n))).count();
    crashes::take();
    let memory = begun.end();
    print(&format!("{count} children that lied; {answers} of them passed for an answer"));
    memory.show();
    evidence::add(&[("liars", json!(count))]);
    memory.check(memory::GROWTH_MB);
}

/// Many files, and what they needed.
struct Run(memory::Watch);

impl Run {
    fn begin() -> Self {
        base::forms();
        crashes::take();
        Self(memory::Watch::begin())
    }

    /// Shows what came of them, and fails if it was not what had to.
    fn end(self, name: &str, tally: &Tally) {
        let memory = self.0.end();
        tally.show();
        memory.show();
        for (status, count) in crashes::take() {
            print(&format!("{count} children ended without an answer: {status}"));
        }
        evidence::add(&[
            (&format!("{name}_unexpected"), json!(tally.wrong.len())),
            (&format!("{name}_child_peak_mb"), json!(memory.children_mb)),
            (&format!("{name}_parent_growth_mb"), json!(memory.growth_mb)),
        ]);
        assert!(tally.wrong.is_empty(), "{} files got another answer", tally.wrong.len());
        let named = name == "named";
        memory.check(if named { memory::GROWTH_WITH_FILES_MB } else { memory::GROWTH_MB });
    }
}
