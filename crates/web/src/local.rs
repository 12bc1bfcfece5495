//! Addresses within the service.

use std::fmt::Write as _;

/// Where to go after signing in: a path of ours, or the home page.
///
/// Browsers read `//host`, `/\host` and paths with control characters as other sites.
pub(crate) fn safe_next(next: &str) -> &str {
    let ours = next.starts_with('/')
        && !next.starts_with("//")
        && next.len() <= 500
        && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
        && !next.starts_with("/sign-");
    if ours { next } else { "/" }
}

/// A text as the value of a query parameter.
pub(crate) fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, b| {
        if b.is_ascii_alphanumeric() || b"-._~/".contains(&b) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_paths_are_followed() {
        for path in ["/", "/recordings/1/code", "/help?x=1#y"] {
            assert_eq!(safe_next(path), path);
        }
        for path in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: x",
            "/\t/evil.example",
            "/sign-out",
            "/caf\u{e9}",
        ] {
            assert_eq!(safe_next(path), "/", "{path:?}");
        }
    }

    #[test]
    fn addresses_are_encoded() {
        assert_eq!(encode("/a b?c=d&e"), "/a%20b%3Fc%3Dd%26e");
    }
}
