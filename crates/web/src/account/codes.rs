//! One-time codes: those of an authenticator app (RFC 6238), and recovery codes for the day the app is gone.

use std::fmt::Write as _;

use hearback_access::seal::{FieldKey, Place};
use hearback_domain::{Timestamp, UserId};
use hearback_storage::TokenHash;
use qrcodegen::{QrCode, QrCodeEcc};
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;
use totp_rs::{Algorithm, Builder, Secret, Totp};

use crate::{App, WebError, error::Result};

/// The length of a secret: 160 bits (RFC 4226, 4).
const SECRET_BYTES: usize = 20;

/// How many recovery codes somebody gets.
const RECOVERY_CODES: usize = 10;

/// Letters and digits that nobody mistakes for each other (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The characters of a recovery code: 26 × 5 bits hold 128.
const RECOVERY_CHARS: usize = 26;

/// A new secret.
pub(crate) fn new_secret() -> Result<Vec<u8>> {
    random::<SECRET_BYTES>().map(|bytes| bytes.to_vec())
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| WebError::internal(e.to_string()))?;
    Ok(bytes)
}

/// SHA-1, six digits, thirty seconds, one step of tolerance: what every authenticator app speaks.
fn totp(secret: &[u8], login: &str) -> Result<Totp> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(Secret::new(secret.into()))
        // A colon would end the name in the address that the picture holds; a sign-in name has none.
        .with_account_name(login)
        .with_issuer(Some("Hearback"))
        .build()
        .map_err(|e| WebError::internal(e.to_string()))
}

/// The step whose code this is, if it is one of now, of just before, or of just after.
pub(crate) fn step_of(secret: &[u8], typed: &str, now: Timestamp) -> Option<u64> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let seconds = u64::try_from(now.as_micros() / 1_000_000).ok()?;
    totp(secret, "x").ok()?.check(&digits, seconds)
}

/// What an app needs to know: as a picture (SVG) and as characters to type.
pub(crate) fn picture_and_key(secret: &[u8], login: &str) -> Result<(String, String)> {
    let totp = totp(secret, login)?;
    let address = totp.to_url().map_err(|e| WebError::internal(e.to_string()))?;
    let key = Secret::new(secret.into()).to_base32();
    let spaced =
        key.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ");
    Ok((svg(&address)?, spaced))
}

fn svg(text: &str) -> Result<String> {
    const BORDER: i32 = 4;
    let code = QrCode::encode_text(text, QrCodeEcc::Medium)
        .map_err(|e| WebError::internal(e.to_string()))?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|&x| code.get_module(x, y)) {
            let _ = write!(path, "M{} {}h1v1h-1z", x + BORDER, y + BORDER);
        }
    }
    let side = code.size() + 2 * BORDER;
    Ok(format!(
        "<svg viewBox=\"0 0 {side} {side}\" width=\"240\" height=\"240\" role=\"img\" \
         aria-label=\"The key as a picture for your app\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

/// Seals a secret for the database.
pub(crate) async fn seal(app: &App, user: UserId, secret: Vec<u8>) -> Result<Vec<u8>> {
    let cipher = app.cipher.clone();
    let sealed = spawn_blocking(move || cipher.seal(FieldKey::Person(user), place(user), &secret));
    Ok(sealed.await.map_err(WebError::internal)??)
}

/// Opens a sealed secret.
pub(crate) async fn open(app: &App, user: UserId, sealed: Vec<u8>) -> Result<Vec<u8>> {
    let cipher = app.cipher.clone();
    let secret = spawn_blocking(move || cipher.open(FieldKey::Person(user), place(user), &sealed));
    Ok(secret.await.map_err(WebError::internal)??)
}

fn place(user: UserId) -> Place<'static> {
    Place { table: "totp", column: "secret", row: user.as_uuid() }
}

/// New recovery codes, as their owner writes them down, and what is kept of them.
pub(crate) fn new_recovery_codes() -> Result<(Vec<String>, Vec<TokenHash>)> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    let mut hashes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let bits = u128::from_be_bytes(random::<16>()?);
        let chars: Vec<u8> = (0..RECOVERY_CHARS)
            .map(|n| ALPHABET[usize::try_from(bits >> (5 * n) & 31).unwrap_or_default()])
            .collect();
        hashes.push(TokenHash(Sha256::digest(&chars).into()));
        let groups: Vec<_> = chars.chunks(5).map(String::from_utf8_lossy).collect();
        codes.push(groups.join("-"));
    }
    Ok((codes, hashes))
}

/// What is kept of a recovery code, if the text has the form of one: dashes, spaces and capitals do not matter, and
/// neither do letters that look like digits.
pub(crate) fn recovery(typed: &str) -> Option<TokenHash> {
    let mut chars = Vec::with_capacity(RECOVERY_CHARS);
    for c in typed.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        chars.push(match c.to_ascii_lowercase() {
            'o' => b'0',
            'i' | 'l' => b'1',
            c if c.is_ascii() && ALPHABET.contains(&u8::try_from(c).ok()?) => {
                u8::try_from(c).ok()?
            }
            _ => return None,
        });
        if chars.len() > RECOVERY_CHARS {
            return None;
        }
    }
    (chars.len() == RECOVERY_CHARS).then(|| TokenHash(Sha256::digest(&chars).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 6238, appendix B, for SHA-1; its codes have eight digits, of which an app shows the last six.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = b"12345678901234567890";
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
            let step = u64::try_from(seconds / 30).unwrap();
            assert_eq!(step_of(secret, code, at(seconds)), Some(step));
            assert_eq!(step_of(secret, code, at(seconds + 30)), Some(step), "a slow typist");
            assert_eq!(step_of(secret, code, at(seconds + 60)), None, "too slow");
            assert_eq!(step_of(secret, &code[..5], at(seconds)), None);
        }
    }

    #[test]
    fn a_recovery_code_is_read_as_people_write_it() {
        let (codes, hashes) = new_recovery_codes().unwrap();
        assert_eq!((codes.len(), hashes.len()), (10, 10));
        for (code, hash) in codes.iter().zip(&hashes) {
            assert_eq!(recovery(code), Some(*hash));
            assert_eq!(
                recovery(&format!("  {} ", code.to_uppercase().replace('-', " "))),
                Some(*hash)
            );
            assert_eq!(recovery(&code.replace('0', "O").replace('1', "l")), Some(*hash));
            assert_eq!(recovery(&code[1..]), None);
        }
        assert_eq!(recovery("123 456"), None);
    }

    #[test]
    fn the_picture_is_markup_without_style_or_script() {
        let (svg, key) = picture_and_key(b"12345678901234567890", "sam@x.org").unwrap();
        assert!(svg.starts_with("<svg ") && !svg.contains("style") && !svg.contains("script"));
        assert_eq!(key, "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }
}
