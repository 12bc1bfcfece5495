//! Doubt, on recordings that make a speech model invent: how much of what it invents carries a doubt, and how much of
//! what was really said does.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]
#![expect(clippy::print_stdout, reason = "the table is what a person looks at")]

mod chance;
mod doubt;
mod judge;
#[path = "../models/mod.rs"]
mod models;
#[path = "../pieces/mod.rs"]
mod pieces;
mod set;
mod signals;
mod voices;
