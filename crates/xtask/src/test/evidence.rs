//! `target/evidence/NAME.json`: what each suite did, in figures.
//!
//! A test may write a file of that name itself, with figures of its own (`{"cases": 4096, "skew_p95_ms": 12}`); the
//! counts are added here.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use super::{
    libtest::{Outcome, Tally},
    suites::Suite,
};

/// The folder, emptied for this run.
pub(super) struct Evidence {
    folder: PathBuf,
    seed: u64,
}

impl Evidence {
    /// Makes the folder; what an earlier run left there proves nothing about this one.
    pub(super) fn new(folder: &Path, seed: u64) -> anyhow::Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)
                .with_context(|| format!("could not empty {}", folder.display()))?;
        }
        fs::create_dir_all(folder)
            .with_context(|| format!("could not make {}", folder.display()))?;
        Ok(Self { folder: folder.to_path_buf(), seed })
    }

    /// Completes and writes a suite's file; gives back its figures.
    pub(super) fn write(&self, suite: &Suite, tally: &Tally) -> anyhow::Result<Map<String, Value>> {
        let file = self.folder.join(suite.name).with_extension("json");
        let mut figures: Map<String, Value> = match fs::read_to_string(&file) {
            Ok(own) => serde_json::from_str(&own)
                .with_context(|| format!("{} is not an object", file.display()))?,
            Err(_) => Map::new(),
        };
        let count = |outcome| tally.of(outcome).filter(|test| suite.holds(test)).count();
        let failed = count(Outcome::Failed);
        let tests = count(Outcome::Passed) + failed;
        figures.insert("suite".into(), json!(suite.name));
        figures.insert("tests".into(), json!(tests));
        figures.insert("failed".into(), json!(failed));
        figures.insert("seed".into(), json!(self.seed));
        figures.entry("cases").or_insert(json!(tests));
        fs::write(&file, serde_json::to_string_pretty(&figures)?)
            .with_context(|| format!("{}", file.display()))?;
        Ok(figures)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::suites::named, *};

    #[test]
    fn a_suites_own_figures_stay_and_the_counts_are_ours() {
        let folder = std::env::temp_dir().join(format!("xtask-evidence-{}", std::process::id()));
        let evidence = Evidence::new(&folder, 7).unwrap();
        let own = r#"{"cases": 4096, "skew_p95_ms": 12, "failed": 0}"#;
        fs::write(folder.join("kill.json"), own).unwrap();
        let mut tally = Tally::default();
        tally.record("tests", "kill::a", Outcome::Passed);
        tally.record("tests", "kill::b", Outcome::Failed);
        tally.record("tests", "browser::c", Outcome::Passed);
        let kill = Value::Object(evidence.write(named("kill").unwrap(), &tally).unwrap());
        assert_eq!(kill["cases"], 4096);
        assert_eq!(kill["skew_p95_ms"], 12);
        assert_eq!(
            (&kill["tests"], &kill["failed"], &kill["seed"]),
            (&json!(2), &json!(1), &json!(7))
        );
        let browser = evidence.write(named("browser").unwrap(), &tally).unwrap();
        assert_eq!(browser["cases"], 1);
        Evidence::new(&folder, 8).unwrap();
        assert!(folder.read_dir().unwrap().next().is_none(), "an earlier run proves nothing");
        fs::remove_dir_all(&folder).unwrap();
    }
}
