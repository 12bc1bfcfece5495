//! `cargo xtask bench speech`: ours beside whisper.cpp and faster-whisper, on the same sound with the same weights and
//! as many threads, in one run, by turns.
//!
//! whisper.cpp is the one that we are built with, and is given the whole file in one call, as its command-line tool
//! does. faster-whisper comes from the package index with its own fast libraries, in eight-bit numbers. Time is counted
//! from the loaded model to the last word; processor time and memory are those of the whole program.
//!
//! All take the likeliest next word (`--beam 1`), as ours always does. Whoever starts either of the others and says
//! nothing about it has five answers followed at once: `--beam 5` is what people get by hand.

mod material;
mod peers;
mod wer;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Value, json};

use self::{material::Material, peers::FasterWhisper};
use super::{
    cost::{self, Cost},
    spread,
};
use crate::{
    args::{Args, Usage},
    machine::{self, Purpose},
    release::target_dir,
    shell::{cargo, program, run as run_command, say},
};

/// What is measured, and how often.
pub(crate) struct Options {
    minutes: u32,
    rounds: u32,
    threads: u32,
    beam: u32,
    models: Vec<String>,
    also: Option<PathBuf>,
    only: Option<String>,
}

impl Options {
    /// From the command line.
    pub(super) fn read(mut args: Args) -> anyhow::Result<Self> {
        let options = Self {
            minutes: args.number("--minutes")?.unwrap_or(30),
            rounds: args.number("--rounds")?.unwrap_or(3),
            threads: args.number("--threads")?.unwrap_or(2),
            beam: args.number("--beam")?.unwrap_or(1),
            models: args
                .option("--models")?
                .unwrap_or_else(|| "tiny.en,base".to_owned())
                .split(',')
                .map(str::to_owned)
                .collect(),
            also: args.option("--also")?.map(PathBuf::from),
            only: args.option("--only")?,
        };
        args.finish()?;
        if [options.minutes, options.rounds, options.threads, options.beam].contains(&0) {
            return Err(Usage("Nothing comes of nothing.".to_owned()).into());
        }
        Ok(options)
    }
}

/// Ours first, then whisper.cpp; the rest are faster-whisper's modes.
const RUNNERS: [&str; 5] = ["ours", "whisper.cpp", "fw plain", "fw vad", "fw batched"];

/// One run of one of them.
struct Run {
    cost: Cost,
    /// From the loaded model to the last word.
    seconds: f64,
    text: String,
}

/// What each program leaves behind.
#[derive(Deserialize)]
struct Left {
    text: String,
    seconds: f64,
}

/// Everything that is run.
struct Bench {
    examples: PathBuf,
    models: PathBuf,
    faster: FasterWhisper,
    folder: PathBuf,
    /// Threads, and how many answers are followed at once.
    numbers: [u32; 2],
}

/// Sees to it that everything is there, runs everything in turn, prints a table and leaves the figures behind.
pub(super) fn run(root: &Path, options: &Options) -> anyhow::Result<()> {
    machine::prepare(Purpose::Bench)?;
    let target = target_dir(root)?;
    let folder = target.join("bench/speech");
    let bench = Bench {
        examples: build(root, &target)?,
        models: target.join("models"),
        faster: FasterWhisper::install(&folder)?,
        folder: folder.clone(),
        numbers: [options.threads, options.beam],
    };
    let sounds = material::make(&folder, options.minutes, options.also.as_deref())?;
    let wanted = |name: &str| options.only.as_deref().is_none_or(|only| name.starts_with(only));
    let sounds: Vec<Material> = sounds.into_iter().filter(|sound| wanted(&sound.name)).collect();
    let mut rows = Vec::new();
    for model in &options.models {
        let faster = bench.faster.model(&root.join("models/manifest.toml"), model)?;
        run_command(
            program(bench.examples.join("transcribe"), ["fetch", model]).arg(&bench.models),
        )?;
        for sound in &sounds {
            let mut runs: BTreeMap<usize, Vec<Run>> = BTreeMap::new();
            for round in 0..options.rounds {
                say(&format!("{}, {model}, round {}", sound.name, round + 1));
                for (who, name) in RUNNERS.iter().enumerate() {
                    let one = bench
                        .one(who, model, &faster, sound)
                        .with_context(|| format!("{name} on {}", sound.sound.display()))?;
                    println!("{name:<12} {:7.2} s of {}", one.seconds, one.cost);
                    let heard = format!("heard {model} {} {name}.txt", sound.name);
                    fs::write(folder.join(heard.replace(' ', "-")), &one.text)?;
                    runs.entry(who).or_default().push(one);
                }
            }
            rows.push(Row { model: model.clone(), sound, runs: runs.into_values().collect() });
        }
    }
    print(&rows);
    let evidence = target.join("evidence/bench-speech.json");
    fs::create_dir_all(target.join("evidence"))?;
    fs::write(&evidence, serde_json::to_string_pretty(&figures(&rows, options))?)?;
    println!("\nfigures: {}", evidence.display());
    Ok(())
}

