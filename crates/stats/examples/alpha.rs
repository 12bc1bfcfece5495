//! Alpha with its interval of resamples for scores on standard input, one recording a line (`3 4 . 2 3`, a dot for a
//! gap).
//!
//!     cargo run --release --example alpha -- 10000 2 < scores.txt

use std::{env, error::Error, io, num::NonZeroUsize};

use hearback_stats::{
    Ratings,
    alpha::Metric,
    bootstrap::{self, Bootstrap},
};

#[expect(clippy::print_stdout, reason = "the result")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let mut number = |otherwise: usize| {
        arguments.next().map_or(Ok(otherwise), |text| text.parse()).map(NonZeroUsize::new)
    };
    let resamples = number(10_000)?.ok_or("at least one resample")?;
    let threads = number(1)?.ok_or("at least one thread")?;
    let mut rows: Vec<Vec<Option<f64>>> = Vec::new();
    for line in io::stdin().lines() {
        rows.push(line?.split_whitespace().map(|cell| cell.parse().ok()).collect());
    }
    let ratings = Ratings::from_rows(rows.first().map_or(0, Vec::len), &rows)?;
    let how = Bootstrap { resamples, seed: 1, confidence: 0.95, threads };
    let drawn = bootstrap::alpha(&ratings, Metric::Ordinal, &how)?;
    println!("{drawn:?}");
    Ok(())
}
