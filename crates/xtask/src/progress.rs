//! A bar on a terminal; on anything else one line per tenth, so that a log stays readable.

use std::io::{self, IsTerminal as _, Write as _};

const WIDTH: usize = 32;

/// One piece of work on its way from 0 to 1000.
pub(crate) struct Bar {
    what: String,
    terminal: bool,
    shown: Option<u32>,
}

impl Bar {
    pub(crate) fn new(what: &str) -> Self {
        Self { what: what.to_owned(), terminal: io::stdout().is_terminal(), shown: None }
    }

    /// Names what is being done now, if that has changed.
    pub(crate) fn now(&mut self, what: &str) {
        if self.what != what {
            self.end();
            what.clone_into(&mut self.what);
        }
    }

    /// Shows how far it is.
    pub(crate) fn set(&mut self, permille: u32) {
        let permille = permille.min(1000);
        let step = if self.terminal { permille } else { permille / 100 };
        if self.shown == Some(step) {
            return;
        }
        self.shown = Some(step);
        if self.terminal {
            print!("\r{}", drawn(&self.what, permille));
        } else {
            println!("{:<24} {:>3} %", self.what, permille / 10);
        }
        // A bar that cannot be shown is no reason to stop the work.
        let _ = io::stdout().flush();
    }

    /// Leaves the bar as it is and goes to the next line.
    pub(crate) fn end(&mut self) {
        if self.terminal && self.shown.is_some() {
            println!();
        }
        self.shown = None;
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.end();
    }
}

fn drawn(what: &str, permille: u32) -> String {
    let full = permille as usize * WIDTH / 1000;
    format!("{what:<24} [{}{}] {:>3} %", "#".repeat(full), " ".repeat(WIDTH - full), permille / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_full_at_the_end_and_empty_at_the_start() {
        assert!(drawn("upload", 0).contains(&format!("[{}]   0 %", " ".repeat(WIDTH))));
        assert!(drawn("upload", 1000).contains(&format!("[{}] 100 %", "#".repeat(WIDTH))));
        assert_eq!(drawn("upload", 0).len(), drawn("upload", 555).len());
    }
}
