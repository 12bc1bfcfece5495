//! Models behind a plain address: resumable, and named only when the hash is right.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use ureq::http::{StatusCode, header};

use super::{FetchProgress, FetchStep, ModelError};
use crate::{digest, manifest::ModelEntry};

/// How often a connection may break without a single new byte before the operator hears of it.
const FRUITLESS: u32 = 3;
/// A server that sends nothing for so long is gone.
const SILENCE: Duration = Duration::from_mins(1);

/// Fetches `url` to `path`. What has arrived stays beside it as `….part` and is continued the next time.
pub(super) fn fetch(
    path: &Path,
    model: &ModelEntry,
    url: &str,
    progress: &mut dyn FnMut(FetchProgress),
) -> Result<(), ModelError> {
    let part = path.with_extension("bin.part");
    let mut download = Download::open(part, model, url)?;
    download.run(progress)?;
    download.check(progress)?;
    download.finish(path)
}

struct Download<'a> {
    agent: ureq::Agent,
    model: &'a ModelEntry,
    url: &'a str,
    part: PathBuf,
    file: File,
    /// Bytes in the file.
    done: u64,
}

/// How one connection ended.
enum Ended {
    Complete,
    Broken(String),
}

impl<'a> Download<'a> {
    fn open(part: PathBuf, model: &'a ModelEntry, url: &'a str) -> Result<Self, ModelError> {
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(&part)
            .map_err(|error| ModelError::io("write", &part, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(ModelError::Busy { name: model.name.clone() });
            }
            Err(TryLockError::Error(error)) => {
                return Err(ModelError::io("lock", &part, error));
            }
        }
        let done =
            file.seek(SeekFrom::End(0)).map_err(|error| ModelError::io("write", &part, error))?;
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .user_agent("hearback")
            .timeout_connect(Some(SILENCE))
            .timeout_recv_response(Some(SILENCE))
            .timeout_per_read(Some(SILENCE))
            .build()
            .into();
        Ok(Self { agent, model, url, part, file, done })
    }

    /// Connects until everything is there, or nothing comes any more.
    fn run(&mut self, progress: &mut dyn FnMut(FetchProgress)) -> Result<(), ModelError> {
        let mut fruitless = 0;
        loop {
            if self.done > self.model.bytes {
                // The rest of some other file.
                self.restart()?;
            }
            if self.done == self.model.bytes {
                return Ok(());
            }
            let before = self.done;
            match self.connect(progress)? {
                Ended::Complete => {}
                Ended::Broken(reason) => {
                    fruitless = if self.done > before { 0 } else { fruitless + 1 };
                    if fruitless >= FRUITLESS {
                        return Err(self.failed(reason));
                    }
                }
            }
        }
    }

    /// One connection.
    fn connect(&mut self, progress: &mut dyn FnMut(FetchProgress)) -> Result<Ended, ModelError> {
        let mut request = self.agent.get(self.url);
        if self.done > 0 {
            request = request.header(header::RANGE, format!("bytes={}-", self.done));
        }
        let mut response = match request.call() {
            Ok(response) => response,
            Err(ureq::Error::BadUri(what)) => return Err(self.failed(what)),
            Err(error) => return Ok(Ended::Broken(error.to_string())),
        };
        match response.status() {
            StatusCode::OK => self.restart()?,
            StatusCode::PARTIAL_CONTENT => {
                let range = response.headers().get(header::CONTENT_RANGE);
                let from = format!("bytes {}-", self.done);
                if !range.is_some_and(|range| range.as_bytes().starts_with(from.as_bytes())) {
                    self.restart()?;
                    return Ok(Ended::Broken("the server sent another part than asked".to_owned()));
                }
            }
            StatusCode::RANGE_NOT_SATISFIABLE => {
                self.restart()?;
                return Ok(Ended::Broken("the server has a shorter file".to_owned()));
            }
            status if status.is_server_error() => {
                return Ok(Ended::Broken(format!("the server answered {status}")));
            }
            status => return Err(self.failed(format!("the server answered {status}"))),
        }
        self.receive(&mut response.body_mut().as_reader(), progress)
    }

    fn receive(
        &mut self,
        body: &mut dyn Read,
        progress: &mut dyn FnMut(FetchProgress),
    ) -> Result<Ended, ModelError> {
        let total = Some(self.model.bytes);
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = match body.read(&mut buffer) {
                Ok(0) if self.done < self.model.bytes => {
                    return Ok(Ended::Broken("the connection ended early".to_owned()));
                }
                Ok(0) => return Ok(Ended::Complete),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Ok(Ended::Broken(error.to_string())),
            };
            self.done += read as u64;
            if self.done > self.model.bytes {
                return Err(self.wrong("it is longer than promised".to_owned()));
            }
            self.file
                .write_all(&buffer[..read])
                .map_err(|error| ModelError::io("write", &self.part, error))?;
            progress(FetchProgress { step: FetchStep::Download, done: self.done, total });
        }
    }

    fn restart(&mut self) -> Result<(), ModelError> {
        self.done = 0;
        self.file
            .set_len(0)
            .and_then(|()| self.file.rewind())
            .map_err(|error| ModelError::io("write", &self.part, error))
    }

    fn check(&mut self, progress: &mut dyn FnMut(FetchProgress)) -> Result<(), ModelError> {
        let found = digest::of_file(&self.part, &mut |done| {
            let total = Some(self.model.bytes);
            progress(FetchProgress { step: FetchStep::Verify, done, total });
        })
        .map_err(|error| ModelError::io("read", &self.part, error))?;
        if found == self.model.sha256 {
            Ok(())
        } else {
            Err(self.wrong(format!("it has the SHA-256 {found}")))
        }
    }

    fn finish(self, path: &Path) -> Result<(), ModelError> {
        self.file
            .sync_all()
            .and_then(|()| fs::rename(&self.part, path))
            .map_err(|error| ModelError::io("write", path, error))
    }

    /// Bytes that cannot be continued are not kept.
    fn wrong(&self, what: String) -> ModelError {
        match fs::remove_file(&self.part) {
            Ok(()) => ModelError::WrongDownload { name: self.model.name.clone(), what },
            Err(error) => ModelError::io("remove", &self.part, error),
        }
    }

    fn failed(&self, reason: String) -> ModelError {
        ModelError::Fetch { name: self.model.name.clone(), reason }
    }
}
