//! Escrow: the epoch's key, encrypted for people who keep their own keys elsewhere.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, Read as _, Write as _},
    iter,
    path::Path,
};

use age::{Decryptor, Encryptor, IdentityFile, Recipient, x25519};
use hearback_domain::Timestamp;
use zeroize::Zeroizing;

use super::{
    epochs::Kek,
    error::{KeyError, at},
    file::FileKeys,
    name::KeyName,
    status::{DRILLED, ESCROWED, Stamp},
    wrapped::{self, Label},
};
use crate::durable;

const FIRST_LINE: &str = "hearback escrow v1";
/// Longer than any that is written: two epochs, a hundred recipients.
const LONGEST: u64 = 64 << 10;

/// What an escrow file holds, once it is opened: epochs of a keyring.
pub struct Escrow {
    epochs: BTreeMap<u32, Kek>,
}

/// What a drill found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drill {
    /// The keyring's epoch.
    pub epoch: u32,
    /// How many keys the escrow opens: all of them.
    pub keys: u64,
}

impl Escrow {
    /// Opens an escrow file with one of its recipients' identities, as `age-keygen` writes them.
    pub fn open(file: &Path, identity: &Path) -> Result<Self, KeyError> {
        let identities =
            IdentityFile::from_buffer(BufReader::new(File::open(identity).map_err(at(identity))?))
                .ok()
                .and_then(|file| file.into_identities().ok())
                .filter(|identities| !identities.is_empty())
                .ok_or_else(|| KeyError::NotAnIdentity(identity.to_owned()))?;
        let closed = || KeyError::EscrowClosed(file.to_owned());
        let input = File::open(file).map_err(at(file))?.take(LONGEST);
        let mut reader = Decryptor::new(input)
            .and_then(|d| d.decrypt(identities.iter().map(|i| &**i as &dyn age::Identity)))
            .map_err(|_| closed())?;
        let mut text = Zeroizing::new(String::with_capacity(4096));
        reader.read_to_string(&mut text).map_err(|_| closed())?;
        Self::parse(&text).ok_or_else(|| KeyError::NotAnEscrow(file.to_owned()))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        lines.next().filter(|line| *line == FIRST_LINE)?;
        let mut epochs = BTreeMap::new();
        for line in lines {
            let (epoch, key) = line.split_once(' ')?;
            let epoch: u32 = epoch.parse().ok()?;
            let key = Zeroizing::new(hex::decode(key).ok()?);
            epochs.insert(epoch, Kek::from_bytes(epoch, &key)?);
        }
        (!epochs.is_empty()).then_some(Self { epochs })
    }

    /// The key of an epoch, if it is in it.
    pub(super) fn epoch(&self, epoch: u32) -> Option<&Kek> {
        self.epochs.get(&epoch)
    }

    /// A key's bytes, if the escrow opens its record.
    pub(super) fn unwrap(&self, name: KeyName, line: &str) -> Option<Zeroizing<Vec<u8>>> {
        self.epoch(wrapped::epoch(line)?)?.unwrap(name, line)
    }
}

impl FileKeys {
    /// Writes the escrow file for these recipients (`age1…`), and remembers them; with none given, for those that are
    /// remembered. A file that is there is replaced: an old escrow is an old copy of the keys.
    pub fn escrow(
        &self,
        recipients: &[String],
        file: &Path,
        now: Timestamp,
    ) -> Result<Stamp, KeyError> {
        let remembered = self.recipients()?;
        let recipients = if recipients.is_empty() { &remembered } else { recipients };
        let parsed = recipients
            .iter()
            .map(|r| r.trim().parse().map_err(|_| KeyError::NotARecipient(r.clone())))
            .collect::<Result<Vec<x25519::Recipient>, _>>()?;
        let (newest, text) = self.text()?;
        let encryptor = Encryptor::with_recipients(parsed.iter().map(|r| r as &dyn Recipient))
            .map_err(|_| KeyError::NoRecipients)?;
        let mut sealed = Vec::new();
        let encrypted = encryptor.wrap_output(&mut sealed).and_then(|mut output| {
            output.write_all(text.as_bytes())?;
            output.finish()
        });
        encrypted.map_err(at(file))?;
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.ok_or_else(|| KeyError::NotAnEscrow(file.to_owned()))?;
        durable::write_whole(file.parent().unwrap_or(Path::new("")), &name, &sealed)
            .map_err(at(file))?;
        let _lock = self.dir.lock()?;
        self.remember(recipients)?;
        let stamp = Stamp { at: now, epoch: newest };
        self.stamp(ESCROWED, stamp)?;
        Ok(stamp)
    }

    /// The newest epoch, and all of them as the escrow's text.
    fn text(&self) -> Result<(u32, Zeroizing<String>), KeyError> {
        let _lock = self.dir.lock()?;
        let newest = self.epochs.newest()?.epoch;
        // Room for all of it at once: a string that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(4096));
        text.push_str(FIRST_LINE);
        text.push('\n');
        for epoch in self.dir.epochs()? {
            if let Some(kek) = self.epochs.get(epoch)? {
                let key = Zeroizing::new(hex::encode(*kek.key));
                text.extend(iter::once(epoch.to_string().as_str()).chain([" ", &key, "\n"]));
            }
        }
        Ok((newest, text))
    }

    /// Proves that an escrow opens this keyring, and notes the day.
    ///
    /// A fresh random word is sealed under the keyring's epoch and has to come out of the escrow's; then every key's
    /// record has to open. Nothing secret leaves this function.
    pub fn drill(&self, escrow: &Escrow, now: Timestamp) -> Result<Drill, KeyError> {
        let stale = || KeyError::EscrowStale(self.dir.path().to_owned());
        let _lock = self.dir.lock()?;
        let newest = self.epochs.newest()?;
        let mut word = [0; 32];
        let label = Label { id: uuid::Uuid::nil(), purpose: "drill", epoch: newest.epoch };
        let sealed = durable::random(&mut word)
            .and_then(|()| wrapped::wrap(&newest.key, label, &word))
            .map_err(at(self.dir.path()))?;
        let theirs = escrow.epoch(newest.epoch).ok_or_else(stale)?;
        if wrapped::unwrap(&theirs.key, label, &sealed).is_none_or(|said| *said != word) {
            return Err(stale());
        }
        let mut keys = 0;
        for name in self.dir.keys()? {
            if let Some(line) = self.dir.read(name)? {
                escrow.unwrap(name, &line).ok_or(KeyError::Damaged(name))?;
                keys += 1;
            }
        }
        self.stamp(DRILLED, Stamp { at: now, epoch: newest.epoch })?;
        Ok(Drill { epoch: newest.epoch, keys })
    }
}
