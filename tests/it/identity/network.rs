//! Networks: whose address counts, and how often one may ask.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderValue, StatusCode};
use hearback_domain::Role;
use hearback_web::{Network, origin_of};
use serde_json::json;

use super::browser::House;
use crate::support::sqlite;

/// The proxies of the table: one address, one network of each kind.
const PROXIES: [&str; 3] = ["192.0.2.1", "10.0.0.0/8", "2001:db8:1::/48"];

/// Who connects, what the header says (lines apart with `|`), and who that is.
const TABLE: &[(&str, &str, &str)] = &[
    // Whoever is no proxy of ours may write what they like.
    ("203.0.113.9", "", "203.0.113.9"),
    ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
    ("203.0.113.9", "192.0.2.1", "203.0.113.9"),
    ("203.0.113.9", "198.51.100.7, 192.0.2.1", "203.0.113.9"),
    ("203.0.113.9", "127.0.0.1", "203.0.113.9"),
    ("2001:db8:2::9", "198.51.100.7", "2001:db8:2::9"),
    // Our proxy wrote the last address; what stands before it is the client's own invention.
    ("192.0.2.1", "198.51.100.7", "198.51.100.7"),
    ("192.0.2.1", "1.1.1.1, 198.51.100.7", "198.51.100.7"),
    ("192.0.2.1", "1.1.1.1, 2.2.2.2, 3.3.3.3, 198.51.100.7", "198.51.100.7"),
    ("192.0.2.1", "10.1.1.1, 198.51.100.7", "198.51.100.7"),
    ("192.0.2.1", "192.0.2.1, 198.51.100.7", "198.51.100.7"),
    ("192.0.2.1", "1.1.1.1|198.51.100.7", "198.51.100.7"),
    ("192.0.2.1", "198.51.100.7|10.2.3.4", "198.51.100.7"),
    // Two proxies of ours, one behind the other.
    ("192.0.2.1", "198.51.100.7, 10.2.3.4", "198.51.100.7"),
    ("10.9.9.9", "1.1.1.1, 198.51.100.7, 10.2.3.4, 192.0.2.1", "198.51.100.7"),
    ("2001:db8:1::1", "2001:db8:2::9", "2001:db8:2::9"),
    ("2001:db8:1::1", "6.6.6.6, 2001:db8:2::9, 2001:db8:1:5::5", "2001:db8:2::9"),
    // The same address in other words.
    ("::ffff:192.0.2.1", "198.51.100.7", "198.51.100.7"),
    ("192.0.2.1", "::ffff:198.51.100.7", "198.51.100.7"),
    ("192.0.2.1", "198.51.100.7:50123", "198.51.100.7"),
    ("192.0.2.1", "[2001:db8:2::9]:50123", "2001:db8:2::9"),
    ("192.0.2.1", "  198.51.100.7  ", "198.51.100.7"),
    // What cannot be read stops the reading: whoever wrote it is behind the last proxy that we know.
    ("192.0.2.1", "", "192.0.2.1"),
    ("192.0.2.1", "unknown", "192.0.2.1"),
    ("192.0.2.1", "198.51.100.7, unknown", "192.0.2.1"),
    ("192.0.2.1", "198.51.100.7,", "192.0.2.1"),
    ("192.0.2.1", "198.51.100.7, <script>", "192.0.2.1"),
    ("192.0.2.1", "198.51.100.7, 999.1.1.1", "192.0.2.1"),
    ("192.0.2.1", "198.51.100.7, 10.2.3.4, nobody, 10.5.5.5", "10.5.5.5"),
    // All of them ours: the farthest.
    ("192.0.2.1", "10.1.1.1, 10.2.2.2", "10.1.1.1"),
];

#[test]
fn only_what_our_proxies_wrote_counts() {
    let proxies: Vec<Network> = PROXIES.iter().map(|p| p.parse().unwrap()).collect();
    for (peer, header, expected) in TABLE {
        let mut headers = HeaderMap::new();
        for line in header.split('|').filter(|line| !line.is_empty()) {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        let expected: IpAddr = expected.parse().unwrap();
        let from = origin_of(peer.parse().unwrap(), &headers, &proxies);
        assert_eq!(from, expected, "{peer} with {header:?}");
        if !PROXIES.contains(peer) {
            let peer: IpAddr = peer.parse::<IpAddr>().unwrap().to_canonical();
            assert_eq!(origin_of(peer, &headers, &[]), peer, "without proxies it is who connects");
        }
    }
    crate::evidence::add("identity", &[("forwarding_cases", json!(TABLE.len()))]);
}

/// Tries in a known browser are counted apart from its neighbours', and not without end.
#[tokio::test]
async fn a_known_browser_has_an_allowance_of_its_own() {
    let house = House::with(sqlite().await, |_| {}).await;
    house.person("wren", &[Role::Practitioner]).await;
    let told = |status: StatusCode| status == StatusCode::TOO_MANY_REQUESTS;
    let mut known = house.signed_in("wren").await;
    known.from = Some("203.0.113.9".parse().unwrap());
    let mut neighbour = house.browser();
    neighbour.from = known.from;
    let mut refused = (0, 0);
    for _ in 0..150 {
        refused.0 += u32::from(told(known.post("/sign-in/second", "code=1").await.status));
    }
    for _ in 0..150 {
        refused.1 += u32::from(told(neighbour.post("/sign-in/second", "code=1").await.status));
    }
    assert_eq!(refused, (50, 50), "a hundred at once each");
}

/// Whoever invents a new address for each guess is one network all the same; the neighbour is another.
#[tokio::test]
async fn inventing_addresses_does_not_help() {
    let proxy: IpAddr = "192.0.2.1".parse().unwrap();
    let house = House::with(sqlite().await, |config| {
        config.trusted_proxies = vec!["192.0.2.1".parse().unwrap()];
    })
    .await;
    house.person("wren", &[Role::Practitioner]).await;
    let told = |status: StatusCode| status == StatusCode::TOO_MANY_REQUESTS;

    // Past the proxy: the header is nobody's.
    let mut direct = house.browser();
    direct.from = Some("203.0.113.9".parse().unwrap());
    let mut refused = 0;
    for n in 0..150 {
        direct.forwarded = Some(format!("198.51.100.{n}"));
        // Not a sign-in name: the guess costs no hashing, only an ask.
        refused += u32::from(told(direct.post("/sign-in/second", "code=1").await.status));
    }
    assert_eq!(refused, 50, "a hundred at once, whatever they wrote");

    // Through the proxy: each client is one.
    let mut first = house.browser();
    first.from = Some(proxy);
    let mut refused = 0;
    for n in 0..150 {
        first.forwarded = Some(format!("10.0.0.{n}, 198.51.100.7"));
        refused += u32::from(told(first.post("/sign-in/second", "code=1").await.status));
    }
    assert_eq!(refused, 50);
    let mut neighbour = house.browser();
    neighbour.from = Some(proxy);
    neighbour.forwarded = Some("198.51.100.8".to_owned());
    assert!(!told(neighbour.post("/sign-in/second", "code=1").await.status));

    // Two addresses of one household are one.
    for (address, refused) in [("2001:db8::1", false), ("2001:db8::ffff:2", true)] {
        let mut home = house.browser();
        home.from = Some(address.parse().unwrap());
        if refused {
            assert!(told(home.post("/sign-in/second", "code=1").await.status));
        } else {
            for _ in 0..100 {
                assert!(!told(home.post("/sign-in/second", "code=1").await.status));
            }
        }
    }
    // It passes.
    house.pass(60);
    assert!(!told(direct.post("/sign-in/second", "code=1").await.status));
}
