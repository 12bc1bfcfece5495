//! Our figures beside those of the packages that researchers use, on random data sets; and beside printed ones.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
    thread,
};

use hearback_stats::{
    Ratings, Undefined,
    alpha::{Metric, alpha},
    icc::{Form, Variances},
    kappa,
};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

/// How near is equal: nine digits.
const NEAR: f64 = 1e-9;
const SETS: usize = 600;

/// One random data set: 2 to 6 coders, 5 to 200 recordings, with ties, gaps, and sometimes a coder who never changes.
struct Set {
    coders: usize,
    levels: Vec<f64>,
    rows: Vec<Vec<Option<f64>>>,
}

impl Set {
    fn draw(random: &mut ChaCha8Rng, number: usize) -> Self {
        let mut below = |end: u32| random.next_u32() % end;
        let coders = 2 + below(5) as usize;
        let recordings = 5 + below(196);
        let steps = 2 + below(5);
        let half = below(4) == 0;
        let gaps = [0, 0, 5, 20, 60][below(5) as usize];
        // How much of a score is the recording's own.
        let signal = below(101);
        let constant = (below(6) == 0).then(|| below(6) as usize);
        let same = number.is_multiple_of(50);
        let scale = if half { 0.5 } else { 1.0 };
        let rows = (0..recordings).map(|_| {
            let own = below(steps);
            let row = (0..coders).map(|coder| {
                let step = if below(100) < signal { own } else { below(steps) };
                let step = if same || constant == Some(coder) { 1 } else { step };
                (below(100) >= gaps).then(|| 1.0 + f64::from(step) * scale)
            });
            row.collect()
        });
        let rows = rows.collect();
        let levels = (0..steps.max(2)).map(|step| 1.0 + f64::from(step) * scale).collect();
        Self { coders, levels, rows }
    }
}

/// A figure that neither has, or that both have alike.
fn agree(what: &str, ours: Result<f64, Undefined>, theirs: &Value) -> f64 {
    match (ours, theirs.as_f64()) {
        (Ok(ours), Some(theirs)) => {
            let off = (ours - theirs).abs() / theirs.abs().max(1.0);
            assert!(off < NEAR, "{what}: {ours} is not {theirs}");
            off
        }
        (Err(_), None) => 0.0,
        (ours, theirs) => panic!("{what}: {ours:?} is not {theirs:?}"),
    }
}

#[test]
fn random_data_sets_give_what_the_packages_of_the_field_give() {
    let python = env::var_os("HEARBACK_STATS_PYTHON")
        .expect("HEARBACK_STATS_PYTHON names a Python with tests/requirements.txt (`cargo xtask test` makes one)");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/references.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let sets: Vec<Set> = (0..SETS).map(|number| Set::draw(&mut random, number)).collect();
    let lines =
        sets.iter().map(|set| json!({ "rows": set.rows, "levels": set.levels }).to_string());
    let asked = lines.collect::<Vec<_>>().join("\n");
    let mut stdin = child.stdin.take().expect("a pipe");
    let writer = thread::spawn(move || stdin.write_all(asked.as_bytes()));
    let answers = BufReader::new(child.stdout.take().expect("a pipe"));

    let (mut compared, mut undefined, mut furthest) = (0, 0, 0.0_f64);
    let mut answered = 0;
    for (number, (set, answer)) in sets.iter().zip(answers.lines()).enumerate() {
        answered += 1;
        let theirs: Value = serde_json::from_str(&answer.expect("a line")).expect("JSON");
        let ratings = Ratings::from_rows(set.coders, &set.rows).expect("scores");
        let mut note = |what: &str, ours: Result<f64, Undefined>, theirs: &Value| {
            furthest = furthest.max(agree(&format!("set {number}, {what}"), ours, theirs));
            compared += 1;
            undefined += usize::from(ours.is_err());
        };
        let metrics = [Metric::Nominal, Metric::Ordinal, Metric::Interval];
        for (metric, theirs) in metrics.into_iter().zip(theirs["alpha"].as_array().expect("three"))
        {
            note(metric.as_str(), alpha(&ratings, metric), theirs);
        }
        note("kappa", kappa::quadratic(&ratings, 0, 1), &theirs["kappa"]);
        let Some(correlations) = theirs["icc"].as_array() else { continue };
        let variances = Variances::new(&ratings);
        for (form, theirs) in Form::ALL.into_iter().zip(correlations) {
            let ours = variances.and_then(|variances| variances.icc(form, 0.95));
            // Where it divides by an error of nothing the package has a value without its interval; ours has both.
            if theirs[0].is_number() && theirs[1].is_null() {
                note(form.as_str(), ours.map(|icc| icc.value), &theirs[0]);
                continue;
            }
            note(form.as_str(), ours.map(|icc| icc.value), &theirs[0]);
            note("lower end", ours.map(|icc| icc.interval.low), &theirs[1]);
            note("upper end", ours.map(|icc| icc.interval.high), &theirs[2]);
        }
    }
    writer.join().expect("a thread").expect("everything was asked");
    assert!(child.wait().expect("Python ends").success());
    assert_eq!(answered, SETS);
    leave(
        &json!({ "sets": SETS, "figures": compared, "not_defined": undefined, "furthest": furthest }),
    );
}

/// Leaves the figures in `target/evidence/stats.json`; `tests/goals.toml` holds the least that each has to reach.
fn leave(figures: &Value) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/evidence");
    fs::create_dir_all(&dir).expect("a folder below target");
    fs::write(dir.join("stats.json"), figures.to_string()).expect("a file below target");
}
