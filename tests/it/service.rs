//! The real service as a process of its own, and a person who talks to it over HTTP.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

/// The passphrase of everybody in a test.
pub(crate) const PASSPHRASE: &str = "a quiet walk along the river";

/// What everybody says yes to, unless a test wants it otherwise.
pub(crate) const PURPOSES: &[&str] =
    &["record", "transcribe", "code_research", "coach_playback", "manager_present_playback"];

/// The binary under test: the one that was built with these tests.
pub(crate) fn binary() -> PathBuf {
    let path = std::env::var_os("HEARBACK_BIN").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/debug/hearback"),
        PathBuf::from,
    );
    assert!(
        path.exists(),
        "{} is not there: run `cargo build --bin hearback` first",
        path.display()
    );
    path
}

/// Where the tests' speech model lies.
pub(crate) fn models() -> PathBuf {
    let dir = std::env::var_os("HEARBACK_MODELS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/models"),
        PathBuf::from,
    );
    assert!(
        dir.join("ggml-tiny.en.bin").exists(),
        "the speech model is not there: run `cargo xtask test`, which fetches it"
    );
    dir
}

/// Speaks `text` with one of flite's voices into a WAV file.
pub(crate) fn speak(voice: &str, text: &str, wav: &Path) {
    let done = Command::new("flite")
        .args(["-voice", voice, "-t", text, "-o"])
        .arg(wav)
        .status()
        .expect("flite is installed: run `cargo xtask test`, which installs it");
    assert!(done.success());
}

/// A service on a data directory of its own.
pub(crate) struct Service {
    pub(crate) dir: TempDir,
    child: Option<Child>,
    port: u16,
    postgres: Option<String>,
}

impl Service {
    /// A new data directory with these people: sign-in name, and role. Not yet running.
    pub(crate) fn with_people(people: &[(&str, &str)]) -> Self {
        Self::on(None, people)
    }

    /// The same, with its database at this address.
    pub(crate) fn on(postgres: Option<String>, people: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let service = Self { dir, child: None, port: free_port(), postgres };
        let init = service.command(&["init"]).output().unwrap();
        assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
        for (login, role) in people {
            let name = format!("{}{}", login[..1].to_uppercase(), &login[1..]);
            let args = ["user", "add", "--login", login, "--name", &name, "--role", role];
            let mut add = service
                .command(&[&args[..], &["--password-stdin"]].concat())
                .stdin(Stdio::piped())
                .spawn()
                .unwrap();
            writeln!(add.stdin.take().unwrap(), "{PASSPHRASE}").unwrap();
            assert!(add.wait().unwrap().success());
        }
        service
    }

    /// The binary with this service's data directory.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary());
        // Nothing of the caller's own settings.
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"HEARBACK_") {
                command.env_remove(name);
            }
        }
        command
            .args(args)
            .env("HEARBACK_DATA", self.dir.path().join("data"))
            .env("HEARBACK_KEY_FILE", self.dir.path().join("key/master.key"))
            .env("HEARBACK_MODELS", models())
            .env("RUST_LOG", "warn")
            .envs(self.postgres.iter().map(|url| ("HEARBACK_DATABASE", url)));
        command
    }

    /// Starts it and waits until it listens.
    pub(crate) fn start(&mut self, args: &[&str]) {
        let listen = format!("127.0.0.1:{}", self.port);
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.dir.path().join("log"))
            .unwrap();
        let mut child = self
            .command(&[&["serve", "--listen", &listen], args].concat())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("http://localhost"), "it does not listen: {line:?}\n{}", self.log());
        self.child = Some(child);
    }

    /// Stops it at once, as a power cut would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// What it wrote to standard error.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// The address that people type.
    pub(crate) fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// The SQLite database's file.
    pub(crate) fn database(&self) -> PathBuf {
        self.dir.path().join("data/hearback.db")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// An answer: its status and body.
pub(crate) type Answer = Result<(u16, Vec<u8>), ureq::Error>;

/// Somebody who is signed in.
pub(crate) struct Person {
    agent: ureq::Agent,
    origin: String,
    cookie: String,
}

impl Person {
    /// Signs in.
    pub(crate) fn sign_in(service: &Service, login: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_mins(1)));
        let mut person = Self {
            agent: config.build().new_agent(),
            origin: service.origin(),
            cookie: String::new(),
        };
        let form = format!("login={login}&passphrase={}", PASSPHRASE.replace(' ', "+"));
        let response = person
            .agent
            .post(format!("{}/sign-in", person.origin))
            .header("origin", &person.origin)
            .header("content-type", "application/x-www-form-urlencoded")
            .send(form)
            .unwrap();
        assert_eq!(response.status(), 303, "signing in as {login}");
        let cookie = response.headers().get("set-cookie").expect("a session cookie");
        let pair = cookie.to_str().unwrap().split(';').next().unwrap();
        pair.clone_into(&mut person.cookie);
        person
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        let mut response = self
            .agent
            .get(format!("{}{path}", self.origin))
            .header("cookie", &self.cookie)
            .call()?;
        Ok((
            response.status().as_u16(),
            response.body_mut().with_config().limit(1 << 30).read_to_vec()?,
        ))
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path).unwrap();
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    pub(crate) fn send(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin))
            .header("cookie", &self.cookie)
            .header("origin", &self.origin)
            .header("accept", "application/json")
            .header("content-type", kind)
            .body(body)?;
        let mut response = self.agent.run(request)?;
        Ok((response.status().as_u16(), response.body_mut().read_to_vec()?))
    }

    /// Gives the details of a recording on which a young person is heard too, everybody saying yes to everything.
    pub(crate) fn begin_recording(&self, pseudonym: &str) -> Result<String, ureq::Error> {
        self.begin_recording_with(pseudonym, PURPOSES)
    }

    /// Gives the details of a recording on which a young person is heard too, everybody saying yes to `purposes`.
    pub(crate) fn begin_recording_with(
        &self,
        pseudonym: &str,
        purposes: &[&str],
    ) -> Result<String, ureq::Error> {
        let mut form = format!(
            "pseudonym={pseudonym}&session_kind=visit&phase=post_training\
             &person.0.kind=practitioner&person.0.label=Worker\
             &person.1.kind=young_person&person.1.label={pseudonym}"
        );
        for (person, purpose) in [0, 1].iter().flat_map(|n| purposes.iter().map(move |p| (n, p))) {
            write!(form, "&consent.{person}.{purpose}=yes").unwrap();
        }
        let kind = "application/x-www-form-urlencoded";
        let (status, body) = self.send("POST", "/recordings", kind, form.as_bytes())?;
        assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
        let made: Value = serde_json::from_slice(&body).unwrap();
        Ok(made["id"].as_str().unwrap().to_owned())
    }

    /// Sends a recording's file.
    pub(crate) fn send_file(&self, id: &str, file: &[u8]) -> Answer {
        self.send("PUT", &format!("/recordings/{id}/original"), "application/octet-stream", file)
    }

    /// Asks for a recording's status until `done` says so.
    pub(crate) fn wait_for(&self, id: &str, what: &str, done: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + Duration::from_mins(3);
        loop {
            let status = self.json(&format!("/recordings/{id}/status"));
            if done(&status) {
                return status;
            }
            assert!(Instant::now() < deadline, "still not {what}: {status}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}
