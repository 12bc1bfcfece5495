//! Where the root key comes from.

use std::{
    env, fmt,
    io::{self, Read as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use zeroize::Zeroizing;

use super::{
    error::KeyError,
    master::{LONGEST_LINE, MasterKey},
};

/// For how long a key command may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where the root key comes from. It is read when an epoch of the keyring is met for the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RootSource {
    /// A file of its own, best on another volume.
    File(PathBuf),
    /// An environment variable: its name. Whoever may look into the process can read it.
    Env(String),
    /// A program and its arguments, started without a shell; its first line of output is the key. For what the machine
    /// or a key service unseals (`systemd-creds decrypt`, `tpm2_unseal`, `vault kv get`).
    Command(Vec<String>),
}

impl RootSource {
    /// Reads the key: one line, 32 bytes in hexadecimal or base64.
    pub fn read(&self) -> Result<MasterKey, KeyError> {
        let text = match self {
            Self::File(path) => return MasterKey::read_file(path),
            Self::Env(name) => match env::var_os(name) {
                Some(value) => Zeroizing::new(value.into_string().unwrap_or_default()),
                None => return Err(KeyError::NoRoot(self.to_string())),
            },
            Self::Command(command) => self.ask(command)?,
        };
        MasterKey::parse(text.trim()).ok_or_else(|| KeyError::NotAMaster(self.to_string()))
    }

    fn ask(&self, command: &[String]) -> Result<Zeroizing<String>, KeyError> {
        let failed = |why: String| KeyError::KeyCommand { command: self.to_string(), why };
        let [program, args @ ..] = command else {
            return Err(failed("it is empty".to_owned()));
        };
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| failed(e.to_string()))?;
        let read = read_all(&mut child, PATIENCE);
        if read.is_err() {
            // It may have ended by itself.
            let _ = child.kill();
        }
        let ended = child.wait().map_err(|e| failed(e.to_string()))?;
        let text = read.map_err(|e| failed(e.to_string()))?;
        // It may have ended badly only because nobody read on.
        if text.len() as u64 == LONGEST_LINE {
            return Err(KeyError::NotAMaster(self.to_string()));
        }
        if ended.success() { Ok(text) } else { Err(failed(format!("it ended with {ended}"))) }
    }
}

/// What a child says until it ends, if it does so in time.
fn read_all(child: &mut Child, patience: Duration) -> io::Result<Zeroizing<String>> {
    let deadline = Instant::now() + patience;
    let late = || io::Error::new(io::ErrorKind::TimedOut, "it did not answer in time");
    let Some(output) = child.stdout.take() else { return Err(late()) };
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        // Room for all of it at once: a string that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(256));
        let read = output.take(LONGEST_LINE).read_to_string(&mut text);
        // Nobody waits any longer if it came too late.
        let _ = sender.send(read.map(|_| text));
    });
    let text = receiver.recv_timeout(patience).map_err(|_| late())??;
    while child.try_wait()?.is_none() {
        if Instant::now() >= deadline {
            return Err(late());
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(text)
}

/// As an error or an operator's page names it; never the key.
impl fmt::Display for RootSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the key file {}", path.display()),
            Self::Env(name) => write!(f, "the environment variable {name}"),
            Self::Command(command) => write!(f, "the key command `{}`", command.join(" ")),
        }
    }
}
