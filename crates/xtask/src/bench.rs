//! `cargo xtask bench audio`: ours beside ffmpeg, on the same files, in one run, by turns. [`speech`] and [`stats`] are
//! the other benches.
//!
//! What is timed of ours does more than what is timed of ffmpeg: `one pass` decodes and resamples in the sandboxed
//! child and makes the waveform, the loudness and the voice activity of what comes back; ffmpeg decodes and resamples.

mod cost;
mod material;
mod speech;
mod stats;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use anyhow::Context as _;
use serde_json::{Value, json};

use self::{cost::Cost, material::Material};
use crate::{
    args::{Args, Usage},
    machine::{self, Purpose},
    release::target_dir,
    shell::{cargo, output, program, run as run_command, say},
};

/// Which bench, and how it is to be run.
pub(crate) enum Bench {
    Audio(Options),
    Speech(speech::Options),
    Stats(stats::Options),
}

impl Bench {
    /// From the command line.
    pub(crate) fn read(mut args: Args) -> anyhow::Result<Self> {
        match args.command().as_deref() {
            Some("audio") => Options::read(args).map(Self::Audio),
            Some("speech") => speech::Options::read(args).map(Self::Speech),
            Some("stats") => stats::Options::read(args).map(Self::Stats),
            _ => Err(Usage("There are three benches: audio, speech and stats.".to_owned()).into()),
        }
    }

    /// Runs it.
    pub(crate) fn run(&self, root: &Path) -> anyhow::Result<()> {
        match self {
            Self::Audio(options) => run(root, options),
            Self::Speech(options) => speech::run(root, options),
            Self::Stats(options) => stats::run(root, options),
        }
    }
}

/// What is measured, and how often.
pub(crate) struct Options {
    minutes: u32,
    rounds: u32,
}

impl Options {
    fn read(mut args: Args) -> anyhow::Result<Self> {
        let minutes = args.number("--minutes")?.unwrap_or(60);
        let rounds = args.number("--rounds")?.unwrap_or(5);
        args.finish()?;
        if minutes == 0 || rounds == 0 {
            return Err(Usage("Nothing comes of nothing.".to_owned()).into());
        }
        Ok(Self { minutes, rounds })
    }
}

/// Ours first: what it is held against is the last.
const RUNNERS: [&str; 4] = ["one pass", "decode", "ffmpeg -threads 1", "ffmpeg"];
/// Against which of them the ratios are taken.
const PEER: usize = 3;

/// Makes the files that are not there yet, runs everything in turn, prints a table and leaves the figures behind.
fn run(root: &Path, options: &Options) -> anyhow::Result<()> {
    machine::prepare(Purpose::Test)?;
    let target = target_dir(root)?;
    let ours = build(root, &target)?;
    let folder = target.join(format!("bench/audio-{}", options.minutes));
    let files = material::make(&folder, options.minutes)?;

    let mut costs: BTreeMap<(usize, usize), Vec<Cost>> = BTreeMap::new();
    for round in 0..options.rounds {
        say(&format!("round {} of {}", round + 1, options.rounds));
        for (format, file) in files.iter().enumerate() {
            for (who, name) in RUNNERS.iter().enumerate() {
                let cost = cost::of(&mut command(who, &ours, &file.path))
                    .with_context(|| format!("{name} on {}", file.path.display()))?;
                println!("{:<10} {name:<18} {cost}", file.name);
                costs.entry((format, who)).or_default().push(cost);
            }
        }
    }

    let rows: Vec<Row> = files
        .iter()
        .enumerate()
        .map(|(format, file)| Row {
            file,
            costs: [0, 1, 2, 3].map(|who| costs.remove(&(format, who)).unwrap_or_default()),
        })
        .collect();
    print(&rows);
    let evidence = target.join("evidence/bench-audio.json");
    fs::create_dir_all(target.join("evidence"))?;
    fs::write(&evidence, serde_json::to_string_pretty(&figures(&rows, options))?)?;
    println!("\nfigures: {}", evidence.display());
    Ok(())
}

/// The two programs of ours, as they would be shipped.
fn build(root: &Path, target: &Path) -> anyhow::Result<[PathBuf; 2]> {
    say("the audio crate, as it is shipped");
    run_command(cargo(root).args([
        "build",
        "--locked",
        "--release",
        "--package",
        "hearback-audio",
        "--examples",
    ]))?;
    Ok(["onepass", "decode"].map(|name| target.join("release/examples").join(name)))
}

