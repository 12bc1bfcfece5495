//! Real names, sealed so that one person alone can read them (ETH-05).
//!
//! The data protection officer has an [age](https://age-encryption.org/v1) X25519 key. Names are sealed for its public
//! half. The secret half is locked with their passphrase (age's scrypt recipient, armoured) and is never kept open:
//! who has the database and every key of the installation, and not the passphrase, reads no name.
//!
//! The key's own line, printed once when it is made, opens names too: for the day on which the passphrase is gone. With
//! it, or with the locked half and the passphrase, the `age` program opens a name without this service.
//!
//! Every name is filled up to one length, so that a sealed name does not tell how long it is. Where it belongs is part
//! of it: a name that was put in the place of somebody else's does not open.

use std::{
    fmt,
    io::{Read as _, Write as _},
    iter,
    str::FromStr as _,
};

use age::{
    DecryptError, Decryptor, Encryptor,
    armor::{ArmoredReader, ArmoredWriter, Format},
    scrypt,
    secrecy::{ExposeSecret as _, SecretString},
    x25519,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use hearback_domain::{PersonId, RealName, RecordingId};
use zeroize::Zeroizing;

/// scrypt's N is two to the power of this: 128 MiB and about a third of a second for each guess.
const WORK: u8 = 17;

/// How long what is sealed is, whatever the name: a name has at most 120 characters, of at most four bytes.
const FILLED: usize = 16 + 16 + 2 + 120 * 4;

/// How the line of a key begins that was printed when it was made.
const LINE: &str = "AGE-SECRET-KEY-1";

/// Why a name was not sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Neither the passphrase nor the printed line is this key's.
    #[error("this passphrase does not open the key")]
    WrongPassphrase,
    /// The key or the name is not what this service wrote, or stands in somebody else's place.
    #[error("a sealed name, or its key, is damaged")]
    Damaged,
    /// There was no randomness, or no memory.
    #[error("a name could not be sealed")]
    Failed,
}

/// A key that was just made.
pub struct NewNameKey {
    /// What names are sealed for.
    pub public: String,
    /// What opens them, locked with the passphrase: an armoured age file.
    pub locked: String,
    /// What opens them, as it is: to be shown once, printed, and kept nowhere.
    pub printed: Zeroizing<String>,
}

impl fmt::Debug for NewNameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewNameKey").field("public", &self.public).finish_non_exhaustive()
    }
}

/// An opened key. Wiped when dropped; nobody keeps one longer than a request.
pub struct NameKey(x25519::Identity);

impl fmt::Debug for NameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NameKey(***)")
    }
}

/// Makes a key and locks it. Takes 128 MiB and part of a second.
pub fn make_name_key(passphrase: &str) -> Result<NewNameKey, IdentityError> {
    let secret = x25519::Identity::generate();
    let printed = Zeroizing::new(secret.to_string().expose_secret().to_owned());
    let mut recipient = scrypt::Recipient::new(SecretString::from(passphrase.to_owned()));
    recipient.set_work_factor(WORK);
    let file = (|| -> Result<_, Box<dyn std::error::Error>> {
        let encryptor = Encryptor::with_recipients(iter::once(&recipient as _))?;
        let armour = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
        let mut writer = encryptor.wrap_output(armour)?;
        writer.write_all(printed.as_bytes())?;
        Ok(writer.finish()?.finish()?)
    })();
    let file = file.map_err(|_| IdentityError::Failed)?;
    Ok(NewNameKey {
        public: secret.to_public().to_string(),
        locked: String::from_utf8(file).map_err(|_| IdentityError::Failed)?,
        printed,
    })
}

