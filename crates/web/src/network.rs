//! Where a request comes from: the address of the network, also behind a proxy that the operator named.
//!
//! `X-Forwarded-For` is what anybody may write. It counts only if the request comes from a proxy of ours, and only its
//! part that our proxies wrote: from the right, the first address that is none of theirs.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use axum::http::HeaderMap;
use serde::Deserialize;

/// A network, as in `10.0.0.0/8` or `2001:db8::/32`; one address is a network too.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// The text names no network.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("write a network as ADDRESS/BITS, as in 10.0.0.0/8, or one address")]
pub struct NotANetwork;

impl Network {
    /// Whether an address belongs to it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (ours, theirs) = match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                (u128::from(ours.to_bits()) << 96, u128::from(theirs.to_bits()) << 96)
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => (ours.to_bits(), theirs.to_bits()),
            _ => return false,
        };
        // A shift by all 128 bits is none at all.
        (ours ^ theirs).checked_shr(128 - u32::from(self.prefix)).unwrap_or(0) == 0
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NotANetwork)?;
        let address = address.to_canonical();
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match bits {
            Some(bits) if bits.bytes().all(|b| b.is_ascii_digit()) => {
                bits.parse().map_err(|_| NotANetwork)?
            }
            Some(_) => return Err(NotANetwork),
            None => most,
        };
        if prefix > most { Err(NotANetwork) } else { Ok(Self { address, prefix }) }
    }
}

impl TryFrom<String> for Network {
    type Error = NotANetwork;
    fn try_from(text: String) -> Result<Self, NotANetwork> {
        text.parse()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The address that a request comes from. `peer` is whoever opened the connection.
pub fn origin_of(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let ours = |address: IpAddr| proxies.iter().any(|network| network.contains(address));
    let mut from = peer.to_canonical();
    if !ours(from) {
        return from;
    }
    let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
    for line in lines.into_iter().rev() {
        // Whoever wrote what cannot be read is behind the last of our proxies that is known.
        let Ok(line) = line.to_str() else { return from };
        for word in line.rsplit(',') {
            let Some(address) = address_in(word.trim()) else { return from };
            from = address;
            if !ours(from) {
                return from;
            }
        }
    }
    from
}

/// An address, with or without a port.
fn address_in(word: &str) -> Option<IpAddr> {
    let bare = word.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(a, _)| a);
    let bare = match bare {
        Some(inside) => inside,
        None if word.matches(':').count() == 1 => word.split_once(':')?.0,
        None => word,
    };
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// What one household or office has in common: an IPv4 address, the first half of an IPv6 address.
pub(crate) fn prefix_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => IpAddr::V4(Ipv4Addr::from_bits(address.to_bits())),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

/// The browser and the system in two coarse words, so that a person knows their own sessions apart.
pub(crate) fn device_words(headers: &HeaderMap) -> String {
    let agent = headers.get("user-agent").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let first = |words: &[(&str, &'static str)], otherwise| {
        words.iter().find(|(word, _)| agent.contains(word)).map_or(otherwise, |(_, name)| *name)
    };
    // Most browsers also name the ones they resemble: the rarer name comes first.
    let browser = first(
        &[("Firefox", "Firefox"), ("Edg", "Edge"), ("Chrom", "Chrome"), ("Safari", "Safari")],
        "Another browser",
    );
    let system = first(
        &[
            ("Windows", "Windows"),
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Android", "Android"),
            ("Mac OS", "a Mac"),
            ("Linux", "Linux"),
        ],
        "another system",
    );
    format!("{browser} on {system}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_and_contain_what_is_theirs() {
        let holds = |network: &str, address: &str| {
            network.parse::<Network>().unwrap().contains(address.parse().unwrap())
        };
        assert!(holds("10.0.0.0/8", "10.255.0.1"));
        assert!(!holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("0.0.0.0/0", "203.0.113.9"));
        assert!(!holds("0.0.0.0/0", "2001:db8::1"));
        assert!(holds("::/0", "2001:db8::1"));
        assert!(holds("192.0.2.7", "::ffff:192.0.2.7"), "the same address in longer words");
        assert!(!holds("192.0.2.7", "192.0.2.8"));
        assert!(holds("2001:db8::/33", "2001:db8:7fff::1"));
        assert!(!holds("2001:db8::/33", "2001:db8:8000::1"));
        for text in
            ["", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/+8", "ten", "10/8", "10.0.0.0/"]
        {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }

    #[test]
    fn browsers_are_named_coarsely() {
        let words = |agent: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("user-agent", agent.parse().unwrap());
            device_words(&headers)
        };
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                    Chrome/140.0 Safari/537.36 Edg/140.0";
        assert_eq!(words(edge), "Edge on Windows");
        let phone =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Safari/604";
        assert_eq!(words(phone), "Safari on iPhone");
        assert_eq!(words("curl/8"), "Another browser on another system");
    }
}
