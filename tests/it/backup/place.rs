//! An installation, its backups, and what is made of them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use hearback_domain::Day;
use serde_json::Value;
use sqlx::{SqlitePool, sqlite::SqliteConnectOptions};

use crate::service::{Person, Service};

pub(crate) struct Place {
    pub(crate) service: Service,
    pub(crate) people: Vec<Person>,
}

/// What a recording of a test may be used for: all but a transcript, which would take its time.
pub(crate) const USES: &[&str] = &["record", "code_research", "coach_playback"];

/// What a command said, or why it did not do it.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let done = command.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() {
        return Ok(said);
    }
    let code = done.status.code().unwrap_or_default();
    Err(format!("{code}: {said}{}", String::from_utf8_lossy(&done.stderr)))
}

/// Seconds of a tone as a WAV file: 16 kHz, 16 bits, one channel. Another one for each `pitch`.
pub(crate) fn tone(pitch: u16) -> Vec<u8> {
    let samples = 16_000_u32;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + samples * 2).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    for field in [1_u16, 1] {
        wav.extend(field.to_le_bytes());
    }
    wav.extend(16_000_u32.to_le_bytes());
    wav.extend(32_000_u32.to_le_bytes());
    for field in [2_u16, 16] {
        wav.extend(field.to_le_bytes());
    }
    wav.extend(b"data");
    wav.extend((samples * 2).to_le_bytes());
    let period = 20 + u32::from(pitch % 200);
    for n in 0..samples {
        let up = n % period < period / 2;
        let height = 1_000 + i16::try_from(pitch).unwrap();
        wav.extend((if up { height } else { -height }).to_le_bytes());
    }
    wav
}

impl Place {
    pub(crate) fn new(service: Service) -> Self {
        Self { service, people: Vec::new() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.service.dir.path().join(name)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    pub(crate) fn live_keyring(&self) -> PathBuf {
        self.data().join("keys")
    }

    /// Starts the service and has the practitioner add recordings, until they can be heard.
    pub(crate) fn with_recordings(&mut self, names: &[&str]) -> Vec<String> {
        self.service.start(&[]);
        let wren = Person::sign_in(&self.service, "wren");
        let ids = names
            .iter()
            .zip(0..)
            .map(|(name, n)| {
                let id = wren.begin_recording_with(name, USES).unwrap();
                let (status, _) = wren.send_file(&id, &tone(n)).unwrap();
                assert!(matches!(status, 200 | 201), "{status}");
                wren.wait_for(&id, "ready", |s| s["audio_ready"] == true);
                id
            })
            .collect();
        self.people.push(wren);
        ids
    }

    pub(crate) fn create(&self, to: &Path) -> Command {
        let mut command = self.service.command(&["backup", "create"]);
        command.arg("--to").arg(to);
        command
    }

    /// A copy of the keyring as it is now.
    pub(crate) fn copy_of_keyring(&self, name: &str) -> PathBuf {
        let to = self.path(name);
        let args = ["backup", "keys", "--to", to.to_str().unwrap()];
        output(&mut self.service.command(&args)).unwrap();
        fs::read_dir(to).unwrap().next().unwrap().unwrap().path()
    }

    /// The report, or what is wrong.
    pub(crate) fn verify(
        &self,
        set: &Path,
        keyring: &Path,
        more: &[&str],
    ) -> Result<Value, String> {
        let mut command = self.service.command(&["backup", "verify", "--json"]);
        command.arg(set).arg("--keyring").arg(keyring).args(more);
        let said = output(&mut command)?;
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["sound"], true);
        Ok(said["report"].clone())
    }

    pub(crate) fn restore(
        &self,
        set: &Path,
        keyring: &Path,
        to: &str,
        more: &[&str],
    ) -> Result<String, String> {
        // Its address belongs to the installation that is restored, not to the one that is lost.
        let mut command = self.service.command(&["restore"]);
        let to = self.path(to).join("data");
        command.arg("--from").arg(set).arg("--keyring").arg(keyring).arg("--to").arg(to);
        output(command.args(more))
    }

    /// A service on what was restored, under the same master key.
    pub(crate) fn open(&self, name: &str, postgres: Option<String>) -> Service {
        let home = tempfile::tempdir().unwrap();
        fs::rename(self.path(name).join("data"), home.path().join("data")).unwrap();
        let key = home.path().join("key");
        fs::create_dir_all(&key).unwrap();
        fs::copy(self.path("key/master.key"), key.join("master.key")).unwrap();
        Service::of(home, postgres)
    }
}

/// Copies a directory, file by file.
pub(crate) fn copy_tree(from: &Path, to: &Path) {
    if from == to {
        return;
    }
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Every file below a directory.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The name of a copy that is so many days older.
pub(crate) fn days_ago(name: &str, days: i64) -> String {
    let day: Day = name.strip_prefix("keys-").unwrap().parse().unwrap();
    format!("keys-{}", Day::of(day.starts().plus_seconds(-86_400 * days)))
}

/// Asks a SQLite database.
pub(crate) fn ask<T>(file: &Path, ask: impl AsyncFnOnce(&SqlitePool) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(file).read_only(true);
        ask(&SqlitePool::connect_with(options).await.unwrap()).await
    })
}

/// Changes one bit of a file.
pub(crate) fn flip(file: &Path, at: usize, bit: u8) -> io::Result<()> {
    let mut bytes = fs::read(file)?;
    bytes[at] ^= 1 << bit;
    fs::write(file, bytes)
}
