//! Seals of the log that are kept outside the database: checkpoints in the form of C2SP `tlog-checkpoint`, which is a
//! C2SP signed note with an Ed25519 signature.
//!
//! Whoever can write the database can write another log with all its links. They cannot write a checkpoint: the key is
//! not in the database, and the file is somewhere else.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::Root;

/// The byte that stands for Ed25519 in a signed note.
const ED25519: u8 = 1;

/// Longer notes are not read: a root, a few extension lines and sixteen signatures fit many times.
const LONGEST: usize = 64 << 10;

/// Who signs checkpoints.
pub trait Signer: Send + Sync {
    /// The Ed25519 signature of these bytes.
    fn sign(&self, message: &[u8]) -> [u8; 64];
    /// The Ed25519 public key.
    fn public(&self) -> [u8; 32];
}

/// What somebody needs to tell a real checkpoint from a forged one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    key: VerifyingKey,
    origin: String,
    id: [u8; 4],
}

/// These bytes are no Ed25519 public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no public key of an audit log")]
pub struct NotAKey;

impl PublicKey {
    /// From the 32 bytes of RFC 8032.
    pub fn new(bytes: &[u8; 32]) -> Result<Self, NotAKey> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| NotAKey)?;
        let mut origin = String::from("hearback.audit/");
        for byte in &bytes[..8] {
            let _ = write!(origin, "{byte:02x}");
        }
        let id = [origin.as_bytes(), b"\n", &[ED25519], bytes].concat();
        let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(id));
        Ok(Self { key, origin, id: [a, b, c, d] })
    }

    /// The name of the log that this key signs for: the first line of its checkpoints.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

/// That the log had this root at this size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The number of entries, which is also the number of the last one.
    pub size: u64,
    /// The root over them.
    pub root: Root,
}

/// A checkpoint that nobody who holds the key has signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forged {
    /// The size that it claims, if it claims one.
    pub size: Option<u64>,
}

/// What a file of checkpoints holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The checkpoints, in the order of the file.
    pub checkpoints: Vec<Checkpoint>,
    /// How many were not written to their end, as after a power cut. They say nothing.
    pub unfinished: usize,
}

impl Checkpoint {
    fn text(&self, origin: &str) -> String {
        format!("{origin}\n{}\n{}\n", self.size, STANDARD.encode(self.root.0))
    }

    /// The signed note.
    pub fn signed(&self, signer: &dyn Signer) -> Result<String, NotAKey> {
        let public = PublicKey::new(&signer.public())?;
        let text = self.text(&public.origin);
        let signature = [&public.id[..], &signer.sign(text.as_bytes())].concat();
        Ok(format!("{text}\n— {} {}\n", public.origin, STANDARD.encode(signature)))
    }

    /// Reads one signed note.
    pub fn verified(note: &str, public: &PublicKey) -> Result<Self, Forged> {
        // The text is separated from the signatures by the last empty line.
        let (text, signatures) = note.rsplit_once("\n\n").ok_or(Forged { size: None })?;
        let mut lines = text.split('\n');
        let (origin, size, root) = (lines.next(), lines.next(), lines.next());
        let size = size.and_then(|text| text.parse().ok().filter(|n: &u64| n.to_string() == text));
        let forged = Forged { size };
        let root = root.and_then(|text| STANDARD.decode(text).ok()?.try_into().ok());
        let (Some(size), Some(root)) = (size, root) else { return Err(forged) };
        let strange = note.len() > LONGEST
            || origin != Some(&public.origin)
            || lines.any(str::is_empty)
            || note.bytes().any(|b| b < b' ' && b != b'\n');
        let signed = [text, "\n"].concat();
        if strange || !public.signed(signed.as_bytes(), signatures) {
            return Err(forged);
        }
        Ok(Self { size, root: Root(root) })
    }

    /// Reads a file of signed notes, each followed by an empty line.
    ///
    /// A note that breaks off before its signature is no forgery but an unfinished one; a finished note that is not
    /// signed with this key is.
    pub fn read_all(file: &str, public: &PublicKey) -> Result<Read, Forged> {
        let mut read = Read::default();
        // Paragraphs come in twos, the text and its signatures.
        let mut text: Option<&str> = None;
        for part in file.split("\n\n").map(|part| part.trim_matches('\n')) {
            if part.is_empty() {
                continue;
            }
            match text.take() {
                Some(before) if part.starts_with('—') => {
                    if part.lines().any(is_whole) {
                        let note = format!("{before}\n\n{part}\n");
                        read.checkpoints.push(Self::verified(&note, public)?);
                    } else {
                        read.unfinished += 1;
                    }
                }
                None if part.starts_with('—') => return Err(Forged { size: None }),
                before => {
                    read.unfinished += usize::from(before.is_some());
                    text = Some(part);
                }
            }
        }
        read.unfinished += usize::from(text.is_some());
        Ok(read)
    }
}

/// Whether a signature line was written to its end.
fn is_whole(line: &str) -> bool {
    let signature = line.rsplit(' ').next().and_then(|text| STANDARD.decode(text).ok());
    signature.is_some_and(|bytes| bytes.len() == 4 + Signature::BYTE_SIZE)
}

