//! Python packages that ours are held against, each set in an environment of its own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::shell::{program, run, say};

/// Makes an environment at `venv` with what `requirements` lists, unless it is there already; gives its interpreter.
pub(crate) fn environment(venv: &Path, requirements: &str) -> anyhow::Result<PathBuf> {
    let python = venv.join("bin/python");
    let done = venv.join("installed.txt");
    if !fs::read_to_string(&done).is_ok_and(|before| before == requirements) {
        say(&format!("Python packages in {}", venv.display()));
        run(program("python3", ["-m", "venv", "--clear"]).arg(venv))?;
        let asked = venv.join("requirements.txt");
        fs::write(&asked, requirements)?;
        run(program(&python, ["-m", "pip", "install", "--quiet", "-r"]).arg(&asked))?;
        fs::write(&done, requirements)?;
    }
    Ok(python)
}
