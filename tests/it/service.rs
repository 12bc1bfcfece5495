//! The real service as a process of its own, and a person who talks to it over HTTP.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant, SystemTime},
};

use hearback_domain::{Day, PartyKind, Timestamp, forms::built_in};
use serde_json::Value;
use tempfile::TempDir;

/// The passphrase of everybody in a test.
pub(crate) const PASSPHRASE: &str = "a quiet walk along the river";

const FORM: &str = "application/x-www-form-urlencoded";

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

    /// On a directory with `data` and `key/master.key` in it. Not yet running.
    pub(crate) fn of(dir: TempDir, postgres: Option<String>) -> Self {
        Self { dir, child: None, port: free_port(), postgres }
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
            // Unless a test is about second steps, nobody has one.
            .env("HEARBACK_SECOND_FACTOR", "off")
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

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let asked = Command::new("kill").arg(child.id().to_string()).status().unwrap();
            assert!(asked.success());
            assert!(child.wait().unwrap().success(), "{}", self.log());
        }
    }

    /// How much memory it has, in megabytes.
    pub(crate) fn memory_mb(&self) -> u64 {
        let pid = self.child.as_ref().unwrap().id();
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_ascii_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_024
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

    /// An answer whose body is still to be read.
    pub(crate) fn open(&self, path: &str) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        self.agent.get(format!("{}{path}", self.origin)).header("cookie", &self.cookie).call()
    }

    /// Sends a form; where the answer sends the browser.
    pub(crate) fn follow(&self, path: &str, form: &str) -> Result<Option<String>, ureq::Error> {
        let response = self
            .agent
            .post(format!("{}{path}", self.origin))
            .header("cookie", &self.cookie)
            .header("origin", &self.origin)
            .header("content-type", FORM)
            .send(form)?;
        let to = response.headers().get("location").and_then(|to| to.to_str().ok());
        Ok(to.map(ToOwned::to_owned))
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
        let form = format!(
            "pseudonym={pseudonym}&session_kind=visit&phase=post_training\
             &person.0.kind=practitioner&person.0.label=Worker\
             &person.1.kind=young_person&person.1.label={pseudonym}"
        );
        let (status, body) = self.send("POST", "/recordings", FORM, form.as_bytes())?;
        assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
        let made: Value = serde_json::from_slice(&body).unwrap();
        let id = made["id"].as_str().unwrap().to_owned();
        for person in made["people"].as_array().unwrap() {
            let kind = person["kind"].as_str().unwrap().parse().unwrap();
            let (status, body) =
                self.answer(&id, person["id"].as_str().unwrap(), kind, purposes)?;
            assert_eq!(status, 303, "{}", String::from_utf8_lossy(&body));
        }
        Ok(id)
    }

    /// Somebody who is heard says yes to `purposes` today, and no to the rest.
    pub(crate) fn answer(
        &self,
        recording: &str,
        person: &str,
        kind: PartyKind,
        purposes: &[&str],
    ) -> Answer {
        self.answer_as(recording, person, kind, purposes, "Worker")
    }

    /// The same, explained by somebody who is called this.
    #[expect(clippy::disallowed_methods, reason = "the service that is asked has a real clock")]
    pub(crate) fn answer_as(
        &self,
        recording: &str,
        person: &str,
        kind: PartyKind,
        purposes: &[&str],
        explained_by: &str,
    ) -> Answer {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros();
        let today = Day::of(Timestamp::from_micros(now.try_into().unwrap()));
        let mut form = format!(
            "version=1&how=screen&explained_by={explained_by}&informed_on={today}&decided_on={today}\
             &decided_sooner=yes&age=16_to_17&authority=parental_responsibility&signatory=Mum\
             &assent=yes&copy_given=printed"
        );
        for statement in built_in(kind).statements {
            let yes = statement.purpose.is_none_or(|p| purposes.contains(&p.as_str()));
            write!(form, "&tick.{}={}", statement.key, if yes { "yes" } else { "no" }).unwrap();
        }
        let path = format!("/recordings/{recording}/people/{person}/consent");
        self.send("POST", &path, FORM, form.as_bytes())
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
