//! `reliability`: how far coders agree, from a table of scores.

use std::{
    fmt::{self, Write as _},
    fs::File,
    io::{self, Write as _},
    num::NonZeroUsize,
    thread,
};

use anyhow::Context as _;
use hearback_stats::{
    Interval, Ratings, Undefined,
    agreement::Share,
    alpha::Metric,
    bootstrap::Bootstrap,
    icc::{Form, Icc},
    table::{Choice, Line},
};
use serde_json::{Value, json};

use crate::{
    cli::{AlphaMetric, IccForm, ReliabilityArgs},
    failure::Failure,
};

/// Where a programme gives no other.
const CONFIDENCE: f64 = 0.95;

pub(crate) fn run(args: &ReliabilityArgs) -> Result<(), Failure> {
    let file =
        File::open(&args.ratings).with_context(|| format!("opening {}", args.ratings.display()))?;
    let skills = read(file)?;
    let choice = choice(args);
    let lines: Vec<(&Skill, Line)> = skills
        .iter()
        .map(|skill| Ok((skill, Line::of(&skill.ratings()?, &choice))))
        .collect::<Result<_, Failure>>()?;
    let mut out = io::stdout().lock();
    if args.json {
        let skills: Vec<Value> =
            lines.iter().map(|(skill, line)| to_json(skill, line, &choice)).collect();
        let seed = choice.bootstrap.seed;
        let resamples = choice.bootstrap.resamples;
        writeln!(out, "{}", json!({ "skills": skills, "resamples": resamples, "seed": seed }))?;
    } else {
        out.write_all(to_text(&lines, &choice).as_bytes())?;
    }
    Ok(())
}

fn choice(args: &ReliabilityArgs) -> Choice {
    let (single, average) = match args.icc {
        IccForm::One => (Form::One, Form::OneMean),
        IccForm::Agreement => (Form::Agreement, Form::AgreementMean),
        IccForm::Consistency => (Form::Consistency, Form::ConsistencyMean),
    };
    let metric = match args.metric {
        AlphaMetric::Nominal => Metric::Nominal,
        AlphaMetric::Ordinal => Metric::Ordinal,
        AlphaMetric::Interval => Metric::Interval,
    };
    let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let bootstrap =
        Bootstrap { resamples: args.resamples, seed: args.seed, confidence: CONFIDENCE, threads };
    Choice { metric, single, average, bootstrap }
}

/// One skill's scores, in the order in which names first come.
#[derive(Default)]
struct Skill {
    name: String,
    coders: Vec<String>,
    recordings: Vec<String>,
    /// Recording, coder, score.
    scores: Vec<(usize, usize, Option<f64>)>,
}

impl Skill {
    fn ratings(&self) -> Result<Ratings, Failure> {
        let mut rows = vec![vec![None; self.coders.len()]; self.recordings.len()];
        for (recording, coder, score) in &self.scores {
            rows[*recording][*coder] = *score;
        }
        Ok(Ratings::from_rows(self.coders.len(), &rows)?)
    }
}

/// Reads the long table: a line of headings, then one score a line.
fn read(file: impl io::Read) -> Result<Vec<Skill>, Failure> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let headings = reader.headers().map_err(|error| no_table(&error))?.clone();
    let column = |name: &str| {
        let same =
            |heading: &str| heading.trim_start_matches('\u{feff}').eq_ignore_ascii_case(name);
        headings.iter().position(same).ok_or_else(|| {
            Failure::BadInput(format!(
                "The table has no column `{name}`; its first line names the columns recording, coder, skill and score."
            ))
        })
    };
    let (recording, coder) = (column("recording")?, column("coder")?);
    let (skill, score) = (column("skill")?, column("score")?);
    let mut skills: Vec<Skill> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for row in reader.records() {
        let row = row.map_err(|error| no_table(&error))?;
        let line = row.position().map_or(0, csv::Position::line);
        let cell = |column: usize| row.get(column).unwrap_or_default();
        let score = parse(cell(score)).map_err(|()| {
            let text = cell(score);
            Failure::BadInput(format!(
                "Line {line}: `{text}` is no score; write a number with a point, or leave it empty where it was not codable."
            ))
        })?;
        let at = index(
            &mut skills,
            cell(skill),
            |skill| &skill.name,
            |name| Skill { name, ..Skill::default() },
        );
        let skill = &mut skills[at];
        let recording = index(&mut skill.recordings, cell(recording), |name| name, |name| name);
        let coder = index(&mut skill.coders, cell(coder), |name| name, |name| name);
        if !seen.insert((at, recording, coder)) {
            return Err(Failure::BadInput(format!(
                "Line {line}: this coder already has a score for this skill of this recording; keep one of them."
            )));
        }
        skill.scores.push((recording, coder, score));
    }
    if skills.is_empty() {
        return Err(Failure::BadInput("The table has no scores.".to_owned()));
    }
    Ok(skills)
}

/// The place of a name, which is added at the end if it is new.
fn index<T>(
    list: &mut Vec<T>,
    name: &str,
    of: impl Fn(&T) -> &String,
    new: impl Fn(String) -> T,
) -> usize {
    list.iter().position(|item| of(item) == name).unwrap_or_else(|| {
        list.push(new(name.to_owned()));
        list.len() - 1
    })
}

