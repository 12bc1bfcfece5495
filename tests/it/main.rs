//! One test binary for everything that crosses a crate boundary.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod backends;
mod support;
mod tidy;
