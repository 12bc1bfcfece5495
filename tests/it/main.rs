//! One test binary for everything that crosses a crate boundary.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod access;
mod agreement;
mod agreement_page;
mod asvs;
mod audit;
mod backends;
mod backup;
mod blind;
mod browser;
mod chance;
mod cli;
mod consent;
mod desk_page;
mod direct;
mod evidence;
mod framework_page;
mod hardening;
mod identity;
mod intake;
mod kill;
mod listening;
mod oidc;
mod policy;
mod redaction_page;
mod safeguarding;
mod sealed;
mod search;
mod seek;
mod service;
mod support;
mod tidy;
mod withdrawal;
mod words_page;
mod world;
