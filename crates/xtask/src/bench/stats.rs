//! `cargo xtask bench stats`: alpha's intervals beside Python, on the same scores, in one run, by turns.
//!
//! What is timed of ours is the whole of `hearback reliability`: it reads the table, and besides alpha and its
//! intervals it works out the correlations, the pairs and the shares. Of Python's two ways only alpha is asked; what
//! stands as `seconds` leaves its start and its reading out.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::{
    cost::{self, Cost},
    spread,
};
use crate::{
    args::{Args, Usage},
    machine::{self, Purpose},
    python,
    release::target_dir,
    shell::{cargo, program, run as run_command, say},
    test::STATISTICS,
};

/// Python's part of it.
const SCRIPT: &str = include_str!("../../bench/alpha.py");

const CODERS: usize = 5;
const SKILLS: usize = 7;
/// The package is asked for so many times fewer resamples: it takes minutes.
const FEWER: u32 = 100;
/// By how much an end of an interval may differ: other draws, so its own chance. At 10,000 resamples of these scores
/// the ends have a standard deviation of some 0.0005.
const ALIKE: f64 = 0.004;

/// What is measured, and how often.
pub(crate) struct Options {
    recordings: u32,
    resamples: u32,
    rounds: u32,
}

impl Options {
    pub(super) fn read(mut args: Args) -> anyhow::Result<Self> {
        let recordings = args.number("--recordings")?.unwrap_or(1_000);
        let resamples = args.number("--resamples")?.unwrap_or(10_000);
        let rounds = args.number("--rounds")?.unwrap_or(5);
        args.finish()?;
        if recordings < 10 || resamples < FEWER || rounds == 0 {
            return Err(
                Usage(format!("At least 10 recordings, {FEWER} resamples and a round.")).into()
            );
        }
        Ok(Self { recordings, resamples, rounds })
    }
}

/// One way to the intervals.
struct Way {
    name: &'static str,
    /// How many times fewer resamples it is asked for.
    fewer: u32,
    costs: Vec<Cost>,
    /// Seconds of the drawing alone, where the program tells.
    inner: Vec<f64>,
}

/// Makes the scores, runs each way in turn, holds the intervals against each other and prints what each cost.
pub(super) fn run(root: &Path, options: &Options) -> anyhow::Result<()> {
    machine::prepare(Purpose::Test)?;
    let target = target_dir(root)?;
    let folder = target.join("bench/stats");
    fs::create_dir_all(&folder)?;
    say("the binary, as it is shipped");
    run_command(cargo(root).args(["build", "--locked", "--release", "--package", "hearback"]))?;
    let python = python::environment(&target.join("python-stats"), STATISTICS)?;
    let script = folder.join("alpha.py");
    fs::write(&script, SCRIPT)?;
    let table = folder.join("ratings.csv");
    fs::write(&table, scores(options.recordings))?;

    let mut ways = [("ours", 1), ("numpy", 1), ("package", FEWER)].map(|(name, fewer)| Way {
        name,
        fewer,
        costs: Vec::new(),
        inner: Vec::new(),
    });
    for round in 0..options.rounds {
        say(&format!("round {} of {}", round + 1, options.rounds));
        for way in &mut ways {
            let out = folder.join(format!("{}.json", way.name));
            let resamples = (options.resamples / way.fewer).to_string();
            let mut command = if way.name == "ours" {
                ours(&target, &table, &resamples, &out)
            } else {
                program(
                    &python,
                    [script.as_path(), way.name.as_ref(), &table, resamples.as_ref(), &out],
                )
            };
            let cost = cost::of(&mut command).with_context(|| way.name)?;
            println!("{:<8} {cost}", way.name);
            way.costs.push(cost);
            let told: Value = serde_json::from_slice(&fs::read(&out)?)?;
            way.inner.extend(told["seconds"].as_f64());
        }
    }
    let furthest = furthest(&folder)?;
    if furthest > ALIKE {
        bail!("the intervals differ by {furthest}: somebody is wrong");
    }
    print(&ways, options, furthest);
    leave(&target, &ways, options, furthest)
}

fn ours(target: &Path, table: &Path, resamples: &str, out: &Path) -> Command {
    // The command prints; a shell puts it into a file, as a person would.
    let mut command =
        program("sh", ["-c", "exec \"$0\" reliability \"$1\" --resamples \"$2\" --json > \"$3\""]);
    command.arg(target.join("release/hearback")).arg(table).arg(resamples).arg(out);
    command
}

