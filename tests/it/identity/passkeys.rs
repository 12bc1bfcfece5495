//! Passkeys in a real browser, with an authenticator of its own.

use std::{path::Path, process::Command};

use crate::service::{PASSPHRASE, Service};

#[test]
fn a_passkey_is_made_and_opens_the_door() {
    let mut service = Service::with_people(&[("wren", "practitioner")]);
    service.start(&["--no-worker"]);
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let done = Command::new("node")
        .arg(here.join("browser/passkeys.mjs"))
        .env("ORIGIN", service.origin())
        .env("OUT", here.join("../target/browser-passkeys"))
        .env("PASSPHRASE", PASSPHRASE)
        .output()
        .expect("node is installed: run `cargo xtask test`");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}\n{}", service.log());
}
