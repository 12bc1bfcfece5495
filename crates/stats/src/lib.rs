//! How far coders agree: numbers in, numbers or "not defined, because …" out.
//!
//! - [`Ratings`]: who gave which recording which score, gaps included. Everything below takes one.
//! - [`alpha`]: Krippendorff's alpha, for names, ranks and distances.
//! - [`icc`]: intraclass correlations with their F intervals.
//! - [`kappa`]: Cohen's kappa with quadratic weights, for one pair of coders.
//! - [`agreement`]: plain shares, and the gate for becoming a coder.
//! - [`bootstrap`]: intervals over recordings, seeded.
//! - [`timeline`]: agreement on where codes were put, then on which.
//! - [`table`]: the line that a table of reliability has for each skill.
//! - [`drift`]: whether a coder moves away from the others as time goes on.
//!
//! `hearback reliability` prints [`table`]s. The pages of the researcher's desk will show the rest: [`timeline`] and
//! [`drift`] are complete and tested, and wait for them.
//!
//! No time, no names, no I/O. Every method's source stands with it. Nothing here returns a number that is not one:
//! where a figure has no meaning, the answer is an [`Undefined`] whose sentence says why.

pub mod agreement;
pub mod alpha;
pub mod bootstrap;
pub mod drift;
mod f_distribution;
pub mod icc;
pub mod kappa;
mod ratings;
pub mod table;
pub mod timeline;
mod undefined;

pub use self::{
    ratings::{Ratings, RatingsError},
    undefined::Undefined,
};

/// A range that belongs to an estimate, both ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end. Below the lower one only for an ICC of a mean whose formula turns over (Spearman and Brown's, where
    /// one coder's lower end is below −1/(k−1)): it has no lower end then. Kept as the reference implementation prints it.
    pub high: f64,
}
