//! The command line: a command, then flags and options in any order.

use std::fmt;

/// The command line was not understood.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// What is left of the command line. Each reader takes what it knows; [`Args::finish`] refuses the rest.
pub(crate) struct Args(Vec<String>);

impl Args {
    pub(crate) fn new(words: impl IntoIterator<Item = String>) -> Self {
        Self(words.into_iter().collect())
    }

    /// The first word.
    pub(crate) fn command(&mut self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    /// Whether `--name` was given.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|word| word != name);
        self.0.len() < before
    }

    /// The value of `--name VALUE` or `--name=VALUE`.
    pub(crate) fn option(&mut self, name: &str) -> anyhow::Result<Option<String>> {
        let Some(at) = self.0.iter().position(|word| word.split('=').next() == Some(name)) else {
            return Ok(None);
        };
        let word = self.0.remove(at);
        match word.split_once('=') {
            Some((_, value)) => Ok(Some(value.to_owned())),
            None if at < self.0.len() => Ok(Some(self.0.remove(at))),
            None => Err(Usage(format!("{name} wants a value after it.")).into()),
        }
    }

    /// As [`Args::option`], for a number.
    pub(crate) fn number<N: std::str::FromStr>(&mut self, name: &str) -> anyhow::Result<Option<N>> {
        self.option(name)?
            .map(|value| value.parse().map_err(|_| Usage(format!("{name} wants a number.")).into()))
            .transpose()
    }

    /// Nothing may be left.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        match self.0.first() {
            None => Ok(()),
            Some(word) => Err(Usage(format!("“{word}” is not known here.")).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Args {
        Args::new(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn flags_and_options_come_in_any_order() {
        let mut a = args("test --deep --suite access --seed=7");
        assert_eq!(a.command().as_deref(), Some("test"));
        assert_eq!(a.option("--suite").unwrap().as_deref(), Some("access"));
        assert_eq!(a.number::<u64>("--seed").unwrap(), Some(7));
        assert!(a.flag("--deep"));
        assert!(!a.flag("--deep"), "taken once");
        a.finish().unwrap();
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert!(args("--sute access").finish().is_err());
        assert!(args("--suite").option("--suite").is_err());
        assert!(args("--seed x").number::<u64>("--seed").is_err());
    }
}
