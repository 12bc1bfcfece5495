//! The vault at its seams: real permits, real keys, real files.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be set up fails its test")]

mod damage;
mod erasure;
mod keys;
mod killed;
mod objects;
mod permits;
mod place;
