//! Progress bars, on standard error.

use std::time::Duration;

use hearback_audio::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// A bar that counts milliseconds of sound. Hidden where standard error is not a terminal.
pub(crate) fn of_sound(what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:<13} {wide_bar} {percent:>3} % {eta:>5}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::no_length().with_style(style).with_prefix(what);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Shows how far a decoding is.
pub(crate) fn show(bar: &ProgressBar, progress: Progress) {
    if let Some(of) = progress.of {
        bar.set_length(of.get().max(progress.done.get()));
    }
    bar.set_position(progress.done.get());
}