/// The two programs of the speech crate, as they would be shipped; the folder in which they lie.
fn build(root: &Path, target: &Path) -> anyhow::Result<PathBuf> {
    say("the speech crate, as it is shipped");
    let build = ["build", "--locked", "--release", "--package", "hearback-speech", "--examples"];
    run_command(cargo(root).args(build))?;
    Ok(target.join("release/examples"))
}

impl Bench {
    fn one(&self, who: usize, model: &str, faster: &Path, sound: &Material) -> anyhow::Result<Run> {
        let result = self.folder.join("result.json");
        let _ = fs::remove_file(&result);
        let cost = cost::of(&mut self.command(who, model, faster, &sound.sound, &result))?;
        let left = fs::read_to_string(&result).context("it left no result")?;
        let Left { text, seconds } = serde_json::from_str(&left)?;
        Ok(Run { cost, seconds, text })
    }

    fn command(
        &self,
        who: usize,
        model: &str,
        faster: &Path,
        sound: &Path,
        result: &Path,
    ) -> Command {
        let [threads, beam] = self.numbers;
        match RUNNERS[who] {
            "ours" => {
                let mut command = program(self.examples.join("transcribe"), ["run", model]);
                // As the product sets it, and to whisper.cpp's advantage too.
                command.env("OMP_WAIT_POLICY", "passive");
                command.arg(&self.models).arg(sound).arg(threads.to_string()).arg(result);
                command
            }
            "whisper.cpp" => {
                let file = self.models.join(format!("ggml-{model}.bin"));
                let mut command = program(self.examples.join("whisper_cpp"), [file]);
                command.env("OMP_WAIT_POLICY", "passive");
                command.arg(sound).args([threads.to_string(), beam.to_string()]).arg(result);
                command
            }
            mode => {
                let mode = mode.trim_start_matches("fw ");
                self.faster.command(mode, faster, sound, self.numbers, result)
            }
        }
    }
}

/// One sound with one model, and what each made of it in each round.
struct Row<'a> {
    model: String,
    sound: &'a Material,
    runs: Vec<Vec<Run>>,
}

impl Row<'_> {
    /// Lowest, middle and highest of the rounds.
    fn figure(&self, who: usize, of: fn(&Run) -> f64) -> [f64; 3] {
        spread(self.runs[who].iter().map(of).collect())
    }

    /// Our seconds for each of theirs, round by round.
    fn ratio(&self, who: usize) -> [f64; 3] {
        let pairs = self.runs[0].iter().zip(&self.runs[who]);
        spread(pairs.map(|(ours, theirs)| ours.seconds / theirs.seconds).collect())
    }

    /// Word error rate of the last round; they are the same each time, or nearly.
    fn wer(&self, who: usize) -> Option<f64> {
        let said = wer::words(&self.sound.text);
        let heard = wer::words(&self.runs[who].last()?.text);
        (!said.is_empty()).then(|| wer::rate(&said, &heard))
    }
}

fn print(rows: &[Row<'_>]) {
    println!(
        "\nmiddle of the rounds; “ours ×” are our seconds for each of theirs, below 1 is less\n"
    );
    println!(
        "{:<8} {:<12} {:<12} {:>8} {:>7} {:>8} {:>8} {:>6}   ours ×",
        "model", "sound", "who", "wall s", "rtf", "cpu s", "MB", "WER"
    );
    for row in rows {
        for (who, name) in RUNNERS.iter().enumerate() {
            let wall = row.figure(who, |run| run.seconds)[1];
            let cpu = row.figure(who, |run| run.cost.cpu)[1];
            let memory = row.figure(who, |run| run.cost.megabytes())[1];
            let wer = row.wer(who).map_or_else(|| "–".to_owned(), |wer| format!("{wer:.2}"));
            let [low, middle, high] = row.ratio(who);
            println!(
                "{:<8} {:<12} {name:<12} {wall:>8.2} {:>7.4} {cpu:>8.1} {memory:>8.1} {wer:>6}   \
                 {middle:.2} ({low:.2}–{high:.2})",
                row.model,
                row.sound.name,
                wall / row.sound.seconds,
            );
        }
    }
}

fn figures(rows: &[Row<'_>], options: &Options) -> Value {
    let mut found = Vec::new();
    for row in rows {
        for (who, name) in RUNNERS.iter().enumerate() {
            found.push(json!({
                "model": row.model, "sound": row.sound.name, "length": row.sound.seconds, "who": name,
                "wall": row.figure(who, |run| run.seconds),
                "cpu": row.figure(who, |run| run.cost.cpu),
                "memory": row.figure(who, |run| run.cost.megabytes()),
                "ours_to_this": row.ratio(who),
                "wer": row.wer(who),
            }));
        }
    }
    json!({
        "suite": "bench-speech",
        "rounds": options.rounds,
        "threads": options.threads,
        "beam": options.beam,
        "cores": thread::available_parallelism().map_or(1, usize::from),
        "units": "seconds, seconds, megabytes, ratio: each as lowest, middle, highest; percent",
        "figures": found,
    })
}