/// A score, or none where it was not codable; an error if it is neither.
fn parse(text: &str) -> Result<Option<f64>, ()> {
    if text.is_empty() {
        return Ok(None);
    }
    let score = text.parse::<f64>().map_err(drop)?;
    if score.is_finite() { Ok(Some(score)) } else { Err(()) }
}

fn no_table(error: &csv::Error) -> Failure {
    Failure::BadInput(format!("That is no table of comma-separated values: {error}."))
}

fn to_json(skill: &Skill, line: &Line, choice: &Choice) -> Value {
    let mean = |(coder, mean): (&String, &Option<f64>)| json!({ "coder": coder, "mean": mean });
    let coders: Vec<Value> = skill.coders.iter().zip(&line.means).map(mean).collect();
    let icc = |form: Form, icc: &Result<Icc, Undefined>| match icc {
        Ok(icc) => json!({ "form": form.as_str(), "value": icc.value, "ci95": ends(icc.interval) }),
        Err(why) => {
            json!({ "form": form.as_str(), "value": null, "ci95": null, "not_defined": why.to_string() })
        }
    };
    let metric = choice.metric.as_str();
    let alpha = match &line.alpha {
        Ok(drawn) => json!({
            "metric": metric, "value": drawn.value, "ci95": ends(drawn.percentile),
            "ci95_bca": drawn.bca.map(ends), "resamples_without_value": drawn.undefined,
        }),
        Err(why) => {
            json!({ "metric": metric, "value": null, "ci95": null, "not_defined": why.to_string() })
        }
    };
    let pairs: Vec<Value> = line
        .pairs
        .iter()
        .map(|pair| {
            json!({
                "coders": [skill.coders[pair.coders.0], skill.coders[pair.coders.1]],
                "kappa_quadratic": pair.kappa.ok(), "n": pair.exact.all,
                "exact": pair.exact.fraction(), "within_one": pair.within_one.fraction(),
            })
        })
        .collect();
    json!({
        "skill": skill.name, "n_recordings": line.recordings, "n_complete": line.complete,
        "n_missing": line.missing, "coders": coders, "alpha": alpha,
        "icc": { "single": icc(choice.single, &line.single), "average": icc(choice.average, &line.average) },
        "exact": line.exact.fraction(), "within_one": line.within_one.fraction(),
        "pairs": pairs, "narrow": line.narrow,
    })
}

fn ends(interval: Interval) -> [f64; 2] {
    [interval.low, interval.high]
}

/// For people: a block for each skill.
fn to_text(lines: &[(&Skill, Line)], choice: &Choice) -> String {
    let mut text = String::new();
    for (skill, line) in lines {
        // Writing into a string does not fail.
        let _ = block(&mut text, skill, line, choice);
    }
    let Bootstrap { resamples, seed, .. } = choice.bootstrap;
    let _ = writeln!(
        text,
        "Intervals are for 95 %. Alpha's are from {resamples} resamples of recordings, seed {seed}."
    );
    text
}

fn block(text: &mut String, skill: &Skill, line: &Line, choice: &Choice) -> fmt::Result {
    writeln!(text, "{}", skill.name)?;
    writeln!(
        text,
        "  {} recordings, {} coders, {} missing; all coders scored {}",
        line.recordings,
        skill.coders.len(),
        line.missing,
        line.complete
    )?;
    for (coder, mean) in skill.coders.iter().zip(&line.means) {
        match mean {
            Some(mean) => writeln!(text, "  mean of {coder}: {mean:.2}")?,
            None => writeln!(text, "  mean of {coder}: nothing scored")?,
        }
    }
    let name = format!("alpha ({})", choice.metric.as_str());
    figure(text, &name, line.alpha.map(|drawn| (drawn.value, drawn.percentile)))?;
    for (form, icc) in [(choice.single, line.single), (choice.average, line.average)] {
        figure(text, form.as_str(), icc.map(|icc| (icc.value, icc.interval)))?;
    }
    share(text, "the same score", line.exact)?;
    share(text, "within 1", line.within_one)?;
    if line.narrow {
        writeln!(
            text,
            "  Nine of ten scores lie on two neighbouring steps. Alpha and ICC compare disagreement with differences between\n  \
             recordings; with so few of these they come out low however well coders agree. Read `within 1` beside them."
        )?;
    }
    writeln!(text)
}

fn figure(text: &mut String, name: &str, value: Result<(f64, Interval), Undefined>) -> fmt::Result {
    match value {
        Ok((value, Interval { low, high })) if low > high => {
            writeln!(text, "  {name}: {value:.3} (no lower end; up to {high:.3})")
        }
        Ok((value, Interval { low, high })) => {
            writeln!(text, "  {name}: {value:.3} ({low:.3} to {high:.3})")
        }
        Err(why) => writeln!(text, "  {name}: not defined, because {why}"),
    }
}

fn share(text: &mut String, name: &str, share: Share) -> fmt::Result {
    match share.fraction() {
        Some(fraction) => {
            let Share { of_them, all } = share;
            writeln!(
                text,
                "  {name}: {:.1} % ({of_them} of {all} pairs of scores)",
                fraction * 100.0
            )
        }
        None => writeln!(text, "  {name}: not defined, because {}", Undefined::NoPairs),
    }
}
