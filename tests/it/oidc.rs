//! Single sign-on: against a provider that lies, and against a real one.
//!
//! The provider that lies (`hostile`) is asked by the real router with the real database; the clock is the test's, so
//! that ten minutes pass at once. The real one (`oidc-provider`, a certified implementation) runs under node, and real
//! requests go through the built binary.

mod browser;
mod descriptions;
mod groups;
mod hostile;
mod lies;
mod logouts;
mod real;
mod strength;
mod suite;
