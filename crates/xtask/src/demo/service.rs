//! The service of the demo: its folder, its keys, and the running process.

use std::{
    env, fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use super::client::Client;
use crate::shell::{dies_with_us, run};

/// What to do with what an earlier demo left.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Start from nothing.
    Nothing,
    /// Go on with it, if it got to its end.
    What,
}

/// Where the demo lives: data, and the key file outside the data.
pub(crate) struct Home {
    binary: PathBuf,
    folder: PathBuf,
    models: PathBuf,
    new: bool,
}

impl Home {
    /// Makes the folder and the keys.
    pub(crate) fn make(
        binary: &Path,
        folder: &Path,
        models: &Path,
        keep: Keep,
    ) -> anyhow::Result<Self> {
        let home = Self {
            binary: binary.to_path_buf(),
            folder: folder.to_path_buf(),
            models: models.to_path_buf(),
            new: !(keep == Keep::What && folder.join("complete").is_file()),
        };
        if home.new {
            if folder.exists() {
                // Only what a demo made may be thrown away: the folder is named on the command line.
                if !folder.join("demo").is_file() {
                    bail!("{} was not made by a demo; choose another folder.", folder.display());
                }
                fs::remove_dir_all(folder)
                    .with_context(|| format!("could not empty {}", folder.display()))?;
            }
            fs::create_dir_all(folder)
                .with_context(|| format!("could not make {}", folder.display()))?;
            fs::write(
                folder.join("demo"),
                "Made by cargo xtask demo; thrown away by the next one.\n",
            )?;
            run(home.hearback(&["init"]).stdout(Stdio::null()))?;
        }
        Ok(home)
    }

    /// Whether nothing is in it yet.
    pub(crate) fn is_new(&self) -> bool {
        self.new
    }

    /// Notes that everything is in place, so that it can be kept.
    pub(crate) fn note_complete(&self) -> anyhow::Result<()> {
        fs::write(self.folder.join("complete"), "")
            .context("could not note that the demo is complete")
    }

    /// Where the logins are noted.
    pub(crate) fn logins(&self) -> PathBuf {
        self.folder.join("logins.json")
    }

    /// The binary with the demo's settings.
    pub(crate) fn hearback(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        self.settings(&mut command);
        command.args(words).stdin(Stdio::null());
        command
    }

    /// The demo's settings, and none that somebody has set for a service of their own.
    fn settings(&self, command: &mut Command) {
        let others = env::vars_os().map(|(name, _)| name);
        for name in others.filter(|name| name.to_string_lossy().starts_with("HEARBACK_")) {
            command.env_remove(name);
        }
        command
            .env("HEARBACK_DATA", self.folder.join("data"))
            .env("HEARBACK_KEY_FILE", self.folder.join("key/master.key"))
            .env("HEARBACK_MODELS", &self.models);
    }
}

/// A running `hearback serve`; stopped when dropped.
pub(crate) struct Service {
    child: Child,
    address: String,
}

impl Service {
    /// Starts it on this machine alone and waits until it answers.
    pub(crate) fn start(home: &Home, port: u16) -> anyhow::Result<Self> {
        let port = free(port)?;
        let log = home.folder.join("service.log");
        let mut command = dies_with_us("TERM", &home.binary);
        home.settings(&mut command);
        let child = command
            .args(["serve", "--listen", &format!("{}:{port}", Ipv4Addr::LOCALHOST)])
            // Everybody in the demo signs in with the passphrase that is shown.
            .args(["--second-factor", "off"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log)?)
            .spawn()
            .context("could not start the service")?;
        let mut service = Self { child, address: format!("http://localhost:{port}") };
        service.answers().with_context(|| format!("its log is {}", log.display()))?;
        Ok(service)
    }

    /// Where a browser finds it.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Until it ends by itself, or by the Ctrl-C that ends us too.
    pub(crate) fn wait(&mut self) -> anyhow::Result<()> {
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { bail!("the service ended with {status}") }
    }

    fn answers(&mut self) -> anyhow::Result<()> {
        const PATIENCE: Duration = Duration::from_mins(1);
        let since = Instant::now();
        let client = Client::new(&self.address);
        while since.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                bail!("the service ended at once with {status}");
            }
            if client.is_there() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
        bail!("the service did not answer within a minute")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already; there is nobody left to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The port, if nobody sits on it, otherwise any free one.
fn free(port: u16) -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .context("no free port on this machine")?;
    Ok(listener.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_left_alone() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert_ne!(free(port).unwrap(), port);
    }

    #[test]
    fn a_folder_that_no_demo_made_is_not_thrown_away() {
        let folder = env::temp_dir().join(format!("xtask-home-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("letter.txt"), "precious").unwrap();
        assert!(Home::make(Path::new("/bin/true"), &folder, &folder, Keep::Nothing).is_err());
        assert!(folder.join("letter.txt").exists());
        fs::remove_dir_all(&folder).unwrap();
    }
}