impl PublicKey {
    /// Whether these signature lines hold one of this key, and it is of this text. Lines of other keys say nothing.
    fn signed(&self, text: &[u8], signatures: &str) -> bool {
        let mut found = false;
        for line in signatures.lines() {
            let Some((name, signature)) =
                line.strip_prefix("— ").and_then(|rest| rest.split_once(' '))
            else {
                return false;
            };
            let Ok(bytes) = STANDARD.decode(signature) else { return false };
            let Some((id, signature)) = bytes.split_first_chunk::<4>() else { return false };
            if name != self.origin || *id != self.id {
                continue;
            }
            let Ok(signature) = Signature::from_slice(signature) else { return false };
            if self.key.verify_strict(text, &signature).is_err() {
                return false;
            }
            found = true;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};

    use super::*;

    struct Key(SigningKey);

    impl Signer for Key {
        fn sign(&self, message: &[u8]) -> [u8; 64] {
            self.0.sign(message).to_bytes()
        }
        fn public(&self) -> [u8; 32] {
            self.0.verifying_key().to_bytes()
        }
    }

    fn key(n: u8) -> (Key, PublicKey) {
        let key = Key(SigningKey::from_bytes(&[n; 32]));
        let public = PublicKey::new(&key.public()).unwrap();
        (key, public)
    }

    /// The example of the signed note specification: the same key, text and signature.
    #[test]
    fn the_key_id_is_that_of_the_specification() {
        let vkey = STANDARD.decode("AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").unwrap();
        let key: [u8; 32] = vkey[1..].try_into().unwrap();
        let public = PublicKey {
            key: VerifyingKey::from_bytes(&key).unwrap(),
            origin: "example.com/foo".to_owned(),
            id: [0x53, 0x0d, 0x90, 0x3a],
        };
        let line = "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=";
        assert!(public.signed(b"This is an example message.\n", line));
        assert!(!public.signed(b"This is an example message!\n", line));
    }

    #[test]
    fn what_was_signed_is_read_back() {
        let (key, public) = key(1);
        let all: Vec<_> =
            (0..5).map(|n| Checkpoint { size: n * 1_000, root: Root([7; 32]) }).collect();
        let mut file = String::new();
        for checkpoint in &all {
            let note = checkpoint.signed(&key).unwrap();
            assert_eq!(Checkpoint::verified(&note, &public), Ok(*checkpoint));
            file += &note;
            file.push('\n');
        }
        let whole = Read { checkpoints: all.clone(), unfinished: 0 };
        assert_eq!(Checkpoint::read_all(&file, &public), Ok(whole));

        // Wherever a power cut breaks off the last note, the others are read, and no note is made up.
        for end in (0..file.len()).filter(|end| file.is_char_boundary(*end)) {
            let read = Checkpoint::read_all(&file[..end], &public);
            let Ok(read) = read else { panic!("cut at {end}: {read:?}") };
            assert!(all.starts_with(&read.checkpoints), "cut at {end}");
            // What is appended after that is read too.
            let next = Checkpoint { size: 9_000, root: Root([8; 32]) };
            let note = next.signed(&key).unwrap();
            let later = format!("{}\n\n{note}\n", &file[..end]);
            let read = Checkpoint::read_all(&later, &public);
            assert_eq!(read.unwrap().checkpoints.last(), Some(&next), "cut at {end}");
        }
    }

    #[test]
    fn no_byte_of_a_note_can_be_changed() {
        let (key, public) = key(1);
        let note = Checkpoint { size: 12, root: Root([7; 32]) }.signed(&key).unwrap();
        for at in 0..note.len() {
            for to in [b'0', b'A', b'\n', b' '] {
                let mut bytes = note.clone().into_bytes();
                if std::mem::replace(&mut bytes[at], to) == to {
                    continue;
                }
                let Ok(changed) = String::from_utf8(bytes) else { continue };
                assert!(Checkpoint::verified(&changed, &public).is_err(), "{at} {changed}");
            }
        }
        let (_, other) = self::key(2);
        assert_eq!(Checkpoint::verified(&note, &other), Err(Forged { size: Some(12) }));
    }

    /// Lines that others add (a witness) take nothing away; lines of ours after the root are signed too.
    #[test]
    fn strangers_signatures_say_nothing() {
        let (ours, public) = key(1);
        let (theirs, _) = key(2);
        let checkpoint = Checkpoint { size: 12, root: Root([7; 32]) };
        let witness = checkpoint.signed(&theirs).unwrap();
        let (_, line) = witness.rsplit_once("\n\n").unwrap();
        let both = checkpoint.signed(&ours).unwrap() + line;
        assert_eq!(Checkpoint::verified(&both, &public), Ok(checkpoint));

        let text = format!("{}more\n", checkpoint.text(public.origin()));
        let signature = [&public.id[..], &ours.sign(text.as_bytes())].concat();
        let more = format!("{text}\n— {} {}\n", public.origin(), STANDARD.encode(signature));
        assert_eq!(Checkpoint::verified(&more, &public), Ok(checkpoint));
    }
}
