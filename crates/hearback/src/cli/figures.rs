//! Commands that work on tables of numbers.

use std::{num::NonZeroUsize, path::PathBuf};

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct ReliabilityArgs {
    /// A table of comma-separated values with the columns recording, coder, skill and score; an empty score was not
    /// codable
    pub(crate) ratings: PathBuf,
    /// Krippendorff's alpha: the same or not, ranks, or differences
    #[arg(long, default_value = "ordinal")]
    pub(crate) metric: AlphaMetric,
    /// The intraclass correlation: each recording with its own coders, the same coders who have to agree, or who may
    /// differ by a constant
    #[arg(long, default_value = "agreement")]
    pub(crate) icc: IccForm,
    /// How often recordings are drawn again for alpha's interval
    #[arg(long, default_value = "10000", value_name = "N")]
    pub(crate) resamples: NonZeroUsize,
    /// The seed of these draws
    #[arg(long, default_value = "1", value_name = "N")]
    pub(crate) seed: u64,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum AlphaMetric {
    Nominal,
    Ordinal,
    Interval,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum IccForm {
    One,
    Agreement,
    Consistency,
}
