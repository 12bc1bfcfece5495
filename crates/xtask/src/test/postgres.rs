//! A private PostgreSQL cluster for one run of the tests: made from nothing, thrown away afterwards.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use crate::{
    chance,
    machine::is_root,
    shell::{output, program, say, works},
};

/// Where Debian keeps the servers of each version.
const SERVERS: &str = "/usr/lib/postgresql";

/// A running cluster; stopped and removed when dropped.
pub(super) struct Postgres {
    server: Child,
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
}

impl Postgres {
    /// Makes a cluster and waits until it answers.
    ///
    /// It lies in the system's folder for temporary files: as root it runs as the user postgres, who may not be able
    /// to enter the repository, and the name of a socket may not be long.
    pub(super) fn start() -> anyhow::Result<Self> {
        say("a private PostgreSQL");
        let programs = newest(Path::new(SERVERS))?;
        let folder = std::env::temp_dir().join(format!("hearback-pg-{:x}", chance::number()?));
        fs::create_dir(&folder).with_context(|| format!("could not make {}", folder.display()))?;
        if is_root() {
            output(program("chown", ["postgres"]).arg(&folder))
                .context("there is no user postgres")?;
        }
        let data = folder.join("data");
        let mut initdb = as_server(programs.join("initdb"));
        initdb.args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]);
        output(initdb.arg("--pgdata").arg(&data).current_dir(&folder).stdin(Stdio::null()))?;

        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut server = as_server(programs.join("postgres"));
        server.arg("-D").arg(&data);
        for setting in [
            // Nothing here has to survive anything.
            "fsync=off".to_owned(),
            "synchronous_commit=off".to_owned(),
            "full_page_writes=off".to_owned(),
            // Every test has databases and pools of its own.
            "max_connections=400".to_owned(),
            format!("port={port}"),
            format!("listen_addresses={}", Ipv4Addr::LOCALHOST),
            format!("unix_socket_directories={}", folder.display()),
        ] {
            server.arg("-c").arg(setting);
        }
        let log = fs::File::create(folder.join("log"))?;
        let server = server
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("could not start PostgreSQL")?;
        let mut cluster = Self { server, programs, folder, port };
        cluster.answers()?;
        println!("{}", cluster.url());
        Ok(cluster)
    }

    /// Where the tests connect.
    pub(super) fn url(&self) -> String {
        format!("postgres://postgres@{}:{}/postgres", Ipv4Addr::LOCALHOST, self.port)
    }

    fn answers(&mut self) -> anyhow::Result<()> {
        const PATIENCE: Duration = Duration::from_mins(1);
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            if let Some(status) = self.server.try_wait()? {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                bail!("PostgreSQL ended at once with {status}:\n{log}");
            }
            let port = self.port.to_string();
            let host = Ipv4Addr::LOCALHOST.to_string();
            if works(&mut program(self.programs.join("pg_isready"), ["-h", &host, "-p", &port])) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("PostgreSQL did not answer within a minute")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        let mut stop = as_server(self.programs.join("pg_ctl"));
        stop.args(["stop", "--silent", "--mode=immediate", "--pgdata"])
            .arg(data)
            .current_dir(&self.folder);
        if !works(&mut stop) {
            // It may be gone already; a dead one cannot be ended again.
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
        // What cannot be removed here is removed when the machine next starts.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A program run as PostgreSQL wants it: not as root, and ended by the system if we die first.
fn as_server(file: PathBuf) -> Command {
    if !is_root() {
        return crate::shell::dies_with_us("QUIT", file);
    }
    let user = [
        "--reuid",
        "postgres",
        "--regid",
        "postgres",
        "--init-groups",
        "--pdeathsig",
        "QUIT",
        "--",
    ];
    let mut command = program("setpriv", user);
    command.arg(file);
    command
}

/// The programs of the newest version installed.
fn newest(servers: &Path) -> anyhow::Result<PathBuf> {
    let versions =
        fs::read_dir(servers).with_context(|| format!("there is no PostgreSQL in {SERVERS}"))?;
    versions
        .flatten()
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, programs)| programs.join("initdb").is_file())
        .max()
        .map(|(_, programs)| programs)
        .with_context(|| format!("there is no PostgreSQL in {SERVERS}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_starts_answers_and_leaves_nothing_behind() {
        let cluster = Postgres::start().unwrap();
        let (folder, url, pid) = (cluster.folder.clone(), cluster.url(), cluster.server.id());
        let one = output(&mut program("psql", ["--no-psqlrc", "-tA", "-c", "select 40 + 2", &url]))
            .unwrap();
        assert_eq!(one.trim(), "42");
        drop(cluster);
        assert!(!folder.exists());
        assert!(!Path::new(&format!("/proc/{pid}")).exists());
    }
}
