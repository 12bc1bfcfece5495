//! The figures as a picture: for each item a dot on a line from no agreement to all of it, with its interval.

use hearback_stats::{Interval, table::Line};

/// Alpha and the correlation of one item, side by side.
pub(super) struct Drawn {
    pub(super) name: String,
    /// Nothing where it is not defined.
    pub(super) alpha: Option<Mark>,
    pub(super) single: Option<Mark>,
}

/// A dot and the line of its interval, in hundredths of the picture's width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mark {
    pub(super) low: f64,
    pub(super) value: f64,
    pub(super) high: f64,
}

/// The picture: where its line begins, and what is on it.
pub(super) struct Picture {
    /// 0, −0.5 or −1: the first that leaves room for every value.
    pub(super) from: f64,
    /// Where zero lies, in hundredths of the width.
    pub(super) zero: f64,
    pub(super) rows: Vec<Drawn>,
}

impl Picture {
    /// From the lines of the table, with the items' names.
    pub(super) fn of<'a>(lines: impl Iterator<Item = (&'a str, &'a Line)> + Clone) -> Self {
        let figures = |line: &Line| {
            let alpha = line.alpha.as_ref().ok().map(|drawn| (drawn.value, drawn.percentile));
            let single = line.single.as_ref().ok().map(|icc| (icc.value, icc.interval));
            (alpha, single)
        };
        let values = lines.clone().flat_map(|(_, line)| {
            let (alpha, single) = figures(line);
            alpha.into_iter().chain(single).map(|(value, _)| value)
        });
        let lowest = values.fold(0.0_f64, f64::min);
        let from = [0.0, -0.5].into_iter().find(|from| *from <= lowest).unwrap_or(-1.0);
        let row = |(name, line): (&str, &Line)| {
            let (alpha, single) = figures(line);
            Drawn {
                name: name.to_owned(),
                alpha: alpha.map(|(value, ends)| mark(from, value, ends)),
                single: single.map(|(value, ends)| mark(from, value, ends)),
            }
        };
        Self { from, zero: place(from, 0.0), rows: lines.map(row).collect() }
    }
}

/// What lies beyond the line's beginning is drawn at its beginning.
fn mark(from: f64, value: f64, Interval { low, high }: Interval) -> Mark {
    Mark { low: place(from, low), value: place(from, value), high: place(from, high) }
}

fn place(from: f64, value: f64) -> f64 {
    let share = (value.clamp(from, 1.0) - from) / (1.0 - from);
    (share * 1_000.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_has_its_place_on_the_line() {
        let ends = Interval { low: -0.2, high: 0.75 };
        assert_eq!(mark(0.0, 0.5, ends), Mark { low: 0.0, value: 50.0, high: 75.0 });
        assert_eq!(mark(-0.5, 0.25, ends), Mark { low: 20.0, value: 50.0, high: 83.3 });
        assert!((place(-1.0, 0.0) - 50.0).abs() < 1e-9);
        assert!((place(0.0, 1.5) - 100.0).abs() < 1e-9);
    }
}
