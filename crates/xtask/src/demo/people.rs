//! The nine invented people of the demo, and their logins.

use std::{fmt, fs, io::Write as _, os::unix::fs::OpenOptionsExt as _, process::Stdio};

use anyhow::{Context as _, bail};

use super::service::Home;
use crate::chance;

/// The researcher's name on screen.
pub(crate) const RESEARCHER: &str = "Ash";
/// The coach's name on screen.
pub(crate) const COACH: &str = "Linden";

/// Login, the name on screen, the role's key, and what they do.
const EVERYBODY: [(&str, &str, &str, &str); 9] = [
    ("practitioner", "Wren", "practitioner", "social worker: made the recording, hears it first"),
    (
        "researcher",
        RESEARCHER,
        "researcher",
        "codes and scores what was released, makes the playlist",
    ),
    ("coach", COACH, "coach", "plays the playlist with the social worker"),
    ("manager", "Hazel", "line_manager", "hears only what she is invited to"),
    ("coordinator", "Bryony", "coordinator", "looks at coaches’ certificates, knows dates"),
    ("supervisor", "Sorrel", "coaching_supervisor", "brings coaches together, keeps time"),
    ("admin", "Rowan", "sysadmin", "runs the installation, hears nothing"),
    ("officer", "Alder", "dpo", "answers for the data: what is held, until when, who looked"),
    ("safeguarding", "Juniper", "safeguarding_lead", "reads worries about somebody's safety"),
];

/// Short words for passphrases: easy to read aloud and to type.
const WORDS: [&str; 64] = [
    "acorn", "amber", "anchor", "apple", "attic", "badge", "basil", "beach", "birch", "blanket",
    "bridge", "brook", "button", "candle", "canoe", "cedar", "cherry", "cloud", "clover", "comet",
    "copper", "cotton", "daisy", "ember", "feather", "fern", "fiddle", "garden", "ginger",
    "harbour", "hazelnut", "heron", "honey", "island", "ivory", "jigsaw", "kettle", "ladder",
    "lantern", "lemon", "maple", "marble", "meadow", "mitten", "orchard", "otter", "paddle",
    "pebble", "pepper", "pillow", "plum", "puddle", "quilt", "ribbon", "river", "saddle",
    "sparrow", "teapot", "thistle", "timber", "velvet", "walnut", "willow", "window",
];

/// Words in a passphrase: 36 bits, on a service that only this machine can reach.
const LENGTH: usize = 6;

/// Everybody, with passphrases made for this demo alone.
pub(crate) struct People(Vec<(String, String)>);

impl People {
    /// Gives each a fresh passphrase and an account, and notes the passphrases beside the data.
    pub(crate) fn invent(home: &Home) -> anyhow::Result<Self> {
        let mut people = Vec::new();
        for (login, name, role, _) in EVERYBODY {
            let passphrase = passphrase()?;
            add(home, login, name, role, &passphrase)?;
            people.push((login.to_owned(), passphrase));
        }
        let text = serde_json::to_string_pretty(&people)?;
        fs::OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(home.logins())
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .context("could not note the demo's logins")?;
        Ok(Self(people))
    }

    /// The logins of an earlier demo.
    pub(crate) fn remembered(home: &Home) -> anyhow::Result<Self> {
        let text =
            fs::read_to_string(home.logins()).context("the logins of the earlier demo are gone")?;
        Ok(Self(serde_json::from_str(&text)?))
    }

    /// The passphrase of a login.
    pub(crate) fn passphrase(&self, login: &str) -> anyhow::Result<&str> {
        let found = self.0.iter().find(|(name, _)| name == login);
        Ok(&found.with_context(|| format!("the demo has no “{login}”"))?.1)
    }
}

impl fmt::Display for People {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (login, passphrase) in &self.0 {
            let does =
                EVERYBODY.iter().find(|person| person.0 == login).map_or("", |person| person.3);
            writeln!(f, "  {login:<14}{passphrase}\n  {:<14}{does}\n", "")?;
        }
        Ok(())
    }
}

fn add(home: &Home, login: &str, name: &str, role: &str, passphrase: &str) -> anyhow::Result<()> {
    let mut child = home
        .hearback(&[
            "user",
            "add",
            "--login",
            login,
            "--name",
            name,
            "--role",
            role,
            "--password-stdin",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .context("could not start hearback")?;
    let mut stdin = child.stdin.take().context("hearback takes no input")?;
    stdin.write_all(passphrase.as_bytes()).context("could not hand over a passphrase")?;
    drop(stdin);
    let status = child.wait()?;
    if status.success() {
        Ok(())
    } else {
        bail!("the account “{login}” could not be made ({status})")
    }
}

fn passphrase() -> anyhow::Result<String> {
    // 256 is a multiple of 64, so every word is equally likely.
    let words: Vec<_> = chance::bytes::<LENGTH>()?
        .iter()
        .map(|byte| WORDS[usize::from(*byte) % WORDS.len()])
        .collect();
    Ok(words.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passphrases_differ_and_are_made_of_the_words() {
        let (a, b) = (passphrase().unwrap(), passphrase().unwrap());
        assert_ne!(a, b);
        assert_eq!(a.split('-').filter(|word| WORDS.contains(word)).count(), LENGTH);
    }
}
