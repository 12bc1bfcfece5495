//! Louder or softer.

/// How much louder (or softer) sound is made.
///
/// What is made louder goes through a limiter, so that it stays below full scale without being cut off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gain {
    db: f64,
}

impl Gain {
    /// As it is.
    pub const NONE: Self = Self { db: 0.0 };

    /// So many decibels, at most 60 in either direction; what is no number changes nothing.
    pub fn from_db(db: f64) -> Self {
        Self { db: if db.is_nan() { 0.0 } else { db.clamp(-60.0, 60.0) } }
    }

    /// In decibels.
    pub const fn db(self) -> f64 {
        self.db
    }

    /// The factor by which samples are multiplied.
    pub fn factor(self) -> f64 {
        10_f64.powf(self.db / 20.0)
    }
}
