//! One test binary for everything that crosses a crate boundary.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod access;
mod backends;
mod browser;
mod cli;
mod evidence;
mod intake;
mod kill;
mod service;
mod support;
mod tidy;
mod world;
