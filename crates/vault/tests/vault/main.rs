//! The vault at its seams: real permits, real keys, real files.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be set up fails its test")]

mod damage;
mod erasure;
mod escrow;
mod fields;
mod keys;
mod killed;
mod ledger;
mod objects;
mod permits;
mod place;
mod rotation;
mod seeks;