/// Opens a key with its passphrase, or with the line that was printed. A passphrase takes as long as making the key.
pub fn open_name_key(public: &str, locked: &str, secret: &str) -> Result<NameKey, IdentityError> {
    let secret = secret.trim();
    let line = if secret.get(..LINE.len()).is_some_and(|s| s.eq_ignore_ascii_case(LINE)) {
        Zeroizing::new(secret.to_uppercase())
    } else {
        unlock(locked, secret)?
    };
    let key = x25519::Identity::from_str(&line).map_err(|_| IdentityError::WrongPassphrase)?;
    if key.to_public().to_string() == public {
        Ok(NameKey(key))
    } else {
        Err(IdentityError::WrongPassphrase)
    }
}

fn unlock(locked: &str, passphrase: &str) -> Result<Zeroizing<String>, IdentityError> {
    let mut identity = scrypt::Identity::new(SecretString::from(passphrase.to_owned()));
    identity.set_max_work_factor(WORK);
    let decryptor = Decryptor::new(ArmoredReader::new(locked.as_bytes()))
        .map_err(|_| IdentityError::Damaged)?;
    let mut reader = decryptor.decrypt(iter::once(&identity as _)).map_err(|e| match e {
        DecryptError::DecryptionFailed
        | DecryptError::KeyDecryptionFailed
        | DecryptError::NoMatchingKeys => IdentityError::WrongPassphrase,
        _ => IdentityError::Damaged,
    })?;
    // Room for all of it at once: a string that grows leaves copies behind.
    let mut line = Zeroizing::new(String::with_capacity(256));
    reader.read_to_string(&mut line).map_err(|_| IdentityError::Damaged)?;
    Ok(line)
}

/// Seals a name for a key, for the place of this person on this recording.
pub fn seal_name(
    public: &str,
    recording: RecordingId,
    person: PersonId,
    name: &RealName,
) -> Result<String, IdentityError> {
    let recipient = x25519::Recipient::from_str(public).map_err(|_| IdentityError::Damaged)?;
    let name = name.as_str().as_bytes();
    let length = u16::try_from(name.len()).map_err(|_| IdentityError::Failed)?;
    let mut plain = Zeroizing::new(Vec::with_capacity(FILLED));
    plain.extend_from_slice(recording.as_uuid().as_bytes());
    plain.extend_from_slice(person.as_uuid().as_bytes());
    plain.extend_from_slice(&length.to_be_bytes());
    plain.extend_from_slice(name);
    if plain.len() > FILLED {
        return Err(IdentityError::Failed);
    }
    plain.resize(FILLED, 0);
    let sealed = (|| -> Result<_, Box<dyn std::error::Error>> {
        let encryptor = Encryptor::with_recipients(iter::once(&recipient as _))?;
        let mut writer = encryptor.wrap_output(Vec::new())?;
        writer.write_all(&plain)?;
        Ok(writer.finish()?)
    })();
    Ok(BASE64_STANDARD.encode(sealed.map_err(|_| IdentityError::Failed)?))
}

impl NameKey {
    /// Opens a name that was sealed for this key and this place.
    pub fn open(
        &self,
        recording: RecordingId,
        person: PersonId,
        sealed: &str,
    ) -> Result<RealName, IdentityError> {
        let sealed = BASE64_STANDARD.decode(sealed).map_err(|_| IdentityError::Damaged)?;
        let decryptor = Decryptor::new(&sealed[..]).map_err(|_| IdentityError::Damaged)?;
        let reader =
            decryptor.decrypt(iter::once(&self.0 as _)).map_err(|_| IdentityError::Damaged)?;
        let mut plain = Zeroizing::new(Vec::with_capacity(FILLED + 1));
        reader
            .take(FILLED as u64 + 1)
            .read_to_end(&mut plain)
            .map_err(|_| IdentityError::Damaged)?;
        name_in(&plain, recording, person).ok_or(IdentityError::Damaged)
    }
}