/// Scores of five coders with gaps, of whom each hears three fifths of what is there: the same ones each time.
fn scores(recordings: u32) -> String {
    let mut state = 7_u64;
    // Knuth's constants for a linear congruential generator; only the upper bits are used.
    let mut below = |end: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % end
    };
    let mut text = String::from("recording,coder,skill,score\n");
    for skill in 0..SKILLS {
        for recording in 0..recordings {
            let own = 1 + below(5);
            for coder in 0..CODERS {
                let heard = if below(5) < 3 { own } else { 1 + below(5) };
                let score = if below(20) == 0 { String::new() } else { heard.to_string() };
                let _ = writeln!(text, "r{recording},c{coder},s{skill},{score}");
            }
        }
    }
    text
}

/// By how much an end of our intervals and numpy's differ at the most.
fn furthest(folder: &Path) -> anyhow::Result<f64> {
    let read = |name: &str| -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&fs::read(folder.join(name))?)?)
    };
    let (ours, theirs) = (read("ours.json")?, read("numpy.json")?);
    let mut furthest = 0.0_f64;
    let skills = ours["skills"].as_array().context("our skills")?;
    for skill in skills {
        let name = skill["skill"].as_str().context("a skill's name")?;
        for end in 0..2 {
            let end_of = |value: &Value| value[end].as_f64().context("an end of an interval");
            let apart = end_of(&skill["alpha"]["ci95"])? - end_of(&theirs["intervals"][name])?;
            furthest = furthest.max(apart.abs());
        }
    }
    if skills.len() == SKILLS { Ok(furthest) } else { bail!("{} skills", skills.len()) }
}

/// What a way took for all the resamples: on the clock from start to end, and of the drawing alone.
fn seconds(way: &Way) -> ([f64; 3], [f64; 3], [f64; 3]) {
    let times = f64::from(way.fewer);
    let of = |figure: fn(&Cost) -> f64| {
        spread(way.costs.iter().map(|cost| figure(cost) * times).collect())
    };
    (of(|c| c.wall), of(|c| c.cpu), spread(way.inner.iter().map(|s| s * times).collect()))
}

fn print(ways: &[Way], options: &Options, furthest: f64) {
    let Options { recordings, resamples, rounds } = options;
    println!(
        "\n{CODERS} coders, {recordings} recordings, {SKILLS} skills, {resamples} resamples; middle of {rounds} rounds (lowest–highest), seconds"
    );
    println!("intervals differ by {furthest:.4} at the most\n");
    println!("{:<8} {:<22} {:<22} {:<22}", "", "on the clock", "processor", "drawing alone");
    for way in ways {
        let (wall, cpu, inner) = seconds(way);
        let cell = |[low, middle, high]: [f64; 3]| {
            if middle.is_nan() {
                "–".to_owned()
            } else {
                format!("{middle:.2} ({low:.2}–{high:.2})")
            }
        };
        println!("{:<8} {:<22} {:<22} {:<22}", way.name, cell(wall), cell(cpu), cell(inner));
    }
    let [ours, rest @ ..] = ways else { return };
    for way in rest {
        let ratio = |of: fn(&Way) -> [f64; 3]| seconds(ours).0[1] / of(way)[1];
        println!(
            "ours, all of it, to {}: {:.3} × on the clock, {:.3} × of its drawing alone",
            way.name,
            ratio(|w| seconds(w).0),
            ratio(|w| seconds(w).2)
        );
    }
    println!("package: asked for {} resamples, times {FEWER}", resamples / FEWER);
}

fn leave(target: &Path, ways: &[Way], options: &Options, furthest: f64) -> anyhow::Result<()> {
    let figures: Vec<Value> = ways
        .iter()
        .map(|way| {
            let (wall, cpu, inner) = seconds(way);
            json!({ "who": way.name, "wall": wall, "cpu": cpu, "drawing": inner })
        })
        .collect();
    let evidence: PathBuf = target.join("evidence/bench-stats.json");
    fs::create_dir_all(target.join("evidence"))?;
    let all = json!({
        "suite": "bench-stats",
        "coders": CODERS, "recordings": options.recordings, "skills": SKILLS,
        "resamples": options.resamples, "rounds": options.rounds,
        "cores": thread::available_parallelism().map_or(1, usize::from),
        "furthest": furthest,
        "units": "seconds; each as lowest, middle, highest",
        "figures": figures,
    });
    fs::write(&evidence, serde_json::to_string_pretty(&all)?)?;
    println!("\nfigures: {}", evidence.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scores_are_the_same_each_time_and_have_gaps() {
        let text = scores(20);
        assert_eq!(text, scores(20));
        assert_eq!(text.lines().count(), 1 + 20 * CODERS * SKILLS);
        let empty = text.lines().filter(|line| line.ends_with(',')).count();
        assert!((10..100).contains(&empty), "{empty} of 700");
    }
}
