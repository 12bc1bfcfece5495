//! The cases that have names: files that people really send, and files that are known to have broken something.

mod bombs;
mod kinds;
mod lies;
mod small;

use crate::case::Case;

/// A case by its name.
pub(crate) struct Named {
    pub(crate) name: &'static str,
    /// Hours of sound, or what takes as long: only in the long form of the test.
    pub(crate) long: bool,
    pub(crate) make: fn() -> Case,
}

pub(crate) const fn named(name: &'static str, make: fn() -> Case) -> Named {
    Named { name, long: false, make }
}

pub(crate) const fn long(name: &'static str, make: fn() -> Case) -> Named {
    Named { name, long: true, make }
}

/// All of them, with the name of their class.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, &'static Named)> {
    [
        ("named: empty and tiny", small::CASES),
        ("named: lies", lies::CASES),
        ("named: bombs", bombs::CASES),
        ("named: kinds of file", kinds::CASES),
    ]
    .into_iter()
    .flat_map(|(class, cases)| cases.iter().map(move |case| (class, case)))
}