/// The name in an opened text, if it is this person's.
fn name_in(plain: &[u8], recording: RecordingId, person: PersonId) -> Option<RealName> {
    let (place, rest) = plain.split_at_checked(32)?;
    let (length, rest) = rest.split_at_checked(2)?;
    let here = [*recording.as_uuid().as_bytes(), *person.as_uuid().as_bytes()].concat();
    if plain.len() != FILLED || place != here {
        return None;
    }
    let length = usize::from(u16::from_be_bytes(length.try_into().ok()?));
    let name = std::str::from_utf8(rest.get(..length)?).ok()?;
    RealName::new(name).ok()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const PASSPHRASE: &str = "heron under the quiet bridge";

    fn place(n: u128) -> (RecordingId, PersonId) {
        (RecordingId::from_uuid(Uuid::from_u128(n)), PersonId::from_uuid(Uuid::from_u128(n + 1)))
    }

    fn name(text: &str) -> RealName {
        RealName::new(text).unwrap()
    }

    #[test]
    fn a_name_opens_with_the_passphrase_or_the_printed_line_and_with_nothing_else() {
        let made = make_name_key(PASSPHRASE).unwrap();
        let (recording, person) = place(1);
        let sealed = seal_name(&made.public, recording, person, &name("Zoë Ashdown")).unwrap();
        for secret in [PASSPHRASE, &made.printed, &format!("  {} \n", made.printed.to_lowercase())]
        {
            let key = open_name_key(&made.public, &made.locked, secret).unwrap();
            assert_eq!(key.open(recording, person, &sealed).unwrap(), name("Zoë Ashdown"));
        }
        let other = make_name_key("another passphrase, also long").unwrap();
        for wrong in ["", "heron under the quiet bridgf", &other.printed, "AGE-SECRET-KEY-1X"] {
            let error = open_name_key(&made.public, &made.locked, wrong).unwrap_err();
            assert!(matches!(error, IdentityError::WrongPassphrase), "{wrong}: {error:?}");
        }
        let others = open_name_key(&other.public, &other.locked, &other.printed).unwrap();
        assert!(others.open(recording, person, &sealed).is_err());
        assert!(!made.locked.contains(&**made.printed));
        assert!(!format!("{made:?}{others:?}").contains("SECRET"), "nothing secret is printed");
    }

    #[test]
    fn a_name_does_not_open_in_another_place_nor_altered() {
        let made = make_name_key(PASSPHRASE).unwrap();
        let key = open_name_key(&made.public, &made.locked, &made.printed).unwrap();
        let ((recording, person), (elsewhere, somebody)) = (place(1), place(7));
        let sealed = seal_name(&made.public, recording, person, &name("Zoë Ashdown")).unwrap();
        assert!(key.open(elsewhere, person, &sealed).is_err());
        assert!(key.open(recording, somebody, &sealed).is_err());
        let bytes = BASE64_STANDARD.decode(&sealed).unwrap();
        for at in (0..bytes.len()).step_by(17) {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            assert!(key.open(recording, person, &BASE64_STANDARD.encode(altered)).is_err(), "{at}");
        }
        for cut in [0, 10, bytes.len() - 1] {
            let short = BASE64_STANDARD.encode(&bytes[..cut]);
            assert!(key.open(recording, person, &short).is_err(), "{cut}");
        }
    }

    #[test]
    fn sealed_names_are_all_of_one_length() {
        let made = make_name_key(PASSPHRASE).unwrap();
        let (recording, person) = place(1);
        // The header has a part of random length, which says nothing; what comes after it is the name.
        let length = |text: &str| {
            let sealed = seal_name(&made.public, recording, person, &name(text)).unwrap();
            let bytes = BASE64_STANDARD.decode(sealed).unwrap();
            let mac = bytes.windows(5).position(|w| w == b"\n--- ").unwrap() + 5;
            bytes.len() - bytes[mac..].iter().position(|b| *b == b'\n').unwrap() - mac
        };
        let lengths = ["A", "Zoë Ashdown", &"\u{1F98A}".repeat(120)].map(length);
        assert!(lengths.iter().all(|l| *l == lengths[0]), "{lengths:?}");
    }
}
