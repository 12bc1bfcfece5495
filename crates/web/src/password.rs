//! Passphrases: Argon2id, 46 MiB, one pass, one lane.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::JoinError,
};
use zxcvbn::{Score, zxcvbn};

/// The fewest characters of a passphrase.
pub const SHORTEST: usize = 15;

/// The most bytes of a passphrase.
pub const LONGEST: usize = 1_000;

/// Memory of one hash, in KiB.
const MEMORY_KIB: u32 = 46 * 1_024;

/// A hash that nobody's passphrase has, with the same parameters: unknown sign-in names take as long as known ones.
const NOBODY: &str = "$argon2id$v=19$m=47104,t=1,p=1$aGVhcmJhY2stbm9ib2R5$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// In place of the hash of somebody who has no passphrase. It is not a hash of anything, so none fits.
pub(crate) const NO_PASSPHRASE: &str = "none";

/// Hashes in flight at once, so that many sign-ins cannot take all memory.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Hashes in flight and waiting. Whoever comes later is asked to come again.
static PLACES: Semaphore = Semaphore::const_new(32);

/// Places that are kept for people who are signed in, or signed in before in the same browser: a crowd of strangers
/// cannot take these.
static KEPT: Semaphore = Semaphore::const_new(8);

/// Why there is no hash.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too few characters.
    #[error("a passphrase has at least {SHORTEST} characters; four or five words make a good one")]
    TooShort,
    /// Too many bytes.
    #[error("this passphrase is too long; {LONGEST} characters are the most")]
    TooLong,
    /// Others use it too, or it is made of what everybody knows about the person.
    #[error("this passphrase is easy to guess; four or five unrelated words make a good one")]
    Guessable,
    /// The hash could not be computed.
    #[error("the passphrase could not be hashed: {0}")]
    Hash(argon2::password_hash::Error),
    /// Too many are waiting.
    #[error("too many people are signing in at once")]
    Busy,
    /// The thread that computes it is gone.
    #[error("the passphrase could not be hashed")]
    Gone(#[from] JoinError),
}

fn argon() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(MEMORY_KIB, 1, 1, None)
        .map_err(|e| PasswordError::Hash(argon2::password_hash::Error::from(e)))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Whether a new passphrase is acceptable. `words` are what everybody knows about the person: sign-in name, name.
///
/// There are no rules of composition (NIST SP 800-63B, 3.1.1.2). What is refused is what a guesser tries first:
/// common and breached passphrases, patterns, repetitions, and what the person is called.
pub fn check(passphrase: &str, words: &[&str]) -> Result<(), PasswordError> {
    if passphrase.chars().count() < SHORTEST {
        return Err(PasswordError::TooShort);
    }
    if passphrase.len() > LONGEST {
        return Err(PasswordError::TooLong);
    }
    let mut known: Vec<&str> = words.to_vec();
    known.extend(words.iter().flat_map(|word| word.split(|c: char| !c.is_alphanumeric())));
    known.extend(["hearback", "recording", "social worker", "council"]);
    known.retain(|word| word.chars().count() >= 3);
    let folded = passphrase.to_lowercase();
    let names_them = known.iter().any(|w| w.len() >= 8 && folded.contains(&w.to_lowercase()));
    if names_them || zxcvbn(passphrase, &known).score() < Score::Three {
        Err(PasswordError::Guessable)
    } else {
        Ok(())
    }
}

/// The hash of a passphrase, in PHC form, with a fresh salt. Takes about a tenth of a second and 46 MiB.
pub fn hash(passphrase: &str) -> Result<String, PasswordError> {
    let hash = argon()?.hash_password(passphrase.as_bytes()).map_err(PasswordError::Hash)?;
    Ok(hash.to_string())
}

/// Whether `hash` is of `passphrase`. A hash that cannot be read is of nothing.
pub fn verify(passphrase: &str, hash: &str) -> bool {
    if passphrase.len() > LONGEST {
        return false;
    }
    let (Ok(argon), Ok(hash)) = (argon(), PasswordHash::new(hash)) else { return false };
    argon.verify_password(passphrase.as_bytes(), &hash).is_ok()
}

