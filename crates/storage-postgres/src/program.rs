//! PostgreSQL's own programs, which make copies and put them back.

use std::{path::Path, process::Stdio};

use hearback_storage::{Result, StoreError};
use tokio::process::Command;

/// Why one of them did not do it.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("{0} is not there: install PostgreSQL's client programs")]
    Missing(&'static str, #[source] std::io::Error),
    #[error("{0} did not work: {1}")]
    Said(&'static str, String),
}

/// A program, and the database that it is about.
pub(crate) struct Program {
    name: &'static str,
    /// Without the password, which anybody on the machine could read among the processes.
    address: String,
    password: Option<String>,
    schema: Option<String>,
}

impl Program {
    pub(crate) fn new(name: &'static str, url: &str) -> Self {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        // `options[…]` is the Rust driver's own; the schema in it matters here too.
        let schema = query
            .split('&')
            .find_map(|part| part.strip_prefix("options[search_path]="))
            .map(str::to_owned);
        let rest: Vec<_> = query.split('&').filter(|part| !part.starts_with("options[")).collect();
        let (kind, place) = address.split_once("://").unwrap_or(("postgres", address));
        let (who, host) = place.rsplit_once('@').unwrap_or(("", place));
        let (user, password) = match who.split_once(':') {
            Some((user, password)) => (user, Some(decoded(password))),
            None => (who, None),
        };
        let at = if who.is_empty() { "" } else { "@" };
        let question = if rest.concat().is_empty() { "" } else { "?" };
        let address = format!("{kind}://{user}{at}{host}{question}{}", rest.join("&"));
        Self { name, address, password, schema }
    }

    /// Runs it to its end.
    pub(crate) async fn run(&self, args: &[&str], file: &Path) -> Result<()> {
        let mut command = Command::new(self.name);
        command
            .args(args)
            .arg(format!("--dbname={}", self.address))
            .args(self.schema.iter().map(|schema| format!("--schema={schema}")))
            .args((!file.as_os_str().is_empty()).then_some(file))
            .envs(self.password.iter().map(|password| ("PGPASSWORD", password)))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let failed = |why: Failed| StoreError::Backend(Box::new(why));
        let done = command.output().await.map_err(|e| failed(Failed::Missing(self.name, e)))?;
        if done.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
        Err(failed(Failed::Said(self.name, said)))
    }
}

/// `%41` is an A.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|two| str::from_utf8(two).ok());
        let coded = hex.filter(|_| byte == b'%').and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(coded.unwrap_or(byte));
        rest = if coded.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_not_in_the_address() {
        let program = Program::new("pg_dump", "postgres://me:p%40ss:w@host:5/db?sslmode=require");
        assert_eq!(program.address, "postgres://me@host:5/db?sslmode=require");
        assert_eq!(program.password.as_deref(), Some("p@ss:w"));
        let program = Program::new("pg_dump", "postgres://me@host/db?options[search_path]=one");
        assert_eq!(program.address, "postgres://me@host/db");
        assert_eq!((program.password, program.schema.as_deref()), (None, Some("one")));
    }
}