fn command(who: usize, ours: &[PathBuf; 2], file: &Path) -> Command {
    if let Some(program) = ours.get(who) {
        let mut command = Command::new(program);
        command.arg(file);
        return command;
    }
    let mut command = program("ffmpeg", ["-nostdin", "-v", "error"]);
    if who != PEER {
        command.args(["-threads", "1", "-filter_threads", "1"]);
    }
    command.arg("-i").arg(file);
    command.args(["-ac", "1", "-ar", "16000", "-f", "s16le", "-y", "/dev/null"]);
    command
}

/// One file, and what it cost whom in each round.
struct Row<'a> {
    file: &'a Material,
    costs: [Vec<Cost>; 4],
}

/// A figure of a run.
type Of = fn(&Cost) -> f64;

const FIGURES: [(&str, Of); 3] =
    [("wall", |c| c.wall), ("cpu", |c| c.cpu), ("memory", Cost::megabytes)];

impl Row<'_> {
    /// By how much `who` needs more than the peer: lowest, middle and highest of the rounds.
    fn ratio(&self, who: usize, of: Of) -> [f64; 3] {
        let pairs = self.costs[who].iter().zip(&self.costs[PEER]);
        spread(pairs.map(|(a, b)| of(a) / of(b).max(f64::MIN_POSITIVE)).collect())
    }

    fn figure(&self, who: usize, of: Of) -> [f64; 3] {
        spread(self.costs[who].iter().map(of).collect())
    }
}

/// Lowest, middle and highest.
fn spread(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    let at = |i: usize| values.get(i).copied().unwrap_or(f64::NAN);
    [at(0), at(values.len() / 2), at(values.len().saturating_sub(1))]
}

fn print(rows: &[Row<'_>]) {
    println!("\nmiddle of the rounds (lowest–highest); ratios are to ffmpeg, below 1 is less\n");
    println!(
        "{:<10} {:<18} {:>8} {:>8} {:>8}   {:<18} {:<18} {:<18}",
        "file", "who", "wall s", "cpu s", "MB", "wall ×", "cpu ×", "memory ×"
    );
    for row in rows {
        for (who, name) in RUNNERS.iter().enumerate() {
            let [wall, cpu, memory] = FIGURES.map(|(_, of)| row.figure(who, of)[1]);
            let ratios = FIGURES.map(|(_, of)| {
                let [low, middle, high] = row.ratio(who, of);
                format!("{middle:.2} ({low:.2}–{high:.2})")
            });
            println!(
                "{:<10} {name:<18} {wall:>8.2} {cpu:>8.2} {memory:>8.1}   {:<18} {:<18} {:<18}",
                row.file.name, ratios[0], ratios[1], ratios[2]
            );
        }
    }
}

fn figures(rows: &[Row<'_>], options: &Options) -> Value {
    let mut found = Vec::new();
    for row in rows {
        for (who, name) in RUNNERS.iter().enumerate() {
            let mut entry = json!({
                "file": row.file.name, "who": name, "bytes": row.file.bytes,
                "runs": row.costs[who].len(),
            });
            for (figure, of) in FIGURES {
                entry[figure] = json!(row.figure(who, of));
                entry[format!("{figure}_ratio")] = json!(row.ratio(who, of));
            }
            found.push(entry);
        }
    }
    let first_line = |text: String| text.lines().next().unwrap_or_default().to_owned();
    json!({
        "suite": "bench-audio",
        "minutes": options.minutes,
        "rounds": options.rounds,
        "cores": thread::available_parallelism().map_or(1, usize::from),
        "peer": output(&mut program("ffmpeg", ["-version"])).map(first_line).unwrap_or_default(),
        "units": "seconds, seconds, megabytes; each as lowest, middle, highest",
        "figures": found,
    })
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "nothing is rounded on the way")]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_between_the_ends() {
        assert_eq!(spread(vec![3.0, 1.0, 2.0]), [1.0, 2.0, 3.0]);
        assert_eq!(spread(vec![5.0]), [5.0; 3]);
        assert!(spread(vec![])[1].is_nan());
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        let cost = |wall: f64| Cost { wall, cpu: 1.0, memory: 1 };
        let file = Material { name: "wav", path: PathBuf::new(), bytes: 0 };
        let ours = vec![cost(1.0), cost(9.0), cost(2.0)];
        let peer = vec![cost(2.0), cost(3.0), cost(4.0)];
        let row = Row { file: &file, costs: [ours, vec![], vec![], peer] };
        assert_eq!(row.ratio(0, |c| c.wall), [0.5, 0.5, 3.0]);
    }
}