/// A place in the queue for a hash; kept until it is computed.
#[must_use]
pub(crate) struct Place(#[expect(dead_code, reason = "held, never read")] SemaphorePermit<'static>);

/// Joins the queue, or is asked to come again. For whoever is `known`, places are kept.
pub(crate) fn place(known: bool) -> Result<Place, PasswordError> {
    let kept = if known { KEPT.try_acquire().ok() } else { None };
    match kept {
        Some(kept) => Ok(Place(kept)),
        None => PLACES.try_acquire().map(Place).map_err(|_| PasswordError::Busy),
    }
}

/// [`hash`], off the async threads and two at a time.
pub(crate) async fn hash_in_turn(passphrase: String) -> Result<String, PasswordError> {
    let _place = place(true)?;
    let _turn = TURNS.acquire().await;
    tokio::task::spawn_blocking(move || hash(&passphrase)).await?
}

/// [`verify`], off the async threads and two at a time. Without a hash, or with [`NO_PASSPHRASE`], the work is the same
/// and the answer is no.
pub(crate) async fn verify_in_turn(
    _place: Place,
    passphrase: String,
    hash: Option<String>,
) -> Result<bool, PasswordError> {
    let _turn = TURNS.acquire().await;
    let hash = hash.filter(|hash| PasswordHash::new(hash).is_ok());
    let known = hash.is_some();
    let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
    Ok(tokio::task::spawn_blocking(move || verify(&passphrase, &hash)).await? && known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_knows_its_passphrase_and_no_other() {
        let hashed = hash("quiet heron under bridge").unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=47104,t=1,p=1$"), "{hashed}");
        assert!(verify("quiet heron under bridge", &hashed));
        assert!(!verify("quiet heron under bridgE", &hashed));
        assert!(!verify("quiet heron under bridge", "not a hash"));
        assert_ne!(hashed, hash("quiet heron under bridge").unwrap(), "salted");
    }

    /// If the stand-in could not be read, unknown names would be answered at once.
    #[test]
    fn the_stand_in_hash_costs_the_same() {
        let hash = PasswordHash::new(NOBODY).unwrap();
        let parameters = Params::try_from(&hash).unwrap();
        assert_eq!((parameters.m_cost(), parameters.t_cost(), parameters.p_cost()), (47_104, 1, 1));
        assert!(hash.hash.is_some() && hash.salt.is_some());
    }

    /// Whoever has no passphrase is answered as late as whoever has one, and no passphrase is theirs.
    #[tokio::test]
    async fn what_is_no_hash_costs_the_same() {
        let begun = std::time::Instant::now();
        let (place, passphrase) = (place(true).unwrap(), "quiet heron under bridge".to_owned());
        assert!(!verify_in_turn(place, passphrase, Some(NO_PASSPHRASE.to_owned())).await.unwrap());
        // 46 MiB are not filled in less; reading what is no hash takes a thousandth of it.
        assert!(begun.elapsed() > std::time::Duration::from_millis(5), "{:?}", begun.elapsed());
    }

    #[test]
    fn easy_passphrases_are_not_taken() {
        let check = |passphrase: &str| check(passphrase, &["sam.hollis", "Sam Hollis"]);
        assert!(check("quiet heron under bridge").is_ok());
        assert!(check("a quiet walk along the river").is_ok());
        assert!(matches!(check("short"), Err(PasswordError::TooShort)));
        assert!(matches!(check(&"x".repeat(LONGEST + 1)), Err(PasswordError::TooLong)));
        for easy in [
            "aaaaaaaaaaaaaaaa",
            "passwordpassword",
            "123456789012345",
            "1234567890123456",
            "qwertyuiopasdfgh",
            "qwertyuiop123456",
            "abcdefghijklmnop",
            "password12345678",
            "iloveyouiloveyou",
            "my name is Sam.Hollis",
            "hollis hollis sam",
            "samhollissamhollis",
            "hearback hearback",
            "Hearback12345678",
            "letmeinletmein12",
        ] {
            assert!(matches!(check(easy), Err(PasswordError::Guessable)), "{easy}");
        }
    }

    /// Whoever is known finds a place when strangers have taken all of theirs.
    #[test]
    fn strangers_cannot_take_every_place() {
        let strangers: Vec<_> = std::iter::from_fn(|| place(false).ok()).take(1_000).collect();
        assert!(strangers.len() <= 32);
        assert!(place(false).is_err());
        assert!(place(true).is_ok());
    }
}
